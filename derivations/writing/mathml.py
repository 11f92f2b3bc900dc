"""LaTeX of any origin as MathML that can stand in a page: elements and attributes by an allowlist.

`math-core` reads the formula; what it writes is taken apart and written anew, so that nothing but
signs, letters and their places reaches the page, whatever the formula was. A formula that it
refuses has no MathML, and is shown as it was typed.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from xml.etree import ElementTree

from math_core import LatexError, LatexToMathML

MAX_LENGTH = 4_000  # characters of a formula
MAX_DEPTH = 200  # elements inside elements
ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover"
    " mmultiscripts mprescripts mtable mtr mtd menclose mpadded mphantom mstyle".split()
)
WORDS = {
    "display": {"block", "inline"}, "displaystyle": {"true", "false"}, "stretchy": {"true", "false"},
    "accent": {"true", "false"}, "accentunder": {"true", "false"}, "fence": {"true", "false"},
    "separator": {"true", "false"}, "largeop": {"true", "false"}, "movablelimits": {"true", "false"},
    "symmetric": {"true", "false"}, "form": {"prefix", "infix", "postfix"}, "mathvariant": {"normal"},
    "scriptlevel": {"0", "1", "2"}, "notation": {"box"},
}  # fmt: skip
LENGTHS = frozenset(["lspace", "rspace", "width", "height", "depth", "linethickness"])
LENGTH = re.compile(r"-?[0-2]?(?:\.[0-9]{1,6})?(?:em|ex|px)?")
SIDES = {"right": "text-align:right", "left": "text-align:left"}
ENTITIES = {"&ApplyFunction;": "\u2061", "&InvisibleTimes;": "\u2062", "&nbsp;": "\u00a0"}
ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)[A-Za-z]+;")


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML()


def mathml(latex: str, display: bool = True) -> str | None:
    """The formula as MathML; None where it cannot be read."""
    if len(latex) > MAX_LENGTH or not latex.strip():
        return None
    try:
        written = _converter().convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return None
    plain = ENTITY.sub(lambda match: ENTITIES.get(match[0], "\ufffd"), written)
    try:
        root = ElementTree.fromstring(plain)
    except ElementTree.ParseError:
        return None
    try:
        return _element(root, 0)
    except _Refused:
        return None


class _Refused(ValueError):
    """An element that has no place in a page."""


def _element(node: ElementTree.Element, depth: int) -> str:
    if node.tag not in ELEMENTS or depth > MAX_DEPTH:
        raise _Refused(node.tag)
    inside = escape(node.text or "") + "".join(
        _element(child, depth + 1) + escape(child.tail or "") for child in node
    )
    return f"<{node.tag}{_attributes(node)}>{inside}</{node.tag}>"


def _attributes(node: ElementTree.Element) -> str:
    kept = [
        f' {name}="{value}"'
        for name, value in node.attrib.items()
        if value in WORDS.get(name, ()) or (name in LENGTHS and LENGTH.fullmatch(value))
    ]
    style = node.attrib.get("style", "")
    if node.tag == "mtd":
        kept += [f' style="{rule}"' for rule in SIDES.values() if rule in style.replace(": ", ":")]
    return "".join(kept)

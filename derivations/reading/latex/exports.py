"""What programs that export text leave in formulas: HTML entities; and the comma of decimals.

``0,5`` is a decimal where a text writes no decimal points, and somewhere a number that can be no
list: one that begins with ``0,`` and is no point as ``(0,1)``. In such a text lists are parted by
semicolons or by ", "; columns as ``(2,1)^\\top`` and sets as ``\\{0,1\\}`` are lists.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import name2codepoint

from derivations.reading.latex.displays import mathematics
from derivations.reading.latex.traced import Traced, join

ENTITY = re.compile(r"&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5}|[A-Za-z][A-Za-z0-9]{1,7});")
BLANKS = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u200b\u00ad"), " ")
POINT = re.compile(r"[0-9]\.[0-9]")
COLUMN = r"\(-?[0-9]+(?:,-?[0-9]+)+\)(?=\s*\^\s*\{?\s*(?:\\top|\\intercal|\\mathsf|\\mathrm|\\text|T(?![A-Za-z])))"
PLACES = rf"_\{{[^{{}}]*\}}|\[[^][]*\]|\\\{{[-0-9,]+\\\}}|{COLUMN}"  # where a comma separates
POINTS = r"(?<![A-Za-z}])\([01](?:,[01])+\)"  # (0,1) as in XOR, which may as well be a list
SURE = re.compile(rf"{PLACES}|{POINTS}|(?P<decimal>(?<![0-9.,])0,[0-9])")
COMMA = re.compile(rf"{PLACES}|(?P<before>[0-9]),(?=[0-9])")
DECIMALS = "a comma between two digits is read as that of a decimal"


def unescaped(source: Traced) -> Traced:
    """The text with signs in the place of ``&lt;``, ``&times;`` and the like."""

    def sign(match: re.Match[str]) -> str:
        name = match[0][1:-1]
        known = name[0] == "#" or name in name2codepoint
        return unescape(match[0]).translate(BLANKS) if known else match[0]

    return source.substituted(ENTITY, sign)


def with_decimal_commas(source: Traced) -> tuple[Traced, tuple[str, ...]]:
    """The text with ``0{,}5`` for ``0,5``, where commas are those of decimals, and a note of it."""
    found = list(mathematics(source.text))
    pieces = [source.text[marked.start : marked.end] for marked in found]
    sure = any(m["decimal"] for piece in pieces for m in SURE.finditer(piece))
    if not sure or any(POINT.search(piece) for piece in pieces):
        return source, ()

    def written(match: re.Match[str]) -> str:
        return f"{match['before']}{{,}}" if match["before"] else match[0]

    parts, done = list[Traced](), 0
    for marked in found:
        inside = source.cut(marked.start, marked.end)
        parts += [source.cut(done, marked.start), inside.substituted(COMMA, written)]
        done = marked.end
    return join((*parts, source.cut(done))), (DECIMALS,)

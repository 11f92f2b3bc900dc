"""Numerals as they are written."""

from __future__ import annotations

import re

from derivations.formula.numerals import MAX_DIGITS
from derivations.formula.tree import Apply, Formula, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.distributing import TURNING
from derivations.reading.latex.tokens import NUMBER


def number(c: Cursor) -> Formula:
    """A numeral as it is written; ``4.8 \\times 10^{-6}`` is one."""
    token = c.take()
    tokens, at = c.tokens, c.at
    if (
        c.next.text in ("\\times", "\\cdot")
        and at + 2 < len(tokens)
        and tokens[at + 1].text == "10"
        and tokens[at + 2].text == "^"
        and tokens[at - 2].text != "/"
    ):
        c.at = at + 3
        exponent = "".join(t.text for t in c.script())
        if re.fullmatch(r"-?\d{1,5}", exponent):
            if abs(int(exponent)) > 10_000:
                raise c.error("an exponent above 10000", token.start)
            return _numeral(c, f"{token.text}e{int(exponent)}", token.start, c.before.end)
        c.at = at
    value: Formula
    if (repeated := _repeated(c)) is not None:
        value = _periodic(token.text, repeated, (token.start, c.before.end))
    else:
        value = _numeral(c, token.text, token.start, token.end)
    if c.next.text == "\\%":
        end = c.take().end
        return Apply("quotient", (value, Number("100")), (token.start, end))
    if c.next.text == "!":
        raise c.error("a factorial is not read")
    return value


def _repeated(c: Cursor) -> str | None:
    """The digits under a line behind a numeral: ``.\\overline{6}``, or ``\\overline{6}`` behind ``0.1``."""
    point = c.next.text == "."
    if point == ("." in c.before.text):
        return None
    texts = [token.text for token in c.tokens[c.at + point : c.at + point + 4]]
    if len(texts) < 4 or texts[0] not in ("\\overline", "\\bar") or texts[1::2] != ["{", "}"]:
        return None
    if re.fullmatch(r"[0-9]{1,12}", texts[2]) is None:
        return None
    for _ in range(4 + point):
        c.take()
    return texts[2]


def _periodic(written: str, repeated: str, span: tuple[int, int]) -> Formula:
    """``0.1\\overline{6}`` is the quotient (16 - 1)/90."""
    whole, _, places = written.partition(".")
    top = int(whole + places + repeated) - int(whole + places)
    bottom = 10 ** len(places) * (10 ** len(repeated) - 1)
    return Apply("quotient", (Number(str(top)), Number(str(bottom))), span)


def _numeral(c: Cursor, text: str, start: int, end: int) -> Number:
    """A number of bearable length; see `formula.numerals`."""
    if len(text) > MAX_DIGITS:
        raise c.error(f"a number of {len(text)} digits; at most {MAX_DIGITS}", start)
    return Number(text, (start, end))


def is_bold_number(c: Cursor) -> bool:
    """``\\mathbf{0.55}``: a result in bold; bold 0 is a number as any other, that fits all shapes."""
    inside = _in_font(c)
    return re.fullmatch(r"[0-9][0-9.,]*", inside) is not None and inside != "1"


def is_all_ones(c: Cursor) -> bool:
    """``\\mathbf{1}``, or 1ᵀ, of whatever size it has to be; what stands below says more."""
    if c.next.kind == NUMBER:
        above = [token.text for token in c.tokens[c.at + 1 : c.at + 4] if token.text != "{"]
        return c.next.text == "1" and above[:1] == ["^"] and above[1] in TURNING
    return _in_font(c) == "1" and c.tokens[min(c.at + _width(c), len(c.tokens) - 1)].text != "_"


def begins_ones(c: Cursor) -> bool:
    """Whether ``1^T``, or a 1 with something below it, stands next."""
    return is_all_ones(c) or (c.next.text == "1" and c.tokens[c.at + 1].text == "_")


def all_ones(c: Cursor) -> Formula:
    """The array of ones."""
    start = c.next.start
    for _ in range(1 if c.next.kind == NUMBER else _width(c)):  # the command, its braces, the digit
        c.take()
    ones = c.node("ones", start)
    c.closed[id(ones)] = ones
    return ones


def _width(c: Cursor) -> int:
    return 4 if c.tokens[c.at + 1].text == "{" else 2


def _in_font(c: Cursor) -> str:
    """What stands in braces behind the command for a font, or the digit without braces."""
    if c.tokens[c.at + 1].text == "1":
        return "1"
    opened, inside, closed = (
        t.text for t in (*c.tokens[c.at + 1 : c.at + 4], *c.tokens[-1:] * 3)[:3]
    )
    return inside if opened == "{" and closed == "}" else ""


def thousands(c: Cursor) -> Formula:
    """``4,608``, where no comma separates."""
    token = c.next
    if c.listing:
        raise c.error(f"'{token.text}' can be one number or a list; write 1{{,}}200 or 1, 200")
    c.take()
    return _numeral(c, token.text.replace(",", ""), token.start, token.end)

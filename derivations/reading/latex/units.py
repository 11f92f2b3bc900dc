"""Words behind a number: units, which say nothing about its value, and thousands and millions, which do."""

from __future__ import annotations

import re

from derivations.formula.tree import Apply, Formula, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.tokens import WORD, WORDS, Token
from derivations.reading.latex.words import SCALED, UNITS

LINKS = frozenset(["and", "or", "if", "otherwise"])  # no units
THOUSANDS = {"k": 3, "K": 3, "thousand": 3, "M": 6, "million": 6, "G": 9, "billion": 9}
COUNTED = re.compile(r"([kKMG])((?:FLOP|MAC|Mult|Add|OP)s?|FLOPS)")  # GFLOPs


def unit(c: Cursor, left: Formula, token: Token) -> Formula | None:
    """The number before its unit; None where the words are none."""
    words = re.findall(r"[A-Za-z]+", token.text)
    if token.text.strip() in LINKS:
        return None
    if any(word in SCALED for word in words):
        raise c.error(f"'{token.text}': units of several sizes are not converted")
    if isinstance(left, Number) or all(word in UNITS for word in words):
        c.take()
        return _scaled(c, left, words)
    return None


def is_unit(c: Cursor, left: Formula, token: Token) -> bool:
    """Whether an upright word behind a number is its unit, and no name."""
    if not isinstance(left, Number) or token.kind != WORD or c.symbols.get(token.text) is not None:
        return token.kind == WORDS
    return token.text in UNITS or exponent_of(token.text) > 0


def _scaled(c: Cursor, left: Formula, words: list[str]) -> Formula:
    exponent = exponent_of(words[0]) if words else 0
    others = all(word in UNITS or COUNTED.fullmatch(word) for word in words[1:])
    if not exponent or not isinstance(left, Number) or not others:
        return left
    scale = Apply("power", (Number("10"), Number(str(exponent))))
    return c.node("product", left.span[0] if left.span else 0, left, scale)


def exponent_of(word: str) -> int:
    """The power of ten that a word stands for: 6 for ``M``, ``million`` and ``MFLOPs``; 0 for others."""
    counted = COUNTED.fullmatch(word)
    return THOUSANDS.get(counted[1] if counted else word, 0)

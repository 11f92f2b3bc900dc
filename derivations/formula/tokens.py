"""The tokens of the expression grammar: numbers, names and signs, each with its place.

The length is bounded before anything is read; signs that mean the same become one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from derivations.errors import ReadError
from derivations.formula.looks import GREEK

MAX_LENGTH = 20_000
GREEK_LETTERS = {sign: name for name, sign in GREEK.items()} | {"ϕ": "phi", "ε": "epsilon"}
SAME_AS = {
    "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "≤": "<=", "≥": ">=", "≠": "!=",
    "**": "^", "⊙": ".*", "=": "==", "÷": "/",
}  # fmt: skip
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_+[A-Za-z0-9]+)*")  # of a quantity in a file
TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z\u0370-\u03ff][A-Za-z0-9_\u0370-\u03ff]*'*)"
    r"|(?P<sign>\*\*|\.\.|\.\*|\.T\b|<=|>=|==|!=|[-−–+*·⋅×/÷^@⊙()\[\],<>≤≥≠=]|[⁰¹²³⁴-⁹]+))"
)


class Token(NamedTuple):
    kind: str  # "number", "name", "sign", "end"
    text: str
    start: int
    end: int
    spaced: bool  # whether white space stands before it


def tokens(source: str) -> Iterator[Token]:
    """The tokens of an expression, with an end token last.

    Raises:
        ReadError: too long, or a character that has no place in an expression.
    """
    if len(source) > MAX_LENGTH:
        raise ReadError(f"an expression of {len(source)} characters; at most {MAX_LENGTH}")
    at, stop = 0, len(source.rstrip())
    while at < stop:
        match = TOKEN.match(source, at)
        if not match:
            raise _strange(source, at)
        kind = match.lastgroup or ""
        text = match[kind]
        start = match.start(kind)
        if kind == "name":
            text = "".join(GREEK_LETTERS.get(letter, letter) for letter in text)
        yield Token(kind, SAME_AS.get(text, text), start, match.end(), start > at)
        at = match.end()
    yield Token("end", "", stop, stop, True)


def _strange(source: str, at: int) -> ReadError:
    at += len(source[at:]) - len(source[at:].lstrip())
    found = source[at]
    hints = {
        ".": "a number starts with a digit, 0.5 and not .5",
        ";": "a list is written with commas, [1, 2]",
        "{": "brackets are round, ( )",
        "\\": "expressions are written as exp(-z) or w_1*x_1, not in LaTeX",
        "|": "an absolute value is abs(z), a norm norm(v)",
        "!": "there is no factorial",
    }
    if found.isalpha():
        hints[found] = "names have the letters a to z and Greek ones, digits and _"
    hint = f"; {hints[found]}" if found in hints else ""
    return ReadError(f"{_quoted(found)} has no meaning here{hint}", at)


def _quoted(found: str) -> str:
    return f"'{found}'" if found.isprintable() else f"character U+{ord(found):04X}"


def name_like(text: str) -> str:
    """``; did you mean 'alpha_1'?`` for ``α-1``, or nothing where no name is near."""
    words = "".join(GREEK_LETTERS.get(letter, letter) for letter in text)
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    return f"; did you mean '{name}'?" if NAME.fullmatch(name) and len(name) <= 40 else ""

"""``Conv2D(64, 3, padding='same')``: a call as it stands in a listing, read and never run.

Whole numbers may be computed from names, as in ``Linear(36 * maps, units)``; ``//`` is the quotient
without its rest, as in Python.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from derivations.errors import ReadError, unknown

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign>//|[()\[\],=*+-]))"
)
MOST = 2000  # characters
DEEPEST = 8
CONSTANTS: dict[str, Any] = {"True": True, "False": False, "None": None}
OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv,
}  # fmt: skip
SUMS, PRODUCTS = ("+", "-"), ("*", "//")
LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class Call:
    """The class without its modules, and its arguments by place and by name."""

    name: str
    values: tuple[Any, ...]
    named: dict[str, Any]


def looks_like_call(text: str) -> bool:
    """Whether the text is a name with a bracket behind it."""
    return bool(re.match(r"\s*[A-Za-z_][\w.]*\s*\(", text))


def read_call(text: str, known: Mapping[str, int | str] | None = None) -> Call:
    """The call that the text writes.

    Args:
        known: what names in it stand for.

    Raises:
        ReadError: what cannot be read, with its character.
    """
    if len(text) > MOST:
        raise ReadError(f"a call of {len(text)} characters; at most {MOST}", MOST)
    reader = _Reader(text, known or {})
    name = reader.take("word", "the name of a layer")
    reader.expect("(")
    values, named = reader.arguments(")")
    if reader.kind:
        raise ReadError(f"found {reader.text!r} behind the call", reader.at)
    return Call(name.rpartition(".")[2], tuple(values), named)


class _Reader:
    """One token ahead of the text."""

    def __init__(self, source: str, known: Mapping[str, int | str]) -> None:
        self.source, self.known = source, known
        self.at = self.end = 0
        self.kind = self.text = ""
        self.depth = 0
        self.advance()

    def advance(self) -> None:
        """The next token; an empty kind at the end."""
        rest = self.source[self.end :]
        if not rest.strip():
            self.at, self.kind, self.text = len(self.source), "", ""
            return
        match = TOKEN.match(self.source, self.end)
        if match is None:
            at = self.end + len(rest) - len(rest.lstrip())
            raise ReadError(f"found {self.source[at]!r}, expected a number, name or text", at)
        self.kind = str(match.lastgroup)
        self.text = match[self.kind]
        self.at, self.end = match.start(self.kind), match.end()

    def take(self, kind: str, expected: str) -> str:
        """The token's text, if it is of this kind."""
        if self.kind != kind:
            found = repr(self.text) if self.kind else "the end"
            raise ReadError(f"found {found}, expected {expected}", self.at)
        text = self.text
        self.advance()
        return text

    def expect(self, sign: str) -> None:
        """This very sign."""
        if self.text != sign or self.kind != "sign":
            found = repr(self.text) if self.kind else "the end"
            raise ReadError(f"found {found}, expected {sign!r}", self.at)
        self.advance()

    def arguments(self, close: str) -> tuple[list[Any], dict[str, Any]]:
        """Values by place, then by name, up to the closing bracket."""
        values: list[Any] = []
        named: dict[str, Any] = {}
        while self.text != close:
            at = self.at
            value = self.value()
            if self.text == "=" and isinstance(value, _Word):
                self.advance()
                if value in named:
                    raise ReadError(f"'{value}' is given twice", at)
                named[str(value)] = self._plain(self.value())
            elif named:
                raise ReadError("a value by place behind one by name", at)
            else:
                values.append(self._plain(value))
            if self.text != close:
                self.expect(",")
        self.advance()
        return values, named

    def value(self) -> Any:
        """A sum of products of numbers and names; or a text, a constant, or a tuple or list."""
        return self._chain(SUMS, lambda: self._chain(PRODUCTS, self._atom))

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Any]) -> Any:
        """Parts between signs, worked out from the left."""
        at = self.at
        value = part()
        while self.kind == "sign" and self.text in signs:
            sign, place = self.text, self.at
            left = self._whole(value, at)
            self.advance()
            at = self.at
            right = self._whole(part(), at)
            if sign == "//" and right == 0:
                raise ReadError("a division by 0", place)
            value = OPERATIONS[sign](left, right)
            if abs(value) > LARGEST:
                raise ReadError("a number beyond 10^12", place)
        return value

    def _whole(self, value: Any, at: int) -> int:
        """What can be computed with."""
        if isinstance(value, _Word):
            known = [name for name, number in self.known.items() if isinstance(number, int)]
            words = (
                unknown(value, "the name of a number", known)
                if known
                else f"'{value}' is no number"
            )
            raise ReadError(words, at)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ReadError("only whole numbers are computed with", at)
        return value

    def _signed(self) -> Any:
        """A number or name with its sign in front."""
        sign = self.take("sign", "a sign")
        kind, at = self.kind, self.at
        if kind not in ("number", "word"):
            raise ReadError(f"expected a number behind {sign!r}", at)
        value = self._atom()
        if kind == "number" and isinstance(value, str):  # it has decimals
            return value if sign == "+" else f"-{value}"
        whole = self._whole(value, at)
        return whole if sign == "+" else -whole

    def _atom(self) -> Any:
        if self.kind == "sign" and self.text in SUMS:
            return self._signed()
        if self.kind == "sign" and self.text in "([":
            close = ")" if self.text == "(" else "]"
            self.depth += 1
            if self.depth > DEEPEST:
                raise ReadError(f"brackets more than {DEEPEST} deep", self.at)
            self.advance()
            values, named = self.arguments(close)
            self.depth -= 1
            if named:
                raise ReadError("a name with a value inside a list", self.at)
            return values
        if self.kind == "number":
            text = self.take("number", "a number")
            if len(text) > 12:
                raise ReadError(f"a number of {len(text)} digits", self.at)
            return int(text) if text.isdigit() else text
        if self.kind == "text":
            return self.take("text", "a text")[1:-1]
        word = self.take("word", "a value")
        if word in self.known and self.text != "=":
            return self.known[word]
        return CONSTANTS[word] if word in CONSTANTS else _Word(word)

    @staticmethod
    def _plain(value: Any) -> Any:
        return str(value) if isinstance(value, _Word) else value


class _Word(str):
    """A bare name, which may be the name of an argument."""

    __slots__ = ()

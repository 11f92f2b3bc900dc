"""A tiny reader of printed LaTeX arithmetic that computes at once; it knows nothing of the program."""

from __future__ import annotations

import re
from typing import Any

from tests.trees import FUNCTIONS, MP

TOKEN = re.compile(r"\\[a-zA-Z]+|\\,|\d+(?:\.\d+)?|[-+^{}()|/]|[a-z]")
IGNORED = {r"\mathopen", r"\mathclose"}
SIGNS = {r"\cdot", r"\times", r"\,"}


class _Reader:
    def __init__(self, source: str) -> None:
        left = TOKEN.sub("", source).replace(" ", "")
        assert not left, f"not arithmetic: {left!r} in {source!r}"
        self.tokens = [t for t in TOKEN.findall(source) if t not in IGNORED]
        self.at = 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next()
        assert token, "the end"
        assert expected in ("", token), f"{token} for {expected}"
        self.at += 1
        return token

    def sum(self) -> Any:
        sign = -1 if self.next() == "-" and self.take() else 1
        value = sign * self.product()
        while self.next() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            assert self.next() not in ("+", "-"), "two signs"
            value += sign * self.product()
        return value

    def product(self) -> Any:
        value = self.power()
        while (
            (token := self.next()) in SIGNS or token in ("(", "{", r"\left") or token[:1].isalnum()
        ):
            if token in SIGNS:
                self.take()
            value *= self.power()
        return value

    def power(self) -> Any:
        base = self.atom()
        if self.next() != "^":
            return base
        self.take()
        exponent = self.group()
        assert self.next() != "^", "a second superscript"
        return base ** (int(exponent) if exponent == int(exponent) else exponent)

    def group(self) -> Any:
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def atom(self) -> Any:
        token = self.take()
        if token[0].isdigit():
            return MP.mpf(token)
        if token == "e":
            return +MP.e
        if token == r"\pi":
            return +MP.pi
        if token == "{" and self.next() != "}":
            value = self.sum()
            self.take("}")
            return value
        if token == "{":
            self.take("}")
            return self.atom()
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return MP.sqrt(self.group())
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == r"\left":
            bracket = self.take()
            value = self.sum()
            self.take(r"\right")
            assert self.take() == {"(": ")", "|": "|"}[bracket]
            return abs(value) if bracket == "|" else value
        if token in (r"\ln", r"\tanh", r"\sin"):
            self.at += self.next() == "{"  # \mathopen{}
            self.at += self.next() == "}"
            value = FUNCTIONS[token[1:]](self.atom())
            if self.tokens[self.at : self.at + 2] == ["{", "}"]:  # \mathclose{}
                self.at += 2
            return value
        raise AssertionError(f"{token} is not read here")


def read_latex(source: str) -> Any:
    """The value of a formula of numbers, read by the rules that people read by."""
    reader = _Reader(source)
    value = reader.sum()
    assert not reader.next(), f"{reader.next()} is left over"
    return value

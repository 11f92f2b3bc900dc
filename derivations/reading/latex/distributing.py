"""Tokens as they are meant: each name of a bold group in bold, semicolons between entries as commas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derivations.reading.latex.tokens import COMMAND, LETTER, SIGN, Token
from derivations.reading.latex.words import BOLD, GREEK_COMMANDS

BOLD_COMMANDS = frozenset("\\" + name for name in BOLD - {"vec"})
TURNING = frozenset({"T", "\\top", "\\intercal"})
SIGNS = frozenset({"+", "-", "=", "&", ","})
SCRIPTS = frozenset({"^", "_"})


def distributed(found: Sequence[Token]) -> list[Token]:
    """The tokens, each name of a bold group by itself."""
    if not any(token.text in BOLD_COMMANDS for token in found):
        return list(found)
    tokens, at = list[Token](), 0
    while at < len(found):
        token, end = found[at], _end(found, at + 1)
        inside = found[at + 2 : end]
        if token.text in BOLD_COMMANDS and token.kind == COMMAND and _holds_several(inside):
            behind = found[end + 1].text if end + 1 < len(found) else ""
            loose = behind in SCRIPTS or any(t.text in SIGNS for t in inside)
            each = list(_each(inside, token))
            tokens += [found[at + 1], *each, found[end]] if loose else each
            at = end + 1
        else:
            tokens.append(token)
            at += 1
    return tokens


def _end(found: Sequence[Token], at: int) -> int:
    """The place of the brace that closes the one at a place; this place if none stands there."""
    depth = 0
    for place in range(at, len(found)):
        depth += {"{": 1, "}": -1}.get(found[place].text, 0)
        if depth <= 0:
            return place
    return at


def _bases(inside: Sequence[Token]) -> Iterator[int]:
    """The places of names, not of what stands above or below them."""
    at = 0
    while at < len(inside):
        token = inside[at]
        if token.text in SCRIPTS:
            at = _end(inside, at + 1)
        elif token.kind == LETTER or (token.kind == COMMAND and token.text[1:] in GREEK_COMMANDS):
            yield at
        at += 1


def _holds_several(inside: Sequence[Token]) -> bool:
    """Whether more than one name stands there, or a transpose."""
    turned = any(a.text == "^" and b.text in TURNING for a, b in pairwise(inside))
    bases = list(_bases(inside))
    return len(bases) > 1 or (turned and len(bases) == 1)


def _each(inside: Sequence[Token], font: Token) -> Iterator[Token]:
    """The tokens with the font before each name; a function that is called keeps its own."""
    places = set(_bases(inside))
    for at, token in enumerate(inside):
        called = at + 1 < len(inside) and inside[at + 1].text == "("
        if at in places and not (called and token.kind == COMMAND):
            yield font._replace(start=token.start, end=token.start)
            yield Token(SIGN, "{", token.start, token.start)
            yield token
            yield Token(SIGN, "}", token.end, token.end)
        else:
            yield token


def separated(found: list[Token]) -> list[Token]:
    """Semicolons between entries and arguments, ``[0{,}5; 1]``, as commas."""
    depth = 0
    result = []
    for token in found:
        if token.kind == SIGN and token.text in "([)]":
            depth = max(depth + (1 if token.text in "([" else -1), 0)
        result.append(token._replace(text=",") if token.text == ";" and depth else token)
    return result

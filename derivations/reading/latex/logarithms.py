"""Log-likelihoods: ``\\ln L(\\mu) = ...`` says what the logarithm is, and L itself stands nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from derivations.errors import ReadError
from derivations.reading.latex.compounds import EQUAL, begins_side
from derivations.reading.latex.tokens import BEGIN, LETTER, WORD, Token, tokens

LOGARITHMS = frozenset({"\\ln", "\\log"})
FONTS = frozenset({"\\mathcal", "\\mathscr"})
SPACES = frozenset({"\\,", "\\;", "\\!", "\\ ", "~"})
MOST_INSIDE = 40  # tokens of an argument


def with_logarithms(found: Sequence[Token], letters: frozenset[str]) -> list[Token]:
    """The tokens with one word for ``\\ln L``, where the text names no L."""
    if not letters:
        return list(found)
    read, at = list[Token](), 0
    while at < len(found):
        letter, end = _named(found, at)
        if letter in letters:
            read.append(Token(WORD, f"ln{letter}", found[at].start, found[end - 1].end))
            at = end
        else:
            read.append(found[at])
            at += 1
    return read


def logarithms_of(sources: Iterable[str], words: frozenset[str]) -> frozenset[str]:
    """The letters of which texts say the logarithm, and which stand nowhere else."""
    said, alone = set[str](), set[str]()
    for source in sources:
        with suppress(ReadError):
            every, at = tokens(source, words), 0
            while at < len(every):
                letter, end = _named(every, at)
                begins = begins_side(every, at) or every[at - 1].kind == BEGIN
                if letter and begins and _is_said(every, end):
                    said.add(letter)
                if not letter and every[at].kind == LETTER:
                    alone.add(every[at].text)
                at = end if letter else at + 1
    return frozenset(said - alone)


def _named(found: Sequence[Token], at: int) -> tuple[str, int]:
    """The letter of the logarithm that stands here, and where it ends; nothing where none does."""
    if found[at].text not in LOGARITHMS:
        return "", at
    place = at + 1
    place += found[place].text in SPACES
    if found[place].text in FONTS:
        place += 1
    braced = [token.text for token in found[place : place + 3 : 2]] == ["{", "}"]
    letter = found[place + braced]
    end = place + 1 + 2 * braced
    return (letter.text, end) if letter.kind == LETTER else ("", at)


def _is_said(found: Sequence[Token], at: int) -> bool:
    """Whether a sign that says equal stands here, or behind an argument in brackets."""
    if found[at].text in ("(", "["):
        end = next((i for i in range(at, min(at + MOST_INSIDE, len(found))) if found[i].text in (")", "]")), at)  # fmt: skip
        at = end + 1
    rest = [token.text for token in found[at : at + 2] if token.text != "&"]
    return bool(rest) and rest[0] in EQUAL

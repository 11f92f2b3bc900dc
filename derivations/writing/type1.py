"""A Type 1 font without the subroutines that none of its letters calls.

pdfTeX embeds the letters that a document uses, but keeps a place for every subroutine of the whole
font: in Latin Modern some 800 empty ones, 18 of the 23 kB of a font with a few digits. Here those that
are called are numbered anew. A font that is laid out in another way stays as it is.

Source: Adobe Type 1 Font Format, 1990, chapters 6 (charstrings), 7 (encryption), 8 (hint replacement).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.uint64]

EEXEC, CHARSTRING = 55665, 4330  # keys of the encryption
FACTOR, SUMMAND, STATES = 52845, 22719, 1 << 16
PERIOD = 1 << 14  # of the powers of the factor
LEAD = 4  # bytes without meaning before what is encrypted
ALWAYS = 5  # subroutines 0 to 3 belong to the format, 4 replaces hints
SUBROUTINES = re.compile(rb"/Subrs (\d+) array\n")
LETTERS = re.compile(rb"/CharStrings \d+ dict dup begin\n")
# The beginning of an entry up to its length, and its end; where the data end with a space, pdfTeX
# writes no other one.
SUBROUTINE = re.compile(rb"(dup \d+ )(\d+) RD "), re.compile(rb" ?NP\n")
LETTER = re.compile(rb"(/\S+ )(\d+) RD "), re.compile(rb" ?ND\n")
Form = tuple[re.Pattern[bytes], re.Pattern[bytes]]
CALL, ESCAPE = 10, 12  # commands; an escape has a second byte
POP, OTHER = (12, 17), (12, 16)


class Unexpected(Exception):
    """A font that is not laid out as pdfTeX does it, or that calls in another way."""


@lru_cache(maxsize=256)
def slimmed(font: bytes, clear: int) -> bytes:
    """The font with the subroutines that are called; its first ``clear`` bytes are not encrypted."""
    try:
        return font[:clear] + encrypted(_renumbered(decrypted(font[clear:], EEXEC)), EEXEC)
    except Unexpected:
        return font


def _renumbered(private: bytes) -> bytes:
    head = _found(SUBROUTINES, private, 0)
    bodies, end = entries(private, head.end(), SUBROUTINE)
    letters = _found(LETTERS, private, end)
    glyphs, rest = entries(private, letters.end(), LETTER)
    if list(bodies) != [b"dup %d " % place for place in range(int(head[1]))]:
        raise Unexpected
    drawn = {name: decrypted(body, CHARSTRING) for name, body in glyphs.items()}
    called = _called(list(drawn.values()), list(bodies.values()))
    new = {old: place for place, old in enumerate(sorted(called))}
    kept = (_entry(b"dup %d " % new[old], called[old], new, b"NP") for old in new)
    shown = (_entry(name, code, new, b"ND") for name, code in drawn.items())
    count = b"/Subrs %d array\n" % len(new)
    return b"".join(
        [
            private[: head.start()],
            count,
            *kept,
            private[end : letters.end()],
            *shown,
            private[rest:],
        ]
    )


def _found(form: re.Pattern[bytes], private: bytes, place: int) -> re.Match[bytes]:
    if (match := form.search(private, place)) is None:
        raise Unexpected
    return match


def entries(private: bytes, place: int, form: Form) -> tuple[dict[bytes, bytes], int]:
    """The encrypted charstrings by what stands before their lengths; and where the entries end."""
    begin, close = form
    found = {}
    while match := begin.match(private, place):
        end = match.end() + int(match[2])
        closed = close.match(private, end)
        if closed is None:
            raise Unexpected
        found[match[1]] = private[match.end() : end]
        place = closed.end()
    return found, place


def _entry(name: bytes, code: bytes, new: Mapping[int, int], close: bytes) -> bytes:
    body = encrypted(_with_calls(code, new), CHARSTRING)
    return b"%b%d RD %b %b\n" % (name, len(body), body, close)


# ---------------------------------------------------------------- charstrings


@dataclass(frozen=True, slots=True)
class Token:
    """A number or a command of a charstring, and where its bytes stand."""

    number: int | None
    command: tuple[int, ...]
    start: int
    end: int


def tokens(code: bytes) -> Iterator[Token]:
    """The numbers and commands of a charstring."""
    place = 0
    while place < len(code):
        first, start = code[place], place
        place += 1 if first < 247 and first != ESCAPE else 5 if first == 255 else 2
        if first < 32:
            yield Token(None, tuple(code[start:place]), start, place)
        else:
            yield Token(_number(code[start:place]), (), start, place)


def _number(code: bytes) -> int:
    first = code[0]
    if first < 247:
        return first - 139
    if first < 251:
        return (first - 247) * 256 + code[1] + 108
    if first < 255:
        return -(first - 251) * 256 - code[1] - 108
    return int.from_bytes(code[1:], "big", signed=True)


def _coded(number: int) -> bytes:
    """A number that is not negative."""
    if number <= 107:
        return bytes([number + 139])
    if number <= 1131:
        return bytes([247 + (number - 108) // 256, (number - 108) % 256])
    return b"\xff" + number.to_bytes(4, "big")


def _calls(code: bytes) -> Iterator[Token]:
    """The numbers of subroutines in a charstring, in order.

    A call has its number before it. Hints are replaced by ``n 4 callsubr``, where 4 calls n, or by
    what subroutine 4 consists of, ``n 1 3 callothersubr pop callsubr``.
    """
    before: list[Token] = []
    for token in tokens(code):
        if token.command == (CALL,):
            numbers = [part.number for part in before]
            commands = [part.command for part in before]
            if numbers[-1:] == [4]:
                yield from before[-2:-1]
            elif numbers and numbers[-1] is not None:
                yield before[-1]
            elif commands[-2:] == [OTHER, POP] and numbers[-4:-2] == [1, 3]:
                yield from before[-5:-4]  # none in subroutine 4 itself
            else:
                raise Unexpected
        before = [*before[-4:], token]


def _called(glyphs: Sequence[bytes], bodies: Sequence[bytes]) -> dict[int, bytes]:
    """The subroutines that are called, from each other too, by their numbers."""
    found: dict[int, bytes] = {}
    waiting = list(range(min(ALWAYS, len(bodies))))
    codes = list(glyphs)
    while codes or waiting:
        for number in waiting:
            if not 0 <= number < len(bodies):
                raise Unexpected
            if number not in found:
                found[number] = decrypted(bodies[number], CHARSTRING)
                codes.append(found[number])
        waiting = []
        for token in _calls(codes.pop()) if codes else ():
            if token.number is None:
                raise Unexpected
            waiting.append(token.number)
    return found


def _with_calls(code: bytes, new: Mapping[int, int]) -> bytes:
    """The charstring with the new numbers of the subroutines that it calls."""
    result, place = b"", 0
    for token in _calls(code):
        assert token.number is not None  # `_called` has looked
        result += code[place : token.start] + _coded(new[token.number])
        place = token.end
    return result + code[place:]


# ---------------------------------------------------------------- encryption


def decrypted(cipher: bytes, key: int) -> bytes:
    """What was encrypted, without the bytes before it.

    The state goes by r ← (c + r) a + b modulo 2^16. With r = aⁱ s it is a sum, taken at once.
    """
    letters = np.frombuffer(cipher, np.uint8).astype(np.uint64)
    powers, inverses = (part[np.arange(len(cipher) + 1) % PERIOD] for part in _powers())
    steps = (letters * np.uint64(FACTOR) + np.uint64(SUMMAND)) * inverses[1:]
    sums = np.cumsum(np.concatenate([np.array([key], np.uint64), steps]))
    states = sums * powers % np.uint64(STATES)
    plain = letters ^ (states[:-1] >> np.uint64(8))
    return plain.astype(np.uint8).tobytes()[LEAD:]


@lru_cache(maxsize=1)
def _powers() -> tuple[States, States]:
    """The powers of the factor and of its inverse."""
    forth, back = (
        np.array([pow(base, place, STATES) for place in range(PERIOD)], np.uint64)
        for base in (FACTOR, pow(FACTOR, -1, STATES))
    )
    return forth, back


def encrypted(plain: bytes, key: int) -> bytes:
    """The bytes encrypted, after four that mean nothing, as pdfTeX does it."""
    cipher, state = bytearray(), key
    for letter in bytes(LEAD) + plain:
        code = letter ^ (state >> 8)
        state = ((code + state) * FACTOR + SUMMAND) % STATES
        cipher.append(code)
    return bytes(cipher)

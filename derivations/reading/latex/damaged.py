"""Rows of a display whose braces do not match: left out, so that the other rows can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROW_END = re.compile(r"\\\\(?:\*|\[[^\]]*\])?")
BRACE = re.compile(r"\\[\\{}]|[{}]")
FRAME = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[^{}]*\})?|\\[\[\]]|\$\$?")
GOES_ON = re.compile(r"(?:\s|&|\\quad|\\qquad)*(?:=|<|>|\\(?:approx|le|ge|leq|geq|equiv|to)\b)")
NOT_CLOSED, NOT_OPENED = "a '{' is never closed", "a '}' was never opened"
BEHIND = "what it goes on from could not be read"


@dataclass(frozen=True, slots=True)
class Damage:
    """A row that was left out: its first and last character, and why."""

    span: tuple[int, int]
    why: str


def undamaged(source: str) -> tuple[str, tuple[Damage, ...]]:
    """The text with blanks in the place of rows whose braces do not match, and these rows.

    So are the rows that go on from them with a relation sign. A text of one row stays as it is, and
    so does one whose braces match as a whole: a formula may run over several rows.
    """
    if not _unmatched(source):
        return source, ()
    ends = [match.span() for match in ROW_END.finditer(source)]
    if not ends:
        return source, ()
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(source)]
    text, found, before = list(source), list[Damage](), ""
    for start, stop in zip(starts, stops, strict=True):
        row = source[start:stop]
        why = _unmatched(row)
        if not why and before and GOES_ON.match(row):
            why = BEHIND
        before = why
        if why and row.strip():
            first = start + len(row) - len(row.lstrip())
            found.append(Damage((first, stop), why))
            text[start:stop] = _blank(row)
    return "".join(text), tuple(found)


def _unmatched(row: str) -> str:
    """What is wrong with the braces; nothing where they match."""
    depth = 0
    for match in BRACE.finditer(row):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0:
            return NOT_OPENED
    return NOT_CLOSED if depth else ""


def _blank(row: str) -> str:
    """Blanks, with the commands that open and close a display kept."""
    kept = [(match.start(), match.end()) for match in FRAME.finditer(row)]
    return "".join(
        sign if any(start <= at < end for start, end in kept) or sign == "\n" else " "
        for at, sign in enumerate(row)
    )

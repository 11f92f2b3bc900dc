"""What scanning and careless escaping do to LaTeX, undone: a closed list, and a note of each repair.

``\\f``, ``\\r``, ``\\b``, ``\\t`` and ``\\n`` of a command are lost where a program takes them for
control characters: ``\\frac`` becomes ``rac``, ``\\right`` ``ight``. A repair is made only where the
rest cannot be a word of its own.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from derivations.reading.latex.traced import Traced


class Repair(NamedTuple):
    """A pattern of damage and what stood there."""

    pattern: re.Pattern[str]
    written: str


def _lost(rest: str, before: str, command: str) -> Repair:
    """The rest of a command whose first letters were lost, where what follows fits."""
    return Repair(re.compile(rf"(?<![A-Za-z\\])[\x00-\x1f]?{rest}(?={before})"), command)


REPAIRS = (
    _lost("rac", r"\s*\{", r"\frac"),
    _lost("ight", r"\s*[)\]|.}]|\s*\\|\s+[a-z]", r"\right"),
    _lost("egin", r"\s*\{", r"\begin"),
    _lost("imes", r"(?![A-Za-z])", r"\times"),
    _lost("ext", r"\s*\{", r"\text"),
    _lost("heta", r"(?![A-Za-z])", r"\theta"),
    _lost("abla", r"(?![A-Za-z])", r"\nabla"),
    _lost("anh", r"\s*[(\\{x-z]", r"\tanh"),
    _lost("orall", r"(?![A-Za-z])", r"\forall"),
    _lost("ewline", r"(?![A-Za-z])", r"\newline"),
    Repair(re.compile(r"(?<![A-Za-z\\])[lr]?floor(?=\s*[+\-=&\\,.]|\s*$)"), r"\rfloor"),
    Repair(
        re.compile(r"(?<!\\)\\ (?=\s*[A-Za-z][^\\&\n]{0,60}&\s*(?:=|\\approx))"), r"\\"
    ),  # a row's end
    Repair(re.compile(r"\{\s*\bm\s+(?P<kept>[A-Za-z]+)\s*\}"), r"{\mathrm{KEPT}}"),
)


def repaired(source: str) -> tuple[str, tuple[str, ...]]:
    """The text as it was meant, and a note for each kind of repair."""
    found, notes = mended(Traced.of(source))
    return found.text, notes


def mended(source: Traced) -> tuple[Traced, tuple[str, ...]]:
    """The text as it was meant, with the places of what was damaged; see `repaired`."""
    notes: list[str] = []
    for repair in REPAIRS:
        found = repair.pattern.search(source.text)
        if found:
            written = _written(repair, found)
            notes.append(f"'{found[0].strip()}' is read as '{written.strip()}'")
            source = source.substituted(repair.pattern, partial(_written, repair))
    return source, tuple(notes)


def _written(repair: Repair, match: re.Match[str]) -> str:
    blank = " " if repair.written[-1].isalpha() else ""
    return repair.written.replace("KEPT", match.groupdict().get("kept") or "") + blank

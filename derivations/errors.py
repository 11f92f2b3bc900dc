"""All errors that speak to somebody, worded in one place.

`ProblemError` speaks to the author of a problem file, `AttemptError` to a learner, and
`VerificationError` to us: it means that a derivation of ours was refused by the judge.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

SINGLE = {  # after a 1
    "rows": "row", "columns": "column", "numbers": "number", "weights": "weight", "biases": "bias",
    "targets": "target", "names": "name", "values": "value", "layers": "layer", "classes": "class",
    "entries": "entry", "inputs": "input",
}  # fmt: skip
ONE = re.compile(rf"(?:(?<=has )|(?<=found )|(?<=expected )|^)1 ({'|'.join(SINGLE)})\b")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in a file: where it is, and what was found, expected and nearest."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        message = ONE.sub(lambda one: f"1 {SINGLE[one[1]]}", self.message)
        return ": ".join(part for part in (place, self.path, message) if part)


class DerivationsError(Exception):
    """Any error with a message for people; the command line prints it without a traceback."""

    exit_code = 2


class ProblemError(DerivationsError):
    """A problem file, sheet or expression that cannot be used, with all its mistakes."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes

    @property
    def messages(self) -> str:
        """What is wrong without the places, each once."""
        return "; ".join(dict.fromkeys(mistake.message for mistake in self.mistakes))

    @classmethod
    def at(cls, message: str, file: str = "", path: str = "") -> ProblemError:
        """An error without a line, for what is not read from a file."""
        return cls(Mistake(file, 0, 0, path, message))


class AttemptError(DerivationsError):
    """A learner's text that cannot be taken in at all."""


class VerificationError(DerivationsError):
    """A line that the judge did not accept.

    Where it is a line of ours, that is a defect of this program; ``where`` is the path of a line
    that stands in the problem file itself.
    """

    exit_code = 1

    def __init__(self, message: str, where: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.where = where


class ReadError(ValueError):
    """An expression that cannot be read.

    Args:
        message: what was found, what is expected, the nearest right thing.
        position: the character, counted from 0, at which reading stopped.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class NameTaken(ValueError):
    """A name that would stand for two quantities of one problem; its text is the name."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'sigmoid'?``, or nothing when no known word is near."""
    found = closest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def misspelt(words: Iterable[str], known: Iterable[str]) -> str:
    """``; found 'laer', did you mean 'layer'?`` for the first of some words that is near one."""
    known = list(known)
    pairs = ((word, closest(word, known)) for word in words)
    return next((f"; found '{word}', did you mean '{near}'?" for word, near in pairs if near), "")


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest, nothing when none is near; equal beginnings count most."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=5, cutoff=0.6) or difflib.get_close_matches(
        word.lower(), known, n=5, cutoff=0.6
    )
    return max(close, key=lambda other: _likeness(word.lower(), other), default="")


def _likeness(word: str, other: str) -> float:
    """r + p/10 (1 - r), with the share r of letters in common and p equal ones at the start, at most 4."""
    share = difflib.SequenceMatcher(None, other, word).ratio()
    pairs = zip(word, other, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return share + min(same, 4) / 10 * (1 - share)


def unknown(word: str, kind: str, known: Iterable[str], limit: int = 60) -> str:
    """``'sigmod' is not an activation; did you mean 'sigmoid'? Known: ...``."""
    words = sorted(known)
    listed = words[:limit] + (["..."] if len(words) > limit else [])
    hint = nearest(word, words)
    return f"'{word}' is not {kind}{hint}{those_known(hint, listed)}"


def those_known(hint: str, known: Iterable[str]) -> str:
    """`` Known: a, b`` after a question, ``; known: a, b`` in the sentence itself."""
    return f"{' Known' if hint else '; known'}: {', '.join(known) or 'none'}"

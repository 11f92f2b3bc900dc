"""A text that was changed, with the place in the original at which each of its characters stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, the place of each of its characters in the original, and the place after the last."""

    text: str
    origin: Sequence[int]
    end: int

    @classmethod
    def of(cls, text: str) -> Traced:
        """A text as it stands."""
        return cls(text, range(len(text)), len(text))

    @classmethod
    def put(cls, text: str, place: int) -> Traced:
        """A text that somebody else puts at a place of the original."""
        return cls(text, (place,) * len(text), place)

    def place(self, at: int) -> int:
        """Where a character stood in the original."""
        return self.origin[at] if at < len(self.origin) else self.end

    def range(self, start: int, end: int) -> tuple[int, int]:
        """First place in the original and the one after the last, of some characters."""
        first = self.place(start)
        return first, max(first, self.place(end - 1) + 1) if end > start else first

    def cut(self, start: int, end: int | None = None) -> Traced:
        """The characters from one up to another."""
        end = len(self.text) if end is None else end
        return Traced(self.text[start:end], self.origin[start:end], self.place(end))

    def __add__(self, other: Traced) -> Traced:
        return join((self, other))

    def substituted(
        self, pattern: re.Pattern[str], written: Callable[[re.Match[str]], str]
    ) -> Traced:
        """Every match replaced; what is put there stands where the match began, its last character where it ended."""
        parts, done = list[Traced](), 0
        for match in pattern.finditer(self.text):
            first, last = self.place(match.start()), self.place(match.end() - 1)
            put = written(match)
            parts += [self.cut(done, match.start()), self.put(put[:-1] or put, first)]
            if put[1:]:
                parts.append(self.put(put[-1:], last))
            done = match.end()
        return join((*parts, self.cut(done))) if parts else self


def join(parts: Sequence[Traced]) -> Traced:
    """Texts one behind the other."""
    origin: list[int] = []
    for part in parts:
        origin += part.origin
    return Traced("".join(part.text for part in parts), origin, parts[-1].end if parts else 0)

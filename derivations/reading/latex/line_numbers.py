"""The lines of a text, counted once: to count them anew at every place takes the square of its length."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineNumbers:
    """``ends``: the place of every end of a line."""

    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> LineNumbers:
        """Those of a text."""
        return cls([match.start() for match in re.finditer("\n", text)])

    def at(self, place: int) -> int:
        """The line, from 1, on which the character at a place stands."""
        return bisect_left(self.ends, place) + 1

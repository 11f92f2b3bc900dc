"""The fairness table: how hard each variant of a problem is, and the band in which they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from derivations.exams.measures import MEASURES
from derivations.exams.varying import Variant

ODD = 0.25  # further from the median than this, a variant is told


@dataclass(frozen=True, slots=True)
class Band:
    """The difficulty of all variants.

    ``odd``: the numbers of those (from 1) that lie more than a quarter from the median.
    """

    least: int
    middle: float
    most: int
    odd: tuple[int, ...]

    def words(self, what: str = "variant") -> str:
        """For people."""
        text = f"Difficulty {self.least} to {self.most}, median {self.middle:g}"
        if not self.odd:
            return f"{text}; no {what} is more than {ODD:.0%} away from it."
        listed = ", ".join(map(str, self.odd))
        return f"{text}; more than {ODD:.0%} away from it: {what} {listed}."


def band(variants: Sequence[Variant]) -> Band:
    """The band of the difficulty, as the measure of that name counts it."""
    return band_of([one.measures["difficulty"] for one in variants])


def band_of(found: Sequence[int]) -> Band:
    """The band of some difficulties."""
    middle = median(found)
    odd = (n for n, x in enumerate(found, 1) if abs(x - middle) > ODD * middle)
    return Band(min(found), middle, max(found), tuple(odd))


def rows(variants: Sequence[Variant]) -> tuple[list[str], list[list[int]]]:
    """The columns of the table, and a row for each variant; its number comes first."""
    return ["variant", *MEASURES], [
        [number, *(one.measures[name] for name in MEASURES)]
        for number, one in enumerate(variants, 1)
    ]

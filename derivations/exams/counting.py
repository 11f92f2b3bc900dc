"""How many distinct variants a problem has: counted where the domain is small, else bounded from below.

Of m draws of which c pairs agree, N equally likely variants would give m(m-1)/(2N) pairs. Unequal
ones agree more often, so the bound holds for them, too: with 95 % certainty there are at least
m(m-1)/(2λ), where λ is the largest mean with which a Poisson number is c or less in 5 % of cases.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, prod

from derivations.exams.drawing import Every, size
from derivations.exams.seeds import Stream
from derivations.exams.varying import Variant, Varying

COUNTED = 2000  # draws that are all looked at
DRAWN = 400  # draws for an estimate
CERTAINTY = 0.95
ENOUGH = 10  # variants for each student


@dataclass(frozen=True, slots=True)
class Count:
    """The number of variants that differ as the problem asks.

    Attributes:
        draws: in how many ways the values can be drawn.
        distinct: how many variants differ; a lower bound unless ``exactly``.
        exactly: whether all draws were looked at.
        accepted: the part of the draws that the conditions accept, as far as was looked.
    """

    draws: int
    distinct: int
    exactly: bool
    accepted: float

    def words(self) -> str:
        """For people."""
        if self.exactly:
            return f"{self.distinct} distinct variants (counted)"
        return f"at least {self.distinct} distinct variants (95 % sure, from {DRAWN} draws)"

    def warning(self, students: int) -> str:
        """What is said where a class is too large; nothing where it is not."""
        if self.distinct >= ENOUGH * students:
            return ""
        number = str(self.distinct) if self.exactly else f"at least {self.distinct}"
        return (
            f"{number} distinct variants for {students} students; expected {ENOUGH * students} or "
            "more, so that neighbours differ and nobody can try them all"
        )


def count(varying: Varying) -> Count:
    """The number of distinct variants.

    Raises:
        ProblemError: the conditions are impossible, or too narrow.
    """
    draws = possible(varying)
    return _counted(varying, draws) if draws <= COUNTED else _estimated(varying, draws)


def possible(varying: Varying) -> int:
    """In how many ways the values can be drawn."""
    return prod(size(place, varying.places.root) for place in varying.places.all)


def every(varying: Varying) -> tuple[int, list[Variant]]:
    """Every possible draw: how many there are, and the variants that are accepted."""
    source, drawn = Every(), []
    failed: Counter[str] = Counter()
    while True:
        drawn.append(varying.candidate(source, failed))
        if not source.following():
            break
    found = varying.accepted(list(enumerate(drawn)), 1, [failed] * len(drawn))
    return len(drawn), [one for _, one in found]


def _counted(varying: Varying, draws: int) -> Count:
    tried, found = every(varying)
    return Count(draws, len({one.signature for one in found}), True, len(found) / tried)


def _estimated(varying: Varying, draws: int) -> Count:
    streams = [Stream(b"count", "", varying.loaded.problem.id, str(n)) for n in range(DRAWN)]
    found = varying.variants(streams)
    alike = Counter(one.signature for one in found).values()
    pairs = sum(n * (n - 1) // 2 for n in alike)
    seen = len(alike)
    least = int(DRAWN * (DRAWN - 1) / 2 / most_likely(pairs))
    accepted = DRAWN / sum(one.tried for one in found)
    return Count(draws, max(seen, min(least, draws)), False, accepted)


def most_likely(pairs: int) -> float:
    """The mean with which a Poisson number is ``pairs`` or less with a chance of 5 %."""
    low, high = 0.0, 10.0 + 3.0 * pairs
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(pairs, middle) > 1 - CERTAINTY else (low, middle)
    return high


def _at_most(pairs: int, mean: float) -> float:
    """The chance that a Poisson number is so large or smaller."""
    term, total = 1.0, 1.0
    for k in range(1, pairs + 1):
        term *= mean / k
        total += term
    return total * exp(-mean)

"""Zeros of a function of one number, each as a small ball around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from flint import arb, fmpq

Gap = Callable[[arb | fmpq], arb | None]  # None where it has no value
OFF = fmpq(1, 997)  # so that no zero stands on the grid
GRID = sorted(
    {
        *(fmpq(n, 40) + OFF for n in range(-40, 80)),
        *(fmpq(n, 4) + OFF for n in range(-40, 41)),
        *(sign * 10 * fmpq(5, 4) ** n + OFF for n in range(20) for sign in (-1, 1)),
    }
)
HALVINGS = 125
MOST = 4  # zeros that are looked for
WIDE = arb(2) ** -106  # of a ball around a zero
SMALL = arb(10) ** -20


def roots(gap: Gap) -> list[arb]:
    """Zeros between points of a grid where the sign changes; poles, where it does too, are none."""
    found = list[arb]()
    for low, high in _changes(gap):
        middle = _between(gap, low, high)
        value = gap(middle) if middle is not None else None
        if middle is not None and value is not None and bool(abs(value) < SMALL):
            found.append(middle + arb(0, WIDE * (1 + abs(middle))))
        if len(found) == MOST:
            break
    return found


def _changes(gap: Gap) -> Iterator[tuple[fmpq, fmpq]]:
    values = [(x, gap(x)) for x in GRID]
    for (x, a), (y, b) in pairwise(values):
        if a is not None and b is not None and (bool(a > 0 > b) or bool(a < 0 < b)):
            yield x, y


def _between(gap: Gap, low: fmpq, high: fmpq) -> arb | None:
    """Where the sign changes, by halving."""
    a, b = arb(low), arb(high)
    first = gap(a)
    for _ in range(HALVINGS):
        middle = ((a + b) / 2).mid()
        value = gap(middle)
        if first is None or value is None:
            return None
        if value.contains(0):
            return middle
        a, b = (middle, b) if bool((value > 0) == (first > 0)) else (a, middle)
    return ((a + b) / 2).mid()

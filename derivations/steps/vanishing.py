"""Values that are exactly 0 though no ball of any width can say so: σ(1/4) + σ(−1/4) − 1.

Where exponentials cancel, they do so by e^x e^y = e^(x + y) alone, and that holds for every other
base just as well. So a value that is 0 to many digits is 0 where it is so with e^(c x) in the place
of e^x and ln x/c in that of ln x, for rates c near 1 and far below it. What is merely small, as
1 − tanh²(3000), is not small with a small rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import arb, ctx, fmpq

from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate
from derivations.formula.numerals import Ambiguous
from derivations.formula.scalars import growth
from derivations.steps.solution import Quantity

BITS = 1024  # with fewer bits a value may yet turn out not to be 0
RATES = (fmpq(101, 103), fmpq(107, 103), fmpq(1, 61))
ZERO = fmpq(0)


class Vanishing:
    """The quantities of a derivation at other rates, each computed when a later one asks for it."""

    def __init__(self, quantities: Sequence[Quantity], functions: Mapping[str, Function]) -> None:
        self.quantities = quantities
        self.functions = functions
        self.others: list[dict[str, Value]] = [{} for _ in RATES]
        self.done = [0 for _ in RATES]

    def with_zeros(self, quantity: Quantity, value: Value, values: Mapping[str, Value]) -> Value:
        """The value of a quantity with 0 in the place of balls that are proved to be 0.

        ``values`` are those of all quantities before it.
        """
        if ctx.prec < BITS or not _has_zeros(value):
            return value
        others = [self._at(which, quantity, values) for which in range(len(RATES))]
        return value if any(other is None for other in others) else _zeros(value, others)

    def alone(self, quantity: Quantity, value: Value, values: Mapping[str, Value]) -> Value:
        """The same for a value made of numbers that the reader has, which are no other quantities."""
        if ctx.prec < BITS or not _has_zeros(value):
            return value
        others = []
        for rate in RATES:
            with growth(rate):
                others.append(self._value(quantity, values, values))
        return _zeros(value, others)

    def _at(self, which: int, quantity: Quantity, values: Mapping[str, Value]) -> Value | None:
        """The quantity at another rate, or none if it has no value there."""
        made, found = self.others[which], None
        with growth(RATES[which]):
            while self.done[which] < len(self.quantities):
                current = self.quantities[self.done[which]]
                try:
                    found = self._value(current, made, values)
                except (EvaluationError, Ambiguous):
                    found = None
                if current.key == quantity.key:
                    return found
                if found is not None:
                    known = values.get(current.key)
                    made[current.key] = found if known is None else _known_zeros(found, known)
                self.done[which] += 1
        return None

    def _value(
        self, quantity: Quantity, made: Mapping[str, Value], values: Mapping[str, Value]
    ) -> Value | None:
        if quantity.reached is not None:
            return None
        if quantity.formula is None:
            return values.get(quantity.key)
        return evaluate(quantity.formula, made, self.functions)


def vanishes(value: Any) -> bool:
    """Whether a ball holds 0, and nothing that is far from it for so many bits."""
    return (
        isinstance(value, arb)
        and value.contains(0)
        and bool(abs(value) < arb(2) ** -(ctx.prec // 2))
    )


def _has_zeros(value: Value) -> bool:
    return any(map(_has_zeros, value)) if isinstance(value, tuple) else vanishes(value)


def _zeros(value: Value, others: Sequence[Value]) -> Value:
    if isinstance(value, tuple):
        return tuple(_zeros(part, entries) for part, *entries in zip(value, *others, strict=True))
    zero = vanishes(value) and all(other == 0 or vanishes(other) for other in others)
    return ZERO if zero else value


def _known_zeros(found: Value, known: Value) -> Value:
    """A value at another rate, with 0 where it has been proved to be 0 at every rate."""
    if isinstance(known, tuple):
        return tuple(map(_known_zeros, found, known))
    return ZERO if isinstance(known, fmpq) and known == 0 and vanishes(found) else found

"""Limits from values very near to a place, or very far out."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, arb_series, ctx, fmpq

from derivations.formula.scalars import EvaluationError, Value, precision
from derivations.formula.tree import Apply, Formula

INFINITY = Apply("infinity", ())
FAR = (fmpq(10**34), fmpq(10**37))  # places on the way to infinity
NEAR = (fmpq(1, 10**34), fmpq(1, 10**37))  # and, added, to a number
SIDES = {"from_above": (1,), "from_below": (-1,)}
BITS_OF_LIMIT = 768  # near a place, most digits of a difference are lost
NEGLIGIBLE = arb(10) ** -30


def limit(
    aim: Formula, value_at: Callable[[Value], Value], value_of: Callable[[Formula], Value]
) -> Value:
    """What a formula comes to, from its values on the way.

    Two of them tell how fast it comes; where both sides differ there is no limit.

    Args:
        aim: a number, with ``from_above`` or ``from_below`` around it for one side, or infinity.
        value_at: the value of the formula at a place.
        value_of: the value of the number in ``aim``.

    Raises:
        EvaluationError: there is none, values do not tell, or something is an array.
    """
    found: list[Value] = []
    for points in _ways(aim, value_of):
        with precision(max(ctx.prec, BITS_OF_LIMIT)):
            near = [value_at(place) for place in points]
        if any(isinstance(value, (tuple, arb_series)) for value in near):
            raise EvaluationError("a limit is taken of a single number")
        step = abs(arb(near[1]) - arb(near[0]))
        if not step < NEGLIGIBLE:
            raise EvaluationError("whether there is a limit cannot be told from values")
        found.append(near[1] if near[0] == near[1] else arb(near[1]) + arb(0, (2 * step).upper()))
    if len(found) == 2 and not arb(found[0]).overlaps(arb(found[1])):
        raise EvaluationError("the limits from the two sides differ")
    return found[0]


def _ways(aim: Formula, value_of: Callable[[Formula], Value]) -> list[tuple[Value, Value]]:
    """Pairs of places on each way to the aim, the second nearer."""
    if aim == INFINITY:
        return [FAR]
    if aim == Apply("neg", (INFINITY,)):
        return [(-FAR[0], -FAR[1])]
    head = aim.head if isinstance(aim, Apply) else ""
    place = value_of(aim.args[0] if head in SIDES else aim)  # type: ignore[union-attr]
    if isinstance(place, tuple):
        raise EvaluationError("a limit is taken at a single number")
    return [(place + sign * NEAR[0], place + sign * NEAR[1]) for sign in SIDES.get(head, (1, -1))]

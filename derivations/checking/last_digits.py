"""The last digit of a result: what rounded numbers allow, but neither they nor those behind them give.

Who prints 3.01660 and goes on with 3.016601 ends between the two results; a digit beyond both is
wrong, although half a unit of every numeral would reach it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from flint import arb, fmpq

from derivations.checking.quantities import quantities
from derivations.checking.rounding import is_scalar_numeral, loosened, numerals
from derivations.checking.steps import WRONG, Ruling
from derivations.checking.witnesses import digits, value_in
from derivations.formula.evaluation import Value
from derivations.formula.tree import Formula
from derivations.truth.judge import World

BEYOND = "the last digit is further off than rounding on the way explains"
NOWHERE = World({}, {})


def beyond(sides: Iterable[tuple[Formula, World]], right: Formula) -> Ruling | None:
    """That a rounded number is outside all that a side can be; None where it is not, or too little is known.

    Args:
        sides: forms of the left side, as they stand and by what is behind their numbers.
        right: what it is said to be.
    """
    if not is_scalar_numeral(right):
        return None
    forms = list(sides)
    plain = [form for form in forms if not quantities(form[0])]
    written = _numbers(value_in(side, world) for side, world in plain)
    allowed = _numbers(_loose(side, _decimals(side), world) for side, world in plain)
    exact = _numbers(value_in(side, world) for side, world in forms if quantities(side))
    behind = [value for value in exact if any(value.overlaps(ball) for ball in allowed)]
    shown = _numbers([_loose(right, numerals(right), NOWHERE)])
    if not written or not behind or not shown:
        return None
    if reduce(arb.union, written + behind).overlaps(shown[0]):
        return None
    found = value_in(right, NOWHERE)
    return Ruling(WRONG, BEYOND, digits(written[0]), "" if found is None else digits(found))


def _decimals(formula: Formula) -> set[str]:
    return {text for text in numerals(formula) if "." in text}


def _loose(formula: Formula, rounded: set[str], world: World) -> Value | None:
    """The value, if these numerals were rounded."""
    loose, balls = loosened(formula, rounded)
    return value_in(loose, World({**world.values, **balls}, world.functions))


def _numbers(values: Iterable[Value | None]) -> list[arb]:
    return [arb(value) for value in values if isinstance(value, (arb, fmpq))]

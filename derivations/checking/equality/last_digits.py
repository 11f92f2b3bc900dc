"""The last digit of a result: what rounded numbers allow, but neither they nor those behind them give.

Who prints 3.01660 and goes on with 3.016601 ends between the two results; a digit beyond both is
wrong, although half a unit of every numeral would reach it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from flint import arb, fmpq

from derivations.checking.equality.rounding import is_scalar_numeral, loosened, numerals
from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.equality.witnesses import digits, value_in
from derivations.formula.evaluation import Value
from derivations.formula.tree import Formula
from derivations.truth.judge import World

NOWHERE = World({}, {})


@dataclass(frozen=True, slots=True)
class Source:
    """What a side may have been computed from.

    Attributes:
        formula, world: a form of it, and values for its names.
        printed: whether its numbers are as they stand in the text, or as nothing rounds them.
    """

    formula: Formula
    world: World
    printed: bool

    def value(self) -> Value | None:
        return value_in(self.formula, self.world)

    def loose(self) -> Value | None:
        """The value, if every decimal was rounded."""
        decimals = {text for text in numerals(self.formula) if "." in text}
        return _loose(self.formula, decimals, self.world)


def beyond(sources: Iterable[Source], right: Formula) -> Ruling | None:
    """That a rounded number is outside all that a side can be; None where it is not, or too little is known.

    Args:
        sources: of the left side.
        right: what it is said to be.
    """
    if not is_scalar_numeral(right):
        return None
    all_of_them = list(sources)
    printed = [source for source in all_of_them if source.printed]
    written = _numbers(source.value() for source in printed)
    allowed = _numbers(source.loose() for source in printed)
    exact = _numbers(source.value() for source in all_of_them if not source.printed)
    behind = [value for value in exact if any(value.overlaps(ball) for ball in allowed)]
    shown = _numbers([_loose(right, numerals(right), NOWHERE)])
    if not written or not behind or not shown:
        return None
    if reduce(arb.union, written + behind).overlaps(shown[0]):
        return None
    found = value_in(right, NOWHERE)
    return Ruling(
        WRONG, "the two sides differ", digits(written[0]), "" if found is None else digits(found)
    )


def _loose(formula: Formula, rounded: set[str], world: World) -> Value | None:
    loose, balls = loosened(formula, rounded)
    return value_in(loose, World({**world.values, **balls}, world.functions))


def _numbers(values: Iterable[Value | None]) -> list[arb]:
    return [arb(value) for value in values if isinstance(value, (arb, fmpq))]

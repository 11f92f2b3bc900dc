"""The last digit of a result: what rounded numbers allow, but neither they nor those behind them give.

Who prints 3.01660 and goes on with 3.016601 ends between the two results; a digit beyond both is
wrong, although half a unit of every numeral would reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce

from flint import arb, fmpq

from derivations.checking.equality.rounding import loosened, numerals
from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.equality.witnesses import digits, value_in
from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import Value, entries
from derivations.formula.tree import Apply, Formula
from derivations.truth.judge import World

NOWHERE = World({}, {})
Equal = Callable[[Formula, str, Formula], Ruling]


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

    Of arrays, a single entry is enough.

    Args:
        sources: of the left side.
        right: what it is said to be.
    """
    if not is_plain(right):
        return None
    all_of_them = list(sources)
    printed = [source for source in all_of_them if source.printed]
    written = _flat(source.value() for source in printed)
    allowed = _flat(source.loose() for source in printed)
    exact = _flat(source.value() for source in all_of_them if not source.printed)
    shown, found = (_flat([value]) for value in (_loose(right, numerals(right), NOWHERE), value_in(right, NOWHERE)))  # fmt: skip
    if not shown or not found:
        return None
    for at, ball in enumerate(shown[0]):
        as_written, around, behind = (_at(at, each, len(shown[0])) for each in (written, allowed, exact))  # fmt: skip
        behind = [value for value in behind if any(value.overlaps(near) for near in around)]
        if as_written and behind and not reduce(arb.union, as_written + behind).overlaps(ball):
            return Ruling(
                WRONG, "the two sides differ", digits(as_written[0]), digits(found[0][at])
            )
    return None


def wrong_factor(equal: Equal, left: Formula, right: Formula) -> Ruling | None:
    """``A V = [[0.67, 0.34], ...] V``: matrices that were put in are rounded each by itself.

    Args:
        equal: whether two sides are equal.
        left, right: whose values are equal, as far as rounding goes.
    """
    if not isinstance(left, Apply) or not isinstance(right, Apply):
        return None
    if left.head != "matmul" or right.head != "matmul" or len(left.args) != len(right.args):
        return None
    put_in = [
        (a, b)
        for a, b in zip(left.args, right.args, strict=True)
        if is_plain(b) and not is_plain(a)
    ]
    rulings = (equal(a, "≈", b) for a, b in put_in)
    return next((ruling for ruling in rulings if ruling.verdict == WRONG), None)


def _loose(formula: Formula, rounded: set[str], world: World) -> Value | None:
    loose, balls = loosened(formula, rounded)
    return value_in(loose, World({**world.values, **balls}, world.functions))


def _flat(values: Iterable[Value | None]) -> list[list[arb]]:
    """The entries of each value, as far as all are numbers."""
    every = [list(entries(value)) for value in values if value is not None]
    return [
        [arb(x) for x in flat] for flat in every if all(isinstance(x, (arb, fmpq)) for x in flat)
    ]


def _at(place: int, values: Iterable[list[arb]], count: int) -> list[arb]:
    return [flat[place] for flat in values if len(flat) == count]

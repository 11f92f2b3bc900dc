"""What a student printed, as far as its digits go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log10

from flint import arb, fmpq

from derivations.checking.equality.rounding import loosened, numerals
from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import EvaluationError, Value, entries, evaluate
from derivations.formula.numerals import NUMERAL, Ambiguous, NumeralError, decimal_places, in_full
from derivations.formula.tree import Apply, Formula, Number, walk
from derivations.truth.judge import World

MANY_DIGITS = 15.0
LEAST_DIGITS = 2  # of a decimal that is taken for a rounded one


@dataclass(frozen=True, slots=True)
class Printed:
    """Numbers as they were printed.

    Attributes:
        balls: their values, give or take half a unit of their last digits.
        digits: how many significant digits each has.
        places: decimals behind the point, where all that was printed is one numeral.
        percent: whether a numeral was followed by the sign for per cent.
    """

    balls: tuple[arb, ...]
    digits: tuple[float, ...]
    places: int | None
    percent: bool

    @property
    def unit(self) -> float:
        """One unit of the last digit of a single number; 0 where it is exact."""
        return 2 * float(self.balls[0].rad()) if self.balls else 0.0

    def has(self, values: Sequence[arb]) -> bool:
        """Whether values are rounded to what was printed."""
        return len(values) == len(self.balls) and all(
            ball.overlaps(value) for ball, value in zip(self.balls, values, strict=True)
        )

    def distance(self, values: Sequence[arb]) -> float:
        """How far the numbers are from others."""
        if len(values) != len(self.balls):
            return float("inf")
        pairs = zip(self.balls, values, strict=True)
        return max(abs(float(ball.mid() - value.mid())) for ball, value in pairs)

    def digits_against(self, expected: Sequence[arb]) -> float:
        """The digits that say something: those of the numbers that are not as expected."""
        if len(expected) != len(self.balls):
            return sum(self.digits)
        return sum(
            digits for digits, ball, value in zip(self.digits, self.balls, expected, strict=True)
            if not ball.overlaps(value)
        )  # fmt: skip


def printed(right: Formula, rounded: bool, left: Formula, world: World) -> Printed | None:
    """What stands on the right side of a relation in numbers; None where it has no value.

    Args:
        right: the side.
        rounded: whether it was written behind the sign for rounding.
        left: the other side; its numerals are copied, not rounded.
        world: values of names.
    """
    plain = is_plain(right)
    here = numerals(right) if plain else numerals(right) - numerals(left)
    new = {text for text in here if NUMERAL.fullmatch(text) and text != "10"}
    if not (plain and rounded):
        new = {text for text in new if _has_point(text) and (plain or rounded)}
    loose, balls = loosened(right, new)
    try:
        value = evaluate(loose, {**world.values, **balls}, world.functions)
    except (EvaluationError, Ambiguous, NumeralError, KeyError, ValueError):
        return None
    flat = entries(value)
    if not flat or not all(isinstance(x, (arb, fmpq)) for x in flat):
        return None
    texts = [node.text for node in walk(right) if isinstance(node, Number)] if plain else []
    digits = (
        tuple(map(_significant, texts[: len(flat)]))
        if len(texts) == len(flat) or (texts and len(flat) == 1)
        else tuple(map(_digits_of_value, flat))
    )
    single = len(flat) == 1 and len(texts) == 1
    percent = isinstance(right, Apply) and right.head == "quotient" and texts[1:] == ["100"]
    places = _places(texts[0]) if single else None
    return Printed(tuple(map(arb, flat)), digits, places, percent)


def loosely(right: Formula, copied: set[str], world: World) -> Printed | None:
    """The same with every decimal that is not copied as a rounded one; None where nothing changes."""
    new = {text for text in numerals(right) - copied if _may_be_rounded(text)}
    if is_plain(right) or not new:
        return None
    loose, balls = loosened(right, new)
    try:
        value = evaluate(loose, {**world.values, **balls}, world.functions)
    except (EvaluationError, Ambiguous, NumeralError, KeyError, ValueError):
        return None
    flat = tuple(x for x in entries(value) if isinstance(x, arb))
    return Printed(flat, tuple(map(_digits_of_value, flat)), None, False)


def _may_be_rounded(text: str) -> bool:
    plain = NUMERAL.fullmatch(text) and _has_point(text)
    return bool(plain) and _significant(text) >= LEAST_DIGITS


def _has_point(text: str) -> bool:
    return "." in text or "e" in text


def _places(text: str) -> int | None:
    return decimal_places(text) if NUMERAL.fullmatch(text) else None


def _significant(text: str) -> float:
    """Significant digits; zeros at the end of a whole number say half as much."""
    plain = text.lstrip("-").partition("e")[0].lstrip("0.").replace(".", "")
    zeros = 0 if "." in text else len(plain) - len(plain.rstrip("0"))
    return max(1.0, len(plain) - zeros / 2)


def _digits_of_value(value: Value) -> float:
    """The digits that an expression stands for."""
    if isinstance(value, fmpq):
        full = in_full(value)
        if full is not None:
            return _significant(full.rstrip("0").rstrip(".") if "." in full else full)
        return float(len(str(abs(value.p))) + len(str(value.q)))
    middle, radius = abs(float(arb(value).mid())), float(arb(value).rad())
    if not 0.0 < middle < inf or radius <= middle * 10.0**-MANY_DIGITS:
        return MANY_DIGITS
    return max(1.0, log10(middle / radius)) if radius < middle else 1.0

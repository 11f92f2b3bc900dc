"""Numerals that were rounded, as balls: whether two sides can meet within half a unit of a digit."""

from __future__ import annotations

from flint import arb, fmpq

from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import EvaluationError, Value, entries, evaluate
from derivations.formula.numerals import Ambiguous, decimal_places
from derivations.formula.tree import Apply, Formula, Name, Number, rewrite, walk
from derivations.truth.judge import World, ball

LONG = 5  # significant digits of a numeral that somebody gives, at most
COARSE = arb(fmpq(1, 10))  # of a value: by how much "=" may round it
MUCH = 1000  # units of the last digit


def numerals(formula: Formula) -> set[str]:
    """The numerals of a formula as they are written."""
    return {node.text for node in walk(formula) if isinstance(node, Number)}


def results(plain: Formula) -> set[str]:
    """The numerals of a result that may be rounded: beside decimals, whole numbers are exact."""
    here = numerals(plain)
    return {text for text in here if _has_point(text)} or here


def is_finer(right: Formula, left: Formula) -> bool:
    """Whether a decimal has more digits behind the point than the one that it is said to be."""
    if not isinstance(right, Number) or not isinstance(left, Number) or not _has_point(left.text):
        return False
    return decimal_places(right.text) > decimal_places(left.text)


def meets(
    left: Formula, sign: str, right: Formula, world: World, rounded: set[str], stated: set[str]
) -> bool:
    """Whether the right side is the left one, rounded.

    Args:
        left, sign, right: the relation, all in numbers in this world.
        world: values of names.
        rounded: numerals that the text rounded before; on the left they stand for balls.
        stated: numerals that are exact: on the right they stand for themselves.
    """
    new = _rounded_here(left, sign, right, stated)
    if new is None:
        return False
    if sign == "≈":  # so many digits that nobody gave are the result of something
        rounded = rounded | set(filter(is_long, numerals(left) - stated))
    sides = [(left, dict[str, arb]())]
    if not is_plain(left):  # what stands there in digits is rounded as it stands
        sides.append(loosened(left, rounded))
    for side, balls in sides:
        try:
            value = evaluate(side, {**world.values, **balls}, world.functions)
            loose, more = loosened(right, new)
            other = evaluate(loose, {**world.values, **more}, world.functions)
            pairs = list(zip(entries(value), entries(other), strict=True))
        except (EvaluationError, Ambiguous, KeyError, ValueError):
            continue
        if (balls and _is_much_finer(right, value)) or (sign == "=" and _is_coarse(right, value)):
            continue
        if all(_touch(x, y) for x, y in pairs):
            return True
    return False


def is_scalar_numeral(formula: Formula) -> bool:
    """One numeral, with its sign or without."""
    while isinstance(formula, Apply) and formula.head in ("neg", "group"):
        formula = formula.args[0]
    return isinstance(formula, Number)


def _is_much_finer(right: Formula, value: Value) -> bool:
    """Whether a decimal shows far more digits than the rounded numerals that it is made of give."""
    if not isinstance(right, Number) or not isinstance(value, arb) or not _has_point(right.text):
        return False
    return bool(value.rad() > MUCH * arb(10) ** -decimal_places(right.text))


def _is_coarse(right: Formula, value: Value) -> bool:
    """Whether a single digit is far from the value: 0.05 = 0.1 is no rounding, 0.65 = 0.7 may be one."""
    if not isinstance(right, Number) or isinstance(value, tuple) or _digits(right.text) != 1:
        return False
    found = evaluate(right, {}, {})
    return bool(abs(arb(found) - arb(value)) > COARSE * abs(arb(value)))


def _rounded_here(left: Formula, sign: str, right: Formula, stated: set[str]) -> set[str] | None:
    """The numerals on the right that may be rounded; None where nobody would write it so.

    A result may be rounded to any digit, under "=" to a digit behind the point only (2.4 = 2 is no
    rounding). In a formula, what was stated or stood on the left is copied.
    """
    here = numerals(right)
    if is_plain(right) and not _divides(right):
        if sign == "≈":
            return results(right)
        return {text for text in here if _has_point(text)} or None
    new = {text for text in here - numerals(left) - stated if _has_point(text)}
    return new if sign == "≈" else {text for text in new if _digits(text) > 1}


def _divides(plain: Formula) -> bool:
    """``0.4/0.1``: decimals that were put in, and no result as 1/3 is one."""
    quotients = [n for n in walk(plain) if isinstance(n, Apply) and n.head == "quotient"]
    return any(_has_point(text) for node in quotients for text in numerals(node))


def is_long(text: str) -> bool:
    """Whether a decimal has more digits than somebody gives."""
    return _has_point(text) and _digits(text) > LONG


def _has_point(text: str) -> bool:
    return "." in text or "e" in text


def _digits(text: str) -> int:
    """Significant digits of a decimal."""
    return len(text.partition("e")[0].lstrip("-").replace(".", "").lstrip("0"))


def _touch(a: Value, b: Value) -> bool:
    """Whether two values can be the same; two rationals only if they are."""
    difference = a - b
    return bool(difference == 0 if isinstance(difference, fmpq) else difference.contains(0))


def loosened(formula: Formula, texts: set[str]) -> tuple[Formula, dict[str, arb]]:
    """The formula with a name for each numeral of these, and a ball for each name."""
    balls: dict[str, arb] = {}

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Number) or node.text not in texts or "/" in node.text:
            return None
        balls[f"~{node.text}"] = ball(node.text)
        return Name(f"~{node.text}")

    return rewrite(formula, rule), balls

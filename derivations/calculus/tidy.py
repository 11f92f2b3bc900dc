"""Small tidying of a derivative, as a teacher does it: no 1x, no + 0, no double signs.

Nothing is reordered, expanded or simplified beyond what the eye does while writing; numbers
in front are multiplied (``1/2 · 2 (y - t)`` is ``y - t``), signs move to the front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

from flint import fmpq

from derivations.formula.numerals import exact, in_full
from derivations.formula.tree import (
    Apply,
    Formula,
    Number,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    sum_of,
)

ZERO, ONE = Number("0"), Number("1")


def constant(formula: Formula) -> fmpq | None:
    """The number that a formula of numerals alone writes (``1/2``, ``-3``), else None."""
    if isinstance(formula, Number):
        return exact(formula.text)
    if not isinstance(formula, Apply):
        return None
    if formula.head == "neg":
        inside = constant(formula.args[0])
        return None if inside is None else -inside
    if formula.head == "quotient":
        above, below = map(constant, formula.args)
        return None if above is None or not below else above / below
    return None


def written(value: fmpq, decimal: bool = False) -> Formula:
    """A rational as a teacher writes a coefficient: 2, 0.1, or the fraction 1/3.

    What comes of decimals stays ``decimal`` where it can: 2 times 0.1 is 0.2, not 1/5.
    """
    if value < 0:
        return neg(written(-value, decimal))
    if value.q == 1:
        return number(int(value.p))
    text = in_full(value)
    if text is not None and len(text) <= 6 and (decimal or value.q > 8):
        return Number(text)
    return quotient(number(int(value.p)), number(int(value.q)))


def tidy(formula: Formula) -> Formula:
    """The formula with ones, zeros and signs put in order, from the inside out."""
    if not isinstance(formula, Apply):
        return formula
    args = tuple(map(tidy, formula.args))
    rule = RULES.get(formula.head)
    return rule(*args) if rule else Apply(formula.head, args, formula.span)


def signed(formula: Formula) -> tuple[bool, Formula]:
    """Whether a minus stands in front, and the formula without it."""
    if isinstance(formula, Apply) and formula.head == "neg":
        minus, rest = signed(formula.args[0])
        return not minus, rest
    return False, formula


def _sum(*terms: Formula) -> Formula:
    kept: list[Formula] = []
    for term in terms:
        if constant(term) == 0:
            continue
        kept.extend(term.args if isinstance(term, Apply) and term.head == "sum" else (term,))
    return sum_of(*kept)


def _neg(inside: Formula) -> Formula:
    minus, rest = signed(inside)
    if constant(rest) == 0:
        return ZERO
    return rest if minus else neg(rest)


def _product(*factors: Formula) -> Formula:
    coefficient, minus = fmpq(1), False
    kept: list[Formula] = []
    written_as: list[Formula] = []
    flat: list[Formula] = []
    for factor in factors:
        negative, factor = signed(factor)
        minus ^= negative
        flat.extend(factor.args if _is(factor, "product") else (factor,))
    for factor in flat:
        negative, factor = signed(factor)
        minus ^= negative
        value = constant(factor)
        if value is None:
            kept.append(factor)
        else:
            coefficient *= value
            written_as.append(factor)
    if coefficient == 0:
        return ZERO
    kept, coefficient = _denominator_cancelled(*_fractions_joined(kept, coefficient))
    if coefficient != 1 or not kept:
        front = (
            written_as[0]
            if len(written_as) == 1 and constant(written_as[0]) == coefficient
            else None
        )
        decimal = any(isinstance(n, Number) and "." in n.text for n in written_as)
        kept.insert(0, front or written(coefficient, decimal))
    result = product(*kept)
    return neg(result) if minus else result


def _fractions_joined(factors: list[Formula], coefficient: fmpq) -> tuple[list[Formula], fmpq]:
    """``t · 1/y`` is ``t/y``: a fraction with a number above takes in the factor before it."""
    joined: list[Formula] = []
    for factor in factors:
        if _is(factor, "quotient") and (above := constant(factor.args[0])) is not None:
            coefficient *= above
            if joined and not _is(joined[-1], "quotient"):
                joined.append(quotient(joined.pop(), factor.args[1]))
            else:
                joined.append(quotient(ONE, factor.args[1]))
        else:
            joined.append(factor)
    if coefficient.q == 1 and abs(coefficient) != 1 and joined:
        first, *rest = joined
        if _is(first, "quotient") and first.args[0] == ONE:
            return [quotient(written(coefficient), first.args[1]), *rest], fmpq(1)
    return joined, coefficient


def _denominator_cancelled(factors: list[Formula], coefficient: fmpq) -> tuple[list[Formula], fmpq]:
    """``2 (c/2)`` is ``c``: the number in front that stands below a fraction goes with it."""
    for place, factor in enumerate(factors):
        if coefficient != 1 and _is(factor, "quotient") and constant(factor.args[1]) == coefficient:
            return [*factors[:place], factor.args[0], *factors[place + 1 :]], fmpq(1)
    return factors, coefficient


def _is(formula: Formula, head: str) -> TypeGuard[Apply]:
    return isinstance(formula, Apply) and formula.head == head


def _quotient(above: Formula, below: Formula) -> Formula:
    minus, above = signed(above)
    if constant(above) == 0:
        return ZERO
    result = above if constant(below) == 1 else _cancelled(above, below)
    return neg(result) if minus else result


def _cancelled(above: Formula, below: Formula) -> Formula:
    """``4 v^3/4`` is v^3, ``2 x/6`` is x/3: whole numbers are cancelled."""
    divisor = constant(below)
    if divisor is None or divisor == 0 or divisor.q != 1 or not _is(above, "product"):
        return quotient(above, below)
    front, *rest = above.args
    number_in_front = constant(front)
    if number_in_front is None or number_in_front.q != 1:
        return quotient(above, below)
    ratio = number_in_front / divisor
    if ratio.q == divisor:
        return quotient(above, below)
    kept = product(*([] if ratio.p == 1 else [number(int(ratio.p))]), *rest)
    return kept if ratio.q == 1 else quotient(kept, number(int(ratio.q)))


def _power(base: Formula, exponent: Formula) -> Formula:
    if constant(exponent) == 1:
        return base
    if constant(exponent) == 0:
        return ONE
    return power(base, exponent)


def _matmul(*factors: Formula) -> Formula:
    return Apply("matmul", factors) if len(factors) > 1 else factors[0]


def _hadamard(*factors: Formula) -> Formula:
    minus = False
    flat: list[Formula] = []
    for factor in factors:
        negative, factor = signed(factor)
        minus ^= negative
        flat.extend(factor.args if _is(factor, "hadamard") else (factor,))
    if any(constant(factor) == 0 for factor in flat):
        return ZERO
    kept = [factor for factor in flat if constant(factor) != 1]
    result = Apply("hadamard", tuple(kept)) if len(kept) > 1 else (kept or [ONE])[0]
    return neg(result) if minus else result


RULES: dict[str, Callable[..., Formula]] = {
    "sum": _sum,
    "neg": _neg,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "hadamard": _hadamard,
}


def lift_numbers(formula: Formula) -> Formula:
    """Numerals with a sign of their own become a minus and a numeral, so that signs can move."""
    return rewrite(
        formula,
        lambda node: (
            neg(Number(node.text[1:]))
            if isinstance(node, Number) and node.text.startswith("-")
            else None
        ),
    )

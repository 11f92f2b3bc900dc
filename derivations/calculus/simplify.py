"""Shorter forms of a derivative: numbers cancelled, powers joined, a common denominator where it helps."""

from __future__ import annotations

from math import gcd

import sympy as sp
from flint import fmpq

from derivations.calculus.tidy import constant, tidy, written
from derivations.formula.sympy_bridge import NoBridge, from_sympy, to_sympy
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    number,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    walk,
)

SHORTER = 0.75  # how much shorter a form has to be, to be written instead
ALGEBRA = frozenset({"sum", "neg", "product", "quotient", "power", "group"})
HIGHEST = 12  # exponents of sums that are multiplied out
LONGEST = 120  # nodes that are worth a try


def simplified(formula: Formula) -> Formula:
    """The formula in a form that a teacher would stop at; as it is, where it is short already.

    Calls of functions are kept as they stand.
    """
    by_hand = _settled(formula)
    collected = _collected(by_hand)
    if collected is not None and _size(collected) <= SHORTER * _size(by_hand):
        return collected
    return by_hand


def _settled(formula: Formula) -> Formula:
    """Small steps until nothing changes: 2x/2, (a^2)^2, (√u)²."""
    while (after := tidy(_small(formula))) != formula:
        formula = after
    return formula


def _size(formula: Formula) -> int:
    return sum(1 for _ in walk(formula))


def _small(formula: Formula) -> Formula:
    if not isinstance(formula, Apply):
        return formula
    args = tuple(map(_small, formula.args))
    if formula.head == "quotient":
        return _quotient(*args)
    if formula.head == "power":
        return _power(*args)
    if formula.head == "product":
        return _product(args)
    return Apply(formula.head, args, formula.span)


def _quotient(above: Formula, below: Formula) -> Formula:
    """Common whole factors cancelled; a fraction below turned over."""
    if isinstance(below, Apply) and below.head == "quotient":
        return _quotient(product(above, below.args[1]), below.args[0])
    if isinstance(above, Apply) and above.head == "quotient":
        return _quotient(above.args[0], product(above.args[1], below))
    (a, rest_above), (b, rest_below) = _number_in(above), _number_in(below)
    common = gcd(a, b)
    factors_above, factors_below = list(rest_above), list(rest_below)
    for factor in rest_below:
        if factor in factors_above:
            factors_above.remove(factor)
            factors_below.remove(factor)
    if common == 1 and len(factors_above) == len(rest_above):
        return quotient(above, below)
    left = _times(a // common, factors_above)
    right = _times(b // common, factors_below)
    return left if right == Number("1") else quotient(left, right)


def _number_in(formula: Formula) -> tuple[int, tuple[Formula, ...]]:
    """A whole number in front, and the other factors."""
    if (value := constant(formula)) is not None and value.q == 1 and value > 0:
        return int(value.p), ()
    if not (isinstance(formula, Apply) and formula.head == "product"):
        return 1, (formula,)
    front, *rest = formula.args
    value = constant(front)
    if value is not None and value.q == 1 and value > 0:
        return int(value.p), tuple(rest)
    return 1, formula.args


def _times(value: int, factors: list[Formula]) -> Formula:
    return product(*([number(value)] if value != 1 or not factors else []), *factors)


def _power(base: Formula, exponent: Formula) -> Formula:
    outer = constant(exponent)
    if isinstance(base, Apply) and outer is not None and outer.q == 1:
        inner = constant(base.args[1]) if base.head == "power" else None
        if inner is not None and inner.q == 1:
            return power(base.args[0], written(inner * outer))
        if base.head == "sqrt" and outer == 2:
            return base.args[0]
    return power(base, exponent)


def _product(factors: tuple[Formula, ...]) -> Formula:
    """Equal factors as a power, at the place of the first."""
    kept: list[tuple[Formula, fmpq]] = []
    for factor in factors:
        base, exponent = factor, fmpq(1)
        if isinstance(factor, Apply) and factor.head == "power":
            value = constant(factor.args[1])
            if value is not None and value.q == 1:
                base, exponent = factor.args[0], value
        place = next((k for k, (known, _) in enumerate(kept) if known == base), None)
        if place is None or constant(base) is not None:
            kept.append((base, exponent))
        else:
            kept[place] = (base, kept[place][1] + exponent)
    return product(*(base if e == 1 else power(base, written(e)) for base, e in kept))


def _is_high(formula: Formula) -> bool:
    """A power that would be long when it is multiplied out."""
    if not (isinstance(formula, Apply) and formula.head == "power"):
        return False
    value = constant(formula.args[1])
    return value is None or value.q != 1 or abs(value) > HIGHEST


def _collected(formula: Formula) -> Formula | None:
    """Over a common denominator and factored, with every call kept as it stands."""
    if _size(formula) > LONGEST or any(
        isinstance(node, Apply) and node.head in ("cases", "max", "min", "abs", "sign", "bigsum")
        for node in walk(formula)
    ):
        return None
    if any(_is_high(node) for node in walk(formula)):
        return None
    calls: dict[Formula, str] = {}

    def as_letter(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head in ALGEBRA:
            return None
        return Name(calls.setdefault(node, f"call{len(calls)}"))

    try:
        expression = to_sympy(rewrite(formula, as_letter))
        factored = from_sympy(sp.factor(sp.together(expression)))
    except (NoBridge, sp.PolynomialError):
        return None
    whole = tidy(substitute(factored, {letter: call for call, letter in calls.items()}))
    return _in_order_of(formula, whole)


def _in_order_of(formula: Formula, other: Formula) -> Formula:
    """The other formula with the terms of its sums in the order that they have in the formula."""
    known = {
        frozenset(n.args): n for n in walk(formula) if isinstance(n, Apply) and n.head == "sum"
    }

    def in_order(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "sum":
            return known.get(frozenset(node.args))
        return None

    return rewrite(other, in_order)

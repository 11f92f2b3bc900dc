"""Limits at infinity: SymPy's, on the branch that applies far out, where the function confirms them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb, fmpq

from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.printing import text
from derivations.formula.sympy_bridge import NoBridge, to_sympy
from derivations.formula.tree import Apply, Formula, apply, names, neg, number, substitute

BITS = 128


class NoLimit(ArithmeticError):
    """No limit was found that the function itself confirms."""


def limit_of(formula: Formula, x: str, functions: Mapping[str, Function], side: int) -> Any:
    """The limit of the formula as x goes to side times infinity.

    SymPy 1.14 gives 0 for the slope of SiLU, which tends to 1; another form of the same expression
    gives 1. So several forms are asked, and only a limit that the function approaches counts
    (`tests/calculus/test_properties.py` holds the case).
    """
    symbol = sp.Symbol(x, real=True)
    try:
        far = _branch(formula, x, side, functions)
        constants = {name: sp.Symbol(name, positive=True) for name in names(far) if name != x}
        expression = to_sympy(far, functions, {**constants, x: symbol})
    except (EvaluationError, Ambiguous, NoBridge) as error:
        raise NoLimit(f"no limit of {text(formula)} was found: {error}") from None
    for form in (lambda e: e, sp.together, sp.simplify, lambda e: sp.together(e.rewrite(sp.exp))):
        try:
            limit = sp.limit(form(expression), symbol, sp.oo if side > 0 else -sp.oo)
        except (NotImplementedError, ValueError):
            continue
        number = isinstance(limit, sp.Expr) and not limit.has(sp.AccumBounds, sp.nan, sp.Limit)
        if number and _approached(limit, formula, x, functions, side):
            return limit
    raise NoLimit(f"no limit of {text(formula)} was confirmed")


def _approached(
    limit: Any, formula: Formula, x: str, functions: Mapping[str, Function], side: int
) -> bool:
    """Whether values far out come near to the limit, with every constant set to 1."""
    ones = {name: fmpq(1) for name in names(formula)}
    with precision(BITS):
        try:
            near, far = (
                evaluate(formula, {**ones, x: fmpq(side * size)}, functions)
                for size in (10**3, 10**6)
            )
        except (EvaluationError, Ambiguous):
            return False
        if limit.is_infinite:
            sign = 1 if limit.is_extended_positive else -1
            return bool(far * sign > 100 and far * sign > near * sign)
        value = limit_value(limit.subs(dict.fromkeys(limit.free_symbols, 1)))
        return bool(abs(far - value) < fmpq(1, 1000))


def _branch(formula: Formula, x: str, side: int, functions: Mapping[str, Function]) -> Formula:
    """The formula as it is far out: cases, maxima, absolute values and signs decided."""
    if not isinstance(formula, Apply):
        return formula
    if formula.head in functions:
        function = functions[formula.head]
        inside = dict(zip(function.parameters, formula.args, strict=True))
        return _branch(substitute(function.body, inside), x, side, functions)
    if formula.head == "cases":
        for value, condition in zip(formula.args[::2], formula.args[1::2], strict=True):
            if _true_far_out(condition, x, side, functions):
                return _branch(value, x, side, functions)
    args = tuple(_branch(arg, x, side, functions) for arg in formula.args)
    if formula.head in ("max", "min") and len(args) == 2:
        first_is_larger = _true_far_out(apply(">", *args), x, side, functions)
        return args[0] if first_is_larger == (formula.head == "max") else args[1]
    if formula.head in ("abs", "sign"):
        positive = _true_far_out(apply(">", args[0], number(0)), x, side, functions)
        if formula.head == "sign":
            return number(1 if positive else -1)
        return args[0] if positive else neg(args[0])
    return Apply(formula.head, args)


def _true_far_out(condition: Formula, x: str, side: int, functions: Mapping[str, Function]) -> bool:
    """Whether a condition holds for large arguments, other names being 1."""
    far = {name: fmpq(1) for name in names(condition)} | {x: fmpq(side * 1_000_003)}
    with precision(BITS):
        return bool(evaluate(condition, far, functions))


def limit_value(limit: Any) -> Value:
    if limit.is_Rational:
        return fmpq(int(limit.p), int(limit.q))
    return arb(str(sp.N(limit, 40)))

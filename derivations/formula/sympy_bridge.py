"""Formulas to SymPy and back. No text is ever handed to SymPy: objects are built one by one.

Names become positive or real symbols; named functions are written out by their bodies first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derivations.formula.evaluation import Function
from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    number,
    power,
    product,
    quotient,
    substitute,
    sum_of,
)


class NoBridge(ValueError):
    """A formula or a SymPy object that has no counterpart on the other side."""


UNARY = {
    "exp": sp.exp, "ln": sp.log, "sqrt": sp.sqrt, "abs": sp.Abs, "sign": sp.sign,
    "floor": sp.floor, "ceil": sp.ceiling, "tanh": sp.tanh, "sinh": sp.sinh, "cosh": sp.cosh,
    "sin": sp.sin, "cos": sp.cos, "atan": sp.atan, "erf": sp.erf,
}  # fmt: skip
COMPARE = {"<": sp.StrictLessThan, "<=": sp.LessThan, ">": sp.StrictGreaterThan, ">=": sp.GreaterThan,
           "==": sp.Eq, "!=": sp.Ne}  # fmt: skip


def to_sympy(
    formula: Formula,
    functions: Mapping[str, Function] | None = None,
    symbols: Mapping[str, Any] | None = None,
) -> Any:
    """The formula as a SymPy expression; names without a symbol become real ones.

    Raises:
        NoBridge: a vector, a derivative, an unknown function.
    """
    known = dict(symbols or {})

    def convert(node: Formula) -> Any:
        if isinstance(node, Number):
            value = exact(node.text)
            return sp.Rational(int(value.p), int(value.q))
        if isinstance(node, Name):
            return known.setdefault(node.id, sp.Symbol(node.id, real=True))
        if functions and node.head in functions and node.head not in UNARY:
            function = functions[node.head]
            inside = dict(zip(function.parameters, node.args, strict=True))
            return convert(substitute(function.body, inside))
        return _converted(node.head, [convert(arg) for arg in node.args])

    return convert(formula)


def _converted(head: str, args: list[Any]) -> Any:
    if head == "sum":
        return sp.Add(*args)
    if head == "product":
        return sp.Mul(*args)
    if head == "neg":
        return -args[0]
    if head == "quotient":
        return args[0] / args[1]
    if head == "power":
        return args[0] ** args[1]
    if head == "group":
        return args[0]
    if head in UNARY:
        return UNARY[head](args[0])
    if head in ("log2", "log10"):
        return sp.log(args[0]) / sp.log(int(head[3:]))
    if head == "log":
        return sp.log(*args)
    if head in ("max", "min"):
        return (sp.Max if head == "max" else sp.Min)(*args)
    if head == "pi":
        return sp.pi
    if head == "euler":
        return sp.E
    if head in COMPARE:
        return COMPARE[head](*args)
    if head in ("and", "or"):
        return (sp.And if head == "and" else sp.Or)(*args)
    if head == "otherwise":
        return sp.true
    if head == "cases":
        return sp.Piecewise(*zip(args[::2], args[1::2], strict=True))
    raise NoBridge(f"'{head}' has no counterpart in SymPy")


FROM_UNARY = {cls.__name__: head for head, cls in UNARY.items() if isinstance(cls, type)} | {
    "exp": "exp", "log": "ln",
}  # fmt: skip


def from_sympy(expression: Any) -> Formula:
    """A SymPy expression as a formula, products with their number in front.

    Raises:
        NoBridge: something that formulas here do not have.
    """
    if expression.is_Rational:
        whole = number(int(expression.p)) if expression.q == 1 else None
        if whole is not None:
            return whole
        fraction = quotient(number(abs(int(expression.p))), number(int(expression.q)))
        return neg(fraction) if expression < 0 else fraction
    if expression.is_Symbol:
        return Name(expression.name)
    if expression is sp.pi:
        return apply("pi")
    if expression is sp.E:
        return apply("euler")
    if expression.is_Add:
        return sum_of(*map(from_sympy, expression.as_ordered_terms()))
    if expression.is_Mul:
        return _from_product(expression)
    if expression.is_Pow:
        base, exponent = expression.args
        if exponent == sp.Rational(1, 2):
            return apply("sqrt", from_sympy(base))
        if exponent.is_Rational and exponent < 0:
            return quotient(number(1), from_sympy(base**-exponent))
        return power(from_sympy(base), from_sympy(exponent))
    name = type(expression).__name__
    if name in FROM_UNARY:
        return Apply(FROM_UNARY[name], tuple(map(from_sympy, expression.args)))
    raise NoBridge(f"{name} has no counterpart here")


def _from_product(expression: Any) -> Formula:
    above, below = expression.as_numer_denom()
    if below != 1:
        minus = above.could_extract_minus_sign()
        fraction = quotient(from_sympy(-above if minus else above), from_sympy(below))
        return neg(fraction) if minus else fraction
    coefficient, rest = expression.as_coeff_Mul()
    if coefficient == -1:
        return neg(from_sympy(rest))
    if coefficient.is_Rational and coefficient < 0:
        return neg(product(from_sympy(-coefficient), from_sympy(rest)))
    return product(*map(from_sympy, expression.as_ordered_factors()))

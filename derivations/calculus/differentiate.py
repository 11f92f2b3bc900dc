"""Differentiation, law by law, in the order and form of a teacher.

``D`` marks what is still to be differentiated: ``Apply("D", (formula, x))``. A law takes one
such node and writes what the law says, with D around what is left to do; working on until no D
is left gives the derivative. The same laws serve the gradients of a worked solution (only the
result is shown) and derivations that explain themselves (each step is shown).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from derivations.calculus.tidy import constant, lift_numbers, tidy, written
from derivations.formula.evaluation import Function
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    names,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
)
from derivations.formula.work import spend

ONE, TWO = Number("1"), Number("2")
COST = 20  # of a law, in operations of arithmetic


class NotDifferentiable(ArithmeticError):
    """No law gives a derivative of this formula; the message names the part."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """What is known of named functions: their derivatives as formulas in the parameter.

    ``by_input``: f' as a function of its argument; functions that are missing are
    differentiated through their ``bodies``.
    """

    by_input: Mapping[str, Function] = field(default_factory=dict)
    bodies: Mapping[str, Function] = field(default_factory=dict)


ByOutput = Callable[[Formula, Formula], Formula]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of the functions that definitions call.

    ``slopes``: derivatives by the argument. ``by_output``: f'(z) written with z and the name of
    the output, as courses write it: a(1 - a).
    """

    slopes: Slopes = Slopes()
    by_output: Mapping[str, ByOutput] = field(default_factory=dict)


def D(formula: Formula, x: str) -> Apply:
    """What is still to be differentiated."""
    return apply("D", formula, Name(x))


def depends(formula: Formula, x: str) -> bool:
    """Whether the name occurs in the formula."""
    return x in names(formula)


def differentiate(formula: Formula, x: str, slopes: Slopes | None = None) -> Formula:
    """The derivative of the formula with respect to the name, tidied.

    Raises:
        NotDifferentiable: a floor, an argmax, a comparison, an unknown function.
    """
    slopes = slopes or Slopes()

    def work(node: Formula) -> Formula | None:
        if not (isinstance(node, Apply) and node.head == "D"):
            return None
        spend(COST)
        return rewrite(law(node, slopes)[1], work)

    return tidy(lift_numbers(rewrite(D(formula, x), work)))


def law(node: Apply, slopes: Slopes) -> tuple[str, Formula]:
    """The key of the law for a ``D`` node, and what the law writes in its place."""
    formula, variable = node.args
    assert isinstance(variable, Name)
    x = variable.id
    if not depends(formula, x):
        return "constant", Number("0")
    if isinstance(formula, Name):
        return "identity", ONE
    assert isinstance(formula, Apply)
    if rule := LAWS.get(formula.head):
        return rule(formula.args, x)
    if len(formula.args) == 1 and (outer := _slope(formula, slopes)) is not None:
        return _chain(outer, formula.args[0], x, "named")
    raise NotDifferentiable(f"'{formula.head}' has no derivative here")


def _slope(formula: Apply, slopes: Slopes) -> Formula | None:
    """f'(u) for a named function f."""
    inside = formula.args[0]
    if slope := slopes.by_input.get(formula.head):
        return substitute(slope.body, {slope.parameters[0]: inside})
    if body := slopes.bodies.get(formula.head):
        parameter = body.parameters[0]
        return substitute(differentiate(body.body, parameter, slopes), {parameter: inside})
    return None


def _chain(outer: Formula, inside: Formula, x: str, law: str = "chain") -> tuple[str, Formula]:
    """Outer derivative times inner derivative; without the factor 1 for x itself."""
    if inside == Name(x):
        return law, outer
    return "chain", product(outer, D(inside, x))


def _sum(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    return "sum", sum_of(*(_signed(term, x) for term in args if depends(term, x)))


def _signed(term: Formula, x: str) -> Formula:
    if isinstance(term, Apply) and term.head == "neg":
        return neg(D(term.args[0], x))
    return D(term, x)


def _neg(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    return "factor", neg(D(args[0], x))


def _product(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    fixed = [factor for factor in args if not depends(factor, x)]
    moving = [factor for factor in args if depends(factor, x)]
    if fixed:
        return "factor", product(*fixed, D(product(*moving), x))
    terms = [
        product(*(D(other, x) if at == place else other for at, other in enumerate(moving)))
        for place in range(len(moving))
    ]
    return "product", sum_of(*terms)


def _quotient(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    above, below = args
    if not depends(below, x):
        return "factor", quotient(D(above, x), below)
    if not depends(above, x):
        slope = product(above, quotient(D(below, x), power(below, 2)))
        return "reciprocal", neg(slope)
    return "quotient", quotient(
        difference(product(D(above, x), below), product(above, D(below, x))), power(below, 2)
    )


def _power(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    base, exponent = args
    if constant(exponent) == 2 and isinstance(base, Apply) and base.head in ("norm", "abs"):
        base = base.args[0]  # |u|^2 is u^2
    if not depends(exponent, x):
        value = constant(exponent)
        less = difference(exponent, ONE) if value is None else written(value - 1)
        return _chain(product(exponent, power(base, less)), base, x, "power")
    if not depends(base, x):
        return _chain(product(power(base, exponent), apply("ln", base)), exponent, x, "exponential")
    return "exponential", product(power(base, exponent), D(product(exponent, apply("ln", base)), x))


def _logarithm(base: int | None) -> Callable[[tuple[Formula, ...], str], tuple[str, Formula]]:
    def rule(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
        inside = args[0]
        of_base = number(base) if base else (args[1] if len(args) > 1 else None)
        if of_base is not None and depends(of_base, x):
            return "logarithm", D(quotient(apply("ln", inside), apply("ln", of_base)), x)
        below = inside if of_base is None else product(inside, apply("ln", of_base))
        if inside == Name(x):
            return "logarithm", quotient(ONE, below)
        return "logarithm", quotient(D(inside, x), below)

    return rule


def _by(outer: Callable[[Formula], Formula], key: str) -> Callable[..., tuple[str, Formula]]:
    def rule(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
        return _chain(outer(args[0]), args[0], x, key)

    return rule


def _sqrt(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    below = product(TWO, apply("sqrt", args[0]))
    above = ONE if args[0] == Name(x) else D(args[0], x)
    return "power", quotient(above, below)


def _extreme(larger: bool) -> Callable[[tuple[Formula, ...], str], tuple[str, Formula]]:
    def rule(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
        if len(args) != 2:
            raise NotDifferentiable("the maximum of more than two values")
        first, second = args
        if not depends(first, x):
            first, second = second, first
        return "piecewise", apply(
            "cases", D(first, x), apply(">" if larger else "<", first, second),
            D(second, x), apply("<" if larger else ">", first, second),
        )  # fmt: skip

    return rule


def _cases(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    pairs = zip(args[::2], args[1::2], strict=True)
    return "piecewise", Apply(
        "cases", tuple(part for value, when in pairs for part in (D(value, x), when))
    )


def _bigsum(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    if any(x in names(bound) for bound in args[1:3]):
        raise NotDifferentiable(f"'{x}' is a bound of a sum, which is a whole number")
    return "sum", Apply("bigsum", (*args[:3], D(args[3], x)))


def _mean(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    return "sum", quotient(sum_of(*(D(arg, x) for arg in args)), number(len(args)))


def _sum_entries(args: tuple[Formula, ...], x: str) -> tuple[str, Formula]:
    return "sum", sum_of(*(D(arg, x) for arg in args))


LAWS: dict[str, Callable[[tuple[Formula, ...], str], tuple[str, Formula]]] = {
    "sum": _sum,
    "neg": _neg,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "group": lambda args, x: ("identity", D(args[0], x)),
    "exp": _by(lambda u: apply("exp", u), "exponential"),
    "ln": _logarithm(None),
    "log": _logarithm(None),
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "sqrt": _sqrt,
    "abs": _by(lambda u: apply("sign", u), "absolute"),
    "norm": _by(lambda u: apply("sign", u), "absolute"),
    "tanh": _by(lambda u: difference(ONE, power(apply("tanh", u), 2)), "tanh"),
    "sinh": _by(lambda u: apply("cosh", u), "hyperbolic"),
    "cosh": _by(lambda u: apply("sinh", u), "hyperbolic"),
    "sin": _by(lambda u: apply("cos", u), "sine"),
    "cos": _by(lambda u: neg(apply("sin", u)), "sine"),
    "atan": _by(lambda u: quotient(ONE, sum_of(ONE, power(u, 2))), "arctangent"),
    "erf": _by(
        lambda u: product(
            quotient(TWO, apply("sqrt", apply("pi"))), apply("exp", neg(power(u, 2)))
        ),
        "error-function",
    ),
    "max": _extreme(True),
    "min": _extreme(False),
    "cases": _cases,
    "bigsum": _bigsum,
    "mean": _mean,
    "sum_entries": _sum_entries,
}

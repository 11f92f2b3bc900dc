"""Derivatives of derivatives: ∂²L/∂w² as the derivative of a formula for ∂L/∂w."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.formula.evaluation import Function
from derivations.formula.tree import Formula, names, substitute, walk

MOST_NODES = 400  # of a definition with those that it rests on put in


def first_derivative(
    formula: Formula,
    wrt: str,
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
) -> Formula | None:
    """The derivative of a scalar formula, with definitions put in; None where there is none."""
    for _ in range(len(definitions) + 1):
        inside = {n: f for n, f in definitions.items() if n in set(names(formula)) and n != wrt}
        if not inside:
            break
        formula = substitute(formula, inside)
        if sum(1 for _ in walk(formula)) > MOST_NODES:
            return None
    try:
        return differentiate(formula, wrt, Slopes(bodies=functions))
    except (NotDifferentiable, ArithmeticError, KeyError):
        return None

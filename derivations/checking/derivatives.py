"""Derivatives of derivatives: ∂²L/∂w² as the derivative of a formula for ∂L/∂w."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.checking.knowledge import Knowledge
from derivations.formula.evaluation import Function
from derivations.formula.tree import Apply, Formula, names, substitute, walk
from derivations.formula.work import spend

MOST_NODES = 400  # of a definition with those that it rests on put in


def first_derivative(
    formula: Formula,
    wrt: str,
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
) -> Formula | None:
    """The derivative of a scalar formula, with definitions put in; None where there is none."""
    for _ in range(len(definitions) + 1):
        used = set(names(formula)) - {wrt}
        inside = {name: definitions[name] for name in used & set(definitions)}
        if not inside:
            break
        formula = substitute(formula, inside)
        size = sum(1 for _ in walk(formula))
        spend(size)
        if size > MOST_NODES:
            return None
    try:
        found = differentiate(formula, wrt, Slopes(bodies=functions))
        return found if sum(1 for _ in walk(found)) <= MOST_NODES else None
    except (NotDifferentiable, ArithmeticError, KeyError):
        return None


def is_upside_down(quantity: Apply, known: Knowledge) -> bool:
    """∂w/∂L, where L rests on w and w on nothing that follows from L."""
    turned = Apply(quantity.head, quantity.args[::-1])
    return known.derivable(turned) and not known.derivable(quantity)

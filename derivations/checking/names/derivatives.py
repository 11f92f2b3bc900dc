"""Derivatives of derivatives, ∂²L/∂w² as that of a formula for ∂L/∂w, and which can be computed."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free
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


def is_upside_down(known: Knowledge, quantity: Apply) -> bool:
    """∂w/∂L, where L rests on w and w on nothing that follows from L."""
    turned = Apply(quantity.head, quantity.args[::-1])
    return known.derivable(turned) and not known.derivable(quantity)


def has_derivatives(known: Knowledge, quantity: Apply) -> bool:
    """Whether the upper name of a derivative is defined, so that it moves with others."""
    of, wrt = quantity.args
    if known.unwritten.of(quantity):
        return known.derivable(quantity)
    if is_derivative(of):
        return is_second(known, quantity)
    entries = base_of(of) == base_of(wrt) and base_of(of) in known.stated_names
    return of == wrt or entries or known.moves(base_of(of))


def is_derivative(formula: Formula) -> bool:
    """Whether it is a derivative by its name."""
    return isinstance(formula, Apply) and formula.head in ("partial", "total")


def is_second(known: Knowledge, quantity: Formula) -> bool:
    """``∂²L/(∂z_i ∂z_k)`` of an L that the text says, with all that it is made of."""
    if not isinstance(quantity, Apply) or not is_derivative(quantity):
        return False
    first, wrt = quantity.args
    if not isinstance(first, Apply) or not is_derivative(first) or known.unwritten.of(first):
        return False
    said = known.inside(*free(first)).isdisjoint(known.functions_of)
    other = Apply("partial", (first.args[0], wrt))
    return said and known.derivable(first) and known.derivable(other)

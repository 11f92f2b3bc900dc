"""Gradients by adjoints: backwards over a list of definitions, one adjoint for each name.

The adjoint of a name is the derivative of the loss by it: the sum, over everything that is
defined directly by the name, of that thing's adjoint times the local slope. Each definition is
looked at once, so the work grows with the length of the list, never with the composed formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derivations.calculus.differentiate import NotDifferentiable, Rules, differentiate
from derivations.calculus.pullbacks import Pullback
from derivations.calculus.tidy import tidy
from derivations.formula.shapes import Shape
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    names,
    partial,
    product,
    sum_of,
)


@dataclass(frozen=True, slots=True)
class Adjoint:
    """∂loss/∂name.

    Attributes:
        name: the quantity that is moved.
        through: what is defined directly by it and leads to the loss, in order.
        slopes: the local slope for each of them; None where it is part of a matrix product.
        formula: the adjoint over adjoints that come earlier in the list.
    """

    name: str
    through: tuple[str, ...]
    slopes: tuple[Formula | None, ...]
    formula: Formula


def local_slope(name: str, formula: Formula, wrt: str, rules: Rules) -> Formula:
    """∂name/∂wrt for ``name = formula``, both scalars, as a teacher writes it.

    Raises:
        NotDifferentiable: no law applies.
    """
    if isinstance(formula, Apply) and len(formula.args) == 1 and formula.head in rules.by_output:
        inside = formula.args[0]
        outer = rules.by_output[formula.head](inside, Name(name))
        return tidy(product(outer, differentiate(inside, wrt, rules.slopes)))
    return differentiate(formula, wrt, rules.slopes)


def adjoints(
    definitions: Mapping[str, Formula],
    loss: str,
    wanted: frozenset[str],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> list[Adjoint]:
    """The adjoints that lead from the loss back to the wanted names, in the order of working.

    Args:
        definitions: in order, each over givens and earlier names.
        loss: the scalar that is differentiated.
        wanted: names by which it is differentiated; what lies on the way is included.
    """
    needed = _on_the_way(definitions, loss, wanted)
    consumers: dict[str, list[str]] = {}
    order = list(definitions)
    above = upstream(definitions, loss)
    for name in order:
        if name in above:
            for used in names(definitions[name]):
                if used in needed and used != name:
                    consumers.setdefault(used, []).append(name)
    parts: dict[str, dict[str, Formula]] = {}
    done: list[Adjoint] = []
    finished: set[str] = {loss}
    for name in _outwards(order, definitions, loss):
        parts[name] = _contributions(name, definitions[name], loss, needed, rules, shapes)
        for used in names(definitions[name]):
            ready = used in needed and all(consumer in parts for consumer in consumers[used])
            if ready and used not in finished:
                done.append(
                    _adjoint(used, consumers[used], parts, loss, definitions, rules, shapes)
                )
                finished.add(used)
    return done


MOST_PATHS = 64


def paths(definitions: Mapping[str, Formula], loss: str, wrt: str) -> list[tuple[str, ...]]:
    """Every way from the loss down to a name: (loss, ..., wrt), in the order of the definitions.

    Raises:
        NotDifferentiable: there are none, or more than anybody would write out.
    """
    between = _on_the_way(definitions, loss, frozenset({wrt}))
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [(loss,)]
    while waiting:
        path = waiting.pop()
        if path[-1] == wrt:
            found.append(path)
            if len(found) > MOST_PATHS:
                raise NotDifferentiable(f"more than {MOST_PATHS} paths lead from {loss} to {wrt}")
            continue
        formula = definitions.get(path[-1])
        below = names(formula) if formula is not None else ()
        waiting.extend((*path, name) for name in reversed(below) if name in between)
    if not found:
        raise NotDifferentiable(f"{loss} does not depend on {wrt}")
    return found


def _outwards(order: list[str], definitions: Mapping[str, Formula], loss: str) -> list[str]:
    """Everything the loss is defined by, nearest first; what is equally far in its own order."""
    distance = {loss: 0}
    for name in reversed(order):
        if name in distance:
            for used in names(definitions[name]):
                distance[used] = max(distance.get(used, 0), distance[name] + 1)
    return sorted((name for name in order if name in distance), key=lambda name: distance[name])


def upstream(definitions: Mapping[str, Formula], loss: str) -> set[str]:
    """Everything the loss depends on, itself included."""
    reached, waiting = {loss}, [loss]
    while waiting:
        formula = definitions.get(waiting.pop())
        for used in names(formula) if formula is not None else ():
            if used not in reached:
                reached.add(used)
                waiting.append(used)
    return reached


def _on_the_way(definitions: Mapping[str, Formula], loss: str, wanted: frozenset[str]) -> set[str]:
    """Names between the wanted ones and the loss, the wanted ones included."""
    above = upstream(definitions, loss)
    moved = set(wanted & above)
    for name, formula in definitions.items():
        if name in above and moved & set(names(formula)):
            moved.add(name)
    return moved - {loss}


def _adjoint(
    name: str,
    consumers: list[str],
    parts: Mapping[str, Mapping[str, Formula]],
    loss: str,
    definitions: Mapping[str, Formula],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> Adjoint:
    formula = tidy(sum_of(*(parts[consumer][name] for consumer in consumers)))
    slopes = tuple(
        None
        if shapes.get(name) or shapes.get(consumer)
        else local_slope(consumer, definitions[consumer], name, rules)
        for consumer in consumers
    )
    return Adjoint(name, tuple(consumers), slopes, formula)


def _contributions(
    name: str,
    formula: Formula,
    loss: str,
    needed: set[str],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> dict[str, Formula]:
    """What the adjoint of ``name`` gives to the adjoint of each name in its formula."""
    used = [other for other in names(formula) if other in needed]
    upstream = Number("1") if name == loss else partial(Name(loss), Name(name))
    if not shapes.get(name) and not any(shapes.get(other) for other in names(formula)):
        return {
            other: tidy(product(upstream, local_slope(name, formula, other, rules)))
            for other in used
        }
    found: dict[str, list[Formula]] = {other: [] for other in used}
    Pullback(name, formula, rules, shapes, found).back(formula, upstream, shapes.get(name, ()))
    return {other: tidy(sum_of(*terms)) for other, terms in found.items()}

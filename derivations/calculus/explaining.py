"""Differentiation as a chain of lines, each by one law.

``D(f, x)`` is worked off from the outside in. With full detail every application of a law is a line
of its own; the standard joins sums, constant factors and whatever is linear with the law that
follows, and applies one law wherever it stands ready; brief keeps the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from derivations.calculus.differentiate import Slopes, depends, differentiate, law
from derivations.calculus.tidy import tidy
from derivations.formula.tree import Apply, Formula, Name, children, rewrite

Detail = Literal["brief", "standard", "full"]
SIMPLIFY = "simplify"
LINEAR = frozenset({"sum", "factor", "identity", "constant"})


def explained(
    node: Apply, slopes: Slopes, detail: Detail | None = None
) -> list[tuple[str, Formula]]:
    """The lines after ``D(f, x)``: the key of a law, and what is equal by it.

    Raises:
        NotDifferentiable: a part has no derivative; the message names it.
    """
    formula, variable = node.args
    assert isinstance(variable, Name)
    result = differentiate(formula, variable.id, slopes)
    if detail == "brief":
        return [("derivative", result)]
    lines = list((_all_laws if detail == "full" else _joined)(node, slopes))
    if not lines or lines[-1][1] != result:
        lines.append((SIMPLIFY, result))
    return lines


def _all_laws(node: Apply, slopes: Slopes) -> Iterator[tuple[str, Formula]]:
    current: Formula = node
    while (at := _first(current)) is not None:
        key, written = law(at, slopes)
        current = _put(current, at, written)
        if key == "identity" and isinstance(at.args[0], Apply):
            continue  # only brackets went
        yield key, current
        tidied = tidy(current)
        if tidied != current:
            current = tidied
            if _first(current) is None:
                yield SIMPLIFY, current


def _joined(node: Apply, slopes: Slopes) -> Iterator[tuple[str, Formula]]:
    current: Formula = node
    while (at := _first(current)) is not None:
        key, current = _step(current, at, slopes)
        current = tidy(current)
        yield key, current


def _step(current: Formula, at: Apply, slopes: Slopes) -> tuple[str, Formula]:
    """One line: the law for the first D, wherever that law is next, and what is linear."""
    key, written = law(at, slopes)
    current = _put(current, at, _linear_done(written, slopes))
    while key in LINEAR and (at := _first(current)) is not None:
        key, written = law(at, slopes)
        current = _put(current, at, _linear_done(written, slopes))
    for other in list(_open(current)):
        if (
            other.args[0] != at.args[0]
            and law(other, slopes)[0] == key
            and not _inside(written, other)
        ):
            current = _put(current, other, _linear_done(law(other, slopes)[1], slopes))
    return key, current


def _inside(written: Formula, node: Apply) -> bool:
    """Whether the node came up in this very step."""
    return any(each is node or each == node for each in _open(written))


def _linear_done(formula: Formula, slopes: Slopes) -> Formula:
    """What is left to do, without the parts whose derivative is a number."""

    def rule(node: Formula) -> Formula | None:
        if not _is_open(node):
            return None
        assert isinstance(node, Apply)
        assert isinstance(node.args[1], Name)
        inside, x = node.args[0], node.args[1].id
        if not _is_linear(inside, x):
            return node
        return differentiate(inside, x, slopes)

    return rewrite(formula, rule)


def _is_linear(formula: Formula, x: str) -> bool:
    """A sum of constants and of constants times x."""
    if isinstance(formula, Name) or not depends(formula, x):
        return True
    assert isinstance(formula, Apply)
    moving = [arg for arg in formula.args if depends(arg, x)]
    if formula.head in ("sum", "neg", "group"):
        return all(_is_linear(arg, x) for arg in moving)
    if formula.head == "product":
        return len(moving) == 1 and _is_linear(moving[0], x)
    if formula.head == "quotient":
        return not depends(formula.args[1], x) and _is_linear(formula.args[0], x)
    return False


def _is_open(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.head == "D"


def _open(formula: Formula) -> Iterator[Apply]:
    """Every D that is still to be worked out, from left to right."""
    if isinstance(formula, Apply) and formula.head == "D":
        yield formula
        return
    for child in children(formula):
        yield from _open(child)


def _first(formula: Formula) -> Apply | None:
    return next(_open(formula), None)


def _put(formula: Formula, node: Apply, written: Formula) -> Formula:
    """The formula with what a law writes in the place of a D, wherever it stands."""
    return rewrite(
        formula, lambda each: written if each == node else each if _is_open(each) else None
    )

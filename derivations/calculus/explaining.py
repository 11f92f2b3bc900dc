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
MOST = 2  # laws that are named beside a line
OUTER = {
    "exp": "exponential",
    "power": "power",
    "sin": "sine",
    "cos": "sine",
    "tanh": "tanh",
    "sinh": "hyperbolic",
    "cosh": "hyperbolic",
}
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
    while opened := list(dict.fromkeys(_open(current))):
        keys: list[str] = []
        for at in opened:
            found, written = _advanced(at, slopes)
            keys += found
            current = _put(current, at, written)
        current = tidy(current)
        yield "+".join(list(dict.fromkeys(keys))[:MOST]), current


def _advanced(at: Apply, slopes: Slopes) -> tuple[list[str], Formula]:
    """One law for a D and, after sums and constant factors, the next for what they leave.

    What is easy, a function of a linear one, is worked out at once.
    """
    key, written = law(at, slopes)
    if _is_easy(at):
        linear = _is_linear(at.args[0], _variable(at))
        return [key if linear else _law_of(at, slopes)], differentiate(
            at.args[0], _variable(at), slopes
        )
    keys: list[str] = []
    written = _easy_done(written, slopes, keys)
    if key not in LINEAR:
        return [key], written
    for inner in list(dict.fromkeys(_open(written))):
        found, further = _advanced(inner, slopes)
        keys += found
        written = _put(written, inner, further)
    return keys or [key], written


def _law_of(at: Apply, slopes: Slopes) -> str:
    """The law of an easy derivative: the power rule also for (2x + 1)^3."""
    inside = at.args[0]
    assert isinstance(inside, Apply)
    key = law(at, slopes)[0]
    return OUTER.get(inside.head, key) if key == "chain" else key


def _variable(at: Apply) -> str:
    assert isinstance(at.args[1], Name)
    return at.args[1].id


def _is_easy(at: Apply) -> bool:
    """A linear formula, or a power or function of one."""
    inside, x = at.args[0], _variable(at)
    if _is_linear(inside, x):
        return True
    assert isinstance(inside, Apply)
    moving = [arg for arg in inside.args if depends(arg, x)]
    if inside.head in ("sum", "product", "neg", "quotient", "group", "cases", "bigsum"):
        return False
    return len(moving) == 1 and _is_linear(moving[0], x)


def _easy_done(formula: Formula, slopes: Slopes, keys: list[str]) -> Formula:
    """What is left to do, without what is easy; the laws of that are added to the keys."""

    def rule(node: Formula) -> Formula | None:
        if not (isinstance(node, Apply) and node.head == "D"):
            return None
        if not _is_easy(node):
            return node
        if not _is_linear(node.args[0], _variable(node)):
            keys.append(_law_of(node, slopes))
        return differentiate(node.args[0], _variable(node), slopes)

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

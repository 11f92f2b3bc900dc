"""Derivatives along steps: ``∂h_t/∂h_k = \\prod_{j=k+1}^t ∂h_j/∂h_{j-1}`` as one path from the last to the first."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number

DERIVATIVES = frozenset({"partial", "total", "derivative"})
SUMS = frozenset({"bigsum", "bigsum_over"})
STEP = re.compile(r"([A-Za-z]?)(?:([+-]?)(\d+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A quantity by its letter, its index and what is added to that: h, t, -1."""

    letter: str
    index: str = ""
    more: int | None = None  # None of a quantity without an index


Way = tuple[Place, Place]  # of a derivative, or of many multiplied


def telescoped(left: Apply, term: Formula) -> bool | None:
    """Whether a product with a product over steps leads from above to below; None where there is none.

    Args:
        left: the derivative.
        term: the product, in sums over steps.
    """
    bound: set[str] = set()
    while isinstance(term, Apply) and (term.head in SUMS or term.head == "group"):
        if term.head in SUMS and isinstance(term.args[0], Name):
            bound.add(term.args[0].id)
        term = term.args[-1]
    factors = (
        term.args if isinstance(term, Apply) and term.head in ("product", "matmul") else (term,)
    )
    if not any(isinstance(f, Apply) and _bare(f).head == "bigproduct" for f in factors):
        return None
    whole = _way(left)
    ways = [_way(factor) for factor in factors]
    if whole is None or None in ways:
        return None
    found = [way for way in ways if way is not None]
    letters = Counter(way[0].letter for way in found)
    letters.subtract(way[1].letter for way in found)
    letters.subtract({whole[0].letter: 1})
    letters.update({whole[1].letter: 1})
    if any(letters.values()):
        return None
    return _leads(whole, found, bound)


def _leads(whole: Way, ways: list[Way], bound: set[str]) -> bool:
    """Whether ways put together lead from one end to the other; L_t under a sum over t is part of L."""
    start, end = whole
    at, rest = start, list(ways)
    while rest:
        near = [way for way in rest if way[0] == at]
        if not near and at == start:
            near = [w for w in rest if w[0].letter == start.letter and w[0].index in bound]
        if len(near) != 1:
            return False
        rest.remove(near[0])
        at = near[0][1]
    return at == end or (at.letter == end.letter and end.more is None and at.index in bound)


def _bare(formula: Apply) -> Apply:
    while formula.head == "group" and isinstance(formula.args[0], Apply):
        formula = formula.args[0]
    return formula


def _way(factor: Formula) -> Way | None:
    if not isinstance(factor, Apply):
        return None
    factor = _bare(factor)
    if factor.head in DERIVATIVES:
        upper, lower = map(_place, factor.args)
        return None if upper is None or lower is None else (upper, lower)
    if factor.head != "bigproduct" or not isinstance(factor.args[0], Name):
        return None
    index, low, high, inner = factor.args
    way = _way(inner) if isinstance(inner, Apply) and inner.head in DERIVATIVES else None
    first, last = _step(low), _step(high)
    if way is None or first is None or last is None or not isinstance(index, Name):
        return None
    upper, lower = way
    if {upper.index, lower.index} != {index.id} or upper.letter != lower.letter:
        return None
    assert upper.more is not None
    assert lower.more is not None
    letter = upper.letter
    if upper.more == lower.more + 1:
        return _at(letter, last, upper.more), _at(letter, first, lower.more)
    if lower.more == upper.more + 1:
        return _at(letter, first, upper.more), _at(letter, last, lower.more)
    return None


def _at(letter: str, step: tuple[str, int], more: int) -> Place:
    return Place(letter, step[0], step[1] + more)


def _place(formula: Formula) -> Place | None:
    """``h_{t-1}``, a name or an entry; ``W``."""
    if isinstance(formula, Name):
        parts = look(formula.id)
        if not parts.subscript:
            return Place(parts.base)
        match = STEP.fullmatch(parts.subscript.replace(" ", ""))
        if match is None:
            return Place(formula.id)
        return Place(parts.base, match[1], int((match[2] or "") + (match[3] or "0")))
    if isinstance(formula, Apply) and formula.head == "entry" and len(formula.args) == 2:
        array, place = formula.args
        step = _step(place)
        if isinstance(array, Name) and step is not None:
            return Place(look(array.id.rstrip("@")).base, *step)
    return None


def _step(formula: Formula) -> tuple[str, int] | None:
    """``t - 1`` as t and -1."""
    if isinstance(formula, Number):
        return ("", int(formula.text)) if formula.text.isdigit() else None
    if isinstance(formula, Name):
        return formula.id, 0
    if isinstance(formula, Apply) and formula.head == "neg" and isinstance(formula.args[0], Number):
        step = _step(formula.args[0])
        return None if step is None else ("", -step[1])
    if isinstance(formula, Apply) and formula.head == "sum":
        steps = [_step(arg) for arg in formula.args]
        found = [step for step in steps if step is not None]
        names = [name for name, _ in found if name]
        if len(found) == len(steps) and len(names) <= 1:
            return (names[0] if names else ""), sum(more for _, more in found)
    return None

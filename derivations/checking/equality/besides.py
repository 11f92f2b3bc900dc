"""What sides that differ may mean besides: states that are kept fixed, numbers, what was said before."""

from __future__ import annotations

from typing import Protocol

from derivations.checking.equality.immediate import versions
from derivations.checking.equality.normal import DERIVATIVES
from derivations.checking.equality.replacing import of_number
from derivations.checking.equality.steps import HOLDS, UNDECIDED, Ruling
from derivations.checking.equality.unnamed import unnamed
from derivations.checking.equality.witnesses import is_constant
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free, quantities
from derivations.checking.names.unsaid import ADDING, TAKEN, doubt, suppositions
from derivations.formula.evaluation import shape
from derivations.formula.tree import Apply, Formula, Name
from derivations.truth.judge import World


class Comparing(Protocol):
    """What compares two sides in names."""

    known: Knowledge

    def in_names(self, left: Formula, right: Formula) -> Ruling:
        """In random worlds, also with what the text claims."""

    def tried(self, left: Formula, right: Formula) -> Ruling:
        """In random worlds."""

    def tried_in(self, left: Formula, right: Formula, worlds: list[World]) -> Ruling:
        """In these worlds."""


def otherwise(compare: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """What sides that differ may mean besides; None where they are wrong."""
    for sides in versions(compare.known, left, right):
        ruling = compare.tried(*sides)
        if ruling.right:
            compare.known.at_once = True
            return Ruling(ruling.verdict, "with the earlier states fixed in each last derivative")
    rows = by_rows_of_above(compare, left, right)
    return rows or of_numbers(compare, left, right) or as_meant(compare, left, right)


def by_rows_of_above(compare: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """``∂(W x)/∂x = W``: a row for each entry of what is differentiated, where both are columns."""
    if not isinstance(left, Apply) or left.head not in DERIVATIVES:
        return None
    worlds = compare.known.random_worlds(left, right)
    values = [worlds[0].values.get(base_of(side) or "") for side in left.args] if worlds else []
    if not all(isinstance(side, Name) for side in left.args) or not values:
        return None
    if not all(isinstance(value, tuple) and len(shape(value)) == 1 for value in values):
        return None
    ruling = compare.tried(left, Apply("transpose", (right,)))
    return Ruling(ruling.verdict, "with a row for each entry above") if ruling.right else None


def of_numbers(compare: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """``σ'(x) = σ(x)(1 - σ(x))`` says something of any number, also where x is an array."""
    used = free(left) | free(right)
    calls = isinstance(left, Apply) and left.head.rstrip("'") in compare.known.functions
    if len(used) != 1 or not calls:
        return None
    sides = (of_number(left, *used), of_number(right, *used))
    ruling = compare.in_names(*sides) if sides != (left, right) else None
    return None if ruling is None or ruling.verdict == UNDECIDED else ruling


def as_meant(compare: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """A doubt about sides that differ; None where everything about their names is said."""
    if (found := unnamed(compare.known, left, right)) is not None:
        left, right = found.left, found.right
    if reason := doubt(compare.known, left, right):
        return Ruling(UNDECIDED, reason)
    for words, supposed in suppositions(compare.known, left, right):
        points = (
            compare.known.random_worlds(left, right, pinned=pinned, supposed=supposed)
            for pinned in (False, True)  # also with the given values
        )
        worlds = next((w for w in points if w and compare.tried_in(left, right, w).right), None)
        if worlds:
            local = set(supposed.conditions) <= set(compare.known.local) and supposed.conditions
            empty = bool(quantities(right)) and is_constant(right, worlds)  # as 0 = 0
            near = local and compare.known.displays <= 1
            said = (near and not empty) or words.startswith((ADDING, TAKEN))
            return Ruling(HOLDS if said else UNDECIDED, words)
    return None

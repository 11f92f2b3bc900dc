"""Matrices whose rows and columns a text may mean the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from derivations.checking.equality.replacing import by_rows
from derivations.checking.equality.steps import Ruling
from derivations.checking.names.designs import turned
from derivations.checking.names.knowledge import Knowledge
from derivations.formula.tree import Formula


class Comparing(Protocol):
    """What compares two sides."""

    known: Knowledge

    def right_with(
        self, others: Mapping[str, Formula], left: Formula, right: Formula, stays: bool
    ) -> Ruling | None:
        """The ruling with other definitions, if it is right by them."""


def laid_otherwise(known: Knowledge) -> Iterator[dict[str, Formula]]:
    """The definitions with softmax along rows; those with samples as columns."""
    yield {name: by_rows(formula) for name, formula in known.definitions.items()}
    yield turned(known)


def settle(compare: Comparing, left: Formula, right: Formula) -> None:
    """Two sides that are equal only with samples as rows say that they are."""
    known = compare.known
    for name, other in turned(known).items():
        speaks = name in known.support(left) | known.support(right)
        if speaks and compare.right_with({name: other}, left, right, stays=False) is None:
            known.indices.laid.add(name)

"""Worked LaTeX of many variants of one problem: derived once, filled many times.

Numbers come from `steps.batch`, pages from `writing.open_latex`; between them stands
`truth.batch_verification`, and cannot be passed by. A variant that is refused there, or that the
batch cannot decide, is solved, verified and written one at a time, and so is the first variant of
every way that the solution's choices can go, whose page serves the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from derivations.formula.columns import Arithmetic, Unsupported
from derivations.steps.batch import Batch, substitute_batch
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.rounding import GUARDS
from derivations.steps.solution import (
    Block,
    Choice,
    Derivation,
    Items,
    Plot,
    Verified,
    question_of,
)
from derivations.steps.substitution import Given
from derivations.truth.batch_verification import verify_batch
from derivations.writing import latex
from derivations.writing.open_latex import OpenPage

AT_ONCE = 1000  # variants in one batch


class Filling:
    """The worked LaTeX of one problem for any givens.

    Args:
        derivation: of the problem, the same for all variants.
        solve: the verified solution for some givens, on the slow road.
    """

    def __init__(
        self, derivation: Derivation, solve: Callable[[Mapping[str, Given]], Verified]
    ) -> None:
        self.derivation, self.solve = derivation, solve
        self.choices = tuple(_choices(derivation))
        self.drawn = any(isinstance(block, Plot) for block in _blocks(derivation))
        self.pages: dict[tuple[int, ...], OpenPage] = {}
        self.slow = 0  # variants that went the slow road so far

    def fill(self, givens: Sequence[Mapping[str, Given]]) -> Iterator[str]:
        """A document for each variant, in order."""
        for start in range(0, len(givens), AT_ONCE):
            yield from self._fill(givens[start : start + AT_ONCE], GUARDS)

    def _fill(self, givens: Sequence[Mapping[str, Given]], guards: Sequence[int]) -> list[str]:
        if not givens:
            return []
        rounding = self.derivation.rounding.guarded(guards[0])
        derivation = replace(self.derivation, rounding=rounding)
        try:
            if self.drawn:
                raise Unsupported("a curve is drawn anew for each variant")
            batch = substitute_batch(derivation, givens)
            ways = self._ways(batch, len(givens))
            refused, doubt = verify_batch(derivation, batch)
        except Unsupported:
            return list(map(self._slowly, givens))
        doubt |= batch.doubt
        again = np.flatnonzero(refused & ~doubt).tolist() if guards[1:] else []
        pages = dict(zip(again, self._fill([givens[n] for n in again], guards[1:]), strict=True))
        alone = set(np.flatnonzero(refused | doubt).tolist()) - pages.keys()
        pages |= {place: self._slowly(givens[place]) for place in alone}
        of_way: dict[tuple[int, ...], list[int]] = {}
        for place, way in enumerate(ways):
            if place not in pages:
                of_way.setdefault(way, []).append(place)
        for way, places in of_way.items():
            page = self._page(way, givens[places[0]])
            pages |= zip(places, page.fill(batch, places), strict=True)
        return [pages[place] for place in range(len(givens))]

    def _page(self, way: tuple[int, ...], given: Mapping[str, Given]) -> OpenPage:
        if way not in self.pages:
            self.pages[way] = OpenPage(document(self.solve(given)))
        return self.pages[way]

    def _slowly(self, given: Mapping[str, Given]) -> str:
        self.slow += 1
        return latex.write(document(self.solve(given)))

    def _ways(self, batch: Batch, count: int) -> list[tuple[int, ...]]:
        """Which alternative of every choice each variant takes."""
        arithmetic = Arithmetic(count, self.derivation.functions)
        taken = []
        for choice in self.choices:
            way = np.full(count, len(choice.conditions))
            for number, condition in reversed(list(enumerate(choice.conditions))):
                way = np.where(arithmetic.holds(condition, batch.carried), number, way)
            taken.append(way.tolist())
        np.logical_or(batch.doubt, arithmetic.doubt, out=batch.doubt)
        return list(zip(*taken, strict=True)) if taken else [()] * count


def document(verified: Verified) -> Document:
    """A document with one worked problem."""
    solution = verified.solution
    item = Item("", question_of(solution), verified)
    return Document(Front("", id=solution.derivation.id), (Section("", items=(item,)),))


def _choices(derivation: Derivation) -> Iterator[Choice]:
    return (block for block in _blocks(derivation) if isinstance(block, Choice))


def _blocks(derivation: Derivation) -> Iterator[Block]:
    """Every block, those of all alternatives and items too."""

    def inside(blocks: Sequence[Block]) -> Iterator[Block]:
        for block in blocks:
            yield block
            if isinstance(block, Choice):
                yield from chain.from_iterable(map(inside, block.alternatives))
            elif isinstance(block, Items):
                yield from chain.from_iterable(map(inside, block.items))

    yield from inside(derivation.statement)
    for part in derivation.parts:
        for step in part.steps:
            yield from inside(step.blocks)

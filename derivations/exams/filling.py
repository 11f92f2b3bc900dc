"""Worked LaTeX of many variants of one problem: derived once, filled many times.

Numbers come from `steps.batch`, pages from `writing.open_latex`. A variant that the batch cannot
decide is solved, verified and written one at a time, and so is the first variant of every way
that the solution's choices can go, whose page serves the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from derivations.formula.columns import Arithmetic, Unsupported
from derivations.formula.printing import Numeral
from derivations.steps.batch import Batch, substitute_batch
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.notes import notes_on
from derivations.steps.rounding import GUARDS
from derivations.steps.solution import (
    Block,
    Choice,
    Derivation,
    Items,
    Known,
    Plot,
    Prose,
    Verified,
    question_of,
)
from derivations.steps.substitution import Given
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
        self.pages: dict[tuple[int, ...], OpenPage] = {}
        self.slow = 0  # variants that went the slow road so far

    def fill(self, givens: Sequence[Mapping[str, Given]]) -> Iterator[str]:
        """A document for each variant, in order."""
        for start in range(0, len(givens), AT_ONCE):
            yield from self._fill(givens[start : start + AT_ONCE], GUARDS)

    def _fill(self, givens: Sequence[Mapping[str, Given]], guards: Sequence[int]) -> list[str]:
        rounding = self.derivation.rounding.guarded(guards[0])
        derivation = replace(self.derivation, rounding=rounding)
        try:
            batch = substitute_batch(derivation, givens)
            ways = self._ways(batch, len(givens))
        except Unsupported:
            return list(map(self._slowly, givens))
        again = np.flatnonzero(batch.untrue & ~batch.doubt).tolist() if guards[1:] else []
        pages = dict(
            zip(again, self._fill([givens[n] for n in again], guards[1:]), strict=True)
            if again
            else ()
        )
        for place, given in enumerate(givens):
            if place in pages:
                continue
            if batch.doubt[place] or batch.untrue[place]:
                pages[place] = self._slowly(given)
            else:
                page = self._page(ways[place], given)
                pages[place] = page.fill(_Variant(derivation, batch, place))
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
    def inside(blocks: Sequence[Block]) -> Iterator[Choice]:
        for block in blocks:
            if isinstance(block, Choice):
                yield block
                for alternative in block.alternatives:
                    yield from inside(alternative)
            elif isinstance(block, Items):
                for item in block.items:
                    yield from inside(item)
            elif isinstance(block, Plot):
                raise Unsupported("a curve is drawn anew for each variant")

    yield from inside(derivation.statement)
    for part in derivation.parts:
        for step in part.steps:
            yield from inside(step.blocks)


@dataclass(frozen=True, slots=True)
class _Variant:
    """One variant of a batch, as a page asks for it."""

    derivation: Derivation
    batch: Batch
    place: int

    def numeral(self, name: str) -> Numeral:
        return self.batch.shown[name][self.place]

    def equal(self, name: str) -> bool:
        return self.batch.exact[name][self.place]

    def known(self) -> Mapping[str, Known]:
        place, known = self.place, {}
        for name, column in self.batch.shown.items():
            true = self.batch.true[name][place].item()
            known[name] = Known(true, true, true, column[place], self.batch.exact[name][place])
        return known

    def notes(self) -> tuple[Prose, ...]:
        exact = self.batch.exact
        if all(exact[name][self.place] for name in exact):
            return ()
        return notes_on(self.derivation, self.batch.changed[self.place])

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
from derivations.formula.printing import Numeral
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
from derivations.writing.latex_blocks import Blocks
from derivations.writing.open_latex import OpenPage, Write

AT_ONCE = 2000  # variants in one batch: fewer lay the page out more often, more take memory
FEW = 2  # variants for which a page is not laid out

Page = tuple[str, Mapping[str, Numeral]]


def item_of(verified: Verified) -> Item:
    """A worked problem without a number."""
    return Item("", question_of(verified.solution), verified)


def write_document(item: Item, blocks: Callable[..., Blocks] = Blocks) -> str:
    """A document with one worked problem."""
    document = Document(Front("", id=item.question.id), (Section("", items=(item,)),))
    return latex.write(document, blocks)


class Filling:
    """The worked LaTeX of one problem for any givens.

    Args:
        derivation: of the problem, the same for all variants.
        solve: the verified solution for some givens, on the slow road.
        write: the LaTeX of a problem with its solution, by a printer of blocks; a whole document
            where left out.
        keys: of quantities whose numerals are wanted beside the LaTeX.
    """

    def __init__(
        self,
        derivation: Derivation,
        solve: Callable[[Mapping[str, Given]], Verified],
        write: Write = write_document,
        keys: Sequence[str] = (),
    ) -> None:
        self.derivation, self.solve, self.write = derivation, solve, write
        self.keys = tuple(keys)
        self.choices = tuple(_choices(derivation))
        self.drawn = any(isinstance(block, Plot) for block in _blocks(derivation))
        self.pages: dict[tuple[int, ...], OpenPage] = {}
        self.slow = 0  # variants that went the slow road so far
        self.reason = ""  # why all of them have to, if they have

    def fill(self, givens: Sequence[Mapping[str, Given]]) -> Iterator[str]:
        """The LaTeX of each variant, in order."""
        return (text for text, _ in self.fill_with_numerals(givens))

    def fill_with_numerals(self, givens: Sequence[Mapping[str, Given]]) -> Iterator[Page]:
        """The LaTeX of each variant, in order, and the numerals that were asked for."""
        for start in range(0, len(givens), AT_ONCE):
            yield from self._fill(givens[start : start + AT_ONCE], GUARDS)

    def _fill(self, givens: Sequence[Mapping[str, Given]], guards: Sequence[int]) -> list[Page]:
        if not givens:
            return []
        if len(givens) <= FEW and not self.pages:
            return list(map(self._slowly, givens))
        rounding = self.derivation.rounding.guarded(guards[0])
        derivation = replace(self.derivation, rounding=rounding)
        try:
            if self.drawn:
                raise Unsupported("a curve is drawn anew for each variant")
            batch = substitute_batch(derivation, givens)
            ways = self._ways(batch, len(givens))
            refused, doubt = verify_batch(derivation, batch)
        except Unsupported as error:
            self.reason = str(error)
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
            numerals = [{key: batch.shown[key][place] for key in self.keys} for place in places]
            pages |= zip(places, zip(page.fill(batch, places), numerals, strict=True), strict=True)
        return [pages[place] for place in range(len(givens))]

    def _page(self, way: tuple[int, ...], given: Mapping[str, Given]) -> OpenPage:
        if way not in self.pages:
            self.pages[way] = OpenPage(item_of(self.solve(given)), self.write)
        return self.pages[way]

    def _slowly(self, given: Mapping[str, Given]) -> Page:
        self.slow += 1
        verified = self.solve(given)
        numerals = {key: verified.solution.known[key].shown for key in self.keys}
        return self.write(item_of(verified), Blocks), numerals

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

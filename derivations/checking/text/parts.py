"""The parts of a line: chains of relations between signs of implication."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from derivations.formula.tree import Formula
from derivations.reading.latex import ReadChain, ReadLink, ReadTerm

EQUALS = frozenset({"=", "≈", "←", "≡", ":="})
Equation = tuple[Formula, Formula]
IMPLIES = frozenset({"⇒", "⇔", "→"})


@dataclass(frozen=True, slots=True)
class Part:
    """A chain without implications; ``arrow`` is the sign that leads to it from the part before."""

    arrow: tuple[ReadTerm, ReadLink] | None
    first: ReadTerm
    links: tuple[ReadLink, ...]
    label: ReadTerm | None = None
    notes: tuple[str, ...] = ()
    leads_on: bool = False  # whether another part follows from it

    def pairs(self) -> Iterator[tuple[Formula, str, Formula]]:
        """The relations both of whose sides were read."""
        left = self.first
        for link in self.links:
            if left.formula is not None and link.term.formula is not None:
                yield left.formula, link.sign, link.term.formula
            left = link.term

    def equations(self) -> Iterator[Equation]:
        """The sides of its relations that say equal."""
        return ((left, right) for left, sign, right in self.pairs() if sign in EQUALS)

    def equation_at(self, place: int) -> tuple[Formula, str, Formula] | None:
        """The sides of one of its relations with their sign, if both were read and it says equal."""
        left = self.links[place - 1].term if place else self.first
        link = self.links[place]
        if left.formula is None or link.term.formula is None or link.sign not in EQUALS:
            return None
        return left.formula, link.sign, link.term.formula

    def equation(self, place: int) -> Equation | None:
        """The sides of its first (0) or last (-1) relation, if that says equal."""
        pairs = list(self.pairs())
        if not pairs or pairs[place][1] not in EQUALS:
            return None
        return pairs[place][0], pairs[place][2]


def parts_of(chain: ReadChain) -> Iterator[Part]:
    arrow: tuple[ReadTerm, ReadLink] | None = None
    first, links = chain.first, list[ReadLink]()
    before, label = first, chain.label
    for link in chain.links:
        if link.sign in IMPLIES:
            yield Part(arrow, first, tuple(links), label, chain.notes, True)
            label = None
            arrow, first, links = (before, link), link.term, []
        else:
            links.append(link)
        before = link.term
    yield Part(arrow, first, tuple(links), label, chain.notes)


def rewritten(
    chain: ReadChain, change: Callable[[Formula], Formula], inwardly: bool = False
) -> ReadChain:
    """The chain with other formulas; its sources show what was read.

    ``inwardly``: the others are not shown to a reader.
    """

    def term(read: ReadTerm) -> ReadTerm:
        if read.formula is None:
            return read
        shown = read.shown or read.formula if inwardly else read.shown
        return replace(read, formula=change(read.formula), shown=shown)

    links = tuple(replace(link, term=term(link.term)) for link in chain.links)
    label = chain.label and term(chain.label)
    return replace(chain, first=term(chain.first), links=links, label=label)

"""What stands in a line: formulas in relation, words, and formulas that are only typeset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from derivations.formula.tree import Formula


@dataclass(frozen=True, slots=True)
class Term:
    """One side of a relation; ``numbers`` prints the values in the place of the names."""

    formula: Formula
    numbers: bool = False
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A relation sign and what stands to its right.

    ``relation`` is one of ``=``, ``≈``, ``<``, ``≤``, ``>``, ``≥``, ``≠``, ``⇒``, ``←``, ``∈``, or
    ``auto``: an equals sign where the values that are new on the right are exact, else ≈.
    ``law`` is the key of the law by which this relation holds, where it is printed beside it;
    ``where`` is its path in the problem file, where it stands there.
    """

    relation: str
    term: Term
    new: tuple[str, ...] = ()
    law: str = ""
    where: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """``first = ... = last``, with the law that makes the line true, and a remark beside it.

    ``when`` is the condition under which the line is claimed, for a branch of a case distinction.
    """

    first: Term
    links: tuple[Link, ...] = ()
    law: str = ""
    note: str = ""
    when: Formula | None = None

    def terms(self) -> Iterator[Term]:
        """All sides of the chain, from left to right."""
        yield self.first
        for link in self.links:
            yield link.term

    def relations(self) -> Iterator[tuple[Term, Link]]:
        """Each relation, after the side that stands before it."""
        yield from zip(self.terms(), self.links, strict=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they are typed. ``style``: plain, strong, emphasis or code."""

    text: str
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Typeset:
    """A formula of the author's that is only typeset: safe LaTeX, and the same in Unicode."""

    latex: str
    text: str


Piece: TypeAlias = Text | Typeset | Term | Chain

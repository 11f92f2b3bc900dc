r"""Sums over the steps of a recurrence, written out: ``L = \sum_{t=1}^{T} L_t`` beside ``h_t = f(h_{t-1})``.

Entries of an array cannot follow from each other, steps with numbers can. Where nobody says how many there
are, there are three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from derivations.checking.names.times import at_step, family, offset, recurrences
from derivations.formula.tree import Apply, Formula, Name, Number, names, rewrite, walk
from derivations.reading.latex import ReadChain

LETTERS = ("t", "k", "n")
STEPS = 3
MOST_STEPS = 6
PAIR = 2
MOST_TERMS = 200  # of one formula
SUMS = {"bigsum": "sum", "bigproduct": "product"}
WITHOUT_BOUNDS = {"bigsum_over": "bigsum", "bigproduct_over": "bigproduct"}
NONE_OF_THEM = {"sum": Number("0"), "product": Number("1")}
FIRST = Number("1")


def steps_written_out(chains: Iterable[ReadChain]) -> Callable[[Formula], Formula] | None:
    """How formulas are changed; None where no sum goes over the steps of a recurrence."""
    lines = list(chains)
    for letter in LETTERS:
        families = set(_recurrent(lines, letter))
        ends = [end for line in lines for end in _ends(line, letter)] if families else []
        if ends:
            return _Written(letter, families, ends).formula
    return None


class _Written:
    """Sums written out over the steps that a letter counts, and over those that others count in them."""

    def __init__(self, letter: str, families: set[str], ends: list[Formula | None]) -> None:
        numbers = [int(end.text) for end in ends if isinstance(end, Number) and end.text.isdigit()]
        self.families = families
        self.steps = min(max(numbers, default=STEPS), MOST_STEPS)
        self.last = {
            end.id for end in ends if isinstance(end, Name)
        }  # letters for how many there are
        self.letter = letter
        self.terms = 0  # in the formula that is written out

    def formula(self, formula: Formula) -> Formula:
        """One formula."""
        self.terms = 0
        for letter in self.last:
            formula = at_step(formula, letter, self.steps)
        return self._inside(formula)

    def _inside(self, formula: Formula) -> Formula:
        return rewrite(formula, self._rule)

    def _rule(self, node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head not in {*SUMS, *WITHOUT_BOUNDS}:
            return None
        index, *bounds, body = node.args
        if not isinstance(index, Name) or not self._counts_steps(index.id, body):
            return None
        first, last = bounds if bounds else (FIRST, Number(str(self.steps)))
        head = SUMS[WITHOUT_BOUNDS.get(node.head, node.head)]
        terms = _terms(index.id, first, last, body)
        self.terms += len(terms or ())
        if terms is None or self.terms > MOST_TERMS:
            return None
        return _put_together(head, list(map(self._inside, terms)))

    def _counts_steps(self, letter: str, body: Formula) -> bool:
        if letter == self.letter:
            return True
        return any(
            offset(name, letter) is not None and family(name) in self.families
            for name in names(body)
        )


def numbered(formula: Formula) -> Formula:
    """``g_{3-k}`` under a sum over k as g_3, g_2, ...: sums over computed steps written out."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or not node.args:
            return None
        if node.head == "entry" and isinstance(node.args[0], Name) and len(node.args) == PAIR:
            step = _whole(node.args[1])
            named = step is not None and step >= 0
            return Name(f"{node.args[0].id}_{step}") if named else None
        index, body = node.args[0], node.args[-1]
        if node.head not in SUMS or not isinstance(index, Name) or not _has_step(index.id, body):
            return None
        terms = _terms(index.id, node.args[1], node.args[2], body)
        return _put_together(SUMS[node.head], list(map(numbered, terms))) if terms else None

    return rewrite(formula, rule)


def _has_step(letter: str, formula: Formula) -> bool:
    """Whether a letter stands in a computed place of an entry."""
    return any(
        isinstance(node, Apply) and node.head == "entry" and isinstance(node.args[-1], Apply)
        and letter in names(node.args[-1])
        for node in walk(formula)
    )  # fmt: skip


def _terms(letter: str, first: Formula, last: Formula, body: Formula) -> list[Formula] | None:
    """The terms of a sum with few of them; None of one whose bounds are no numbers."""
    low, high = _whole(first), _whole(last)
    if low is None or high is None or high - low >= MOST_STEPS:
        return None
    return [at_step(body, letter, step) for step in range(low, high + 1)]


def _put_together(head: str, terms: list[Formula]) -> Formula:
    """The sum or product of terms, of which there may be one, or none."""
    if len(terms) > 1:
        return Apply(head, tuple(terms))
    return terms[0] if terms else NONE_OF_THEM[head]


def _recurrent(lines: Iterable[ReadChain], letter: str) -> Iterator[str]:
    """Families whose steps follow from the one before."""
    for line in lines:
        name = line.first.formula
        for link in line.links:
            if isinstance(name, Name) and link.term.formula is not None:
                yield from recurrences({name.id: link.term.formula}, letter)


def _ends(line: ReadChain, letter: str) -> Iterator[Formula | None]:
    """Where the sums over a letter end in a line; None of those without bounds."""
    for side in (line.first, *(link.term for link in line.links)):
        for node in walk(side.formula) if side.formula is not None else ():
            summed = isinstance(node, Apply) and node.head in {*SUMS, *WITHOUT_BOUNDS}
            if summed and isinstance(node, Apply) and node.args[0] == Name(letter):
                yield node.args[2] if node.head in SUMS else None


def _whole(bound: Formula) -> int | None:
    """A bound as a number: ``3``, ``2 + 1``, ``3 - 1``."""
    if isinstance(bound, Number):
        return int(bound.text) if bound.text.isdigit() else None
    if isinstance(bound, Apply) and bound.head in ("sum", "neg"):
        parts = [_whole(arg) for arg in bound.args]
        if None in parts:
            return None
        total = sum(part for part in parts if part is not None)
        return -total if bound.head == "neg" else total
    return None

"""Slips when a sum over an index is written out, and when a Kronecker delta picks its term."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    OFTEN,
    PRECISE,
    SOMETIMES,
    Misconception,
    at,
    is_head,
    opened,
    without,
)
from derivations.formula.tree import Apply, Formula, Name, Number, rewrite, substitute, sum_of

MOST_TERMS = 8  # of a sum that is written out


def _terms(node: Apply) -> list[Formula]:
    """The terms of a sum with numbers for bounds, one by one; none of a long sum."""
    index, first, last, body = node.args
    if not isinstance(index, Name) or not isinstance(first, Number) or not isinstance(last, Number):
        return []
    if not (first.text.isdigit() and last.text.isdigit() and len(last.text) < 4):
        return []
    places = range(int(first.text), int(last.text) + 1)
    if len(places) > MOST_TERMS:
        return []
    return [substitute(body, {index.id: Number(str(place))}) for place in places]


def _term_left_out(node: Apply) -> Iterator[Formula]:
    """One term in the middle is missing; the first and the last are slips of the bounds."""
    terms = _terms(node)
    for place in range(1, len(terms) - 1):
        yield sum_of(*terms[:place], *terms[place + 1 :])


def _not_renamed(node: Apply) -> Iterator[Formula]:
    """In one term one factor keeps the index of another: w_1 x_1 + w_2 x_1."""
    terms = _terms(node)
    index, first, _, body = node.args
    if len(terms) < 2 or not isinstance(index, Name) or not isinstance(first, Number):
        return
    start = int(first.text)
    held = list(dict.fromkeys(entry for entry in _entries(body) if index in entry.args[1:]))
    for place in range(len(terms)):
        for kept in held if len(held) > 1 else ():
            for other in {place - 1, 0} - {place, -1}:
                wrong = _with_kept(body, kept, index.id, start + place, start + other)
                yield sum_of(*terms[:place], wrong, *terms[place + 1 :])


def _entries(formula: Formula) -> Iterator[Apply]:
    if isinstance(formula, Apply):
        if formula.head == "entry":
            yield formula
        else:
            for arg in formula.args:
                yield from _entries(arg)


def _with_kept(body: Formula, kept: Apply, index: str, here: int, other: int) -> Formula:
    """A term in which one entry has the index of another term."""
    stays = substitute(kept, {index: Number(str(other))})
    marked = rewrite(body, lambda node: stays if node == kept else None)
    return substitute(marked, {index: Number(str(here))})


def _kept_letter(node: Apply) -> Iterator[Formula]:
    """Σ_j δ_ij x_j taken for x_j."""
    body = opened(node.args[-1])
    if isinstance(body, Apply) and body.head == "product":
        for place, factor in enumerate(body.args):
            if is_head(factor, "kronecker") and node.args[0] in factor.args:  # type: ignore[union-attr]  # is_head
                yield without(body, place)


ENTRIES = (
    Misconception(
        "term-of-the-sum-left-out",
        "One term in the middle of the sum is missing where it was written out.",
        at("bigsum", _term_left_out),
        r"\sum_{i=1}^{4} w_i x_i = w_1 x_1 + w_2 x_2 + w_4 x_4",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "index-not-renamed",
        "One factor keeps the index of another term: the index changes everywhere in a term.",
        at("bigsum", _not_renamed),
        r"\sum_{i=1}^{3} w_i x_i = w_1 x_1 + w_2 x_2 + w_3 x_2",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "kronecker-keeps-the-letter",
        "The delta puts its free index in the place of the summed one: Σ_j δ_ij x_j is x_i, not x_j.",
        at("bigsum", _kept_letter),
        r"\sum_{j=1}^{n} \delta_{ij} w_{kj} x_j = w_{kj} x_j",
        specific=PRECISE, likely=SOMETIMES,
    ),
)  # fmt: skip

"""Samples that a text tells only by the numbers in its formulas: ``h_1 = H(0.5)`` for one, ``H(-0.5)`` for the next."""

from __future__ import annotations

from derivations.checking.equality.steps import GIVEN, Ruling
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import free, quantities
from derivations.formula.tree import Apply, Formula, Name

SAMPLE = Ruling(GIVEN, "numbers of a sample")


def of_sample(known: Knowledge, left: Formula, right: Formula) -> Ruling | None:
    """A name as its definition says it, with numbers for names that nobody gives; None where it is not.

    What was said of the name for another sample, and of all that rests on it, is forgotten.
    """
    body = known.definitions.get(left.id) if isinstance(left, Name) else None
    if not isinstance(left, Name) or not isinstance(body, Apply) or not isinstance(right, Apply):
        return None
    if body.head != right.head or body.head not in known.functions or quantities(right):
        return None
    if not any(_is_open(known, name) for name in free(body)):
        return None
    resting = [n for n in known.definitions if left.id in known.inside(n)]
    for quantity in (left, *map(Name, resting)):
        known.claimed.pop(quantity, None)
        known.tainted.discard(quantity)
    return SAMPLE


def _is_open(known: Knowledge, name: str) -> bool:
    return not known.is_settled(name) and Name(name) not in known.claimed

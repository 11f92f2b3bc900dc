"""Samples that a text tells only by the numbers in its formulas: ``h_1 = H(0.5)`` for one, ``H(-0.5)`` for the next."""

from __future__ import annotations

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import GIVEN, Ruling
from derivations.checking.lines.instances import places, signed
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.outdated import PARAMETERS, outdate
from derivations.checking.names.quantities import free, is_plain, quantities
from derivations.formula.looks import look
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


def is_next(compare: Comparing, left: Formula, right: Formula) -> bool:
    """``z = 0.5 \\cdot 3 + 0.1`` behind ``z = w x + b = 0.5 \\cdot 2 + 0.1 = 1.1``: whether it is of another x.

    The weights keep their numbers; x has the new one from here on.
    """
    known = compare.known
    body = known.definitions.get(left.id) if isinstance(left, Name) else None
    if body is None or left not in compare.rounds.computed or quantities(right):
        return False
    general, special = compare.normal(body), compare.normal(right)
    if is_plain(special) or compare.equal(left, "≈", right).right:
        return False
    for way in signed(general, special):
        pairs = places(general, way) or []
        moved = {n: v for n, v in pairs if not compare.equal(n, "≈", v).right}
        if (
            moved
            and all(_is_input(known, name) for name in moved)
            and moved.items() >= {(n, v) for n, v in pairs if n in moved}
        ):
            for name, number in moved.items():
                if isinstance(name, Name):
                    known.forget(name.id)
                    known.give(name.id, number)
            outdate(known, [name.id for name in moved if isinstance(name, Name)])
            return True
    return False


def _is_input(known: Knowledge, name: Formula) -> bool:
    """Whether a name is given by its number alone, and is no weight or rate; or by nothing."""
    if isinstance(name, Name) and _is_open(known, name.id):
        return True
    if not isinstance(name, Name) or look(name.id).base in PARAMETERS:
        return False
    kept = known.fixed | known.model | known.stated_names | known.definitions.keys()
    return name.id in known.values and name.id not in kept


def _is_open(known: Knowledge, name: str) -> bool:
    return not known.is_settled(name) and Name(name) not in known.claimed

"""Formulas that follow from wrong ones: ``L = (y - t)^2 = y^2 - t^2``, and then ``∂L/∂y = 2y``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derivations.checking.equality.carrying import Carrying
from derivations.checking.equality.replacing import put
from derivations.checking.equality.rounding import numerals
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free, quantities
from derivations.checking.names.unwritten import linear
from derivations.formula.tree import Apply, Formula, Name, walk

HEADS = ("partial", "total")
Slips = Mapping[Formula, Formula]
Sides = tuple[Formula, Formula]


def slips_of(known: Knowledge) -> Slips:
    """What the text goes on with, wrongly, in letters where it said it so."""
    said = {**known.claimed, **known.in_letters}
    return {quantity: said[quantity] for quantity in known.claimed if quantity in known.tainted}


def speaks_of_slip(known: Knowledge, right: Formula) -> bool:
    """Whether a number that a slip has given stands in a side, or in what its names are defined as."""
    slips = (numerals(f) for q, f in known.claimed.items() if q in known.tainted)
    bodies = (known.definitions[name] for name in free(right) if name in known.definitions)
    here = set().union(numerals(right), *map(numerals, bodies))
    return bool(here & set().union(*slips) - {"1"})


def redefined(known: Knowledge, slips: Slips, sides: Sides) -> Iterator[dict[str, Formula]]:
    """Definitions by which sides are equal that follow from slips, in letters and in numbers."""
    yield _wrong_forms(known, slips) | of_gradients(known, slips, sides)
    yield of_gradients(known, {quantity: known.claimed[quantity] for quantity in slips}, sides)


def carried(known: Knowledge, slips: Slips, sides: Sides) -> Sides:
    """The sides with slips in the place of what they are said of, also inside derivatives."""
    carrying = Carrying(known, slips)
    left, right = (put(carrying.carried(side), slips) for side in sides)
    return left, right


def _wrong_forms(known: Knowledge, slips: Slips) -> dict[str, Formula]:
    """What is defined, in the form that the text went on with."""
    said = {q.id: f for q, f in slips.items() if isinstance(q, Name) and quantities(f)}
    return {name: f for name, f in said.items() if name in known.definitions}


def of_gradients(known: Knowledge, slips: Slips, sides: Sides) -> dict[str, Formula]:
    """A linear function of z with the wrong gradient, where all that is asked acts by way of z."""
    asked = {
        node.args
        for side in sides
        for node in walk(side)
        if isinstance(node, Apply) and node.head in HEADS and len(node.args) == 2
    }
    found: dict[str, Formula] = {}
    for quantity, gradient in slips.items():
        if not isinstance(quantity, Apply) or quantity.head not in HEADS:
            continue
        of, wrt = quantity.args
        if (
            not isinstance(of, Name)
            or not isinstance(wrt, Name)
            or of.id in known.support(gradient)
        ):
            continue
        bases = {base_of(by) for whose, by in asked if whose == of}
        if bases and bases <= known.support(wrt) - {wrt.id} - _past(known, of.id, wrt.id):
            found[of.id] = linear(wrt.id, gradient)
    return {name: f for name, f in found.items() if name in known.definitions}


def _past(known: Knowledge, name: str, stop: str) -> set[str]:
    """The names on which a quantity rests by other ways than by way of ``stop``."""
    found, todo = set[str](), [name]
    while todo:
        at = todo.pop()
        if at not in found and at != stop:
            found.add(at)
            todo += free(known.definitions[at]) if at in known.definitions else ()
    return found

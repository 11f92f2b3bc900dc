"""Formulas that follow from wrong ones: ``L = (y - t)^2 = y^2 - t^2``, and then ``∂L/∂y = 2y``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from derivations.checking.carrying import Carrying
from derivations.checking.knowledge import Knowledge
from derivations.checking.quantities import base_of, free, quantities
from derivations.checking.replacing import put
from derivations.checking.unwritten import linear
from derivations.formula.tree import Apply, Formula, Name, walk

if TYPE_CHECKING:
    from derivations.checking.comparing import Comparing

HEADS = ("partial", "total")
Slips = Mapping[Formula, Formula]


def follows_from_slips(comparing: Comparing, left: Formula, right: Formula) -> bool:
    """Whether sides in names are equal by what the text went on with, wrongly."""
    known = comparing.known
    slips = {q: f for q, f in known.claimed.items() if q in known.tainted}
    if not slips:
        return False
    moved = _wrong_forms(known, slips) | _of_gradients(known, slips, (left, right))
    if comparing.right_with(moved, left, right, stays=False) is not None:
        return True
    carrying = Carrying(known, slips)
    a, b = (put(carrying.carried(side), slips) for side in (left, right))
    return (a, b) != (left, right) and comparing.tried(a, b).right


def _wrong_forms(known: Knowledge, slips: Slips) -> dict[str, Formula]:
    """What is defined, in the form that the text went on with."""
    said = {q.id: f for q, f in slips.items() if isinstance(q, Name) and quantities(f)}
    return {name: f for name, f in said.items() if name in known.definitions}


def _of_gradients(
    known: Knowledge, slips: Slips, sides: tuple[Formula, Formula]
) -> dict[str, Formula]:
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

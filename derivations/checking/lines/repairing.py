"""``z = 0.8`` by a slip, and then the right y: a value that its line does not rest on was mended without a word."""

from __future__ import annotations

from dataclasses import replace

from derivations.checking.equality.carrying import Carrying
from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.replacing import put
from derivations.checking.equality.steps import AGAIN, FOLLOWS, GIVEN, WRONG, Ruling
from derivations.checking.equality.witnesses import same, value_in
from derivations.checking.names.quantities import is_plain, quantities
from derivations.formula.tree import Formula


def repaired(compare: Comparing, sides: tuple[Formula, str, Formula], ruling: Ruling) -> Ruling:
    """The ruling on a right number; that it is right again, where an earlier wrong value gives another.

    The wrong values are forgotten then: what comes behind goes on with the right ones.
    """
    left, sign, right = sides
    known = compare.known
    wrong = {q: f for q, f in known.claimed.items() if q in known.tainted and is_plain(f)}
    if not wrong or ruling.verdict in (GIVEN, FOLLOWS) or quantities(right):
        return ruling
    left = compare.normal(left)
    if not quantities(left) or left in wrong:
        return ruling
    carrying = Carrying(known, wrong)
    if not (carrying.touches(left) or quantities(left) & wrong.keys()):
        return ruling
    carried, world = put(carrying.carried(left), wrong), carrying.world()
    before, after = value_in(left, known.own_world()), value_in(carried, world)
    if before is not None and after is not None and same(before, after):
        return ruling  # it does not rest on them
    other = compare.in_world(carried, sign, right, world)
    if other is None or other.verdict != WRONG:
        return ruling
    for quantity in wrong:
        known.claimed.pop(quantity)
        known.tainted.discard(quantity)
    return replace(ruling, why=AGAIN, repaired=True)

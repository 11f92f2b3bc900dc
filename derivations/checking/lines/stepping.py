"""``w = 0.7 - 0.5 · 0.2 = 0.6`` and ``w := 0.6``: new values of parameters that have one."""

from __future__ import annotations

from dataclasses import replace

from derivations.checking.equality.rounds import Rounds
from derivations.checking.equality.witnesses import same, value_in
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import quantities
from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex import ReadChain

UPDATE, ASSIGNED = "←", ":="


def with_update(chain: ReadChain, known: Knowledge, rounds: Rounds) -> ReadChain:
    """The line with ← in the place of its first sign, where it gives a parameter its new value.

    Only of parameters that the problem updates once, and before the text has done so: behind "=" by
    a sum that begins with the old value in numbers, behind ":=" by anything but the old value.
    """
    left, link = chain.first.formula, chain.links[0] if chain.links else None
    right = link.term.formula if link is not None else None
    if link is None or right is None or not isinstance(left, Name):
        return chain
    if left.id not in known.descents or rounds.has_updated(left.id):
        return chain
    goes_on = link.sign in ("=", "≈") and _begins_with(left, right, known)
    assigned = link.sign == ASSIGNED and not _is_value(left, right, known)
    if not goes_on and not assigned:
        return chain
    first = replace(link, sign=UPDATE, written=link.sign)
    return replace(chain, links=(first, *chain.links[1:]))


def _begins_with(left: Name, right: Formula, known: Knowledge) -> bool:
    """Whether a sum begins with the number that a name stands for."""
    if not isinstance(right, Apply) or right.head != "sum" or quantities(right.args[0]):
        return False
    return _is_value(left, right.args[0], known)


def _is_value(left: Name, right: Formula, known: Knowledge) -> bool:
    old, said = (value_in(side, known.own_world()) for side in (left, right))
    if isinstance(old, tuple) and len(old) == 1 and not isinstance(said, tuple):
        old = old[0]  # of a layer of one unit
    return old is not None and said is not None and same(old, said)

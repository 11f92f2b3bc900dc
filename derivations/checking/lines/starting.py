"""Where a recursion starts that nobody says: ``m_0``, ``v_0``, ``h_0`` are zero.

Optimisers begin with moments of zero (Kingma and Ba 2015, algorithm 1), recurrent layers with a
state of zero. It is taken so only where nobody gives another value, and refutes only what has a zero
written in it, or nothing in the place of the term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import UNDECIDED, WRONG, Ruling
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import is_plain, quantities
from derivations.formula.looks import look
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, Number, names, walk

STATES = frozenset("mvshcGr")  # moments, velocities and states
ZERO = Number("0")


def open_starts(known: Knowledge, *sides: Formula) -> Iterator[str]:
    """Names of states at time 0 for which nobody says anything."""
    for name in sorted(set().union(*map(known.support, sides))):
        parts = look(name)
        first = (parts.subscript or parts.superscript) == "0"
        declared = known.symbols.get(name) is not None
        if first and parts.base in STATES and not known.is_settled(name) and not declared:
            yield name


def from_zero(compare: Comparing, left: Formula, sign: str, right: Formula) -> Ruling | None:
    """Whether two sides are equal where a recursion starts at zero; None where they are not."""
    known = compare.known
    starts = [n for n in open_starts(known, left, right) if Name(n) not in known.claimed]
    numbers, unspoken = not quantities(right), known.spoken.isdisjoint(starts)
    if not starts or not (numbers or unspoken):
        return None
    for name in starts:
        known.give(name, ZERO)
    ruling = compare.equal(left, sign, right)
    said = ", ".join(text(Name(name)) for name in starts)
    if ruling.right and (numbers or isinstance(left, Name)):
        return Ruling(ruling.verdict, f"with {said} = 0")
    if ruling.verdict == WRONG and numbers and _leaves_out(compare.body(left), right, starts):
        return ruling
    for name in starts:
        known.forget(name)
    return (
        Ruling(UNDECIDED, f"it holds if {said} is 0, which is not said") if ruling.right else None
    )


def _leaves_out(body: Formula, right: Formula, starts: Sequence[str]) -> bool:
    """Whether a side in numbers has 0 in the term of a start, or no term for it."""
    if not isinstance(body, Apply) or not isinstance(right, Apply) or is_plain(right):
        return False
    if len(body.args) == len(right.args) == 1 and body.head == right.head:
        return _leaves_out(body.args[0], right.args[0], starts)
    if body.head != "sum":
        return False
    terms = right.args if right.head == "sum" else (right,)
    if len(terms) < len(body.args):
        return True
    pairs = zip(body.args, terms, strict=False)
    return any(ZERO in walk(b) and not {*starts}.isdisjoint(names(a)) for a, b in pairs)

"""A formula that is solved for a name in it: ``p = σ(z)``, and then ``z = \\ln(p/(1 - p))``.

What is made of a name that the line itself gives a formula says nothing new of it.
"""

from __future__ import annotations

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.replacing import ZERO
from derivations.checking.equality.steps import HOLDS, OF_STEP, UNDECIDED, WRONG, Ruling
from derivations.checking.names.quantities import free
from derivations.checking.names.unwritten import HEADS as DERIVATIVES
from derivations.formula.tree import Apply, Formula, Name, walk

SUPPOSED = "it holds if"  # names are positive, as under a root
ARITHMETIC = frozenset({"sum", "product", "quotient", "neg", "group"})


def of_inverse(compare: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """The ruling on a definition that is turned around; None where it is none, or one more equation."""
    known = compare.known
    if isinstance(left, Apply) and left.head in DERIVATIVES:
        return _slope_of_inverse(compare, left, right)
    if not isinstance(left, Name) or left.id in free(right):
        return None
    through = [n for n in free(right) & known.definitions.keys() if left.id in known.inside(n)]
    if len(through) != 1 or known.values.keys() & {left.id, *through}:
        return None
    body = known.definitions[through[0]]
    count = sum(node == left for node in walk(body))
    if count > (2 if _is_rational(body) else 1):  # p/(1 - p)
        return None
    beside = Apply("product", (ZERO, right))  # so that both sides speak of the same names
    ruling = compare.equal(Apply("sum", (left, beside)), "=", right)
    if ruling.right:
        return ruling
    if ruling.verdict == UNDECIDED and ruling.why.startswith(SUPPOSED):
        return Ruling(HOLDS, ruling.why)
    alike = free(right) | {left.id} == free(body) | set(through)
    return ruling if ruling.verdict == WRONG and alike and not _is_line(body) else None


def _slope_of_inverse(compare: Comparing, left: Apply, right: Formula) -> Ruling | None:
    """``dz/dp`` behind ``p = σ(z)`` and ``z = \\ln p - \\ln(1 - p)``, by what was said of z."""
    known = compare.known
    of, by = left.args
    said = known.claimed.get(of)
    if not isinstance(of, Name) or not isinstance(by, Name) or said is None:
        return None
    if of.id not in known.inside(by.id) or by.id not in free(said):
        return None
    before = known.definitions
    known.definitions = {n: f for n, f in before.items() if n != by.id} | {of.id: said}
    known.changed()
    try:
        ruling = compare.equal(left, "=", right)
    finally:
        known.definitions = before
        known.changed()
    if ruling.right and of in known.tainted:
        return OF_STEP
    return ruling if ruling.verdict != UNDECIDED else None


def _is_rational(body: Formula) -> bool:
    return {node.head for node in walk(body) if isinstance(node, Apply)} <= ARITHMETIC


def _is_line(body: Formula) -> bool:
    """Whether a formula is one name, once and not below a line, and numbers, as of one of several equations."""
    below = [n.args[1] for n in walk(body) if isinstance(n, Apply) and n.head == "quotient"]
    once = sum(isinstance(node, Name) for node in walk(body)) == 1
    return once and _is_rational(body) and not any(map(free, below))

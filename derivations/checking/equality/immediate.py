"""∂h_2/∂u where only the u is meant that h_2 is made with, and not that inside h_1.

``∂L/∂u = ∂L/∂h_2 ∂h_2/∂u + ∂L/∂h_1 ∂h_1/∂u`` sums over the places where a shared weight acts: each
path ends at its last derivative, which keeps the earlier states fixed (Pascanu, Mikolov, Bengio
2013, eq. 4).
"""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import free
from derivations.formula.tree import Apply, Formula, Name, apply, rewrite, substitute

HEADS = frozenset({"partial", "total"})


def immediate(formula: Formula, known: Knowledge) -> Formula:
    """The formula with such derivatives by shared weights; itself where there are none."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head not in HEADS:
            return None
        of, wrt = node.args
        if not isinstance(of, Name) or not isinstance(wrt, Name) or wrt.id in known.definitions:
            return None
        kept = _kept(of.id, wrt.id, known)
        return apply(node.head, Name(known.hidden(kept)), wrt) if kept is not None else None

    return rewrite(formula, rule)


def versions(known: Knowledge, left: Formula, right: Formula) -> Iterator[tuple[Formula, Formula]]:
    """Two sides with such derivatives: on the right, and on the left once the text has used them so."""
    meant = immediate(right, known)
    if meant != right:
        yield left, meant
    if known.at_once and (other := immediate(left, known)) != left:
        yield other, meant


def _kept(of: str, wrt: str, known: Knowledge) -> Formula | None:
    """The definition of a name with all fixed that moves with a weight, which it is made with itself."""
    body = known.definitions.get(of)
    if body is None:
        return None
    direct = free(body)
    moved = {n for n in direct if n in known.definitions and wrt in known.inside(n)}
    if wrt not in direct or not moved:
        return None
    return substitute(body, {name: apply("detach", Name(name)) for name in moved})

"""Derivatives of what the text does not define: ∂L/∂z_k of any loss L, as quantities of their own.

Two sides that are equal whatever these are, are equal. Where they differ, that is a slip only if all
of them are derivatives of one quantity by one array: others may hang together in ways nobody has said.
"""

from __future__ import annotations

from dataclasses import dataclass

from derivations.checking.equality.normal import DERIVATIVES
from derivations.checking.names.derivatives import has_derivatives
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of
from derivations.formula.tree import Apply, Formula, Name, apply, rewrite, walk

OWN = "~d"  # begins the names of such quantities


@dataclass(frozen=True, slots=True)
class Unnamed:
    """The sides with a name for each derivative that is not defined; ``alike``: all are of one kind."""

    left: Formula
    right: Formula
    alike: bool


def unnamed(known: Knowledge, left: Formula, right: Formula) -> Unnamed | None:
    """The sides with names for the derivatives of what is not defined; None where there is no such."""
    kinds: set[tuple[str | None, str | None]] = set()

    def rule(node: Formula) -> Formula | None:
        if (
            not isinstance(node, Apply)
            or node.head not in DERIVATIVES
            or has_derivatives(known, node)
        ):
            return None
        of, wrt = node.args
        kinds.add((base_of(of), base_of(wrt)))
        return _named(known, of, wrt)

    sides = rewrite(left, rule), rewrite(right, rule)
    inside = (node for side in sides for node in walk(side) if isinstance(node, Apply))
    if not kinds or any(n.head in DERIVATIVES and not has_derivatives(known, n) for n in inside):
        return None
    return Unnamed(*sides, alike=len(kinds) == 1 and (None, None) not in kinds)


def _named(known: Knowledge, of: Formula, wrt: Formula) -> Formula | None:
    """A name of our own, or an entry of an array of our own, as large as what it is a derivative of."""
    bases = base_of(of), base_of(wrt)
    if None in bases:
        return None
    name = f"{OWN}_{'_'.join(map(str, bases))}"
    places: list[Formula] = []
    sizes: list[str] = []
    for side, base in zip((of, wrt), bases, strict=True):
        whole = known.shape_of(str(base))
        if isinstance(side, Apply):
            places += side.args[1:]
            if len(whole) != len(side.args) - 1:
                return None
        sizes += whole
    if places and len(places) != len(sizes):
        return None
    if sizes:
        known.indices.shapes[name] = tuple(sizes)
    return apply("entry", Name(name), *places) if places else Name(name)

"""Whether two sides are in order, by values where there are any, else at many points."""

from __future__ import annotations

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.replacing import ZERO, put
from derivations.checking.equality.steps import (
    GIVEN,
    HOLDS,
    PROVED,
    TOO_LONG,
    UNDECIDED,
    WRONG,
    Ruling,
)
from derivations.checking.equality.witnesses import both
from derivations.checking.names.quantities import free, is_named
from derivations.formula.tree import Apply, Formula, rewrite
from derivations.models.activations import ACTIVATIONS
from derivations.truth.judge import REFUTED, judge


class Ordering:
    """Tells whether one side is smaller than another."""

    def __init__(self, comparing: Comparing) -> None:
        self.compare = comparing
        self.known = comparing.known

    def ruling(
        self, left: Formula, sign: str, right: Formula, claimed_for_all: bool = False
    ) -> Ruling:
        """Whether ``left < right`` and the like; ``claimed_for_all``: it is no condition."""
        left, right = self.compare.normal(left), self.compare.normal(right)
        if self.compare.is_too_long(left, right):
            return TOO_LONG
        own = self.known.own_world()
        for claimed in ({}, self.known.claimed):
            verdict = judge(put(left, claimed), sign, put(right, claimed), own)
            if verdict.accepted or verdict.kind == REFUTED:
                kind = PROVED if verdict.accepted else WRONG
                return Ruling(kind, verdict.why, *both(verdict.witness))
        worlds = self.known.random_worlds(left, right)
        verdicts = [judge(left, sign, right, world) for world in worlds]
        if verdicts and all(verdict.accepted for verdict in verdicts):
            return Ruling(HOLDS, "at all points that were tried")
        if is_named(left) and not self.known.is_known(left):
            return Ruling(GIVEN, "a condition")
        refuted = next((v for v in verdicts if v.kind == REFUTED), None)
        if refuted is not None and claimed_for_all and self._is_of_any_number(left, right):
            return Ruling(WRONG, refuted.why or "it does not hold at all points", *both(refuted.witness))  # fmt: skip
        if refuted is not None:
            return Ruling(UNDECIDED, "it holds at some points and not at others")
        return Ruling(UNDECIDED, "it cannot be decided")

    def _is_of_any_number(self, left: Formula, right: Formula) -> bool:
        """Whether a side is made of activations, which take any number, and the other is a number."""
        inside = rewrite(left, lambda n: ZERO if isinstance(n, Apply) and n.head.rstrip("'") in ACTIVATIONS else None)  # fmt: skip
        open_names = all(self.known.symbols.get(n) is None and not self.known.is_settled(n) for n in free(left))  # fmt: skip
        return bool(free(left)) and not free(inside) and not free(right) and open_names

"""Relations of a statement in symbols, judged in worlds of it.

A relation that says nothing of a problem's own numbers has the same verdict in all variants of
the problem: it is judged once, in worlds without those numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice

from derivations.errors import VerificationError
from derivations.formula.evaluation import Function, Value
from derivations.formula.tree import Formula, free
from derivations.steps.solution import Universe
from derivations.truth.judge import KINK, UNDECIDED, Verdict, World, holds, judge, weakest
from derivations.truth.universes import WORLDS, worlds_of
from derivations.truth.worlds import with_free_names

ENOUGH = 12  # of further worlds for a line
FURTHER = 100  # worlds in which those are looked for that fulfil a condition
KEPT = 8  # statements whose verdicts are remembered

Relation = tuple[Formula, str, Formula, Formula | None]  # and where it is claimed


class Statement:
    """The worlds of a statement, and what was judged in them.

    Args:
        universe: the symbols, and what is defined over them.
        givens, definitions: numbers of the problem beside them, and what is defined over these.
        functions: what the formulas call.
        seed: what the draws depend on.
    """

    def __init__(
        self,
        universe: Universe,
        givens: Mapping[str, Value],
        definitions: Mapping[str, Formula],
        functions: Mapping[str, Function],
        seed: str,
        patience: int | None = None,
    ) -> None:
        self.universe, self.functions, self.seed = universe, functions, seed
        self.given = (givens, definitions)
        tries = {} if patience is None else {"patience": patience}
        self.worlds = worlds_of(universe, givens, definitions, functions, seed, **tries)
        self.verdicts: dict[Relation, Verdict] = {}

    @cached_property
    def further(self) -> list[World]:
        """Many more worlds, for lines that are claimed in few of them."""
        seed = f"{self.seed}, further"
        return worlds_of(self.universe, *self.given, self.functions, seed, FURTHER)

    def judge(self, relation: Relation, used: Iterable[str]) -> Verdict:
        """Whether it holds in all worlds; ``used`` are the names in it."""
        if relation not in self.verdicts:
            self.verdicts[relation] = self._judged(relation, used)
        return self.verdicts[relation]

    def _judged(self, relation: Relation, used: Iterable[str]) -> Verdict:
        left, sign, right, when = relation
        known = self.worlds[0].values
        names = {name for name in used if "/d" not in name and name not in known}
        worlds = [world for own in self.worlds for world in with_free_names(own, names)]
        if when is not None:
            worlds = [world for world in worlds if holds(when, world)]
            worlds += islice((world for world in self.further if holds(when, world)), ENOUGH)
            if not worlds:
                return Verdict(UNDECIDED, "no case was found in which the line is claimed")
        verdicts = [judge(left, sign, right, world) for world in worlds]
        if verdicts and verdicts[0].accepted:  # what holds by convention at a kink
            verdicts = [verdict for verdict in verdicts if verdict.witness != KINK]
        # at first no two sizes are alike
        return next((v for v in verdicts if not v.accepted), weakest(verdicts))


_remembered: dict[int, Statement] = {}


def in_general(
    universe: Universe, own: Iterable[str], functions: Mapping[str, Function], seed: str
) -> Statement | None:
    """The statement without numbers, the same for all variants of a problem.

    None where it needs the problem's ``own`` names, or a function does.
    """
    known = _remembered.get(id(universe))
    if known is None or (known.functions, known.seed) != (functions, seed):
        bodies = ({*free(f.body)} - {*f.parameters} for f in functions.values())
        if not {*own}.isdisjoint(name for names in bodies for name in names):
            return None
        try:
            known = Statement(universe, {}, {}, functions, seed, patience=WORLDS)
        except VerificationError:
            return None
        _remembered[id(universe)] = known
        if len(_remembered) > KEPT:
            del _remembered[next(iter(_remembered))]
    return known

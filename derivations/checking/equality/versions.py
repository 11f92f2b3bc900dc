"""What names in a side may stand for: true values, those that were rounded, all that a text claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from derivations.checking.equality.last_digits import Source
from derivations.checking.equality.normal import DERIVATIVES
from derivations.checking.equality.replacing import put
from derivations.checking.equality.rounds import Rounds
from derivations.checking.names.entries import renewed
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import quantities
from derivations.formula.tree import Apply, Formula, Name, walk
from derivations.truth.judge import World

TRUE, RIGHT, PRINTED, ALL = "true", "right", "printed", "all"


class Versions:
    """The forms of a side, and the worlds in which it may be meant.

    Attributes:
        about: the first term of the line at hand.
        whole: what is behind it, while nothing in the line is wrong.
    """

    def __init__(self, knowledge: Knowledge, rounds: Rounds) -> None:
        self.known = knowledge
        self.rounds = rounds
        self.about: Formula | None = None
        self.whole: Formula | None = None

    def of(self, formula: Formula) -> Iterable[tuple[Formula, str]]:
        """The formula by the true values, by those that were rounded, by all that the text claims."""
        before = [formula]
        yield formula, TRUE
        for name in (RIGHT, PRINTED, ALL):
            claimed = self._claims(name)
            once = put(formula, claimed)
            for version in (once, put(once, claimed)):  # of derivatives, each with a claim
                if version not in before:
                    before.append(version)
                    yield version, name

    def put_in(self, formula: Formula, version: str) -> Formula:
        """The formula with what this version says of its names."""
        return formula if version == TRUE else put(formula, self._claims(version))

    def good(self) -> Mapping[Formula, Formula]:
        """What the text claims and has right."""
        return {q: f for q, f in self.known.claimed.items() if q not in self.known.tainted}

    def _claims(self, version: str) -> Mapping[Formula, Formula]:
        if version == ALL:
            return self.known.claimed
        return {**self.known.printed, **self.good()} if version == PRINTED else self.good()

    def worlds(self, left: Formula) -> Iterator[World]:
        """The values now; for a derivative also those before the last update of weights."""
        yield self.known.own_world()
        about = (self.about,) if self.known.descents and self.about is not None else ()
        spoken = [node for formula in (left, *about) for node in walk(formula)]
        heads = {node.head for node in spoken if isinstance(node, Apply)}
        if heads & DERIVATIVES:
            yield from self.rounds.worlds_before()
        if self._is_computed_anew(left) and (values := renewed(self.known)):
            yield World(self.known.computed(values, self.known.definitions), self.known.functions)

    def _is_computed_anew(self, left: Formula) -> bool:
        """Whether the line is about a quantity that has a number already: it may be that of new weights."""
        about = self.about
        before = self.known.claimed.get(about) if about is not None else None
        if before is None or quantities(before) or not isinstance(about, Name):
            return False
        return left in (about, self.known.definitions.get(about.id))

    def sources(self, left: Formula) -> Iterator[Source]:
        """What a side may have been computed from; also what the whole line is about."""
        known = self.known
        for formula in (left, self.whole or left):
            for version, name in self.of(formula):
                given = known.support(version) & known.values.keys() <= known.fixed
                for world in self.worlds(formula):
                    if name != TRUE or not quantities(version):
                        yield Source(version, world, printed=True)
                    elif given:
                        yield Source(version, world, printed=False)

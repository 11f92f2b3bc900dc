"""Updates, and the rounds of a run: names that stand for one number after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flint import arb, fmpq

from derivations.checking.equality.witnesses import value_in
from derivations.checking.names.entries import set_entry
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free, is_plain, quantities
from derivations.formula.evaluation import EvaluationError, Value, evaluate, precision
from derivations.formula.looks import look
from derivations.formula.numerals import NUMERAL, Ambiguous, decimal_places, exact
from derivations.formula.printing import text
from derivations.formula.tree import Formula, Name, walk
from derivations.formula.work import Exhausted
from derivations.truth.judge import BITS, World, judge
from derivations.truth.worlds import Model

MOMENTS = frozenset("vmsruG")
FEW = 5  # units of a last digit between what was rounded on the way and what was not


class Rounds:
    """What updates and repeated lines do to the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.known = knowledge
        self.rules: dict[str, Formula] = {}  # updates that were stated and not yet carried out
        self.updated: set[str] = set()  # names that were given new values by updates
        self.computed: set[Formula] = set()  # quantities that have had a number
        self.instanced: set[str] = set()  # names whose numbers stood in the place of them
        self.left_out = False  # whether rounds were
        self.slopes: set[Formula] = set()  # derivatives whose numbers did
        self._pending: dict[str, Value] = {}  # new values that hold from the next line on
        self._placed: dict[Formula, tuple[Formula, Value]] = {}  # those of entries of arrays
        self._claims_pending: dict[Formula, tuple[Formula, bool]] = {}
        self._before: dict[str, Value] | None = None  # the values before the last update
        self._first: dict[str, Value] | None = None  # those before the first one
        self._stale: set[str] = set()  # names whose claims rest on old weights

    def update(self, quantity: Formula, sides: Sequence[Formula], wrong: bool) -> None:
        """``w ← w - ηg = ... = 0.42``: the new value holds from the next line that is no update."""
        numbers = [side for side in sides if not quantities(side)]
        name = base_of(quantity)
        if name is None:
            return
        if isinstance(quantity, Name):
            self.rules.pop(name, None)
        if not numbers:
            if isinstance(quantity, Name):
                self.rules[name] = sides[0]
            return
        shown = not wrong and not is_plain(numbers[0])  # as an expression, before it is rounded
        for side in (numbers[0],) if shown else (sides[0], numbers[-1]):
            try:
                with precision(BITS[0]):
                    value = evaluate(side, self.known.own_world().values, self.known.functions)
                if isinstance(quantity, Name):
                    self._pending[name] = value
                else:
                    self._placed[quantity] = (numbers[0] if shown else numbers[-1], value)
                break
            except (EvaluationError, Ambiguous, KeyError):
                continue
            except Exhausted:
                self.known.values.pop(name, None)  # no value is better than an old one
                self.known.changed()
                raise
        self._claims_pending[quantity] = (numbers[-1], wrong)

    def settle(self) -> None:
        """Carry out the updates that wait."""
        if not self._pending and not self._placed:
            return
        self._before = dict(self.known.values)
        self._first = self._first or self._before
        moved = {*self._pending, *(base_of(entry) or "" for entry in self._placed)}
        self.updated |= moved
        for name, value in self._pending.items():
            self.known.definitions.pop(name, None)
            self.known.values[name] = value
        for entry, (number, value) in self._placed.items():
            set_entry(self.known, entry, number, value)
        for quantity, (formula, wrong) in self._claims_pending.items():
            self.known.claim(quantity, formula, wrong)
        self._stale |= {n for n in self.known.definitions if self.known.inside(n) & moved}
        self._pending.clear()
        self._placed.clear()
        self._claims_pending.clear()
        self.known.changed()

    def begin(self, first: Formula, update: bool, used: frozenset[str] = frozenset()) -> None:
        """A line about this quantity begins: what an old weight gave it is forgotten.

        Updates one below the other are made from the same old values, but of velocities and moments
        that an update uses, the new ones are.
        """
        own = first in self._placed or (isinstance(first, Name) and first.id in self._pending)
        used = used | self._in_rule(first)
        moments = {n for n in used & self._pending.keys() if look(n).base in MOMENTS}
        if update and not own and not moments:
            return
        self.settle()
        if isinstance(first, Name) and first.id in self._stale:
            self._stale.discard(first.id)
            self.known.claimed.pop(first, None)
            self.known.tainted.discard(first)

    def _in_rule(self, name: Formula) -> frozenset[str]:
        """The names in an update that was stated and not yet carried out."""
        rule = self.rules.get(name.id) if isinstance(name, Name) else None
        return frozenset() if rule is None else frozenset(free(rule))

    def awaits(self, rule: Formula) -> bool:
        """Whether an update speaks of a name whose new value waits: the old or the new one may be meant."""
        return not free(rule).isdisjoint(self._pending)

    def has_updated(self, name: str) -> bool:
        """Whether the text has given a name its new value."""
        return name in self.updated or name in self._pending

    def worlds_before(self) -> Iterator[World]:
        """The values before the last update; where the problem has a single one, before all lines of it."""
        earlier = (self._before, self._first if self.known.descents else None)
        for place, values in enumerate(earlier):
            if values is not None and not (place and values is self._before):
                model = self.known.computed(values, self.known.definitions)
                yield World(model, self.known.functions)

    def replaced(self) -> dict[str, fmpq]:
        """The numbers that the last update has replaced."""
        before = self._before or {}
        return {
            name: value
            for name, value in before.items()
            if isinstance(value, fmpq) and self.known.values.get(name) != value
        }

    def is_another_round(self, name: str, formula: Formula) -> bool:
        """Whether a name is said once more to be what it was, of another sample by now.

        Of samples the text says only by the numbers in their place what they are.
        """
        return self.known.definitions.get(name) == formula and bool(free(formula) & self.instanced)

    def start_round(self, first: Name, formula: Formula) -> None:
        """What the last round of a repeated line has given is forgotten."""
        self.known.claimed.pop(first, None)
        self.known.tainted.discard(first)
        for name in self.instanced:  # of the sample before
            self.known.forget(name)
        for slope in self.slopes:
            self.known.claimed.pop(slope, None)
        self.instanced.clear()
        self.slopes.clear()

    def are_of_later_round(self, numbers: Mapping[Formula, Formula]) -> bool:
        """Whether names that were updated have all gone on to other numbers: rounds were left out.

        One name alone, or a number from before the last update, is rather a slip; with a problem,
        the numbers have to be those of its run.
        """
        if not all(isinstance(name, Name) and name.id in self.updated for name in numbers):
            return False
        before = World(Model(self._before or {}, {}, self.known.functions), self.known.functions)
        old = [judge(name, "=", number, before).accepted for name, number in numbers.items()]
        if not self.known.other:
            return len(numbers) > 1 and not any(old)
        if all(old):
            return False
        return all(
            text(number).replace("−", "-") in self.known.other[base].numbers
            for name, number in numbers.items()
            if (base := base_of(name) or "") in self.known.other
        )

    def is_of_run(self, name: Formula | None, left: Formula, right: Formula) -> bool:
        """Whether a name's number is one that it has in the problem's run, unrounded on the way.

        What the numbers on the left give is only a few units of its last digit away.
        """
        shown = text(right).replace("−", "-")
        known = self.known.other.get(name.id) if isinstance(name, Name) else None
        if (
            not self.left_out
            or known is None
            or shown not in known.numbers
            or not NUMERAL.fullmatch(shown)
        ):
            return False
        value = value_in(left, self.known.own_world())
        unit = fmpq(1, 10 ** decimal_places(shown))
        return isinstance(value, (arb, fmpq)) and bool(
            abs(arb(value) - arb(exact(shown))) < FEW * arb(unit)
        )

    def go_on(self, numbers: Mapping[Formula, Formula]) -> None:
        """Names stand for the numbers of a later round from here on."""
        self.left_out = True
        for name, number in numbers.items():
            if isinstance(name, Name):
                self.known.forget(name.id)
                self.known.give(name.id, number)

    def definitions_of(self, name: str) -> Sequence[Formula]:
        """What a name is defined as, here and in other cases of the problem."""
        own = self.known.definitions.get(name)
        other = self.known.other[name].definitions if name in self.known.other else ()
        return (*([] if own is None else [own]), *other)

    def is_stale(self, quantity: Formula) -> bool:
        """Whether what the text says of a quantity rests on weights that were replaced since."""
        return bool(self._stale & {n.id for n in walk(quantity) if isinstance(n, Name)})

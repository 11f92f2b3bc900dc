"""What a line says for the lines below it: definitions, values, updates, and what it goes on with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from flint import arb

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.laying import settle
from derivations.checking.equality.replacing import put
from derivations.checking.equality.rounding import is_long, is_scalar_numeral, numerals, results
from derivations.checking.equality.steps import FOLLOWS, GIVEN, HOLDS, PROVED, ROUNDED, WRONG, Step
from derivations.checking.equality.witnesses import value_in
from derivations.checking.names.calling import is_call_of_names
from derivations.checking.names.entries import set_entry
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.outdated import outdate
from derivations.checking.names.quantities import (
    base_of,
    free,
    is_named,
    is_plain,
    is_update,
    quantities,
    squared,
)
from derivations.checking.names.ranges import as_formula
from derivations.checking.text.parts import EQUALS
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex import ReadChain, ReadLink

ANEW, UPDATE, DEFINED = "given anew", "an update", "a definition"


class Learning:
    """Takes what judged lines say into the knowledge."""

    def __init__(self, comparing: Comparing) -> None:
        self.compare = comparing
        self.known: Knowledge = comparing.known

    def line(self, chain: ReadChain, steps: Sequence[Step]) -> None:
        """One chain whose relations have been judged."""
        first = chain.first.formula
        if chain.label is not None:
            self._label(chain, steps)
        if first is None or not steps:
            return
        self._numerals(first, chain.links, steps)
        self._seen(chain)
        self._lay(steps)
        sides = self._sides(chain.links)
        if not sides or gives_new_value(steps[0]):
            if sides and is_named(first):
                self.compare.rounds.update(first, sides, _is_wrong(steps))
            return
        if steps[0].verdict == GIVEN and _is_list(first):
            self._give_each(first, sides[0])
        entries = shared_entries(first, chain.links)
        if entries and all(step.why == DEFINED for step in steps[: len(entries)]):
            self._share(entries, sides, _is_wrong(steps))
        elif is_named(first):
            self._quantity(first, sides, steps)
        elif isinstance(root := squared(first), Name) and steps[0].why in (DEFINED, ANEW):
            self.known.define(root.id, Apply("sqrt", (sides[0],)))
            self.known.claim(root, Apply("sqrt", (sides[-1],)), _is_wrong(steps))
        elif isinstance(first, Apply) and steps[0].verdict == GIVEN:
            at_point = first.head.endswith("'") and not free(first) & free(sides[0])
            if not at_point:  # F'(a) = 0 says nothing of other points
                self.known.define_function(first, sides[0])
        if isinstance(first, Apply) and is_call_of_names(first):
            if _is_wrong(steps) or first in self.known.claimed:
                self.known.claim(first, sides[-1], _is_wrong(steps))

    def _label(self, chain: ReadChain, steps: Sequence[Step]) -> None:
        """``z_1 : 0.5 + 0.2 = 0.7``: the formulas behind the colon are what the name stands for."""
        assert chain.label is not None
        name, first = chain.label.formula, chain.first.formula
        if name is None or first is None or is_named(first) or not is_named(name):
            return
        sides = [self.compare.normal(first), *self._sides(chain.links)]
        defined = Step(0, chain.label.source, GIVEN, DEFINED)
        self._quantity(name, sides, (defined, *steps))

    def _sides(self, links: Sequence[ReadLink]) -> list[Formula]:
        """The right sides up to the first sign that does not say equal."""
        sides: list[Formula] = []
        for link in links:
            if link.sign not in EQUALS:
                break
            if link.term.formula is not None:
                sides.append(self.compare.normal(link.term.formula))
        return sides

    def _numerals(self, first: Formula, links: Sequence[ReadLink], steps: Sequence[Step]) -> None:
        """Which numerals are rounded, and which are exact, from here on."""
        self.known.stated |= numerals(first) - self.known.rounded
        for step, link in zip(steps, links, strict=True):
            side = link.term.formula
            if side is None:
                continue
            if is_plain(side) and (link.sign == "≈" or self._is_rounded(side, step)):
                self.known.rounded |= results(side)
                self._show(side, step)
            elif step.verdict != ROUNDED and link.sign != "≈":
                self.known.stated |= {
                    t for t in numerals(side) if not is_long(t)
                } - self.known.rounded

    def _show(self, side: Formula, step: Step) -> None:
        """``e^2 ≈ 7.389``: what comes of e² further on may have been computed with 7.389."""
        left = step.left.formula if step.left is not None else None
        if left is None or step.verdict != ROUNDED or not is_scalar_numeral(side):
            return
        value = value_in(self.compare.normal(left), self.known.own_world())
        if isinstance(value, arb) and not value.is_exact():
            self.known.shown[side] = value

    def _is_rounded(self, side: Formula, step: Step) -> bool:
        """Whether a number was rounded: what follows from a slip may be, too."""
        if step.left is None or step.left.formula is None:
            return step.verdict == ROUNDED
        if step.verdict == PROVED and numerals(step.left.formula) & self.known.rounded:
            return True  # what is made of rounded numbers is not known better than they are
        if step.verdict != FOLLOWS:
            return step.verdict == ROUNDED
        left = put(self.compare.normal(step.left.formula), self.known.claimed)
        return self.compare.equal(left, "=", side).verdict == ROUNDED

    def _lay(self, steps: Sequence[Step]) -> None:
        """Right relations may need samples as the rows of their matrix."""
        for step in steps:
            left, right = (
                t.formula if t else None for t in (step.left, step.link and step.link.term)
            )
            if left is not None and right is not None and step.verdict in (PROVED, HOLDS):
                settle(self.compare, self.compare.normal(left), self.compare.normal(right))

    def _seen(self, chain: ReadChain) -> None:
        for term in (chain.first, *(link.term for link in chain.links)):
            if term.formula is not None:
                self.known.seen |= free(term.formula)

    def _quantity(self, first: Formula, sides: Sequence[Formula], steps: Sequence[Step]) -> None:
        name = base_of(first)
        if steps[0].why == ANEW and name is not None:
            if quantities(sides[0]):
                self.known.keep_steps(name)
            before = self.known.values.get(name)
            self.known.forget(name)
            if not quantities(sides[0]):
                outdate(self.known, [name])
            if isinstance(first, Apply) and isinstance(before, tuple):
                self.known.values[name] = before
                numbers = [side for side in sides if not quantities(side)]
                value = value_in(numbers[0], self.known.own_world()) if numbers else None
                if value is not None:
                    set_entry(self.known, first, numbers[0], value)
            elif quantities(sides[0]):
                self.known.define(name, sides[0])
            else:
                self.known.give(name, sides[0])
        elif steps[0].verdict == GIVEN and name is not None and not self.known.is_known(first):
            if isinstance(first, Apply):
                self._entries(first, sides[0])
            elif quantities(sides[0]) and not self._is_shared(sides):
                self.known.define(name, sides[0])
            else:
                self.known.give(name, next(side for side in sides if not quantities(side)))
        if steps[0].why == DEFINED and isinstance(first, Apply):
            self._gradient(first, sides[0])
        if self.known.conditions and self.known.is_known(first):
            return  # said for some cases
        plain = [side for side in sides if not quantities(side)]
        self.known.claim(first, plain[-1] if plain else sides[-1], _is_wrong(steps))
        if plain:
            self.compare.rounds.computed.add(first)
        letters = [side for side in sides if quantities(side)]
        if letters:
            self.known.in_letters[first] = letters[-1]
        else:
            self.known.in_letters.pop(first, None)

    def _share(self, entries: Sequence[Formula], sides: Sequence[Formula], wrong: bool) -> None:
        """``p_1 = p_2 = p_3 = 0.5``: the number is that of each entry."""
        plain = [side for side in sides if not quantities(side)]
        for entry in entries:
            if isinstance(entry, Apply):
                self.known.give_entry(entry, plain[0])
            self.known.claim(entry, plain[-1], wrong)

    def _is_shared(self, sides: Sequence[Formula]) -> bool:
        """``w_1 = w_2 = 0``: one number for several names, none of which is what the others are."""
        names = list(takewhile(lambda side: isinstance(side, Name), sides))
        bare = all(isinstance(n, Name) and n.id not in self.known.definitions for n in names)
        return bare and len(names) < len(sides) and not any(map(quantities, sides[len(names) :]))

    def _give_each(self, names: Formula, values: Formula) -> None:
        """``(w_1, w_2) = (0.5, 1)``: a value for each."""
        if isinstance(names, Apply) and isinstance(values, Apply):
            for name, value in zip(names.args, values.args, strict=False):
                if isinstance(name, Name):
                    self.known.give(name.id, value)

    def _gradient(self, first: Apply, body: Formula) -> None:
        """``∂L/∂a_k = a_k - t_k`` for every k: the gradient by its entries."""
        if not self.known.unwritten.of(first) or self.known.unwritten.of(
            first
        ) in self.known.support(body):
            return
        wrt = first.args[1]
        whole = self._spelled(wrt, body) if isinstance(wrt, Apply) else body
        if whole is not None:
            self.known.say_gradient(first, whole)

    def _entries(self, first: Apply, body: Formula) -> None:
        """``z_k = ...`` for every k: the array by its entries; ``z_1 = ...`` is one of them."""
        array, *places = first.args
        if not isinstance(array, Name) or not all(isinstance(p, Name) for p in places):
            self.known.give_entry(first, body)
            return
        whole = self._spelled(first, body)
        if whole is not None:
            self.known.define(array.id, whole)

    def _spelled(self, entry: Apply, body: Formula) -> Formula | None:
        """The array whose entries are known for every place; None where a place is a number."""
        array, *places = entry.args
        ends = [as_formula(size) for size in self.known.shape_of(base_of(array) or "")]
        letters = all(isinstance(place, Name) for place in places)
        if not letters or len(set(places)) != len(places) or len(ends) != len(places):
            return None
        for place, end in reversed(list(zip(places, ends, strict=True))):
            body = Apply("column_of", (place, Number("1"), end, body))
        return body


def shared_entries(first: Formula | None, links: Sequence[ReadLink]) -> list[Formula]:
    """The entries that stand one behind the other before a number, two at least."""
    sides = [first, *(link.term.formula for link in takewhile(lambda a: a.sign in EQUALS, links))]
    entries = [side for side in takewhile(_is_entry, sides) if side is not None]
    number = sides[len(entries)] if len(entries) < len(sides) else None
    alone = number is None or bool(quantities(number)) or len(entries) < len(sides[:2])
    return [] if alone else entries


def _is_entry(side: Formula | None) -> bool:
    return isinstance(side, Apply) and side.head == "entry" and base_of(side) is not None


def gives_new_value(step: Step) -> bool:
    """Whether a step gives a parameter its new value."""
    left, right = (
        term.formula if term else None for term in (step.left, step.link and step.link.term)
    )
    sign = step.link.sign if step.link else ""
    return step.why == UPDATE or (
        left is not None and right is not None and is_update(left, sign, right)
    )


def _is_list(first: Formula) -> bool:
    return isinstance(first, Apply) and first.head in ("vector", "tuple")


def _is_wrong(steps: Sequence[Step]) -> bool:
    """Whether a line ends with something that is not true, so that what rests on it follows."""
    slips = any(step.verdict in (WRONG, FOLLOWS) for step in steps)
    return slips and not steps[-1].repaired

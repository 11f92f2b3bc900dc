"""Wrong derivations made of our own right ones: one side of one relation changed by one operator.

A mutant is a printed sheet, read as a student's file. The operators are those of the misconceptions,
and some slips of the pen. A side that is replaced is a formula (an operator makes another of it) or
a result (an operator makes another of the formula before it, and its value is printed instead).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from derivations.checking.equality.steps import FOLLOWS, GIVEN, RIGHT
from derivations.checking.misconceptions.entries import Operator, Right, at, with_arg
from derivations.checking.misconceptions.explaining import BITS, sources, value_of
from derivations.checking.misconceptions.library import BY_KEY, LIBRARY
from derivations.checking.names.problems import Background, background_of
from derivations.checking.reports import CheckedDocument, check_document
from derivations.formula.evaluation import Misfit, Value, entries, evaluate, precision
from derivations.formula.numerals import Ambiguous, NumeralError, decimal_places, to_decimals
from derivations.formula.tree import Apply, Formula, Name, Number, number, rewrite, walk
from derivations.pipeline import document_of_verified
from derivations.steps.relations import Chain, Term
from derivations.steps.solution import Line, Verified
from derivations.truth.judge import World, holds, judge_rounding
from derivations.truth.verification import Court
from derivations.writing import latex

ROUNDED_RESULT = re.compile(r"\\approx\s*(?:\\boxed\{)?-?(\d*\.\d+)")
EQUALITIES = frozenset({"=", "≈", "auto", "←"})
SEVERAL = 4  # worlds in which two slips are compared
MOST_WRONG = 60  # formulas of one operator for one side
RELATIONS = 12  # sides of one sheet that are looked at
DECIDED = RIGHT - {GIVEN, FOLLOWS}


# ---------------------------------------------------------------- slips of the pen


def _digit(node: Formula) -> Iterator[Formula]:
    """A digit that is one too large."""
    if isinstance(node, Number) and "/" not in node.text and "e" not in node.text.lower():
        for place, sign in enumerate(node.text):
            if sign.isdigit() and sign != "9":
                yield Number(f"{node.text[:place]}{int(sign) + 1}{node.text[place + 1 :]}")


def _exponent(node: Apply) -> Iterator[Formula]:
    """An exponent that is one too large or too small."""
    exponent = node.args[1]
    if isinstance(exponent, Number) and exponent.text.isdigit():
        for other in (int(exponent.text) + 1, int(exponent.text) - 1):
            yield with_arg(node, 1, Number(str(other)))


def _other_name(right: Right) -> Iterator[Formula]:
    """A name in the place of another one that stands beside it."""
    for node, rebuild in right.nodes.get("name", ()):
        for other in right.names:
            if Name(other) != node:
                yield rebuild(Name(other))


def _indices(node: Apply) -> Iterator[Formula]:
    """The indices of an entry exchanged."""
    array, *places = node.args
    if len(places) == 2 and places[0] != places[1]:
        yield Apply("entry", (array, places[1], places[0]))


SLIPS: Mapping[str, Operator] = {
    "digit-changed": at("number", _digit),
    "exponent-changed": at("power", _exponent),
    "name-exchanged": _other_name,
    "indices-exchanged": at("entry", _indices),
}
OPERATORS: Mapping[str, Operator] = {**{e.key: e.operator for e in LIBRARY}, **SLIPS}


# ---------------------------------------------------------------- sheets and mutants


@dataclass(frozen=True, slots=True)
class Place:
    """A relation of a sheet: its line, and which sign of it."""

    line: Line
    link: int

    @property
    def terms(self) -> tuple[Term, Term]:
        """What stands on its two sides."""
        return tuple(self.line.chain.terms())[self.link : self.link + 2]  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A sheet in which one side is wrong.

    Attributes:
        key: the operator that made it.
        place: the relation whose right side is another.
        right, wrong: the formula that is right there, and what stands in its place.
        text: the sheet, in LaTeX.
    """

    key: str
    place: Place
    right: Formula
    wrong: Formula
    text: str


class Sheet:
    """A sheet of ours: its LaTeX, what the problem says, and how it is checked.

    Args:
        verified: the solution that is printed.
    """

    def __init__(self, verified: Verified) -> None:
        self.verified = verified
        self.name = verified.solution.derivation.id
        self.text = printed(verified)

    @cached_property
    def background(self) -> Background:
        """What the problem file says."""
        return background_of(self.verified.solution)

    @cached_property
    def checked(self) -> CheckedDocument:
        """The sheet as it is, checked with its problem."""
        return check_document(self.text, self.background)

    @cached_property
    def court(self) -> Court:
        return Court(self.verified.solution)

    @property
    def places(self) -> list[Place]:
        """The relations of the solution, without those of the statement."""
        return [
            Place(line, link)
            for line in self.verified.lines
            if len(line.place) > 1
            for link, to in enumerate(line.chain.links)
            if to.relation in EQUALITIES  # a bound that is weaker is still one
        ]

    def worlds(self, line: Line) -> list[World]:
        """Where a line is claimed."""
        worlds = self.court.worlds
        when = line.chain.when
        return worlds if when is None else [world for world in worlds if holds(when, world)]

    def formula(self, term: Term) -> Formula | None:
        """A side as it is printed, with numerals where there are any; None of words."""
        shown = self.court.printed(term)
        return None if shown.words is not None else shown.formula

    def leads_to(self, key: str, mutant: Mutant) -> bool:
        """Whether an entry, too, makes of a right formula there what the mutant has."""
        entry = BY_KEY[key]
        worlds = self.worlds(mutant.place.line)[:SEVERAL]
        left = self.formula(mutant.place.terms[0])
        if left is None or not worlds:
            return False
        places = _places(mutant.wrong)
        definitions = self.court.definitions
        with precision(BITS):
            rights = [
                Right(form, value_of(form, worlds[0]), places, definitions, (), False)
                for form in (*sources(left, definitions), *sources(mutant.right, definitions))
            ]
            made = (wrong for right in rights for wrong in entry.operator(right))
            if any(_prints(wrong, mutant.wrong, worlds, places) for wrong in made):
                return True
            again = Right(mutant.wrong, None, places, definitions, (), False)
            repaired = entry.repair(again) if entry.repair else ()
            return any(_prints(one, mutant.right, worlds, places) for one in repaired)

    # ------------------------------------------------------------ making

    def mutants(self, place: Place, source: random.Random) -> Iterator[Mutant]:
        """One mutant of each operator that fits, in random order."""
        before, term = place.terms
        left, right = self.formula(before), self.formula(term)
        if left is None or right is None:
            return
        worlds = self.worlds(place.line)
        wrongs = list(self._wrong(left, right, place, worlds))
        source.shuffle(wrongs)
        done: set[str] = set()
        for key, wrong in wrongs:
            if key in done or not self._differs(right, wrong, worlds):
                continue
            if worlds and isinstance(right, Number) and _is_rounding(left, wrong, worlds[0]):
                continue  # the value of the numbers as they are written
            if worlds and self._is_within(left, wrong, worlds[0]):
                continue  # what numbers may give that were rounded on the way
            done.add(key)
            yield Mutant(key, place, right, wrong, self._with(place, wrong, term))

    @cached_property
    def rounded(self) -> frozenset[str]:
        """The decimals that the sheet rounds, as it prints them."""
        return frozenset(ROUNDED_RESULT.findall(self.text))

    def _is_within(self, left: Formula, wrong: Formula, world: World) -> bool:
        """Whether a decimal is what numbers may give of which each is half a unit off."""
        places = _places(wrong)
        decimals = [n.text for n in walk(left) if isinstance(n, Number) and n.text in self.rounded]
        if not isinstance(wrong, Number) or not places or not decimals:
            return False
        balls = {f"~{text}": arb(text, _half_a_unit(decimal_places(text))) for text in decimals}
        loose = rewrite(
            left,
            lambda n: Name(f"~{n.text}") if isinstance(n, Number) and n.text in decimals else None,
        )
        with precision(BITS):
            try:
                value = evaluate(loose, {**world.values, **balls}, world.functions)
            except (Misfit, Ambiguous, ArithmeticError, KeyError):
                return False
            found = arb(wrong.text, _half_a_unit(places))
            return isinstance(value, arb) and value.overlaps(found)

    def _wrong(
        self, left: Formula, right: Formula, place: Place, worlds: Sequence[World]
    ) -> Iterator[tuple[str, Formula]]:
        results = isinstance(right, Number) and not isinstance(left, (Number, Name))
        for key, operator in OPERATORS.items():
            made = list(_applied(operator, right, worlds, key))
            if results and worlds and isinstance(right, Number):
                made += _results(operator, left, right, worlds[0])
            for wrong in dict.fromkeys(made):
                yield key, wrong

    def _differs(self, right: Formula, wrong: Formula, worlds: Sequence[World]) -> bool:
        """Whether the sides have other values, or shapes that do not fit.

        What is right for the given numbers is right, and so is a number that is rounded rightly.
        """
        found = False
        own = self.verified.solution.derivation.universe is None
        if worlds and _is_rounding(right, wrong, worlds[0]):
            return False
        with precision(BITS):
            if own and worlds and _are_same(right, wrong, worlds[0]):
                return False
            for world in worlds:
                value = value_of(right, world)
                if value is None:
                    continue
                other = value_of(wrong, world)
                if other is None and not _is_misfit(wrong, world):
                    return False
                found = found or other is None or not same(value, other)
        return found

    def _with(self, place: Place, wrong: Formula, term: Term) -> str:
        """The sheet with the formula in the place of the right side."""
        chain = place.line.chain
        links = list(chain.links)
        links[place.link] = replace(
            links[place.link], term=replace(term, formula=wrong, numbers=False)
        )
        changed = replace(chain, links=tuple(links))
        solution = replace(
            self.verified.solution,
            parts=tuple(_exchanged(part, chain, changed) for part in self.verified.solution.parts),
        )
        lines = tuple(
            replace(line, chain=changed) if line.chain is chain else line
            for line in self.verified.lines
        )
        return printed(Verified(solution, lines, self.verified.notes))


def printed(verified: Verified) -> str:
    """The sheet of one problem, in LaTeX."""
    return latex.write(document_of_verified(verified))


def _exchanged(data: Any, old: Chain, new: Chain) -> Any:
    """The same data with another chain."""
    if data is old:
        return new
    if isinstance(data, tuple):
        parts = tuple(_exchanged(part, old, new) for part in data)
        return parts if any(a is not b for a, b in zip(parts, data, strict=True)) else data
    if not is_dataclass(data) or isinstance(data, (Number, Name, Apply)):
        return data
    found = {f.name: getattr(data, f.name) for f in fields(data)}
    changed = {name: _exchanged(value, old, new) for name, value in found.items()}
    if all(changed[name] is found[name] for name in found):
        return data
    return replace(data, **changed)  # type: ignore[type-var]  # an instance, as its fields show


def _applied(
    operator: Operator, formula: Formula, worlds: Sequence[World], key: str
) -> Iterator[Formula]:
    """The wrong formulas of an operator for a right one."""
    closed = not any(isinstance(node, Name) for node in walk(formula))
    value = value_of(formula, worlds[0]) if worlds and closed else None
    places = _places(formula)
    for count, wrong in enumerate(operator(Right(formula, value, places, {}, (), False))):
        if count == MOST_WRONG:
            return
        yield wrong


def _results(operator: Operator, left: Formula, right: Number, world: World) -> Iterator[Formula]:
    """Results that the operator leads to, with as many decimals as the right one."""
    places = _places(right)
    if places is None:
        return
    value = value_of(left, world)
    for count, wrong in enumerate(operator(Right(left, value, places, {}, (), False))):
        if count == MOST_WRONG:
            return
        with precision(BITS):
            found = value_of(wrong, world)
            if not isinstance(found, (arb, fmpq)):
                continue
            try:
                text = to_decimals(found, places)
            except (Ambiguous, NumeralError):
                continue
        if text.lstrip("-") != right.text.lstrip("-") and len(text) < 20:
            yield number(text)


def _half_a_unit(places: int) -> arb:
    return arb(5) / arb(10) ** (places + 1)


def _places(formula: Formula) -> int | None:
    if not isinstance(formula, Number) or "/" in formula.text or "e" in formula.text.lower():
        return None
    return max(decimal_places(formula.text), 0)


def _prints(formula: Formula, shown: Formula, worlds: Sequence[World], places: int | None) -> bool:
    """Whether a formula is what is shown, in value or rounded to as many decimals."""
    if places is None:
        return all(_are_same(formula, shown, world) for world in worlds)
    value = value_of(formula, worlds[0])
    if not isinstance(value, (arb, fmpq)):
        return False
    try:
        return number(to_decimals(value, places)) == shown
    except (Ambiguous, NumeralError):
        return False


def _is_rounding(right: Formula, wrong: Formula, world: World) -> bool:
    x, y = value_of(right, world), value_of(wrong, world)
    if x is None or y is None or len(entries(x)) != len(entries(y)):
        return False
    try:
        return judge_rounding(right, wrong, world).accepted
    except NumeralError:  # a fraction as one numeral is never rounded
        return False


def _are_same(a: Formula, b: Formula, world: World) -> bool:
    x, y = value_of(a, world), value_of(b, world)
    return x is not None and y is not None and same(x, y)


def _is_misfit(formula: Formula, world: World) -> bool:
    try:
        evaluate(formula, world.values, world.functions)
    except Misfit:
        return True
    except (ArithmeticError, KeyError, ValueError, Ambiguous):
        return False
    return False


def same(a: Value, b: Value) -> bool:
    """Whether two values cannot be told apart."""
    x, y = entries(a), entries(b)
    if len(x) != len(y) or isinstance(a, tuple) != isinstance(b, tuple):
        return False
    return all(arb(p).overlaps(arb(q)) for p, q in zip(x, y, strict=True))

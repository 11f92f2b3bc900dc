"""Every printed line before the judge, and every value by a second road.

A line is judged as it is printed: numerals are read back as the exact numbers that they write.
Lines in names are judged in several worlds: the problem's own and others near it, so that a
formula that holds by accident for the given numbers does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb

from derivations.errors import VerificationError
from derivations.formula.evaluation import EvaluationError, evaluate, precision
from derivations.formula.printing import AUXILIARY, Notation, Numeral, Printer, Word
from derivations.formula.tree import (
    RANGES,
    Apply,
    Formula,
    Name,
    is_quantity,
    key,
    rewrite,
)
from derivations.steps.chains import chains_in, chains_of
from derivations.steps.notes import marked, numerals, rounding_notes
from derivations.steps.relations import Chain, Link, Piece, Term
from derivations.steps.solution import (
    Line,
    Prose,
    Solution,
    Verified,
)
from derivations.truth.confirmation import GIVENS, MODEL, confirm_answers, confirm_values
from derivations.truth.judge import (
    BITS,
    GIVEN,
    KINK,
    REFUTED,
    ROUNDED,
    UNDECIDED,
    Verdict,
    World,
    ball,
    holds,
    judge,
    judge_rounding,
    weakest,
)
from derivations.truth.statements import Relation, Statement, in_general
from derivations.truth.worlds import own_world, random_models, with_free_names

WORLDS = 2  # besides the problem's own


def verify(solution: Solution, expected: Mapping[str, Any] | None = None) -> Verified:
    """Put every line of a solution to the judge, and every value to the second road.

    Args:
        solution: what is to be printed.
        expected: the answers by an independent road, for kinds that have one of their own; the
            definitions of the derivation are evaluated a second time in any case.

    Raises:
        VerificationError: a line that is not accepted, or a value that is not confirmed.
            Nothing may be written then.
    """
    court = Court(solution)
    confirm_values(solution)
    confirm_answers(solution, expected or {})
    with precision(BITS[-1]):
        notes = rounding_notes(solution)
    lines = tuple(court.lines())
    for note in notes:
        court.note(note)
    return Verified(solution, *marked(lines, notes))


class Court:
    """The worlds of one solution, and the ways to put its lines to the judge."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution
        derivation = solution.derivation
        self.functions = {
            name: function for name, function in derivation.functions.items() if "'" not in name
        }
        self.known = solution.known
        self.definitions = {
            quantity.key: quantity.formula
            for quantity in derivation.quantities
            if quantity.formula is not None and quantity.role in MODEL
        }
        self.givens = {
            quantity.key: self.known[quantity.key].true
            for quantity in derivation.quantities
            if quantity.role in GIVENS
        }
        self.own = frozenset({*self.givens, *self.definitions})
        self.statement: Statement | None = None
        if derivation.universe is None:
            others = random_models(self.givens, self.definitions, self.functions, WORLDS)
            self.worlds = [
                own_world(solution, self.givens, self.definitions, self.functions),
                *others,
            ]
        else:
            numbers = (self.givens, dict(self.definitions), self.functions)
            self.statement = Statement(derivation.universe, *numbers, derivation.id)
            self.worlds = self.statement.worlds
            self.definitions |= derivation.universe.definitions

    @cached_property
    def general(self) -> Statement | None:
        """The statement without this problem's numbers."""
        derivation = self.solution.derivation
        assert derivation.universe is not None
        return in_general(derivation.universe, self.own, self.functions, derivation.id)

    def text(self, chain: Chain) -> str:
        """The chain as plain text, for messages."""
        printer = Printer(False, Notation(), lambda name: self._shown(name))
        words = [printer.show(chain.first.formula, chain.first.numbers)]
        for link in chain.links:
            words += [self.sign(link), printer.show(link.term.formula, link.term.numbers)]
        return " ".join(words)

    def _shown(self, name: str) -> Numeral | None:
        return self.known[name].shown if name in self.known else None

    def lines(self) -> Iterator[Line]:
        """Every chain of the solution with its verdict, in reading order."""
        place = 0
        for block in self.solution.statement:
            for chain in chains_in(block):
                yield self.line((place,), (), (), chain, "given")
                place += 1
        for i, part in enumerate(self.solution.parts):
            for j, step in enumerate(part.steps):
                place = 0
                for block in step.blocks:
                    for chain in chains_in(block):
                        yield self.line(
                            (i, j, place), part.title, step.title, chain, chain.law or step.law
                        )
                        place += 1

    def line(
        self,
        place: tuple[int, ...],
        part: tuple[Piece, ...],
        step: tuple[Piece, ...],
        chain: Chain,
        law: str,
    ) -> Line:
        """One chain before the judge."""
        verdicts: list[Verdict] = []
        remark = ""
        for left, link in chain.relations():
            verdict = self.link(left, link, chain.when)
            if not verdict.accepted and self.solution.derivation.rounding.carry == "exact":
                verdict, remark = self.as_carried(left, link, verdict)
            verdicts.append(verdict)
            if not verdict.accepted:
                self.refuse(chain, left, link, verdict)
        verdict = weakest(verdicts)
        kinds = tuple(verdict.kind for verdict in verdicts)
        return Line(place, part, step, chain, law, verdict.kind, remark, kinds)

    def refuse(self, chain: Chain, left: Term, link: Link, verdict: Verdict) -> None:
        """Say which line was not accepted, and why."""
        why = ": ".join(filter(None, (verdict.kind, verdict.why, verdict.witness)))
        if link.where:
            raise VerificationError(f"{self.text(Chain(left, (link,)))}: {why}", link.where)
        place = self.solution.derivation.place or self.solution.derivation.id
        raise VerificationError(f"{place}: {self.text(chain)}: {why}")

    def note(self, note: Prose) -> None:
        """A note on rounding: what it says of unrounded values must be so."""
        for chain in chains_of(note.pieces):
            for left, link in chain.relations():
                verdict = self._of_note(left.formula, link)
                if not verdict.accepted:
                    raise VerificationError(
                        f"{self.text(chain)}: {verdict.kind}: {verdict.why} {verdict.witness}"
                    )

    def _of_note(self, left: Formula, link: Link) -> Verdict:
        """Near the middle between two numerals it takes more bits, or the exact value."""
        verdict = judge(left, link.relation, link.term.formula, self.worlds[0])
        if verdict.kind == UNDECIDED:
            exactly = {name: known.true for name, known in self.known.items()}
            verdict = judge(left, link.relation, link.term.formula, World(exactly, self.functions))
        return verdict

    # ------------------------------------------------------------ one relation

    def sign(self, link: Link) -> str:
        """The relation sign as it is printed."""
        if link.relation != "auto":
            return link.relation
        return "=" if all(self.known[name].equal for name in link.new) else "≈"

    def link(self, left: Term, link: Link, when: Formula | None = None) -> Verdict:
        """The verdict on one relation of a chain, which is claimed where ``when`` holds."""
        sign = self.sign(link)
        right = link.term
        a, b = self.printed(left), self.printed(right)
        if self._is_definition(left, link, a, b):
            return Verdict(GIVEN, "a definition")
        if a.words is not None or b.words is not None:
            return self._words(left, right, a, b)
        if not free_names(a.formula) and not free_names(b.formula):
            if sign == "≈" and (fresh := self._fresh(link)) is not None:
                return judge_rounding(a.formula, fresh[0], self.worlds[0], fresh[1])
            return judge(a.formula, sign, b.formula, self.worlds[0])
        if sign == "≈" or b.numbers != a.numbers:
            return self._substituted(left, link, sign, when)
        return self._in_worlds(a.formula, sign, b.formula, when)

    def _fresh(self, link: Link) -> tuple[Formula, dict[str, arb]] | None:
        """The right side with a ball for each value that is new inside it; None where it is one."""
        if is_quantity(link.term.formula):
            return None
        shown = {name: self._shown(name) for name in link.new if not self.known[name].exact}
        if not shown or not all(
            isinstance(text, str) and "/" not in text for text in shown.values()
        ):
            return None

        def rule(node: Formula) -> Formula | None:
            if not is_quantity(node):
                return None
            if key(node) in shown:
                return Name(key(node))
            value = self._shown(key(node))
            return node if value is None else numerals(value)

        return rewrite(link.term.formula, rule), {n: ball(str(t)) for n, t in shown.items()}

    def _in_worlds(self, left: Formula, sign: str, right: Formula, when: Formula | None) -> Verdict:
        """In names: in the problem's own world and in others near it."""
        used = free_names(left) | free_names(right)
        if self.statement is not None:
            return self._of_statement(self.statement, (left, sign, right, when), used)
        free = {name for name in used if "/d" not in name and name not in self.worlds[0].values}
        worlds = [world for own in self.worlds for world in with_free_names(own, free)]
        if when is not None:
            worlds = [world for world in worlds if holds(when, world)]
            if not worlds:
                return Verdict(UNDECIDED, "no case was found in which the line is claimed")
        verdicts = [judge(left, sign, right, world) for world in worlds]
        if verdicts and verdicts[0].accepted:  # what holds by convention at a kink
            verdicts = [verdict for verdict in verdicts if verdict.witness != KINK]
        return weakest(verdicts)

    def _of_statement(self, statement: Statement, relation: Relation, used: set[str]) -> Verdict:
        """In symbols: once for all variants where none of the problem's own numbers comes in."""
        every = used | (free_names(relation[3]) if relation[3] is not None else set())
        parts = {part for name in every for part in name.removeprefix("d").split("/d")} | every
        if parts.isdisjoint(self.own) and self.general is not None:
            return self.general.judge(relation, used)
        return statement.judge(relation, used)

    def _is_definition(self, left: Term, link: Link, a: Printed, b: Printed) -> bool:
        """A name or update and the formula that defines it."""
        if left.numbers or link.term.numbers or not isinstance(left.formula, Name):
            return False
        return (
            link.relation in ("=", "←")
            and self.definitions.get(left.formula.id) == link.term.formula
        )

    def _substituted(self, left: Term, link: Link, sign: str, when: Formula | None) -> Verdict:
        """From names to numbers.

        Numbers in the place of names say the same as the names would. A value is judged against
        what it was computed from: the names stand for what the sheet goes on with.
        """
        formula = link.term.formula
        inside = any(name.startswith(AUXILIARY) for name in free_names(formula))
        if sign in ("=", "←") and not inside and not is_quantity(formula):
            return self._in_worlds(left.formula, sign, formula, when)
        values = {name: known.carried for name, known in self.known.items()}
        if is_quantity(formula):
            name = key(formula).removeprefix(f"{AUXILIARY}answer:")
            values[name] = self.known[name].computed
        printed = self.printed(link.term).formula
        return judge(left.formula, sign, printed, World(values, self.functions))

    def _words(self, left: Term, right: Term, a: Printed, b: Printed) -> Verdict:
        """A class or truth value: the word must be the one that belongs to the value."""
        word = a.words if a.words is not None else b.words
        term = left if a.words is not None else right
        name = key(term.formula)
        quantity = next(q for q in self.solution.derivation.quantities if q.key == name)
        value = self.worlds[0].values[name] if quantity.role != "answer" else self.known[name].true
        with precision(BITS[0]):
            expected = quantity.labels[str(value)] if quantity.labels else str(value).lower()
        if word == expected:
            return Verdict("proved", "the label of the value")
        return Verdict(REFUTED, "another label", f"{word} and {expected}")

    def as_carried(self, left: Term, link: Link, verdict: Verdict) -> tuple[Verdict, str]:
        """A result that was carried unrounded: right by its own value, and near what is printed."""
        right = self.printed(link.term)
        if self.sign(link) != "≈" or right.words is not None:
            return verdict, ""
        with precision(BITS[0]):
            exactly = {name: known.carried for name, known in self.known.items()}
            fresh = self.printed(link.term, frozenset(link.new)) if link.new else right
            unrounded = judge_rounding(left.formula, fresh.formula, World(exactly, self.functions))
            if not unrounded.accepted:
                return verdict, ""
            try:
                printed = evaluate(self.printed(left).formula, {}, self.functions)
            except EvaluationError:  # 1 - 1.000 for a unit that is nearly saturated
                return Verdict(ROUNDED, "from unrounded values"), "with the unrounded values"
        if isinstance(printed, tuple):
            return Verdict(ROUNDED, "from unrounded values"), "from unrounded values"
        names_new = link.new or (key(link.term.formula),)
        quantity = next(q for q in self.solution.derivation.quantities if q.key == names_new[-1])
        policy = quantity.digits or self.solution.derivation.rounding
        if quantity.role == "inside":  # the note on rounding says what is gone on with
            return Verdict(ROUNDED, "from unrounded values"), ""
        again = policy.as_rounded(printed).replace("-", "−")
        if "e" in again:  # a power of ten
            return Verdict(ROUNDED, "from unrounded values"), "from unrounded values"
        return Verdict(ROUNDED, "from unrounded values"), f"the printed numbers give {again}"

    # ------------------------------------------------------------ as printed

    def printed(self, term: Term, only: frozenset[str] = frozenset()) -> Printed:
        """The term as it stands on the sheet; with ``only``, other quantities keep their names."""
        formula = term.formula
        if not term.numbers:
            return Printed(formula, False)
        word = self._shown(key(formula)) if is_quantity(formula) else None
        if isinstance(word, Word):
            return Printed(formula, True, word.text)

        def rule(node: Formula) -> Formula | None:
            if is_quantity(node) and (shown := self._shown(key(node))) is not None:
                return node if only and key(node) not in only else numerals(shown)
            return node if isinstance(node, Apply) and node.head in ("partial", "total") else None

        return Printed(rewrite(formula, rule), True)


@dataclass(frozen=True, slots=True)
class Printed:
    """A side of a relation as printed: its formula, or its words."""

    formula: Formula
    numbers: bool
    words: str | None = None


def free_names(formula: Formula) -> set[str]:
    """Names in the formula, apart from the indices of sums; derivatives under their own key."""
    found: set[str] = set()
    bound: set[str] = set()

    def visit(node: Formula) -> None:
        if is_quantity(node):
            found.add(key(node))
        elif isinstance(node, Apply):
            if node.head in RANGES:
                bound.update(key(index) for index in node.args[:-1:3])
            for arg in node.args:
                visit(arg)

    visit(formula)
    return found - bound

"""Optimisers step by step: on a function of a few parameters, or for gradients that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

from derivations.formula.evaluation import Function
from derivations.formula.looks import name_latex, name_text
from derivations.formula.recursions import DIVERGES, Program, Recursion
from derivations.formula.tree import Formula, Name, apply, partial, substitute
from derivations.kinds.base.assemble import assemble, listed, new_draft, part, step
from derivations.kinds.base.descents import Ask, Given, checked, steps_of
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.methods import Method, method_of
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stepping import Naming, Stepper, slot
from derivations.kinds.base.telling import in_the_same_way, round_number, rules_of
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Display, Part, Table
from derivations.truth import optimisers as second_road

WIDEST = 9  # columns of a table that fits on a page
CHAIN = 600  # quantities up to which every update is there with all that belongs to it
SHORT = 10  # lines of an update that is shown twice
ALL = 3  # updates that are all shown in full


class Fields(Problem):
    """Optimisers by hand."""

    kind: Literal["optimisation"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: optimisation
title: Adam on a parabola
text: Take three steps of Adam.
given:
  function: (w - 4)^2
  start: {w: 0}
  optimiser: adam          # or {name: adam, beta_1: 0.8, epsilon_at: inside}
  rate: 0.1
  steps: 3
"""


def derive(problem: Fields) -> Derivation:
    """Every update as quantities; the first ones and the last line by line, all in a table."""
    method, function, slopes = checked(problem.given)
    functions = Functions()
    if function is not None:
        name = problem.given.name
        functions.bodies[name] = Function(tuple(problem.given.start), function, False)
        functions.looks[name] = (name_latex(name), name_text(name))
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    run = _Run(problem, method, draft, function, slopes)
    parts = run.parts()
    if problem.ask.table:
        parts.append(part("All updates", step("", *run.tables())))
    if not run.long:
        beyond = second_road.diverges(_second(problem, function), run.steps)
        if beyond is not None:
            raise FieldError(("given", "rate"), DIVERGES.format(beyond))
    statement = run.statement()
    public = frozenset(draft.quantities) if not parts else frozenset(run.stepper_start)
    return assemble(problem, draft, functions, parts, run.answers(), statement, public)


def givens(problem: Fields) -> dict[str, Any]:
    """Start values, settings and given gradients by name."""
    method = method_of(problem.given, len(problem.given.start), Mistakes())
    naming = Naming(tuple(problem.given.start))
    values = {naming.parameter(name, 0): value for name, value in problem.given.start.items()}
    values |= method.settings
    for name, row in (problem.given.gradients or {}).items():
        values |= {naming.state("g", name, k): value for k, value in enumerate(row, 1)}
    return values


def expected(problem: Fields) -> dict[str, Any]:
    """Parameters, state and function after every update, by loops of their own."""
    method, function, _ = checked(problem.given)
    naming = Naming(tuple(problem.given.start))
    run = _second(problem, function)
    answers: dict[str, Any] = {}
    for k, (point, state, value) in enumerate(second_road.path(run, steps_of(problem.given))):
        if value is not None:
            answers[_value_name(problem, naming, k)] = value
        if not k:
            continue
        answers |= {naming.parameter(name, k): at for name, at in point.items()}
        for symbol in method.start:
            if symbol in method.shared:
                answers[naming.shared(symbol, k)] = state[symbol][""]
            else:
                answers |= {naming.state(symbol, name, k): state[symbol][name] for name in point}
    known = {answer.name for answer in derive(problem).answers}
    return {name: value for name, value in answers.items() if name in known}


def _second(problem: Fields, function: Formula | None) -> second_road.Run:
    return second_road.Run.of(problem.given, function, Functions().bodies)


def _value_name(problem: Fields, naming: Naming, k: int) -> str:
    return naming.shared(problem.given.name, k)


class _Run:
    """The updates of one problem, and what is told of them."""

    def __init__(
        self,
        problem: Fields,
        method: Method,
        draft: Draft,
        function: Formula | None,
        slopes: dict[str, Formula],
    ) -> None:
        self.problem, self.method, self.draft = problem, method, draft
        self.function, self.slopes = function, slopes
        self.parameters = tuple(problem.given.start)
        self.naming = Naming(self.parameters)
        self.stepper = Stepper(draft, method, self.naming)
        self.stepper_start = [name for name, q in draft.quantities.items() if q.role == "defined"]
        self.steps = steps_of(problem.given)
        each = len(self.parameters) * (len(method.updates) + 2)
        self.long = function is not None and self.steps * each > CHAIN
        if self.long and problem.rounding.carry == "rounded":
            draft.rounding = replace(draft.rounding, carry="exact")
        self.recursion: Recursion | None = None

    # ------------------------------------------------------------ the updates

    def in_full(self, k: int) -> bool:
        """Whether update k is shown line by line."""
        if self.problem.ask.in_full is not None:
            first = self.problem.ask.in_full
            return first > 0 and (k <= first or k == self.steps)
        if self.steps <= ALL or self.draft.detail == "full":
            return True
        short = len(self.parameters) * (len(self.method.updates) + 1) <= SHORT
        return k in (1, self.steps) or (k == 2 and short and self.draft.detail == "standard")

    def parts(self) -> list[Part]:
        """One part an update, and a word on those that are left out."""
        parts: list[Part] = []
        left_out = 0
        if self.long:
            self.recursion = self.stepper.recursion(self.slopes_at)
        for k in range(1, self.steps + 1):
            shown = self.in_full(k)
            if self.recursion is not None and not shown:
                left_out = left_out or k
                self.jump(k)
                continue
            chains = self.one(k, shown)
            if shown:
                if left_out:
                    parts.append(in_the_same_way(left_out, k - 1, self.long))
                left_out = 0
                parts.append(part(f"Update {k}", step("", Display(tuple(chains)))))
            else:
                left_out = left_out or k
        if self.function is not None:
            chain = self.value(self.steps, True)
            parts.append(part("The value reached", step("", Display(tuple(chain)))))
        return parts

    def slopes_at(self, points: Mapping[str, Formula]) -> Program:
        """The gradient as definitions of a recursion."""
        return [
            (slot("g", name), substitute(self.slopes[name], points)) for name in self.parameters
        ]

    def jump(self, k: int) -> None:
        """Only what the table and the next update need of update k is there."""
        assert self.recursion is not None
        if k in self.rows or self.in_full(k + 1):
            self.stepper.reach(k, self.recursion)
            if not self.in_full(k + 1):
                self.value(k, False)

    def one(self, k: int, shown: bool) -> list[Chain]:
        """Update k: value, gradients, state, parameters."""
        chains = self.value(k - 1, shown) if self.function is not None else []
        chains += self.stepper.look_ahead(k, shown)
        gradients: dict[str, Formula] = {}
        for name in self.parameters:
            gradients[name] = Name(self.naming.state("g", name, k))
        if self.function is not None:
            chains += self.gradients(k, gradients, shown)
        return chains + self.stepper.update(k, gradients, shown)

    def value(self, k: int, shown: bool) -> list[Chain]:
        """The function after k updates."""
        assert self.function is not None
        of = _value_name(self.problem, self.naming, k)
        values = {name: Name(self.stepper.now(name)) for name in self.parameters}
        self.draft.define(of, substitute(self.function, values))
        if not shown:
            return []
        call = apply(self.problem.given.name, *values.values())
        last = k == self.steps
        if len(values) == 1:
            return [self.draft.line(Name(of), left=call, boxed=last)]
        return [self.draft.line(Name(of), call, boxed=last)]

    def gradients(self, k: int, gradients: dict[str, Formula], shown: bool) -> list[Chain]:
        """The slopes at the point of update k."""
        assert self.function is not None
        points = {name: Name(self.stepper.point(name)) for name in self.parameters}
        at = _value_name(self.problem, self.naming, k - 1)
        alone = len(points) == 1
        if self.method.looks_ahead and not alone:
            at = f"{at}@ahead"
            self.draft.define(at, substitute(self.function, points))
        chains = []
        for name, of in gradients.items():
            self.draft.define(of, substitute(self.slopes[name], points))
            if shown:
                slope = partial(Name(at), points[name])
                if alone:
                    slope = apply(f"{self.problem.given.name}'", points[name])
                chains.append(self.draft.line(of, slope, law="derivative"))
        return chains

    @cached_property
    def rows(self) -> list[int]:
        """The updates that have a row in the table: all, or of many the first and every so many."""
        if not self.long:
            return list(range(self.steps + 1))
        every = self.problem.ask.every or round_number(self.steps)
        ends = {0, 1, min(2, self.steps), self.steps}
        return sorted(ends | set(range(every, self.steps, every)))

    # ------------------------------------------------------------ what is told

    def statement(self) -> list[Block]:
        """The function, the start, the settings, the rules and the conventions."""
        blocks: list[Block] = []
        if self.function is not None:
            call = apply(self.problem.given.name, *map(Name, self.parameters))
            blocks.append(
                Display((Chain(Term(call), (Link("=", Term(self.function)),), "definition"),))
            )
        starts = [Name(self.naming.parameter(name, 0)) for name in self.parameters]
        blocks.append(listed([*starts, *map(Name, self.method.settings)], "Given"))
        if self.problem.given.gradients is not None:
            every = [
                Name(self.naming.state("g", name, k))
                for name in self.parameters
                for k in range(1, self.steps + 1)
            ]
            blocks.append(listed(every, "Gradients"))
        if self.problem.ask.rules:
            blocks += rules_of(self.method, self.stepper_start)
        return blocks

    def tables(self) -> list[Block]:
        """All state after every update; a table for each parameter where one would be too wide."""
        states = [s for s in self.method.state if s not in self.method.shared]
        shared = [s for s in self.method.state if s in self.method.shared]
        groups: list[tuple[str, ...]] = [self.parameters]
        if len(self.parameters) * (len(states) + 2) + len(shared) + 2 > WIDEST:
            groups = [(name,) for name in self.parameters]
        if self.long:
            states = [s for s in states if s in self.method.start]
            shared = [s for s in shared if s in self.method.start]
        gradient = () if self.long else ("g",)
        tables: list[Block] = []
        for place, group in enumerate(groups):
            columns = [(symbol, "") for symbol in shared if place == 0]
            columns += [(symbol, name) for name in group for symbol in (*gradient, *states)]
            columns += [("theta", name) for name in group]
            if place == 0 and self.function is not None:
                columns.append(("value", ""))
            tables.append(self._table(columns))
        return tables

    def _table(self, columns: list[tuple[str, str]]) -> Table:
        head: list[tuple[Piece, ...]] = [(Term(Name("t")),)]
        head += [(Term(Name(self._column(symbol, name))),) for symbol, name in columns]
        rows = []
        for k in self.rows:
            row: list[tuple[Piece, ...]] = [(Text(str(k)),)]
            for symbol, name in columns:
                of = self._cell(symbol, name, k)
                row.append(
                    (Term(Name(of), numbers=True),) if of in self.draft.quantities else (Text(""),)
                )
            rows.append(tuple(row))
        return Table(tuple(head), tuple(rows), "r" * len(head))

    def _cell(self, symbol: str, name: str, k: int) -> str:
        if symbol == "theta":
            return self.naming.parameter(name, k)
        if symbol == "value":
            return _value_name(self.problem, self.naming, k)
        if symbol in self.method.shared:
            return self.naming.shared(symbol, k)
        return self.naming.state(symbol, name, k)

    def _column(self, symbol: str, name: str) -> str:
        if symbol == "theta":
            return name
        if symbol == "value":
            return self.problem.given.name
        if symbol == "theta_tilde":
            return f"{name}_tilde"
        if symbol in self.method.shared:
            return {"eta_t": "eta"}.get(symbol, symbol)
        return symbol if len(self.parameters) == 1 else f"{symbol}_{name}"

    def answers(self) -> list[Answer]:
        """Everything that was computed, in order."""
        return [
            Answer(name, name)
            for name, quantity in self.draft.quantities.items()
            if quantity.role in ("defined", "reached")
            and "@" not in name
            and name not in self.stepper_start
        ]

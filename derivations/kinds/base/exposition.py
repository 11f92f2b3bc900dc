"""Prose with computed facts: definitions, concept questions and procedures share this.

``facts`` are definitions over ``given``; whatever a text says in numbers is ``{fact}``, so it
cannot disagree with the calculation. ``content`` is an ordered list of entries: words, formulas
that are only typeset, equations that the judge has to accept, facts worked out, tables, pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count, pairwise
from typing import Any, Literal

from pydantic import Field

from derivations.calculus.differentiate import NotDifferentiable, differentiate
from derivations.calculus.explaining import explained
from derivations.errors import ReadError
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.looks import name_latex, name_text
from derivations.formula.printing import AUXILIARY, text
from derivations.formula.tokens import NAME
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    substitute,
    times,
)
from derivations.kinds.base.assemble import assemble, new_draft, paragraph
from derivations.kinds.base.definitions import Definition, Definitions, Quantity
from derivations.kinds.base.entries import DIFFERENTIATE, Entry
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Expression, Plain
from derivations.kinds.base.figures.block import block_figure, stack_figure
from derivations.kinds.base.figures.neuron import neuron_figure
from derivations.kinds.base.functions import FUNCTION_NAMES, CustomFunction, by_table_key
from derivations.kinds.base.passes import forward, joined
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.statements import LEADING, Statement, chain_of
from derivations.reading.prose import read_line
from derivations.reading.typeset import typeset
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Items,
    Listing,
    Part,
    Plot,
    Prose,
    Step,
)


class Exposition(Problem):
    """What kinds made of prose share."""

    given: dict[str, Quantity] = Field(default_factory=dict)
    symbols: dict[str, Plain] = Field(
        default_factory=dict, description="names that stand for any value of a kind, with meanings"
    )
    define: dict[str, str] = Field(
        default_factory=dict, description="expressions over the symbols, by name"
    )
    conditions: tuple[str, ...] = Field((), description="hypotheses in formulas, 0 < eta < 1")
    functions: dict[str, CustomFunction] = Field(default_factory=dict)
    facts: dict[str, Definition] = Field(  # type: ignore[assignment]  # with groups, a wider form
        default_factory=dict, description="values over the givens; texts show them as {name}"
    )
    claims: tuple[Expression, ...] = Field((), description="conditions that have to be true")
    content: tuple[Entry, ...] = Field(min_length=1)
    ask: tuple[str, ...] = Field((), description="facts that are reported; all if left out")


class Writer:
    """Turns the entries into blocks."""

    def __init__(self, problem: Exposition) -> None:
        self.problem = problem
        self.model = Definitions(
            problem.given, problem.facts, problem.functions, "facts", constants=True
        )
        self.draft = new_draft(problem, self.model.functions)
        for name, shape in self.model.inputs.items():
            self.draft.given(name, shape)
        self.statement = Statement(
            problem.symbols, problem.define, problem.conditions, self.model.functions,
            self.model.own, tuple(self.model.shapes),
        )  # fmt: skip
        self.blocks_of: dict[str, list[Block]] = {}
        for name, formula in self.model.formulas.items():
            self.blocks_of[name] = forward(self.draft, self.model.functions, name, formula)

    def steps(self) -> list[Step]:
        """The entries, a new step at each heading."""
        steps: list[Step] = []
        title: tuple[Piece, ...] = ()
        blocks: list[Block] = []
        mistakes = Mistakes()
        for place, entry in enumerate(self.problem.content):
            if entry.heading is not None:
                if blocks:
                    steps.append(Step(title, tuple(joined(blocks))))
                title, blocks = read_line(entry.heading), []
                continue
            key = next(name for name in ENTRIES if getattr(entry, name) is not None)
            with mistakes.at(("content", place)):
                blocks += ENTRIES[key](self, entry, ("content", place, key))
        mistakes.raise_all()
        return [*steps, Step(title, tuple(joined(blocks)))]

    def text(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        return list(paragraph(entry.text or ""))

    def latex(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        style = "equation" if entry.number else "display"
        return [Prose((typeset(entry.latex or ""),), style), *_where(entry)]

    def equation(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        """A chain of relations; a name or function that is not known is defined by it."""
        text = entry.equation or ""
        try:
            if self.problem.symbols:
                stated = self.statement.equation(text)
                links = tuple(replace(link, where=path) for link in stated.links)
                return [
                    Display((replace(stated, links=links),), number=entry.number),
                    *_where(entry),
                ]
            formula = by_table_key(
                read_expression(text, FUNCTION_NAMES | set(self.problem.functions))
            )
        except ReadError as error:
            raise _unread(path, text, error) from None
        found_chain = chain_of(formula, "definition")
        if found_chain is None:
            raise FieldError(path, f"found '{text}', expected an equation, left = right")
        return [Display((found_chain,), number=entry.number), *_where(entry)]

    def lines(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        """Chains with the law of each relation; a line that begins with a sign goes on."""
        chains: list[Chain] = []
        mistakes = Mistakes()
        for place, field in enumerate(entry.lines or ()):
            with mistakes.at((*path, place), field.line):
                if field.law == DIFFERENTIATE:
                    first, links = self.differentiated(field.line)
                    chains = chains or [Chain(Term(first), ())]
                elif LEADING.match(field.line):
                    links = self.statement.continued(field.line)
                    if not chains and not mistakes.found:
                        raise ReadError("the first line needs a left side")
                    if not chains:
                        continue  # the line that it goes on from is told already
                else:
                    chain = self.statement.equation(field.line, field.law)
                    chains.append(replace(chain, links=()))
                    links = list(chain.links)
                last = chains[-1]
                where = (*path, place)
                lawful = [replace(link, law=link.law or field.law, where=where) for link in links]
                chains[-1] = replace(last, links=(*last.links, *lawful))
        if entry.when is not None:
            with mistakes.at((*path[:-1], "when"), entry.when):
                condition = self.statement.condition(entry.when)
                note = f"for {text(condition)}"
                chains = [replace(chain, when=condition, note=note) for chain in chains]
        mistakes.raise_all()
        if self.draft.detail == "brief":
            chains = [_shortened(chain) for chain in chains]
        if entry.shapes:
            chains = [self.statement.shaped(chain) for chain in chains]
        return [Display(tuple(chains))]

    def differentiated(self, text: str) -> tuple[Formula, list[Link]]:
        """``D(f, x)``, and what it is law by law."""
        node = self.statement.read(text)
        if not (isinstance(node, Apply) and node.head == "D" and isinstance(node.args[1], Name)):
            raise ReadError("expected D(formula, x), what is to be differentiated")
        functions = self.model.functions
        try:
            found = explained(node, functions.rules.slopes, self.draft.detail)
        except NotDifferentiable as error:
            raise ReadError(str(error)) from None
        return node, [Link("=", Term(formula), (), law) for law, formula in found]

    def work(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        blocks: list[Block] = []
        for place, name in enumerate(entry.work or ()):
            if name not in self.blocks_of:
                raise FieldError((*path, place), f"'{name}' is not one of the facts")
            blocks += self.blocks_of[name]
        return blocks

    def procedure(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        return [Listing("\n".join(entry.procedure or ()), numbered=True)]

    def neuron(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        picture = entry.neuron
        assert picture is not None
        if len(picture.inputs) != len(picture.weights):
            raise FieldError(
                path, f"{len(picture.inputs)} inputs and {len(picture.weights)} weights"
            )
        functions = self.model.functions
        sign = picture.activation
        functions.looks.setdefault(sign, (name_latex(sign), name_text(sign)))
        inputs, weights = (list(map(Name, names)) for names in (picture.inputs, picture.weights))
        figure = neuron_figure(
            inputs, weights, None, picture.activation, picture.output, functions, total=picture.sum
        )
        return [figure]

    def block(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        picture = entry.block
        assert picture is not None
        names = (picture.input, picture.output, picture.error)
        return [block_figure(picture.layer, *names, picture.caption)]

    def stack(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        picture = entry.stack
        assert picture is not None
        count = len(picture.layers)
        if len(picture.names) != count + 1:
            raise FieldError(
                path, f"{count} layers and {len(picture.names)} names; expected {count + 1}"
            )
        layers = [read_line(words) for words in picture.layers]
        words = (
            f"{count} layers one behind the other, from {picture.names[0]} to {picture.names[-1]}."
        )
        return [stack_figure(layers, picture.names, words)]

    def descent(self, entry: Entry, path: tuple[str | int, ...]) -> list[Block]:
        """The path is computed like any fact: w_k = w_{k-1} - rate L'(w_{k-1})."""
        picture = entry.descent
        assert picture is not None
        functions, w = self.model.functions, picture.variable
        try:
            loss = by_table_key(read_expression(picture.loss, FUNCTION_NAMES, {w}))
            slope = differentiate(loss, w, functions.rules.slopes)
            start, rate = self.model.read(picture.start), self.model.read(picture.rate)
        except (ReadError, NotDifferentiable) as error:
            raise FieldError(path, str(error)) from None
        names_of_it = chain(["L"], map("L_{}".format, count(2)))
        head = next(name for name in names_of_it if name not in functions.bodies)
        functions.bodies[head] = Function((w,), loss)
        functions.looks[head] = ("L", "L")
        names = tuple(f"{AUXILIARY}{head}:{k}" for k in range(picture.steps + 1))
        self.draft.define(names[0], start)
        for before, after in pairwise(names):
            here = substitute(slope, {w: Name(before)})
            self.draft.define(after, difference(Name(before), times(rate, here)))
        words = f"A loss curve with {picture.steps} steps of gradient descent."
        return [Plot(head, w, names, (Term(apply(head, Name(w))),), picture.caption, words)]


ENTRIES: dict[str, Callable[[Writer, Entry, tuple[str | int, ...]], list[Block]]] = {
    "text": Writer.text,
    "heading": Writer.text,
    "latex": Writer.latex,
    "equation": Writer.equation,
    "lines": Writer.lines,
    "work": Writer.work,
    "procedure": Writer.procedure,
    "neuron": Writer.neuron,
    "block": Writer.block,
    "stack": Writer.stack,
    "descent": Writer.descent,
}


def _where(entry: Entry) -> list[Block]:
    """The symbols of a formula with their meanings."""
    if not entry.where:
        return []
    items: list[tuple[Block, ...]] = []
    for symbol in entry.where:
        name = NAME.fullmatch(symbol.symbol)  # as in expressions: delta_i; else LaTeX
        shown = Term(Name(symbol.symbol)) if name else typeset(symbol.symbol)
        items.append((Prose((shown, Text(": "), *read_line(symbol.meaning))),))
    return [Items(tuple(items))]


def _shortened(chain: Chain) -> Chain:
    """From the first to the last side at once, where nothing but equality lies between."""
    if any(link.relation != "=" for link in chain.links):
        return chain
    return replace(chain, links=chain.links[-1:])


def _unread(path: tuple[str | int, ...], text: str, error: ReadError) -> FieldError:
    return FieldError(path, f"column {error.position + 1} of '{text}': {error.message}")


def derive_exposition(problem: Exposition, place: Literal["statement", "solution"]) -> Derivation:
    """The derivation, with the content in the statement (notes) or in the solution (answers).

    Raises:
        FieldError: a fact that cannot be computed, a claim that is false, ...
    """
    writer = Writer(problem)
    steps = writer.steps()
    answers = answers_of(writer)
    if place == "statement":
        statement: list[Block] = []
        for each in steps:
            statement += [Prose(each.title, "heading")] if each.title else []
            statement += each.blocks
        public = frozenset(writer.draft.quantities)
        derivation = assemble(
            problem, writer.draft, writer.model.functions, [], answers, statement, public
        )
        return in_universe(derivation, writer)
    parts = [Part(each.title, (Step((), each.blocks),)) for each in steps]
    if not any(entry.work for entry in problem.content):  # no line shows how a value is rounded
        writer.draft.rounding = replace(writer.draft.rounding, stated=False)
    derivation = assemble(problem, writer.draft, writer.model.functions, parts, answers)
    return in_universe(derivation, writer)


def in_universe(derivation: Derivation, writer: Writer) -> Derivation:
    """The derivation with what its symbols stand for, where it declares any."""
    if not writer.problem.symbols:
        return derivation
    statement = writer.statement
    notation = statement.notation(derivation.notation)
    return replace(derivation, universe=statement.universe, notation=notation)


def answers_of(writer: Writer) -> list[Answer]:
    """The facts that are reported, and the claims."""
    problem, model, mistakes = writer.problem, writer.model, Mistakes()
    answers = []
    for place, name in enumerate(problem.ask or tuple(model.formulas)):
        if name not in model.shapes:
            mistakes.add(("ask", place), f"'{name}' is not one of the facts")
        answers.append(Answer(name, name))
    for place, claim in enumerate(problem.claims):
        with mistakes.at(("claims", place), claim):
            writer.draft.define(f"claim_{place + 1}", model.read(claim), "claim")
            answers.append(Answer(f"claim: {claim}", f"claim_{place + 1}"))
    mistakes.raise_all()
    return answers


def exposition_givens(problem: Exposition) -> dict[str, Any]:
    """The given numbers by name."""
    return dict(problem.given)

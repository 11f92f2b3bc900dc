"""Prose with computed facts: definitions, concept questions and procedures share this.

``facts`` are definitions over ``given``; whatever a text says in numbers is ``{fact}``, so it
cannot disagree with the calculation. ``content`` is an ordered list of entries: words, formulas
that are only typeset, equations that the judge has to accept, facts worked out, tables, pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count, pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from derivations.calculus.differentiate import NotDifferentiable, differentiate
from derivations.errors import ReadError
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.printing import AUXILIARY
from derivations.formula.tree import (
    COMPARISONS,
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
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import (
    TEXT_SCHEMA,
    Expression,
    Few,
    Identifier,
    Line,
    Plain,
    Problem,
    ProseText,
    Strict,
    found,
    refuse,
)
from derivations.kinds.base.figures.neuron import neuron_figure
from derivations.kinds.base.functions import FUNCTION_NAMES, CustomFunction, by_table_key
from derivations.kinds.base.passes import forward, joined
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

SIGNS = {"==": "=", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "!=": "≠"}


class Symbol(Strict):
    """A symbol of a formula and its meaning."""

    symbol: str
    meaning: Line


MEANINGS = WithJsonSchema({"type": "object", "additionalProperties": TEXT_SCHEMA})


def _symbols(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refuse(
            f"found {found(value)}, expected symbols with their meanings, {{K: kernel size}}"
        )
    return tuple({"symbol": key, "meaning": words} for key, words in value.items())


def _latex(value: Any) -> Any:
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected a formula in LaTeX")
    try:
        typeset(value)
    except ReadError as error:
        raise refuse(f"character {error.position + 1}: {error.message}") from None
    return value


class NeuronPicture(Strict):
    """A neuron with named inputs and weights."""

    inputs: tuple[Identifier, ...]
    weights: tuple[Identifier, ...]
    sum: Identifier = "z"
    activation: Identifier = "phi"
    output: Identifier = "y"


class DescentPicture(Strict):
    """A loss curve with the path of gradient descent, computed from the rate."""

    loss: Expression
    variable: Identifier = "w"
    start: Expression
    rate: Expression
    steps: Few = 5
    caption: Plain = ""


class Entry(Strict):
    """One entry of the content: exactly one of its keys, and ``where`` beside a formula."""

    text: ProseText | None = None
    heading: Line | None = Field(None, description="the title of the part that begins here")
    latex: Annotated[str, BeforeValidator(_latex)] | None = Field(
        None, description="a formula that is only typeset"
    )
    equation: Expression | None = Field(None, description="an equation that has to be true")
    work: tuple[str, ...] | None = Field(None, description="facts that are worked out here")
    procedure: tuple[Plain, ...] | None = Field(None, description="pseudocode, line by line")
    neuron: NeuronPicture | None = None
    descent: DescentPicture | None = None
    number: bool = Field(False, description="number this formula, on a sheet that numbers them")
    where: Annotated[tuple[Symbol, ...], BeforeValidator(_symbols), MEANINGS] = ()

    @model_validator(mode="after")
    def _one_key(self) -> Entry:
        keys = [name for name in ENTRIES if getattr(self, name) is not None]
        if len(keys) != 1:
            raise refuse(f"expected one of {', '.join(ENTRIES)}; found {', '.join(keys) or 'none'}")
        return self


class Exposition(Problem):
    """What kinds made of prose share."""

    given: dict[str, Quantity] = Field(default_factory=dict)
    functions: dict[str, CustomFunction] = Field(default_factory=dict)
    facts: dict[str, Definition] = Field(  # type: ignore[assignment]  # with groups, a wider form
        default_factory=dict, description="values over the givens; texts show them as {name}"
    )
    claims: tuple[Expression, ...] = Field((), description="conditions that have to be true")
    content: tuple[Entry, ...] = Field(min_length=1)
    ask: tuple[str, ...] = Field((), description="facts that are reported; all if left out")


class _Writer:
    """Turns the entries into blocks."""

    def __init__(self, problem: Exposition) -> None:
        self.problem = problem
        self.model = Definitions(
            problem.given, problem.facts, problem.functions, "facts", constants=True
        )
        self.draft = new_draft(problem, self.model.functions)
        for name, shape in self.model.inputs.items():
            self.draft.given(name, shape)
        self.blocks_of: dict[str, list[Block]] = {}
        for name, formula in self.model.formulas.items():
            self.blocks_of[name] = forward(self.draft, self.model.functions, name, formula)

    def steps(self) -> list[Step]:
        """The entries, a new step at each heading."""
        steps: list[Step] = []
        title: tuple[Piece, ...] = ()
        blocks: list[Block] = []
        for place, entry in enumerate(self.problem.content):
            if entry.heading is not None:
                if blocks:
                    steps.append(Step(title, tuple(joined(blocks))))
                title, blocks = read_line(entry.heading), []
                continue
            key = next(name for name in ENTRIES if getattr(entry, name) is not None)
            blocks += ENTRIES[key](self, entry, ("content", place, key))
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
            formula = by_table_key(
                read_expression(text, FUNCTION_NAMES | set(self.problem.functions))
            )
        except ReadError as error:
            raise FieldError(
                path, f"column {error.position + 1} of '{text}': {error.message}"
            ) from None
        chain = _chain(formula)
        if chain is None:
            raise FieldError(path, f"found '{text}', expected an equation, left = right")
        return [Display((chain,), number=entry.number), *_where(entry)]

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
        functions.looks.setdefault("phi", (r"\varphi", "φ"))
        inputs, weights = (list(map(Name, names)) for names in (picture.inputs, picture.weights))
        figure = neuron_figure(
            inputs, weights, None, picture.activation, picture.output, functions, total=picture.sum
        )
        return [figure]

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


ENTRIES: dict[str, Callable[[_Writer, Entry, tuple[str | int, ...]], list[Block]]] = {
    "text": _Writer.text,
    "heading": _Writer.text,
    "latex": _Writer.latex,
    "equation": _Writer.equation,
    "work": _Writer.work,
    "procedure": _Writer.procedure,
    "neuron": _Writer.neuron,
    "descent": _Writer.descent,
}


def _where(entry: Entry) -> list[Block]:
    """The symbols of a formula with their meanings."""
    if not entry.where:
        return []
    items: list[tuple[Block, ...]] = []
    for symbol in entry.where:
        items.append((Prose((typeset(symbol.symbol), Text(": "), *read_line(symbol.meaning))),))
    return [Items(tuple(items))]


def _chain(formula: Formula) -> Chain | None:
    """``a = b = c`` as a chain of relations."""
    if not isinstance(formula, Apply):
        return None
    parts = formula.args if formula.head == "and" else (formula,)
    links: list[Link] = []
    first: Formula | None = None
    for relation in parts:
        if not isinstance(relation, Apply) or relation.head not in COMPARISONS:
            return None
        left, right = relation.args
        if first is None:
            first = left
        elif links[-1].term.formula != left:
            return None
        links.append(Link(SIGNS[relation.head], Term(right)))
    return None if first is None else Chain(Term(first), tuple(links), "definition")


def derive_exposition(problem: Exposition, place: Literal["statement", "solution"]) -> Derivation:
    """The derivation, with the content in the statement (notes) or in the solution (answers).

    Raises:
        FieldError: a fact that cannot be computed, a claim that is false, ...
    """
    writer = _Writer(problem)
    steps = writer.steps()
    answers = _answers(writer)
    if place == "statement":
        statement: list[Block] = []
        for each in steps:
            statement += [Prose(each.title, "heading")] if each.title else []
            statement += each.blocks
        public = frozenset(writer.draft.quantities)
        return assemble(
            problem, writer.draft, writer.model.functions, [], answers, statement, public
        )
    parts = [Part(each.title, (Step((), each.blocks),)) for each in steps]
    if not any(entry.work for entry in problem.content):  # no line shows how a value is rounded
        writer.draft.rounding = replace(writer.draft.rounding, stated=False)
    return assemble(problem, writer.draft, writer.model.functions, parts, answers)


def _answers(writer: _Writer) -> list[Answer]:
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

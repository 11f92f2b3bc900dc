"""The general kind: definitions over named inputs, their values, gradients and updates.

Anything that the field computes by hand can be written as a graph: scalars, vectors and
matrices, one sample or several, one step of learning or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from derivations.calculus.adjoints import upstream
from derivations.errors import nearest
from derivations.formula.tree import Formula, Name, number, quotient, substitute, sum_of
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.definitions import Definition, Definitions, Quantity, shape_of
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Few, Identifier, Numeral, Strict
from derivations.kinds.base.figures.computation import computation_figure
from derivations.kinds.base.functions import CustomFunction
from derivations.kinds.base.givens import given_values
from derivations.kinds.base.passes import along_paths, backward, forward, joined, slope_of, update
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Display, Part, Table


class Gradients(Strict):
    """Which derivatives are asked for."""

    of: str = Field(description="the quantity that is differentiated, usually the loss")
    by: tuple[str, ...] = Field(description="the names by which it is differentiated")
    show: Literal["lines", "table"] = Field(
        "lines", description="every line of the backward pass, or the results in a table"
    )


class ChainRule(Strict):
    """A single derivative, by the chain rule along the paths that lead to it."""

    of: str
    by: str


class Update(Strict):
    """A step of gradient descent."""

    rate: Numeral = Field(description="the learning rate")
    rate_name: Identifier = Field("eta", description="its name")


class Ask(Strict):
    """What the solution works out."""

    values: tuple[str, ...] = Field(
        (), description="boxed results; the last definition if left out"
    )
    chain: ChainRule | None = Field(
        None, description="one derivative as a product of factors along its path"
    )
    gradients: Gradients | None = None
    update: Update | None = None
    figure: bool = Field(False, description="draw the computational graph")


class Fields(Problem):
    """A computational graph."""

    kind: Literal["graph"]
    given: dict[str, Quantity] = Field(
        description="inputs and parameters: numbers, vectors, matrices"
    )
    define: dict[str, Definition] = Field(
        description="definitions in order, each over givens and earlier names; a mapping is a titled group"
    )
    functions: dict[str, CustomFunction] = Field(default_factory=dict)
    samples: tuple[dict[str, Quantity], ...] = Field(
        (), description="givens that differ from sample to sample"
    )
    training: Literal["batch", "online"] = Field(
        "batch", description="one step for all samples, or a step after each"
    )
    loss_over_samples: Literal["mean", "sum"] = Field("mean", description="for training in batches")
    epochs: Few = 1
    ask: Ask = Ask()


STARTER = """\
kind: graph
title: A neuron with one step of learning
text: |
  A sigmoid neuron sees one input. Compute its output and its loss, the gradient of the
  loss, and the parameters after one step of gradient descent.
given:            # numbers, vectors [1, 2] and matrices [[1, 2], [3, 4]]; 0.10 keeps its zero
  x: 2
  t: 1
  w: 0.5
  b: -0.3
define:           # in order, each over givens and earlier names
  z: w*x + b
  y: sigmoid(z)
  L: 1/2 (y - t)^2
ask:
  values: [L]
  gradients: {of: L, by: [w, b]}
  update: {rate: 0.1}
rounding: {decimals: 4}
"""


# ---------------------------------------------------------------- checks across fields


def _checked(problem: Fields) -> Definitions:
    """The definitions, and everything that the file asks for, or all mistakes at once."""
    given: dict[str, Any] = dict(problem.given)
    for sample in problem.samples:
        given.update(sample)
    graph = Definitions(given, problem.define, problem.functions)
    mistakes, ask = graph.mistakes, problem.ask

    def known(name: str, path: tuple[str | int, ...]) -> bool:
        if name not in graph.shapes:
            hint = nearest(name, graph.shapes)
            mistakes.add(path, f"'{name}' is neither given nor defined{hint}")
        return name in graph.shapes

    for place, name in enumerate(ask.values):
        known(name, ("ask", "values", place))
    if ask.gradients:
        of = ask.gradients.of
        if known(of, ("ask", "gradients", "of")) and graph.shapes[of]:
            mistakes.add(("ask", "gradients", "of"), "only a single number is differentiated")
        below = set(upstream(graph.formulas, of)) - {of}
        for place, name in enumerate(ask.gradients.by):
            path = ("ask", "gradients", "by", place)
            if known(name, path) and name not in below:
                mistakes.add(path, f"'{of}' does not depend on '{name}'")
    if ask.chain:
        known(ask.chain.of, ("ask", "chain", "of"))
        known(ask.chain.by, ("ask", "chain", "by"))
        if any(graph.shapes.values()) or problem.samples:
            mistakes.add(
                ("ask", "chain"), "the chain rule along a path is for numbers and one sample"
            )
    if ask.update and not ask.gradients:
        mistakes.add(("ask", "update"), "an update needs 'gradients', with of and by")
    if problem.epochs > 1 and not ask.update:
        mistakes.add(("epochs",), "several epochs need gradients and an update")
    for place, sample in enumerate(problem.samples):
        for name in sorted(set(problem.samples[0]) ^ set(sample)):
            mistakes.add(("samples", place), f"'{name}' is not given in every sample")
    mistakes.raise_all()
    return graph


# ---------------------------------------------------------------- working it out


def derive(problem: Fields) -> Derivation:
    """Forward values, gradients and updates, for every sample and epoch."""
    graph = _checked(problem)
    draft = new_draft(problem, graph.functions)
    for name, shape in graph.inputs.items():
        if not problem.samples or name not in problem.samples[0]:
            draft.given(name, shape)
    for k, sample in enumerate(problem.samples, 1):
        for name, value in sample.items():
            draft.given(_of_sample(name, k), shape_of(value))
    if problem.ask.update:
        draft.given(problem.ask.update.rate_name)
    run = _Run(problem, graph, draft)
    parts = run.parts()
    return assemble(
        problem, draft, graph.functions, parts, run.answers, _statement(problem, graph, draft)
    )


def givens(problem: Fields) -> dict[str, Any]:
    """The numbers of the problem by the names of its derivation."""
    samples = problem.samples
    values: dict[str, Any] = {
        name: value
        for name, value in problem.given.items()
        if not samples or name not in samples[0]
    }
    for k, sample in enumerate(samples, 1):
        values |= {_of_sample(name, k): value for name, value in sample.items()}
    if problem.ask.update:
        values[problem.ask.update.rate_name] = problem.ask.update.rate
    return values


def _of_sample(name: str, k: int) -> str:
    return f"{name}__{k}"


def _statement(problem: Fields, graph: Definitions, draft: Draft) -> list[Block]:
    blocks: list[Block] = given_values(draft)
    chains = tuple(
        Chain(Term(Name(name)), (Link("=", Term(formula)),))
        for name, formula in graph.formulas.items()
    )
    if not problem.samples:
        blocks.append(Display(chains))
    if problem.ask.figure:
        figure = computation_figure(graph.inputs, graph.formulas, _weights(problem, graph))
        if figure is None:
            raise FieldError(("ask", "figure"), "the graph is too large to be drawn")
        blocks.append(figure)
    return blocks


def _weights(problem: Fields, graph: Definitions) -> set[str]:
    """Givens that are learned, or are called w: they stand on the edges of the picture."""
    asked = set(problem.ask.gradients.by if problem.ask.gradients else ())
    return {name for name in graph.inputs if name in asked or name.startswith(("w", "W"))}


class _Run:
    """One run through samples and epochs, with the current version of every parameter."""

    def __init__(self, problem: Fields, graph: Definitions, draft: Draft) -> None:
        self.problem = problem
        self.graph = graph
        self.draft = draft
        self.answers: list[Answer] = []
        self.current: dict[str, str] = {}  # parameter: key of its latest value
        self.boxed = frozenset(problem.ask.values or list(graph.formulas)[-1:])
        self.steps_done = 0

    @property
    def by(self) -> tuple[str, ...]:
        return self.problem.ask.gradients.by if self.problem.ask.gradients else ()

    def parts(self) -> list[Part]:
        parts: list[Part] = []
        for epoch in range(1, self.problem.epochs + 1):
            if not self.problem.samples:
                parts += self.one_pass([0], epoch)
            elif self.problem.training == "online" and self.problem.ask.update:
                for k in range(1, len(self.problem.samples) + 1):
                    parts += self.one_pass([k], epoch)
            else:
                parts += self.one_pass(list(range(1, len(self.problem.samples) + 1)), epoch)
        return parts

    def one_pass(self, samples: list[int], epoch: int) -> list[Part]:
        """Forward for the samples, backward for all of them together, and one update."""
        heading = f" (epoch {epoch})" if self.problem.epochs > 1 else ""
        definitions: dict[str, Formula] = {}
        parts: list[Part] = []
        for k in samples:
            renamed = self.renaming(k, epoch)
            title = f"Forward pass, sample {k}" if k else "Forward pass"
            parts.append(self.forward(title + heading, renamed, definitions))
        ask = self.problem.ask
        if ask.chain:
            blocks = along_paths(
                self.draft, self.graph.functions, definitions, ask.chain.of, ask.chain.by
            )
            parts.append(part("Chain rule", step("", *blocks)))
            name = f"d{ask.chain.of}/d{ask.chain.by}"
            factors = [q.key for q in self.draft.quantities.values() if q.role == "derived"]
            self.answers += [Answer(key, key) for key in factors if key != name]
            if not ask.gradients or ask.chain.by not in ask.gradients.by:  # else it comes there
                self.answers.append(Answer(name, name))
        if ask.gradients:
            loss = self.total_loss(samples, epoch, definitions, parts)
            wanted = [
                self.current.get(name, self.renaming(samples[0], epoch).get(name, name))
                for name in self.by
            ]
            chains = backward(
                self.draft, self.graph.functions, definitions, loss, wanted, frozenset(wanted)
            )
            if ask.gradients.show == "table":
                parts.append(part("All derivatives", step("", _gradient_table(loss, wanted))))
            else:
                parts.append(part("Backward pass" + heading, step("", *_displays(chains))))
            for name, at in zip(self.by, wanted, strict=True):
                self.answers.append(Answer(f"d{loss}/d{name}", f"d{loss}/d{at}"))
            if ask.update:
                parts.append(self.update(loss, heading))
        return parts

    def renaming(self, k: int, epoch: int) -> dict[str, str]:
        """How the names of the file are called in this pass."""
        version = f"@{epoch}" if epoch > 1 else ""
        renamed = dict(self.current)
        if k:
            for name in self.problem.samples[0]:
                renamed[name] = _of_sample(name, k)
        for name in self.graph.formulas:
            renamed[name] = (_of_sample(name, k) if k else name) + version
        return renamed

    def forward(
        self, title: str, renamed: Mapping[str, str], definitions: dict[str, Formula]
    ) -> Part:
        steps = []
        for heading, group in self.graph.groups:
            blocks: list[Block] = []
            for name in group:
                formula = _renamed(self.graph.formulas[name], renamed)
                definitions[renamed[name]] = formula
                blocks += forward(
                    self.draft, self.graph.functions, renamed[name], formula, name in self.boxed
                )
                self.answers.append(Answer(renamed[name], renamed[name]))
            steps.append(step(heading, *joined(blocks)))
        return part(title, *steps)

    def total_loss(
        self, samples: list[int], epoch: int, definitions: dict[str, Formula], parts: list[Part]
    ) -> str:
        """The quantity that is differentiated: of one sample, or the mean or sum over the samples."""
        assert self.problem.ask.gradients
        of = self.problem.ask.gradients.of
        each = [self.renaming(k, epoch)[of] for k in samples]
        if len(each) == 1:
            return each[0]
        total: Formula = sum_of(*map(Name, each))
        if self.problem.loss_over_samples == "mean":
            total = quotient(total, number(len(each)))
        name = of + (f"@{epoch}" if epoch > 1 else "")
        definitions[name] = total
        blocks = forward(self.draft, self.graph.functions, name, total, True)
        word = "Mean" if self.problem.loss_over_samples == "mean" else "Sum"
        parts.append(part(f"{word} of the losses", step("", *blocks)))
        self.answers.append(Answer(name, name))
        return name

    def update(self, loss: str, heading: str) -> Part:
        """One step of gradient descent for every parameter."""
        assert self.problem.ask.update
        self.steps_done += 1
        rate = Name(self.problem.ask.update.rate_name)
        chains = []
        for name in self.by:
            before = self.current.get(name, name)
            after = f"{name}@{self.steps_done}"
            chains.append(update(self.draft, before, after, rate, slope_of(loss, before), True))
            self.current[name] = after
            self.answers.append(
                Answer(f"{name}_new" + (f"@{self.steps_done}" if self.repeats else ""), after)
            )
        return part("Update" + heading, step("", *_displays(chains)))

    @property
    def repeats(self) -> bool:
        """Whether there is more than one update."""
        return self.problem.epochs > 1 or (
            bool(self.problem.samples) and self.problem.training == "online"
        )


def _gradient_table(loss: str, names_of: list[str]) -> Table:
    """The derivative by each name in a column of its own."""
    head: list[tuple[Piece, ...]] = [(Term(Name(name)),) for name in names_of]
    row: list[tuple[Piece, ...]] = [
        (Term(slope_of(loss, name), numbers=True),) for name in names_of
    ]
    lead: tuple[Piece, ...] = (Text("by"),)
    of: tuple[Piece, ...] = (Text("derivative of "), Term(Name(loss)))
    return Table((lead, *head), ((of, *row),), "l" + "r" * len(names_of))


def _renamed(formula: Formula, renamed: Mapping[str, str]) -> Formula:
    return substitute(formula, {old: Name(new) for old, new in renamed.items()})


def _displays(chains: list[Chain]) -> list[Block]:
    return [Display(tuple(chains))] if chains else []

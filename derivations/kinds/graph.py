"""The general kind: definitions over named inputs, their values, gradients and updates.

Anything that the field computes by hand can be written as a graph: scalars, vectors and
matrices, one sample or several, one step of learning or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from derivations.calculus.differentiate import NotDifferentiable
from derivations.errors import ReadError, nearest
from derivations.formula.expressions import FUNCTIONS, read_expression
from derivations.formula.shapes import Shape, ShapeError, infer
from derivations.formula.tree import Apply, Formula, Name, names, quotient, sum_of, number, walk
from derivations.kinds.base.assemble import assemble, listed, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Expression, Matrix, Numeral, Problem, Strict, Vector
from derivations.kinds.base.functions import FUNCTION_NAMES, CustomFunction, Functions, by_table_key
from derivations.kinds.base.passes import backward, forward, slope_of, update
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Answer, Block, Derivation, Display, Part


def _shape_tag(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return "number"
    return "matrix" if value and isinstance(value[0], (list, tuple)) else "vector"


Quantity = Annotated[
    Annotated[Numeral, Tag("number")]
    | Annotated[Vector, Tag("vector")]
    | Annotated[Matrix, Tag("matrix")],
    Discriminator(_shape_tag),
]


def _define_tag(value: Any) -> str:
    return "group" if isinstance(value, dict) else "expression"


Definition = Annotated[
    Annotated[Expression, Tag("expression")] | Annotated[dict[str, Expression], Tag("group")],
    Discriminator(_define_tag),
]


class Gradients(Strict):
    """Which derivatives are asked for."""

    of: str = Field(description="the quantity that is differentiated, usually the loss")
    by: tuple[str, ...] = Field(description="the names by which it is differentiated")


class Update(Strict):
    """A step of gradient descent."""

    rate: Numeral = Field(description="the learning rate")
    rate_name: str = Field("eta", description="its name")


class Ask(Strict):
    """What the solution works out."""

    values: tuple[str, ...] = Field(
        (), description="boxed results; the last definition if left out"
    )
    gradients: Gradients | None = None
    update: Update | None = None


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
    epochs: Annotated[int, Field(ge=1, le=1000)] = 1
    ask: Ask = Ask()


STARTER = """\
# yaml-language-server: $schema=../problem.schema.json
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


# ---------------------------------------------------------------- reading the definitions


class _Graph:
    """The definitions of a problem, read and checked."""

    def __init__(self, problem: Fields) -> None:
        self.problem = problem
        self.functions = Functions()
        for name, function in problem.functions.items():
            try:
                self.functions.add(function.model_copy(update={"name": name}))
            except (ReadError, NotDifferentiable) as error:
                raise FieldError(("functions", name), str(error)) from None
        self.inputs: dict[str, Shape] = {n: shape_of(v) for n, v in problem.given.items()}
        for sample in problem.samples:
            self.inputs.update({name: shape_of(value) for name, value in sample.items()})
        self.groups: list[tuple[str, list[str]]] = []
        self.definitions: dict[str, Formula] = {}
        self.shapes: dict[str, Shape] = dict(self.inputs)
        self._read_definitions()
        self._check_asked()

    def _read_definitions(self) -> None:
        for name, entry in self.problem.define.items():
            if isinstance(entry, dict):
                self.groups.append((name, list(entry)))
                for inner, text in entry.items():
                    self._define(inner, text, ("define", name, inner))
            else:
                if not self.groups or self.groups[-1][0]:
                    self.groups.append(("", []))
                self.groups[-1][1].append(name)
                self._define(name, entry, ("define", name))

    def _define(self, name: str, text: str, path: tuple[str | int, ...]) -> None:
        if not name.replace("_", "a").isalnum() or not name[0].isalpha():
            raise FieldError(
                path, f"'{name}' is not a name; letters, digits and _ as in w_1 or y_hat"
            )
        if name in self.shapes:
            raise FieldError(
                path, f"'{name}' is already {'given' if name in self.inputs else 'defined'}"
            )
        own = set(self.functions.bodies) | set(self.problem.functions)
        try:
            formula = by_table_key(
                read_expression(text, FUNCTION_NAMES | own, set(self.shapes)),
                self.problem.functions,
            )
            for used in names(formula):
                if used not in self.shapes and not _bound(formula, used):
                    raise ReadError(
                        f"'{used}' is neither given nor defined before{nearest(used, self.shapes)}",
                        text.find(used),
                    )
            self.shapes[name] = infer(formula, self.shapes)
        except ReadError as error:
            raise FieldError(
                path, f"column {error.position + 1} of '{text}': {error.message}"
            ) from None
        except ShapeError as error:
            raise FieldError(path, f"in '{text}': {error}") from None
        self.definitions[name] = formula

    def _check_asked(self) -> None:
        ask = self.problem.ask
        for place, name in enumerate(ask.values):
            self._known(name, ("ask", "values", place))
        if ask.gradients:
            self._known(ask.gradients.of, ("ask", "gradients", "of"))
            if self.shapes[ask.gradients.of]:
                raise FieldError(
                    ("ask", "gradients", "of"), "only a single number is differentiated"
                )
            for place, name in enumerate(ask.gradients.by):
                self._known(name, ("ask", "gradients", "by", place))
        if ask.update and not ask.gradients:
            raise FieldError(("ask", "update"), "an update needs 'gradients', of and by")
        if self.problem.samples and not ask.gradients and self.problem.epochs > 1:
            raise FieldError(("epochs",), "several epochs need gradients and an update")
        for place, sample in enumerate(self.problem.samples):
            missing = set(self.problem.samples[0]) ^ set(sample)
            if missing:
                raise FieldError(
                    ("samples", place), f"the samples differ in '{sorted(missing)[0]}'"
                )

    def _known(self, name: str, path: tuple[str | int, ...]) -> None:
        if name not in self.shapes:
            raise FieldError(
                path, f"'{name}' is neither given nor defined{nearest(name, self.shapes)}"
            )


def _bound(formula: Formula, name: str) -> bool:
    return any(
        isinstance(node, Apply) and node.head == "bigsum" and node.args[0] == Name(name)
        for node in walk(formula)
    )


def shape_of(value: Any) -> Shape:
    """The shape of a given value: nested tuples of numerals."""
    return (len(value), *shape_of(value[0])) if isinstance(value, tuple) else ()


# ---------------------------------------------------------------- working it out


def derive(problem: Fields) -> Derivation:
    """Forward values, gradients and updates, for every sample and epoch."""
    graph = _Graph(problem)
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


def _statement(problem: Fields, graph: _Graph, draft: Draft) -> list[Block]:
    scalars = [Name(n) for n, q in draft.quantities.items() if q.role == "given" and not q.shape]
    arrays = [Name(n) for n, q in draft.quantities.items() if q.role == "given" and q.shape]
    blocks: list[Block] = []
    if scalars or arrays:
        blocks.append(listed([*scalars, *arrays], "Given"))
    chains = tuple(
        Chain(Term(Name(name)), (Link("=", Term(formula)),))
        for name, formula in graph.definitions.items()
    )
    if not problem.samples:
        blocks.append(Display(chains))
    return blocks


class _Run:
    """One run through samples and epochs, with the current version of every parameter."""

    def __init__(self, problem: Fields, graph: _Graph, draft: Draft) -> None:
        self.problem = problem
        self.graph = graph
        self.draft = draft
        self.answers: list[Answer] = []
        self.current: dict[str, str] = {}  # parameter: key of its latest value
        self.boxed = frozenset(problem.ask.values or list(graph.definitions)[-1:])
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
        if ask.gradients:
            loss = self.total_loss(samples, epoch, definitions, parts)
            wanted = [
                self.current.get(name, self.renaming(samples[0], epoch).get(name, name))
                for name in self.by
            ]
            chains = backward(
                self.draft, self.graph.functions, definitions, loss, wanted, frozenset(wanted)
            )
            parts.append(part("Backward pass" + heading, step("", *_displays(chains))))
            for name, at in zip(self.by, wanted, strict=True):
                self.answers.append(Answer(f"d{loss}/d{name}".partition("@")[0], f"d{loss}/d{at}"))
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
        for name in self.graph.definitions:
            renamed[name] = (_of_sample(name, k) if k else name) + version
        return renamed

    def forward(
        self, title: str, renamed: Mapping[str, str], definitions: dict[str, Formula]
    ) -> Part:
        steps = []
        for heading, group in self.graph.groups:
            blocks: list[Block] = []
            for name in group:
                formula = _renamed(self.graph.definitions[name], renamed)
                definitions[renamed[name]] = formula
                blocks += forward(
                    self.draft, self.graph.functions, renamed[name], formula, name in self.boxed
                )
                self.answers.append(Answer(renamed[name], renamed[name]))
            steps.append(step(heading, *_joined(blocks)))
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


def _renamed(formula: Formula, renamed: Mapping[str, str]) -> Formula:
    from derivations.formula.tree import substitute

    return substitute(formula, {old: Name(new) for old, new in renamed.items()})


def _displays(chains: list[Chain]) -> list[Block]:
    return [Display(tuple(chains))] if chains else []


def _joined(blocks: list[Block]) -> list[Block]:
    """Neighbouring displays become one, aligned at one place."""
    joined: list[Block] = []
    for block in blocks:
        if joined and isinstance(block, Display) and isinstance(joined[-1], Display):
            joined[-1] = Display((*joined[-1].chains, *block.chains))
        else:
            joined.append(block)
    return joined

"""A training update by update: quantities, lines where they are shown, tables of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal

from pydantic import Field

from derivations.calculus.adjoints import adjoints
from derivations.formula.recursions import Program, Recursion
from derivations.formula.tree import Formula, Name, partial
from derivations.kinds.base.assemble import display, listed, part, step, value_of
from derivations.kinds.base.element_loss import ElementLoss, LossOfOutput
from derivations.kinds.base.fields import Few, Many, Matrix, NotNegative, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets, function_definition
from derivations.kinds.base.loss_fields import First
from derivations.kinds.base.methods import Method
from derivations.kinds.base.networks import Model, TrainedLayer, mean_of, numerals
from derivations.kinds.base.optimiser_fields import Training
from derivations.kinds.base.passes import backward, forward, joined
from derivations.kinds.base.stepping import Naming, Stepper
from derivations.kinds.base.telling import in_the_same_way, round_number, rules_of
from derivations.kinds.base.training_tables import of_batch, of_samples, of_update, over_updates
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Piece, Text
from derivations.steps.solution import Answer, Block, Part, Step, Table

CHAIN = 900  # quantities up to which every update is there with all that belongs to it
MOST_LINES = 24  # of the rules of an update; beyond, they are shown for the first parameter
SHORT = 10  # parameters and samples of an update that is shown twice


class Given(Training):
    """The data, the network at its start, and how it learns."""

    inputs: Vector | Matrix = Field(
        description="a row for each sample, or a number of a single input"
    )
    targets: Vector | Matrix | None = Field(
        None, description="one for each sample, or a row of one for each output"
    )
    classes: tuple[NotNegative, ...] | None = Field(
        None, description="instead: the class of each sample, the output whose target is 1"
    )
    classes_from: First = Field(1, description="the number of the first class")
    layers: tuple[TrainedLayer, ...] = Field(
        min_length=1, description="weights, biases, activation"
    )
    loss: LossOfOutput = Field(
        ElementLoss(name="half_squared_error"), description="the loss of one output"
    )
    loss_over_outputs: Literal["sum", "mean"] = "sum"
    loss_over_samples: Literal["mean", "sum"] = Field("mean", description="of a batch")
    batch: Many | Literal["all"] = Field("all", description="samples of one update, taken in order")
    epochs: Many = Field(1, description="how often all samples are gone through")


class Ask(Strict):
    """What is shown."""

    in_full: NotNegative | None = Field(None, description="how many of the first updates are shown")
    every: Few | None = Field(None, description="in a long run, which epochs have a row")
    outputs: bool = Field(True, description="a table of the outputs after the training")


def targets_of(given: Given) -> list[list[str]]:
    """A row of targets for each sample; of a class a single 1."""
    if given.classes is None:
        return numerals(given.targets or ())
    places = range(given.classes_from, len(given.layers[-1].weights) + given.classes_from)
    return [["1" if k == true else "0" for k in places] for true in given.classes]


def batches_of(given: Given) -> list[list[int]]:
    """The samples of each update of an epoch, in order."""
    count, size = len(given.inputs), given.batch
    size = count if size == "all" else size
    return [list(range(count))[at : at + size] for at in range(0, count, size)]


def datum(letter: str, i: int, s: int, width: int) -> str:
    """The name of an input or target of a sample."""
    return f"{letter}_{i}@s{s}" if width > 1 else f"{letter}@s{s}"


class Run:
    """The updates of one training, and what is told of them."""

    def __init__(
        self,
        given: Given,
        ask: Ask,
        model: Model,
        method: Method,
        functions: Functions,
        draft: Draft,
    ) -> None:
        self.given, self.ask, self.model, self.method = given, ask, model, method
        self.functions, self.draft = functions, draft
        self.samples = [
            (
                [Name(datum("x", i, s, len(x))) for i in range(1, len(x) + 1)],
                [Name(datum("t", i, s, len(t))) for i in range(1, len(t) + 1)],
            )
            for s, (x, t) in enumerate(
                zip(numerals(self.given.inputs), targets_of(self.given), strict=True), 1
            )
        ]
        self.batches = batches_of(given)
        self.updates = self.given.epochs * len(self.batches)
        self.parameters = model.wiring.parameters
        self.naming = Naming(self.parameters, "arrows")
        self.stepper = Stepper(draft, method, self.naming, model.wiring.exempt(given.penalty))
        self.begun = [name for name, q in draft.quantities.items() if q.role == "defined"]
        self.answers: list[Answer] = []
        each = len(self.parameters) * (len(method.updates) + 1)
        each += 4 * len(self.batches[0]) * len(model.names)
        self.long = self.updates * each > CHAIN and self.updates > 3
        if self.long and draft.rounding.carry == "rounded":
            draft.rounding = replace(draft.rounding, carry="exact")
        self.recursion: Recursion | None = None
        if len(self.parameters) * len(method.updates) > MOST_LINES and draft.detail != "full":
            self.stepper.only = self.parameters[0]

    # ------------------------------------------------------------ which updates

    def in_full(self, k: int) -> bool:
        """Whether update k is shown line by line."""
        first = self.ask.in_full
        if first is not None:
            return k <= first
        size = len(self.parameters) * len(self.method.updates) + len(self.batches[0])
        several = {"brief": 1, "standard": 2 if size <= SHORT else 1, "full": 4}[self.draft.detail]
        return k <= several or (k == self.updates and size <= SHORT and several > 1)

    @cached_property
    def rows(self) -> list[int]:
        """The updates with a row in the table: all of a short run, ends of epochs of a long one."""
        if not self.long:
            return list(range(self.updates + 1))
        per = len(self.batches)
        every = self.ask.every or round_number(self.given.epochs)
        some = {epoch * per for epoch in range(0, self.given.epochs, every)}
        return sorted({0, 1, *some, self.updates})

    def parts(self) -> list[Part]:
        """Updates, tables, outputs."""
        parts: list[Part] = []
        if self.long:
            programs = [self._program(batch) for batch in self.batches]
            self.recursion = self.stepper.recursion(*programs)
        left_out = 0
        self.error(0)
        for k in range(1, self.updates + 1):
            if not self.in_full(k):
                left_out = left_out or k
                self.skip(k)
            else:
                if left_out:
                    parts.append(in_the_same_way(left_out, k - 1, self.long))
                left_out = 0
                parts.append(self.one(k))
            self.report(k)
        if left_out:
            parts.append(in_the_same_way(left_out, self.updates, self.long))
        parts.append(part("Weights and loss", step("", *self.tables())))
        if self.ask.outputs:
            parts.append(part("Outputs after the training", step("", self.outputs())))
        return parts

    def _program(self, batch: Sequence[int]) -> Callable[[Mapping[str, Formula]], Program]:
        samples = [self.samples[s] for s in batch]

        def program(points: Mapping[str, Formula]) -> Program:
            return self.model.gradient(
                samples, points, self.given.loss_over_samples, self.functions.rules
            )

        return program

    def skip(self, k: int) -> None:
        """Update k without its lines."""
        if self.recursion is None:
            self.one(k, False)
        elif k in self.rows or self.in_full(k + 1):
            self.stepper.reach(k, self.recursion)

    def report(self, k: int) -> None:
        """The answers that update k brings."""
        if k in self.rows or not self.long or (self.recursion is not None and self.in_full(k + 1)):
            for symbol, name in self.stepper.state:
                of = self.stepper.latest[symbol, name]
                self.answers.append(Answer(of, of))
        if k in self.rows:
            self.error(k)

    # ------------------------------------------------------------ one update

    def one(self, k: int, shown: bool = True) -> Part:
        """Forward and backward for the samples of the batch, and the rules of the optimiser."""
        batch = self.batches[(k - 1) % len(self.batches)]
        steps: list[Step] = []
        ahead = self.stepper.look_ahead(k, shown)
        if shown and ahead:
            steps.append(step("Before the gradient", display(*ahead)))
        points: dict[str, Formula] = {n: Name(self.stepper.point(n)) for n in self.parameters}
        several = len(batch) > 1
        each: list[str] = []
        for s in batch:
            loss = f"L_{s + 1}@{k}" if several else f"L@{k}s{s + 1}"
            in_lines = shown and (not each or self.all_lines(batch))
            steps += self.sample(k, s, points, loss, in_lines)
            each.append(loss)
        if shown and several and not self.all_lines(batch):
            others = of_batch(self.model.names, k, batch, points)
            steps.append(step("The other samples in the same way", *others))
        loss = each[0]
        if several:
            loss = f"L@{k}"
            chains = self.together(loss, each, points, shown)
            if shown:
                steps.append(step("The whole batch", display(*chains)))
        gradients: dict[str, Formula] = {
            name: partial(Name(loss), points[name]) for name in self.parameters
        }
        chains = self.stepper.update(k, gradients, shown)
        if shown:
            steps.append(step("Update", display(*chains)))
            if self.stepper.only:
                others = [of_update(self.method, self.naming, k, gradients)]
                steps.append(step("The other parameters in the same way", *others))
        epoch = (k - 1) // len(self.batches) + 1
        title = f"Update {k}" + (f" (epoch {epoch})" if len(self.batches) > 1 else "")
        return part(title, *steps)

    def all_lines(self, batch: Sequence[int]) -> bool:
        """Whether every sample of a batch is shown line by line."""
        return self.draft.detail == "full" or len(batch) * len(self.parameters) <= SHORT

    def sample(
        self, k: int, s: int, points: Mapping[str, Formula], loss: str, shown: bool
    ) -> list[Step]:
        """Forward pass and derivatives of one sample."""
        definitions: dict[str, Formula] = {}
        blocks = self.forward(k, s, points, definitions, loss, shown)
        wanted = [point.id for point in points.values() if isinstance(point, Name)]
        chains = self.backward(definitions, loss, wanted, shown)
        if not shown:
            return []
        which = f", sample {s + 1}" if len(self.samples) > 1 else ""
        return [
            step(f"Forward pass{which}", *joined(blocks)),
            step(f"Backward pass{which}", display(*chains)),
        ]

    def forward(
        self,
        k: int,
        s: int,
        points: Mapping[str, Formula],
        definitions: dict[str, Formula],
        loss: str,
        shown: bool,
    ) -> list[Block]:
        """Sums, outputs and loss of one sample."""
        renamed = {name: f"{name}@{k}s{s + 1}" for name in self.model.names} | {"L": loss}
        values: dict[str, Formula] = {name: Name(new) for name, new in renamed.items()}
        blocks: list[Block] = []
        for name, formula in self.model.forward(*self.samples[s], {**values, **points}).items():
            of = renamed[name]
            definitions[of] = formula
            if shown:
                blocks += forward(self.draft, self.functions, of, formula)
            else:
                self.draft.define(of, formula)
        return blocks

    def backward(
        self, definitions: dict[str, Formula], loss: str, wanted: list[str], shown: bool
    ) -> list[Chain]:
        """The derivatives of one sample's loss by every parameter."""
        if shown:
            boxed = frozenset(wanted) if loss.startswith("L@") else frozenset()
            return backward(self.draft, self.functions, definitions, loss, wanted, boxed)
        found = adjoints(
            definitions, loss, frozenset(wanted), self.functions.rules, self.draft.shapes()
        )
        for each in found:
            self.draft.define(partial(Name(loss), Name(each.name)), each.formula, "derived")
        return []

    def together(
        self, loss: str, each: Sequence[str], points: Mapping[str, Formula], shown: bool
    ) -> list[Chain]:
        """The loss of the batch and its derivatives, as means or sums over the samples."""
        over = self.given.loss_over_samples
        self.draft.define(loss, mean_of([Name(one) for one in each], over))
        chains = [self.draft.line(Name(loss), law="mean")] if shown else []
        for name, point in points.items():
            slope = partial(Name(loss), point)
            self.draft.define(
                slope, mean_of([partial(Name(one), point) for one in each], over), "derived"
            )
            if shown and name == (self.stepper.only or name):
                chains.append(self.draft.line(slope, law="mean", boxed=True))
        return chains

    def error(self, k: int) -> None:
        """The loss over all samples after k updates."""
        points: dict[str, Formula] = {n: Name(self.stepper.now(n)) for n in self.parameters}
        each = []
        for s, sample in enumerate(self.samples, 1):
            renamed = {name: f"{name}@after{k}s{s}" for name in self.model.names}
            values: dict[str, Formula] = {name: Name(new) for name, new in renamed.items()}
            for name, formula in self.model.forward(*sample, {**values, **points}).items():
                self.draft.define(renamed[name], formula)
            each.append(Name(renamed["L"]))
        self.draft.define(f"E_{k}", mean_of(each, self.given.loss_over_samples))
        self.answers.append(Answer(f"E_{k}", f"E_{k}"))

    # ------------------------------------------------------------ what is told

    def statement(self) -> list[Block]:
        """Samples, the network at its start, settings, rules."""
        table = of_samples(self.samples, (), self.updates)
        blocks: list[Block] = [table, *self._start()]
        for head in dict.fromkeys(self.model.heads):
            if head not in ("identity", "softmax"):
                blocks.append(function_definition(head, self.functions))
        plain = self.method.fields.optimiser.name == "gradient_descent"
        if not plain or len(self.method.updates) > 1 or self.method.scheduled:
            blocks += rules_of(self.method, self.begun)
        return blocks

    def _start(self) -> list[Block]:
        """The parameters at their start and the settings; many parameters unit by unit."""
        settings = [Name(name) for name in self.method.settings]
        if len(self.parameters) <= SHORT:
            start = [Name(f"{name}@0") for name in self.parameters]
            return [listed([*start, *settings], "Given")]
        lines: list[list[Piece]] = []
        told: set[str] = set()
        for layer, units in enumerate(self.model.wiring.layers, 1):
            for place, unit in enumerate(units, 1):
                of_unit = [*unit.weights, *([unit.bias] if unit.bias else [])]
                names = [name for name in dict.fromkeys(of_unit) if name not in told]
                told.update(names)
                lead: list[Piece] = [Text(f"Layer {layer}, unit {place}: ")]
                for name in names:
                    lead += [Text(", ")] if len(lead) > 1 else []
                    lead.append(value_of(Name(f"{name}@0")))
                lines += [lead] if names else []
        return [listed(settings, "Given"), bullets(*lines)]

    def outputs(self) -> Table:
        """The outputs for every sample, with the weights after the last update."""
        return of_samples(self.samples, [*self.model.outputs, "L"], self.updates)

    def tables(self) -> list[Table]:
        """Parameters and state after the updates, and the loss over all samples."""
        state = [which for which in self.stepper.state if which[0] != "theta"]
        columns = [which for which in self.stepper.state if which[0] == "theta"] + state
        labels = {k: f"{k}{self._epoch_at(k)}" for k in self.rows}
        return over_updates(self.naming, columns, labels, self.given.loss_over_samples)

    def _epoch_at(self, k: int) -> str:
        """The epoch that ends with update k of a short run."""
        epoch, rest = divmod(k, len(self.batches))
        ends = epoch and not rest and len(self.batches) > 1 and not self.long
        return f" (epoch {epoch})" if ends else ""

"""A fully connected network with numbers: forward, and loss, gradients and an update if asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    matrix,
    number,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, listed, new_draft, part, step
from derivations.kinds.base.element_loss import ElementLoss, LossOfOutput
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Few, Identifier, Line, Matrix, Numeral, Strict, Vector
from derivations.kinds.base.figures.network import network_figure
from derivations.kinds.base.functions import Functions, TableFunction
from derivations.kinds.base.givens import beside, function_definition
from derivations.kinds.base.networks import SOFTMAX, LayerActivation, log_likelihood, share
from derivations.kinds.base.notation import letters
from derivations.kinds.base.passes import backward, forward, joined, slope_of, update
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.solution import Answer, Block, Derivation, Part, Step

PLACES = {"L": ("given", "loss")}  # the field that is to blame for a quantity without a value
MANY = 7  # parameters that are given as matrices and not one by one


class SharedUnits(Strict):
    """Units that all have the same weights and the same bias."""

    units: Few
    w: Vector
    b: Numeral | None = None


class Layer(Strict):
    """One layer: a row of weights for each unit, and a bias for each."""

    weights: Matrix | None = Field(None, description="a row for each unit, a column for each input")
    biases: Vector | None = Field(None, description="one for each unit; none if left out")
    shared: SharedUnits | None = Field(None, description="instead: units with the same weights")
    activation: LayerActivation = TableFunction(name="sigmoid")
    names: tuple[Identifier, ...] = Field((), description="names of the outputs, h_1, h_2, ...")
    title: Line = ""


class Given(Strict):
    """The input, the layers, and the targets for a loss."""

    x: Vector
    layers: tuple[Layer, ...] = Field(min_length=1)
    target: Vector | None = None
    loss: LossOfOutput = Field(
        ElementLoss(name="half_squared_error"), description="the loss of one output"
    )
    loss_over_outputs: Literal["sum", "mean"] = "sum"


class Ask(Strict):
    """What is worked out; the forward pass always is."""

    gradients: bool = Field(False, description="the gradient of the loss by every parameter")
    rate: Numeral | None = Field(None, description="a learning rate: one step of gradient descent")
    figure: bool = Field(False, description="draw the network")


class Fields(Problem):
    """A fully connected network."""

    LETTERS = letters("x w b z a t", "t", "y", weights="w")

    kind: Literal["network"]
    given: Given
    ask: Ask = Ask()

    def chosen_names(self) -> Iterator[str]:
        """Names of outputs."""
        yield from (name for layer in self.given.layers for name in layer.names)


STARTER = """\
kind: network
title: A 2-2-1 network, forward and backward
text: Compute the output of the network, the loss, its gradient, and one step of gradient descent.
given:
  x: [0.05, 0.10]
  layers:
    - title: Hidden layer
      weights: [[0.15, 0.20], [0.25, 0.30]]   # a row for each unit
      biases: [0.35, 0.35]
      activation: sigmoid
      names: [h_1, h_2]
    - title: Output layer
      weights: [[0.40, 0.45]]
      biases: [0.60]
      names: [y]
  target: [0.99]
  loss: half_squared_error
ask:
  figure: true
  gradients: true
  rate: 0.5
rounding: {decimals: 4}
"""


@dataclass(slots=True)
class _Unit:
    """A unit as it is wired: names of its weights, its bias, its sum and its output."""

    weights: list[str]
    bias: str | None
    z: str
    a: str


class _Wiring:
    """Names for everything in the network, and the numbers behind them."""

    def __init__(self, problem: Fields) -> None:
        self.problem = problem
        self.values: dict[str, Any] = {f"x_{i}": v for i, v in enumerate(problem.given.x, 1)}
        self.inputs = list(self.values)
        self.layers: list[list[_Unit]] = []
        self.parameters: list[str] = []
        self._check()
        for number_of, layer in enumerate(problem.given.layers, 1):
            self.layers.append(self._shared(layer) if layer.shared else self._own(layer, number_of))
        self.outputs = [unit.a for unit in self.layers[-1]]

    def _check(self) -> None:
        mistakes, before = Mistakes(), len(self.problem.given.x)
        for k, layer in enumerate(self.problem.given.layers):
            at = ("given", "layers", k)
            if (layer.weights is None) == (layer.shared is None):
                mistakes.add(at, "expected either 'weights' or 'shared'")
                continue
            rows = layer.weights or (layer.shared.w,)  # type: ignore[union-attr]  # one of them
            count = len(rows) if layer.weights else layer.shared.units  # type: ignore[union-attr]  # one of them
            field = "weights" if layer.weights else "shared"
            for place, row in enumerate(rows):
                if len(row) != before:
                    mistakes.add(
                        (*at, field),
                        f"row {place} has {len(row)} weights; expected {before}, one for each input",
                    )
            if layer.biases is not None and len(layer.biases) != count:
                mistakes.add(
                    (*at, "biases"),
                    f"{len(layer.biases)} biases; expected {count}, one for each unit",
                )
            if layer.names and len(layer.names) != count:
                mistakes.add(
                    (*at, "names"), f"{len(layer.names)} names; expected {count}, one for each unit"
                )
            before = count
        given = self.problem.given
        asks_loss = self.problem.ask.gradients or self.problem.ask.rate is not None
        if asks_loss and given.target is None:
            mistakes.add(("given",), "gradients need a 'target'")
        if given.target is not None and len(given.target) != before:
            mistakes.add(
                ("given", "target"),
                f"{len(given.target)} targets; expected {before}, one for each output",
            )
        mistakes.raise_all()

    def _name(self, layer: Layer, number_of: int, j: int) -> str:
        if layer.names:
            return layer.names[j - 1]
        return f"a__{number_of}_{j}"

    def _own(self, layer: Layer, number_of: int) -> list[_Unit]:
        units = []
        for j, row in enumerate(layer.weights or (), 1):
            weights = []
            for i, value in enumerate(row, 1):
                weights.append(f"w__{number_of}_{j}_{i}")
                self.values[weights[-1]] = value
            bias = None
            if layer.biases is not None:
                bias = f"b__{number_of}_{j}"
                self.values[bias] = layer.biases[j - 1]
            self.parameters += [*weights, *([bias] if bias else [])]
            units.append(
                _Unit(weights, bias, f"z__{number_of}_{j}", self._name(layer, number_of, j))
            )
        return units

    def _shared(self, layer: Layer) -> list[_Unit]:
        assert layer.shared
        number_of = len(self.layers) + 1
        weights = [f"w_{i}" for i in range(1, len(layer.shared.w) + 1)]
        if any(
            self.values.get(name, value) != value
            for name, value in zip(weights, layer.shared.w, strict=True)
        ):
            weights = [f"w__{number_of}_{i}" for i in range(1, len(layer.shared.w) + 1)]
        self.values |= dict(zip(weights, layer.shared.w, strict=True))
        bias = None
        if layer.shared.b is not None:
            bias = (
                "b" if self.values.get("b", layer.shared.b) == layer.shared.b else f"b__{number_of}"
            )
            self.values[bias] = layer.shared.b
        self.parameters += [n for n in (*weights, bias) if n and n not in self.parameters]
        z = f"z_{'hidden' if number_of < len(self.problem.given.layers) else 'output'}"
        z = z if len(self.problem.given.layers) < 3 else f"z__{number_of}"
        return [
            _Unit(weights, bias, z, self._name(layer, number_of, j))
            for j in range(1, layer.shared.units + 1)
        ]


def derive(problem: Fields) -> Derivation:
    """Layer by layer forward; then, if asked, backward and one update."""
    wiring = _Wiring(problem)
    functions = Functions()
    mistakes = Mistakes()
    heads = []
    for k, layer in enumerate(problem.given.layers):
        with mistakes.at(("given", "layers", k, "activation")):
            softmax = layer.activation == SOFTMAX
            heads.append("softmax" if softmax else functions.add(layer.activation))
    mistakes.raise_all()
    draft = new_draft(problem, functions)
    values = givens(problem)
    for name in values:
        draft.given(name)
    definitions: dict[str, Formula] = {}
    parts = [_forward(problem, wiring, draft, functions, heads, definitions)]
    answers = [Answer(name, name) for name in definitions]
    if problem.given.target is not None:
        definitions["L"] = _loss(problem, wiring, heads[-1])
        parts += _backward(problem, wiring, draft, functions, definitions, answers)
    statement = _statement(problem, wiring, draft, functions, heads)
    return assemble(problem, draft, functions, parts, answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """Inputs, parameters, targets and the learning rate by name."""
    values = dict(_Wiring(problem).values)
    values |= {f"t_{k}": value for k, value in enumerate(problem.given.target or (), 1)}
    if problem.ask.rate is not None:
        values["eta"] = problem.ask.rate
    return values


def _forward(
    problem: Fields,
    wiring: _Wiring,
    draft: Draft,
    functions: Functions,
    heads: list[str],
    definitions: dict[str, Formula],
) -> Part:
    before: list[str] = wiring.inputs
    steps: list[Step] = []
    for layer, units, head in zip(problem.given.layers, wiring.layers, heads, strict=True):
        blocks: list[Block] = []
        done: dict[str, str] = {}  # sums that are shared: the first output made of them
        for unit in units:
            if unit.z not in definitions:
                definitions[unit.z] = _weighted_sum(problem, unit, before)
                blocks += forward(draft, functions, unit.z, definitions[unit.z])
            if head != "softmax":
                definitions[unit.a] = (
                    Name(done[unit.z]) if unit.z in done else apply(head, Name(unit.z))
                )
                blocks += forward(draft, functions, unit.a, definitions[unit.a], boxed=True)
            done.setdefault(unit.z, unit.a)
        for unit in units if head == "softmax" else ():
            definitions[unit.a] = share(Name(unit.z), [Name(u.z) for u in units])
            blocks += forward(draft, functions, unit.a, definitions[unit.a], boxed=True)
        title = layer.title or (
            "Output layer" if units is wiring.layers[-1] else f"Layer {len(steps) + 1}"
        )
        steps.append(step(title, *joined(blocks)))
        before = [unit.a for unit in units]
    return part("Forward pass" if problem.given.target else "", *steps)


def _weighted_sum(problem: Fields, unit: _Unit, before: list[str]) -> Formula:
    """What the inputs of a unit add up to, with its bias."""
    terms: list[Formula] = [
        problem.notation.weighted(Name(w), Name(x))
        for w, x in zip(unit.weights, before, strict=True)
    ]
    return sum_of(*terms, *([Name(unit.bias)] if unit.bias else []))


def _loss(problem: Fields, wiring: _Wiring, head: str) -> Formula:
    """The losses of all outputs; of a softmax the cross-entropy over its sums, if Σ t = 1."""
    given = problem.given
    targets = [Name(f"t_{k}") for k in range(1, len(wiring.outputs) + 1)]
    likely = head == "softmax" and given.loss.name == "cross_entropy"
    if likely and sum(map(exact, given.target or ())) == 1 and given.loss_over_outputs == "sum":
        return log_likelihood([Name(unit.z) for unit in wiring.layers[-1]], targets)
    each = [given.loss.value(Name(y), t) for y, t in zip(wiring.outputs, targets, strict=True)]
    total = sum_of(*each)
    if given.loss_over_outputs == "mean" and len(each) > 1:
        return quotient(total, number(len(each)))
    return total


def _backward(
    problem: Fields,
    wiring: _Wiring,
    draft: Draft,
    functions: Functions,
    definitions: dict[str, Formula],
    answers: list[Answer],
) -> list[Part]:
    answers.append(Answer("L", "L"))
    parts = [part("Loss", step("", *forward(draft, functions, "L", definitions["L"], boxed=True)))]
    if not problem.ask.gradients and problem.ask.rate is None:
        return parts
    wanted = wiring.parameters
    chains = backward(draft, functions, definitions, "L", wanted, frozenset(wanted))
    parts.append(part("Backward pass", step("", display(*chains))))
    answers += [Answer(f"dL/d{name}", f"dL/d{name}") for name in wanted]
    if problem.ask.rate is not None:
        updates = [
            update(draft, name, f"{name}@1", Name("eta"), slope_of("L", name), True)
            for name in wanted
        ]
        parts.append(part("Update", step("", display(*updates))))
        answers += [Answer(f"{name}_new", f"{name}@1") for name in wanted]
    return parts


def _arrays(problem: Fields, wiring: _Wiring, draft: Draft) -> dict[str, list[str]]:
    """Matrices and vectors of the parameters, by name, with the names of their entries."""
    found: dict[str, list[str]] = {}
    for k, (layer, units) in enumerate(zip(problem.given.layers, wiring.layers, strict=True), 1):
        if layer.shared is not None:
            continue
        rows = tuple(tuple(map(Name, unit.weights)) for unit in units)
        biases = [unit.bias for unit in units if unit.bias]
        level = f"__{k}" if len(wiring.layers) > 1 else ""
        if not {f"W{level}", f"b{level}"} & set(draft.quantities):
            turned = rows if problem.notation.weights_first else tuple(zip(*rows, strict=True))
            draft.define(f"W{level}", matrix(*turned), "assembled")
            found[f"W{level}"] = [weight for unit in units for weight in unit.weights]
            if biases:
                column = problem.notation.weights_first
                line = vector(*map(Name, biases)) if column else matrix(tuple(map(Name, biases)))
                draft.define(f"b{level}", line, "assembled")
                found[f"b{level}"] = biases
    return found


def _statement(
    problem: Fields, wiring: _Wiring, draft: Draft, functions: Functions, heads: list[str]
) -> list[Block]:
    blocks: list[Block] = []
    names = [Name(name) for name, q in draft.quantities.items() if q.role == "given"]
    arrays = _arrays(problem, wiring, draft) if len(wiring.parameters) >= MANY else {}
    inside = {name for parts in arrays.values() for name in parts}
    blocks.append(listed([name for name in names if name.id not in inside], "Given"))
    blocks += beside([Name(name) for name in arrays])
    blocks += [function_definition(h, functions) for h in dict.fromkeys(heads) if h != "softmax"]
    if problem.ask.figure:
        columns = [list(map(Name, wiring.inputs))]
        columns += [[Name(unit.a) for unit in units] for units in wiring.layers]
        weights = [[list(map(Name, unit.weights)) for unit in units] for units in wiring.layers]
        blocks.append(network_figure(columns, weights))
    return blocks

"""Small networks that learn: names of weights and units, and the definitions of a forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from derivations.calculus.adjoints import adjoints
from derivations.calculus.differentiate import Rules
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    key,
    number,
    product,
    quotient,
    rewrite,
    sum_of,
)
from derivations.kinds.base.element_loss import ElementLoss
from derivations.kinds.base.fields import Matrix, Strict, Vector
from derivations.kinds.base.functions import ActivationField, TableFunction
from derivations.kinds.base.optimiser_fields import Penalty

SOFTMAX = TableFunction(name="softmax")  # of a whole layer, and therefore no row of the table


def _softmax(value: Any) -> Any:
    softmax = isinstance(value, str) and value.strip().lower() == "softmax"
    return SOFTMAX if softmax else value


LayerActivation = Annotated[ActivationField, BeforeValidator(_softmax)]


class TrainedLayer(Strict):
    """One layer: a row of weights for each unit, a bias for each, and its activation."""

    weights: Matrix = Field(description="the start: a row for each unit, a column for each input")
    biases: Vector | None = Field(None, description="one for each unit; none if left out")
    activation: LayerActivation = Field(
        TableFunction(name="sigmoid"), description="a function; softmax in the last layer"
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is wired: the names of its weights, its bias, its sum and its output."""

    weights: tuple[str, ...]
    bias: str | None
    z: str
    a: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """The units of a network, layer by layer, with the numerals that its parameters start from."""

    layers: tuple[tuple[Unit, ...], ...]
    start: Mapping[str, str]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(self.start)

    def exempt(self, penalty: Penalty | None) -> frozenset[str]:
        """The biases, where only weights have a penalty."""
        if penalty is None or penalty.of != "weights":
            return frozenset()
        return frozenset(unit.bias for layer in self.layers for unit in layer if unit.bias)


def wired(layers: Sequence[TrainedLayer]) -> Wiring:
    """Names for everything; a single unit has w₁, w₂, b and z, y."""
    start: dict[str, str] = {}
    rows: list[tuple[Unit, ...]] = []
    for at, layer in enumerate(layers, 1):
        level = f"__{at}" if len(layers) > 1 else ""
        units = []
        for j, row in enumerate(layer.weights, 1):
            whose = f"_{j}" if len(layer.weights) > 1 or len(layers) > 1 else ""
            names = tuple(f"w{level}{whose}_{i}" for i in range(1, len(row) + 1))
            if len(row) == 1 and not whose:
                names = ("w",)
            start |= dict(zip(names, row, strict=True))
            bias = None
            if layer.biases is not None:
                bias = f"b{level}{whose}"
                start[bias] = layer.biases[j - 1]
            last = at == len(layers)
            out = f"y{whose if len(layer.weights) > 1 else ''}" if last else f"a{level}{whose}"
            units.append(Unit(names, bias, f"z{level}{whose}", out))
        rows.append(tuple(units))
    return Wiring(tuple(rows), start)


@dataclass(frozen=True, slots=True)
class Model:
    """A network with the functions of its layers and its loss.

    ``heads``: the function of each layer; ``softmax`` of the last goes with cross-entropy.
    ``over_outputs``: how the losses of several outputs are put together. ``weights_first``: w x in
    sums, and not x w.
    """

    wiring: Wiring
    heads: tuple[str, ...]
    loss: ElementLoss
    over_outputs: str
    weights_first: bool = True

    @property
    def outputs(self) -> list[str]:
        return [unit.a for unit in self.wiring.layers[-1]]

    def forward(
        self, inputs: Sequence[Formula], targets: Sequence[Formula], values: Mapping[str, Formula]
    ) -> dict[str, Formula]:
        """The definitions of one sample: sums, outputs, loss. ``values`` of parameters and units."""
        made: dict[str, Formula] = {}
        before = list(inputs)
        for head, units in zip(self.heads, self.wiring.layers, strict=True):
            for unit in units:
                pairs = [(values[w], x) for w, x in zip(unit.weights, before, strict=True)]
                terms = [product(*(p if self.weights_first else p[::-1])) for p in pairs]
                terms += [values[unit.bias]] if unit.bias else []
                made[unit.z] = sum_of(*terms)
            for unit in units:
                made[unit.a] = self._output(head, unit, units, values)
            before = [values[unit.a] for unit in units]
        made["L"] = self._loss(before, targets, values)
        return made

    def _output(
        self, head: str, unit: Unit, units: Sequence[Unit], values: Mapping[str, Formula]
    ) -> Formula:
        z = values[unit.z]
        if head == "softmax":
            return share(z, [values[u.z] for u in units])
        return z if head == "identity" else apply(head, z)

    def _loss(
        self, outputs: Sequence[Formula], targets: Sequence[Formula], values: Mapping[str, Formula]
    ) -> Formula:
        if self.heads[-1] == "softmax":  # -Σ t ln y, over the sums, where Σ t = 1
            return log_likelihood([values[unit.z] for unit in self.wiring.layers[-1]], targets)
        each = [self.loss.value(y, t) for y, t in zip(outputs, targets, strict=True)]
        total = sum_of(*each)
        if self.over_outputs == "mean" and len(each) > 1:
            return quotient(total, number(len(each)))
        return total

    def gradient(
        self, samples: Sequence[tuple[Sequence[Formula], Sequence[Formula]]],
        points: Mapping[str, Formula], over: str, rules: Rules,
    ) -> list[tuple[str, Formula]]:  # fmt: skip
        """Definitions that end with ``g@name`` for each parameter, for a recursion."""
        made: dict[str, Formula] = {}
        for s, (inputs, targets) in enumerate(samples):
            names = {unit_name: f"{unit_name}@{s}" for unit_name in self.names}
            values: dict[str, Formula] = {n: Name(v) for n, v in names.items()}
            pass_ = self.forward(inputs, targets, {**values, **points})
            made |= {names[n]: formula for n, formula in pass_.items()}
        made["L@"] = mean_of([Name(f"L@{s}") for s in range(len(samples))], over)
        wanted = {key(point) for point in points.values()}
        found = adjoints(made, "L@", frozenset(wanted), rules, {})
        program = list(made.items())
        program += [(f"d@{each.name}", _slots(each.formula)) for each in found]
        program += [(f"g@{name}", Name(f"d@{key(point)}")) for name, point in points.items()]
        return program

    @property
    def names(self) -> list[str]:
        """Everything that a forward pass computes."""
        return [n for units in self.wiring.layers for u in units for n in (u.z, u.a)] + ["L"]


def share(z: Formula, sums: Sequence[Formula]) -> Formula:
    """e^z over the powers of all sums: an output of a softmax."""
    return quotient(apply("exp", z), sum_of(*(apply("exp", other) for other in sums)))


def log_likelihood(sums: Sequence[Formula], targets: Sequence[Formula]) -> Formula:
    """−Σ t ln y of a softmax over its sums z: ln Σ eᶻ − Σ t z, where Σ t = 1."""
    return difference(
        apply("ln", sum_of(*(apply("exp", z) for z in sums))),
        sum_of(*(product(t, z) for t, z in zip(targets, sums, strict=True))),
    )


def mean_of(each: Sequence[Formula], over: str) -> Formula:
    """The losses of several samples put together."""
    total = sum_of(*each)
    return quotient(total, number(len(each))) if over == "mean" and len(each) > 1 else total


def _slots(formula: Formula) -> Formula:
    """Derivatives by the name under which a recursion keeps them."""

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "partial":
            return Name(f"d@{key(node.args[1])}")
        return None

    return rewrite(formula, rule)


def numerals(rows: Any) -> list[list[str]]:
    """Targets as rows, also where each is a single number."""
    return [list(row) if isinstance(row, tuple) else [row] for row in rows]

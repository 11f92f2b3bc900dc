"""The fields of a recurrent network, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from derivations.errors import unknown
from derivations.formula.shapes import Shape, words
from derivations.kinds.base.definitions import Quantity, shape_of
from derivations.kinds.base.errors import Mistakes, Path
from derivations.kinds.base.fields import Few, Matrix, NotNegative, Numeral, Strict, Vector
from derivations.kinds.base.loss_fields import First
from derivations.models.cells import CELLS, weight


def _gates_tag(value: Any) -> str:
    return "gates" if isinstance(value, dict) else "one"


def _target_tag(value: Any) -> str:
    if value is None:
        return "none"
    return "vector" if isinstance(value, (list, tuple)) else "number"


Weights = Annotated[
    Annotated[Quantity, Tag("one")] | Annotated[dict[str, Quantity], Tag("gates")],
    Discriminator(_gates_tag),
]
Target = Annotated[
    Annotated[Numeral, Tag("number")]
    | Annotated[Vector, Tag("vector")]
    | Annotated[None, Tag("none")],
    Discriminator(_target_tag),
]
HEADS = ("sigmoid", "tanh", "relu", "identity")
LOSSES = (
    "half_squared_error", "squared_error", "mean_squared_error", "cross_entropy",
    "binary_cross_entropy",
)  # fmt: skip


class Output(Strict):
    """The layer behind the hidden state: V h + b, and its activation."""

    V: Quantity
    b: Quantity | None = None
    activation: Literal["identity", "sigmoid", "tanh", "relu", "softmax"] = "identity"


class Given(Strict):
    """The cell with its weights, the inputs, and what the loss is made of."""

    cell: str = Field(description="rnn, lstm or gru")
    inputs: Vector | Matrix = Field(description="x_1, x_2, ...: numbers, or a row for each step")
    W: Weights = Field(description="of the input; for lstm and gru by gate: {i: ..., f: ...}")
    U: Weights = Field(description="of the state before")
    b: Weights | None = Field(None, description="biases; none if left out")
    b_h: Weights | None = Field(None, description="biases of their own at U h, as PyTorch has them")
    peepholes: Weights | None = Field(
        None, description="of an LSTM, by gate f, i, o: p ⊙ c, the old memory, of o the new one"
    )
    h_0: Quantity | None = Field(None, description="the state at the start; zero if left out")
    c_0: Quantity | None = Field(None, description="the memory of an LSTM at the start; zero")
    activation: Literal["tanh", "relu", "sigmoid", "identity"] | None = Field(
        None, description="of a plain recurrent network; tanh if left out"
    )
    reset: Literal["before", "after"] = Field(
        "before", description="GRU: r acts before the product with U (Cho 2014), or after (PyTorch)"
    )
    update: Literal["keeps", "replaces"] = Field(
        "keeps", description="GRU: h = z h_before + (1 - z) n, or (1 - z) h_before + z n"
    )
    output: Output | None = None
    targets: tuple[Target, ...] | None = Field(
        None, description="one for each step, null where there is none"
    )
    classes: tuple[NotNegative | None, ...] | None = Field(
        None, description="instead: the class at each step, the output whose target is 1"
    )
    classes_from: First = Field(1, description="the number of the first class")
    loss: str = Field("half_squared_error", description="the loss of one step")
    loss_over_time: Literal["sum", "mean"] = "sum"
    slope_h: Quantity | None = Field(
        None, description="instead of targets: the gradient of the loss by the last state"
    )
    slope_c: Quantity | None = Field(None, description="and by the last memory of an LSTM")


class Ask(Strict):
    """What is worked out; the forward pass always is."""

    gradients: bool | tuple[str, ...] = Field(
        False, description="true, or the parameters by which the loss is differentiated"
    )
    truncate: Few | None = Field(
        None, description="backpropagation through time goes back through so many steps at most"
    )
    in_full: NotNegative | None = Field(None, description="how many steps are shown line by line")


# ---------------------------------------------------------------- checks


PEEPHOLES = ("f", "i", "o")


def gates_of(cell: str) -> tuple[str, ...]:
    """The indices of the gates; one without an index for a plain network."""
    return tuple(CELLS[cell].gates)


def by_gate(value: Any) -> dict[str, Any]:
    """Weights by gate; of a plain network under no index."""
    if value is None:
        return {}
    return dict(value) if isinstance(value, Mapping) else {"": value}


class Shapes:
    """The sizes of everything, or all mistakes.

    Attributes:
        width: of an input; None where inputs are numbers.
        units, outputs: where there is one, the state or the output is a number.
    """

    def __init__(self, given: Given, mistakes: Mistakes) -> None:
        self.given, self.mistakes = given, mistakes
        if given.cell not in CELLS:
            mistakes.add(("given", "cell"), unknown(given.cell, "a cell", CELLS))
            mistakes.raise_all()
        row = given.inputs[0]
        self.width = len(row) if isinstance(row, tuple) else None
        self.gates = gates_of(given.cell)
        first = by_gate(given.U).get(self.gates[0])
        self.units = len(first) if isinstance(first, tuple) else 1
        V = given.output.V if given.output is not None else None
        self.outputs = self.units if given.output is None else len(V) if isinstance(V, tuple) else 1
        self._weights()
        self._peepholes()
        self._states()
        self._output()

    @property
    def one(self) -> bool:
        """Whether the state is a number."""
        return self.units == 1

    def fit(self, path: Path, value: Any, shape: Shape, why: str) -> None:
        """A mistake, unless the value has the shape; a number can stand in brackets."""
        if shape_of(fitted(value, shape)) != shape:
            self.mistakes.add(
                path, f"found {words(shape_of(value))}, expected {words(shape)}, {why}"
            )

    def state(self) -> Shape:
        """The shape of a state."""
        return () if self.one else (self.units,)

    def shape(self, letter: str) -> Shape:
        """The shape of a weight or bias."""
        if letter == "W":
            return self.state() if self.width is None else (self.units, self.width)
        if letter == "U":
            return () if self.one else (self.units, self.units)
        if letter == "V":
            single = () if self.outputs == 1 else (self.outputs,)
            return single if self.one else (self.outputs, self.units)
        if letter == "b_y":
            return () if self.outputs == 1 else (self.outputs,)
        return self.state()

    def _weights(self) -> None:
        why = {
            "W": "a row for each unit, a column for each input",
            "U": "a row and a column for each unit",
            "b": "one number for each unit",
            "b_h": "one number for each unit",
        }
        if self.width is None:
            why["W"] = "one number for each unit"
        for letter, words_why in why.items():
            if (value := getattr(self.given, letter)) is None:
                continue
            self._known_gates(letter, value)
            for gate, part in by_gate(value).items():
                path: Path = ("given", letter, gate) if gate else ("given", letter)
                if gate in self.gates:
                    self.fit(path, part, self.shape(letter), words_why)

    def _peepholes(self) -> None:
        value, at = self.given.peepholes, ("given", "peepholes")
        if value is None:
            return
        if self.given.cell != "lstm":
            self.mistakes.add(at, "only an LSTM has peepholes")
            return
        if not isinstance(value, Mapping) or not {*value} <= {*PEEPHOLES}:
            self.mistakes.add(at, "expected a mapping with some of the gates f, i and o")
            return
        for gate, part in value.items():
            self.fit((*at, gate), part, self.state(), "one number for each unit")

    def _known_gates(self, letter: str, value: Any) -> None:
        named = list(self.gates)
        found = list(by_gate(value))
        if named == [""]:
            if isinstance(value, Mapping):
                self.mistakes.add(
                    ("given", letter), "found gates; a plain recurrent network has none"
                )
            return
        if not isinstance(value, Mapping):
            self.mistakes.add(
                ("given", letter),
                f"expected a mapping with the gates {', '.join(named)} of the {CELLS[self.given.cell].title}",
            )
            return
        for gate in found:
            if gate not in named:
                self.mistakes.add(
                    ("given", letter, gate),
                    f"'{gate}' is not a gate of the {CELLS[self.given.cell].title}; "
                    f"known: {', '.join(named)}",
                )
        missing = [gate for gate in named if gate not in found]
        if missing and letter in ("W", "U"):
            self.mistakes.add(("given", letter), f"'{missing[0]}' is missing")

    def _states(self) -> None:
        given = self.given
        memory = CELLS[given.cell].memory
        for field in ("h_0", "c_0", "slope_h", "slope_c"):
            value = getattr(given, field)
            if value is None:
                continue
            if field in ("c_0", "slope_c") and not memory:
                self.mistakes.add(("given", field), "only an LSTM has a memory c")
            self.fit(("given", field), value, self.state(), "one number for each unit")
        if given.activation is not None and given.cell != "rnn":
            self.mistakes.add(
                ("given", "activation"), "the gates of this cell have their own activations"
            )
        for field in ("reset", "update"):
            if given.cell != "gru" and field in given.model_fields_set:
                self.mistakes.add(("given", field), "only a GRU has this convention")

    def _output(self) -> None:
        output = self.given.output
        if output is not None:
            why = "a row for each output, a column for each unit"
            self.fit(("given", "output", "V"), output.V, self.shape("V"), why)
            if output.b is not None:
                why = "one number for each output"
                self.fit(("given", "output", "b"), output.b, self.shape("b_y"), why)
            if output.activation == "softmax" and self.outputs == 1:
                self.mistakes.add(
                    ("given", "output", "activation"), "softmax needs several outputs"
                )
        self._classes()
        self._targets()

    def _classes(self) -> None:
        given, add = self.given, self.mistakes.add
        if given.classes is None:
            return
        if given.targets is not None or given.slope_h is not None or given.slope_c is not None:
            add(("given", "classes"), "expected either 'targets', 'classes' or slopes")
        if all(true is None for true in given.classes):
            add(("given", "classes"), "expected a class at one step at least")
        if self.outputs == 1:
            add(("given", "classes"), "a single output has no classes")
        if len(given.classes) != len(given.inputs):
            add(
                ("given", "classes"),
                f"{len(given.classes)} classes; expected {len(given.inputs)}, one for each step, "
                "null where there is none",
            )
        first, last = given.classes_from, self.outputs - 1 + given.classes_from
        for place, true in enumerate(given.classes):
            if true is not None and not first <= true <= last:
                add(
                    ("given", "classes", place),
                    f"found {true}, expected a class from {first} to {last}; see 'classes_from'",
                )

    def aims(self) -> tuple[Any, ...]:
        """The target of each step, None where there is none; of a class a single 1."""
        given = self.given
        if given.classes is None:
            return given.targets or ()
        places = range(given.classes_from, self.outputs + given.classes_from)
        return tuple(
            None if true is None else tuple("1" if k == true else "0" for k in places)
            for true in given.classes
        )

    def _targets(self) -> None:
        given, mistakes = self.given, self.mistakes
        if given.loss not in LOSSES:
            mistakes.add(
                ("given", "loss"),
                unknown(given.loss, "a loss of this kind", LOSSES),
            )
        if given.targets is None or given.classes is not None:
            return
        if given.slope_h is not None or given.slope_c is not None:
            mistakes.add(
                ("given", "targets"), "expected either 'targets' or 'slope_h' and 'slope_c'"
            )
        if len(given.targets) != len(given.inputs):
            mistakes.add(
                ("given", "targets"),
                f"{len(given.targets)} targets; expected {len(given.inputs)}, one for each step, "
                "null where there is none",
            )
        if all(target is None for target in given.targets):
            mistakes.add(("given", "targets"), "expected a target at one step at least")
        for place, target in enumerate(given.targets):
            if target is not None:
                shape = () if self.outputs == 1 else (self.outputs,)
                why = "one number for each output"
                self.fit(("given", "targets", place), target, shape, why)


def fitted(value: Any, shape: Shape) -> Any:
    """A number out of its brackets, 0.5 of [[0.5]]; a matrix of one column as a vector."""
    while not shape and isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if len(shape) == 1 and len(shape_of(value)) == 2 and len(value[0]) == 1:
        return tuple(row[0] for row in value)
    return value


def as_rows(value: Any) -> Any:
    """As ``x W + b`` has it: a vector as a row, a matrix turned, one of a single row as a column."""
    shape = shape_of(value)
    if len(shape) == 2:
        return value[0] if shape[0] == 1 else tuple(zip(*value, strict=True))
    return (value,) if shape else value


def parameters(shapes: Shapes) -> dict[str, Any]:
    """Every weight and bias by its name in the derivation."""
    given = shapes.given
    found: dict[str, Any] = {}

    def add(letter: str, gate: str, value: Any) -> None:
        shape = shapes.shape(letter)
        name = letter if letter == "b_y" else weight(letter, gate, len(shape) < 2)
        found[name] = fitted(value, shape)

    for gate in shapes.gates:
        for letter in ("W", "U", "b", "b_h"):
            values = by_gate(getattr(given, letter))
            if gate in values:
                add(letter, gate, values[gate])
        if gate and gate in by_gate(given.peepholes):
            add("p", gate, by_gate(given.peepholes)[gate])
    if given.output is not None:
        add("V", "", given.output.V)
        if given.output.b is not None:
            add("b_y", "", given.output.b)
    return found

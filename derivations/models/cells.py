"""Recurrent cells: each expands into the definitions of one time step.

The input goes with W, the state before with U: a = W x_t + U h_{t-1} + b. Gates have an index:
i, f, o and the candidate g of an LSTM; r, z and the candidate n of a GRU.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from derivations.formula.tree import Formula, Name, Number, apply, difference, product, sum_of


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the table.

    Attributes:
        gates: the index of each pre-activation with its activation, in the order of working.
        memory: whether there is a cell state besides the hidden state.
    """

    title: str
    gates: Mapping[str, str]
    source: str
    memory: bool = False


CELLS: dict[str, Cell] = {
    "rnn": Cell("recurrent network", {"": "tanh"}, "Elman 1990"),
    "lstm": Cell(
        "LSTM",
        {"f": "sigmoid", "i": "sigmoid", "g": "tanh", "o": "sigmoid"},
        "Gers, Schmidhuber and Cummins 2000",
        memory=True,
    ),
    "gru": Cell("GRU", {"r": "sigmoid", "z": "sigmoid", "n": "tanh"}, "Cho et al. 2014"),
}


@dataclass(frozen=True, slots=True)
class Conventions:
    """What books differ in.

    Attributes:
        cell: a key of `CELLS`.
        heads: the activation of each gate, by its index.
        one: whether there is one unit, so that states are numbers.
        numbers: whether the inputs are numbers.
        biases, hidden_biases: indices of the gates that have one; hidden ones stand at U h.
        reset: whether r acts on the state before its product with U, or on U h + b after it.
        update: whether z is the share of the old state that is kept, or of the new one.
        rows: whether inputs and states are rows, with their weights behind them: x W + h U + b.
        peepholes: gates of an LSTM that see the memory, p ⊙ c: f and i the old one, o the new one.
    """

    cell: str
    heads: Mapping[str, str]
    one: bool = False
    numbers: bool = False
    biases: frozenset[str] = frozenset()
    hidden_biases: frozenset[str] = frozenset()
    reset: Literal["before", "after"] = "before"
    update: Literal["keeps", "replaces"] = "keeps"
    rows: bool = False
    peepholes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The definitions of one step, in order, and the quantity that each name is a version of."""

    definitions: dict[str, Formula] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)  # name: the name without its time

    def add(self, quantity: str, t: int, formula: Formula) -> Name:
        """One more definition: quantity ``a__f`` at time 3 is ``a__f_3``."""
        name = f"{quantity}_{t}"
        self.definitions[name] = formula
        self.rows[name] = quantity
        return Name(name)


def weight(letter: str, gate: str, small: bool) -> str:
    """``W_f`` for a matrix, ``w_f`` for a number or vector; without a gate ``W``."""
    letter = letter.lower() if small else letter
    if letter == "b_h":
        return f"b_h{gate}"
    return f"{letter}_{gate}" if gate else letter


def times(numbers: bool, *factors: Formula) -> Formula:
    """A product entry by entry."""
    return product(*factors) if numbers else apply("hadamard", *factors)


def applied(number: bool, weights: Formula, value: Formula, rows: bool = False) -> Formula:
    """Weights times a vector, or times a number; a row or number times weights where ``rows``."""
    factors = (value, weights) if rows else (weights, value)
    return product(*factors) if number else apply("matmul", *factors)


def time_step(
    by: Conventions, t: int, x: Formula, state: Formula, memory: Formula | None
) -> Unrolled:
    """One step of the cell; the new state is ``h_t``, the new memory ``c_t``.

    Source: Goodfellow, Bengio and Courville 2016, section 10.10; Cho et al. 2014, eqs. 5 to 8;
    peepholes: Gers, Schraudolph and Schmidhuber 2002, section 2.
    """
    found = Unrolled()
    values: dict[str, Formula] = {}
    for gate, head in by.heads.items():
        if gate == "o" and gate in by.peepholes:
            memory = found.add("c", t, _memory(by, values, memory))
        recurrent = _recurrent(by, gate, state, values)
        terms = [applied(by.numbers, Name(weight("W", gate, by.numbers)), x, by.rows)]
        if gate in by.peepholes:
            assert memory is not None
            recurrent = [*recurrent, times(by.one, Name(weight("p", gate, by.one)), memory)]
        bias = [Name(weight("b", gate, by.one))] if gate in by.biases else []
        late = by.cell == "gru" and gate == "n" and by.reset == "after"
        terms += [*bias, *recurrent] if late else [*recurrent, *bias]
        pre = found.add(f"a__{gate}" if gate else "a", t, sum_of(*terms))
        values[gate] = found.add(gate or "h", t, apply(head, pre))
    if by.cell == "lstm":
        if "o" not in by.peepholes:
            memory = found.add("c", t, _memory(by, values, memory))
        assert memory is not None
        found.add("h", t, times(by.one, values["o"], apply("tanh", memory)))
    if by.cell == "gru":
        z, rest = values["z"], difference(Number("1"), values["z"])
        old, new = (z, rest) if by.update == "keeps" else (rest, z)
        mixed = (times(by.one, old, state), times(by.one, new, values["n"]))
        found.add("h", t, sum_of(*mixed))
    return found


def _memory(by: Conventions, values: Mapping[str, Formula], before: Formula | None) -> Formula:
    """f ⊙ c + i ⊙ g."""
    assert before is not None
    kept = times(by.one, values["f"], before)
    return sum_of(kept, times(by.one, values["i"], values["g"]))


def _recurrent(
    by: Conventions, gate: str, state: Formula, values: Mapping[str, Formula]
) -> list[Formula]:
    """The terms of the state before: U h, with its bias, and with the reset gate of a GRU."""
    weights = Name(weight("U", gate, by.one))
    resets = by.cell == "gru" and gate == "n"
    if resets and by.reset == "before":
        state = times(by.one, values["r"], state)
    terms = [applied(by.one, weights, state, by.rows)]
    if gate in by.hidden_biases:
        terms.append(Name(weight("b_h", gate, by.one)))
    if resets and by.reset == "after":
        return [times(by.one, values["r"], sum_of(*terms))]
    return terms

"""Recurrent layers: what gates, units and inputs make of parameters and operations."""

from __future__ import annotations

from pydantic import Field

from derivations.formula.tree import Formula, apply, number, product, sum_of
from derivations.models.layer_fields import LayerFields, Size, Vectors
from derivations.models.traces import LayerError, Shape, Trace


class RecurrentFields(LayerFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    units: Size
    sequences: bool = Field(False, description="an output for every step, not only the last")
    bidirectional: bool = False
    biases: Vectors = 1
    bias: bool | None = None


def units_of(token: str, numbers: list[int]) -> int:
    """N of ``LSTM-N``.

    Raises:
        LayerError: there is no such number, or more than one.
    """
    if len(numbers) != 1:
        raise LayerError(f"the layer is written {token}-N, N units")
    return numbers[0]


def recurrent_words(title: str, fields: RecurrentFields) -> str:
    """``bidirectional LSTM, 64 units``."""
    both = "bidirectional " if fields.bidirectional else ""
    return f"{both}{title}, {fields.units} units"


def recurrent_trace(gates: int, keras: str, fields: RecurrentFields, shape: Shape) -> Trace:
    """gates × ((D + H) × H + H): from inputs and state to every gate, with biases.

    ``biases: 2`` keeps one vector for the inputs and one for the state, as PyTorch does, and Keras
    for a GRU with ``reset_after``. Both directions have weights of their own.

    Raises:
        LayerError: the input is no sequence.
    """
    if len(shape) != 2:
        raise LayerError("a recurrent layer needs a sequence, [steps, features]")
    steps, features = shape
    units = number(fields.units)
    directions = 2 if fields.bidirectional else 1
    outer = [number(n) for n in (directions, gates) if n > 1]
    matrices = product(apply("group", sum_of(number(features), units)), units)
    vectors = units if fields.biases == 1 else product(number(2), units)
    bias = fields.bias is not False
    inner: Formula = (
        apply("group", sum_of(matrices, vectors)) if outer else sum_of(matrices, vectors)
    )
    width = fields.units * directions
    return Trace(
        (steps, width) if fields.sequences else (width,),
        None,
        product(*outer, matrices),
        product(*outer, vectors) if bias else None,
        keras=keras,
        parameters=product(*outer, inner) if bias else None,
        macs=product(number(steps), *outer, matrices),
        biased=steps * directions * gates * fields.units * fields.biases if bias else 0,
        sees_all=True,
    )

"""A simple recurrent layer: a state of one vector that is made anew at every step."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from derivations.models.layer_fields import LayerFields
from derivations.models.recurrent import recurrent_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("RNN",)


class Fields(LayerFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["rnn"] = "rnn"
    units: PositiveInt
    sequences: bool = Field(False, description="an output for every step, not only the last")
    bidirectional: bool = False
    biases: Literal[1, 2] = 1
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``RNN-N``: N units."""
    if len(numbers) != 1:
        raise LayerError("the layer is written RNN-N, N units")
    return {"layer": "rnn", "units": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``SimpleRNN, 64 units``."""
    both = "bidirectional " if fields.bidirectional else ""
    return f"{both}SimpleRNN, {fields.units} units"


def trace(fields: Fields, shape: Shape) -> Trace:
    """(D + H) × H weights and H biases for D inputs and H units.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(1, "SimpleRNN", fields, shape)

"""An LSTM layer: input, forget and output gate, and a candidate for the cell."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from derivations.models.layer_fields import LayerFields
from derivations.models.recurrent import recurrent_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("LSTM",)


class Fields(LayerFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["lstm"] = "lstm"
    units: PositiveInt
    sequences: bool = Field(False, description="an output for every step, not only the last")
    bidirectional: bool = False
    biases: Literal[1, 2] = 1
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``LSTM-N``: N units."""
    if len(numbers) != 1:
        raise LayerError("the layer is written LSTM-N, N units")
    return {"layer": "lstm", "units": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``LSTM, 64 units``."""
    both = "bidirectional " if fields.bidirectional else ""
    return f"{both}LSTM, {fields.units} units"


def trace(fields: Fields, shape: Shape) -> Trace:
    """4 × ((D + H) × H + H): three gates and the candidate.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(4, "LSTM", fields, shape)

"""A GRU layer: reset and update gate, and a candidate for the state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from derivations.models.layer_fields import LayerFields
from derivations.models.recurrent import recurrent_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("GRU",)


class Fields(LayerFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["gru"] = "gru"
    units: PositiveInt
    sequences: bool = Field(False, description="an output for every step, not only the last")
    bidirectional: bool = False
    biases: Literal[1, 2] = 2
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``GRU-N``: N units."""
    if len(numbers) != 1:
        raise LayerError("the layer is written GRU-N, N units")
    return {"layer": "gru", "units": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``GRU, 64 units``."""
    both = "bidirectional " if fields.bidirectional else ""
    return f"{both}GRU, {fields.units} units"


def trace(fields: Fields, shape: Shape) -> Trace:
    """3 × ((D + H) × H + 2 H): two gates and the candidate, two biases by default.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(3, "GRU", fields, shape)

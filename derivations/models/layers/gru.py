"""A GRU layer: reset and update gate, and a candidate for the state."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import Vectors
from derivations.models.recurrent import (
    RecurrentFields,
    recurrent_trace,
    recurrent_words,
    units_of,
)
from derivations.models.traces import Shape, Trace

TOKENS = ("GRU",)


class Fields(RecurrentFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["gru"] = "gru"
    biases: Vectors = 2


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``GRU-N``: N units."""
    return {"layer": "gru", "units": units_of("GRU", numbers)}


def words(fields: Fields, shape: Shape) -> str:
    """``GRU, 64 units``."""
    return recurrent_words("GRU", fields)


def trace(fields: Fields, shape: Shape) -> Trace:
    """3 × ((D + H) × H + 2 H): two gates and the candidate, two biases by default.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(3, "GRU", fields, shape)

"""An LSTM layer: input, forget and output gate, and a candidate for the cell."""

from __future__ import annotations

from typing import Literal

from derivations.models.recurrent import (
    RecurrentFields,
    recurrent_trace,
    recurrent_words,
    units_of,
)
from derivations.models.traces import Shape, Trace

TOKENS = ("LSTM",)


class Fields(RecurrentFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["lstm"] = "lstm"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``LSTM-N``: N units."""
    return {"layer": "lstm", "units": units_of("LSTM", numbers)}


def words(fields: Fields, shape: Shape) -> str:
    """``LSTM, 64 units``."""
    return recurrent_words("LSTM", fields)


def trace(fields: Fields, shape: Shape) -> Trace:
    """4 × ((D + H) × H + H): three gates and the candidate.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(4, "LSTM", fields, shape)

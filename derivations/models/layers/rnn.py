"""A simple recurrent layer: a state of one vector that is made anew at every step."""

from __future__ import annotations

from typing import Literal

from derivations.models.recurrent import (
    RecurrentFields,
    recurrent_trace,
    recurrent_words,
    units_of,
)
from derivations.models.traces import Shape, Trace

TOKENS = ("RNN",)


class Fields(RecurrentFields):
    """Units; ``biases``: one vector a gate as in Keras, or two as in PyTorch."""

    layer: Literal["rnn"] = "rnn"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``RNN-N``: N units."""
    return {"layer": "rnn", "units": units_of("RNN", numbers)}


def words(fields: Fields, shape: Shape) -> str:
    """``SimpleRNN, 64 units``."""
    return recurrent_words("SimpleRNN", fields)


def trace(fields: Fields, shape: Shape) -> Trace:
    """(D + H) × H weights and H biases for D inputs and H units.

    Raises:
        LayerError: the input is no sequence.
    """
    return recurrent_trace(1, "SimpleRNN", fields, shape)

"""An activation function, applied to every entry."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("RELU", "SIGMOID", "TANH", "SOFTMAX", "GELU", "SILU", "RELU6")


class Fields(LayerFields):
    """Which function."""

    layer: Literal["activation"] = "activation"
    function: str = "relu"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``RELU``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "activation", "function": token.lower()}


def trace(fields: Fields, shape: Shape) -> Trace:
    """The shape stays; nothing to learn."""
    return Trace(shape, keras="Activation")


WORDS = {"relu": "ReLU", "relu6": "ReLU6", "gelu": "GELU", "silu": "SiLU", "elu": "ELU"}


def words(fields: Fields, shape: Shape) -> str:
    """``ReLU``."""
    return WORDS.get(fields.function, fields.function)

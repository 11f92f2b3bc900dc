"""Instance normalisation: mean and variance of each channel of each sample."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.normalisation import normalised_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("IN",)
SPATIAL = True


class Fields(LayerFields):
    """Whether the result is scaled by γ and shifted by β, which are learned."""

    layer: Literal["instance_norm"] = "instance_norm"
    scale: bool = False
    center: bool = False


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``IN``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "instance_norm"}


def words(fields: Fields, shape: Shape) -> str:
    """``instance norm``."""
    return "instance norm"


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel, where they are there; the shape stays."""
    return normalised_trace(shape[-1], "GroupNormalization", fields, shape)

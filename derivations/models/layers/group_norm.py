"""Group normalisation: mean and variance of each sample over groups of channels."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields, Size
from derivations.models.normalisation import normalised_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("GN",)
SPATIAL = True


class Fields(LayerFields):
    """Whether the result is scaled by γ and shifted by β, which are learned."""

    layer: Literal["group_norm"] = "group_norm"
    groups: Size = 32
    scale: bool = True
    center: bool = True


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``GN``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "group_norm"}


def words(fields: Fields, shape: Shape) -> str:
    """``group norm, 32 groups``."""
    return f"group norm, {fields.groups} groups"


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel, where they are there; the shape stays."""
    if shape[-1] % fields.groups:
        raise LayerError(f"{fields.groups} groups do not divide the {shape[-1]} channels")
    return normalised_trace(shape[-1], "GroupNormalization", fields, shape)

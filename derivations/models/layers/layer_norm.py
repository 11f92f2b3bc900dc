"""Layer normalisation: mean and variance of each sample over its last axes."""

from __future__ import annotations

from math import prod
from typing import Literal

from derivations.models.layer_fields import LayerFields, Size
from derivations.models.normalisation import normalised_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("LN",)


class Fields(LayerFields):
    """Whether the result is scaled by γ and shifted by β, which are learned."""

    layer: Literal["layer_norm"] = "layer_norm"
    axes: Size = 1
    scale: bool = True
    center: bool = True


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``LN``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "layer_norm"}


def words(fields: Fields, shape: Shape) -> str:
    """``layer norm``."""
    return "layer norm"


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel, where they are there; the shape stays."""
    if fields.axes > len(shape):
        raise LayerError(f"the last {fields.axes} axes of an input that has {len(shape)}")
    return normalised_trace(prod(shape[-fields.axes :]), "LayerNormalization", fields, shape)

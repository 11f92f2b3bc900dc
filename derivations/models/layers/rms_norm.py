"""RMS normalisation: divided by the root of the mean square over the last axis."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.normalisation import normalised_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("RMS",)


class Fields(LayerFields):
    """Whether the result is scaled by γ and shifted by β, which are learned."""

    layer: Literal["rms_norm"] = "rms_norm"
    scale: bool = True
    center: bool = False


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``RMS``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "rms_norm"}


def words(fields: Fields, shape: Shape) -> str:
    """``RMS norm``."""
    return "RMS norm"


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel, where they are there; the shape stays."""
    return normalised_trace(shape[-1], "RMSNormalization", fields, shape)

"""Batch normalisation: a scale and a shift that are learned, a mean and a variance that are kept."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("BN",)


class Fields(LayerFields):
    """Nothing but a name."""

    layer: Literal["batch_norm"] = "batch_norm"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``BN``."""
    if numbers:
        raise LayerError("BN has no numbers")
    return {"layer": "batch_norm"}


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel are learned; the running mean and variance are not."""
    channels = number(shape[-1])
    return Trace(
        shape,
        None,
        channels,
        channels,
        frozen=product(number(2), channels),
        keras="BatchNormalization",
    )

"""Batch normalisation: a scale and a shift that are learned, a mean and a variance that are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.normalisation import normalised_trace
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("BN",)
SPATIAL = True


class Fields(LayerFields):
    """Whether the result is scaled by γ and shifted by β, which are learned."""

    layer: Literal["batch_norm"] = "batch_norm"
    scale: bool = True
    center: bool = True


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``BN``."""
    if numbers:
        raise LayerError("BN has no numbers")
    return {"layer": "batch_norm"}


def trace(fields: Fields, shape: Shape) -> Trace:
    """γ and β for each channel are learned; the running mean and variance are not."""
    trace = normalised_trace(shape[-1], "BatchNormalization", fields, shape)
    return replace(trace, frozen=product(number(2), number(shape[-1])))


def words(fields: Fields, shape: Shape) -> str:
    """``batch norm``."""
    return "batch norm"

"""Upsampling: every place is repeated, or values are interpolated between them."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Axes, for_axes
from derivations.models.traces import LayerError, Reach, Shape, Trace, volume

TOKENS = ("UP",)
SPATIAL = True


class Fields(LayerFields):
    """By which factor, and how."""

    layer: Literal["upsample"] = "upsample"
    factor: Axes
    mode: Literal["nearest", "bilinear"] = "nearest"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``UP-N``: N times as large."""
    if len(numbers) != 1:
        raise LayerError("upsampling is written UP-N, N times as large")
    return {"layer": "upsample", "factor": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``nearest upsampling by 2``."""
    return f"{fields.mode} upsampling by {fields.factor[0]}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """Sizes times the factor; nothing to learn."""
    if len(shape) < 2:
        raise LayerError("upsampling needs an input of height, width and channels")
    factors = for_axes(fields.factor, len(shape) - 1, "factor")
    sizes = [n * f for n, f in zip(shape, factors, strict=False)]
    formulas = [product(number(n), number(f)) for n, f in zip(shape, factors, strict=False)]
    seen = 1 if fields.mode == "nearest" else 2
    return Trace(
        (*sizes, shape[-1]),
        volume(*formulas, shape[-1]),
        keras=f"UpSampling{len(factors)}D",
        reach=tuple(Reach(seen, Fraction(1, f)) for f in factors),
    )

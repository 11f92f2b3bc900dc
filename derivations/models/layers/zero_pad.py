"""Zeros around a map, or values of the map again."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import number, sum_of
from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Edges, edges_of
from derivations.models.traces import LayerError, Shape, Trace, reaches, volume

TOKENS = ("PAD",)
SPATIAL = True


class Fields(LayerFields):
    """Pixels on each side, or [before, after] for every axis."""

    layer: Literal["zero_pad"] = "zero_pad"
    padding: Edges
    mode: Literal["zero", "reflect", "edge"] = "zero"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``PAD-N``: N zeros on every side."""
    if len(numbers) != 1:
        raise LayerError("padding is written PAD-N, N zeros on every side")
    return {"layer": "zero_pad", "padding": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``zero padding``."""
    return f"{fields.mode} padding"


def trace(fields: Fields, shape: Shape) -> Trace:
    """Sizes plus what stands before and after."""
    axes = shape[:-1]
    if isinstance(fields.padding, str) or not axes:
        raise LayerError("padding is given as numbers of pixels around a map")
    edges = edges_of(fields.padding, axes, (1,) * len(axes), (1,) * len(axes))
    sizes = [n + sum(edge) for n, edge in zip(axes, edges, strict=True)]
    formulas = [sum_of(number(n), *map(number, edge)) for n, edge in zip(axes, edges, strict=True)]
    return Trace(
        (*sizes, shape[-1]),
        volume(*formulas, shape[-1]),
        keras=f"ZeroPadding{len(axes)}D",
        reach=reaches((1,) * len(axes), (1,) * len(axes), edges),
    )

"""Global pooling: one number for each channel, over all places."""

from __future__ import annotations

from math import prod
from typing import Literal

from derivations.formula.tree import number
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Operations, Shape, Trace

TOKENS = ("GAP", "GMP")
SPATIAL = True


class Fields(LayerFields):
    """Average or maximum; ``keep`` leaves axes of size 1."""

    layer: Literal["global_pool"] = "global_pool"
    mode: Literal["average", "max"] = "average"
    keep: bool = False


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``GAP``, ``GMP``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "global_pool", "mode": "max" if token == "GMP" else "average"}


def words(fields: Fields, shape: Shape) -> str:
    """``global average pool``."""
    return f"global {fields.mode} pool"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The channels stay.

    Raises:
        LayerError: the input is no volume.
    """
    if len(shape) < 2:
        raise LayerError("pooling needs an input of height, width and channels")
    output = (*(1,) * (len(shape) - 1), shape[-1]) if fields.keep else shape[-1:]
    mode = "Max" if fields.mode == "max" else "Average"
    maxima = number(prod(shape[:-1])) if fields.mode == "max" else None
    return Trace(
        output,
        operations=Operations(outputs=number(shape[-1]), maxima=maxima),
        keras=f"Global{mode}Pooling{len(shape) - 1}D",
        sees_all=True,
    )

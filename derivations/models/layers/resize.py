"""Another size of a map, whatever the ratio; `upsample` is for whole factors."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Axes, for_axes
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ()
SPATIAL = True


class Fields(LayerFields):
    """The new size, and how values between places are found."""

    layer: Literal["resize"] = "resize"
    size: Axes
    mode: Literal["nearest", "bilinear", "bicubic"] = "nearest"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The size stands in a mapping."""
    raise LayerError("give the size: {layer: resize, size: [32, 32]}")


def words(fields: Fields, shape: Shape) -> str:
    """``nearest resize``."""
    return f"{fields.mode} resize"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The size that is given; the channels stay.

    Raises:
        LayerError: the input is no map.
    """
    if len(shape) < 2:
        raise LayerError("a resize needs an input of height, width and channels")
    sizes = for_axes(fields.size, len(shape) - 1, "size")
    return Trace((*sizes, shape[-1]), keras="Resizing", sees_all=True)

"""The middle of a map, as large as another input or as a given size."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Axes, for_axes
from derivations.models.traces import LayerError, Shape, Trace, reaches

TOKENS = ("CROP",)
INPUTS = (1, 2)
SPATIAL = True


class Fields(LayerFields):
    """The size, where there is no second input."""

    layer: Literal["crop"] = "crop"
    size: Axes | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``CROP-N``: the middle N x N."""
    if len(numbers) != 1:
        raise LayerError("cropping is written CROP-N, the middle N x N")
    return {"layer": "crop", "size": numbers[0]}


def words(fields: Fields, *shapes: Shape) -> str:
    """``crop``."""
    return "crop"


def trace(fields: Fields, shape: Shape, like: Shape | None = None) -> Trace:
    """Height and width of the second input; the channels stay.

    Raises:
        LayerError: a size that is larger than the map.
    """
    if (fields.size is None) == (like is None) or len(shape) < 2:
        raise LayerError("cropping needs a map, and either a size or a second input")
    sizes = like[:-1] if like is not None else for_axes(fields.size or (), len(shape) - 1, "size")
    if len(sizes) != len(shape) - 1 or any(a > b for a, b in zip(sizes, shape, strict=False)):
        wanted = "×".join(map(str, sizes))
        raise LayerError(f"{wanted} cannot be cut from {'×'.join(map(str, shape[:-1]))}")
    cut = [(-((n - m) // 2), 0) for n, m in zip(shape, sizes, strict=False)]
    return Trace(
        (*sizes, shape[-1]),
        keras=f"Cropping{len(sizes)}D",
        reach=reaches((1,) * len(sizes), (1,) * len(sizes), cut),
    )

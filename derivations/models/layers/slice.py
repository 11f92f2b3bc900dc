"""A part of the input along one axis."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from derivations.models.layer_fields import LayerFields, Place, Size
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ()


class Fields(LayerFields):
    """Which part: ``size`` places from ``start`` on, every ``step``-th."""

    layer: Literal["slice"] = "slice"
    axis: int = Field(-1, le=-1, description="counted from the end: -1 is the last")
    start: Place = 0
    size: Size
    step: Size = 1


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """What is cut out stands in a mapping."""
    raise LayerError("give the part: {layer: slice, axis: -1, start: 0, size: 8}")


def words(fields: Fields, shape: Shape) -> str:
    """``part, 8 of 24``."""
    whole = shape[fields.axis] if -fields.axis <= len(shape) else fields.size
    return f"part, {fields.size} of {whole}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The size along the axis changes.

    Raises:
        LayerError: the part lies outside.
    """
    if -fields.axis > len(shape):
        raise LayerError(f"axis {fields.axis} of an input that has {len(shape)}")
    last, whole = fields.start + (fields.size - 1) * fields.step, shape[fields.axis]
    if last >= whole:
        raise LayerError(f"the part reaches place {last}; the last one of the axis is {whole - 1}")
    sizes = list(shape)
    sizes[fields.axis] = fields.size
    return Trace(tuple(sizes), sees_all=True)

"""One number for all places along some axes: their mean, sum, maximum or minimum."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ()


class Fields(LayerFields):
    """Along which axes; ``keep`` leaves axes of size 1."""

    layer: Literal["reduce"] = "reduce"
    mode: Literal["mean", "sum", "max", "min", "norm"] = "mean"
    axes: tuple[Annotated[int, Field(le=-1)], ...] = Field(
        (-1,), min_length=1, description="counted from the end"
    )
    keep: bool = False


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The axes stand in a mapping."""
    raise LayerError("give the axes: {layer: reduce, mode: mean, axes: [-2]}")


def words(fields: Fields, shape: Shape) -> str:
    """``mean over 10``."""
    sizes = (shape[axis] for axis in sorted(fields.axes) if -axis <= len(shape))
    return f"{fields.mode} over {' × '.join(map(str, sizes))}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The other axes stay.

    Raises:
        LayerError: an axis that there is not, or twice.
    """
    if len(set(fields.axes)) < len(fields.axes) or any(-axis > len(shape) for axis in fields.axes):
        raise LayerError(f"the axes {list(fields.axes)} of an input that has {len(shape)}")
    gone = {len(shape) + axis for axis in fields.axes}
    kept = [1 if axis in gone else size for axis, size in enumerate(shape)]
    output = kept if fields.keep else [s for axis, s in enumerate(shape) if axis not in gone]
    return Trace(tuple(output) or (1,), sees_all=True)

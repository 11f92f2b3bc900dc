"""Inputs one behind the other along one axis, the channels if left out."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import Formula, apply, number, sum_of
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace, volume

TOKENS = ("CONCAT",)
INPUTS = (1, 4096)
SPATIAL = True


class Fields(LayerFields):
    """The axis, counted from the end: -1 are the channels."""

    layer: Literal["concat"] = "concat"
    axis: int = -1


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``CONCAT``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "concat"}


def words(fields: Fields, *shapes: Shape) -> str:
    """``concat``."""
    return "concat"


def trace(fields: Fields, *shapes: Shape) -> Trace:
    """Sizes along the axis add up, the others have to be the same.

    Raises:
        LayerError: shapes that do not match.
    """
    first = shapes[0]
    if not -len(first) <= fields.axis < 0:
        raise LayerError(f"axis {fields.axis} of an input that has {len(first)}; -1 is the last")
    rest = {(*s[: fields.axis], 0, *s[len(s) + fields.axis + 1 :]) for s in shapes}
    if len(rest) > 1:
        listed = " and ".join("×".join(map(str, shape)) for shape in dict.fromkeys(shapes))
        raise LayerError(
            f"shapes {listed} differ in more than the axis along which they are joined"
        )
    sizes = list(first)
    sizes[fields.axis] = sum(shape[fields.axis] for shape in shapes)
    parts: list[Formula | int] = list(sizes)
    parts[fields.axis] = apply("group", sum_of(*(number(s[fields.axis]) for s in shapes)))
    return Trace(
        tuple(sizes),
        volume(*parts) if len(shapes) <= 8 and len(parts) > 1 else None,
        keras="Concatenate",
    )

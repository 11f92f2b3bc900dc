"""Another shape for the same numbers."""

from __future__ import annotations

from math import prod
from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("RESHAPE",)


class Fields(LayerFields):
    """The new shape; one size may be -1."""

    layer: Literal["reshape"] = "reshape"
    shape: tuple[int, ...]


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``RESHAPE-H-W-C``."""
    if not numbers:
        raise LayerError("a reshape is written RESHAPE-H-W-C, the sizes of the new shape")
    return {"layer": "reshape", "shape": numbers}


def words(fields: Fields, shape: Shape) -> str:
    """``reshape``."""
    return "reshape"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The number of entries stays.

    Raises:
        LayerError: the shapes hold different numbers of entries.
    """
    sizes, open_ = list(fields.shape), fields.shape.count(-1)
    known = prod(size for size in sizes if size != -1)
    if open_ > 1 or any(size < 1 and size != -1 for size in sizes):
        raise LayerError(f"the shape {list(sizes)}; expected sizes of 1 or more, at most one -1")
    if open_ and known and not prod(shape) % known:
        sizes[sizes.index(-1)] = prod(shape) // known
    if -1 in sizes or prod(sizes) != prod(shape):
        raise LayerError(f"{prod(shape)} entries do not make the shape {list(fields.shape)}")
    return Trace(tuple(sizes), keras="Reshape", sees_all=True)

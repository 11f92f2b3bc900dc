"""The same numbers again along axes of size 1, until the input has another shape."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Shape, Trace, joined

TOKENS = ()


class Fields(LayerFields):
    """The shape that it is repeated for."""

    layer: Literal["expand"] = "expand"
    shape: tuple[Size, ...]


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The shape stands in a mapping."""
    raise LayerError("give the shape: {layer: expand, shape: [10, 64]}")


def words(fields: Fields, shape: Shape) -> str:
    """``repeated``."""
    return "repeated"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The shape that both have together, where 1 stands for any size.

    Raises:
        LayerError: shapes that do not match.
    """
    return Trace(joined((shape, fields.shape)), sees_all=True)

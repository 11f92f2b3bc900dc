"""The product of inputs, entry by entry, as a gate takes it."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace, joined

TOKENS = ("MUL",)
INPUTS = (2, 64)


class Fields(LayerFields):
    """Nothing but a name."""

    layer: Literal["multiply"] = "multiply"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``MUL``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "multiply"}


def words(fields: Fields, *shapes: Shape) -> str:
    """``product``."""
    return "product"


def trace(fields: Fields, *shapes: Shape) -> Trace:
    """Entry by entry; the shapes have to be the same, or 1 along an axis.

    Raises:
        LayerError: shapes that do not match.
    """
    return Trace(joined(shapes), keras="Multiply")

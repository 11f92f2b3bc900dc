"""Inputs put together entry by entry in another way than by a sum or a product."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace, joined

TOKENS = ()
INPUTS = (2, 64)


class Fields(LayerFields):
    """Which way."""

    layer: Literal["elementwise"] = "elementwise"
    operation: Literal[
        "difference", "quotient", "power", "maximum", "minimum", "choice", "comparison"
    ]


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The operation stands in a mapping."""
    raise LayerError("give the operation: {layer: elementwise, operation: difference}")


def words(fields: Fields, *shapes: Shape) -> str:
    """``difference``."""
    return str(fields.operation)


def trace(fields: Fields, *shapes: Shape) -> Trace:
    """Entry by entry; the shapes have to be the same, or 1 along an axis.

    Raises:
        LayerError: shapes that do not match.
    """
    return Trace(joined(shapes))

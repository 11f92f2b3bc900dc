"""A learned array: added to the input, multiplied with it entry by entry, or an input by itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Shape, Trace, joined

TOKENS = ()
INPUTS = (0, 1)
DONE = {"add": "added", "subtract": "subtracted", "multiply": "multiplied", "divide": "divided"}


class Fields(LayerFields):
    """What is done with the array, and its sizes."""

    layer: Literal["array"] = "array"
    operation: Literal["add", "subtract", "multiply", "divide", "slope"] = "add"
    sizes: tuple[Size, ...] = Field(min_length=1)


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The sizes stand in a mapping."""
    raise LayerError("give the sizes: {layer: array, operation: add, sizes: [10, 64]}")


def words(fields: Fields, *shapes: Shape) -> str:
    """``array, added``."""
    if not shapes:
        return "learned array"
    if fields.operation == "slope":
        return "PReLU"
    return f"array, {DONE[fields.operation]}"


def trace(fields: Fields, *shapes: Shape) -> Trace:
    """A weight for every entry of the array; 1 stands for any size.

    Raises:
        LayerError: shapes that do not match.
    """
    weights = product(*map(number, fields.sizes))
    return Trace(joined((*shapes, fields.sizes)), None, weights)

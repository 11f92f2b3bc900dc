"""Positions: a vector for every place of a sequence is added, learned or by a formula."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("POS",)


class Fields(LayerFields):
    """``length``: for how many places vectors are kept; the input's length if left out."""

    layer: Literal["positions"] = "positions"
    learned: bool = True
    length: Size | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``POS``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "positions"}


def words(fields: Fields, shape: Shape) -> str:
    """``positions, 1024 × 768``."""
    if not fields.learned:
        return "positional encoding"
    return f"positions, {fields.length or shape[0]} × {shape[-1]}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """Length × width weights where they are learned; the shape stays.

    Raises:
        LayerError: a sequence that is longer than there are vectors.
    """
    if len(shape) != 2:
        raise LayerError("positions need a sequence, [steps, width]")
    length = fields.length or shape[0]
    if length < shape[0]:
        raise LayerError(f"vectors for {length} places; the sequence has {shape[0]}")
    weights = product(number(length), number(shape[1])) if fields.learned else None
    return Trace(shape, None, weights, keras="PositionEmbedding")

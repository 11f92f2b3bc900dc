"""An embedding: a learned vector for each entry of a vocabulary."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("EMB",)


class Fields(LayerFields):
    """How many entries, and the width of their vectors."""

    layer: Literal["embedding"] = "embedding"
    entries: Size
    width: Size


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``EMB-V-D``: V entries, vectors of width D."""
    if len(numbers) != 2:
        raise LayerError("an embedding is written EMB-V-D, V entries of width D")
    return {"layer": "embedding", "entries": numbers[0], "width": numbers[1]}


def words(fields: Fields, shape: Shape) -> str:
    """``embedding, 37000 × 512``."""
    return f"embedding, {fields.entries} × {fields.width}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """V × d weights; every number of the input becomes a vector. Looking up multiplies nothing."""
    weights = product(number(fields.entries), number(fields.width))
    return Trace((*shape, fields.width), None, weights, keras="Embedding")

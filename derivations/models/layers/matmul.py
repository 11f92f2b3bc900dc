"""The product of two inputs as matrices, for every leading index."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace, joined

TOKENS = ("MATMUL",)
INPUTS = (2, 2)


class Fields(LayerFields):
    """Whether the second one is transposed."""

    layer: Literal["matmul"] = "matmul"
    transposed: bool = False


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``MATMUL``."""
    if numbers:
        raise LayerError(f"{token} has no numbers")
    return {"layer": "matmul"}


def words(fields: Fields, *shapes: Shape) -> str:
    """``matrix product``."""
    return "matrix product"


def trace(fields: Fields, left: Shape, right: Shape) -> Trace:
    """(..., n, k) times (..., k, m) is (..., n, m).

    Raises:
        LayerError: inner sizes that differ.
    """
    if len(left) < 2 or len(right) < 2:
        raise LayerError("a product of matrices needs two axes of each input")
    inner, outer = right[-2:][::-1] if fields.transposed else right[-2:]
    if left[-1] != inner:
        raise LayerError(f"inner sizes {left[-1]} and {inner} differ")
    leading = joined((left[:-2] or (1,), right[:-2] or (1,)))
    output = (*(leading if len(left) > 2 or len(right) > 2 else ()), left[-2], outer)
    return Trace(output, keras="Dot", macs=product(*map(number, (*output, inner))), sees_all=True)

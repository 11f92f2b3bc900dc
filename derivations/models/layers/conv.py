"""A two-dimensional convolution: filters, kernel, stride, padding, bias."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from derivations.formula.tree import apply, neg, number, product, sum_of
from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Padding, Pair, pads
from derivations.models.traces import (
    LayerError,
    Operations,
    Shape,
    Trace,
    output_size,
    size_formula,
    volume,
)

TOKENS = ("CONV",)


class Fields(LayerFields):
    """The convolution. ``padding``: pixels on each side, ``same`` or ``valid``."""

    layer: Literal["conv"] = "conv"
    filters: PositiveInt
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Padding = Field((0, 0), description="pixels, [pixels, pixels], same or valid")
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``CONV-K-N``: N filters of K x K, stride 1, no padding."""
    if len(numbers) != 2:
        raise LayerError("a convolution is written CONV-K-N, N filters of K x K")
    return {"layer": "conv", "kernel": numbers[0], "filters": numbers[1]}


def trace(fields: Fields, shape: Shape) -> Trace:
    """Weights (K × K × C) × N, a bias for each filter, and a size for each axis.

    Raises:
        LayerError: the input is no volume, or the kernel does not fit.
    """
    if len(shape) != 3:
        raise LayerError("a convolution needs an input of height, width and channels")
    channels = shape[2]
    padding = pads(fields.padding, shape[:2], fields.kernel, fields.stride)
    sizes, formulas, rounded = [], [], False
    for n, k, p, s in zip(shape[:2], fields.kernel, padding, fields.stride, strict=True):
        sizes.append(output_size(n, k, p, s))
        formula, down = size_formula(n, k, p, s)
        formulas.append(formula)
        rounded = rounded or down
    window = [number(size) for size in (*fields.kernel, channels)]
    bias = fields.bias is not False
    output = (*sizes, fields.filters)
    terms = product(*window)
    return Trace(
        output,
        volume(*formulas, fields.filters),
        product(apply("group", product(*window)), number(fields.filters)),
        number(fields.filters) if bias else None,
        "rounded down" if rounded else "",
        Operations(
            outputs=product(*map(number, output)),
            multiplications=terms,
            additions=sum_of(terms, neg(number(1))),
            bias_additions=number(1) if bias else None,
        ),
        "Conv2D",
    )

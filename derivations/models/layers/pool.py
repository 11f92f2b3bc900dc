"""Pooling: the maximum or the average of a window, channel by channel."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from derivations.formula.tree import Formula, apply, number, product, quotient
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

TOKENS = ("POOL", "MAXPOOL", "AVGPOOL")


class Fields(LayerFields):
    """The window; the stride is the window's size where it is left out."""

    layer: Literal["pool"] = "pool"
    mode: Literal["max", "average"] = "max"
    kernel: Pair
    stride: Pair | None = None
    padding: Padding = Field((0, 0), description="pixels on each side")


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``POOL-K``: windows of K x K with stride K."""
    if len(numbers) != 1:
        raise LayerError("a pooling layer is written POOL-K, windows of K x K with stride K")
    return {
        "layer": "pool",
        "kernel": numbers[0],
        "mode": "average" if token == "AVGPOOL" else "max",
    }


def trace(fields: Fields, shape: Shape) -> Trace:
    """No parameters; the channels stay.

    Raises:
        LayerError: the input is no volume, or the window does not fit.
    """
    if len(shape) != 3:
        raise LayerError("pooling needs an input of height, width and channels")
    stride = fields.stride or fields.kernel
    padding = pads(fields.padding, shape[:2], fields.kernel, stride)
    sizes: list[int] = []
    formulas: list[Formula] = []
    rounded = False
    for n, k, p, s in zip(shape[:2], fields.kernel, padding, stride, strict=True):
        sizes.append(output_size(n, k, p, s))
        if k == s and not p:  # windows side by side: n/K, rounded down
            down = bool(n % k)
            fraction = quotient(number(n), number(k))
            formulas.append(apply("floor", fraction) if down else apply("group", fraction))
        else:
            formula, down = size_formula(n, k, p, s)
            formulas.append(formula)
        rounded = rounded or down
    window = fields.kernel[0] * fields.kernel[1]
    operations = Operations(
        outputs=product(*map(number, (*sizes, shape[2]))),
        maxima=number(window) if fields.mode == "max" else None,
    )
    return Trace(
        (*sizes, shape[2]),
        volume(*formulas, shape[2]),
        note="rounded down" if rounded else "",
        operations=operations,
        keras="MaxPooling2D" if fields.mode == "max" else "AveragePooling2D",
    )

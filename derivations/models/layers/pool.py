"""Pooling: the maximum or the average of a window, channel by channel."""

from __future__ import annotations

from math import prod
from typing import Literal

from pydantic import Field

from derivations.formula.tree import Formula, apply, number, product, quotient
from derivations.models.layer_fields import LayerFields
from derivations.models.layers.conv import one, slide
from derivations.models.sizes import Axes, Edges, edges_of, for_axes
from derivations.models.traces import LayerError, Operations, Shape, Trace, reaches, volume

TOKENS = ("POOL", "MAXPOOL", "AVGPOOL")
SPATIAL = True


class Fields(LayerFields):
    """The window; the stride is the window's size where it is left out."""

    layer: Literal["pool"] = "pool"
    mode: Literal["max", "average"] = "max"
    kernel: Axes
    stride: Axes | None = None
    padding: Edges = Field((0, 0), description="pixels on each side")
    dilation: Axes = (1, 1)
    ceil: bool = Field(False, description="round the size up: a last window may reach outside")
    trainable: bool = Field(
        False, description="a coefficient and a bias for each channel, as in LeNet-5"
    )


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``POOL-K``: windows of K x K with stride K."""
    if len(numbers) != 1:
        raise LayerError("a pooling layer is written POOL-K, windows of K x K with stride K")
    return {
        "layer": "pool",
        "kernel": numbers[0],
        "mode": "average" if token == "AVGPOOL" else "max",
    }


def words(fields: Fields, shape: Shape) -> str:
    """``2 × 2 max pool, stride 2``."""
    kernel = " × ".join(map(str, for_axes(fields.kernel, len(shape) - 1, "window")))
    stride = fields.stride or fields.kernel
    return f"{kernel} {fields.mode} pool, stride {one(stride)}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """No parameters; the channels stay.

    Raises:
        LayerError: the input is no volume, or the window does not fit.
    """
    if len(shape) < 2:
        raise LayerError("pooling needs an input of height, width and channels")
    axes, channels = shape[:-1], shape[-1]
    kernel = for_axes(fields.kernel, len(axes), "window")
    stride = for_axes(fields.stride or fields.kernel, len(axes), "stride")
    dilation = for_axes(fields.dilation, len(axes), "dilation")
    extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    edges = edges_of(fields.padding, axes, extents, stride)
    sizes, formulas, rounded = slide(axes, extents, edges, stride, fields.ceil)
    for place, (n, e, s) in enumerate(zip(axes, extents, stride, strict=True)):
        if e == s and not any(edges[place]) and formulas[place] != number(sizes[place]):
            formulas[place] = _side_by_side(n, e, fields.ceil)
    window = prod(kernel)
    output = (*sizes, channels)
    learned = number(channels) if fields.trainable else None
    return Trace(
        output,
        volume(*formulas, channels),
        learned,
        learned,
        f"rounded {'up' if fields.ceil else 'down'}" if rounded else "",
        Operations(
            outputs=product(*map(number, output)),
            maxima=number(window) if fields.mode == "max" else None,
        ),
        f"{'Max' if fields.mode == 'max' else 'Average'}Pooling{len(axes)}D",
        biased=prod(output) if fields.trainable else 0,
        reach=reaches(extents, stride, edges),
    )


def _side_by_side(size: int, window: int, up: bool) -> Formula:
    """Windows side by side: n/K, rounded where it has to be."""
    fraction = quotient(number(size), number(window))
    if not size % window:
        return apply("group", fraction)
    return apply("ceil" if up else "floor", fraction)

"""A depthwise convolution: a kernel (or several) for each channel by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from derivations.models.layer_fields import LayerFields, Size
from derivations.models.layers import conv
from derivations.models.sizes import Axes, Edges, for_axes
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("DWCONV",)
SPATIAL = True


class Fields(LayerFields):
    """``multiplier``: kernels for each channel."""

    layer: Literal["depthwise_conv"] = "depthwise_conv"
    kernel: Axes
    multiplier: Size = 1
    stride: Axes = (1, 1)
    padding: Edges = (0, 0)
    dilation: Axes = (1, 1)
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``DWCONV-K``: kernels of K x K."""
    if len(numbers) != 1:
        raise LayerError("a depthwise convolution is written DWCONV-K, kernels of K x K")
    return {"layer": "depthwise_conv", "kernel": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``3 × 3 depthwise conv, stride 2``."""
    kernel = " × ".join(map(str, for_axes(fields.kernel, len(shape) - 1, "kernel")))
    stride = "" if set(fields.stride) == {1} else f", stride {conv.one(fields.stride)}"
    return f"{kernel} depthwise conv{stride}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """A convolution with as many groups as channels: K × K × C weights."""
    found = conv.trace(as_conv(fields, shape), shape)
    return replace(found, keras=f"Depthwise{found.keras}")


def as_conv(fields: Fields, shape: Shape) -> conv.Fields:
    """The same as a convolution with groups."""
    return conv.Fields(
        filters=shape[-1] * fields.multiplier, kernel=fields.kernel, stride=fields.stride,
        padding=fields.padding, dilation=fields.dilation, groups=shape[-1], bias=fields.bias,
    )  # fmt: skip

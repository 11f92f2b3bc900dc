"""A transposed convolution: every input spreads a kernel over the output."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Literal

from derivations.formula.tree import Formula, neg, number, product, sum_of
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.layers.conv import Fields as Conv
from derivations.models.layers.conv import one, weights_of
from derivations.models.sizes import Axes, Edges, edges_of, for_axes
from derivations.models.traces import LayerError, Reach, Shape, Trace, volume

TOKENS = ("UPCONV",)
SPATIAL = True


class Fields(LayerFields):
    """The convolution whose gradient it is; ``output_padding`` adds places at the end."""

    layer: Literal["conv_transpose"] = "conv_transpose"
    filters: Size
    kernel: Axes
    stride: Axes = (1, 1)
    padding: Edges = (0, 0)
    output_padding: Edges = (0, 0)
    dilation: Axes = (1, 1)
    groups: Size = 1
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``UPCONV-K-N``: N filters of K x K with stride K."""
    if len(numbers) != 2:
        raise LayerError("a transposed convolution is written UPCONV-K-N, with stride K")
    return {
        "layer": "conv_transpose",
        "kernel": numbers[0],
        "stride": numbers[0],
        "filters": numbers[1],
    }


def words(fields: Fields, shape: Shape) -> str:
    """``2 × 2 up-conv, 64, stride 2``."""
    kernel = " × ".join(map(str, for_axes(fields.kernel, len(shape) - 1, "kernel")))
    return f"{kernel} up-conv, {fields.filters}, stride {one(fields.stride)}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """(n - 1) s + e - before - after + output padding along every axis.

    ``same`` gives n s outputs. Weights are those of a convolution with the same numbers.

    Raises:
        LayerError: the input is no volume, nothing is left of it, or groups do not divide.

    Source: Dumoulin and Visin 2016, relationship 14; PyTorch, torch.nn.ConvTranspose2d.
    """
    if len(shape) < 2:
        raise LayerError("a convolution needs an input of height, width and channels")
    axes, channels = shape[:-1], shape[-1]
    kernel = for_axes(fields.kernel, len(axes), "kernel")
    stride = for_axes(fields.stride, len(axes), "stride")
    dilation = for_axes(fields.dilation, len(axes), "dilation")
    extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    sizes, formulas = spread(fields, axes, extents, stride)
    weights, _ = weights_of(
        Conv(filters=fields.filters, kernel=kernel, groups=fields.groups), kernel, channels
    )
    bias = fields.bias is not False
    output = (*sizes, fields.filters)
    return Trace(
        output,
        volume(*formulas, fields.filters),
        weights,
        number(fields.filters) if bias else None,
        keras=f"Conv{len(axes)}DTranspose",
        macs=product(weights, *map(number, axes)),
        biased=prod(output) if bias else 0,
        reach=_reach(fields, axes, extents, stride),
    )


def spread(
    fields: Fields, axes: tuple[int, ...], extents: tuple[int, ...], stride: tuple[int, ...]
) -> tuple[list[int], list[Formula]]:
    """Sizes along all axes, and the formulas that give them."""
    sizes: list[int] = []
    formulas: list[Formula] = []
    if fields.padding == "same":
        sizes = [n * s for n, s in zip(axes, stride, strict=True)]
        return sizes, [product(number(n), number(s)) for n, s in zip(axes, stride, strict=True)]
    edges = edges_of(fields.padding, axes, extents, stride)
    added = edges_of(fields.output_padding, axes, extents, stride)
    for n, e, s, edge, (_, more) in zip(axes, extents, stride, edges, added, strict=True):
        if more >= s and more:
            raise LayerError(f"an output padding of {more}; expected less than the stride {s}")
        sizes.append((n - 1) * s + e - sum(edge) + more)
        if sizes[-1] < 1:
            raise LayerError(f"nothing is left of {n} places with padding {edge[0]}")
        parts = [product(number(n - 1), number(s)), number(e)]
        parts += [neg(number(p)) for p in edge if p] + ([number(more)] if more else [])
        formulas.append(
            product(number(n), number(s))
            if e == s and not any(edge) and not more
            else sum_of(*parts)
        )
    return sizes, formulas


def _reach(
    fields: Fields, axes: tuple[int, ...], extents: tuple[int, ...], stride: tuple[int, ...]
) -> tuple[Reach, ...]:
    """At stride 1 a convolution with a padding of e - 1 - p; larger strides make the map larger."""
    edges = edges_of(fields.padding, axes, extents, stride)
    return tuple(
        Reach(-(-e // s), Fraction(1, s), e - 1 - edge[0])
        for e, s, edge in zip(extents, stride, edges, strict=True)
    )

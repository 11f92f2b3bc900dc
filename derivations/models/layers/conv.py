"""A convolution along one, two or three axes: filters, kernel, stride, padding, dilation, groups."""

from __future__ import annotations

from math import prod
from typing import Literal

from pydantic import Field

from derivations.formula.tree import Formula, apply, neg, number, product, quotient, sum_of
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.sizes import Axes, Edges, edges_of, for_axes
from derivations.models.traces import (
    LayerError,
    Operations,
    Shape,
    Trace,
    reaches,
    size_formula,
    volume,
    window_size,
)

TOKENS = ("CONV",)
SPATIAL = True  # the last entry of a shape counts channels


class Fields(LayerFields):
    """The convolution. ``padding``: pixels on each side, ``same`` or ``valid``."""

    layer: Literal["conv"] = "conv"
    filters: Size
    kernel: Axes
    stride: Axes = (1, 1)
    padding: Edges = Field(
        (0, 0), description="pixels, [pixels, pixels], [[before, after], ...], same or valid"
    )
    dilation: Axes = (1, 1)
    groups: Size = 1
    connections: tuple[tuple[int, ...], ...] = Field(
        (), description="for each filter the channels that it sees, from 0; all if left out"
    )
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``CONV-K-N``: N filters of K x K, stride 1, no padding."""
    if len(numbers) != 2:
        raise LayerError("a convolution is written CONV-K-N, N filters of K x K")
    return {"layer": "conv", "kernel": numbers[0], "filters": numbers[1]}


def words(fields: Fields, shape: Shape) -> str:
    """``3 × 3 conv, 64, stride 2``."""
    kernel = " × ".join(map(str, for_axes(fields.kernel, len(shape) - 1, "kernel")))
    stride = "" if set(fields.stride) == {1} else f", stride {one(fields.stride)}"
    groups = f", {fields.groups} groups" if fields.groups > 1 else ""
    dilation = "" if set(fields.dilation) == {1} else f", dilation {one(fields.dilation)}"
    return f"{kernel} conv, {fields.filters}{stride}{dilation}{groups}"


def one(values: tuple[int, ...]) -> str:
    """One number where all are alike, else ``2 × 1``."""
    return str(values[0]) if len(set(values)) == 1 else " × ".join(map(str, values))


def trace(fields: Fields, shape: Shape) -> Trace:
    """Weights (K × K × C/G) × N, a bias for each filter, and a size for each axis.

    Raises:
        LayerError: the input is no volume, the kernel does not fit, or groups do not divide.
    """
    if len(shape) < 2:
        raise LayerError("a convolution needs an input of height, width and channels")
    axes, channels = shape[:-1], shape[-1]
    kernel = for_axes(fields.kernel, len(axes), "kernel")
    stride = for_axes(fields.stride, len(axes), "stride")
    dilation = for_axes(fields.dilation, len(axes), "dilation")
    extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    edges = edges_of(fields.padding, axes, extents, stride)
    sizes, formulas, rounded = slide(axes, extents, edges, stride)
    bias = fields.bias is not False
    output = (*sizes, fields.filters)
    weights, terms = weights_of(fields, kernel, channels)
    operations = Operations(
        outputs=product(*map(number, output)),
        multiplications=terms,
        additions=sum_of(terms, neg(number(1))),
        bias_additions=number(1) if bias else None,
    )
    return Trace(
        output,
        volume(*formulas, fields.filters),
        weights,
        number(fields.filters) if bias else None,
        "rounded down" if rounded else "",
        None if fields.connections else operations,
        f"Conv{len(axes)}D",
        macs=product(weights, *map(number, sizes)) if fields.connections else None,
        biased=prod(output) if bias else 0,
        reach=reaches(extents, stride, edges),
    )


def slide(
    axes: tuple[int, ...],
    extents: tuple[int, ...],
    edges: tuple[tuple[int, int], ...],
    stride: tuple[int, ...],
    up: bool = False,
) -> tuple[list[int], list[Formula], bool]:
    """Sizes along all axes, the formulas that give them, and whether one of them was rounded."""
    sizes, formulas, rounded = [], [], False
    for n, e, edge, s in zip(axes, extents, edges, stride, strict=True):
        sizes.append(window_size(n, e, edge, s, up))
        formula, changed = size_formula(n, e, edge, s, up)
        formulas.append(formula if sizes[-1] == _plain(n, e, edge, s, up) else number(sizes[-1]))
        rounded = rounded or changed
    return sizes, formulas, rounded


def _plain(n: int, extent: int, edges: tuple[int, int], stride: int, up: bool) -> int:
    """What the formula gives, before a window that would begin outside is left out."""
    room = n + sum(edges) - extent
    return (-(-room // stride) if up else room // stride) + 1


def weights_of(fields: Fields, kernel: tuple[int, ...], channels: int) -> tuple[Formula, Formula]:
    """All weights, and those that one output needs.

    Raises:
        LayerError: groups that do not divide, or connections to channels that there are not.
    """
    window = [number(size) for size in kernel]
    if fields.connections:
        return _connected(fields, window, channels)
    groups = fields.groups
    for count, what in ((channels, "channels of the input"), (fields.filters, "filters")):
        if count % groups:
            raise LayerError(f"{groups} groups do not divide the {count} {what}")
    if groups == 1:
        terms = product(*window, number(channels))
    elif groups == channels:
        terms = product(*window)
    else:
        terms = product(*window, apply("group", quotient(number(channels), number(groups))))
    return product(apply("group", terms), number(fields.filters)), terms


def _connected(fields: Fields, window: list[Formula], channels: int) -> tuple[Formula, Formula]:
    """Filters that see some channels only: K × K × the number of all connections."""
    if len(fields.connections) != fields.filters:
        raise LayerError(
            f"connections of {len(fields.connections)} filters; expected {fields.filters}"
        )
    if fields.groups > 1:
        raise LayerError("connections and groups exclude each other")
    counts: dict[int, int] = {}
    for seen in fields.connections:
        if not seen or len(set(seen)) != len(seen) or not all(0 <= c < channels for c in seen):
            raise LayerError(
                f"connections {list(seen)}; expected different channels from 0 to {channels - 1}"
            )
        counts[len(seen)] = counts.get(len(seen), 0) + 1
    pairs = [product(number(n), number(c)) for c, n in sorted(counts.items())]
    links = apply("group", sum_of(*pairs)) if len(pairs) > 1 else pairs[0]
    return product(*window, links), product(*window)

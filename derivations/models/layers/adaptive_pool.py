"""Adaptive pooling: windows that are cut so that the output has a given size."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.sizes import Axes, for_axes
from derivations.models.traces import LayerError, Operations, Reach, Shape, Trace

TOKENS = ("AAP",)
SPATIAL = True


class Fields(LayerFields):
    """The size of the output along every axis."""

    layer: Literal["adaptive_pool"] = "adaptive_pool"
    mode: Literal["average", "max"] = "average"
    size: Axes


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``AAP-N``: an output of N x N."""
    if len(numbers) != 1:
        raise LayerError("adaptive pooling is written AAP-N, an output of N x N")
    return {"layer": "adaptive_pool", "size": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``adaptive average pool to 7 × 7``."""
    sizes = for_axes(fields.size, len(shape) - 1, "output")
    return f"adaptive {fields.mode} pool to {' × '.join(map(str, sizes))}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """The channels stay; window i goes from floor(i n / m) to ceil((i + 1) n / m).

    Raises:
        LayerError: the input is no volume.

    Source: PyTorch, torch.nn.AdaptiveAvgPool2d.
    """
    if len(shape) < 2:
        raise LayerError("pooling needs an input of height, width and channels")
    axes = shape[:-1]
    sizes = for_axes(fields.size, len(axes), "output")
    whole = all(not n % m for n, m in zip(axes, sizes, strict=True))
    reach = tuple(Reach(n // m, Fraction(n, m)) for n, m in zip(axes, sizes, strict=True))
    mode = "Max" if fields.mode == "max" else "Average"
    return Trace(
        (*sizes, shape[-1]),
        operations=Operations(outputs=product(*map(number, (*sizes, shape[-1])))),
        keras=f"Adaptive{mode}Pooling{len(axes)}D",
        reach=reach if whole else None,
        sees_all=not whole or set(sizes) == {1},
    )

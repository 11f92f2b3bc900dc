"""A fully connected layer; a volume before it is flattened."""

from __future__ import annotations

from math import prod
from typing import Literal

from derivations.formula.tree import apply, neg, number, product, sum_of
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Operations, Shape, Trace

TOKENS = ("FC", "DENSE")


class Fields(LayerFields):
    """The number of units. ``frozen``: its weights are kept as they are, as those of LeNet-5's output.

    ``per_position``: the same weights at every place, for the last axis only; so in any sequence.
    """

    layer: Literal["dense"] = "dense"
    units: Size
    per_position: bool = False
    frozen: bool = False
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``FC-N``: N units."""
    if len(numbers) != 1:
        raise LayerError("a fully connected layer is written FC-N, N units")
    return {"layer": "dense", "units": numbers[0]}


def words(fields: Fields, shape: Shape) -> str:
    """``dense, 10``."""
    return f"dense, {fields.units}"


def trace(fields: Fields, shape: Shape) -> Trace:
    """A weight from every input to every unit, and a bias for each unit."""
    places = shape[:-1] if fields.per_position or len(shape) == 2 else ()
    seen = shape[-1:] if places else shape
    sizes = [number(size) for size in seen]
    inputs = apply("group", product(*sizes)) if len(seen) > 1 else sizes[0]
    bias = fields.bias is not False
    count = number(prod(seen))
    weights, biases = product(inputs, number(fields.units)), number(fields.units)
    every = sum_of(weights, biases) if bias else weights
    output = (*places, fields.units)
    return Trace(
        output,
        None,
        None if fields.frozen else weights,
        biases if bias and not fields.frozen else None,
        operations=Operations(
            outputs=product(*map(number, output)),
            multiplications=count,
            additions=sum_of(count, neg(number(1))),
            bias_additions=number(1) if bias else None,
        ),
        keras="Dense",
        frozen=every if fields.frozen else None,
        biased=prod(output) if bias else 0,
        sees_all=not places,
    )

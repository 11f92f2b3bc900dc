"""A fully connected layer; a volume before it is flattened."""

from __future__ import annotations

from math import prod
from typing import Literal

from pydantic import PositiveInt

from derivations.formula.tree import apply, neg, number, product, sum_of
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Operations, Shape, Trace

TOKENS = ("FC", "DENSE")


class Fields(LayerFields):
    """The number of units."""

    layer: Literal["dense"] = "dense"
    units: PositiveInt
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``FC-N``: N units."""
    if len(numbers) != 1:
        raise LayerError("a fully connected layer is written FC-N, N units")
    return {"layer": "dense", "units": numbers[0]}


def trace(fields: Fields, shape: Shape) -> Trace:
    """A weight from every input to every unit, and a bias for each unit."""
    sizes = [number(size) for size in shape]
    inputs = apply("group", product(*sizes)) if len(shape) > 1 else sizes[0]
    bias = fields.bias is not False
    count = number(prod(shape))
    return Trace(
        (fields.units,),
        None,
        product(inputs, number(fields.units)),
        number(fields.units) if bias else None,
        operations=Operations(
            outputs=number(fields.units),
            multiplications=count,
            additions=sum_of(count, neg(number(1))),
            bias_additions=number(1) if bias else None,
        ),
        keras="Dense",
    )

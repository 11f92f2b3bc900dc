"""A volume as one long vector."""

from __future__ import annotations

from math import prod
from typing import Literal

from derivations.formula.tree import number, product
from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("FLATTEN",)


class Fields(LayerFields):
    """Nothing but a name."""

    layer: Literal["flatten"] = "flatten"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``FLATTEN``."""
    if numbers:
        raise LayerError("FLATTEN has no numbers")
    return {"layer": "flatten"}


def trace(fields: Fields, shape: Shape) -> Trace:
    """Height × width × channels numbers in a row; nothing to learn."""
    return Trace((prod(shape),), product(*map(number, shape)), keras="Flatten")


def words(fields: Fields, shape: Shape) -> str:
    """``flatten``."""
    return "flatten"

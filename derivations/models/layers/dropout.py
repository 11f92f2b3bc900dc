"""Dropout: units are switched off at random while training; nothing to learn."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("DROPOUT",)


class Fields(LayerFields):
    """Nothing that a count depends on."""

    layer: Literal["dropout"] = "dropout"
    rate: str = "0.5"


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``DROPOUT``."""
    if numbers:
        raise LayerError("DROPOUT is written without a number; use {layer: dropout, rate: 0.5}")
    return {"layer": "dropout"}


def trace(fields: Fields, shape: Shape) -> Trace:
    """The shape stays."""
    return Trace(shape, keras="Dropout")


def words(fields: Fields, shape: Shape) -> str:
    """``dropout``."""
    return "dropout"

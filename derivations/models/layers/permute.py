"""The axes in another order."""

from __future__ import annotations

from typing import Literal

from derivations.models.layer_fields import LayerFields
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ()


class Fields(LayerFields):
    """The old place of each new axis, from 0."""

    layer: Literal["permute"] = "permute"
    order: tuple[int, ...]


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """The order of the axes stands in a mapping."""
    raise LayerError("give the order: {layer: permute, order: [1, 0]}")


def words(fields: Fields, shape: Shape) -> str:
    """``permute``."""
    return "permute"


def trace(fields: Fields, shape: Shape) -> Trace:
    """Sizes change places.

    Raises:
        LayerError: not every axis once.
    """
    if sorted(fields.order) != list(range(len(shape))):
        raise LayerError(
            f"the order {list(fields.order)}; expected each of 0 to {len(shape) - 1} once"
        )
    return Trace(tuple(shape[axis] for axis in fields.order), keras="Permute", sees_all=True)

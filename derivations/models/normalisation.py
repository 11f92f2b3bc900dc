"""Normalisation layers: the γ and β that are learned, where they are there."""

from __future__ import annotations

from typing import Protocol

from derivations.formula.tree import number, product
from derivations.models.traces import Shape, Trace


class Scaled(Protocol):
    """A layer whose result is scaled by γ and shifted by β, or not."""

    @property
    def scale(self) -> bool: ...
    @property
    def center(self) -> bool: ...


def normalised_trace(count: int, keras: str, fields: Scaled, shape: Shape) -> Trace:
    """So many γ and so many β; the shape stays."""
    each = number(count)
    return Trace(
        shape,
        None,
        each if fields.scale else None,
        each if fields.center else None,
        keras=keras,
        parameters=product(number(2), each) if fields.scale and fields.center else None,
    )

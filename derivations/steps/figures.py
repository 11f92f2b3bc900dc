"""Figures as plain data: shapes with coordinates in centimetres, and words that say the same.

Where a figure has a formula or a number of the problem, it holds the term, so that figures
change with the variant. Writers draw the shapes; nobody else knows how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from derivations.steps.relations import Piece

Point: TypeAlias = tuple[float, float]

INK, ACCENT, MUTED, FILL, HIGHLIGHT = "ink", "accent", "muted", "fill", "highlight"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points. ``arrow`` at its end; ``dashed``; colours by their role."""

    points: tuple[Point, ...]
    arrow: bool = False
    dashed: bool = False
    colour: str = INK
    thick: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle, filled lightly or not."""

    centre: Point
    radius: float
    fill: str = ""
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed outline."""

    points: tuple[Point, ...]
    fill: str = ""
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Label:
    """Words or a formula at a point. ``anchor``: the side that touches it, as centre, west, ...

    ``halo`` paints the paper behind it, so that it can stand on a line.
    """

    at: Point
    pieces: tuple[Piece, ...]
    anchor: str = "centre"
    small: bool = False
    halo: bool = False
    colour: str = INK


Shape: TypeAlias = Line | Circle | Polygon | Label


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, its caption, and the same in words for those who cannot see it."""

    shapes: tuple[Shape, ...]
    caption: str
    words: str

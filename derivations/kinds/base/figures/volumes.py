"""A convolutional network as volumes: height, width and depth of every stage."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from derivations.steps.figures import FILL, INK, MUTED, Figure, Label, Line, Polygon, Shape
from derivations.steps.relations import Text

SLANT, BAR, SMALL = 0.35, 0.2, 0.16  # SMALL: what a small letter takes, in cm


def volumes_figure(stages: Sequence[tuple[str, tuple[int, ...]]], caption: str = "") -> Figure:
    """The stages from left to right.

    Args:
        stages: for each the words over it (empty for the input), and its
            shape: (height, width, channels) or (units,).
    """
    shapes: list[Shape] = []
    x, across_before = 0.0, 0.0
    largest = max((stage[1][0] for stage in stages if len(stage[1]) == 3), default=1)
    end, taken = 0.0, 0.0  # of the volume before: its right edge, and half of what its words take
    for place, (words, size) in enumerate(stages):
        across = _across(size, largest)
        half = max(across, _letters(words), SMALL * len("×".join(map(str, size)))) / 2
        if place:
            middle = end - across_before / 2
            x = max(end + 1.0, middle + taken + half + 0.12 - across / 2)
            shapes.append(Line(((end + 0.1, 0), (x - 0.1, 0)), arrow=True, colour=MUTED))
        start = x
        x, top = _box(shapes, x, size, largest) if len(size) == 3 else _bar(shapes, x, size)
        for line, text in enumerate(reversed(words.split("\n") if words else [])):
            at = ((start + x) / 2, top + 0.06 + 0.3 * line)
            shapes.append(Label(at, (Text(text),), "south", True, colour=MUTED))
        end, taken, across_before = x, half, across
    described = "; ".join(
        (f"{words.replace(chr(10), ' ')} to " if words else "input ") + "×".join(map(str, size))
        for words, size in stages
    )
    return Figure(tuple(shapes), caption, f"Volumes of a convolutional network: {described}.")


def _letters(words: str) -> float:
    return SMALL * max(map(len, words.split("\n")))


def _height(size: tuple[int, ...], largest: int) -> float:
    return 0.5 + 1.7 * (size[0] / largest) ** 0.6


def _across(size: tuple[int, ...], largest: int) -> float:
    """How far a volume reaches from left to right."""
    if len(size) != 3:
        return BAR
    return 0.12 + 0.1 * log2(1 + size[2]) + SLANT * _height(size, largest) * 0.5


def _box(shapes: list[Shape], x: float, size: tuple[int, ...], largest: int) -> tuple[float, float]:
    """A block; its right edge and its top."""
    height = _height(size, largest)
    depth = 0.12 + 0.1 * log2(1 + size[2])
    dx, dy = SLANT * height * 0.5, SLANT * height * 0.5
    bottom, top = -height / 2, height / 2
    front = ((x, bottom), (x + depth, bottom), (x + depth, top), (x, top))
    shapes.append(Polygon(front, FILL, INK))
    lid = ((x, top), (x + depth, top), (x + depth + dx, top + dy), (x + dx, top + dy))
    side = (
        (x + depth, bottom), (x + depth + dx, bottom + dy),
        (x + depth + dx, top + dy), (x + depth, top),
    )  # fmt: skip
    shapes += [Polygon(lid, "white", INK), Polygon(side, "white", INK)]
    shapes.append(
        Label((x + depth / 2, bottom - 0.08), (Text("×".join(map(str, size))),), "north", True)
    )
    return x + depth + dx, top + dy


def _bar(shapes: list[Shape], x: float, size: tuple[int, ...]) -> tuple[float, float]:
    """A column of units; its right edge and its top."""
    height = 0.5 + 0.16 * log2(1 + size[0])
    outline = ((x, -height / 2), (x + BAR, -height / 2), (x + BAR, height / 2), (x, height / 2))
    shapes.append(Polygon(outline, FILL, INK))
    shapes.append(Label((x + BAR / 2, -height / 2 - 0.08), (Text(str(size[0])),), "north", True))
    return x + BAR, height / 2

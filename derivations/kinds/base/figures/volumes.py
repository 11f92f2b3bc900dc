"""A convolutional network as volumes: height, width and depth of every stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log2

from derivations.steps.figures import FILL, INK, MUTED, Figure, Label, Line, Polygon, Shape
from derivations.steps.relations import Text

SLANT, BAR = 0.35, 0.2
SMALL, WIDE = 0.17, 0.24  # what a letter and a capital take, in cm
LONGEST, ROW = 17.0, 4.0  # the width of a row, and the distance of two


def volumes_figure(stages: Sequence[tuple[str, tuple[int, ...]]], caption: str = "") -> Figure:
    """The stages from left to right.

    Args:
        stages: for each the words over it (empty for the input), and its
            shape: (height, width, channels) or (units,).
    """
    shapes: list[Shape] = []
    largest = max((stage[1][0] for stage in stages if len(stage[1]) == 3), default=1)
    x = y = 0.0
    before: tuple[float, float, float] | None = None  # right edge, middle, half of what words take
    for words, size in stages:
        across = _across(size, largest)
        half = max(across, _letters(words), _letters("×".join(map(str, size)))) / 2
        if before is not None:
            end, middle, taken = before
            x = max(end + 1.0, middle + taken + half + 0.1 - across / 2)
            if x + across > LONGEST:  # the next row begins with the arrow to it
                shapes.append(Line(((end + 0.1, y), (end + 0.8, y)), arrow=True, colour=MUTED))
                x, y, end = 0.9, y - ROW, -0.1
            shapes.append(Line(((end + 0.1, y), (x - 0.1, y)), arrow=True, colour=MUTED))
        drawn: list[Shape] = []
        right, top = _box(drawn, x, size, largest) if len(size) == 3 else _bar(drawn, x, size)
        for line, text in enumerate(reversed(words.split("\n") if words else [])):
            at = ((x + right) / 2, top + 0.06 + 0.3 * line)
            drawn.append(Label(at, (Text(text),), "south", True, colour=MUTED))
        shapes += [_moved(shape, y) for shape in drawn]
        before = (right, (x + right) / 2, half)
    described = "; ".join(
        (f"{words.replace(chr(10), ' ')} to " if words else "input ") + "×".join(map(str, size))
        for words, size in stages
    )
    return Figure(tuple(shapes), caption, f"Volumes of a convolutional network: {described}.")


def _moved(shape: Shape, y: float) -> Shape:
    """The shape in another row."""
    if isinstance(shape, Label):
        return replace(shape, at=(shape.at[0], shape.at[1] + y))
    if isinstance(shape, (Line, Polygon)):
        return replace(shape, points=tuple((u, v + y) for u, v in shape.points))
    return replace(shape, centre=(shape.centre[0], shape.centre[1] + y))


def _letters(words: str) -> float:
    """About how wide the longest of these lines is: capitals and signs are wider."""
    return max(
        sum(WIDE if c.isupper() or c == "×" else SMALL for c in line) for line in words.split("\n")
    )


def _height(size: tuple[int, ...], largest: int) -> float:
    return float(0.5 + 1.7 * (size[0] / largest) ** 0.6)


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

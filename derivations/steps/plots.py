"""A curve with a path of points on it, drawn when the values are known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from flint import fmpq

from derivations.formula.evaluation import Function, Value, evaluate
from derivations.formula.numerals import exact
from derivations.formula.tree import Name
from derivations.steps.figures import (
    ACCENT,
    INK,
    MUTED,
    Circle,
    Figure,
    Label,
    Line,
    Point,
    Shape,
)
from derivations.steps.relations import Term, Text
from derivations.steps.solution import Known, Plot

WIDTH, HEIGHT, POINTS = 8.0, 4.2, 80


def draw(plot: Plot, known: Mapping[str, Known], functions: Mapping[str, Function]) -> Figure:
    """The curve around the path, the path's points on it, and arrows from each to the next."""

    def curve(x: float) -> float:
        return double(
            evaluate(functions[plot.function].body, {plot.variable: exact(f"{x:.9f}")}, functions)
        )

    path = [double(known[name].true) for name in plot.path]
    low, high = min(path), max(path)
    room = 0.18 * (high - low or 2.0)
    low, high = low - room, high + room
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    xs = [low + (high - low) * i / POINTS for i in range(POINTS + 1)]
    ys = [curve(x) for x in xs]
    bottom, top = min(ys), max(ys)
    top = top if top > bottom else bottom + 1

    def at(x: float, y: float) -> Point:
        return (WIDTH * (x - low) / (high - low), HEIGHT * (y - bottom) / (top - bottom))

    shapes: list[Shape] = [
        Line(((0, -0.25), (WIDTH + 0.4, -0.25)), arrow=True, colour=MUTED),
        Line(((0, -0.25), (0, HEIGHT + 0.4)), arrow=True, colour=MUTED),
        Label((WIDTH + 0.45, -0.25), (Term(Name(plot.variable)),), "west"),
        Label((0, HEIGHT + 0.45), plot.label, "south"),
        Line(tuple(at(x, y) for x, y in zip(xs, ys, strict=True)), colour=INK, thick=True),
    ]
    points = [at(x, curve(x)) for x in path]
    for start, end in pairwise(points):
        if start != end:
            shapes.append(Line(_shortened(start, end), arrow=True, colour=ACCENT))
    seen: set[Point] = set()
    for k, point in enumerate(points):
        if point not in seen:
            shapes.append(Circle(point, 0.07, ACCENT, ACCENT))
            shapes.append(
                Label(
                    (point[0] + 0.08, point[1] + 0.05),
                    (Text(str(k)),),
                    "south west",
                    True,
                    colour=ACCENT,
                )
            )
        seen.add(point)
    return Figure(tuple(shapes), plot.caption, plot.words)


def _shortened(start: Point, end: Point) -> tuple[Point, Point]:
    """The arrow ends at the rim of the point."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    share = max(0.0, 1 - 0.08 / length) if length else 0.0
    return start, (start[0] + share * dx, start[1] + share * dy)


def double(value: Value) -> float:
    """The value as a double."""
    return int(value.p) / int(value.q) if isinstance(value, fmpq) else float(value.mid())

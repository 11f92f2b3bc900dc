"""A curve with a path of points on it, drawn when the values are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import floor, isfinite, log10

from flint import fmpq

from derivations.errors import ProblemError
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate
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

LARGEST = 10**300
WIDTH, HEIGHT, POINTS = 5.4, 3.1, 80
BELOW = 0.4  # cm between the lowest point of the curve and the axis
APART = 0.26  # cm between points that both have their number
REACH = 1.5  # spans of the path within which the minimum is looked for


def draw(plot: Plot, known: Mapping[str, Known], functions: Mapping[str, Function]) -> Figure:
    """The curve around the path and its minimum, the path's points, arrows from each to the next."""

    def curve(x: float) -> float:
        body = functions[plot.function].body
        try:
            y = double(evaluate(body, {plot.variable: exact(f"{x:.12g}")}, functions))
        except EvaluationError:
            return float("nan")
        return y if isfinite(y) else float("nan")

    path = [_within(known[name].true) for name in plot.path]
    low, high = _range(path, curve)
    xs = [low + (high - low) * i / POINTS for i in range(POINTS + 1)]
    run = _defined([(x, curve(x)) for x in xs], path)
    bottom, top = min(y for _, y in run), max(y for _, y in run)
    top = top if top > bottom else bottom + 1
    bottom = 0.0 if 0 < bottom < 0.05 * (top - bottom) else bottom

    def at(x: float, y: float) -> Point:
        return (WIDTH * (x - low) / (high - low), BELOW + HEIGHT * (y - bottom) / (top - bottom))

    shapes = _axes(plot, (low, high), (bottom, top), at)
    shapes.append(Line(tuple(at(x, y) for x, y in run), colour=INK, thick=True))
    points = [at(x, curve(x)) for x in path]
    for start, end in pairwise(points):
        if start != end:
            shapes.append(Line(_shortened(start, end), arrow=True, colour=ACCENT))
    shapes += [Circle(point, 0.06, ACCENT, ACCENT) for point in dict.fromkeys(points)]
    return Figure((*shapes, *_numbers(path, points, curve)), plot.caption, plot.words)


def _range(path: list[float], curve: Callable[[float], float]) -> tuple[float, float]:
    """What the picture shows: the path, and the lowest point of the curve if it is not far."""
    low, high = min(path), max(path)
    span = high - low or 2.0
    start, width = low - REACH * span, (1 + 2 * REACH) * span
    samples = [(curve(x), x) for x in (start + width * i / 200 for i in range(201))]
    found = [(y, x) for y, x in samples if isfinite(y)]
    if found:
        lowest = min(found)
        if lowest not in (found[0], found[-1]):
            low, high = min(low, lowest[1]), max(high, lowest[1])
    room = 0.18 * (high - low or 2.0)
    return low - room, high + room


def _defined(samples: list[Point], path: list[float]) -> list[Point]:
    """The samples from left to right for which there is a value, around the path."""
    low, high = min(path), max(path)
    missing = [x for x, y in samples if not isfinite(y)]
    left = max((x for x in missing if x < low), default=float("-inf"))
    right = min((x for x in missing if x > high), default=float("inf"))
    return [(x, y) for x, y in samples if left < x < right and isfinite(y)]


# ---------------------------------------------------------------- axes and numbers


def _axes(
    plot: Plot,
    across: tuple[float, float],
    upwards: tuple[float, float],
    at: Callable[[float, float], Point],
) -> list[Shape]:
    """Both axes with a few ticks."""
    shapes: list[Shape] = [
        Line(((0, 0), (WIDTH + 0.4, 0)), arrow=True, colour=MUTED),
        Line(((0, 0), (0, BELOW + HEIGHT + 0.35)), arrow=True, colour=MUTED),
        Label((WIDTH + 0.42, 0), (Term(Name(plot.variable)),), "west"),
        Label((0, BELOW + HEIGHT + 0.38), plot.label, "south"),
    ]
    for x, text in ticks(*across):
        place = at(x, 0)[0]
        shapes.append(Line(((place, 0), (place, -0.08)), colour=MUTED))
        shapes.append(Label((place, -0.1), (Text(text),), "north", True, colour=MUTED))
    for y, text in ticks(*upwards, most=4):
        place = at(0, y)[1]
        shapes.append(Line(((0, place), (-0.08, place)), colour=MUTED))
        shapes.append(Label((-0.1, place), (Text(text),), "east", True, colour=MUTED))
    return shapes


def ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Round numbers from low to high, at most so many steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / most
    decade = floor(log10(rough))
    step = next(m for m in (1, 2, 5, 10) if m * 10.0**decade >= rough * 0.999)
    decade, step = (decade + 1, 1) if step == 10 else (decade, step)
    size = step * 10.0**decade
    first, last = -floor(-(low / size) + 1e-9), floor(high / size + 1e-9)
    return [(k * size, _numeral(k * step, decade)) for k in range(first, last + 1)]


def _numeral(whole: int, decade: int) -> str:
    """``whole`` times ten to the ``decade``, as short as it can be."""
    sign = "−" if whole < 0 else ""
    value = abs(whole) * 10.0**decade
    if whole and not -4 <= decade <= 5:
        return (
            f"{sign}{value:.0e}".replace("e+0", "e")
            .replace("e+", "e")
            .replace("e-0", "e−")
            .replace("e-", "e−")
        )
    return sign + f"{value:.{max(0, -decade)}f}"


def _numbers(
    path: list[float], points: list[Point], curve: Callable[[float], float]
) -> list[Label]:
    """The number of each point below the curve; where points crowd, of the first of them."""
    labels: list[Label] = []
    shown: list[Point] = []
    for k, (x, point) in enumerate(zip(path, points, strict=True)):
        if any(abs(point[0] - u) + abs(point[1] - v) < APART for u, v in shown):
            continue
        shown.append(point)
        small = 1e-6 * (abs(x) + 1)
        falls = curve(x + small) < curve(x - small)
        side = -0.05 if falls else 0.05
        anchor = "north east" if falls else "north west"
        where = (point[0] + side, point[1] - 0.02)
        labels.append(Label(where, (Text(str(k)),), anchor, True, colour=ACCENT))
    return labels


def _shortened(start: Point, end: Point) -> tuple[Point, Point]:
    """The arrow ends at the rim of the point."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    share = max(0.0, 1 - 0.08 / length) if length else 0.0
    return start, (start[0] + share * dx, start[1] + share * dy)


def _within(value: Value) -> float:
    """The place of a point.

    Raises:
        ProblemError: a place that no drawing reaches.
    """
    if not -LARGEST < value < LARGEST:
        raise ProblemError.at("a value is larger than 1e300; such values are not worked with")
    return double(value)


def double(value: Value) -> float:
    """The value as a double."""
    return int(value.p) / int(value.q) if isinstance(value, fmpq) else float(value.mid())

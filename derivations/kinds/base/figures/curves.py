"""Curves of functions of one variable, several in one picture, each with its name beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from derivations.formula.evaluation import EvaluationError, Function, evaluate, precision
from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.tree import Name, apply
from derivations.steps.figures import ACCENT, INK, MUTED, Figure, Label, Line, Point, Shape
from derivations.steps.plots import double, ticks
from derivations.steps.relations import Piece, Term, Text

WIDTH, HEIGHT, POINTS = 5.6, 3.6, 240
LOW, HIGH = -4.0, 4.0
TALLEST = 3.0  # what lies further from 0 is cut off
JUMP = 0.12  # of the height between neighbours: there the pen is lifted
LOOKS = ((INK, False), (ACCENT, False), (MUTED, False), (INK, True), (ACCENT, True), (MUTED, True))
BITS = 64


def curves_figure(
    heads: Sequence[str],
    functions: Mapping[str, Function],
    variable: str,
    label: tuple[Piece, ...],
    caption: str,
) -> Figure:
    """The curves from -4 to 4 over common axes, and a line of the legend for each.

    Args:
        heads: keys of functions of one variable; ``f'`` is the derivative of ``f``.
        functions: with all that they call.
        label: what stands at the vertical axis.
    """
    curves = [_samples(head, functions) for head in heads]
    values = [y for curve in curves for _, y in curve if isfinite(y) and abs(y) <= TALLEST]
    bottom, top = min([*values, 0.0]), max([*values, 0.5])

    def at(x: float, y: float) -> Point:
        return (WIDTH * (x - LOW) / (HIGH - LOW), HEIGHT * (y - bottom) / (top - bottom))

    shapes: list[Shape] = _axes((bottom, top), at(0, 0), variable, label)
    for curve, (colour, dashed) in zip(curves, LOOKS, strict=False):
        for run in _runs(curve, bottom, top):
            shapes.append(Line(tuple(at(x, y) for x, y in run), False, dashed, colour, True))
    shapes += _legend(heads, variable)
    words = f"Curves of {', '.join(heads)} from {LOW:g} to {HIGH:g}."
    return Figure(tuple(shapes), caption, words.replace("-", "−"))


def _samples(head: str, functions: Mapping[str, Function]) -> list[Point]:
    found: list[Point] = []
    for k in range(POINTS + 1):
        x = LOW + (HIGH - LOW) * k / POINTS
        with precision(BITS):
            try:
                y = double(evaluate(apply(head, Name("~x")), {"~x": exact(f"{x:.10f}")}, functions))
            except (EvaluationError, Ambiguous):
                y = float("nan")
        found.append((x, y))
    return found


def _runs(curve: Sequence[Point], bottom: float, top: float) -> list[list[Point]]:
    """The parts of a curve without jumps, inside of the picture."""
    runs: list[list[Point]] = [[]]
    for x, y in curve:
        if not isfinite(y) or not bottom - 1e-9 <= y <= top + 1e-9:
            runs.append([])
            continue
        if runs[-1] and abs(runs[-1][-1][1] - y) > JUMP * (top - bottom):
            runs.append([])
        runs[-1].append((x, y))
    return [run for run in runs if len(run) > 1]


def _axes(
    upwards: tuple[float, float], origin: Point, variable: str, label: tuple[Piece, ...]
) -> list[Shape]:
    """Both axes through 0, with a few ticks."""
    x_0, y_0 = origin
    shapes: list[Shape] = [
        Line(((0, y_0), (WIDTH + 0.4, y_0)), arrow=True, colour=MUTED),
        Line(((x_0, 0), (x_0, HEIGHT + 0.4)), arrow=True, colour=MUTED),
        Label((WIDTH + 0.42, y_0), (Term(Name(variable)),), "west"),
        Label((x_0, HEIGHT + 0.42), label, "south"),
    ]
    for x, text in ticks(LOW, HIGH, 4):
        place = WIDTH * (x - LOW) / (HIGH - LOW)
        if x:
            shapes.append(Line(((place, y_0 - 0.05), (place, y_0 + 0.05)), colour=MUTED))
            shapes.append(Label((place, y_0 - 0.06), (Text(text),), "north", True, colour=MUTED))
    for y, text in ticks(*upwards, most=4):
        place = HEIGHT * (y - upwards[0]) / (upwards[1] - upwards[0])
        if abs(y) > 1e-9:
            shapes.append(Line(((x_0 - 0.05, place), (x_0 + 0.05, place)), colour=MUTED))
            shapes.append(Label((x_0 - 0.06, place), (Text(text),), "east", True, colour=MUTED))
    return shapes


def _legend(heads: Sequence[str], variable: str) -> list[Shape]:
    """A short line in the look of the curve, and its name, below the picture."""
    shapes: list[Shape] = []
    columns = min(2, len(heads))
    for place, (head, (colour, dashed)) in enumerate(zip(heads, LOOKS, strict=False)):
        x = WIDTH * (place % columns) / columns
        y = -0.55 - 0.5 * (place // columns)
        shapes.append(Line(((x, y), (x + 0.5, y)), False, dashed, colour, True))
        shapes.append(Label((x + 0.55, y), (Term(apply(head, Name(variable))),), "west", True))
    return shapes

"""A curve with a path on it: every point where the function says, inside the picture."""

from __future__ import annotations

import math

import pytest
from flint import fmpq

from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.steps.figures import ACCENT, Circle, Figure, Label, Line
from derivations.steps.plots import HEIGHT, WIDTH, double, draw, ticks
from derivations.steps.relations import Text
from derivations.steps.solution import Known, Plot


def known(numeral: str) -> Known:
    value = fmpq(round(float(numeral) * 10**6), 10**6)
    return Known(value, value, value, numeral, True)


def drawn(source: str, path: list[str]) -> Figure:
    values = {f"x_{k}": known(numeral) for k, numeral in enumerate(path)}
    plot = Plot("f", "x", tuple(values), (Text("f"),), "a caption", "words")
    return draw(plot, values, {"f": Function(("x",), read_expression(source))})


def points(figure: Figure) -> list[tuple[float, float]]:
    return [shape.centre for shape in figure.shapes if isinstance(shape, Circle)]


def curve(figure: Figure) -> list[tuple[float, float]]:
    (found,) = [s for s in figure.shapes if isinstance(s, Line) and s.thick]
    return list(found.points)


def test_the_words_come_along() -> None:
    figure = drawn("x^2", ["3", "1"])
    assert (figure.caption, figure.words) == ("a caption", "words")


@pytest.mark.parametrize(
    ("source", "function"),
    [("x^2", lambda x: x * x), ("exp(x)", math.exp), ("(x - 4)^2 + 1", lambda x: (x - 4) ** 2 + 1)],
)
def test_points_stand_in_one_scale(source: str, function: object) -> None:
    path = [3.0, 1.5, 0.5, -0.25]
    found = points(drawn(source, [str(x) for x in path]))
    assert len(found) == 4
    across = {(b[0] - a[0]) / (y - x) for (a, x), (b, y) in zip(zip(found, path, strict=True), zip(found[1:], path[1:], strict=False), strict=False)}  # fmt: skip
    assert max(across) - min(across) < 1e-9
    heights = [function(x) for x in path]  # type: ignore[operator]
    up = {(b[1] - a[1]) / (q - p) for a, b, p, q in zip(found, found[1:], heights, heights[1:], strict=False)}  # fmt: skip
    assert max(up) - min(up) < 1e-6


def test_points_lie_on_the_curve_and_everything_in_the_picture() -> None:
    figure = drawn("x^2", ["3", "1", "-0.5"])
    line = curve(figure)
    for x, y in points(figure):
        near = sorted(line, key=lambda p: abs(p[0] - x))[:2]
        assert min(p[1] for p in near) - 0.1 <= y <= max(p[1] for p in near) + 0.1
    for x, y in [*line, *points(figure)]:
        assert -1e-9 <= x <= WIDTH + 1e-9
        assert -1e-9 <= y <= HEIGHT + 1


def test_arrows_lead_from_each_point_to_the_next() -> None:
    figure = drawn("x^2", ["3", "1", "-0.5", "-0.5"])
    arrows = [s for s in figure.shapes if isinstance(s, Line) and s.arrow and s.colour == ACCENT]
    found = points(figure)
    assert [arrow.points[0] for arrow in arrows] == found[:2]
    for arrow, (x, y) in zip(arrows, found[1:], strict=True):
        assert math.dist(arrow.points[1], (x, y)) == pytest.approx(0.08, abs=0.03)


def test_points_are_numbered_from_zero() -> None:
    figure = drawn("x^2", ["9", "1", "-5"])
    labels = [s.pieces[0].text for s in figure.shapes if isinstance(s, Label) and s.small and isinstance(s.pieces[0], Text)]  # fmt: skip
    assert {"0", "1", "2"} <= set(labels)


def test_a_path_that_stands_still_and_a_flat_curve_are_drawn() -> None:
    assert len(points(drawn("x^2", ["2", "2"]))) == 1
    assert all(math.isfinite(y) for _, y in curve(drawn("5", ["1", "2"])))


def test_where_the_function_has_no_value_nothing_is_drawn() -> None:
    figure = drawn("ln(x)", ["0.1", "2"])
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in curve(figure))
    left = min(x for x, _ in curve(figure))
    assert left > 0


@pytest.mark.parametrize(("value", "number"), [(fmpq(1, 4), 0.25), (fmpq(-3), -3.0)])
def test_doubles(value: fmpq, number: float) -> None:
    assert double(value) == number


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-1.1, 3.2, ["−1", "0", "1", "2", "3"]), (0, 0.55, ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
        (-1200, 700, ["−1000", "−500", "0", "500"]), (2e7, 9e7, ["2e7", "4e7", "6e7", "8e7"]),
    ],
)  # fmt: skip
def test_ticks_are_round_numbers(low: float, high: float, expected: list[str]) -> None:
    found = ticks(low, high)
    assert [label for _, label in found] == expected
    for place, label in found:
        assert place == pytest.approx(float(label.replace("−", "-")))
        assert low <= place <= high

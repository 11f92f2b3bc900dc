"""Piecewise formulas: one piece an interval, neighbours that agree joined, the same values."""

from __future__ import annotations

import pytest
from flint import fmpq

from derivations.calculus.pieces import Change, Interval, by_pieces, flat, has_inner_cases
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Formula, Name
from tests.trees import MP, close, mp_value

ZERO, ONE, TWO = Change(fmpq(0)), Change(fmpq(1)), Change(fmpq(2))


def test_a_point_lies_inside_of_its_interval() -> None:
    assert Interval(None, None).inside() == 0
    assert Interval(None, ONE).inside() < 1
    assert Interval(ONE, None).inside() > 1
    assert 0 < Interval(ZERO, ONE).inside() < 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], "a"),
        ([ZERO], "{a if x < 0; b if x > 0}"),
        ([Change(fmpq(0), bends=False)], "{a if x ≤ 0; b if x > 0}"),
        ([ZERO, TWO], "{a if x < 0; b if 0 < x < 2; c if x > 2}"),
        ([Change(fmpq(-1, 2)), Change(fmpq(1, 2), False)], "{a if x < −1/2; b if −1/2 < x ≤ 1/2; c if x > 1/2}"),
    ],
)  # fmt: skip
def test_conditions_say_where_each_piece_holds(changes: list[Change], expected: str) -> None:
    letters = iter("abc")
    assert text(by_pieces(changes, "x", lambda _: Name(next(letters)))) == expected


def test_neighbours_that_agree_are_one_piece() -> None:
    def form(interval: Interval) -> Formula:
        return Name("a" if interval.low is None or interval.low == ZERO else "b")

    assert text(by_pieces([ZERO, ONE, TWO], "x", form)) == "{a if x < 1; b if x > 1}"
    assert by_pieces([ZERO, ONE], "x", lambda _: Name("a")) == Name("a")


INNER = [
    ("x cases(1, x > 0, 0)", [ZERO], "{0 if x < 0; x if x > 0}"),
    ("cases(cases(1, x > 1, x), x > 0, 0)", [ZERO, ONE], "{0 if x < 0; x if 0 < x < 1; 1 if x > 1}"),
    ("cases(1, x > 0, 0) + cases(1, x > 1, 0)", [ZERO, ONE], "{0 if x < 0; 1 if 0 < x < 1; 1 + 1 if x > 1}"),
    ("cases(x^2, abs(x) < 1, 1)", [Change(fmpq(-1)), ONE], "{1 if x < −1; x² if −1 < x < 1; 1 if x > 1}"),
    ("exp(cases(-x, x > 0, x))", [ZERO], "{e^x if x < 0; e^(−x) if x > 0}"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "changes", "expected"), INNER, ids=[row[0] for row in INNER])
def test_cases_inside_come_to_the_front(source: str, changes: list[Change], expected: str) -> None:
    formula = read_expression(source)
    assert has_inner_cases(formula)
    found = flat(formula, "x", changes, {})
    assert text(found) == expected
    assert not has_inner_cases(found)
    for x in ("-1.7", "-0.3", "0.4", "1.6", "2.5"):
        point = {"x": MP.mpf(x)}
        assert close(mp_value(found, point), mp_value(formula, point))


@pytest.mark.parametrize(
    "source", ["x^2", "cases(1, x > 0, 0)", "cases(x, -1/2 < x, 0, x < -1, 2)"]
)
def test_plain_formulas_have_no_inner_cases(source: str) -> None:
    assert not has_inner_cases(read_expression(source))

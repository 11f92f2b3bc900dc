"""Shorter forms: the value stays, the length does not grow, and they are what a teacher stops at."""

from __future__ import annotations

import pytest

from derivations.calculus.differentiate import differentiate
from derivations.calculus.simplify import simplified
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Formula, walk
from derivations.kinds.base.functions import Functions
from tests.calculus.expressions import expressions, value
from tests.trees import MP, close

POINTS = [{"x": MP.mpf(x), "a": MP.mpf("1.37")} for x in ("-1.21", "0.43", "1.9")]
SLOPES = Functions().rules.slopes
RANDOM = expressions(80, seed=5)
DERIVATIVES = [differentiate(formula, "x", SLOPES) for formula in expressions(50, seed=6)]


@pytest.mark.parametrize("formula", [*RANDOM, *DERIVATIVES], ids=text)
def test_the_value_stays(formula: Formula) -> None:
    for point in POINTS:
        assert close(value(simplified(formula), point), value(formula, point))


@pytest.mark.parametrize("formula", [*RANDOM, *DERIVATIVES], ids=text)
def test_it_gets_no_longer_and_stays_as_it_is(formula: Formula) -> None:
    once = simplified(formula)
    assert len(list(walk(once))) <= len(list(walk(formula))) + 2  # a fraction below may turn over
    assert simplified(once) == once


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2 x/2", "x"),
        ("4 x/6", "2·x/3"),
        ("(x^2)^2", "x⁴"),
        ("sqrt(x)^2", "x"),
        ("x x x", "x³"),
        ("x^2 x", "x³"),
        ("x a/x", "a"),
        ("a/(x/2)", "2·a/x"),
        ("(a/x)/2", "a/(2·x)"),
        ("(2 x (1 + x^2) - x^2*2 x)/(1 + x^2)^2", "2·x/(1 + x²)²"),
        ("tanh(x) (1 - tanh(x))", "tanh(x)(1 − tanh(x))"),
        ("1 - tanh(x)^2", "1 − tanh(x)²"),
        ("a x + b", "a·x + b"),
    ],
)
def test_a_teacher_would_stop_here(source: str, expected: str) -> None:
    formula = read_expression(source)
    assert (
        text(
            simplified(formula),
        )
        == expected
    )

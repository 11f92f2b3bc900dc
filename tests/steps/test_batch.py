"""The numerals of a whole column against those of one value after another."""

from __future__ import annotations

import random

import numpy as np
import pytest
from flint import fmpq

from derivations.formula.column_reading import stacked
from derivations.formula.columns import Arithmetic, Column
from derivations.formula.evaluation import evaluate, precision
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import exact
from derivations.steps.column_rounding import show_column
from derivations.steps.rounding import Digits, Rounding

POLICIES = [
    Rounding(),
    Rounding(Digits(decimals=4)),
    Rounding(Digits(decimals=0)),
    Rounding(Digits(significant=2), keep=3),
    Rounding(Digits(decimals=2), answers=Digits(significant=4)),
]
FORMULAS = [
    "a", "a + b", "a*b - 1", "a/8", "a/b", "1/(1 + exp(-a))", "tanh(a*b)", "max(a, b)", "abs(a)*1000000",
    "a^3", "a^2*b/100000000", "a*b/10000", "ln(abs(a) + 1)", "sqrt(a^2 + 2)", "exp(-8*abs(a))*b", "cases(a, a > b, -b)", "min(a, 0.5)/1000", "floor(3*a)/7", "floor(4*a)/floor(b + 9)", "a/(floor(b) + 0.25)", "exp(floor(a))", "ln(floor(a) + 4)", "tanh(floor(b))", "floor(exp(a))",
    "ceil(a*b)", "log2(abs(a) + 1.03)", "log10(abs(b) + 0.1)", "1 + floor((b + 3)*1.4)/2",
]  # fmt: skip


def numerals(count: int) -> list[str]:
    source = random.Random(7)
    return [f"{source.uniform(-3, 3):.{source.randint(0, 4)}f}" for _ in range(count)]


@pytest.mark.parametrize("role", ["defined", "inside", "answer"])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_columns_are_shown_like_single_values(policy: Rounding, role: str) -> None:
    a, b = numerals(300), numerals(600)[300:]
    for text in FORMULAS:
        formula = read_expression(text)
        arithmetic = Arithmetic(300, {})
        with np.errstate(all="ignore"):
            column = arithmetic.evaluate(formula, {"a": stacked(a), "b": stacked(b)})
            shown = show_column(column, policy, role, arithmetic)
        texts = shown.texts
        assert texts == [shown.text(place) for place in range(300)]
        sure = np.flatnonzero(~arithmetic.doubt).tolist()
        assert len(sure) > 100, text
        for place in sure:
            with precision(200):
                value = evaluate(formula, {"a": exact(a[place]), "b": exact(b[place])})
            one = (
                policy.show_answer(value)
                if role == "answer"
                else policy.show(value, role == "inside")
            )
            assert (texts[place], bool(shown.exact[place])) == (one.text, one.exact), text
            assert exact(one.text) == exact(texts[place])


def test_a_value_between_two_numerals_is_in_doubt() -> None:
    arithmetic = Arithmetic(3, {})
    third = Column.inexact(np.array([0.12345, 0.12346, 0.0]), np.array([1e-12, 1e-12, 1e-12]))
    with np.errstate(all="ignore"):
        show_column(third, Rounding(Digits(decimals=4), keep=3), "defined", arithmetic)
    assert arithmetic.doubt.tolist() == [True, False, True]


def test_what_bounds_cannot_decide_is_in_doubt() -> None:
    arithmetic = Arithmetic(2, {})
    a = Column.inexact(np.array([1e-18, 0.5]), np.array([1e-15, 1e-15]))
    zero = Column.of_constant(fmpq(0), 2)
    with np.errstate(all="ignore"):
        arithmetic.largest(a, zero)
        assert arithmetic.doubt.tolist() == [True, False]
        arithmetic.divide(zero, a)
        arithmetic.ln(a)
    assert arithmetic.doubt.tolist() == [True, False]

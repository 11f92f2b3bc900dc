"""The formulas of the reading benchmark are read as what they mean."""

from __future__ import annotations

import pytest

from benchmarks.reading import is_right, ours
from benchmarks.reading_formulas import FORMULAS, Written
from derivations.reading.latex import read_formula


def test_there_are_at_least_a_hundred() -> None:
    assert len({formula.latex for formula in FORMULAS}) >= 100


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.latex)
def test_every_formula_is_read_as_what_it_means(formula: Written) -> None:
    assert is_right(formula, read_formula(formula.latex), ours)


def test_a_wrong_meaning_is_noticed() -> None:
    formula = Written("w x + b", lambda v: v.w * v.x - v.b)
    assert not is_right(formula, read_formula(formula.latex), ours)

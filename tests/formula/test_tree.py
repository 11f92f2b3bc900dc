"""The tree: built, walked, rewritten and compared by structure."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given

from derivations.formula.expressions import read_expression
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    is_quantity,
    key,
    names,
    neg,
    number,
    partial,
    power,
    product,
    rewrite,
    substitute,
    sum_of,
    times,
    total,
    walk,
)
from tests.trees import named_trees

X, Y = Name("x"), Name("y")


def test_where_a_formula_stood_does_not_count() -> None:
    assert read_expression("x + y") == read_expression("x   +  y") == sum_of(X, Y)
    assert hash(read_expression("x + y")) == hash(sum_of(X, Y))
    assert Number("0.5") != Number("0.50")


def test_a_formula_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        X.id = "y"  # type: ignore[misc]


def test_sums_and_products_of_one_or_none() -> None:
    assert sum_of() == Number("0")
    assert product() == Number("1")
    assert sum_of(X) == product(X) == X
    assert times(Name("a"), product(X, Y)) == product(Name("a"), X, Y)


def test_the_sign_of_a_whole_number_stands_outside() -> None:
    assert number(-3) == neg(Number("3"))
    assert power(X, -1) == apply("power", X, neg(Number("1")))


def test_names_come_once_in_reading_order() -> None:
    assert names(read_expression("b + a b - c^a")) == ("b", "a", "c")


def test_walking_goes_from_the_outside_in_and_from_left_to_right() -> None:
    walked = list(walk(difference(X, Y)))
    assert walked == [difference(X, Y), X, neg(Y), Y]


def test_substitution_is_done_at_once_and_changes_nothing_else() -> None:
    swapped = substitute(read_expression("x/y + 0.50"), {"x": Y, "y": X})
    assert swapped == read_expression("y/x + 0.50")


@given(named_trees())
def test_rewriting_with_nothing_to_do_gives_the_same_object(formula: Formula) -> None:
    assert rewrite(formula, lambda _: None) is formula


def test_what_a_rule_writes_is_not_rewritten_again() -> None:
    grown = rewrite(X, lambda node: neg(X) if node == X else None)
    assert grown == neg(X)


def test_keys_of_quantities() -> None:
    slope = partial(Name("L"), Name("w_1"))
    assert (key(X), key(slope), key(total(Name("f"), X))) == ("x", "dL/dw_1", "df/dx")
    assert is_quantity(slope)
    assert not is_quantity(neg(X))
    with pytest.raises(ValueError, match="not the name of a quantity"):
        key(neg(X))
    assert isinstance(slope, Apply)

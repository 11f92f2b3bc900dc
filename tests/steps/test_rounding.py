"""How a value is shown: exactly where it can be, else rounded half up by the policy."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from derivations.formula.evaluation import precision
from derivations.formula.numerals import Ambiguous, exact
from derivations.steps.rounding import Digits, Rounding

FRACTIONS = st.fractions(min_value=-1000, max_value=1000, max_denominator=5000)
DECIMALS = st.decimals(-1000, 1000, allow_nan=False, places=5)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@pytest.mark.parametrize(
    ("value", "policy", "shown"),
    [
        ("0.87", Rounding(), ("0.87", True)),
        ("1/3", Rounding(), ("0.333333", False)),
        ("2/3", Rounding(Digits(decimals=2)), ("0.67", False)),
        ("0.125", Rounding(Digits(decimals=2)), ("0.125", True)),
        ("0.125", Rounding(Digits(decimals=2), keep=0), ("0.13", False)),
        ("-0.125", Rounding(Digits(decimals=2), keep=0), ("-0.13", False)),
        ("0.1", Rounding(Digits(decimals=3), keep=0), ("0.1", True)),
        ("12", Rounding(Digits(significant=1)), ("12", True)),
        ("1/3", Rounding(fractions=True), ("1/3", True)),
        ("-22/7", Rounding(fractions=True), ("-22/7", True)),
        ("1/10007", Rounding(fractions=True), ("9.99300e-5", False)),
        ("0.0004", Rounding(Digits(decimals=2), keep=0), ("0.00040", False)),
        ("1/3000000", Rounding(Digits(decimals=2)), ("3.3e-7", False)),
        ("0", Rounding(Digits(decimals=2)), ("0", True)),
        ("123456789", Rounding(Digits(significant=3)), ("123456789", True)),
        ("1e20", Rounding(), ("1e20", True)),
        ("123456789012345678", Rounding(), ("1.23457e17", False)),
        ("0.12345678901", Rounding(), ("0.123457", False)),
        ("0.1234567891", Rounding(), ("0.1234567891", True)),
        ("4.8e-2000", Rounding(), ("4.8e-2000", True)),
    ],
)  # fmt: skip
def test_a_value_is_shown_by_the_policy(
    value: str, policy: Rounding, shown: tuple[str, bool]
) -> None:
    found = policy.show(exact(value))
    assert (found.text, found.exact) == shown


def test_inside_a_line_there_are_guard_digits() -> None:
    policy = Rounding(Digits(decimals=2), guard=2)
    assert policy.show(fmpq(1, 3)).text == "0.33"
    assert policy.show(fmpq(1, 3), inside=True).text == "0.3333"
    assert Digits(significant=3).more(2) == Digits(significant=5)
    assert policy.as_rounded(fmpq(2, 5)) == "0.40"


def test_what_was_computed_from_rounded_values_is_not_shown_in_full() -> None:
    value = exact("3.5000035")
    shown = Rounding().show(value, pure=False)
    assert (shown.text, shown.exact) == ("3.50000", False)
    assert Rounding().show(value).text == "3.5000035"
    assert Rounding().show(exact("0.25"), pure=False).text == "0.25"
    assert Rounding().show(exact("0.3333337"), inside=True, pure=False).exact


def test_answers_have_digits_of_their_own_and_keep_nothing() -> None:
    policy = Rounding(answers=Digits(decimals=1))
    assert policy.show_answer(fmpq(1, 8)).text == "0.1"
    assert policy.show_answer(fmpq(1, 4)).text == "0.3"
    assert not policy.show_answer(fmpq(1, 4)).exact
    assert Rounding(Digits(decimals=2)).show_answer(fmpq(1, 8)).text == "0.13"


@given(DECIMALS, st.integers(0, 4))
def test_rounding_is_that_of_the_decimal_module(value: Decimal, places: int) -> None:
    unit = Decimal(1).scaleb(-places)
    expected = value.quantize(unit, ROUND_HALF_UP)
    shown = Digits(decimals=places).round(flint(Fraction(value)))
    if expected or not value:
        assert Decimal(shown) == expected
        assert "." not in shown or len(shown.partition(".")[2]) == places
    else:
        assert Decimal(shown)


@given(FRACTIONS.filter(bool), st.integers(0, 6))
def test_nothing_but_zero_is_shown_as_zero(value: Fraction, places: int) -> None:
    assert Fraction(Digits(decimals=places).round(flint(value) / 10**4)) != 0


@given(FRACTIONS, st.integers(0, 8), st.sampled_from(["decimals", "significant"]))
def test_what_is_called_exact_is_exact_and_the_rest_is_not(
    value: Fraction, digits: int, kind: str
) -> None:
    policy = Rounding(Digits(**{kind: digits + (kind == "significant")}))
    shown = policy.show(flint(value))
    assert shown.exact == (Fraction(shown.text) == value)


@given(FRACTIONS, st.integers(1, 8))
def test_digits_hold_what_they_write_exactly(value: Fraction, digits: int) -> None:
    for by in (Digits(decimals=digits), Digits(significant=digits)):
        if by.holds(flint(value)):
            assert Fraction(by.round(flint(value))) == value
    scaled = value * 10**digits
    assert Digits(decimals=digits).holds(flint(value)) == (scaled.denominator == 1)


def test_a_ball_is_rounded_and_never_exact() -> None:
    with precision(200):
        shown = Rounding(Digits(decimals=3)).show(arb(2).sqrt())
    assert (shown.text, shown.exact) == ("1.414", False)


def test_a_ball_around_zero_is_not_shown_as_zero() -> None:
    with pytest.raises(Ambiguous):
        Digits(decimals=2).round(arb(0, 1e-9))

"""Numerals: their exact values, and values as rounded numerals."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from derivations.formula.evaluation import precision
from derivations.formula.numerals import (
    Ambiguous,
    NumeralError,
    decade,
    decimal_places,
    decimals_needed,
    exact,
    in_full,
    is_negative,
    to_decimals,
    to_significant,
)

FRACTIONS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**7)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", (0, 1)), ("7", (7, 1)), ("-7", (-7, 1)), ("0.10", (1, 10)), ("-0.25", (-1, 4)),
        ("4.8e-6", (48, 10**7)), ("2.5E3", (2500, 1)), ("1e+2", (100, 1)), ("3/8", (3, 8)),
        ("-6/8", (-3, 4)), ("007", (7, 1)), ("1.50", (3, 2)),
    ],
)  # fmt: skip
def test_a_numeral_is_the_rational_that_it_writes(text: str, value: tuple[int, int]) -> None:
    assert exact(text) == fmpq(*value)


@pytest.mark.parametrize(
    "text", ["", ".5", "1.", "+1", "1,5", "1e", "nan", "inf", "0x10", "1 000", "٣", "1/-2", "--1"]
)
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(NumeralError, match=r"^a number such as 3, -0\.25, 4\.8e-6 or 3/8$"):
        exact(text)


@pytest.mark.parametrize(
    "text", ["1e10001", "1e-10001", "1e" + "9" * 900, "1" * 1001, "9" * 19_000]
)
def test_a_numeral_beyond_the_bounds_is_refused_before_it_is_built(text: str) -> None:
    with pytest.raises(NumeralError, match=r"at most 1000 digits and exponents up to 10000"):
        exact(text)


def test_the_bounds_let_their_own_values_pass() -> None:
    assert exact("9" * 1000) == fmpq(10**1000 - 1)
    assert exact("1e10000") == fmpq(10**10000)
    assert exact("1/" + "7" * 998).p == 1


def test_a_fraction_has_bounds_and_a_denominator() -> None:
    with pytest.raises(NumeralError, match="a denominator other than 0"):
        exact("1/0")
    with pytest.raises(NumeralError, match="a fraction of at most 1000 digits"):
        exact("1/" + "9" * 1000)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ((1, 2), 0, "1"), ((-1, 2), 0, "-1"), ((5, 1000), 2, "0.01"), ((-5, 1000), 2, "-0.01"),
        ((4999, 10**6), 2, "0.00"), ((-4, 1000), 2, "0.00"), ((11, 20), 3, "0.550"),
        ((1, 3), 4, "0.3333"), ((2, 3), 4, "0.6667"), ((999, 1000), 2, "1.00"), ((12, 1), 2, "12.00"),
        ((12345, 1), -2, "123"),
    ],
)  # fmt: skip
def test_decimals_are_rounded_half_up_with_trailing_zeros(
    value: tuple[int, int], places: int, text: str
) -> None:
    assert to_decimals(fmpq(*value), places) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("0.000621578", 4, "0.0006216"), ("0.00000478512", 2, "4.8e-6"), ("12345.6", 3, "12346"),
        ("9.996", 3, "10.0"), ("0.99996", 4, "1.000"), ("0", 5, "0"), ("-0.5", 3, "-0.500"),
        ("345", 2, "345"), ("12345678", 3, "1.23e7"), ("9999999", 2, "9999999"),
        ("0.0001", 2, "0.00010"), ("0.00009996", 3, "0.000100"), ("123456789012", 12, "123456789012"),
        ("4.8e-6", 1, "5e-6"), ("-99999999", 3, "-1.00e8"),
    ],
)  # fmt: skip
def test_significant_digits_keep_whole_parts_and_turn_scientific(
    value: str, digits: int, text: str
) -> None:
    assert to_significant(exact(value), digits) == text


@given(FRACTIONS, st.integers(0, 12))
def test_decimals_are_within_half_a_unit(value: Fraction, places: int) -> None:
    assert abs(Fraction(to_decimals(flint(value), places)) - value) <= Fraction(1, 2 * 10**places)


@given(FRACTIONS, st.integers(1, 12))
def test_significant_digits_are_within_half_a_unit(value: Fraction, digits: int) -> None:
    text = to_significant(flint(value), digits)
    unit = Fraction(10) ** -decimal_places(text)
    assert abs(Fraction(text) - value) <= unit / 2
    if value:
        assert Fraction(text) != 0
        assert unit * 10 ** (digits - 1) <= abs(Fraction(text)) or "e" not in text


@given(st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_ties_go_up_in_size(whole: int, places: int) -> None:
    tie = Fraction(2 * whole + 1, 2 * 10**places)
    away = Fraction(whole + 1 if tie > 0 else whole, 10**places)
    assert Fraction(to_decimals(flint(tie), places)) == away


@given(FRACTIONS, st.integers(0, 9))
def test_a_ball_rounds_like_the_rational_in_it(value: Fraction, places: int) -> None:
    assume((abs(value) * 10**places * 2).denominator != 1)
    with precision(200):
        assert to_decimals(arb(flint(value)), places) == to_decimals(flint(value), places)


def test_a_ball_that_holds_a_tie_does_not_decide() -> None:
    wide = arb("0.005", "0.0001")
    with pytest.raises(Ambiguous):
        to_decimals(wide, 2)
    with pytest.raises(Ambiguous):
        is_negative(arb(0, 1))
    with pytest.raises(Ambiguous):
        to_significant(arb(0, 1), 3)


@given(FRACTIONS.filter(bool))
def test_the_decade_is_the_exponent_of_the_leading_digit(value: Fraction) -> None:
    found = decade(flint(value))
    assert 1 <= abs(value) / Fraction(10) ** found < 10
    assert decade(arb(flint(value))) == found or abs(value) == Fraction(10) ** found


def test_numbers_of_thousands_of_digits_are_written() -> None:
    assert to_significant(fmpq(7) ** 6000, 4) == "3.875e5070"
    assert to_significant(exact("1e-5000"), 3) == "1.00e-5000"
    assert to_decimals(fmpq(10) ** 5000, 1) == "1" + "0" * 5000 + ".0"
    assert decade(fmpq(10**5000 + 1, 3)) == 4999


@given(FRACTIONS)
def test_a_finite_decimal_is_written_in_full(value: Fraction) -> None:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    full = in_full(flint(value))
    assert (full is None) == (rest != 1) == (decimals_needed(flint(value)) is None)
    if full is not None:
        assert Fraction(full) == value
        assert "." not in full or not full.endswith("0")


@pytest.mark.parametrize(
    ("text", "places"), [("0.705", 3), ("4.8e-6", 7), ("12", 0), ("1.5e3", -2), ("-0.50", 2)]
)
def test_the_place_of_the_last_digit(text: str, places: int) -> None:
    assert decimal_places(text) == places


def test_a_fraction_has_no_last_digit() -> None:
    with pytest.raises(NumeralError, match="a decimal number"):
        decimal_places("3/8")

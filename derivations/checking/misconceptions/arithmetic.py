"""Slips in numbers: digits, rounding, powers of ten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from flint import arb, fmpq

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Operator,
    Right,
    at,
    both,
    is_number,
)
from derivations.formula.evaluation import Value
from derivations.formula.numerals import (
    Ambiguous,
    NumeralError,
    decimal_places,
    exact,
    in_full,
    to_decimals,
    whole_part,
)
from derivations.formula.tree import (
    Apply,
    Formula,
    Number,
    apply,
    number,
    product,
    quotient,
    rewrite,
)

TENS = ("10", "100", "1000")
USUAL_PLACES = 4  # where nobody has printed anything
MAX_PLACES = 20
Digits: TypeAlias = Callable[[Value, int], Iterable[str]]  # of a value and a number of decimals


def _shown(right: Right) -> int:
    return USUAL_PLACES if right.places is None else right.places


def _of_value(rule: Digits) -> Operator:
    """A rule for the value and the number of decimals that were printed."""

    def operator(right: Right) -> Iterator[Formula]:
        places = _shown(right)
        if isinstance(right.value, (arb, fmpq)) and 0 <= places <= MAX_PLACES:
            try:
                yield from map(number, rule(right.value, places))
            except (Ambiguous, NumeralError):
                return

    return operator


def _towards(up: bool) -> Digits:
    """The value cut off, or made larger in size, at the last digit that is shown."""

    def rule(value: Value, places: int) -> Iterator[str]:
        scaled = abs(value) * fmpq(10**places)
        whole = scaled.floor() if isinstance(scaled, fmpq) else whole_part(scaled)
        if scaled == whole:
            return  # nothing is to be rounded
        size = fmpq(int(whole) + up, 10**places)
        text = to_decimals(size, places)
        yield "-" + text if value < 0 else text

    return rule


def _swapped(value: Value, places: int) -> Iterator[str]:
    """Two neighbouring digits exchanged."""
    text = to_decimals(value, places)
    spots = [place for place, sign in enumerate(text) if sign.isdigit()]
    first = next((i for i, spot in enumerate(spots) if text[spot] != "0"), len(spots))
    for i in range(first, len(spots) - 1):
        a, b = spots[i], spots[i + 1]
        if text[a] != text[b] and (i > first or text[b] != "0"):
            yield text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]


def _missing(value: Value, places: int) -> Iterator[str]:
    """A whole number without one of its inner digits."""
    text = to_decimals(value, 0) if isinstance(value, fmpq) and value.q == 1 else ""
    digits = text.lstrip("-")
    if len(digits) > 3:
        sign = text[: len(text) - len(digits)]
        for place in range(1, len(digits)):
            yield sign + digits[:place] + digits[place + 1 :]


def _rounded_twice(value: Value, places: int) -> Iterator[str]:
    for further in (1, 2):
        yield to_decimals(exact(to_decimals(value, places + further)), places)


def _tens(right: Right) -> Iterator[Formula]:
    for ten in TENS:
        yield product(Number(ten), right.formula)
        yield quotient(right.formula, Number(ten))


def _tens_of_product(node: Apply) -> Iterator[Formula]:
    """0.2 · 1.0 taken for 0.02: the point of one product is misplaced."""
    for ten in TENS[:2]:
        yield quotient(node, Number(ten))
        yield product(Number(ten), node)


def _inner_tens(right: Right) -> Iterator[Formula]:
    for wrong in at("product quotient", _tens_of_product)(right):
        if not (isinstance(wrong, Apply) and right.formula in wrong.args):
            yield wrong


def _power_of_ten(node: Apply) -> Iterator[Formula]:
    if is_number(node.args[0], "10"):
        for other in TENS[:1]:
            yield product(node, Number(other))
            yield quotient(node, Number(other))


def _coarser(node: Formula) -> Iterator[Formula]:
    if isinstance(node, Number) and "/" not in node.text:
        for places in range(decimal_places(node.text) - 1, 0, -1):
            yield Number(to_decimals(exact(node.text), places))


def _all_coarser(right: Right) -> Iterator[Formula]:
    """Every number of the formula rounded to one or two decimals."""
    for places in (2, 1):

        def rule(node: Formula, places: int = places) -> Formula | None:
            if isinstance(node, Number) and "/" not in node.text:
                if decimal_places(node.text) > places:
                    return Number(to_decimals(exact(node.text), places))
            return None

        changed = rewrite(right.formula, rule)
        if changed != right.formula:
            yield changed


def _whole_part(node: Apply) -> Iterator[Formula]:
    yield apply("floor", node)


def _copied(node: Formula) -> Iterator[Formula]:
    """A number of the formula with two neighbouring digits exchanged."""
    if isinstance(node, Number) and "/" not in node.text and "e" not in node.text.lower():
        places = decimal_places(node.text)
        yield from map(Number, _swapped(exact(node.text), places))


def _repeating(right: Right) -> Iterator[Formula]:
    """1/3 taken for 0.3."""
    for node, rebuild in right.nodes.get("quotient", ()):
        assert isinstance(node, Apply)
        if all(isinstance(arg, Number) and arg.text.isdigit() for arg in node.args):
            above, below = (int(arg.text) for arg in node.args if isinstance(arg, Number))
            if below and in_full(fmpq(above, below)) is None:
                for places in (1, 2):
                    yield rebuild(Number(to_decimals(fmpq(above, below), places)))


ENTRIES = (
    Misconception(
        "power-of-ten",
        "The decimal point is in the wrong place: the result is off by a power of ten.",
        both(_tens, at("power", _power_of_ten)), r"0.0023 \cdot 0.41 = 9.43 \times 10^{-3}",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "power-of-ten-of-a-term",
        "The decimal point of one product or fraction is in the wrong place.",
        _inner_tens, r"0.11 \cdot 0.52 + 0.2 \cdot 1.03 = 0.0778",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "digits-swapped",
        "Two neighbouring digits are swapped.",
        _of_value(_swapped), r"\sigma(0.6) \approx 0.6475",
        specific=FIELD, likely=OFTEN, of_digits=True,
    ),
    Misconception(
        "digit-missing",
        "One digit of the number is missing.",
        _of_value(_missing), r"784 \cdot 128 + 128 = 10480",
        specific=FIELD, likely=SELDOM, of_digits=True,
    ),
    Misconception(
        "cut-off-for-rounded",
        "The number was cut off; it has to be rounded up here.",
        _of_value(_towards(False)), r"\frac{2}{3} \approx 0.666",
        specific=SPECIAL, likely=OFTEN, of_digits=True,
    ),
    Misconception(
        "rounded-up",
        "The number was rounded up; the next digit is below 5, so it has to be rounded down.",
        _of_value(_towards(True)), r"\frac{1}{3} \approx 0.334",
        specific=FIELD, likely=SOMETIMES, of_digits=True,
    ),
    Misconception(
        "rounded-twice",
        "The number was rounded twice: a rounded number must not be rounded again.",
        _of_value(_rounded_twice), r"\frac{24448}{10000} \approx 2.45",
        specific=SPECIAL, likely=SELDOM, of_digits=True,
    ),
    Misconception(
        "rounded-too-early",
        "A number on the way was rounded to too few digits; the error grew in what follows.",
        both(_all_coarser, at("number", _coarser)), r"0.6457 \cdot 128.37 \approx 83.44",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "fraction-rounded-too-early",
        "The fraction was rounded to too few digits before it was used.",
        _repeating, r"\frac{1}{3} \cdot 1287 = 386.1", specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "whole-part-only",
        "The decimals of the fraction were dropped.",
        at("quotient", _whole_part), r"\frac{783}{5} \cdot 128 = 19968",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "digits-swapped-in-copying",
        "Two neighbouring digits of a number were swapped when it was copied.",
        at("number", _copied), r"784 \cdot 128 = 111872", specific=FIELD, likely=SELDOM,
    ),
)  # fmt: skip

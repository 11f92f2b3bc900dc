"""Numerals of many variants read back: digits 10^-places, letter by letter, a whole column at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derivations.formula.columns import (
    LARGEST,
    MAX_SHIFT,
    TENS,
    Column,
    Unsupported,
    Wholes,
)
from derivations.formula.numerals import decimal_places, exact

ZERO, POINT, MINUS = map(ord, "0.-")


def read_numerals(numerals: Sequence[str]) -> tuple[Wholes, Wholes]:
    """The digits of each numeral and the places of its last one: ``0.140`` is 140 and 3.

    Raises:
        Unsupported: a number that is no decimal of at most 18 digits.
    """
    texts = np.array(numerals)
    letters = np.ascontiguousarray(texts[:, None].view(np.uint32).T)
    digits, places = np.zeros((2, len(texts)), np.int64)
    after, plain = np.zeros(len(texts), bool), np.ones(len(texts), bool)
    negative = letters[0] == MINUS
    for place, letter in enumerate(letters):
        figure = letter - ZERO  # of other letters, a large number
        here = figure < 10
        digits = np.where(here, digits * 10 + figure, digits)
        places += here & after
        point = letter == POINT
        plain &= here | (point & ~after) | (letter == 0) | (negative if not place else False)
        after |= point
    plain &= len(letters) <= MAX_SHIFT
    digits = np.where(negative, -digits, digits)
    for place in np.flatnonzero(~plain).tolist():
        digits[place], places[place] = _single(numerals[place])
    return digits, places


def _single(numeral: str) -> tuple[int, int]:
    if "/" in numeral:
        raise Unsupported("a fraction")
    places = decimal_places(numeral)
    value = exact(numeral)
    digits = value * 10**places if places >= 0 else value / 10**-places
    if max(abs(places), len(str(digits))) > MAX_SHIFT:
        raise Unsupported("a number that is no short decimal")
    return int(digits.p), places


def column_of(digits: Wholes, places: Wholes) -> Column:
    """The decimals digits 10^-places, also those that end before the point.

    Raises:
        Unsupported: a number that is no decimal of at most 18 digits.
    """
    up = np.maximum(-places, 0)
    if np.any(abs(digits) > LARGEST // TENS[up]):
        raise Unsupported("a number that is no short decimal")
    return Column.of_decimals(digits * TENS[up], np.maximum(places, 0))


def stacked(numerals: Sequence[str]) -> Column:
    """Given decimals, one a variant.

    Raises:
        Unsupported: a number that is no decimal of at most 18 digits.
    """
    return column_of(*read_numerals(numerals))

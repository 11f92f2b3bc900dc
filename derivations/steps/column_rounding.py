"""The numerals of a whole column, by the same policy as `rounding` for one value.

What the column's bounds do not decide (a value near the middle between two numerals, or so near to
a short decimal that it may be one) raises doubt, and is left to `rounding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from derivations.formula.columns import (
    MAX_SHIFT,
    TENS,
    UNIT,
    Arithmetic,
    Column,
    Doubles,
    Marks,
    Unsupported,
    Wholes,
    chosen,
    without_zeros,
)
from derivations.formula.numerals import SCIENTIFIC_ABOVE, SCIENTIFIC_BELOW
from derivations.steps.rounding import INSIDE, LONGEST, MAX_WHOLE, ZEROS, Digits, Rounding

MOST_DIGITS = 15  # that a double can decide


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """The numerals of a column, where they are exactly the values, and what they write.

    A numeral writes ``digits`` 10^-``places``, as a power of ten where it is ``scientific``.
    """

    negative: Marks
    digits: Wholes
    places: Wholes
    scientific: Marks
    exact: Marks
    numerals: Column

    def text(self, row: int) -> str:
        """The numeral of one variant."""
        return numeral_text(
            bool(self.negative[row]),
            int(self.digits[row]),
            int(self.places[row]),
            bool(self.scientific[row]),
        )

    @property
    def texts(self) -> list[str]:
        """The numerals of all variants; those of usual length are put together from tables."""
        wholes, tails = _pieces_of_numerals()
        places = np.clip(self.places, 0, 2 * PIECE)
        whole, rest = np.divmod(self.digits, TENS[places])
        usual = (self.places > 0) & (self.places == places) & (whole < 10**PIECE)
        usual &= ~self.scientific & (self.digits >= 0)  # not what has run over
        first = np.minimum(places, PIECE)
        second = TENS[places - first]
        sign = 10**PIECE * (self.negative & (self.digits != 0))
        texts = wholes[np.where(usual, whole + sign, 0)] + tails[TENS[first] + rest // second]
        if (places > PIECE).any():
            texts += tails[second + rest % second]
        for row in np.flatnonzero(~usual).tolist():
            texts[row] = self.text(row)
        found: list[str] = texts.tolist()
        return found


PIECE = 4  # digits that are looked up at once


@cache
def _pieces_of_numerals() -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Before and after: ``12.`` at 12 and ``-12.`` at 10012; ``007`` at 1007."""
    count = 10**PIECE
    wholes = [f"{sign}{whole}." for sign in ("", "-") for whole in range(count)]
    tails = [str(number)[1:] for number in range(2 * count)]
    return np.array(wholes, object), np.array(tails, object)


def show_column(
    column: Column,
    policy: Rounding,
    role: str,
    arithmetic: Arithmetic,
    true: Column | None = None,
) -> ShownColumn:
    """The numeral of every variant.

    ``true`` holds the values with nothing rounded on the way, where they are others.

    Raises:
        Unsupported: a policy that is only applied one variant at a time.
    """
    digits, keep, least = policy.digits, policy.keep, 0
    if role == "answer":
        digits, keep = policy.answers or policy.digits, 0
    elif role == "inside":
        digits, keep, least = digits.more(policy.guard), max(keep, INSIDE), INSIDE
    if policy.fractions or max(keep, digits.significant or 0) > MOST_DIGITS:
        raise Unsupported("a policy for exact numbers")
    if true is None or true is column:
        return _Show(column, digits, np.full(len(column.value), keep), arithmetic).result()
    pure = _pure(column, true)
    showing = _Show(column, digits, np.where(pure, keep, least), arithmetic)
    if keep > least:  # two values that cannot be told apart, only one of them known exactly
        near = abs(column.value - true.value) <= column.error + true.error
        showing.doubt(~pure & near & column.known & ~true.known)
    return showing.result()


def _pure(column: Column, true: Column) -> Marks:
    """Where nothing was rounded on the way to a value that is known exactly."""
    left, right = (without_zeros(part.digits, part.places) for part in (column, true))
    same: Marks = (left[0] == right[0]) & (left[1] == right[1]) & column.known & true.known
    return same


class _Show:
    """One column being rounded."""

    def __init__(
        self, column: Column, digits: Digits, keep: Wholes, arithmetic: Arithmetic
    ) -> None:
        shortest = without_zeros(column.digits, column.places)
        self.column = Column(column.value, column.error, *shortest, column.known)
        self.digits, self.keep = digits, keep
        self.arithmetic = arithmetic
        self.size = abs(column.value)
        self.decade = self._decade()
        self.scientific: Marks = np.zeros(len(self.size), bool)

    def doubt(self, where: Marks) -> None:
        """The variants that have to be decided elsewhere."""
        self.arithmetic.doubt |= where

    def result(self) -> ShownColumn:
        """The numerals, in full where the policy allows, else rounded."""
        full = self._in_full()
        self._doubt_short_decimals()
        digits, places = self._rounded(self.digits)
        digits = np.where(full, abs(self.column.digits), digits)
        places = np.where(full, self.column.places, places)
        negative = np.where(self.column.known, self.column.digits < 0, self.column.value < 0)
        scientific = np.where(full, self._long(negative), self.scientific)
        signed = np.where(negative, -digits, digits)
        up = np.clip(-places, 0, MAX_SHIFT)
        self.doubt(~full & (-places > MAX_SHIFT - MOST_DIGITS))
        shown = Column.of_decimals(signed * TENS[up], np.maximum(places, 0))
        numerals = chosen(full, self.column, shown)
        return ShownColumn(negative, digits, places, scientific, full, numerals)

    # ------------------------------------------------------------ what a value is

    def _decade(self) -> Wholes:
        """The exponent of the leading digit."""
        column, size = self.column, self.size
        whole = np.maximum(np.searchsorted(TENS, abs(column.digits), side="right"), 1)
        with np.errstate(divide="ignore"):
            guess = np.floor(np.log10(np.where(size > 0, size, 1))).astype(np.int64)
        guess += size >= 10.0 ** (guess + 1)
        guess -= size < 10.0**guess
        near = column.error + 4 * UNIT * size
        self.doubt(
            ~column.known
            & (
                ~(size > column.error)
                | (abs(size - 10.0**guess) <= near)
                | (abs(size - 10.0 ** (guess + 1)) <= near)
            )
        )
        return np.where(column.known, whole - 1 - column.places, guess)

    def _in_full(self) -> Marks:
        """Where the exact value is a decimal that the policy shows with every digit."""
        column = self.column
        whole = (column.places == 0) & (abs(column.digits) < MAX_WHOLE)
        shown: Marks = whole | self._held(self.digits) | self._kept()
        result: Marks = column.known & shown
        return result

    def _long(self, negative: Marks) -> Marks:
        """Where an exact decimal has so many zeros in front that a power of ten is shorter."""
        letters = negative + np.maximum(self.decade, 0) + 2 + self.column.places
        long = (letters > LONGEST) | (self.decade < -ZEROS)
        marks: Marks = long & (self.column.places > 0) & (self.decade < SCIENTIFIC_BELOW)
        return marks

    def _kept(self) -> Marks:
        """Where the policy keeps all digits of a decimal because there are few."""
        few = (self.column.digits == 0) | (self.column.places + self.decade < self.keep)
        kept: Marks = few & (self.keep > 0)
        return kept

    def _held(self, digits: Digits) -> Marks:
        places = self.column.places
        if digits.decimals is not None:
            few: Marks = places <= digits.decimals
            return few
        short: Marks = (self.column.digits == 0) | (
            places + self.decade < (digits.significant or 6)
        )
        return short

    def _doubt_short_decimals(self) -> None:
        """Values that may be short decimals, and are not known to be."""
        scales = [np.zeros_like(self.decade)]
        if self.digits.decimals is not None:
            scales.append(np.full_like(self.decade, self.digits.decimals))
        else:
            scales.append((self.digits.significant or 6) - 1 - self.decade)
        scales.append(np.maximum(self.keep - 1 - self.decade, 0))
        for scale in scales:
            scaled, error = self._scaled(scale)
            self.doubt(~self.column.known & (abs(scaled - np.rint(scaled)) <= error))

    def _scaled(self, places: Wholes) -> tuple[Doubles, Doubles]:
        power = 10.0**places
        scaled = self.size * power
        return scaled, self.column.error * power + 4 * UNIT * scaled

    # ------------------------------------------------------------ rounding

    def _rounded(self, digits: Digits) -> tuple[Wholes, Wholes]:
        """Digits and places of the rounded values, without their signs."""
        if digits.decimals is None:
            return self._significant(np.full_like(self.decade, digits.significant or 6))
        places = np.full_like(self.decade, digits.decimals)
        rounded = self._half_up(places, np.ones(len(self.size), bool))
        vanished = (rounded == 0) & ~(self.column.known & (self.column.digits == 0))
        if not vanished.any():
            return rounded, places
        finer = self._significant(np.full_like(self.decade, max(digits.decimals, 2)), vanished)
        return np.where(vanished, finer[0], rounded), np.where(vanished, finer[1], places)

    def _significant(self, count: Wholes, here: Marks | None = None) -> tuple[Wholes, Wholes]:
        """So many significant digits; whole parts below ten million keep all theirs."""
        here = np.ones(len(self.size), bool) if here is None else here
        places = count - 1 - self.decade
        rounded = self._half_up(places, here & (places >= 0))
        full = rounded == 10**count
        rounded = np.where(full, rounded // 10, rounded)
        places = np.where(full, places - 1, places)
        decade = self.decade + full
        large = self.decade >= np.maximum(count, SCIENTIFIC_ABOVE)
        scientific = (decade < SCIENTIFIC_BELOW) | large
        self.scientific |= scientific & here
        whole_parts = (places < 0) & ~scientific
        whole = self._half_up(np.zeros_like(places), here & whole_parts)
        shortened = self._half_up(places, here & scientific & (places < 0))
        rounded = np.where(places < 0, np.where(whole_parts, whole, shortened), rounded)
        return rounded, np.where(whole_parts, 0, places)

    def _half_up(self, places: Wholes, here: Marks) -> Wholes:
        """|value| 10^places to the nearest whole number, halves up; doubt counts only here."""
        column = self.column
        drop = column.places - places
        unit = TENS[np.clip(drop, 0, MAX_SHIFT)]
        exactly = (2 * abs(column.digits) + unit) // (2 * unit)
        exactly = np.where(
            drop < 0, abs(column.digits) * TENS[np.clip(-drop, 0, MAX_SHIFT)], exactly
        )
        self.doubt(here & column.known & (drop > MAX_SHIFT))
        self.doubt(here & column.known & (drop < 0) & ~(self.size * 10.0**places < 2.0**53))
        scaled, error = self._scaled(places)
        middle = scaled + 0.5
        undecided = (abs(middle - np.rint(middle)) <= error) | ~(scaled < 2.0**53)
        self.doubt(here & ~column.known & undecided)
        nearest = np.floor(np.where(scaled < 2.0**53, middle, 0)).astype(np.int64)
        return np.where(column.known, exactly, nearest)


def numeral_text(negative: bool, digits: int, places: int, scientific: bool) -> str:
    """The numeral that writes digits 10^-places: ``-0.0312``, ``4.8e-6``."""
    text = str(digits)
    if scientific:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        text = f"{mantissa}e{len(text) - 1 - places}"
    elif places > 0:
        text = text.rjust(places + 1, "0")
        text = f"{text[:-places]}.{text[-places:]}"
    return f"-{text}" if negative and digits else text

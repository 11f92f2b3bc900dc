"""How many digits a sheet shows, and what later steps go on with.

A decimal in a problem file is the exact rational that it writes. What is shown rounded is shown
with ≈, what is exact with =. Rounding is half up; trailing zeros are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from flint import arb, fmpq

from derivations.formula.numerals import (
    Ambiguous,
    Real,
    decade,
    decimals_needed,
    in_full,
    to_decimals,
    to_significant,
)

MAX_WHOLE = 10**15
FRACTION_BELOW = 10_000
LONGEST = 16  # letters of a decimal that is written in full
ZEROS = 6  # and zeros in front of its first digit
GUARDS = (0, 3, 6, 12)  # digits more inside the lines, until every line gives its printed result
INSIDE = 8  # finite decimals of so many digits are kept whole inside a line


@dataclass(frozen=True, slots=True)
class Digits:
    """Either a number of decimals or a number of significant digits."""

    decimals: int | None = None
    significant: int | None = None

    def more(self, extra: int) -> Digits:
        """The same with some digits more."""
        if self.decimals is not None:
            return Digits(decimals=self.decimals + extra)
        return Digits(significant=(self.significant or 0) + extra)

    def round(self, value: Real) -> str:
        """The rounded numeral; a value that is not 0 is never written as 0.00."""
        if self.decimals is None:
            return to_significant(value, self.significant or 6)
        shown = to_decimals(value, self.decimals)
        if shown.strip("-0.") == "":
            if value != 0:
                return to_significant(value, max(self.decimals, 2))
            if isinstance(value, arb) and value.rad() != 0:  # it holds 0 and other values
                raise Ambiguous
        return shown

    def holds(self, value: fmpq) -> bool:
        """Whether these digits write the value exactly."""
        needed = decimals_needed(value)
        if needed is None:
            return False
        if self.decimals is not None:
            return needed <= self.decimals
        if value.q == 1 and abs(value) >= MAX_WHOLE:  # 1e20 has one significant digit
            digits = str(abs(value.p))
            needed = len(digits.rstrip("0")) - len(digits)
        return value == 0 or needed + decade(value) < (self.significant or 6)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is printed, and whether the numeral is exactly the value."""

    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Rounding:
    """The rounding policy of a problem.

    Attributes:
        digits: of every named quantity.
        carry: later steps go on with the ``rounded`` or with the ``exact`` value.
        answers: digits of the boxed results, where they differ.
        guard: digits more on what is computed inside a line (products before they are added).
        keep: finite decimals of up to so many significant digits are shown in full, exactly, where
            nothing was rounded on the way to them.
        fractions: rationals that are no finite decimals are shown as fractions.
        stated: whether the problem's author asked for it; the sheet then says how it rounds.
    """

    digits: Digits = Digits(significant=6)
    carry: Literal["rounded", "exact"] = "rounded"
    answers: Digits | None = None
    guard: int = 2
    keep: int = 10
    fractions: bool = False
    stated: bool = False

    def guarded(self, extra: int) -> Rounding:
        """With so many digits more on what is computed inside a line."""
        return replace(self, guard=self.guard + extra)

    def show(self, value: Real, inside: bool = False, pure: bool = True) -> Shown:
        """The numeral for a value.

        Args:
            value: the value.
            inside: within a line; there are guard digits.
            pure: nothing was rounded on the way to the value, so all of its digits mean something.
        """
        keep = self.keep if pure else 0
        if inside:
            return self._show(value, self.digits.more(self.guard), max(keep, INSIDE))
        return self._show(value, self.digits, keep)

    def as_rounded(self, value: Real) -> str:
        """The numeral with as many digits as a rounded value has: 0.40 beside 0.39."""
        return self.digits.round(value)

    def show_answer(self, value: Real) -> Shown:
        """The numeral for a boxed result."""
        return self._show(value, self.answers or self.digits, 0)

    def _show(self, value: Real, digits: Digits, keep: int) -> Shown:
        if isinstance(value, fmpq):
            if value.q == 1 and abs(value) < MAX_WHOLE:
                return Shown(str(value), True)
            if digits.holds(value) or (keep and Digits(significant=keep).holds(value)):
                shown = in_full(value) or ""
                if len(shown) > LONGEST or (
                    shown.strip("-0.") and decade(value) < -ZEROS
                ):  # 4.8e-2000 has no more digits than 0.00...048
                    shown = next(
                        to_significant(value, n)
                        for n in range(1, LONGEST * 100)
                        if Digits(significant=n).holds(value)
                    )
                return Shown(shown, True)
            if self.fractions and value.q < FRACTION_BELOW:
                return Shown(f"{value.p}/{value.q}", True)
        return Shown(digits.round(value), False)


DEFAULT = Rounding()

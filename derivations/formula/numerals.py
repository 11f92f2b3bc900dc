"""Numbers as people write them: numerals to exact rationals, and values to rounded numerals.

Rounding is half up in size (0.5 becomes 1, -0.5 becomes -1), trailing zeros are kept, and no
value other than 0 is ever written as 0.00.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import floor, log
from typing import TypeAlias

from flint import arb, fmpq, fmpz

Real: TypeAlias = fmpq | arb  # an exact rational, or a ball that is proved to hold the value

MAX_DIGITS = 1_000
MAX_EXPONENT = 10_000
LARGEST, SMALLEST = fmpq(10**20_000), fmpq(1, 10**20_000)  # of a ball that is written out
SCIENTIFIC_BELOW, SCIENTIFIC_ABOVE = -4, 7  # decades beyond which powers of ten are shown
NUMERAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
FRACTION = re.compile(r"(-?[0-9]+)/([0-9]+)")


class NumeralError(ValueError):
    """The text is no numeral, or one that is too large to be computed with."""


class Ambiguous(ArithmeticError):
    """The ball is too wide to tell which way to round: compute again with more bits."""


@lru_cache(maxsize=4_096)
def exact(text: str) -> fmpq:
    """The rational number that a numeral writes: ``0.10`` is 1/10, ``4.8e-6`` is 48/10^7.

    Raises:
        NumeralError: not a numeral, a denominator of 0, or out of bounds.
    """
    if match := NUMERAL.fullmatch(text):
        sign, whole, decimals, exponent = match.groups()
        decimals = decimals or ""
        if len(text) > MAX_DIGITS or abs(int(exponent or 0)) > MAX_EXPONENT:
            raise NumeralError(
                f"a number of at most {MAX_DIGITS} digits and exponents up to {MAX_EXPONENT}"
            )
        scale = int(exponent or 0) - len(decimals)
        digits = int(sign + whole + decimals)
        return fmpq(digits * 10**scale) if scale >= 0 else fmpq(digits, 10**-scale)
    if match := FRACTION.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise NumeralError(f"a fraction of at most {MAX_DIGITS} digits")
        if not int(match[2]):
            raise NumeralError("a denominator other than 0")
        return fmpq(int(match[1]), int(match[2]))
    raise NumeralError("a number such as 3, -0.25, 4.8e-6 or 3/8")


def decimals_needed(value: fmpq) -> int | None:
    """How many decimals write the value exactly; None for one that never ends, like 1/3."""
    rest = int(value.q)
    twos = (rest & -rest).bit_length() - 1
    rest >>= twos
    fives = 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    return max(twos, fives) if rest == 1 else None


def in_full(value: fmpq) -> str | None:
    """The value as a finite decimal, every digit of it; None for one that never ends."""
    places = decimals_needed(value)
    return None if places is None else to_decimals(value, places)


def _scaled(value: Real, places: int) -> int:
    """The whole number nearest to ``|value| 10^places``, halves going up.

    Raises:
        NumeralError: e^(-10^13) has more zeros than anybody writes.
    """
    if abs(places) > MAX_EXPONENT + MAX_DIGITS:
        raise NumeralError(f"a number between 10^-{MAX_EXPONENT} and 10^{MAX_EXPONENT}")
    if isinstance(value, fmpq):
        p, q = abs(int(value.p)), int(value.q)
        if places >= 0:
            p *= 10**places
        else:
            q *= 10**-places
        return (2 * p + q) // (2 * q)
    scale = fmpq(10**places) if places >= 0 else fmpq(1, 10**-places)
    return whole_part(abs(value) * scale + fmpq(1, 2))


def whole_part(ball: arb) -> int:
    """The largest whole number that is not above the ball.

    Raises:
        Ambiguous: the ball holds a whole number and others below it.
        NumeralError: one of more digits than anybody computes with; flint would end the program.
    """
    if not abs(ball) < LARGEST:
        raise NumeralError(f"a number of at most {MAX_EXPONENT} digits")
    whole: fmpz | None = ball.floor().unique_fmpz()
    if whole is None:
        raise Ambiguous
    return int(whole)


def is_negative(value: Real) -> bool:
    """Whether the value is below 0; a ball must lie on one side.

    Raises:
        Ambiguous: the ball holds 0 and other values.
    """
    if isinstance(value, fmpq):
        return bool(value < 0)
    if value < 0:
        return True
    if value >= 0:
        return False
    raise Ambiguous


def _digits(whole: int) -> str:
    """The digits of a whole number of any size; Python's own ``str`` stops at 4,300."""
    return str(fmpz(whole))


def _signed(value: Real, digits: str) -> str:
    return "-" + digits if digits.strip("0.") and is_negative(value) else digits


def to_decimals(value: Real, places: int) -> str:
    """The value rounded half up to a number of decimals, trailing zeros kept: ``0.550``."""
    digits = _digits(_scaled(value, places))
    if places > 0:
        digits = digits.rjust(places + 1, "0")
        digits = f"{digits[:-places]}.{digits[-places:]}"
    return _signed(value, digits)


def decade(value: Real) -> int:
    """The exponent of the leading digit: 2 for 345, -4 for 0.00062.

    Raises:
        Ambiguous: a ball that does not show its first digit.
    """
    if isinstance(value, fmpq):
        p, q = abs(int(value.p)), int(value.q)
        guess = len(_digits(p)) - len(_digits(q))
        return guess if p * 10 ** max(-guess, 0) >= q * 10 ** max(guess, 0) else guess - 1
    size = abs(value)
    if not size > 0:
        raise Ambiguous
    if not size < LARGEST or not size > SMALLEST:
        raise NumeralError(f"a number between 10^-{MAX_EXPONENT} and 10^{MAX_EXPONENT}")
    guess = floor(float(size.log().mid()) / log(10))
    for candidate in (guess, guess - 1, guess + 1):
        if size >= arb(10) ** candidate and size < arb(10) ** (candidate + 1):
            return candidate
    raise Ambiguous


def _rounded_decade(value: Real, digits: int) -> int:
    """The decade below a power of ten that every number of the ball is rounded to.

    Raises:
        Ambiguous: they are rounded to different numerals.
    """
    middle = arb(value).mid()
    middle = -middle if middle < 0 else middle
    if not middle > 0:
        raise Ambiguous
    below = round(float(middle.log().mid()) / log(10)) - 1
    if _scaled(value, digits - 1 - below) != 10**digits:
        raise Ambiguous
    return below


def to_significant(value: Real, digits: int) -> str:
    """The value rounded half up to significant digits; scientific where that is shorter to read.

    0.000621578 with 4 digits is ``0.0006216``, 0.00000478512 with 2 digits is ``4.8e-6``. The
    whole part of a number below ten million keeps all its digits: 12345.6 is ``12346``.
    """
    if isinstance(value, fmpq) and value == 0:
        return "0"
    try:
        first = decade(value)
    except Ambiguous:  # 0.99...9 or 1.00...0: both may be written 1.00
        first = _rounded_decade(value, digits)
    large = first >= max(digits, SCIENTIFIC_ABOVE)
    scaled = _scaled(value, digits - 1 - first)
    if scaled == 10**digits:  # 9.996 with 3 digits is 10.0
        scaled, first = 10 ** (digits - 1), first + 1
    if first < SCIENTIFIC_BELOW or large:
        mantissa = _digits(scaled)
        mantissa = mantissa[0] + ("." + mantissa[1:] if digits > 1 else "")
        return _signed(value, f"{mantissa}e{first}")
    return to_decimals(value, max(digits - 1 - first, 0))


def decimal_places(text: str) -> int:
    """The power of ten of a numeral's last digit, as a number of decimals: 3 for 0.705, 7 for 4.8e-6."""
    match = NUMERAL.fullmatch(text)
    if not match:
        raise NumeralError("a decimal number")
    return len(match[3] or "") - int(match[4] or 0)

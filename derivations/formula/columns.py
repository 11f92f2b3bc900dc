"""Values of many variants at once: doubles with error bounds, and exact decimals beside them.

A `Column` holds one quantity of every variant: the double, a bound of its error, and, where the
value is a finite decimal that is known exactly, the decimal k 10^-d in whole numbers. Where a
bound is too wide to decide a branch or a digit, the variant is marked in ``doubt``: it has to be
computed by `evaluation`, which decides everything. A mark too many costs time, never truth.

Source of the error bounds: Higham, Accuracy and Stability of Numerical Algorithms, 2002, ch. 3.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import TypeAlias, TypeVar

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from derivations.formula.evaluation import Function
from derivations.formula.numerals import decimals_needed, exact
from derivations.formula.tree import Apply, Formula, Name, Number, key

Doubles: TypeAlias = NDArray[np.float64]
Wholes: TypeAlias = NDArray[np.int64]
Marks: TypeAlias = NDArray[np.bool_]
Result = TypeVar("Result", bound="Column | Marks")

UNIT = 2.0**-52  # twice the rounding error of one operation
LIBRARY = 8 * UNIT  # of exp, log, tanh: some units in the last place
MAX_SHIFT = 18  # powers of ten that 64 bits hold
LARGEST = 4 * 10**18
SHORT = 6  # decimals of a quotient that is known exactly
TENS = 10 ** np.arange(MAX_SHIFT + 1, dtype=np.int64)


class Unsupported(Exception):
    """A form that is only evaluated one variant at a time."""


class Column:
    """One quantity of every variant.

    Attributes:
        value: the doubles.
        error: how far the true values may be from them.
        digits, places: the exact value is digits 10^-places where ``known``.
    """

    __slots__ = ("digits", "error", "known", "places", "value")

    def __init__(
        self, value: Doubles, error: Doubles, digits: Wholes, places: Wholes, known: Marks
    ) -> None:
        self.value, self.error = value, error
        self.digits, self.places, self.known = digits, places, known

    @classmethod
    def of_decimals(cls, digits: Wholes, places: Wholes) -> Column:
        """Exact decimals, without their trailing zeros."""
        digits, places = without_zeros(digits, places)
        value: Doubles = (digits / 10.0**places).astype(np.float64)
        return cls(value, 4 * UNIT * abs(value), digits, places, np.ones(len(digits), bool))

    @classmethod
    def of_truth(cls, truth: Marks) -> Column:
        """1 where it is true, else 0."""
        return cls.of_decimals(truth.astype(np.int64), np.zeros(len(truth), np.int64))

    @classmethod
    def of_constant(cls, number: fmpq, count: int) -> Column:
        """The same rational number in every variant."""
        places = decimals_needed(number)
        digits = _digits(number, places)
        if places is not None and digits is not None:
            return cls.of_decimals(np.full(count, digits), np.full(count, places))
        value: Doubles = np.full(count, int(number.p) / int(number.q), np.float64)
        return cls.inexact(value, UNIT * abs(value))

    @classmethod
    def inexact(cls, value: Doubles, error: Doubles) -> Column:
        """Doubles with bounds, and nothing known exactly."""
        nothing = np.zeros(len(value), np.int64)
        return cls(value, error, nothing, nothing, np.zeros(len(value), bool))


def _digits(number: fmpq, places: int | None) -> int | None:
    """The digits of a decimal, if 64 bits hold them."""
    if places is None or places > MAX_SHIFT:
        return None
    digits = int((number * 10**places).p)
    return digits if abs(digits) < LARGEST else None


def without_zeros(digits: Wholes, places: Wholes) -> tuple[Wholes, Wholes]:
    """The same decimals with no zero at their end."""
    digits, places = digits.copy(), places.copy()
    while np.any(more := (places > 0) & (digits % 10 == 0)):
        digits[more] //= 10
        places[more] -= 1
    return digits, places


class Arithmetic:
    """Evaluates formulas over columns; ``doubt`` collects the variants that it cannot decide."""

    def __init__(self, count: int, functions: Mapping[str, Function]) -> None:
        self.count = count
        self.functions = functions
        self.doubt: Marks = np.zeros(count, bool)

    # ------------------------------------------------------------ formulas

    def evaluate(self, formula: Formula, columns: Mapping[str, Column]) -> Column:
        """The formula for every variant.

        Raises:
            Unsupported: a form that this arithmetic does not know.
        """
        if isinstance(formula, Number):
            return Column.of_constant(exact(formula.text), self.count)
        if isinstance(formula, Name) or formula.head in ("partial", "total"):
            if key(formula) not in columns:
                raise Unsupported(key(formula))
            return columns[key(formula)]
        if formula.head == "cases":
            return self._cases(formula.args, columns)
        if formula.head == "iverson":
            return Column.of_truth(self.holds(formula.args[0], columns))
        if formula.head == "power":
            return self._power(formula.args[0], formula.args[1], columns)
        if formula.head == "quotient" and isinstance(formula.args[1], Number):
            below = exact(formula.args[1].text)
            if below != 0:
                above = self.evaluate(formula.args[0], columns)
                return self.multiply(above, Column.of_constant(1 / below, self.count))
        if formula.head in COMPARISONS or formula.head in ("and", "or", "not", "otherwise"):
            raise Unsupported("a condition is no number")
        args = [self.evaluate(arg, columns) for arg in formula.args]
        if formula.head in OPERATIONS:
            return OPERATIONS[formula.head](self, *args)
        function = self.functions.get(formula.head)
        if function is None or len(function.parameters) != len(args):
            raise Unsupported(formula.head)
        inside = ChainMap(dict(zip(function.parameters, args, strict=True)), columns)  # type: ignore[arg-type]  # only read
        return self.evaluate(function.body, inside)

    def holds(self, condition: Formula, columns: Mapping[str, Column]) -> Marks:
        """Where the condition is true; the name of one stands for 1 or 0."""
        if isinstance(condition, Name) and condition.id in columns:
            truth: Marks = self.sign(columns[condition.id]) != 0
            return truth
        if not isinstance(condition, Apply):
            raise Unsupported("a condition")
        if condition.head == "otherwise":
            return np.ones(self.count, bool)
        if condition.head in ("and", "or", "not"):
            parts = [self.holds(part, columns) for part in condition.args]
            if condition.head == "not":
                return ~parts[0]
            return reduce(np.logical_and if condition.head == "and" else np.logical_or, parts)
        if condition.head not in COMPARISONS:
            raise Unsupported(condition.head)
        left, right = (self.evaluate(arg, columns) for arg in condition.args)
        return COMPARISONS[condition.head](self.sign(self.subtract(left, right)))

    def _cases(self, args: tuple[Formula, ...], columns: Mapping[str, Column]) -> Column:
        open_: Marks = np.ones(self.count, bool)
        result: Column | None = None
        for formula, condition in zip(args[::2], args[1::2], strict=True):
            here = open_ & self.only(open_, partial(self.holds, condition, columns))
            value = self.only(here, partial(self.evaluate, formula, columns))
            result = value if result is None else chosen(here, value, result)
            open_ &= ~here
        if result is None:
            raise Unsupported("no case")
        self.doubt |= open_
        return result

    def only(self, here: Marks, compute: Callable[[], Result]) -> Result:
        """What is computed counts, and raises doubt, only here."""
        before, self.doubt = self.doubt, np.zeros(self.count, bool)
        try:
            return compute()
        finally:
            self.doubt = before | (self.doubt & here)

    # ------------------------------------------------------------ operations

    def add(self, *terms: Column) -> Column:
        """The sum."""
        return reduce(self._add_two, terms)

    def _add_two(self, a: Column, b: Column) -> Column:
        value = a.value + b.value
        error = a.error + b.error + UNIT * abs(value)
        both = a.known & b.known
        if not both.any():
            return Column.inexact(value, error)
        places = np.maximum(a.places, b.places)
        up_a, up_b = places - a.places, places - b.places
        size = np.maximum(abs(a.value), abs(b.value)) * 10.0**places
        self.doubt |= both & ((np.maximum(up_a, up_b) > MAX_SHIFT) | ~(size < LARGEST))
        digits = a.digits * TENS[_shift(up_a)] + b.digits * TENS[_shift(up_b)]
        return _mixed(value, error, digits, places, both)

    def subtract(self, a: Column, b: Column) -> Column:
        """a - b."""
        return self._add_two(a, self.negate(b))

    def negate(self, a: Column) -> Column:
        """-a."""
        return Column(-a.value, a.error, -a.digits, a.places, a.known)

    def multiply(self, *factors: Column) -> Column:
        """The product."""
        return reduce(self._multiply_two, factors)

    def _multiply_two(self, a: Column, b: Column) -> Column:
        value = a.value * b.value
        error = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
        error += UNIT * (abs(value) + error)
        zero = (a.known & (a.digits == 0)) | (b.known & (b.digits == 0))
        both = (a.known & b.known) | zero
        places = np.where(zero, 0, a.places + b.places)
        self.doubt |= both & ~(abs(value) * 10.0**places < LARGEST)
        with np.errstate(over="ignore"):
            digits = np.where(zero, 0, a.digits * b.digits)
        return _mixed(value, error, digits, places, both)

    def divide(self, a: Column, b: Column) -> Column:
        """a / b, exactly where it is a short decimal; in doubt where b may be 0."""
        size = abs(b.value) - b.error
        self.doubt |= ~(size > 0)
        value = a.value / b.value
        error = (a.error + abs(value) * b.error) / size + UNIT * abs(value)
        both = a.known & b.known
        if not both.any():
            return Column.inexact(value, error)
        digits = np.rint(np.nan_to_num(np.where(both, value, 0)) * 10.0**SHORT)
        more = b.places - a.places + SHORT  # a 10^more = digits b, in whole numbers
        up, down = np.maximum(more, 0), np.maximum(-more, 0)
        room = LARGEST / 8
        both &= (abs(a.digits) * 10.0**up < room) & (abs(b.digits) * 10.0**down < room)
        both &= (abs(digits) < room) & (np.maximum(up, down) <= MAX_SHIFT)
        whole = np.where(both, digits, 0).astype(np.int64)
        above, below = a.digits * TENS[_shift(up)], b.digits * TENS[_shift(down)]
        both &= (below != 0) & (above == whole * below)
        return _mixed(value, error, *without_zeros(whole, np.full_like(whole, SHORT)), both)

    def _power(self, base: Formula, exponent: Formula, columns: Mapping[str, Column]) -> Column:
        if base == Apply("euler", ()):
            return self.exp(self.evaluate(exponent, columns))
        if isinstance(exponent, Number) and exponent.text.isdigit():
            if 1 <= int(exponent.text) <= MAX_SHIFT:
                return self.multiply(*[self.evaluate(base, columns)] * int(exponent.text))
        if not isinstance(exponent, Name):
            raise Unsupported("a power that is no small whole number")
        times, factor = self.evaluate(exponent, columns), self.evaluate(base, columns)
        self.doubt |= ~(times.known & (times.places == 0))
        self.doubt |= (times.digits < 1) | (times.digits > MAX_SHIFT)
        result = factor
        for count in range(2, min(MAX_SHIFT, int(times.digits.max(initial=1))) + 1):
            more = times.digits >= count
            longer = self.only(more, partial(self.multiply, result, factor))
            result = chosen(more, longer, result)
        return result

    def exp(self, a: Column) -> Column:
        """e^a."""
        value = np.exp(a.value)
        found = self._finite(value, value * (np.expm1(a.error) + LIBRARY))
        return _exactly(found, a, 0, 1)

    def ln(self, a: Column) -> Column:
        """The natural logarithm; in doubt where a may not be positive."""
        least = a.value - a.error
        self.doubt |= ~(least > 0)
        value = np.log(a.value)
        found = self._finite(value, a.error / least + LIBRARY * (abs(value) + UNIT))
        return _exactly(found, a, 1, 0)

    def logarithm(self, a: Column, base: float) -> Column:
        """The logarithm to a base."""
        natural, scale = self.ln(a), np.log(base)
        value = natural.value / scale
        return self._finite(value, natural.error / scale + LIBRARY * abs(value))

    def floor(self, a: Column) -> Column:
        """The largest whole number that is not above a; in doubt where the bound does not tell."""
        nearest = abs(a.value - np.rint(a.value))
        self.doubt |= ~a.known & ~((nearest > a.error) & (abs(a.value) < 2.0**53))
        self.doubt |= a.known & (a.places > MAX_SHIFT)
        about = np.floor(np.where(abs(a.value) < 2.0**53, a.value, 0)).astype(np.int64)
        whole = np.where(a.known, a.digits // TENS[_shift(a.places)], about)
        return Column.of_decimals(whole, np.zeros_like(whole))

    def ceil(self, a: Column) -> Column:
        """The smallest whole number that is not below a."""
        return self.negate(self.floor(self.negate(a)))

    def tanh(self, a: Column) -> Column:
        """The hyperbolic tangent, whose slope is at most 1."""
        value = np.tanh(a.value)
        return _exactly(self._finite(value, a.error + LIBRARY * abs(value)), a, 0, 0)

    def sqrt(self, a: Column) -> Column:
        """The square root; in doubt where a may not be positive."""
        least = a.value - a.error
        self.doubt |= ~(least > 0)
        value = np.sqrt(a.value)
        return self._finite(value, a.error / (2 * np.sqrt(least)) + UNIT * value)

    def absolute(self, a: Column) -> Column:
        """|a|."""
        return Column(abs(a.value), a.error, abs(a.digits), a.places, a.known)

    def largest(self, *args: Column) -> Column:
        """The maximum."""
        return reduce(lambda a, b: chosen(self.sign(self.subtract(a, b)) >= 0, a, b), args)

    def smallest(self, *args: Column) -> Column:
        """The minimum."""
        return reduce(lambda a, b: chosen(self.sign(self.subtract(a, b)) <= 0, a, b), args)

    def sign(self, a: Column) -> Wholes:
        """-1, 0 or 1; in doubt where the bound does not tell."""
        self.doubt |= ~a.known & ~(abs(a.value) > a.error)
        return np.sign(np.where(a.known, a.digits, np.sign(a.value))).astype(np.int64)

    def _finite(self, value: Doubles, error: Doubles) -> Column:
        self.doubt |= ~(np.isfinite(value) & np.isfinite(error))
        return Column.inexact(value, error)


def _shift(places: Wholes) -> Wholes:
    return np.clip(places, 0, MAX_SHIFT)


def _mixed(value: Doubles, error: Doubles, digits: Wholes, places: Wholes, known: Marks) -> Column:
    """Exact where known: there the double is that of the decimal."""
    with np.errstate(over="ignore", invalid="ignore"):
        decimal = digits / 10.0**places
    value = np.where(known, decimal, value)
    return Column(value, np.where(known, 4 * UNIT * abs(value), error), digits, places, known)


def _exactly(column: Column, of: Column, at: int, value: int) -> Column:
    """The column, with the exact value that the function has at one whole number."""
    here = of.known & (of.digits == at) & (of.places == 0)
    nothing = np.zeros_like(of.digits)
    return _mixed(column.value, column.error, np.full_like(nothing, value), nothing, here)


def chosen(here: Marks, a: Column, b: Column) -> Column:
    """a here, b elsewhere."""
    return Column(
        np.where(here, a.value, b.value), np.where(here, a.error, b.error),
        np.where(here, a.digits, b.digits), np.where(here, a.places, b.places),
        np.where(here, a.known, b.known),
    )  # fmt: skip


OPERATIONS: dict[str, Callable[..., Column]] = {
    "sum": Arithmetic.add,
    "neg": Arithmetic.negate,
    "product": Arithmetic.multiply,
    "hadamard": Arithmetic.multiply,
    "dot": Arithmetic.multiply,
    "quotient": Arithmetic.divide,
    "group": lambda self, a: a,
    "exp": Arithmetic.exp,
    "ln": Arithmetic.ln,
    "log2": partial(Arithmetic.logarithm, base=2.0),
    "log10": partial(Arithmetic.logarithm, base=10.0),
    "floor": Arithmetic.floor,
    "ceil": Arithmetic.ceil,
    "tanh": Arithmetic.tanh,
    "sqrt": Arithmetic.sqrt,
    "abs": Arithmetic.absolute,
    "max": Arithmetic.largest,
    "min": Arithmetic.smallest,
}

COMPARISONS: dict[str, Callable[[Wholes], Marks]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}

"""Numbers and what is done with one of them: exact rationals, balls, power series.

A scalar is an `fmpq` where the value is rational, else an `arb` proved to hold it. The same rules
accept power series (`arb_series`), which is how the judge differentiates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from flint import arb, arb_series, ctx, fmpq

from derivations.formula.numerals import Ambiguous
from derivations.formula.work import BITS_OF_ONE, spend

Value: TypeAlias = Any  # fmpq | arb | arb_series | bool | str | tuple of Value

MAX_POWER = 10_000
FREE_BITS = 1_000  # of a rational; larger ones count as more work
MAX_BITS = 64_000  # of a rational; larger ones go on as balls
ZERO, ONE = fmpq(0), fmpq(1)
LARGEST = fmpq(1 << MAX_BITS)
GROWTH = [ONE]  # see `growth`


class EvaluationError(ArithmeticError):
    """The formula has no value here; the message says why, for a reader of the formula."""


class Misfit(EvaluationError):
    """Arrays whose shapes do not fit each other."""


class Kink(EvaluationError):
    """A power series meets a point where the function has no derivative."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute balls with this many bits inside the block."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


@contextmanager
def growth(rate: fmpq) -> Iterator[None]:
    """e^x is e^(rate x) inside the block, and ln its inverse: the laws of powers stay as they are."""
    before, GROWTH[0] = GROWTH[0], rate
    try:
        yield
    finally:
        GROWTH[0] = before


def constant_term(value: Value) -> Value:
    """The value itself, or the first coefficient of a power series."""
    return value[0] if isinstance(value, arb_series) else value


def scalar(value: Value) -> Value:
    """The value itself, which has to be a single number."""
    if isinstance(value, (tuple, bool, str)):
        raise EvaluationError("a single number is needed here")
    return value


def less(left: Value, right: Value) -> bool:
    """Whether left < right, decided by the balls or not at all."""
    a, b = constant_term(scalar(left)), constant_term(scalar(right))
    if a < b:
        return True
    if a >= b:
        return False
    raise Ambiguous


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal: rationals and texts exactly, balls only where they can tell."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return (
            isinstance(left, tuple)
            and isinstance(right, tuple)
            and len(left) == len(right)
            and all(map(same, left, right))
        )
    a, b = constant_term(left), constant_term(right)
    if isinstance(a, arb) or isinstance(b, arb):
        difference = a - b
        if not difference.contains(0):
            return False
        raise Ambiguous
    return bool(a == b)


def bearable(value: Value) -> Value:
    """A rational of more digits than anybody computes with as a ball; other values as they are."""
    if isinstance(value, fmpq) and (bits := value.height_bits()) > FREE_BITS:
        spend(bits // BITS_OF_ONE)
        return arb(value) if bits > MAX_BITS else value
    return value


def plus(x: Value, y: Value) -> Value:
    """x + y."""
    return bearable(x + y)


def times(x: Value, y: Value) -> Value:
    """x y, which is exactly 0 where a factor is."""
    if (isinstance(x, fmpq) and x == 0) or (isinstance(y, fmpq) and y == 0):
        return ZERO
    if isinstance(x, tuple) or isinstance(y, tuple):
        raise Misfit("a number is needed here, not an array")
    return bearable(x * y)


def divide(above: Value, below: Value) -> Value:
    """above / below.

    Raises:
        EvaluationError: below is 0.
    """
    if constant_term(below) == 0:
        raise EvaluationError("division by 0")
    if isinstance(above, fmpq) and above == 0:
        return ZERO  # exactly, whatever ball is below
    return bearable(above / _apart_from_0(below))


def _apart_from_0(below: Value) -> Value:
    """What a power series is divided by; of numbers, flint makes a ball without bounds.

    Raises:
        Ambiguous: its constant term may be 0.
    """
    if isinstance(below, arb_series) and constant_term(below).contains(0):
        raise Ambiguous
    return below


def power(base: Value, exponent: Value) -> Value:
    """base^exponent; exact where it is a rational of a bearable size."""
    if isinstance(exponent, fmpq) and exponent.q == 1:
        whole = int(exponent.p)
        if abs(whole) > MAX_POWER:
            raise EvaluationError(f"an exponent above {MAX_POWER}")
        if whole < 0 and constant_term(base) == 0:
            raise EvaluationError("division by 0")
        if isinstance(base, fmpq) and abs(whole) * base.height_bits() > MAX_BITS:
            base = arb(base)
        if isinstance(base, fmpq):
            return bearable(base**whole)
        result = _repeated(base, abs(whole))
        return 1 / _apart_from_0(result) if whole < 0 else result
    if isinstance(exponent, fmpq) and exponent.q == 2:
        root = sqrt(base)
        return power(root, fmpq(exponent.p))
    if constant_term(base) == 0 and isinstance(exponent, fmpq) and exponent > 0:
        if isinstance(base, arb_series):
            raise Kink("a power with a fractional exponent has no derivative at 0")
        return ZERO
    if not constant_term(base) > 0:
        raise EvaluationError("a power with a fractional exponent needs a positive base")
    return exp(exponent * ln(base))


def _repeated(base: Value, exponent: int) -> Value:
    """base^exponent by squaring; flint's own power of a ball that holds 0 is not a number."""
    result: Value = ONE
    while exponent:
        if exponent & 1:
            result = result * base
        base, exponent = base * base, exponent >> 1
    return result


def ball(value: Value) -> Value:
    """A rational as a ball; other values as they are."""
    return arb(value) if isinstance(value, fmpq) else value


def exp(x: Value) -> Value:
    """e^x; exact at 0."""
    return ONE if isinstance(x, fmpq) and x == 0 else ball(x * GROWTH[0]).exp()


def ln(x: Value) -> Value:
    """The natural logarithm; exact at 1."""
    at = constant_term(x)
    if at == 0:
        raise EvaluationError("the logarithm of 0 does not exist")
    if at < 0:
        raise EvaluationError("the logarithm of a negative number does not exist")
    if not at > 0:
        raise Ambiguous
    return ZERO if isinstance(x, fmpq) and x == 1 else ball(x).log() / GROWTH[0]


def log_to(base: int) -> Callable[[Value], Value]:
    """The logarithm to a whole base; exact at the powers of the base."""

    def rule(x: Value) -> Value:
        if isinstance(x, fmpq) and x > 0:
            for whole, sign in ((x, 1), (1 / x, -1)):
                if whole.q == 1:
                    exponent = round(float((arb(whole).log() / arb(base).log()).mid()))
                    if fmpq(base) ** exponent == whole:
                        return fmpq(sign * exponent)
        return ln(x) / ln(fmpq(base))

    return rule


def log(x: Value, base: Value | None = None) -> Value:
    """The natural logarithm, or the one to the base."""
    if base is None:
        return ln(x)
    if isinstance(base, fmpq) and base.q == 1 and base > 1:
        return log_to(int(base.p))(x)
    return divide(ln(x), ln(scalar(base)))


def sqrt(x: Value) -> Value:
    """The square root; exact for the squares of rationals."""
    at = constant_term(x)
    if at < 0:
        raise EvaluationError("the square root of a negative number does not exist")
    if isinstance(x, fmpq):
        root = arb(x).sqrt()
        whole = (root * int(x.q)).mid().floor().unique_fmpz() if x != 0 else 0
        for candidate in (whole, (whole or 0) + 1):
            if candidate is not None and fmpq(candidate, x.q) ** 2 == x:
                return fmpq(candidate, x.q)
        return root
    if isinstance(x, arb_series) and at == 0:
        raise Kink("the square root has no derivative at 0")
    return x.sqrt()


def tanh(x: Value) -> Value:
    """tanh x, of power series by way of e^2x."""
    if isinstance(x, fmpq) and x == 0:
        return ZERO
    if isinstance(x, (fmpq, arb)):
        return ball(x * GROWTH[0]).tanh()
    grown = exp(2 * x)
    return divide(grown - 1, grown + 1)


def sinh(x: Value) -> Value:
    """(e^x - e^-x) / 2."""
    if isinstance(x, fmpq) and x == 0:
        return ZERO
    return (exp(x) - exp(-x)) / 2


def cosh(x: Value) -> Value:
    """(e^x + e^-x) / 2."""
    return (exp(x) + exp(-x)) / 2


def by_method(method: str, at_zero: fmpq) -> Callable[[Value], Value]:
    """flint's own function of this name, with its exact value at 0."""

    def rule(x: Value) -> Value:
        return at_zero if isinstance(x, fmpq) and x == 0 else getattr(ball(x), method)()

    return rule


def absolute(x: Value) -> Value:
    """|x|."""
    if isinstance(x, arb_series):
        if x[0] == 0:
            raise Kink("|x| has no derivative at 0")
        return -x if less(x, ZERO) else x
    return abs(x)


def sign(x: Value) -> Value:
    """-1, 0 or 1."""
    if same(x, ZERO):
        return ZERO
    return fmpq(-1) if less(x, ZERO) else ONE


def whole(method: str) -> Callable[[Value], Value]:
    """``floor`` or ``ceil``, where the ball can tell."""

    def rule(x: Value) -> Value:
        at = constant_term(x)
        if isinstance(at, fmpq):
            return fmpq(getattr(at, method)())
        if not abs(at) < LARGEST:
            raise EvaluationError("a number that is too large to be rounded to a whole one")
        whole = getattr(at, method)().unique_fmpz()
        if whole is None:
            raise Ambiguous
        return fmpq(whole)

    return rule


def choose(left: Value, right: Value, larger: bool) -> Value:
    """The larger (or smaller) of two; a ball round both where it cannot tell."""
    if isinstance(left, arb_series) or isinstance(right, arb_series):
        a, b = constant_term(left), constant_term(right)
        if a == b:
            raise Kink("the maximum of two equal values has no derivative")
        return left if less(a, b) != larger else right
    if isinstance(left, fmpq) and isinstance(right, fmpq):
        return max(left, right) if larger else min(left, right)
    a, b = ball(left), ball(right)
    if a >= b:
        return left if larger else right
    if b >= a:
        return right if larger else left
    return a.max(b) if larger else a.min(b)

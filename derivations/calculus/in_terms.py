"""A formula in terms of a function: σ' = σ(1 - σ), tanh' = 4σ(2x)(1 - σ(2x)), found and not looked up.

The formula is sought as a sum of monomials ``x^i h^j``, with other names as further factors and
with rational coefficients. These solve linear equations: the values at as many points as there are
monomials, to far more digits than rationals with small denominators need. What comes out is
tried at further points; the judge tries it once more in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from itertools import product as tuples

import sympy as sp
from flint import arb, arb_mat, fmpq

from derivations.calculus.pieces import Change, Interval, by_pieces
from derivations.calculus.tidy import tidy, written
from derivations.formula.evaluation import (
    EvaluationError,
    Function,
    Value,
    evaluate,
    precision,
)
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    names,
    neg,
    number,
    power,
    product,
    quotient,
    sum_of,
)

BITS = 1200
CERTAIN = fmpq(1, 2**400)  # how well a coefficient has to be a fraction
LARGEST = 720  # denominators
MORE = 5  # points at which the result is tried
STAGES = (  # exponents of x and of the function, from simple to long
    ((0,), (0, 1, 2)),
    ((0,), (0, 1, 2, 3, 4)),
    ((0, 1), (0, 1, 2)),
    ((-1, 0, 1), (0, 1, 2)),
    ((-1, 0, 1, 2), (0, 1, 2, 3)),
    ((-3, -2, -1, 0, 1, 2), (-1, 0, 1, 2, 3)),
)
OTHERS = ((0, 1), (-2, -1, 0, 1, 2))  # exponents of names that stand for constants
MOST = 160  # points
TRIES, PRIME = 1000, 4_000_037
TRIED = "a sum of terms x^i h^j with i from -3 to 2, j from -1 to 4 and rational factors"


class NotInTerms(ArithmeticError):
    """No formula in terms of the function was found; the message says what was tried."""


def in_terms_of(
    formula: Formula,
    x: str,
    values: Sequence[tuple[Formula, ...]],
    functions: Mapping[str, Function],
    changes: Sequence[Change] = (),
) -> Formula:
    """The formula in terms of x and the first of the values that does it.

    Args:
        formula: over x, and other names as constants of any value.
        x: the variable.
        values: what it may be written with, tried from left to right: σ(x), σ(2x); behind a value
            helpers that may occur beside it.
        functions: what the formulas call.
        changes: where the formula may change, in order; it is sought between them one by one.

    Raises:
        NotInTerms: there is no such formula of bearable length.
    """
    return by_pieces(changes, x, lambda piece: _between(formula, x, values, functions, piece))


def _between(
    formula: Formula,
    x: str,
    values: Sequence[tuple[Formula, ...]],
    functions: Mapping[str, Function],
    interval: Interval,
) -> Formula:
    others = [name for name in names(formula) if name != x]
    for powers in OTHERS if others else OTHERS[:1]:
        for value, *helpers in values:
            letters = (Name(x), value, *helpers, *map(Name, others))
            search = _Search(formula, letters, len(helpers), functions, interval)
            if (found := search.solve(*STAGES[0], powers) or search.single(powers)) is not None:
                return found
            for x_powers, h_powers in STAGES[1:]:
                if (found := search.solve(x_powers, h_powers, powers)) is not None:
                    return found
    raise NotInTerms(f"no formula in terms of it was found; tried: {TRIED}")


class _Search:
    """One try: which monomials of some letters may occur, and their factors by linear equations."""

    def __init__(
        self,
        formula: Formula,
        letters: Sequence[Formula],
        helpers: int,
        functions: Mapping[str, Function],
        interval: Interval,
    ) -> None:
        self.letters, self.helpers, self.functions = letters, helpers, functions
        self.formula = formula
        self.low = interval.low.at if interval.low else None
        self.high = interval.high.at if interval.high else None
        with precision(BITS):
            self.rows = list(islice(self._rows(), MOST))

    def _points(self) -> Iterator[dict[str, Value]]:
        """Points between the bounds, all different."""
        low, high = self.low, self.high
        if low is None:
            low = fmpq(-2) if high is None else high - 4
        if high is None:
            high = fmpq(2) if self.low is None else low + 4
        x, *others = [letter.id for letter in self.letters if isinstance(letter, Name)]
        for k in range(1, TRIES):
            point: dict[str, Value] = {x: low + (high - low) * _part(k, 1_618_033)}
            for place, name in enumerate(others):
                point[name] = fmpq(1, 3) + 2 * _part(k, 2_718_281 + 7919 * place)
            yield point

    def _rows(self) -> Iterator[tuple[arb, list[arb]]]:
        """The formula and the letters at points at which all of them have a value."""
        for point in self._points():
            try:
                wanted, *row = (
                    arb(evaluate(each, point, self.functions))
                    for each in (self.formula, *self.letters)
                )
            except (EvaluationError, Ambiguous):
                continue
            if wanted.is_finite() and all(entry.is_finite() and entry != 0 for entry in row):
                yield wanted, row

    def single(self, powers: Sequence[int]) -> Formula | None:
        """One monomial, where that is all."""
        x_powers, h_powers = STAGES[-1]
        every = tuples(x_powers, h_powers, *self._further(powers))
        for exponents in sorted(every, key=lambda each: sum(map(abs, each))):
            found = self._fitting([exponents])
            if found is not None:
                return found
        return None

    def solve(
        self, x_powers: Sequence[int], h_powers: Sequence[int], powers: Sequence[int]
    ) -> Formula | None:
        """The formula with monomials of these exponents, or None."""
        return self._fitting(list(tuples(x_powers, h_powers, *self._further(powers))))

    def _further(self, powers: Sequence[int]) -> list[Sequence[int]]:
        """Exponents of helpers, and of names that stand for constants."""
        return [(0, 1)] * self.helpers + [powers] * (len(self.letters) - 2 - self.helpers)

    def _fitting(self, exponents: list[tuple[int, ...]]) -> Formula | None:
        count = len(exponents)
        if count + MORE > len(self.rows):
            return None
        with precision(BITS):
            rows = [
                [_monomial(e, letters) for e in exponents]
                for _, letters in self.rows[: count + MORE]
            ]
            right = [wanted for wanted, _ in self.rows[: count + MORE]]
            try:
                solved = arb_mat(rows[:count]).solve(arb_mat([[entry] for entry in right[:count]]))
            except ZeroDivisionError:  # the monomials depend on each other
                return None
            factors: list[fmpq] = []
            for place in range(count):
                factor = _rational(solved[place, 0])
                if factor is None:
                    return None
                factors.append(factor)
            for row, wanted in zip(rows[count:], right[count:], strict=True):
                total = sum((f * entry for f, entry in zip(factors, row, strict=True)), arb(0))
                if not abs(total - wanted) < CERTAIN * (1 + abs(wanted)):
                    return None
        return self._written({e: f for e, f in zip(exponents, factors, strict=True) if f})

    # ------------------------------------------------------------ as a teacher writes it

    def _written(self, found: Mapping[tuple[int, ...], fmpq]) -> Formula:
        """The polynomial, with common factors in front and the rest factored where it can be."""
        if not found:
            return Number("0")
        letters = self.letters
        least = [min(e[k] for e in found) for k in range(len(letters))]
        symbols = sp.symbols(f"s0:{len(letters)}")
        rest = sp.Integer(0)
        for exponents, factor in found.items():
            term = sp.Rational(int(factor.p), int(factor.q))
            for symbol, exponent, low in zip(symbols, exponents, least, strict=True):
                term *= symbol ** (exponent - low)
            rest += term
        if len(found) > 2:
            coefficient, factors = sp.factor_list(rest)
        else:  # 1 - h^2 stays as it is
            coefficient, inside = rest.as_content_primitive()
            factors = [(inside, 1)] if len(found) == 2 else []
            coefficient *= 1 if factors else inside
        value = fmpq(int(coefficient.p), int(coefficient.q))
        shown: list[Formula] = []
        for factor, exponent in factors:
            turned, polynomial = self._polynomial(factor, symbols, letters)
            value *= (-1) ** exponent if turned else 1
            shown.append(polynomial if exponent == 1 else power(polynomial, int(exponent)))
        above = [
            _raised(letter, low) for letter, low in zip(letters, least, strict=True) if low > 0
        ]
        below = [
            _raised(letter, -low) for letter, low in zip(letters, least, strict=True) if low < 0
        ]
        front = [] if abs(value) == 1 and (above or shown) else [written(abs(value))]
        whole = product(*front, *above, *shown)
        if below:
            whole = quotient(whole, product(*below))
        if value < 0 and isinstance(whole, Apply) and whole.head == "sum" and len(whole.args) == 2:
            first, second = whole.args
            if isinstance(second, Apply) and second.head == "neg":
                return tidy(sum_of(second.args[0], neg(first)))  # 2h - 1, not -(1 - 2h)
        return tidy(neg(whole) if value < 0 else whole)

    @staticmethod
    def _polynomial(
        factor: sp.Expr, symbols: Sequence[sp.Symbol], letters: Sequence[Formula]
    ) -> tuple[bool, Formula]:
        """A factor by rising degree, its first term positive; whether its sign was turned."""
        terms = sorted(
            sp.Poly(factor, *symbols).terms(), key=lambda term: (sum(term[0]), term[0][::-1])
        )
        turned = terms[0][1] < 0
        shown: list[Formula] = []
        for exponents, coefficient in terms:
            size = fmpq(int(coefficient.p), int(coefficient.q)) * (-1 if turned else 1)
            parts = [_raised(letter, e) for letter, e in zip(letters, exponents, strict=True) if e]
            front = [] if abs(size) == 1 and parts else [written(abs(size))]
            term = product(*front, *parts)
            shown.append(neg(term) if size < 0 else term)
        return turned, sum_of(*shown)


def _part(k: int, factor: int) -> fmpq:
    """A fraction between 0 and 1, another one for each k."""
    return fmpq(k * factor % PRIME, PRIME)


def _monomial(exponents: Sequence[int], letters: Sequence[arb]) -> arb:
    result = arb(1)
    for letter, exponent in zip(letters, exponents, strict=True):
        if exponent:
            result *= letter**exponent
    return result


def _raised(letter: Formula, exponent: int) -> Formula:
    return letter if exponent == 1 else power(letter, number(exponent))


def _rational(value: arb) -> fmpq | None:
    """The fraction with a small denominator that the ball holds, if it is as good as one."""
    for denominator in range(1, LARGEST):
        scaled = value * denominator
        whole = (scaled + fmpq(1, 2)).floor().unique_fmpz()
        if whole is not None and abs(scaled - whole) < CERTAIN:
            return fmpq(int(whole), denominator)
    return None

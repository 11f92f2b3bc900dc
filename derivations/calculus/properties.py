"""Properties of a function of one variable: limits, range, slope, symmetry, each computed.

Limits come from `limits`; extrema, kinks and bounds from the function itself, with balls. The
judge has its own way to check them (`truth.exploring`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from flint import arb, fmpq

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.calculus.limits import BITS, NoLimit, limit_of, limit_value
from derivations.calculus.pieces import Change
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous, to_significant
from derivations.formula.printing import text
from derivations.formula.sympy_bridge import from_sympy
from derivations.formula.tree import (
    COMPARISONS,
    Apply,
    Formula,
    Name,
    Number,
    apply,
    names,
    neg,
    number,
    substitute,
    walk,
)

INFINITE = "∞"
REACH, STEPS = 24, 480  # where turning points are looked for, and how finely
GRID = [fmpq(REACH * (2 * i - STEPS), STEPS) for i in range(STEPS + 1)]
HUGE = fmpq(10) ** 25  # a pole that was closed in on, and e^24 is far below
SIMPLE = 10_000  # fractions with larger denominators are shown as decimals


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of the range: its value (None for infinity) and whether it is reached."""

    value: Formula | None
    reached: bool
    at: Formula | None = None

    @property
    def rounded(self) -> bool:
        """Whether the value or the place is a decimal that was rounded."""
        return any(isinstance(f, Number) and "." in f.text for f in (self.value, self.at))


@dataclass(frozen=True, slots=True)
class Properties:
    """What is known of f.

    ``limits`` and ``slope_limits`` are (at -∞, at +∞), None for ±∞ with the sign in ``signs``.
    """

    limits: tuple[Formula | None, Formula | None]
    signs: tuple[int, int]
    slope_limits: tuple[Formula | None, Formula | None]
    saturating: bool
    at_zero: Formula | None = None
    lowest: Bound | None = None
    highest: Bound | None = None
    steepest: Bound | None = None
    symmetry: str = ""
    monotone: bool | None = None
    kinks: tuple[Formula, ...] = ()
    steps: bool = False  # constant between its kinks


def properties(function: Function, functions: Mapping[str, Function], slopes: Slopes) -> Properties:
    """The properties of a function of one variable; other names are positive constants.

    Raises:
        NotDifferentiable: no law gives the derivative.
    """
    x = function.parameters[0]
    body = function.body
    symbolic = [name for name in names(body) if name != x]
    slope = differentiate(body, x, slopes)
    limits = tuple(limit_of(body, x, functions, side) for side in (-1, 1))
    slope_limits = tuple(limit_of(slope, x, functions, side) for side in (-1, 1))
    far_left, far_right = limits
    slope_left, slope_right = slope_limits
    far_out = Properties(
        limits=(_formula(far_left), _formula(far_right)),
        signs=(_sign(far_left), _sign(far_right)),
        slope_limits=(_formula(slope_left), _formula(slope_right)),
        saturating=all(limit == 0 for limit in slope_limits),
    )
    if symbolic:
        return far_out
    probe = _Probe(body, slope, x, functions)
    lowest, highest = probe.range_of(body, slope, limits)
    return replace(
        far_out,
        at_zero=probe.value(body, fmpq(0)),
        lowest=lowest,
        highest=highest,
        steepest=probe.steepest(slope_limits, slopes),
        symmetry=probe.symmetry(),
        monotone=probe.monotone(),
        kinks=tuple(_rational(kink) for kink in probe.kinks if probe.bends_at(kink)),
        steps=bool(probe.kinks) and probe.is_flat(),
    )


def changes_of(
    function: Function, functions: Mapping[str, Function], slopes: Slopes
) -> list[Change]:
    """Where a function of one variable may change its form, and whether it has no derivative there."""
    x, body = function.parameters[0], function.body
    probe = _Probe(body, differentiate(body, x, slopes), x, functions)
    return [Change(kink, probe.bends_at(kink)) for kink in probe.kinks]


def _formula(limit: Any) -> Formula | None:
    if limit.is_infinite:
        return None
    if limit.is_Rational:
        return _rational(fmpq(int(limit.p), int(limit.q)))
    return from_sympy(sp.simplify(limit))


def _sign(limit: Any) -> int:
    return (
        int(limit.is_extended_positive) - int(limit.is_extended_negative)
        if limit.is_infinite
        else 0
    )


class _Probe:
    """Looks at a function without symbols: where it bends, turns and has its bounds."""

    def __init__(
        self, body: Formula, slope: Formula, x: str, functions: Mapping[str, Function]
    ) -> None:
        self.body, self.slope, self.x, self.functions = body, slope, x, functions
        roots = [
            _snapped(root)
            for difference in _kinks(body, x, functions)
            for root in self.roots(difference)
        ]
        self.kinks = sorted({root for root in roots if isinstance(root, fmpq)})

    def at(self, formula: Formula, point: Value) -> Value | None:
        """The value at a point; None where there is none."""
        with precision(BITS):
            try:
                return evaluate(formula, {self.x: point}, self.functions)
            except (EvaluationError, Ambiguous):
                return None

    def roots(self, difference: Formula) -> list[Value]:
        """Where a comparison changes over: exactly where it is linear."""
        linear = _linear_root(difference, self.x, self.functions)
        return self.turning_points(difference) if linear is None else [linear]

    def value(self, formula: Formula, point: Value) -> Formula | None:
        """The value as a formula: a rational, or a rounded decimal."""
        found = self.at(formula, point)
        return None if found is None else _rational(found)

    def turning_points(self, formula: Formula) -> list[Value]:
        """Where the formula changes its sign, to high precision; rationals where they are.

        Where it is 0 all along, nothing turns.
        """
        grid = GRID
        signs = [self._sign_at(formula, point) for point in grid]
        points: list[Value] = []
        for i in range(1, STEPS + 1):
            before, here = signs[i - 1], signs[i]
            if here == 0 and before != 0 and i < STEPS and signs[i + 1] != 0:
                points.append(grid[i])
            elif before and here and before != here:
                points.append(self._bisected(formula, grid[i - 1], grid[i], here))
        return points

    def _sign_at(self, formula: Formula, point: fmpq) -> int | None:
        found = self.at(formula, point)
        if found is None or isinstance(found, tuple):
            return None
        return 1 if found > 0 else -1 if found < 0 else 0

    def _bisected(self, formula: Formula, low: fmpq, high: fmpq, sign: int) -> Value:
        for _ in range(90):
            middle = (low + high) / 2
            here = self._sign_at(formula, middle)
            if here == 0 or here is None:
                return middle
            low, high = (low, middle) if here == sign else (middle, high)
        return arb(low).union(arb(high))

    def range_of(
        self, formula: Formula, slope: Formula, limits: tuple[Any, ...]
    ) -> tuple[Bound, Bound]:
        """The two ends of the range of a formula.

        Raises:
            NoLimit: it has gaps or poles, or turns too far out to be found.
        """
        points = [*self.kinks, *self.turning_points(slope)]
        self.refuse_gaps([*points, *self.turning_points(formula)])
        self.refuse_far_turns(limits)
        candidates = [(v, p) for p in points if (v := self.at(formula, p)) is not None]
        return self._end(candidates, limits, -1, formula), self._end(candidates, limits, 1, formula)

    def refuse_gaps(self, points: list[Value]) -> None:
        """What is said of a range here holds for functions that have a value everywhere."""
        for point in [*GRID, *points]:
            found = self.at(self.body, point)
            if found is None or not abs(found) < HUGE:
                place = to_significant(point, 3)
                raise NoLimit(f"{text(self.body)} has no value near {self.x} = {place}")

    def refuse_far_turns(self, limits: tuple[Any, ...]) -> None:
        """A function that leaves its limit at the end of the grid turns somewhere beyond it."""
        for end, limit, outwards in zip((GRID[0], GRID[-1]), limits, (-1, 1), strict=True):
            rising = outwards * (self._sign_at(self.slope, end) or 0)
            value = self.at(self.body, end)
            if limit.is_infinite:
                ahead = _sign(limit)
            else:
                with precision(BITS):
                    gap = limit_value(limit) - value
                ahead = 1 if gap > 0 else -1 if gap < 0 else 0
            if rising * ahead < 0:
                raise NoLimit(f"{text(self.body)} turns beyond {self.x} = {end}")

    def _end(
        self,
        candidates: list[tuple[Value, Value]],
        limits: tuple[Any, ...],
        side: int,
        formula: Formula,
    ) -> Bound:
        if any(limit == side * sp.oo for limit in limits):
            return Bound(None, False)
        best: Bound | None = None
        best_value: Any = None
        for limit in limits:
            if limit.is_infinite:
                continue
            value = limit_value(limit)
            if best_value is None or (value - best_value) * side > 0:
                far = self.at(formula, fmpq(10_007 if limit is limits[1] else -10_007))
                flat = (
                    isinstance(far, fmpq)
                    and limit.is_Rational
                    and far == fmpq(int(limit.p), int(limit.q))
                )
                best, best_value = Bound(_formula(limit), flat), value
        for value, point in candidates:
            if best_value is None or (value - best_value) * side > 0:
                best, best_value = Bound(_rational(value), True, _rational(point)), value
        assert best is not None
        return best

    def steepest(self, slope_limits: tuple[Any, ...], slopes: Slopes) -> Bound | None:
        """The largest |f'|, looked for at kinks (from both sides), turning points and far out."""
        try:
            bend = differentiate(self.slope, self.x, slopes)
        except NotDifferentiable:
            return None
        if any(limit.is_infinite for limit in slope_limits):
            return Bound(None, False)
        tiny = fmpq(1, 10**30)
        turning = self.turning_points(bend)
        beside = [kink + side * tiny for kink in self.kinks for side in (-1, 1)]
        candidates = [
            (_snapped(abs(v)), _snapped(p))
            for p in [*turning, *beside]
            if (v := self.at(self.slope, p)) is not None
        ]
        size = tuple(sp.Abs(limit) for limit in slope_limits)
        found = self._end(candidates, size, 1, apply("abs", self.slope))
        corners = {_rational(kink) for kink in self.kinks}
        return replace(found, at=None) if found.at in corners else found

    def bends_at(self, kink: fmpq) -> bool:
        """Whether slope or value change over there: a comparison need not be a kink (ELU at 0)."""
        tiny = fmpq(1, 10**30)
        sides = [
            (self.at(f, kink - tiny), self.at(f, kink + tiny)) for f in (self.slope, self.body)
        ]
        return any(a is None or b is None or abs(a - b) > fmpq(1, 10**9) for a, b in sides)

    def is_flat(self) -> bool:
        """Whether the slope is 0 wherever there is one."""
        return all(self._sign_at(self.slope, fmpq(k, 7)) in (0, None) for k in range(-150, 150))

    def symmetry(self) -> str:
        """``odd``, ``even`` or nothing, tried at many points."""
        points = [fmpq(k, 7) for k in (1, 3, 5, 9, 17, 31)]
        values = [(self.at(self.body, p), self.at(self.body, -p)) for p in points]
        pairs = [(a, b) for a, b in values if a is not None and b is not None]
        if len(pairs) < len(values):
            return ""
        if all(_same(a, -b) for a, b in pairs):
            return "odd"
        return "even" if all(_same(a, b) for a, b in pairs) else ""

    def monotone(self) -> bool:
        """Whether the slope never changes its sign."""
        signs = {
            sign
            for i in range(STEPS + 1)
            if (
                sign := self._sign_at(
                    self.slope, fmpq(REACH * (2 * i - STEPS), STEPS) + fmpq(1, 977)
                )
            )
        }
        return len(signs) < 2


def _same(a: Value, b: Value) -> bool:
    difference = a - b
    return bool(difference == 0) if isinstance(difference, fmpq) else bool(difference.contains(0))


def _snapped(value: Value) -> Value:
    """A value within a hair of a simple fraction is that fraction."""
    with precision(BITS):
        nearest = fmpq(round(float(arb(value).mid()) * 840), 840)
        return nearest if abs(value - nearest) < fmpq(1, 10**20) else value


def _kinks(formula: Formula, x: str, functions: Mapping[str, Function]) -> list[Formula]:
    """The differences that decide between cases, maxima and absolute values."""
    found: list[Formula] = []
    for node in walk(formula):
        if not isinstance(node, Apply):
            continue
        if node.head in COMPARISONS or (node.head in ("max", "min") and len(node.args) == 2):
            found.append(Apply("sum", (node.args[0], neg(node.args[1]))))
        elif node.head in ("abs", "sign"):
            found.append(node.args[0])
        elif node.head in functions and node.args == (Name(x),):
            inner = functions[node.head]
            body = substitute(inner.body, {inner.parameters[0]: Name(x)})
            found += _kinks(body, x, functions)
    return found


def _linear_root(formula: Formula, x: str, functions: Mapping[str, Function]) -> fmpq | None:
    with precision(BITS):
        try:
            zero, one, two = (evaluate(formula, {x: fmpq(k)}, functions) for k in (0, 1, 2))
        except (EvaluationError, Ambiguous):
            return None
    rational = isinstance(zero, fmpq) and isinstance(one, fmpq) and isinstance(two, fmpq)
    if not rational or two - one != one - zero or one == zero:
        return None
    root: fmpq = zero / (zero - one)
    return root


def _rational(value: Value) -> Formula:
    """A rational as it is; another value as a decimal that is rounded to six digits."""
    value = _snapped(value)
    if isinstance(value, fmpq) and value.q < SIMPLE:
        if value.q == 1:
            return number(int(value.p))
        fraction: Formula = apply("quotient", number(abs(int(value.p))), number(int(value.q)))
        return neg(fraction) if value < 0 else fraction
    return Number(to_significant(value, 6))

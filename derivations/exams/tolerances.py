"""How far an answer may lie from the true one when every step on the way was rounded, or not.

Whoever works by hand rounds some results of additions, products and functions to the problem's
digits, and goes on with them. Each such result is the exact one and an error e_k of at most half a
unit h_k of its last digit. An answer is a function of all these errors; by the mean value theorem

    |A(e) - A(0)| <= sum of h_k |dA/de_k|

with derivatives anywhere between. Both are computed in ball arithmetic: the values with all errors
in them, then the derivatives backwards over the operations. So the interval is proved to hold
every answer that honest rounding can reach, and is not much wider.

Source: Moore, Kearfott and Cloud, Introduction to Interval Analysis, 2009, section 6.4 (mean value form).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import heappop, heappush

from flint import arb, arb_series, ctx, fmpq

from derivations.formula.evaluation import (
    PRIMITIVES,
    EvaluationError,
    Function,
    Value,
    evaluate,
    precision,
)
from derivations.formula.numerals import Ambiguous, NumeralError, decade, in_full, to_decimals
from derivations.formula.printing import AUXILIARY
from derivations.formula.tree import Apply, Formula, Name, Number, is_quantity, key
from derivations.steps.rounding import Digits
from derivations.steps.solution import Derivation, Quantity
from derivations.steps.substitution import ANSWER, Given, read_given

BITS = 192
EXACT = frozenset({"neg", "group"})  # what nobody rounds after
NOTHING = arb(0)  # of what is not rounded
SHOWN = 2  # digits more in a printed bound than in the answer


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Where the answers of honest rounding lie.

    Attributes:
        low, high: the interval holds every answer that can be reached.
        true: the value with nothing rounded.
        bounds: the interval as numerals, rounded outwards.
    """

    low: arb
    high: arb
    true: Value
    bounds: tuple[str, str]

    def holds(self, value: fmpq) -> bool:
        """Whether a number may have been reached."""
        return not (arb(value) < self.low or arb(value) > self.high)


def tolerances(derivation: Derivation, given: Mapping[str, Given]) -> dict[str, Tolerance]:
    """The interval of each numeric answer, by its name.

    An answer whose branches the rounding itself decides (a ReLU so near to 0 that it may be on or
    off) has none, and so has one that is an array, a word or a truth value.
    """
    found: dict[str, Tolerance] = {}
    quantities = {quantity.key: quantity for quantity in derivation.quantities}
    with precision(BITS):
        reach = _Reach(derivation, given)
        for answer in derivation.answers:
            quantity = quantities.get(answer.key)
            if quantity is None or quantity.shape or quantity.labels is not None:
                continue
            shown = quantities.get(f"{ANSWER}{answer.key}", quantity)
            interval = reach.interval(quantity, shown)
            if interval is not None:
                found[answer.name] = interval
    return found


@dataclass(slots=True)
class _Node:
    """A result on the way: all that it may be, where it comes from, half a unit of its last digit."""

    value: Value
    back: list[tuple[int, arb]]
    half: arb
    same: int | None = None  # the result of which it is only another sign


class _Off(Exception):
    """A quantity that is not a chain of operations on single numbers."""


class _Reach:
    """The operations of a derivation with errors in every result."""

    def __init__(self, derivation: Derivation, given: Mapping[str, Given]) -> None:
        self.derivation = derivation
        self.digits = derivation.rounding.digits
        self.nodes: list[_Node] = []
        self.names: dict[str, int] = {}
        self.true: dict[str, Value] = {}
        for quantity in derivation.quantities:
            if quantity.key.startswith(AUXILIARY) or quantity.reached is not None:
                continue  # what is not worked out by hand has no interval
            if quantity.formula is None:
                value = read_given(given[quantity.key])
                self.true[quantity.key] = value
                if not isinstance(value, tuple):
                    self.names[quantity.key] = self._leaf(value)
                continue
            self._add(quantity)

    def _add(self, quantity: Quantity) -> None:
        assert quantity.formula is not None
        try:
            self.true[quantity.key] = evaluate(
                quantity.formula, self.true, self.derivation.functions
            )
            self.names[quantity.key] = self._node(quantity.formula, {})
        except (_Off, Ambiguous, EvaluationError, NumeralError):
            return  # it has no interval, nor has what comes of it

    def interval(self, quantity: Quantity, shown: Quantity) -> Tolerance | None:
        """All that an answer may be, its last rounding with it."""
        true = self.true.get(quantity.key)
        at = self.names.get(quantity.key)
        if at is None or not isinstance(true, (arb, fmpq)):
            return None
        rounding = quantity.digits or self.derivation.rounding
        last = rounding.answers if shown is not quantity and rounding.answers else rounding.digits
        try:
            off = self._off(at, self._last(at) if last == rounding.digits else -1)
            wide = _ball(arb(true), off)
            if off != 0 or not (isinstance(true, fmpq) and last.holds(true)):
                off += _half_unit(wide, last)
            low, high = arb(true).lower() - off.upper(), arb(true).upper() + off.upper()
            low, high = low.lower(), high.upper()
            exactly = true if off == 0 and isinstance(true, fmpq) else None
            return Tolerance(low, high, true, _outwards(low, high, last, exactly))
        except (Ambiguous, NumeralError):
            return None

    def _last(self, at: int) -> int:
        """The operation whose result an answer is, with another sign perhaps."""
        while (before := self.nodes[at].same) is not None:
            at = before
        return at

    def _off(self, at: int, last: int) -> arb:
        """sum of h_k |dA/de_k|, backwards over the operations; without that of the last one."""
        slopes: dict[int, arb] = {at: arb(1)}
        waiting = [-at]  # the latest first
        off = arb(0)
        while waiting:
            place = -heappop(waiting)
            slope, node = slopes.pop(place), self.nodes[place]
            if place != last and node.half is not NOTHING:  # the last is the answer's own rounding
                off += node.half * abs(slope).upper()
            for parent, local in node.back:
                if parent in slopes:
                    slopes[parent] += slope * local
                else:
                    slopes[parent] = slope * local
                    heappush(waiting, -parent)
        if not off.is_finite():
            raise Ambiguous
        return off

    # ------------------------------------------------------------ operations

    def _leaf(self, value: Value) -> int:
        self.nodes.append(_Node(value, [], NOTHING))
        return len(self.nodes) - 1

    def _node(self, formula: Formula, inside: Mapping[str, int]) -> int:
        if isinstance(formula, Number):
            return self._leaf(read_given(formula.text))
        if is_quantity(formula):
            return self._named(formula, inside)
        assert isinstance(formula, Apply)
        head = formula.head
        if head == "cases":
            return self._case(formula.args, inside)
        if head in self.derivation.functions:
            function = self.derivation.functions[head]
            return self._call(function, [self._node(arg, inside) for arg in formula.args])
        if head == "product" and len(formula.args) > 2:  # from the left, every step of it
            return reduce(
                lambda a, b: self._apply("product", [a, b]),
                [self._node(arg, inside) for arg in formula.args],
            )
        if head == "power" or head in PRIMITIVES:
            return self._apply(head, [self._node(arg, inside) for arg in formula.args])
        raise _Off(head)

    def _named(self, formula: Formula, inside: Mapping[str, int]) -> int:
        name = key(formula)
        if name in inside:
            return inside[name]
        if name not in self.names:
            raise _Off(name)
        return self.names[name]

    def _call(self, function: Function, args: Sequence[int]) -> int:
        if len(args) != len(function.parameters):
            raise _Off("a call")
        return self._node(function.body, dict(zip(function.parameters, args, strict=True)))

    def _case(self, args: tuple[Formula, ...], inside: Mapping[str, int]) -> int:
        """The branch that is taken whatever was rounded; Ambiguous where there is none."""
        known = {name: self.nodes[at].value for name, at in {**self.names, **inside}.items()}
        for value, condition in zip(args[::2], args[1::2], strict=True):
            if evaluate(condition, known, self.derivation.functions):
                return self._node(value, inside)
        raise _Off("no case")

    def _apply(self, head: str, args: Sequence[int]) -> int:
        values = [self.nodes[at].value for at in args]
        result = _operate(head, values)
        if isinstance(result, bool):
            return self._leaf(result)
        if not isinstance(result, (fmpq, arb)):
            raise _Off("an array")
        back = [
            (at, _slope(head, values, place))
            for place, at in enumerate(args)
            if not isinstance(self.nodes[at].value, fmpq) or self.nodes[at].back
        ]
        if head in EXACT or (isinstance(result, fmpq) and self.digits.holds(result)):
            same = args[0] if head in EXACT and back else None
            self.nodes.append(_Node(result, back, NOTHING, same))
        else:
            half = _half_unit(arb(result), self.digits)
            self.nodes.append(_Node(_ball(arb(result), half), back, half))
        return len(self.nodes) - 1


def _operate(head: str, values: Sequence[Value]) -> Value:
    names = [Name(f"~{n}") for n in range(len(values))]
    return evaluate(
        Apply(head, tuple(names)), {name.id: v for name, v in zip(names, values, strict=True)}
    )


def _slope(head: str, values: Sequence[Value], place: int) -> arb:
    """The derivative of an operation by one operand, anywhere where the operands may be."""
    before, ctx.cap = ctx.cap, 2
    try:
        moved = [arb_series([arb(v), 1]) if n == place else v for n, v in enumerate(values)]
        series = _operate(head, moved)
        return arb(series[1]) if isinstance(series, arb_series) else arb(0)
    finally:
        ctx.cap = before


def _ball(middle: arb, radius: arb) -> arb:
    """All numbers within a radius of all numbers of a ball."""
    return middle + arb(0, radius.upper())


def _half_unit(value: arb, digits: Digits) -> arb:
    """Half a unit of the last digit of the largest number in a ball, as it is shown."""
    if digits.decimals is not None:
        return arb(fmpq(1, 2 * 10**digits.decimals))
    most = max(abs(value.lower()), abs(value.upper()), key=lambda x: float(x.mid()))
    if most == 0:
        return arb(0)
    places = (digits.significant or 6) - 1 - decade(arb(most.mid()))
    unit = fmpq(1, 10**places) if places >= 0 else fmpq(min(10**-places, 1))
    return arb(unit) / 2


def _outwards(low: arb, high: arb, digits: Digits, exactly: fmpq | None) -> tuple[str, str]:
    """The interval with some digits more than the answer has, rounded so that nothing is lost."""
    if exactly is not None and (text := in_full(exactly)):
        return text, text
    places = digits.decimals
    if places is None:
        size = max(abs(low), abs(high), key=lambda x: float(x.mid()))
        places = (digits.significant or 6) - 1 - (decade(arb(size.mid())) if size != 0 else 0)
    places = max(places + SHOWN, 0)
    scale = fmpq(10**places)
    down, up = (low * scale).lower().floor(), (high * scale).upper().ceil()
    bounds = []
    for bound in (down, up):
        whole = bound.unique_fmpz()
        if whole is None:
            raise Ambiguous
        bounds.append(to_decimals(fmpq(whole) / scale, places))
    return bounds[0], bounds[1]

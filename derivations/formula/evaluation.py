"""The value of a formula: an exact rational where there is one, else a ball proved to hold it.

Scalars are `fmpq` or `arb`; a vector is a tuple of scalars (a column), a matrix a tuple of rows;
conditions give bool. The rules stand in `scalars` and `arrays`. They also accept power series
(`arb_series`), which is how the judge differentiates without knowing a rule of differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, reduce
from inspect import signature
from math import prod

from flint import arb, arb_series, ctx, fmpq

from derivations.formula import arrays
from derivations.formula.arrays import entries, shape
from derivations.formula.limits import limit
from derivations.formula.numerals import exact
from derivations.formula.primitives import PRIMITIVES
from derivations.formula.scalars import (
    ONE,
    ZERO,
    EvaluationError,
    Kink,
    Misfit,
    Value,
    precision,
)
from derivations.formula.tree import Apply, Formula, Name, Number, flat, key, parted
from derivations.formula.uncounted import ADDED, ALL_ONES, IN_A_ROW, Uncounted, counted, ones_beside
from derivations.formula.work import METER, Exhausted, spend

__all__ = [  # what a caller of `evaluate` needs, from one place
    "PRIMITIVES",
    "EvaluationError",
    "Function",
    "Kink",
    "Misfit",
    "Value",
    "entries",
    "evaluate",
    "precision",
    "shape",
]

MOVED = "\u2202"  # the name of the argument that a derivative moves
BITS_OF_BALL = 256  # operations with balls of so many bits cost as much as one more
MAX_TERMS = 100_000  # of a sum, with those of the sums inside it
TERMS = "~terms"  # how many of them the sums around a formula have, kept beside the values


@dataclass(frozen=True, slots=True)
class Function:
    """A function given by a formula in its parameters: ``relu(z) = max(0, z)``.

    ``entrywise``: a function of one scalar that is applied to each entry of an array.
    """

    parameters: tuple[str, ...]
    body: Formula
    entrywise: bool = True


def evaluate(
    formula: Formula, values: Mapping[str, Value], functions: Mapping[str, Function] | None = None
) -> Value:
    """The value of the formula, given the values of its names and the functions it calls.

    Raises:
        EvaluationError: an unknown name or function, shapes that do not fit, a division by 0,
            a logarithm of 0, ...
        Ambiguous: a comparison that the balls are too wide to decide.
        Exhausted: more work than somebody has allowed (see `work`).
    """
    if isinstance(formula, Name):
        return _at_name(formula.id, values)
    if isinstance(formula, Number):
        return exact(formula.text)
    METER.left -= 1
    if METER.left < 0:
        raise Exhausted
    head = formula.head
    if rule := SPECIAL.get(head):
        return rule(formula.args, values, functions or {})
    try:
        args = [evaluate(arg, values, functions) for arg in formula.args]
    except Uncounted:
        args = _beside_ones(formula, values, functions)
    if head in PRIMITIVES:
        rule, (least, most) = PRIMITIVES[head], _arity(head)
        if not least <= len(args) <= most:
            raise EvaluationError(f"'{head}' does not take {len(args)} arguments")
        return _paid(rule(*args))
    if functions and head in functions:
        return _call(functions[head], args, functions, values)
    if head.endswith("'") and functions is not None:
        return _derivative(head[:-1], args, functions, values)
    raise EvaluationError(f"'{head}' is not a known function")


def _paid(value: Value) -> Value:
    """The value, its size counted as work."""
    if isinstance(value, tuple):
        spend(prod(arrays.shape(value)))
    elif isinstance(value, arb):
        spend(ctx.prec // BITS_OF_BALL)
    return value


@cache
def _arity(head: str) -> tuple[int, int]:
    """The least and the largest number of arguments."""
    parameters = signature(PRIMITIVES[head]).parameters.values()
    required = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    several = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return len(required), MAX_TERMS if several else len(parameters)


def _named(formula: Formula, values: Mapping[str, Value]) -> Value:
    try:
        name = key(formula)
    except ValueError as error:
        raise EvaluationError(str(error)) from None
    return _at_name(name, values)


def _at_name(name: str, values: Mapping[str, Value]) -> Value:
    try:
        return values[name]
    except KeyError:
        raise EvaluationError(f"'{name}' has no value") from None


class Inside(dict[str, Value]):
    """Names that are bound inside a formula, in front of those outside; only read by name."""

    __slots__ = ("outer",)

    def __init__(self, own: Mapping[str, Value], outer: Mapping[str, Value]) -> None:
        super().__init__(own)
        self.outer = outer

    def __missing__(self, name: str) -> Value:
        return self.outer[name]

    def get(self, name: str, default: Value = None) -> Value:
        """The value of a name inside or outside."""
        try:
            return self[name]
        except KeyError:
            return default


def _call(
    function: Function,
    args: list[Value],
    functions: Mapping[str, Function],
    values: Mapping[str, Value],
) -> Value:
    """The body at the arguments; other names in it are constants and keep their values."""
    if len(args) != len(function.parameters):
        raise EvaluationError(
            f"a function of {len(function.parameters)} arguments was given {len(args)}"
        )
    if len(args) == 1 and isinstance(args[0], tuple) and function.entrywise:
        return tuple(_call(function, [entry], functions, values) for entry in args[0])
    inside = Inside(dict(zip(function.parameters, args, strict=True)), values)
    return evaluate(function.body, inside, functions)


def _derivative(
    name: str,
    args: list[Value],
    functions: Mapping[str, Function],
    values: Mapping[str, Value],
) -> Value:
    """f'(x), f''(x), ... as coefficients of the power series of f around x."""
    order, at = 1, args[0]
    if isinstance(at, arb_series):
        raise EvaluationError(f"the derivative of '{name}' is not differentiated once more")
    while name.endswith("'"):
        name, order = name[:-1], order + 1
    if isinstance(at, tuple):
        primed = name + "'" * (order - 1)
        return tuple(_derivative(primed, [entry], functions, values) for entry in at)
    before, ctx.cap = ctx.cap, order + 1
    try:
        moved = Inside({MOVED: arb_series([at, 1])}, values)
        series = evaluate(Apply(name, (Name(MOVED),)), moved, functions)
    finally:
        ctx.cap = before
    if not isinstance(series, arb_series):
        return ZERO
    return series[order] * reduce(lambda a, b: a * b, range(1, order + 1))


def _cases(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    for value, condition in zip(args[::2], args[1::2], strict=True):
        if evaluate(condition, values, functions):
            return evaluate(value, values, functions)
    raise EvaluationError("no case of the definition applies")


def _bigsum(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    terms = _ranged(args, values, functions)
    return reduce(lambda a, b: arrays.add(a, b), terms) if terms else ZERO


def _spelled(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    """An array by its entries: ``x_i`` for i from 1 to n, ``w_ij`` for i to m and j to n."""
    *outer, body = args
    inner = body if len(outer) == 3 else Apply("column_of", (*outer[3:], body))
    return arrays.array(*_ranged((*outer[:3], inner), values, functions))


def _bigproduct(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    return reduce(arrays.multiply_two, _ranged(args, values, functions), ONE)


def _ranged(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> list[Value]:
    if len(args) != 4:
        raise EvaluationError("a sum over a set that is not written out has no value")
    index, lower, upper, body = args
    first, last = (evaluate(bound, values, functions) for bound in (lower, upper))
    if not isinstance(first, fmpq) or not isinstance(last, fmpq) or first.q != 1 or last.q != 1:
        raise EvaluationError("the bounds of a sum are whole numbers")
    outside = values.get(TERMS, 1)  # of the sums around this one
    terms = outside * max(int(last.p) - int(first.p) + 1, 1)
    if terms > MAX_TERMS:
        raise EvaluationError(f"a sum of more than {MAX_TERMS} terms")
    spend(max(int(last.p) - int(first.p), 0))
    inside, name, found = Inside({TERMS: terms}, values), key(index), []
    for place in range(int(first.p), int(last.p) + 1):
        inside[name] = fmpq(place)
        found.append(evaluate(body, inside, functions))
    return found


def _entry(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    value = evaluate(args[0], values, functions)
    return _at_places(value, [evaluate(index, values, functions) for index in args[1:]])


def _at_places(value: Value, places: list[Value]) -> Value:
    """An entry of an array, counted from 1."""
    for place in places:
        whole = isinstance(place, fmpq) and place.q == 1
        if not isinstance(value, tuple) or not whole or not 1 <= place <= len(value):
            at = place if isinstance(place, fmpq) else "of this kind"
            raise EvaluationError(f"there is no entry {at} in a {arrays.shape_text(value)}")
        value = value[int(place.p) - 1]
    return value


def _matmul(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    """The matrix product; an array of ones without a size has the one that its neighbour asks for."""
    factors = [evaluate(arg, values, functions) for arg in args]
    for place, arg in enumerate(args):
        if arg in (ALL_ONES, IN_A_ROW):
            factors[place] = ones_beside(factors, place, arg == IN_A_ROW)
    return _paid(arrays.matmul(*factors))


def _beside_ones(
    formula: Apply, values: Mapping[str, Value], functions: Mapping[str, Function] | None
) -> list[Value]:
    """The values of terms of which some have as many ones as the others ask for.

    Raises:
        Uncounted: no other term is a matrix, or so many ones do not fit what follows them.
    """
    found: dict[int, Value] = {}
    for place, arg in enumerate(formula.args if formula.head in ADDED else ()):
        with suppress(Uncounted):
            found[place] = evaluate(arg, values, functions)
    sizes = next((size for v in found.values() if len(size := arrays.shape(v)) == 2), None)
    if sizes is None:
        raise Uncounted
    try:
        return [
            found[at] if at in found else evaluate(counted(arg, *sizes), values, functions)
            for at, arg in enumerate(formula.args)
        ]
    except Misfit as misfit:
        raise Uncounted from misfit


def _power_node(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    base, exponent = args
    if isinstance(base, Apply) and base.head == "norm" and exponent == Number("2"):
        return arrays.norm_squared(evaluate(base.args[0], values, functions))
    return arrays.power(evaluate(base, values, functions), evaluate(exponent, values, functions))


def _derivative_name(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    """∂L/∂w by its name; ∂y_i/∂W_jk and ∂²L/(∂z_i ∂z_k) are entries of the derivatives of wholes by wholes."""
    of, *by = flat(args)
    whole, *above = parted(of)
    lower = [parted(each) for each in by]
    for bare, *_ in lower:
        whole = Apply("partial", (whole, bare))
    below = [evaluate(place, values, functions) for _, *places in lower for place in places]
    value = _at_places(_named(whole, values), below)
    rest = 0
    with suppress(EvaluationError):  # where only the derivative has a value: all places are said
        rest = max(len(arrays.shape(_named(lower[0][0], values))) - len(below), 0)
    return _behind(value, rest, [evaluate(place, values, functions) for place in above])


def _behind(value: Value, axes: int, places: list[Value]) -> Value:
    """The entries at places of ∂y/∂W, behind so many axes that are those of W."""
    if not axes or not isinstance(value, tuple):
        return _at_places(value, places) if places else value
    return tuple(_behind(part, axes - 1, places) for part in value)


def _differential(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    """``D(f, x)``: the derivative of a formula as x moves and other names stay."""
    formula, variable = args
    if not isinstance(variable, Name):
        raise EvaluationError("a derivative is taken with respect to a name")
    at = _named(variable, values)
    if isinstance(at, (tuple, arb_series)):
        raise EvaluationError("a derivative is taken with respect to a single number")
    before, ctx.cap = ctx.cap, 2
    try:
        moved = Inside({key(variable): arb_series([at, 1])}, values)
        return _slopes(evaluate(formula, moved, functions))
    finally:
        ctx.cap = before


def _limit(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    name, aim, body = args
    return limit(
        aim,
        lambda place: evaluate(body, Inside({key(name): place}, values), functions),
        lambda formula: evaluate(formula, values, functions),
    )


def _slopes(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_slopes, value))
    return value[1] if isinstance(value, arb_series) else ZERO


SPECIAL: dict[str, Callable[..., Value]] = {
    "cases": _cases,
    "bigsum": _bigsum,
    "bigproduct": _bigproduct,
    "entry": _entry,
    "power": _power_node,
    "matmul": _matmul,
    "partial": _derivative_name,
    "total": _derivative_name,
    "D": _differential,
    "column_of": _spelled,
    "row_of": lambda args, values, functions: (_spelled(args, values, functions),),
    "matrix_of": _spelled,
    "limit": _limit,
    "under": lambda args, values, functions: evaluate(args[0], values, functions),
}

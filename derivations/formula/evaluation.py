"""The value of a formula: an exact rational where there is one, else a ball proved to hold it.

Scalars are `fmpq` or `arb`; a vector is a tuple of scalars (a column), a matrix a tuple of rows;
conditions give bool. The same rules accept power series (`arb_series`), which is how the judge
differentiates without knowing a single rule of differentiation.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

from flint import arb, arb_series, ctx, fmpq

from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.tree import Apply, Formula, Name, Number, key

Value: TypeAlias = Any  # fmpq | arb | arb_series | bool | str | tuple of Value

MOVED = "\u2202"  # the name of the argument that a derivative moves
MAX_POWER = 10_000
MAX_TERMS = 100_000
ZERO, ONE, HALF = fmpq(0), fmpq(1), fmpq(1, 2)


class EvaluationError(ArithmeticError):
    """The formula has no value here; the message says why, for a reader of the formula."""


class Kink(EvaluationError):
    """A power series meets a point where the function has no derivative."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function given by a formula in its parameters: ``relu(z) = max(0, z)``.

    ``entrywise``: a function of one scalar that is applied to each entry of an array.
    """

    parameters: tuple[str, ...]
    body: Formula
    entrywise: bool = True


@contextmanager
def precision(bits: int):
    """Compute balls with this many bits inside the block."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def evaluate(
    formula: Formula, values: Mapping[str, Value], functions: Mapping[str, Function] | None = None
) -> Value:
    """The value of the formula, given the values of its names and the functions it calls.

    Raises:
        EvaluationError: an unknown name or function, shapes that do not fit, a division by 0,
            a logarithm of 0, ...
        Ambiguous: a comparison that the balls are too wide to decide.
    """
    if isinstance(formula, Number):
        return exact(formula.text)
    if isinstance(formula, Name):
        return _named(formula, values)
    head = formula.head
    if rule := SPECIAL.get(head):
        return rule(formula.args, values, functions or {})
    args = [evaluate(arg, values, functions) for arg in formula.args]
    if head in PRIMITIVES:
        return PRIMITIVES[head](*args)
    if functions and head in functions:
        return _call(functions[head], args, functions, values)
    if head.endswith("'") and functions is not None:
        return _derivative(head[:-1], args, functions, values)
    raise EvaluationError(f"'{head}' is not a known function")


def _named(formula: Formula, values: Mapping[str, Value]) -> Value:
    name = key(formula)
    try:
        return values[name]
    except KeyError:
        raise EvaluationError(f"'{name}' has no value") from None


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
    inside = ChainMap(dict(zip(function.parameters, args, strict=True)), values)  # type: ignore[arg-type]
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
        moved = ChainMap({MOVED: arb_series([at, 1])}, values)  # type: ignore[arg-type]
        series = evaluate(Apply(name, (Name(MOVED),)), moved, functions)
    finally:
        ctx.cap = before
    if not isinstance(series, arb_series):
        return ZERO
    return series[order] * reduce(lambda a, b: a * b, range(1, order + 1))


# ---------------------------------------------------------------- scalars


def constant_term(value: Value) -> Value:
    """The value itself, or the first coefficient of a power series."""
    return value[0] if isinstance(value, arb_series) else value


def less(left: Value, right: Value) -> bool:
    """Whether left < right, decided by the balls or not at all."""
    a, b = constant_term(_scalar(left)), constant_term(_scalar(right))
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


def _broadcast(rule: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    """Entry by entry; a scalar goes with every entry, a column with every column of a matrix."""
    a, b = isinstance(left, tuple), isinstance(right, tuple)
    if not a and not b:
        return rule(left, right)
    if a and b:
        if len(left) != len(right):
            raise EvaluationError(f"shapes {shape_text(left)} and {shape_text(right)} do not fit")
        return tuple(_broadcast(rule, x, y) for x, y in zip(left, right, strict=True))
    if a:
        return tuple(_broadcast(rule, x, right) for x in left)
    return tuple(_broadcast(rule, left, y) for y in right)


def _scalar(value: Value) -> Value:
    if isinstance(value, (tuple, bool, str)):
        raise EvaluationError("a single number is needed here")
    return value


def _add(*terms: Value) -> Value:
    return reduce(lambda a, b: _broadcast(lambda x, y: x + y, a, b), terms)


def _times(x: Value, y: Value) -> Value:
    """x y, which is exactly 0 where a factor is."""
    if (isinstance(x, fmpq) and x == 0) or (isinstance(y, fmpq) and y == 0):
        return ZERO
    return x * y


def _multiply_two(left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        raise EvaluationError("two arrays are multiplied with @ (matrix product) or .* (entrywise)")
    return _broadcast(_times, left, right)


def _divide(above: Value, below: Value) -> Value:
    def rule(x: Value, y: Value) -> Value:
        if constant_term(y) == 0:
            raise EvaluationError("division by 0")
        return x / y

    if isinstance(below, tuple) and isinstance(above, tuple) and shape(above) != shape(below):
        raise EvaluationError(f"shapes {shape_text(above)} and {shape_text(below)} do not fit")
    return _broadcast(rule, above, below)


def _power(base: Value, exponent: Value) -> Value:
    exponent = _scalar(exponent)
    if isinstance(base, tuple):
        return tuple(_power(entry, exponent) for entry in base)
    if isinstance(exponent, fmpq) and exponent.q == 1:
        whole = int(exponent.p)
        if abs(whole) > MAX_POWER:
            raise EvaluationError(f"an exponent above {MAX_POWER}")
        if whole < 0 and constant_term(base) == 0:
            raise EvaluationError("division by 0")
        if isinstance(base, fmpq) and abs(whole) * base.height_bits() > 100 * MAX_POWER:
            base = arb(base)
        if isinstance(base, fmpq):
            return base**whole
        result = _repeated(base, abs(whole))
        return 1 / result if whole < 0 else result
    if isinstance(exponent, fmpq) and exponent.q == 2:
        root = _sqrt(base)
        return _power(root, fmpq(exponent.p))
    if constant_term(base) == 0 and isinstance(exponent, fmpq) and exponent > 0:
        if isinstance(base, arb_series):
            raise Kink("a power with a fractional exponent has no derivative at 0")
        return ZERO
    if not constant_term(base) > 0:
        raise EvaluationError("a power with a fractional exponent needs a positive base")
    return _exp(exponent * _ln(base))


def _repeated(base: Value, exponent: int) -> Value:
    """base^exponent by squaring; flint's own power of a ball that holds 0 is not a number."""
    result: Value = ONE
    while exponent:
        if exponent & 1:
            result = result * base
        base, exponent = base * base, exponent >> 1
    return result


def _ball(value: Value) -> Value:
    return arb(value) if isinstance(value, fmpq) else value


def _exp(x: Value) -> Value:
    return ONE if isinstance(x, fmpq) and x == 0 else _ball(x).exp()


def _ln(x: Value) -> Value:
    at = constant_term(x)
    if at == 0:
        raise EvaluationError("the logarithm of 0 does not exist")
    if at < 0:
        raise EvaluationError("the logarithm of a negative number does not exist")
    if not at > 0:
        raise Ambiguous
    return ZERO if isinstance(x, fmpq) and x == 1 else _ball(x).log()


def _log_to(base: int) -> Callable[[Value], Value]:
    def rule(x: Value) -> Value:
        if isinstance(x, fmpq) and x > 0:
            for whole, sign in ((x, 1), (1 / x, -1)):
                if whole.q == 1:
                    size, exponent = int(whole.p), 0
                    while size % base == 0:
                        size, exponent = size // base, exponent + 1
                    if size == 1:
                        return fmpq(sign * exponent)
        return _ln(x) / arb(base).log()

    return rule


def _log(x: Value, base: Value | None = None) -> Value:
    if isinstance(x, tuple):
        return tuple(_log(entry, base) for entry in x)
    if base is None:
        return _ln(x)
    if isinstance(base, fmpq) and base.q == 1 and base > 1:
        return _log_to(int(base.p))(x)
    return _divide(_ln(x), _ln(_scalar(base)))


def _sqrt(x: Value) -> Value:
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


def _tanh(x: Value) -> Value:
    if isinstance(x, fmpq):
        return ZERO if x == 0 else arb(x).tanh()
    if isinstance(x, arb):
        return x.tanh()
    grown = (2 * x).exp()
    return (grown - 1) / (grown + 1)


def _sinh(x: Value) -> Value:
    if isinstance(x, fmpq) and x == 0:
        return ZERO
    return (_exp(x) - _exp(-x)) / 2


def _cosh(x: Value) -> Value:
    return (_exp(x) + _exp(-x)) / 2


def _by_method(method: str, at_zero: fmpq) -> Callable[[Value], Value]:
    def rule(x: Value) -> Value:
        return at_zero if isinstance(x, fmpq) and x == 0 else getattr(_ball(x), method)()

    return rule


def _abs(x: Value) -> Value:
    if isinstance(x, arb_series):
        if x[0] == 0:
            raise Kink("|x| has no derivative at 0")
        return -x if less(x, ZERO) else x
    return abs(x)


def _sign(x: Value) -> Value:
    if same(x, ZERO):
        return ZERO
    return fmpq(-1) if less(x, ZERO) else ONE


def _whole(method: str) -> Callable[[Value], Value]:
    def rule(x: Value) -> Value:
        at = constant_term(x)
        if isinstance(at, fmpq):
            return fmpq(getattr(at, method)())
        whole = getattr(at, method)().unique_fmpz()
        if whole is None:
            raise Ambiguous
        return fmpq(whole)

    return rule


def _choose(left: Value, right: Value, larger: bool) -> Value:
    if isinstance(left, arb_series) or isinstance(right, arb_series):
        a, b = constant_term(left), constant_term(right)
        if a == b:
            raise Kink("the maximum of two equal values has no derivative")
        return left if less(a, b) != larger else right
    if isinstance(left, fmpq) and isinstance(right, fmpq):
        return max(left, right) if larger else min(left, right)
    a, b = _ball(left), _ball(right)
    if a >= b:
        return left if larger else right
    if b >= a:
        return right if larger else left
    return a.max(b) if larger else a.min(b)


def _extreme(larger: bool) -> Callable[..., Value]:
    def rule(*args: Value) -> Value:
        if len(args) == 1 and isinstance(args[0], tuple):
            return reduce(lambda a, b: _choose(a, b, larger), entries(args[0]))
        return reduce(lambda a, b: _broadcast(lambda x, y: _choose(x, y, larger), a, b), args)

    return rule


# ---------------------------------------------------------------- vectors and matrices


def shape(value: Value) -> tuple[int, ...]:
    """() of a scalar, (n,) of a column of n, (rows, columns) of a matrix."""
    return (len(value), *shape(value[0])) if isinstance(value, tuple) and value else ()


def shape_text(value: Value) -> str:
    """The shape in words of the field: ``scalar``, ``3``, ``2x3``."""
    return "x".join(map(str, shape(value))) or "scalar"


def entries(value: Value) -> list[Value]:
    """All scalars of an array, row by row."""
    if not isinstance(value, tuple):
        return [value]
    return [scalar for part in value for scalar in entries(part)]


def _rows(value: Value) -> tuple[tuple[Value, ...], ...]:
    """A matrix as it is, a column as a matrix of one column."""
    return value if len(shape(value)) == 2 else tuple((entry,) for entry in value)


def transpose(value: Value) -> Value:
    """Rows and columns exchanged; a column becomes a matrix of one row."""
    return tuple(zip(*_rows(value), strict=True)) if isinstance(value, tuple) else value


def _matmul(*factors: Value) -> Value:
    return reduce(_matmul_two, factors)


def _matmul_two(left: Value, right: Value) -> Value:
    if not isinstance(left, tuple) or not isinstance(right, tuple):
        return _multiply_two(left, right)
    a, b = _rows(left), _rows(right)
    if len(a[0]) != len(b):
        raise EvaluationError(
            f"shapes {shape_text(left)} and {shape_text(right)} do not fit: "
            f"{len(a[0])} columns against {len(b)} rows"
        )
    columns = tuple(zip(*b, strict=True))
    result = tuple(tuple(_inner(row, column) for column in columns) for row in a)
    if len(shape(right)) == 1:
        column = tuple(row[0] for row in result)
        return column[0] if len(column) == 1 and len(a) == 1 else column
    return result


def _inner(left: tuple[Value, ...], right: tuple[Value, ...]) -> Value:
    return reduce(lambda a, b: a + b, map(_times, left, right))


def _dot(left: Value, right: Value) -> Value:
    if shape(left) != shape(right) or len(shape(left)) != 1:
        raise EvaluationError(
            f"a dot product needs two vectors of one length, not {shape_text(left)} "
            f"and {shape_text(right)}"
        )
    return _inner(left, right)


def _hadamard(*factors: Value) -> Value:
    for factor in factors[1:]:
        if shape(factor) != shape(factors[0]):
            raise EvaluationError(
                f"shapes {shape_text(factors[0])} and {shape_text(factor)} do not fit entry by entry"
            )
    return reduce(lambda a, b: _broadcast(_times, a, b), factors)


def _norm(value: Value) -> Value:
    return _abs(value) if not isinstance(value, tuple) else _sqrt(_norm_squared(value))


def _norm_squared(value: Value) -> Value:
    return reduce(lambda a, b: a + b, (entry * entry for entry in entries(value)))


def _softmax(value: Value) -> Value:
    if not isinstance(value, tuple):
        raise EvaluationError("softmax needs a vector")
    if len(shape(value)) == 2:  # one sample in each column
        return transpose(tuple(_softmax(column) for column in transpose(value)))
    grown = [_exp(entry) for entry in value]
    below = reduce(lambda a, b: a + b, grown)
    return tuple(entry / below for entry in grown)


def _sum_entries(*args: Value) -> Value:
    return reduce(lambda a, b: a + b, [e for arg in args for e in entries(arg)])


def _mean(*args: Value) -> Value:
    flat = [e for arg in args for e in entries(arg)]
    return reduce(lambda a, b: a + b, flat) / fmpq(len(flat))


def _ones(sizes: list[int]) -> Value:
    return tuple(_ones(sizes[1:]) for _ in range(sizes[0])) if sizes else ONE


def _argmax(value: Value) -> Value:
    best = 0
    flat = entries(value)
    for place in range(1, len(flat)):
        if less(flat[best], flat[place]):
            best = place
    return fmpq(best + 1)


def _entrywise(rule: Callable[[Value], Value]) -> Callable[[Value], Value]:
    def lifted(value: Value) -> Value:
        return tuple(map(lifted, value)) if isinstance(value, tuple) else rule(value)

    return lifted


# ---------------------------------------------------------------- forms that read their operands


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
    return reduce(lambda a, b: _add(a, b), terms) if terms else ZERO


def _bigproduct(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    return reduce(lambda a, b: a * b, _ranged(args, values, functions), ONE)


def _ranged(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> list[Value]:
    index, lower, upper, body = args
    first, last = (evaluate(bound, values, functions) for bound in (lower, upper))
    if not isinstance(first, fmpq) or not isinstance(last, fmpq) or first.q != 1 or last.q != 1:
        raise EvaluationError("the bounds of a sum are whole numbers")
    if last - first > MAX_TERMS:
        raise EvaluationError(f"a sum of more than {MAX_TERMS} terms")
    return [
        evaluate(body, {**values, key(index): fmpq(i)}, functions)
        for i in range(int(first.p), int(last.p) + 1)
    ]


def _entry(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    value = evaluate(args[0], values, functions)
    for index in args[1:]:
        place = evaluate(index, values, functions)
        whole = isinstance(place, fmpq) and place.q == 1
        if not isinstance(value, tuple) or not whole or not 1 <= place <= len(value):
            raise EvaluationError(f"there is no entry {place} in a {shape_text(value)}")
        value = value[int(place.p) - 1]
    return value


def _power_node(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    base, exponent = args
    if isinstance(base, Apply) and base.head == "norm" and exponent == Number("2"):
        return _norm_squared(evaluate(base.args[0], values, functions))
    return _power(evaluate(base, values, functions), evaluate(exponent, values, functions))


def _derivative_name(
    args: tuple[Formula, ...], values: Mapping[str, Value], functions: Mapping[str, Function]
) -> Value:
    return _named(Apply("partial", args), values)


PRIMITIVES: dict[str, Callable[..., Value]] = {
    "sum": _add,
    "neg": _entrywise(lambda x: -x),
    "product": lambda *factors: reduce(_multiply_two, factors),
    "quotient": _divide,
    "group": lambda x: x,
    "matmul": _matmul,
    "dot": _dot,
    "hadamard": _hadamard,
    "transpose": transpose,
    "vector": lambda *parts: parts,
    "row": lambda *parts: parts,
    "matrix": lambda *rows: rows,
    "tuple": lambda *parts: parts,
    "dims": lambda *parts: parts,
    "exp": _entrywise(_exp),
    "ln": _entrywise(_ln),
    "log": _log,
    "log2": _entrywise(_log_to(2)),
    "log10": _entrywise(_log_to(10)),
    "sqrt": _entrywise(_sqrt),
    "abs": _entrywise(_abs),
    "sign": _entrywise(_sign),
    "floor": _entrywise(_whole("floor")),
    "ceil": _entrywise(_whole("ceil")),
    "tanh": _entrywise(_tanh),
    "sinh": _entrywise(_sinh),
    "cosh": _entrywise(_cosh),
    "sin": _entrywise(_by_method("sin", ZERO)),
    "cos": _entrywise(_by_method("cos", ONE)),
    "atan": _entrywise(_by_method("atan", ZERO)),
    "erf": _entrywise(_by_method("erf", ZERO)),
    "max": _extreme(True),
    "min": _extreme(False),
    "norm": _norm,
    "softmax": _softmax,
    "sum_entries": _sum_entries,
    "mean": _mean,
    "argmax": _argmax,
    "iverson": lambda truth: ONE if truth else ZERO,
    "<": less,
    ">": lambda a, b: less(b, a),
    "<=": lambda a, b: not less(b, a),
    ">=": lambda a, b: not less(a, b),
    "==": same,
    "!=": lambda a, b: not same(a, b),
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
    "not": lambda part: not part,
    "otherwise": lambda: True,
    "ones": lambda *sizes: _ones([int(size) for size in sizes]),
    "pi": lambda: arb.pi(),
    "euler": lambda: arb(1).exp(),
}

SPECIAL: dict[str, Callable[..., Value]] = {
    "cases": _cases,
    "bigsum": _bigsum,
    "bigproduct": _bigproduct,
    "entry": _entry,
    "power": _power_node,
    "partial": _derivative_name,
    "total": _derivative_name,
}

"""Worlds of a statement in symbols: random sizes, arrays, numbers and functions, within its hypotheses.

A statement that holds for all sizes is tried at several, of which the first have no two sizes
alike, so that a transpose that is missing does not go unnoticed. A function that may be any is a
polynomial in one world, and has a tanh in the next.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from math import prod

from flint import arb, fmpq

from derivations.errors import VerificationError
from derivations.formula.evaluation import (
    EvaluationError,
    Function,
    Value,
    entries,
    evaluate,
    precision,
)
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.steps.solution import Symbol, Universe
from derivations.truth.judge import BITS, World, holds
from derivations.truth.worlds import Model

WORLDS = 12
CORNERS = 8  # worlds in which indices are first or last
DISTINCT = 3  # worlds in which no two sizes are alike
TRIES = 400
LARGEST = 2000  # entries of an array
PARTS = 1009  # numbers are drawn as fractions of it
Draw = Callable[[random.Random, tuple[str, ...], Mapping[str, Value]], fmpq]


def worlds_of(
    universe: Universe,
    givens: Mapping[str, Value],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
    seed: str = "",
    count: int = WORLDS,
    patience: int = TRIES,
) -> list[World]:
    """Worlds that fulfil the hypotheses, each with other values.

    Args:
        universe: the symbols and what is defined over them.
        givens: numbers of the problem besides.
        definitions: values over these numbers.
        functions: what the formulas call.
        seed: text that the draws depend on, and on nothing else.
        count: how many worlds.
        patience: how many draws are made before one of them fulfils the hypotheses.

    Raises:
        VerificationError: hypotheses that (almost) nothing fulfils.
    """
    source = random.Random(seed)
    found: list[World] = []
    last = ""
    with precision(BITS[0]):
        for attempt in range(TRIES):
            if len(found) == count:
                return found
            if not found and attempt >= patience:
                break
            try:
                place = (
                    attempt if universe.conditions else len(found)
                )  # past corners that do not fulfil them
                world = _world(universe, givens, definitions, functions, source, place)
            except EvaluationError as error:
                last = f"; {error}"
                continue
            except Ambiguous:
                continue
            if all(holds(condition, world) for condition in universe.conditions):
                found.append(world)
    if len(found) < min(count, WORLDS):
        raise VerificationError(
            f"only {len(found)} of {TRIES} random cases fulfil the hypotheses{last}",
            ("conditions",) if universe.conditions else ("symbols",),
        )
    return found


def _world(
    universe: Universe,
    givens: Mapping[str, Value],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
    source: random.Random,
    place: int,
) -> World:
    values: dict[str, Value] = dict(givens)
    called = dict(functions)
    waiting: list[Symbol] = []  # functions of what is defined later
    sizes = _sizes(universe, source, place < DISTINCT)
    corner = place
    for symbol in universe.symbols:
        if symbol.name in sizes:
            values[symbol.name] = sizes[symbol.name]
        elif symbol.domain == ("function",):
            called[symbol.name] = _any_function(source, place)
        elif symbol.domain[0] == "whole" and place < CORNERS:  # first and last places
            low, high = (_bound(bound, values) for bound in symbol.domain[1:])
            values[symbol.name] = fmpq(low if corner % 2 == 0 else high)
            corner //= 2
        elif symbol.domain[0] == "function":
            waiting.append(symbol)
        else:
            shape = tuple(_extent(size, values) for size in symbol.shape)
            if prod(shape) > LARGEST:
                raise VerificationError(
                    f"{prod(shape)} entries; expected at most {LARGEST}", ("symbols", symbol.name)
                )
            values[symbol.name] = _array(symbol, shape, source, values)
    model = Model(values, definitions, called)
    for name, formula in (*universe.definitions.items(), ("", None)):
        for symbol in [s for s in waiting if set(s.domain[1:]) <= set(model)]:
            waiting.remove(symbol)
            weights, total = _any_value(symbol, model, source)
            model.give(weights)
            model.define(symbol.name, total)
        if formula is not None:
            model.define(name, formula)
    if not all(_is_finite(model[name]) for name in universe.definitions):
        raise EvaluationError("a value is too large")
    return World(model, called)


def _is_finite(value: Value) -> bool:
    return all(not isinstance(entry, arb) or entry.is_finite() for entry in entries(value))


def _extent(size: str, values: Mapping[str, Value]) -> int:
    """A size: a number, a name, or a difference of them as n-k+1."""
    value = values[size] if size in values else evaluate(read_expression(size), values)
    if not isinstance(value, fmpq) or value.q != 1 or value < 1:
        raise EvaluationError("a size is a whole number, 1 or more")
    return int(value.p)


def _bound(bound: str, values: Mapping[str, Value]) -> int:
    return 0 if bound == "0" else _extent(bound, values)


def _sizes(universe: Universe, source: random.Random, distinct: bool) -> dict[str, fmpq]:
    """The sizes, in the first worlds all of them different where their bounds allow it."""
    taken: set[int] = set()
    sizes: dict[str, fmpq] = {}
    for symbol in universe.symbols:
        if symbol.domain[0] != "size":
            continue
        low, high = map(int, symbol.domain[1:])
        choices = [n for n in range(low, high + 1) if not distinct or (n not in taken and n > 1)]
        n = source.choice(choices or list(range(low, high + 1)))
        taken.add(n)
        sizes[symbol.name] = fmpq(n)
    return sizes


# ---------------------------------------------------------------- numbers


OF_ARRAYS = frozenset({"one-hot", "simplex", "symmetric"})


def _array(
    symbol: Symbol, shape: tuple[int, ...], source: random.Random, values: Mapping[str, Value]
) -> Value:
    kind = symbol.domain[0]
    if kind in OF_ARRAYS and not shape:
        raise EvaluationError(f"'{symbol.name}' is one number, and no array")
    if kind == "one-hot":
        hot = source.randrange(shape[0])
        return tuple(fmpq(int(place == hot)) for place in range(shape[0]))
    if kind == "simplex":
        parts = [fmpq(source.randint(1, PARTS)) for _ in range(shape[0])]
        total = sum(parts, fmpq(0))
        return tuple(part / total for part in parts)

    if kind == "unit" and len(shape) == 1:
        return _unit([_real(source, (), values) for _ in range(shape[0] - 1)])
    if kind == "symmetric" and (len(shape) != 2 or shape[0] != shape[1]):
        raise EvaluationError("a symmetric matrix has as many rows as columns")

    def draw(sizes: tuple[int, ...]) -> Value:
        if not sizes:
            return DOMAINS[kind](source, symbol.domain[1:], values)
        return tuple(draw(sizes[1:]) for _ in range(sizes[0]))

    drawn = draw(shape)
    if kind == "symmetric":
        return tuple(
            tuple(drawn[max(i, j)][min(i, j)] for j in range(shape[0])) for i in range(shape[0])
        )
    return drawn


def _unit(slopes: list[fmpq]) -> Value:
    """A vector of length 1 in rational numbers, by the line through it and the last axis."""
    square = sum((slope**2 for slope in slopes), fmpq(0))
    return (*(2 * slope / (square + 1) for slope in slopes), (square - 1) / (square + 1))


def _real(source: random.Random, bounds: tuple[str, ...], values: Mapping[str, Value]) -> fmpq:
    number = fmpq(source.randint(-3 * PARTS, 3 * PARTS), PARTS)
    return number if number != 0 else fmpq(1, 2)


def _between(source: random.Random, bounds: tuple[str, ...], values: Mapping[str, Value]) -> fmpq:
    low, high = map(exact, bounds)
    return low + (high - low) * fmpq(source.randint(1, PARTS - 1), PARTS)


def _whole(source: random.Random, bounds: tuple[str, ...], values: Mapping[str, Value]) -> fmpq:
    low, high = (_bound(bound, values) for bound in bounds)
    return fmpq(source.randint(low, high))


DOMAINS: dict[str, Draw] = {
    "real": _real,
    "symmetric": _real,
    "positive": lambda source, bounds, values: fmpq(source.randint(50, 3 * PARTS), PARTS),
    "negative": lambda source, bounds, values: -fmpq(source.randint(50, 3 * PARTS), PARTS),
    "in": _between,
    "binary": lambda source, bounds, values: fmpq(source.randint(0, 1)),
    "sign": lambda source, bounds, values: fmpq(source.choice((-1, 1))),
    "unit": lambda source, bounds, values: fmpq(source.choice((-1, 1))),
    "whole": _whole,
}
ARRAYS = frozenset({"one-hot", "simplex"})


# ---------------------------------------------------------------- functions


def _some(source: random.Random) -> Formula:
    """A coefficient between 1/7 and 3, of either sign."""
    number = quotient(read_expression(str(source.randint(1, 20))), read_expression("7"))
    return Apply("neg", (number,)) if source.random() < 0.5 else number


def _any_function(source: random.Random, place: int) -> Function:
    """A smooth function of one number that has no special value anywhere."""
    z = Name("z")
    terms = [product(_some(source), power(z, degree)) for degree in (1, 2, 3)]
    if place % 2:
        terms.append(product(_some(source), apply("tanh", z)))
    return Function(("z",), sum_of(_some(source), *terms))


def _any_value(
    symbol: Symbol, values: Mapping[str, Value], source: random.Random
) -> tuple[dict[str, Value], Formula]:
    """A number that depends on every entry of what is named, and on pairs of them.

    Weighted entries are added, and the square of such a sum; the weights come beside the formula.
    """
    weights: dict[str, Value] = {}
    sums: list[Formula] = []
    for place in range(2):
        terms: list[Formula] = []
        for name in symbol.domain[1:]:
            weight = f"{symbol.name}:{name}:{place}"
            weights[weight] = _like(values[name], source)
            terms.append(_inner(Name(weight), Name(name), values[name]))
        sums.append(sum_of(*terms))
    return weights, sum_of(sums[0], power(sums[1], 2))


def _like(value: Value, source: random.Random) -> Value:
    if isinstance(value, tuple):
        return tuple(_like(part, source) for part in value)
    return _real(source, (), {})


def _inner(weights: Formula, of: Formula, value: Value) -> Formula:
    if not isinstance(value, tuple):
        return product(weights, of)
    return apply("sum_entries", apply("hadamard", weights, of))

"""Worlds to judge in: values of givens, of what is defined over them, and of derivatives.

A derivative ∂L/∂w means: w is moved, everything defined over it follows, other givens stay. Its
value is the first coefficient of a power series through the definitions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from flint import arb, arb_series, ctx, fmpq

from derivations.errors import VerificationError
from derivations.formula.evaluation import (
    EvaluationError,
    Function,
    Kink,
    Value,
    evaluate,
    precision,
)
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, names
from derivations.steps.solution import Solution
from derivations.truth.judge import BITS, CLOSE, World

TRIES = 12
POINTS = 4  # for names that the model does not define


class Model(Mapping[str, Value]):
    """The values of a model at one point; derivatives are computed when they are asked for.

    Args:
        givens: values of what the problem gives.
        definitions: what is defined, in order, each over givens and earlier names.
        functions: what the formulas call.
        conventions: values for derivatives at kinks, where the power series has none.
        exact: values that are known exactly; a 0 among them stands for a ball that is close to it.
    """

    def __init__(
        self,
        givens: Mapping[str, Value],
        definitions: Mapping[str, Formula],
        functions: Mapping[str, Function],
        conventions: Mapping[str, Value] | None = None,
        exact: Mapping[str, Value] | None = None,
    ) -> None:
        self.exact = exact or {}
        self.definitions: dict[str, Formula] = {}
        self.uses: dict[str, frozenset[str]] = {}  # the names in a definition, once looked for
        self.functions = functions
        self.conventions = conventions or {}
        self.givens = givens
        self.found: dict[str, Value] = dict(givens)
        for name, formula in definitions.items():
            self.define(name, formula)

    def give(self, values: Mapping[str, Value]) -> None:
        """More values."""
        self.givens = {**self.givens, **values}
        self.found.update(values)

    def define(self, name: str, formula: Formula) -> None:
        """One more definition, over givens and earlier names; one without a value is not taken."""
        self.found[name] = _settled(evaluate(formula, self, self.functions), self.exact.get(name))
        self.definitions[name] = formula
        self.uses.pop(name, None)

    def __getitem__(self, name: str) -> Value:
        if name not in self.found:
            if name.startswith("dd") and name.count("/d") == 2:
                of, first, second = name[2:].split("/d")
                self.found[name] = self.bend(of, first, second)
                return self.found[name]
            if not name.startswith("d") or name.count("/d") != 1:
                raise KeyError(name)
            of, wrt = name[1:].split("/d")
            try:
                self.found[name] = _settled(self.derivative(of, wrt), self.exact.get(name))
            except Kink:
                if name not in self.conventions:
                    raise
                self.found[name] = self.conventions[name]
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def derivative(self, of: str, wrt: str) -> Value:
        """d of / d wrt, of the shape of wrt (of the shape of ``of`` where wrt is a scalar).

        Raises:
            KeyError: one of the names is unknown.
            Kink: a maximum of equal values or the like lies on the way.
        """
        at = self.found[wrt]
        if of not in self.found:
            raise KeyError(of)
        if not isinstance(at, tuple):
            return self._slope(of, wrt, lambda moved: moved, at)
        return self._entrywise(of, wrt, at, lambda part: part)

    def _entrywise(self, of: str, wrt: str, at: Value, put: Callable[[Value], Value]) -> Value:
        """The derivative with respect to each entry; ``put`` sets an entry into the whole."""
        result = []
        for place, entry in enumerate(at):

            def inner(moved: Value, place: int = place, at: Value = at) -> Value:
                return put((*at[:place], moved, *at[place + 1 :]))

            if isinstance(entry, tuple):
                result.append(self._entrywise(of, wrt, entry, inner))
            else:
                result.append(self._slope(of, wrt, inner, entry))
        return tuple(result)

    def bend(self, of: str, first: str, second: str) -> Value:
        """d² of / (d first d second): of the shape of first, then of second, then of ``of``."""

        def along(*ways: tuple[str, tuple[int, ...]]) -> Value:
            """A half of the second derivative where entries move together."""
            start = {name: self.found[name] for name, _ in ways}
            for name, places in ways:
                start[name] = _pushed(start[name], places)
            return self._coefficient(of, start, 2)

        def rows(one: tuple[int, ...], other: tuple[int, ...], whole: Value) -> Value:
            if isinstance(whole, tuple):
                return tuple(rows(one, (*other, k), part) for k, part in enumerate(whole))
            alone = along((first, one)), along((second, other))
            return _mixed(along((first, one), (second, other)), *alone)

        def table(one: tuple[int, ...], whole: Value) -> Value:
            if isinstance(whole, tuple):
                return tuple(table((*one, k), part) for k, part in enumerate(whole))
            return rows(one, (), self.found[second])

        return table((), self.found[first])

    def _slope(self, of: str, wrt: str, put: Callable[[Value], Value], at: Value) -> Value:
        return self._coefficient(of, {wrt: put(arb_series([at, 1]))}, 1)

    def _coefficient(self, of: str, start: Mapping[str, Value], order: int) -> Value:
        """That of a power of what names are moved by, in the power series of ``of``."""
        before, ctx.cap = ctx.cap, order + 1
        try:
            moved = {**self.found, **start}
            touched = set(start)
            kinks: dict[str, Kink] = {}  # a kink beside the way to ``of`` does no harm
            for name, formula in self.definitions.items():
                if of in touched:
                    break
                if name not in self.uses:
                    self.uses[name] = frozenset(names(formula))
                used = self.uses[name]
                if name in start or touched.isdisjoint(used):
                    continue
                touched.add(name)
                try:
                    if not used.isdisjoint(kinks):
                        raise kinks[min(used & kinks.keys())]
                    moved[name] = evaluate(formula, moved, self.functions)
                except Kink as error:
                    kinks[name] = error
                except (
                    Ambiguous
                ):  # the exact value has chosen its branch; the ball around it lies on both
                    if ctx.prec < BITS[-1]:
                        raise
                    kinks[name] = Kink("a branch changes here")
            if of in kinks:
                raise kinks[of]
            return _coefficient(moved[of], order)
        finally:
            ctx.cap = before


def _settled(value: Value, exact: Value | None) -> Value:
    """The value, with 0 in the place of a ball that holds it where it is known to be exactly 0."""
    if isinstance(value, tuple) and isinstance(exact, tuple) and len(value) == len(exact):
        return tuple(map(_settled, value, exact))
    if not isinstance(value, arb) or not isinstance(exact, fmpq) or exact != 0:
        return value
    return exact if value.contains(0) and value.rad() < CLOSE else value


def _coefficient(value: Value, order: int) -> Value:
    if isinstance(value, tuple):
        return tuple(_coefficient(part, order) for part in value)
    return value[order] if isinstance(value, arb_series) else fmpq(0)


def _pushed(value: Value, places: tuple[int, ...]) -> Value:
    """The value with one entry moved, once more where it moves already."""
    if places:
        at, *rest = places
        return (*value[:at], _pushed(value[at], tuple(rest)), *value[at + 1 :])
    return value + arb_series([0, 1]) if isinstance(value, arb_series) else arb_series([value, 1])


def _mixed(both: Value, one: Value, other: Value) -> Value:
    if isinstance(both, tuple):
        return tuple(map(_mixed, both, one, other))
    return both - one - other


def random_models(
    givens: Mapping[str, Value],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
    count: int,
    seed: int = 0,
) -> list[World]:
    """Worlds with other givens near the problem's own, as far as the definitions allow.

    Each number is moved by up to a half of its size and keeps its sign, so that domains
    (probabilities, positive numbers) are mostly kept; points where something has no value are
    drawn again.
    """
    source = random.Random(seed)
    worlds: list[World] = []
    with precision(BITS[0]):
        for _ in range(TRIES):
            if len(worlds) == count:
                break
            moved = {name: _moved(value, source) for name, value in givens.items()}
            try:
                worlds.append(World(Model(moved, definitions, functions), functions))
            except (EvaluationError, Ambiguous):
                continue
    return worlds


def with_free_names(world: World, free: set[str], seed: int = 0) -> list[World]:
    """The world itself or, where formulas have names of their own, worlds with values for them.

    The values lie on both sides of 0 and between -3 and 3, where nothing saturates.
    """
    if not free:
        return [world]
    source = random.Random(seed)
    points = []
    for place in range(POINTS):
        low, high = ((-3027, 0), (1, 3027))[place % 2]
        values = {name: fmpq(source.randint(low, high), 1009) for name in sorted(free)}
        points.append(World({**world.values, **values}, world.functions))
    return points


def _moved(value: Value, source: random.Random) -> Value:
    if isinstance(value, tuple):
        return tuple(_moved(part, source) for part in value)
    if not isinstance(value, fmpq):
        return value
    if value == 0:
        return fmpq(source.randint(-997, 997), 1009)
    return value * fmpq(source.randint(509, 1493), 1009)


def own_world(
    solution: Solution,
    givens: Mapping[str, Value],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
) -> World:
    """The problem's own world, with as many bits as its comparisons need.

    Raises:
        VerificationError: no bits decide a comparison.
    """
    for bits in BITS:
        with precision(bits):
            try:
                conventions = _conventions(solution, definitions)
                exact = {name: known.true for name, known in solution.known.items()}
                return World(Model(givens, definitions, functions, conventions, exact), functions)
            except Ambiguous:
                continue
    raise VerificationError(f"{solution.derivation.id}: a branch cannot be decided")


def _conventions(solution: Solution, definitions: Mapping[str, Formula]) -> dict[str, Value]:
    """What is taken for a derivative at a kink: of a unit, the slope of its activation.

    A function of several numbers has the slope by the first of them.
    """
    found = {name: known.true for name, known in solution.known.items()}
    functions = solution.derivation.functions
    for name, formula in definitions.items():
        if not isinstance(formula, Apply) or f"{formula.head}'" not in functions:
            continue
        if isinstance(formula.args[0], Name):
            slope = replace(formula, head=f"{formula.head}'")
            with suppress(EvaluationError):
                value = evaluate(slope, found, functions)
                found.setdefault(f"d{name}/d{formula.args[0].id}", value)
    return found

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

    def _slope(self, of: str, wrt: str, put: Callable[[Value], Value], at: Value) -> Value:
        before, ctx.cap = ctx.cap, 2
        try:
            moved = {**self.found, wrt: put(arb_series([at, 1]))}
            touched = {wrt}
            kinks: dict[str, Kink] = {}  # a kink beside the way to ``of`` does no harm
            for name, formula in self.definitions.items():
                if of in touched:
                    break
                if name not in self.uses:
                    self.uses[name] = frozenset(names(formula))
                used = self.uses[name]
                if name == wrt or touched.isdisjoint(used):
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
            return _first_coefficient(moved[of])
        finally:
            ctx.cap = before


def _settled(value: Value, exact: Value | None) -> Value:
    """The value, with 0 in the place of a ball that holds it where it is known to be exactly 0."""
    if isinstance(value, tuple) and isinstance(exact, tuple) and len(value) == len(exact):
        return tuple(map(_settled, value, exact))
    if not isinstance(value, arb) or not isinstance(exact, fmpq) or exact != 0:
        return value
    return exact if value.contains(0) and value.rad() < CLOSE else value


def _first_coefficient(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_first_coefficient, value))
    return value[1] if isinstance(value, arb_series) else fmpq(0)


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

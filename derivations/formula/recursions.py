"""Definitions that are worked through again and again: thousands of updates, as balls.

Exact fractions would grow without end, so values are balls with as many bits as the answer needs:
how many are lost on the way is measured, and the run begins again with so many more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flint import arb, ctx, fmpq

from derivations.formula.evaluation import PRIMITIVES, Function, evaluate
from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.scalars import EvaluationError, Value, divide, power, precision, times
from derivations.formula.tree import Apply, Formula, Name, Number, names, substitute

COUNT = "t"  # the number of the update, from 1
WHOLE = 192  # bits of a fraction that goes on as it is
MOST_BITS = 24_000
CHECKED = 32  # updates after which the bits that are left are looked at
LARGEST = arb(10) ** 300

Program = Sequence[tuple[str, Formula]]
Code = list[tuple[Callable[..., Value], int, tuple[int, ...]]]


DIVERGES = "the steps diverge: after update {} a value is larger than 1e300; a smaller learning rate may do"


class Diverges(EvaluationError):
    """A value grows beyond 1e300; ``update`` is the first after which it does."""

    def __init__(self, update: int) -> None:
        super().__init__(DIVERGES.format(update))
        self.update = update


class TooFewBits(ArithmeticError):
    """The balls have become too wide; ``update`` is where that was seen."""

    def __init__(self, update: int, lost: int) -> None:
        super().__init__()
        self.update, self.lost = update, lost


@dataclass(slots=True)
class Recursion:
    """A state, and definitions that make the next state of it.

    Attributes:
        start: of each name of the state, the name of the quantity that it begins with.
        cycle: the definitions of one update after the other; after the last comes the first again.
            A name stands for its latest value.
        functions: what the definitions call.
        each: further definitions that depend on the number of the update.
        blame: the name of what is at fault where values grow beyond all bounds.
        stops: the updates after which the state is wanted.
    """

    start: Mapping[str, str]
    cycle: Sequence[Program]
    functions: Mapping[str, Function]
    each: Callable[[int], Program] | None = None
    blame: str = ""
    stops: set[int] = field(default_factory=set)
    found: dict[tuple[object, ...], dict[int, dict[str, Value]]] = field(default_factory=dict)

    def after(self, update: int, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """The state after so many updates, with as many right bits as balls have now.

        Raises:
            Diverges: a value grows beyond all bounds.
            Ambiguous: no number of bits decides which way a comparison goes.
        """
        self.stops.add(update)
        constants = self.constants()
        key = (ctx.prec, *(values[name] for name in constants))
        if any(isinstance(value, arb) for value in key):
            return self._run(values, constants)[update]
        if update not in self.found.get(key, {}):
            self.found[key] = self._run(values, constants)
        return self.found[key][update]

    def constants(self) -> list[str]:
        """Names that come from outside: givens, and what the state starts from."""
        made = {name for program in self.cycle for name, _ in program} | {COUNT}
        bodies = [formula for program in self.cycle for _, formula in program]
        if self.each is not None:
            bodies += [formula for _, formula in self.each(1)]
            made |= {name for name, _ in self.each(1)}
        used = {name for formula in bodies for name in names(formula)} - made - set(self.start)
        return sorted({*used, *self.start.values(), *self._of_each()})

    def _of_each(self) -> set[str]:
        """Constants of the definitions that depend on the number, wherever they come in."""
        if self.each is None:
            return set()
        numbers = range(1, min(max(self.stops), 1000) + 1)
        return {n for k in numbers for _, formula in self.each(k) for n in names(formula)}

    # ------------------------------------------------------------ running

    def _run(
        self, values: Mapping[str, Value], constants: list[str]
    ) -> dict[int, dict[str, Value]]:
        target, last = ctx.prec, max(self.stops)
        bits = target + 64
        while True:
            try:
                with precision(bits):
                    return _Machine(self, values, constants).run(last, target)
            except TooFewBits as error:
                needed = target + error.lost * last // max(error.update, 1) * 5 // 4
                bits = max(bits * 3 // 2, needed + 64)
            except Ambiguous:
                bits *= 2
            if bits > MOST_BITS:
                raise Ambiguous


class _Machine:
    """The definitions as a list of operations on numbered places."""

    def __init__(
        self, recursion: Recursion, values: Mapping[str, Value], constants: list[str]
    ) -> None:
        self.recursion = recursion
        self.places: list[Value] = []
        self.where: dict[str, int] = {}
        self.fixed: dict[str, int] = {}
        for name in constants:
            self._name(name, values[name])
        for name, origin in recursion.start.items():
            self._name(name, values[origin])
        self._name(COUNT, fmpq(0))
        made = [n for program in recursion.cycle for n, _ in program]
        made += [n for n, _ in (recursion.each(1) if recursion.each else ())]
        self.made = [name for name in dict.fromkeys(made) if name not in recursion.start]
        for name in self.made:
            if name not in self.where:
                self._name(name, None)
        self.codes = [self._compiled(program) for program in recursion.cycle]

    def _name(self, name: str, value: Value) -> None:
        self.where[name] = self._place(value)

    def _place(self, value: Value = None) -> int:
        self.places.append(value)
        return len(self.places) - 1

    def run(self, last: int, target: int) -> dict[int, dict[str, Value]]:
        """The state after each of the stops."""
        places, recursion = self.places, self.recursion
        found: dict[int, dict[str, Value]] = {}
        watched = [self.where[name] for name in (*recursion.start, *self.made)]
        bounded = watched[: len(recursion.start)]
        if 0 in recursion.stops:
            found[0] = self._state()
        for update in range(1, last + 1):
            places[self.where[COUNT]] = fmpq(update)
            if recursion.each is not None:
                self._each(update)
            _execute(self.codes[(update - 1) % len(self.codes)], places)
            for place in bounded:
                value = places[place]
                if not -LARGEST < value < LARGEST and (value > LARGEST or value < -LARGEST):
                    raise Diverges(update)
            stop = update in recursion.stops
            if stop or update % CHECKED == 0:
                self._check(update, watched, target)
            if stop:
                found[update] = self._state()
        return found

    def _state(self) -> dict[str, Value]:
        every = (*self.recursion.start, *self.made)
        return {name: self.places[self.where[name]] for name in every}

    def _each(self, update: int) -> None:
        assert self.recursion.each is not None
        values = {name: self.places[place] for name, place in self.where.items()}
        for name, formula in self.recursion.each(update):
            self.places[self.where[name]] = evaluate(formula, values, self.recursion.functions)

    def _check(self, update: int, watched: Sequence[int], target: int) -> None:
        """Whether every value has bits enough."""
        worst = ctx.prec
        for place in watched:
            value = self.places[place]
            if isinstance(value, fmpq):
                continue
            if not value.is_finite():
                raise TooFewBits(update, ctx.prec)
            worst = min(worst, right_bits(value))
        if worst < target:
            raise TooFewBits(update, ctx.prec - worst)

    # ------------------------------------------------------------ compiling

    def _compiled(self, program: Program) -> Code:
        code: Code = []
        known: dict[Formula, int] = {}
        for name, formula in program:
            place = self._code(formula, code, known)
            code.append((_same, self.where[name], (place,)))
            stale = [node for node in known if name in names(node)]
            for node in stale:
                del known[node]
        return code

    def _code(self, formula: Formula, code: Code, known: dict[Formula, int]) -> int:
        """The place at which the value of a formula will stand."""
        if isinstance(formula, Name):
            if formula.id not in self.where:
                raise EvaluationError(f"'{formula.id}' has no value")
            return self.where[formula.id]
        if formula in known:
            return known[formula]
        if isinstance(formula, Number):
            if formula.text not in self.fixed:
                self.fixed[formula.text] = self._place(exact(formula.text))
            return self.fixed[formula.text]
        known[formula] = place = self._operation(formula, code, known)
        return place

    def _operation(self, formula: Apply, code: Code, known: dict[Formula, int]) -> int:
        if formula.head in self.recursion.functions:
            function = self.recursion.functions[formula.head]
            inside = dict(zip(function.parameters, formula.args, strict=True))
            return self._code(substitute(function.body, inside), code, known)
        place = self._place()
        if formula.head == "cases":
            code.append((self._cases(formula, known), place, ()))
            return place
        args = tuple(self._code(arg, code, known) for arg in formula.args)
        rule = FAST.get(formula.head) or PRIMITIVES.get(formula.head)
        if rule is None:
            raise EvaluationError(f"'{formula.head}' is not known in a recursion")
        code.append((rule, place, args))
        return place

    def _cases(self, formula: Apply, known: dict[Formula, int]) -> Callable[[], Value]:
        """The first value whose condition holds; the others are not computed."""
        branches = []
        for value, condition in zip(formula.args[::2], formula.args[1::2], strict=True):
            codes: list[tuple[Code, int]] = []
            for part in (condition, value):
                code: Code = []
                codes.append((code, self._code(part, code, dict(known))))
            branches.append(codes)
        places = self.places

        def choose() -> Value:
            for (ask, asked), (work, result) in branches:
                _execute(ask, places)
                if places[asked]:
                    _execute(work, places)
                    return places[result]
            raise EvaluationError("no case of the definition applies")

        return choose


def _execute(code: Code, places: list[Value]) -> None:
    for rule, place, args in code:
        value = rule(*[places[arg] for arg in args])
        if isinstance(value, fmpq) and value.height_bits() > WHOLE:
            value = arb(value)
        places[place] = value


def right_bits(value: arb) -> int:
    """How many bits of a ball are right, of those before and behind the point of a number near 1."""
    mantissa, exponent = value.rad().man_exp()
    if mantissa == 0:
        return ctx.prec
    lost = int(exponent) + int(mantissa).bit_length()
    return min(-lost, ctx.prec)


def _same(value: Value) -> Value:
    return value


def _sum(*terms: Value) -> Value:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(*factors: Value) -> Value:
    total = factors[0]
    for factor in factors[1:]:
        total = times(total, factor)
    return total


def _power(base: Value, exponent: Value) -> Value:
    """base^exponent; large powers as balls from the start."""
    large = isinstance(exponent, fmpq) and abs(exponent) > WHOLE
    return power(arb(base) if large and isinstance(base, fmpq) and base != 0 else base, exponent)


FAST: dict[str, Callable[..., Value]] = {  # of single numbers
    "sum": _sum, "product": _product, "neg": lambda x: -x, "group": _same, "quotient": divide,
    "power": _power,
}  # fmt: skip

"""Equations that are solved: whether what follows holds wherever the equation before it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import arb, arb_mat, fmpq

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.replacing import spread
from derivations.checking.equality.roots import roots
from derivations.checking.equality.steps import FOLLOWS, HOLDS, OF_SLIP, UNDECIDED, WRONG, Ruling
from derivations.checking.names.quantities import free, is_named, is_plain, quantities
from derivations.checking.text.parts import Equation
from derivations.formula.evaluation import (
    EvaluationError,
    Value,
    entries,
    evaluate,
    precision,
    shape,
)
from derivations.formula.looks import look
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, Number, names, substitute, walk
from derivations.truth.judge import BITS, REFUTED, World, judge
from derivations.truth.worlds import Model

ZERO, ONE = fmpq(0), fmpq(1)
NOTHING, EIGENVALUE = Number("0"), Name("lambda")
BEST = frozenset(
    {"hat", "star", "opt", "ML", "MLE", "MAP", "min"}
)  # marks of the value that is found
MOST_UNKNOWNS = 6
FEW = 2  # worlds in which zeros are looked for
WHEREVER = "it holds wherever the equation before it holds"
FAILS = "where the equation before it holds, this one does not"
PUT_IN = "put into the equation before, it does not fulfil it"


class Solving:
    """Follows equations from line to line.

    Args:
        comparing: tells whether two sides are equal.
    """

    def __init__(self, comparing: Comparing) -> None:
        self.compare = comparing
        self.known = comparing.known

    def follows(self, premise: Equation, conclusion: Equation) -> Ruling:
        """Whether the conclusion holds wherever the premise holds."""
        first = (self.compare.normal(premise[0]), self.compare.normal(premise[1]))
        second = (self.compare.normal(conclusion[0]), self.compare.normal(conclusion[1]))
        name, value = second
        solved = isinstance(name, Name) and name not in quantities(value)
        stands = isinstance(name, Name) and any(name.id in free(side) for side in first)
        if solved and stands and isinstance(name, Name) and not _differentiates(first, name):
            return self._put_in(first, name, value)
        return self._on_solutions(first, second)

    def belong(self, premise: Equation | None, conclusion: Equation | None) -> bool:
        """Whether a conclusion speaks of the names of the premise, and can follow from it."""
        if premise is None or conclusion is None:
            return False
        mine = self._open(*premise)
        name, value = conclusion
        yours = self._open(name, value)
        if not mine or not yours or not yours <= mine:
            return False
        if not quantities(premise[0]) and is_named(premise[1]):
            return False
        if isinstance(name, Name) and is_plain(value):
            return mine == {name.id}  # a = 3 below a^2 + b^2 = c^2 is given, not found
        return True

    def leads(self, premise: Equation | None, conclusion: Equation | None) -> bool:
        """Whether a conclusion says what a name of the premise is, whatever it says of the others."""
        if self.belong(premise, conclusion):
            return True
        if premise is None or conclusion is None or not isinstance(conclusion[0], Name):
            return False
        return conclusion[0].id in self._open(*premise)

    def root(self, premise: Equation, conclusion: Equation) -> Ruling | None:
        """``λ_1 = 3`` or ``\\hat λ = 3`` behind an equation for λ: a solution of it; None where it is none of that."""
        name, value = conclusion
        letter = self._solved_by(premise, conclusion)
        if letter is None or not isinstance(name, Name):
            return None
        ruling = self.follows(premise, (letter, value))
        if ruling.verdict == UNDECIDED:
            return None
        (self.known.define if quantities(value) else self.known.give)(name.id, value)
        return ruling

    def _solved_by(self, premise: Equation, conclusion: Equation) -> Name | None:
        """The name of a premise of which another one with a number or a mark is a solution."""
        name, value = conclusion
        unknown = self._open(*premise)
        if not isinstance(name, Name) or name.id in unknown or self.known.is_known(name):
            return None
        parts = look(name.id)
        letter = parts.base
        marked = not BEST.isdisjoint((*parts.decorations, parts.subscript))
        one = len(unknown) == 1 and parts.subscript.isdigit() and not quantities(value)
        if letter not in unknown or not (one or (marked and letter not in names(value))):
            return None
        return Name(letter)

    def is_root(self, premise: Equation, conclusion: Equation) -> bool:
        """Whether a conclusion is a root of ``... = 0``, or an eigenvalue; ``w_1 = 5`` may be where one starts."""
        letter = self._solved_by(premise, conclusion)
        if letter is None or premise[1] != NOTHING or quantities(conclusion[1]):
            return False
        return letter == EIGENVALUE or self.follows(premise, (letter, conclusion[1])).right

    def is_of_one(self, equation: Equation) -> bool:
        """Whether an equation has a single unknown."""
        return len(self._open(*equation)) == 1

    def is_of_slip(self, equation: Equation) -> bool:
        """Whether a side is what the text said wrongly of a quantity."""
        sides = {self.compare.normal(side) for side in equation}
        return any(self.known.claimed.get(q) in sides for q in self.known.tainted)

    def _open(self, *formulas: Formula) -> set[str]:
        """The names without value that formulas rest on."""
        found = set().union(*(self.known.support(self.compare.normal(f)) for f in formulas))
        return found - set(self.known.values) - set(self.known.functions)

    def _put_in(self, premise: Equation, name: Name, value: Formula) -> Ruling:
        """The value that was found, put in the place of its name."""
        left, right = (substitute(side, {name.id: value}) for side in premise)
        sign = "≈" if is_plain(value) else "="
        ruling = self.compare.equal(left, sign, right)
        if ruling.right:
            return (
                OF_SLIP if ruling.verdict == FOLLOWS else Ruling(HOLDS, "it fulfils the equation")
            )
        if ruling.verdict == UNDECIDED:
            return self._on_solutions(premise, (name, value))
        if is_plain(value) and (found := self._on_solutions(premise, (name, value), "≈")).right:
            return found  # rounded, so that it fulfils the equation only nearly
        return Ruling(WRONG, PUT_IN, ruling.expected, ruling.found)

    def _on_solutions(self, premise: Equation, conclusion: Equation, sign: str = "=") -> Ruling:
        """At points where the premise holds, found through a name in which it is linear."""
        left, right = conclusion
        for pinned in (False, True):
            worlds = self.known.random_worlds(*premise, *conclusion, pinned=pinned)
            for name in self._unknowns(premise, conclusion):
                solved = [self._solved(world, premise, name) for world in worlds]
                points = [world for world in solved if world is not None]
                linear = bool(points)
                if not linear:
                    points = [w for at in worlds[:FEW] for w in self._roots(at, premise, name)]
                if len(points) < 2:
                    continue
                verdicts = [judge(left, sign, right, world) for world in points]
                if all(verdict.accepted for verdict in verdicts):
                    return Ruling(HOLDS, WHEREVER)
                if not linear and not all(verdict.kind == REFUTED for verdict in verdicts):
                    continue  # of some solutions alone
                if pinned or not set(self.known.values) & self.known.support(left):
                    refuted = [v for v in verdicts if v.kind == REFUTED]
                    if refuted:
                        expected, _, found = refuted[0].witness.partition(" and ")
                        return Ruling(WRONG, FAILS, expected, found)
        return Ruling(UNDECIDED, "an equation that could not be solved here")

    def _unknowns(self, premise: Equation, conclusion: Equation) -> list[str]:
        """Names in which the premise may be solved, those of the conclusion first."""
        wanted = self._open(*conclusion)
        mine = self._open(*premise) - set(self.known.definitions) - set(self.known.indices.shapes)
        return sorted(mine, key=lambda name: (name not in wanted, name))

    def _solved(self, world: World, premise: Equation, name: str) -> World | None:
        """The world in which the premise holds, by another value of a name in which it is linear."""
        if not isinstance(world.values, Model):
            return None
        if isinstance(world.values.get(name), tuple):
            return self._solved_for_column(world, premise, name)
        with precision(BITS[0]):
            try:
                at = [self._gap(_moved(world, name, fmpq(x)), premise) for x in range(3)]
                low, middle, high = at
                slope, bend = middle - low, high - 2 * middle + low
                if not _is_zero(bend) or _may_be_zero(slope):
                    return None
                return _moved(world, name, -low / slope)
            except (EvaluationError, Ambiguous, KeyError, TypeError, ZeroDivisionError):
                return None

    def _roots(self, world: World, premise: Equation, name: str) -> list[World]:
        """The worlds in which the premise holds by other values of a name, found between changes of sign."""
        if not isinstance(world.values, Model) or isinstance(world.values.get(name), tuple):
            return []

        def gap(x: arb | fmpq) -> arb | None:
            try:
                value = self._gap(_moved(world, name, x), premise)
            except (EvaluationError, Ambiguous, KeyError, TypeError, ZeroDivisionError):
                return None
            return arb(value) if isinstance(value, (arb, fmpq)) else None

        with precision(BITS[0]):
            return [_moved(world, name, root) for root in roots(gap)]

    def _solved_for_column(self, world: World, premise: Equation, name: str) -> World | None:
        """The same for a column, in which the premise says as many equations as it has entries."""
        size = shape(world.values[name])
        if len(size) != 1 or size[0] > MOST_UNKNOWNS:
            return None
        units = [[ONE if i == j else ZERO for j in range(size[0])] for i in range(size[0])]
        with precision(BITS[0]):
            try:
                low = self._gaps(world, premise, name, [ZERO] * size[0])
                columns = [[a - b for a, b in zip(self._gaps(world, premise, name, unit), low, strict=True)] for unit in units]  # fmt: skip
                twice = self._gaps(world, premise, name, [fmpq(2)] * size[0])
                summed = [b + 2 * sum(row, ZERO) for b, row in zip(low, zip(*columns, strict=True), strict=True)]  # fmt: skip
                if len(low) != size[0] or not all(_is_zero(a - b) for a, b in zip(twice, summed, strict=True)):  # fmt: skip
                    return None
                matrix = arb_mat(size[0], size[0], [arb(c[i]) for i in range(size[0]) for c in columns])  # fmt: skip
                found = matrix.solve(arb_mat(size[0], 1, [-arb(each) for each in low]))
            except (EvaluationError, Ambiguous, KeyError, TypeError, ValueError, ZeroDivisionError):
                return None
        return _moved(world, name, tuple(found[i, 0] for i in range(size[0])))

    def _gaps(self, world: World, premise: Equation, name: str, column: list[Value]) -> list[Value]:
        """The differences of the sides, entry by entry, for a column."""
        moved = _moved(world, name, tuple(column))
        a, b = (evaluate(side, moved.values, moved.functions) for side in spread(premise[0], "=", premise[1])[::2])  # fmt: skip
        return [x - y for x, y in zip(entries(a), entries(b), strict=True)]

    @staticmethod
    def _gap(world: World, equation: Equation) -> Value:
        a, b = (evaluate(side, world.values, world.functions) for side in equation)
        return a - b

    def where(self, conditions: Sequence[tuple[Formula, str, Formula]], then: Equation) -> Ruling:
        """Whether an equation holds in the worlds in which the conditions hold."""
        sides = [side for left, _, right in conditions for side in (left, right)]
        worlds = [
            world
            for world in self.known.random_worlds(*sides, *then)
            if all(judge(a, sign, b, world).accepted for a, sign, b in conditions)
        ]
        if len(worlds) > 1 and all(judge(then[0], "=", then[1], w).accepted for w in worlds):
            return Ruling(HOLDS, "it holds wherever the condition holds")
        return Ruling(UNDECIDED, "whether it follows from the condition is not known")


def _differentiates(equation: Equation, name: Formula) -> bool:
    """Whether a derivative by the name, or of it, stands in the equation."""
    heads = ("partial", "total")
    nodes = [node for side in equation for node in walk(side)]
    return any(isinstance(n, Apply) and n.head in heads and name in n.args for n in nodes)


def is_equation(left: Formula, ruling: Ruling) -> bool:
    """Whether a relation that is no identity may be meant as an equation for its names."""
    return not ruling.right and not (is_named(left) and ruling.verdict == WRONG)


def _moved(world: World, name: str, value: Value) -> World:
    model = world.values
    assert isinstance(model, Model)
    givens: Mapping[str, Value] = {**model.givens, name: value}
    return World(Model(givens, model.definitions, model.functions), world.functions)


def _is_zero(value: Value) -> bool:
    if isinstance(value, fmpq):
        return bool(value == 0)
    return isinstance(value, arb) and bool(value.contains(0)) and bool(value.rad() < 1e-20)


def _may_be_zero(value: Value) -> bool:
    if isinstance(value, fmpq):
        return bool(value == 0)
    return not isinstance(value, arb) or bool(value.contains(0))

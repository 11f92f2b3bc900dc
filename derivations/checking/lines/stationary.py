"""∂L/∂w = 0 is an equation for w; what is said of w behind it has to fulfil it."""

from __future__ import annotations

from derivations.checking.equality.solving import Solving
from derivations.checking.equality.steps import (
    AGAIN,
    FOLLOWS,
    HOLDS,
    OF_SLIP,
    UNDECIDED,
    WRONG,
    Ruling,
)
from derivations.checking.lines.learning import DEFINED
from derivations.checking.lines.premises import EQUATION, gradient, is_variance, keeps_variance
from derivations.checking.names.quantities import free, is_named, quantities, squared
from derivations.checking.text.parts import EQUALS, Equation
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number

ZERO = Number("0")
FULFILLED = Ruling(HOLDS, "it holds where the gradient is zero")
CHANGES = "by this, the variance does not stay the same"
FAILS = "put into the gradient, it does not make it zero"


class Stationary:
    """The gradient that was found last, and what follows where it is zero.

    Args:
        solving: tells what follows from an equation.
    """

    def __init__(self, solving: Solving) -> None:
        self.solve = solving
        self.equation: Equation | None = None  # the gradient, and 0
        self.by: Name | None = None  # the quantity by which it was taken
        self.kept: Equation | None = None  # a variance that is to stay the same
        self.stated = False  # whether the text itself sets it to zero
        self.slope: Apply | None = None  # the gradient as the line names it
        self.slipped = False  # whether the line said it wrongly

    def ruling(
        self, first: Formula | None, left: Formula, sign: str, right: Formula, ruling: Ruling
    ) -> Ruling:
        """A ruling in the light of the gradient; ``first``: what the line begins with."""
        if sign not in EQUALS:
            return ruling
        if keeps_variance(left, right):
            self.kept = left, right
        elif self.kept is not None and ruling.why == DEFINED and is_variance(left):
            follows = self.solve.belong(self.kept, (left, right))
            found = self.solve.follows(self.kept, (left, right)) if follows else ruling
            if found.verdict == WRONG:
                return Ruling(WRONG, CHANGES, found.expected, found.found)
        if (slope := gradient(first)) is not None:
            return self._of_gradient(slope, left, right, ruling)
        if ruling.verdict == UNDECIDED:
            found = self._follows((left, right))
            if found.right:
                self.stated = True
                return OF_SLIP if self.slipped else FULFILLED
            if found.verdict == WRONG and self._is_moved((left, right)):
                return Ruling(WRONG, FAILS, found.expected, found.found)
        if isinstance(root := squared(left), Name):  # σ² = ...
            left, right = root, Apply("sqrt", (right,))
        if ruling.why != DEFINED or not isinstance(left, Name) or not self._is_solved_for(left):
            return ruling
        found = self._follows((self.by or left, right))
        meant = self.stated or left != self.by  # w^* is where it is zero
        if self.slipped and meant and quantities(right):
            if found.right:
                return OF_SLIP
            if (again := self.holds((self.by or left, right))) or found.verdict == UNDECIDED:
                return again or ruling
        failed = meant and found.verdict == WRONG and quantities(right)
        return Ruling(WRONG, FAILS, found.expected, found.found) if failed else ruling

    def _of_gradient(self, first: Apply, left: Formula, right: Formula, ruling: Ruling) -> Ruling:
        """What a line says of a gradient: a formula for it, or that it is zero."""
        if right == ZERO and ruling.verdict == UNDECIDED and not _is_of_entry(first):
            if gradient(left) is None or self.equation is None:
                self._set(first, left)
            self.stated = True
            return EQUATION
        if (ruling.right or ruling.verdict == WRONG) and right != ZERO:
            here = first is self.slope and self.slipped
            self._set(first, right)
            self.stated = False
            self.slope, self.slipped = first, here or not ruling.right or ruling.verdict == FOLLOWS
        return ruling

    def holds(self, conclusion: Equation) -> Ruling | None:
        """What holds where the gradient is zero, though a line said another one of it."""
        if self.slope is None or not self.slipped:
            return None
        found = self.solve.follows((self.slope, ZERO), conclusion)
        return Ruling(HOLDS, AGAIN, repaired=True) if found.verdict == HOLDS else None

    def _set(self, first: Apply, said: Formula) -> None:
        prime = first.head.endswith("'") and len(first.args) == 1
        wrt = first.args[0 if prime else 1] if prime or len(first.args) > 1 else None
        self.equation = (said, ZERO) if quantities(said) else None
        self.by = wrt if isinstance(wrt, Name) else None

    def _follows(self, conclusion: Equation) -> Ruling:
        """Whether it holds wherever the gradient is zero."""
        if self.equation is None or not self.solve.belong(self.equation, conclusion):
            return Ruling(UNDECIDED)
        return self.solve.follows(self.equation, conclusion)

    def _is_moved(self, conclusion: Equation) -> bool:
        """Whether an equation is the gradient that was set to zero, with its terms elsewhere: it has all its names."""
        if self.equation is None or not self.stated or self.slipped or ZERO in conclusion:
            return False
        mine, yours = (free(a) | free(b) for a, b in (self.equation, conclusion))
        return mine == yours and not is_named(conclusion[0])

    def _is_solved_for(self, name: Name) -> bool:
        """``w``, ``w^*`` and ``\\hat w``, where the gradient was taken by w."""
        if self.by is None:
            return False
        here, there = look(name.id), look(self.by.id)
        return (here.base, here.subscript) == (there.base, there.subscript)


def _is_of_entry(gradient: Apply) -> bool:
    """``∂y_k/∂b_i`` says how one entry moves with another; nobody looks for where that is 0."""
    of = gradient.args[0] if gradient.args else None
    return isinstance(of, Apply) and of.head == "entry"

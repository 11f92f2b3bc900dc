"""Derivatives as a learner would take them: rule by rule, with one rule replaced by a wrong one.

The right rules are here only to be broken one at a time: whether a step is right is decided by the
judge, which does not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from derivations.checking.misconceptions.entries import ONE, Operator, Right, is_number
from derivations.formula.numerals import NumeralError, exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
    walk,
)

ZERO = Number("0")
DERIVATIVES = frozenset(["partial", "total", "derivative"])
CONSTANT_CALLS = frozenset(["kronecker", "iverson", "pi", "euler"])
MAX_STEPS = 120
MAX_DEPTH = 100  # of names that are defined over names
MAX_SIZE = 300  # nodes of a derivative
MAX_USES = 4  # places of one slip that are tried one by one

Inner: TypeAlias = Callable[[Formula], Formula]
Slip: TypeAlias = Callable[[Apply, Inner], Formula | None]  # a wrong rule for one kind of node


class NoRule(ValueError):
    """A derivative that these rules do not take."""


@dataclass(slots=True)
class Slopes:
    """Derivatives with respect to one quantity, through definitions.

    Attributes:
        wrt: the quantity that moves.
        definitions: formulas of names.
        slip: a wrong rule that takes the place of the right one where it applies.
        only: the one of its uses in which it does; everywhere if None.
    """

    wrt: Formula
    definitions: Mapping[str, Formula]
    slip: Slip | None = None
    only: int | None = None
    uses: int = 0
    steps: int = 0
    depth: int = 0
    constant: dict[Formula, bool] = field(default_factory=dict)

    def of(self, formula: Formula) -> Formula:
        """The derivative of the formula.

        Raises:
            NoRule: an operation that is not known here, or too much work.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise NoRule
        if formula == self.wrt:
            return ONE
        if isinstance(formula, Number):
            return ZERO
        if isinstance(formula, Name):
            defined = self.definitions.get(formula.id)
            return ZERO if defined is None else self.of(defined)
        if formula.head == "entry":
            return self._entry(formula)
        if formula.head in DERIVATIVES:
            raise NoRule
        if not self.moves(formula):
            return ZERO
        return self._slipped(formula) or self._rule(formula)

    def moves(self, formula: Formula) -> bool:
        """Whether the quantity stands in the formula or behind one of its names."""
        if formula not in self.constant:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise NoRule
            self.constant[formula] = True  # of a name that rests on itself
            self.constant[formula] = any(self._meets(node) for node in walk(formula))
            self.depth -= 1
        return self.constant[formula]

    def _meets(self, node: Formula) -> bool:
        if node == self.wrt:
            return True
        if isinstance(node, Name):
            if isinstance(self.wrt, Apply) and self.wrt.head == "entry":
                if node == self.wrt.args[0]:
                    return True
            defined = self.definitions.get(node.id)
            return defined is not None and self.moves(defined)
        return False

    def _slipped(self, node: Apply) -> Formula | None:
        if self.slip is None:
            return None
        before = self.uses
        if self.only is not None and before > self.only:
            return None
        wrong = self.slip(node, self.of)
        if wrong is None:
            return None
        mine, self.uses = self.uses, self.uses + 1
        return wrong if self.only is None or self.only == mine else None

    def _entry(self, node: Apply) -> Formula:
        """An entry of the array that moves, of one that is defined, or of another."""
        array, *places = node.args
        if isinstance(self.wrt, Apply) and self.wrt.head == "entry" and self.wrt.args[0] == array:
            if len(self.wrt.args) == len(node.args):
                pairs = zip(places, self.wrt.args[1:], strict=True)
                return product(*(apply("kronecker", a, b) for a, b in pairs if a != b))
        body = self.definitions.get(array.id) if isinstance(array, Name) else None
        if body is None:
            return ZERO
        for place in places:
            if not isinstance(body, Apply) or body.head != "column_of":
                raise NoRule
            index, body = body.args[0], body.args[-1]
            if not isinstance(index, Name):
                raise NoRule
            body = substitute(body, {index.id: place})
        return self.of(body)

    def _rule(self, node: Apply) -> Formula:
        rule = RULES.get(node.head)
        if rule is not None:
            return rule(node, self.of)
        if len(node.args) != 1 or node.head in NOT_CALLS:
            raise NoRule
        return times(Apply(node.head + "'", node.args), self.of(node.args[0]))


def times(*factors: Formula) -> Formula:
    """The product without factors 1, 0 where one is 0."""
    if any(is_number(factor, "0") for factor in factors):
        return ZERO
    return product(*(factor for factor in factors if not is_number(factor, "1")))


def plus(*terms: Formula) -> Formula:
    """The sum without terms 0."""
    return sum_of(*(term for term in terms if not is_number(term, "0")))


def _minus(formula: Formula) -> Formula:
    return ZERO if is_number(formula, "0") else neg(formula)


def lower(exponent: Formula) -> Formula:
    """The exponent less 1."""
    if isinstance(exponent, Number) and exponent.text.isdigit():
        return number(int(exponent.text) - 1)
    if isinstance(exponent, Apply) and exponent.head == "neg" and is_number(exponent.args[0]):
        try:
            return neg(Number(str(exact(exponent.args[0].text) + 1)))  # type: ignore[union-attr]  # a numeral
        except NumeralError:
            raise NoRule from None
    return sum_of(exponent, neg(ONE))


def raised(base: Formula, exponent: Formula) -> Formula:
    """The power; the base itself where the exponent is 1."""
    return base if is_number(exponent, "1") else power(base, exponent)


# ---------------------------------------------------------------- the rules


def _product(node: Apply, inner: Inner) -> Formula:
    slopes = [inner(factor) for factor in node.args]
    return plus(*(
        times(*node.args[:place], slope, *node.args[place + 1 :])
        for place, slope in enumerate(slopes)
    ))  # fmt: skip


def _quotient(node: Apply, inner: Inner) -> Formula:
    u, v = node.args
    du, dv = inner(u), inner(v)
    if is_number(dv, "0"):
        return quotient(du, v)
    if is_number(du, "0"):
        return neg(quotient(times(u, dv), power(v, 2)))
    return quotient(plus(times(du, v), _minus(times(u, dv))), power(v, 2))


def _power(node: Apply, inner: Inner) -> Formula:
    base, exponent = node.args
    du, dn = inner(base), inner(exponent)
    if not is_number(dn, "0"):
        if not is_number(du, "0"):
            raise NoRule
        return times(node, apply("ln", base), dn)
    return times(exponent, raised(base, lower(exponent)), du)


def _logarithm(base: str) -> Callable[[Apply, Inner], Formula]:
    def rule(node: Apply, inner: Inner) -> Formula:
        if len(node.args) != 1:
            raise NoRule
        below = times(node.args[0], apply("ln", Number(base))) if base else node.args[0]
        return quotient(inner(node.args[0]), below)

    return rule


def _bigsum(node: Apply, inner: Inner) -> Formula:
    slope = inner(node.args[-1])
    return slope if is_number(slope, "0") else Apply("bigsum", (*node.args[:-1], slope))


RULES: dict[str, Callable[[Apply, Inner], Formula]] = {
    "sum": lambda node, inner: plus(*map(inner, node.args)),
    "neg": lambda node, inner: _minus(inner(node.args[0])),
    "group": lambda node, inner: inner(node.args[0]),
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "exp": lambda node, inner: times(node, inner(node.args[0])),
    "ln": _logarithm(""),
    "log": _logarithm(""),
    "log2": _logarithm("2"),
    "log10": _logarithm("10"),
    "sqrt": lambda node, inner: quotient(inner(node.args[0]), times(Number("2"), node)),
    "bigsum": _bigsum,
}
NOT_CALLS = frozenset(
    ["transpose", "norm", "softmax", "vector", "matrix", "row", "tuple", "diag", "trace", "mean",
     "sum_entries", "max", "min", "abs", "floor", "ceil", "sign", "argmax", "bigproduct", "cases"]
)  # fmt: skip


# ---------------------------------------------------------------- whole formulas


def has_derivatives(formula: Formula) -> bool:
    """Whether a derivative stands in the formula."""
    return any(isinstance(node, Apply) and node.head in DERIVATIVES for node in walk(formula))


def derived(
    formula: Formula,
    definitions: Mapping[str, Formula],
    slip: Slip | None = None,
    only: int | None = None,
) -> tuple[Formula, int]:
    """The formula with its derivatives taken, and how often the slip was made.

    Raises:
        NoRule: a derivative that the rules do not take.
    """
    uses = 0

    def rule(node: Formula) -> Formula | None:
        nonlocal uses
        if not isinstance(node, Apply) or node.head not in DERIVATIVES or len(node.args) != 2:
            return None
        slopes = Slopes(node.args[1], definitions, slip, only, uses)
        if not slopes.moves(node.args[0]):
            return node  # nothing is known of how the two hang together
        taken = slopes.of(node.args[0])
        uses = slopes.uses
        if sum(1 for _ in walk(taken)) > MAX_SIZE:
            raise NoRule
        return taken

    return rewrite(formula, rule), uses


def by_slip(slip: Slip) -> Operator:
    """The derivatives in a formula with the slip made everywhere, then at one place at a time."""

    def operator(right: Right) -> Iterator[Formula]:
        if not right.has_slopes:
            return
        try:
            wrong, uses = derived(right.formula, right.definitions, slip)
            if uses:
                yield wrong
            for only in range(uses if 1 < uses <= MAX_USES else 0):
                yield derived(right.formula, right.definitions, slip, only)[0]
        except NoRule:
            return

    return operator

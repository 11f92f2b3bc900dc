"""`require`: conditions on givens, intermediate values and answers, decided exactly.

The values are those with nothing rounded on the way: rationals or balls that are proved to hold
them. So a condition has the same truth on every machine; what no ball decides counts as not met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flint import arb, fmpq

from derivations.errors import ReadError, nearest
from derivations.exams.measures import MEASURES
from derivations.formula.evaluation import EvaluationError, Value, evaluate, precision
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import Ambiguous, NumeralError
from derivations.formula.tree import (
    COMPARISONS,
    Apply,
    Formula,
    Name,
    Number,
    key,
    names,
    partial,
    position,
    rewrite,
    walk,
)
from derivations.kinds.base.functions import FUNCTION_NAMES, by_table_key
from derivations.steps.rounding import Rounding
from derivations.steps.solution import Derivation, Quantity
from derivations.steps.substitution import MAX_BITS

BITS = (128, 1024)  # a second try for what the first cannot decide
LOGIC = frozenset({"and", "or", "not"})
HELPERS = frozenset({"apart", "shown"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `require`: its text, its formula, and the quantities that it needs."""

    text: str
    formula: Formula
    uses: frozenset[str]


def read_condition(text: str, derivation: Derivation, scope: Mapping[str, object]) -> Condition:
    """A condition over the derivation's quantities, the file's numbers and the measures.

    Raises:
        ReadError: it is no condition, or has a name that there is not.
    """
    quantities = {quantity.key for quantity in derivation.quantities}
    known = {name for name in quantities if name.isidentifier()} | set(scope) | set(MEASURES)
    heads = {part for name in quantities if "/" in name for part in name.split("/")}
    formula = read_expression(text, FUNCTION_NAMES | HELPERS, known | heads)
    formula = rewrite(formula, lambda node: _derivative(node, quantities))
    formula = by_table_key(formula, dict.fromkeys(HELPERS)) if _plain(formula) else formula
    for name in names(formula):
        if name not in known and name not in _inside_derivatives(formula):
            raise ReadError(
                f"'{name}' is no value of this problem{nearest(name, known)}",
                position(formula, name),
            )
    if not _is_condition(formula):
        raise ReadError("expected a condition such as 0 < z < 1")
    return Condition(text, formula, frozenset(_keys(formula)))


def _plain(formula: Formula) -> bool:
    return not any(isinstance(n, Apply) and n.head in HELPERS for n in walk(formula))


def _derivative(node: Formula, quantities: set[str]) -> Formula | None:
    """``dL/dw`` is the name of a quantity where there is one."""
    if isinstance(node, Apply) and node.head == "quotient":
        above, below = node.args
        if isinstance(above, Name) and isinstance(below, Name):
            if f"{above.id}/{below.id}" in quantities:
                return partial(Name(above.id[1:]), Name(below.id[1:]))
    return None


def _inside_derivatives(formula: Formula) -> set[str]:
    nodes = (n for n in walk(formula) if isinstance(n, Apply) and n.head == "partial")
    return {name for node in nodes for name in names(node)}


def _is_condition(formula: Formula) -> bool:
    if not isinstance(formula, Apply):
        return False
    if formula.head in LOGIC:
        return all(map(_is_condition, formula.args))
    return formula.head in COMPARISONS or formula.head == "apart"


def _keys(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Name) or (isinstance(formula, Apply) and formula.head == "partial"):
        yield key(formula)
    elif isinstance(formula, Apply):
        for arg in formula.args:
            yield from _keys(arg)


class Values:
    """The values of one variant, each computed when it is asked for and with nothing rounded.

    Args:
        derivation: of the problem.
        given: its numbers, exactly.
    """

    def __init__(self, derivation: Derivation, given: Mapping[str, Value]) -> None:
        self.derivation = derivation
        self.quantities = quantities_of(derivation)
        self.order = {name: place for place, name in enumerate(self.quantities)}
        self.values: dict[str, Value] = dict(given)

    def __getitem__(self, name: str) -> Value:
        """The value of a quantity.

        Raises:
            EvaluationError: it has none.
            Ambiguous: more bits are needed.
        """
        for quantity in () if name in self.values else self._needed(name):
            self.values[quantity.key] = _bounded(self._value(quantity))
        return self.values[name]

    def _value(self, quantity: Quantity) -> Value:
        """Of what is defined over values that are there, or reached from them."""
        if (reached := quantity.reached) is not None:
            return reached.recursion.after(reached.update, self.values)[reached.name]
        assert quantity.formula is not None
        return evaluate(quantity.formula, self.values, self.derivation.functions)

    def _needed(self, name: str) -> list[Quantity]:
        """What has to be computed for a quantity, in order."""
        needed: dict[str, Quantity] = {}
        stack = [name]
        while stack:
            one = stack.pop()
            quantity = self.quantities.get(one)
            if one in self.values or one in needed or quantity is None:
                continue
            if quantity.formula is not None:
                stack += _keys(quantity.formula)
            elif quantity.reached is not None:
                stack += quantity.reached.recursion.constants()
            else:
                continue
            needed[one] = quantity
        return sorted(needed.values(), key=lambda quantity: self.order[quantity.key])


def quantities_of(derivation: Derivation) -> dict[str, Quantity]:
    """The quantities of a derivation by their keys, in order."""
    return {quantity.key: quantity for quantity in derivation.quantities}


def _bounded(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_bounded, value))
    return arb(value) if isinstance(value, fmpq) and value.height_bits() > MAX_BITS else value


def holds(
    condition: Condition, values: Callable[[], Values], measured: Callable[[str], int]
) -> bool:
    """Whether a variant fulfils a condition; what cannot be decided is not fulfilled.

    Raises:
        EvaluationError: a value that is needed does not exist.
    """
    for bits in BITS:
        with precision(bits):
            try:
                return _holds(condition.formula, values(), measured)
            except (Ambiguous, NumeralError):
                continue
    return False


def _holds(formula: Formula, values: Values, measured: Callable[[str], int]) -> bool:
    assert isinstance(formula, Apply)
    if formula.head == "and":
        return all(_holds(part, values, measured) for part in formula.args)
    if formula.head == "or":
        return any(_holds(part, values, measured) for part in formula.args)
    if formula.head == "not":
        return not _holds(formula.args[0], values, measured)
    if formula.head == "apart":
        shown = [_shown(part, values, measured) for part in formula.args]
        return len(set(shown)) == len(shown)
    args = tuple(_number(part, values, measured) for part in formula.args)
    names = {f"~{n}": arg for n, arg in enumerate(args)}
    return bool(evaluate(Apply(formula.head, tuple(map(Name, names))), names))


def _number(formula: Formula, values: Values, measured: Callable[[str], int]) -> Value:
    """A side of a comparison."""

    def opened(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "shown":
            return Number(_shown(node.args[0], values, measured))
        return None

    opened_formula = rewrite(formula, opened)
    known = {
        name: fmpq(measured(name)) if _is_measure(name, values) else values[name]
        for name in _keys(opened_formula)
    }
    return evaluate(opened_formula, known, values.derivation.functions)


def _is_measure(name: str, values: Values) -> bool:
    return name in MEASURES and name not in values.quantities and name not in values.values


def _shown(formula: Formula, values: Values, measured: Callable[[str], int]) -> str:
    """The numeral of a value, as the sheet shows its answers."""
    value = _number(formula, values, measured)
    if isinstance(value, (tuple, bool, str)):
        raise EvaluationError("'shown' and 'apart' are for single numbers")
    policy: Rounding = values.derivation.rounding
    return policy.show_answer(value).text if policy.answers else policy.show(value).text

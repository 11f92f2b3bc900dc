"""What makes one variant harder than another, counted: the columns of the fairness table.

Each measure is a whole number of one variant, and a name that `require` may use. They are counted
on the definitions of the derivation with nothing rounded, so they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from flint import arb, fmpq

from derivations.formula.evaluation import EvaluationError, Value, entries, evaluate
from derivations.formula.numerals import NUMERAL
from derivations.formula.tree import Apply, Formula, Name, children, is_quantity, key, walk
from derivations.steps.solution import Derivation
from derivations.steps.substitution import Given

ROLES = frozenset({"defined", "derived", "update"})  # what a student works out
FREE = frozenset({"group", "vector", "row", "matrix", "tuple", "partial", "total", "entry", "cases",
                  "otherwise", "transpose"})  # fmt: skip  # what takes no arithmetic
FLAT = {"sigmoid": fmpq(23, 5), "tanh": fmpq(3)}  # beyond it the slope is below 0.01
KINKED = frozenset({"relu"})


class Named(Protocol):
    """Values by their names, computed when they are asked for."""

    derivation: Derivation

    def __getitem__(self, name: str) -> Value: ...


class Measured:
    """One variant, ready to be measured.

    Args:
        values: of every quantity.
        given: its numerals, as they are written.
    """

    def __init__(self, values: Named, given: Mapping[str, Given]) -> None:
        self.values, self.given = values, given
        self.derivation = values.derivation

    @cached_property
    def formulas(self) -> list[Formula]:
        """What a student computes; values that do not exist for these numbers are left out."""
        found = []
        for quantity in self.derivation.quantities:
            if quantity.role in ROLES and quantity.formula is not None:
                found.append(quantity.formula)
        return found

    def value(self, formula: Formula) -> list[arb | fmpq]:
        """The entries of a part of a formula; none where it has no value."""
        try:
            known = {name: self.values[name] for name in _quantities(formula)}
            value = evaluate(formula, known, self.derivation.functions)
        except (EvaluationError, KeyError):
            return []
        return [x for x in entries(value) if isinstance(x, (arb, fmpq))]

    def arguments(self, heads: frozenset[str]) -> Iterator[arb | fmpq]:
        """What functions are applied to, each argument once a function."""
        seen: set[Formula] = set()
        for formula in self.formulas:
            for node in walk(formula):
                if isinstance(node, Apply) and node.head in heads and node not in seen:
                    seen.add(node)
                    yield from (x for arg in node.args for x in self.value(arg))


def _quantities(formula: Formula) -> Iterator[str]:
    if is_quantity(formula):
        yield key(formula)
    else:
        for part in children(formula):
            yield from _quantities(part)


# ---------------------------------------------------------------- the measures


def _operations(of: Measured) -> int:
    return sum(_cost(node) for formula in of.formulas for node in _arithmetic(formula))


def _arithmetic(formula: Formula) -> Iterator[Apply]:
    """The operations of a formula; the name of a derivative is none."""
    if isinstance(formula, Apply) and not is_quantity(formula):
        yield formula
        for part in formula.args:
            yield from _arithmetic(part)


def _cost(node: Apply) -> int:
    if node.head in FREE or node.head == "neg":
        return 0
    return len(node.args) - 1 if node.head in ("sum", "product") else 1


def _negatives(of: Measured) -> int:
    factors = (
        factor
        for formula in of.formulas
        for node in _arithmetic(formula)
        if node.head in ("product", "hadamard", "matmul", "dot")
        for factor in node.args
    )
    return sum(1 for factor in factors for x in of.value(factor) if x < 0)


def _digits(of: Measured) -> int:
    return sum(_significant(text) for value in of.given.values() for text in _texts(value))


def _texts(value: Given) -> Iterator[str]:
    if isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    else:
        yield str(value)


def _significant(text: str) -> int:
    """Digits from the first to the last that is not 0; 0 of the number 0."""
    parts = text.split("/") if "/" in text else [text]
    found = 0
    for part in parts:
        match = NUMERAL.fullmatch(part)
        found += len(((match[2] + (match[3] or "")) if match else "").strip("0"))
    return found


def _saturated(of: Measured) -> int:
    flat = ((z, limit) for head, limit in FLAT.items() for z in of.arguments(frozenset({head})))
    return sum(1 for z, limit in flat if z > limit or z < -limit)


def _relus_off(of: Measured) -> int:
    return sum(1 for z in of.arguments(KINKED) if z < 0)


def _relus_on(of: Measured) -> int:
    return sum(1 for z in of.arguments(KINKED) if z > 0)


def _ties(of: Measured) -> int:
    """Maxima that are reached twice, and units that stand on their kink."""
    count = sum(1 for z in of.arguments(KINKED) if z == 0)
    for formula in of.formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in ("max", "argmax"):
                found = [x for arg in node.args for x in of.value(arg)]
                best = max(found, key=lambda x: float(arb(x).mid()), default=None)
                count += int(best is not None and sum(1 for x in found if x == best) > 1)
    return count


def _right_option(of: Measured) -> int:
    chosen = next((q for q in of.derivation.quantities if q.key == "correct_option"), None)
    value = of.value(Name(chosen.key)) if chosen else []
    return int(value[0].p) if value and isinstance(value[0], fmpq) else 0


def _steps(of: Measured) -> int:
    return len(of.formulas)


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the fairness table."""

    words: str
    count: Callable[[Measured], int]


MEASURES: dict[str, Measure] = {
    "steps": Measure("values that are worked out", _steps),
    "operations": Measure(
        "additions, products, quotients, powers and function values", _operations
    ),
    "negatives": Measure("negative factors of products", _negatives),
    "digits": Measure(
        "significant digits of the given numbers, without zeros around them", _digits
    ),
    "saturated": Measure("sigmoid and tanh units whose slope is below 0.01", _saturated),
    "relus_off": Measure("ReLU units that are off", _relus_off),
    "relus_on": Measure("ReLU units that are on", _relus_on),
    "ties": Measure("maxima reached twice, and ReLU units at 0", _ties),
    "right_option": Measure("the number of the right option, 0 without options", _right_option),
    "difficulty": Measure(
        "operations, one more for each negative factor and each digit",
        lambda of: _operations(of) + _negatives(of) + _digits(of),
    ),
}


def measures(of: Measured) -> dict[str, int]:
    """All measures of one variant."""
    return {name: measure.count(of) for name, measure in MEASURES.items()}

"""The numbers of many variants of one derivation at once: the same numerals as `substitution`.

Both roads of `substitution`, with nothing rounded on the way and with what the sheet goes on
with, run over columns. A variant in ``doubt`` has to go the way of `substitution` itself, which
is slower and decides everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derivations.formula.column_reading import stacked
from derivations.formula.columns import (
    COMPARISONS,
    Arithmetic,
    Column,
    Doubles,
    Marks,
    Unsupported,
)
from derivations.formula.printing import AUXILIARY, Numeral, Word
from derivations.formula.tree import Apply, Formula, Name, Number, is_quantity, key
from derivations.steps.column_rounding import ShownColumn, show_column
from derivations.steps.solution import Derivation, Known, Quantity
from derivations.steps.substitution import Given, read_given

CONDITIONS = frozenset(COMPARISONS) | {"and", "or", "not"}


@dataclass(frozen=True, slots=True)
class Batch:
    """What the sheets of all variants show.

    Attributes:
        shown, exact: by the quantity's key, one entry a variant, as in `Known`.
        true: the values with nothing rounded on the way.
        carried: with which later steps go on.
        changed: a variant's answers that would be shown otherwise with nothing rounded on the way.
        doubt: the variants for which none of this may be used.
    """

    shown: Mapping[str, Sequence[Numeral]]
    exact: Mapping[str, Marks]
    true: Mapping[str, Doubles | Marks]
    carried: Mapping[str, Column]
    changed: Sequence[Sequence[tuple[str, str]]]
    doubt: Marks

    def known(self, place: int) -> dict[str, Known]:
        """The values of one variant."""
        found = {}
        for name, column in self.shown.items():
            if name in self.true:
                true, exactly = self.true[name][place].item(), bool(self.exact[name][place])
            else:  # an array of givens is what it shows
                true, exactly = read_given(column[place]), True  # type: ignore[arg-type]
            found[name] = Known(true, true, true, column[place], exactly)
        return found


def substitute_batch(derivation: Derivation, givens: Sequence[Mapping[str, Given]]) -> Batch:
    """The numbers of all variants.

    Raises:
        Unsupported: the derivation has to be filled one variant at a time.
    """
    if derivation.rounding.carry != "rounded":
        raise Unsupported("values are carried unrounded")
    if not derivation.quantities:
        raise Unsupported("no numbers")
    with np.errstate(all="ignore"):
        return _Filling(derivation, givens).batch()


class _Filling:
    """The columns of a derivation in the making."""

    def __init__(self, derivation: Derivation, givens: Sequence[Mapping[str, Given]]) -> None:
        self.derivation = derivation
        self.givens = givens
        self.arithmetic = Arithmetic(len(givens), derivation.functions)
        self.true: dict[str, Column] = {}
        self.carried: dict[str, Column] = {}
        self.truths: dict[str, Marks] = {}
        self.shown: dict[str, Sequence[Numeral]] = {}
        self.exact: dict[str, Marks] = {}
        self.quantities = {quantity.key: quantity for quantity in derivation.quantities}
        self.always: Marks = np.ones(len(givens), bool)
        self.same = True  # whether both roads are still one

    def batch(self) -> Batch:
        """All quantities in their order."""
        for quantity in self.derivation.quantities:
            if quantity.role == "assembled" and quantity.formula is not None:
                self.shown[quantity.key] = self._assembled(quantity.formula)
                self.exact[quantity.key] = self.always
            elif quantity.shape:
                raise Unsupported("an array")
            elif quantity.reached is not None:
                raise Unsupported("a recursion")
            elif quantity.formula is None:
                self._given(quantity.key)
            elif isinstance(quantity.formula, Apply) and quantity.formula.head in CONDITIONS:
                self._condition(quantity)
            else:
                self._value(quantity)
        true = {name: column.value for name, column in self.true.items()}
        return Batch(
            shown=self.shown, exact=self.exact, true={**true, **self.truths}, carried=self.carried,
            changed=self._changed(), doubt=self.arithmetic.doubt,
        )  # fmt: skip

    def _given(self, name: str) -> None:
        numerals = [given[name] for given in self.givens]
        if not all(isinstance(numeral, str) for numeral in numerals):
            raise Unsupported("an array")
        self.true[name] = self.carried[name] = stacked(numerals)  # type: ignore[arg-type]  # texts
        self.shown[name] = numerals
        self.exact[name] = self.always

    def _assembled(self, formula: Formula) -> list[Numeral]:
        """The numerals of a vector or matrix, as its entries are given."""
        if isinstance(formula, Number):
            return [formula.text] * len(self.givens)
        if isinstance(formula, Name):
            return list(self.shown[formula.id])
        return list(zip(*map(self._assembled, formula.args), strict=True))

    def _condition(self, quantity: Quantity) -> None:
        assert quantity.formula is not None
        truth = self.arithmetic.holds(quantity.formula, self.true)
        carried = truth if self.same else self.arithmetic.holds(quantity.formula, self.carried)
        self.arithmetic.doubt |= truth != carried
        if quantity.role == "claim":
            self.arithmetic.doubt |= ~truth
        self.truths[quantity.key] = truth
        self.true[quantity.key] = Column.of_truth(truth)
        self.carried[quantity.key] = Column.of_truth(carried)
        self.shown[quantity.key] = [Word(str(part).lower()) for part in truth.tolist()]
        self.exact[quantity.key] = self.always

    def _value(self, quantity: Quantity) -> None:
        name, formula = quantity.key, quantity.formula
        assert formula is not None
        true = self.arithmetic.evaluate(formula, self.true)
        value = true if self.same else self.arithmetic.evaluate(formula, self.carried)
        self.true[name], self.carried[name] = true, value
        if quantity.labels is not None:
            self._label(quantity, value)
            return
        policy = quantity.digits or self.derivation.rounding
        shown = show_column(value, policy, quantity.role, self.arithmetic, true)
        self.shown[name] = self._with_zeros(quantity, shown)
        self.exact[name] = shown.exact
        self.carried[name] = shown.numerals
        self.same = self.same and bool(shown.exact.all())

    def _with_zeros(self, quantity: Quantity, shown: ShownColumn) -> list[Numeral]:
        """Another name for a quantity has its numerals, as in `substitution`."""
        texts: list[Numeral] = list(shown.texts)
        formula = quantity.formula
        if formula is None or not is_quantity(formula) or quantity.role == "answer":
            return texts
        of = self.shown[key(formula)]
        return [
            mine if isinstance(other, Word) or not same else other
            for mine, other, same in zip(texts, of, shown.exact.tolist(), strict=True)
        ]

    def _label(self, quantity: Quantity, value: Column) -> None:
        labels = quantity.labels or {}
        whole = value.known & (value.places == 0)
        known = {int(label) for label in labels if label.lstrip("-").isdigit()}
        self.arithmetic.doubt |= ~whole | ~np.isin(value.digits, list(known))
        self.shown[quantity.key] = [
            Word(labels.get(str(digits), "")) for digits in value.digits.tolist()
        ]
        self.exact[quantity.key] = self.always

    def _changed(self) -> list[list[tuple[str, str]]]:
        changed: list[list[tuple[str, str]]] = [[] for _ in self.givens]
        quantities = self.quantities
        for answer in self.derivation.answers:
            name = answer.key
            if not name or name in self.truths or quantities[name].role in ("given", "fact"):
                continue
            if quantities[name].labels is not None or self.same:
                continue
            last = f"{AUXILIARY}answer:{name}"
            quantity = quantities.get(last, quantities[name])
            self._compare(name, quantity, changed)
        return changed

    def _compare(self, name: str, quantity: Quantity, changed: list[list[tuple[str, str]]]) -> None:
        """The numerals of a quantity with nothing rounded on the way, where they are others."""
        policy = quantity.digits or self.derivation.rounding
        true = show_column(self.true[quantity.key], policy, quantity.role, self.arithmetic)
        mine = self.carried[quantity.key]
        other = ~same_decimals(true.numerals, mine) & ~self.arithmetic.doubt
        for place in np.flatnonzero(other).tolist():
            changed[place].append((name, true.text(place)))


def same_decimals(a: Column, b: Column) -> Marks:
    """Where two columns of shortest decimals are the same numbers."""
    marks: Marks = (a.digits == b.digits) & (a.places == b.places)
    return marks

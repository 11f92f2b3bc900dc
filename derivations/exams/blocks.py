"""Conditions and answers of many variants of one structure at once, over columns.

What the columns cannot decide, or do not know, is left to `conditions`, one variant at a time; the
two never disagree, as the bounds of `formula.columns` are rigorous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from derivations.exams.conditions import HELPERS, Condition
from derivations.exams.structures import Structure
from derivations.formula.column_reading import stacked
from derivations.formula.columns import Arithmetic, Column, Doubles, Marks, Unsupported
from derivations.formula.tree import Apply, Formula, Name, Number, key, walk
from derivations.steps.column_rounding import show_column
from derivations.steps.solution import Quantity
from derivations.steps.substitution import Given

CONDITIONS = frozenset({"and", "or", "not", "<", "<=", ">", ">=", "==", "!="})


class Block:
    """Variants of one structure in columns.

    Args:
        structure: of all of them.
        givens: their numbers.
    """

    def __init__(self, structure: Structure, givens: Sequence[Mapping[str, Given]]) -> None:
        self.derivation = structure.derivation
        self.quantities = {q.key: q for q in self.derivation.quantities}
        self.givens = givens
        self.arithmetic = Arithmetic(len(givens), self.derivation.functions)
        self.columns: dict[str, Column] = {}

    def truths(self, conditions: Sequence[Condition]) -> tuple[list[Marks], Marks]:
        """Where each condition holds, and where that is not known.

        Raises:
            Unsupported: a condition that is decided one variant at a time.
        """
        with np.errstate(all="ignore"):
            marks = [self._truth(condition) for condition in conditions]
            return marks, self._doubt()

    def _doubt(self) -> Marks:
        return self.arithmetic.doubt.copy()

    def _truth(self, condition: Condition) -> Marks:
        for name in sorted(condition.uses):
            self._compute(name)
        formula = condition.formula
        if isinstance(formula, Apply) and formula.head == "apart":
            return self._apart(formula.args)
        heads = {node.head for node in walk(formula) if isinstance(node, Apply)}
        if heads & HELPERS:
            raise Unsupported("a helper")
        return self.arithmetic.holds(formula, self.columns)

    def _apart(self, formulas: Sequence[Formula]) -> Marks:
        """Where no two values are shown alike."""
        if any(isinstance(n, Apply) and n.head in HELPERS for f in formulas for n in walk(f)):
            raise Unsupported("a helper")
        policy = self.derivation.rounding
        role = "answer" if policy.answers else "defined"
        columns = (self.arithmetic.evaluate(formula, self.columns) for formula in formulas)
        texts = [show_column(column, policy, role, self.arithmetic).texts for column in columns]
        return np.array([len(set(row)) == len(row) for row in zip(*texts, strict=True)], bool)

    def signatures(self) -> tuple[list[tuple[Any, ...]], Marks]:
        """The answers of every variant as they are shown, and where they are not known.

        Raises:
            Unsupported: answers that are computed one variant at a time.
        """
        with np.errstate(all="ignore"):
            shown = [
                [(answer.name, text) for text in self._shown(answer.key)]
                for answer in self.derivation.answers
                if answer.key
            ]
            rows = list(zip(*shown, strict=True)) if shown else [()] * len(self.givens)
            return rows, self._doubt()

    def values(self, name: str) -> Doubles:
        """The doubles of a quantity, with an error that is far below any digit that is shown.

        Raises:
            Unsupported: it is computed one variant at a time.
        """
        self._compute(name)
        return self.columns[name].value.copy()

    def _shown(self, name: str) -> list[Any]:
        quantity = self._quantity(name)
        if quantity.shape:
            assert quantity.formula is not None
            return self._entries(quantity.formula)
        self._compute(name)
        column = self.columns[name]
        if quantity.labels is not None:
            self.arithmetic.doubt |= ~(column.known & (column.places == 0))
            return [str(digits) for digits in column.digits.tolist()]
        policy = quantity.digits or self.derivation.rounding
        return show_column(column, policy, quantity.role, self.arithmetic).texts

    def _entries(self, formula: Formula) -> list[Any]:
        """The numerals of a vector or matrix of quantities."""
        if isinstance(formula, Name):
            return self._shown(formula.id)
        if isinstance(formula, Number):
            return [formula.text] * len(self.givens)
        if formula.head not in ("vector", "matrix", "row"):
            raise Unsupported("an array")
        return list(zip(*map(self._entries, formula.args), strict=True))

    def _quantity(self, name: str) -> Quantity:
        if name not in self.quantities:
            raise Unsupported(name)
        return self.quantities[name]

    def _compute(self, name: str) -> None:
        """The column of a quantity, and before it those that it needs."""
        if name in self.columns:
            return
        quantity = self._quantity(name)
        if quantity.shape:
            raise Unsupported("an array")
        if quantity.reached is not None:
            raise Unsupported("a recursion")
        if quantity.formula is None:
            numerals = [given[name] for given in self.givens]
            if not all(isinstance(numeral, str) for numeral in numerals):
                raise Unsupported("an array")
            self.columns[name] = stacked(numerals)  # type: ignore[arg-type]  # texts
            return
        if isinstance(quantity.formula, Apply) and quantity.formula.head in CONDITIONS:
            raise Unsupported("a truth value")
        for used in _keys(quantity.formula):
            if used in self.quantities:
                self._compute(used)
        self.columns[name] = self.arithmetic.evaluate(quantity.formula, self.columns)


def _keys(formula: Formula) -> list[str]:
    if isinstance(formula, Name) or (isinstance(formula, Apply) and formula.head == "partial"):
        return [key(formula)]
    if isinstance(formula, Apply):
        return [name for arg in formula.args for name in _keys(arg)]
    return []

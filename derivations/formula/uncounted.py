"""Ones whose number nobody says, **1**: as many as what stands beside them asks for.

In a product the neighbour says it, in **b 1**ᵀ + **W X** the other terms.
"""

from __future__ import annotations

from derivations.formula import arrays
from derivations.formula.scalars import EvaluationError, Value
from derivations.formula.tree import Apply, Formula, Number

ALL_ONES = Apply("ones", ())  # as many as have to be
IN_A_ROW = Apply("transpose", (ALL_ONES,))
ADDED = frozenset({"sum", "hadamard", "neg", "product", "quotient"})


class Uncounted(EvaluationError):
    """How many ones there are is not said."""

    def __init__(self) -> None:
        super().__init__("how many ones there are is not said")


def ones_beside(factors: list[Value], place: int, turned: bool) -> Value:
    """Ones as many as the factor before has columns or, as a row, as the one behind has rows.

    Raises:
        Uncounted: there is no such factor.
    """
    beside = place + 1 if turned else place - 1
    sizes = arrays.shape(factors[beside]) if 0 <= beside < len(factors) else ()
    if not sizes or (not turned and len(sizes) == 1):
        raise Uncounted
    ones = arrays.ones([sizes[0] if turned else sizes[-1]])
    return arrays.transpose(ones) if turned else ones


def counted(formula: Formula, rows: int, columns: int) -> Formula:
    """A term beside a matrix: **1** first in its products has its rows, **1**ᵀ at their end its columns."""
    if not isinstance(formula, Apply):
        return formula
    args = formula.args
    if formula.head in ADDED:
        args = tuple(counted(arg, rows, columns) for arg in args)
    elif formula.head == "matmul":
        first = _ones(rows) if args[0] == ALL_ONES else args[0]
        last = Apply("transpose", (_ones(columns),)) if args[-1] == IN_A_ROW else args[-1]
        args = (first, *args[1:-1], last)
    return Apply(formula.head, args)


def _ones(count: int) -> Formula:
    return Apply("ones", (Number(str(count)),))

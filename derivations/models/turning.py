"""Definitions over rows as definitions over columns: every matrix is turned, every product too.

``Q = X W_Q`` becomes ``Q = W_Q X``, ``softmax(Q Kᵀ) V`` becomes ``V softmax(Kᵀ Q)`` with the softmax down
the columns, ``N W + 1 bᵀ`` becomes ``W N + b 1ᵀ``.
"""

from __future__ import annotations

from derivations.formula.tree import Apply, Formula, Name, Number, apply

BY_COLUMNS = {"softmax_rows": "softmax"}  # functions of each row, and the same of each column


def turned(formula: Formula, vectors: frozenset[str]) -> Formula:
    """(formula)ᵀ over turned matrices.

    Args:
        formula: over matrices with a row for each position.
        vectors: names that stay the columns that they are; what is computed of each row, such as its
            mean, becomes a row with an entry for each column.
    """
    if isinstance(formula, Number):
        return formula
    if isinstance(formula, Name):
        return apply("transpose", formula) if formula.id in vectors else formula
    if formula.head == "ones":
        return apply("transpose", formula) if len(formula.args) == 1 else formula
    if formula.head == "transpose":
        inner = formula.args[0]
        fixed = isinstance(inner, Name) and inner.id in vectors
        is_ones = isinstance(inner, Apply) and inner.head == "ones"
        return inner if fixed or is_ones else apply("transpose", turned(inner, vectors))
    args = tuple(turned(arg, vectors) for arg in formula.args)
    if formula.head == "matmul":
        return Apply("matmul", args[::-1])
    return Apply(BY_COLUMNS.get(formula.head, formula.head), args)

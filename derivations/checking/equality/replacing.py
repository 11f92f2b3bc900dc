"""Sides of a relation with something else in the place of names, or in another shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derivations.checking.names.quantities import indices, is_named
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, matrix, rewrite, walk
from derivations.formula.uncounted import ALL_ONES

ZERO = Number("0")
ANY_NUMBER = Name("~number")


def put(formula: Formula, claimed: Mapping[Formula, Formula]) -> Formula:
    """Claims in the place of names, entries and derivatives; indices of sums stay."""

    def rule(node: Formula) -> Formula | None:
        if is_named(node):
            return claimed.get(node, node)
        if isinstance(node, Apply) and node.head in RANGES:
            bound = indices(node)
            outside = {name: value for name, value in claimed.items() if name not in bound}
            args = (arg if arg in bound else put(arg, outside) for arg in node.args)
            return replace(node, args=tuple(args))
        return None

    return rewrite(formula, rule)


def spread(left: Formula, sign: str, right: Formula) -> tuple[Formula, str, Formula]:
    """The sides with a bold 1 or a 0, which has the shape of the other side, in that shape."""

    def like(side: Formula, other: Formula) -> Formula:
        return Apply("sum", (side, Apply("product", (ZERO, other))))

    if any(node == ALL_ONES for node in walk(right)) or right == ZERO:
        return left, sign, like(right, left)
    if any(node == ALL_ONES for node in walk(left)) or left == ZERO:
        return like(left, right), sign, right
    return left, sign, right


def by_rows(formula: Formula) -> Formula:
    """Softmax of a matrix taken along its rows; what nobody says can be meant either way."""
    return rewrite(
        formula,
        lambda node: (
            replace(node, head="softmax_rows")
            if isinstance(node, Apply) and node.head == "softmax"
            else None
        ),
    )


def in_rows(formula: Formula) -> Formula:
    """``(1, 2)`` as a row; numbers in brackets can be meant as a row or as a column."""
    return rewrite(
        formula,
        lambda node: (
            matrix(tuple(in_rows(arg) for arg in node.args))
            if isinstance(node, Apply) and node.head == "tuple"
            else None
        ),
    )


def of_number(formula: Formula, name: str) -> Formula:
    """The formula with any number in the place of a name, and plain products."""

    def rule(node: Formula) -> Formula | None:
        if node == Name(name):
            return ANY_NUMBER
        if isinstance(node, Apply) and node.head in ("matmul", "hadamard", "dot"):
            return Apply("product", tuple(of_number(arg, name) for arg in node.args))
        return None

    return rewrite(formula, rule)


def in_matrices(formula: Formula) -> Formula:
    """Factors beside each other as a matrix product, which is a product where one is a number."""
    return rewrite(
        formula,
        lambda node: (
            Apply("matmul", tuple(map(in_matrices, node.args)))
            if isinstance(node, Apply) and node.head == "product"
            else None
        ),
    )

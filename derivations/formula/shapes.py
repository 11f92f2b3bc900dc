"""The shape of a formula from the shapes of its names: () scalar, (n,) column, (rows, columns)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TypeAlias

from derivations.formula.tree import COMPARISONS, Apply, Formula, Name, Number, key

Shape: TypeAlias = tuple[int, ...]


class ShapeError(ValueError):
    """Shapes that do not fit; the message says which. ``where`` is the formula they stand in."""

    def __init__(self, message: str, where: Formula) -> None:
        super().__init__(message)
        self.where = where


def words(shape: Shape) -> str:
    """``a scalar``, ``a vector of 3``, ``a 2x3 matrix``."""
    if not shape:
        return "a scalar"
    return f"a vector of {shape[0]}" if len(shape) == 1 else f"a {shape[0]}x{shape[1]} matrix"


SCALAR_FROM_ARRAY = frozenset({"norm", "sum_entries", "mean", "argmax"})


def infer(
    formula: Formula, shapes: Mapping[str, Shape], vectorial: frozenset[str] = frozenset()
) -> Shape:
    """The shape of the formula's value.

    Args:
        formula: an expression over names.
        shapes: the shape of each name; a name without one is a scalar.
        vectorial: functions of a whole vector, that give a vector of its shape.

    Raises:
        ShapeError: two operands do not fit.
    """
    if isinstance(formula, Number):
        return ()
    if isinstance(formula, Name):
        return shapes.get(formula.id, ())
    head = formula.head
    if head in ("partial", "total"):
        return shapes.get(key(formula), shapes.get(key(formula.args[1]), ()))
    if head in ("bigsum", "bigproduct"):
        return infer(formula.args[-1], shapes, vectorial)
    inner = [infer(arg, shapes, vectorial) for arg in formula.args]
    if head in ("sum", "quotient", "hadamard"):
        return reduce(lambda a, b: _fit(a, b, formula), inner)
    if head == "product":
        arrays = [shape for shape in inner if shape]
        if len(arrays) > 1:
            raise ShapeError(
                f"{words(arrays[0])} times {words(arrays[1])} with '*'; "
                "write @ for the matrix product, .* for entry by entry",
                formula,
            )
        return arrays[0] if arrays else ()
    if head == "matmul":
        return reduce(lambda a, b: _matmul(a, b, formula), inner)
    if head == "dot":
        if len(inner) != 2 or inner[0] != inner[1] or len(inner[0]) != 1:
            raise ShapeError(
                "a dot product needs two vectors of one length, not "
                + " and ".join(map(words, inner)),
                formula,
            )
        return ()
    if head == "transpose":
        shape = inner[0]
        return (1, shape[0]) if len(shape) == 1 else shape[::-1]
    if head == "as_column":
        return inner[0][:1] if inner[0][1:] == (1,) else inner[0]
    return _of_function(head, formula, inner)


def _of_function(head: str, formula: Apply, inner: list[Shape]) -> Shape:
    if head == "vector":
        if any(inner):
            raise ShapeError("the entries of a vector are numbers", formula)
        return (len(inner),)
    if head == "row":
        return (len(inner),)
    if head == "ones":
        return tuple(int(arg.text) for arg in formula.args if isinstance(arg, Number))
    if head == "matrix":
        return (len(inner), inner[0][0])
    if head == "entry":
        return inner[0][len(inner) - 1 :]
    if head == "softmax" and not inner[0]:
        raise ShapeError("softmax needs a vector, found a scalar", formula)
    if head in SCALAR_FROM_ARRAY or (head in ("max", "min") and len(inner) == 1):
        return ()
    if head in COMPARISONS or head in ("and", "or", "not", "iverson", "otherwise"):
        return ()
    if head == "cases":
        first, *others = inner[::2]
        for other in others:
            if other != first:
                raise ShapeError(f"{words(first)} and {words(other)} do not fit", formula)
        return first
    if head == "power" and inner[1]:
        raise ShapeError(f"an exponent is a number, found {words(inner[1])}", formula)
    return reduce(lambda a, b: _fit(a, b, formula), inner, ())


def _fit(left: Shape, right: Shape, where: Formula) -> Shape:
    """Entry by entry; a scalar goes with everything, a column with each column of a matrix."""
    if not left or not right or left == right:
        return left or right
    if len(left) != len(right) and left[0] == right[0]:
        return max(left, right, key=len)
    raise ShapeError(f"{words(left)} and {words(right)} do not fit", where)


def _matmul(left: Shape, right: Shape, where: Formula) -> Shape:
    if not left or not right:
        return left or right
    rows, columns = left if len(left) == 2 else (left[0], 1)
    if columns != right[0]:
        raise ShapeError(
            f"{words(left)} times {words(right)}: {columns} columns against {right[0]} rows", where
        )
    if len(right) == 1:
        return () if rows == 1 and len(left) == 2 else (rows,)
    return (rows, right[1])

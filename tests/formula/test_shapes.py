"""Shapes of formulas: what fits, what does not, and that values have the shape that was foretold."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from derivations.formula.evaluation import evaluate, shape
from derivations.formula.expressions import read_expression
from derivations.formula.shapes import Shape, ShapeError, infer, words
from derivations.formula.tree import Name, apply, number, partial

SHAPES: dict[str, Shape] = {
    "s": (), "v": (3,), "u": (3,), "c": (2,), "W": (2, 3), "B": (2, 3), "X": (3, 4), "R": (1, 3),
}  # fmt: skip


def filled(size: Shape, start: int = 1) -> Any:
    """The numbers from ``start`` on in this shape, as the program's value."""
    array = np.arange(start, start + prod(size)).reshape(size)
    if not size:
        return fmpq(int(array))
    if len(size) == 1:
        return tuple(fmpq(int(n)) for n in array)
    return tuple(tuple(fmpq(int(n)) for n in row) for row in array)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("s", ()), ("2", ()), ("v + u", (3,)), ("v + s", (3,)), ("s - v", (3,)), ("W + B", (2, 3)),
        ("W + c", (2, 3)), ("-W", (2, 3)), ("2 v", (3,)), ("s v", (3,)), ("v/s", (3,)), ("v/u", (3,)),
        ("s/v", (3,)), ("W @ v", (2,)), ("W @ X", (2, 4)), ("R @ v", ()), ("R @ X", (1, 4)), ("v^T @ u", ()),
        ("v @ u^T", (3, 3)), ("c^T @ W", (1, 3)), ("W^T @ c", (3,)), ("v .* u", (3,)), ("W .* B", (2, 3)),
        ("dot(v, u)", ()), ("norm(v)", ()), ("sum(W)", ()), ("mean(W)", ()), ("mean(s, s)", ()), ("sum(v, u)", ()),
        ("argmax(v)", ()), ("max(v)", ()), ("max(0, W)", (2, 3)), ("max(v, u)", (3,)), ("exp(W)", (2, 3)),
        ("v^2", (3,)), ("v^s", (3,)), ("W.T", (3, 2)), ("v.T", (1, 3)), ("v.T.T", (3, 1)), ("[s, 1]", (2,)),
        ("[[1, 2, 3], [4, 5, 6]]", (2, 3)), ("v[1]", ()), ("W[1]", (3,)), ("W[1, 2]", ()), ("softmax(v)", (3,)),
        ("softmax(W)", (2, 3)), ("sum(v, i = 1..2)", (3,)), ("cases(v, s > 0, u)", (3,)), ("iverson(s > 1)", ()),
        ("s @ v", (3,)), ("abs(v) + 1", (3,)),
    ],
)  # fmt: skip
def test_the_shape_that_is_foretold_is_the_shape_of_the_value(source: str, expected: Shape) -> None:
    formula = read_expression(source)
    assert infer(formula, SHAPES) == expected
    values = {name: filled(size) for name, size in SHAPES.items()}
    assert shape(evaluate(formula, values, {})) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("v + c", "a vector of 3 and a vector of 2 do not fit"),
        ("W + v", "a 2x3 matrix and a vector of 3 do not fit"),
        ("W - X", "a 2x3 matrix and a 3x4 matrix do not fit"),
        ("v .* c", "a vector of 3 and a vector of 2 do not fit"),
        ("v / c", "a vector of 3 and a vector of 2 do not fit"),
        ("v u", "a vector of 3 times a vector of 3 with '*'; write @ for the matrix product, .* for entry by entry"),
        ("W v", "a 2x3 matrix times a vector of 3 with '*'; write @ for the matrix product, .* for entry by entry"),
        ("W @ c", "a 2x3 matrix times a vector of 2: 3 columns against 2 rows"),
        ("v @ W", "a vector of 3 times a 2x3 matrix: 1 columns against 2 rows"),
        ("W @ B", "a 2x3 matrix times a 2x3 matrix: 3 columns against 2 rows"),
        ("dot(v, c)", "a dot product needs two vectors of one length, not a vector of 3 and a vector of 2"),
        ("dot(W, B)", "a dot product needs two vectors of one length, not a 2x3 matrix and a 2x3 matrix"),
        ("dot(s, s)", "a dot product needs two vectors of one length, not a scalar and a scalar"),
        ("[v, s]", "the entries of a vector are numbers"),
        ("softmax(s)", "softmax needs a vector, found a scalar"),
        ("2^v", "an exponent is a number, found a vector of 3"),
        ("max(v, c)", "a vector of 3 and a vector of 2 do not fit"),
        ("cases(v, s > 0, c)", "a vector of 3 and a vector of 2 do not fit"),
        ("cases(1, s > 0, v)", "a scalar and a vector of 3 do not fit"),
        ("1 + exp(v + c)", "a vector of 3 and a vector of 2 do not fit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_words(source: str, message: str) -> None:
    with pytest.raises(ShapeError) as refused:
        infer(read_expression(source), SHAPES)
    assert str(refused.value) == message


def test_the_error_names_the_part() -> None:
    with pytest.raises(ShapeError) as refused:
        infer(read_expression("1 + exp(v + c)"), SHAPES)
    assert refused.value.where == read_expression("v + c")


def test_a_derivative_has_the_shape_of_what_is_moved() -> None:
    assert infer(partial(Name("L"), Name("W")), SHAPES) == (2, 3)
    assert infer(partial(Name("L"), Name("W")), {**SHAPES, "dL/dW": (5,)}) == (5,)


def test_ones_have_the_shape_that_is_written() -> None:
    assert infer(apply("ones", number(2), number(3)), {}) == (2, 3)
    assert shape(evaluate(apply("ones", number(2), number(3)), {})) == (2, 3)


@pytest.mark.parametrize(
    ("size", "expected"), [((), "a scalar"), ((3,), "a vector of 3"), ((2, 3), "a 2x3 matrix")]
)
def test_the_words_for_a_shape(size: Shape, expected: str) -> None:
    assert words(size) == expected

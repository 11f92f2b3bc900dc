"""Tidying: no 1x, no + 0, no double sign, and the value as it was."""

from __future__ import annotations

import pytest
from flint import fmpq
from hypothesis import assume, given

from derivations.calculus.tidy import constant, lift_numbers, signed, tidy, written
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, Number, apply, neg, walk
from tests.trees import MP, close, mp_value, named_trees

VALUES = {n: MP.mpf(v) for n, v in zip("abtwxyz", ("2.5", "-0.7", "0.4", "1.1", "1.3", "-1.9", "0.6"), strict=True)}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1/2 * 2 * (y - t)", "y − t"), ("0 + x + 0", "x"), ("0 x + y", "y"), ("1 x", "x"), ("x/1", "x"), ("0/x", "0"),
        ("x^1", "x"), ("x^0", "1"), ("-(-x)", "x"), ("-(-(-x))", "−x"), ("-0", "0"), ("(-x) (-y)", "x·y"),
        ("(-x) y (-2)", "2·x·y"), ("2 x * 3", "6·x"), ("x * (-1)", "−x"), ("(-x)/y", "−x/y"), ("a + (b + x)", "a + b + x"),
        ("(a b) x", "a·b·x"), ("t * (1/y)", "t/y"), ("3 * (1/y)", "3/y"), ("3 * (1/y) * exp(x)", "3/y·e^x"), ("(1/3) x", "1/3·x"), ("0.5 * 0.5 * x", "0.25·x"), ("2 * 0.1 * x", "0.2·x"), ("2 * (1/5) * x", "2/5·x"),
        ("0.1 * 0.3 * x", "0.03·x"), ("A .* 1", "A"), ("(-A) .* B", "−A ⊙ B"), ("(A .* B) .* C", "A ⊙ B ⊙ C"),
        ("2 * (c/2)", "c"), ("a * (c/2) * 2 * x", "a·c·x"), ("3 * (c/2)", "3·(c/2)"), ("1 - 1", "1 − 1"), ("x + x", "x + x"), ("b + a", "b + a"), ("sin(1 x + 0)", "sin(x)"),
    ],
)  # fmt: skip
def test_a_formula_is_tidied_as_the_eye_does(source: str, expected: str) -> None:
    assert text(tidy(read_expression(source))) == expected


@given(named_trees())
def test_tidying_keeps_the_value(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    try:
        value = mp_value(formula, VALUES)
    except (ValueError, OverflowError):
        assume(False)
    assert close(mp_value(tidy(formula), VALUES), value), text(tidy(formula))


@given(named_trees())
def test_nothing_untidy_is_left(formula: Formula) -> None:
    for node in walk(tidy(lift_numbers(formula))):
        if not isinstance(node, Apply):
            continue
        if node.head in ("sum", "neg"):
            assert not any(constant(arg) == 0 for arg in node.args), text(node)
        if node.head == "neg":
            assert not signed(node.args[0])[0], text(node)
        if node.head == "product":
            assert not any(constant(arg) in (0, 1) for arg in node.args), text(node)
            assert not any(
                isinstance(arg, Apply) and arg.head in ("product", "neg") for arg in node.args
            )
        if node.head == "power":
            assert constant(node.args[1]) not in (0, 1)


@given(named_trees())
def test_what_is_tidy_stays(formula: Formula) -> None:
    once = tidy(lift_numbers(formula))
    assert tidy(once) == once


@pytest.mark.parametrize(
    ("source", "value"),
    [("3", (3, 1)), ("-3", (-3, 1)), ("1/2", (1, 2)), ("-(1/2)", (-1, 2)), ("0.25", (1, 4)), ("(1/2)/(3/4)", (2, 3))],
)  # fmt: skip
def test_a_constant_is_the_number_it_writes(source: str, value: tuple[int, int]) -> None:
    assert constant(read_expression(source)) == fmpq(*value)


@pytest.mark.parametrize("source", ["x", "x/2", "1/0", "2 + 3", "exp(1)"])
def test_other_formulas_are_no_constants(source: str) -> None:
    assert constant(read_expression(source)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [((2, 1), "2"), ((-2, 1), "−2"), ((1, 3), "1/3"), ((1, 2), "1/2"), ((1, 10), "0.1"), ((3, 100), "0.03"),
     ((-1, 4), "−1/4"), ((1, 16), "0.0625"), ((1, 3**9), "1/19683")],
)  # fmt: skip
def test_a_coefficient_is_written_as_a_teacher_does(value: tuple[int, int], expected: str) -> None:
    assert text(written(fmpq(*value))) == expected


def test_signs_are_lifted_out_of_numerals() -> None:
    lifted = lift_numbers(apply("product", Number("-3"), Name("x")))
    assert lifted == apply("product", neg(Number("3")), Name("x"))
    assert signed(neg(neg(neg(Name("x"))))) == (True, Name("x"))

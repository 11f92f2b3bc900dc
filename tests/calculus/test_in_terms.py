"""Formulas in terms of a function: found where there is one, equal to what they replace, else refused."""

from __future__ import annotations

import random

import pytest
from flint import fmpq

from derivations.calculus.in_terms import NotInTerms, in_terms_of
from derivations.calculus.pieces import Change
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, apply, substitute, walk
from tests.trees import MP, close, mp_value

SIGMOID = read_expression("1/(1 + exp(-x))")
FUNCTIONS = {"h": Function(("x",), SIGMOID)}
H = apply("h", Name("x"))


def written_out(formula: Formula, body: Formula) -> Formula:
    """With the body in place of every call of h."""
    if isinstance(formula, Apply):
        args = tuple(written_out(arg, body) for arg in formula.args)
        return (
            substitute(body, {"x": args[0]}) if formula.head == "h" else Apply(formula.head, args)
        )
    return formula


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("exp(-x)/(1 + exp(-x))^2", "h(x)(1 − h(x))"),
        ("1/(1 + exp(x))", "1 − h(x)"),
        ("exp(x)/(1 + exp(x))", "h(x)"),
        ("(exp(x) - 1)/(exp(x) + 1)", "2·h(x) − 1"),
        ("exp(-x)", "(1 − h(x))/h(x)"),
        ("x/(1 + exp(-x)) + 3/7", "3/7 + x·h(x)"),
        ("a^2 exp(-x)/(1 + exp(-x))^2", "h(x)·a²(1 − h(x))"),
        ("0 x", "0"),
    ],
)
def test_a_form_in_terms_of_the_sigmoid(source: str, expected: str) -> None:
    formula = read_expression(source)
    found = in_terms_of(formula, "x", [(H,)], FUNCTIONS)
    for x in ("-1.3", "0.7", "2.2"):
        point = {"x": MP.mpf(x), "a": MP.mpf("1.9")}
        assert close(mp_value(written_out(found, SIGMOID), point), mp_value(formula, point))
    if expected != "3/7 + x·h(x)":
        assert text(found).replace(" · ", "·") == expected
    else:
        assert {text(node) for node in walk(found)} >= {"h(x)", "x"}


BODIES = ["1/(1 + exp(-x))", "tanh(x)", "exp(-x^2)", "ln(1 + exp(x))", "sqrt(1 + x^2)", "atan(x)"]


@pytest.mark.parametrize("body", BODIES)
def test_random_polynomials_are_found_again(body: str) -> None:
    """What was made of x and h is found as such, with the same values."""
    source = random.Random(body)
    functions = {"h": Function(("x",), read_expression(body))}
    for _ in range(4):
        terms = [
            f"({source.choice((-3, -2, -1, 1, 2, 5))}/{source.randint(1, 7)}) x^{i} h(x)^{j}"
            for i, j in source.sample([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], 3)
        ]
        made = read_expression(" + ".join(terms), {"h"})
        formula = written_out(made, functions["h"].body)
        found = in_terms_of(formula, "x", [(H,)], functions)
        assert not any(
            isinstance(n, Apply) and n.head in ("exp", "ln", "atan") for n in walk(found)
        )
        for x in ("-1.3", "0.7", "2.2"):
            point = {"x": MP.mpf(x)}
            assert close(
                mp_value(written_out(found, functions["h"].body), point), mp_value(formula, point)
            )


@pytest.mark.parametrize(
    "source", ["sin(x)", "x^7 exp(x^2)", "ln(1 + exp(-x))", "sqrt(2)/(1 + exp(-x))"]
)
def test_where_there_is_no_form_it_is_said(source: str) -> None:
    with pytest.raises(NotInTerms, match="tried: a sum of terms"):
        in_terms_of(read_expression(source), "x", [(H,)], FUNCTIONS)


def test_the_first_value_that_does_it_is_taken() -> None:
    formula = read_expression("1 - tanh(x)^2")
    double = apply("h", read_expression("2 x"))
    assert text(in_terms_of(formula, "x", [(H,), (double,)], FUNCTIONS)) == "4·h(2·x)(1 − h(2·x))"


def test_a_piecewise_formula_is_sought_piece_by_piece() -> None:
    body = read_expression("cases(exp(x) - 1, x < 0, x)")
    found = in_terms_of(
        read_expression("cases(exp(x), x < 0, 1)"), "x", [(H,)], {"h": Function(("x",), body)},
        [Change(fmpq(0), bends=False)],
    )  # fmt: skip
    assert text(found) == "{1 + h(x) if x ≤ 0; 1 if x > 0}"

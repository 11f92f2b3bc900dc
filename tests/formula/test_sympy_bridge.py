"""Formulas to SymPy and back keep their value; ``exact_text`` is what SymPy reads as the value."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import assume, given

from derivations.formula.evaluation import Function
from derivations.formula.exact_text import exact_text
from derivations.formula.expressions import read_expression
from derivations.formula.sympy_bridge import NoBridge, from_sympy, to_sympy
from derivations.formula.tree import Formula, Name, apply, names, partial, power, substitute
from tests.trees import MP, close, mp_value, named_trees, numeric_trees

VALUES = {"a": "1/3", "b": "-7/5", "t": "2", "w": "5/4", "x": "3/10", "y": "-2", "z": "9/7"}
MP_VALUES = {name: MP.mpf(sp.Rational(v).p) / sp.Rational(v).q for name, v in VALUES.items()}


def exactly(formula: Formula) -> str | None:
    return exact_text(formula, VALUES, {}, lambda _: None)


def number(expression: sp.Expr) -> object:
    return MP.mpf(str(sp.N(expression, 45)))


@given(numeric_trees())
def test_sympy_reads_the_exact_text_as_the_value(formula: Formula) -> None:
    try:
        value = mp_value(formula)
    except (ValueError, OverflowError):
        assume(False)
    written = exactly(formula)
    assume(written is not None)
    assert close(number(sp.sympify(written)), value), written


@given(named_trees())
def test_names_stand_for_their_exact_values(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    try:
        value = mp_value(formula, MP_VALUES)
    except (ValueError, OverflowError):
        assume(False)
    written = exactly(formula)
    assume(written is not None)
    assert close(number(sp.sympify(written)), value), written


@given(named_trees())
def test_a_formula_comes_back_from_sympy_with_its_value(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    try:
        value = mp_value(formula, MP_VALUES)
    except (ValueError, OverflowError):
        assume(False)
    symbols = {name: sp.Symbol(name, real=True) for name in names(formula)}
    there = to_sympy(formula, None, symbols)
    assume(not there.has(sp.I, sp.zoo, sp.nan, sp.oo))
    exact = {symbol: sp.Rational(VALUES[name]) for name, symbol in symbols.items()}
    assert close(number(there.subs(exact)), value)
    assert close(mp_value(from_sympy(there), MP_VALUES), value)


@pytest.mark.parametrize(
    "source",
    ["cases(x, x > 0, -x)", "cases(1, 0 < x <= 1, 2)",
     "cases(1, 0 < y < 1, 2)", "max(x, y, 0)", "min(x, 3)", "abs(y)", "sign(y)",
     "floor(z)", "ceil(z)", "erf(x)", "atan(x)", "sinh(x) cosh(x)", "cos(x)", "log2(w)", "log10(w)", "log(w, 3)",
     "pi e", "cases(1, x = 0.3, 2)", "cases(1, x != 0.3 or y > 0, 2)"],
)  # fmt: skip
def test_every_function_is_known_on_the_other_side(source: str) -> None:
    formula = read_expression(source)
    value = mp_value(formula, {**MP_VALUES, "x": MP.mpf("0.3")})
    symbols = {name: sp.Rational(VALUES[name]) for name in names(formula)}
    assert close(number(to_sympy(formula, None, symbols)), value)
    if " or " not in source:
        assert close(number(sp.sympify(exactly(formula))), value)


def test_named_functions_are_written_out() -> None:
    functions = {"f": Function(("u",), read_expression("u^2 + 1"))}
    x = sp.Symbol("x", real=True)
    assert to_sympy(read_expression("f(2 x)", {"f"}), functions) == 4 * x**2 + 1
    body = functions["f"].body
    text = exact_text(
        read_expression("f(3)", {"f"}), {}, {},
        lambda call: substitute(body, {"u": call.args[0]}) if call.head == "f" else None,
    )  # fmt: skip
    assert text is not None
    assert sp.sympify(text) == 10


def test_names_are_written_out_through_their_formulas() -> None:
    formulas = {"z": read_expression("w + 1"), "dL/dw": read_expression("2 z")}
    text = exact_text(partial(Name("L"), Name("w")), {"w": "-1/2"}, formulas, lambda _: None)
    assert sp.sympify(text) == 1
    assert exact_text(Name("free"), {}, {}, lambda _: None) == "free"


@pytest.mark.parametrize(
    "name", ["lambda", "E", "I", "S", "N", "Q", "C", "O", "gamma", "beta", "zeta", "Lambda", "pi", "if", "sum",
             "None", "x", "W", "eta", "w__1_2"],
)  # fmt: skip
def test_every_name_is_a_symbol_on_the_other_side(name: str) -> None:
    text = exact_text(power(Name(name), 2), {}, {}, lambda _: None)
    assert sp.sympify(text) == sp.Symbol(name) ** 2


def test_what_is_long_or_has_no_such_form_is_none() -> None:
    assert exactly(read_expression(" + ".join(["1.23456"] * 60))) is None
    assert exactly(read_expression("[1, 2]")) is None
    assert exactly(apply("neg", partial(Name("L"), Name("w")))) is None
    circle = {"p": Name("q"), "q": Name("p")}
    assert exact_text(Name("p"), {}, circle, lambda _: None) is None


@pytest.mark.parametrize("source", ["[1, 2]", "x[1]", "softmax(x)", "A @ B", "sum(i, i = 1..3)"])
def test_what_sympy_is_not_asked_for_is_refused(source: str) -> None:
    with pytest.raises(NoBridge, match="has no counterpart in SymPy"):
        to_sympy(read_expression(source))


def test_what_formulas_do_not_have_is_refused() -> None:
    with pytest.raises(NoBridge, match="gamma has no counterpart here"):
        from_sympy(sp.gamma(sp.Symbol("x")))


def test_numbers_come_back_with_their_sign_in_front() -> None:
    assert from_sympy(sp.Rational(-1, 3)) == read_expression("-(1/3)")
    assert from_sympy(sp.Integer(-2)) == read_expression("-2")
    assert from_sympy(-sp.Symbol("x")) == read_expression("-x")
    assert from_sympy(sp.sqrt(sp.Symbol("x"))) == read_expression("sqrt(x)")
    assert from_sympy(1 / sp.Symbol("x") ** 2) == read_expression("1/x^2")

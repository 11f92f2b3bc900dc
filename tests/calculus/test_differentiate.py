"""Derivatives by the laws, against central differences at 50 digits and against SymPy."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import fmpq
from hypothesis import assume, given

from derivations.calculus import differentiate as laws
from derivations.calculus.differentiate import D, NotDifferentiable, Slopes, differentiate, law
from derivations.formula.evaluation import Function, evaluate, precision
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    product,
    substitute,
    walk,
)
from derivations.models import activations
from tests.trees import MP, close, mp_value, named_trees, to_mp

X, CONSTANTS = "1.3", {"a": "2.5", "b": "-0.7", "t": "0.4", "w": "1.1", "y": "-1.9", "z": "0.6"}
TABLE = [
    "3", "a", "x", "5 x", "-x", "x + a", "a - x", "x^2", "a x^3 + b x^2 + t", "x^-2", "x^(1/2)", "x^a", "(a x + b)^4",
    "1/x", "a/x", "x/a", "(x + 1)/(x - 3)", "1/(1 + exp(-x))", "exp(x)", "exp(-x^2/2)", "2^x", "a^x", "x^x",
    "(x^2 + 1)^x", "ln(x)", "ln(a x^2 + 1)", "log2(x)", "log10(3 x)", "log(x, 3)", "log(3, x)", "log(x, x + 1)",
    "sqrt(x)", "sqrt(x^2 + a)", "sin(x) cos(x)", "sin(x^2)", "tanh(a x + b)", "sinh(x) + cosh(x)", "atan(x/2)",
    "erf(x)", "abs(x - 3)", "abs(x)^2", "norm(x - 3)^2", "max(0, x)", "max(x, 2)", "min(x^2, a x)",
    "cases(x^2, x > 1, -x)", "x exp(x) sin(x)", "(y - t)^2 x", "-(t ln(x) + (1 - t) ln(3 - x))",
    "sum(x^i/i, i = 1..4)", "mean(x, x^2, a)", "sum(x, 2 x)", "x*x*x", "(x + 1) (x + 1)", "exp(exp(x/4))",
    "x^2/x", "-(-x)", "0 x", "x^0", "1 x + 0", "x/(-3)",
]  # fmt: skip


def values(at: object) -> dict[str, object]:
    return {name: MP.mpf(value) for name, value in CONSTANTS.items()} | {"x": at}


def central(formula: Formula) -> object:
    h = MP.mpf(10) ** -16
    above, below = (mp_value(formula, values(MP.mpf(X) + step)) for step in (h, -h))
    return (above - below) / (2 * h)


@pytest.mark.parametrize("source", TABLE)
def test_a_derivative_agrees_with_central_differences(source: str) -> None:
    formula = read_expression(source)
    assert close(mp_value(differentiate(formula, "x"), values(MP.mpf(X))), central(formula), 27)


@pytest.mark.parametrize("source", [s for s in TABLE if "norm" not in s and "mean" not in s])
def test_a_derivative_agrees_with_sympy(source: str) -> None:
    symbols = {name: sp.Symbol(name, real=True) for name in [*CONSTANTS, "x"]}
    heads = {"ln": sp.log, "abs": sp.Abs, "max": sp.Max, "min": sp.Min, "log2": lambda v: sp.log(v, 2),
             "log10": lambda v: sp.log(v, 10), "cases": lambda v, c, w: sp.Piecewise((v, c), (w, True))}  # fmt: skip
    written = source.replace("^", "**").replace(
        "sum(x**i/i, i = 1..4)", "x + x**2/2 + x**3/3 + x**4/4"
    )
    written = written.replace("sum(x, 2 x)", "3*x")
    expression = sp.parse_expr(
        written, {**symbols, **heads},
        transformations=(*sp.parsing.sympy_parser.standard_transformations,
                         sp.parsing.sympy_parser.implicit_multiplication),
    )  # fmt: skip
    exact = {symbols[name]: sp.Rational(value) for name, value in {**CONSTANTS, "x": X}.items()}
    expected = sp.N(sp.diff(expression, symbols["x"]).subs(exact), 40)
    found = mp_value(differentiate(read_expression(source), "x"), values(MP.mpf(X)))
    assert close(found, MP.mpf(str(expected)), 25)


@given(named_trees())
def test_a_random_formula_is_differentiated_rightly(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    try:
        expected = central(formula)
        found = mp_value(differentiate(formula, "x"), values(MP.mpf(X)))
    except (ValueError, OverflowError):
        assume(False)
    assume(abs(expected) < 10**8)
    assert close(found, expected, 12), text(formula)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a x + b", "a"), ("1/2 (x - t)^2", "x − t"), ("(x - t)^2", "2(x − t)"), ("1/2 (t - x)^2", "−(t − x)"),
        ("x^3", "3·x²"), ("exp(-x)", "−e^(−x)"), ("ln(x)", "1/x"), ("t ln(x)", "t/x"), ("1/(1 + exp(-x))", "e^(−x)/(1 + e^(−x))²"),
        ("tanh(x)", "1 − tanh(x)²"), ("5", "0"), ("x", "1"), ("-x", "−1"), ("sqrt(x)", "1/(2·√x)"),
        ("a^2 x", "a²"), ("x^2 + x", "2·x + 1"), ("-(t ln(x) + (1 - t) ln(1 - x))", "−(t/x − (1 − t)/(1 − x))"),
        ("max(0, x)", "{1 if x > 0; 0 if x < 0}"), ("sin(x)", "cos(x)"), ("abs(x)", "sign(x)"),
    ],
)  # fmt: skip
def test_a_derivative_is_written_as_a_teacher_writes_it(source: str, expected: str) -> None:
    assert text(differentiate(read_expression(source), "x")) == expected


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("3", "constant"), ("x", "identity"), ("x + x^2", "sum"), ("-x", "factor"), ("a x", "factor"), ("x/a", "factor"),
        ("x sin(x)", "product"), ("1/x", "reciprocal"), ("sin(x)/x", "quotient"), ("x^3", "power"), ("sqrt(x)", "power"),
        ("(2 x)^3", "chain"), ("exp(2 x)", "chain"), ("exp(x)", "exponential"), ("2^x", "exponential"),
        ("x^x", "exponential"), ("ln(x)", "logarithm"), ("log2(x)", "logarithm"), ("log(3, x)", "logarithm"),
        ("tanh(x)", "tanh"), ("sinh(x)", "hyperbolic"), ("cosh(x)", "hyperbolic"), ("sin(x)", "sine"), ("cos(x)", "sine"),
        ("atan(x)", "arctangent"), ("erf(x)", "error-function"), ("abs(x)", "absolute"), ("max(x, 0)", "piecewise"),
        ("min(x, 0)", "piecewise"), ("cases(x, x > 0, 0)", "piecewise"), ("sum(x, i = 1..3)", "sum"), ("mean(x, 1)", "sum"),
    ],
)  # fmt: skip
def test_the_law_is_named(source: str, key: str) -> None:
    assert law(D(read_expression(source), "x"), Slopes())[0] == key


def test_every_law_of_the_table_is_used_above() -> None:
    formulas = map(read_expression, TABLE)
    used = {node.head for formula in formulas for node in walk(formula) if isinstance(node, Apply)}
    assert len(laws.LAWS) > 20
    assert set(laws.LAWS) - used == {"group"}


def test_a_law_leaves_the_rest_to_be_done() -> None:
    written = law(D(read_expression("x^2 + sin(x)"), "x"), Slopes())[1]
    assert written == apply(
        "sum", D(read_expression("x^2"), "x"), D(read_expression("sin(x)"), "x")
    )


def test_one_object_in_two_places_counts_twice() -> None:
    x = Name("x")
    assert mp_value(differentiate(product(x, x), "x"), {"x": MP.mpf(5)}) == 10
    square = substitute(read_expression("u u"), {"u": difference(x, Name("t"))})
    assert mp_value(differentiate(square, "x"), {"x": MP.mpf(5), "t": MP.mpf(2)}) == 6


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("floor(x)", "'floor' has no derivative here"), ("iverson(x > 1)", "'iverson' has no derivative here"),
        ("argmax(x)", "'argmax' has no derivative here"), ("1 + sign(x)", "'sign' has no derivative here"),
        ("max(1, 2, x)", "the maximum of more than two values"), ("f(x)", "'f' has no derivative here"),
        ("x[1]", "'entry' has no derivative here"), ("[x, 1]", "'vector' has no derivative here"),
    ],
)  # fmt: skip
def test_what_no_law_covers_is_refused(source: str, message: str) -> None:
    with pytest.raises(NotDifferentiable, match=f"^{message}$"):
        differentiate(read_expression(source, {"f"}), "x")


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_named_functions_are_differentiated_by_their_slope_or_their_body(name: str) -> None:
    formula = apply(name, read_expression("2 x - 1"))
    bodies, at = dict(activations.bodies()), {"x": fmpq(13, 10)}
    h = fmpq(1, 10**16)
    with precision(200):
        above, below = (evaluate(formula, {"x": at["x"] + step}, bodies) for step in (h, -h))
        expected = to_mp((above - below) / (2 * h))
        for slopes in (Slopes(activations.slopes()), Slopes({}, bodies)):
            if name == "sign" and not slopes.by_input:
                continue
            found = differentiate(formula, "x", slopes)
            assert close(to_mp(evaluate(found, at, bodies)), expected, 20)


def test_a_function_of_the_author_is_differentiated_through_its_body() -> None:
    square = Function(("u",), read_expression("u^2 + c u"))
    found = differentiate(read_expression("f(3 x)", {"f"}), "x", Slopes({}, {"f": square}))
    assert mp_value(found, {"x": MP.mpf(2), "c": MP.mpf(5)}) == 3 * (2 * 6 + 5)

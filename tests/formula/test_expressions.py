"""The expression grammar: what is read, what is refused and where, and bounds on hostile text."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import ReadError
from derivations.formula import expressions
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, Number, walk
from tests.trees import readable_trees


def show(formula: Formula) -> str:
    """The tree as heads and operands: ``sum(a, neg(b))``."""
    if isinstance(formula, Apply):
        return f"{formula.head}({', '.join(map(show, formula.args))})"
    return formula.text if isinstance(formula, Number) else formula.id


def read(source: str) -> str:
    return show(read_expression(source))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a + b - c", "sum(a, b, neg(c))"),
        ("a + (b + c)", "sum(a, sum(b, c))"),
        ("(a + b) + c", "sum(sum(a, b), c)"),
        ("a*b*c", "product(a, b, c)"),
        ("a/b/c", "quotient(quotient(a, b), c)"),
        ("a/b*c", "product(quotient(a, b), c)"),
        ("a + b*c^d", "sum(a, product(b, power(c, d)))"),
        ("-a^2", "neg(power(a, 2))"),
        ("-a*b", "neg(product(a, b))"),
        ("a*-b", "product(a, neg(b))"),
        ("-a + b", "sum(neg(a), b)"),
        ("--a", "neg(neg(a))"),
        ("+a", "a"),
        ("2^-3", "power(2, neg(3))"),
        ("a^b^c", "power(a, power(b, c))"),
        ("(a^b)^c", "power(power(a, b), c)"),
        ("a**2", "power(a, 2)"),
        ("a²³", "power(a, 23)"),
        ("e⁴ x¹", "product(exp(4), power(x, 1))"),
        ("2 x", "product(2, x)"),
        ("2x", "product(2, x)"),
        ("a (1 - a)", "product(a, sum(1, neg(a)))"),
        ("1/2 (y - t)^2", "product(quotient(1, 2), power(sum(y, neg(t)), 2))"),
        ("a b c d", "product(a, b, c, d)"),
        ("x(1 - x)", "product(x, sum(1, neg(x)))"),
        ("W^T x", "product(transpose(W), x)"),
        ("W.T @ x + b", "sum(matmul(transpose(W), x), b)"),
        ("A .* B @ C", "matmul(hadamard(A, B), C)"),
        ("A ⊙ B", "hadamard(A, B)"),
        ("a − b · c × d ÷ e_1", "sum(a, neg(quotient(product(b, c, d), e_1)))"),
        ("0 <= z < 1", "and(<=(0, z), <(z, 1))"),
        ("a ≤ b", "<=(a, b)"),
        ("a = b", "==(a, b)"),
        ("not a > 1 and b or c", "or(and(not(>(a, 1)), b), c)"),
        ("x[1]", "entry(x, 1)"),
        ("W[2, i + 1]", "entry(W, 2, sum(i, 1))"),
        ("[1, 2]", "vector(1, 2)"),
        ("[[1, 2], [3, 4]]", "matrix(row(1, 2), row(3, 4))"),
        ("sum(t_i, i = 1..n)", "bigsum(i, 1, n, t_i)"),
        ("sum(v)", "sum_entries(v)"),
        ("e^(-z)", "exp(neg(z))"),
        ("2 e pi", "product(2, euler(), pi())"),
        ("max(0, z)", "max(0, z)"),
        ("cases(1, z > 0, 0)", "cases(1, >(z, 0), 0, otherwise())"),
        ("cases(1, z > 0, 0, otherwise)", "cases(1, >(z, 0), 0, otherwise())"),
        ("η δ_1", "product(eta, delta_1)"),
        ("ϕ + ε", "sum(phi, epsilon)"),
        ("0.550 + 4.8e-6", "sum(0.550, 4.8e-6)"),
        ("log(8, 2)", "log(8, 2)"),
    ],
)
def test_an_expression_is_read_as_this_tree(source: str, tree: str) -> None:
    assert read(source) == tree


@pytest.mark.parametrize(
    ("source", "message", "position"),
    [
        ("", "the expression is empty", 0),
        ("   ", "the expression is empty", 0),
        ("a +", "found the end, expected a number, a name or '('", 3),
        ("(a", "found the end, expected ')'", 2),
        ("a)", "found ')', expected an operator or the end", 1),
        ("a b 3", "found 3 after a complete term; a sign is missing", 4),
        ("2 3", "found 3 after a complete term; a sign is missing", 2),
        ("a/b(c)", "a product after '/' can be read in two ways; write a/(b c) or (a/b) c", 3),
        ("(0,5)", "found ',' inside brackets; a decimal point is written as a point, 0.5", 2),
        ("0,5", "found ',', expected an operator or the end", 1),
        (".5", "'.' has no meaning here; a number starts with a digit, 0.5 and not .5", 0),
        ("[1; 2]", "';' has no meaning here; a list is written with commas, [1, 2]", 2),
        ("{a}", "'{' has no meaning here; brackets are round, ( )", 0),
        (r"\exp(z)", "'\\' has no meaning here; expressions are written as exp(-z) or w_1*x_1, not in LaTeX", 0),
        ("|z|", "'|' has no meaning here; an absolute value is abs(z), a norm norm(v)", 0),
        ("a!", "'!' has no meaning here; there is no factorial", 1),
        ("1 + \x07", "character U+0007 has no meaning here", 4),
        ("sigmod(z)", "'sigmod' is not a known function; did you mean 'sign'?", 0),
        ("tahn(z)", "'tahn' is not a known function; did you mean 'tanh'?", 0),
        ("f'(z)", "'f' is not a known function", 0),
        ("exp + 1", "'exp' is a function; write exp(...)", 0),
        ("[]", "found ']', expected a number, a name or '('", 1),
        ("[1, ]", "found ']', expected a number, a name or '('", 4),
        ("[[1, 2], [3]]", "the rows of a matrix have one length", 0),
        ("sum(a, b, i = 1..3)", "a sum over an index is written sum(term, i = 1..n)", 0),
        ("max(a, i = 1..3)", "a sum over an index is written sum(term, i = 1..n)", 0),
        ("sum(a, 1..3)", "a sum over an index is written sum(term, i = 1..n)", 0),
        ("x[1", "found the end, expected ']'", 3),
        ("a == ", "found the end, expected a number, a name or '('", 4),
        ("1e99999", "found 1e99999, expected a number of at most 1000 digits and exponents up to 10000", 0),
        ("٣ + 1", "'٣' has no meaning here", 0),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_place(
    source: str, message: str, position: int
) -> None:
    with pytest.raises(ReadError) as refused:
        read_expression(source)
    assert (refused.value.message, refused.value.position) == (message, position)


def test_declared_names_and_functions_decide_what_stands_before_a_bracket() -> None:
    assert show(read_expression("f(x)", {"f"})) == "f(x)"
    assert show(read_expression("f'(x)", {"f"})) == "f'(x)"
    assert show(read_expression("rate(x)", names={"rate"})) == "product(rate, x)"
    assert show(read_expression("anything(x)", None)) == "anything(x)"
    assert show(read_expression("e + T", names={"e", "T"})) == "sum(e, T)"
    assert show(read_expression("x^T", names={"T"})) == "power(x, T)"


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000, "(" * 61 + "x" + ")" * 61, "-" * 10_000 + "1", "[" * 5_000, "exp(" * 4_000,
        "1" + "/1" * 9_000, "x" + ".T" * 9_000, "x" + " ²" * 9_000, "2" + "^2" * 9_000,
        "not " * 4_000 + "a", "a" + " @ a" * 4_000, "x[" * 4_000, "+" * 10_000 + "1",
    ],
)  # fmt: skip
def test_depth_is_bounded_however_it_comes_about(source: str) -> None:
    with pytest.raises(ReadError, match="nested deeper than 60"):
        read_expression(source)


def test_the_bound_on_depth_lets_ordinary_depth_pass() -> None:
    assert read("(" * 59 + "x" + ")" * 59) == "x"
    assert len(list(walk(read_expression("x" + ".T" * 59)))) == 60


def test_length_is_bounded() -> None:
    with pytest.raises(ReadError, match="an expression of 20001 characters; at most 20000"):
        read_expression("1" * 20_001)
    assert len(read_expression("1" + "+1" * 9_999).args) == 10_000


@pytest.mark.parametrize("source", ["9^9^9^9", "9^(9^9)", "1e9999^1e9999", "2^(2^(2^(2^2^99)))"])
def test_a_tower_of_powers_is_read_without_being_computed(source: str) -> None:
    assert {type(node) for node in walk(read_expression(source))} <= {Apply, Number}


@pytest.mark.parametrize(
    "source", ["9" * 5_000, "1e" + "9" * 5_000, "0." + "9" * 5_000, "x" + "⁹" * 5_000]
)
def test_digits_are_bounded_before_a_number_is_built(source: str) -> None:
    with pytest.raises(ReadError, match="at most 1000 digits"):
        read_expression(source)


@pytest.mark.parametrize(
    "source",
    ["__import__('os')", "x.__class__", "lambda: 0", "open(x)", "eval(x)", "a; b",
     "f'{x}'", "{x: y}", "x := 1", "x[1:2]", "'text'", "factorial(9)"],
)  # fmt: skip
def test_code_is_no_expression(source: str) -> None:
    with pytest.raises(ReadError):
        read_expression(source)


def test_the_reader_never_evaluates_text() -> None:
    tree = ast.parse(inspect.getsource(expressions))
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    assert "Apply" in called
    assert not called & {"eval", "exec", "compile", "sympify", "parse_expr", "__import__"}


@given(st.text(alphabet="ab1.2e+-*/^@()[],=<> T'²−·√\n", max_size=30))
def test_any_text_is_read_or_refused_with_a_place_in_it(source: str) -> None:
    place = 0
    try:
        read_expression(source)
    except ReadError as error:
        place = error.position
    assert 0 <= place <= len(source)


@given(readable_trees())
def test_what_is_printed_is_read_as_the_same_tree(formula: Formula) -> None:
    assert read_expression(text(formula)) == formula


@given(readable_trees())
def test_spans_lie_in_the_text_and_hold_their_part(formula: Formula) -> None:
    source = text(formula)
    for node in walk(read_expression(source)):
        assert node.span is not None
        start, end = node.span
        assert 0 <= start < end <= len(source)
        if isinstance(node, Name | Number):
            written = node.text if isinstance(node, Number) else node.id
            assert source[start:end].translate(expressions.SUPERSCRIPTS) == written


def test_the_words_of_the_tree_are_reserved() -> None:
    assert {
        "total",
        "partial",
        "entry",
        "row",
        "sum",
        "bigsum",
        "D",
        "star",
    } <= expressions.RESERVED
    for functions in ({"total"}, None):
        with pytest.raises(ReadError, match="'total' is not a known function"):
            read_expression("total(x)", functions)

"""LaTeX into trees: a table, declared symbols, and the way back from the printer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations.formula.printing import Notation, Printer, latex
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    matrix,
    neg,
    partial,
    power,
    product,
    quotient,
    sum_of,
    vector,
    walk,
)
from derivations.reading.latex import declare, read_formula
from tests.reading.notation import notation, plain

TABLE = [
    line.split("  =>  ")
    for line in Path(__file__).with_name("latex_formulas.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("## ")
]


def test_the_table_is_read() -> None:
    assert len(TABLE) > 200


@pytest.mark.parametrize(("source", "tree"), TABLE)
def test_a_formula_is_read(source: str, tree: str) -> None:
    assert notation(read_formula(source)) == tree


@pytest.mark.parametrize(
    ("source", "symbols", "tree"),
    [
        (r"L(w)", {"L": "function"}, "L(w)"),
        (r"f(x)", {"f": "scalar"}, "product(f, x)"),
        (r"\sigma(x)", {"sigma": "scalar"}, "product(sigma, x)"),
        (r"\sigma(x)", {r"\sigma": "function logistic"}, "logistic(x)"),
        (r"e^{x}", {"e": "scalar"}, "power(e, x)"),
        (r"\pi x", {"pi": "scalar"}, "product(pi, x)"),
        (r"W x + b", {"W": "3x2", "x": "2", "b": "3"}, "sum(matmul(W, x), b)"),
        (r"w x + b", {"w": "scalar", "x": "scalar"}, "sum(product(w, x), b)"),
        (r"w \cdot x", {"w": "vector", "x": "vector"}, "dot(w, x)"),
        (r"w'x", {"w": "3", "x": "3"}, "matmul(transpose(w), x)"),
        (r"w^t x", {"w": "3", "x": "3"}, "matmul(transpose(w), x)"),
        (r"w^t x", {"t": "index"}, "product(w__t, x)"),
        (r"w^{t+1}", {"t": "index"}, "w__t+1"),
        (r"w^{t+1}", {}, "power(w, sum(t, 1))"),
        (r"x^T", {"x": "scalar"}, "power(x, T)"),
        (r"x^T", {"T": "scalar"}, "power(x, T)"),
        (r"W_{21} x_1", {"W": "3x2", "x": "2"}, "product(entry(W, 2, 1), entry(x, 1))"),
        (r"W_{21}", {"W": "3x2", "W_21": "scalar"}, "W_21"),
        (r"w_{12}^{(1)}", {"w__1_1_2": "scalar"}, "w__1_1_2"),
        (r"X * K", {"X": "4x4", "K": "2x2"}, "convolve(X, K)"),
        (r"\eta \delta x^\top", {"delta": "2", "x": "3"}, "product(eta, matmul(delta, transpose(x)))"),
        (r"\sum_k p_k", {"k": "index 1..3"}, "bigsum(k, 1, 3, p_k)"),
        (r"abc", {"a": "scalar", "b": "scalar", "c": "scalar"}, "product(a, b, c)"),
        (r"net \cdot 2", {"net": "scalar"}, "product(net, 2)"),
        (r"\frac{dL}{dw}", {"d": "scalar", "L": "scalar", "w": "scalar"}, "quotient(product(d, L), product(d, w))"),
        (r"\operatorname{LReLU}_2(z)", {"LReLU_2": "function leaky_relu_2"}, "leaky_relu_2(z)"),
    ],
)  # fmt: skip
def test_declared_symbols_come_first(source: str, symbols: dict[str, str], tree: str) -> None:
    assert notation(read_formula(source, declare(symbols))) == tree


def test_every_node_knows_its_place() -> None:
    source = r"\frac{1}{1 + e^{-z}} \cdot \hat{y}_1"
    spans = {notation(node): node.span for node in walk(read_formula(source))}
    assert spans["1"] is not None
    assert source[slice(*spans["y_hat_1"])] == r"\hat{y}_1"
    assert source[slice(*spans["exp(neg(z))"])] == r"e^{-z}"
    assert source[slice(*spans["sum(1, exp(neg(z)))"])] == r"1 + e^{-z}"


# ---------------------------------------------------------------- there and back

QUANTITIES = [
    "a", "b", "x", "w_1", "w_ji", "z__2", "w__1_12", "y_hat", "y_hat_1", "x_bar", "eta", "Sigma_2",
    "epsilon", "net_h1", "w_new", "w_star", "w_prime", "w_change_1", "a__l-1", "delta__l_j", "out",
]  # fmt: skip
DECLARED = declare(dict.fromkeys(QUANTITIES, "scalar"))
NAMES = st.sampled_from(QUANTITIES).map(Name)
NUMBERS = st.sampled_from(
    ["0", "1", "12", "0.5", "0.10", "-0.3", "4.8e-6", "-2.5e3", "3/8", "-1/2", "1024"]
).map(Number)
EXPONENTS = st.sampled_from([Number("2"), Number("3"), Name("n"), neg(Number("1")), Number("0.5")])
CALLS = [
    "exp",
    "sqrt",
    "abs",
    "group",
    "ln",
    "log",
    "log2",
    "tanh",
    "sin",
    "sigmoid'",
    "relu",
    "floor",
    "ceil",
    "norm",
]
LOOKS = {"sigmoid": (r"\sigma", "σ"), "relu": (r"\operatorname{ReLU}", "ReLU")}


def trees() -> st.SearchStrategy[Formula]:
    """Formulas with every sign that the reader knows."""

    def grow(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            several.map(lambda parts: sum_of(*parts)),
            several.map(lambda parts: product(*parts)),
            several.map(lambda parts: Apply("hadamard", tuple(parts))),
            several.map(lambda parts: Apply("max", tuple(parts))),
            inner.map(neg),
            st.tuples(inner, inner).map(lambda pair: quotient(*pair)),
            st.tuples(inner, EXPONENTS).map(lambda pair: power(*pair)),
            st.builds(apply, st.sampled_from(CALLS), inner),
            inner.map(lambda body: Apply("bigsum", (Name("i"), Number("1"), Name("n"), body))),
            st.tuples(inner, inner, inner).map(_cases),
        )

    return st.recursive(NAMES | NUMBERS | DERIVATIVES, grow, max_leaves=8)


DERIVATIVES = st.tuples(NAMES, NAMES).map(lambda pair: partial(*pair))


def _cases(parts: tuple[Formula, Formula, Formula]) -> Formula:
    value, other, at = parts
    return apply("cases", value, apply("<", Number("0"), at), other, apply("otherwise"))


@settings(max_examples=1500, deadline=None)
@given(trees(), st.booleans())
def test_what_is_printed_is_read_as_the_same_tree(formula: Formula, brackets: bool) -> None:
    style = Notation(functions=LOOKS, layer_brackets="[]" if brackets else "()")
    printed = Printer(True, style).show(formula)
    assert notation(plain(read_formula(printed, DECLARED))) == notation(plain(formula))


@pytest.mark.parametrize(
    "formula",
    [
        vector(Number("1"), Number("-0.5")),
        matrix((Number("1"), Name("a")), (neg(Number("2")), Number("0"))),
        apply("matmul", matrix((Name("a"), Name("b"))), vector(Name("c"), Name("d"))),
        apply("transpose", vector(Number("1"), Number("2"))),
        apply("dot", vector(Name("a"), Name("b")), vector(Name("c"), Name("d"))),
    ],
)
def test_arrays_are_read_as_they_were_printed(formula: Formula) -> None:
    assert notation(plain(read_formula(latex(formula)))) == notation(plain(formula))


def test_a_list_with_a_T_is_a_column() -> None:
    assert (
        notation(read_formula("(1, 2)^T")) == notation(read_formula("[1, 2]^T")) == "vector(1, 2)"
    )

"""Values of formulas: rationals exactly, balls against mpmath at 50 digits, power series, kinks."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_series, fmpq
from hypothesis import assume, given
from numpy.lib.stride_tricks import sliding_window_view

from derivations.errors import ReadError
from derivations.formula import scalars
from derivations.formula.evaluation import (
    PRIMITIVES,
    SPECIAL,
    EvaluationError,
    Function,
    Kink,
    evaluate,
    precision,
)
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import Ambiguous
from derivations.formula.printing import latex
from derivations.formula.shapes import infer
from derivations.formula.tree import Apply, Formula, Name, Number, apply, partial, power, total
from tests.trees import MP, close, mp_value, numeric_trees, to_mp

V = (fmpq(1), fmpq(-2), fmpq(5, 2))
W = ((fmpq(1), fmpq(2), fmpq(3)), (fmpq(0), fmpq(-1), fmpq(1, 2)))


def value(source: str, functions: dict[str, Function] | None = None, **values: Any) -> Any:
    return evaluate(read_expression(source, set(functions or ())), values, functions or {})


def plain(found: Any) -> Any:
    """Rationals as Fractions, tuples as lists."""
    if isinstance(found, tuple):
        return [plain(entry) for entry in found]
    assert isinstance(found, (fmpq, bool)), found
    return found if isinstance(found, bool) else Fraction(int(found.p), int(found.q))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2", "3/10"), ("1/3 - 0.5", "-1/6"), ("2^10", "1024"), ("2^-3", "1/8"),
        ("(2/3)^-2", "9/4"), ("sqrt(0.25)", "1/2"), ("sqrt(50/2)", "5"), ("4^(3/2)", "8"),
        ("(1/9)^(-1/2)", "3"), ("0^0", "1"), ("0^(1/3)", "0"), ("exp(0)", "1"), ("ln(1)", "0"),
        ("log2(1/8)", "-3"), ("log10(1000)", "3"), ("log(9, 3)", "2"), ("log(1/9, 3)", "-2"), ("tanh(0)", "0"),
        ("sin(0)", "0"), ("cos(0)", "1"), ("sinh(0)", "0"), ("cosh(0)", "1"), ("atan(0)", "0"),
        ("erf(0)", "0"), ("abs(-1.5)", "3/2"), ("sign(-0.3)", "-1"), ("sign(0)", "0"), ("sign(3)", "1"),
        ("floor(-1.5)", "-2"), ("ceil(-1.5)", "-1"), ("floor(2)", "2"), ("max(1, 3, 2)", "3"),
        ("min(1, -3, 2)", "-3"), ("max(0, 0)", "0"), ("sum(i^2, i = 1..4)", "30"),
        ("sum(i, i = 3..2)", "0"), ("mean(1, 2, 4)", "7/3"), ("iverson(2 > 1)", "1"),
        ("iverson(1 != 1)", "0"), ("cases(1, 2 < 1, 5, 3 < 4, 7)", "5"), ("cases(1, 2 < 1, 7)", "7"),
        ("0 exp(3)", "0"), ("norm(-2)", "2"),
    ],
)  # fmt: skip
def test_a_rational_value_is_exact(source: str, expected: str) -> None:
    assert plain(value(source)) == Fraction(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("v", [1, -2, "5/2"]), ("2 v", [2, -4, 5]), ("v + 1", [2, -1, "7/2"]), ("v/2", ["1/2", -1, "5/4"]),
        ("v - v", [0, 0, 0]), ("1/v", [1, "-1/2", "2/5"]), ("v .* v", [1, 4, "25/4"]), ("v^2", [1, 4, "25/4"]),
        ("dot(v, v)", "45/4"), ("W @ v", ["9/2", "13/4"]), ("W^T @ [1, 2]", [1, 0, 4]),
        ("v^T @ v", "45/4"), ("v @ [1, 2].T", [[1, 2], [-2, -4], ["5/2", 5]]), ("W.T", [[1, 0], [2, -1], [3, "1/2"]]),
        ("W @ W.T", [[14, "-1/2"], ["-1/2", "5/4"]]), ("W + [1, 2]", [[2, 3, 4], [2, 1, "5/2"]]),
        ("sum(v)", "3/2"), ("sum(W)", "11/2"), ("mean(W)", "11/12"), ("norm(v)^2", "45/4"), ("norm([3, 4])", 5),
        ("max(v)", "5/2"), ("min(W)", -1), ("max(0, v)", [1, 0, "5/2"]), ("argmax(v)", 3), ("argmax([2, 2])", 1),
        ("v[2]", -2), ("W[2, 3]", "1/2"), ("W[1]", [1, 2, 3]), ("abs(v)", [1, 2, "5/2"]), ("log([1, 4], 2)", [0, 2]),
        ("v == v", True), ("v == 2 v", False), ("v.T.T", [[1], [-2], ["5/2"]]), ("2 @ v", [2, -4, 5]),
        ("sum(i v[i], i = 1..3)", "9/2"), ("softmax([0, 0])", ["1/2", "1/2"]), ("sum(v, 1)", "5/2"),
    ],
)  # fmt: skip
def test_arrays(source: str, expected: Any) -> None:
    def fractions(entry: Any) -> Any:
        if isinstance(entry, list):
            return [fractions(part) for part in entry]
        return entry if isinstance(entry, bool) else Fraction(entry)

    assert plain(value(source, v=V, W=W)) == fractions(expected)


def test_the_conditions() -> None:
    for source, truth in [
        ("1 < 2", True), ("2 <= 2", True), ("2 > 2", False), ("3 >= 2", True), ("2 = 2", True),
        ("2 != 2", False), ("not 1 > 2", True), ("1 < 2 and 2 < 1", False), ("1 < 2 or 2 < 1", True),
        ("0 < 1 < 2 <= 2", True), ("otherwise", True),
    ]:  # fmt: skip
        assert value(source) is truth, source


AT = ["-7/3", "-1", "-0.3", "0.2", "1/2", "1", "2.5", "11"]
POSITIVE = {"ln", "log", "log2", "log10", "sqrt"}


@pytest.mark.parametrize(
    "head",
    ["exp", "ln", "log", "log2", "log10", "sqrt", "abs", "sign", "floor", "ceil", "tanh", "sinh", "cosh",
     "sin", "cos", "atan", "erf"],
)  # fmt: skip
def test_an_elementary_function_agrees_with_mpmath(head: str) -> None:
    for at in AT:
        if at.startswith("-") and head in POSITIVE:
            continue
        formula = read_expression(f"{head}({at})")
        with precision(180):
            found = evaluate(formula, {})
        assert close(to_mp(found), mp_value(formula), 45), f"{head}({at})"


@given(numeric_trees())
def test_a_random_formula_agrees_with_mpmath(formula: Formula) -> None:
    try:
        expected = mp_value(formula)
    except (ValueError, OverflowError):
        assume(False)
    with precision(400):
        assert close(to_mp(evaluate(formula, {})), expected, 30)


def test_softmax_and_other_functions_of_vectors_agree_with_mpmath() -> None:
    with precision(180):
        found = value("softmax(v)", v=V)
        norm = value("norm(v)", v=V)
        columns = value("softmax(W)", W=W)
    grown = [MP.exp(1), MP.exp(-2), MP.exp(MP.mpf(5) / 2)]
    for entry, expected in zip(found, grown, strict=True):
        assert close(to_mp(entry), expected / sum(grown), 45)
    assert close(to_mp(norm), MP.sqrt(MP.mpf(45) / 4), 45)
    assert close(to_mp(columns[0][1]), MP.exp(2) / (MP.exp(2) + MP.exp(-1)), 45)


def test_pi_and_e_and_products_over_an_index() -> None:
    with precision(180):
        assert close(to_mp(value("pi")), MP.pi, 45)
        assert close(to_mp(value("e")), MP.e, 45)
    bound = (Name("i"), read_expression("1"), read_expression("5"), Name("i"))
    assert evaluate(apply("bigproduct", *bound), {}) == 120


def test_quantities_have_their_values_by_their_keys() -> None:
    slope = partial(Name("L"), Name("w"))
    assert evaluate(slope, {"dL/dw": fmpq(3)}) == 3
    assert evaluate(total(Name("L"), Name("w")), {"dL/dw": fmpq(3)}) == 3


F = {
    "f": Function(("z",), read_expression("z^3 - 2 z")),
    "g": Function(("z", "w"), read_expression("z w")),
    "whole": Function(("v",), read_expression("sum(v)"), entrywise=False),
    "relu": Function(("z",), read_expression("max(0, z)")),
    "step": Function(("z",), read_expression("cases(1, z > 0, 0)")),
    "scaled": Function(("z",), read_expression("c z")),
}


def test_named_functions_are_called_entry_by_entry_unless_they_take_a_vector() -> None:
    assert plain(value("f(v)", F, v=V)) == [-1, -4, Fraction(85, 8)]
    assert plain(value("g(2, 3)", F)) == 6
    assert plain(value("whole(v)", F, v=V)) == Fraction(3, 2)
    assert plain(value("scaled(5)", F, c=fmpq(2))) == 10


@pytest.mark.parametrize(
    ("source", "expected"),
    [("f'(2)", 10), ("f''(2)", 12), ("f'''(2)", 6), ("relu'(3) + relu'(-3)", 1), ("step'(3)", 0),
     ("slope(2)", 10)],
)  # fmt: skip
def test_derivatives_by_power_series(source: str, expected: int) -> None:
    functions = {**F, "slope": Function(("z",), read_expression("f'(z)", {"f"}))}
    assert close(to_mp(value(source, functions)), expected, 12)


def test_the_derivative_of_a_function_is_taken_entry_by_entry() -> None:
    assert [float(entry) for entry in value("f'(v)", F, v=V)] == [1, 10, 16.75]


SMOOTH = ["exp(z)", "ln(z)", "sqrt(z)", "tanh(z)", "sinh(z)", "cosh(z)", "sin(z)", "cos(z)", "atan(z)",
          "erf(z)", "1/z", "z^5", "z^(1/3)", "z^-2", "2^z", "z^z", "abs(z)", "log2(z)", "log10(z)",
          "log(z, 3)", "max(z, 0)", "min(z, 7)", "1/(1 + exp(-z))", "sum(z^i, i = 1..4)", "(z - 1)^(3/2)"]  # fmt: skip


@pytest.mark.parametrize("body", SMOOTH)
def test_a_power_series_agrees_with_central_differences(body: str) -> None:
    formula = read_expression(body)
    h = MP.mpf(10) ** -16
    with precision(180):
        found = value("f'(1.7)", {"f": Function(("z",), formula)})
    at = MP.mpf("1.7")
    difference = (mp_value(formula, {"z": at + h}) - mp_value(formula, {"z": at - h})) / (2 * h)
    assert close(to_mp(found), difference, 28)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("abs(z)", r"\|x\| has no derivative at 0"),
        ("max(0, z)", "the maximum of two equal values has no derivative"),
        ("sqrt(z)", "the square root has no derivative at 0"),
        ("z^(1/3)", "a power with a fractional exponent has no derivative at 0"),
    ],
)
def test_a_kink_has_no_derivative(body: str, message: str) -> None:
    with pytest.raises(Kink, match=message):
        value("f'(0)", {"f": Function(("z",), read_expression(body))})


def test_a_derivative_is_not_taken_through_a_derivative() -> None:
    functions = {**F, "slope": Function(("z",), read_expression("f'(z)", {"f"}))}
    with pytest.raises(
        EvaluationError, match="the derivative of 'f' is not differentiated once more"
    ):
        value("slope'(2)", functions)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1/0", "division by 0"), ("v/[1, 0, 1]", "division by 0"), ("0^-1", "division by 0"),
        ("ln(0)", "the logarithm of 0 does not exist"), ("log10(0)", "the logarithm of 0 does not exist"),
        ("ln(-1)", "the logarithm of a negative number does not exist"),
        ("log(2, -1)", "the logarithm of a negative number does not exist"), ("log(2, 1)", "division by 0"),
        ("sqrt(-1)", "the square root of a negative number does not exist"),
        ("(-8)^(1/3)", "a power with a fractional exponent needs a positive base"),
        ("2^v", "a single number is needed here"), ("v < 1", "a single number is needed here"),
        ("v * v", r"two arrays are multiplied with @ \(matrix product\) or .* \(entrywise\)"),
        ("v + [1, 2]", "shapes 3 and 2 do not fit"), ("v / [1, 2]", "shapes 3 and 2 do not fit"),
        ("W @ [1, 2]", "shapes 2x3 and 2 do not fit: 3 columns against 2 rows"),
        ("v .* [1, 2]", "shapes 3 and 2 do not fit entry by entry"),
        ("dot(v, [1, 2])", "a dot product needs two vectors of one length, not 3 and 2"),
        ("v[4]", "there is no entry 4 in a 3"), ("v[0]", "there is no entry 0 in a 3"),
        ("v[3/2]", "there is no entry 3/2 in a 3"), ("v[pi]", "there is no entry .* in a 3"),
        ("softmax(2)", "softmax needs a vector"), ("u + 1", "'u' has no value"),
        ("cases(1, 2 < 1)", "no case of the definition applies"),
        ("sum(i, i = 1..0.5)", "the bounds of a sum are whole numbers"),
        ("sum(1, i = 1..1e6)", "a sum of more than 100000 terms"),
        ("sum(sum(i j, i = 1..1000), j = 1..1000)", "a sum of more than 100000 terms"),
        ("9^9^9^9", "an exponent above 10000"), ("1e9999^9999^2", "an exponent above 10000"),
    ],
)  # fmt: skip
def test_what_has_no_value_says_why(source: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=f"^{message}$"):
        value(source, v=V, W=W)


def test_an_unknown_function_and_a_wrong_number_of_arguments_are_named() -> None:
    with pytest.raises(EvaluationError, match="'nothing' is not a known function"):
        evaluate(apply("nothing", Name("x")), {"x": fmpq(1)})
    with pytest.raises(EvaluationError, match="a function of 2 arguments was given 1"):
        value("g(2)", F)
    with pytest.raises(EvaluationError, match=r"'dL/dw' has no value"):
        evaluate(partial(Name("L"), Name("w")), {})


def test_a_large_power_is_a_ball_and_not_a_million_digits() -> None:
    assert isinstance(value("1e5000^9999"), arb)
    assert isinstance(value("7^9999"), fmpq)


def test_what_the_balls_cannot_decide_stays_open() -> None:
    for source in ["exp(1) < e", "exp(1) = e", "floor(exp(ln(2)))", "ln(sin(pi))", "sign(sin(pi))"]:
        with pytest.raises(Ambiguous):
            value(source)


def test_precision_holds_inside_its_block_only() -> None:
    before = value("pi").rad()
    with precision(500):
        assert value("pi").rad() < arb(10) ** -140
    assert value("pi").rad() == before


def test_a_power_of_a_series_at_zero() -> None:
    series = evaluate(power(Name("z"), 2), {"z": arb_series([0, 1])})
    assert [series[k] for k in range(3)] == [0, 0, 1]


def stated(source: str, **values: Any) -> Any:
    """The value of what only statements are written with."""
    return evaluate(read_expression(source, {"f"}, set(values), True), values, F | {"f": SQUARE})


SQUARE = Function(("z",), read_expression("z^2 + 3 z"))
K = ((fmpq(1), fmpq(2)), (fmpq(-1), fmpq(0)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("column_of(i^2, i = 1..3)", [1, 4, 9]),
        ("row_of(v[i], i = 2..3)", [[-2, Fraction(5, 2)]]),
        ("matrix_of(10 i + j, i = 1..2, j = 1..3)", [[11, 12, 13], [21, 22, 23]]),
        ("prod(i, i = 1..5)", 120),
        ("sum(sum(kronecker(i, j) i, j = 1..3), i = 1..3)", 6),
        ("diag(v)[2,2] + diag(v)[1,2] + trace(K)", -1),
        ("det(K)", 2),
        ("det(K - 2 identity_like(K))", 4),
        ("identity_matrix(2) @ K", [[1, 2], [-1, 0]]),
        ("under(v[1], W)", 1),
        ("pad(K, 1)", [[0, 0, 0, 0], [0, 1, 2, 0], [0, -1, 0, 0], [0, 0, 0, 0]]),
        ("pad(K, 0, 1)", [[0, 1, 2, 0], [0, -1, 0, 0]]),
        ("dilate(K, 2)", [[1, 0, 2], [0, 0, 0], [-1, 0, 0]]),
        ("rot180(K)", [[0, -1], [2, 1]]),
    ],
)
def test_statements_have_values(source: str, expected: Any) -> None:
    assert plain(stated(source, z=fmpq(2), v=V, w=W, K=K)) == expected


@pytest.mark.parametrize(
    ("source", "expected"), [("D(z^3, z)", 12), ("D(v[2] z^2 + w[1,2] z, z)", -6), ("f'(5)", 13)]
)
def test_a_derivative_in_a_statement(source: str, expected: int) -> None:
    assert stated(source, z=fmpq(2), v=V, w=W) == expected


@pytest.mark.parametrize("step", [1, 2])
def test_cross_correlation_agrees_with_windows(step: int) -> None:
    rows = [[1, 2, 0, -1, 3], [4, 1, 1, 2, 0], [0, -2, 5, 1, 1], [2, 2, 3, -3, 1]]
    x = tuple(tuple(map(fmpq, row)) for row in rows)
    for source, mode, turned in [
        (f"star(x, K, {step})", "valid", True), ("star_full(x, K)", "full", True),
        ("convolve(x, K)", "valid", False), ("convolve_full(x, K)", "full", False),
    ]:  # fmt: skip
        kernel = np.array(plain(K), dtype=float)
        second = kernel if turned else kernel[::-1, ::-1]
        signal = np.pad(np.array(rows, dtype=float), 1 if mode == "full" else 0)
        expected = np.einsum("ijuv,uv->ij", sliding_window_view(signal, (2, 2)), second)
        if source.startswith("star(x"):
            expected = expected[::step, ::step]
        found = np.array(plain(stated(source, x=x, K=K)), dtype=float)
        assert np.array_equal(found, expected), source


def test_a_derivative_of_an_entry_is_an_entry_of_the_derivative() -> None:
    values = {"dE/dW": ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4))), "dy/dx": ((fmpq(5), fmpq(6)),) * 3}
    assert stated("partial(E, W[2,1])", E=0, W=0, **values) == 3
    assert stated("partial(y[2], x[1])", y=0, x=0, **values) == 6


def test_a_derivative_of_an_entry_by_a_whole_has_the_shape_of_the_whole() -> None:
    jacobian = ((fmpq(1), fmpq(2), fmpq(3)), (fmpq(4), fmpq(5), fmpq(6)))  # two x, three y
    values = {"x": (fmpq(0), fmpq(0)), "y": (fmpq(0),) * 3, "dy/dx": jacobian}
    assert stated("partial(y[3], x)", **values) == (3, 6)
    assert stated("partial(y, x[2])", **values) == (4, 5, 6)


def test_softmax_of_rows() -> None:
    by_rows = stated("softmax_rows(K)", K=K)
    by_columns = value("softmax(K)", K=tuple(zip(*K, strict=True)))
    assert all((by_rows[i][j] - by_columns[j][i]).contains(0) for i in range(2) for j in range(2))


def test_softmax_of_what_is_seen() -> None:
    seen = ((fmpq(1), fmpq(0)), (fmpq(1), fmpq(1)))
    masked = stated("softmax_rows(K, M)", K=K, M=seen)
    assert (masked[0][0] - 1).contains(0)
    assert masked[0][1] == 0
    assert (masked[1][0] - stated("softmax_rows(K)", K=K)[1][0]).contains(0)


def test_what_is_detached_does_not_move() -> None:
    function = apply("product", Name("x"), apply("detach", Name("x")))
    assert evaluate(function, {"x": fmpq(3)}) == 9
    assert evaluate(apply("D", function, Name("x")), {"x": fmpq(3)}) == 3


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("star(K, w)", "a 2x3 kernel does not fit into 2x2"),
        ("rot180(v)", "a matrix is needed here, not a 3"),
        ("diag(K)", "diag needs a vector, not a 2x2"),
        ("det(w)", "the determinant of a 2x3 is not computed"),
        ("trace(w)", "a trace needs a square matrix, not a 2x3"),
        ("D(v[1], v)", "with respect to a single number"),
        ("pad(K, 1/2)", "a whole number is needed here"),
        ("v[7]", "there is no entry 7 in a 3"),
        ("v[K]", "there is no entry of this kind in a 3"),
    ],
)
def test_statements_without_a_value_say_why(source: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(message)):
        stated(source, v=V, w=W, K=K)


def test_what_belongs_to_statements_is_not_read_elsewhere() -> None:
    for source in ["D(x^2, x)", "rot180(K)", "partial(E, W)", "column_of(x, i = 1..3)"]:
        with pytest.raises(ReadError):
            read_expression(source)


def test_inverses_of_matrices_and_numbers() -> None:
    names = {"A": ((fmpq(2), fmpq(1)), (fmpq(5), fmpq(3))), "a": fmpq(4), "v": (fmpq(1), fmpq(2)),
             "S": ((fmpq(1), fmpq(2)), (fmpq(2), fmpq(4)))}  # fmt: skip
    assert evaluate(apply("^-1", Name("A")), names) == ((3, -1), (-5, 2))
    assert evaluate(apply("^-1", Name("a")), names) == fmpq(1, 4)
    balls = {"B": ((arb(2).sqrt(), arb(0)), (arb(1), arb(2)))}
    product = evaluate(apply("matmul", Name("B"), apply("^-1", Name("B"))), balls)
    assert all(x.contains(int(i == j)) for i, row in enumerate(product) for j, x in enumerate(row))
    with pytest.raises(EvaluationError, match="has no inverse"):
        evaluate(apply("^-1", Name("S")), names)
    with pytest.raises(EvaluationError, match="only a square matrix"):
        evaluate(apply("^-1", Name("v")), names)


def test_a_matrix_of_one_column_is_a_column_where_one_is_needed() -> None:
    names = {"R": ((fmpq(2), fmpq(1)),), "A": ((fmpq(2), fmpq(1)), (fmpq(5), fmpq(3)))}
    turned = apply("transpose", Name("R"))
    assert evaluate(turned, names) == ((2,), (1,))
    assert evaluate(apply("as_column", turned), names) == (2, 1)
    assert evaluate(apply("as_column", Name("A")), names) == names["A"]
    assert infer(apply("as_column", turned), {"R": (1, 2)}) == (2,)
    assert infer(apply("as_column", Name("A")), {"A": (2, 2)}) == (2, 2)
    assert latex(apply("as_column", turned)) == latex(turned)


@pytest.mark.parametrize(
    ("aim", "body", "expected"),
    [
        (Apply("infinity", ()), "1/(1 + exp(-x))", 1),
        (Apply("neg", (Apply("infinity", ()),)), "exp(x)", 0),
        (Number("0"), "tanh(x)/x", 1),
        (Apply("from_above", (Number("0"),)), "max(0, x)/x", 1),
        (Apply("from_below", (Number("0"),)), "max(0, x)/x", 0),
    ],
)
def test_a_limit_is_what_near_values_come_to(aim: Formula, body: str, expected: int) -> None:
    formula = Apply("limit", (Name("x"), aim, read_expression(body)))
    with precision(128):
        value = evaluate(formula, {}, {})
    assert arb(value).contains(arb(expected))
    assert arb(value).rad() < 1e-30


def test_a_jump_has_no_limit() -> None:
    formula = Apply("limit", (Name("x"), Number("0"), read_expression("max(0, x)/x")))
    with pytest.raises(EvaluationError, match="the two sides differ"):
        evaluate(formula, {}, {})
    with pytest.raises(EvaluationError, match="cannot be told"):
        evaluate(Apply("limit", (Name("x"), Apply("infinity", ()), Name("x"))), {}, {})


def test_every_primitive_is_tried_somewhere_here() -> None:
    here = Path(__file__).read_text("utf-8")
    signs = {"sum", "neg", "product", "quotient", "group", "matmul", "hadamard", "transpose", "vector",
             "row", "matrix", "tuple", "dims", "sum_entries", "euler", "ones", "entry", "bigsum", "power",
             "==", "!="}  # fmt: skip
    heads = set(PRIMITIVES) | set(SPECIAL)
    assert len(heads) > 50
    assert not {head for head in heads - signs if head not in here}


def test_a_slope_over_a_ball_that_may_be_0_is_not_decided() -> None:
    """flint divides numbers by such a ball, but raises a plain ValueError for power series."""
    below = arb_series([arb(0, 1), 1])
    with pytest.raises(Ambiguous):
        scalars.divide(arb_series([1, 1]), below)
    with pytest.raises(Ambiguous):
        scalars.power(below, fmpq(-2))

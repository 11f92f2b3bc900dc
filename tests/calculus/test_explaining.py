"""Lines of a differentiation: each equal to the one before, each under the law that made it."""

from __future__ import annotations

import pytest

from derivations.calculus.differentiate import NotDifferentiable
from derivations.calculus.explaining import Detail, explained
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, apply, walk
from derivations.kinds.base.functions import Functions
from derivations.steps.laws import LAWS
from tests.calculus.expressions import expressions, value
from tests.trees import MP, close

SLOPES = Functions().rules.slopes
POINTS = [{"x": MP.mpf(x), "a": MP.mpf("1.37")} for x in ("-1.21", "0.43", "1.9")]
RANDOM = expressions(60, seed=11)
DETAILS: tuple[Detail, ...] = ("brief", "standard", "full")


def lines(formula: Formula, detail: Detail) -> list[tuple[str, Formula]]:
    return explained(apply("D", formula, Name("x")), SLOPES, detail)


def laws(source: str, detail: Detail = "full") -> list[str]:
    return [key for key, _ in lines(read_expression(source), detail)]


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("formula", RANDOM, ids=text)
def test_every_line_is_equal_to_the_derivative(formula: Formula, detail: Detail) -> None:
    found = lines(formula, detail)
    assert found
    for point in POINTS:
        expected = value(apply("D", formula, Name("x")), point)
        for law, line in found:
            assert close(value(line, point), expected, 12), f"{law}: {text(line)}"


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("formula", RANDOM, ids=text)
def test_the_last_line_is_worked_out_and_every_law_is_known(
    formula: Formula, detail: Detail
) -> None:
    found = lines(formula, detail)
    assert not any(isinstance(node, Apply) and node.head == "D" for node in walk(found[-1][1]))
    assert all(key in LAWS for law, _ in found for key in law.split("+"))
    assert all(len(law.split("+")) <= 2 for law, _ in found)


def test_more_detail_has_no_fewer_lines() -> None:
    counts = [[len(lines(formula, detail)) for detail in DETAILS] for formula in RANDOM]
    assert all(brief == 1 for brief, _, _ in counts)
    assert all(standard <= full for _, standard, full in counts)
    assert sum(standard for _, standard, _ in counts) < sum(full for _, _, full in counts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", ["constant"]),
        ("x", ["identity"]),
        ("x^3", ["power"]),
        ("x + a", ["sum", "identity"]),
        ("a x", ["factor", "identity", "simplify"]),
        ("x exp(x)", ["product", "identity", "exponential"]),
        ("sin(x)", ["sine"]),
        ("tanh(x)", ["tanh"]),
        ("erf(x)", ["error-function"]),
        ("atan(x)", ["arctangent"]),
        ("ln(x)", ["logarithm"]),
        ("abs(x)", ["absolute"]),
    ],
)
def test_with_full_detail_every_law_has_its_line(source: str, expected: list[str]) -> None:
    assert laws(source) == expected


@pytest.mark.parametrize(
    ("source", "law"),
    [
        ("1/(1 + x^2)", "reciprocal"), ("x/(1 + x^2)", "quotient"), ("exp(x^2)", "chain"), ("sin(x^2)", "chain"),
        ("(1 + x^2)^3", "chain"), ("max(0, x)", "piecewise"), ("cases(x, x > 0, 0)", "piecewise"),
        ("sqrt(1 + x^2)", "power"), ("x^x", "exponential"), ("cosh(x)", "hyperbolic"),
    ],
)  # fmt: skip
def test_a_law_where_it_is_expected(source: str, law: str) -> None:
    assert law in laws(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(2 x + 1)^3", ["power"]),
        ("exp(-x)", ["exponential"]),
        ("1/(1 + exp(-x))", ["reciprocal", "exponential"]),
        ("3 x^2 + 2 x", ["power"]),
        ("x^2 exp(-x)", ["product"]),
    ],
)
def test_the_standard_joins_what_is_easy(source: str, expected: list[str]) -> None:
    assert laws(source, "standard") == expected


@pytest.mark.parametrize("detail", DETAILS)
def test_what_has_no_derivative_is_named(detail: Detail) -> None:
    with pytest.raises(NotDifferentiable, match="'floor'"):
        lines(read_expression("x^2 + floor(x)"), detail)

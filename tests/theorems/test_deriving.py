"""Derivatives of expressions that no table holds, against mpmath at 40 digits; and what is refused."""

from __future__ import annotations

import random
from collections.abc import Mapping

import mpmath as mp
import pytest
from flint import arb, fmpq

from derivations.deriving import Asked, Derived, derive
from derivations.errors import ProblemError
from derivations.formula.evaluation import evaluate, precision
from derivations.formula.tree import Formula, key, partial, walk

mp.mp.dps = 40
CLOSE = mp.mpf(10) ** -12

SIGMOID = lambda z: 1 / (1 + mp.exp(-z))  # noqa: E731

ONE_VARIABLE = [
    ("x/(1 + exp(-1.702 x))", lambda x: x / (1 + mp.exp(-mp.mpf("1.702") * x)), (-3, 3)),
    ("x tanh(ln(1 + exp(x)))", lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))), (-3, 3)),
    ("ln(1 + exp(-x))/ln(2)", lambda x: mp.log(1 + mp.exp(-x)) / mp.log(2), (-3, 3)),
    ("x/sqrt(1 + x^2)", lambda x: x / mp.sqrt(1 + x**2), (-3, 3)),
    ("(1 - exp(-x^2))/(1 + exp(-x^2))", lambda x: (1 - mp.exp(-(x**2))) / (1 + mp.exp(-(x**2))), (-2, 2)),
    ("x^2 exp(-x/2)/(1 + x^2)^3", lambda x: x**2 * mp.exp(-x / 2) / (1 + x**2) ** 3, (-2, 2)),
    ("sin(x)^2 exp(-x)", lambda x: mp.sin(x) ** 2 * mp.exp(-x), (-2, 2)),
    ("x + sin(x)^2/3", lambda x: x + mp.sin(x) ** 2 / 3, (-3, 3)),  # snake
    ("x^x", lambda x: x**x, (0.2, 3)),
    ("2^x + x^2", lambda x: 2**x + x**2, (-2, 3)),
    ("exp(exp(-exp(x)))", lambda x: mp.exp(mp.exp(-mp.exp(x))), (-2, 1)),
    ("ln(ln(1 + exp(x)) + 1)", lambda x: mp.log(mp.log(1 + mp.exp(x)) + 1), (-3, 3)),
    ("sqrt(1 + x^2) - 1", lambda x: mp.sqrt(1 + x**2) - 1, (-3, 3)),  # pseudo-Huber
    ("ln(cosh(x))", lambda x: mp.log(mp.cosh(x)), (-3, 3)),
    ("atan(sinh(x))", lambda x: mp.atan(mp.sinh(x)), (-2, 2)),
    ("erf(x/sqrt(2)) x", lambda x: mp.erf(x / mp.sqrt(2)) * x, (-2, 2)),
    ("sigmoid(sigmoid(3 x) - x)", lambda x: SIGMOID(SIGMOID(3 * x) - x), (-2, 2)),
    ("tanh(x)^3 - 2 tanh(x)", lambda x: mp.tanh(x) ** 3 - 2 * mp.tanh(x), (-2, 2)),
    ("1/(1 + abs(x))^2", lambda x: 1 / (1 + abs(x)) ** 2, (-3, 3)),
    ("max(0, x)^2", lambda x: max(mp.mpf(0), x) ** 2, (-3, 3)),
    ("max(0, min(1, x/6 + 1/2)) x", lambda x: max(mp.mpf(0), min(mp.mpf(1), x / 6 + mp.mpf(1) / 2)) * x, (-5, 5)),
    ("max(x, x^2)", lambda x: max(x, x**2), (-2, 2)),
    ("cases(x^3, x > 1, x^2 - ln(2 - x), x <= 1)",
     lambda x: x**3 if x > 1 else x**2 - mp.log(2 - x), (-2, 3)),
    ("cases(exp(x) - 1, x < 0, ln(1 + x), x < 2, x/3)",
     lambda x: mp.exp(x) - 1 if x < 0 else mp.log(1 + x) if x < 2 else x / 3, (-2, 4)),
    ("abs(x^3 - x)", lambda x: abs(x**3 - x), (-2, 2)),
    ("silu(x) + gelu(x)",
     lambda x: x * SIGMOID(x) + x * (1 + mp.erf(x / mp.sqrt(2))) / 2, (-2, 2)),
    ("log2(1 + x^2) log10(3 + x^2)", lambda x: mp.log(1 + x**2, 2) * mp.log(3 + x**2, 10), (-2, 2)),
    ("sum(x^i/i, i = 1..5)", lambda x: sum(x**i / i for i in range(1, 6)), (-2, 2)),
]  # fmt: skip

SEVERAL = [
    ("-(t ln(y) + (1 - t) ln(1 - y))", "y",
     lambda v: -(v["t"] * mp.log(v["y"]) + (1 - v["t"]) * mp.log(1 - v["y"])), (0.1, 0.9)),
    ("-a (1 - y)^g ln(y)", "y", lambda v: -v["a"] * (1 - v["y"]) ** v["g"] * mp.log(v["y"]), (0.1, 0.9)),
    ("exp(-(x - c)^2/(2 s^2))", "s", lambda v: mp.exp(-((v["x"] - v["c"]) ** 2) / (2 * v["s"] ** 2)), (0.5, 2)),
    ("sigmoid(w x + b) - lam w^2", "w", lambda v: SIGMOID(v["w"] * v["x"] + v["b"]) - v["lam"] * v["w"] ** 2, (-2, 2)),
    ("max(0, 1 - t (w x + b))", "w", lambda v: max(mp.mpf(0), 1 - v["t"] * (v["w"] * v["x"] + v["b"])), (-2, 2)),
    ("z = w x + b; a = tanh(z); L = (a - t)^2/2", "w",
     lambda v: (mp.tanh(v["w"] * v["x"] + v["b"]) - v["t"]) ** 2 / 2, (-2, 2)),
    ("u = w x; p = sigmoid(u); q = exp(u); L = p q + u^2", "w",
     lambda v: SIGMOID(v["w"] * v["x"]) * mp.exp(v["w"] * v["x"]) + (v["w"] * v["x"]) ** 2, (-1, 1)),
    ("h_1 = tanh(w x_1); h_2 = tanh(w x_2 + u h_1); L = (h_2 - t)^2", "u",
     lambda v: (mp.tanh(v["w"] * v["x_2"] + v["u"] * mp.tanh(v["w"] * v["x_1"])) - v["t"]) ** 2, (-1, 1)),
]  # fmt: skip


def result(derived: Derived) -> Formula:
    """The last formula of a derivation."""
    found = derived.verified.solution.derivation.answers[0].formula
    assert found is not None
    return found


def value(derived: Derived, point: Mapping[str, fmpq]) -> mp.mpf:
    """The result at a point; defined names get their values first."""
    derivation = derived.verified.solution.derivation
    assert derivation.universe is not None
    values: dict[str, object] = dict(point)
    with precision(160):
        for name, formula in derivation.universe.definitions.items():
            values[name.removeprefix("~")] = evaluate(formula, values, derivation.functions)
        found = evaluate(result(derived), values, derivation.functions)
        return mp.mpf(arb(found).str(40, radius=False))


def points(low: float, high: float, count: int) -> list[fmpq]:
    """Random points between two bounds."""
    source = random.Random(7)
    return [fmpq(round(source.uniform(low, high) * 10_007), 10_007) for _ in range(count)]


def number(x: fmpq) -> mp.mpf:
    return mp.mpf(int(x.p)) / int(x.q)


def steps(derived: Derived) -> int:
    return sum(len(line.chain.links) for line in derived.verified.lines if len(line.place) > 1)


@pytest.mark.parametrize(
    ("text", "function", "bounds"), ONE_VARIABLE, ids=[t[0] for t in ONE_VARIABLE]
)
def test_an_expression_of_one_variable(
    text: str, function: object, bounds: tuple[float, float]
) -> None:
    derived = derive(Asked(text))
    assert steps(derived) >= 2
    for x in points(*bounds, 12):
        expected = mp.diff(function, number(x))
        assert abs(value(derived, {"x": x}) - expected) <= CLOSE * (1 + abs(expected))


@pytest.mark.parametrize(
    ("text", "wrt", "function", "bounds"), SEVERAL, ids=[t[0] for t in SEVERAL]
)
def test_an_expression_or_graph_of_several(
    text: str, wrt: str, function: object, bounds: tuple[float, float]
) -> None:
    derived = derive(Asked(text, wrt))
    assert derived.verified.solution.derivation.universe is not None
    names = [symbol.name for symbol in derived.verified.solution.derivation.universe.symbols]
    for place in range(8):
        drawn = points(*bounds, 8 * len(names))[place * len(names) :][: len(names)]
        point = dict(zip(names, drawn, strict=True))
        at = {name: number(x) for name, x in point.items()}
        expected = mp.diff(lambda w, at=at: function({**at, wrt: w}), at[wrt])  # type: ignore[operator]
        assert abs(value(derived, point) - expected) <= CLOSE * (1 + abs(expected))


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_more_detail_has_more_steps(detail: str) -> None:
    counts = {
        d: steps(derive(Asked("x^2 exp(-x)/(1 + x^2)", detail=d)))
        for d in ("brief", "standard", "full")
    }  # type: ignore[arg-type]
    assert counts["brief"] < counts["standard"] < counts["full"]
    assert counts[detail] >= 2


@pytest.mark.parametrize(
    ("text", "in_terms", "shown"),
    [
        ("1/(1 + exp(-x))", "itself", "f(x)(1 − f(x))"),
        ("tanh(x)", "itself", "1 − f(x)²"),
        ("tanh(x)", "sigmoid", "4·σ(2·x)(1 − σ(2·x))"),
        ("ln(1 + exp(x))", "sigmoid", "σ(x)"),
        ("x sigmoid(x)", "sigmoid", "σ(x)(1 + x − x·σ(x))"),
        ("mish", "itself", "(f(x) + x²·σ(x) − f(x)²·σ(x))/x"),
        ("elu", "itself", "{1 + f(x) if x ≤ 0; 1 if x > 0}"),
        ("(1 - exp(-z^2))/(1 + exp(-z^2))", "itself", "z(1 − f(z)²)"),
        ("x/(1 + abs(x))", "itself", "{(1 + f(x))² if x ≤ 0; (1 − f(x))² if x > 0}"),
        ("exp(-x^2/2)", "itself", "−x·f(x)"),
        ("sigmoid", "tanh", "1/4 · (1 − tanh(x/2)²)"),
        ("x/sqrt(1 + x^2)", "itself", "f(x)³/x³"),
    ],
)
def test_a_derivative_in_terms_of_a_function(text: str, in_terms: str, shown: str) -> None:
    derived = derive(Asked(text, in_terms=in_terms))
    from derivations.formula.printing import Notation
    from derivations.formula.printing import text as as_text

    notation: Notation = derived.verified.solution.derivation.notation
    assert as_text(result(derived), notation) == shown
    assert not derived.missing


@pytest.mark.parametrize(
    ("text", "in_terms"), [("atan(x)", "itself"), ("x^3 + 1", "sigmoid"), ("sin(x)", "tanh")]
)
def test_where_there_is_no_such_form_it_says_so(text: str, in_terms: str) -> None:
    derived = derive(Asked(text, in_terms=in_terms))
    assert f"In terms of {in_terms}: " in derived.missing
    assert derived.verified.lines


def test_a_kink_is_told() -> None:
    from derivations.writing.text import solution_text

    shown = solution_text(derive(Asked("max(0, min(1, x/6 + 1/2))")).verified)
    assert "no derivative at x = −3 and 3" in shown.replace("\n", " ")
    assert "no derivative" not in solution_text(derive(Asked("elu(x)")).verified)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked("sigmod"), "did you mean 'sigmoid'?"),
        (
            Asked("sigmod(x)"),
            "column 1 of 'sigmod(x)': 'sigmod' is not a known function; did you mean 'sigmoid'?",
        ),
        (Asked("x^2 +"), "column 6 of 'x^2 +': found the end"),
        (Asked("a b"), "--wrt: choose one of a, b"),
        (Asked("a x^2", wrt="y"), "'y' does not occur in it"),
        (Asked("floor(x)"), "'floor' has no derivative here"),
        (Asked("ln(-1 - x^2)"), "no value at any point"),
        (Asked("3 + 4"), "there is no variable in it"),
        (Asked("x^2", in_terms="sigmod"), "'sigmod' is not an activation; did you mean 'sigmoid'?"),
        (Asked("z = w x; b + 1; L = z^2", wrt="w"), "expected a definition"),
        (Asked("z = w x; L = t^2", wrt="w"), "'L' does not depend on 'w'"),
        (Asked(""), "found nothing to derive"),
        (Asked("__import__('os')"), "has no meaning here"),
    ],
    ids=lambda each: each.what if isinstance(each, Asked) else "",
)
def test_what_cannot_be_derived_is_refused_with_its_place(asked: Asked, message: str) -> None:
    with pytest.raises(ProblemError) as refused:
        derive(asked)
    assert message in str(refused.value)


def test_the_reverse_pass_names_every_derivative() -> None:
    derived = derive(Asked("z = w x + b; a = sigmoid(z); L = (a - t)^2", "w"))
    found = {
        key(node)
        for line in derived.verified.lines
        for term in line.chain.terms()
        for node in walk(term.formula)
        if getattr(node, "head", "") == "partial"
    }
    assert {"dL/da", "dL/dz", "dL/dw", "da/dz", "dz/dw"} == found
    assert partial

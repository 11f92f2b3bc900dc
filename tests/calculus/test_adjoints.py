"""Gradients by adjoints, of scalars, vectors and matrices, against central differences."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import product as pairs
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from derivations.calculus.adjoints import Adjoint, adjoints, paths
from derivations.calculus.differentiate import NotDifferentiable, Rules, Slopes
from derivations.formula.evaluation import EvaluationError, evaluate, precision, shape
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import Ambiguous
from derivations.formula.printing import text
from derivations.formula.shapes import infer
from derivations.formula.tree import Formula, names
from derivations.models import activations
from tests.trees import close, to_mp

SHAPES: dict[str, tuple[int, ...]] = {
    "s": (), "r": (), "v": (3,), "w": (3,), "b": (2,), "t": (2,), "W": (2, 3), "X": (3, 4), "M": (3, 3), "R": (1, 3),
}  # fmt: skip
RULES = Rules(
    Slopes(activations.slopes(), activations.bodies()),
    {n: lambda z, a, n=n: activations.slope_by_output(n, z, a) for n in activations.ACTIVATIONS},
)


def read(source: str) -> Formula:
    return read_expression(source, activations.NAMES)


def gradients(definitions: Mapping[str, str], wanted: set[str]) -> list[Adjoint]:
    formulas = {name: read(source) for name, source in definitions.items()}
    known = dict(SHAPES)
    for name, formula in formulas.items():
        known[name] = infer(formula, known)
    return adjoints(formulas, "L", frozenset(wanted), RULES, known)


def drawn(size: tuple[int, ...], dice: random.Random) -> Any:
    if not size:
        return fmpq(dice.choice([-1, 1]) * dice.randint(2, 30), 10) + fmpq(dice.randint(1, 50), 997)
    return tuple(drawn(size[1:], dice) for _ in range(size[0]))


def moved(value: Any, index: tuple[int, ...], step: fmpq) -> Any:
    if not index:
        return value + step
    return tuple(
        moved(entry, index[1:], step) if place == index[0] else entry
        for place, entry in enumerate(value)
    )


def run(definitions: Mapping[str, str], given_values: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(given_values)
    for name, source in definitions.items():
        values[name] = evaluate(read(source), values, dict(activations.bodies()))
    return values


def compare(definitions: Mapping[str, str], seed: int = 1) -> int:
    """How many entries of gradients were compared with differences; all must agree."""
    used = {n for source in definitions.values() for n in names(read(source))} & set(SHAPES)
    dice, h, compared = random.Random(seed), fmpq(1, 10**14), 0
    inputs = {name: drawn(SHAPES[name], dice) for name in sorted(used)}
    with precision(220):
        values = run(definitions, inputs)
        for adjoint in gradients(definitions, used):
            found = evaluate(adjoint.formula, values, dict(activations.bodies()))
            values[f"dL/d{adjoint.name}"] = found
            if adjoint.name not in used:
                continue
            assert shape(found) == SHAPES[adjoint.name], f"{adjoint.name}: {text(adjoint.formula)}"
            for index in pairs(*map(range, SHAPES[adjoint.name])):
                ends = []
                for step in (h, -h):
                    there = moved(inputs[adjoint.name], index, step)
                    ends.append(run(definitions, {**inputs, adjoint.name: there})["L"])
                entry = found
                for place in index:
                    entry = entry[place]
                difference = to_mp((ends[0] - ends[1]) / (2 * h))
                assert close(to_mp(entry), difference, 15), (
                    f"{adjoint.name}: {text(adjoint.formula)}"
                )
                compared += 1
    return compared


LOSSES = [
    "s^2 r", "exp(-s) + r/s", "sigmoid(s r)", "sum(W @ v)", "mean(W @ v)", "mean(W @ X + b)", "sum((W @ v + b - t)^2)",
    "norm(W @ v - t)^2", "norm(W @ v - t)", "norm(v)^3", "norm(W)^2", "sum(v + s)", "sum(s v)", "sum(v/s)", "sum(s/v)",
    "sum(v/w)", "sum(max(0, v))", "sum(max(s, v))", "sum(min(v, w) .* w)", "sum(abs(v - w))", "dot(v, w)", "dot(v, v)",
    "v^T @ w", "v^T @ v", "t^T @ W @ v", "(t^T @ W @ v) s + norm(t)", "sum((W^T @ t) .* v)", "sum(v @ w^T)",
    "sum((v^T @ W^T)^T)", "sum(softmax(v))", "dot(softmax(v), w)", "sum(softmax(X) .* X)", "sum(sigmoid(v))",
    "sum(relu(v - w))", "mean(sigmoid(W @ X + b))", "sum(exp(v) .* w)", "sum(v .* w .* v)", "sum(v^3/s)", "s sum(W^2)",
    "sum(W^T)", "mean(X) + sum(X @ [1, 2, 3, 4])", "mean(v, w)", "sum(v, w, s)", "sum(v + w + s)", "sum(b + t + s)",
    "sum(X + v)", "sum(X .* X + v)", "sum(v (w^T @ v))", "sum(W @ (X @ (X^T @ v)))", "sum(silu(v))", "sum(gelu(-v))",
    "sum(selu(v))", "sum(tanh(2 v - 1))", "sum(R @ v)", "s (R @ v)", "sum(b (R @ v))", "sum(b @ R @ X)",
    "sum(sigmoid(b @ R))", "sum(sigmoid(v)/mean(v))", "sum(relu(v) - s)", "sum(max(v, v))", "sum(M @ M @ v)",
    "dot(v, M @ v)", "sum((M - M^T) @ v)", "sum(log2(v^2 + 1))", "sum(sqrt(v^2 + 1))", "sum(cosh(v) + sinh(w))",
    "cases(s^2, s > r, r)", "max(s, r)", "sum(s r, i = 1..3)", "-(s ln(r^2) + (1 - s) ln(1 + r^2))",
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
def test_a_gradient_agrees_with_central_differences(loss: str) -> None:
    assert compare({"L": loss}) > 0


@pytest.mark.parametrize(
    "definitions",
    [
        {"z": "W @ v + b", "a": "sigmoid(z)", "L": "1/2 norm(a - t)^2"},
        {"z": "W @ X + b", "a": "relu(z)", "L": "mean(a^2)"},
        {"z": "M @ v", "p": "softmax(z)", "L": "-dot(w, ln(p))"},
        {"z": "s r", "a": "tanh(z)", "q": "a z", "L": "(q - a)^2"},
        {"h": "tanh(M @ v + w)", "k": "tanh(M @ h + w)", "L": "sum(k .* h)"},
        {"y": "v + s", "u": "y .* y", "L": "mean(u) s"},
        {"q": "v^T @ w", "L": "sigmoid(q) + q^2"},
        {"p": "softmax(X)", "L": "sum(p .* p)"},
        {"n": "sigmoid(v) - v", "L": "dot(n, w)"},
        {"n": "softmax(v) + w", "L": "dot(n, w)"},
    ],
)
def test_gradients_run_backwards_over_several_definitions(definitions: dict[str, str]) -> None:
    assert compare(definitions) > 0


PARTS = {
    (): ["{s}*{s}", "{s} + {s}", "sigmoid({s})", "dot({v}, {v})", "sum({v})", "mean({m})", "norm({v})^2",
         "exp(-{s}^2/100)", "{s}/(1 + {s}^2)", "sum({m} .* {m})/9", "{v}^T @ {v}"],
    (3,): ["{m} @ {v} + {v}", "{v} .* {v}", "{s} {v}", "tanh({v})", "softmax({v})", "{m}^T @ {v}", "{v} + {s}",
           "max({v}, {v})", "{v}/(1 + {s}^2)", "-{v}", "sigmoid({v}) - {v}"],
    (3, 3): ["{m} @ {m}/10", "{v} @ {v}^T", "{m} + {v}", "{m} .* {m}", "{m}^T", "{s} {m}", "tanh({m})", "softmax({m})"],
}  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, str]:
    """Three definitions over what comes before, and a loss over all of them."""
    pool = {(): ["s", "r"], (3,): ["v", "w"], (3, 3): ["M"]}
    definitions: dict[str, str] = {}
    for place in range(3):
        size = draw(st.sampled_from(list(PARTS)))
        form = draw(st.sampled_from(PARTS[size]))
        for mark, of in (("{s}", ()), ("{v}", (3,)), ("{m}", (3, 3))):
            while mark in form:
                form = form.replace(mark, draw(st.sampled_from(pool[of])), 1)
        definitions[f"n_{place}"] = form
        pool[size].append(f"n_{place}")
    last = {(): "n", (3,): "sum(n .* [1, 2, 3])", (3, 3): "mean(n .* n)"}
    sizes = {name: size for size, listed in pool.items() for name in listed}
    terms = [
        last[sizes[name]].replace("n ", f"{name} ").replace("n)", f"{name})")
        for name in definitions
    ]
    terms = [name if term == "n" else term for name, term in zip(definitions, terms, strict=True)]
    return {**definitions, "L": " + ".join(terms)}


@given(graphs())
def test_random_graphs(definitions: dict[str, str]) -> None:
    try:
        compare(definitions, seed=3)
    except (EvaluationError, Ambiguous):  # a tie between operands of max
        assume(False)


def test_a_dense_layer_by_hand_with_numpy() -> None:
    dice = np.random.default_rng(5)
    weights, x, bias, target = dice.normal(size=(2, 3)), dice.normal(size=3), dice.normal(size=2), dice.normal(size=2)  # fmt: skip
    a = 1 / (1 + np.exp(-(weights @ x + bias)))
    delta = (a - target) * a * (1 - a)
    expected = {"W": np.outer(delta, x), "b": delta, "v": weights.T @ delta}

    def exactly(array: np.ndarray) -> Any:
        if array.ndim:
            return tuple(map(exactly, array))
        return fmpq(*float(array).as_integer_ratio())

    definitions = {"z": "W @ v + b", "a": "sigmoid(z)", "L": "1/2 norm(a - t)^2"}
    values = run(definitions, {"W": exactly(weights), "v": exactly(x), "b": exactly(bias), "t": exactly(target)})  # fmt: skip
    for adjoint in gradients(definitions, {"W", "b", "v"}):
        found = evaluate(adjoint.formula, values, dict(activations.bodies()))
        values[f"dL/d{adjoint.name}"] = found
        if adjoint.name in expected:
            numbers = np.vectorize(float)(np.array(found, dtype=object))
            np.testing.assert_allclose(numbers, expected[adjoint.name], rtol=1e-12)


def test_adjoints_are_written_as_a_course_writes_them() -> None:
    definitions = {"z": "W @ v + b", "a": "sigmoid(z)", "L": "1/2 norm(a - t)^2"}
    found = {a.name: text(a.formula) for a in gradients(definitions, {"W", "b", "v"})}
    assert found == {
        "a": "a − t",
        "z": "∂L/∂a ⊙ a ⊙ (1 − a)",
        "W": "∂L/∂z vᵀ",
        "v": "Wᵀ ∂L/∂z",
        "b": "∂L/∂z",
    }


@pytest.mark.parametrize("square", ["dot(v, v)", "sum(v .* v)", "norm(v)^2"])
def test_a_square_has_one_term(square: str) -> None:
    """λ v for the penalty λ/2 v·v, and not λ/2 v + λ/2 v."""
    (found,) = gradients({"L": f"s/2 * {square}"}, {"v"})
    assert text(found.formula) == "s·v"


def test_only_what_lies_on_the_way_is_worked_out() -> None:
    definitions = {"z": "s r", "a": "tanh(z)", "other": "r^2", "L": "a^2"}
    found = gradients(definitions, {"s"})
    assert [adjoint.name for adjoint in found] == ["a", "z", "s"]
    assert [adjoint.through for adjoint in found] == [("L",), ("a",), ("z",)]


def test_an_adjoint_sums_over_everything_that_uses_the_name() -> None:
    definitions = {"z": "s r", "a": "tanh(z)", "q": "z^2", "L": "a q"}
    (z,) = [adjoint for adjoint in gradients(definitions, {"s"}) if adjoint.name == "z"]
    assert z.through == ("a", "q")
    assert text(z.formula) == "∂L/∂a(1 − a²) + 2·∂L/∂q·z"
    assert [text(slope) for slope in z.slopes if slope] == ["1 − a²", "2·z"]


def test_work_grows_with_the_length_of_the_list() -> None:
    definitions = {"n_0": "s"} | {f"n_{i}": f"n_{i - 1} n_{i - 1}" for i in range(1, 60)}
    assert len(gradients({**definitions, "L": "n_59"}, {"s"})) == 61


@pytest.mark.parametrize(
    "loss", ["v[1] w[2]", "max(v)", "sum(floor(v))", "sum([s, r])", "argmax(v)"]
)
def test_what_has_no_law_is_refused(loss: str) -> None:
    with pytest.raises(NotDifferentiable):
        gradients({"L": loss}, {"s", "v"})


def test_paths_lead_from_the_loss_to_the_name() -> None:
    formulas = {n: read(f) for n, f in {"a": "x + y", "b": "x a", "L": "a b"}.items()}
    assert paths(formulas, "L", "x") == [("L", "a", "x"), ("L", "b", "x"), ("L", "b", "a", "x")]
    assert paths(formulas, "L", "y") == [("L", "a", "y"), ("L", "b", "a", "y")]


def test_paths_that_nobody_would_write_are_refused() -> None:
    formulas = {f"n_{i}": read(f"n_{i - 1} + m_{i - 1}") for i in range(1, 30)}
    formulas |= {f"m_{i}": read(f"n_{i - 1} - m_{i - 1}") for i in range(1, 30)}
    with pytest.raises(NotDifferentiable, match="more than 64 paths lead from n_29 to m_0"):
        paths(formulas, "n_29", "m_0")
    with pytest.raises(NotDifferentiable, match="n_29 does not depend on elsewhere"):
        paths(formulas, "n_29", "elsewhere")


def test_the_loss_itself_has_no_adjoint() -> None:
    assert [a.name for a in gradients({"L": "s"}, {"s"})] == ["s"]
    assert text(gradients({"L": "s"}, {"s"})[0].formula) == "1"

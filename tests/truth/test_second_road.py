"""The second road: NumPy values and gradients against finite differences and counting by hand."""

from __future__ import annotations

import ast
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flint import fmpq

import derivations
from derivations.calculus.differentiate import Slopes
from derivations.calculus.properties import Bound, Properties, properties
from derivations.errors import VerificationError
from derivations.formula.evaluation import evaluate
from derivations.formula.expressions import FUNCTIONS as FUNCTION_WORDS
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, Number
from derivations.kinds.base.functions import Functions
from derivations.models import activations
from derivations.truth.architectures import count_layer
from derivations.truth.confirmation import close, doubles
from derivations.truth.counting import (
    comparisons,
    conv_operations,
    entries,
    positions,
)
from derivations.truth.exploring import confirm_properties, value_of
from derivations.truth.second_road import OWN, RoadError, model_values
from derivations.truth.sliding import Window, correlate, spread

FUNCTIONS = dict(activations.bodies())
STEP = 1e-6


def read(text: str) -> Formula:
    return read_expression(text, activations.NAMES)


def test_it_shares_no_code_with_the_first_road() -> None:
    room = Path(derivations.__file__).parent / "truth"
    imported = {
        f"{node.module}.{alias.name}"
        for name in ("second_road", "tape")
        for node in ast.walk(ast.parse((room / f"{name}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert "numpy.typing.NDArray" in imported
    assert not {name for name in imported if re.search("evaluat|scalars|arrays", name)} - {
        "derivations.formula.evaluation.Function"
    }


# ---------------------------------------------------------------- values and gradients


def random_network(seed: int) -> tuple[dict[str, list[float]], dict[str, Formula], list[str]]:
    """Givens, definitions and parameters of a network with a loss; scalars only."""
    source = random.Random(seed)
    smooth = ["sigmoid", "tanh", "softplus", "silu", "gelu", "softsign", "gaussian", "mish", "elu"]
    givens = {f"x_{i}": [source.uniform(-1, 1)] for i in (1, 2)}
    definitions: dict[str, Formula] = {}
    before, parameters = list(givens), []
    for layer in (1, 2, 3):
        units = source.choice([1, 2, 3]) if layer < 3 else 1
        head = source.choice(smooth)
        names = []
        for unit in range(1, units + 1):
            terms = []
            for place, name in enumerate(before):
                weight = f"w_{layer}{unit}{place}"
                givens[weight] = [source.uniform(-1.5, 1.5)]
                parameters.append(weight)
                terms.append(f"{weight}*{name}")
            bias = f"b_{layer}{unit}"
            givens[bias] = [source.uniform(-1, 1)]
            parameters.append(bias)
            definitions[f"z_{layer}{unit}"] = read(" + ".join([*terms, bias]))
            definitions[f"a_{layer}{unit}"] = read(f"{head}(z_{layer}{unit})")
            names.append(f"a_{layer}{unit}")
        before = names
    loss = source.choice(
        ["1/2 (y - t)^2", "abs(y - t)^3", "ln(1 + exp(-t*y))", "(y - t)^2/(1 + y^2)"]
    )
    givens["t"] = [source.uniform(0.2, 1)]
    definitions["L"] = read(loss.replace("y", before[0]))
    return givens, definitions, parameters


@pytest.mark.parametrize("seed", range(40))
def test_gradients_of_random_networks_against_differences(seed: int) -> None:
    givens, definitions, parameters = random_network(seed)
    found = model_values(givens, definitions, FUNCTIONS, [("L", name) for name in parameters])

    def loss(name: str, moved: float) -> float:
        values = {**givens, name: [givens[name][0] + moved]}
        return float(model_values(values, definitions, FUNCTIONS, [])["L"][0])

    for name in parameters:
        numeric = (loss(name, STEP) - loss(name, -STEP)) / (2 * STEP)
        assert float(found[f"dL/d{name}"][0]) == pytest.approx(numeric, rel=1e-5, abs=1e-8)


MATRICES = {
    "W": np.array([[[0.2, -0.4, 0.1], [0.7, 0.3, -0.5]]]),
    "x": np.array([[0.5, -1.2, 2.0]]),
    "b": np.array([[0.1, -0.3]]),
    "t": np.array([[1.0, 0.0]]),
}


@pytest.mark.parametrize(
    "loss",
    [
        "sum((y - t)^2)", "1/2 norm(y - t)^2", "mean((y - t)^2)", "-sum(t .* ln(softmax(z)))",
        "max(y)", "dot(y, t)", "sum(y .* y)", "sum(y) + y[1]*t[1] + y[2]^2", "sum(transpose(y) @ W)",
    ],
)  # fmt: skip
def test_gradients_by_matrices_against_differences(loss: str) -> None:
    definitions = {"z": read("W @ x + b"), "y": read("tanh(z)")}
    definitions["L"] = read(loss)
    found = model_values(MATRICES, definitions, FUNCTIONS, [("L", n) for n in ("W", "x", "b")])
    for name in ("W", "x", "b"):
        value = MATRICES[name]
        for place in np.ndindex(value.shape):
            sides = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * STEP
                other = model_values({**MATRICES, name: moved}, definitions, FUNCTIONS, [])
                sides.append(float(other["L"][0]))
            numeric = (sides[0] - sides[1]) / (2 * STEP)
            assert float(found[f"dL/d{name}"][place]) == pytest.approx(numeric, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("head", sorted(set(OWN) - {"detach"}))  # whose slope is 0 by definition
def test_its_own_functions_against_differences(head: str) -> None:
    low = 0.1 if head in ("ln", "log", "log2", "log10", "sqrt") else -3.05
    xs = np.arange(low, 3, 0.13)
    formula = {"y": read_expression(f"{head}(x)", frozenset(OWN))}
    found = model_values({"x": xs}, formula, {}, [("y", "x")])
    above, below = (model_values({"x": xs + s * STEP}, formula, {}, [])["y"] for s in (1, -1))
    assert found["dy/dx"] == pytest.approx((above - below) / (2 * STEP), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("head", sorted(set(OWN) & set(activations.ACTIVATIONS)))
def test_its_own_functions_are_those_of_the_table(head: str) -> None:
    xs = np.arange(-4.0, 4.0, 0.37)
    own = model_values({"x": xs}, {"y": read(f"{head}(x)")}, {}, [])["y"]
    body = {"f": activations.body(head)}
    table = model_values(
        {"x": xs}, {"y": read_expression("f(x)", {"f"})}, {**FUNCTIONS, **body}, []
    )
    assert own == pytest.approx(table["y"], rel=1e-12, abs=1e-14)


CALLS = {
    "argmax": "argmax([x, 3, x])", "norm": "norm([x, 3])", "softmax": "sum(softmax([x, 3]))",
    "dot": "dot([x, 3], [1, x])", "transpose": "sum(transpose([x, 3]))", "iverson": "iverson(x > 1)",
    "cases": "cases(1, x > 3, x)", "log": "log(x, 2) + log(x)", "max": "max(x, 1, 2)",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FUNCTION_WORDS))
def test_it_goes_wherever_the_grammar_goes(name: str) -> None:
    """Every function that a problem file may call is known here, with the same value."""
    formula = read(CALLS.get(name, f"{name}(x)"))
    found = model_values({"x": [1.75]}, {"y": formula}, FUNCTIONS, [])["y"]
    first = evaluate(formula, {"x": fmpq(7, 4)}, FUNCTIONS)
    assert float(found[0]) == pytest.approx(doubles(first), rel=1e-12)


def test_many_variants_at_once_are_the_variants_one_by_one() -> None:
    definitions = {"y": read("sigmoid(w*x)"), "L": read("(y - 1)^2")}
    ws = [0.5, -2.0, 30.0]
    together = model_values({"w": ws, "x": [2.0] * 3}, definitions, FUNCTIONS, [("L", "w")])
    for place, w in enumerate(ws):
        alone = model_values({"w": [w], "x": [2.0]}, definitions, FUNCTIONS, [("L", "w")])
        for name in ("L", "dL/dw"):
            assert together[name][place] == alone[name][0]


def test_a_name_that_only_renames_another_has_an_adjoint_of_its_own() -> None:
    definitions = {"u": read("x"), "L": read("u*x")}
    found = model_values({"x": [3.0]}, definitions, {}, [("L", "u"), ("L", "x")])
    assert (found["dL/du"][0], found["dL/dx"][0]) == (3.0, 6.0)


def test_terms_that_cancel_leave_nothing_at_a_kink() -> None:
    definitions = {"z": read("0.5 x - 0.6 + 0.1"), "L": read("relu(z)")}
    at, beside = (
        model_values({"x": [x]}, definitions, {}, [("L", "x")])["dL/dx"][0] for x in (1.0, 1.000001)
    )
    assert (at, beside) == (0.0, 0.5)


def test_what_it_does_not_know_it_refuses() -> None:
    with pytest.raises(RoadError, match="'nowhere' is not known to the second road"):
        model_values({"x": [1.0]}, {"y": read_expression("nowhere(x)", {"nowhere"})}, {}, [])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (0.0, 1e-13, True),
        ([1, 2], [1, 2], True),
        ([1, 2], [[1, 2]], False),
        ([1, 2], [1, 2, 3], False),
        (float("nan"), float("nan"), False),
    ],
)
def test_values_are_the_same_to_nine_digits(first: object, second: object, same: bool) -> None:
    assert close(first, second) is same


def test_values_as_doubles() -> None:
    assert doubles(((fmpq(1, 4), True), (fmpq(3), "word"))) == [[0.25, True], [3.0, "word"]]


# ---------------------------------------------------------------- counting, sliding, exploring


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "count"),
    [(28, 5, 1, 0, 24), (227, 11, 4, 0, 55), (125, 5, 2, 2, 63), (49, 5, 2, 2, 25), (11, 2, 2, 0, 5), (3, 5, 1, 0, 0), (5, 5, 9, 0, 1)],
)  # fmt: skip
def test_places_of_a_window(size: int, kernel: int, stride: int, padding: int, count: int) -> None:
    assert positions(size, kernel, stride, padding) == count


@pytest.mark.parametrize("sizes", [(3,), (2, 3, 4), (1, 1), (7000, 9000), (55, 55, 96, 154587)])
def test_entries_of_an_array(sizes: tuple[int, ...]) -> None:
    assert entries(*sizes) == int(np.prod(sizes, dtype=object))


def test_operations_of_a_window() -> None:
    assert conv_operations((2, 2, 3), 10, True) == (120, 120)
    assert conv_operations((2, 2, 3), 10, False) == (120, 110)
    assert comparisons((2, 2), 5) == 15
    assert comparisons((3, 3), 1) == 8


def test_counts_of_a_stack() -> None:
    conv = {"kernel": (3, 3), "stride": (1, 1), "padding": (0, 0), "filters": 8, "bias": True}
    pooling = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    found = [
        count_layer(kind, settings, [shape])
        for kind, settings, shape in (
            ("conv", conv, (32, 32, 3)),
            ("pool", pooling, (30, 30, 8)),
            ("batch_norm", {}, (15, 15, 8)),
            ("flatten", {}, (15, 15, 8)),
            ("dense", {"units": 10, "bias": False}, (1800,)),
            ("activation", {}, (10,)),
        )
    ]
    assert [one.learned for one in found] == [216 + 8, 0, 8 + 8, 0, 18000, 0]
    assert [one.output for one in found] == [
        (30, 30, 8), (15, 15, 8), (15, 15, 8), (1800,), (10,), (10,),
    ]  # fmt: skip


ROWS = np.array([[[[1.0, 6, 2], [5, 3, 1], [7, 0, 4]]]])  # one sample, one channel


def test_sliding() -> None:
    """Against what the windows give by hand."""
    kernel = np.array([[[[1.0, 2], [-1, 0]]]])
    window = Window((2, 2), (1, 1), (1, 1), [(0, 0), (0, 0)])
    assert correlate(ROWS, kernel, window, (2, 2))[0, 0].tolist() == [[8, 7], [4, 5]]
    turned = kernel[..., ::-1, ::-1]
    assert correlate(ROWS, turned, window, (2, 2))[0, 0].tolist() == [[7, 5], [11, 3]]
    framed = np.pad(ROWS, ((0, 0), (0, 0), (1, 1), (1, 1)))
    assert correlate(framed, kernel, window, (4, 4))[0, 0, 0].tolist() == [0, -1, -6, -2]
    half, far = np.array([[[[0.5]]]]), Window((1, 1), (2, 2), (1, 1), [(0, 0), (0, 0)])
    assert correlate(ROWS, half, far, (2, 2))[0, 0].tolist() == [[0.5, 1.0], [3.5, 2.0]]


def test_spreading_turns_sliding_around() -> None:
    """<y, correlate(x)> = <spread(y), x> for all maps."""
    source = np.random.default_rng(3)
    window = Window((2, 2), (1, 1), (1, 1), [(0, 0), (0, 0)])
    x, k, y = (source.normal(size=size) for size in ((2, 3, 4, 4), (5, 3, 2, 2), (2, 5, 3, 3)))
    there = (y * correlate(x, k, window, (3, 3))).sum()
    assert (spread(y, k, window, (4, 4)) * x).sum() == pytest.approx(there, rel=1e-12)


def known(head: str) -> Properties:
    functions = Functions()
    return properties(
        functions.bodies[head], functions.bodies, Slopes(functions.slopes, functions.bodies)
    )


@pytest.mark.parametrize("head", sorted(set(activations.ACTIVATIONS) - {"linear"}))
def test_properties_of_every_activation_are_not_contradicted(head: str) -> None:
    confirm_properties(head, Functions().bodies, known(head))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("highest", Bound(Number("2"), False)),
        ("highest", Bound(Number("0.9"), False)),
        ("lowest", Bound(Number("0.1"), False)),
        ("steepest", Bound(Number("1"), True)),
        ("monotone", False),
        ("slope_limits", (Number("0"), Number("1"))),
    ],
)
def test_wrong_properties_are_contradicted(field: str, value: object) -> None:
    wrong = replace(known("sigmoid"), **{field: value})  # type: ignore[arg-type]
    with pytest.raises(VerificationError, match=r"sigmoid: .* is contradicted by values"):
        confirm_properties("sigmoid", Functions().bodies, wrong)


def test_a_formula_as_a_double() -> None:
    assert value_of(read("1/4 + c"), 2) == 2.25

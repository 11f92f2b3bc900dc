"""Every row of the table of activations: its values, its derivative, and where it is from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flint import fmpq

from derivations.formula.evaluation import evaluate, precision
from derivations.formula.printing import latex, text
from derivations.formula.tree import Name, names
from derivations.models import activations
from derivations.models.activations import ACTIVATIONS, ALIASES, HELPERS
from tests.trees import MP, close, to_mp


def sigmoid(z: Any) -> Any:
    return 1 / (1 + MP.exp(-z))


def clipped(z: Any, low: int, high: int) -> Any:
    return min(max(z, MP.mpf(low)), MP.mpf(high))


LAMBDA, ALPHA = MP.mpf("1.0507009873554805"), MP.mpf("1.6732632423543772")
BY_HAND: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "linear": lambda z: z,
    "heaviside": lambda z: MP.mpf(z > 0),
    "sign": MP.sign,
    "sigmoid": sigmoid,
    "tanh": MP.tanh,
    "relu": lambda z: max(z, MP.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "relu6": lambda z: clipped(z, 0, 6),
    "elu": lambda z: z if z > 0 else MP.expm1(z),
    "selu": lambda z: LAMBDA * (z if z > 0 else ALPHA * MP.expm1(z)),
    "softplus": lambda z: MP.log1p(MP.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "silu": lambda z: z * sigmoid(z),
    "mish": lambda z: z * MP.tanh(MP.log1p(MP.exp(z))),
    "gelu": lambda z: z * MP.ncdf(z),
    "hard_sigmoid": lambda z: clipped(z + 3, 0, 6) / 6,
    "hard_tanh": lambda z: clipped(z, -1, 1),
    "hard_swish": lambda z: z * clipped(z + 3, 0, 6) / 6,
    "arctan": MP.atan,
    "gaussian": lambda z: MP.exp(-z * z / 2),
    "multiquadric": lambda z: MP.hypot(z, 1),
    "inverse_multiquadric": lambda z: 1 / MP.hypot(z, 1),
}
POINTS = ["-7.25", "-3.5", "-2", "-0.5", "-0.01", "0.3", "1.5", "2.75", "5.5", "6.5", "20"]
KINKS = {"hard_sigmoid": (-3, 3), "hard_swish": (-3, 3), "hard_tanh": (-1, 1), "relu6": (0, 6)}


def functions() -> dict[str, Any]:
    return dict(activations.bodies())


def rational(point: str) -> fmpq:
    return fmpq(int(float(point) * 100), 100)


def at(formula: Any, **values: Any) -> Any:
    with precision(200):
        return to_mp(evaluate(formula, values, functions()))


def test_every_row_is_known_here() -> None:
    assert set(BY_HAND) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_value_is_that_of_the_formula_worked_by_hand(name: str) -> None:
    body = activations.body(name).body
    for point in [*POINTS, "0"]:
        expected = BY_HAND[name](MP.mpf(int(float(point) * 100)) / 100)
        assert close(at(body, z=rational(point)), expected, 40), f"{name}({point})"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_agrees_with_central_differences(name: str) -> None:
    slope, h = activations.slope(name).body, MP.mpf(10) ** -16
    for point in POINTS:
        z = MP.mpf(int(float(point) * 100)) / 100
        difference = (BY_HAND[name](z + h) - BY_HAND[name](z - h)) / (2 * h)
        assert close(at(slope, z=rational(point)), difference, 26), f"{name}'({point})"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_by_the_output_is_the_derivative(name: str) -> None:
    by_output = activations.slope_by_output(name, Name("z"), Name("a"))
    assert set(names(by_output)) <= {"z", "a"}
    for point in POINTS:
        with precision(200):
            a = evaluate(activations.body(name).body, {"z": rational(point)}, functions())
        expected = at(activations.slope(name).body, z=rational(point))
        assert close(at(by_output, z=rational(point), a=a), expected, 40)


@pytest.mark.parametrize("name", [n for n, row in ACTIVATIONS.items() if row.at_kink])
def test_the_derivative_at_a_kink_is_the_one_that_is_stated(name: str) -> None:
    slope, kinks = activations.slope(name).body, KINKS.get(name, (0,))
    found = [at(slope, z=fmpq(kink)) for kink in kinks]
    stated = ACTIVATIONS[name].at_kink.partition("taken as ")[2]
    by_name = {"alpha": MP.mpf("0.01"), "lambda alpha": LAMBDA * ALPHA}
    expected = (
        [by_name[stated]] if stated in by_name else [MP.mpf(n) for n in re.findall(r"\d+", stated)]
    )
    for value, number in zip(
        found, expected * len(found) if len(expected) == 1 else expected, strict=True
    ):
        assert close(value, number)
    h = MP.mpf(10) ** -20
    for kink in kinks:
        left = (BY_HAND[name](MP.mpf(kink)) - BY_HAND[name](kink - h)) / h
        right = (BY_HAND[name](kink + h) - BY_HAND[name](MP.mpf(kink))) / h
        assert abs(left - right) > 1e-3 or abs(left) > 1e9, "neither kink nor jump"


@pytest.mark.parametrize(
    ("name", "parameters", "z", "expected"),
    [
        ("leaky_relu", {"alpha": "0.2"}, "-5", -1), ("elu", {"alpha": "2"}, "0", 0),
        ("linear", {"c": "3", "d": "-1"}, "2", 5), ("gaussian", {"c": "2", "s": "3"}, "2", 1),
        ("multiquadric", {"c": "1", "r": "4"}, "4", 5), ("selu", {"lambda": "2"}, "3", 6),
    ],
)  # fmt: skip
def test_parameters_take_the_place_of_the_usual_ones(
    name: str, parameters: dict[str, str], z: str, expected: int
) -> None:
    assert at(activations.body(name, parameters).body, z=fmpq(int(z))) == expected


@pytest.mark.parametrize(
    "name", ["leaky_relu", "elu", "selu", "gaussian", "multiquadric", "linear"]
)
def test_the_derivative_follows_the_parameters(name: str) -> None:
    parameters = {key: f"{place + 2}/3" for place, key in enumerate(ACTIVATIONS[name].parameters)}
    body = activations.body(name, parameters)
    slope = activations.slope_by_output(name, Name("z"), body.body, parameters)
    h = fmpq(1, 10**16)
    for z in (fmpq(-5, 4), fmpq(7, 4)):
        difference = (at(body.body, z=z + h) - at(body.body, z=z - h)) / (2 * to_mp(h))
        assert close(at(slope, z=z), difference, 20)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_row_has_a_source_a_title_and_a_look(name: str) -> None:
    row = ACTIVATIONS[name]
    assert re.search(r"[A-Z][a-z]+.* (18|19|20)\d\d", row.source)
    assert row.title
    assert all(row.look)
    body = activations.body(name).body
    assert latex(body)
    assert text(body)
    assert set(names(body)) <= {"z"}


@pytest.mark.parametrize(
    ("word", "name"),
    [("ReLU", "relu"), (" Sigmoid ", "sigmoid"), ("logistic", "sigmoid"), ("Leaky-ReLU", "leaky_relu"),
     ("hard swish", "hard_swish"), ("Swish", "silu"), ("none", "identity")],
)  # fmt: skip
def test_a_function_is_found_as_people_write_it(word: str, name: str) -> None:
    assert activations.find(word) == name


def test_aliases_lead_to_rows() -> None:
    assert set(ALIASES.values()) <= set(ACTIVATIONS)
    assert not set(ALIASES) & set(ACTIVATIONS)


def test_an_unknown_function_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        ValueError,
        match=r"^'sigmod' is not an activation; did you mean 'sigmoid'\? Known: arctan, elu",
    ):
        activations.find("sigmod")


def test_helpers_are_what_they_are_called() -> None:
    assert set(HELPERS) == {"Phi"}
    assert close(at(HELPERS["Phi"].body, z=fmpq(3, 2)), MP.ncdf(MP.mpf(3) / 2), 40)
    assert set(activations.function_looks()) == set(ACTIVATIONS) | set(HELPERS)
    assert set(activations.slopes()) == set(ACTIVATIONS)

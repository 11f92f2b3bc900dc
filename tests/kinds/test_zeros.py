"""Problems in which something is exactly 0: it is told to be 0, and every line is judged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import solve_text

SYMMETRIC = {
    "inputs": [[-1], [1]],
    "targets": [0, 1],
    "layers": [{"weights": [[0.5]], "biases": [0], "activation": "sigmoid"}],
    "loss": "binary_cross_entropy",
    "epochs": 3,
    "rate": 0.1,
}
CANCELLING = {
    "x": [1, -1],
    "layers": [
        {"weights": [[1, 0], [0, 1]], "activation": "tanh"},
        {"weights": [[1, 1]], "activation": "relu"},
    ],
    "target": [1],
}
EQUAL_WEIGHTS = {
    "Q": [[1, 0], [0, 1]],
    "K": [[1, 1], [0, 1], [2, 0]],
    "V": [[1], [2], [3]],
    "scale": "none",
    "mask": [[1, 0, 1], [1, 1, 0]],
    "slope": [[1], [-1]],
}
AT_THE_TARGET = {
    "cell": "rnn",
    "inputs": [[1, -1], [-1, 1]],
    "W": [[0.5, 0.5], [1, 1]],
    "U": [[0.1, 0.4], [-0.2, 0.3]],
    "targets": [None, [0, 0]],
}


def shown(kind: str, given: dict[str, Any], gradients: Any = None, **more: Any) -> dict[str, Any]:
    ask = {} if gradients is None else {"ask": {"gradients": gradients}}
    verified = solve_text(json.dumps({"kind": kind, "title": "t", "given": given, **ask, **more}))
    return {name: known.shown for name, known in verified.solution.known.items()}


@pytest.mark.parametrize("carry", ["exact", "rounded"])
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam", "rmsprop"])
def test_a_bias_stays_where_the_data_are_symmetric(optimiser: str, carry: str) -> None:
    rounding = {"decimals": 4, "carry": carry}
    found = shown("training", {**SYMMETRIC, "optimiser": optimiser}, rounding=rounding)
    assert {found[f"b@{k}"] for k in range(4)} == {"0"}


def test_a_unit_whose_inputs_cancel_is_off() -> None:
    found = shown("network", CANCELLING, True)
    assert (found["z__2_1"], found["a__2_1"], found["dL/dw__2_1_1"]) == ("0", "0", "0")


def test_equal_weights_of_a_query_leave_entries_of_its_gradient_0() -> None:
    assert shown("attention", EQUAL_WEIGHTS, True)["dL/dQ"][1][1] == "0"


def test_the_squared_distance_from_a_target_that_is_met_has_the_slope_0() -> None:
    found = shown("recurrent", AT_THE_TARGET, True)
    assert found["dL/dh_2"] == ("0", "0")
    assert found["dL/dW"] == (("0", "0"), ("0", "0"))

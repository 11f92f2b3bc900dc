"""Networks that end with a softmax, against NumPy; what is told of targets that do not fit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from derivations.errors import ProblemError
from tests.conftest import solve_text

X, T = [1, -1, 0.5], [0, 0.25, 0.75]
W = [[[0.2, -0.4, 0.1], [0.3, 0.5, -0.2]], [[1, -1], [0.5, 0.25], [-0.5, 2]]]
B = [[0.1, -0.1], [0, 0.1, -0.2]]


def problem(loss: str, targets: list[float], **more: Any) -> str:
    layers = [
        {"weights": W[0], "biases": B[0], "activation": "tanh"},
        {"weights": W[1], "biases": B[1], "activation": "softmax"},
    ]
    given = {"x": X, "layers": layers, "target": targets, "loss": loss, **more}
    ask = {"gradients": True, "figure": True}
    return json.dumps({"kind": "network", "title": "t", "given": given, "ask": ask})


def total(loss: str, targets: list[float], weights: list[Any], biases: list[Any]) -> float:
    hidden = np.tanh(np.array(weights[0]) @ X + biases[0])
    powers = np.exp(np.array(weights[1]) @ hidden + biases[1])
    outputs, wanted = powers / powers.sum(), np.array(targets)
    if loss == "cross_entropy":
        return float(-(wanted * np.log(outputs)).sum())
    return float(((outputs - wanted) ** 2).sum())


@pytest.mark.parametrize("targets", [T, [1, 0, 1]])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_the_gradient_through_a_softmax_is_the_difference_quotient(
    loss: str, targets: list[float]
) -> None:
    known = solve_text(problem(loss, targets)).solution.known
    assert float(known["L"].true) == pytest.approx(total(loss, targets, W, B), rel=1e-12)
    for layer in range(2):
        for place in np.ndindex(*np.shape(W[layer])):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [np.array(each, float) for each in W]
                moved[layer][place] += step
                sides.append(total(loss, targets, moved, B))
            name = f"dL/dw__{layer + 1}_{place[0] + 1}_{place[1] + 1}"
            slope = (sides[0] - sides[1]) / 2e-5
            assert float(known[name].true) == pytest.approx(slope, abs=1e-8)


def test_cross_entropy_behind_a_softmax_has_the_difference_as_its_gradient() -> None:
    known = solve_text(problem("cross_entropy", T)).solution.known
    for k, target in enumerate(T, 1):
        output = float(known[f"a__2_{k}"].true)
        assert float(known[f"dL/dz__2_{k}"].true) == pytest.approx(output - target, rel=1e-12)


def test_a_softmax_may_stand_inside() -> None:
    layers = [
        {"weights": [[1, 0], [0, 1]], "activation": "softmax"},
        {"weights": [[1, 2]], "activation": "identity"},
    ]
    text = {"kind": "network", "title": "t", "given": {"x": [1, 0], "layers": layers}}
    shares = np.exp([1, 0]) / np.exp([1, 0]).sum()
    known = solve_text(json.dumps(text)).solution.known
    assert float(known["a__2_1"].true) == pytest.approx(float(shares @ [1, 2]), rel=1e-12)


def test_in_a_training_the_targets_of_a_softmax_add_up_to_one() -> None:
    layers = [{"weights": [[1, 0], [0, 1]], "activation": "softmax"}]
    given = {
        "inputs": [[1, 0], [0, 1]], "targets": [[1, 0], [1, 1]], "layers": layers,
        "loss": "cross_entropy", "rate": 0.1,
    }  # fmt: skip
    text = json.dumps({"kind": "training", "title": "t", "given": given})
    with pytest.raises(ProblemError, match=r"targets\.1: with softmax the targets"):
        solve_text(text)

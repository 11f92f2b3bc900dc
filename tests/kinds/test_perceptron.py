"""The perceptron rule: conventions, its end, and functions that it cannot learn."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.truth.confirmation import doubles
from tests.conftest import solve_text
from tests.kinds.test_optimisation import decimal

INPUTS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def solved(given: dict[str, Any]) -> dict[str, Any]:
    """The answers by their names."""
    verified = solve_text(json.dumps({"kind": "perceptron", "title": "A run", "given": given}))
    known = verified.solution.known
    return {a.name: doubles(known[a.key].true) for a in verified.solution.derivation.answers}


def last(found: dict[str, Any]) -> list[float]:
    count = max(int(name.partition("@")[2]) for name in found)
    return [value for name, value in found.items() if name.endswith(f"@{count}")]


@pytest.mark.parametrize(
    ("fires", "expected"), [("above_0", [2, 1, -2]), ("at_least_0", [2, 1, -3])]
)
def test_and_is_learnt(fires: str, expected: list[float]) -> None:
    given = {
        "inputs": INPUTS,
        "targets": [0, 0, 0, 1],
        "weights": [0, 0],
        "bias": 0,
        "fires": fires,
    }
    assert last(solved(given)) == expected


def test_the_last_epoch_has_no_mistakes() -> None:
    """For random data that a line tells apart; a loop of its own looks at every sample."""
    source = random.Random(5)
    for _ in range(12):
        normal = [source.uniform(-1, 1) for _ in range(3)]
        inputs = [[decimal(source, -2, 2, 1) for _ in range(2)] for _ in range(5)]
        side = [normal[0] * float(a) + normal[1] * float(b) + normal[2] for a, b in inputs]
        if min(map(abs, side)) < 0.2:
            continue
        targets = [1 if s > 0 else -1 for s in side]
        given = {
            "inputs": inputs, "targets": targets, "weights": ["0.1", "-0.2"], "bias": 0, "epochs": 400,
            "rate": "0.5", "fires": "above_0", "correction": source.choice(["error", "target"]),
        }  # fmt: skip
        w_1, w_2, b = last(solved(given))
        for (x_1, x_2), t in zip(inputs, targets, strict=True):
            assert (1 if w_1 * float(x_1) + w_2 * float(x_2) + b > 1e-12 else -1) == t


def test_xor_is_not_learnt() -> None:
    given = {"inputs": INPUTS, "targets": [0, 1, 1, 0], "weights": [0, 0], "bias": 0, "epochs": 15}
    verified = solve_text(json.dumps({"kind": "perceptron", "title": "XOR", "given": given}))
    words = str(verified.solution.parts[-1])
    assert "After 15 epochs there still are mistakes" in words

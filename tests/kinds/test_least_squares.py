"""The normal equations and initial variances, against NumPy, PyTorch and known numbers."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.truth.confirmation import doubles
from tests.conftest import run, solve_text
from tests.kinds.test_optimisation import decimal, near, torch

__all__ = ["torch"]  # a fixture


def solved(kind: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answers by their names, with nothing rounded."""
    verified = solve_text(json.dumps({"kind": kind, "title": "A run", "given": given, **more}))
    known = verified.solution.known
    return {a.name: doubles(known[a.key].true) for a in verified.solution.derivation.answers}


def test_a_line_through_four_points() -> None:
    found = solved("least-squares", {"inputs": [[1], [2], [3], [4]], "targets": [6, 5, 7, 10]})
    assert found["w"] == [3.5, 1.4]
    assert found["E"] == 4.2


def test_the_published_line() -> None:
    """numerade.com prints A, c, their solution -0.6 and 0.7."""
    found = solved("least-squares", {"inputs": [[1], [2], [4], [5]], "targets": [0, 1, 2, 3]})
    assert found["A"] == [[4, 12], [12, 46]]
    assert found["c"] == [6, 25]
    assert found["w"] == [-0.6, 0.7]


@pytest.mark.parametrize("case", range(20))
def test_at_the_solution_the_gradient_is_zero(case: int) -> None:
    source = random.Random(case)
    width = source.randint(1, 4)
    inputs = [[decimal(source, -2, 2, 1) for _ in range(width)] for _ in range(width + 3)]
    targets = [decimal(source, -2, 2, 1) for _ in inputs]
    bias = case % 2 == 0
    found = solved("least-squares", {"inputs": inputs, "targets": targets, "bias": bias})
    rows = [[1.0] * bias + [float(v) for v in row] for row in inputs]
    weights = found["w"] if isinstance(found["w"], list) else [found["w"]]
    rest = [
        sum(w * v for w, v in zip(weights, row, strict=True)) - float(t)
        for row, t in zip(rows, targets, strict=True)
    ]
    for column in range(len(rows[0])):
        assert abs(sum(r * row[column] for r, row in zip(rest, rows, strict=True))) < 1e-9
    assert near(found["E"], sum(r * r for r in rest))


@pytest.mark.parametrize("case", range(20))
def test_a_penalty_is_as_many_rows_more(case: int) -> None:
    """At the solution the gradient 2 Xᵀ (X w - t) + 2 λ w is zero, without λ for a bias that is left out."""
    source = random.Random(f"ridge {case}")
    width, bias = source.randint(1, 3), case % 4 != 0
    of = source.choice(["parameters", "weights"]) if bias else "parameters"
    inputs = [
        [decimal(source, -2, 2, 1) for _ in range(width)] for _ in range(source.randint(1, 4))
    ]
    targets = [decimal(source, -2, 2, 1) for _ in inputs]
    strength = decimal(source, 0.1, 2, 1)
    given = {"inputs": inputs, "targets": targets, "bias": bias}
    found = solved("least-squares", {**given, "penalty": {"strength": strength, "of": of}})
    rows = [[1.0] * bias + [float(v) for v in row] for row in inputs]
    weights = found["w"] if isinstance(found["w"], list) else [found["w"]]
    drawn = [0.0 if of == "weights" and not j else w for j, w in enumerate(weights)]
    rest = [
        sum(w * v for w, v in zip(weights, row, strict=True)) - float(t)
        for row, t in zip(rows, targets, strict=True)
    ]
    for column, w in enumerate(drawn):
        by_errors = sum(r * row[column] for r, row in zip(rest, rows, strict=True))
        assert abs(by_errors + float(strength) * w) < 1e-9
    assert near(found["E"], sum(r * r for r in rest))
    assert near(found["J"], found["E"] + float(strength) * sum(w * w for w in drawn))


def test_a_parabola_by_hand() -> None:
    """Through (0, 1), (1, 2), (2, 5) goes 1 + x²; the points are numbers of one input."""
    given = {"inputs": [0, 1, 2], "targets": [1, 2, 5], "degree": 2}
    found = solved("least-squares", given)
    assert found["w"] == [1, 0, 1]
    assert found["E"] == 0
    assert solved("least-squares", {**given, "inputs": [[0], [1], [2]]}) == found
    assert found["A"] == [[3, 3, 5], [3, 5, 9], [5, 9, 17]]


def test_powers_of_decimals_and_fractions_stay_exact() -> None:
    found = solved(
        "least-squares", {"inputs": ["0.1", "1/3", 1], "targets": [0, 0, 1], "degree": 2}
    )
    assert near(found["A"][2][2], 0.1**4 + (1 / 3) ** 4 + 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"inputs": [[1, 2], [3, 4]], "degree": 2}, "powers are taken of a single input"),
        ({"inputs": [1, 2], "degree": 7}, "found 7, expected at most 6"),
        (
            {"inputs": [1, 2], "bias": False, "penalty": {"strength": 1, "of": "weights"}},
            "there is no bias that could be left out",
        ),
    ],
)
def test_what_does_not_go_together(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solved("least-squares", {**given, "targets": [1, 2]})


@pytest.mark.parametrize(
    ("scheme", "function"),
    [("glorot", "xavier_uniform_"), ("he", "kaiming_uniform_")],
)
def test_the_bounds_are_pytorchs(scheme: str, function: str, torch: Any) -> None:
    """The largest of many weights lies just below the bound."""
    given = {"units": [3, 40], "kernel": [5, 5], "scheme": scheme, "distribution": "uniform"}
    bound = solved("initialisation", given)["r_1"]
    torch.manual_seed(1)
    more = {"nonlinearity": "relu"} if scheme == "he" else {}
    weights = getattr(torch.nn.init, function)(torch.empty(40, 3, 5, 5), **more)
    assert 0.995 * bound < weights.abs().max().item() <= bound


def test_variances_by_hand() -> None:
    found = solved("initialisation", {"units": [100, 50], "scheme": "xavier"})
    assert found["V_1"] == 2 / 150
    assert near(found["r_1"], math.sqrt(6 / 150))
    assert solved("initialisation", {"units": [100, 50], "scheme": "lecun"})["s_1"] == 0.1
    assert solved("initialisation", {"units": [8, 2], "scheme": "he"})["s_1"] == 0.5
    assert solved("initialisation", {"units": [2, 8], "scheme": "he_fan_out"})["s_1"] == 0.5


@pytest.mark.parametrize("count", [3, 4])
def test_an_elimination_is_read_back_without_a_complaint(tmp_path: Path, count: int) -> None:
    """What was eliminated is called U and v: A₂₂ stays what it was."""
    rows = [[1, 2, 0], [2, 0, 1], [3, 1, 1], [0, 1, 2], [1, 1, -1]]
    given = {"inputs": [row[: count - 1] for row in rows], "targets": [1, 2, 3, 4, 2.5]}
    problem = tmp_path / "problem.yaml"
    problem.write_text(json.dumps({"kind": "least-squares", "title": "t", "given": given}))
    assert run("solve", str(problem), "--to", "tex", "-o", str(tmp_path)).code == 0
    done = run("check", str(tmp_path / "problem.tex"), "--problem", str(problem), "--json")
    steps = [step for each in json.loads(done.output) for step in each["steps"]]
    assert len(steps) > 20
    assert not [step for step in steps if step["verdict"] in ("wrong", "follows", "unread")]

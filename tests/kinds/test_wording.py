"""Sentences and lines that depend on the numbers: the words fit what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.pipeline import document_of
from derivations.writing.text import write
from tests.conftest import run

COMPARED = """\
kind: comparison
title: t
given:
  first: {{name: A, parameters: {first}}}
  second: {{name: B, parameters: {second}}}
"""
NEURON = """\
kind: neuron-forward
title: t
given: {{w: [1], x: [{x}], activation: {{name: g, piecewise: {branches}}}}}
"""
UP = '[["-1", z <= 0], [z^2, z <= 1], [z, z <= 2], ["4"]]'
DOWN = "[[1, z > 1], [z, z > 0], [0]]"


def shown(source: str, tmp_path: Path) -> str:
    path = tmp_path / "problem.yaml"
    path.write_text(source, encoding="utf-8")
    return write(document_of(path))


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        (200, 50, ["d = P₁ − P₂ = 200 − 50 = 150", "100(1 − P₂/P₁)", "B has 150 parameters fewer"]),
        (50, 200, ["d = P₂ − P₁ = 200 − 50 = 150", "100(P₂/P₁ − 1)", "B has 150 parameters more"]),
    ],
)
def test_a_comparison_takes_the_smaller_model_from_the_larger_one(
    first: int, second: int, lines: list[str], tmp_path: Path
) -> None:
    text = shown(COMPARED.format(first=first, second=second), tmp_path)
    assert all(line in text for line in lines)
    assert "−150" not in text


@pytest.mark.parametrize(
    ("branches", "x", "reason"),
    [
        (UP, "-0.4", "Since −0.4 ≤ 0,"),
        (UP, "0.4", "Since 0 < 0.4 ≤ 1,"),
        (UP, "1.5", "Since 1 < 1.5 ≤ 2,"),
        (UP, "3", "None of the other conditions holds, so"),
        (DOWN, "0.4", "Since 0 < 0.4 ≤ 1,"),
        ("[[0, z < 0], [1, z <= 1], [2]]", "0", "Since 0 ≤ 0 ≤ 1,"),
        ("[[0, z < 0], [1, z == 1], [2]]", "1", "Since 1 = 1,"),
    ],
)
def test_a_branch_is_chosen_between_its_bounds(
    branches: str, x: str, reason: str, tmp_path: Path
) -> None:
    assert reason in shown(NEURON.format(branches=branches, x=x), tmp_path)


UNSOLVED = [
    (
        """\
kind: mcq
title: t
text: q
given: {z: -10}
facts: {y: sigmoid(z)}
options:
  - {text: A, claim: y > 1/2}
  - {text: B, claim: "sigmoid'(z) == y (1 - y)"}
""",
        "8:22: options.1.claim: a value lies so near to a boundary that its digits or its branch cannot be decided",
    ),
    (
        """\
kind: graph
title: t
given: {s: 0, t: 1}
define:
  L: max(0, -t*s)
ask: {gradients: {of: L, by: [s]}}
""",
        "5:6: define.L: its derivative by s: no case of the definition applies",
    ),
    (
        """\
kind: network
title: t
given:
  x: [1]
  layers: [{weights: [[-1]], activation: relu}]
  target: [1]
  loss: binary_cross_entropy
""",
        "7:9: given.loss: the logarithm of 0 does not exist",
    ),
    (
        """\
kind: code-listing
title: t
given: {x: 1}
facts: {y: x + 1}
code: |
  print(3)
shows: ["{y}"]
""",
        "7:9: shows.0: the program does not print '2'; its output begins with '3'",
    ),
    (
        """\
kind: code-listing
title: t
given: {x: 1}
facts: {y: x + 1}
code: |
  x = 1
shows: ["{y}"]
""",
        "7:9: shows.0: the program does not print '2'; it prints nothing",
    ),
]


@pytest.mark.parametrize(("source", "message"), UNSOLVED)
def test_what_is_found_with_the_numbers_put_in_has_its_place(
    source: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text(source, encoding="utf-8")
    done = run("show", str(path))
    assert done.error == f"{path}:{message}\n"
    assert (done.code, done.output) == (2, "")


def test_symbols_beside_a_formula_look_as_in_expressions(tmp_path: Path) -> None:
    source = """\
kind: definition
title: t
content:
  - latex: \\delta_i = w_{ij} \\eta
    where: {delta_i: the error signal, eta: the rate, "w_{ij}": a weight, "\\\\mu": the mean}
"""
    text = shown(source, tmp_path)
    for line in ("δᵢ: the error", "η: the rate", "wᵢⱼ: a weight", "μ: the mean"):
        assert line in text

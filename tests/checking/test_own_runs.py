"""Our own sheets of training runs, checked with their problems: nothing is complained of."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.checking.equality.steps import FOLLOWS, WRONG
from derivations.checking.names.problems import background_of
from derivations.checking.reports import check_document
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.writing.latex import write
from tests.conftest import document_of_one

SOFTMAX = """\
  inputs: [[1, 2], [2, 1], [3, 1], [0, 1]]
  targets: [[1, 0], [0, 1], [1, 0], [0, 1]]
  layers:
    - {weights: [[0.1, 0.2], [0, -0.1]], biases: [0, 0], activation: softmax}
  loss: cross_entropy
  rate: 0.5
"""
XOR = """\
  inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]
  targets: [0, 1, 1, 0]
  layers:
    - {weights: [[0.5, 0.4], [0.9, 1.0]], biases: [-0.8, 0.1], activation: sigmoid}
    - {weights: [[-1.2, 1.1]], biases: [-0.3], activation: sigmoid}
  rate: 0.1
"""
RUNS = {
    "samples-told-in-a-table": SOFTMAX + "  batch: all\n  epochs: 2\n",
    "momentum-and-a-penalty": SOFTMAX
    + "  batch: 2\n  epochs: 2\n  optimiser: {name: momentum, mu: 0.9}\n  penalty: {strength: 0.01}\n",
    "decoupled-decay": SOFTMAX
    + "  batch: 2\n  epochs: 1\n  optimiser: {name: momentum, mu: 0.9}\n"
    + "  penalty: {strength: 0.01, of: weights, form: decoupled}\n",
    "a-target-of-zero": """\
  inputs: [[1, 2], [2, 1], [3, 1]]
  targets: [1, 0, 1]
  layers:
    - {weights: [[0.1, 0.2]], biases: [0], activation: sigmoid}
  loss: binary_cross_entropy
  batch: all
  epochs: 1
  rate: 0.5
""",
    "a-loss-by-cases": """\
  inputs: [1, 2, 3]
  targets: [3, 5, 7]
  layers:
    - {weights: [[0.5]], biases: [0], activation: identity}
  loss: {name: quantile, tau: 0.9}
  epochs: 2
  rate: 0.1
""",
    "updates-left-out": XOR + "  batch: 1\n  epochs: 2\n",
    "a-hidden-layer-by-batches": XOR + "  batch: 2\n  epochs: 2\n  loss: half_squared_error\n",
}


@pytest.mark.parametrize("carry", ["rounded", "exact"])
@pytest.mark.parametrize("name", RUNS)
def test_no_step_of_our_own_is_complained_of(name: str, carry: str, tmp_path: Path) -> None:
    path = tmp_path / "problem.yaml"
    rounding = f"rounding: {{decimals: 4, carry: {carry}}}\n"
    path.write_text(f"kind: training\ntitle: A run\ngiven:\n{RUNS[name]}{rounding}")
    verified = solve(load(path))
    sheet = write(document_of_one(verified))
    sections = check_document(sheet, background_of(verified.solution)).sections
    steps = [step for section in sections for step in section.steps]
    complaints = [(s.latex, s.why) for s in steps if s.verdict in (WRONG, FOLLOWS)]
    assert len(steps) > 60
    assert complaints == []

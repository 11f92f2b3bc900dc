"""A small exam with problems that vary."""

from __future__ import annotations

from pathlib import Path

import pytest

NEURON = """
kind: graph
title: A neuron
text: The neuron {who} has two inputs. Compute its output $y$.
given: {x_1: 0.5, x_2: -1, w_1: 0.2, w_2: 0.4, b: 0.1}
define: {z: w_1*x_1 + w_2*x_2 + b, y: sigmoid(z)}
vary:
  x_1: {decimals: [0.1, 0.9], step: 0.1}
  x_2: {integers: [-3, 3], exclude: [0]}
  w_1: {decimals: [-0.95, 0.95], places: 2, exclude: [0]}
  w_2: {decimals: [-0.95, 0.95], places: 2, exclude: [0]}
  who: {words: [A, B]}
require: [abs(z) < 2]
"""
PRODUCT = """
kind: graph
title: A product
marks: 2
given: {a: 3, b: 4}
define: {p: a*b}
vary:
  a: {integers: [2, 99]}
  b: {integers: [2, 99]}
"""
SUM = PRODUCT.replace("A product", "A sum").replace("p: a*b", "s: a + b")
SQUARE = PRODUCT.replace("A product", "A square").replace("p: a*b", "q: a^2 + b")
EXAM = """
kind: exam
title: A small exam
course: Networks
text: Write the steps down.
sections:
  - title: First section
    problems: [{problem: neuron, marks: 5, space: 4}]
  - problems:
      - {pool: [product, sum, square], draw: 2, marks: 3}
"""


def write_exam(folder: Path) -> Path:
    """The file of the exam, with its problems beside it."""
    texts = {"neuron": NEURON, "product": PRODUCT, "sum": SUM, "square": SQUARE, "exam": EXAM}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    return folder / "exam.yaml"


@pytest.fixture
def exam_path(tmp_path: Path) -> Path:
    """The exam in a folder of its own."""
    (tmp_path / "course").mkdir()
    return write_exam(tmp_path / "course")

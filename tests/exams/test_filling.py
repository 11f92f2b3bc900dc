"""Filled pages are, letter by letter, what the slow road writes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from derivations.exams.filling import Filling, item_of, write_document
from derivations.kinds.base.files import Loaded, check
from derivations.pipeline import solve_for
from derivations.reading import yaml
from derivations.steps.solution import Derivation

NETWORK = """\
kind: network
title: A small network
given:
  x: [0.05, 0.10]
  layers:
    - {{weights: [[0.15, 0.20], [0.25, 0.30]], biases: [0.35, 0.35], activation: {activation}}}
    - {{weights: [[0.40, 0.45]], biases: [0.60], activation: tanh}}
  target: [0.99]
  loss: half_squared_error
ask: {{gradients: true, rate: 0.5}}
rounding: {{{rounding}}}
"""
GRAPH = """\
kind: graph
title: A product
given: {x: 0.3, w: 1.25, t: -2}
define: {z: w*x - t, y: "max(z, 0)", L: (y - t)^2 / 2}
ask: {gradients: {of: L, by: [w]}}
"""


def read(text: str, tmp_path: Path) -> tuple[Derivation, Mapping[str, Any]]:
    path = tmp_path / "problem.yaml"
    path.write_text(text)
    loaded: Loaded = check(yaml.read_file(path, None), "problem")
    return loaded.module.derive(loaded.problem), loaded.module.givens(loaded.problem)


def drawn(given: Mapping[str, Any], count: int, places: int) -> list[dict[str, str]]:
    source = random.Random(20)
    return [
        {name: f"{source.uniform(-1.5, 1.5):.{places}f}" for name in given} for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("activation", "rounding", "places"),
    [
        ("sigmoid", "decimals: 4", 2),
        ("sigmoid", "significant: 3", 3),
        ("relu", "decimals: 3", 1),
        ("sigmoid", "decimals: 2, answer_decimals: 3", 2),
        ("sigmoid", "decimals: 4, carry: exact", 2),
        ("sigmoid", "guard: 2", 2),
        ("relu", "guard: 2", 4),
    ],
)
def test_a_filled_page_is_what_the_writer_prints(
    activation: str, rounding: str, places: int, tmp_path: Path
) -> None:
    text = NETWORK.format(activation=activation, rounding=rounding)
    derivation, given = read(text, tmp_path)
    givens = drawn(given, 25, places)
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    pages = list(filling.fill(givens))
    assert pages == [write_document(item_of(solve_for(derivation, one))) for one in givens]
    if "exact" not in rounding and activation == "sigmoid":
        assert filling.slow < 5  # nearly all went the fast road


def test_a_graph_is_filled_too(tmp_path: Path) -> None:
    derivation, given = read(GRAPH, tmp_path)
    givens = drawn(given, 40, 3)
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    pages = list(filling.fill(givens))
    assert pages == [write_document(item_of(solve_for(derivation, one))) for one in givens]
    assert len(set(pages)) > 30

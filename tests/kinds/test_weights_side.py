"""Weights in front or behind, in kinds whose weights are matrices: the same numbers, turned."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from derivations.formula.evaluation import precision
from derivations.kinds import kind_module
from derivations.models.cells import CELLS
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import doubles
from derivations.truth.judge import ACCEPTED
from derivations.writing import text as text_writer
from tests.conftest import document_of_one, load_text, solve_text
from tests.kinds.test_attention import a_layer, both_roads
from tests.kinds.test_encoder import a_block
from tests.kinds.test_recurrent import a_network, numbers

IN_FRONT, BEHIND = {"weights": "W x + b"}, {"weights": "x W + b"}


def a_dropout(source: random.Random) -> dict[str, Any]:
    """A dense layer and a mask, of one sample or of several in columns."""
    units, width, samples = (source.randint(1, 3) for _ in range(3))
    one = source.random() < 0.5
    shape = (units,) if one else (units, samples)
    return {
        "input": numbers(source, width) if one else numbers(source, width, samples),
        "layer": {
            "W": numbers(source, units, width), "b": numbers(source, units),
            "activation": source.choice(["sigmoid", "tanh", "identity"]),
        },
        "mask": np.array([source.randint(0, 1) for _ in range(int(np.prod(shape)))]).reshape(shape).tolist(),
        "slope": numbers(source, *shape),
    }  # fmt: skip


def problem(kind: str, source: random.Random, cell: str = "") -> dict[str, Any]:
    asked: dict[str, Any] = {"gradients": True}
    if kind == "recurrent":
        given, asked = a_network(cell, source)
    else:
        given = {"attention": a_layer, "encoder-block": a_block, "dropout": a_dropout}[kind](source)
    return {"kind": kind, "title": "A problem", "given": given, "ask": asked}


KINDS = [*(("recurrent", cell) for cell in CELLS), ("attention", ""), ("encoder-block", ""), ("dropout", "")]  # fmt: skip


def values(of: dict[str, Any], notation: dict[str, str]) -> dict[str, Any]:
    text = json.dumps({**of, "notation": notation})
    if of["kind"] == "dropout":  # its layer is evaluated a second time from the definitions alone
        loaded = load_text(text)
        derivation = loaded.module.derive(loaded.problem)
        with precision(128):
            known = substitute_values(derivation, loaded.module.givens(loaded.problem)).known
        return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}
    return both_roads(text)


@pytest.mark.parametrize(("kind", "cell"), KINDS)
def test_the_other_side_has_the_same_numbers_turned(kind: str, cell: str) -> None:
    source = random.Random(f"side {kind} {cell}")
    turned = 0
    for _ in range(15):
        of = problem(kind, source, cell)
        front, behind = values(of, IN_FRONT), values(of, BEHIND)
        assert front.keys() == behind.keys()
        for name, value in front.items():
            one, other = np.squeeze(np.array(value)), np.squeeze(np.array(behind[name]))
            assert np.allclose(one.T, other, rtol=1e-12, atol=1e-14), name
            turned += one.ndim == 2 and not np.array_equal(one, one.T)
    assert turned >= 10


@pytest.mark.parametrize(("kind", "cell"), KINDS)
@pytest.mark.parametrize("notation", [IN_FRONT, BEHIND])
def test_every_line_is_judged_on_either_side(
    kind: str, cell: str, notation: dict[str, str]
) -> None:
    source = random.Random(f"lines {kind} {cell}")
    for detail in ("brief", "standard", "full"):
        of = {**problem(kind, source, cell), "notation": notation, "rounding": {"decimals": 4}}
        lines = solve_text(json.dumps(of), detail=detail).lines
        assert len(lines) > 6
        assert {line.verdict for line in lines} <= ACCEPTED


def shown(source: str) -> str:
    return " ".join(text_writer.write(document_of_one(solve_text(source))).split())


RECURRENT = """\
kind: recurrent
title: Two units
given:
  cell: lstm
  inputs: [[1, 2]]
  W: {f: [[1, 2], [3, 4]], i: [[1, 0], [0, 1]], g: [[1, 0], [0, 1]], o: [[1, 0], [0, 1]]}
  U: {f: [[5, 6], [7, 8]], i: [[1, 0], [0, 1]], g: [[1, 0], [0, 1]], o: [[1, 0], [0, 1]]}
  output: {V: [[2, 3]], b: 1}
  targets: [1]
ask: {gradients: [W_f, V]}
notation: {weights: x W + b, targets: y, layer_brackets: "[]"}
"""


def test_a_cell_with_rows() -> None:
    page = shown(RECURRENT)
    assert "W_f = [[1, 3], [2, 4]]" in page
    assert "a^[f]₁ = x₁ W_f + h₀ U_f" in page or "a⁽ᶠ⁾" not in page
    assert "y\u0302₁ = h₁ V + b_y" in page
    assert "∂L/∂W_f = x₁ᵀ ∂L/∂a" in page
    assert "∂L/∂h₁ = ∂L/∂y\u0302₁·Vᵀ" in page


def test_one_output_of_several_units_has_a_plain_transpose() -> None:
    page = shown(RECURRENT.partition("notation")[0])
    assert "∂L/∂h₁ = ∂L/∂y₁·Vᵀ = " in page
    assert "Vᵀ [1]" not in page


def test_attention_with_columns() -> None:
    source = kind_module("attention").STARTER.replace("slope:", "target:")
    page = shown(source + "notation: {weights: W x + b, targets: y}\n")
    for line in (
        "Q = W_Q X",
        "S = Kᵀ Q/√2",
        "Y\u0302 = V A",
        "∂L/∂W_Q = ∂L/∂Q Xᵀ",
        "W_Q = [[1, 0], [0.5, 1]]",
    ):
        assert line in page
    assert "the softmax runs down the columns" in page


def test_a_block_with_columns() -> None:
    page = shown(kind_module("encoder-block").STARTER + "notation: {weights: W x + b}\n")
    for line in (
        "U = W₁ N₁ + b₁ 𝟏ᵀ",
        "μ₁ = 𝟏ᵀ R₁/3",
        "C₁ = R₁ − 𝟏 μ₁",
        "N₁ = (γ₁ 𝟏ᵀ) ⊙ N\u0302₁ + β₁ 𝟏ᵀ",
    ):
        assert line in page
    assert "s stands in each row of 𝟏 s, and b stands in each column of b 𝟏ᵀ" in page
    assert "∂L/∂W₂ = ∂L/∂E Fᵀ" in page


def test_dropout_with_rows() -> None:
    page = shown(kind_module("dropout").STARTER + "notation: {weights: x W + b}\n")
    assert "z = x W + b" in page
    assert "∂L/∂W = xᵀ ∂L/∂z" in page

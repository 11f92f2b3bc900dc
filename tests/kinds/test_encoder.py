"""The encoder block: against PyTorch where it is installed, both roads, by hand, what is told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from derivations.kinds import kind_module
from derivations.writing import text
from tests.conftest import document_of_one, run, solve_text
from tests.kinds.test_attention import BIASES, both_roads, by_head
from tests.kinds.test_optimisation import torch
from tests.kinds.test_recurrent import compared, numbers

__all__ = ["torch"]  # a fixture

CASES = 200
MATRICES = ("X", "W_Q", "W_K", "W_V", "W_O", "W_1", "W_2")
VECTORS = ("gamma_1", "beta_1", "gamma_2", "beta_2", "b_1", "b_2")
LOSSES = ("half_squared_error", "squared_error", "mean_squared_error")


def problem(given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": "encoder-block", "title": "A block", "given": given, **more})


def a_block(source: random.Random) -> dict[str, Any]:
    """One or several heads, post- or pre-norm, with and without scales, shifts and biases."""
    n, d, heads = source.randint(2, 3), source.randint(2, 4), source.choice([1, 1, 2])
    key, value, inner = source.randint(1, 2), source.randint(1, 2), source.randint(1, 3)
    given: dict[str, Any] = {"X": numbers(source, n, d), "heads": heads}
    given["W_Q"], given["W_K"] = (numbers(source, d, key * heads) for _ in "QK")
    if heads > 1 or source.random() < 0.5:
        given["W_V"] = numbers(source, d, value * heads)
        given["W_O"] = numbers(source, value * heads, d)
    else:
        given["W_V"] = numbers(source, d, d)
    for letter in "QKV":
        if source.random() < 0.4:
            given[f"b_{letter}"] = numbers(source, len(given[f"W_{letter}"][0]))
    if "W_O" in given and source.random() < 0.5:
        given["b_O"] = numbers(source, d)
    given |= {"W_1": numbers(source, d, inner), "W_2": numbers(source, inner, d)}
    for name in VECTORS:
        if source.random() < 0.6:
            given[name] = numbers(source, inner if name == "b_1" else d)
    given["norm"] = source.choice(["post", "pre"])
    given["activation"] = source.choice(["relu", "gelu"])
    given["epsilon"] = source.choice(["1e-5", "0.1"])
    given["mask"] = source.choice(["none", "causal"])
    if source.random() < 0.5:
        given["slope"] = numbers(source, n, d)
    else:
        given |= {"target": numbers(source, n, d), "loss": source.choice(LOSSES)}
    return given


def by_pytorch(torch: Any, given: dict[str, Any]) -> dict[str, Any]:
    """PyTorch's own attention, norms and activations, and its automatic differentiation."""
    F = torch.nn.functional
    leaf = {
        name: torch.tensor(given[name], dtype=torch.float64, requires_grad=True)
        for name in (*MATRICES, *VECTORS, *BIASES) if name in given
    }  # fmt: skip
    x, heads = leaf["X"], given["heads"]

    def normed(rows: Any, k: int) -> Any:
        scale, shift = leaf.get(f"gamma_{k}"), leaf.get(f"beta_{k}")
        return F.layer_norm(rows, rows.shape[1:], scale, shift, float(given["epsilon"]))

    def attended(rows: Any) -> Any:
        q, k, v = (rows @ leaf[f"W_{letter}"] + leaf.get(f"b_{letter}", 0) for letter in "QKV")
        q, k, v = (y.reshape(len(y), heads, -1).transpose(0, 1) for y in (q, k, v))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=given["mask"] == "causal")
        out = out.transpose(0, 1).reshape(len(rows), -1)
        return out @ leaf["W_O"] + leaf.get("b_O", 0) if "W_O" in leaf else out

    def fed(rows: Any) -> Any:
        inner = rows @ leaf["W_1"] + leaf.get("b_1", 0)
        grown = F.relu(inner) if given["activation"] == "relu" else F.gelu(inner)
        return grown @ leaf["W_2"] + leaf.get("b_2", 0)

    if given["norm"] == "post":
        middle = normed(x + attended(x), 1)
        y = normed(middle + fed(middle), 2)
    else:
        middle = x + attended(normed(x, 1))
        y = middle + fed(normed(middle, 2))
    if "slope" in given:
        loss = (torch.tensor(given["slope"], dtype=torch.float64) * y).sum()
    else:
        apart = y - torch.tensor(given["target"], dtype=torch.float64)
        loss = {
            "half_squared_error": (apart**2).sum() / 2, "squared_error": (apart**2).sum(),
            "mean_squared_error": (apart**2).mean(),
        }[given["loss"]]  # fmt: skip
    loss.backward()
    return {"Y": y.tolist(), "L": loss.item(), **by_head(leaf, heads)}


def test_outputs_and_gradients_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("encoder")
    seen = set()
    for _ in range(CASES):
        given = a_block(source)
        mine = both_roads(problem(given, ask={"gradients": True}))
        assert compared(mine, by_pytorch(torch, given)) >= 8
        seen |= {given["norm"], given["activation"], given["heads"], given.get("loss"), *given}
    assert {*BIASES, "post", "pre", "relu", "gelu", 1, 2, None, *LOSSES} <= seen


def test_both_roads_agree_without_pytorch() -> None:
    source = random.Random("roads")
    for _ in range(12):
        assert len(both_roads(problem(a_block(source), ask={"gradients": True}))) >= 20


@pytest.mark.parametrize("inside", ["U", "F", "R_1", "H", "N_1"])
def test_inner_matrices_can_be_asked_for(inside: str) -> None:
    source = random.Random(f"inside {inside}")
    for _ in range(3):
        found = both_roads(problem(a_block(source), ask={"gradients": [inside, "W_1"]}))
        assert f"dL/d{inside}" in found


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_every_line_is_judged(detail: str) -> None:
    source = random.Random("lines")
    for carry in ("exact", "rounded"):
        rounding = {"decimals": 4, "carry": carry}
        source_text = problem(a_block(source), ask={"gradients": True}, rounding=rounding)
        assert len(solve_text(source_text, detail=detail).lines) > 30


def test_a_block_by_hand() -> None:
    """With keys of 0 every token takes the mean of all values; rows of two are ±1 when normalised."""
    given = {
        "X": [[1, 3], [3, 1]], "W_Q": [[1], [1]], "W_K": [[0], [0]], "W_V": [[1, 0], [0, 1]],
        "W_1": [[1], [0]], "W_2": [[2, 0]], "epsilon": 0, "norm": "pre", "target": [[0, 0], [0, 0]],
    }  # fmt: skip
    found = both_roads(problem(given, ask={"gradients": ["W_2"]}))
    assert found["N_1"] == [[-1, 1], [1, -1]]
    assert found["A"] == [[0.5, 0.5], [0.5, 0.5]]
    assert found["H"] == [[0, 0], [0, 0]]
    assert found["E"] == [[0, 0], [2, 0]]
    assert found["Y"] == [[1, 3], [5, 1]]
    assert found["L"] == 18
    assert found["dL/dW_2"] == [[5, 1]]
    after = both_roads(problem({**given, "norm": "post"}))
    assert after["H"] == [[2, 2], [2, 2]]
    assert after["N_1"] == [[-1, 1], [1, -1]]
    assert after["R_2"] == [[-1, 1], [3, -1]]


def test_a_loss_of_attention_is_its_slope() -> None:
    """The gradient of 1/2 ‖Y - T‖² is that of the slope Y - T."""
    source = random.Random("aim")
    given: dict[str, Any] = {"X": numbers(source, 3, 2), "target": numbers(source, 3, 2)}
    given |= {f"W_{letter}": numbers(source, 2, 2) for letter in "QKV"}
    kind, ask = {"kind": "attention", "title": "t"}, {"gradients": True}
    aimed = both_roads(json.dumps({**kind, "given": given, "ask": ask}))
    apart = [
        [y - t for y, t in zip(*rows, strict=True)]
        for rows in zip(aimed["Y"], given.pop("target"), strict=True)
    ]
    assert aimed["L"] == pytest.approx(sum(x * x for row in apart for x in row) / 2)
    given["slope"] = [[f"{x:.17f}" for x in row] for row in apart]
    sloped = both_roads(json.dumps({**kind, "given": given, "ask": ask}))
    for name in aimed:
        if name.startswith("dL"):
            for one, other in zip(aimed[name], sloped[name], strict=True):
                assert one == pytest.approx(other), name


def test_the_sheet_says_which_norm() -> None:
    given = a_block(random.Random("words"))
    pages = [
        text.write(document_of_one(solve_text(problem({**given, "norm": norm}))))
        for norm in ("post", "pre")
    ]
    assert "(post-norm)" in pages[0]
    assert "(pre-norm)" in pages[1]


def test_a_transpose_is_read_where_the_target_is_called_t(tmp_path: Path) -> None:
    """The sheet has a matrix T; an upright T above still turns a matrix round."""
    problem_file = tmp_path / "problem.yaml"
    problem_file.write_text(kind_module("encoder-block").STARTER, encoding="utf-8")
    assert run("solve", str(problem_file), "--to", "tex", "-o", str(tmp_path)).code == 0
    done = run("check", str(tmp_path / "problem.tex"), "--problem", str(problem_file), "--json")
    steps = [step for each in json.loads(done.output) for step in each["steps"]]
    assert "wrong" not in {step["verdict"] for step in steps}
    assert not [step for step in steps if "single number" in step["why"]]

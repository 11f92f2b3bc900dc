"""Attention: against PyTorch where it is installed, masks, heads, what is told."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.formula.evaluation import precision
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import confirm_answers, doubles
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import torch
from tests.kinds.test_recurrent import compared, numbers

__all__ = ["torch"]  # a fixture

CASES = 200
WEIGHTS = ("W_Q", "W_K", "W_V", "W_O")
BIASES = ("b_Q", "b_K", "b_V", "b_O")


def problem(given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": "attention", "title": "Attention", "given": given, **more})


def both_roads(text: str) -> dict[str, Any]:
    """The answers of the first road, nothing rounded, after a look at the second."""
    loaded = load_text(text)
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        solution = substitute_values(derivation, loaded.module.givens(loaded.problem))
    second = loaded.module.expected(loaded.problem)
    assert {answer.name for answer in derivation.answers} == set(second)
    confirm_answers(solution, second)
    known = solution.known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


def a_layer(source: random.Random) -> dict[str, Any]:
    """Self- or cross-attention of one or several heads, or Q, K and V themselves."""
    n, m, d = source.randint(2, 4), source.randint(2, 4), source.randint(2, 3)
    width = source.randint(1, 2)
    given: dict[str, Any] = {}
    if source.random() < 0.3:
        given = {"Q": numbers(source, n, d), "K": numbers(source, m, d), "V": numbers(source, m, 2)}
        columns = 2
    else:
        heads = source.randint(1, 3)
        given = {"X": numbers(source, n, d), "heads": heads}
        if source.random() < 0.4:
            given["memory"] = numbers(source, m, d)
        else:
            m = n
        for name in ("W_Q", "W_K", "W_V"):
            given[name] = numbers(source, d, width * heads)
            if source.random() < 0.4:
                given[f"b{name[1:]}"] = numbers(source, width * heads)
        columns = width * heads
        if heads > 1 or source.random() < 0.3:
            columns = source.randint(2, 3)
            given["W_O"] = numbers(source, width * heads, columns)
            if source.random() < 0.5:
                given["b_O"] = numbers(source, columns)
    given["scale"] = source.choice(["sqrt", "none", 2])
    mask = source.choice(["none", "causal", "given"])
    if mask == "causal" and n == m:
        given["mask"] = "causal"
    elif mask == "given":
        rows = [[source.randint(0, 1) for _ in range(m)] for _ in range(n)]
        for row in rows:
            row[source.randrange(m)] = 1
        given["mask"] = rows
    given["slope"] = numbers(source, n, columns)
    return given


def by_pytorch(torch: Any, given: dict[str, Any]) -> dict[str, Any]:
    """PyTorch's own scaled dot-product attention, head by head, and its automatic differentiation."""
    leaf = {
        name: torch.tensor(given[name], dtype=torch.float64, requires_grad=True)
        for name in (*"QKVX", "memory", *WEIGHTS, *BIASES) if name in given
    }  # fmt: skip
    heads, source = given.get("heads", 1), leaf.get("memory", leaf.get("X"))
    q = leaf["Q"] if "Q" in leaf else leaf["X"] @ leaf["W_Q"] + leaf.get("b_Q", 0)
    k = leaf["K"] if "K" in leaf else source @ leaf["W_K"] + leaf.get("b_K", 0)
    v = leaf["V"] if "V" in leaf else source @ leaf["W_V"] + leaf.get("b_V", 0)
    q, k, v = (x.reshape(len(x), heads, -1).transpose(0, 1) for x in (q, k, v))
    scale = {"sqrt": q.shape[-1] ** -0.5, "none": 1.0}.get(given["scale"], 0.5)
    mask = given.get("mask")
    seen = None if mask in (None, "causal") else torch.tensor(mask) > 0
    out = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=seen, is_causal=mask == "causal", scale=scale
    )
    out = out.transpose(0, 1).reshape(out.shape[1], -1)
    if "W_O" in leaf:
        out = out @ leaf["W_O"] + leaf.get("b_O", 0)
    loss = (torch.tensor(given["slope"], dtype=torch.float64) * out).sum()
    loss.backward()
    return {"Y": out.tolist(), "L": loss.item(), **by_head(leaf, heads)}


def by_head(leaf: dict[str, Any], heads: int) -> dict[str, Any]:
    """The gradients by their names; those of several heads in parts."""
    found = {}
    for name, x in leaf.items():
        if heads > 1 and name in (*WEIGHTS, *BIASES[:3]):
            parts = x.grad.chunk(heads, dim=1 if name in WEIGHTS[:3] else 0)
            found |= {f"dL/d{name}__{h}": part.tolist() for h, part in enumerate(parts, 1)}
        else:
            found[f"dL/d{'Z' if name == 'memory' else name}"] = x.grad.tolist()
    return found


def test_outputs_and_gradients_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("attention")
    seen = set()
    for _ in range(CASES):
        given = a_layer(source)
        mine = both_roads(problem(given, ask={"gradients": True}))
        assert compared(mine, by_pytorch(torch, given)) >= 5
        seen |= {str(given.get("mask"))[:1], str(given.get("heads")), *given}
    assert {"N", "c", "[", "1", "2", "3", *BIASES} <= seen


def test_both_roads_agree_without_pytorch() -> None:
    source = random.Random("roads")
    for _ in range(20):
        assert len(both_roads(problem(a_layer(source), ask={"gradients": True}))) >= 6


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_every_line_is_judged(detail: str) -> None:
    source = random.Random("lines")
    for _ in range(4):
        text = problem(a_layer(source), ask={"gradients": True}, rounding={"decimals": 4})
        assert len(solve_text(text, detail=detail).lines) > 8


def test_a_hidden_key_has_no_weight_and_no_gradient() -> None:
    given = {
        "Q": [[1, 2], [0, 1]], "K": [[1, 0], [3, 1]], "V": [[1], [2]],
        "mask": [[1, 0], [1, 1]], "slope": [[1], [0]],
    }  # fmt: skip
    found = both_roads(problem(given, ask={"gradients": True}))
    assert found["A"][0] == [1, 0]
    assert found["dL/dK"][1] == [0, 0]
    assert found["dL/dV"] == [[1], [0]]

"""Normalisation against PyTorch where it is installed; conventions; what is refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.errors import ProblemError
from tests.conftest import solve_text
from tests.kinds.test_loss import tensor, values_of
from tests.kinds.test_optimisation import decimal, near, torch

__all__ = ["torch"]  # a fixture

CASES = 200
LAYERS = ("batch", "layer", "instance", "group", "rms")
Given = dict[str, Any]


def problem(given: Given, **more: Any) -> str:
    return json.dumps({"kind": "normalisation", "title": "A layer", "given": given, **more})


def a_layer(source: random.Random, layer: str, free: bool = False) -> Given:
    """A layer with its input; ``free``: with conventions that PyTorch does not have."""
    channels, places = source.choice([2, 4]), source.randint(2, 3)
    width = channels * places if layer in ("instance", "group") else source.randint(2, 4)
    rows = source.randint(2, 4)

    def numbers() -> Any:
        return [[decimal(source, -3, 3) for _ in range(width)] for _ in range(rows)]

    given: Given = {"layer": layer, "input": numbers(), "upstream": numbers()}
    given["epsilon"] = source.choice(["1e-5", "0.01", "0.5"])
    if layer in ("instance", "group"):
        given["channels"] = channels
    if layer == "group":
        given["groups"] = source.choice([1, 2])
    scales = channels if layer in ("instance", "group") else width
    if source.random() < 0.7:
        given["gamma"] = [decimal(source, -2, 2) for _ in range(scales)]
        if layer != "rms":
            given["beta"] = [decimal(source, -2, 2) for _ in range(scales)]
    if layer == "batch" and source.random() < 0.7:
        given["running"] = {
            "mean": [decimal(source, -1, 1) for _ in range(width)],
            "variance": [decimal(source, 0.1, 2) for _ in range(width)],
            "momentum": decimal(source, 0.05, 0.95),
        }
        given["mode"] = source.choice(["training", "inference"])
        if free:
            given["running"]["momentum_of"] = source.choice(["new", "old"])
            given["running"]["variance_of_batch"] = source.choice(["biased", "unbiased"])
    if free and layer != "rms":
        given["variance"] = source.choice(["biased", "unbiased"])
    return given


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_that_of_pytorch(torch: Any, layer: str) -> None:
    source = random.Random(f"normalise {layer}")
    F = torch.nn.functional
    for case in range(CASES):
        given = a_layer(source, layer)
        found = values_of(problem(given))
        x = tensor(torch, given["input"], requires_grad=True)
        parts: dict[str, Any] = {
            name: torch.tensor([float(v) for v in given[name]], requires_grad=True)
            for name in ("gamma", "beta")
            if name in given
        }
        w, b, eps = parts.get("gamma"), parts.get("beta"), float(given["epsilon"])
        running: Any = given.get("running")
        mean = spread = None
        if running:
            mean, spread = (
                torch.tensor([float(v) for v in running[name]]) for name in ("mean", "variance")
            )
        if layer == "batch":
            y = F.batch_norm(
                x, mean, spread, w, b, training=given.get("mode") != "inference",
                momentum=float(running["momentum"]) if running else 0.1, eps=eps,
            )  # fmt: skip
        elif layer == "layer":
            y = F.layer_norm(x, x.shape[1:], w, b, eps)
        elif layer == "rms":
            y = F.rms_norm(x, x.shape[1:], w, eps)
        else:
            maps = x.reshape(len(x), given["channels"], -1)
            if layer == "instance":
                y = F.instance_norm(maps, weight=w, bias=b, eps=eps)
            else:
                y = F.group_norm(maps, given["groups"], w, b, eps)
        y = y.reshape(x.shape)
        (y * tensor(torch, given["upstream"])).sum().backward()
        wanted = dict(table("y_{}_{}", y.tolist())) | dict(table("dL/dx_{}_{}", x.grad.tolist()))
        for name, part in parts.items():
            wanted |= {f"dL/d{name}_{k}": v for k, v in enumerate(part.grad.tolist(), 1)}
        if running and given["mode"] == "training":
            wanted |= {f"m_{k}_new": v for k, v in enumerate(mean.tolist(), 1)}
            wanted |= {f"r_{k}_new": v for k, v in enumerate(spread.tolist(), 1)}
        assert set(wanted) == set(found)
        for name, value in wanted.items():
            assert near(found[name], value), (case, name, given)


def table(pattern: str, rows: Any) -> list[tuple[str, float]]:
    return [
        (pattern.format(i, j), value)
        for i, row in enumerate(rows, 1)
        for j, value in enumerate(row, 1)
    ]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("case", range(4))
def test_a_layer_is_solved_and_confirmed(layer: str, case: int) -> None:
    """With every convention: each line judged, all values confirmed by the Jacobian in NumPy."""
    given = a_layer(random.Random(f"{layer} {case}"), layer, True)
    assert len(solve_text(problem(given)).lines) > 5


def test_the_two_momenta_are_one_minus_each_other() -> None:
    running = {"mean": [1], "variance": [2], "momentum": 0.9, "momentum_of": "old"}
    given = {"layer": "batch", "input": [[1], [4]], "running": running}
    turned = {**given, "running": {**running, "momentum": 0.1, "momentum_of": "new"}}
    assert values_of(problem(given)) == pytest.approx(values_of(problem(turned)))
    assert values_of(problem(given))["m_1_new"] == 1.15


def test_maps_in_lists_of_their_own_are_told_how_they_are_written() -> None:
    maps = [[[1, 2], [3, 4]], [[5, 6], [7, 9]]]
    given = {"layer": "batch", "input": maps}
    told = "found 3 levels of lists, expected a row for each sample.*'channels: 2'"
    with pytest.raises(ProblemError, match=told):
        solve_text(json.dumps({"kind": "normalisation", "title": "t", "given": given}))

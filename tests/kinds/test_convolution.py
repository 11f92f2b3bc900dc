"""Convolution and pooling: against PyTorch where it is installed, by both roads, what is told."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.formula.evaluation import precision
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import confirm_answers, confirm_values, doubles
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import NEAR, torch

__all__ = ["torch"]  # a fixture

CASES = 200  # of each family
FAMILIES = ("convolution", "transposed")
MODES = ("max", "average")
SHAPES = {"upstream", "half_squared_error", "squared_error", "mean_squared_error"}


def problem(kind: str, given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": kind, "title": "A layer", "given": given, **more})


def both_roads(text: str) -> dict[str, Any]:
    """The answers of the first road, nothing rounded, after a look at both second ones."""
    loaded = load_text(text)
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        solution = substitute_values(derivation, loaded.module.givens(loaded.problem))
    confirm_values(solution)
    second = loaded.module.expected(loaded.problem)
    names = {answer.name for answer in derivation.answers}
    assert {n for n in names if n.startswith(("output", "dL/d", "L"))} <= {*second, "output size"}
    confirm_answers(solution, second)
    known = solution.known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


def numbers(source: random.Random, *sizes: int) -> Any:
    if not sizes:
        return source.choice([source.randint(-3, 3), round(source.uniform(-2, 2), 2)])
    return [numbers(source, *sizes[1:]) for _ in range(sizes[0])]


def a_window(source: random.Random, axes: int, most: int) -> dict[str, Any]:
    """Size, stride, dilation and padding for every axis."""
    kernel = [source.randint(1, 3) for _ in range(axes)]
    return {
        "kernel": kernel,
        "stride": [source.randint(1, most) for _ in range(axes)],
        "dilation": [source.choice([1, 1, 2]) for _ in range(axes)],
    }


def with_loss(source: random.Random, given: dict[str, Any], like: Any) -> dict[str, Any]:
    """A gradient that is given, or a loss."""
    loss = source.choice(sorted(SHAPES))
    values = numbers(source, *like)
    return given | (
        {"upstream": values} if loss == "upstream" else {"targets": values, "loss": loss}
    )


def slopes(torch: Any, y: Any, given: dict[str, Any]) -> Any:
    if "upstream" in given:
        return (y * tensor(torch, given["upstream"])).sum()
    squares = (y - tensor(torch, given["targets"])) ** 2
    return {
        "half_squared_error": lambda: squares.sum() / 2,
        "squared_error": lambda: squares.sum(),
        "mean_squared_error": lambda: squares.mean(),
    }[given["loss"]]()


def tensor(torch: Any, values: Any, grad: bool = False) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=grad)


def padded(torch: Any, x: Any, edges: list[list[int]], value: float = 0.0) -> Any:
    """PyTorch pads from the last axis on."""
    return torch.nn.functional.pad(x, [n for edge in edges[::-1] for n in edge], value=value)


def same_edges(space: list[int], window: dict[str, Any]) -> list[list[int]]:
    """As TensorFlow's notes on padding have it."""
    found = []
    each = zip(space, window["kernel"], window["stride"], window["dilation"], strict=True)
    for n, k, s, d in each:
        extent = (k - 1) * d + 1
        total = max(extent - s, 0) if n % s == 0 else max(extent - n % s, 0)
        found.append([total // 2, total - total // 2])
    return found


def sliced(name: str, values: Any) -> dict[str, Any]:
    """Matrices or vectors of an array with two leading axes, under the names of their answers."""
    joint = "_" if "/d" in name else ","
    lead = "_" if "/d" in name else " "
    return {
        f"{name}{lead}{i}{joint}{j}": part.tolist()
        for i, row in enumerate(values, 1)
        for j, part in enumerate(row, 1)
    }


def flat(value: Any) -> list[float]:
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


def compared(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert theirs
    assert set(theirs) <= set(mine), set(theirs) - set(mine)
    for name, value in theirs.items():
        a, b = flat(mine[name]), flat(value)
        assert len(a) == len(b), name
        for x, y in zip(a, b, strict=True):
            assert abs(x - y) <= NEAR * max(1, abs(y)), (name, x, y)


def space_for(source: random.Random, window: dict[str, Any]) -> list[int]:
    return [
        (k - 1) * d + 1 + source.randint(0, 2)
        for k, d in zip(window["kernel"], window["dilation"], strict=True)
    ]


def a_convolution(source: random.Random, transposed: bool) -> dict[str, Any]:
    """Samples, channels, filters, groups and a window; no loss yet."""
    axes, groups = source.choice([1, 2, 2]), source.choice([1, 1, 1, 2])
    window = a_window(source, axes, 3)
    channels, filters = groups * source.randint(1, 2), groups * source.randint(1, 2)
    space = [source.randint(1, 3) for _ in range(axes)]
    if not transposed:
        space = space_for(source, window)
    first, second = (channels, filters // groups) if transposed else (filters, channels // groups)
    given: dict[str, Any] = {
        "axes": axes,
        "input": numbers(source, source.randint(1, 2), channels, *space),
        "stride": window["stride"],
        "dilation": window["dilation"],
        "groups": groups,
        "kernel": numbers(source, first, second, *window["kernel"]),
        "mode": source.choice(["cross-correlation", "convolution"]),
    }
    if source.random() < 0.6:
        given["bias"] = numbers(source, filters)
    if transposed:
        given["transposed"] = True
        extents = zip(window["kernel"], window["dilation"], strict=True)
        given["padding"] = [
            source.randint(0, max(0, ((n - 1) * s + (k - 1) * d) // 2))
            for n, s, (k, d) in zip(space, window["stride"], extents, strict=True)
        ]
        given["output_padding"] = [source.randint(0, s - 1) for s in window["stride"]]
        return given
    given["padding"] = source.choice(
        ["same", "valid", [[source.randint(0, 2), source.randint(0, 2)] for _ in range(axes)]]
    )
    if source.random() < 0.1:
        given |= {"padding": 0, "full": True}
    return given


def convolved(torch: Any, given: dict[str, Any], x: Any, k: Any, b: Any) -> Any:
    axes = given["axes"]
    space = tuple(range(2, 2 + axes))
    functional = torch.nn.functional
    if given["mode"] == "convolution":
        k = k.flip(space)
    window = {"stride": given["stride"], "dilation": given["dilation"], "kernel": k.shape[2:]}
    if given.get("transposed"):
        call = (functional.conv_transpose1d, functional.conv_transpose2d)[axes - 1]
        return call(
            x, k, b, given["stride"], given["padding"], given["output_padding"], given["groups"],
            given["dilation"],
        )  # fmt: skip
    edges = given["padding"]
    if given.get("full"):
        edges = [[(n - 1) * d] * 2 for n, d in zip(k.shape[2:], given["dilation"], strict=True)]
    elif edges == "same":
        edges = same_edges(list(x.shape[2:]), window)
    elif edges == "valid":
        edges = [[0, 0]] * axes
    call = (functional.conv1d, functional.conv2d)[axes - 1]
    return call(
        padded(torch, x, edges), k, b, given["stride"], 0, given["dilation"], given["groups"]
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_convolutions_and_their_gradients_are_those_of_pytorch(family: str, torch: Any) -> None:
    source = random.Random(family)
    seen: set[str] = set()
    for _ in range(CASES):
        given = a_convolution(source, family == "transposed")
        x, k = tensor(torch, given["input"], True), tensor(torch, given["kernel"], True)
        b = tensor(torch, given["bias"], True) if "bias" in given else None
        y = convolved(torch, given, x, k, b)
        given = with_loss(source, given, y.shape)
        loss = slopes(torch, y, given)
        loss.backward()
        theirs = {"L": loss.item(), **sliced("output", y), **sliced("dL/dX", x.grad)}
        theirs |= sliced("dL/dK", k.grad)
        if b is not None:
            theirs |= {f"dL/db_{f}": slope for f, slope in enumerate(b.grad.tolist(), 1)}
        compared(both_roads(problem("conv-numeric", given)), theirs)
        seen |= {given["mode"], f"{given['axes']} axes", f"{given['groups']} groups"}
        seen.add(str(given["padding"]) if isinstance(given["padding"], str) else "numbers")
    assert {"convolution", "cross-correlation", "1 axes", "2 axes", "2 groups", "numbers"} <= seen


def a_pooling(source: random.Random, mode: str) -> dict[str, Any]:
    """A window with equal padding of at most half its size, as PyTorch wants it."""
    axes = source.choice([1, 2, 2])
    window = a_window(source, axes, 3)
    if mode == "average":
        window["dilation"] = [1] * axes
    given: dict[str, Any] = {
        "axes": axes,
        "input": numbers(source, source.randint(1, 2), source.randint(1, 2), *space_for(source, window)),
        "size": window["kernel"], "stride": window["stride"], "dilation": window["dilation"],
        "padding": [source.randint(0, k // 2) for k in window["kernel"]],
        "ceil": source.random() < 0.5, "mode": mode,
    }  # fmt: skip
    if mode == "average":
        given["count_padding"] = source.random() < 0.5
    return given


def pooled(torch: Any, given: dict[str, Any], x: Any) -> Any:
    functional, axes = torch.nn.functional, given["axes"]
    first = (x, given["size"], given["stride"], given["padding"])
    if given["mode"] == "max":
        call = (functional.max_pool1d, functional.max_pool2d)[axes - 1]
        return call(*first, given["dilation"], given["ceil"])
    call = (functional.avg_pool1d, functional.avg_pool2d)[axes - 1]
    return call(*first, given["ceil"], given["count_padding"])


@pytest.mark.parametrize("mode", MODES)
def test_pooling_and_its_gradient_are_those_of_pytorch(mode: str, torch: Any) -> None:
    """Maxima of equal numbers included: half of the inputs are small whole numbers."""
    source = random.Random(mode)
    rounded_up = ties = 0
    for _ in range(CASES):
        given = a_pooling(source, mode)
        x = tensor(torch, given["input"], True)
        y = pooled(torch, given, x)
        plain = pooled(torch, given | {"ceil": False}, x)
        rounded_up += y.shape != plain.shape
        given = with_loss(source, given, y.shape)
        loss = slopes(torch, y, given)
        loss.backward()
        ties += len(set(flat(given["input"]))) < len(flat(given["input"]))
        theirs = {"L": loss.item(), **sliced("output", y), **sliced("dL/dX", x.grad)}
        compared(both_roads(problem("pooling-numeric", given)), theirs)
    assert rounded_up > 15
    assert ties > 50


@pytest.mark.parametrize("family", FAMILIES)
def test_both_roads_agree_without_pytorch(family: str) -> None:
    source = random.Random(f"roads {family}")
    for _ in range(8):
        given = a_convolution(source, family == "transposed") | {"upstream": "0.5"}
        assert both_roads(problem("conv-numeric", given))


@pytest.mark.parametrize("mode", MODES)
def test_both_roads_of_pooling_agree_without_pytorch(mode: str) -> None:
    source = random.Random(f"roads {mode}")
    for _ in range(8):
        given = a_pooling(source, mode) | {"targets": "0.5"}
        assert both_roads(problem("pooling-numeric", given))


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
@pytest.mark.parametrize("family", [*FAMILIES, *MODES])
def test_every_line_is_judged_at_every_detail(family: str, detail: str) -> None:
    source = random.Random(f"lines {family}")
    for _ in range(3):
        if family in MODES:
            text = problem("pooling-numeric", a_pooling(source, family) | {"targets": "0.3"})
        else:
            given = a_convolution(source, family == "transposed") | {"targets": "0.3"}
            text = problem("conv-numeric", given, rounding={"decimals": 2})
        assert len(solve_text(text, detail=detail).lines) >= 5


@pytest.mark.parametrize("targets", ["[2, 1]", "[[[2]], [[1]]]"])
def test_a_map_that_is_pooled_to_one_number_has_one_target(targets: str) -> None:
    verified = solve_text(
        "kind: pooling-numeric\ntitle: t\ngiven: {input: [[[1, 2], [3, 5]], [[0, -1], [2, 2]]],"
        f" size: global, mode: average, targets: {targets}, loss: squared_error}}\n"
    )
    assert verified.solution.known["L"].shown == "0.625"  # (2.75 - 2)^2 + (0.75 - 1)^2

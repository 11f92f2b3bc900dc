"""Training against PyTorch where it is installed; long runs; what is told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.formula.evaluation import precision
from derivations.pipeline import document_of
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import doubles
from derivations.writing.text import write
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import decimal, near, torch

__all__ = ["torch"]  # a fixture

CASES = 200
XOR = {
    "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]],
    "targets": [[0, 1], [1, 0], [1, 0], [0, 1]],
    "layers": [
        {"weights": [[0.5, -0.4], [0.3, 0.8]], "biases": [0.1, -0.2], "activation": "sigmoid"},
        {"weights": [[0.2, -0.6], [-0.7, 0.4]], "biases": [0.1, 0.2], "activation": "sigmoid"},
    ],
    "rate": 0.5,
}


def problem(given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": "training", "title": "A run", "given": given, **more})


def values_of(given: dict[str, Any]) -> dict[str, Any]:
    """The answers of the first road alone, nothing rounded."""
    loaded = load_text(problem(given))
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        known = substitute_values(derivation, loaded.module.givens(loaded.problem)).known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


def a_network(source: random.Random) -> dict[str, Any]:
    """A network with its data, a loss that fits, and an optimiser."""
    sizes = [source.randint(1, 3) for _ in range(source.randint(2, 3))]
    heads = [source.choice(["sigmoid", "tanh", "softplus", "identity"]) for _ in sizes[1:]]
    last = source.choice(["identity", "sigmoid", "softmax"]) if sizes[-1] > 1 else "sigmoid"
    heads[-1] = last
    loss = {"identity": "squared_error", "softmax": "cross_entropy"}.get(
        last, source.choice(["half_squared_error", "binary_cross_entropy", "mean_squared_error"])
    )
    layers = []
    for before, units, head in zip(sizes, sizes[1:], heads, strict=False):
        weights = [[decimal(source, -1, 1) for _ in range(before)] for _ in range(units)]
        biases = {"biases": [decimal(source, -1, 1) for _ in range(units)]}
        layers.append({"weights": weights, "activation": head, **biases})
    count = source.randint(1, 4)
    targets = [[float(source.random() < 0.5) for _ in range(sizes[-1])] for _ in range(count)]
    if last == "softmax":
        targets = [[float(j == s % sizes[-1]) for j in range(sizes[-1])] for s in range(count)]
    penalty: dict[str, Any] = {}
    if source.random() < 0.4:
        penalty = {"strength": decimal(source, 0.01, 0.5), "of": source.choice(PENALISED)}
    return {
        "inputs": [[decimal(source, -1, 1) for _ in range(sizes[0])] for _ in range(count)],
        **({"penalty": penalty} if penalty else {}),
        "targets": targets, "layers": layers, "loss": loss,
        "loss_over_outputs": "sum" if last == "softmax" else source.choice(["sum", "mean"]),
        "loss_over_samples": source.choice(["sum", "mean"]),
        "batch": source.choice(["all", source.randint(1, count)]), "epochs": source.randint(1, 2),
        "optimiser": source.choice(["sgd", {"name": "momentum", "mu": 0.5}, "adam"]),
        "rate": decimal(source, 0.01, 0.5),
    }  # fmt: skip


PENALISED = ("parameters", "weights")
HEADS = ("sigmoid", "tanh", "softplus")


def loss_in(torch: Any, given: dict[str, Any], weights: list[Any], batch: list[int]) -> Any:
    """The loss of a batch by PyTorch."""
    at = torch.tensor([[float(v) for v in given["inputs"][s]] for s in batch])
    wanted = torch.tensor([given["targets"][s] for s in batch])
    for layer, (w, b) in zip(given["layers"], weights, strict=True):
        at = at @ w.T + b
        head = layer["activation"]
        if head in HEADS:
            at = getattr(torch.nn.functional, head)(at)
    if given["loss"] == "cross_entropy":
        each = -(wanted * torch.log_softmax(at, dim=1)).sum(dim=1)
    else:
        by_name = {
            "squared_error": lambda: (at - wanted) ** 2,
            "mean_squared_error": lambda: (at - wanted) ** 2,
            "half_squared_error": lambda: (at - wanted) ** 2 / 2,
            "binary_cross_entropy": lambda: torch.nn.functional.binary_cross_entropy(
                at, wanted, reduction="none"
            ),
        }[given["loss"]]()
        each = by_name.mean(dim=1) if given["loss_over_outputs"] == "mean" else by_name.sum(dim=1)
    return each.mean() if given["loss_over_samples"] == "mean" else each.sum()


def test_training_goes_as_in_pytorch(torch: Any) -> None:
    source = random.Random(6)
    for case in range(CASES):
        given = a_network(source)
        found = values_of(given)
        weights = [
            tuple(
                torch.tensor([[float(v) for v in row] for row in part] if deep else [float(v) for v in part],
                             requires_grad=True)
                for part, deep in ((layer["weights"], True), (layer["biases"], False))
            )
            for layer in given["layers"]
        ]  # fmt: skip
        penalty = given.get("penalty", {"strength": 0, "of": "parameters"})
        decay = float(penalty["strength"])
        flat = [
            {"params": [pair[k] for pair in weights], "weight_decay": decay * (1 - k * alone)}
            for alone in (penalty["of"] == "weights",)
            for k in (0, 1)
        ]
        use = given["optimiser"]
        rate = float(given["rate"])
        if use == "adam":
            optimiser = torch.optim.Adam(flat, lr=rate)
        else:
            momentum = 0.0 if use == "sgd" else 0.5
            optimiser = torch.optim.SGD(flat, lr=rate, momentum=momentum)
        count = len(given["inputs"])
        size = count if given["batch"] == "all" else given["batch"]
        samples = list(range(count))
        batches = [samples[at : at + size] for at in range(0, count, size)]
        for k, batch in enumerate(batches * given["epochs"], 1):
            before = loss_in(torch, given, weights, samples).item()
            if f"E_{k - 1}" in found:
                assert near(found[f"E_{k - 1}"], before), (case, k)
            optimiser.zero_grad()
            loss_in(torch, given, weights, batch).backward()
            optimiser.step()
            for name, value in named(weights):
                if f"{name}@{k}" in found:
                    assert near(found[f"{name}@{k}"], value), (case, k, name)
        assert f"{named(weights)[0][0]}@{len(batches) * given['epochs']}" in found


def named(weights: list[Any]) -> list[tuple[str, float]]:
    """Our names of the entries of weights and biases."""
    found = []
    for at, (w, b) in enumerate(weights, 1):
        level = f"__{at}" if len(weights) > 1 else ""
        for j, row in enumerate(w.tolist(), 1):
            whose = f"_{j}" if len(w) > 1 or len(weights) > 1 else ""
            names = [f"w{level}{whose}_{i}" for i in range(1, len(row) + 1)]
            if len(row) == 1 and not whose:
                names = ["w"]
            found += list(zip(names, row, strict=True))
            found.append((f"b{level}{whose}", b.tolist()[j - 1]))
    return found


@pytest.mark.parametrize("case", range(12))
def test_a_training_is_solved_and_confirmed(case: int) -> None:
    """Each line is judged, and each value found by the network in NumPy."""
    verified = solve_text(problem(a_network(random.Random(case))))
    assert len(verified.lines) > 8


def test_many_parameters_are_given_unit_by_unit(tmp_path: Path) -> None:
    rows = "[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]"
    path = tmp_path / "problem.yaml"
    path.write_text(
        "kind: training\ntitle: t\ngiven:\n  inputs: [[0, 1], [1, 0]]\n  targets: [[1, 0, 0, 1], [0, 0, 1, 1]]\n"
        f"  layers: [{{weights: {rows}, biases: [1, 2, 3, 4], activation: sigmoid}}]\n"
        "  batch: 2\n  epochs: 1\n  optimiser: adam\n  rate: 0.1\nrounding: {decimals: 3}\n"
    )
    page = write(document_of(path))
    assert "- Layer 1, unit 2: w₂₁ = 0.3, w₂₂ = 0.4, b₂ = 2\n" in page
    assert page.count("∂L/∂w₁₁ = (") == 1
    assert "∂L/∂w₁₂ = (" not in page
    assert "The other parameters in the same way" in page


def test_ten_thousand_updates_of_a_small_network() -> None:
    verified = solve_text(problem({**XOR, "batch": 1, "epochs": 2500}))
    known = verified.solution.known
    assert known["E_10000"].shown == "0.00167082"
    assert len(known) < 800
    assert len(verified.lines) < 150


def test_a_long_run_is_the_short_one_gone_on_with() -> None:
    """The recursion and the quantities one by one lead to the same weights."""
    short = values_of({**XOR, "batch": 1, "epochs": 1, "rate": 0.25})
    long = values_of({**XOR, "batch": 1, "epochs": 300, "rate": 0.25})
    for name in ("w__1_1_1@1", "b__2_2@1"):
        assert near(short[name], long[name])
    adam = {**XOR, "optimiser": "adam", "schedule": {"name": "cosine", "over": 50, "warm_up": 3}}
    few = values_of({**adam, "epochs": 3, "rate": 0.05})
    many = values_of({**adam, "epochs": 120, "rate": 0.05})
    assert near(few["E_1"], many["E_1"])


def test_weights_that_do_not_move_stay_exact() -> None:
    """Where everything is 0 no ball comes in, and a rectifier has its branch."""
    given = {
        "inputs": [[0, 0]], "targets": [[0]], "rate": 0.1, "epochs": 5000,
        "layers": [{"weights": [[0, 0]], "biases": [0], "activation": "relu"}],
    }  # fmt: skip
    found = values_of(given)
    assert found["w_1@5000"] == 0


def test_a_penalty_apart_from_the_gradient_leaves_biases_alone() -> None:
    """With gradients of 0 the weights shrink by 1 - ηλ in each update, and the biases stay."""
    still = {
        "inputs": [[1]], "targets": [3], "loss": "squared_error", "rate": 0.5, "epochs": 1,
        "layers": [{"weights": [[2]], "biases": [1], "activation": "identity"}],
    }  # fmt: skip
    for of, bias in (("parameters", 0.95), ("weights", 1.0)):
        penalty = {"strength": 0.1, "form": "decoupled", "of": of}
        found = values_of({**still, "penalty": penalty})
        assert (found["w@1"], found["b@1"]) == (1.9, bias)
        assert solve_text(problem({**still, "penalty": penalty})).lines


SOFT: dict[str, Any] = {
    "inputs": [[1, 2], [2, 1], [3, 1]], "loss": "cross_entropy", "rate": 0.5, "epochs": 2,
    "layers": [{"weights": [[0.1, 0.2], [0, -0.1]], "biases": [0, 0], "activation": "softmax"}],
}  # fmt: skip


@pytest.mark.parametrize("first", [0, 1])
def test_a_class_is_the_output_whose_target_is_1(first: int) -> None:
    classes = [first, first + 1, first]
    found = values_of({**SOFT, "classes": classes, "classes_from": first})
    assert found == values_of({**SOFT, "targets": [[1, 0], [0, 1], [1, 0]]})
    assert solve_text(problem({**SOFT, "classes": classes, "classes_from": first})).lines


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "expected either 'targets' or 'classes'"),
        ({"classes": [1, 2, 1], "targets": [1, 0, 1]}, "expected either 'targets' or 'classes'"),
        ({"classes": [1, 3, 1]}, "found 3, expected a class from 1 to 2; see 'classes_from'"),
        ({"classes": [1, 2]}, "2 targets; expected 3, one for each sample"),
        (
            {"classes": [1, 1, 1], "layers": [{"weights": [[1, 2]]}], "loss": "mse"},
            "a single output has targets 0 and 1, and no classes",
        ),
    ],
)
def test_classes_that_have_no_place(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_text(problem({**SOFT, **more}))


def test_inputs_of_one_number_need_no_brackets() -> None:
    line = {
        "targets": [3, 5],
        "loss": "mse",
        "rate": 0.1,
        "layers": [{"weights": [[1]], "biases": [0], "activation": "identity"}],
    }
    assert values_of({**line, "inputs": [1, 2]}) == values_of({**line, "inputs": [[1], [2]]})

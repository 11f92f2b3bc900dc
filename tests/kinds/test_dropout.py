"""Dropout: against PyTorch where it is installed, both roads, by hand, what is told."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.formula.evaluation import precision
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import confirm_answers, confirm_values, doubles
from derivations.writing import text
from tests.conftest import document_of_one, load_text, solve_text
from tests.kinds.test_optimisation import torch
from tests.kinds.test_recurrent import compared, numbers

__all__ = ["torch"]  # a fixture

CASES = 200


def problem(given: dict[str, Any], **more: Any) -> str:
    ask = {"moments": True, "gradients": "slope" in given}
    return json.dumps({"kind": "dropout", "title": "Dropout", "given": given, "ask": ask, **more})


def values_of(source: str) -> dict[str, Any]:
    """The answers, nothing rounded, after a look at the second road."""
    loaded = load_text(source)
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        solution = substitute_values(derivation, loaded.module.givens(loaded.problem))
    confirm_values(solution)
    confirm_answers(solution, loaded.module.expected(loaded.problem))
    known = solution.known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


def a_case(source: random.Random) -> dict[str, Any]:
    """A vector or a matrix of samples in columns, with or without a layer before."""
    width, units = source.randint(1, 3), source.randint(2, 4)
    columns = (source.randint(2, 3),) if source.random() < 0.5 else ()
    given: dict[str, Any] = {
        "input": numbers(source, units, *columns), "slope": numbers(source, units, *columns),
        "rate": f"{source.uniform(0, 0.9):.2f}", "scaling": source.choice(["inverted", "plain"]),
    }  # fmt: skip
    if source.random() < 0.5:
        given["input"] = numbers(source, width, *columns)
        given["layer"] = {
            "W": numbers(source, units, width),
            "activation": source.choice(["relu", "tanh", "identity"]),
        }
        if source.random() < 0.7:
            given["layer"]["b"] = numbers(source, units)

    def bits(sizes: tuple[int, ...]) -> Any:
        return [bits(sizes[1:]) for _ in range(sizes[0])] if sizes else source.randint(0, 1)

    given["mask"] = bits((units, *columns))
    return given


def by_pytorch(torch: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The mask and the scale as PyTorch's dropout applies them, and automatic differentiation."""
    x = torch.tensor(given["input"], requires_grad=True)
    flat, layer = x.ndim == 1, given.get("layer")
    leaf, h = {}, x
    if layer:
        leaf["W"] = torch.tensor(layer["W"], requires_grad=True)
        h = leaf["W"] @ x
        if "b" in layer:
            leaf["b"] = torch.tensor(layer["b"], requires_grad=True)
            h = h + (leaf["b"] if flat else leaf["b"][:, None])
        h = {"relu": torch.relu, "tanh": torch.tanh}.get(layer["activation"], lambda z: z)(h)
    keep, mask = 1 - float(given["rate"]), torch.tensor(given["mask"])
    inverted = given["scaling"] == "inverted"
    y = h * mask / keep if inverted else h * mask
    loss = (torch.tensor(given["slope"]) * y).sum()
    loss.backward()
    letter = ("x" if layer else "h") if flat else ("X" if layer else "H")
    use = h if inverted else keep * h
    found = {"y": y.tolist(), "L": loss.item(), f"dL/d{letter}": x.grad.tolist()}
    found |= {"y_use": use.tolist(), "mu": use.tolist()}
    return found | {f"dL/d{name}": each.grad.tolist() for name, each in leaf.items()}


def test_outputs_and_gradients_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("dropout")
    for _ in range(CASES):
        given = a_case(source)
        assert compared(values_of(problem(given)), by_pytorch(torch, given)) >= 5


def test_a_mask_that_pytorch_drew_gives_its_output(torch: Any) -> None:
    """`torch.nn.functional.dropout` is inverted dropout, and its rate the probability of dropping."""
    torch.manual_seed(5)
    for rate in (0.2, 0.5, 0.8):
        x = torch.arange(1.0, 11.0)
        y = torch.nn.functional.dropout(x, rate)
        given = {"input": x.tolist(), "mask": [int(v != 0) for v in y.tolist()], "rate": rate}
        assert values_of(problem(given))["y"] == pytest.approx(y.tolist())


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_every_line_is_judged(detail: str) -> None:
    source = random.Random("lines")
    for _ in range(6):
        given = a_case(source)
        found = solve_text(problem(given, rounding={"decimals": 4}), detail=detail)
        assert len(found.lines) >= 8


@pytest.mark.parametrize(
    ("scaling", "training", "use", "slope", "variance"),
    [
        ("inverted", [2.5, 0, 10], [2, 4, 8], [1.25, 0, 1.25], [1, 4, 16]),
        ("plain", [2, 0, 8], [1.6, 3.2, 6.4], [1, 0, 1], [0.64, 2.56, 10.24]),
    ],
)
def test_both_scalings_by_hand(
    scaling: str, training: Any, use: Any, slope: Any, variance: Any
) -> None:
    given = {
        "input": [2, 4, 8], "mask": [1, 0, 1], "rate": 0.2, "scaling": scaling, "slope": [1, 1, 1],
    }  # fmt: skip
    found = values_of(problem(given))
    assert found["y"] == pytest.approx(training)
    assert found["y_use"] == pytest.approx(use)
    assert found["mu"] == pytest.approx(use)
    assert found["v"] == pytest.approx(variance)
    assert found["dL/dh"] == pytest.approx(slope)


def test_the_sheet_says_what_the_rate_is() -> None:
    given = {"input": [[1, 2]], "mask": [[1, 0]], "scaling": "plain"}
    page = " ".join(text.write(document_of_one(solve_text(problem(given)))).split())
    assert "An entry is dropped with the probability p, and kept with q = 1 − p." in page
    assert "all are multiplied by q" in page

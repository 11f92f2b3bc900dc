"""Recurrent cells: against PyTorch where it is installed, the conventions, what is told."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.formula.evaluation import precision
from derivations.models.cells import CELLS
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import close, confirm_answers, doubles
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import NEAR, torch

__all__ = ["torch"]  # a fixture

CASES = 200  # of each cell
LSTM: dict[str, Any] = {
    "cell": "lstm",
    "inputs": [1, 0.5],
    "W": {"f": 0.7, "i": 0.95, "g": 0.45, "o": 0.6},
    "U": {"f": 0.1, "i": 0.8, "g": 0.15, "o": 0.25},
    "b": {"f": 0.15, "i": 0.65, "g": 0.2, "o": 0.1},
    "targets": [0.5, 1.25],
}


def problem(given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": "recurrent", "title": "A run", "given": given, **more})


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


def numbers(source: random.Random, *sizes: int) -> Any:
    if not sizes:
        return round(source.uniform(-1, 1), 3)
    return [numbers(source, *sizes[1:]) for _ in range(sizes[0])]


def a_network(cell: str, source: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Given and asked values of a random network, in every convention that PyTorch has."""
    units, width, steps = source.randint(1, 3), source.randint(1, 3), source.randint(1, 4)
    gates = list(CELLS[cell].gates)

    def each(*sizes: int) -> Any:
        made = {gate: numbers(source, *sizes) for gate in gates}
        return made if cell != "rnn" else made[""]

    given = {
        "cell": cell, "inputs": numbers(source, steps, width),
        "W": each(units, width), "U": each(units, units), "b": each(units),
        "h_0": numbers(source, units),
    }  # fmt: skip
    if cell == "lstm":
        given["c_0"] = numbers(source, units)
        seen = [gate for gate in "fio" if source.random() < 0.5]
        if seen and source.random() < 0.7:
            given["peepholes"] = {gate: numbers(source, units) for gate in seen}
    if cell == "gru":
        given |= {"reset": source.choice(["before", "after"])}
        given |= {"update": source.choice(["keeps", "replaces"])}
    if cell == "rnn":
        given["activation"] = source.choice(["tanh", "relu", "sigmoid", "identity"])
    if source.random() < 0.5:
        given["b_h"] = each(units)
    asked: dict[str, Any] = {"gradients": True}
    if source.random() < 0.2:
        given["slope_h"] = numbers(source, units)
        if cell == "lstm":
            given["slope_c"] = numbers(source, units)
        return given, asked
    outputs = units
    if source.random() < 0.7:
        outputs = source.randint(2, 3)
        head = source.choice(["identity", "sigmoid", "tanh", "softmax"])
        given["output"] = {"V": numbers(source, outputs, units), "activation": head}
        given["output"]["b"] = numbers(source, outputs)
        losses = {
            "sigmoid": ["binary_cross_entropy", "squared_error"],
            "softmax": ["cross_entropy"],
        }
        given["loss"] = source.choice(
            losses.get(head, ["half_squared_error", "mean_squared_error"])
        )
    targets = [[abs(value) for value in numbers(source, outputs)] for _ in range(steps)]
    given["targets"] = [t if source.random() < 0.6 else None for t in targets[:-1]] + [targets[-1]]
    given["loss_over_time"] = source.choice(["sum", "mean"])
    if source.random() < 0.3 and steps > 1:
        asked["truncate"] = source.randint(1, steps - 1)
    return given, asked


def by_pytorch(torch: Any, given: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Loss, states and gradients by automatic differentiation, with the equations of PyTorch's cells."""
    leaf: dict[str, Any] = {}
    for letter in ("W", "U", "b", "b_h"):
        values = given.get(letter)
        for gate, value in (values if isinstance(values, dict) else {"": values}).items():
            if value is not None:
                name = f"{letter}{gate}" if letter == "b_h" else f"{letter}_{gate}".rstrip("_")
                leaf[name] = torch.tensor(value, dtype=torch.float64, requires_grad=True)
    for gate, value in given.get("peepholes", {}).items():
        leaf[f"p_{gate}"] = torch.tensor(value, dtype=torch.float64, requires_grad=True)
    if "output" in given:
        for name, key in (("V", "V"), ("b_y", "b")):
            leaf[name] = torch.tensor(given["output"][key], dtype=torch.float64, requires_grad=True)
    h = torch.tensor(given["h_0"], dtype=torch.float64)
    c = torch.tensor(given.get("c_0", 0.0), dtype=torch.float64)
    outputs: list[Any] = []
    found: dict[str, Any] = {}
    for t, row in enumerate(given["inputs"], 1):
        cut = asked.get("truncate")
        if cut and t > 1 and (t - 1) % cut == 0:
            h, c = h.detach(), c.detach()
        h, c = _cell(torch, given, leaf, torch.tensor(row, dtype=torch.float64), h, c)
        found[f"h_{t}"] = h.tolist()
        outputs.append(h)
    loss = _loss(torch, given, leaf, outputs, h, c)
    loss.backward()
    found["L"] = loss.item()
    return found | {
        f"dL/d{name}": x.grad.tolist() for name, x in leaf.items() if x.grad is not None
    }


def _cell(torch: Any, given: dict[str, Any], leaf: Any, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """PyTorch's own cell where it has the convention, else its equations."""
    cell, zero = given["cell"], torch.zeros_like(h)
    native = cell != "gru" or (given["reset"], given["update"]) == ("after", "keeps")
    native = native and "peepholes" not in given
    if native and given.get("activation", "tanh") in ("tanh", "relu"):
        order = {"rnn": [""], "lstm": ["_i", "_f", "_g", "_o"], "gru": ["_r", "_z", "_n"]}[cell]
        stacked = [torch.cat([leaf[letter + gate] for gate in order]) for letter in "WUb"]
        late = torch.cat([leaf.get("b_h" + gate[1:], zero) for gate in order])
        arguments = (x, (h, c) if cell == "lstm" else h, *stacked[:2], stacked[2], late)
        if cell == "lstm":
            return torch._VF.lstm_cell(x[None], (h[None], c[None]), *arguments[2:])[0][0], (
                torch._VF.lstm_cell(x[None], (h[None], c[None]), *arguments[2:])[1][0]
            )
        if cell == "gru":
            return torch._VF.gru_cell(x[None], h[None], *arguments[2:])[0], c
        name = "rnn_relu_cell" if given["activation"] == "relu" else "rnn_tanh_cell"
        return getattr(torch._VF, name)(x[None], h[None], *arguments[2:])[0], c

    def pre(gate: str, state: Any) -> tuple[Any, Any]:
        inner = leaf[f"U_{gate}".rstrip("_")] @ state + leaf.get(f"b_h{gate}", zero)
        return leaf[f"W_{gate}".rstrip("_")] @ x + leaf[f"b_{gate}".rstrip("_")], inner

    if cell == "rnn":
        return {"sigmoid": torch.sigmoid, "identity": lambda a: a}[given["activation"]](
            sum(pre("", h))
        ), c
    if cell == "lstm":
        f, i = (torch.sigmoid(sum(pre(k, h)) + leaf.get(f"p_{k}", zero) * c) for k in "fi")
        c = f * c + i * torch.tanh(sum(pre("g", h)))
        o = torch.sigmoid(sum(pre("o", h)) + leaf.get("p_o", zero) * c)
        return o * torch.tanh(c), c
    r, z = torch.sigmoid(sum(pre("r", h))), torch.sigmoid(sum(pre("z", h)))
    first, inner = pre("n", r * h if given["reset"] == "before" else h)
    n = torch.tanh(first + (inner if given["reset"] == "before" else r * inner))
    return (z * h + (1 - z) * n if given["update"] == "keeps" else (1 - z) * h + z * n), c


def _loss(torch: Any, given: dict[str, Any], leaf: Any, states: list[Any], h: Any, c: Any) -> Any:
    if "slope_h" in given:
        total = (torch.tensor(given["slope_h"], dtype=torch.float64) * h).sum()
        if "slope_c" in given:
            total = total + (torch.tensor(given["slope_c"], dtype=torch.float64) * c).sum()
        return total
    each = []
    for h_t, target in zip(states, given["targets"], strict=True):
        if target is None:
            continue
        t = torch.tensor(target, dtype=torch.float64)
        y = h_t
        if "output" in given:
            y = leaf["V"] @ h_t + leaf["b_y"]
            head = given["output"]["activation"]
            if head != "identity":
                y = torch.softmax(y, 0) if head == "softmax" else getattr(torch, head)(y)
        each.append({
            "half_squared_error": lambda y, t: ((y - t) ** 2).sum() / 2,
            "squared_error": lambda y, t: ((y - t) ** 2).sum(),
            "mean_squared_error": torch.nn.functional.mse_loss,
            "cross_entropy": lambda y, t: -(t * torch.log(y)).sum(),
            "binary_cross_entropy": lambda y, t: torch.nn.functional.binary_cross_entropy(
                y, t, reduction="sum"
            ),
        }[given.get("loss", "half_squared_error")](y, t))  # fmt: skip
    return sum(each) / (len(each) if given["loss_over_time"] == "mean" else 1)


def compared(mine: dict[str, Any], theirs: dict[str, Any]) -> int:
    """How many values agree; all that both have must."""
    mine, theirs = ({n.lower(): v for n, v in each.items()} for each in (mine, theirs))
    assert set(theirs) <= set(mine), set(theirs) - set(mine)
    names = set(theirs)
    for name in names:
        a, b = flat(mine[name]), flat(theirs[name])
        assert len(a) == len(b), name
        for x, y in zip(a, b, strict=True):
            assert abs(x - y) <= NEAR * max(1, abs(y)), (name, x, y)
    return len(names)


def flat(value: Any) -> list[float]:
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gradients_are_those_of_pytorch(cell: str, torch: Any) -> None:
    source = random.Random(f"recurrent {cell}")
    cut = 0
    for _ in range(CASES):
        given, asked = a_network(cell, source)
        theirs = by_pytorch(torch, given, asked)
        mine = both_roads(problem(given, ask=asked))
        assert compared(mine, theirs) >= 5
        cut += "truncate" in asked
    assert cut > 10


@pytest.mark.parametrize("cell", CELLS)
def test_both_roads_agree_without_pytorch(cell: str) -> None:
    source = random.Random(f"roads {cell}")
    for _ in range(6):
        given, asked = a_network(cell, source)
        assert len(both_roads(problem(given, ask=asked))) >= 5


def test_numbers_and_matrices_of_one_entry_say_the_same() -> None:
    wide = {
        **LSTM,
        "inputs": [[1], [0.5]],
        "W": {gate: [[value]] for gate, value in LSTM["W"].items()},
        "U": {gate: [[value]] for gate, value in LSTM["U"].items()},
        "b": {gate: [value] for gate, value in LSTM["b"].items()},
        "targets": [[0.5], [1.25]],
    }
    asked = {"gradients": True}
    one = both_roads(problem(LSTM, ask=asked))
    many = both_roads(problem(wide, ask=asked))
    assert close(one["dL/dw_i"], flat(many["dL/dW_i"])[0])
    assert close(one["c_2"], many["c_2"])


def test_truncation_cuts_the_path_through_time() -> None:
    whole = both_roads(problem(LSTM, ask={"gradients": True}))
    cut = both_roads(problem(LSTM, ask={"gradients": True, "truncate": 1}))
    assert whole["L"] == cut["L"]
    assert whole["dL/du_f"] == cut["dL/du_f"]  # only at the last step, for h_0 is 0
    assert abs(whole["dL/dw_i"] - cut["dL/dw_i"]) > 0.01


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_line_is_judged_at_every_detail(cell: str, detail: str) -> None:
    source = random.Random(f"lines {cell}")
    given, asked = a_network(cell, source)
    rounding = {"decimals": 4, "carry": "exact"}
    verified = solve_text(problem(given, ask=asked, rounding=rounding), detail=detail)
    assert len(verified.lines) > (5 if detail == "brief" else 15)


def test_a_long_sequence_is_told_in_tables() -> None:
    source = random.Random("long")
    given = {
        "cell": "gru", "inputs": numbers(source, 10, 2), "slope_h": [1, 0.5],
        "W": {gate: numbers(source, 2, 2) for gate in "rzn"},
        "U": {gate: numbers(source, 2, 2) for gate in "rzn"},
    }  # fmt: skip
    asked = {"gradients": ["U_n"]}
    short = solve_text(problem(given, ask=asked))
    full = solve_text(problem(given, ask=asked), detail="full")
    assert len(short.lines) * 3 < len(full.lines)


def test_the_output_gate_sees_the_new_memory() -> None:
    """With weights of 0 half of the memory 2 is kept, and o = σ(3 · 1), not σ(3 · 2)."""
    zeros = dict.fromkeys("figo", 0)
    given = {
        "cell": "lstm", "inputs": [0], "W": zeros, "U": zeros, "c_0": 2,
        "b": {"f": 0, "i": 0, "g": 0, "o": 0}, "peepholes": {"f": 0, "o": 3},
    }  # fmt: skip
    found = both_roads(problem(given))
    assert found["f_1"] == 0.5
    assert found["c_1"] == 1
    assert close(found["o_1"], 1 / (1 + math.exp(-3)))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"cell": "rnn", "W": 1, "U": 1, "b": 0, "peepholes": {"f": 1}},
            "only an LSTM has peepholes",
        ),
        ({"peepholes": {"g": 1}}, "expected a mapping with some of the gates f, i and o"),
        ({"peepholes": 1}, "expected a mapping with some of the gates f, i and o"),
        ({"peepholes": {"o": [1, 2]}}, "found a vector of 2, expected a scalar"),
    ],
)
def test_peepholes_that_have_no_place(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_text(problem({**LSTM, **more}))


SPELLING: dict[str, Any] = {
    "cell": "rnn", "inputs": [[1, 0], [0, 1], [1, 1]], "W": [[0.1, 0.2]], "U": 0.5,
    "output": {"V": [1, -1, 0.5], "activation": "softmax"}, "loss": "cross_entropy",
}  # fmt: skip


@pytest.mark.parametrize("first", [0, 1])
def test_a_class_is_the_output_whose_target_is_1(first: int) -> None:
    classes = [first + 1, None, first]
    given = {**SPELLING, "classes": classes, "classes_from": first}
    found = both_roads(problem(given, ask={"gradients": True}))
    targets = [[0, 1, 0], None, [1, 0, 0]]
    assert found == both_roads(problem({**SPELLING, "targets": targets}, ask={"gradients": True}))
    assert solve_text(problem(given)).lines


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"classes": [1, 2, 4]}, "found 4, expected a class from 1 to 3; see 'classes_from'"),
        ({"classes": [1, 2]}, "2 classes; expected 3, one for each step, null where there is none"),
        ({"classes": [None, None, None]}, "expected a class at one step at least"),
        ({"classes": [1, 2, 3], "slope_h": 1}, "expected either 'targets', 'classes' or slopes"),
        ({"classes": [1, 1, 1], "output": None}, "a single output has no classes"),
    ],
)
def test_classes_that_have_no_place(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_text(problem({**SPELLING, **more}))

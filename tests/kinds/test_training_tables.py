"""Training by every activation and loss of the tables, and schedules that count epochs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.models.activations import ACTIVATIONS
from derivations.models.losses import LOSSES
from derivations.truth.training import TAUGHT
from derivations.writing import text
from tests.conftest import document_of_one, load_text, solve_text
from tests.kinds.test_attention import both_roads

FLAT = ("heaviside", "sign")  # with a slope of 0 everywhere: nothing is learned


def problem(**given: Any) -> str:
    fields = {
        "inputs": [[0.3, 1], [1, -0.4], [1, 0.9], [0.5, -1]], "targets": [1, 0, 1, 0],
        "layers": [
            {"weights": [[0.5, -0.7], [0.8, 0.25]], "biases": [0.2, 0.1], "activation": "sigmoid"},
            {"weights": [[0.3, 0.9]], "biases": [0.1], "activation": "sigmoid"},
        ],
        "batch": 2, "epochs": 2, "rate": "0.1",
    }  # fmt: skip
    return json.dumps({"kind": "training", "title": "A run", "given": {**fields, **given}})


def layers(inner: Any, outer: Any = "sigmoid") -> list[dict[str, Any]]:
    return [
        {"weights": [[0.5, -0.7], [0.8, 0.25]], "biases": [0.2, 0.1], "activation": inner},
        {"weights": [[0.3, 0.9]], "biases": [0.1], "activation": outer},
    ]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_roads_agree_for_every_activation(activation: str) -> None:
    found = both_roads(problem(layers=layers(activation)))
    moved = found["w__1_1_1@4"] != pytest.approx(0.5)
    assert moved == (activation not in FLAT)
    assert len(solve_text(problem(layers=layers(activation))).lines) > 30


@pytest.mark.parametrize("activation", [row for row in ACTIVATIONS if row not in FLAT])
def test_parameters_of_an_activation_are_those_of_the_file(activation: str) -> None:
    chosen = dict.fromkeys(ACTIVATIONS[activation].parameters, "0.375")
    if not chosen:
        return
    usual = both_roads(problem(layers=layers(activation)))
    own = both_roads(problem(layers=layers({"name": activation, **chosen})))
    assert own["w__1_1_1@4"] != pytest.approx(usual["w__1_1_1@4"], rel=1e-6)


@pytest.mark.parametrize("loss", TAUGHT)
def test_both_roads_agree_for_every_loss(loss: str) -> None:
    chosen = dict.fromkeys(LOSSES[loss].parameters, "0.5")
    for use in (loss, {"name": loss, **chosen}):
        found = both_roads(problem(loss=use))
        assert found["w__1_1_1@4"] != pytest.approx(0.5)
    assert len(solve_text(problem(loss={"name": loss, **chosen})).lines) > 30


def test_every_loss_of_the_table_is_taught_but_the_one_without_a_slope() -> None:
    assert set(TAUGHT) == set(LOSSES) - {"zero_one"}
    with pytest.raises(ProblemError, match="training is worked out for"):
        solve_text(problem(loss="zero_one"))


def test_a_function_of_ones_own() -> None:
    own = {"name": "f", "expression": "z/(1 + z^2)"}
    assert "f(z) = z/(1 + z²)" in text.write(
        document_of_one(solve_text(problem(layers=layers(own))))
    )
    assert both_roads(problem(layers=layers(own)))["w__1_1_1@4"] != pytest.approx(0.5)


@pytest.mark.parametrize("kind", ["training", "network"])
def test_a_parameter_that_a_loss_has_not(kind: str) -> None:
    source = problem(loss={"name": "huber", "beta": 1})
    if kind == "network":
        source = json.dumps({
            "kind": "network", "title": "N",
            "given": {"x": [1], "layers": [{"weights": [[1]]}], "loss": {"name": "huber", "beta": 1}},
        })  # fmt: skip
    with pytest.raises(ProblemError) as caught:
        load_text(source)
    (mistake,) = caught.value.mistakes
    assert mistake.path == "given.loss"
    assert mistake.message == "'beta' is no parameter of huber; did you mean 'delta'? Known: delta"


def test_a_network_has_the_parameters_of_its_loss() -> None:
    source = json.dumps({
        "kind": "network", "title": "N", "ask": {"gradients": True},
        "given": {"x": [1], "layers": [{"weights": [[3]], "activation": "identity"}], "target": [0],
                  "loss": {"name": "huber", "delta": 2}},
    })  # fmt: skip
    page = text.write(document_of_one(solve_text(source)))
    assert "⟦4⟧" in page  # 2 (3 - 2/2)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"name": "step", "every": 1, "gamma": 0.5}, [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]),
        ({"name": "exponential", "gamma": 0.5}, [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]),
        ({"name": "inverse", "delta": 1}, [0.1, 0.1, 0.05, 0.05, 0.1 / 3, 0.1 / 3]),
        ({"name": "polynomial", "over": 4}, [0.1, 0.1, 0.075, 0.075, 0.05, 0.05]),
        ({"name": "cosine", "over": 2}, [0.1, 0.1, 0.05, 0.05, 0, 0]),
        ({"name": "constant", "warm_up": 2}, [0.05, 0.05, 0.1, 0.1, 0.1, 0.1]),
        (
            {"name": "step", "every": 1, "gamma": 0.5, "warm_up": 2},
            [0.05, 0.05, 0.1, 0.1, 0.1, 0.1],
        ),
        ({"name": "exponential", "gamma": 0.5, "counts_from": 1}, [0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125]),
    ],
)  # fmt: skip
def test_a_schedule_by_epochs(schedule: dict[str, Any], expected: list[float]) -> None:
    """Two updates an epoch."""
    loaded = load_text(problem(epochs=3, schedule={**schedule, "per": "epoch"}))
    solution = solve_text(problem(epochs=3, schedule={**schedule, "per": "epoch"})).solution
    shown = [float(str(solution.known[f"eta@{k}"].shown)) for k in range(1, 7)]
    assert shown == pytest.approx(expected, rel=1e-4)
    assert loaded.problem.given.schedule.per == "epoch"
    by_update = solve_text(problem(epochs=3, schedule=schedule)).solution
    assert [float(str(by_update.known[f"eta@{k}"].shown)) for k in range(1, 7)] != shown


def test_the_sheet_says_what_a_schedule_counts() -> None:
    schedule = {"name": "step", "every": 1, "gamma": 0.5, "per": "epoch", "warm_up": 2}
    page = " ".join(text.write(document_of_one(solve_text(problem(schedule=schedule)))).split())
    assert "In the first 2 epochs the learning rate rises in equal steps to η." in page
    assert "the first epoch after them has k = 0" in page
    assert "All updates of an epoch have the same rate." in page


def test_an_optimisation_has_no_epochs() -> None:
    given = {"function": "x^2", "start": {"x": 1}, "rate": "0.1", "steps": 2,
             "schedule": {"name": "exponential", "per": "epoch"}}  # fmt: skip
    source = json.dumps({"kind": "optimisation", "title": "O", "given": given})
    with pytest.raises(ProblemError) as caught:
        solve_text(source)
    assert caught.value.mistakes[0].message == (
        "there are no epochs here, only updates; see the kind training"
    )


def test_a_long_run_with_a_schedule_by_epochs() -> None:
    """As a recursion, with a function by cases and a loss by cases, both roads to the end."""
    more = {
        "layers": layers({"name": "leaky_relu", "alpha": "0.2"}), "loss": {"name": "huber", "delta": 2},
        "epochs": 300, "schedule": {"name": "step", "every": 100, "gamma": "0.5", "per": "epoch"},
    }  # fmt: skip
    page = text.write(document_of_one(solve_text(problem(**more))))
    assert "600" in page

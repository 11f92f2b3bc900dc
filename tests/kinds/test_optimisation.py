"""Optimisers against PyTorch where it is installed, and every convention against the second road."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from derivations.formula.evaluation import precision
from derivations.models.optimisers import OPTIMISERS
from derivations.models.schedules import SCHEDULES
from derivations.pipeline import solve
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import doubles
from tests.conftest import load_text, solve_text

CASES = 25  # of each optimiser
NEAR = 1e-10
FUNCTIONS: list[tuple[str, Callable[[Any, Any, Any], Any]]] = [
    ("x^2 + 10 y^2 - x y", lambda torch, x, y: x**2 + 10 * y**2 - x * y),
    ("(1 - x)^2 + 5 (y - x^2)^2", lambda torch, x, y: (1 - x) ** 2 + 5 * (y - x**2) ** 2),
    ("exp(-x^2) + tanh(x y) + y^2", lambda torch, x, y: torch.exp(-(x**2)) + torch.tanh(x * y) + y**2),
    ("ln(1 + exp(x + 2 y)) + 1/2 x^2 + y^2",
     lambda torch, x, y: torch.log(1 + torch.exp(x + 2 * y)) + x**2 / 2 + y**2),
]  # fmt: skip


def decimal(source: random.Random, low: float, high: float, digits: int = 3) -> str:
    return f"{source.uniform(low, high):.{digits}f}"


def problem(given: dict[str, Any], **more: Any) -> str:
    return json.dumps({"kind": "optimisation", "title": "A run", "given": given, **more})


def values_of(given: dict[str, Any]) -> dict[str, float]:
    """The answers of the first road alone, nothing rounded."""
    loaded = load_text(problem(given))
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        known = substitute_values(derivation, loaded.module.givens(loaded.problem)).known
    return {answer.name: doubles(known[answer.key].true) for answer in derivation.answers}


def settings(name: str, source: random.Random) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Settings in our words and in PyTorch's, for the conventions that PyTorch has; its class."""
    share, epsilon = decimal(source, 0.1, 0.99), source.choice(["1e-8", "1e-4", "0.01"])
    betas = decimal(source, 0.1, 0.95), decimal(source, 0.5, 0.9995, 4)
    both = {"beta_1": betas[0], "beta_2": betas[1]}
    theirs = {"betas": tuple(map(float, betas)), "eps": float(epsilon)}
    centred, pushed = source.choice([True, False]), source.choice([True, False])
    psi, start = decimal(source, 0.001, 0.1), decimal(source, 0.01, 1)
    table: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
        "gradient_descent": ({}, {}, "SGD"),
        "momentum": ({"mu": share}, {"momentum": float(share)}, "SGD"),
        "nesterov": (
            {"mu": share, "form": "rate_in_step"},
            {"momentum": float(share), "nesterov": True}, "SGD",
        ),
        "adagrad": (
            {"epsilon": epsilon, "initial": start},
            {"eps": float(epsilon), "initial_accumulator_value": float(start)}, "Adagrad",
        ),
        "rmsprop": (
            {"rho": share, "epsilon": epsilon, "centred": centred}
            | ({"mu": betas[0], "momentum": "rate_in_step"} if pushed else {}),
            {"alpha": float(share), "eps": float(epsilon), "centered": centred,
             "momentum": float(betas[0]) if pushed else 0.0}, "RMSprop",
        ),
        "adadelta": (
            {"rho": share, "epsilon": epsilon, "rate": "factor"},
            {"rho": float(share), "eps": float(epsilon)}, "Adadelta",
        ),
        "adam": (
            {**both, "epsilon": epsilon, "amsgrad": pushed}, {**theirs, "amsgrad": pushed}, "Adam"
        ),
        "adamw": (
            {**both, "epsilon": epsilon, "lambda": share, "amsgrad": pushed},
            {**theirs, "weight_decay": float(share), "amsgrad": pushed}, "AdamW",
        ),
        "adamax": ({**both, "epsilon": epsilon, "epsilon_at": "gradient"}, theirs, "Adamax"),
        "nadam": (
            {**both, "epsilon": epsilon, "psi": psi}, {**theirs, "momentum_decay": float(psi)},
            "NAdam",
        ),
    }  # fmt: skip
    return table[name]


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch in doubles throughout; Nadam would else keep its product of shares in singles."""
    module = pytest.importorskip("torch")
    module.set_default_dtype(module.float64)
    yield module
    module.set_default_dtype(module.float32)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_steps_as_pytorch_does(name: str, torch: Any) -> None:
    source = random.Random(name)
    for case in range(CASES):
        ours, theirs, cls = settings(name, source)
        rate, steps = decimal(source, 0.001, 0.05, 4), source.randint(1, 8)
        start = {"x": decimal(source, -1, 1), "y": decimal(source, -1, 1)}
        text, function = FUNCTIONS[case % len(FUNCTIONS)]
        given: dict[str, Any] = {
            "function": text, "start": start, "optimiser": {"name": name, **ours}, "rate": rate,
            "steps": steps,
        }  # fmt: skip
        if case % 3 == 1 and name != "adamw":
            given["penalty"] = {"strength": decimal(source, 0.01, 0.5)}
            theirs = {**theirs, "weight_decay": float(given["penalty"]["strength"])}
        clip = case % 5
        if clip == 1:
            given["clip"] = {"value": decimal(source, 0.1, 2)}
        if clip == 2:
            given["clip"] = {"norm": decimal(source, 0.1, 2), "epsilon": "1e-6"}
        found = values_of(given)
        points = [
            torch.tensor(float(at), dtype=torch.float64, requires_grad=True)
            for at in start.values()
        ]
        optimiser = getattr(torch.optim, cls)(points, lr=float(rate), **theirs)
        for k in range(1, steps + 1):
            optimiser.zero_grad()
            loss = function(torch, *points)
            loss.backward()
            where = (name, case, k)
            assert near(found[f"f__{k - 1}"], loss.item()), where
            for letter, point in zip("xy", points, strict=True):
                assert near(found[f"g_{letter}__{k}"], point.grad.item()), where
            if clip == 1:
                torch.nn.utils.clip_grad_value_(points, float(given["clip"]["value"]))
            if clip == 2:
                torch.nn.utils.clip_grad_norm_(points, float(given["clip"]["norm"]))
            optimiser.step()
            for letter, point in zip("xy", points, strict=True):
                assert near(found[f"{letter}__{k}"], point.item()), where


def near(first: float, second: float) -> bool:
    return abs(first - second) <= NEAR * max(1.0, abs(second))


SCHEDULERS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "constant": ({}, "ConstantLR", {"factor": 1.0}),
    "step": ({"every": 3, "gamma": 0.5}, "StepLR", {"step_size": 3, "gamma": 0.5}),
    "exponential": ({"gamma": 0.8}, "ExponentialLR", {"gamma": 0.8}),
    "polynomial": ({"over": 8, "power": 2}, "PolynomialLR", {"total_iters": 8, "power": 2.0}),
    "cosine": ({"over": 10, "eta_end": 0.01}, "CosineAnnealingLR", {"T_max": 10, "eta_min": 0.01}),
    "cosine_restarts": (
        {"over": 3, "eta_end": 0.01}, "CosineAnnealingWarmRestarts", {"T_0": 3, "eta_min": 0.01}
    ),
    "inverse_root": (
        {"width": 16, "rise": 4}, "LambdaLR",
        {"lr_lambda": lambda k: 16**-0.5 * min((k + 1) ** -0.5, (k + 1) * 4**-1.5)},
    ),
    "natural_exponential": ({"delta": 0.2}, "LambdaLR", {"lr_lambda": lambda k: math.exp(-0.2 * k)}),
    "inverse": ({"delta": 0.2}, "LambdaLR", {"lr_lambda": lambda k: 1 / (1 + 0.2 * k)}),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_as_pytorchs(name: str, torch: Any) -> None:
    ours, cls, theirs = SCHEDULERS[name]
    for warm_up in (0, 3):
        given = {
            "gradients": {"w": [1] * 10}, "start": {"w": 0}, "rate": 0.3,
            "schedule": {"name": name, **ours, "warm_up": warm_up},
        }  # fmt: skip
        found = values_of(given)
        point = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([point], lr=0.3)
        after = getattr(torch.optim.lr_scheduler, cls)(optimiser, **theirs)
        rates = []
        for _ in range(10 - warm_up):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            after.step()
        rates = [0.3 * (k + 1) / warm_up for k in range(warm_up)] + rates
        for k, rate in enumerate(rates, 1):
            assert near(found[f"w_{k - 1}"] if k > 1 else 0.0, -sum(rates[: k - 1])), (name, k)
            assert near(found.get(f"eta_{k}", 0.3), rate), (name, warm_up, k)


CONVENTIONS = [
    (name, dict(zip(row.choices, words, strict=True)))
    for name, row in OPTIMISERS.items()
    for words in itertools.product(*row.choices.values())
]


@pytest.mark.parametrize(
    ("name", "options"), CONVENTIONS, ids=["-".join([n, *o.values()]) for n, o in CONVENTIONS]
)
def test_every_convention_is_solved_and_confirmed(name: str, options: dict[str, str]) -> None:
    """Each line is judged, and each value found by the second road."""
    given: dict[str, Any] = {
        "function": "ln(1 + exp(x)) + 1/2 (y - x)^2", "start": {"x": 0.5, "y": -1},
        "optimiser": {"name": name, **options}, "steps": 3,
    }  # fmt: skip
    if name != "adadelta" or options["rate"] == "factor":
        given["rate"] = 0.1
    verified = solve_text(problem(given))
    assert len(verified.lines) > 15
    loaded = load_text(problem(given))
    expected = loaded.module.expected(loaded.problem)
    assert {"x__1", "y__3", "f__3"} <= set(expected)


def test_conventions_that_books_differ_in_give_different_numbers() -> None:
    """But for those that only name things differently."""
    found: dict[str, dict[str, float]] = {}
    for name, options in CONVENTIONS:
        given = {
            "gradients": {"w": [1, 0.5, 0.25]}, "start": {"w": 1}, "rate": 0.1,
            "optimiser": {"name": name, **options},
        }  # fmt: skip
        if options.get("form") == "look_ahead" or options.get("rate") == "none":
            continue
        if options.get("amsgrad") == "true":  # averages that only grow are the largest themselves
            continue
        found["-".join([name, *options.values()])] = values_of(given)
    last = {case: round(values["w_3"], 12) for case, values in found.items()}
    same = {value: [c for c in last if last[c] == value] for value in last.values()}
    alike = sorted(cases for cases in same.values() if len(cases) > 1)
    signs = [f"{r}-{s}" for r in ("step", "velocity") for s in ("plus", "minus")]
    expected = [[f"momentum-{sign}-{g}" for sign in signs] for g in ("share", "whole")]
    expected += [["nesterov-rate_in_velocity", "nesterov-rate_in_step"]]
    expected += [
        [f"rmsprop-{where}-{centred}-rate_in_{place}" for place in ("step", "velocity")]
        for where in ("outside", "inside", "none")
        for centred in ("false", "true")
    ]
    expected += [["adam-both-none-false", "adam-rate-none-false"]]
    expected += [[f"adamw-{c}-none-false-{d}" for c in ("both", "rate")] for d in ("rate", "alone")]
    assert sorted(map(sorted, alike)) == sorted(map(sorted, expected))


def test_ten_thousand_updates_have_right_digits() -> None:
    """By the closed form: gradient descent on 1/2 w² multiplies w by 1 - η."""
    given = {"function": "1/2 w^2", "start": {"w": 1}, "rate": "1/1024", "steps": 10_000}
    found = values_of(given)
    exactly = (1 - 1 / 1024) ** 10_000
    assert abs(found["w_10000"] - exactly) < 1e-13 * exactly


def test_a_long_run_is_the_short_one_gone_on_with() -> None:
    """Chained quantities and the recursion lead to the same numbers."""
    given = {
        "function": "x^2 + 10 y^2", "start": {"x": 1, "y": 1}, "optimiser": "adam", "rate": 0.1,
        "schedule": {"name": "cosine", "over": 300, "warm_up": 5}, "clip": {"norm": 3},
    }  # fmt: skip
    long, short = values_of({**given, "steps": 100}), values_of({**given, "steps": 20})
    assert near(long["x__20"], short["x__20"])
    assert near(long["v_y__20"], short["v_y__20"])


def test_a_run_of_many_updates_is_verified() -> None:
    given = {
        "function": "x^2 + 10 y^2", "start": {"x": 1, "y": 1}, "rate": 0.01, "steps": 2000,
        "optimiser": {"name": "nesterov"},
    }  # fmt: skip
    solved = solve(load_text(problem(given)))
    assert "x__2000" in solved.solution.known
    assert len(solved.solution.known) < 200


def test_periods_between_restarts_grow(torch: Any) -> None:
    given = {
        "gradients": {"w": [1] * 14}, "start": {"w": 0}, "rate": 0.3,
        "schedule": {"name": "cosine_restarts", "over": 2, "times": 2},
    }  # fmt: skip
    found = values_of(given)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    after = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimiser, T_0=2, T_mult=2)
    for k in range(1, 15):
        assert near(found[f"eta_{k}"], optimiser.param_groups[0]["lr"]), k
        optimiser.step()
        after.step()


def test_a_restart_begins_with_the_whole_rate() -> None:
    """Periods of 2, 4 and 8 updates; in the middle of a period the rate is half."""
    given = {
        "gradients": {"w": [1] * 11}, "start": {"w": 0}, "rate": 0.4,
        "schedule": {"name": "sgdr", "over": 2, "times": 2},
    }  # fmt: skip
    found = values_of(given)
    rates = [round(found[f"eta_{k}"], 12) for k in (1, 2, 3, 5, 7, 11)]
    assert rates == [0.4, 0.2, 0.4, 0.2, 0.4, 0.2]


def test_amsgrad_by_hand() -> None:
    """With β₂ = 1/2 the averages are 1/2, 3/8, 7/32; the largest stays 1/2."""
    optimiser = {"name": "adam", "beta_1": 0, "beta_2": 0.5, "bias_correction": "none"}
    given = {
        "gradients": {"w": [1, 0.5, 0.25]}, "start": {"w": 0}, "rate": 1,
        "optimiser": {**optimiser, "epsilon_at": "none", "amsgrad": True},
    }  # fmt: skip
    found = values_of(given)
    assert [found[f"v_{k}"] for k in (1, 2, 3)] == [1 / 2, 3 / 8, 7 / 32]
    assert [found[f"v_bar_{k}"] for k in (1, 2, 3)] == [1 / 2] * 3
    assert near(found["w_3"], -1.75 / math.sqrt(0.5))

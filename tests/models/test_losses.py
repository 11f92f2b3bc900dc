"""Every row of the table of losses: its values, its derivative, and where it is from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flint import fmpq

from derivations.formula.evaluation import evaluate, precision
from derivations.formula.tree import Name, names
from derivations.models import losses
from derivations.models.losses import ALIASES, LOSSES
from tests.trees import MP, close, to_mp


def huber(y: Any, t: Any) -> Any:
    far = abs(y - t)
    return far**2 / 2 if far <= 1 else far - MP.mpf(1) / 2


BY_HAND: dict[str, Callable[[Any, Any], Any]] = {
    "half_squared_error": lambda y, t: (t - y) ** 2 / 2,
    "squared_error": lambda y, t: (t - y) ** 2,
    "mean_squared_error": lambda y, t: (t - y) ** 2,
    "quadratic": lambda y, t: (t - y) ** 2,
    "absolute_error": lambda y, t: abs(t - y),
    "binary_cross_entropy": lambda y, t: -(t * MP.log(y)) - (1 - t) * MP.log1p(-y),
    "cross_entropy": lambda y, t: -t * MP.log(y),
    "hinge": lambda y, t: max(MP.mpf(0), 1 - t * y),
    "huber": huber,
    "smooth_l1": huber,
    "squared_hinge": lambda y, t: max(MP.mpf(0), 1 - t * y) ** 2,
    "log_cosh": lambda y, t: MP.log(MP.exp(y - t) + MP.exp(t - y)) - MP.log(2),
    "focal": lambda y, t: -(t * (1 - y) ** 2 * MP.log(y)) - (1 - t) * y**2 * MP.log1p(-y),
    "balanced_focal": lambda y, t: (
        (-(t * (1 - y) ** 2 * MP.log(y)) - 3 * (1 - t) * y**2 * MP.log1p(-y)) / 4
    ),
    "weighted_binary_cross_entropy": lambda y, t: -t * MP.log(y) - (1 - t) * MP.log1p(-y),
    "quantile": lambda y, t: abs(y - t) / 2,
    "poisson": lambda y, t: y - t * MP.log(y),
    "poisson_of_log": lambda y, t: MP.exp(y) - t * y,
    "zero_one": lambda y, t: MP.mpf(y != t),
}
PROBABILITIES = [("0.2", "1"), ("0.9", "0"), ("0.35", "0.4"), ("0.5", "1"), ("0.01", "0.99")]
NUMBERS = [("0.2", "1"), ("-0.7", "1"), ("2.5", "-1"), ("-3", "-1"), ("0.75", "0.25"), ("4", "-5")]


def points(name: str) -> list[tuple[str, str]]:
    return NUMBERS if LOSSES[name].domain == "any number" else PROBABILITIES


def at(formula: Any, y: Any, t: Any, **more: Any) -> Any:
    with precision(200):
        return to_mp(evaluate(formula, {"y": y, "t": t, **more}, {}))


def rational(text: str) -> fmpq:
    return fmpq(round(float(text) * 100), 100)


def exact(text: str) -> Any:
    return MP.mpf(round(float(text) * 100)) / 100


def test_every_row_is_known_here() -> None:
    assert set(BY_HAND) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_the_value_is_that_of_the_formula_worked_by_hand(name: str) -> None:
    formula = losses.value(name, Name("y"), Name("t"))
    for y, t in points(name):
        found = at(formula, rational(y), rational(t))
        assert close(found, BY_HAND[name](exact(y), exact(t)), 40)


@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_agrees_with_central_differences(name: str) -> None:
    formula, h = losses.derivative(name, Name("y"), Name("t")), MP.mpf(10) ** -16
    for y, t in points(name):
        above, below = (BY_HAND[name](exact(y) + step, exact(t)) for step in (h, -h))
        assert close(at(formula, rational(y), rational(t)), (above - below) / (2 * h), 26), (y, t)


@pytest.mark.parametrize("name", [n for n, row in LOSSES.items() if row.parameters])
def test_the_derivative_follows_the_parameters(name: str) -> None:
    parameters = dict.fromkeys(LOSSES[name].parameters, "5/2")
    value = losses.value(name, Name("y"), Name("t"), parameters)
    slope = losses.derivative(name, Name("y"), Name("t"), parameters)
    h = fmpq(1, 10**16)
    anywhere = LOSSES[name].domain == "any number"
    for y in (fmpq(1, 2), fmpq(9, 2), fmpq(-7)) if anywhere else (fmpq(1, 2), fmpq(1, 9)):
        difference = (at(value, y + h, fmpq(1)) - at(value, y - h, fmpq(1))) / (2 * to_mp(h))
        assert close(at(slope, y, fmpq(1)), difference, 20)


def test_the_names_of_the_problem_stand_in_the_formula() -> None:
    formula = losses.value("quadratic", Name("t"), Name("y_1"))
    assert set(names(formula)) == {"t", "y_1"}
    assert at(formula, 0, fmpq(5), y_1=fmpq(2)) == 9


@pytest.mark.parametrize("name", LOSSES)
def test_every_row_has_a_source_and_a_title(name: str) -> None:
    row = LOSSES[name]
    assert re.search(r"[A-Z][a-z]+.* (19|20)\d\d", row.source)
    assert row.title
    assert row.over in ("sum", "mean")


@pytest.mark.parametrize(
    ("word", "name"),
    [("MSE", "mean_squared_error"), ("binary cross-entropy", "binary_cross_entropy"), ("L1", "absolute_error"),
     (" Hinge ", "hinge"), ("0-1", "zero_one"), ("CE", "cross_entropy"), ("MAE", "absolute_error"),
     ("SSE", "squared_error"), ("log loss", "binary_cross_entropy")],
)  # fmt: skip
def test_a_loss_is_found_as_people_write_it(word: str, name: str) -> None:
    assert losses.find(word) == name


def test_aliases_lead_to_rows() -> None:
    assert set(ALIASES.values()) <= set(LOSSES)
    assert not set(ALIASES) & set(LOSSES)


def test_an_unknown_loss_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        ValueError, match=r"^'huberr' is not a loss; did you mean 'huber'\? Known: absolute_error"
    ):
        losses.find("huberr")

"""Loss functions: a row each, as an expression in the prediction y and the target t.

``value`` is the loss of one output of one sample; how many are put together is the row's
``over``: the losses of several outputs are added (``sum``) or averaged (``mean``). ``domain``
says where the prediction must lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from derivations.errors import unknown
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, substitute


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of the table; see the module's text."""

    value: str
    derivative: str
    source: str
    title: str
    over: str = "sum"
    domain: str = "any number"
    parameters: Mapping[str, str] = field(default_factory=dict)


LOSSES: dict[str, Loss] = {
    "half_squared_error": Loss(
        "1/2 (y - t)^2", "y - t", "Bishop 2006, eq. 5.14", "half squared error"
    ),
    "squared_error": Loss(
        "(y - t)^2", "2 (y - t)", "Goodfellow et al. 2016, section 5.1.4", "squared error"
    ),
    "mean_squared_error": Loss(
        "(y - t)^2", "2 (y - t)", "Goodfellow et al. 2016, eq. 5.4", "mean squared error", "mean"
    ),
    "quadratic": Loss(
        "C (t - y)^2", "-2 C (t - y)", "Berger 1985, section 2.4.2", "quadratic loss",
        parameters={"C": "1"},
    ),
    "absolute_error": Loss(
        "abs(y - t)", "sign(y - t)", "Berger 1985, section 2.4.2", "absolute error"
    ),
    "binary_cross_entropy": Loss(
        "-(t ln(y) + (1 - t) ln(1 - y))", "(y - t)/(y (1 - y))", "Bishop 2006, eq. 4.90",
        "binary cross-entropy", domain="strictly between 0 and 1",
    ),
    "weighted_binary_cross_entropy": Loss(
        "-(positive_weight t ln(y) + (1 - t) ln(1 - y))",
        "-positive_weight t/y + (1 - t)/(1 - y)", "King and Zeng 2001",
        "binary cross-entropy with a weight of the positive class",
        domain="strictly between 0 and 1", parameters={"positive_weight": "1"},
    ),
    "cross_entropy": Loss(
        "-t ln(y)", "-t/y", "Bishop 2006, eq. 4.108", "cross-entropy",
        domain="positive, adding up to 1",
    ),
    "hinge": Loss(
        "max(0, 1 - t y)", "cases(-t, t y < 1, 0)", "Bishop 2006, eq. 7.44", "hinge loss"
    ),
    "squared_hinge": Loss(
        "max(0, 1 - t y)^2", "cases(-2 t (1 - t y), t y < 1, 0)", "Tang 2013",
        "squared hinge loss",
    ),
    "smooth_l1": Loss(
        "cases((y - t)^2/(2 beta), abs(y - t) < beta, abs(y - t) - beta/2)",
        "cases((y - t)/beta, abs(y - t) < beta, sign(y - t))", "Girshick 2015",
        "smooth L1 loss", parameters={"beta": "1"},
    ),
    "log_cosh": Loss(
        "ln(cosh(y - t))", "tanh(y - t)", "Saleh and Saleh 2022", "log-cosh loss"
    ),
    "focal": Loss(
        "-(t (1 - y)^gamma ln(y) + (1 - t) y^gamma ln(1 - y))",
        "t (gamma (1 - y)^(gamma - 1) ln(y) - (1 - y)^gamma/y)"
        " - (1 - t) (gamma y^(gamma - 1) ln(1 - y) - y^gamma/(1 - y))",
        "Lin et al. 2017, eq. 4", "focal loss", domain="strictly between 0 and 1",
        parameters={"gamma": "2"},
    ),
    "balanced_focal": Loss(
        "-(alpha t (1 - y)^gamma ln(y) + (1 - alpha) (1 - t) y^gamma ln(1 - y))",
        "alpha t (gamma (1 - y)^(gamma - 1) ln(y) - (1 - y)^gamma/y)"
        " - (1 - alpha) (1 - t) (gamma y^(gamma - 1) ln(1 - y) - y^gamma/(1 - y))",
        "Lin et al. 2017, eq. 5", "focal loss with balanced classes",
        domain="strictly between 0 and 1", parameters={"alpha": "0.25", "gamma": "2"},
    ),
    "poisson": Loss(
        "y - t ln(y)", "1 - t/y", "Cameron and Trivedi 2013", "Poisson loss", domain="positive"
    ),
    "poisson_of_log": Loss(
        "exp(y) - t y", "exp(y) - t", "Cameron and Trivedi 2013", "Poisson loss of the log of the rate"
    ),
    "huber": Loss(
        "cases(1/2 (y - t)^2, abs(y - t) <= delta, delta (abs(y - t) - delta/2))",
        "cases(y - t, abs(y - t) <= delta, delta sign(y - t))", "Huber 1964", "Huber loss",
        parameters={"delta": "1"},
    ),
    "quantile": Loss(
        "cases(tau (t - y), y < t, (1 - tau) (y - t))", "cases(-tau, y < t, 1 - tau)",
        "Koenker and Bassett 1978", "quantile loss", parameters={"tau": "0.5"},
    ),
    "zero_one": Loss("iverson(y != t)", "0", "Bishop 2006, section 1.5", "0-1 loss"),
}  # fmt: skip

ALIASES = {
    "mse": "mean_squared_error", "sse": "squared_error", "l2": "squared_error",
    "l1": "absolute_error", "mae": "absolute_error", "bce": "binary_cross_entropy",
    "log_loss": "binary_cross_entropy", "ce": "cross_entropy", "0_1": "zero_one",
    "half_mse": "half_squared_error", "logcosh": "log_cosh", "smooth_l_1": "smooth_l1",
    "poisson_nll": "poisson", "alpha_focal": "balanced_focal", "pinball": "quantile",
    "weighted_bce": "weighted_binary_cross_entropy",
}  # fmt: skip


def find(name: str) -> str:
    """The table's key for a loss as people write it: ``MSE``, ``binary cross-entropy``.

    Raises:
        ValueError: with the nearest known name.
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    word = ALIASES.get(word, word)
    if word not in LOSSES:
        raise ValueError(unknown(name, "a loss", LOSSES))
    return word


@cache
def _read(text: str) -> Formula:
    return read_expression(
        text,
        frozenset(),
        frozenset({"t", "y", *(name for row in LOSSES.values() for name in row.parameters)}),
    )


def value(
    name: str, y: Formula, t: Formula, parameters: Mapping[str, str] | None = None
) -> Formula:
    """The loss of one output of one sample."""
    row = LOSSES[name]
    chosen = {**row.parameters, **(parameters or {})}
    numbers = {key: read_expression(text) for key, text in chosen.items()}
    return substitute(_read(row.value), {**numbers, "y": y, "t": t})


def derivative(
    name: str, y: Formula, t: Formula, parameters: Mapping[str, str] | None = None
) -> Formula:
    """The derivative of the loss of one output with respect to the prediction."""
    row = LOSSES[name]
    chosen = {**row.parameters, **(parameters or {})}
    numbers = {key: read_expression(text) for key, text in chosen.items()}
    return substitute(_read(row.derivative), {**numbers, "y": y, "t": t})

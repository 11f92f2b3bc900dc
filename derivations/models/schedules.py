"""Schedules of the learning rate: a row each, over the rate eta it starts from and the count k.

``k`` is the number of updates (or epochs) before this one, so that the first goes by eta itself;
with counts from 1 it is one more. A warm-up goes up to eta in equal steps, and the schedule counts
from its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from derivations.errors import unknown
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, Name, Number, number, product, quotient, substitute
from derivations.models.rules import Setting


@dataclass(frozen=True, slots=True)
class Schedule:
    """A row of the table.

    ``period``: k does not go beyond the schedule's own number of steps. ``restarts``: k begins again
    after them, and the next period is longer by the factor ``times``.
    """

    title: str
    value: str
    source: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    wholes: tuple[str, ...] = ()
    period: bool = False
    restarts: bool = False


SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule("constant", "eta", "no schedule"),
    "step": Schedule(
        "step decay", "eta gamma^(floor(k/every))", "PyTorch documentation, StepLR",
        {"gamma": Setting("0.1", "small")}, ("every",),
    ),
    "exponential": Schedule(
        "exponential decay", "eta gamma^k", "PyTorch documentation, ExponentialLR",
        {"gamma": Setting("0.9", "small")},
    ),
    "natural_exponential": Schedule(
        "exponential decay", "eta exp(-delta k)", "Stanford CS231n, notes on neural networks 3",
        {"delta": Setting("0.1", "weight")},
    ),
    "inverse": Schedule(
        "1/t decay", "eta/(1 + delta k)", "Stanford CS231n, notes on neural networks 3",
        {"delta": Setting("0.1", "weight")},
    ),
    "polynomial": Schedule(
        "polynomial decay", "(eta - eta_end) (1 - k/over)^power + eta_end",
        "Keras documentation, PolynomialDecay",
        {"eta_end": Setting("0", "weight"), "power": Setting("1", "small")}, ("over",), True,
    ),
    "cosine_restarts": Schedule(
        "cosine decay with restarts", "eta_end + 1/2 (eta - eta_end) (1 + cos(pi k/over))",
        "Loshchilov and Hutter 2017, eq. 5; PyTorch documentation, CosineAnnealingWarmRestarts",
        {"eta_end": Setting("0", "weight")}, ("over",), restarts=True,
    ),
    "inverse_root": Schedule(
        "the schedule of the Transformer",
        "eta width^(-1/2) min((k + 1)^(-1/2), (k + 1) rise^(-3/2))",
        "Vaswani et al. 2017, eq. 3", {}, ("width", "rise"),
    ),
    "cosine": Schedule(
        "cosine decay", "eta_end + 1/2 (eta - eta_end) (1 + cos(pi k/over))",
        "Loshchilov and Hutter 2017, eq. 5", {"eta_end": Setting("0", "weight")}, ("over",), True,
    ),
}  # fmt: skip

ALIASES = {
    "none": "constant", "exp": "exponential", "linear": "polynomial", "cosine_annealing": "cosine",
    "1_t": "inverse", "time_based": "inverse", "sgdr": "cosine_restarts", "noam": "inverse_root",
    "warm_restarts": "cosine_restarts", "transformer": "inverse_root",
}  # fmt: skip


def find(name: str) -> str:
    """The table's key for a schedule as people write it.

    Raises:
        ValueError: with the nearest known name.
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    word = ALIASES.get(word, word)
    if word not in SCHEDULES:
        raise ValueError(unknown(name, "a schedule", SCHEDULES))
    return word


def general(name: str) -> Formula:
    """The learning rate over k, as the row writes it."""
    return _read(SCHEDULES[name].value)


def rate(name: str, wholes: Mapping[str, int], k: int, warm_up: int = 0, times: int = 1) -> Formula:
    """The learning rate after k updates, over eta and the settings of the schedule.

    ``times``: how much longer each period is than the one before, where there are restarts.
    """
    if k + 1 == warm_up:
        return Name("eta")
    if k < warm_up:
        return product(quotient(number(k + 1), number(warm_up)), Name("eta"))
    row, k = SCHEDULES[name], k - warm_up
    if row.period and k >= wholes["over"]:  # the whole way: 1 + cos(pi) is exactly 0
        return Name("eta_end")
    if row.restarts:
        k, over = within(k, wholes["over"], times)
        wholes = {**wholes, "over": over}
    values: dict[str, Formula] = {word: number(value) for word, value in wholes.items()}
    if name == "constant" or (k == 0 and name not in ("polynomial", "cosine", "inverse_root")):
        return Name("eta")
    if name == "inverse_root":  # k + 1 is the number that it is
        return substitute(_read(row.value.replace("(k + 1)", "k")), {**values, "k": number(k + 1)})
    return substitute(_read(row.value), {**values, "k": Number(str(k))})


def within(k: int, over: int, times: int) -> tuple[int, int]:
    """How far k is in its period, and how long that is."""
    while k >= over:
        k, over = k - over, over * times
    return k, over


@cache
def _read(text: str) -> Formula:
    words = {"eta", "eta_end", "gamma", "delta", "k", "every", "over", "power", "width", "rise"}
    return read_expression(text, frozenset(), words)

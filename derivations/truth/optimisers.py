"""The second road of optimisers: each one as a loop over floats, with nothing of the first road.

The rules are written down once more, from the publications; gradients come from the tape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from derivations.formula.evaluation import Function
from derivations.formula.tree import Formula
from derivations.truth.second_road import model_values

Point = dict[str, float]
State = dict[str, dict[str, float]]


class Uses(Protocol):
    """An optimiser as a file asks for it: its name, settings and conventions."""

    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, str]: ...
    @property
    def options(self) -> Mapping[str, str]: ...


def number(text: str) -> float:
    """The double of a numeral or fraction."""
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of learning goes by.

    ``gradient``: of the count of the update and the point at which it is taken.
    """

    start: Point
    use: Uses
    rates: Callable[[int], float]
    gradient: Callable[[int, Point], Point]
    value: Callable[[Point], float] | None
    clip: Any
    penalty: Any

    @classmethod
    def of(cls, given: Any, function: Formula | None, bodies: Mapping[str, Function]) -> Run:
        """The run of a problem with a function, which may call others, or with gradients."""
        start = {name: number(value) for name, value in given.start.items()}
        rates = rate_of(given)
        if function is None:
            rows = {name: [number(v) for v in row] for name, row in given.gradients.items()}
            return cls(
                start, given.optimiser, rates,
                lambda t, _: {name: row[t - 1] for name, row in rows.items()},
                None, given.clip, given.penalty,
            )  # fmt: skip

        def gradient(_: int, at: Point) -> Point:
            pairs = [("f~", name) for name in at]
            with np.errstate(all="ignore"):
                found = model_values(_lists(at), {"f~": function}, bodies, pairs)
            return {name: float(found[f"df~/d{name}"].flat[0]) for name in at}

        def value(at: Point) -> float:
            with np.errstate(all="ignore"):
                return float(model_values(_lists(at), {"f~": function}, bodies, [])["f~"].flat[0])

        return cls(start, given.optimiser, rates, gradient, value, given.clip, given.penalty)


def _lists(at: Point) -> dict[str, Any]:
    return {name: [value] for name, value in at.items()}


def rate_of(given: Any, batches: int = 1) -> Callable[[int], float]:
    """The learning rate of update t, counted from 1; an epoch has so many batches."""
    eta = number(given.rate) if given.rate is not None else math.nan
    plan = given.schedule
    setting = {"gamma": None, "delta": None, "eta_end": "0", "power": "1"} | dict(plan.settings)
    usual = {"step": "0.1", "exponential": "0.9"}

    def rate(t: int) -> float:
        done = t - 1 if plan.per == "update" else int(np.floor_divide(t - 1, batches))
        k = done + plan.counts_from
        if k < plan.warm_up:
            return eta * float(k + 1) / float(plan.warm_up)
        k -= plan.warm_up
        gamma = number(setting["gamma"] or usual.get(plan.name, "1"))
        delta = number(setting["delta"] or "0.1")
        if plan.name == "step":
            return eta * math.pow(gamma, k // plan.wholes["every"])
        if plan.name == "exponential":
            return eta * math.pow(gamma, k)
        if plan.name == "natural_exponential":
            return eta * math.exp(-delta * k)
        if plan.name == "inverse":
            return eta / (1 + delta * float(k))
        if plan.name == "inverse_root":
            rising = float(k + 1) / math.pow(plan.wholes["rise"], 1.5)
            return eta * min(1 / math.sqrt(k + 1), rising) / math.sqrt(plan.wholes["width"])
        if plan.name == "cosine_restarts":
            end, length = number(setting["eta_end"] or "0"), plan.wholes["over"]
            while k - length >= 0:
                k, length = k - length, length * plan.times
            return end + (eta - end) * math.cos(math.pi * k / length / 2) ** 2
        if plan.name in ("polynomial", "cosine"):
            end, share = number(setting["eta_end"] or "0"), min(float(k / plan.wholes["over"]), 1.0)
            if plan.name == "polynomial":
                return end + (eta - end) * math.pow(1 - share, number(setting["power"] or "1"))
            return end + (eta - end) * math.cos(math.pi * share / 2) ** 2
        return eta

    return rate


def path(run: Run, steps: int) -> Iterator[tuple[Point, State, float | None]]:
    """Parameters, state and function after 0, 1, 2, ... updates."""
    stepping = Stepping(run.use, run.clip, run.penalty, list(run.start))
    point = dict(run.start)
    for t in range(1, steps + 1):
        yield point, stepping.state, None if run.value is None else run.value(point)
        gradient = run.gradient(t, stepping.ahead(point))
        point = stepping.step(t, point, gradient, run.rates(t))
    yield point, stepping.state, None if run.value is None else run.value(point)


def diverges(run: Run, steps: int) -> int | None:
    """The first update after which a parameter or the function is beyond 1e300, if there is one."""
    k = -1
    try:
        for k, (point, _, value) in enumerate(path(run, steps)):
            if not all(abs(at) <= LARGEST for at in (*point.values(), value or 0.0)):
                return k
    except OverflowError:
        return k + 1
    return None


LARGEST = 1e300


class Stepping:
    """One update after the other, all state in floats.

    ``one``: a float or whatever computes like one; the root comes from ``root``.
    """

    def __init__(self, use: Uses, clip: Any, penalty: Any, parameters: Sequence[str]) -> None:
        self.use, self.clip, self.penalty = use, clip, penalty
        start = float(number(use.settings.get("initial", "0")))
        self.own: State = {name: dict.fromkeys(STATE, 0.0) for name in parameters}
        for name in parameters:
            self.own[name]["v"] = start
        self.product = 1.0

    @property
    def state(self) -> State:
        """The state by symbol and parameter, with the signs that the file asks for."""
        found = {symbol: {name: own[symbol] for name, own in self.own.items()} for symbol in STATE}
        if self.use.name == "momentum" and self.option("sign", "plus") == "minus":
            found["v"] = {name: -v for name, v in found["v"].items()}
        return found | {"p": {"": self.product}}

    def setting(self, name: str, usual: str) -> float:
        return number(self.use.settings.get(name, usual))

    def option(self, name: str, usual: str) -> str:
        return self.use.options.get(name, usual)

    def ahead(self, point: Point) -> Point:
        """Where the gradient is taken."""
        if self.use.name != "nesterov" or self.option("form", "look_ahead") != "look_ahead":
            return point
        mu = self.setting("mu", "0.9")
        return {name: at + mu * self.own[name]["v"] for name, at in point.items()}

    def step(self, t: int, point: Point, gradient: Point, eta: float) -> Point:
        """The parameters after one more update."""
        gradient = self._penalised(point, self._clipped(gradient))
        rule = RULES[self.use.name]
        if self.use.name == "nadam" and self.option("form", "schedule") == "schedule":
            beta, psi = self.setting("beta_1", "0.9"), self.setting("psi", "0.004")
            self.product *= beta * (1 - 0.5 * math.pow(0.96, t * psi))
        fresh = {
            name: at - rule(self, self.own[name], gradient[name], t, eta)
            for name, at in point.items()
        }
        if self.penalty is not None and self.penalty.form == "decoupled":
            shrink = eta * number(self.penalty.strength)
            fresh = {name: at - shrink * self._drawn(point, name) for name, at in fresh.items()}
        if self.use.name == "adamw":
            shrink = self.setting("lambda", "0.01")
            shrink *= eta if self.option("decay", "rate") == "rate" else 1.0
            fresh = {name: at - shrink * point[name] for name, at in fresh.items()}
        return fresh

    def _clipped(self, gradient: Point) -> Point:
        if self.clip is None:
            return gradient
        if self.clip.value is not None:
            most = number(self.clip.value)
            return {name: min(max(g, -most), most) for name, g in gradient.items()}
        most = number(self.clip.norm)
        size = math.sqrt(math.fsum(g * g for g in gradient.values()))
        size += number(self.clip.epsilon) if self.clip.epsilon is not None else 0.0
        factor = most / size if size > most else 1.0
        return {name: factor * g for name, g in gradient.items()}

    def _penalised(self, point: Point, gradient: Point) -> Point:
        if self.penalty is None or self.penalty.form != "l2":
            return gradient
        weight = number(self.penalty.strength) * (1 if self.penalty.term == "half" else 2)
        return {name: g + weight * self._drawn(point, name) for name, g in gradient.items()}

    def _drawn(self, point: Point, name: str) -> float:
        """What the penalty takes of a parameter; biases may have none."""
        return 0.0 if self.penalty.of == "weights" and name.startswith("b") else point[name]

    def root(self, square: float, usual: str, where: str = "outside") -> float:
        """The root of a mean square with epsilon where the file wants it."""
        epsilon = self.setting("epsilon", usual)
        where = self.option("epsilon_at", where)
        if where == "inside":
            return math.sqrt(square + epsilon)
        return math.sqrt(square) + (epsilon if where == "outside" else 0.0)


STATE = ("v", "m", "u", "b", "v_bar")


def _descent(_: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    return eta * g


def _momentum(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    mu = run.setting("mu", "0.9")
    push = g * (1 - mu) if run.option("gradient", "whole") == "share" else g
    inside = run.option("rate_in", "step") == "velocity"
    state["v"] = mu * state["v"] + (eta * push if inside else push)  # always uphill here
    return state["v"] if inside else eta * state["v"]


def _nesterov(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    mu, form = run.setting("mu", "0.9"), run.option("form", "look_ahead")
    if form == "rate_in_step":
        state["v"] = mu * state["v"] + g
        return eta * (g + mu * state["v"])
    state["v"] = mu * state["v"] - eta * g
    return -state["v"] if form == "look_ahead" else eta * g - mu * state["v"]


def _adagrad(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    state["v"] += g * g
    return eta * g / run.root(state["v"], "1e-7")


def _rmsprop(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    rho = run.setting("rho", "0.9")
    state["v"] = rho * state["v"] + (1 - rho) * g * g
    square = state["v"]
    if run.option("centred", "false") == "true":
        state["m"] = rho * state["m"] + (1 - rho) * g
        square -= state["m"] ** 2
    scaled = g / run.root(square, "1e-8")
    momentum = run.option("momentum", "none")
    if momentum == "none":
        return eta * scaled
    mu = run.setting("mu", "0.9")
    if momentum == "rate_in_velocity":
        state["b"] = mu * state["b"] + eta * scaled
        return state["b"]
    state["b"] = mu * state["b"] + scaled
    return eta * state["b"]


def _adadelta(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    rho, epsilon = run.setting("rho", "0.9"), run.setting("epsilon", "1e-6")
    state["v"] = rho * state["v"] + (1 - rho) * g * g
    move = math.sqrt((state["u"] + epsilon) / (state["v"] + epsilon)) * g
    state["u"] = rho * state["u"] + (1 - rho) * move * move
    return eta * move if run.option("rate", "none") == "factor" else move


def _averages(run: Stepping, state: dict[str, float], g: float) -> tuple[float, float]:
    one, two = run.setting("beta_1", "0.9"), run.setting("beta_2", "0.999")
    state["m"] += (1 - one) * (g - state["m"])
    state["v"] += (1 - two) * (g * g - state["v"])
    return one, two


def _adam(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    one, two = _averages(run, state, g)
    correction, square = run.option("bias_correction", "both"), state["v"]
    if run.option("amsgrad", "false") == "true":
        square = state["v_bar"] = square if square > state["v_bar"] else state["v_bar"]
    if correction == "none":
        return eta * state["m"] / run.root(square, "1e-8")
    if correction == "rate":
        rate = eta * math.sqrt(1 - two**t) / (1 - one**t)
        return rate * state["m"] / run.root(square, "1e-8")
    return eta * (state["m"] / (1 - one**t)) / run.root(square / (1 - two**t), "1e-8")


def _adamax(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    one, two = run.setting("beta_1", "0.9"), run.setting("beta_2", "0.999")
    where, epsilon = run.option("epsilon_at", "none"), run.setting("epsilon", "1e-8")
    state["m"] += (1 - one) * (g - state["m"])
    size = abs(g) + (epsilon if where == "gradient" else 0.0)
    state["u"] = size if size > two * state["u"] else two * state["u"]
    below = state["u"] + (epsilon if where == "outside" else 0.0)
    return eta / (1 - one**t) * state["m"] / below


def _nadam(run: Stepping, state: dict[str, float], g: float, t: int, eta: float) -> float:
    one, two = _averages(run, state, g)
    form = run.option("form", "schedule")
    if form == "schedule":
        psi = run.setting("psi", "0.004")
        now, then = (one * (1 - 0.5 * math.pow(0.96, k * psi)) for k in (t, t + 1))
        ahead = then * state["m"] / (1 - run.product * then) + (1 - now) * g / (1 - run.product)
    else:
        later = t + 1 if form == "constant" else t
        ahead = one * state["m"] / (1 - one**later) + (1 - one) * g / (1 - one**t)
    return eta * ahead / run.root(state["v"] / (1 - two**t), "1e-8")


RULES: dict[str, Callable[[Stepping, dict[str, float], float, int, float], float]] = {
    "gradient_descent": _descent, "momentum": _momentum, "nesterov": _nesterov,
    "adagrad": _adagrad, "rmsprop": _rmsprop, "adadelta": _adadelta, "adam": _adam,
    "adamw": _adam, "adamax": _adamax, "nadam": _nadam,
}  # fmt: skip

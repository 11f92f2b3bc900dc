"""The second road of losses: values and gradients in NumPy, each by a formula of its own.

``corners`` are what a loss bends at where it is 0: there it has no derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One loss as numbers: its inputs by field, its target, its settings."""

    inputs: Mapping[str, Array]
    target: Array
    parameters: Mapping[str, float] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    base: float = float(np.e)
    smoothing: float = 0.0
    true: int = -1
    label: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """The loss, its gradient by each input, and its corners."""

    loss: float
    gradients: Mapping[str, Array]
    corners: tuple[float, ...] = ()


def loss_of(name: str, case: Case) -> Found:
    """A loss and its gradient."""
    with np.errstate(all="ignore"):
        if name in ELEMENTS:
            return _element(name, case)
        return SAMPLES[name](case)


def _element(name: str, case: Case) -> Found:
    target = case.target
    if name == "binary_cross_entropy" and case.smoothing:
        target = target + case.smoothing * (0.5 - target)
    (form,) = case.inputs
    x = case.inputs[form]
    y = x
    if form == "logits":
        y = np.exp(x) / (np.exp(x) + 1.0)
    value, slope, corners = ELEMENTS[name](y, target, case.parameters)
    if form == "logits":
        slope = slope * y / (1.0 + np.exp(x))
    scale = float(np.log(case.base))
    return Found(float(value[0]) / scale, {form: slope / scale}, tuple(map(float, corners)))


Element = Callable[[Array, Array, Mapping[str, float]], tuple[Array, Array, Array]]
NOWHERE = np.zeros(0)


def _squares(factor: float) -> Element:
    return lambda y, t, p: (
        factor * p.get("C", 1.0) * (y * y - 2 * y * t + t * t),
        2 * factor * p.get("C", 1.0) * (y - t), NOWHERE,
    )  # fmt: skip


def _bent(border: str, steep: Callable[[float], tuple[float, float]]) -> Element:
    """A parabola up to the border and straight lines beyond it."""

    def rule(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
        far = float(abs(y[0] - t[0]))
        curve, line = steep(p[border])
        if far <= p[border]:
            return np.array([curve * far**2 / 2]), curve * (y - t), NOWHERE
        return np.array([line * (far - p[border] / 2)]), line * np.sign(y - t), NOWHERE

    return rule


def _binary(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
    value, slope = np.zeros(1), np.zeros(1)
    if t[0] != 0:
        value, slope = value - t * np.log(y), slope - t / y
    if t[0] != 1:
        value, slope = value - (1 - t) * np.log1p(-y), slope + (1 - t) / (1 - y)
    return value, slope, NOWHERE


def _weighted(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
    """What the positive class adds is counted so many times."""
    value, slope, _ = _binary(y, t, p)
    if t[0] != 0:
        more = p["positive_weight"] - 1
        value, slope = value - more * t * np.log(y), slope - more * t / y
    return value, slope, NOWHERE


def _focal(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
    """Of each class its share of the target; what has none is left out."""
    value, slope, g = np.zeros(1), np.zeros(1), p["gamma"]
    classes = ((1.0, y, float(t[0]), p.get("alpha", 1.0)),
               (-1.0, 1 - y, 1 - float(t[0]), 1 - p["alpha"] if "alpha" in p else 1.0))  # fmt: skip
    for sign, share, part, weight in classes:
        if part:
            fade = g * (1 - share) ** (g - 1) * np.log(share) if g else np.zeros(1)
            value = value - part * weight * (1 - share) ** g * np.log(share)
            slope = slope + part * sign * weight * (fade - (1 - share) ** g / share)
    return value, slope, NOWHERE


def _hinge(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
    lacking = 1 - t * y
    inside = lacking > 0
    return np.where(inside, lacking, 0.0), np.where(inside, -t, 0.0), lacking


def _squared_hinge(y: Array, t: Array, p: Mapping[str, float]) -> tuple[Array, Array, Array]:
    lacking = np.clip(1 - t * y, 0, None)
    return lacking**2, -2 * t * lacking, NOWHERE


ELEMENTS: dict[str, Element] = {
    "half_squared_error": _squares(0.5),
    "squared_error": _squares(1.0),
    "mean_squared_error": _squares(1.0),
    "quadratic": _squares(1.0),
    "absolute_error": lambda y, t, p: (np.maximum(y - t, t - y), np.sign(y - t), NOWHERE),
    "huber": _bent("delta", lambda delta: (1.0, delta)),
    "smooth_l1": _bent("beta", lambda beta: (1.0 / beta, 1.0)),
    "log_cosh": lambda y, t, p: (
        np.logaddexp(y - t, t - y) - np.log(2.0), 1 - 2 / (np.exp(2 * (y - t)) + 1), NOWHERE,
    ),
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "binary_cross_entropy": _binary,
    "weighted_binary_cross_entropy": _weighted,
    "quantile": lambda y, t, p: (
        np.maximum(p["tau"] * (t - y), (p["tau"] - 1) * (t - y)),
        (1 - np.sign(t - y)) / 2 - p["tau"], y - t,
    ),
    "focal": _focal,
    "balanced_focal": _focal,
    "poisson": lambda y, t, p: (y - t * np.log(y), (y - t) / y, NOWHERE),
    "poisson_of_log": lambda y, t, p: (np.exp(y) - t * y, np.exp(y) - t, NOWHERE),
    "zero_one": lambda y, t, p: ((y != t) * 1.0, np.zeros(1), NOWHERE),
}  # fmt: skip


# ---------------------------------------------------------------- whole samples


def _logs(case: Case) -> tuple[str, Array]:
    """Logarithms of the probabilities."""
    (form,) = case.inputs
    x = case.inputs[form]
    if form == "logits":
        return form, x - np.logaddexp.reduce(x)
    return form, x if form == "log_predictions" else np.log(x)


def _cross_entropy(case: Case, entropy: bool = False) -> Found:
    form, logs = _logs(case)
    target = case.target + case.smoothing * (1 / len(case.target) - case.target)
    value = 0.0
    for t, log in zip(target, logs, strict=True):
        if t != 0:
            value += t * ((np.log(t) if entropy else 0.0) - log)
    if form == "logits":
        slope = np.exp(logs) * target.sum() - target
    else:
        slope = -target if form == "log_predictions" else -target / np.exp(logs)
        slope = np.where(target == 0, 0.0, slope)
    scale = np.log(case.base)
    return Found(float(value / scale), {form: np.asarray(slope / scale)})


def _jensen_shannon(case: Case) -> Found:
    (form,) = case.inputs
    y, t = case.inputs[form], case.target
    middle = (y + t) / 2

    def entropy(p: Array) -> float:
        kept = p[p > 0]
        return -float((kept * np.log(kept)).sum())

    scale = float(np.log(case.base))
    value = (entropy(middle) - (entropy(y) + entropy(t)) / 2) / scale
    slope = (np.log(y) - np.log(middle)) / (2 * scale)
    if case.conventions["form"] == "distance":
        value = float(np.sqrt(value))
        slope = slope / (2 * value)
    return Found(value, {form: slope})


def _multiclass(case: Case) -> Found:
    z = case.inputs["logits"]
    lacking = z - z[case.true] + case.parameters["margin"]
    wrong = np.arange(len(z)) != case.true
    slope = np.zeros(len(z))
    form = case.conventions["form"]
    if form == "largest":
        ranked = sorted((float(lacking[j]), int(j)) for j in np.flatnonzero(wrong))
        top, at = ranked[-1]
        if top > 0:
            slope[at], slope[case.true] = 1.0, -1.0
        ties = [top - other for other, _ in ranked[:-1]] if top > 0 else []
        return Found(max(top, 0.0), {"logits": slope}, (top, *ties))
    value = 0.0
    for j in np.flatnonzero(wrong):
        if lacking[j] > 0:
            value += float(lacking[j])
            slope[j] += 1.0
            slope[case.true] -= 1.0
    count = len(z) if form == "mean" else 1
    return Found(value / count, {"logits": slope / count}, tuple(lacking[wrong].tolist()))


def _cosine(case: Case) -> Found:
    y, t = case.inputs["predictions"], case.target
    unit, along = t / np.linalg.norm(t), y / np.linalg.norm(y)
    c = float(unit @ along)
    slope = (unit - c * along) / np.linalg.norm(y)
    form = case.conventions["form"]
    if form == "embedding" and case.label == -1:
        above = c - case.parameters["margin"]
        return Found(max(above, 0.0), {"predictions": slope * float(above > 0)}, (above,))
    return Found(-c if form == "similarity" else 1 - c, {"predictions": -slope})


def _triplet(case: Case) -> Found:
    a, p, n = (case.inputs[name] for name in ("anchor", "positive", "negative"))
    near, far = float(np.linalg.norm(a - p)), float(np.linalg.norm(a - n))
    if case.conventions["distance"] == "squared":
        to_p, to_n, lacking = 2 * (a - p), 2 * (a - n), near**2 - far**2
        corners: tuple[float, ...] = ()
    else:
        to_p, to_n, lacking = (a - p) / near, (a - n) / far, near - far
        corners = (near, far)
    lacking += case.parameters["margin"]
    on = float(lacking > 0)
    gradients = {"anchor": on * (to_p - to_n), "positive": -on * to_p, "negative": on * to_n}
    return Found(max(lacking, 0.0), gradients, (lacking, *corners))


def _contrastive(case: Case) -> Found:
    u, v = case.inputs["first"], case.inputs["second"]
    factor = 1.0 if case.conventions["factor"] == "half" else 2.0
    apart = float(np.linalg.norm(u - v))
    if case.label == 1:
        slope = factor * (u - v)
        return Found(factor * apart**2 / 2, {"first": slope, "second": -slope})
    lacking = max(case.parameters["margin"] - apart, 0.0)
    slope = -factor * lacking * (u - v) / apart
    return Found(factor * lacking**2 / 2, {"first": slope, "second": -slope}, (apart,))


SAMPLES: dict[str, Callable[[Case], Found]] = {
    "categorical_cross_entropy": _cross_entropy,
    "kl_divergence": lambda case: _cross_entropy(case, True),
    "jensen_shannon": _jensen_shannon,
    "multiclass_hinge": _multiclass,
    "cosine": _cosine,
    "triplet": _triplet,
    "contrastive": _contrastive,
}


def reduced(
    losses: list[Any],
    reduction: str,
    samples: int,
    over: int,
    weights: Sequence[float] = (),
    by_weights: bool = True,
) -> tuple[float, list[float]]:
    """The losses put together, and the factor that each has in that: one for all, or one for each."""
    if weights:
        below = float(np.sum(weights)) if by_weights else float(over)
        shares = np.asarray(weights) / (below if reduction == "mean" else 1.0)
        return float(np.asarray(losses) @ shares), shares.tolist()
    share = {"sum": 1.0, "mean": 1.0 / over, "batchmean": 1.0 / samples}[reduction]
    return float(np.sum(losses)) * share, [share]

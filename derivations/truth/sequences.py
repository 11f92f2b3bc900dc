"""Recurrent cells once more, in NumPy: forward and back through time, in loops of its own.

Gradients are written out by hand here, gate by gate; nothing is taken from the definitions that
the first road differentiates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = Mapping[str, Array]  # W_f, U_f, b_f, b_hf, p_f; V, b_y

GATES = {"rnn": ("",), "lstm": ("f", "i", "g", "o"), "gru": ("r", "z", "n")}


@dataclass(frozen=True, slots=True)
class Course:
    """A sequence and what is done with it.

    Attributes:
        heads: the activation of each gate.
        targets: one for each time step, None where there is none.
        output: the activation of the output layer; None without one.
        loss: of one time step; ``last`` counts an adjoint that is given at the last state.
        share: what the sum of the losses is multiplied with.
        cut: after so many steps no gradient goes further back; 0 for never.
    """

    cell: str
    heads: Mapping[str, str]
    reset: str
    update: str
    inputs: Sequence[Array]
    h: Array
    c: Array
    targets: Sequence[Array | None] = ()
    output: str | None = None
    loss: str = ""
    share: float = 1.0
    cut: int = 0
    at_h: Array | None = None
    at_c: Array | None = None


def _act(head: str, a: Array) -> Array:
    if head == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-a)))
    if head == "tanh":
        return np.asarray(np.tanh(a))
    if head == "relu":
        return np.asarray(np.where(a > 0, a, 0.0))
    if head == "softmax":
        grown = np.exp(a - a.max())
        return np.asarray(grown / grown.sum())
    return a


def _slope(head: str, y: Array) -> Array:
    """The derivative of an activation, from its value."""
    if head == "sigmoid":
        return y * (1 - y)
    if head == "tanh":
        return 1 - y * y
    if head == "relu":
        return np.asarray((y > 0) * 1.0, dtype=np.float64)
    return np.ones_like(y)


def _loss(loss: str, y: Array, t: Array) -> tuple[float, Array]:
    """The loss of one step, and its gradient by the output."""
    if loss == "cross_entropy":
        return float(-(t * np.log(y)).sum()), -t / y
    if loss == "binary_cross_entropy":
        value = -(t * np.log(y) + (1 - t) * np.log(1 - y)).sum()
        return float(value), (y - t) / (y * (1 - y))
    factor = {"half_squared_error": 0.5, "squared_error": 1.0, "mean_squared_error": 1 / y.size}[
        loss
    ]
    return float(factor * ((y - t) ** 2).sum()), 2 * factor * (y - t)


def run(of: Course, weights: Weights) -> dict[str, Any]:
    """All values and gradients: ``h_1``, ``L``, ``dL/dW_f``, ..."""
    steps: list[dict[str, Array]] = []
    h, c = of.h, of.c
    for x in of.inputs:
        steps.append(_forward(of, weights, x, h, c))
        h, c = steps[-1]["h"], steps[-1].get("c", c)
    found: dict[str, Any] = {
        f"{name}_{t}": value
        for t, step in enumerate(steps, 1)
        for name, value in step.items()
        if name[0] not in "~a"
    }
    slopes = [np.zeros_like(of.h) for _ in steps]
    gradients = {name: np.zeros_like(value) for name, value in weights.items()}
    total, counted = 0.0, 0
    for t, (step, target) in enumerate(zip(steps, of.targets, strict=False), 1):
        y = step["h"]
        if of.output is not None:
            found[f"s_{t}"] = _affine(weights, "V", "b_y", step["h"])
            y = _act(of.output, found[f"s_{t}"])
            found[f"y_{t}"] = y
        if target is None:
            continue
        value, g = _loss(of.loss, y, target)
        found[f"L_{t}"] = value
        total, counted = total + value, counted + 1
        g = g * of.share
        if of.output == "softmax":
            g = y * (g - (g * y).sum())
        elif of.output is not None:
            g = g * _slope(of.output, y)
        if of.output is not None:
            gradients["V"] = gradients["V"] + np.outer(g, step["h"])
            if "b_y" in weights:
                gradients["b_y"] = gradients["b_y"] + g
            g = weights["V"].T @ g
        slopes[t - 1] = g
    if of.at_h is not None or of.at_c is not None:
        total = sum(
            float((at * steps[-1][name]).sum())
            for name, at in (("h", of.at_h), ("c", of.at_c))
            if at is not None
        )
        slopes[-1] = slopes[-1] + (0 if of.at_h is None else of.at_h)
        counted = 1
    if counted:
        found["L"] = total * of.share
        found |= _backward(of, weights, steps, slopes, gradients)
    return found


def _affine(weights: Weights, letter: str, bias: str, x: Array) -> Array:
    return np.asarray(weights[letter] @ x + weights.get(bias, 0.0))


def _forward(of: Course, weights: Weights, x: Array, h: Array, c: Array) -> dict[str, Array]:
    now: dict[str, Array] = {"~x": x, "~h": h, "~c": c}
    for gate in GATES[of.cell]:
        end = f"_{gate}" if gate else ""
        before = h
        if of.cell == "gru" and gate == "n" and of.reset == "before":
            before = now["r"] * h
        inner = weights[f"U{end}"] @ before + weights.get(f"b_h{gate}", 0.0)
        if of.cell == "gru" and gate == "n" and of.reset == "after":
            now["~inner"] = inner
            inner = now["r"] * inner
        a = weights[f"W{end}"] @ x + inner + weights.get(f"b{end}", 0.0)
        if of.cell == "lstm" and gate == "o":
            now["c"] = now["f"] * c + now["i"] * now["g"]
        if of.cell == "lstm":  # a peephole sees the memory: before the step, of o behind it
            a = a + weights.get(f"p{end}", 0.0) * now.get("c", c)
        now[gate or "h"] = _act(of.heads[gate], a)
    if of.cell == "lstm":
        now["h"] = now["o"] * np.tanh(now["c"])
    if of.cell == "gru":
        share = now["z"] if of.update == "keeps" else 1 - now["z"]
        now["h"] = share * h + (1 - share) * now["n"]
    return now


def _backward(
    of: Course,
    weights: Weights,
    steps: Sequence[Mapping[str, Array]],
    slopes: Sequence[Array],
    gradients: dict[str, Array],
) -> dict[str, Any]:
    """Back through time; the gradient of a state is what the loss and the next step give it."""
    later_h, later_c = np.zeros_like(of.h), np.zeros_like(of.c)
    if of.at_c is not None:
        later_c = of.at_c
    for t in range(len(steps), 0, -1):
        now = steps[t - 1]
        dh, dc = slopes[t - 1] + later_h, later_c
        later_h, later_c = _one_back(of, weights, now, dh, dc, gradients)
        if of.cut and t > 1 and (t - 1) % of.cut == 0:
            later_h, later_c = np.zeros_like(later_h), np.zeros_like(later_c)
    found: dict[str, Any] = {f"dL/d{name}": value for name, value in gradients.items()}
    found["dL/dh_0"] = later_h
    if of.cell == "lstm":
        found["dL/dc_0"] = later_c
    return found


def _one_back(
    of: Course,
    weights: Weights,
    now: Mapping[str, Array],
    dh: Array,
    dc: Array,
    gradients: dict[str, Array],
) -> tuple[Array, Array]:
    """The gradients of the parameters from one step; what goes to the state before."""
    da: dict[str, Array] = {}
    direct = np.zeros_like(dh)
    x, h = now["~x"], now["~h"]
    if of.cell == "rnn":
        da[""] = dh * _slope(of.heads[""], now["h"])
    elif of.cell == "lstm":
        squashed = np.tanh(now["c"])
        da["o"] = dh * squashed * _slope(of.heads["o"], now["o"])
        dc = dc + dh * now["o"] * (1 - squashed * squashed) + da["o"] * weights.get("p_o", 0.0)
        da["f"] = dc * now["~c"] * _slope(of.heads["f"], now["f"])
        da["i"] = dc * now["g"] * _slope(of.heads["i"], now["i"])
        da["g"] = dc * now["i"] * _slope(of.heads["g"], now["g"])
        dc = dc * now["f"]
        dc = dc + da["f"] * weights.get("p_f", 0.0) + da["i"] * weights.get("p_i", 0.0)
        for gate, seen in (("f", "~c"), ("i", "~c"), ("o", "c")):
            if f"p_{gate}" in weights:
                gradients[f"p_{gate}"] = gradients[f"p_{gate}"] + da[gate] * now[seen]
    else:
        share = now["z"] if of.update == "keeps" else 1 - now["z"]
        towards = h - now["n"] if of.update == "keeps" else now["n"] - h
        direct = dh * share
        da["z"] = dh * towards * _slope(of.heads["z"], now["z"])
        da["n"] = dh * (1 - share) * _slope(of.heads["n"], now["n"])
        if of.reset == "after":
            dr = da["n"] * now["~inner"]
        else:
            through = weights["U_n"].T @ da["n"]
            dr = through * h
            direct = direct + through * now["r"]
        da["r"] = dr * _slope(of.heads["r"], now["r"])
    for gate, g in da.items():
        end = f"_{gate}" if gate else ""
        gradients[f"W{end}"] = gradients[f"W{end}"] + np.outer(g, x)
        if f"b{end}" in weights:
            gradients[f"b{end}"] = gradients[f"b{end}"] + g
        before = h
        if of.cell == "gru" and gate == "n":
            if of.reset == "after":
                g = g * now["r"]
            else:
                before = now["r"] * h
        gradients[f"U{end}"] = gradients[f"U{end}"] + np.outer(g, before)
        if f"b_h{gate}" in weights:
            gradients[f"b_h{gate}"] = gradients[f"b_h{gate}"] + g
        if not (of.cell == "gru" and gate == "n" and of.reset == "before"):
            direct = direct + weights[f"U{end}"].T @ g
    return direct, dc

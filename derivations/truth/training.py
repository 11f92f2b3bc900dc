"""The second road of training: a network in NumPy, its gradient written down by hand.

Arrays a layer, one sample after the other; optimisers as in `truth.optimisers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivations.formula.evaluation import Function
from derivations.formula.tree import Name, apply
from derivations.truth.losses import ELEMENTS
from derivations.truth.optimisers import LARGEST, Stepping, number, rate_of
from derivations.truth.second_road import OWN, Road

Array = NDArray[np.float64]


Unit = Callable[[Array], tuple[Array, Array]]  # values and slopes of the units of a layer


def unit(head: str, functions: Mapping[str, Function]) -> Unit:
    """A function with its slope: one of this road's own, else its definition on a tape."""
    if head in OWN:
        return OWN[head]

    def by_definition(z: Array) -> tuple[Array, Array]:
        road = Road({"z@": z}, {"a@": apply(head, Name("z@"))}, functions)
        return road.nodes["a@"].value, road.derivative("a@", "z@")

    return by_definition


def _cross(y: Array, t: Array) -> tuple[Array, Array]:
    return -t * np.log(y), -t / y


TAUGHT = (*(name for name in ELEMENTS if name != "zero_one"), "cross_entropy")  # with a slope


def loss_of(loss: tuple[str, Mapping[str, float]], y: Array, t: Array) -> tuple[Array, Array]:
    """The loss of each output, and its slopes."""
    name, parameters = loss
    if name == "cross_entropy":
        return _cross(y, t)
    each = [ELEMENTS[name](y[i : i + 1], t[i : i + 1], parameters) for i in range(len(y))]
    return np.concatenate([one[0] for one in each]), np.concatenate([one[1] for one in each])


@dataclass(slots=True)
class Network:
    """Weights and biases of each layer, and what the layers apply."""

    weights: list[Array]
    biases: list[Array | None]
    units: Sequence[Unit]
    softmax: bool  # in the last layer
    loss: tuple[str, Mapping[str, float]]
    share: float  # of each output's loss

    def outputs(self, x: Array) -> list[tuple[Array, Array]]:
        """Sum and output of each layer."""
        passed: list[tuple[Array, Array]] = []
        for w, b, unit_of in zip(self.weights, self.biases, self.units, strict=True):
            z = w @ x + (0.0 if b is None else b)
            if self.softmax and len(passed) == len(self.weights) - 1:
                raised = np.exp(z - z.max())
                x = raised / raised.sum()
            else:
                x = unit_of(z)[0]
            passed.append((z, x))
        return passed

    def error(self, x: Array, t: Array) -> float:
        """The loss of one sample."""
        return float(loss_of(self.loss, self.outputs(x)[-1][1], t)[0].sum() * self.share)

    def gradient(self, x: Array, t: Array) -> list[tuple[Array, Array]]:
        """Of one sample, by weights and biases of each layer."""
        passed = self.outputs(x)
        z, y = passed[-1]
        if self.softmax:
            delta = y * t.sum() - t
        else:
            delta = loss_of(self.loss, y, t)[1] * self.share * self.units[-1](z)[1]
        found: list[tuple[Array, Array]] = []
        for at in range(len(self.weights) - 1, -1, -1):
            below = passed[at - 1][1] if at else x
            found.append((np.outer(delta, below), delta))
            if at:
                delta = (self.weights[at].T @ delta) * self.units[at - 1](passed[at - 1][0])[1]
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Course:
    """A run of training: the network by the names of its parameters, and the data in batches."""

    names: Sequence[tuple[Sequence[Sequence[str]], Sequence[str | None]]]
    start: Mapping[str, str]
    units: Sequence[Unit]
    softmax: bool
    loss: tuple[str, Mapping[str, float]]
    share: float
    inputs: Sequence[Sequence[str]]
    targets: Sequence[Sequence[str]]
    batches: Sequence[Sequence[int]]
    over: str
    given: Any

    def network(self, point: Mapping[str, float]) -> Network:
        """The network with these parameters."""
        weights = [np.array([[point[n] for n in row] for row in rows]) for rows, _ in self.names]
        biases = [
            np.array([point[n] for n in row if n]) if all(row) else None for _, row in self.names
        ]
        return Network(weights, biases, self.units, self.softmax, self.loss, self.share)

    def named(self, gradient: Sequence[tuple[Array, Array]]) -> dict[str, float]:
        """The gradient by the names of the parameters."""
        found: dict[str, float] = {}
        for (rows, biases), (by_weights, by_biases) in zip(self.names, gradient, strict=True):
            for names, values in zip(rows, by_weights.tolist(), strict=True):
                found |= dict(zip(names, values, strict=True))
            found |= {n: v for n, v in zip(biases, by_biases.tolist(), strict=True) if n}
        return {name: found[name] for name in self.start}


def course(run: Course, updates: int) -> Iterator[tuple[dict[str, float], Stepping]]:
    """Parameters and state after 0, 1, 2, ... updates."""
    point = {name: number(text) for name, text in run.start.items()}
    stepping = Stepping(run.given.optimiser, run.given.clip, run.given.penalty, list(point))
    rate = rate_of(run.given, len(run.batches))
    xs = [np.array([number(v) for v in row]) for row in run.inputs]
    ts = [np.array([number(v) for v in row]) for row in run.targets]
    with np.errstate(all="ignore"):
        for k in range(updates):
            yield point, stepping
            batch = run.batches[k % len(run.batches)]
            network = run.network(stepping.ahead(point))
            total = dict.fromkeys(point, 0.0)
            for s in batch:
                for name, slope in run.named(network.gradient(xs[s], ts[s])).items():
                    total[name] += slope
            scale = 1 / len(batch) if run.over == "mean" else 1.0
            gradient = {name: scale * slope for name, slope in total.items()}
            point = stepping.step(k + 1, point, gradient, rate(k + 1))
        yield point, stepping


def total_error(run: Course, point: Mapping[str, float]) -> float:
    """The loss over all samples."""
    network = run.network(point)
    with np.errstate(all="ignore"):
        each = [
            network.error(np.array([number(v) for v in x]), np.array([number(v) for v in t]))
            for x, t in zip(run.inputs, run.targets, strict=True)
        ]
    return sum(each) / len(each) if run.over == "mean" else sum(each)


def diverges(run: Course, updates: int) -> int | None:
    """The first update after which a parameter is beyond 1e300, if there is one."""
    k = -1
    try:
        for k, (point, _) in enumerate(course(run, updates)):
            if not all(abs(at) <= LARGEST for at in point.values()):
                return k
    except OverflowError:
        return k + 1
    return None

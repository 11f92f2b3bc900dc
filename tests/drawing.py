"""Random problems of the kinds that compute with numbers, as the text of their files."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

SMOOTH = ["sigmoid", "tanh", "softplus", "softsign", "identity", "silu", "arctan", "gaussian"]
BENT = ["relu", "heaviside", "sign", "hard_sigmoid", "hard_tanh", "relu6", "elu", "hard_swish"]
LOSSES = ["half_squared_error", "squared_error", "mean_squared_error", "absolute_error"]
LIKELY = ["binary_cross_entropy", "cross_entropy"]


class Draw:
    """One source of chance, and everything that is drawn from it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def numeral(self, places: int | None = None) -> str:
        """A numeral as a teacher writes it; sometimes 0, whole, large or tiny."""
        chance, r = self.random.random(), self.random
        sign = r.choice(["", "", "-"])
        if chance < 0.04:
            return "0"
        if chance < 0.14:
            return sign + str(r.randint(1, 5))
        if chance < 0.17:
            return sign + str(r.randint(10, 60))
        if chance < 0.20:
            return f"{sign}{r.choice(['0.001', '0.0004', '1.5e-5', '0.00020', '2e-3'])}"
        places = places or r.choice([1, 1, 2, 2, 3, 4])
        return f"{sign}{r.randint(0, 1 if chance < 0.9 else 12)}.{r.randint(1, 10**places - 1):0{places}d}"

    def small(self) -> str:
        """A numeral of ordinary size."""
        return f"{self.random.choice(['', '-'])}{self.random.randint(0, 1)}.{self.random.randint(1, 99):02d}"

    def probability(self) -> str:
        return f"0.{self.random.randint(1, 99):02d}"

    def rounding(self) -> dict[str, Any]:
        r = self.random
        rounding: dict[str, Any] = {}
        chance = r.random()
        if chance < 0.5:
            rounding["decimals"] = r.randint(1, 6)
        elif chance < 0.85:
            rounding["significant"] = r.randint(1, 7)
        rounding["carry"] = r.choice(["rounded", "rounded", "exact"])
        if r.random() < 0.15:
            rounding[r.choice(["answer_decimals", "answer_significant"])] = r.randint(1, 5)
        if r.random() < 0.1:
            rounding["guard"] = r.randint(0, 3)
        if r.random() < 0.1:
            rounding["fractions"] = True
        return rounding

    def common(self, kind: str) -> dict[str, Any]:
        r = self.random
        problem: dict[str, Any] = {"kind": kind, "title": "Drawn", "rounding": self.rounding()}
        problem["detail"] = r.choice(["brief", "standard", "full"])
        problem["notation"] = {
            "times": r.choice(["cdot", "cdot", "times"]),
            "thousands": r.random() < 0.2,
            "layer_brackets": r.choice(["()", "[]"]),
        }
        return problem

    def activation(self) -> Any:
        r = self.random
        if r.random() < 0.1:
            return {"name": "leaky_relu", "alpha": r.choice(["0.1", "0.01", "0.2"])}
        return r.choice(SMOOTH + SMOOTH[:2] * 4 + BENT + BENT[:1] * 4)

    # ------------------------------------------------------------ kinds

    def network(self) -> dict[str, Any]:
        r = self.random
        problem = self.common("network")
        sizes = r.choice(
            [[1, 1], [2, 1], [2, 2], [1, 1, 1], [2, 2, 1], [2, 2, 2], [3, 2, 1], [3, 3, 2]]
        )
        number = self.numeral if r.random() < 0.6 else self.small
        layers: list[dict[str, Any]] = []
        for before, after in pairwise(sizes):
            layer: dict[str, Any] = {
                "weights": [[number() for _ in range(before)] for _ in range(after)],
                "activation": self.activation(),
            }
            if r.random() < 0.6:
                layer["biases"] = [number() for _ in range(after)]
            layers.append(layer)
        given: dict[str, Any] = {"x": [number() for _ in range(sizes[0])], "layers": layers}
        ask: dict[str, Any] = {}
        if r.random() < 0.75:
            given["loss"] = r.choice(LOSSES)
            if r.random() < 0.25:
                given["loss"] = r.choice(LIKELY)
                layers[-1]["activation"] = "sigmoid"
            given["target"] = [r.choice(["0", "1", self.probability()]) for _ in range(sizes[-1])]
            given["loss_over_outputs"] = r.choice(["sum", "mean"])
            ask["gradients"] = r.random() < 0.8
            if ask["gradients"] and r.random() < 0.6:
                ask["rate"] = r.choice(["0.1", "0.5", "1", "0.01", "0.25"])
        return {**problem, "given": given, "ask": ask}

    def neuron(self) -> dict[str, Any]:
        r = self.random
        n = r.randint(1, 4)
        given: dict[str, Any] = {
            "w": [self.numeral() for _ in range(n)], "x": [self.numeral() for _ in range(n)],
            "activation": self.activation(),
        }  # fmt: skip
        if r.random() < 0.7:
            given["b"] = self.numeral()
            given["bias_absorbed"] = r.random() < 0.3
        ask = {"classify": {"threshold": self.probability()}} if r.random() < 0.4 else {}
        return {**self.common("neuron-forward"), "given": given, "ask": ask}

    def graph(self) -> dict[str, Any]:
        r = self.random
        head = r.choice(["sigmoid", "tanh"])
        problem: dict[str, Any] = {
            **self.common("graph"),
            "given": {"w": self.small(), "b": self.small(), "v": self.small()},
            "define": {
                "z": "w*x + b",
                "a": f"{head}(z)",
                "y": "v*a",
                "L": r.choice(["1/2 (y - t)^2", "(t - y)^2"]),
            },
            "ask": {"gradients": {"of": "L", "by": ["w", "b", "v"]}},
        }
        if r.random() < 0.6:
            problem["samples"] = [
                {"x": self.small(), "t": self.probability()} for _ in range(r.randint(2, 3))
            ]
            problem["training"] = r.choice(["batch", "online"])
            problem["loss_over_samples"] = r.choice(["mean", "sum"])
            problem["ask"]["update"] = {"rate": "0.5"}
            problem["epochs"] = r.choice([1, 1, 2])
        else:
            problem["given"] |= {"x": self.small(), "t": self.probability()}
            problem["ask"]["chain"] = {"of": "L", "by": r.choice(["w", "b", "v"])}
        return problem

    def descent(self) -> dict[str, Any]:
        r = self.random
        loss = r.choice(["(w - 4)^2", "w^2", "1/2 (w - 1.5)^2", "2 w^2 - 3 w + 1", "w^2 + exp(-w)"])
        given = {
            "loss": loss, "start": self.small(), "steps": r.randint(1, 4),
            "rates": {"a": r.choice(["0.1", "0.05"]), "b": r.choice(["0.5", "0.9"])},
        }  # fmt: skip
        ask = {"behaviour": "exp" not in loss and r.random() < 0.7, "table": r.random() < 0.5}
        return {**self.common("gradient-descent"), "given": given, "ask": ask}

    def entropy(self) -> dict[str, Any]:
        r = self.random
        samples = []
        for _ in range(r.randint(1, 3)):
            first = r.randint(1, 98)
            second = r.randint(1, 99 - first)
            predicted = [f"0.{part:02d}" for part in (first, second, 100 - first - second)]
            target: dict[str, Any] = {"true_class": r.randint(1, 3)}
            if r.random() < 0.3:
                target = {"target": ["0.5", "0.25", "0.25"]}
            samples.append({"predicted": predicted, **target})
        given = {"samples": samples, "base": r.choice(["2", "e", "10"])}
        return {**self.common("cross-entropy"), "given": given}

    def convolution(self) -> dict[str, Any]:
        r = self.random
        n = r.randint(2, 4)
        given: dict[str, Any] = {
            "input": [[self.small() if r.random() < 0.3 else str(r.randint(-9, 9)) for _ in range(n)] for _ in range(n)],
            "kernel": [[str(r.randint(-2, 2)) for _ in range(2)] for _ in range(2)],
            "padding": r.choice(["0", "1"]),
            "mode": r.choice(["cross-correlation", "convolution"]),
        }  # fmt: skip
        return {**self.common("conv-numeric"), "given": given}

    def pooling(self) -> dict[str, Any]:
        r = self.random
        rows = [[str(r.randint(-9, 9)) for _ in range(4)] for _ in range(4)]
        given = {"input": rows, "size": 2, "mode": r.choice(["max", "average"])}
        return {**self.common("pooling-numeric"), "given": given}

    def points(self) -> dict[str, Any]:
        names = self.random.sample(SMOOTH + BENT, 3)
        given = {"functions": names, "at": list(dict.fromkeys(self.numeral() for _ in range(2)))}
        return {**self.common("activation-values"), "given": given}


KINDS = [
    *["network"] * 14, "neuron", "neuron", "graph", "graph", "descent", "entropy", "convolution",
    "pooling", "points",
]  # fmt: skip


def drawn(seed: int) -> dict[str, Any]:
    """The problem of a seed."""
    draw = Draw(seed)
    problem: dict[str, Any] = getattr(draw, KINDS[seed % len(KINDS)])()
    return problem


def text_of(problem: dict[str, Any]) -> str:
    """The problem as the text of a file: JSON is YAML."""
    return json.dumps(problem)

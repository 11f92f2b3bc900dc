"""Problem files of a course that are heavy: a cell through time, ten thousand updates, a deep network."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.networks.encoder import resnet_50


def lstm(folder: Path, width: int = 4, steps: int = 3) -> Path:
    """A cell of so many units over so many steps, forward and backward."""
    source = random.Random(1)

    def rows(count: int) -> list[list[float]]:
        return [[round(source.uniform(-1, 1), 1) for _ in range(width)] for _ in range(count)]

    given: dict[str, Any] = {"cell": "lstm", "inputs": rows(steps), "targets": rows(steps)}
    for name in "WU":
        given[name] = {gate: rows(width) for gate in "figo"}
    given["b"] = {gate: rows(1)[0] for gate in "figo"}
    asked = {"ask": {"gradients": True}, "rounding": {"decimals": 4}}
    return _written(folder, {"kind": "recurrent", "title": "A cell", "given": given, **asked})


def ten_thousand_updates(folder: Path) -> Path:
    """A 2-2-2 network that learns from four samples, one at a time, for 2,500 epochs."""
    layers = [
        {"weights": [[0.5, -0.4], [0.3, 0.8]], "biases": [0.1, -0.2], "activation": "sigmoid"},
        {"weights": [[0.2, -0.6], [-0.7, 0.4]], "biases": [0.1, 0.2], "activation": "sigmoid"},
    ]
    samples = {
        "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]],
        "targets": [[0, 1], [1, 0], [1, 0], [0, 1]],
    }
    given = {**samples, "layers": layers, "rate": 0.5, "batch": 1, "epochs": 2500}
    return _written(folder, {"kind": "training", "title": "A run", "given": given})


def resnet(folder: Path) -> Path:
    """The ONNX file of ResNet-50, its weights elsewhere."""
    return resnet_50().write(folder / "resnet-50.onnx")


def _written(folder: Path, problem: dict[str, Any]) -> Path:
    path = folder / f"{problem['kind']}.yaml"
    path.write_text(json.dumps(problem))
    return path

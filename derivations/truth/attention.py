"""Attention once more, in NumPy: position by position, with gradients written out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivations.truth.aims import Aimed

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """Queries, keys and values of one head, and its part of the output's weights."""

    queries: Array
    keys: Array
    values: Array
    scale: float
    mask: Array | None
    out: Array | None


def softmax(scores: Sequence[float], seen: Sequence[float] | None = None) -> list[float]:
    """Shares of a row of scores; entries that are not seen get 0."""
    shown = [seen is None or seen[j] > 0 for j in range(len(scores))]
    top = max(s for s, ok in zip(scores, shown, strict=True) if ok)
    grown = [math.exp(s - top) if ok else 0.0 for s, ok in zip(scores, shown, strict=True)]
    total = sum(grown)
    return [g / total for g in grown]


def attend(head: Head) -> tuple[Array, Array, Array]:
    """Scores, weights and output of a head, query by query."""
    scores, weights, output = [], [], []
    for i, q in enumerate(head.queries):
        row = [head.scale * float(np.dot(q, k)) for k in head.keys]
        share = softmax(row, None if head.mask is None else list(head.mask[i]))
        scores.append(row)
        weights.append(share)
        output.append(sum(a * v for a, v in zip(share, head.values, strict=True)))
    return np.array(scores), np.array(weights), np.array(output)


def back(head: Head, slope: Array) -> dict[str, Array]:
    """The gradients by scores, weights, queries, keys and values, pair by pair of positions."""
    _, weights, _ = attend(head)
    found = {
        "Q": np.zeros_like(head.queries), "K": np.zeros_like(head.keys),
        "V": np.zeros_like(head.values), "S": np.zeros_like(weights),
        "A": np.zeros_like(weights),
    }  # fmt: skip
    for i in range(len(head.queries)):
        given = [float(np.dot(slope[i], v)) for v in head.values]
        mean = sum(a * g for a, g in zip(weights[i], given, strict=True))
        for j, g in enumerate(given):
            by_score = weights[i, j] * (g - mean)
            found["A"][i, j], found["S"][i, j] = g, by_score
            found["V"][j] += weights[i, j] * slope[i]
            found["Q"][i] += by_score * head.scale * head.keys[j]
            found["K"][j] += by_score * head.scale * head.queries[i]
    return found


def run(heads: Sequence[Head], sources: Mapping[str, Any], aim: Aimed | None) -> dict[str, Any]:
    """Everything by name; ``sources``: X, the memory Z, and the weights and biases of each head."""
    found: dict[str, Any] = {}
    output: Any = 0.0
    for h, head in enumerate(heads, 1):
        end = f"__{h}" if len(heads) > 1 else ""
        scores, weights, mixed = attend(head)
        found |= {f"S{end}": scores, f"A{end}": weights}
        found |= {f"Q{end}": head.queries, f"K{end}": head.keys, f"V{end}": head.values}
        if head.out is not None:
            found[f"O{end}"] = mixed
            mixed = np.array([row @ head.out for row in mixed])
        output = output + mixed
    found["Y"] = output = output + sources.get("b_O", 0.0)
    if aim is None:
        return found
    slope = aim.slope(output)
    found["L"] = aim.loss(output)
    total: dict[str, Any] = {"b_O": sum(slope)} if "b_O" in sources else {}
    for h, head in enumerate(heads, 1):
        end = f"__{h}" if len(heads) > 1 else ""
        inner = slope
        if head.out is not None:
            inner = slope @ head.out.T
            total[f"W_O{end}"] = attend(head)[2].T @ slope
        gradients = back(head, inner)
        for letter in "QKV":
            total[f"{letter}{end}"] = gradients[letter]
            if f"b_{letter}{end}" in sources:
                total[f"b_{letter}{end}"] = sum(gradients[letter])
            by = sources.get(f"W_{letter}{end}")
            if by is None:
                continue
            of = "X" if letter == "Q" or "Z" not in sources else "Z"
            total[f"W_{letter}{end}"] = sources[of].T @ gradients[letter]
            total[of] = total.get(of, 0.0) + gradients[letter] @ by.T
    return found | {f"dL/d{name}": value for name, value in total.items()}

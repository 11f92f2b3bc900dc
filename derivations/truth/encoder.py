"""The second road of an encoder block: token by token in NumPy, backwards by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivations.truth import attention
from derivations.truth.aims import Aimed
from derivations.truth.attention import Head
from derivations.truth.normalisation import normalised

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Normed:
    """A norm of some rows: what comes out, and how a slope goes back through it."""

    hat: Array
    jacobians: tuple[Array, ...]
    gamma: Array
    out: Array

    def back(self, slope: Array) -> Array:
        """The gradient by the rows."""
        rows = zip(self.jacobians, slope, strict=True)
        return np.array([jacobian.T @ (self.gamma * g) for jacobian, g in rows])


@dataclass(frozen=True, slots=True)
class Block:
    """The weights of a block. ``heads`` hold W_Q, W_K and W_V in the place of their products."""

    heads: Sequence[Head]
    w_1: Array
    w_2: Array
    vectors: Mapping[str, Array | None]
    epsilon: float
    pre: bool
    gelu: bool
    biases: Mapping[str, Array]

    def norm(self, rows: Array, k: int) -> Normed:
        """Each row less its mean, over its deviation."""
        done = [normalised(row, self.epsilon, True, 0) for row in rows]
        hat = np.array([row for row, _ in done])
        gamma, beta = self.vectors[f"gamma_{k}"], self.vectors[f"beta_{k}"]
        gamma = np.ones(rows.shape[1]) if gamma is None else gamma
        out = hat * gamma + (0.0 if beta is None else beta)
        return Normed(hat, tuple(jacobian for _, jacobian in done), gamma, out)

    def inner(self, u: float) -> tuple[float, float]:
        """The activation and its slope."""
        if not self.gelu:
            return (u, 1.0) if u > 0 else (0.0, 0.0)
        share = 0.5 * math.erfc(-u / math.sqrt(2.0))
        return u * share, share + u * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)

    def attend(self, x: Array, aim: Aimed | None = None) -> dict[str, Any]:
        """The self-attention of rows."""
        heads: list[Head] = []
        sources: dict[str, Any] = {"X": x, **self.biases}
        for h, head in enumerate(self.heads, 1):
            end = f"__{h}" if len(self.heads) > 1 else ""
            q, k, v = (
                x @ weights + self.biases.get(f"b_{letter}{end}", 0.0)
                for letter, weights in zip(
                    "QKV", (head.queries, head.keys, head.values), strict=True
                )
            )
            heads.append(replace(head, queries=q, keys=k, values=v))
            sources |= {f"W_Q{end}": head.queries, f"W_K{end}": head.keys, f"W_V{end}": head.values}
        return attention.run(heads, sources, aim)

    def feed(self, n: Array) -> dict[str, Array]:
        """U, F, the slopes of F, and E, unit by unit."""
        b_1, b_2 = self.vectors["b_1"], self.vectors["b_2"]
        u = np.array([[row @ w for w in self.w_1.T] for row in n])
        u = u if b_1 is None else u + b_1
        pairs = [[self.inner(float(entry)) for entry in row] for row in u]
        f = np.array([[value for value, _ in row] for row in pairs])
        slopes = np.array([[slope for _, slope in row] for row in pairs])
        e = np.array([[row @ w for w in self.w_2.T] for row in f])
        return {"U": u, "F": f, "slopes": slopes, "E": e if b_2 is None else e + b_2}

    def run(self, x: Array, aim: Aimed | None) -> dict[str, Any]:
        """Everything by name."""
        first = self.norm(x, 1) if self.pre else None
        source = x if first is None else first.out
        heads = self.attend(source)
        mixed = heads.pop("Y")
        r_1 = x + mixed
        middle = self.norm(r_1, 2 if self.pre else 1)
        feed = self.feed(middle.out)
        found = {**heads, "H": mixed, "R_1": r_1, **feed}
        found |= self._named(first or middle, 1, x if first else r_1, "N_1")
        if first is not None:
            found |= self._named(middle, 2, r_1, "N_2")
            y = r_1 + feed["E"]
            last = None
        else:
            r_2 = middle.out + feed["E"]
            last = self.norm(r_2, 2)
            found |= {"R_2": r_2, **self._named(last, 2, r_2, "Y")}
            y = last.out
        found["Y"] = y
        if aim is None:
            return found
        found["L"] = aim.loss(y)
        back = self._back(source, first, middle, last, feed, aim.slope(y))
        return found | {f"dL/d{name}": value for name, value in back.items()}

    def _named(self, norm: Normed, k: int, rows: Array, to: str) -> dict[str, Any]:
        mean = np.array([sum(row) / len(row) for row in rows])
        apart = np.array([row - m for row, m in zip(rows, mean, strict=True)])
        variance = np.array([sum(c * c for c in row) / len(row) for row in apart])
        named = {"mu": mean, "C": apart, "v": variance, "s": np.sqrt(variance + self.epsilon)}
        return {
            **{f"{letter}_{k}": value for letter, value in named.items()},
            f"N_hat_{k}": norm.hat, to: norm.out,
        }  # fmt: skip

    def _back(
        self,
        source: Array,
        first: Normed | None,
        middle: Normed,
        last: Normed | None,
        feed: Mapping[str, Array],
        slope: Array,
    ) -> dict[str, Any]:
        """From the gradient by Y to those of all parameters and inner matrices."""
        found: dict[str, Any] = {}
        k = 1 if last is not None else 2  # the norm before the feed-forward network
        by_sum = slope
        if last is not None:
            found |= _parameters(last, 2, slope)
            by_sum = found["R_2"] = last.back(slope)
        by_f = by_sum @ self.w_2.T
        by_u = by_f * feed["slopes"]
        found |= {"E": by_sum, "F": by_f, "U": by_u, "W_2": feed["F"].T @ by_sum}
        found |= {"b_2": by_sum.sum(axis=0), "b_1": by_u.sum(axis=0)}
        found["W_1"] = middle.out.T @ by_u
        by_n = by_u @ self.w_1.T + (by_sum if last is not None else 0.0)
        found |= _parameters(middle, k, by_n)
        by_r = middle.back(by_n) + (by_sum if last is None else 0.0)
        inside = self.attend(source, Aimed("slope", by_r))
        found |= {"R_1": by_r, "H": by_r, f"N_{k}": by_n}
        for name, value in inside.items():
            if name.startswith("dL/d") and name != "dL/dX":
                found[name[4:]] = value
        by_x = inside["dL/dX"]
        if first is not None:
            found |= {**_parameters(first, 1, by_x), "N_1": by_x}
            by_x = first.back(by_x)
        return {**found, "X": by_r + by_x}


def _parameters(norm: Normed, k: int, slope: Array) -> dict[str, Array]:
    """By γ, β and the standardised rows."""
    return {
        f"gamma_{k}": np.asarray(sum(g * h for g, h in zip(slope, norm.hat, strict=True))),
        f"beta_{k}": np.asarray(sum(slope)),
        f"N_hat_{k}": slope * norm.gamma,
    }

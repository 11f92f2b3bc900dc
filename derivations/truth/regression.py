"""The second road of a regression's figures: means of arrays in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def figures(
    targets: Sequence[float],
    predictions: Sequence[float],
    names: Sequence[str],
    predictors: int,
    factor: float,
) -> dict[str, float]:
    """The figures by their names; ``factor`` is what the mean relative residual is multiplied by."""
    t, y = np.asarray(targets, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    apart, n = y - t, len(t)
    square = float(apart @ apart) / n
    found = {"mae": float(np.abs(apart).mean()), "mse": square, "rmse": float(np.sqrt(square))}
    if "mape" in names:
        found["mape"] = factor * float(np.mean(np.abs(apart) / np.abs(t)))
    if "r2" in names:
        found["r2"] = 1.0 - square / float(np.var(t))
    if "adjusted_r2" in names:
        freedom = n - predictors - 1
        found["adjusted_r2"] = (found["r2"] * (n - 1) - predictors) / freedom
    return {name: found[name] for name in names}

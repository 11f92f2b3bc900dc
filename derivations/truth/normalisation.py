"""The second road of normalisation: whole sets of numbers in NumPy, backwards by the Jacobian."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def normalised(x: Array, epsilon: float, centred: bool, lost: int) -> tuple[Array, Array]:
    """One set of numbers, and the Jacobian of what it becomes.

    Args:
        centred: whether the mean is taken off first.
        lost: by how much the divisor of the variance is less than the number of values.
    """
    n = len(x)
    middle = np.eye(n) - np.full((n, n), 1.0 / n) if centred else np.eye(n)
    apart = middle @ x
    size = float(np.sqrt(apart @ apart / (n - lost) + epsilon))
    jacobian = middle / size - np.outer(apart, middle @ apart) / ((n - lost) * size**3)
    return apart / size, jacobian


def moved(x: Array, mean: float, variance: float, epsilon: float) -> tuple[Array, Array]:
    """The same with statistics that are given."""
    size = float(np.sqrt(variance + epsilon))
    return (x - mean) / size, np.eye(len(x)) / size

"""The second road's loss of an output, and its gradient by it: entry by entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aimed:
    """``rule``: slope, half_squared_error, squared_error or mean_squared_error; ``by``: G or T."""

    rule: str
    by: Array

    def loss(self, output: Array) -> float:
        """The loss of the output."""
        if self.rule == "slope":
            return float((self.by * output).sum())
        total = sum(
            (float(y) - float(t)) ** 2 for y, t in zip(output.flat, self.by.flat, strict=True)
        )
        return total * self._factor()

    def slope(self, output: Array) -> Array:
        """Its gradient by the output."""
        if self.rule == "slope":
            return self.by
        return np.asarray(2 * self._factor() * (output - self.by))

    def _factor(self) -> float:
        return {"half_squared_error": 0.5, "squared_error": 1.0}.get(self.rule, 1 / self.by.size)

"""The second road of dropout: entry by entry, its mean and variance over both outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dropped:
    """Outputs, moments over the masks, and the gradient by the input, in the shape of the input."""

    training: Any
    use: Any
    mean: Any
    variance: Any
    back: Any
    loss: float


def _each(rule: Callable[..., float], *arrays: Any) -> Any:
    if isinstance(arrays[0], list):
        return [_each(rule, *parts) for parts in zip(*arrays, strict=True)]
    return rule(*arrays)


def _total(value: Any) -> float:
    return sum(map(_total, value)) if isinstance(value, list) else float(value)


def dropped(h: Any, mask: Any, rate: float, inverted: bool, slope: Any | None) -> Dropped:
    """Dropout of an array.

    Args:
        rate: the probability of 0.
        inverted: whether what is kept is scaled in training.
    """
    keep = 1.0 - rate
    grown = 1.0 / keep if inverted else 1.0

    def mean(x: float) -> float:
        return rate * 0.0 + keep * (x * grown)

    def variance(x: float) -> float:
        return rate * (0.0 - mean(x)) ** 2 + keep * (x * grown - mean(x)) ** 2

    out = _each(lambda x, m: x * grown if m else 0.0, h, mask)
    back, loss = None, 0.0
    if slope is not None:
        back = _each(lambda g, m: g * grown if m else 0.0, slope, mask)
        loss = _total(_each(lambda g, y: g * y, slope, out))
    use = _each(lambda x: x if inverted else x * keep, h)
    return Dropped(out, use, _each(mean, h), _each(variance, h), back, loss)

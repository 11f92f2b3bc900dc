"""The second road for convolution and pooling: NumPy windows, with no loop over positions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def array(rows: Sequence[Sequence[str]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numerals as doubles."""
    return np.array([[float(Fraction(cell)) for cell in row] for row in rows])


def correlate(
    rows: Sequence[Sequence[str]],
    kernel: Sequence[Sequence[str]],
    stride: tuple[int, int],
    padding: tuple[int, int],
    turned: bool,
) -> list[list[float]]:
    """Cross-correlation, or convolution where the kernel is turned, by one tensor product."""
    x = np.pad(array(rows), ((padding[0],) * 2, (padding[1],) * 2))
    k = np.flip(array(kernel)) if turned else array(kernel)
    windows = sliding_window_view(x, k.shape)[:: stride[0], :: stride[1]]
    result: list[list[float]] = np.einsum("ijab,ab->ij", windows, k).tolist()
    return result


def pool(
    rows: Sequence[Sequence[str]], size: tuple[int, int], stride: tuple[int, int], mode: str
) -> list[list[float]]:
    """Maxima or averages of windows."""
    windows = sliding_window_view(array(rows), size)[:: stride[0], :: stride[1]]
    reduced = windows.max(axis=(2, 3)) if mode == "max" else windows.mean(axis=(2, 3))
    result: list[list[float]] = reduced.tolist()
    return result

"""The second road for counts: arrays are made and their entries counted, windows are slid.

Nothing here knows a formula for a size or a number of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

MOST = 50_000_000  # entries of an array that is really made


def positions(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many places a window has along an axis, found by sliding it."""
    start, count = -padding, 0
    while start + kernel <= size + padding:
        count += 1
        start += stride
    return count


def entries(*sizes: int) -> int:
    """The number of entries of an array of these sizes."""
    total = 1
    for size in sizes:
        total *= size
    if total > MOST:  # too large to be made; counted axis by axis, the shortest first
        sizes = tuple(sorted(sizes))
        return sum(entries(*sizes[1:]) for _ in range(sizes[0])) if len(sizes) > 1 else sizes[0]
    return int(np.empty(sizes, dtype=np.bool_).size)


def conv_operations(window: Sequence[int], outputs: int, bias: bool) -> tuple[int, int]:
    """Multiplications and additions of a convolution, counted over one window, then over all."""
    multiplications = additions = 0
    first = True
    for _ in product(*(range(size) for size in window)):
        multiplications += 1
        additions += 0 if first else 1
        first = False
    additions += 1 if bias else 0
    return multiplications * outputs, additions * outputs


def comparisons(window: Sequence[int], outputs: int) -> int:
    """Comparisons of a maximum, counted over one window, then over all."""
    count = -1
    for _ in product(*(range(size) for size in window)):
        count += 1
    return count * outputs

"""All gradients of n-n-...-1 sigmoid networks, derived line by line: time against weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.networks import derived, network


def lines() -> Iterator[str]:
    """Wider networks, then deeper ones; the last column should stay about the same."""
    yield f"{'widths':24} {'weights':>8} {'seconds':>9} {'ms a weight':>12}"
    for widths in [[n, n, 1] for n in (2, 4, 8, 16, 32)]:
        yield _line(widths)
    for depth in range(1, 7):
        yield _line([4] * (depth + 1) + [1])


def _line(widths: list[int]) -> str:
    weights = sum(before * width + width for before, width in pairwise(widths))
    loaded = network(widths, "")
    start = time.process_time()
    derived(loaded)
    seconds = time.process_time() - start
    shown = "-".join(map(str, widths))
    return f"{shown:24} {weights:8} {seconds:9.3f} {1000 * seconds / weights:12.2f}"

"""How much may be computed before somebody gives up: operations are counted, not seconds.

A count is the same on every machine, so that the same text gets the same answer everywhere. Where
nobody has set a bound there is none.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BITS_OF_ONE = 200  # of a large rational cost as much as one more operation


class Exhausted(Exception):
    """More work than was allowed. No error of evaluation: it says nothing about the formula."""


class Meter(threading.local):
    """What is left to be spent in this thread."""

    left: int = sys.maxsize


METER = Meter()


def spend(operations: int) -> None:
    """Count operations.

    Raises:
        Exhausted: more than is left.
    """
    METER.left -= operations
    if METER.left < 0:
        raise Exhausted


@contextmanager
def at_most(operations: int) -> Iterator[None]:
    """Allow so many operations inside, or what is left outside where that is less.

    What was spent inside is spent outside, too.
    """
    before = METER.left
    METER.left = allowed = max(min(operations, before), 0)
    try:
        yield
    finally:
        METER.left = before - (allowed - max(METER.left, 0))

"""HMAC-SHA256(secret, ids || counter): the draws of one student in one problem of one exam.

Byte for byte: the message is ``derivations/1``, the exam's, the problem's and the student's id, each
as UTF-8 behind its length in four bytes, and then the number of the block, from 0, in eight bytes
(all numbers big-endian); the key is the secret. The blocks of 32 bytes follow each other and are
read from the left. Nothing else goes in: not the other students, not the time, not the machine, no
generator of Python's.

Source: RFC 2104 for HMAC; Knuth, The Art of Computer Programming, vol. 2, 3.4.2, algorithm P.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TypeVar

VERSION = "derivations/1"  # another way of drawing is another version: the old papers stay
MAX_ID = 10_000  # bytes of an id
Item = TypeVar("Item")


class Stream:
    """Draws that depend on the secret and the three ids, and on nothing else.

    Args:
        secret: of the exam; whoever has it can draw everybody's numbers.
        exam, problem, student: the ids.
    """

    __slots__ = ("_block", "_buffer", "_ids", "_secret")

    def __init__(self, secret: bytes, exam: str, problem: str, student: str) -> None:
        if not secret:
            raise ValueError("an empty secret")
        self._secret = secret
        self._ids = b"".join(map(_prefixed, (VERSION, exam, problem, student)))
        self._block = 0
        self._buffer = b""

    def take(self, count: int) -> bytes:
        """The next bytes."""
        while len(self._buffer) < count:
            message = self._ids + self._block.to_bytes(8, "big")
            self._buffer += hmac.digest(self._secret, message, "sha256")
            self._block += 1
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each as likely: the low bits of the next bytes, until they fit.

        As many bytes as n - 1 has are taken and their superfluous high bits dropped; a number that
        is not below n is thrown away.
        """
        if n < 1:
            raise ValueError(f"no whole number is below {n} and not negative")
        bits = (n - 1).bit_length()
        count, mask = (bits + 7) // 8, (1 << bits) - 1
        while (drawn := int.from_bytes(self.take(count), "big") & mask) >= n:
            pass
        return drawn

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def permutation(self, n: int) -> list[int]:
        """0 to n - 1 in an order of which each is as likely: Fisher-Yates, from the last place down."""
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


def _prefixed(name: str) -> bytes:
    text = name.encode("utf-8")
    if len(text) > MAX_ID:
        raise ValueError(f"an id of {len(text)} bytes; at most {MAX_ID}")
    return len(text).to_bytes(4, "big") + text

"""The draws are what the documentation says, byte for byte: HMAC once more by hand, and fixed vectors."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from derivations.exams.seeds import Stream

SECRET = bytes(range(32))
IDS = ("midterm-2026", "neuron", "s1234567")


def by_hand(secret: bytes, ids: tuple[str, ...], blocks: int) -> bytes:
    """RFC 2104 written out with hashlib: H(key ^ 5c.., H(key ^ 36.., message))."""
    key = hashlib.sha256(secret).digest() if len(secret) > 64 else secret
    key = key.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
    message = b""
    for name in ("derivations/1", *ids):
        message += len(name.encode()).to_bytes(4, "big") + name.encode()
    return b"".join(
        hashlib.sha256(
            outer + hashlib.sha256(inner + message + n.to_bytes(8, "big")).digest()
        ).digest()
        for n in range(blocks)
    )


@pytest.mark.parametrize("secret", [SECRET, b"2026", b"x" * 100])
@pytest.mark.parametrize("ids", [IDS, ("", "", ""), ("Prüfung", "ü/1", "李雷")])
def test_the_bytes_are_those_of_the_documentation(secret: bytes, ids: tuple[str, ...]) -> None:
    stream = Stream(secret, *ids)
    taken = stream.take(1) + stream.take(0) + stream.take(40) + stream.take(59)
    assert taken == by_hand(secret, ids, 4)[:100]


def test_fixed_vectors() -> None:
    """Worked out with `by_hand` and written down: a change of them changes everybody's papers."""
    assert by_hand(SECRET, IDS, 1).hex() == VECTOR
    assert Stream(SECRET, *IDS).take(32).hex() == VECTOR
    stream = Stream(SECRET, *IDS)
    assert [stream.below(n) for n in (10, 256, 257, 1, 1000, 10**20)] == BELOW
    assert Stream(SECRET, *IDS).permutation(8) == PERMUTATION
    assert Stream(SECRET, *IDS).choice("abcdefg") == CHOICE


VECTOR = "397d805166756115ce7127683590e71699926833904173625b9090a88334c471"
BELOW = [9, 125, 81, 0, 629, 20018061807774437607]
PERMUTATION = [6, 3, 4, 2, 7, 0, 5, 1]
CHOICE = "b"


def test_below_by_hand() -> None:
    data = list(by_hand(SECRET, IDS, 3))
    expected = []
    for n, mask in [(10, 15), (7, 7), (200, 255), (3, 3)] * 4:
        while (drawn := data.pop(0) & mask) >= n:
            pass
        expected.append(drawn)
    stream = Stream(SECRET, *IDS)
    assert [stream.below(n) for n in [10, 7, 200, 3] * 4] == expected


def test_permutations_by_hand() -> None:
    data = list(by_hand(SECRET, IDS, 3))
    order = list("abcdef")
    for last, mask in [(5, 7), (4, 7), (3, 3), (2, 3), (1, 1)]:
        while (other := data.pop(0) & mask) > last:
            pass
        order[last], order[other] = order[other], order[last]
    assert ["abcdef"[n] for n in Stream(SECRET, *IDS).permutation(6)] == order


def test_every_value_is_as_likely() -> None:
    stream = Stream(SECRET, *IDS)
    count = Counter(stream.below(6) for _ in range(6000))
    assert sum((count[n] - 1000) ** 2 / 1000 for n in range(6)) < 20.5  # chi-square, 0.1 %
    orders = Counter(tuple(stream.permutation(3)) for _ in range(6000))
    assert sum((seen - 1000) ** 2 / 1000 for seen in orders.values()) < 20.5
    assert len(orders) == 6


def test_each_id_counts_and_their_borders_too() -> None:
    names = [
        ("ab", "c", "d"),
        ("a", "bc", "d"),
        ("ab", "cd", ""),
        ("abc", "", "d"),
        ("ab", "c", "e"),
    ]
    assert len({Stream(SECRET, *ids).take(16) for ids in names}) == len(names)
    assert Stream(SECRET, *IDS).take(16) != Stream(SECRET[:-1], *IDS).take(16)


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="below 0"):
        Stream(SECRET, *IDS).below(0)
    with pytest.raises(ValueError, match="empty secret"):
        Stream(b"", *IDS)
    with pytest.raises(ValueError, match="at most 10000"):
        Stream(SECRET, "x" * 10_001, "", "")

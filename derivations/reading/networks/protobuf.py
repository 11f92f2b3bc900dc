"""The wire format of Protocol Buffers: fields one by one, with bounds, nothing copied.

Source: Protocol Buffers documentation, Encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MOST_FIELDS = 2_000_000  # of one message


class DamagedFile(ValueError):
    """A file that breaks its format; the message says where."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A field: its number, its wire type, and its value: a whole number, or bytes in place."""

    number: int
    kind: int
    value: int
    data: memoryview
    at: int


EMPTY = memoryview(b"")


def varint(data: memoryview, at: int, base: int) -> tuple[int, int]:
    """A number in groups of seven bits, and the place behind it.

    Raises:
        DamagedFile: it has no end, or more than 64 bits.
    """
    result = 0
    for place in range(10):
        if at >= len(data):
            raise DamagedFile(f"byte {base + at}: the file ends inside a number")
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return result & (2**64 - 1), at
    raise DamagedFile(f"byte {base + at}: a number of more than 64 bits")


def fields(data: memoryview, base: int = 0) -> Iterator[Wire]:
    """The fields of a message; ``base`` is where it begins in the file, for messages.

    Raises:
        DamagedFile: what is no message.
    """
    at = 0
    for _ in range(MOST_FIELDS):
        if at >= len(data):
            return
        start = at
        key, at = varint(data, at, base)
        number, kind = key >> 3, key & 7
        if not 0 < number < 2**29 or kind not in (VARINT, FIXED64, BYTES, FIXED32):
            raise DamagedFile(f"byte {base + start}: no field of a message begins here")
        if kind == VARINT:
            value, at = varint(data, at, base)
            yield Wire(number, kind, value, EMPTY, base + start)
            continue
        size = {FIXED64: 8, FIXED32: 4}.get(kind, 0)
        if kind == BYTES:
            size, at = varint(data, at, base)
        if size > len(data) - at:
            raise DamagedFile(
                f"byte {base + start}: a field of {size} bytes, where {len(data) - at} are left"
            )
        yield Wire(number, kind, 0, data[at : at + size], base + at)
        at += size
    raise DamagedFile(f"byte {base}: a message of more than {MOST_FIELDS} fields")


def signed(value: int) -> int:
    """An int64 as it is kept: 64 bits in two's complement."""
    return value - 2**64 if value >= 2**63 else value


def whole_numbers(field: Wire) -> list[int]:
    """One int64, or many of them packed."""
    if field.kind == VARINT:
        return [signed(field.value)]
    found, at = [], 0
    while at < len(field.data):
        value, at = varint(field.data, at, field.at)
        found.append(signed(value))
    return found


def words(field: Wire) -> str:
    """A text, cut to a readable length.

    Raises:
        DamagedFile: it is not UTF-8.
    """
    try:
        return bytes(field.data[:1000]).decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedFile(f"byte {field.at}: a name that is not UTF-8") from None


def real(field: Wire) -> float:
    """A float of four bytes."""
    return float(struct.unpack("<f", bytes(field.data))[0]) if field.kind == FIXED32 else 0.0


def unpacked(data: memoryview, code: str, size: int) -> list[int | float]:
    """Numbers of ``size`` bytes each, by their code in `struct`; an odd rest is left out."""
    whole = len(data) // size * size
    return [one for (one,) in struct.iter_unpack(code, data[:whole])]

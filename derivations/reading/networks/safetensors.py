"""safetensors: names, types and shapes of tensors from the header; what they hold is never read.

A file is the header's length as 8 bytes, the header as JSON in UTF-8, and the bytes of all tensors
behind each other without gaps. Source: safetensors, README (Format) and ``Metadata::validate``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from derivations.reading.networks.protobuf import DamagedFile

MOST_BYTES = 32 << 20  # of a header or an index
MOST_TENSORS = 100_000
MOST_FILES = 2_000  # of one model
MOST_LETTERS = 300  # of a name
MOST_AXES = 16
METADATA = "__metadata__"
INDEX = ".safetensors.index.json"  # how the name of an index ends
KEYS = {"dtype", "shape", "data_offsets"}
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "I32": 32, "U32": 32, "I64": 64, "U64": 64,
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F16": 16, "BF16": 16, "F32": 32, "F64": 64, "C64": 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor: its name, type and sizes, and from where to where its bytes stand."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a file, or of the files of an index.

    ``files`` is how many they are, ``stated`` the bytes of all tensors that an index states.
    """

    tensors: tuple[StoredTensor, ...]
    files: int = 1
    stated: int | None = None


def read_safetensors(path: Path) -> Checkpoint:
    """The tensors of a ``.safetensors`` file, in the order of its header.

    Raises:
        DamagedFile: no such file by its format, damaged, or larger than anything that is read.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8:
            raise DamagedFile(f"a file of {size} bytes; the length of the header alone takes 8")
        if length > size - 8:
            raise DamagedFile(
                f"byte 0: a header of {length} bytes, where {size - 8} are left in the file"
            )
        if length > MOST_BYTES:
            raise DamagedFile(f"byte 0: a header of {length} bytes; at most {MOST_BYTES}")
        found = _json(file.read(length), "the header", 8)
    found.pop(METADATA, None)
    if len(found) > MOST_TENSORS:
        raise DamagedFile(f"{len(found)} tensors; at most {MOST_TENSORS}")
    if not found:
        raise DamagedFile("a header without tensors")
    tensors = tuple(_tensor(name, entry) for name, entry in found.items())
    _without_gaps(tensors, size - 8 - length)
    return Checkpoint(tensors)


def read_index(path: Path) -> Checkpoint:
    """The tensors of all files that an index names; they stand beside it.

    Raises:
        DamagedFile: a damaged index or file, or tensors that are not where the index says.
        OSError: the index cannot be read.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DamagedFile(f"an index of {size} bytes; at most {MOST_BYTES}")
    found = _json(path.read_bytes(), "the index", 0)
    places = found.get("weight_map")
    if not isinstance(places, dict) or not places:
        raise DamagedFile("an index without 'weight_map', the files of the tensors by their names")
    if len(places) > MOST_TENSORS:
        raise DamagedFile(f"{len(places)} tensors; at most {MOST_TENSORS}")
    by_file: dict[str, set[str]] = {}
    for name, file in places.items():
        by_file.setdefault(_file_name(file), set()).add(name)
    if len(by_file) > MOST_FILES:
        raise DamagedFile(f"{len(by_file)} files; at most {MOST_FILES}")
    tensors: list[StoredTensor] = []
    for file, names in sorted(by_file.items()):
        tensors += _beside(path.parent / file, names)
    metadata = found.get("metadata")
    stated = metadata.get("total_size") if isinstance(metadata, dict) else None
    whole = stated if isinstance(stated, int) and not isinstance(stated, bool) else None
    return Checkpoint(tuple(tensors), len(by_file), whole)


def _beside(path: Path, names: set[str]) -> tuple[StoredTensor, ...]:
    """The tensors of one file of an index, which are those that the index says."""
    try:
        tensors = read_safetensors(path).tensors
    except OSError as error:
        raise DamagedFile(f"{path.name}: cannot be read: {error.strerror}") from None
    except DamagedFile as error:
        raise DamagedFile(f"{path.name}: {error}") from None
    stored = {tensor.name for tensor in tensors}
    for name in sorted(names ^ stored):
        where = "it is not in it" if name in names else "the index does not say so"
        raise DamagedFile(f"{path.name}: the tensor {_shown(name)}: {where}")
    return tensors


def _file_name(file: Any) -> str:
    plain = isinstance(file, str) and file.endswith(".safetensors")
    if not plain or not file.isprintable() or any(sign in file for sign in "/\\:"):
        raise DamagedFile(f"{_shown(file)} is not the name of a .safetensors file beside the index")
    return str(file)


def _json(data: bytes, what: str, start: int) -> dict[str, Any]:
    """A mapping; no key stands in it twice, on any level.

    Raises:
        DamagedFile: anything else.
    """
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise DamagedFile(f"byte {start + error.start}: {what} is not UTF-8") from None
    except json.JSONDecodeError as error:
        at = start + len(error.doc[: error.pos].encode("utf-8"))
        raise DamagedFile(f"byte {at}: {what} is not JSON: {error.msg}") from None
    except RecursionError:
        raise DamagedFile(f"{what} is nested too deep") from None
    except DamagedFile:
        raise
    except ValueError:
        raise DamagedFile(f"{what} has a number of too many digits") from None
    if not isinstance(found, dict):
        raise DamagedFile(f"{what} is no mapping")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise DamagedFile(f"the key {_shown(twice)} stands twice")
    return found


def _tensor(name: str, entry: Any) -> StoredTensor:
    """Its type is known, and its sizes and type make as many bytes as it has."""
    said = f"the tensor {_shown(name)}"
    if not name or len(name) > MOST_LETTERS or not name.isprintable():
        raise DamagedFile(f"{said}: expected a name of 1 to {MOST_LETTERS} printable letters")
    if not isinstance(entry, dict) or set(entry) != KEYS:
        raise DamagedFile(f"{said}: expected dtype, shape and data_offsets, and nothing else")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise DamagedFile(f"{said}: {_shown(dtype)} is not a type; known: {', '.join(BITS)}")
    if not _naturals(shape) or len(shape) > MOST_AXES:
        raise DamagedFile(f"{said}: the shape {_shown(shape)}; expected a list of sizes")
    if not _naturals(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise DamagedFile(f"{said}: the offsets {_shown(offsets)}; expected [begin, end]")
    bits, (begin, end) = prod(shape) * BITS[dtype], offsets
    if bits != 8 * (end - begin):
        sizes = " × ".join(map(str, shape)) or "1"
        raise DamagedFile(
            f"{said}: {end - begin} bytes from {begin} to {end}; {sizes} numbers of "
            f"{BITS[dtype]} bits take {bits // 8 if bits % 8 == 0 else bits / 8}"
        )
    return StoredTensor(name, dtype, tuple(shape), begin, end)


def _naturals(values: Any) -> bool:
    """Whether it is a list of whole numbers that fit into 63 bits."""
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 2**63 for v in values)


def _without_gaps(tensors: tuple[StoredTensor, ...], size: int) -> None:
    """Each tensor begins where the one before it ends, and the last ends with the file."""
    reached, before = 0, "the header"
    for tensor in sorted(tensors, key=lambda one: (one.begin, one.end)):
        if tensor.begin != reached:
            how = "overlaps" if tensor.begin < reached else "leaves a gap behind"
            raise DamagedFile(
                f"the tensor {_shown(tensor.name)} begins at {tensor.begin} and {how} {before}, "
                f"which ends at {reached}"
            )
        reached, before = tensor.end, f"the tensor {_shown(tensor.name)}"
    if reached != size:
        raise DamagedFile(f"the tensors take {reached} bytes; the file has {size} for them")


def _shown(value: Any) -> str:
    """A value of the file, short and printable."""
    text = value if isinstance(value, str) else json.dumps(value)
    text = "".join(sign if sign.isprintable() else "?" for sign in text[:61])
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"

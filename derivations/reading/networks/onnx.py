"""ONNX: the graph of a model file with the sizes of its weights, which themselves are not read.

Field numbers are those of onnx.proto (ONNX, IR version 3 and later).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import TypeAlias

from derivations.reading.networks.protobuf import (
    FIXED32,
    DamagedFile,
    Wire,
    fields,
    real,
    unpacked,
    whole_numbers,
    words,
)

MOST_NODES = 20_000
MOST_BYTES = 8 << 30
MOST_VALUES = 1024  # of a small tensor that holds a shape
MOST_REALS = 16  # of a small tensor that holds factors
Value: TypeAlias = int | float | str | list[int] | list[float]
FLOAT, INT32, INT64, BOOL, DOUBLE = 1, 6, 7, 9, 11  # types of tensors
WHOLE = {INT32: ("<i", 4), INT64: ("<q", 8), BOOL: ("<B", 1)}
REAL = {FLOAT: ("<f", 4), DOUBLE: ("<d", 8)}
INTEGERS = frozenset({2, 3, 4, 5, INT32, INT64, BOOL, 12, 13})


@dataclass(frozen=True, slots=True)
class Tensor:
    """A weight: its sizes, whether it holds whole numbers, and its values where they are few."""

    name: str
    dims: tuple[int, ...]
    values: tuple[int | float, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """An operation with its inputs, outputs and attributes."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Value] = field(default_factory=dict)
    tensor: Tensor | None = None  # of a Constant


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """Nodes in order, weights by name, and the shapes of the inputs; 0 where a size is open."""

    nodes: tuple[OnnxNode, ...]
    weights: dict[str, Tensor]
    inputs: dict[str, tuple[int, ...]]
    outputs: tuple[str, ...] = ()
    functions: frozenset[str] = frozenset()  # operations that the file defines itself


def read_onnx(path: Path) -> OnnxGraph:
    """The graph of the file.

    Raises:
        DamagedFile: it is no ONNX file, it is damaged, or larger than anything that is read.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if not 0 < size <= MOST_BYTES:
        raise DamagedFile(f"a file of {size} bytes; expected 1 to {MOST_BYTES}")
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _model(memoryview(data))  # unmapped when nothing looks at it any more


def _model(data: memoryview) -> OnnxGraph:
    graph = None
    functions: list[str] = []
    for one in fields(data):
        if one.number == 7 and one.data:
            graph = one
        elif one.number == 25:
            functions += [words(name) for name in _inside(one, 1)]
    if graph is None:
        raise DamagedFile("there is no graph in this file")
    return replace(_graph(graph), functions=frozenset(functions))


def _graph(whole: Wire) -> OnnxGraph:
    nodes: list[OnnxNode] = []
    weights: dict[str, Tensor] = {}
    inputs: dict[str, tuple[int, ...]] = {}
    outputs: list[str] = []
    for one in fields(whole.data, whole.at):
        if one.number == 1:
            if len(nodes) >= MOST_NODES:
                raise DamagedFile(f"more than {MOST_NODES} nodes")
            nodes.append(_node(one))
        elif one.number == 5:
            tensor = _tensor(one)
            weights[tensor.name] = tensor
        elif one.number == 11:
            name, shape = _value(one)
            inputs[name] = shape
        elif one.number == 12:
            outputs.append(_value(one)[0])
    given = {name: shape for name, shape in inputs.items() if name not in weights}
    return OnnxGraph(tuple(nodes), weights, given, tuple(outputs))


def _node(whole: Wire) -> OnnxNode:
    inputs: list[str] = []
    outputs: list[str] = []
    name = op = ""
    attributes: dict[str, Value] = {}
    tensor: Tensor | None = None
    for one in fields(whole.data, whole.at):
        if one.number == 1:
            inputs.append(words(one))
        elif one.number == 2:
            outputs.append(words(one))
        elif one.number == 3:
            name = words(one)
        elif one.number == 4:
            op = words(one)
        elif one.number == 5:
            key, value, held = _attribute(one)
            attributes[key] = value
            tensor = held or tensor
    return OnnxNode(name, op, tuple(inputs), tuple(outputs), attributes, tensor)


def _attribute(whole: Wire) -> tuple[str, Value, Tensor | None]:
    name = ""
    value: Value = 0
    many: list[int] = []
    reals: list[float] = []
    tensor: Tensor | None = None
    for one in fields(whole.data, whole.at):
        if one.number == 1:
            name = words(one)
        elif one.number == 2:
            value = real(one)
        elif one.number == 3:
            value = whole_numbers(one)[0]
        elif one.number == 4:
            value = words(one)
        elif one.number == 5:
            tensor = _tensor(one)
        elif one.number == 7:
            reals += [real(one)] if one.kind == FIXED32 else unpacked(one.data, "<f", 4)
            value = reals
        elif one.number == 8:
            many += whole_numbers(one)
            value = many
    return name, value, tensor


def _tensor(whole: Wire) -> Tensor:
    dims: list[int] = []
    values: list[int | float] = []
    name, kind = "", 0
    raw: memoryview | None = None
    for one in fields(whole.data, whole.at):
        if one.number == 1:
            dims += whole_numbers(one)
        elif one.number == 2:
            kind = one.value
        elif one.number == 4 and len(one.data) <= 4 * MOST_REALS:
            values += [real(one)] if one.kind == FIXED32 else unpacked(one.data, "<f", 4)
        elif one.number in (5, 7) and len(one.data) <= MOST_VALUES:
            values += whole_numbers(one)
        elif one.number == 8:
            name = words(one)
        elif one.number == 9:
            raw = one.data
        elif one.number == 13:  # the values stand in another file, which is not opened
            raw, values = None, []
    if any(not 0 <= size < 2**40 for size in dims) or len(dims) > 16:
        raise DamagedFile(f"byte {whole.at}: the tensor '{name}' has the sizes {dims[:16]}")
    if raw is not None:
        code, size = {**WHOLE, **REAL}.get(kind, ("", 1))
        most = size * (MOST_VALUES if kind in WHOLE else MOST_REALS)
        values = unpacked(raw, code, size) if code and len(raw) <= most else []
    if len(values) != prod(dims):
        values = []
    return Tensor(name, tuple(dims), tuple(values), kind in INTEGERS)


def _value(whole: Wire) -> tuple[str, tuple[int, ...]]:
    """Name and shape of an input: ValueInfo, its type, its tensor, its shape, its sizes."""
    name = ""
    shape: tuple[int, ...] = ()
    for one in fields(whole.data, whole.at):
        if one.number == 1:
            name = words(one)
        elif one.number == 2:
            for tensor in _inside(one, 1):
                for sizes in _inside(tensor, 2):
                    shape = tuple(_size(dim) for dim in _inside(sizes, 1))
    return name, shape


def _inside(whole: Wire, number: int) -> Iterator[Wire]:
    return (one for one in fields(whole.data, whole.at) if one.number == number)


def _size(dim: Wire) -> int:
    sizes = [one.value for one in _inside(dim, 1)]
    return sizes[0] if sizes and 0 < sizes[0] < 2**31 else 0

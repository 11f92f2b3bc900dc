"""Operations of ONNX on constants: sizes always, values where they are few whole numbers or factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

from derivations.kinds.base.architectures import onnx_sizes as sizes
from derivations.kinds.base.architectures.onnx_layers import whole
from derivations.kinds.base.architectures.onnx_shapes import axes_of
from derivations.kinds.base.architectures.onnx_values import Const, Network
from derivations.models.traces import LayerError, Shape
from derivations.reading.networks.onnx import MOST_VALUES, OnnxNode

Scalar: TypeAlias = int | float
Rule: TypeAlias = Callable[[Network, OnnxNode, Sequence[Const]], Const]


def _divided(a: Scalar, b: Scalar) -> Scalar:
    """As ONNX divides: whole numbers toward 0."""
    if type(a) is int and type(b) is int:
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return a / b


BINARY: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b,
    "Div": _divided, "Min": min, "Max": max, "Equal": lambda a, b: int(a == b),
    "Greater": lambda a, b: int(a > b), "Less": lambda a, b: int(a < b), "Mod": lambda a, b: a % b,
}  # fmt: skip
LARGEST = 2**53  # of a value that is kept


def _places(dims: Shape) -> list[tuple[int, ...]]:
    """All index tuples of a small array, in order."""
    found: list[tuple[int, ...]] = [()]
    for size in dims:
        found = [(*index, k) for index in found for k in range(size)]
    return found


def _at(const: Const, index: Sequence[int]) -> Scalar:
    """The entry at a place, where an axis of size 1 has it everywhere."""
    own = index[len(index) - len(const.dims) :]
    flat = 0
    for size, place in zip(const.dims, own, strict=True):
        flat = flat * size + (0 if size == 1 else place)
    return const.values[flat]


def _few(dims: Shape, inputs: Sequence[Const]) -> bool:
    return prod(dims) <= MOST_VALUES and all(const.known for const in inputs)


def _weight(inputs: Sequence[Const]) -> str:
    """The largest of the weights from which something is computed."""
    return max(inputs, key=lambda const: prod(const.dims)).weight if inputs else ""


def _elementwise(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    dims = sizes.broadcast(*(const.dims for const in inputs))
    integers = all(const.whole for const in inputs)
    rule = BINARY.get(node.op)
    values: list[Scalar] = []
    if rule is not None and len(inputs) == 2 and _few(dims, inputs):
        left, right = inputs
        try:
            values = [rule(_at(left, index), _at(right, index)) for index in _places(dims)]
        except (ZeroDivisionError, OverflowError):
            raise LayerError("a constant that is divided by 0 or too large") from None
        if any(not abs(value) < LARGEST for value in values):
            values = []
    return Const(dims, tuple(values), _weight(inputs), integers)


def _where(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    dims = sizes.broadcast(*(const.dims for const in inputs))
    values: tuple[Scalar, ...] = ()
    if len(inputs) == 3 and _few(dims, inputs):
        chosen, yes, no = inputs
        values = tuple(_at(yes if _at(chosen, k) else no, k) for k in _places(dims))
    return Const(dims, values, _weight(inputs), all(const.whole for const in inputs[1:]))


def _taken(source: Const, dims: Shape, place: Callable[[tuple[int, ...]], Sequence[int]]) -> Const:
    """A constant whose entry at an index is that of another place of the source."""
    values: tuple[Scalar, ...] = ()
    if _few(dims, [source]):
        values = tuple(_at(source, place(index)) for index in _places(dims))
    return Const(dims, values, source.weight, source.whole)


def _renamed(source: Const, dims: Shape) -> Const:
    """The same entries in the same order."""
    return Const(dims, source.values, source.weight, source.whole)


def _reshape(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    target = inputs[1].numbers("new sizes")
    zero = whole(node, "allowzero", 0) == 1
    return _renamed(inputs[0], sizes.reshaped(inputs[0].dims, target, zero))


def _squeeze(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    return _renamed(inputs[0], sizes.squeezed(inputs[0].dims, axes_of(net, node, 1))[0])


def _unsqueeze(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    return _renamed(inputs[0], sizes.unsqueezed(inputs[0].dims, axes_of(net, node, 1))[0])


def _transpose(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    source = inputs[0]
    given = node.attributes.get("perm")
    order = [int(k) for k in given] if isinstance(given, list) and given else None
    order = order if order is not None else list(range(len(source.dims)))[::-1]
    dims = sizes.transposed(source.dims, order)
    return _taken(source, dims, lambda index: [index[order.index(k)] for k in range(len(order))])


def _gather(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    source, chosen = inputs
    axis = sizes.axis_of(whole(node, "axis", 0), len(source.dims))
    dims = (*source.dims[:axis], *chosen.dims, *source.dims[axis + 1 :])
    size, rank = source.dims[axis], len(chosen.dims)
    if not _few(dims, [source, chosen]):
        return Const(dims, (), source.weight, source.whole)
    if any(not -size <= place < size for place in chosen.numbers("places")):
        raise LayerError(f"a place that there is not along an axis of {size}")

    def place(index: tuple[int, ...]) -> list[int]:
        picked = int(_at(chosen, index[axis : axis + rank])) % size
        return [*index[:axis], picked, *index[axis + rank :]]

    return _taken(source, dims, place)


def _concat(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    axis = sizes.axis_of(whole(node, "axis", 0), len(inputs[0].dims))
    dims = sizes.concatenated([const.dims for const in inputs], axis)
    values: list[Scalar] = []
    if _few(dims, inputs):
        for index in _places(dims):
            along, chosen = index[axis], 0
            while along >= inputs[chosen].dims[axis]:
                along -= inputs[chosen].dims[axis]
                chosen += 1
            values.append(_at(inputs[chosen], (*index[:axis], along, *index[axis + 1 :])))
    return Const(dims, tuple(values), _weight(inputs), all(const.whole for const in inputs))


def _slice(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    source = inputs[0]
    if len(inputs) < 3:
        raise LayerError("a part of a constant whose places are attributes is not read here")
    starts, stops = inputs[1].numbers("places"), inputs[2].numbers("places")
    axes = inputs[3].numbers("axes") if len(inputs) > 3 else list(range(len(starts)))
    steps = inputs[4].numbers("steps") if len(inputs) > 4 else [1] * len(starts)
    if not len(starts) == len(stops) == len(axes) == len(steps):
        raise LayerError("starts, ends, axes and steps are not equally many")
    runs = [range(size) for size in source.dims]
    for start, stop, raw, step in zip(starts, stops, axes, steps, strict=True):
        axis = sizes.axis_of(raw, len(runs))
        size = source.dims[axis]
        backwards = step == -1 and start in (-1, size - 1) and stop <= -size - 1
        runs[axis] = range(size)[::-1] if backwards else sizes.part(size, start, stop, step)
    dims = tuple(map(len, runs))
    return _taken(source, dims, lambda index: [run[k] for run, k in zip(runs, index, strict=True)])


def _expand(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    dims = sizes.broadcast(inputs[0].dims, tuple(inputs[1].numbers("sizes")))
    return _taken(inputs[0], dims, lambda index: index)


def _filled(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    dims = tuple(inputs[0].numbers("sizes"))
    if any(size < 0 for size in dims) or len(dims) > 16:
        raise LayerError(f"sizes {list(dims)[:16]}")
    value = node.tensor.values[:1] if node.tensor is not None else (0.0,)
    few = prod(dims) <= MOST_VALUES and value
    integer = node.tensor is not None and node.tensor.whole
    return Const(dims, value * prod(dims) if few else (), "", integer)


def _range(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    start, stop, step = (one for const in inputs for one in const.numbers("bounds"))
    if not step:
        raise LayerError("a row of numbers in steps of 0")
    row = range(start, stop, step)
    return Const((len(row),), tuple(row) if len(row) <= MOST_VALUES else (), "", True)


def _cast(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    source = inputs[0]
    integer = whole(node, "to", 1) in (2, 3, 4, 5, 6, 7, 9, 12, 13)
    values: tuple[Scalar, ...] = source.values
    if values and all(abs(value) < LARGEST for value in values):
        values = tuple(int(v) if integer else float(v) for v in values)
    return Const(source.dims, values, source.weight, integer)


def _split(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    raise LayerError("parts of a constant are not read here")


def _same(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const:
    """Of the same sizes; what the values are is not known, unless nothing is done to them."""
    source = inputs[0]
    values = source.values if node.op in ("Identity", "Dropout") else ()
    return Const(source.dims, values, source.weight, source.whole)


FOLDED: dict[str, Rule] = {
    **dict.fromkeys((*BINARY, "Pow", "And", "Or", "Xor", "GreaterOrEqual", "LessOrEqual"), _elementwise),
    "Where": _where, "Reshape": _reshape, "Squeeze": _squeeze, "Unsqueeze": _unsqueeze,
    "Transpose": _transpose, "Gather": _gather, "Concat": _concat, "Slice": _slice,
    "Expand": _expand, "ConstantOfShape": _filled, "Range": _range, "Cast": _cast,
    "Split": _split,
    **dict.fromkeys((
        "Identity", "Dropout", "Not", "Trilu", "Neg", "Sqrt", "Abs", "Floor", "Ceil", "Exp", "Log",
        "Reciprocal", "Sin", "Cos", "Relu", "Sigmoid", "Tanh", "CumSum",
    ), _same),
}  # fmt: skip


def folded(net: Network, node: OnnxNode, inputs: Sequence[Const]) -> Const | None:
    """What the operation makes of constants; None where it is none that is read so."""
    rule = FOLDED.get(node.op)
    if rule is None or not inputs:
        return None
    try:
        return rule(net, node, inputs)
    except (ValueError, IndexError) as error:
        words = str(error) if isinstance(error, LayerError) else "inputs that do not fit"
        raise LayerError(words) from None

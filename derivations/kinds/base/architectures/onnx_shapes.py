"""Operations of ONNX that cut, join, turn and combine tensors, as layers or as a change of shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from math import prod

from derivations.kinds.base.architectures import onnx_sizes as sizes
from derivations.kinds.base.architectures.onnx_elementwise import aligned
from derivations.kinds.base.architectures.onnx_layers import (
    embedding,
    put,
    sizes_of,
    whole,
)
from derivations.kinds.base.architectures.onnx_values import Const, Entry, Flow, Network
from derivations.models.traces import LayerError, Shape
from derivations.reading.networks.onnx import OnnxNode

Operation = Callable[[Network, OnnxNode], None]
INTERPOLATIONS = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}


def axes_of(net: Network, node: OnnxNode, place: int) -> list[int]:
    """Axes of an attribute or, since ONNX 13, of an input."""
    given = net.const(place)
    return given.numbers("axes") if given else sizes_of(node, "axes", 0, 0)


def _turned(net: Network, node: OnnxNode, flow: Flow, shape: Shape, batch: int | None) -> None:
    """The same numbers in the same order: no layer until the shape matters."""
    net.bind(Flow(flow.node, shape, batch, node.name or f"{node.op} {net.place}"))


def reshape(net: Network, node: OnnxNode) -> None:
    """To a shape that is known when the file is read."""
    flow, target = net.flow(), net.const(1)
    if target is None:
        raise LayerError("a new shape that is not a constant of the file")
    shape = sizes.reshaped(
        flow.shape, target.numbers("new sizes"), whole(node, "allowzero", 0) == 1
    )
    _turned(net, node, flow, shape, _batch_behind(flow, shape))


def _batch_behind(flow: Flow, shape: Shape) -> int | None:
    """Where the batch stands by itself in the new shape; nowhere if it is joined with other axes."""
    if flow.batch is None:
        return 0 if shape[:1] == (1,) else None
    before, size = prod(flow.shape[: flow.batch]), flow.shape[flow.batch]
    reached = [1, *accumulate(shape, lambda a, b: a * b)]
    for axis, (count, found) in enumerate(zip(reached, shape, strict=False)):
        if count == before and found == size:
            return axis
    return shape.index(1) if size == 1 and 1 in shape[:1] else None


def flatten(net: Network, node: OnnxNode) -> None:
    """Two axes: those before ``axis``, and those from it on."""
    flow = net.flow()
    axis = whole(node, "axis", 1)
    axis = axis if axis == len(flow.shape) else sizes.axis_of(axis, len(flow.shape))
    shape = (prod(flow.shape[:axis]), prod(flow.shape[axis:]))
    _turned(net, node, flow, shape, _batch_behind(flow, shape))


def squeeze(net: Network, node: OnnxNode) -> None:
    """Without axes of size 1."""
    flow = net.flow()
    shape, left = sizes.squeezed(flow.shape, axes_of(net, node, 1))
    batch = left.index(flow.batch) if flow.batch in left else None
    _turned(net, node, flow, shape, batch)


def unsqueeze(net: Network, node: OnnxNode) -> None:
    """With new axes of size 1."""
    flow = net.flow()
    shape, old = sizes.unsqueezed(flow.shape, axes_of(net, node, 1))
    _turned(net, node, flow, shape, old[flow.batch] if flow.batch is not None else None)


def transpose(net: Network, node: OnnxNode) -> None:
    """A layer where axes of more than one place change their order, apart from the batch."""
    flow = net.flow()
    rank = len(flow.shape)
    order = sizes_of(node, "perm", 0, 0) or list(range(rank))[::-1]
    shape = sizes.transposed(flow.shape, order)
    batch = order.index(flow.batch) if flow.batch is not None else None
    moved = [axis for axis in order if axis != flow.batch and flow.shape[axis] != 1]
    if moved == sorted(moved):
        _turned(net, node, flow, shape, batch)
        return
    kept = [axis for axis in range(rank) if axis != flow.batch]
    ours = [kept.index(axis) for axis in order if axis != flow.batch]
    name = net.emit({"layer": "permute", "order": ours}, (flow,))
    net.bind(net.same(name, shape, batch))


def _own_axis(flow: Flow, axis: int) -> int:
    """The axis without the batch, counted from the end.

    Raises:
        LayerError: it is the batch.
    """
    if axis == flow.batch:
        raise LayerError("parts of the batch are taken")
    behind = flow.batch is not None and flow.batch > axis
    return axis - len(flow.shape) + (1 if behind else 0)


def cut(net: Network, flow: Flow, axis: int, places: range) -> Flow:
    """The tensor along one axis at some places only; all of them make no layer."""
    if len(places) == flow.shape[axis]:
        return flow
    if not len(places):
        raise LayerError("a part without any place")
    entry = {
        "layer": "slice", "axis": _own_axis(flow, axis), "start": places[0], "size": len(places),
        "step": places.step,
    }  # fmt: skip
    name = net.emit(entry, (flow,))
    shape = (*flow.shape[:axis], len(places), *flow.shape[axis + 1 :])
    return net.same(name, shape, flow.batch)


def slice_(net: Network, node: OnnxNode) -> None:
    """Parts along some axes."""
    flow = net.flow()
    given = [net.const(place) for place in (1, 2, 3, 4)]
    if given[0] is None or given[1] is None:
        starts, stops = sizes_of(node, "starts", 0, 0), sizes_of(node, "ends", 0, 0)
        axes = sizes_of(node, "axes", 0, 0) or list(range(len(starts)))
        steps = [1] * len(starts)
    else:
        starts, stops = given[0].numbers("places"), given[1].numbers("places")
        axes = given[2].numbers("axes") if given[2] else list(range(len(starts)))
        steps = given[3].numbers("steps") if given[3] else [1] * len(starts)
    if not len(starts) == len(stops) == len(axes) == len(steps):
        raise LayerError("starts, ends, axes and steps are not equally many")
    for start, stop, raw, step in zip(starts, stops, axes, steps, strict=True):
        axis = sizes.axis_of(raw, len(flow.shape))
        size = flow.shape[axis]
        if step == -1 and start in (-1, size - 1) and stop <= -size - 1 and axis != flow.batch:
            name = net.emit({"layer": "activation", "function": "reversed"}, (flow,))
            flow = net.same(name, flow.shape, flow.batch)
            continue
        flow = cut(net, flow, axis, sizes.part(flow.shape[axis], start, stop, step))
    net.bind(flow)


def split(net: Network, node: OnnxNode) -> None:
    """Parts behind each other, as large as is said, or alike."""
    flow, given = net.flow(), net.const(1)
    axis = sizes.axis_of(whole(node, "axis", 0), len(flow.shape))
    count = whole(node, "num_outputs", len(node.outputs))
    size = flow.shape[axis]
    each = [-(-size // count)] * (count - 1) if count else []
    parts = given.numbers("sizes") if given else sizes_of(node, "split", 0, 0)
    parts = parts or [*each, size - sum(each)]
    if sum(parts) != size or len(parts) < len(node.outputs) or min(parts) < 0:
        raise LayerError(f"parts of {parts[:16]} of {size}")
    ends = list(accumulate(parts))
    net.bind(*(
        cut(net, flow, axis, range(end - own, end)) if name in net.wanted else flow
        for own, end, name in zip(parts, ends, node.outputs, strict=False)
    ))  # fmt: skip


def gather(net: Network, node: OnnxNode) -> None:
    """Rows of a table for numbers of the input; or places of a tensor that are constants."""
    first, places = net.value(0), net.value(1)
    if isinstance(first, Const) and isinstance(places, Flow):
        if whole(node, "axis", 0):
            raise LayerError("columns of a constant are looked up")
        embedding(net, first, places)
        return
    flow, chosen = net.flow(), net.const(1)
    if chosen is None or len(chosen.dims) > 1:
        raise LayerError("places that are not a list of constants")
    axis = sizes.axis_of(whole(node, "axis", 0), len(flow.shape))
    size = flow.shape[axis]
    found = [place % size for place in chosen.numbers("places") if -size <= place < size]
    if len(found) != prod(chosen.dims) or not found:
        raise LayerError(f"places that there are not along an axis of {size}")
    step = found[1] - found[0] if len(found) > 1 else 1
    run = range(found[0], found[-1] + 1, step) if step > 0 else range(0)
    if list(run) != found:
        raise LayerError("places in another order are not read here")
    if axis == flow.batch and size == 1 and not chosen.dims:
        flow = replace(flow, batch=None)
    part = cut(net, flow, axis, run)
    if chosen.dims:
        net.bind(part)
        return
    shape, left = sizes.squeezed(part.shape, [axis])
    _turned(net, node, part, shape, left.index(part.batch) if part.batch in left else None)


def concat(net: Network, node: OnnxNode) -> None:
    """Results behind each other; a constant among them is a learned array."""
    found = [net.value(place) for place in range(len(node.inputs))]
    values = [value for value in found if value is not None]
    flows, batch, ours = aligned(values)
    shapes = [v.dims if isinstance(v, Const) else v.shape for v in values]
    axis = sizes.axis_of(whole(node, "axis", 0), len(shapes[0]))
    shape = sizes.concatenated(shapes, axis)
    if axis == batch:
        raise LayerError("joined along the batch")
    behind = iter(flows)
    sources = [
        next(behind) if isinstance(value, Flow) else _array(net, value, own)
        for value, own in zip(values, ours, strict=True)
    ]
    rank = len(shape) - (batch is not None)
    own_axis = axis - (batch is not None and batch < axis)
    entry: Entry = {"layer": "concat", "axis": (own_axis - 1) % rank - rank if rank > 1 else -1}
    net.bind(net.same(net.emit(entry, sources), shape, batch))


def _array(net: Network, const: Const, ours: Shape) -> Flow:
    """A learned array by itself."""
    if const.whole or not const.weight:
        raise LayerError("a constant that is not learned is joined with results")
    name = net.emit({"layer": "array", "sizes": ours or (1,)}, (), const.weight)
    return Flow(name, ours or (1,), None)


def reduced(mode: str) -> Operation:
    """Over height and width a global pooling, else over the axes that are named."""

    def read(net: Network, node: OnnxNode) -> None:
        flow = net.flow()
        rank = len(flow.shape)
        axes = {sizes.axis_of(axis, rank) for axis in axes_of(net, node, 1)} or set(range(rank))
        keep = whole(node, "keepdims", 1) == 1
        if flow.batch in axes and flow.shape[flow.batch or 0] == 1:
            flow = replace(flow, batch=None)
        pooled = {"mean": "average", "max": "max"}.get(mode)
        places = set(range(2, rank))
        if flow.batch == 0 and places and axes == places and pooled:
            put_reduced(
                net, flow, axes, keep, {"layer": "global_pool", "mode": pooled, "keep": keep}
            )
            return
        own = sorted(_own_axis(flow, axis) for axis in axes)
        put_reduced(
            net, flow, axes, keep, {"layer": "reduce", "mode": mode, "axes": own, "keep": keep}
        )

    return read


def put_reduced(net: Network, flow: Flow, axes: set[int], keep: bool, entry: Entry) -> None:
    """The layer, and the shape that is left."""
    name = net.emit(entry, (flow,))
    left = [axis for axis in range(len(flow.shape)) if keep or axis not in axes]
    shape = tuple(1 if axis in axes else flow.shape[axis] for axis in left)
    net.bind(net.same(name, shape, left.index(flow.batch) if flow.batch in left else None))


def pad(net: Network, node: OnnxNode) -> None:
    """Around height and width."""
    flow, given = net.image(), net.const(1)
    amounts = given.numbers("pads") if given else sizes_of(node, "pads", 0, 0)
    rank = len(flow.shape)
    axes = _axes(net.const(3), rank)
    if len(amounts) != 2 * len(axes):
        raise LayerError(f"{len(amounts)} pads for {len(axes)} axes; expected {2 * len(axes)}")
    pairs = [(0, 0)] * rank
    for axis, *pair in zip(axes, amounts[: len(axes)], amounts[len(axes) :], strict=True):
        pairs[axis] = (pair[0], pair[1])
    if not any(map(any, pairs)):
        net.bind(flow)
        return
    mode = str(node.attributes.get("mode", "constant"))
    if any(map(any, pairs[:2])) or min(amounts) < 0 or rank < 3:
        raise LayerError("only height and width are padded here, and nothing is cut off")
    entry = {"layer": "zero_pad", "padding": [list(p) for p in pairs[2:]],
             "mode": "zero" if mode == "constant" else mode}  # fmt: skip
    put(net, entry, flow)


def _axes(named: Const | None, rank: int) -> list[int]:
    """The axes that are named, counted from 0, or all."""
    return [sizes.axis_of(a, rank) for a in named.numbers("axes")] if named else list(range(rank))


def resize(net: Network, node: OnnxNode) -> None:
    """Whole factors are upsampling, everything else another size."""
    flow = net.image()
    factors, target = _scales(net, node), net.const(3)
    rank = len(flow.shape)
    axes = node.attributes.get("axes")
    places = [sizes.axis_of(int(a), rank) for a in axes] if isinstance(axes, list) else range(rank)
    wanted = list(flow.shape)
    if target is not None or factors:
        parts = target.numbers("sizes") if target is not None else factors
        if len(parts) != len(places):
            raise LayerError(f"{len(parts)} sizes or factors for {len(places)} axes")
        for axis, one in zip(places, parts, strict=True):
            wanted[axis] = int(one if target is not None else flow.shape[axis] * one + 1e-6)
    else:
        raise LayerError("neither sizes nor factors are constants of the file")
    if len(wanted) != rank or tuple(wanted[:2]) != flow.shape[:2] or rank < 3 or min(wanted) < 1:
        raise LayerError(f"the size {wanted[:16]} for {list(flow.shape)}; only maps are resized")
    mode = INTERPOLATIONS.get(str(node.attributes.get("mode", "nearest")), "")
    if not mode:
        raise LayerError(f"the mode {node.attributes.get('mode')} is not read here")
    whole_factors = all(w % n == 0 for w, n in zip(wanted[2:], flow.shape[2:], strict=True))
    entry: Entry = {"layer": "resize", "size": wanted[2:], "mode": mode}
    if whole_factors and mode != "bicubic":
        factor = [w // n for w, n in zip(wanted[2:], flow.shape[2:], strict=True)]
        entry = {"layer": "upsample", "factor": factor, "mode": mode}
    put(net, entry, flow)


def _scales(net: Network, node: OnnxNode) -> list[float]:
    """Factors: the third input of Resize, the second of Upsample and of Resize before ONNX 11."""
    late = node.op == "Resize" and len(node.inputs) > 2
    given = net.const(2 if late else 1)
    if given is None:
        found = node.attributes.get("scales")
        return [float(one) for one in found] if isinstance(found, list) else []
    factors = [float(value) for value in given.values] if given.known else []
    if any(not 0 < factor < 2**20 for factor in factors):
        raise LayerError("factors that are not positive")
    return factors

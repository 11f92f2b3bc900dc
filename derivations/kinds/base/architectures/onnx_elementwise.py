"""Operations of ONNX that put tensors together entry by entry; arrays among the weights are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from derivations.kinds.base.architectures import onnx_sizes as sizes
from derivations.kinds.base.architectures.onnx_layers import put, with_bias
from derivations.kinds.base.architectures.onnx_values import Const, Entry, Flow, Network, Value
from derivations.models.traces import LayerError, Shape
from derivations.reading.networks.onnx import OnnxNode

ARRAYS = {"Add": "add", "Sum": "add", "Sub": "subtract", "Mul": "multiply", "Div": "divide"}
BETWEEN = {
    "Sub": "difference", "Div": "quotient", "Pow": "power", "Max": "maximum", "Min": "minimum",
    "Where": "choice",
}  # fmt: skip
SCALARS = {
    "Add": "shift", "Sum": "shift", "Sub": "shift", "Mul": "scaling", "Div": "scaling",
    "Pow": "power", "Max": "maximum", "Min": "minimum", "Where": "mask",
}  # fmt: skip


def aligned(values: Sequence[Value]) -> tuple[list[Flow], int | None, list[Shape]]:
    """Results with their batch at the same place from the end; where it is; shapes without it.

    Raises:
        LayerError: it is at different places.
    """
    flows = [value for value in values if isinstance(value, Flow)]
    places = {f.batch - len(f.shape) for f in flows if f.batch is not None}
    if len(places) > 1:
        raise LayerError("the batch stands at different places of its inputs")
    shapes = [v.dims if isinstance(v, Const) else v.shape for v in values]
    if not places:
        return flows, None, shapes
    at = places.pop()
    batch = next(f.shape[at] for f in flows if f.batch is not None)
    for place, value in enumerate(flows):
        if value.batch is None and len(value.shape) >= -at:
            if value.shape[at] not in (1, batch):
                raise LayerError("the batch stands at different places of its inputs")
            flows[place] = replace(value, batch=len(value.shape) + at)
    ours = [tuple(s for axis, s in enumerate(shape) if axis != len(shape) + at) for shape in shapes]
    return flows, max(map(len, shapes)) + at, ours


def combined(net: Network, node: OnnxNode) -> None:
    """Tensors entry by entry: results, arrays that are learned, and constants that are not."""
    values = [v for v in (net.value(k) for k in range(len(node.inputs))) if v is not None]
    consts = [(k, value) for k, value in enumerate(values) if isinstance(value, Const)]
    flows, batch, ours = aligned(values)
    alone = len(flows) == 1
    if node.op == "Add" and alone and len(consts) == 1 and with_bias(net, flows[0], consts[0][1]):
        net.bind(flows[0])
        return
    current = flows[0]
    if not alone:
        shape = sizes.broadcast(*(flow.shape for flow in flows))
        current = net.same(_between(net, node, flows), shape, _end(flows))
    rank = max(len(v.dims if isinstance(v, Const) else v.shape) for v in values)
    at = batch - rank if batch is not None else None
    for place, const in consts:
        shape = sizes.broadcast(current.shape, const.dims)
        entry: Entry = {"layer": "activation", "function": SCALARS[node.op]}
        learned = prod(const.dims) > 1 and const.weight and not const.whole and node.op in ARRAYS
        if learned:
            entry = {"layer": "array", "operation": ARRAYS[node.op], "sizes": ours[place] or (1,)}
        elif not alone:
            continue
        elif shape != current.shape:
            raise LayerError("a constant of more axes or places than the result that it meets")
        made = net.emit(entry, (current,), const.weight if learned else "")
        current = net.same(made, shape, at + len(shape) if at is not None else None)
    net.bind(current)


def _end(flows: Sequence[Flow]) -> int | None:
    """Where the batch is in what is put together."""
    rank = max(len(flow.shape) for flow in flows)
    return next((f.batch - len(f.shape) + rank for f in flows if f.batch is not None), None)


def _between(net: Network, node: OnnxNode, flows: Sequence[Flow]) -> str:
    entry: Entry = {"layer": "multiply" if node.op == "Mul" else "add"}
    if node.op in BETWEEN:
        entry = {"layer": "elementwise", "operation": BETWEEN[node.op]}
    return net.emit(entry, flows)


def compared(net: Network, node: OnnxNode) -> None:
    """Truth values, entry by entry."""
    values = [v for v in (net.value(k) for k in range(len(node.inputs))) if v is not None]
    flows, batch, _ = aligned(values)
    shapes = [v.dims if isinstance(v, Const) else v.shape for v in values]
    full = sizes.broadcast(*shapes)
    entry: Entry = {"layer": "elementwise", "operation": "comparison"}
    if len(flows) == 1:
        entry = {"layer": "activation", "function": "comparison"}
        if full != flows[0].shape:
            raise LayerError("a constant of more axes or places than the result that it meets")
    net.bind(net.same(net.emit(entry, flows), full, batch))


def expand(net: Network, node: OnnxNode) -> None:
    """Repeated along axes of size 1."""
    flow, target = net.flow(), net.const(1)
    shape = sizes.broadcast(flow.shape, tuple(target.numbers("sizes") if target else ()))
    if shape == flow.shape:
        net.bind(flow)
        return
    at = flow.batch - len(flow.shape) if flow.batch is not None else None
    if at is not None and shape[at] != flow.shape[at]:
        raise LayerError("the batch is repeated")
    batch = len(shape) + at if at is not None else None
    ours = tuple(size for axis, size in enumerate(shape) if axis != batch)
    name = net.emit({"layer": "expand", "shape": ours}, (flow,))
    net.bind(net.same(name, shape, batch))


def prelu(net: Network, node: OnnxNode) -> None:
    """A learned slope for each channel."""
    values = [value for value in (net.value(0), net.value(1)) if value is not None]
    flows, _, ours = aligned(values)
    slope = values[1] if len(values) > 1 else None
    if len(flows) != 1 or not isinstance(slope, Const):
        raise LayerError("slopes that are not constants of the file")
    put(
        net,
        {"layer": "array", "operation": "slope", "sizes": ours[1] or (1,)},
        flows[0],
        slope.weight,
    )

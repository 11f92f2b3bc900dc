"""Operations of ONNX that have weights or windows, as layers."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from derivations.kinds.base.architectures.onnx_sizes import axis_of
from derivations.kinds.base.architectures.onnx_values import Const, Entry, Flow, Network
from derivations.models.architecture import Node
from derivations.models.sizes import edges_of
from derivations.models.traces import LayerError, Shape
from derivations.reading.networks.onnx import OnnxNode

Operation = Callable[[Network, OnnxNode], None]


def sizes_of(node: OnnxNode, key: str, count: int, default: int) -> list[int]:
    """Whole numbers of an attribute, one for each axis."""
    found = node.attributes.get(key)
    return [int(one) for one in found] if isinstance(found, list) and found else [default] * count


def whole(node: OnnxNode, key: str, default: int) -> int:
    """A whole number of an attribute.

    Raises:
        LayerError: something else stands there.
    """
    found = node.attributes.get(key, default)
    if not isinstance(found, int):
        raise LayerError(f"the attribute {key} is no whole number")
    return found


def _weight(net: Network, place: int, least: int, what: str) -> Const:
    found = net.value(place)
    if not isinstance(found, Const) or len(found.dims) < least:
        raise LayerError(f"{what} is not among the weights of the file")
    return found


def _each(net: Network, places: tuple[int, ...], count: int, of: str) -> bool:
    """Whether there are biases, scales or shifts at these inputs, one for each.

    Raises:
        LayerError: another number of them, such as one for all.
    """
    found = [one for one in map(net.const, places) if one is not None]
    for one in found:
        if prod(one.dims) != count:
            raise LayerError(
                f"{prod(one.dims)} biases or scales for {count} {of}; only one for each is read here"
            )
    return bool(found)


def _window(node: OnnxNode, kernel: list[int], sizes: Shape) -> Entry:
    """Kernel, stride, dilation, and padding before and after, for a map of these sizes."""
    count = len(kernel)
    stride, dilation = sizes_of(node, "strides", count, 1), sizes_of(node, "dilations", count, 1)
    pads = sizes_of(node, "pads", 2 * count, 0)
    auto = str(node.attributes.get("auto_pad", "NOTSET"))
    padding: Any = [[a, b] for a, b in zip(pads[:count], pads[count:], strict=False)]
    if auto in ("SAME_UPPER", "VALID"):
        padding = "same" if auto == "SAME_UPPER" else "valid"
    elif auto == "SAME_LOWER":
        extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        edges = edges_of("same", sizes, extents, tuple(stride))
        padding = [[after, before] for before, after in edges]
    elif auto != "NOTSET":
        raise LayerError(f"auto_pad {auto} is not read here")
    return {
        "kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding,
    }  # fmt: skip


def put(net: Network, entry: Entry, flow: Flow, weight: str = "") -> None:
    """A layer of one input, whose batch stands where it stood."""
    name = net.emit(entry, (flow,), weight)
    size = flow.shape[flow.batch] if flow.batch is not None else 1
    net.bind(net.behind(name, flow.batch, size))


def conv(net: Network, node: OnnxNode) -> None:
    """Filters, channels / groups, kernel."""
    kernel = _weight(net, 1, 3, "a convolution whose kernel")
    dims, groups = kernel.dims, whole(node, "group", 1)
    entry = {"layer": "conv", "filters": dims[0], "groups": groups}
    entry["bias"] = _each(net, (2,), dims[0], "filters")
    window = _window(node, list(dims[2:]), net.image().shape[2:])
    put(net, {**entry, **window, "expects": dims[1] * groups}, net.image(), kernel.weight)


def conv_transpose(net: Network, node: OnnxNode) -> None:
    """Channels, filters / groups, kernel."""
    kernel = _weight(net, 1, 3, "a convolution whose kernel")
    dims, groups = kernel.dims, whole(node, "group", 1)
    more = [[0, p] for p in sizes_of(node, "output_padding", len(dims) - 2, 0)]
    entry = {"layer": "conv_transpose", "filters": dims[1] * groups, "groups": groups}
    bias = _each(net, (2,), dims[1] * groups, "filters")
    entry |= {"output_padding": more, "bias": bias, "expects": dims[0]}
    if node.attributes.get("auto_pad") == "SAME_LOWER":
        raise LayerError("auto_pad SAME_LOWER is not read here for a transposed convolution")
    sizes = net.image().shape[2:]
    window = _window(node, list(dims[2:]), sizes)
    wanted = node.attributes.get("output_shape")
    if isinstance(wanted, list) and wanted:
        window["padding"] = _cut_to(node, window, sizes, [int(n) for n in wanted], more)
    put(net, {**entry, **window}, net.image(), kernel.weight)


def _cut_to(
    node: OnnxNode, window: Entry, sizes: Shape, wanted: list[int], more: list[list[int]]
) -> list[list[int]]:
    """What is cut off before and after, so that the output has the size that is named.

    Source: ONNX, operator ConvTranspose, how pads follow from output_shape.
    """
    wanted = wanted[-len(sizes) :]
    upper = node.attributes.get("auto_pad") == "SAME_UPPER"
    found = []
    rows = (sizes, wanted, window["kernel"], window["stride"], window["dilation"], more)
    for n, out, kernel, step, apart, (_, extra) in zip(*rows, strict=True):
        cut = (n - 1) * step + (kernel - 1) * apart + 1 + extra - out
        if cut < 0:
            raise LayerError(f"an output of {out} places is larger than {n} inputs can make it")
        less, rest = cut // 2, cut - cut // 2
        found.append([less, rest] if upper else [rest, less])
    return found


def pool(mode: str) -> Operation:
    """A window over every channel."""

    def read(net: Network, node: OnnxNode) -> None:
        window = _window(node, sizes_of(node, "kernel_shape", 2, 1), net.image().shape[2:])
        ceil = bool(whole(node, "ceil_mode", 0))
        put(net, {"layer": "pool", "mode": mode, **window, "ceil": ceil}, net.image())

    return read


def global_pool(mode: str) -> Operation:
    """All places of every channel."""
    return lambda net, node: put(
        net, {"layer": "global_pool", "mode": mode, "keep": True}, net.image()
    )


def gemm(net: Network, node: OnnxNode) -> None:
    """A B + C, where B is a weight or another result."""
    left, right, bias = net.flow(), net.value(1), net.value(2)
    if whole(node, "transA", 0) or len(left.shape) != 2:
        raise LayerError("a product whose first matrix is transposed is not read here")
    turned = whole(node, "transB", 0)
    if isinstance(right, Flow):
        if bias is not None:
            raise LayerError("a product of two results with a bias is not read here")
        name = net.emit(
            {"layer": "matmul", "transposed": bool(turned)}, (_whole(left), _whole(right))
        )
        net.bind(net.behind(name, None, 1))
        return
    if isinstance(bias, Flow):
        raise LayerError("a bias that depends on the inputs of the network")
    matrix = _weight(net, 1, 2, "a product whose matrix")
    seen, units = matrix.dims[::-1] if turned else matrix.dims
    _dense(net, left, seen, units, _each(net, (2,), units, "units"), matrix.weight)


def _whole(flow: Flow) -> Flow:
    """With the batch as one of the sizes."""
    return Flow(flow.node, flow.shape, None, flow.name)


def _dense(net: Network, flow: Flow, seen: int, units: int, bias: bool, weight: str) -> None:
    if flow.batch == len(flow.shape) - 1:
        flow = _whole(flow)
    entry = {"layer": "dense", "units": units, "per_position": True, "bias": bias, "expects": seen}
    name = net.emit(entry, (flow,), weight)
    net.bind(net.same(name, (*flow.shape[:-1], units), flow.batch))


def matmul(net: Network, node: OnnxNode) -> None:
    """With a weight a dense layer, else the product of two results."""
    left, right = net.flow(), net.value(1)
    if isinstance(right, Const):
        if len(right.dims) != 2:
            raise LayerError(f"a product with a constant of {len(right.dims)} axes")
        _dense(net, left, right.dims[0], right.dims[1], False, right.weight)
        return
    other = net.flow(1)
    if len(left.shape) < 2 or len(other.shape) < 2:
        raise LayerError("a product with a vector is not read here")
    places = {f.batch - len(f.shape) for f in (left, other) if f.batch is not None}
    at = places.pop() if len(places) == 1 else 0
    if at > -3 or -at > min(len(left.shape), len(other.shape)):
        left, other, at = _whole(left), _whole(other), 0
    else:
        left, other = (Flow(f.node, f.shape, len(f.shape) + at, f.name) for f in (left, other))
    name = net.emit({"layer": "matmul"}, (left, other))
    rank = max(len(left.shape), len(other.shape))
    net.bind(net.behind(name, rank + at if at else None, left.shape[at] if at else 1))


def batch_norm(net: Network, node: OnnxNode) -> None:
    """γ and β for each channel; mean and variance are kept."""
    entry = {"layer": "batch_norm", "scale": net.const(1) is not None, "center": True}
    _each(net, (1, 2, 3, 4), net.image().shape[1], "channels")
    put(net, entry, net.image(), getattr(net.const(1), "weight", ""))


def channel_norm(layer: str) -> Operation:
    """γ and β for each channel."""

    def read(net: Network, node: OnnxNode) -> None:
        scale, shift = net.const(1), net.const(2)
        entry: Entry = {"layer": layer, "scale": scale is not None, "center": shift is not None}
        _each(net, (1, 2), net.image().shape[1], "channels")
        if layer == "group_norm":
            entry["groups"] = whole(node, "num_groups", 1)
        put(net, entry, net.image(), scale.weight if scale else "")

    return read


def last_norm(layer: str) -> Operation:
    """γ and β over the last axes."""

    def read(net: Network, node: OnnxNode) -> None:
        flow, scale, shift = net.flow(), net.const(1), net.const(2)
        axis = axis_of(whole(node, "axis", -1), len(flow.shape))
        if flow.batch is not None and flow.batch >= axis:
            raise LayerError("a normalisation over the batch")
        _each(net, (1, 2), prod(flow.shape[axis:]), "entries")
        entry: Entry = {"layer": layer, "scale": scale is not None, "center": shift is not None}
        if layer == "layer_norm":
            entry["axes"] = len(flow.shape) - axis
        elif len(flow.shape) - axis != 1:
            raise LayerError("a normalisation over more than the last axis is not read here")
        put(net, entry, flow, scale.weight if scale else "")

    return read


def recurrent(layer: str) -> Operation:
    """X [steps, batch, features], W [directions, gates × units, features], R and B."""

    def read(net: Network, node: OnnxNode) -> None:
        flow, first = net.flow(), whole(node, "layout", 0) == 1
        matrix = _weight(net, 1, 3, "a recurrent layer whose matrix")
        state = _weight(net, 2, 3, "a recurrent layer whose matrix")
        if flow.batch != (0 if first else 1) or len(flow.shape) != 3:
            raise LayerError("its steps stand where the batch is expected, or its batch elsewhere")
        for place in (4, 5, 6, 7):
            if isinstance(net.value(place), Flow) or (place == 7 and net.value(7) is not None):
                raise LayerError("lengths or states from outside, or peepholes, are not read here")
        every, last = (k < len(node.outputs) and node.outputs[k] in net.wanted for k in (0, 1))
        if len(node.outputs) > 2 and node.outputs[2] in net.wanted:
            raise LayerError("the last cell is used; only the last state is read here")
        ways, units = matrix.dims[0], state.dims[-1]
        entry = {"layer": layer, "units": units, "bidirectional": ways == 2, "sequences": every}
        entry |= {"biases": 2, "bias": net.const(3) is not None, "expects": matrix.dims[-1]}
        if (ways, matrix.dims[1]) not in ((1, state.dims[1]), (2, state.dims[1])):
            raise LayerError(f"matrices of {list(matrix.dims)} and {list(state.dims)} do not match")
        name = net.emit(entry, (flow,), matrix.weight)
        _bind_states(net, name, flow, ways, units, every, last)

    return read


def _bind_states(
    net: Network, name: str, flow: Flow, ways: int, units: int, every: bool, last: bool
) -> None:
    """All states [steps, directions, batch, units], the last ones without the steps."""
    batch, steps = flow.batch or 0, flow.shape[0 if flow.batch else 1]
    size = flow.shape[batch]
    first = batch == 0
    shape = (size, steps, ways, units) if first else (steps, ways, size, units)
    states = Flow(name, shape, 0 if first else 2)
    end = Flow(name, (size, ways, units) if first else (ways, size, units), 0 if first else 1)
    if every and last:
        whole_layer = Flow(name, net.made[name], None)
        cut = {"layer": "slice", "axis": -2, "start": steps - 1, "size": 1}
        end = Flow(net.emit(cut, (whole_layer,)), end.shape, end.batch)
    net.bind(states, end)


def embedding(net: Network, table: Const, places: Flow) -> None:
    """A row of the table for every number."""
    if len(table.dims) != 2:
        raise LayerError(f"rows of a constant of {len(table.dims)} axes")
    entry = {"layer": "embedding", "entries": table.dims[0], "width": table.dims[1]}
    name = net.emit(entry, (places,), table.weight)
    net.bind(net.same(name, (*places.shape, table.dims[1]), places.batch))


def with_bias(net: Network, flow: Flow, bias: Const) -> bool:
    """Whether the last layer is a dense one without a bias, which now has this one."""
    last = net.nodes[-1] if net.nodes else None
    if last is None or last.name != flow.node or last.kind != "dense" or last.fields.bias:
        return False
    if prod(bias.dims) != last.fields.units or bias.dims[-1:] != flow.shape[-1:]:
        return False
    owner = next((node for node in net.nodes if node.name == last.shares), None)
    if owner is not None and not getattr(owner.fields, "bias", False):
        return False
    fields = last.fields.model_copy(update={"bias": True})
    net.nodes[-1] = Node(last.name, fields, last.sources, last.label, last.shares, last.path)
    return True

"""An ONNX graph as layers, operation by operation; what is computed from sizes alone is folded."""

from __future__ import annotations

import re
from collections.abc import Callable

from derivations.errors import unknown
from derivations.kinds.base.architectures import onnx_elementwise as entries
from derivations.kinds.base.architectures import onnx_layers as layer
from derivations.kinds.base.architectures import onnx_shapes as shape
from derivations.kinds.base.architectures.onnx_constants import folded
from derivations.kinds.base.architectures.onnx_patterns import with_patterns
from derivations.kinds.base.architectures.onnx_values import Const, Flow, Network, Value
from derivations.kinds.base.architectures.open_sizes import NOTHING, Stated
from derivations.models.architecture import Architecture
from derivations.models.traces import LayerError
from derivations.reading.networks.onnx import OnnxGraph, OnnxNode

ACTIVATIONS = {
    "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax", "Gelu": "gelu",
    "LeakyRelu": "leaky_relu", "Elu": "elu", "HardSwish": "hard_swish",
    "HardSigmoid": "hard_sigmoid", "Softplus": "softplus", "LogSoftmax": "log_softmax", "Erf": "erf",
    "Sqrt": "sqrt", "Exp": "exp", "Neg": "neg", "Log": "log", "Abs": "abs", "Sin": "sin",
    "Cos": "cos", "Reciprocal": "reciprocal", "Selu": "selu", "Mish": "mish", "Celu": "celu",
    "Softsign": "softsign", "Swish": "silu", "Floor": "floor", "Ceil": "ceil", "Round": "round",
    "Not": "not",
}  # fmt: skip
SUBGRAPHS = frozenset({"If", "Loop", "Scan"})
QUANTISED = re.compile(r"[Qq]uantize|QLinear|Integer$")
PASSED = frozenset({"Identity", "Cast", "CastLike"})


def _activation(net: Network, node: OnnxNode) -> None:
    flow = net.flow()
    name = net.emit({"layer": "activation", "function": ACTIVATIONS[node.op]}, (flow,))
    net.bind(net.same(name, flow.shape, flow.batch))


def _clip(net: Network, node: OnnxNode) -> None:
    """Cut to an interval; from 0 to 6 it is ReLU6, from 0 on ReLU."""
    flow, bounds = net.flow(), tuple(_bound(net, node, k) for k in (1, 2))
    names: dict[tuple[float | None, ...], str] = {(0, 6): "relu6", (0, None): "relu"}
    function = names.get(bounds, "clip")
    net.bind(
        net.same(
            net.emit({"layer": "activation", "function": function}, (flow,)), flow.shape, flow.batch
        )
    )


def _bound(net: Network, node: OnnxNode, place: int) -> float | None:
    """The least or largest value: an input, before ONNX 11 an attribute; None where there is none."""
    found = node.attributes.get("min" if place == 1 else "max")
    const = net.const(place)
    if const is not None:
        return const.values[0] if const.values else None
    return found if isinstance(found, (int, float)) else None


def _dropout(net: Network, node: OnnxNode) -> None:
    flow = net.flow()
    net.bind(net.same(net.emit({"layer": "dropout"}, (flow,)), flow.shape, flow.batch))


def _passed(net: Network, node: OnnxNode) -> None:
    net.bind(net.flow())


def _shape(net: Network, node: OnnxNode) -> None:
    """The sizes are known when the file is read; an open batch is one sample."""
    found = net.value(0)
    sizes = found.shape if isinstance(found, Flow) else found.dims if found else ()
    start, end = layer.whole(node, "start", 0), layer.whole(node, "end", len(sizes))
    part = sizes[start:end]
    net.bind(Const((len(part),), part, "", True))


OPERATIONS: dict[str, Callable[[Network, OnnxNode], None]] = {
    "Conv": layer.conv, "ConvTranspose": layer.conv_transpose, "MaxPool": layer.pool("max"),
    "AveragePool": layer.pool("average"), "GlobalAveragePool": layer.global_pool("average"),
    "GlobalMaxPool": layer.global_pool("max"), "Gemm": layer.gemm, "MatMul": layer.matmul,
    "BatchNormalization": layer.batch_norm, "InstanceNormalization": layer.channel_norm("instance_norm"),
    "GroupNormalization": layer.channel_norm("group_norm"), "LayerNormalization": layer.last_norm("layer_norm"),
    "RMSNormalization": layer.last_norm("rms_norm"), "SimplifiedLayerNormalization": layer.last_norm("rms_norm"),
    "RNN": layer.recurrent("rnn"), "GRU": layer.recurrent("gru"), "LSTM": layer.recurrent("lstm"),
    "Reshape": shape.reshape, "Flatten": shape.flatten, "Squeeze": shape.squeeze,
    "Unsqueeze": shape.unsqueeze, "Transpose": shape.transpose, "Slice": shape.slice_,
    "Split": shape.split, "Gather": shape.gather, "Concat": shape.concat, "Expand": entries.expand,
    "Pad": shape.pad, "Resize": shape.resize, "Upsample": shape.resize, "PRelu": entries.prelu,
    "Shape": _shape, "Clip": _clip, "Dropout": _dropout,
    **dict.fromkeys((*entries.SCALARS,), entries.combined),
    **dict.fromkeys(("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or"), entries.compared),
    "ReduceMean": shape.reduced("mean"), "ReduceSum": shape.reduced("sum"),
    "ReduceMax": shape.reduced("max"), "ReduceMin": shape.reduced("min"), "ReduceL2": shape.reduced("norm"),
    **dict.fromkeys(ACTIVATIONS, _activation), **dict.fromkeys(PASSED, _passed),
}  # fmt: skip


def architecture_of_onnx(
    graph: OnnxGraph, stated: Stated = NOTHING
) -> tuple[Architecture, dict[str, int]]:
    """The graph's operations as layers, without the batch; and the channels that weights expect.

    Raises:
        LayerError: an operation or shape that is not read here, with its node.
    """
    graph = with_patterns(graph)
    net = Network(graph)
    stated.check(graph.inputs)
    behind = {name: stated.of(name, _sizes(name, shape)) for name, shape in graph.inputs.items()}
    inputs = {name: ((graph.inputs[name] or (1,))[0] or 1, *behind[name]) for name in behind}
    for name, sizes in inputs.items():
        net.values[name] = Flow(name, sizes, 0)
        net.made[name] = sizes[1:]
        net.taken.add(name)
    for name, tensor in graph.weights.items():
        net.values[name] = Const(tensor.dims, tensor.values, name, tensor.whole)
    net.wanted = frozenset(graph.outputs) | {name for node in graph.nodes for name in node.inputs}
    for place, node in enumerate(graph.nodes):
        try:
            _read(net, node, place, graph.functions)
        except LayerError as error:
            raise LayerError(f"node {place} '{node.name[:60]}' ({node.op[:40]}): {error}") from None
    for name in graph.outputs:
        found = net.values.get(name)
        if isinstance(found, Flow):
            net.source(found)
    if not net.nodes or not inputs:
        raise LayerError("a graph without inputs or without layers")
    return Architecture(tuple(behind.items()), tuple(net.nodes), True), net.expected


def _read(net: Network, node: OnnxNode, place: int, functions: frozenset[str]) -> None:
    """One operation: a constant, what is computed from constants, or a layer."""
    net.current, net.place = node, place
    if node.op == "Constant":
        net.bind(_constant(node))
        return
    values = [
        value for value in (net.value(k) for k in range(len(node.inputs))) if value is not None
    ]
    consts = [value for value in values if isinstance(value, Const)]
    if len(consts) == len(values):
        found = folded(net, node, consts)
        if found is not None:
            net.bind(found)
            return
    if node.op in functions or node.op in SUBGRAPHS or QUANTISED.search(node.op):
        raise LayerError(
            "subgraphs are not read here" if node.op in SUBGRAPHS
            else "functions that the file defines itself are not read here" if node.op in functions
            else "quantised operations are not read here; export the network before it is quantised"
        )  # fmt: skip
    if node.op not in OPERATIONS:
        raise LayerError(unknown(node.op, "an operation that is read here", OPERATIONS))
    OPERATIONS[node.op](net, node)


def _constant(node: OnnxNode) -> Value:
    """The tensor of a Constant, or the numbers of its attribute."""
    if node.tensor is not None:
        return Const(node.tensor.dims, node.tensor.values, "", node.tensor.whole)
    for key, found in node.attributes.items():
        if key in ("value_int", "value_float") and isinstance(found, (int, float)):
            return Const((), (found,), "", key == "value_int")
        if key in ("value_ints", "value_floats") and isinstance(found, list):
            return Const((len(found),), tuple(found), "", key == "value_ints")
    raise LayerError("a constant without numbers")


def _sizes(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes behind the batch, which stands first."""
    if len(shape) == 1:
        raise LayerError(f"the input '{name[:60]}' has one axis; expected the batch and others")
    return shape[1:]

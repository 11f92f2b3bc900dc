"""Operations of an ONNX graph as layers. Its tensors are [batch, channels, height, width]."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from pydantic import ValidationError

from derivations.errors import unknown
from derivations.models.architecture import Architecture, Node
from derivations.models.layers import layers
from derivations.models.traces import LayerError
from derivations.reading.networks.onnx import OnnxGraph, OnnxNode, Tensor

Weights = list[Tensor]
Entry = dict[str, Any]

ACTIVATIONS = {
    "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax", "Gelu": "gelu",
    "LeakyRelu": "leaky_relu", "Elu": "elu", "Clip": "relu6", "HardSwish": "hard_swish",
    "HardSigmoid": "hard_sigmoid", "Softplus": "softplus", "LogSoftmax": "log_softmax", "Erf": "erf",
    "Sqrt": "sqrt", "Exp": "exp", "Neg": "neg",
}  # fmt: skip
PASSED = frozenset({"Identity", "Cast"})


def _sizes(node: OnnxNode, key: str, count: int, default: int) -> list[int]:
    found = node.attributes.get(key)
    return list(found) if isinstance(found, list) and found else [default] * count


def _window(node: OnnxNode, kernel: list[int]) -> Entry:
    """Kernel, stride, dilation, and padding before and after."""
    count = len(kernel)
    pads = _sizes(node, "pads", 2 * count, 0)
    auto = str(node.attributes.get("auto_pad", "NOTSET"))
    padding: Any = [[a, b] for a, b in zip(pads[:count], pads[count:], strict=False)]
    if auto in ("SAME_UPPER", "VALID"):
        padding = "same" if auto == "SAME_UPPER" else "valid"
    elif auto != "NOTSET":
        raise LayerError(f"auto_pad {auto} is not read here")
    return {
        "kernel": kernel, "stride": _sizes(node, "strides", count, 1),
        "dilation": _sizes(node, "dilations", count, 1), "padding": padding,
    }  # fmt: skip


def _conv(node: OnnxNode, weights: Weights) -> Entry:
    if not weights or len(weights[0].dims) < 3:
        raise LayerError("a convolution whose kernel is not among the weights of the file")
    dims, groups = weights[0].dims, int(str(node.attributes.get("group", 1)))
    entry = {"layer": "conv", "filters": dims[0], "groups": groups, "bias": len(weights) > 1}
    return {**entry, **_window(node, list(dims[2:])), "expects": dims[1] * groups}


def _conv_transpose(node: OnnxNode, weights: Weights) -> Entry:
    if not weights or len(weights[0].dims) < 3:
        raise LayerError("a convolution whose kernel is not among the weights of the file")
    dims, groups = weights[0].dims, int(str(node.attributes.get("group", 1)))
    more = [[0, p] for p in _sizes(node, "output_padding", len(dims) - 2, 0)]
    entry = {"layer": "conv_transpose", "filters": dims[1] * groups, "groups": groups}
    return {
        **entry, **_window(node, list(dims[2:])), "output_padding": more, "bias": len(weights) > 1,
        "expects": dims[0],
    }  # fmt: skip


def _pool(mode: str) -> Callable[[OnnxNode, Weights], Entry]:
    def entry(node: OnnxNode, weights: Weights) -> Entry:
        window = _window(node, _sizes(node, "kernel_shape", 2, 1))
        return {
            "layer": "pool",
            "mode": mode,
            **window,
            "ceil": bool(node.attributes.get("ceil_mode", 0)),
        }

    return entry


def _dense(node: OnnxNode, weights: Weights) -> Entry:
    if not weights or len(weights[0].dims) != 2:
        return {"layer": "matmul"}
    turned = node.op == "Gemm" and node.attributes.get("transB", 0)
    seen, units = weights[0].dims[::-1] if turned else weights[0].dims
    return {
        "layer": "dense",
        "units": units,
        "per_position": True,
        "bias": len(weights) > 1,
        "expects": seen,
    }


def _norm(layer: str) -> Callable[[OnnxNode, Weights], Entry]:
    def entry(node: OnnxNode, weights: Weights) -> Entry:
        return {
            "layer": layer,
            "scale": bool(weights),
            "center": len(weights) > 1 or layer == "batch_norm",
        }

    return entry


def _concat(node: OnnxNode, weights: Weights) -> Entry:
    if node.attributes.get("axis") != 1:
        raise LayerError(
            f"joined along axis {node.attributes.get('axis')}; only channels (1) are read"
        )
    return {"layer": "concat", "axis": -1}


def _reshape(node: OnnxNode, weights: Weights) -> Entry:
    if not weights or len(weights[0].values) < 2:
        raise LayerError("a new shape that is not a constant of the file")
    return {"layer": "reshape", "shape": list(weights[0].values[1:])}


def _mean(node: OnnxNode, weights: Weights) -> Entry:
    axes = node.attributes.get("axes") or (list(weights[0].values) if weights else [])
    if axes not in ([2, 3], [-2, -1], [-1, -2], [2], [2, 3, 4]):
        raise LayerError(f"a mean over the axes {axes}; only height and width are read")
    return {"layer": "global_pool", "keep": bool(node.attributes.get("keepdims", 1))}


def _join(layer: str) -> Callable[[OnnxNode, Weights], Entry]:
    return lambda node, weights: {"layer": layer}


def _activation(node: OnnxNode, weights: Weights) -> Entry:
    return {"layer": "activation", "function": ACTIVATIONS[node.op]}


OPERATIONS: dict[str, Callable[[OnnxNode, Weights], Entry]] = {
    "Conv": _conv, "ConvTranspose": _conv_transpose, "MaxPool": _pool("max"),
    "AveragePool": _pool("average"), "Gemm": _dense, "MatMul": _dense,
    "BatchNormalization": _norm("batch_norm"), "InstanceNormalization": _norm("instance_norm"),
    "LayerNormalization": _norm("layer_norm"), "Add": _join("add"), "Sum": _join("add"),
    "Mul": _join("multiply"), "Concat": _concat, "Flatten": _join("flatten"), "Reshape": _reshape,
    "Dropout": _join("dropout"), "ReduceMean": _mean,
    "GlobalAveragePool": lambda node, weights: {"layer": "global_pool", "keep": True},
    "GlobalMaxPool": lambda node, weights: {"layer": "global_pool", "mode": "max", "keep": True},
    **dict.fromkeys(ACTIVATIONS, _activation),
}  # fmt: skip


def architecture_of_onnx(graph: OnnxGraph) -> tuple[Architecture, dict[str, int]]:
    """The graph's operations as layers, without the batch; and the channels that weights expect.

    Raises:
        LayerError: an operation or shape that is not read here, with its node.
    """
    weights = dict(graph.weights)
    for node in graph.nodes:
        if node.op == "Constant" and node.tensor is not None and node.outputs:
            weights[node.outputs[0]] = node.tensor
    inputs = {name: _shape(name, shape) for name, shape in graph.inputs.items()}
    names = {name: name for name in inputs}  # of tensors: the node that puts them out
    nodes: list[Node] = []
    taken: set[str] = set(inputs)
    used: dict[str, str] = {}
    expected: dict[str, int] = {}
    for place, node in enumerate(graph.nodes):
        if node.op == "Constant":
            continue
        try:
            _place(node, place, weights, names, nodes, taken, used, expected)
        except LayerError as error:
            raise LayerError(f"node {place} '{node.name[:60]}' ({node.op[:40]}): {error}") from None
    if not nodes or not inputs:
        raise LayerError("a graph without inputs or without layers")
    return Architecture(tuple(inputs.items()), tuple(nodes), True), expected


def _place(
    node: OnnxNode,
    place: int,
    weights: dict[str, Tensor],
    names: dict[str, str],
    nodes: list[Node],
    taken: set[str],
    used: dict[str, str],
    expected: dict[str, int],
) -> None:
    """One more node; a bias that is added by itself goes to its dense layer."""
    flowing = tuple(names[i] for i in node.inputs if i in names)
    own = [weights[i] for i in node.inputs if i in weights]
    if strange := [i for i in node.inputs if i and i not in names and i not in weights]:
        raise LayerError(f"its input '{strange[0][:60]}' comes from nowhere")
    if node.op in PASSED and own:  # the same values as another weight's, kept once in the file
        weights.update(dict.fromkeys(node.outputs[:1], own[0]))
        return
    if node.op in PASSED and len(flowing) == 1:
        names.update(dict.fromkeys(node.outputs[:1], flowing[0]))
        return
    if node.op == "Add" and len(flowing) == 1 and own and _with_bias(nodes, flowing[0], own[0]):
        names.update(dict.fromkeys(node.outputs[:1], flowing[0]))
        return
    if node.op not in OPERATIONS:
        raise LayerError(unknown(node.op, "an operation that is read here", OPERATIONS))
    if node.op in ("Add", "Mul", "Sum", "MatMul") and own and not _reads_weights(node, own):
        raise LayerError("a constant is added or multiplied; this is not read here")
    entry = OPERATIONS[node.op](node, own)
    channels = entry.pop("expects", None)
    try:
        fields = layers()[entry["layer"]].Fields.model_validate(entry)
    except ValidationError as error:
        raise LayerError(f"settings that no layer has: {error.errors()[0]['msg']}") from None
    name = _free(node.name or f"{node.op} {place}", taken)
    key = next((i for i in node.inputs if i in weights), "") if entry["layer"] != "reshape" else ""
    shares = used.get(key, "") if prod(weights[key].dims if key else (0,)) else ""
    nodes.append(Node(name, fields, flowing, "", shares, ("given", "model")))
    if key and not shares:
        used[key] = name
    if isinstance(channels, int):
        expected[name] = channels
    names.update(dict.fromkeys(node.outputs[:1], name))


def _reads_weights(node: OnnxNode, own: Weights) -> bool:
    return node.op == "MatMul" and len(own[0].dims) == 2


def _with_bias(nodes: list[Node], name: str, bias: Tensor) -> bool:
    """Whether the last layer is a dense one without a bias, which now has this one."""
    last = nodes[-1] if nodes else None
    if last is None or last.name != name or last.kind != "dense" or last.fields.bias:
        return False
    if prod(bias.dims) != last.fields.units:
        return False
    fields = last.fields.model_copy(update={"bias": True})
    nodes[-1] = Node(last.name, fields, last.sources, last.label, last.shares, last.path)
    return True


def _shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) < 2 or 0 in shape[1:]:
        raise LayerError(
            f"the input '{name[:60]}' has the shape {list(shape)}; its sizes have to be known"
        )
    return shape[1:]


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name} ({k})" for k in range(2, len(taken) + 3))
    free = name if name not in taken else next(n for n in numbered if n not in taken)
    taken.add(free)
    return free

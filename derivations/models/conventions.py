"""What counting tools print as the operations of a model: a row for each convention.

Read from the tools' own sources: torchinfo 1.8.0 (layer_info.py, calculate_macs), fvcore
0.1.5.post20221221 (nn/jit_handles.py and flop_count.py), calflops 0.3.2 (pytorch_ops.py), ptflops
0.7.5 (pytorch_ops.py and pytorch_engine.py). Keras prints no operations. All for one sample, in
inference. Where a tool has no rule that is certain for a layer of the model, nothing is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from derivations.models.architecture import Traced, value
from derivations.models.layers.activation import Fields as Activation

CONVOLUTIONS = frozenset({"conv", "conv_transpose", "depthwise_conv"})
NORMS = frozenset({"batch_norm", "group_norm", "instance_norm", "layer_norm"})
POOLS = frozenset({"pool", "adaptive_pool", "global_pool"})
SHAPES = frozenset({"flatten", "reshape", "permute", "concat", "dropout", "crop", "zero_pad"})
PLAIN = CONVOLUTIONS | {"dense", "batch_norm", "activation", "add"} | POOLS | SHAPES
# ReLU6 calls hardtanh, which neither calflops nor the functions of ptflops know.
RELUS = frozenset({"relu", "relu6", "elu", "leaky_relu", "gelu", "silu"})


@dataclass(frozen=True, slots=True)
class Convention:
    """A way to count.

    Attributes:
        unit: what the tool calls it.
        words: what is counted, as the sheet says it.
        kinds: the layers for which the rule is certain.
        count: the number for one layer.
    """

    title: str
    unit: str
    words: str
    kinds: frozenset[str] | None
    count: Callable[[Traced], int]


def _macs(one: Traced) -> int:
    return value(one.macs)


def _torchinfo(one: Traced) -> int:
    """Entries of weight and bias, times the places of the output for a convolution."""
    learned = value(one.trace.weights) + value(one.trace.biases)
    places = prod(one.trace.output) // _channels(one) if one.node.kind in CONVOLUTIONS else 1
    return learned * places


def _channels(one: Traced) -> int:
    """How many channels a convolution puts out."""
    fields = one.node.fields
    if one.node.kind != "depthwise_conv":
        return int(fields.filters)
    per_channel = value(one.trace.weights) // prod(_kernel(one))
    return int(per_channel)


def _kernel(one: Traced) -> tuple[int, ...]:
    axes = len(one.shapes[0]) - 1
    kernel: tuple[int, ...] = one.node.fields.kernel
    return kernel if len(kernel) == axes else kernel[:1] * axes


def _affine(one: Traced) -> bool:
    return bool(one.node.fields.scale)


def _fvcore(one: Traced) -> int:
    """Multiply-accumulates, and estimates for norms, adaptive pooling and upsampling."""
    kind, size = one.node.kind, prod(one.shapes[0])
    if kind == "batch_norm":
        return size * (2 if _affine(one) else 1)
    if kind in NORMS:
        return size * (5 if _affine(one) else 4)
    if kind in ("adaptive_pool", "global_pool"):
        return size if one.node.fields.mode == "average" else 0
    if kind == "upsample":
        return prod(one.trace.output) * (1 if one.node.fields.mode == "nearest" else 4)
    return _macs(one)


def _function(one: Traced) -> str:
    fields = one.node.fields
    return fields.function if isinstance(fields, Activation) else ""


def _calflops(one: Traced) -> int:
    """Twice the multiply-accumulates, biases of convolutions, and one for every entry."""
    kind, size = one.node.kind, prod(one.shapes[0])
    if kind in CONVOLUTIONS:
        return 2 * _macs(one) + one.trace.biased
    if kind == "batch_norm":
        return size * (2 if _affine(one) else 1)
    if kind in NORMS:
        return size * (5 if _affine(one) else 4)
    if kind in POOLS or _function(one) in (*RELUS - {"relu6"}, "softmax"):
        return size
    return 2 * _macs(one)


def _ptflops(one: Traced) -> int:
    """Multiply-accumulates and biases; entries before ReLU and pooling twice."""
    kind, size = one.node.kind, prod(one.shapes[0])
    if kind in (*CONVOLUTIONS, "dense"):
        return _macs(one) + one.trace.biased
    if kind in NORMS:  # a LayerNorm has no attribute `affine`, and counts once
        return size * (2 if _affine(one) and kind != "layer_norm" else 1)
    if kind in POOLS or _function(one) in ("relu", "elu", "gelu"):
        return 2 * size
    once = _function(one) in ("relu6", "leaky_relu", "silu", "softmax")
    return size if once else _macs(one)


CONVENTIONS: dict[str, Convention] = {
    "macs": Convention(
        "Multiply-accumulates", "MACs",
        "a multiplication with its addition counts 1; biases, norms, activations and pooling nothing",
        None, _macs,
    ),
    "flops": Convention(
        "FLOPs, twice the MACs", "FLOPs",
        "a multiplication and an addition count 1 each", None, lambda one: 2 * _macs(one),
    ),
    "torchinfo": Convention(
        "torchinfo 1.8", "mult-adds",
        "all learned parameters, biases and norms too: those of a convolution once for every place, all others once",
        PLAIN - {"conv_transpose"} | {"layer_norm", "group_norm", "embedding", "upsample"}, _torchinfo,
    ),
    "fvcore": Convention(
        "fvcore 0.1.5", "flops",
        "a multiply-accumulate counts 1, no biases; batch norm 2 for an entry, adaptive average pooling 1",
        PLAIN | {"layer_norm", "group_norm", "embedding", "upsample"}, _fvcore,
    ),
    "calflops": Convention(
        "calflops 0.3.2", "FLOPs",
        "a multiply-accumulate counts 2, biases of convolutions, batch norm 2 for an entry, activations and pooling 1 for an entry of their input",
        PLAIN - {"conv_transpose"} | {"layer_norm", "group_norm", "embedding"}, _calflops,
    ),
    "ptflops": Convention(
        "ptflops 0.7.5", "MACs",
        "a multiply-accumulate and a bias count 1, batch norm 2 for an entry, ReLU and pooling 2 for an entry of their input (they are seen as a module and as a function)",
        PLAIN | {"layer_norm", "group_norm", "embedding"}, _ptflops,
    ),
}  # fmt: skip


def certain(convention: Convention, nodes: Sequence[Traced]) -> bool:
    """Whether the tool's rule is known for every layer."""
    if convention.kinds is None:
        return True
    odd = any(
        one.node.shares
        or getattr(one.node.fields, "trainable", False)
        or getattr(one.node.fields, "connections", ())
        for one in nodes
    )
    return not odd and {one.node.kind for one in nodes} <= convention.kinds

"""Layers of Keras and PyTorch as ours: a row for each class, with the places of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from derivations.errors import unknown
from derivations.kinds.base.architectures.calls import Call
from derivations.models.traces import LayerError

Arguments: TypeAlias = Mapping[str, Any]
Entry: TypeAlias = dict[str, Any]

EXPECTS = "expects"  # in an entry: the channels that the input has to have


@dataclass(frozen=True, slots=True)
class Row:
    """A class: its arguments in order, and the layers that it stands for."""

    arguments: tuple[str, ...]
    layers: Callable[[Arguments], list[Entry]]


def _taken(found: Arguments, **names: str) -> Entry:
    """Our keys from theirs, where they are given."""
    return {ours: found[theirs] for ours, theirs in names.items() if found.get(theirs) is not None}


def _activated(layers: list[Entry], found: Arguments) -> list[Entry]:
    """The layers, and the activation that Keras keeps in the same one."""
    function = found.get("activation")
    if isinstance(function, Mapping):  # a serialised function or layer
        function = function.get("config", function.get("class_name", ""))
        function = function if isinstance(function, str) else "activation"
    if function in (None, "linear"):
        return layers
    return [*layers, {"layer": "activation", "function": str(function)}]


def _keras_conv(found: Arguments) -> list[Entry]:
    entry = _taken(
        found, filters="filters", kernel="kernel_size", stride="strides", padding="padding",
        dilation="dilation_rate", groups="groups",
    )  # fmt: skip
    return _activated([{"layer": "conv", **entry, "bias": found.get("use_bias", True)}], found)


def _keras_depthwise(found: Arguments) -> list[Entry]:
    entry = _taken(
        found, kernel="kernel_size", stride="strides", padding="padding",
        multiplier="depth_multiplier", dilation="dilation_rate",
    )  # fmt: skip
    own = {"layer": "depthwise_conv", **entry, "bias": found.get("use_bias", True)}
    return _activated([own], found)


def _keras_separable(found: Arguments) -> list[Entry]:
    depthwise = _keras_depthwise({**found, "use_bias": False, "activation": None})
    point = {"layer": "conv", "filters": found.get("filters"), "kernel": 1}
    return _activated([*depthwise, {**point, "bias": found.get("use_bias", True)}], found)


def _keras_transposed(found: Arguments) -> list[Entry]:
    entry = _taken(
        found, filters="filters", kernel="kernel_size", stride="strides", padding="padding",
        output_padding="output_padding", dilation="dilation_rate",
    )  # fmt: skip
    own = {"layer": "conv_transpose", **entry, "bias": found.get("use_bias", True)}
    return _activated([own], found)


def _keras_dense(found: Arguments) -> list[Entry]:
    own = {"layer": "dense", "units": found.get("units"), "per_position": True}
    return _activated([{**own, "bias": found.get("use_bias", True)}], found)


def _keras_pool(mode: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        entry = _taken(found, kernel="pool_size", stride="strides", padding="padding")
        return [{"layer": "pool", "mode": mode, "kernel": 2, **entry}]

    return layers


def _global(mode: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        return [{"layer": "global_pool", "mode": mode, "keep": bool(found.get("keepdims"))}]

    return layers


def _norm(
    layer: str, scale: str = "scale", center: str = "center"
) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        entry: Entry = {"layer": layer, "scale": found.get(scale, True) is not False}
        if layer != "rms_norm":
            entry["center"] = found.get(center, True) is not False
        if layer == "group_norm":
            entry |= _taken(found, groups="groups") | _taken(found, groups="num_groups")
        if layer == "layer_norm" and isinstance(found.get("normalized_shape"), (list, tuple)):
            entry["axes"] = len(found["normalized_shape"])
        return [entry]

    return layers


def _keras_recurrent(layer: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        biases = 2 if layer == "gru" and found.get("reset_after", True) else 1
        own = {"layer": layer, "units": found.get("units"), "biases": biases}
        own |= _taken(found, sequences="return_sequences")
        return [{**own, "bias": found.get("use_bias", True)}]

    return layers


def _just(layer: str, **names: str) -> Callable[[Arguments], list[Entry]]:
    """A layer whose arguments only have other names."""
    return lambda found: [{"layer": layer, **_taken(found, **names)}]


def _nothing(found: Arguments) -> list[Entry]:
    return []


def _function(name: str) -> Callable[[Arguments], list[Entry]]:
    return lambda found: [{"layer": "activation", "function": name}]


def _keras_activation(found: Arguments) -> list[Entry]:
    return _activated([], found) or [{"layer": "activation", "function": "linear"}]


def _keras_concat(found: Arguments) -> list[Entry]:
    axis = found.get("axis", -1)
    return [{"layer": "concat", "axis": axis}]


def _keras_attention(found: Arguments) -> list[Entry]:
    entry = _taken(found, heads="num_heads", key_width="key_dim", value_width="value_dim")
    return [{"layer": "attention", **entry, "bias": found.get("use_bias", True)}]


CONV = ("filters", "kernel_size", "strides", "padding")
KERAS: dict[str, Row] = {
    **{f"Conv{n}D": Row(CONV, _keras_conv) for n in (1, 2, 3)},
    **{f"Convolution{n}D": Row(CONV, _keras_conv) for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": Row(CONV, _keras_transposed) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": Row(CONV[1:], _keras_depthwise) for n in (1, 2)},
    **{f"SeparableConv{n}D": Row(CONV, _keras_separable) for n in (1, 2)},
    **{f"MaxPooling{n}D": Row(("pool_size", "strides", "padding"), _keras_pool("max")) for n in (1, 2, 3)},
    **{f"MaxPool{n}D": Row(("pool_size", "strides", "padding"), _keras_pool("max")) for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": Row(("pool_size", "strides", "padding"), _keras_pool("average")) for n in (1, 2, 3)},
    **{f"GlobalAveragePooling{n}D": Row((), _global("average")) for n in (1, 2, 3)},
    **{f"GlobalMaxPooling{n}D": Row((), _global("max")) for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": Row(("padding",), _just("zero_pad", padding="padding")) for n in (1, 2, 3)},
    **{f"UpSampling{n}D": Row(("size",), lambda f: [
        {"layer": "upsample", "factor": f.get("size", 2), "mode": f.get("interpolation") or "nearest"}
    ]) for n in (1, 2, 3)},
    "Dense": Row(("units",), _keras_dense),
    "Flatten": Row((), _just("flatten")),
    "Dropout": Row(("rate",), _just("dropout")),
    "SpatialDropout1D": Row(("rate",), _just("dropout")),
    "SpatialDropout2D": Row(("rate",), _just("dropout")),
    "Activation": Row(("activation",), _keras_activation),
    "ReLU": Row((), lambda f: _function("relu6" if str(f.get("max_value")) in ("6", "6.0") else "relu")(f)),
    "LeakyReLU": Row((), _function("leaky_relu")), "ELU": Row((), _function("elu")),
    "Softmax": Row((), _function("softmax")),
    "BatchNormalization": Row((), _norm("batch_norm")),
    "LayerNormalization": Row((), _norm("layer_norm")),
    "GroupNormalization": Row(("groups",), _norm("group_norm")),
    "RMSNormalization": Row((), _norm("rms_norm")),
    "Embedding": Row(("input_dim", "output_dim"), _just("embedding", entries="input_dim", width="output_dim")),
    "SimpleRNN": Row(("units",), _keras_recurrent("rnn")),
    "LSTM": Row(("units",), _keras_recurrent("lstm")),
    "GRU": Row(("units",), _keras_recurrent("gru")),
    "MultiHeadAttention": Row(("num_heads", "key_dim", "value_dim"), _keras_attention),
    "Reshape": Row(("target_shape",), _just("reshape", shape="target_shape")),
    "Permute": Row(("dims",), lambda f: [{"layer": "permute", "order": [int(d) - 1 for d in f.get("dims", ())]}]),
    "Add": Row((), _just("add")), "Multiply": Row((), _just("multiply")),
    "Concatenate": Row(("axis",), _keras_concat),
    "Rescaling": Row((), _nothing), "Normalization": Row((), _nothing),
    "GaussianNoise": Row((), _nothing), "Masking": Row((), _nothing),
}  # fmt: skip


# ---------------------------------------------------------------- PyTorch

TORCH_CONV = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
)  # fmt: skip
TORCH_TRANSPOSED = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups",
    "bias", "dilation",
)  # fmt: skip


def _torch_conv(layer: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        entry = _taken(
            found, expects="in_channels", filters="out_channels", kernel="kernel_size", stride="stride",
            padding="padding", dilation="dilation", groups="groups", output_padding="output_padding",
        )  # fmt: skip
        return [{"layer": layer, **entry, "bias": found.get("bias", True)}]

    return layers


def _torch_linear(found: Arguments) -> list[Entry]:
    entry = _taken(found, expects="in_features", units="out_features")
    return [{"layer": "dense", "per_position": True, **entry, "bias": found.get("bias", True)}]


def _torch_pool(mode: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        entry = _taken(
            found, kernel="kernel_size", stride="stride", padding="padding", dilation="dilation",
            ceil="ceil_mode",
        )  # fmt: skip
        return [{"layer": "pool", "mode": mode, **entry}]

    return layers


def _adaptive(mode: str) -> Callable[[Arguments], list[Entry]]:
    return lambda found: [
        {"layer": "adaptive_pool", "mode": mode, "size": found.get("output_size")}
    ]


def _torch_norm(layer: str, affine: str, given: bool = True) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        learned = found.get(affine, given) is not False
        extra = {"expects": found["num_features"]} if "num_features" in found else {}
        return [{**_norm(layer)({**found, "scale": learned, "center": learned})[0], **extra}]

    return layers


def _torch_recurrent(layer: str) -> Callable[[Arguments], list[Entry]]:
    def layers(found: Arguments) -> list[Entry]:
        own = {"layer": layer, "biases": 2, "sequences": True, "bias": found.get("bias", True)}
        own |= _taken(found, units="hidden_size", bidirectional="bidirectional")
        first = {**own, **_taken(found, expects="input_size")}
        return [first, *(own for _ in range(int(found.get("num_layers") or 1) - 1))]

    return layers


TORCH_POOL = ("kernel_size", "stride", "padding")
RECURRENT = ("input_size", "hidden_size", "num_layers")
TORCH: dict[str, Row] = {
    **{f"Conv{n}d": Row(TORCH_CONV, _torch_conv("conv")) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": Row(TORCH_TRANSPOSED, _torch_conv("conv_transpose")) for n in (1, 2, 3)},
    **{f"MaxPool{n}d": Row((*TORCH_POOL, "dilation", "return_indices", "ceil_mode"), _torch_pool("max")) for n in (1, 2, 3)},
    **{f"AvgPool{n}d": Row((*TORCH_POOL, "ceil_mode"), _torch_pool("average")) for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": Row(("output_size",), _adaptive("average")) for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": Row(("output_size",), _adaptive("max")) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": Row(("num_features",), _torch_norm("batch_norm", "affine")) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": Row(("num_features",), _torch_norm("instance_norm", "affine", False)) for n in (1, 2, 3)},
    "Linear": Row(("in_features", "out_features", "bias"), _torch_linear),
    "GroupNorm": Row(("num_groups", "num_channels"), _torch_norm("group_norm", "affine")),
    "LayerNorm": Row(("normalized_shape",), _torch_norm("layer_norm", "elementwise_affine")),
    "RMSNorm": Row(("normalized_shape",), _torch_norm("rms_norm", "elementwise_affine")),
    "Dropout2d": Row(("p",), _just("dropout")),
    "ReLU6": Row((), _function("relu6")), "GELU": Row((), _function("gelu")),
    "SiLU": Row((), _function("silu")), "Sigmoid": Row((), _function("sigmoid")),
    "Tanh": Row((), _function("tanh")), "Identity": Row((), _nothing),
    "Upsample": Row(("size", "scale_factor", "mode"), lambda f: [
        {"layer": "upsample", "factor": f.get("scale_factor"), "mode": f.get("mode") or "nearest"}
    ]),
    "RNN": Row(RECURRENT, _torch_recurrent("rnn")),
    "MultiheadAttention": Row(("embed_dim", "num_heads"), lambda f: [
        {"layer": "attention", "heads": f.get("num_heads"), "bias": f.get("bias", True), "expects": f.get("embed_dim")}
    ]),
    "ZeroPad2d": Row(("padding",), _just("zero_pad", padding="padding")),
}  # fmt: skip
BOTH = {  # names that mean different arguments in the two: told apart by their arguments
    "LSTM": Row(RECURRENT, _torch_recurrent("lstm")),
    "GRU": Row(RECURRENT, _torch_recurrent("gru")),
    "Embedding": Row(("num_embeddings", "embedding_dim"), _just("embedding", entries="num_embeddings", width="embedding_dim")),
}  # fmt: skip
KNOWN = {**TORCH, **KERAS}


def layers_of_call(call: Call) -> list[Entry]:
    """Entries for a call of either framework.

    Raises:
        LayerError: a class that neither has here, or too many arguments.
    """
    if call.name not in KNOWN:
        raise LayerError(
            unknown(call.name, "a layer of Keras or PyTorch that is known here", KNOWN)
        )
    row = KNOWN[call.name]
    if call.name in BOTH and (
        len(call.values) > 1 or set(call.named) & set(BOTH[call.name].arguments)
    ):
        row = BOTH[call.name]
    if len(call.values) > len(row.arguments):
        raise LayerError(f"{len(call.values)} values for {call.name}({', '.join(row.arguments)})")
    found = dict(zip(row.arguments, call.values, strict=False))
    return row.layers({**found, **call.named})


def layers_of_config(class_name: str, config: Arguments) -> list[Entry]:
    """Entries for a layer of a Keras file.

    Raises:
        LayerError: a class that is not known here.
    """
    if class_name not in KERAS:
        raise LayerError(unknown(class_name, "a layer of Keras that is known here", KERAS))
    return KERAS[class_name].layers(config)

"""The second road for counting tools: array by array and entry by entry, as their hooks do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from derivations.truth.architectures import Counted, Place, Sizes
from derivations.truth.counting import entries

CONVS = ("conv", "conv_transpose", "depthwise_conv")
POOLS = ("pool", "adaptive_pool", "global_pool")
TWICE = ("relu", "elu", "gelu")  # by the module and by the function that it calls


def _spots(place: Place, one: Counted, channels_first: bool) -> int:
    """Places of the map that a convolution puts out."""
    return entries(*(one.output[1:] if channels_first else one.output[:-1]))


def _vectors(place: Place, one: Counted, channels_first: bool) -> int:
    """Outputs that get a bias."""
    return entries(*one.output) if one.biases else 0


def _arrays(one: Counted) -> int:
    return one.learned


def _norm(place: Place, incoming: Sizes, with_scale: int, without: int) -> int:
    return entries(*incoming) * (with_scale if place.settings.get("scale", True) else without)


def torchinfo(place: Place, one: Counted, incoming: Sizes, first: bool) -> int:
    """Every learned array, for a convolution at every place."""
    return _arrays(one) * (_spots(place, one, first) if place.kind in CONVS else 1)


def fvcore(place: Place, one: Counted, incoming: Sizes, first: bool) -> int:
    """Products; estimates for norms, adaptive average pooling and upsampling."""
    if place.kind == "batch_norm":
        return _norm(place, incoming, 2, 1)
    if place.kind.endswith("_norm"):
        return _norm(place, incoming, 5, 4)
    if place.kind in ("adaptive_pool", "global_pool"):
        return entries(*incoming) if place.settings["mode"] == "average" else 0
    if place.kind == "upsample":
        return sum(
            entries(*one.output) for _ in range(4 if place.settings["mode"] == "bilinear" else 1)
        )
    return one.macs


def calflops(place: Place, one: Counted, incoming: Sizes, first: bool) -> int:
    """Products and sums, biases of convolutions, and what activations and pooling take in."""
    if place.kind in POOLS:
        return entries(*incoming)
    if place.kind == "activation":
        counted = (*TWICE, "silu", "leaky_relu", "softmax")
        return entries(*incoming) if place.settings["function"] in counted else 0
    if place.kind.endswith("_norm"):
        return fvcore(place, one, incoming, first)
    return one.macs + one.macs + (_vectors(place, one, first) if place.kind in CONVS else 0)


def ptflops(place: Place, one: Counted, incoming: Sizes, first: bool) -> int:
    """Products and biases; ReLU and pooling by the module and by the function that it calls."""
    once = entries(*incoming)
    if place.kind in POOLS:
        return once + once
    if place.kind == "activation":
        function = place.settings["function"]
        return (once if function in (*TWICE, "relu6", "leaky_relu", "silu", "softmax") else 0) + (
            once if function in TWICE else 0
        )
    if place.kind.endswith("_norm"):
        return _norm(place, incoming, 1 if place.kind == "layer_norm" else 2, 1)
    return one.macs + _vectors(place, one, first)


TOOLS: dict[str, Callable[[Place, Counted, Sizes, bool], int]] = {
    "macs": lambda place, one, incoming, first: one.macs,
    "flops": lambda place, one, incoming, first: one.macs + one.macs,
    "torchinfo": torchinfo, "fvcore": fvcore, "calflops": calflops, "ptflops": ptflops,
}  # fmt: skip


def tool_count(
    tool: str,
    inputs: Mapping[str, Sizes],
    places: Sequence[Place],
    found: Mapping[str, Counted],
    channels_first: bool = False,
) -> int:
    """What the tool prints for the whole model."""
    shapes = {**inputs, **{name: one.output for name, one in found.items()}}
    return sum(
        TOOLS[tool](place, found[place.name], shapes[place.sources[0]], channels_first)
        for place in places
    )

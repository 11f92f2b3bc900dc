"""Architectures: random ones on two roads, and with PyTorch where it is installed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from derivations.formula.evaluation import evaluate
from derivations.kinds.base.architectures.given import Given, architecture_of, trace
from derivations.kinds.base.architectures.roads import places
from derivations.models.architecture import Architecture, Traced, value
from derivations.models.layers import layers
from derivations.truth.architectures import LAYERS, counts, receptive_field

RANDOM = 240
Shape = tuple[int, ...]


def window(draw: random.Random, axes: int, largest: int) -> dict[str, Any]:
    """A kernel with stride, padding and dilation that fits into the map."""
    kernel = [draw.randint(1, min(4, largest)) for _ in range(axes)]
    dilation = [draw.choice([1, 1, 2]) if (k - 1) * 2 < largest else 1 for k in kernel]
    padding: Any = draw.choice([0, 1, [draw.randint(0, 2) for _ in range(axes)]])
    return {
        "kernel": kernel,
        "stride": [draw.randint(1, 3) for _ in range(axes)],
        "padding": padding,
        "dilation": dilation,
    }


def map_layer(draw: random.Random, shape: Shape) -> dict[str, Any]:
    """A layer for a map, channels last."""
    axes, channels, least = len(shape) - 1, shape[-1], min(shape[:-1])
    kind = draw.choice(
        "conv conv depthwise_conv pool conv_transpose batch_norm activation group_norm "
        "instance_norm layer_norm adaptive_pool upsample dropout".split()
    )
    bias = draw.random() < 0.5
    if kind == "conv":
        groups = draw.choice([g for g in (1, 1, 2, 3, channels) if not channels % g])
        filters = groups * draw.randint(1, 4)
        return {
            "layer": kind,
            "filters": filters,
            "groups": groups,
            "bias": bias,
            **window(draw, axes, least),
        }
    if kind == "depthwise_conv":
        return {
            "layer": kind,
            "multiplier": draw.randint(1, 2),
            "bias": bias,
            **window(draw, axes, least),
        }
    if kind == "pool":
        chosen = window(draw, axes, least)
        chosen["padding"] = [draw.randint(0, k // 2) for k in chosen["kernel"]]
        mode = draw.choice(["max", "average"])
        if mode == "average":
            chosen["dilation"] = 1
        return {"layer": kind, "mode": mode, "ceil": draw.random() < 0.5, **chosen}
    if kind == "conv_transpose":
        stride = [draw.randint(1, 3) for _ in range(axes)]
        return {
            "layer": kind, "filters": draw.randint(1, 4), "kernel": draw.randint(1, 4), "stride": stride,
            "output_padding": [draw.randint(0, s - 1) for s in stride], "bias": bias,
        }  # fmt: skip
    if kind == "group_norm":
        return {
            "layer": kind,
            "groups": draw.choice([g for g in (1, 2, channels) if not channels % g]),
        }
    sizes = {
        "adaptive_pool": {"size": draw.randint(1, 3)},
        "upsample": {"factor": draw.randint(1, 2)},
    }
    return {"layer": kind, **sizes.get(kind, {})}


def sequence_layer(draw: random.Random, shape: Shape) -> dict[str, Any]:
    """A layer for a sequence, [steps, width]."""
    heads = draw.choice([h for h in (1, 2, 3) if not shape[1] % h])
    both = {
        "sequences": True,
        "bidirectional": draw.random() < 0.4,
        "bias": draw.random() < 0.7,
        "biases": 2,
    }
    return draw.choice(
        [
            {"layer": "dense", "units": draw.randint(1, 6), "bias": draw.random() < 0.5},
            {"layer": "attention", "heads": heads, "bias": draw.random() < 0.5},
            *(
                {"layer": kind, "units": draw.randint(1, 5), **both}
                for kind in ("rnn", "lstm", "gru")
            ),
            {"layer": "layer_norm"},
            {"layer": "rms_norm"},
            {"layer": "conv", "filters": draw.randint(1, 4), "kernel": 2, "padding": 1},
        ]
    )


def stack(seed: int) -> Given:
    """A random stack, with a residual sum now and then."""
    draw = random.Random(seed)
    axes = draw.choice([0, 1, 2, 2, 2, 3])
    shape: Shape = (
        (draw.randint(2, 7), 6) if axes == 0 else (*[draw.randint(5, 12) for _ in range(axes)], 6)
    )
    entries: list[Any] = []
    found: Given | None = None
    while len(entries) < 6:
        layer = sequence_layer(draw, shape) if axes == 0 else map_layer(draw, shape)
        entry: Any = layer
        if layer["layer"] in ("layer_norm", "batch_norm", "activation") and draw.random() < 0.5:
            entry = {"residual": [layer], "shortcut": []}
        try:
            built = Given(input=shape if not entries else found.input, layers=[*entries, entry])  # type: ignore[union-attr]
            last = trace(architecture_of(built))[-1]
        except ValueError:
            continue
        found, shape = built, last.trace.output
        entries.append(entry)
        if min(shape) < 1 or max(shape) > 60:
            break
    assert found is not None
    return found


def both_roads(built: Architecture) -> Iterator[tuple[Traced, Any]]:
    """Every node with what the second road counts."""
    nodes = trace(built)
    found = counts(dict(built.inputs), places(nodes), built.channels_first)
    return ((one, found[one.node.name]) for one in nodes)


def numbers(formula: Any) -> tuple[int, ...]:
    result = evaluate(formula, {}, {})
    return tuple(map(int, result)) if isinstance(result, tuple) else (int(result),)


def test_every_layer_has_both_roads() -> None:
    assert set(LAYERS) == set(layers())


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_stacks_are_the_same_on_both_roads(seed: int) -> None:
    built = architecture_of(stack(seed))
    for one, second in both_roads(built):
        assert one.trace.output == second.output
        assert value(one.learned) == second.learned
        assert value(one.trace.weights) + value(one.trace.biases) == second.learned
        assert value(one.frozen) == second.frozen
        assert value(one.macs) == second.macs
        if one.trace.shape is not None and one.node.kind != "flatten":
            assert numbers(one.trace.shape) == second.output


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_receptive_fields_are_the_same_on_both_roads(seed: int) -> None:
    built = architecture_of(stack(seed))
    nodes = trace(built)
    own = places(nodes)
    found = counts(dict(built.inputs), own)
    for one in nodes:
        for axis, view in enumerate(one.view):
            second = receptive_field(one.node.name, dict(built.inputs), own, found, axis)
            assert view.size == second


@cache
def torch() -> Any:
    return pytest.importorskip("torch")


def module(one: Traced) -> Any:
    """The layer in PyTorch."""
    nn, fields, shape = torch().nn, one.node.fields, one.shapes[0]
    axes = len(shape) - 1
    kind = one.node.kind
    channels = shape[-1]
    spread = {
        key: tuple(v) if len(v) == axes else tuple(v[:1]) * axes
        for key in ("kernel", "stride", "padding", "dilation", "output_padding")
        if isinstance(v := getattr(fields, key, None), tuple)
    }
    if kind in ("conv", "depthwise_conv"):
        groups = channels if kind == "depthwise_conv" else fields.groups
        filters = channels * fields.multiplier if kind == "depthwise_conv" else fields.filters
        return getattr(nn, f"Conv{axes}d")(
            channels, filters, spread["kernel"], spread["stride"], spread["padding"], spread["dilation"],
            groups, fields.bias,
        )  # fmt: skip
    if kind == "conv_transpose":
        return getattr(nn, f"ConvTranspose{axes}d")(
            channels, fields.filters, spread["kernel"], spread["stride"], spread["padding"],
            spread["output_padding"], 1, fields.bias,
        )  # fmt: skip
    if kind == "pool" and fields.mode == "max":
        return getattr(nn, f"MaxPool{axes}d")(
            spread["kernel"],
            spread["stride"],
            spread["padding"],
            spread["dilation"],
            False,
            fields.ceil,
        )
    if kind == "pool":
        return getattr(nn, f"AvgPool{axes}d")(
            spread["kernel"], spread["stride"], spread["padding"], fields.ceil
        )
    if kind in ("rnn", "lstm", "gru"):
        return getattr(nn, kind.upper())(
            channels,
            fields.units,
            bias=fields.bias,
            batch_first=True,
            bidirectional=fields.bidirectional,
        )
    return {
        "batch_norm": lambda: getattr(nn, f"BatchNorm{axes}d")(channels),
        "instance_norm": lambda: getattr(nn, f"InstanceNorm{axes}d")(channels),
        "group_norm": lambda: nn.GroupNorm(fields.groups, channels),
        "layer_norm": lambda: nn.LayerNorm(channels),
        "rms_norm": lambda: nn.RMSNorm(channels),
        "dense": lambda: nn.Linear(channels, fields.units, fields.bias),
        "attention": lambda: nn.MultiheadAttention(
            channels, fields.heads, bias=fields.bias, batch_first=True
        ),
        "adaptive_pool": lambda: getattr(nn, f"AdaptiveAvgPool{axes}d")(fields.size[0]),
        "upsample": lambda: nn.Upsample(scale_factor=fields.factor[0]),
        "activation": nn.ReLU,
        "dropout": nn.Dropout,
    }[kind]()


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_stacks_are_what_pytorch_makes_of_them(seed: int) -> None:
    t = torch()
    compared = 0
    with t.device("meta"):
        for one in trace(architecture_of(stack(seed))):
            if one.node.kind == "add":
                continue
            if one.node.kind in ("instance_norm", "group_norm") and set(one.shapes[0][:-1]) == {1}:
                continue  # PyTorch refuses a variance of one number
            layer = module(one).eval()
            shape = one.shapes[0]
            first = one.node.kind in (
                "conv", "depthwise_conv", "conv_transpose", "pool", "batch_norm", "instance_norm",
                "group_norm", "adaptive_pool", "upsample",
            )  # fmt: skip
            x = t.zeros(1, shape[-1], *shape[:-1]) if first else t.zeros(1, *shape)
            out = layer(x, x, x) if one.node.kind == "attention" else layer(x)
            out = out[0] if isinstance(out, tuple) else out
            sizes = tuple(out.shape[1:])
            sizes = (*sizes[1:], sizes[0]) if first else sizes
            assert sizes == one.trace.output
            assert sum(p.numel() for p in layer.parameters()) == value(one.learned)
            kept = sum(b.numel() for name, b in layer.named_buffers() if "running" in name)
            assert kept == value(one.frozen)
            compared += 1
    assert compared

"""The second road for architectures: parameter arrays as frameworks lay them out, windows slid.

Nothing here knows a formula for a size, a number of parameters or a receptive field. Arrays are
made and their entries counted, windows are moved over the places there are, and what an output
depends on is followed backwards, place by place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from derivations.truth.array_layers import ARRAY_LAYERS, Found
from derivations.truth.counting import entries

Sizes: TypeAlias = tuple[int, ...]
Settings: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a layer puts out, its arrays by name, and its multiply-accumulates."""

    output: Sizes
    weights: tuple[Sizes, ...] = ()
    biases: tuple[Sizes, ...] = ()
    kept: tuple[Sizes, ...] = ()
    macs: int = 0

    @property
    def learned(self) -> int:
        """Entries of all arrays that are learned."""
        return sum(entries(*sizes) for sizes in (*self.weights, *self.biases))

    @property
    def frozen(self) -> int:
        """Entries of all arrays that are kept as they are."""
        return sum(entries(*sizes) for sizes in self.kept)


@dataclass(frozen=True, slots=True)
class Place:
    """A layer of an architecture as plain settings."""

    name: str
    kind: str
    settings: Settings
    sources: tuple[str, ...]
    shares: bool = False


def each(values: Sequence[int], axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return tuple(values) if len(values) == axes else (values[0],) * axes


def starts(size: int, edge: tuple[int, int], extent: int, stride: int, up: bool) -> list[int]:
    """Where windows begin along an axis; with ``up`` one more that begins inside and ends outside."""
    found: list[int] = []
    start = -edge[0]
    while start + extent <= size + edge[1]:
        found.append(start)
        start += stride
    if up and found and found[-1] + extent < size + edge[1] and start < size:
        found.append(start)
    return found


def edges(settings: Settings, axes: Sizes) -> list[tuple[int, int]]:
    """Zeros before and after along every axis; ``same`` is found by trying."""
    padding = settings.get("padding", 0)
    count = len(axes)
    kernel, stride = _window(settings, count)
    dilation = each(settings.get("dilation", (1,)), count)
    if padding == "valid":
        return [(0, 0)] * count
    if padding == "same":
        found = []
        for n, k, s, d in zip(axes, kernel, stride, dilation, strict=True):
            wanted, total = len(range(0, n, s)), 0
            while len(starts(n, (0, total), (k - 1) * d + 1, s, False)) < wanted:
                total += 1
            found.append((total // 2, total - total // 2))
        return found
    if isinstance(padding[0], (tuple, list)):
        return [(pair[0], pair[1]) for pair in padding]
    return [(p, p) for p in each(padding, count)]


def _window(settings: Settings, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kernel = each(settings.get("kernel") or (1,), count)
    return kernel, each(settings.get("stride") or kernel, count)


def slid(settings: Settings, axes: Sizes) -> Sizes:
    """How many windows there are along every axis."""
    kernel, stride = _window(settings, len(axes))
    dilation = each(settings.get("dilation", (1,)), len(axes))
    up = bool(settings.get("ceil"))
    return tuple(
        len(starts(n, edge, (k - 1) * d + 1, s, up))
        for n, edge, k, s, d in zip(
            axes, edges(settings, axes), kernel, stride, dilation, strict=True
        )
    )


def _biases(settings: Settings, *count: int) -> tuple[Sizes, ...]:
    return (tuple(count),) if settings.get("bias") is not False else ()


def _conv(settings: Settings, shape: Sizes) -> Counted:
    axes, channels, filters = shape[:-1], shape[-1], settings["filters"]
    kernel, _ = _window(settings, len(axes))
    if settings.get("connections"):
        weights = tuple((len(seen), *kernel) for seen in settings["connections"])
    else:
        weights = ((filters, len(range(0, channels, settings.get("groups", 1))), *kernel),)
    output = slid(settings, axes)
    macs = entries(*output) * sum(entries(*sizes) for sizes in weights)
    return Counted((*output, filters), weights, _biases(settings, filters), macs=macs)


def _depthwise(settings: Settings, shape: Sizes) -> Counted:
    filters = sum(settings["multiplier"] for _ in range(shape[-1]))
    return _conv({**settings, "filters": filters, "groups": shape[-1]}, shape)


def _transposed(settings: Settings, shape: Sizes) -> Counted:
    """Every input spreads its kernel; what lies beyond the last place that is kept is cut off."""
    axes, channels, filters = shape[:-1], shape[-1], settings["filters"]
    kernel, stride = _window(settings, len(axes))
    dilation = each(settings.get("dilation", (1,)), len(axes))
    sizes = []
    for axis, n in enumerate(axes):
        reached = {
            i * stride[axis] + j * dilation[axis] for i in (0, n - 1) for j in (0, kernel[axis] - 1)
        }
        if settings["padding"] == "same":
            sizes.append(len(range(n * stride[axis])))
            continue
        before, after = edges(settings, axes)[axis]
        more = edges({**settings, "padding": settings["output_padding"]}, axes)[axis][1]
        sizes.append(len(range(before, max(reached) + 1 - after + more)))
    weights = (channels, len(range(0, filters, settings.get("groups", 1))), *kernel)
    macs = sum(entries(*weights) for _ in range(axes[0])) * entries(*axes[1:])
    return Counted((*sizes, filters), (weights,), _biases(settings, filters), macs=macs)


def _pool(settings: Settings, shape: Sizes) -> Counted:
    learned = ((shape[-1],),) if settings.get("trainable") else ()
    return Counted((*slid(settings, shape[:-1]), shape[-1]), learned, learned)


def _global_pool(settings: Settings, shape: Sizes) -> Counted:
    return Counted((*([1] * (len(shape) - 1) if settings["keep"] else []), shape[-1]))


def _dense(settings: Settings, shape: Sizes) -> Counted:
    units = settings["units"]
    per_place = settings.get("per_position") or len(shape) == 2
    places, seen = (shape[:-1], shape[-1]) if per_place else ((), entries(*shape))
    arrays, vectors = ((units, seen),), _biases(settings, units)
    macs = entries(*places) * entries(units, seen) if places else entries(units, seen)
    if settings.get("frozen"):
        return Counted((*places, units), kept=(*arrays, *vectors), macs=macs)
    return Counted((*places, units), arrays, vectors, macs=macs)


def _norm(settings: Settings, shape: Sizes) -> Counted:
    sizes = shape[-settings.get("axes", 1) :]
    scale, shift = settings.get("scale", True), settings.get("center", True)
    return Counted(shape, (sizes,) if scale else (), (sizes,) if shift else ())


def _batch_norm(settings: Settings, shape: Sizes) -> Counted:
    found = _norm(settings, shape)
    return Counted(shape, found.weights, found.biases, ((shape[-1],), (shape[-1],)))


def _embedding(settings: Settings, shape: Sizes) -> Counted:
    table = (settings["entries"], settings["width"])
    return Counted((*shape, settings["width"]), (table,))


def _positions(settings: Settings, shape: Sizes) -> Counted:
    table = (settings.get("length") or shape[0], shape[1])
    return Counted(shape, (table,) if settings["learned"] else ())


def _attention(settings: Settings, shape: Sizes, memory: Sizes | None = None) -> Counted:
    """Head by head: each has its own matrices for queries, keys and values."""
    (steps, width), (places, wide) = shape, memory or shape
    heads = settings["heads"]
    size = settings.get("key_width") or len(range(0, width, heads))
    value = settings.get("value_width") or size
    arrays: list[Sizes] = []
    macs = 0
    for _ in range(heads):
        own = [(size, width), (size, wide), (value, wide), (width, value)]
        arrays += own
        for rows, matrix in zip((steps, places, places, steps), own, strict=True):
            macs += rows * entries(*matrix)
        macs += entries(steps, places) * size + entries(steps, places) * value
    vectors = ((heads, size), (heads, size), (heads, value), (width,))
    biases = vectors if settings.get("bias") is not False else ()
    return Counted(shape, tuple(arrays), biases, macs=macs)


def _recurrent(gates: Iterable[str]) -> Callable[[Settings, Sizes], Counted]:
    """Gate by gate, direction by direction: from inputs, from the state, biases."""
    named = tuple(gates)

    def count(settings: Settings, shape: Sizes) -> Counted:
        steps, features = shape
        units = settings["units"]
        ways = ("forward", "back") if settings["bidirectional"] else ("forward",)
        arrays = [size for _ in ways for _ in named for size in ((units, features), (units, units))]
        vectors = [(units,) for _ in ways for _ in named for _ in range(settings["biases"])]
        width = sum(units for _ in ways)
        macs = sum(sum(entries(*sizes) for sizes in arrays) for _ in range(steps))
        biases = tuple(vectors) if settings.get("bias") is not False else ()
        output = (steps, width) if settings["sequences"] else (width,)
        return Counted(output, tuple(arrays), biases, macs=macs)

    return count


def _same(settings: Settings, *shapes: Sizes) -> Counted:
    longest = max(map(len, shapes))
    padded = [(1,) * (longest - len(s)) + tuple(s) for s in shapes]
    return Counted(tuple(max(along) for along in zip(*padded, strict=True)))


def _concat(settings: Settings, *shapes: Sizes) -> Counted:
    axis = len(shapes[0]) + settings["axis"]
    size = len([place for shape in shapes for place in range(shape[axis])])
    return Counted((*shapes[0][:axis], size, *shapes[0][axis + 1 :]))


def _matmul(settings: Settings, left: Sizes, right: Sizes) -> Counted:
    columns = right[-2] if settings["transposed"] else right[-1]
    leading = _same({}, left[:-2] or (1,), right[:-2] or (1,)).output
    batches = leading if len(left) > 2 or len(right) > 2 else ()
    macs = sum(entries(left[-2], left[-1]) for _ in range(columns)) * entries(*leading)
    return Counted((*batches, left[-2], columns), macs=macs)


def _reshape(settings: Settings, shape: Sizes) -> Counted:
    sizes = list(settings["shape"])
    if -1 in sizes:
        others = [size for size in sizes if size != -1]
        sizes[sizes.index(-1)] = len(range(0, entries(*shape), entries(*others) if others else 1))
    return Counted(tuple(sizes))


def _permute(settings: Settings, shape: Sizes) -> Counted:
    return Counted(tuple(shape[axis] for axis in settings["order"]))


def _upsample(settings: Settings, shape: Sizes) -> Counted:
    factors = each(settings["factor"], len(shape) - 1)
    grown = [
        len([i for i in range(n) for _ in range(f)]) for n, f in zip(shape, factors, strict=False)
    ]
    return Counted((*grown, shape[-1]))


def _zero_pad(settings: Settings, shape: Sizes) -> Counted:
    around = edges(settings, shape[:-1])
    grown = [len(range(-a, n + b)) for n, (a, b) in zip(shape, around, strict=False)]
    return Counted((*grown, shape[-1]))


def _crop(settings: Settings, shape: Sizes, like: Sizes | None = None) -> Counted:
    sizes = like[:-1] if like else each(settings["size"], len(shape) - 1)
    return Counted((*sizes, shape[-1]))


def _adaptive(settings: Settings, shape: Sizes) -> Counted:
    return Counted((*each(settings["size"], len(shape) - 1), shape[-1]))


def _flatten(settings: Settings, shape: Sizes) -> Counted:
    return Counted((entries(*shape),))


def _counted(rule: Callable[..., Found]) -> Callable[..., Counted]:
    return lambda settings, *shapes: Counted(*rule(settings, *shapes))


LAYERS: dict[str, Callable[..., Counted]] = {
    **{kind: _counted(rule) for kind, rule in ARRAY_LAYERS.items()},
    "activation": _same, "adaptive_pool": _adaptive, "add": _same, "attention": _attention,
    "batch_norm": _batch_norm, "concat": _concat, "conv": _conv, "conv_transpose": _transposed,
    "crop": _crop, "dense": _dense, "depthwise_conv": _depthwise, "dropout": _same,
    "embedding": _embedding, "flatten": _flatten, "global_pool": _global_pool,
    "group_norm": _norm, "gru": _recurrent(("reset", "update", "candidate")),
    "instance_norm": _norm, "layer_norm": _norm,
    "lstm": _recurrent(("input", "forget", "output", "candidate")), "matmul": _matmul,
    "multiply": _same, "permute": _permute, "pool": _pool, "positions": _positions,
    "reshape": _reshape, "rms_norm": _norm, "rnn": _recurrent(("state",)),
    "upsample": _upsample, "zero_pad": _zero_pad,
}  # fmt: skip
MAPS = frozenset(
    {
        "adaptive_pool", "batch_norm", "concat", "conv", "conv_transpose", "crop", "depthwise_conv",
        "global_pool", "group_norm", "instance_norm", "pool", "resize", "upsample",
        "zero_pad",
    }
)  # fmt: skip  # whose last axis are the channels, unless channels stand in front


def counts(
    inputs: Mapping[str, Sizes], places: Sequence[Place], channels_first: bool = False
) -> dict[str, Counted]:
    """Every layer's output, arrays and multiply-accumulates, from the inputs on."""
    shapes: dict[str, Sizes] = dict(inputs)
    found: dict[str, Counted] = {}
    for place in places:
        incoming = [shapes[source] for source in place.sources]
        found[place.name] = one = count_layer(place.kind, place.settings, incoming, channels_first)
        if place.shares:
            found[place.name] = Counted(one.output, macs=one.macs)
        shapes[place.name] = one.output
    return found


def count_layer(
    kind: str, settings: Settings, shapes: Sequence[Sizes], channels_first: bool = False
) -> Counted:
    """One layer's output, arrays and multiply-accumulates."""
    turned = channels_first and kind in MAPS
    last = [(*s[1:], s[0]) if turned and len(s) > 1 else tuple(s) for s in shapes]
    one = LAYERS[kind](settings, *last)
    if not turned or len(one.output) < 2:
        return one
    output = (one.output[-1], *one.output[:-1])
    return Counted(output, one.weights, one.biases, one.kept, one.macs)


FAR = 10**6  # an output far from every border


def receptive_field(
    name: str,
    inputs: Mapping[str, Sizes],
    places: Sequence[Place],
    found: Mapping[str, Counted],
    axis: int,
    channels_first: bool = False,
) -> int:
    """How many places of the input one output of a layer sees along an axis, ignoring borders."""
    seen: dict[str, tuple[int, int]] = {name: (FAR, FAR)}
    shapes = {**inputs, **{key: one.output for key, one in found.items()}}
    for place in reversed(places):
        if place.name not in seen:
            continue
        low, high = seen.pop(place.name)
        for source in place.sources:
            shape = shapes[source]
            axes = shape[1:] if channels_first else shape[:-1]
            first, last = _backwards(
                place, axes, shapes[place.name], axis, low, high, channels_first
            )
            before = seen.get(source, (first, last))
            seen[source] = (min(first, before[0]), max(last, before[1]))
    return max(high for _, high in seen.values()) - min(low for low, _ in seen.values()) + 1


def _backwards(
    place: Place, axes: Sizes, output: Sizes, axis: int, low: int, high: int, channels_first: bool
) -> tuple[int, int]:
    """The places before a layer that the places low to high behind it depend on."""
    if place.kind in ("conv", "depthwise_conv", "pool"):
        kernel, stride = (sizes[axis] for sizes in _window(place.settings, len(axes)))
        dilation = each(place.settings.get("dilation", (1,)), len(axes))[axis]
        before = edges(place.settings, axes)[axis][0]
        taps = [i * stride - before + j * dilation for i in (low, high) for j in (0, kernel - 1)]
        return min(taps), max(taps)
    if place.kind == "conv_transpose":  # stride 1: input i reaches the outputs i - before + j d
        kernel = _window(place.settings, len(axes))[0][axis]
        dilation = each(place.settings["dilation"], len(axes))[axis]
        before = edges(place.settings, axes)[axis][0]
        return low + before - (kernel - 1) * dilation, high + before
    if place.kind == "zero_pad":
        before = edges(place.settings, axes)[axis][0]
        return low - before, high - before
    if place.kind == "crop":
        kept = (output[1:] if channels_first else output[:-1])[axis]
        return low + (axes[axis] - kept) // 2, high + (axes[axis] - kept) // 2
    if place.kind == "adaptive_pool":
        window = axes[axis] // each(place.settings["size"], len(axes))[axis]
        return low * window, high * window + window - 1
    return low, high

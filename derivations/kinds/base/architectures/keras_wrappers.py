"""Layers of a Keras file as entries, those that wrap another layer among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from derivations.kinds.base.architectures.frameworks import layers_of_config
from derivations.models.traces import LayerError, Shape

Entry: TypeAlias = dict[str, Any]
SAME = frozenset({"activation", "dropout", "dense", "batch_norm", "layer_norm", "rms_norm"})
WINDOWS = frozenset({"conv", "depthwise_conv", "pool", "conv_transpose", "upsample", "zero_pad"})


def entries_of(class_name: str, settings: dict[str, Any], shapes: Sequence[Shape]) -> list[Entry]:
    """What a layer of the file stands for, one behind the other.

    Raises:
        LayerError: a layer or setting that is not read here.
    """
    if settings.get("data_format") == "channels_first":
        raise LayerError("channels_first is not read from Keras files")
    if class_name in WRAPPERS:
        inner = settings.get("layer")
        if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
            raise LayerError("a wrapper without a layer")
        return WRAPPERS[class_name](settings, inner, shapes)
    found = layers_of_config(class_name, settings)
    if class_name == "Concatenate":
        return [_concat(found[0], shapes)]
    if class_name.endswith("Normalization") and found and shapes:
        return [_normed(entry, settings.get("axis", -1), len(shapes[0])) for entry in found]
    return found


def _normed(entry: Entry, axis: Any, rank: int) -> Entry:
    """The norm, if its axes are the last ones, counted from the batch on or from the end.

    Raises:
        LayerError: others; of all norms only that of a layer may have several.
    """
    named = axis if isinstance(axis, list) else [axis]
    places = sorted(
        a + rank + 1 if type(a) is int and a < 0 else a for a in named if type(a) is int
    )
    last = list(range(rank + 1 - len(places), rank + 1))
    if not places or len(places) != len(named) or places != last or places[0] < 1:
        raise LayerError(f"axis {axis} is not read here; expected the last one, -1")
    if len(places) == 1:
        return entry
    if entry["layer"] != "layer_norm":
        raise LayerError(f"axis {axis} is not read here; expected one, the last")
    return {**entry, "axes": len(places)}


def _concat(entry: Entry, shapes: Sequence[Shape]) -> Entry:
    """The axis from the end; in the file it may be counted from the batch on."""
    rank, axis = len(shapes[0]) if shapes else 1, entry.get("axis", -1)
    if type(axis) is not int or axis == 0 or not -rank <= axis <= rank:
        raise LayerError(f"axis {axis}")
    return {**entry, "axis": axis if axis < 0 else axis - rank - 1}


def _bidirectional(
    settings: Mapping[str, Any], inner: dict[str, Any], shapes: Sequence[Shape]
) -> list[Entry]:
    """The layer twice, forward and back, with the outputs behind each other."""
    if settings.get("merge_mode", "concat") != "concat":
        raise LayerError(f"merge_mode {settings['merge_mode']} is not read here")
    back = settings.get("backward_layer")
    found = layers_of_config(str(inner.get("class_name")), inner["config"])
    if isinstance(back, dict) and isinstance(back.get("config"), dict):
        if layers_of_config(str(back.get("class_name")), back["config"]) != found:
            raise LayerError("another layer back than forward is not read here")
    return [{**entry, "bidirectional": True} for entry in found]


def _distributed(
    settings: Mapping[str, Any], inner: dict[str, Any], shapes: Sequence[Shape]
) -> list[Entry]:
    """The layer at every step, with the same weights: a window of one step along the first axis."""
    if not shapes or len(shapes[0]) < 2:
        raise LayerError("a layer for every step needs steps")
    shape = shapes[0]
    found = entries_of(str(inner.get("class_name")), inner["config"], [shape[1:]])
    flat = len(shape) == 2
    done: list[Entry] = []
    for entry in found:
        done.append(_at_every_step(entry, shape, flat))
    return done


def _at_every_step(entry: Entry, shape: Shape, flat: bool) -> Entry:
    kind = entry["layer"]
    if kind in SAME:
        if kind == "dense" and not flat and not entry.get("per_position"):
            raise LayerError("a dense layer of whole maps")
        return entry
    if kind == "flatten":
        return {"layer": "reshape", "shape": [shape[0], -1]}
    if kind == "reshape":
        return {"layer": "reshape", "shape": [shape[0], *entry["shape"]]}
    if kind == "global_pool" and not flat:
        mode = {"average": "mean"}.get(entry["mode"], entry["mode"])
        axes = list(range(1 - len(shape), -1))
        return {"layer": "reduce", "mode": mode, "axes": axes, "keep": entry["keep"]}
    if kind in WINDOWS and not flat:
        return _window(entry, len(shape) - 2)
    raise LayerError(f"{kind.replace('_', ' ')} at every step is not read here")


def _window(entry: Entry, count: int) -> Entry:
    """One step of a window along the steps, before its other axes."""
    changed = dict(entry)
    for key in ("kernel", "stride", "dilation", "factor"):
        if key in entry:
            changed[key] = [1, *_each(entry[key], count)]
    if changed["layer"] == "pool" and "stride" not in changed:
        changed["stride"] = changed["kernel"]
    for key in ("padding", "output_padding"):
        sizes = entry.get(key)
        if isinstance(sizes, (int, list, tuple)):
            pairs = [
                list(p) if isinstance(p, (list, tuple)) else [p, p] for p in _each(sizes, count)
            ]
            changed[key] = [[0, 0], *pairs]
    return changed


def _each(value: Any, count: int) -> list[Any]:
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * count
    if len(parts) != count:
        raise LayerError(f"{len(parts)} numbers for {count} axes")
    return parts


WRAPPERS: dict[str, Callable[[Mapping[str, Any], dict[str, Any], Sequence[Shape]], list[Entry]]] = {
    "Bidirectional": _bidirectional,
    "TimeDistributed": _distributed,
}

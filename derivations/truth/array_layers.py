"""The second road for layers that cut, join and repeat arrays: places are listed along every axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Sizes: TypeAlias = tuple[int, ...]
Settings: TypeAlias = Mapping[str, Any]
Found: TypeAlias = tuple[Sizes, tuple[Sizes, ...]]  # the output, and arrays that are learned


def together(*shapes: Sizes) -> Sizes:
    """The shape of arrays that are put together entry by entry, from the last axis on."""
    found: list[int] = []
    for back in range(1, max(map(len, shapes)) + 1):
        sizes = [shape[-back] for shape in shapes if back <= len(shape)]
        found.insert(0, next((size for size in sizes if size != 1), 1))
    return tuple(found)


def _slice(settings: Settings, shape: Sizes) -> Found:
    places = range(shape[settings["axis"]])[settings["start"] :: settings["step"]]
    along = len(places[: settings["size"]])
    axis = len(shape) + settings["axis"]
    return (*shape[:axis], along, *shape[axis + 1 :]), ()


def _resize(settings: Settings, shape: Sizes) -> Found:
    size = settings["size"]
    axes = shape[:-1]
    sizes = tuple(size) if len(size) == len(axes) else tuple(size[0] for _ in axes)
    return (*sizes, shape[-1]), ()


def _reduce(settings: Settings, shape: Sizes) -> Found:
    left: list[int] = []
    for back in range(len(shape), 0, -1):
        if -back not in settings["axes"]:
            left.append(shape[-back])
        elif settings["keep"]:
            left.append(1)
    return tuple(left) if left else (1,), ()


def _expand(settings: Settings, shape: Sizes) -> Found:
    return together(shape, tuple(settings["shape"])), ()


def _array(settings: Settings, *shapes: Sizes) -> Found:
    sizes = tuple(settings["sizes"])
    return together(*shapes, sizes), (sizes,)


def _elementwise(settings: Settings, *shapes: Sizes) -> Found:
    return together(*shapes), ()


ARRAY_LAYERS: dict[str, Callable[..., Found]] = {
    "slice": _slice, "resize": _resize, "reduce": _reduce, "expand": _expand, "array": _array,
    "elementwise": _elementwise,
}  # fmt: skip

"""Sizes of ONNX tensors behind operations that cut, join and turn them; the batch is among them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from derivations.models.traces import LayerError, Shape, joined


def axis_of(axis: int, rank: int) -> int:
    """An axis that may be counted from the end.

    Raises:
        LayerError: there is none.
    """
    if not -rank <= axis < rank:
        raise LayerError(f"axis {axis} of a tensor that has {rank}")
    return axis % rank


def transposed(shape: Shape, order: Sequence[int]) -> Shape:
    """The sizes in another order."""
    if sorted(order) != list(range(len(shape))):
        raise LayerError(f"the order {list(order)[:16]} of {len(shape)} axes")
    return tuple(shape[axis] for axis in order)


def squeezed(shape: Shape, axes: Sequence[int]) -> tuple[Shape, list[int]]:
    """Without axes of size 1, all if none is named; and the axes that are left."""
    gone = {axis_of(axis, len(shape)) for axis in axes}
    gone = gone or {axis for axis, size in enumerate(shape) if size == 1}
    if any(shape[axis] != 1 for axis in gone):
        raise LayerError(f"an axis of {shape} is squeezed that is not of size 1")
    left = [axis for axis in range(len(shape)) if axis not in gone]
    return tuple(shape[axis] for axis in left), left


def unsqueezed(shape: Shape, axes: Sequence[int]) -> tuple[Shape, list[int]]:
    """With new axes of size 1; and where the old ones are."""
    rank = len(shape) + len(axes)
    new = {axis_of(axis, rank) for axis in axes}
    if len(new) < len(axes) or rank > 16:
        raise LayerError(f"the new axes {list(axes)[:16]}")
    old = iter(shape)
    sizes = tuple(1 if axis in new else next(old) for axis in range(rank))
    return sizes, [axis for axis in range(rank) if axis not in new]


def reshaped(shape: Shape, target: Sequence[int], zero: bool = False) -> Shape:
    """The new sizes, where 0 is the old size and one -1 is what is left.

    Raises:
        LayerError: another number of entries.
    """
    sizes = [
        shape[k] if size == 0 and not zero and k < len(shape) else size
        for k, size in enumerate(target)
    ]
    known = prod(size for size in sizes if size != -1)
    if sizes.count(-1) == 1 and known > 0:
        sizes[sizes.index(-1)] = prod(shape) // known
    if any(size < 0 for size in sizes) or prod(sizes) != prod(shape) or len(sizes) > 16:
        raise LayerError(f"the shape {list(target)[:16]} for one of {list(shape)}")
    return tuple(sizes)


def part(size: int, start: int, stop: int, step: int) -> range:
    """The places of a part of an axis, as ONNX bounds them.

    Raises:
        LayerError: it goes backwards or nowhere.
    """
    if step < 1:
        raise LayerError(f"a part in steps of {step}; only forward is read")
    start = max(start + size, 0) if start < 0 else min(start, size)
    stop = max(stop + size, 0) if stop < 0 else min(stop, size)
    return range(start, stop, step)


def concatenated(shapes: Sequence[Shape], axis: int) -> Shape:
    """Sizes along the axis add up.

    Raises:
        LayerError: shapes that do not match.
    """
    axis = axis_of(axis, len(shapes[0]))
    if len({(*s[:axis], 0, *s[axis + 1 :]) for s in shapes}) > 1:
        listed = " and ".join(str(list(s)) for s in shapes[:4])
        raise LayerError(f"{listed} cannot be joined along axis {axis}")
    first = shapes[0]
    return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])


def broadcast(*shapes: Shape) -> Shape:
    """The shape of tensors that are put together entry by entry."""
    return joined(shapes)

"""The second road for convolution and pooling: arrays in NumPy, shifted against each other.

The first road asks for each output what it reads; here a loop over the offsets of the window
moves whole arrays. Sizes and padding are worked out anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


def array(nested: Any, axes: int, channels: bool = True) -> Array:
    """Numerals as doubles, with axes of size 1 in front for what is left out.

    ``channels`` says which of the two leading axes a list with one of them has.
    """
    found: Array = np.vectorize(lambda text: float(Fraction(text)), otypes=[float])(
        np.array(nested)
    )
    if found.ndim == axes + 1:
        return found[None] if channels else found[:, None]
    return found.reshape((1,) * (axes + 2 - found.ndim) + found.shape)


def beside(nested: Any, like: Array) -> Array:
    """Numerals for every place of an array, in its order; a single one stands for all of them."""
    found = array(nested, 1).reshape(-1)
    return np.broadcast_to(found[0], like.shape) if found.size == 1 else found.reshape(like.shape)


def padding_of(field: Any, axes: int) -> list[tuple[int, int]] | str:
    """Before and after for every axis, from a field: a word, numbers, or pairs."""
    if isinstance(field, str):
        return field if field == "same" else [(0, 0)] * axes
    pairs = [part if isinstance(part, tuple) else (part, part) for part in field]
    return pairs if len(pairs) == axes else pairs[:1] * axes


@dataclass(frozen=True, slots=True)
class Window:
    """A window and how it moves; ``padding`` is a list of (before, after), or ``same``."""

    kernel: Sequence[int]
    stride: Sequence[int]
    dilation: Sequence[int]
    padding: Sequence[tuple[int, int]] | str

    def edges(self, space: Sequence[int]) -> list[tuple[int, int]]:
        """Padding before and after; ``same`` has ceil(n/s) outputs, the odd pixel after."""
        if not isinstance(self.padding, str):
            return list(self.padding)
        found = []
        for n, k, s, d in zip(space, self.kernel, self.stride, self.dilation, strict=True):
            outputs = (n + s - 1) // s
            lacking = max(0, (outputs - 1) * s + (k - 1) * d + 1 - n)
            found.append((lacking // 2, lacking - lacking // 2))
        return found

    def shifts(self, output: Sequence[int]) -> list[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """For each offset in the window the slice of the padded map that lies under it."""
        found = []
        for u in product(*map(range, self.kernel)):
            cut = tuple(
                slice(v * d, v * d + (o - 1) * s + 1, s)
                for v, d, o, s in zip(u, self.dilation, output, self.stride, strict=True)
            )
            found.append((u, (slice(None), slice(None), *cut)))
        return found


def grouped(x: Array, k: Array, groups: int) -> Array:
    """The kernels (F, C/G, ...) as kernels for all channels, with zeros elsewhere."""
    filters, each = k.shape[0], k.shape[1]
    full = np.zeros((filters, x.shape[1], *k.shape[2:]))
    for f in range(filters):
        first = f // (filters // groups) * each
        full[f, first : first + each] = k[f]
    return full


def ungrouped(full: Array, like: Array, groups: int) -> Array:
    """What `grouped` has put in its place, taken back."""
    filters, each = like.shape[0], like.shape[1]
    firsts = [f // (filters // groups) * each for f in range(filters)]
    return np.stack([full[f, first : first + each] for f, first in enumerate(firsts)])


def _at(u: tuple[int, ...]) -> tuple[slice | int, ...]:
    """The weights of all filters and channels at an offset."""
    return (slice(None), slice(None), *u)


def correlate(x: Array, k: Array, window: Window, output: Sequence[int]) -> Array:
    """Cross-correlation of a padded map with kernels for all channels."""
    y = np.zeros((x.shape[0], k.shape[0], *output))
    for u, cut in window.shifts(output):
        y += np.einsum("nc...,fc->nf...", x[cut], k[_at(u)])
    return y


def spread(y: Array, k: Array, window: Window, space: Sequence[int]) -> Array:
    """What goes back to the padded map: every entry of y spreads the kernels."""
    x = np.zeros((y.shape[0], k.shape[1], *space))
    for u, cut in window.shifts(y.shape[2:]):
        x[cut] += np.einsum("nf...,fc->nc...", y, k[_at(u)])
    return x


def by_kernel(x: Array, y: Array, k: Array, window: Window) -> Array:
    """Products of a padded map and of y, added over samples and places, for each offset."""
    found = np.zeros_like(k)
    for u, cut in window.shifts(y.shape[2:]):
        found[_at(u)] = np.einsum("nfp,ncp->fc", _flat(y), _flat(x[cut]))
    return found


def _flat(x: Array) -> Array:
    return x.reshape(*x.shape[:2], -1)


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with its numbers. Kernels are (filters, channels of a group, ...), those of a
    transposed one (channels of the input, filters of a group, ...).

    ``more``: output padding; None where the size of the output is the input's times the stride.
    """

    x: Array
    k: Array
    b: Array | None
    window: Window
    groups: int
    turned: bool
    transposed: bool
    more: Sequence[int] | None = ()

    def kernels(self) -> Array:
        """For all channels; a true convolution turns them."""
        axes = tuple(range(2, self.k.ndim))
        own = np.flip(self.k, axes) if self.turned else self.k
        if not self.transposed:
            return grouped(self.x, own, self.groups)
        filters = np.zeros((1, self.k.shape[1] * self.groups))
        return grouped(filters, own, self.groups)

    def forward(self) -> Array:
        """The output."""
        y = self._spread() if self.transposed else self._correlate()
        return y if self.b is None else y + self.b.reshape(1, -1, *(1,) * (y.ndim - 2))

    def _correlate(self) -> Array:
        x = self.padded()
        output = []
        for axis, k in enumerate(self.window.kernel):
            extent = (k - 1) * self.window.dilation[axis] + 1
            output.append((x.shape[axis + 2] - extent) // self.window.stride[axis] + 1)
        return correlate(x, self.kernels(), self.window, output)

    def padded(self) -> Array:
        """The input with zeros around."""
        return np.pad(self.x, [(0, 0), (0, 0), *self.window.edges(self.x.shape[2:])])

    def _room(self) -> tuple[list[int], list[tuple[int, int]]]:
        """Transposed: the size before anything is cut off, and how much is."""
        w, room, cut = self.window, [], []
        for axis, n in enumerate(self.x.shape[2:]):
            reached = (n - 1) * w.stride[axis] + (w.kernel[axis] - 1) * w.dilation[axis] + 1
            if isinstance(w.padding, str):
                wanted = n * w.stride[axis]
                off = max(0, reached - wanted)
                room.append(max(reached, wanted))
                cut.append((off // 2, off - off // 2))
                continue
            more = self.more[axis] if self.more else 0
            before, after = w.padding[axis]
            room.append(reached + max(0, more - after))
            cut.append((before, max(0, after - more)))
        return room, cut

    def _spread(self) -> Array:
        room, cut = self._room()
        whole = spread(self.x, self.kernels(), self.window, room)
        return whole[_inner(cut, room)]

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        """Gradients by input, kernel and bias from the one by the output."""
        db = dy.sum(axis=(0, *range(2, dy.ndim)))
        k = self.kernels()
        if self.transposed:
            room, cut = self._room()
            whole = np.zeros((*dy.shape[:2], *room))
            whole[_inner(cut, room)] = dy
            dx = correlate(whole, k, self.window, self.x.shape[2:])
            dk = by_kernel(whole, self.x, k, self.window)
        else:
            x = self.padded()
            edges = self.window.edges(self.x.shape[2:])
            dx = spread(dy, k, self.window, x.shape[2:])[_inner(edges, x.shape[2:])]
            dk = by_kernel(x, dy, k, self.window)
        dk = ungrouped(dk, self.k, self.groups)
        return dx, np.flip(dk, tuple(range(2, dk.ndim))) if self.turned else dk, db


def _inner(edges: Sequence[tuple[int, int]], space: Sequence[int]) -> tuple[slice, ...]:
    inner = (slice(a, n - b) for (a, b), n in zip(edges, space, strict=True))
    return (slice(None), slice(None), *inner)


def slope_of(y: Array, behind: Array, loss: str) -> tuple[float, Array]:
    """A loss of an output and its gradient; ``linear`` has the gradient given."""
    error = y - behind
    if loss == "linear":
        return float((behind * y).sum()), behind
    share = {"half_squared_error": 0.5, "squared_error": 1.0, "mean_squared_error": 1 / y.size}[
        loss
    ]
    return float(share * (error**2).sum()), 2 * share * error


@dataclass(frozen=True, slots=True)
class Pooling:
    """A pooling layer with its numbers; ``counted``: zeros of the padding count in an average."""

    x: Array
    window: Window
    mode: str
    ceil: bool = False
    counted: bool = True

    def _shifted(self) -> tuple[list[int], list[int], Array]:
        """Sizes of the output, and of a map that is large enough for all windows; the map."""
        w, output, room = self.window, [], []
        edges = w.edges(self.x.shape[2:])
        for axis, n in enumerate(self.x.shape[2:]):
            before, after = edges[axis]
            extent = (w.kernel[axis] - 1) * w.dilation[axis] + 1
            left = n + before + after - extent
            count = (left + (w.stride[axis] - 1 if self.ceil else 0)) // w.stride[axis] + 1
            if self.ceil and (count - 1) * w.stride[axis] >= n + before:
                count -= 1
            output.append(count)
            room.append(max(n + before + after, (count - 1) * w.stride[axis] + extent))
        fill = -np.inf if self.mode == "max" else 0.0
        whole = np.full((*self.x.shape[:2], *room), fill)
        whole[self._own(edges)] = self.x
        return output, room, whole

    def _own(self, edges: Sequence[tuple[int, int]]) -> tuple[slice, ...]:
        inner = (slice(e[0], e[0] + n) for e, n in zip(edges, self.x.shape[2:], strict=True))
        return (slice(None), slice(None), *inner)

    def _shares(self, output: Sequence[int], room: Sequence[int]) -> Array:
        """How many places each average is taken over."""
        edges = self.window.edges(self.x.shape[2:])
        ones = np.zeros((1, 1, *room))
        inside = self._own(edges)
        if self.counted:
            upto = (slice(0, n + sum(e)) for n, e in zip(self.x.shape[2:], edges, strict=True))
            inside = (slice(None), slice(None), *upto)
        ones[inside] = 1
        return np.asarray(sum(ones[cut] for _, cut in self.window.shifts(output)))

    def forward(self) -> Array:
        """Maxima or averages."""
        output, room, whole = self._shifted()
        every = np.stack([whole[cut] for _, cut in self.window.shifts(output)])
        if self.mode == "max":
            return np.asarray(every.max(axis=0))
        return np.asarray(every.sum(axis=0) / self._shares(output, room))

    def backward(self, dy: Array) -> Array:
        """The gradient by the input; that of a maximum goes to its first place."""
        output, room, whole = self._shifted()
        back = np.zeros_like(whole)
        shifts = self.window.shifts(output)
        if self.mode == "average":
            for _, cut in shifts:
                back[cut] += dy / self._shares(output, room)
        else:
            first = np.stack([whole[cut] for _, cut in shifts]).argmax(axis=0)
            for place, (_, cut) in enumerate(shifts):
                back[cut] += np.where(first == place, dy, 0.0)
        return np.asarray(back[self._own(self.window.edges(self.x.shape[2:]))])

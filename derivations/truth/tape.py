"""A tape of NumPy arrays: what is done with values, and how adjoints go back through it.

The first axis of every array runs over variants. Doubles, derivatives and broadcasting are the
tape's own; nothing here is shared with the exact arithmetic of `formula`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LAST_BITS = 4 * float(np.finfo(np.float64).eps)


@dataclass(slots=True, eq=False)
class Node:
    """A value on the tape: (variants,) + shape; and how its adjoint goes back to its parents.

    ``size``: of a sum, how large its terms are.
    """

    value: Array
    ndim: int = 0  # 0 scalar, 1 vector, 2 matrix; the axis of variants does not count
    back: tuple[tuple[Node, Callable[[Array], Array]], ...] = ()
    grad: Array | None = field(default=None)
    size: Array | None = None


def sweep(top: Node) -> None:
    """Adjoints of everything on the tape below ``top``, from scratch."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(top, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            node.grad = None
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in node.back)
    top.grad = np.ones_like(top.value)
    for node in reversed(order):
        if node.grad is None:
            continue
        for parent, rule in node.back:
            part = _fit(rule(node.grad), parent.value)
            parent.grad = part if parent.grad is None else parent.grad + part


def _fit(grad: Array, value: Array) -> Array:
    """Summed over what was spread out: entries first, then variants that share one value."""
    while grad.ndim > value.ndim:
        grad = grad.sum(axis=-1)
    for axis, size in enumerate(value.shape):
        if size == 1 and grad.shape[axis] != 1:
            if axis == 0:
                continue  # a constant shared by all variants; its own adjoint is not asked for
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def aligned(left: Node, right: Node) -> tuple[Array, Array]:
    """Both values with as many axes; a scalar goes with every entry, a column with every column."""
    a, b = left.value, right.value
    while a.ndim < b.ndim:
        a = a[..., None]
    while b.ndim < a.ndim:
        b = b[..., None]
    return a, b


def scaled(g: Array, slope: Any) -> Array:
    """g times slope; 0 where g is 0, also where the slope has overflowed."""
    return np.where(g == 0, 0.0, g * slope)


def _binary(left: Node, right: Node, value: Array, da: Any, db: Any) -> Node:
    ndim = max(left.ndim, right.ndim)
    return Node(value, ndim, ((left, lambda g: scaled(g, da)), (right, lambda g: scaled(g, db))))


def add(*terms: Node) -> Node:
    total = terms[0]
    for term in terms[1:]:
        a, b = aligned(total, term)
        summed = _binary(total, term, a + b, 1.0, 1.0)
        size = np.abs(a) + np.abs(b)
        total = replace(summed, size=size if total.size is None else np.maximum(size, total.size))
    return total


def settled(node: Node) -> Node:
    """The node for a decision about its sign: 0 where terms cancelled but for their last bits."""
    if node.size is None:
        return node
    value = np.where(np.abs(node.value) <= LAST_BITS * node.size, 0.0, node.value)
    return Node(value, node.ndim, ((node, lambda g: g),))


def _times(*factors: Node) -> Node:
    total = factors[0]
    for factor in factors[1:]:
        a, b = aligned(total, factor)
        total = _binary(total, factor, a * b, b, a)
    return total


def _over(above: Node, below: Node) -> Node:
    a, b = aligned(above, below)
    return _binary(above, below, a / b, 1 / b, -a / b**2)


def _power(base: Node, exponent: Node) -> Node:
    a, b = aligned(base, exponent)
    with np.errstate(all="ignore"):
        value = a**b
        slope = b * a ** (b - 1)
        rate = np.where(a > 0, value * np.log(np.where(a > 0, a, 1.0)), 0.0)
    return _binary(base, exponent, value, slope, rate)


def _matmul(*factors: Node) -> Node:
    total = factors[0]
    for factor in factors[1:]:
        total = _matmul_two(total, factor)
    return total


def _matmul_two(left: Node, right: Node) -> Node:
    if not left.ndim or not right.ndim:
        return _times(left, right)
    a = left.value if left.ndim == 2 else left.value[..., None]
    b = right.value if right.ndim == 2 else right.value[..., None]
    full = np.matmul(a, b)
    column = right.ndim == 1
    value = full[..., 0] if column else full
    single = column and full.shape[1] == 1 and left.ndim == 2
    value = value[..., 0] if single else value

    def raised(g: Array) -> Array:
        if single:
            return g[..., None, None]
        return g[..., None] if column else g

    def to_left(g: Array) -> Array:
        grad: Array = np.matmul(raised(g), np.swapaxes(b, -1, -2))
        return grad if left.ndim == 2 else grad[..., 0]

    def to_right(g: Array) -> Array:
        grad: Array = np.matmul(np.swapaxes(a, -1, -2), raised(g))
        return grad[..., 0] if column else grad

    ndim = 0 if single else (1 if column else 2)
    return Node(value, ndim, ((left, to_left), (right, to_right)))


def _transpose(x: Node) -> Node:
    if x.ndim == 0:
        return x
    if x.ndim == 1:
        return Node(x.value[..., None, :], 2, ((x, lambda g: g[..., 0, :]),))
    return Node(np.swapaxes(x.value, -1, -2), x.ndim, ((x, lambda g: np.swapaxes(g, -1, -2)),))


def _dot(left: Node, right: Node) -> Node:
    value = (left.value * right.value).sum(axis=-1)
    return Node(
        value, 0,
        ((left, lambda g: g[..., None] * right.value), (right, lambda g: g[..., None] * left.value)),
    )  # fmt: skip


def _entries(x: Node) -> Array:
    entries: Array = x.value.reshape(x.value.shape[0], -1)
    return entries


def _spread(g: Array, x: Node) -> Array:
    return np.broadcast_to(g.reshape(g.shape + (1,) * x.ndim), (g.shape[0], *x.value.shape[1:]))


def _sum_entries(*args: Node) -> Node:
    if len(args) > 1:
        return add(*args)
    x = args[0]
    return Node(_entries(x).sum(axis=1), 0, ((x, lambda g: _spread(g, x)),))


def _mean(*args: Node) -> Node:
    count = len(args) if len(args) > 1 else _entries(args[0]).shape[1]
    return _over(_sum_entries(*args), Node(np.array([float(count)])))


def _norm(x: Node) -> Node:
    if x.ndim == 0:
        return Node(np.abs(x.value), 0, ((x, lambda g: g * np.sign(x.value)),))
    value = np.sqrt((_entries(x) ** 2).sum(axis=1))

    def back(g: Array) -> Array:  # at 0, the square of the norm still has the slope 0
        with np.errstate(all="ignore"):
            share = np.where(g == 0, 0.0, g / value)
        return np.asarray(_spread(share, x) * x.value)

    return Node(value, 0, ((x, back),))


def _softmax(x: Node, seen: Node | None = None) -> Node:
    axis = 1
    with np.errstate(all="ignore"):
        hidden = np.zeros(1) if seen is None else np.where(seen.value > 0, 0.0, -np.inf)
        shifted = x.value + hidden
        grown = np.exp(shifted - shifted.max(axis=axis, keepdims=True))
    s = grown / grown.sum(axis=axis, keepdims=True)

    def back(g: Array) -> Array:
        inner: Array = (g * s).sum(axis=axis, keepdims=True)
        return np.asarray(s * (g - inner))

    return Node(s, x.ndim, ((x, back),))


def _softmax_rows(x: Node, seen: Node | None = None) -> Node:
    with np.errstate(all="ignore"):
        hidden = np.zeros(1) if seen is None else np.where(seen.value > 0, 0.0, -np.inf)
        shifted = x.value + hidden
        grown = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    s = grown / grown.sum(axis=-1, keepdims=True)

    def back(g: Array) -> Array:
        return np.asarray(s * (g - (g * s).sum(axis=-1, keepdims=True)))

    return Node(s, x.ndim, ((x, back),))


def _extreme(larger: bool) -> Callable[..., Node]:
    def rule(*args: Node) -> Node:
        if len(args) == 1:
            flat = _entries(args[0])
            chosen = flat.argmax(axis=1) if larger else flat.argmin(axis=1)
            mask = np.zeros_like(flat)
            mask[np.arange(len(flat)), chosen] = 1.0
            back = mask.reshape(args[0].value.shape)
            value = flat[np.arange(len(flat)), chosen]
            return Node(value, 0, ((args[0], lambda g: _spread(g, args[0]) * back),))
        total, *others = map(settled, args)
        for other in others:
            a, b = aligned(total, other)
            left = (a >= b) if larger else (a <= b)  # equal ones: the first, as in an array
            value = np.where(left, a, b)
            total = _binary(total, other, value, left * 1.0, ~left * 1.0)
        return total

    return rule


def _taking(place: int, axes: int = 0) -> Callable[[Array], Array]:
    """The part of an adjoint at a place, before so many more axes."""
    at: tuple[EllipsisType | slice | int, ...] = (..., place, *[slice(None)] * axes)
    return lambda g: np.asarray(g[at])


def _vector(*parts: Node) -> Node:
    value = np.stack(np.broadcast_arrays(*(part.value for part in parts)), axis=-1)
    return Node(value, 1, tuple((part, _taking(i)) for i, part in enumerate(parts)))


def _matrix(*rows: Node) -> Node:
    value = np.stack(np.broadcast_arrays(*(row.value for row in rows)), axis=-2)
    return Node(value, 2, tuple((row, _taking(i, 1)) for i, row in enumerate(rows)))


def _entry(x: Node, *indices: Node) -> Node:
    place = tuple(int(index.value.flat[0]) - 1 for index in indices)
    at: tuple[slice | int, ...] = (slice(None), *place)

    def back(g: Array) -> Array:
        full = np.zeros_like(x.value)
        full[at] = g
        return full

    return Node(x.value[at], x.ndim - len(place), ((x, back),))


def _constant(value: float) -> Callable[..., Node]:
    return lambda *_: Node(np.array([value]))


def _ones(*sizes: Node) -> Node:
    shape = tuple(int(size.value.flat[0]) for size in sizes)
    return Node(np.ones((1, *shape)), len(shape))


def _as_column(x: Node) -> Node:
    if x.ndim != 2 or x.value.shape[-1] != 1:
        return x
    return Node(x.value[..., 0], 1, ((x, lambda g: g[..., None]),))


def _log(x: Node, base: Node) -> Node:
    return _over(_ln(x), _ln(base))


def _ln(x: Node) -> Node:
    with np.errstate(all="ignore"):
        value = np.log(x.value)
    return Node(value, x.ndim, ((x, lambda g: g / x.value),))


def _argmax(x: Node) -> Node:
    return Node(_entries(x).argmax(axis=1) + 1.0)


OPERATIONS: dict[str, Callable[..., Node]] = {
    "sum": add, "product": _times, "hadamard": _times, "quotient": _over, "power": _power,
    "neg": lambda x: Node(-x.value, x.ndim, ((x, lambda g: -g),)), "group": lambda x: x,
    "matmul": _matmul, "transpose": _transpose, "as_column": _as_column, "dot": _dot, "sum_entries": _sum_entries,
    "mean": _mean, "norm": _norm, "softmax": _softmax,
    "softmax_rows": _softmax_rows, "max": _extreme(True),
    "min": _extreme(False), "vector": _vector, "row": _vector, "matrix": _matrix, "entry": _entry,
    "log": _log, "argmax": _argmax,
    "pi": _constant(np.pi), "euler": _constant(np.e), "ones": _ones,
    "identity_matrix": lambda size: Node(np.eye(int(size.value.flat[0]))[None], 2),
}  # fmt: skip

"""The second road: a model's values and gradients once more, in plain NumPy, by reverse mode.

It shares no code with the first: its own arithmetic (doubles), its own functions where the field
has names for them, its own derivatives on a tape. A leading axis runs over variants, so that
thousands are checked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import erf
from math import sqrt as root
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivations.formula.evaluation import Function
from derivations.formula.numerals import exact
from derivations.formula.tree import Apply, Formula, Name, Number, key, substitute

Array = NDArray[np.float64]


class RoadError(ArithmeticError):
    """The second road does not go here: an operation that it does not know."""


@dataclass(slots=True, eq=False)
class Node:
    """A value on the tape: (variants,) + shape; and how its adjoint goes back to its parents."""

    value: Array
    ndim: int = 0  # 0 scalar, 1 vector, 2 matrix; the axis of variants does not count
    back: tuple[tuple[Node, Callable[[Array], Array]], ...] = ()
    grad: Array | None = field(default=None)


def model_values(
    givens: Mapping[str, Any],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
    derivatives: list[tuple[str, str]],
) -> dict[str, Array]:
    """The value of every definition and of the derivatives asked for.

    Args:
        givens: numbers, or arrays whose first axis runs over variants.
        definitions: in order; an update may refer to derivatives.
        derivatives: pairs (of, wrt) of names.

    Raises:
        RoadError: an operation that is not known here.
    """
    road = _Road(functions)
    for name, value in givens.items():
        array = np.asarray(value, dtype=np.float64)
        road.nodes[name] = Node(array, array.ndim - 1)
    for name, formula in definitions.items():
        node = road.node(formula, road.nodes)
        # A node of its own, so that a name that only renames another has an adjoint of its own.
        road.nodes[name] = Node(node.value, node.ndim, ((node, lambda g: g),))
    for of, wrt in derivatives:
        road.derivative(of, wrt)
    found = {name: node.value for name, node in road.nodes.items()}
    return found | {f"d{of}/d{wrt}": road.gradients[of][wrt] for of, wrt in derivatives}


class _Road:
    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions
        self.nodes: dict[str, Node] = {}
        self.gradients: dict[str, dict[str, Array]] = {}

    def derivative(self, of: str, wrt: str) -> Array:
        """d of / d wrt by one backward sweep for each ``of``."""
        if of not in self.gradients:
            _sweep(self.nodes[of])
            self.gradients[of] = {
                name: np.zeros_like(node.value) if node.grad is None else node.grad
                for name, node in self.nodes.items()
            }
        return self.gradients[of][wrt]

    def node(self, formula: Formula, names: Mapping[str, Node]) -> Node:
        """The formula on the tape."""
        if isinstance(formula, Number):
            value = exact(formula.text)
            return Node(np.array([int(value.p) / int(value.q)]))
        if isinstance(formula, Name):
            return names[formula.id]
        head = formula.head
        if head in ("partial", "total"):
            of, wrt = (key(arg) for arg in formula.args)
            slope = self.derivative(of, wrt)
            return Node(slope, slope.ndim - 1)
        if head == "cases":
            return self._cases(formula.args, names)
        if head in COMPARE or head in ("and", "or", "not", "otherwise"):
            return Node(self._truth(formula, names) * 1.0)
        if head == "iverson":
            return Node(self._truth(formula.args[0], names) * 1.0)
        if head == "bigsum":
            return self._bigsum(formula.args, names)
        args = [self.node(arg, names) for arg in formula.args]
        if head in OWN and len(args) == 1:
            value, slope = OWN[head](args[0].value)
            return Node(value, args[0].ndim, ((args[0], lambda g: _scaled(g, slope)),))
        if head in OPERATIONS:
            return OPERATIONS[head](*args)
        if head in self.functions:
            function = self.functions[head]
            inner = dict(zip(function.parameters, args, strict=True))
            free = {name: node for name, node in names.items() if name not in inner}
            return self.node(function.body, {**free, **inner})
        raise RoadError(f"'{head}' is not known to the second road")

    def _cases(self, args: tuple[Formula, ...], names: Mapping[str, Node]) -> Node:
        values = [self.node(arg, names) for arg in args[::2]]
        conditions = [self._truth(arg, names) for arg in args[1::2]]
        size = np.broadcast_shapes(
            *(v.value.shape for v in values), *(np.shape(c) for c in conditions)
        )
        taken = np.zeros(size, dtype=bool)
        result = np.zeros(size)
        back = []
        for value, condition in zip(values, conditions, strict=True):
            here = np.broadcast_to(condition, size) & ~taken
            taken = taken | here
            with np.errstate(all="ignore"):
                result = np.where(here, np.broadcast_to(value.value, size), result)
            back.append((value, lambda g, here=here: np.where(here, g, 0.0)))
        return Node(result, max(v.ndim for v in values), tuple(back))

    def _truth(self, formula: Formula, names: Mapping[str, Node]) -> NDArray[np.bool_]:
        assert isinstance(formula, Apply)
        if formula.head == "otherwise":
            return np.array([True])
        if formula.head in ("and", "or"):
            rule = np.logical_and if formula.head == "and" else np.logical_or
            return np.asarray(rule.reduce([self._truth(arg, names) for arg in formula.args]))
        if formula.head == "not":
            return ~self._truth(formula.args[0], names)
        left, right = (self.node(arg, names) for arg in formula.args)
        a, b = _aligned(left, right)
        return np.asarray(COMPARE[formula.head](a, b))

    def _bigsum(self, args: tuple[Formula, ...], names: Mapping[str, Node]) -> Node:
        index, lower, upper, body = args
        first, last = (float(self.node(arg, names).value.flat[0]) for arg in (lower, upper))
        terms = [
            self.node(substitute(body, {key(index): Number(str(i))}), names)
            for i in range(int(first), int(last) + 1)
        ]
        return _sum(*terms)


def _sweep(top: Node) -> None:
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


def _aligned(left: Node, right: Node) -> tuple[Array, Array]:
    """Both values with as many axes; a scalar goes with every entry, a column with every column."""
    a, b = left.value, right.value
    while a.ndim < b.ndim:
        a = a[..., None]
    while b.ndim < a.ndim:
        b = b[..., None]
    return a, b


def _scaled(g: Array, slope: Any) -> Array:
    """g times slope; 0 where g is 0, also where the slope has overflowed."""
    return np.where(g == 0, 0.0, g * slope)


def _binary(left: Node, right: Node, value: Array, da: Any, db: Any) -> Node:
    ndim = max(left.ndim, right.ndim)
    return Node(value, ndim, ((left, lambda g: _scaled(g, da)), (right, lambda g: _scaled(g, db))))


def _sum(*terms: Node) -> Node:
    total = terms[0]
    for term in terms[1:]:
        a, b = _aligned(total, term)
        total = _binary(total, term, a + b, 1.0, 1.0)
    return total


def _times(*factors: Node) -> Node:
    total = factors[0]
    for factor in factors[1:]:
        a, b = _aligned(total, factor)
        total = _binary(total, factor, a * b, b, a)
    return total


def _over(above: Node, below: Node) -> Node:
    a, b = _aligned(above, below)
    return _binary(above, below, a / b, 1 / b, -a / b**2)


def _power(base: Node, exponent: Node) -> Node:
    a, b = _aligned(base, exponent)
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
        grad = np.matmul(raised(g), np.swapaxes(b, -1, -2))
        return grad if left.ndim == 2 else grad[..., 0]

    def to_right(g: Array) -> Array:
        grad = np.matmul(np.swapaxes(a, -1, -2), raised(g))
        return grad[..., 0] if column else grad

    ndim = 0 if single else (1 if column else 2)
    return Node(value, ndim, ((left, to_left), (right, to_right)))


def _transpose(x: Node) -> Node:
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
    return x.value.reshape(x.value.shape[0], -1)


def _spread(g: Array, x: Node) -> Array:
    return np.broadcast_to(g.reshape(g.shape + (1,) * x.ndim), (g.shape[0], *x.value.shape[1:]))


def _sum_entries(*args: Node) -> Node:
    if len(args) > 1:
        return _sum(*args)
    x = args[0]
    return Node(_entries(x).sum(axis=1), 0, ((x, lambda g: _spread(g, x)),))


def _mean(*args: Node) -> Node:
    count = len(args) if len(args) > 1 else _entries(args[0]).shape[1]
    return _over(_sum_entries(*args), Node(np.array([float(count)])))


def _norm(x: Node) -> Node:
    if x.ndim == 0:
        return Node(np.abs(x.value), 0, ((x, lambda g: g * np.sign(x.value)),))
    value = np.sqrt((_entries(x) ** 2).sum(axis=1))
    return Node(value, 0, ((x, lambda g: _spread(g / value, x) * x.value),))


def _softmax(x: Node) -> Node:
    axis = 1
    grown = np.exp(x.value - x.value.max(axis=axis, keepdims=True))
    s = grown / grown.sum(axis=axis, keepdims=True)

    def back(g: Array) -> Array:
        return s * (g - (g * s).sum(axis=axis, keepdims=True))

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
        total = args[0]
        for other in args[1:]:
            a, b = _aligned(total, other)
            left = (a > b) if larger else (a < b)
            value = np.where(left, a, b)
            total = _binary(total, other, value, left * 1.0, ~left * 1.0)
        return total

    return rule


def _vector(*parts: Node) -> Node:
    value = np.stack(np.broadcast_arrays(*(part.value for part in parts)), axis=-1)
    return Node(value, 1, tuple((part, lambda g, i=i: g[..., i]) for i, part in enumerate(parts)))


def _matrix(*rows: Node) -> Node:
    value = np.stack([row.value for row in rows], axis=-2)
    return Node(value, 2, tuple((row, lambda g, i=i: g[..., i, :]) for i, row in enumerate(rows)))


def _entry(x: Node, *indices: Node) -> Node:
    place = tuple(int(index.value.flat[0]) - 1 for index in indices)
    at = (slice(None), *place)

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


OPERATIONS: dict[str, Callable[..., Node]] = {
    "sum": _sum, "product": _times, "hadamard": _times, "quotient": _over, "power": _power,
    "neg": lambda x: Node(-x.value, x.ndim, ((x, lambda g: -g),)), "group": lambda x: x,
    "matmul": _matmul, "transpose": _transpose, "dot": _dot, "sum_entries": _sum_entries,
    "mean": _mean, "norm": _norm, "softmax": _softmax, "max": _extreme(True),
    "min": _extreme(False), "vector": _vector, "row": _vector, "matrix": _matrix, "entry": _entry,
    "pi": _constant(np.pi), "euler": _constant(np.e), "ones": _ones,
}  # fmt: skip
COMPARE: dict[str, Callable[[Array, Array], Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _erf(x: Array) -> Array:
    return np.vectorize(erf, otypes=[np.float64])(x)


def _own(
    value: Callable[[Array], Array], slope: Callable[[Array], Array]
) -> Callable[[Array], tuple[Array, Array]]:
    def rule(x: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            return value(x), slope(x)

    return rule


OWN: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "exp": _own(np.exp, np.exp),
    "ln": _own(np.log, lambda x: 1 / x),
    "log": _own(np.log, lambda x: 1 / x),
    "log2": _own(np.log2, lambda x: 1 / (x * np.log(2.0))),
    "log10": _own(np.log10, lambda x: 1 / (x * np.log(10.0))),
    "sqrt": _own(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": _own(np.abs, np.sign),
    "sign": _own(np.sign, np.zeros_like),
    "floor": _own(np.floor, np.zeros_like),
    "ceil": _own(np.ceil, np.zeros_like),
    "sin": _own(np.sin, np.cos),
    "cos": _own(np.cos, lambda x: -np.sin(x)),
    "sinh": _own(np.sinh, np.cosh),
    "cosh": _own(np.cosh, np.sinh),
    "atan": _own(np.arctan, lambda x: 1 / (1 + x * x)),
    "erf": _own(_erf, lambda x: 2 / root(np.pi) * np.exp(-x * x)),
    "tanh": _own(np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "sigmoid": _own(_sigmoid, lambda x: 0.25 / np.cosh(0.5 * x) ** 2),
    "relu": _own(lambda x: np.where(x > 0, x, 0.0), lambda x: (x > 0) * 1.0),
    "softplus": _own(lambda x: np.logaddexp(0.0, x), _sigmoid),
    "heaviside": _own(lambda x: (x > 0) * 1.0, np.zeros_like),
    "silu": _own(lambda x: x * _sigmoid(x), lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x)))),
    "identity": _own(lambda x: x, np.ones_like),
}

"""The second road: a model's values and gradients once more, in plain NumPy, by reverse mode.

It shares no code with the first: its own arithmetic (doubles), its own functions where the field
has names for them, its own derivatives on a tape. A leading axis runs over variants, so that
thousands are checked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erf
from math import sqrt as root
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivations.formula.evaluation import Function
from derivations.formula.numerals import exact
from derivations.formula.tree import Apply, Formula, Name, Number, apply, key, substitute
from derivations.truth.tape import OPERATIONS, Array, Node, add, aligned, scaled, settled, sweep

STEP = 1e-3  # of differences of slopes, whose error is of its fourth power


class RoadError(ArithmeticError):
    """The second road does not go here: an operation that it does not know."""


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
    road = Road(givens, definitions, functions)
    found = {name: node.value for name, node in road.nodes.items()}
    return found | {f"d{of}/d{wrt}": road.derivative(of, wrt) for of, wrt in derivatives}


class Road:
    """A model on the tape; formulas over it, and their derivatives, can be asked for.

    Args:
        givens, definitions, functions: as in `model_values`.
    """

    def __init__(
        self,
        givens: Mapping[str, Any],
        definitions: Mapping[str, Formula],
        functions: Mapping[str, Function],
    ) -> None:
        self.functions = functions
        self.nodes: dict[str, Node] = {}
        self.gradients: dict[str, dict[str, Array]] = {}
        for name, value in givens.items():
            array = np.asarray(value, dtype=np.float64)
            self.nodes[name] = Node(array, array.ndim - 1)
        for name, formula in definitions.items():
            node = self.node(formula, self.nodes)
            # A node of its own, so that a name that only renames another has an adjoint of its own.
            self.nodes[name] = Node(node.value, node.ndim, ((node, lambda g: g),), size=node.size)

    def value(self, formula: Formula) -> Array:
        """A formula over the model's names and derivatives.

        Raises:
            RoadError: an operation that is not known here.
        """
        return self.node(formula, self.nodes).value

    def derivative(self, of: str, wrt: str) -> Array:
        """d of / d wrt by one backward sweep for each ``of``."""
        if of not in self.gradients:
            sweep(self.nodes[of])
            self.gradients[of] = {
                name: np.zeros_like(node.value) if node.grad is None else node.grad
                for name, node in self.nodes.items()
            }
        return self.gradients[of][wrt]

    def node(self, formula: Formula, names: Mapping[str, Node]) -> Node:
        """The formula on the tape."""
        if isinstance(formula, Number):
            number = exact(formula.text)
            return Node(np.array([int(number.p) / int(number.q)]))
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
            return Node(self._truth(formula, names).astype(np.float64))
        if head == "iverson":
            return Node(self._truth(formula.args[0], names).astype(np.float64))
        if head == "bigsum":
            return self._bigsum(formula.args, names)
        args = [self.node(arg, names) for arg in formula.args]
        if head in OWN and len(args) == 1:
            args = [settled(args[0])] if head in KINKED else args
            value, slope = OWN[head](args[0].value)
            return Node(value, args[0].ndim, ((args[0], lambda g: scaled(g, slope)),))
        if head in OPERATIONS:
            return OPERATIONS[head](*args)
        if head in self.functions:
            function = self.functions[head]
            inner = dict(zip(function.parameters, args, strict=True))
            free = {name: node for name, node in names.items() if name not in inner}
            return self.node(function.body, {**free, **inner})
        if head.endswith("'") and len(args) == 1:
            prime = self._prime(head[:-1], names)
            a, b, c, d = (prime(args[0].value + k * STEP) for k in (-2, -1, 1, 2))
            bend = (a - 8 * b + 8 * c - d) / (12 * STEP)  # the slope of the slope
            return Node(prime(args[0].value), args[0].ndim, ((args[0], lambda g: scaled(g, bend)),))
        raise RoadError(f"'{head}' is not known to the second road")

    def _prime(self, head: str, names: Mapping[str, Node]) -> Callable[[Array], Array]:
        """The derivative of a function of one number, entry by entry."""

        def at(points: Array) -> Array:
            inner = Node(points, points.ndim - 1)
            sweep(self.node(apply(head, Name("@")), {**names, "@": inner}))
            return np.zeros_like(points) if inner.grad is None else inner.grad

        return at

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
        left, right = (settled(self.node(arg, names)) for arg in formula.args)
        a, b = aligned(left, right)
        return np.asarray(COMPARE[formula.head](a, b))

    def _bigsum(self, args: tuple[Formula, ...], names: Mapping[str, Node]) -> Node:
        index, lower, upper, body = args
        first, last = (float(self.node(arg, names).value.flat[0]) for arg in (lower, upper))
        terms = [
            self.node(substitute(body, {key(index): Number(str(i))}), names)
            for i in range(int(first), int(last) + 1)
        ]
        return add(*terms) if terms else Node(np.zeros(1))  # of no terms


Floats = NDArray[np.floating[Any]]  # what NumPy says of functions that it makes of ufuncs

COMPARE: dict[str, Callable[[Array, Array], Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _erf(x: Array) -> Array:
    return np.asarray(np.vectorize(erf, otypes=[np.float64])(x))


def _own(
    value: Callable[[Array], Floats], slope: Callable[[Array], Floats]
) -> Callable[[Array], tuple[Array, Array]]:
    def rule(x: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            return value(x).astype(np.float64), slope(x).astype(np.float64)

    return rule


KINKED = frozenset({"relu", "abs", "sign", "heaviside"})  # that ask for a sign
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
    "detach": _own(lambda x: x, np.zeros_like),
    "identity": _own(lambda x: x, np.ones_like),
}

"""Adjoints through one formula over vectors and matrices: what each operand gets of the result's.

A row of `OPERATIONS` says it without a Jacobian: of W x with the adjoint g, the matrix gets g xᵀ
and the vector Wᵀ g. What has no row is a function that is applied to each entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import TypeAlias

from derivations.calculus.differentiate import Rules, differentiate
from derivations.calculus.tidy import constant
from derivations.formula.shapes import Shape, infer
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    names,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
    vector,
    walk,
)

# Rows less their means, over their deviations: a call with the rows, the deviations of all columns,
# and the names of the means of each row in which its adjoint is written; its caller defines these.
STANDARDISED = "standardised"
STANDARDISED_COLUMNS = "standardised_columns"  # the same, with a column for each row
ENTRY = "~entry"  # an entry of an array while a function of it is differentiated


def transposed(formula: Formula) -> Formula:
    """The transpose as one writes it: ``w`` for ``(wᵀ)ᵀ``, ``Bᵀ Aᵀ`` for ``(A B)ᵀ``."""
    if isinstance(formula, Apply) and formula.head == "transpose":
        return formula.args[0]
    if isinstance(formula, Apply) and formula.head == "matmul":
        return Apply("matmul", tuple(map(transposed, reversed(formula.args))))
    return apply("transpose", formula)


Operands: TypeAlias = Iterator[tuple[Formula, Formula, Shape]]  # each, its adjoint, and its shape


class Pullback:
    """Carries an adjoint back through one formula over vectors and matrices.

    An adjoint of scalar shape at an array stands for that number in every entry.
    """

    def __init__(
        self,
        name: str,
        whole: Formula,
        rules: Rules,
        shapes: Mapping[str, Shape],
        found: dict[str, list[Formula]],
    ) -> None:
        self.name = name
        self.whole = whole
        self.rules = rules
        self.shapes = shapes
        self.found = found

    def shape(self, formula: Formula) -> Shape:
        return infer(formula, self.shapes)

    def back(self, formula: Formula, adjoint: Formula, adjoint_shape: Shape) -> None:
        """Add the contributions of this formula, given its adjoint."""
        if isinstance(formula, Number) or not any(n in self.found for n in names(formula)):
            return
        if isinstance(formula, Name):
            shape = self.shapes.get(formula.id, ())
            if shape and not adjoint_shape:
                adjoint = product(adjoint, apply("ones", *map(number, shape)))
            self.found[formula.id].append(adjoint)
            return
        if not adjoint_shape and self.spreads(formula):
            adjoint_shape = self.shape(formula)
            adjoint = self.times(adjoint, apply("ones", *map(number, adjoint_shape)), ())
        for arg, contribution, shape in self.through(formula, adjoint, adjoint_shape):
            self.back(arg, *self.reduced(contribution, shape, self.shape(arg)))

    def spreads(self, formula: Apply) -> bool:
        """Whether one number for all entries is too little to know what each operand gets."""
        shape = self.shape(formula)
        if formula.head in ("sum", "max", "min"):
            return any(self.shape(arg) != shape for arg in formula.args)
        return bool(shape) and formula.head in ("matmul", "softmax", "softmax_rows")

    def reduced(self, adjoint: Formula, shape: Shape, to: Shape) -> tuple[Formula, Shape]:
        """An adjoint summed over what was spread out: a bias over the samples, a number over all."""
        if len(shape) <= len(to):
            return adjoint, shape
        if len(to) == 1 and shape[1] == 1:  # a matrix of one column as a column
            return apply("as_column", adjoint), to
        if len(to) == 1:
            return apply("matmul", adjoint, apply("ones", number(shape[1]))), to
        return apply("sum_entries", adjoint), ()

    def through(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Each operand with its adjoint, given that of the formula."""
        return OPERATIONS.get(formula.head, Pullback.entrywise)(self, formula, g, g_shape)

    def every(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of a sum: the same adjoint for every term."""
        for arg in formula.args:
            yield arg, g, g_shape

    def negative(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        yield formula.args[0], neg(g), g_shape

    def turned(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of a transpose: the adjoint transposed."""
        yield formula.args[0], apply("transpose", g) if g_shape else g, g_shape[::-1]

    def inner(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of u·v: g v for u, g u for v; of u·u 2 g u."""
        u, v = formula.args
        if u == v:
            yield u, self.times(g, product(Number("2"), u), g_shape), self.shape(u)
            return
        yield u, self.times(g, v, g_shape), self.shape(u)
        yield v, self.times(g, u, g_shape), self.shape(v)

    def added_up(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of the sum of all entries: the same number for each of them."""
        for arg in formula.args:
            yield arg, g, ()

    def averaged(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of a mean of n entries: g/n for each of them."""
        count = sum(prod(self.shape(arg)) for arg in formula.args)
        for arg in formula.args:
            yield arg, quotient(g, number(count)), ()

    def length(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of ‖v‖: g v/‖v‖."""
        inside = formula.args[0]
        if not self.shape(inside):
            yield from self.entrywise(formula, g, g_shape)
            return
        yield inside, self.times(g, quotient(inside, formula), g_shape), self.shape(inside)

    def raised(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of ‖v‖²: g 2 v; of other powers entry by entry."""
        base, exponent = formula.args
        if constant(exponent) != 2 or not (isinstance(base, Apply) and base.head == "norm"):
            yield from self.entrywise(formula, g, g_shape)
            return
        inside = base.args[0]
        yield inside, self.times(g, product(Number("2"), inside), g_shape), self.shape(inside)

    def divided(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of a/b with a number b: g/b for a, -g a/b² for b."""
        above, below = formula.args
        if self.shape(below):
            yield from self.entrywise(formula, g, g_shape)
            return
        yield above, quotient(g, below), g_shape
        slope = neg(quotient(above, power(below, 2)))
        yield below, self.times(g, slope, g_shape), self.shape(above)

    def times(self, g: Formula, slope: Formula, g_shape: Shape) -> Formula:
        """Adjoint times slope: entry by entry between arrays, else an ordinary product."""
        if constant(g) == 1:
            return slope
        return apply("hadamard", g, slope) if g_shape and self.shape(slope) else product(g, slope)

    def matmul(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of A B: g Bᵀ for A, Aᵀ g for B."""
        args = formula.args
        left = args[0] if len(args) == 2 else apply("matmul", *args[:-1])
        right = args[-1]
        left_shape, right_shape = self.shape(left), self.shape(right)
        if not left_shape or not right_shape:
            yield from self.product(Apply("product", (left, right)), g, g_shape)
            return
        if (
            g_shape
            and len(left_shape) == 1
            and isinstance(right, Apply)
            and right.head == "transpose"
        ):
            along = apply("matmul", g, right.args[0])
            yield left, vector(along) if left_shape == (1,) else along, left_shape
            slope = apply("matmul", apply("transpose", g), left)
            yield right.args[0], vector(slope) if right_shape == (1, 1) else slope, right_shape[1:]
            return
        turned_left, turned_right = transposed(left), transposed(right)
        if not g_shape:
            yield left, product(g, turned_right), self.shape(turned_right)
            yield right, product(g, turned_left), self.shape(turned_left)
            return
        for arg, slope in (
            (left, apply("matmul", g, turned_right)),
            (right, apply("matmul", turned_left, g)),
        ):
            shape = self.shape(slope)
            if not shape and self.shape(arg):  # a vector of one number
                slope = vector(slope)
            yield arg, slope, shape if len(shape) > len(self.shape(arg)) else self.shape(arg)

    def product(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """Of a product: g times the other factors for each; of a square 2 g times its root."""
        if len(formula.args) == 2 and formula.args[0] == formula.args[1]:
            root = formula.args[0]
            yield root, self.times(g, product(Number("2"), root), g_shape), self.shape(root)
            return
        for place, arg in enumerate(formula.args):
            others = [other for at, other in enumerate(formula.args) if at != place]
            arrays = [other for other in others if self.shape(other)]
            slope = product(*others) if len(arrays) < 2 else apply("hadamard", *others)
            shape = self.shape(slope) or g_shape
            yield arg, self.times(g, slope, g_shape), shape

    def softmaxed(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        inside = formula.args[0]
        yield inside, self.softmax(formula, g), g_shape or self.shape(inside)

    def softmax(self, formula: Apply, g: Formula) -> Formula:
        """s ⊙ (g - s·g), with s the softmax itself."""
        s = self.output(formula)
        shape = self.shape(formula)
        if formula.head == "softmax_rows":
            across = apply("ones", number(shape[1]))
            spread = apply("matmul", apply("hadamard", s, g), across, apply("transpose", across))
            return apply("hadamard", s, difference(g, spread))
        if len(shape) == 2:  # a softmax for each column
            down = apply("ones", number(shape[0]))
            spread = apply("matmul", down, apply("transpose", down), apply("hadamard", s, g))
            return apply("hadamard", s, difference(g, spread))
        return apply("hadamard", s, difference(g, apply("dot", s, g)))

    def standardised(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """(g - p - x̂ ⊙ r)/s, with x̂ the standardised rows, and p and r the means of g and g ⊙ x̂."""
        rows, below, *means = formula.args
        if formula.head == STANDARDISED_COLUMNS:
            down = apply("ones", number(self.shape(rows)[0]))
            mean, along = (apply("matmul", down, each) for each in means)
        else:
            across = apply("transpose", apply("ones", number(self.shape(rows)[1])))
            mean, along = (apply("matmul", each, across) for each in means)
        back = apply("hadamard", self.output(formula), along)
        yield rows, quotient(sum_of(g, neg(mean), neg(back)), below), self.shape(rows)

    def extreme(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """1 where an operand is the larger one, 0 where it is not; 1/2 + 1/2 sign(a - b)."""
        if len(formula.args) != 2:
            yield from self.entrywise(formula, g, g_shape)
            return
        first, second = formula.args
        for arg, other in ((first, second), (second, first)):
            ahead = difference(arg, other) if formula.head == "max" else difference(other, arg)
            half = quotient(Number("1"), Number("2"))
            slope = product(half, sum_of(Number("1"), apply("sign", ahead)))
            yield arg, self.times(g, slope, g_shape), self.shape(formula)

    def entrywise(self, formula: Apply, g: Formula, g_shape: Shape) -> Operands:
        """A function of one array, applied to each entry."""
        for place, arg in enumerate(formula.args):
            if not any(n in self.found for n in names(arg)):
                continue
            if formula.head == "cases" and place % 2:
                continue  # a condition only chooses
            if formula.head in self.rules.by_output and self.shape(formula):
                slope = self._by_output(formula, arg)
            else:
                args = (*formula.args[:place], Name(ENTRY), *formula.args[place + 1 :])
                slope = differentiate(Apply(formula.head, args), ENTRY, self.rules.slopes)
                slope = substitute(slope, {ENTRY: arg})
            if formula.head != "cases" and any(
                isinstance(node, Apply) and node.head == "cases" for node in walk(slope)
            ):
                slope = Apply(f"{formula.head}'", (arg,))
            slope = self.arrayed(slope)
            yield arg, self.times(g, slope, g_shape), self.shape(formula)

    def _by_output(self, formula: Apply, arg: Formula) -> Formula:
        return self.rules.by_output[formula.head](arg, self.output(formula))

    def output(self, formula: Formula) -> Formula:
        """The value of a formula: by its name, where it is all that the name is defined by."""
        return Name(self.name) if formula is self.whole else formula

    def arrayed(self, formula: Formula) -> Formula:
        """Products of arrays entry by entry: a(1 - a) as a ⊙ (1 - a)."""

        def rule(node: Formula) -> Formula | None:
            if isinstance(node, Apply) and node.head == "product":
                args = tuple(map(self.arrayed, node.args))
                arrays = [arg for arg in args if self.shape(arg)]
                if len(arrays) > 1:
                    numbers = [arg for arg in args if not self.shape(arg)]
                    return product(*numbers, apply("hadamard", *arrays))
            return None

        return rewrite(formula, rule)


Rule: TypeAlias = Callable[[Pullback, Apply, Formula, Shape], Operands]
OPERATIONS: dict[str, Rule] = {
    "sum": Pullback.every, "group": Pullback.every, "neg": Pullback.negative,
    "matmul": Pullback.matmul, "product": Pullback.product, "hadamard": Pullback.product,
    "dot": Pullback.inner, "transpose": Pullback.turned, "sum_entries": Pullback.added_up,
    "mean": Pullback.averaged, "norm": Pullback.length, "max": Pullback.extreme,
    "min": Pullback.extreme, "power": Pullback.raised, "quotient": Pullback.divided,
    "softmax": Pullback.softmaxed, "softmax_rows": Pullback.softmaxed,
    STANDARDISED: Pullback.standardised, STANDARDISED_COLUMNS: Pullback.standardised,
}  # fmt: skip

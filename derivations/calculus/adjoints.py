"""Gradients by adjoints: backwards over a list of definitions, one adjoint for each name.

The adjoint of a name is the derivative of the loss by it: the sum, over everything that is
defined directly by the name, of that thing's adjoint times the local slope. Each definition is
looked at once, so the work grows with the length of the list, never with the composed formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.calculus.tidy import constant, tidy
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
    partial,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
    vector,
    walk,
)

ByOutput = Callable[[Formula, Formula], Formula]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of the functions that definitions call.

    ``slopes``: derivatives by the argument. ``by_output``: f'(z) written with z and the name of
    the output, as courses write it: a(1 - a).
    """

    slopes: Slopes = Slopes()
    by_output: Mapping[str, ByOutput] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adjoint:
    """∂loss/∂name.

    Attributes:
        name: the quantity that is moved.
        through: what is defined directly by it and leads to the loss, in order.
        slopes: the local slope for each of them; None where it is part of a matrix product.
        formula: the adjoint over adjoints that come earlier in the list.
    """

    name: str
    through: tuple[str, ...]
    slopes: tuple[Formula | None, ...]
    formula: Formula


def local_slope(name: str, formula: Formula, wrt: str, rules: Rules) -> Formula:
    """∂name/∂wrt for ``name = formula``, both scalars, as a teacher writes it.

    Raises:
        NotDifferentiable: no law applies.
    """
    if isinstance(formula, Apply) and len(formula.args) == 1 and formula.head in rules.by_output:
        inside = formula.args[0]
        outer = rules.by_output[formula.head](inside, Name(name))
        return tidy(product(outer, differentiate(inside, wrt, rules.slopes)))
    return differentiate(formula, wrt, rules.slopes)


def adjoints(
    definitions: Mapping[str, Formula],
    loss: str,
    wanted: frozenset[str],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> list[Adjoint]:
    """The adjoints that lead from the loss back to the wanted names, in the order of working.

    Args:
        definitions: in order, each over givens and earlier names.
        loss: the scalar that is differentiated.
        wanted: names by which it is differentiated; what lies on the way is included.
    """
    needed = _on_the_way(definitions, loss, wanted)
    consumers: dict[str, list[str]] = {}
    order = list(definitions)
    upstream = _upstream(definitions, loss)
    for name in order:
        if name in upstream:
            for used in names(definitions[name]):
                if used in needed and used != name:
                    consumers.setdefault(used, []).append(name)
    parts: dict[str, dict[str, Formula]] = {}
    done: list[Adjoint] = []
    finished: set[str] = {loss}
    for name in _outwards(order, definitions, loss):
        parts[name] = _contributions(name, definitions[name], loss, needed, rules, shapes)
        for used in names(definitions[name]):
            ready = used in needed and all(consumer in parts for consumer in consumers[used])
            if ready and used not in finished:
                done.append(
                    _adjoint(used, consumers[used], parts, loss, definitions, rules, shapes)
                )
                finished.add(used)
    return done


MOST_PATHS = 64


def paths(definitions: Mapping[str, Formula], loss: str, wrt: str) -> list[tuple[str, ...]]:
    """Every way from the loss down to a name: (loss, ..., wrt), in the order of the definitions.

    Raises:
        NotDifferentiable: there are none, or more than anybody would write out.
    """
    between = _on_the_way(definitions, loss, frozenset({wrt}))
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [(loss,)]
    while waiting:
        path = waiting.pop()
        if path[-1] == wrt:
            found.append(path)
            if len(found) > MOST_PATHS:
                raise NotDifferentiable(f"more than {MOST_PATHS} paths lead from {loss} to {wrt}")
            continue
        formula = definitions.get(path[-1])
        below = names(formula) if formula is not None else ()
        waiting.extend((*path, name) for name in reversed(below) if name in between)
    if not found:
        raise NotDifferentiable(f"{loss} does not depend on {wrt}")
    return found


def _outwards(order: list[str], definitions: Mapping[str, Formula], loss: str) -> list[str]:
    """Everything the loss is defined by, nearest first; what is equally far in its own order."""
    distance = {loss: 0}
    for name in reversed(order):
        if name in distance:
            for used in names(definitions[name]):
                distance[used] = max(distance.get(used, 0), distance[name] + 1)
    return sorted((name for name in order if name in distance), key=lambda name: distance[name])


def _upstream(definitions: Mapping[str, Formula], loss: str) -> set[str]:
    """Everything the loss depends on, itself included."""
    reached, waiting = {loss}, [loss]
    while waiting:
        formula = definitions.get(waiting.pop())
        for used in names(formula) if formula is not None else ():
            if used not in reached:
                reached.add(used)
                waiting.append(used)
    return reached


def _on_the_way(definitions: Mapping[str, Formula], loss: str, wanted: frozenset[str]) -> set[str]:
    """Names between the wanted ones and the loss, the wanted ones included."""
    upstream = _upstream(definitions, loss)
    moved = set(wanted & upstream)
    for name, formula in definitions.items():
        if name in upstream and moved & set(names(formula)):
            moved.add(name)
    return moved - {loss}


def _adjoint(
    name: str,
    consumers: list[str],
    parts: Mapping[str, Mapping[str, Formula]],
    loss: str,
    definitions: Mapping[str, Formula],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> Adjoint:
    formula = tidy(sum_of(*(parts[consumer][name] for consumer in consumers)))
    slopes = tuple(
        None
        if shapes.get(name) or shapes.get(consumer)
        else local_slope(consumer, definitions[consumer], name, rules)
        for consumer in consumers
    )
    return Adjoint(name, tuple(consumers), slopes, formula)


def _contributions(
    name: str,
    formula: Formula,
    loss: str,
    needed: set[str],
    rules: Rules,
    shapes: Mapping[str, Shape],
) -> dict[str, Formula]:
    """What the adjoint of ``name`` gives to the adjoint of each name in its formula."""
    used = [other for other in names(formula) if other in needed]
    upstream = Number("1") if name == loss else partial(Name(loss), Name(name))
    if not shapes.get(name) and not any(shapes.get(other) for other in names(formula)):
        return {
            other: tidy(product(upstream, local_slope(name, formula, other, rules)))
            for other in used
        }
    found: dict[str, list[Formula]] = {other: [] for other in used}
    pull = _Pull(name, formula, rules, shapes, found)
    pull.back(formula, upstream, shapes.get(name, ()))
    return {other: tidy(sum_of(*terms)) for other, terms in found.items()}


# Rows less their means, over their deviations: a call with the rows, the deviations of all columns,
# and the names of the means of each row in which its adjoint is written; its caller defines these.
STANDARDISED = "standardised"
ENTRY = "~entry"  # an entry of an array while a function of it is differentiated


def transposed(formula: Formula) -> Formula:
    """The transpose as one writes it: ``w`` for ``(wᵀ)ᵀ``, ``Bᵀ Aᵀ`` for ``(A B)ᵀ``."""
    if isinstance(formula, Apply) and formula.head == "transpose":
        return formula.args[0]
    if isinstance(formula, Apply) and formula.head == "matmul":
        return Apply("matmul", tuple(map(transposed, reversed(formula.args))))
    return apply("transpose", formula)


def _is_square(formula: Apply) -> bool:
    return formula.head == "power" and constant(formula.args[1]) == 2


class _Pull:
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
            return apply("matmul", adjoint, vector(Number("1"))), to
        if len(to) == 1:
            return apply("matmul", adjoint, apply("ones", number(shape[1]))), to
        return apply("sum_entries", adjoint), ()

    def through(
        self, formula: Apply, g: Formula, g_shape: Shape
    ) -> Iterator[tuple[Formula, Formula, Shape]]:
        """(operand, its adjoint, the adjoint's shape) for each operand."""
        head, args = formula.head, formula.args
        full = g_shape or ()
        if head in ("sum", "group"):
            for arg in args:
                yield arg, g, full
        elif head == "neg":
            yield args[0], neg(g), full
        elif head == "matmul":
            yield from self.matmul(args, g, full)
        elif head in ("product", "hadamard"):
            yield from self.product(args, g, full)
        elif head == "dot":
            yield args[0], self.times(g, args[1], full), self.shape(args[0])
            yield args[1], self.times(g, args[0], full), self.shape(args[1])
        elif head == "transpose":
            yield args[0], apply("transpose", g) if full else g, full[::-1]
        elif head == "sum_entries":
            for arg in args:
                yield arg, g, ()
        elif head == "mean":
            count = sum(prod(self.shape(arg)) for arg in args)
            for arg in args:
                yield arg, quotient(g, number(count)), ()
        elif head == "norm" and self.shape(args[0]):
            yield args[0], self.times(g, quotient(args[0], formula), full), self.shape(args[0])
        elif head in ("max", "min") and len(args) == 2:
            yield from self.extreme(formula, g, full)
        elif _is_square(formula) and isinstance(args[0], Apply) and args[0].head == "norm":
            inside = args[0].args[0]
            yield inside, self.times(g, product(Number("2"), inside), full), self.shape(inside)
        elif head == STANDARDISED:
            yield args[0], self.standardised(formula, g), self.shape(args[0])
        elif head in ("softmax", "softmax_rows"):
            yield args[0], self.softmax(formula, g, full), full or self.shape(args[0])
        elif head == "quotient" and not self.shape(args[1]):
            yield args[0], quotient(g, args[1]), full
            slope = neg(quotient(args[0], power(args[1], 2)))
            yield args[1], self.times(g, slope, full), self.shape(args[0])
        else:
            yield from self.entrywise(formula, g, full)

    def times(self, g: Formula, slope: Formula, g_shape: Shape) -> Formula:
        """Adjoint times slope: entry by entry between arrays, else an ordinary product."""
        if constant(g) == 1:
            return slope
        return apply("hadamard", g, slope) if g_shape and self.shape(slope) else product(g, slope)

    def matmul(
        self, args: tuple[Formula, ...], g: Formula, g_shape: Shape
    ) -> Iterator[tuple[Formula, Formula, Shape]]:
        left = args[0] if len(args) == 2 else apply("matmul", *args[:-1])
        right = args[-1]
        left_shape, right_shape = self.shape(left), self.shape(right)
        if not left_shape or not right_shape:
            yield from self.product((left, right), g, g_shape)
            return
        if (
            g_shape
            and len(left_shape) == 1
            and isinstance(right, Apply)
            and right.head == "transpose"
        ):
            yield left, apply("matmul", g, right.args[0]), left_shape
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

    def product(
        self, args: tuple[Formula, ...], g: Formula, g_shape: Shape
    ) -> Iterator[tuple[Formula, Formula, Shape]]:
        for place, arg in enumerate(args):
            others = [other for at, other in enumerate(args) if at != place]
            arrays = [other for other in others if self.shape(other)]
            slope = product(*others) if len(arrays) < 2 else apply("hadamard", *others)
            shape = self.shape(slope) or g_shape
            yield arg, self.times(g, slope, g_shape), shape

    def softmax(self, formula: Apply, g: Formula, g_shape: Shape) -> Formula:
        """s ⊙ (g - s·g), with s the softmax itself."""
        s = self.output(formula)
        shape = self.shape(formula)
        if formula.head == "softmax_rows":
            ones = apply("ones", number(shape[1]), number(shape[1]))
            return apply(
                "hadamard", s, difference(g, apply("matmul", apply("hadamard", s, g), ones))
            )
        if len(shape) == 2:  # a softmax for each column
            ones = apply("ones", number(shape[0]), number(shape[0]))
            return apply(
                "hadamard", s, difference(g, apply("matmul", ones, apply("hadamard", s, g)))
            )
        return apply("hadamard", s, difference(g, apply("dot", s, g)))

    def standardised(self, formula: Apply, g: Formula) -> Formula:
        """(g - p - x̂ ⊙ r)/s, with x̂ the standardised rows, and p and r the means of g and g ⊙ x̂."""
        rows, below, *means = formula.args
        across = apply("transpose", apply("ones", number(self.shape(rows)[1])))
        mean, along = (apply("matmul", each, across) for each in means)
        back = apply("hadamard", self.output(formula), along)
        return quotient(sum_of(g, neg(mean), neg(back)), below)

    def extreme(
        self, formula: Apply, g: Formula, g_shape: Shape
    ) -> Iterator[tuple[Formula, Formula, Shape]]:
        """1 where an operand is the larger one, 0 where it is not; 1/2 + 1/2 sign(a - b)."""
        first, second = formula.args
        for arg, other in ((first, second), (second, first)):
            ahead = difference(arg, other) if formula.head == "max" else difference(other, arg)
            half = quotient(Number("1"), Number("2"))
            slope = product(half, sum_of(Number("1"), apply("sign", ahead)))
            yield arg, self.times(g, slope, g_shape), self.shape(formula)

    def entrywise(
        self, formula: Apply, g: Formula, g_shape: Shape
    ) -> Iterator[tuple[Formula, Formula, Shape]]:
        """A function of one array, applied to each entry."""
        for place, arg in enumerate(formula.args):
            if not any(n in self.found for n in names(arg)):
                continue
            if formula.head in self.rules.by_output and self.shape(formula):
                slope = self._by_output(formula, arg)
            else:
                args = (*formula.args[:place], Name(ENTRY), *formula.args[place + 1 :])
                slope = differentiate(Apply(formula.head, args), ENTRY, self.rules.slopes)
                slope = substitute(slope, {ENTRY: arg})
            if any(isinstance(node, Apply) and node.head == "cases" for node in walk(slope)):
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

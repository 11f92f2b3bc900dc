"""The Formula tree: numbers as written, names, and operations applied to formulas.

A formula is never simplified, sorted or expanded once it is built: operands stay in the
order of the course, decimals keep the digits that were written. It is a plain value:
immutable, hashable, comparable by structure (where a node stood in a text does not count).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]  # first character and the one after the last, in the text read


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written: ``0.550``, ``-1.5``, ``4.8e-6`` or the fraction ``3/8``."""

    text: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity by its name: ``w_1``, ``y_hat``, ``Sigma_2``; see `formula.looks` for its look."""

    id: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation or function applied to formulas: ``sum``, ``product``, ``exp``, ``sigmoid``, ..."""

    head: str
    args: tuple[Formula, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


Formula: TypeAlias = Number | Name | Apply

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
RANGES = frozenset({"bigsum", "bigproduct", "column_of", "row_of", "matrix_of"})  # over indices


def apply(head: str, *args: Formula) -> Apply:
    """``head(args)``, for instance ``apply("exp", Name("z"))``."""
    return Apply(head, args)


def number(value: int | str) -> Formula:
    """The number, with a minus sign in front of a negative integer kept outside."""
    text = str(value)
    return neg(Number(text[1:])) if text.startswith("-") else Number(text)


def sum_of(*terms: Formula) -> Formula:
    """``a + b + ...``; a single term stays as it is, an empty sum is 0."""
    if not terms:
        return Number("0")
    return terms[0] if len(terms) == 1 else Apply("sum", terms)


def difference(left: Formula, right: Formula) -> Apply:
    """``left - right``."""
    return Apply("sum", (left, neg(right)))


def neg(formula: Formula) -> Apply:
    """``-formula``."""
    return Apply("neg", (formula,))


def product(*factors: Formula) -> Formula:
    """``a b ...``; a single factor stays as it is, an empty product is 1."""
    if not factors:
        return Number("1")
    return factors[0] if len(factors) == 1 else Apply("product", factors)


def times(*factors: Formula) -> Formula:
    """The product of factors, with products among them spliced in: η · 2(w - 4)."""
    flat: list[Formula] = []
    for factor in factors:
        flat += factor.args if isinstance(factor, Apply) and factor.head == "product" else (factor,)
    return product(*flat)


def quotient(above: Formula, below: Formula) -> Apply:
    """``above / below``, written as a fraction."""
    return Apply("quotient", (above, below))


def power(base: Formula, exponent: Formula | int) -> Apply:
    """``base ^ exponent``."""
    return Apply("power", (base, number(exponent) if isinstance(exponent, int) else exponent))


def vector(*entries: Formula) -> Apply:
    """A column vector."""
    return Apply("vector", entries)


def matrix(*rows: tuple[Formula, ...]) -> Apply:
    """A matrix given by its rows."""
    return Apply("matrix", tuple(Apply("row", tuple(row)) for row in rows))


def partial(of: Formula, wrt: Formula) -> Apply:
    """``∂of/∂wrt``: the name of a quantity, never a fraction."""
    return Apply("partial", (of, wrt))


def total(of: Formula, wrt: Formula) -> Apply:
    """``d of / d wrt``, for a function of one variable."""
    return Apply("total", (of, wrt))


def children(formula: Formula) -> tuple[Formula, ...]:
    """The formulas that stand directly inside this one."""
    return formula.args if isinstance(formula, Apply) else ()


def walk(formula: Formula) -> Iterator[Formula]:
    """This formula and everything inside it, from the outside in and from left to right."""
    stack = [formula]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def rewrite(formula: Formula, rule: Callable[[Formula], Formula | None]) -> Formula:
    """Put ``rule(node)`` in the place of every node for which it is not None, from the outside in."""
    changed = rule(formula)
    if changed is not None:
        return changed
    if not isinstance(formula, Apply):
        return formula
    args = tuple(rewrite(arg, rule) for arg in formula.args)
    same = all(new is old for new, old in zip(args, formula.args, strict=True))
    return formula if same else replace(formula, args=args)


def substitute(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    """Put formulas in the place of names; nothing else changes."""
    return rewrite(formula, lambda node: values.get(node.id) if isinstance(node, Name) else None)


def names(formula: Formula) -> tuple[str, ...]:
    """The names in the formula, each once, in the order in which they are read."""
    return tuple(dict.fromkeys(node.id for node in walk(formula) if isinstance(node, Name)))


def free(formula: Formula) -> tuple[str, ...]:
    """The names in the formula without the indices of its sums and arrays, in reading order."""
    bound = {
        key(index)
        for node in walk(formula)
        if isinstance(node, Apply) and node.head in RANGES
        for index in node.args[:-1:3]
    }
    return tuple(name for name in names(formula) if name not in bound)


def position(formula: Formula, name: str) -> int:
    """The character of the text at which a name stands first; 0 where that is not known."""
    spans = [node.span for node in walk(formula) if node == Name(name) and node.span]
    return spans[0][0] if spans else 0


def flat(args: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """What is differentiated, and by what, one after the other."""
    first = args[0]
    nested = isinstance(first, Apply) and first.head in ("partial", "total")
    return (*flat(first.args), *args[1:]) if nested else args  # type: ignore[union-attr]


def parted(quantity: Formula) -> tuple[Formula, ...]:
    """The array and the places of an entry."""
    return quantity.args if isinstance(quantity, Apply) and quantity.head == "entry" else (quantity,)  # fmt: skip


def key(formula: Formula) -> str:
    """The key under which a named quantity is kept: ``z_1`` or ``dL/dz_1``.

    Raises:
        ValueError: the formula is neither a name nor a derivative of one by another.
    """
    if isinstance(formula, Name):
        return formula.id
    if isinstance(formula, Apply) and formula.head in ("partial", "total"):
        of, wrt = formula.args
        return f"d{key(of)}/d{key(wrt)}"
    raise ValueError(f"not the name of a quantity: {formula}")


def is_quantity(formula: Formula) -> bool:
    """Whether the formula names a quantity: a name, or a derivative of one name by another."""
    if isinstance(formula, Apply):
        return formula.head in ("partial", "total") and all(map(is_quantity, formula.args))
    return isinstance(formula, Name)

"""Wrong versions of a formula: one sign, factor, exponent, index or transpose changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    power,
    product,
)

Rebuild = Callable[[Formula], Formula]
SKIPPED = frozenset(
    {"dims", "kronecker", "cases", "iverson", "D", "entry"}
)  # not gone into for factors
ARRAYS = frozenset({"matmul", "hadamard"})


def mutants(formula: Formula, indices: tuple[str, ...]) -> Iterator[tuple[str, Formula]]:
    """Every wrong version with one change, with the name of the change.

    Args:
        formula: the right side of a line.
        indices: names of indices, which may be mistaken for each other.
    """
    for node, rebuild in places(formula):
        if isinstance(node, Number) and node.text.isdigit():
            yield "number", rebuild(Number(str(int(node.text) + 1)))
        if not isinstance(node, Apply):
            continue
        for name, wrong in _of(node, indices):
            yield name, rebuild(wrong)


def _of(node: Apply, indices: tuple[str, ...]) -> Iterator[tuple[str, Formula]]:
    if node.head == "sum":
        for place, term in enumerate(node.args):
            turned = term.args[0] if isinstance(term, Apply) and term.head == "neg" else neg(term)
            yield "sign", _with(node, place, turned)
        yield "term left out", Apply("sum", node.args[:-1]) if len(node.args) > 2 else node.args[0]
    if node.head == "product":
        yield "factor", product(Number("2"), *node.args)
        yield (
            "factor left out",
            Apply("product", node.args[1:]) if len(node.args) > 2 else node.args[1],
        )
    if node.head == "quotient":
        yield "factor", product(Number("2"), node)
        yield "upside down", Apply("quotient", node.args[::-1])
    if node.head == "power" and isinstance(node.args[1], Number):
        yield "exponent", power(node.args[0], int(node.args[1].text) + 1)
    if node.head == "exp":
        yield "sign of the exponent", apply("exp", neg(node.args[0]))
    if node.head == "matmul":
        yield "order", Apply("matmul", node.args[::-1])
        yield "factor", product(Number("2"), node)
    if node.head == "transpose":
        yield "transpose", node.args[0]
    if node.head == "cases" and len(node.args) == 4:
        yield (
            "cases exchanged",
            Apply("cases", (node.args[2], node.args[1], node.args[0], node.args[3])),
        )
    if node.head == "hadamard":
        yield (
            "factor left out",
            Apply("hadamard", node.args[1:]) if len(node.args) > 2 else node.args[1],
        )
        yield "factor", product(Number("3"), node)
    if node.head in ("bigsum", "bigproduct") and isinstance(node.args[1], Number):
        yield "bound", _with(node, 1, Number(str(int(node.args[1].text) + 1)))
    if node.head == "entry":
        for place, index in enumerate(node.args[1:], 1):
            if isinstance(index, Name):
                for other in indices:
                    if other != index.id:
                        yield "index", _with(node, place, Name(other))
        if len(node.args) == 3 and node.args[1] != node.args[2]:
            yield "indices exchanged", Apply("entry", (node.args[0], node.args[2], node.args[1]))
    if node.head in ("partial", "total"):
        yield "sign", neg(node)
    if node.head in CALLS:
        yield "factor", product(Number("2"), node)
        yield "sign", neg(node)


CALLS = frozenset(
    ["sigmoid", "tanh", "ln", "exp", "sqrt", "softmax", "softmax_rows", "star", "star_full", "convolve",
     "convolve_full", "bigsum", "norm", "dot", "D", "abs", "cases", "diag", "matrix_of", "column_of",
     "row_of", "mean", "sum_entries", "sign", "pad", "dilate", "rot180"]
)  # fmt: skip


def places(formula: Formula) -> Iterator[tuple[Formula, Rebuild]]:
    """Every node that has a value, with the way to put another one in its place."""
    yield formula, lambda other: other
    if not isinstance(formula, Apply) or formula.head in ("dims", "partial", "total"):
        return
    for place, arg in enumerate(formula.args):
        if not _has_value(formula, place):
            continue
        for node, rebuild in places(arg):
            yield node, _inside(formula, place, rebuild)


def _has_value(formula: Apply, place: int) -> bool:
    """Not labels, indices, conditions, the variable of a derivative or the bounds of a sum."""
    if formula.head in ("bigsum", "bigproduct", "column_of", "row_of", "matrix_of"):
        return place == len(formula.args) - 1
    if formula.head in ("under", "D", "entry"):
        return place == 0
    if formula.head == "cases":
        return place % 2 == 0
    return formula.head not in ("iverson", "kronecker", "ones", "identity_matrix")


def _inside(formula: Apply, place: int, rebuild: Rebuild) -> Rebuild:
    return lambda other: _with(formula, place, rebuild(other))


def _with(formula: Apply, place: int, arg: Formula) -> Apply:
    return Apply(formula.head, (*formula.args[:place], arg, *formula.args[place + 1 :]))

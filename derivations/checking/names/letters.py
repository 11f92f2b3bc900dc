"""What single letters stand for by their places in formulas: columns, numbers, matrices of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeGuard

from derivations.checking.names.fitting import CAPITALS, COLUMNS, is_turned
from derivations.checking.names.layers import formulas_of
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, walk
from derivations.reading.latex import ReadChain

TARGET = "T"


def behind_matrices(chains: Iterable[ReadChain]) -> Iterator[str]:
    """Small letters behind a matrix, ``X θ``: columns."""
    for formula in formulas_of(chains):
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in ("product", "matmul"):
                for factor, after in pairwise(node.args):
                    capital = isinstance(factor, Name) and look(factor.id).base in CAPITALS
                    small = isinstance(after, Name) and look(after.id).base.islower()
                    if capital and small and isinstance(after, Name):
                        yield after.id


def targets(chains: Iterable[ReadChain]) -> frozenset[str]:
    """T of ``Y - T``: as many targets as there are outputs."""
    return frozenset(
        term.args[0].id
        for formula in formulas_of(chains)
        for node in walk(formula)
        if is_sum(node) and len(node.args) == 2 and begins_with_matrix(node.args[0])
        for term in node.args
        if isinstance(term, Apply) and term.head == "neg" and isinstance(term.args[0], Name)
        if look(term.args[0].id).base == TARGET
    )


def factors_in(chains: Iterable[ReadChain]) -> Iterator[str]:
    """Small letters before a matrix, ``w_0 W x``, and what is raised to a power: single numbers."""
    yield from raised(chains)
    for formula in formulas_of(chains):
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in ("product", "matmul"):
                for factor, after in pairwise(node.args):
                    small = isinstance(factor, Name) and look(factor.id).base in COLUMNS
                    if isinstance(factor, Name) and small and begins_with_matrix(after):
                        yield factor.id


def raised(chains: Iterable[ReadChain]) -> set[str]:
    """Names that are raised to a power."""
    powers = (
        node
        for formula in formulas_of(chains)
        for node in walk(formula)
        if isinstance(node, Apply) and node.head == "power" and not is_turned(node)
    )
    return {node.args[0].id for node in powers if isinstance(node.args[0], Name)}


def begins_with_matrix(formula: Formula) -> bool:
    """Whether a factor is a capital letter, or begins with one."""
    while isinstance(formula, Apply) and formula.head in ("matmul", "transpose", "product"):
        formula = formula.args[0]
    return isinstance(formula, Name) and look(formula.id).base in CAPITALS


def turned_columns(chains: Iterable[ReadChain]) -> frozenset[str]:
    """Small letters that stand transposed, and those beside them in a sum: columns."""
    return frozenset(
        name.id
        for formula in formulas_of(chains)
        for node in walk(formula)
        if isinstance(node, Apply) and node.head == "transpose"
        for name in (node.args[0].args if is_sum(node.args[0]) else node.args)
        if isinstance(name, Name) and look(name.id).base[:1].islower()
    )


def is_sum(formula: Formula) -> TypeGuard[Apply]:
    return isinstance(formula, Apply) and formula.head == "sum"

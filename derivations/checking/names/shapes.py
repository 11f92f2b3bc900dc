"""Shapes that the text itself shows: ``x = (1, 2)^T``, ``W ∈ ℝ^{3×2}``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from derivations.checking.names.indexed import Indices
from derivations.checking.names.quantities import is_plain
from derivations.formula.tree import Apply, Formula, Name, Number, names, walk
from derivations.reading.latex import ReadChain, Symbol, Symbols
from derivations.reading.latex.symbols import MATRIX, VECTOR

ARRAYS = frozenset({"vector", "matrix", "tuple"})
PRODUCTS = frozenset({"matmul", "transpose", "dot"})
OF_VECTORS = frozenset({"softmax"})
OPEN = "~"  # before the size of an index without bounds
ENTRIES = "@"  # behind the name of an array of which only entries are known
SPACES = frozenset({"reals", "positive_reals"})
NUMBERED = re.compile(r"([A-Za-z]+(?:_[a-z]+)?)_([0-9])")  # an entry of a vector


def with_shapes(known: Symbols, chains: Iterable[ReadChain]) -> Symbols:
    """The declared symbols, and names that lines say are arrays; the same ones if there are none."""
    found: dict[str, Symbol] = {}
    chains = list(chains)
    given = _given(chains)
    for chain in chains:
        name = chain.first.formula
        if not isinstance(name, Name) or known.get(name.id) is not None:
            continue
        for link in chain.links:
            shape = _shape(link.sign, link.term.formula)
            if shape and name.id not in found and not _beyond(name.id, shape, given):
                found[name.id] = Symbol(MATRIX if len(shape) > 1 else VECTOR, shape=shape)
    return known.more(found) if found else known


def with_entries(known: Symbols, formulas: Iterable[Formula], indices: Indices) -> Symbols:
    """Also vectors and matrices that stand in products, and by their entries in sums.

    ``\\mathbf{w}^T \\mathbf{x} = \\sum_{i=1}^n w_i x_i`` shows that w and x have n entries.
    """
    whole = {
        arg.id
        for formula in formulas
        for node in walk(formula)
        if isinstance(node, Apply) and node.head in PRODUCTS | OF_VECTORS
        for arg in node.args
        if isinstance(arg, Name) and known.get(arg.id) is None
    }
    whole |= {
        name
        for formula in formulas
        for node in walk(formula)
        if isinstance(node, Apply) and node.head == "entry" and isinstance(node.args[0], Apply)
        for name in names(node.args[0])  # (W x)_i
        if known.get(name) is None
    }
    found: dict[str, Symbol] = {}
    for name in whole:
        shape = indices.shapes.get(f"{name}{ENTRIES}", ())
        if shape and len(shape) <= 2 and all(map(_is_size, shape)):
            found[name] = Symbol(MATRIX if len(shape) > 1 else VECTOR, shape=shape)
    for name, count in _with_numbered_entries(formulas).items():
        if known.get(name) is None:
            found.setdefault(name, Symbol(VECTOR, shape=(str(count),)))
    return known.more(found) if found else known


def _with_numbered_entries(formulas: Iterable[Formula]) -> dict[str, int]:
    """Vectors whose entries stand beside them: ``w^T x = w_1 x_1 + w_2 x_2``, with how many there are."""
    every = [node for formula in formulas for node in walk(formula)]
    numbered: dict[str, set[int]] = {}
    for node in every:
        if isinstance(node, Name) and (match := NUMBERED.fullmatch(node.id)):
            numbered.setdefault(match[1], set()).add(int(match[2]))
    counts = {
        n: max(p) for n, p in numbered.items() if len(p) > 1 and p == set(range(1, max(p) + 1))
    }
    pairs = [pair for node in every if isinstance(node, Apply) for pair in _multiplied(node)]
    mixed = {
        name for a, b in pairs for name, other in ((a, b), (b, a)) if NUMBERED.fullmatch(other)
    }
    return {
        name: counts[name]
        for a, b in pairs
        if a in counts and counts[a] == counts.get(b, 0) and not {a, b} & mixed
        for name in (a, b)
    }


def _multiplied(node: Apply) -> Iterator[tuple[str, str]]:
    """The names that stand as factors beside each other, ``w^T x``, ``w \\cdot x``; of a norm the name twice."""
    if node.head == "norm" and isinstance(node.args[0], Name):
        yield node.args[0].id, node.args[0].id
    if node.head in ("matmul", "dot", "product"):
        factors = [
            arg.args[0] if isinstance(arg, Apply) and arg.head == "transpose" else arg
            for arg in node.args
        ]
        for a, b in pairwise(factors):
            if isinstance(a, Name) and isinstance(b, Name):
                yield a.id, b.id


def _is_size(size: str) -> bool:
    return size.removeprefix(OPEN).isalnum()


def _shape(sign: str, formula: Formula | None) -> tuple[str, ...]:
    if not isinstance(formula, Apply):
        return ()
    if sign == "∈":
        sizes = formula.args if formula.head in SPACES else ()
        sizes = formula.args[1:] if formula.head == "members" else sizes
        texts = [_size(size) for size in sizes]
        return tuple(texts) if len(texts) in (1, 2) and all(texts) else ()
    if formula.head == "transpose":
        inner = _shape(sign, formula.args[0])
        turned = inner[::-1] if len(inner) == 2 else ("1", *inner)
        return turned[:1] if turned[1:] == ("1",) else turned if inner else ()
    if formula.head not in ARRAYS:
        return ()
    rows = str(len(formula.args))
    first = formula.args[0]
    columns = len(first.args) if isinstance(first, Apply) and first.head == "row" else 0
    return (rows, str(columns)) if formula.head == "matrix" and columns else (rows,)


def _size(formula: Formula) -> str:
    if isinstance(formula, Number) and formula.text.isdigit():
        return formula.text
    return formula.id if isinstance(formula, Name) and len(formula.id) < 20 else ""


def _given(chains: Iterable[ReadChain]) -> set[str]:
    """Names that the text gives a number."""
    firsts = ((chain.first.formula, chain.links) for chain in chains)
    return {
        name.id
        for name, links in firsts
        if isinstance(name, Name) and links and isinstance(links[0].term.formula, (Number, Apply))
        and is_plain(links[0].term.formula)
    }  # fmt: skip


def _beyond(name: str, shape: tuple[str, ...], given: set[str]) -> bool:
    """Whether a number is given for ``w_3``, where w has two entries: those are other names."""
    if len(shape) > 1 or not shape[0].isdigit():
        return False
    places = (key.removeprefix(f"{name}_") for key in given if key.startswith(f"{name}_"))
    return any(place.isdigit() and int(place) > int(shape[0]) for place in places)

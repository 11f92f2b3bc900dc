"""Layers by their entries and as a whole: ``w^l a^{l-1}`` beside ``w^l_{kj} a^{l-1}_j`` is a matrix product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from derivations.checking.names.indexed import Indices
from derivations.checking.names.layers import family, layer_of
from derivations.checking.names.shapes import ENTRIES
from derivations.formula.tree import Apply, Formula, Name, names, walk
from derivations.reading.latex import Symbol, Symbols
from derivations.reading.latex.symbols import MATRIX, VECTOR

PRODUCTS = frozenset({"product", "matmul"})
MATRIX_BY_VECTOR = (2, 1)  # how many indices their entries have
Shape = tuple[str, ...]


def with_layers(known: Symbols, formulas: Iterable[Formula], indices: Indices) -> Symbols:
    """Also the arrays of all layers, where some of them stand as a whole in a product."""
    formulas = list(formulas)
    arrays = {a.removesuffix(ENTRIES): shape for a, shape in indices.shapes.items()}
    by_family = {family(name): shape for name, shape in arrays.items() if layer_of(name)}
    if MATRIX_BY_VECTOR not in set(_products(formulas, by_family)):
        return known
    mentioned = {name for formula in formulas for name in names(formula)} | arrays.keys()
    layers = (n for n in mentioned if ENTRIES not in n and layer_of(n) and known.get(n) is None)
    shapes = {name: by_family[family(name)] for name in layers if family(name) in by_family}
    return known.more({name: _symbol(shape) for name, shape in shapes.items()})


def _products(
    formulas: Iterable[Formula], shapes: Mapping[str, Shape]
) -> Iterator[tuple[int, ...]]:
    """How many indices the two factors of each product have."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in PRODUCTS and len(node.args) == 2:
                layers = [family(a.id) for a in node.args if isinstance(a, Name)]
                yield tuple(len(shapes[name]) for name in layers if name in shapes)


def _symbol(shape: Shape) -> Symbol:
    return Symbol(MATRIX if len(shape) > 1 else VECTOR, shape=shape)

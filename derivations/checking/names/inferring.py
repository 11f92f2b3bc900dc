"""Shapes that nobody declares and that the lines of a model imply: ``z = W x + b`` with x a column.

Capital letters are matrices and small ones columns, as lecture notes have it, where something in the
text says that there are arrays: a transpose, a product entry by entry, a capital letter before a
small one. Every size is a letter of its own, and those that have to be the same are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise

from derivations.checking.names.fitting import (
    CAPITALS,
    COLUMNS,
    KERNEL,
    LOSSES,
    NUMBER,
    ONE,
    Clash,
    Shapes,
    Unclear,
    is_open,
    is_turned,
)
from derivations.checking.names.layers import (
    definitions_of,
    formulas_of,
    of_other_layers,
    undefined_in,
)
from derivations.checking.names.letters import (
    begins_with_matrix,
    behind_matrices,
    factors_in,
    raised,
    targets,
    turned_columns,
)
from derivations.checking.names.quantities import base_of, is_plain
from derivations.checking.names.shapes import ENTRIES
from derivations.checking.names.times import of_any_time, of_steps
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, names, rewrite, walk
from derivations.reading.latex import ReadChain, Symbol, Symbols
from derivations.reading.latex.symbols import MATRIX, VECTOR

HEADS = frozenset({"partial", "total", "derivative", "gradient", "entry", "transpose", "product"})
LOSS = Apply("L", ())
SIGNS = frozenset({"transpose", "hadamard", *KERNEL})


@dataclass(frozen=True, slots=True)
class Inferred:
    """Arrays that nobody declares, and biases that are added to every row, with how many rows there are.

    ``clash``: the lines speak of arrays, and no shapes of these fit.
    """

    symbols: Mapping[str, Symbol]
    rows: Mapping[str, str]
    clash: bool = False

    def spread(self, formula: Formula) -> Formula:
        """The formula with such a bias as a matrix of equal rows, in every sum."""

        def rule(node: Formula) -> Formula | None:
            if not isinstance(node, Apply) or node.head != "sum" or len(node.args) != 2:
                return None
            first, bias = node.args
            if not isinstance(bias, Name) or bias.id not in self.rows:
                return None
            size = self.rows[bias.id]
            ones = Apply("ones", (Number(size) if size.isdigit() else Name(size),))
            return Apply("sum", (first, Apply("matmul", (ones, Apply("transpose", (bias,))))))

        return rewrite(formula, rule) if self.rows else formula


NOTHING = Inferred({}, {})
CLASH = Inferred({}, {}, clash=True)


def inferred(
    known: Symbols,
    chains: Iterable[ReadChain],
    numbers: frozenset[str],
    entries: Mapping[str, tuple[str, ...]],
) -> Inferred:
    """The arrays whose shapes a model's lines imply.

    None of them where nothing says that there are arrays, or where shapes do not fit.

    Args:
        known: what is declared.
        chains: the lines.
        numbers: names of single numbers.
        entries: sizes of arrays of which the lines speak by their entries.
    """
    chains = list(chains)
    named = definitions_of(chains)
    named |= of_other_layers(named, undefined_in(chains))
    mentioned = {n for formula in formulas_of(chains) for n in names(formula)}
    named |= of_steps(named, mentioned)
    lines = [*((Name(name), formula) for name, formula in named.items()), *_functions(chains)]
    kinds = (CAPITALS | COLUMNS) if numbers else COLUMNS
    shown = any(_shows_arrays(formula, kinds) for formula in formulas_of(chains))
    if not shown and not any(_multiplies(known, formula) for formula in formulas_of(chains)):
        return NOTHING
    columns, factors = frozenset(behind_matrices(chains)), frozenset(factors_in(chains))
    columns |= of_any_time(columns, mentioned)
    factors -= columns & raised(chains)  # h^2 beside W h: the square of each entry
    both = columns & factors  # of W δ and δ A^T: rows and columns are open
    numbers |= {*_given(chains), *(factors - both - named.keys())}
    numbers -= columns & set(_given(chains, Number("0")))  # 0 may be a column, too
    if columns & numbers:
        return CLASH
    samples = vectors(chains, entries)
    if samples:
        columns |= turned_columns(chains) - numbers
        lines += _entries(chains)
    arrays = Shapes(known, numbers, entries, samples, columns - both, both | targets(chains))
    beside = tuple(formulas_of(chains)) if samples else ()
    found = _found(arrays, lines, beside)
    if found is None:  # a letter counts to several ends
        plain = {array: ("",) * len(sizes) for array, sizes in entries.items()}
        found = _found(replace(arrays, entries=plain, rows={}, of={}, same={}), lines)
        if found is None:
            return CLASH
        if any(is_open(size) for s in found.symbols.values() for size in s.shape):
            return NOTHING
    return found


def _found(
    shapes: Shapes, lines: Sequence[tuple[Formula, Formula]], beside: Sequence[Formula] = ()
) -> Inferred | None:
    """The arrays among the names of lines that are declared nowhere; None where shapes do not fit.

    ``beside``: what else shows shapes, as far as it fits.
    """
    unclear: list[tuple[Formula, Formula]] = []
    for left, right in lines:
        try:
            if not _fitted(shapes, left, right):
                unclear.append((left, right))
        except Clash:
            return None
    for left, right in unclear if shapes.calls else ():  # y = x + F(x), before F is said
        with suppress(Clash):
            _fitted(shapes, left, right)
    for formula in beside:
        with suppress(Unclear, Clash):
            shapes.formula(formula)
    arrays = {
        name: _symbol(*map(shapes.root, shape))
        for name, shape in shapes.of.items()
        if shapes.known.get(name) is None
        and not shapes.is_number(shape)
        and name not in shapes.stacks
    }
    return Inferred(arrays, {name: shapes.root(size) for name, size in shapes.rows.items()})


def _fitted(shapes: Shapes, left: Formula, right: Formula) -> bool:
    """Whether a line could be used: the shapes of its names are then those that it implies.

    Raises:
        Clash: they do not fit.
    """
    before = set(shapes.of)
    try:
        shape = shapes.formula(_of_gradient(right))
        if right is not _of_gradient(right) and isinstance(left, Name):
            shapes.of.setdefault(left.id, shape)
        if isinstance(left, Name) and shapes.is_free(left.id):
            shapes.of.setdefault(left.id, shape)
        if isinstance(left, Name) or (isinstance(left, Apply) and left.head in LOSSES):
            shapes.fit(shapes.name(left.id) if isinstance(left, Name) else NUMBER, shape)
        elif base_of(left) in shapes.stacks:
            shapes.fit(shapes.formula(left), shape)
        elif isinstance(left, Apply) and left.head != "entry":
            shapes.calls[left] = shape
    except Unclear:
        for name in shapes.of.keys() - before:
            del shapes.of[name]
        return False
    return True


def _of_gradient(formula: Formula) -> Formula:
    """What has the shape of ``∂L/∂Z``, of a number L: Z."""
    derivative = isinstance(formula, Apply) and formula.head in ("partial", "total", "gradient")
    if not isinstance(formula, Apply) or not derivative or len(formula.args) != 2:
        return formula
    of, wrt = formula.args
    loss = isinstance(of, Name) and look(of.id).base in LOSSES
    return wrt if loss and isinstance(wrt, Name) else formula


def vectors(chains: Iterable[ReadChain], arrays: Iterable[str]) -> frozenset[str]:
    """Arrays whose entries are vectors: ``w^\\top x_i``, ``x_i x_i^\\top``, ``W x_i``.

    Args:
        chains: the lines, with entries of arrays.
        arrays: of which entries are spoken of.
    """
    known, found = frozenset(arrays), set[str]()
    for formula in formulas_of(chains):
        for node in walk(formula):
            if not isinstance(node, Apply):
                continue
            if node.head == "transpose":
                found |= set(_samples(node.args[0]))
            if node.head in ("product", "matmul"):
                for before, after in pairwise(node.args):
                    turned = isinstance(before, Apply) and before.head == "transpose"
                    if turned or begins_with_matrix(before):
                        found |= set(_samples(after))
    return frozenset(found) & known


def _samples(formula: Formula) -> Iterator[str]:
    """Arrays of which one entry stands in a formula by itself or in a sum."""
    if isinstance(formula, Apply) and formula.head in ("sum", "neg", "group"):
        for arg in formula.args:
            yield from _samples(arg)
    if isinstance(formula, Apply) and formula.head == "entry" and len(formula.args) == 2:
        array, place = formula.args
        if isinstance(array, Name) and isinstance(place, (Name, Number)):
            yield array.id


def _entries(chains: Iterable[ReadChain]) -> Iterator[tuple[Formula, Formula]]:
    """``z_i = W x_i``: entries of arrays with what they are said to be."""
    for chain in chains:
        left, links = chain.first.formula, chain.links
        right = links[0].term.formula if links else None
        if isinstance(left, Apply) and left.head == "entry" and right is not None:
            yield left, right


def elements(
    known: Symbols, chains: Iterable[ReadChain], arrays: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Arrays whose entries are arrays, with the sizes of these: ``Y_i = B_i + sum_j X_j * K_ij``.

    Args:
        known: what is declared.
        chains: the lines, with entries of arrays.
        arrays: of which entries are spoken of.
    """
    chains = list(chains)
    nodes = [n for f in formulas_of(chains) for n in walk(f) if isinstance(n, Apply)]
    slid = {base_of(arg) for node in nodes if node.head in KERNEL for arg in node.args}
    arrays = list(arrays)
    stacks = frozenset(a for a in arrays if look(a.rstrip(ENTRIES)).base in CAPITALS)
    if not slid & stacks:
        return _of_vectors(known, chains, vectors(chains, arrays))
    shapes = Shapes(known, frozenset(), {}, stacks)
    try:
        for chain in chains:
            left = chain.first.formula
            right = chain.links[0].term.formula if chain.links else None
            if left is not None and right is not None and base_of(left) in stacks:
                with suppress(Unclear):
                    shape = shapes.formula(right)
                    shapes.fit(shapes.formula(left), shape)
    except Clash:
        return {}
    return {a: (shapes.root(s[0]), shapes.root(s[1])) for a, s in shapes.of.items() if a in stacks}


def _of_vectors(
    known: Symbols, chains: Sequence[ReadChain], samples: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """The one size of the vectors in each of these arrays; nothing where their shapes do not fit."""
    shapes = Shapes(
        known, frozenset(), {}, samples, turned_columns(chains) if samples else frozenset()
    )
    for formula in formulas_of(chains) if samples else ():
        try:
            shapes.formula(formula)
        except Unclear:
            continue
        except Clash:
            return {}
    declared = {shapes.root(size): size for s in known.known.values() for size in s.shape}
    sizes = {a: tuple(map(shapes.root, shapes.of[a])) for a in samples if a in shapes.of}
    return {a: (declared.get(n, n),) for a, (n, m) in sizes.items() if m == ONE != n}


def _symbol(rows: str, columns: str) -> Symbol:
    return (
        Symbol(VECTOR, shape=(rows,)) if columns == ONE else Symbol(MATRIX, shape=(rows, columns))
    )


def _given(chains: Iterable[ReadChain], number: Formula | None = None) -> Iterator[str]:
    """Names that are given as numbers, as any or as this one."""
    for chain in chains:
        left, links = chain.first.formula, chain.links
        plain = (
            bool(links) and links[0].term.formula is not None and is_plain(links[0].term.formula)
        )
        if isinstance(left, Name) and plain and number in (None, links[0].term.formula):
            yield left.id


def _functions(chains: Iterable[ReadChain]) -> Iterator[tuple[Formula, Formula]]:
    """``J(θ) = ...``: functions of names with what they are; losses are single numbers."""
    for chain in chains:
        left, links = chain.first.formula, chain.links
        right = links[0].term.formula if links else None
        called = isinstance(left, Apply) and all(isinstance(arg, Name) for arg in left.args)
        if isinstance(left, Apply) and left.head == "derivative":
            yield LOSS, left.args[0]  # what stands behind ∇_W
        if isinstance(left, Apply) and right is not None and (left.head in LOSSES or called):
            if left.head in LOSSES or (left.head.isidentifier() and left.head not in HEADS):
                yield left, right


def _multiplies(known: Symbols, formula: Formula) -> bool:
    """Whether a declared matrix stands beside something that nobody has declared."""
    products = (
        n for n in walk(formula) if isinstance(n, Apply) and n.head in ("product", "matmul")
    )
    for product in products:
        shapes = [s.shape if s else None for s in map(known.get, names(product))]
        if None in shapes and any(shape is not None and len(shape) > 1 for shape in shapes):
            return True
    return False


def _shows_arrays(formula: Formula, kinds: frozenset[str]) -> bool:
    """Whether a formula says that there are arrays; ``kinds``: letters behind a capital one that do."""
    for node in walk(formula):
        if isinstance(node, Apply) and (node.head in SIGNS or is_turned(node)):
            return True
        if isinstance(node, Apply) and node.head == "norm":
            if any(look(name).base in CAPITALS for name in names(node)):
                return True
        if isinstance(node, Apply) and node.head in ("product", "matmul"):
            letters = [look(arg.id).base if isinstance(arg, Name) else "" for arg in node.args]
            if any(a in CAPITALS and b in kinds for a, b in pairwise(letters)):
                return True
    return False

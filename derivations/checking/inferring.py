"""Shapes that nobody declares and that the lines of a model imply: ``z = W x + b`` with x a column.

Capital letters are matrices and small ones columns, as lecture notes have it, where something in the
text says that there are arrays: a transpose, a product entry by entry, a capital letter before a
small one. Every size is a letter of its own, and those that have to be the same are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from derivations.checking.layers import definitions_of, formulas_of, of_other_layers, undefined_in
from derivations.checking.rounding import is_plain
from derivations.checking.shapes import ENTRIES
from derivations.checking.unwritten import HEADS
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, walk
from derivations.models import activations
from derivations.reading.latex import ReadChain, Symbol, Symbols
from derivations.reading.latex.symbols import MATRIX, VECTOR

CAPITALS = frozenset("ABDGHKOPQRSUVWXYZ") | {"Theta", "Phi"}
COLUMNS = frozenset("abghopqruvwxyz") | {"delta"}
SIZE = "extent_"  # begins the size of a shape that is inferred
ONE = "1"
Shape = tuple[str, str]
NUMBER: Shape = (ONE, ONE)
SAME = frozenset(
    {"sum", "hadamard", "neg", "group", "max", "tanh", "exp", "softmax", "softmax_rows", "under"}
)
RANGES = frozenset({"bigsum", "bigsum_over"})
SPELLED = frozenset({"column_of", "row_of", "matrix_of", "matrix", "vector", "row"})
TO_NUMBER = frozenset({"norm", "sum_entries", "mean", "trace"})
SIGNS = frozenset({"transpose", "hadamard"})


class Unclear(Exception):
    """A formula whose shape is not known."""


class Clash(Exception):
    """Shapes that do not fit."""


@dataclass(slots=True)
class Shapes:
    """The shape of every name of a text, with the sizes that are found to be the same.

    ``numbers``: names of single numbers; ``entries``: sizes of arrays of which entries are spoken of.
    """

    known: Symbols
    numbers: frozenset[str]
    entries: Mapping[str, tuple[str, ...]]
    of: dict[str, Shape] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)

    def root(self, size: str) -> str:
        """The size that stands for all that are the same."""
        while size in self.same:
            size = self.same[size]
        return size

    def join(self, a: str, b: str) -> None:
        """Two sizes are the same."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        if not a.startswith(SIZE):
            a, b = b, a
        if not a.startswith(SIZE):
            raise Clash
        self.same[a] = b

    def fit(self, a: Shape, b: Shape) -> Shape:
        """Two shapes are the same."""
        self.join(a[0], b[0])
        self.join(a[1], b[1])
        return a

    def is_number(self, shape: Shape) -> bool:
        """Whether it is that of a single number."""
        return (self.root(shape[0]), self.root(shape[1])) == NUMBER

    def name(self, name: str) -> Shape:
        """The shape that a letter has by declaration or by habit."""
        if name not in self.of:
            self.of[name] = self._habit(name)
        return self.of[name]

    def _habit(self, name: str) -> Shape:
        declared = self.known.get(name)
        if declared is not None and declared.kind in (VECTOR, MATRIX):
            if not declared.shape:
                raise Unclear
            return (declared.shape[0], declared.shape[-1] if declared.shape[1:] else ONE)
        if declared is not None or name in self.numbers:
            return NUMBER
        base = look(name).base
        new = (f"{SIZE}{len(self.of)}_0", f"{SIZE}{len(self.of)}_1")
        sizes = self.entries.get(f"{name[:1].lower()}{name[1:]}{ENTRIES}", ())
        if base in CAPITALS and 0 < len(sizes) <= len(new):
            found = [
                size if size.isalnum() else mine for size, mine in zip(sizes, new, strict=False)
            ]
            return found[0], found[1] if found[1:] else ONE
        if base in CAPITALS:
            return new
        return (new[0], ONE) if base in COLUMNS else NUMBER

    def formula(self, formula: Formula) -> Shape:
        """The shape of a formula.

        Raises:
            Unclear: it is not known.
            Clash: its parts do not fit.
        """
        if isinstance(formula, Number):
            return NUMBER
        if isinstance(formula, Name):
            return self.name(formula.id)
        assert isinstance(formula, Apply)
        if _is_turned(formula):
            return self.formula(formula.args[0])[::-1]
        if formula.head in HEADS and isinstance(formula.args[0], Name):
            self.fit(self.name(formula.args[0].id), NUMBER)
            return self.formula(formula.args[1])
        if formula.head == "entry":
            return NUMBER
        if formula.head in SPELLED:
            raise Unclear
        inside = [self.formula(arg) for arg in formula.args]
        if formula.head in RANGES:
            return inside[-1]
        if formula.head in TO_NUMBER:
            return NUMBER
        if formula.head == "diag":
            return inside[0][0], inside[0][0]
        if formula.head == "transpose":
            return inside[0][::-1]
        if formula.head in ("product", "matmul"):
            return self._product(inside)
        if formula.head == "quotient" and self.is_number(inside[1]):
            return inside[0]
        if formula.head in SAME or formula.head.rstrip("'") in FUNCTIONS:
            return self._same(formula, inside)
        if all(map(self.is_number, inside)):
            return NUMBER
        raise Unclear

    def _same(self, formula: Apply, inside: Sequence[Shape]) -> Shape:
        """Of arguments that all have one shape; numbers may stand beside them in a maximum."""
        arrays = [s for s in inside if formula.head != "max" or not self.is_number(s)]
        for a, b in pairwise(arrays):
            self.fit(a, b)
        return (arrays or inside)[0]

    def _product(self, factors: Sequence[Shape]) -> Shape:
        arrays = [shape for shape in factors if not self.is_number(shape)]
        for left, right in pairwise(arrays):
            if ONE == self.root(left[1]) == self.root(right[1]):
                raise Clash  # two columns
            self.join(left[1], right[0])
        return (arrays[0][0], arrays[-1][1]) if arrays else NUMBER


FUNCTIONS = frozenset(activations.bodies()) | frozenset("fgh") | {"phi", "varphi", "sigma"}


def inferred(
    known: Symbols,
    chains: Iterable[ReadChain],
    numbers: frozenset[str],
    entries: Mapping[str, tuple[str, ...]],
) -> Symbols:
    """The declared symbols, and arrays whose shapes a model's lines imply.

    The same ones where nothing says that there are arrays, or where shapes do not fit.

    Args:
        known: what is declared.
        chains: the lines.
        numbers: names of single numbers.
        entries: sizes of arrays of which the lines speak by their entries.
    """
    chains = list(chains)
    lines = definitions_of(chains)
    lines |= of_other_layers(lines, undefined_in(chains))
    kinds = (CAPITALS | COLUMNS) if numbers else COLUMNS
    if not any(_shows_arrays(formula, kinds) for formula in formulas_of(chains)):
        return known
    numbers |= {*_given(chains), *_factors(chains)}
    found = _found(known, lines, numbers, entries)
    if found is None:  # a letter counts to several ends
        plain = {array: ("",) * len(sizes) for array, sizes in entries.items()}
        found = _found(known, lines, numbers, plain)
        if found is None or any(size.startswith(SIZE) for s in found.values() for size in s.shape):
            return known
    return known.more(found) if found else known


def _found(
    known: Symbols,
    lines: Mapping[str, Formula],
    numbers: frozenset[str],
    entries: Mapping[str, tuple[str, ...]],
) -> dict[str, Symbol] | None:
    """The arrays among the names of lines that are declared nowhere; None where shapes do not fit."""
    shapes = Shapes(known, numbers, entries)
    try:
        for name, right in lines.items():
            with suppress(Unclear):
                shape = shapes.formula(right)
                shapes.fit(shapes.name(name), shape)
    except Clash:
        return None
    return {
        name: _symbol(*map(shapes.root, shape))
        for name, shape in shapes.of.items()
        if known.get(name) is None and not shapes.is_number(shape)
    }


def _symbol(rows: str, columns: str) -> Symbol:
    return (
        Symbol(VECTOR, shape=(rows,)) if columns == ONE else Symbol(MATRIX, shape=(rows, columns))
    )


def _given(chains: Iterable[ReadChain]) -> Iterator[str]:
    """Names that are given as numbers."""
    for chain in chains:
        left, links = chain.first.formula, chain.links
        plain = (
            bool(links) and links[0].term.formula is not None and is_plain(links[0].term.formula)
        )
        if isinstance(left, Name) and plain:
            yield left.id


def _factors(chains: Iterable[ReadChain]) -> Iterator[str]:
    """Small letters before a matrix, ``w_0 W x``, and what is raised to a power: single numbers."""
    for formula in formulas_of(chains):
        for node in walk(formula):
            if not isinstance(node, Apply):
                continue
            if node.head == "power" and isinstance(node.args[0], Name) and not _is_turned(node):
                yield node.args[0].id
            if node.head in ("product", "matmul"):
                for factor, after in pairwise(node.args):
                    small = isinstance(factor, Name) and look(factor.id).base in COLUMNS
                    if isinstance(factor, Name) and small and _is_matrix(after):
                        yield factor.id


def _is_matrix(formula: Formula) -> bool:
    """Whether a factor is a capital letter, or begins with one."""
    while isinstance(formula, Apply) and formula.head in ("matmul", "transpose", "product"):
        formula = formula.args[0]
    return isinstance(formula, Name) and look(formula.id).base in CAPITALS


def _shows_arrays(formula: Formula, kinds: frozenset[str]) -> bool:
    """Whether a formula says that there are arrays; ``kinds``: letters behind a capital one that do."""
    for node in walk(formula):
        if isinstance(node, Apply) and (node.head in SIGNS or _is_turned(node)):
            return True
        if isinstance(node, Apply) and node.head in ("product", "matmul"):
            letters = [look(arg.id).base if isinstance(arg, Name) else "" for arg in node.args]
            if any(a in CAPITALS and b in kinds for a, b in pairwise(letters)):
                return True
    return False


def _is_turned(formula: Apply) -> bool:
    """``W^t``."""
    if formula.head != "power":
        return False
    base, exponent = formula.args
    return isinstance(base, Name) and look(base.id).base in CAPITALS and exponent == Name("t")

"""Shapes that fit: what a formula's shape is, and which sizes have to be the same for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from derivations.checking.names.shapes import ENTRIES
from derivations.checking.names.unwritten import HEADS
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.formula.uncounted import ALL_ONES
from derivations.models import activations
from derivations.reading.latex import Symbols
from derivations.reading.latex.symbols import MATRIX, VECTOR

CAPITALS = frozenset("ABDGHKOPQRSUVWXYZ") | {"Theta", "Phi"}  # letters for matrices
COLUMNS = frozenset("abghopqruvwxyz") | {"delta"}  # letters for columns
LOSSES = frozenset("JLECl")
WEIGHTS = frozenset({"W", "U", "V", "Theta"})
SIZE = "extent_"  # begins the size of a shape that is inferred
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
ONE = "1"
Shape = tuple[str, str]
NUMBER: Shape = (ONE, ONE)
SAME = frozenset(
    {
        "sum",
        "hadamard",
        "neg",
        "group",
        "max",
        "tanh",
        "exp",
        "ln",
        "log",
        "sqrt",
        "abs",
        "softmax",
        "softmax_rows",
        "under",
        "rot180",
    }
)
RANGES = frozenset({"bigsum", "bigsum_over"})
SPELLED = frozenset({"column_of", "row_of", "matrix_of", "matrix", "vector", "row"})
TO_NUMBER = frozenset({"norm", "sum_entries", "mean", "trace"})
UNIT = Name("I")
ALL_OF_THEM = Number("1")  # in 1 - p, for every entry of p
KERNEL = {"star": "-", "convolve": "-", "star_full": "+", "convolve_full": "+"}
FUNCTIONS = frozenset(activations.bodies()) | frozenset("fgh") | {"phi", "varphi", "sigma"}


class Unclear(Exception):
    """A formula whose shape is not known."""


class Clash(Exception):
    """Shapes that do not fit."""


@dataclass(slots=True)
class Shapes:
    """The shape of every name of a text, with the sizes that are found to be the same.

    ``numbers``: names of single numbers; ``entries``: sizes of arrays of which entries are spoken of;
    ``stacks``: arrays whose entries are arrays themselves, matrices or columns by their letter; ``columns``: names that stand behind a
    matrix; ``tables``: those that also stand before one; ``rows``: biases that are added to every row of a matrix, with the number of rows; ``calls``: what functions of the text give.
    """

    known: Symbols
    numbers: frozenset[str]
    entries: Mapping[str, tuple[str, ...]]
    stacks: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    rows: dict[str, str] = field(default_factory=dict)
    of: dict[str, Shape] = field(default_factory=dict)
    calls: dict[Formula, Shape] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    ones: int = 0  # how often a bold 1 was met

    def root(self, size: str) -> str:
        """The size that stands for all that are the same."""
        while size in self.same:
            size = self.same[size]
        return size if size.isalnum() else IDENTIFIER.sub(lambda m: self._inner(m[0]), size)

    def _inner(self, size: str) -> str:
        while size in self.same and self.same[size].isidentifier():
            size = self.same[size]
        return size

    def join(self, a: str, b: str) -> None:
        """Two sizes are the same."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        if not is_open(a):
            a, b = b, a
        if not is_open(a) or a in b:
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

    def is_free(self, name: str) -> bool:
        """Whether nothing says what shape a letter has but what it is defined as."""
        base = look(name).base
        return (
            self.known.get(name) is None and name not in self.numbers | self.stacks
            and base not in CAPITALS and base not in LOSSES
        )  # fmt: skip

    def _habit(self, name: str) -> Shape:
        declared = self.known.get(name)
        if declared is not None and declared.kind in (VECTOR, MATRIX):
            if not declared.shape:
                raise Unclear
            return (declared.shape[0], declared.shape[-1] if declared.shape[1:] else ONE)
        if declared is not None or name in self.numbers:
            return NUMBER
        base = look(name.rstrip(ENTRIES)).base
        new = (f"{SIZE}{len(self.of)}_0", f"{SIZE}{len(self.of)}_1")
        small = f"{name[:1].lower()}{name[1:]}{ENTRIES}"
        sizes = () if small in self.stacks else self.entries.get(small, ())
        if base in CAPITALS and 0 < len(sizes) <= len(new):
            found = [
                size if size.isalnum() else mine for size, mine in zip(sizes, new, strict=False)
            ]
            return found[0], found[1] if found[1:] else ONE
        if name in self.stacks and base not in CAPITALS:
            return new[0], ONE
        if base in CAPITALS or name in self.stacks or name in self.tables:
            return new
        return (new[0], ONE) if base in COLUMNS or name in self.columns else NUMBER

    def formula(self, formula: Formula) -> Shape:
        """The shape of a formula.

        Raises:
            Unclear: it is not known.
            Clash: its parts do not fit.
        """
        if isinstance(formula, Number):
            return NUMBER
        if formula == ALL_ONES:
            self.ones += 1
            return f"{SIZE}ones{self.ones}", ONE
        if isinstance(formula, Name):
            return self.name(formula.id)
        assert isinstance(formula, Apply)
        if formula in self.calls:
            return self.calls[formula]
        if formula.head == "ones":
            return self._counted(formula)
        if is_turned(formula):
            return self.formula(formula.args[0])[::-1]
        if formula.head == "sum" and formula.args[0] == ALL_OF_THEM and _is_less(formula.args[1:]):
            return self.formula(formula.args[1])
        if formula.head == "sum" and any(map(self._adapts, formula.args)):
            rest = [arg for arg in formula.args if not self._adapts(arg)]
            if not rest:
                raise Unclear
            return self.formula(Apply("sum", tuple(rest)) if rest[1:] else rest[0])
        if formula.head in HEADS and isinstance(formula.args[0], Name):
            self.fit(self.name(formula.args[0].id), NUMBER)
            return self.formula(formula.args[1])
        if formula.head == "entry":
            array = formula.args[0]
            stack = isinstance(array, Name) and array.id in self.stacks
            return self.formula(array) if stack else NUMBER
        if formula.head in SPELLED:
            raise Unclear
        inside = [self.formula(arg) for arg in formula.args]
        if formula.head in RANGES:
            return inside[-1]
        if formula.head in TO_NUMBER:
            return NUMBER
        if formula.head == "dot" and len(inside) == 2:
            self.fit(*inside)
            return NUMBER
        if formula.head == "diag":
            return inside[0][0], inside[0][0]
        if formula.head in KERNEL:
            return self._slid(inside[0], inside[1], KERNEL[formula.head])
        if formula.head == "transpose":
            return inside[0][::-1]
        if formula.head == "^-1":
            self.join(*inside[0])
            return inside[0]
        if formula.head in ("product", "matmul"):
            return self._product(inside)
        if formula.head == "quotient" and self.is_number(inside[1]):
            return inside[0]
        if formula.head in SAME or formula.head.rstrip("'") in FUNCTIONS:
            return self._same(formula, inside)
        if all(map(self.is_number, inside)):
            return NUMBER
        raise Unclear

    def _counted(self, ones: Apply) -> Shape:
        """Of ones of which is said how many there are."""
        sizes = [a.id if isinstance(a, Name) else getattr(a, "text", "") for a in ones.args]
        if not all(sizes):
            raise Unclear
        return sizes[0], sizes[1] if sizes[1:] else ONE

    def _adapts(self, formula: Formula) -> bool:
        """A bold 1, or λI, which have the shape of what stands beside them."""
        if isinstance(formula, Apply) and formula.head == "neg":
            return self._adapts(formula.args[0])
        if isinstance(formula, Apply) and formula.head == "product":
            *factors, last = formula.args
            plain = (not isinstance(f, Name) or self.is_number(self.name(f.id)) for f in factors)
            return last == UNIT and self._adapts(last) and all(plain)
        declared = self.known.get(UNIT.id) is not None or UNIT.id in self.of
        return formula == ALL_ONES or (formula == UNIT and not declared)

    def _same(self, formula: Apply, inside: Sequence[Shape]) -> Shape:
        """Of arguments that all have one shape; numbers may stand beside them in a maximum."""
        arrays = [s for s in inside if formula.head != "max" or not self.is_number(s)]
        if formula.head == "sum" and (whole := self._with_bias(formula, inside)) is not None:
            return whole
        for a, b in pairwise(arrays):
            self.fit(a, b)
        return (arrays or inside)[0]

    def _with_bias(self, formula: Apply, inside: Sequence[Shape]) -> Shape | None:
        """``X W + b``: a bias for every row, or in ``W X + b`` for every column; None of other sums."""
        bias, shape = formula.args[-1], inside[-1]
        product = formula.args[0]
        if len(inside) != 2 or not isinstance(bias, Name) or self.root(shape[1]) != ONE:
            return None
        if self.root(inside[0][1]) == ONE or self.is_number(shape):
            return None
        if _has_samples_in_rows(product):
            self.join(shape[0], inside[0][1])
            self.rows[bias.id] = inside[0][0]
        else:
            self.join(shape[0], inside[0][0])
        return inside[0]

    def _slid(self, image: Shape, kernel: Shape, sign: str) -> Shape:
        """Of a kernel that goes over an image."""
        if ONE in (*image, *kernel):
            raise Unclear
        rows, columns = zip(image, kernel, strict=True)
        other = "-" if sign == "+" else "+"
        return f"{rows[0]}{sign}{rows[1]}{other}1", f"{columns[0]}{sign}{columns[1]}{other}1"

    def _product(self, factors: Sequence[Shape]) -> Shape:
        arrays = [shape for shape in factors if not self.is_number(shape)]
        for left, right in pairwise(arrays):
            if ONE == self.root(left[1]) == self.root(right[1]):
                raise Clash  # two columns
            self.join(left[1], right[0])
        return (arrays[0][0], arrays[-1][1]) if arrays else NUMBER


def _is_less(terms: Sequence[Formula]) -> bool:
    """Whether one name is subtracted."""
    return (
        len(terms) == 1
        and isinstance(terms[0], Apply)
        and terms[0].head == "neg"
        and isinstance(terms[0].args[0], Name)
    )


def _has_samples_in_rows(product: Formula) -> bool:
    """``X W``: the weights stand behind."""
    if not isinstance(product, Apply) or product.head not in ("product", "matmul"):
        return False
    first, last = (
        look(f.id).base if isinstance(f, Name) else "" for f in (product.args[0], product.args[-1])
    )
    return last in WEIGHTS and first not in WEIGHTS


def is_open(size: str) -> bool:
    """Whether a size may be any."""
    return size.startswith(SIZE) and size.isidentifier()


def is_turned(formula: Apply) -> bool:
    """``W^t``."""
    if formula.head != "power":
        return False
    base, exponent = formula.args
    return isinstance(base, Name) and look(base.id).base in CAPITALS and exponent == Name("t")

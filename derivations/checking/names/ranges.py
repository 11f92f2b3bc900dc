"""What the sums and entries of a text say of its indices: from where to where they run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from flint import fmpq

from derivations.formula.evaluation import evaluate
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, names, walk
from derivations.reading.latex import Symbols

COUNTS = frozenset("nNmMdDKTBH")  # letters for the number of terms of a mean
USUAL = frozenset("ijklmnpqrs")
CLASSES = frozenset("cy")  # letters for the class of a sample, beside an index
BOUNDED = frozenset({"bigsum", "bigproduct"})
SUMS = BOUNDED | {"bigsum_over", "bigproduct_over"}
SPELLED = frozenset({"column_of", "matrix_of"})
WHOLE = frozenset({"softmax", "log_softmax"})  # of a vector, of whose entries a text may speak
TIME = re.compile(r"([a-z])[+-]\d")  # below a name of a step before or behind another
ZERO = Number("0")
LAST, STRIDE = 3, 2  # of an index without bounds, and of what multiplies one
MOST_PLACES = 12
PAIR = 2
MOST_LETTERS, MOST_DIGITS = 4, 3  # in one place
PLAIN = frozenset({"sum", "neg", "product", "group"})


@dataclass(frozen=True, slots=True)
class Runs:
    """How the indices of a text run.

    Attributes:
        bound: letters that a sum binds, each with its last value, "" where nothing says it.
        declared: letters that are declared as indices, which count from 1.
        zero: letters of sums over entries that begin at 0.
        moved: arrays with places such as i+k-1.
        computed: the same arrays with their mark, and the letters of such places.
    """

    bound: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    zero: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, formulas: Sequence[Formula], symbols: Symbols, stated: Collection[str]) -> Runs:
        """What formulas say, but for names of which a problem states what they are."""
        zero = frozenset(_from_zero(formulas))
        bound: dict[str, str] = {}
        for letter, end in bound_letters(formulas):  # one without a bound runs like those with one
            before = bound.get(letter, "")
            bound[letter] = (before or end) if letter in zero else (end or before)
        bound |= {i: end for i, end in counted(formulas).items() if not bound.get(i, end)}
        known = symbols.known.items()
        declared = frozenset(n for n, s in known if s.kind == "index" or s.domain == "whole")
        entered = [(base, places) for base, places in entries_in(formulas) if base not in stated]
        times = {
            m[1] for f in formulas for n in names(f) if (m := TIME.fullmatch(look(n).subscript))
        }
        moved = {
            base for base, places in entered
            if any(_is_moved(place) and times.isdisjoint(names(place)) for place in places)
        }  # fmt: skip
        computed = {f"{base}@" for base in moved if symbols.get(base) is None}
        for base, places in entered:
            computed |= {i for place in places for i in names(place) if base in moved}
        return cls(bound, declared, zero, frozenset(moved), frozenset(computed))

    def is_counted(self, place: str) -> bool:
        """Whether a place is a letter that a sum binds or that is declared."""
        return place in self.bound or place in self.declared

    def furthest(self, place: Formula) -> int:
        """The largest number that a computed place can be, of two or three terms where a sum does not say."""
        letters = names(place)
        if len(letters) > MOST_LETTERS or not all(map(_is_plain, walk(place))):
            return MOST_PLACES
        ends = [int(end) if (end := self.bound.get(i, "")).isdigit() else LAST for i in letters]
        runs = [
            (0 if i in self.zero else 1, end) if i in USUAL or i in self.bound else (STRIDE,)
            for i, end in zip(letters, ends, strict=True)
        ]
        values = [
            evaluate(place, dict(zip(letters, map(fmpq, corner), strict=True)))
            for corner in product(*runs)
        ]
        largest = max(int(value.ceil()) for value in values if isinstance(value, fmpq))
        return min(max(largest, STRIDE), MOST_PLACES)


def _from_zero(formulas: Iterable[Formula]) -> Iterator[str]:
    """The indices of sums over entries that begin with entry 0."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in BOUNDED and node.args[1] == ZERO:
                index, body = node.args[0], node.args[-1]
                if isinstance(index, Name) and _counts_entries(index.id, body):
                    yield index.id


def _counts_entries(letter: str, formula: Formula) -> bool:
    """Whether a letter stands below names, or in the places of entries."""
    below = {letter for name in names(formula) for letter in look(name).subscript}
    return letter in below or letter in places_of([formula])


def entries_in(formulas: Iterable[Formula]) -> Iterator[tuple[str, Sequence[Formula]]]:
    """The array and the places of each entry with a place that is computed, ``x_{i+k-1}``."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head == "entry" and isinstance(node.args[0], Name):
                yield node.args[0].id, node.args[1:]


def is_simple(place: Formula, letters: frozenset[str]) -> bool:
    """Whether a place is a letter for indices or a number."""
    return (isinstance(place, Name) and place.id in letters) or (
        isinstance(place, Number) and place.text.isdigit()
    )


def _is_moved(place: Formula) -> bool:
    """Whether a place is computed from two indices: ``i+k-1``, and no mere ``t-1`` nor ``kl``."""
    return isinstance(place, Apply) and place.head == "sum" and len(names(place)) > 1


def _is_plain(node: Formula) -> bool:
    """Whether a part of a place is a letter, a small number, or a sum or product of such."""
    if isinstance(node, Number):
        return node.text.isdigit() and len(node.text) <= MOST_DIGITS
    return isinstance(node, Name) or (isinstance(node, Apply) and node.head in PLAIN)


def add(formula: Formula, number: int) -> Formula:
    """The formula and a number more, or less."""
    if not number:
        return formula
    if isinstance(formula, Number) and formula.text.isdigit() and int(formula.text) + number >= 0:
        return Number(str(int(formula.text) + number))
    if isinstance(formula, Apply) and formula.head == "sum" and len(formula.args) == PAIR:
        name, moved = formula.args
        if moved == (Apply("neg", (Number("1"),)) if number == 1 else Number("1")):
            return name
    moved = Number(str(abs(number)))
    return Apply("sum", (formula, moved if number > 0 else Apply("neg", (moved,))))


def one_more(size: str) -> str:
    """How many places there are from 0 to the last."""
    if not size or size.isdigit():
        return str(int(size) + 1) if size else ""
    name, offset = _offset(size)
    return f"{name}{offset + 1:+d}" if offset + 1 else name


def as_formula(size: str) -> Formula:
    """A size as a formula: a number, a name, ``n+1``."""
    if size.isdigit():
        return Number(size)
    name, offset = _offset(size)
    moved = Number(str(abs(offset)))
    if not offset:
        return Name(name)
    return Apply("sum", (Name(name), moved if offset > 0 else Apply("neg", (moved,))))


def _offset(size: str) -> tuple[str, int]:
    """The name and the number that is added to it."""
    for sign in "+-":
        name, found, number = size.rpartition(sign)
        if found and number.isdigit():
            return name, int(sign + number)
    return size, 0


def _end(sum_: Apply) -> str:
    """The last value of an index: a number, a name; of one that counts entries from 0 also ``n-1``."""
    index, start, end, body = *sum_.args[:3], sum_.args[-1]
    if isinstance(end, Number):
        return end.text
    if isinstance(end, Name):
        return end.id
    counts = start == ZERO and isinstance(index, Name) and _counts_entries(index.id, body)
    if not counts or not isinstance(end, Apply) or end.head != "sum" or len(end.args) != PAIR:
        return ""
    name, moved = end.args
    less = isinstance(moved, Apply) and moved.head == "neg"
    number = moved.args[0] if isinstance(moved, Apply) and less else moved
    if not isinstance(name, Name) or not isinstance(number, Number) or not number.text.isdigit():
        return ""
    return f"{name.id}{'-' if less else '+'}{number.text}"


def _names_in(formula: Formula) -> tuple[str, ...]:
    return tuple(node.id for node in walk(formula) if isinstance(node, Name))


def bound_letters(formulas: Iterable[Formula]) -> Iterator[tuple[str, str]]:
    """The index of every sum, with its last value where it is a number or a name; that of every entry."""
    formulas = list(formulas)
    entries_of: dict[str, set[str]] = {}
    alone: set[str] = set()  # letters that stand by themselves below a name
    for name in {name for formula in formulas for name in names(formula)}:
        base, _, letter = name.rpartition("_")
        alone |= {letter} if base and letter.islower() and len(letter) == 1 else set()
        if letter in USUAL:
            entries_of.setdefault(base, set()).add(letter)
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in SPELLED:
                yield from _spelled(node)
            if isinstance(node, Apply) and node.head == "entry" and isinstance(node.args[0], Apply):
                letters = (p.id for p in node.args[1:] if isinstance(p, Name) and p.id in USUAL)
                yield from ((letter, "") for letter in letters)  # softmax(z)_i
            if isinstance(node, Name) and (ends := of_kronecker(node.id, alone)):
                yield from ((letter, "") for letter in ends)
            if len(set(ends := _compared(node))) == 2:
                yield from ((letter, "") for letter in ends)
            if isinstance(node, Apply) and node.head in WHOLE and isinstance(node.args[0], Name):
                yield from ((letter, "") for letter in entries_of.get(node.args[0].id, ()))
            if isinstance(node, Apply) and node.head in SUMS and isinstance(node.args[0], Name):
                yield node.args[0].id, _end(node) if node.head in BOUNDED else ""


def of_kronecker(name: str, alone: Collection[str] = USUAL) -> tuple[str, ...]:
    """Of ``δ_ij`` the letters i and j; others if they stand below other names as well."""
    parts = look(name)
    plain = parts.base == "delta" and not parts.superscript and not parts.decorations
    letters = tuple(parts.subscript.replace(",", ""))
    return (
        letters
        if plain and len(set(letters)) == 2 and (are_indices(letters) or set(letters) <= set(alone))
        else ()
    )


def counted(formulas: Iterable[Formula]) -> dict[str, str]:
    """The indices of means without bounds, each with the one number of its terms: ``1/d sum_i x_i``."""
    found: dict[str, set[str]] = {}
    for formula in formulas:
        for node in walk(formula):
            for index, count in _mean(node):
                found.setdefault(index, set()).add(count)
    return {index: min(counts) for index, counts in found.items() if len(counts) == 1}


def _mean(node: Formula) -> Iterator[tuple[str, str]]:
    """The index and the number of terms of each mean that a product or a quotient is."""
    if not isinstance(node, Apply) or node.head not in ("product", "quotient"):
        return
    if node.head == "quotient":
        sums, over = [node.args[0]], [node.args[1]]
    else:
        over = [f.args[1] for f in node.args if isinstance(f, Apply) and f.head == "quotient"]
        sums = list(node.args)
    for count in over:
        counts = isinstance(count, Name) and count.id in COUNTS
        for each in sums:
            if isinstance(each, Apply) and each.head == "bigsum_over" and counts:
                yield from ((i.id, count.id) for i in each.args[:1] if isinstance(i, Name))  # type: ignore[union-attr]


def _spelled(array: Apply) -> Iterator[tuple[str, str]]:
    """The indices of an array that is given by its entries, each with its last value."""
    for index, end in zip(array.args[:-1:3], array.args[2:-1:3], strict=True):
        if isinstance(index, Name):
            yield index.id, end.id if isinstance(end, Name) else getattr(end, "text", "")


def _compared(node: Formula) -> tuple[str, ...]:
    """The letters of ``[i = c]``."""
    if not isinstance(node, Apply) or node.head not in ("==", "!="):
        return ()
    sides = tuple(side.id for side in node.args if isinstance(side, Name))
    return sides if len(sides) == 2 and are_indices(sides) else ()


def are_indices(letters: Sequence[str]) -> bool:
    """Whether letters are those of indices, or of one and of the class of a sample."""
    return not USUAL.isdisjoint(letters) and (USUAL | CLASSES).issuperset(letters)


def declared_sizes(formulas: Iterable[Formula], symbols: Symbols) -> dict[str, str]:
    """The size of every letter that is an index of a declared array, from its first use."""
    sizes: dict[str, str] = {}
    for formula in formulas:
        for node in walk(formula):
            if not isinstance(node, Apply) or node.head != "entry":
                continue
            array, *places = node.args
            declared = symbols.get(array.id) if isinstance(array, Name) else None
            for place, size in zip(places, declared.shape if declared else (), strict=False):
                if isinstance(place, Name):
                    sizes.setdefault(place.id, size)
    return sizes


def places_of(formulas: Iterable[Formula]) -> Iterator[str]:
    """Names that stand as the place of an entry, each time."""
    for formula in formulas:
        for node in walk(formula):
            yield from _compared(node)
            if isinstance(node, Apply) and node.head == "entry":
                yield from (letter for place in node.args[1:] for letter in _names_in(place))

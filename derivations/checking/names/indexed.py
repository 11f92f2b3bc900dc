"""Names with indices as entries of arrays: ``w_{kj}`` under a sum over j is an entry of w.

Letters that a sum binds are indices, and so are letters that stand in their place in other names.
Sums without bounds get them from the sizes of the arrays that are summed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from derivations.formula.looks import Look, look
from derivations.formula.tree import Apply, Formula, Name, Number, apply, names, rewrite, walk
from derivations.reading.latex import Symbols
from derivations.reading.latex.symbols import LAYER, spelled

COUNTS = frozenset("nNmMdDKTBH")  # letters for the number of terms of a mean
USUAL = frozenset("ijklmnpqrs")
CLASSES = frozenset("cy")  # letters for the class of a sample, beside an index
SUMS = frozenset({"bigsum", "bigproduct", "bigsum_over", "bigproduct_over"})
SPELLED = frozenset({"column_of", "matrix_of"})
WHOLE = frozenset({"softmax", "log_softmax"})  # of a vector, of whose entries a text may speak
KRONECKER = SIGNALS = "delta@"
DELTAS = (KRONECKER, f"{KRONECKER}2")  # the second beside signals of one index
SEVERAL = 2  # kinds of units
Place = tuple[str, int]  # an array and which of its indices


@dataclass(slots=True)
class Indices:
    """Which names of a text are entries, and the sizes of the arrays.

    ``sizes``: a number or the name of a size for every letter; ``shapes``: of every array;
    ``elements``: of what its entries are, where those are arrays, too.
    """

    letters: frozenset[str] = frozenset()
    arrays: frozenset[str] = frozenset()
    sizes: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    elements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says_deltas: bool = False  # what δ_nk is, so that it is not Kronecker's

    def whole(self, array: str) -> tuple[str, ...]:
        """All sizes of an array."""
        return (*self.shapes[array], *self.elements.get(array, ()))

    def __bool__(self) -> bool:
        return bool(self.arrays or self.sizes)

    def entries(self, formula: Formula) -> Formula:
        """The formula with entries of arrays, and with bounds at every sum."""
        if not self:
            return formula

        def rule(node: Formula) -> Formula | None:
            if isinstance(node, Name):
                return self._entry(node)
            if isinstance(node, Apply) and node.head == "entry":
                return self._turned(node)
            if isinstance(node, Apply) and node.head in ("bigsum_over", "bigproduct_over"):
                index, body = node.args[0], node.args[-1]
                if isinstance(index, Name) and index.id in self.sizes:
                    end = _size(self.sizes[index.id])
                    return apply(
                        node.head.removesuffix("_over"), index, Number("1"), end, self.entries(body)
                    )
            return None

        return rewrite(formula, rule)

    def _turned(self, node: Apply) -> Formula | None:
        """``(W^T)_{ji}`` is w_ij, where only entries of W stand in the text."""
        array, *places = node.args
        if not isinstance(array, Apply) or array.head != "transpose" or len(places) != 2:
            return None
        inside = array.args[0]
        known = isinstance(inside, Name) and f"{inside.id}@" in self.arrays
        return apply("entry", Name(f"{inside.id}@"), *reversed(places)) if known else None  # type: ignore[union-attr]

    def _entry(self, name: Name) -> Formula | None:
        found = _taken_apart(name.id, self.letters)
        if found is None:
            return None
        base, places = found
        base = _of_layer(base, places) if _of_layer(base, places) in self.arrays else base
        several = f"{base}{len(places)}"
        base = several if several in self.arrays else base
        if base not in self.arrays or len(places) != len(self.shapes[base]):
            return None
        if base in DELTAS and len(places) == 2 and not self.says_deltas:
            return apply("kronecker", *map(_place, places))
        return apply("entry", Name(base), *map(_place, places))


def _size(text: str) -> Formula:
    return Number(text) if text.isdigit() else Name(text)


def _place(text: str) -> Formula:
    return Number(text) if text.isdigit() else Name(text)


def indices_of(
    formulas: Iterable[Formula], symbols: Symbols, lines: Iterable[Sequence[Formula]] = ()
) -> Indices:
    """What the formulas of a text show about its indices.

    ``lines``: the first two sides of each line.
    """
    every = list(formulas)
    bound: dict[str, str] = {}
    for letter, end in _bound(every):  # one without a bound runs like those with one
        bound[letter] = end or bound.get(letter, "")
    bound |= {i: end for i, end in _counted(every).items() if not bound.get(i, end)}
    declared = {n for n, s in symbols.known.items() if s.kind == "index" or s.domain == "whole"}
    if not bound and not declared:
        return Indices()
    inside = (f for f in every if not isinstance(f, Name))  # "where k = i" says nothing of them
    used = Counter(node.id for f in inside for node in walk(f) if isinstance(node, Name))
    places = Counter(_places(every))
    bare = {name for name, count in used.items() if count > places[name]}
    layers = set(_layers(every, symbols)) - bound.keys()
    letters = frozenset({*bound, *declared, *((USUAL | places.keys()) - bare)}) - layers
    found: dict[str, set[tuple[str, ...]]] = {}
    for formula in every:
        for name in names(formula):
            parts = _taken_apart(name, letters)
            if parts is not None and symbols.get(name) is None:
                found.setdefault(parts[0], set()).add(parts[1])
    found = _by_number(found)
    arrays = frozenset(
        base for base, uses in found.items()
        if any(p in bound or p in declared for use in uses for p in use) and len({len(u) for u in uses}) == 1
    )  # fmt: skip
    arrays = _joined(arrays, found, bound)
    if _is_of_layers(arrays, found, letters):
        uses = found.pop(SIGNALS)
        found |= {_of_layer(SIGNALS, use): {use} for use in uses}
        arrays = arrays - {SIGNALS} | {_of_layer(SIGNALS, use) for use in uses}
    layered = frozenset(
        a for a in arrays if look(a.rstrip("@")).superscript.strip("0123456789+-") in layers
    )
    says_deltas = any(_says_deltas(*sides) for sides in lines if len(sides) == 2)
    indices = _with_sizes(letters, arrays, found, bound, layered, says_deltas)
    return replace(indices, sizes={**indices.sizes, **_declared_sizes(every, symbols)})


def _by_number(found: dict[str, set[tuple[str, ...]]]) -> dict[str, set[tuple[str, ...]]]:
    """``y_k`` of one sample beside ``y_nk`` of many: arrays of their own, ``y@`` and ``y@2``."""
    parted: dict[str, set[tuple[str, ...]]] = {}
    for base, uses in found.items():
        least, *more = sorted({len(use) for use in uses})
        lettered = all(
            any(len(use) == n and not all(map(str.isdigit, use)) for use in uses) for n in (least, *more)
        )  # fmt: skip
        for use in uses:
            several = lettered and len(use) > least
            parted.setdefault(f"{base}{len(use)}" if several else base, set()).add(use)
    return parted


def _says_deltas(left: Formula, right: Formula) -> bool:
    """``δ_nk = y_nk - t_nk``, and not 1 if n = k: what the signals of many samples are."""
    if not isinstance(left, Name) or not _of_kronecker(left.id) or isinstance(right, Number):
        return False
    heads = {node.head for node in walk(right) if isinstance(node, Apply)}
    if isinstance(right, Apply) and right.head in ("partial", "total", "derivative"):
        return bool(names(right.args[0])) and not look(min(names(right.args[0]))).subscript
    return not heads & {"cases", "iverson", "==", "entry", "kronecker"}


def _is_of_layers(
    arrays: frozenset[str], found: dict[str, set[tuple[str, ...]]], letters: frozenset[str]
) -> bool:
    """``δ_k`` of the outputs beside ``δ_j`` of the hidden units: k and j count different ones."""
    uses = found.get(SIGNALS, set()) if SIGNALS in arrays else set()
    if len(uses) < SEVERAL or any(len(use) != 1 or use[0].isdigit() for use in uses):
        return False
    sizes = _with_sizes(letters, arrays - {SIGNALS}, found, {}, frozenset()).sizes
    ends = [sizes.get(use[0], "") for use in uses]
    return all(end.startswith("~") for end in ends) and len(set(ends)) == len(ends)


def _of_layer(array: str, places: tuple[str, ...]) -> str:
    """The signals of the units that a letter counts."""
    return f"{array[:-1]}_{places[0]}@" if array == SIGNALS and places else array


def _layers(formulas: Iterable[Formula], symbols: Symbols) -> Iterator[str]:
    """Letters that count layers: something stands above names with them, ``a^(l-1)``."""
    yield from (name for name, symbol in symbols.known.items() if symbol.kind == LAYER)
    for formula in formulas:
        for name in names(formula):
            letter, sign, _ = look(name).superscript.replace("+", "-").partition("-")
            if sign:
                yield letter


def _places(formulas: Iterable[Formula]) -> Iterator[str]:
    """Names that stand as the place of an entry, each time."""
    for formula in formulas:
        for node in walk(formula):
            yield from _compared(node)
            if isinstance(node, Apply) and node.head == "entry":
                yield from (place.id for place in node.args[1:] if isinstance(place, Name))


def _compared(node: Formula) -> tuple[str, ...]:
    """The letters of ``[i = c]``."""
    if not isinstance(node, Apply) or node.head not in ("==", "!="):
        return ()
    sides = tuple(side.id for side in node.args if isinstance(side, Name))
    return sides if len(sides) == 2 and _are_indices(sides) else ()


def _are_indices(letters: Sequence[str]) -> bool:
    """Whether letters are those of indices, or of one and of the class of a sample."""
    return not USUAL.isdisjoint(letters) and (USUAL | CLASSES).issuperset(letters)


def _declared_sizes(formulas: Iterable[Formula], symbols: Symbols) -> dict[str, str]:
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


def _joined(
    arrays: frozenset[str], found: dict[str, set[tuple[str, ...]]], bound: dict[str, str]
) -> frozenset[str]:
    """Names whose letters stand in an array's places are arrays, too: z_k beside w_kj."""
    used = {p for base in arrays for use in found[base] for p in use if not p.isdigit()}
    more = {
        base for base, uses in found.items()
        if len({len(u) for u in uses}) == 1 and any(p in used for use in uses for p in use)
    }  # fmt: skip
    return arrays | more


def _with_sizes(
    letters: frozenset[str],
    arrays: frozenset[str],
    found: dict[str, set[tuple[str, ...]]],
    bound: dict[str, str],
    layered: frozenset[str],
    says_deltas: bool = False,
) -> Indices:
    """One size for all places that share a letter, and for all layers that are counted by one.

    ``layered``: arrays of any layer.
    """
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        parent.setdefault(item, item)
        while parent[item] != item:
            item = parent[item]
        return item

    largest: dict[object, int] = {}
    for base in sorted(arrays):
        for use in sorted(found[base]):
            if (
                base in DELTAS
                and len(use) == 2
                and not says_deltas
                and not any(map(str.isdigit, use))
            ):
                parent[root(use[0])] = root(use[-1])  # they run alike; other deltas' may not
                continue
            for place, text in enumerate(use):
                if text.isdigit():
                    root((base, place))
                    largest[(base, place)] = max(largest.get((base, place), 0), int(text))
                else:
                    parent[root((base, place))] = root(text)
    layers = [(base, place) for base in sorted(layered) for place in range(len(min(found[base])))]
    for one, other in pairwise(layers):
        parent[root(one)] = root(other)
    ends: dict[object, str] = {}
    for letter, end in bound.items():
        if end:
            ends[root(letter)] = end
    for item, number in largest.items():
        ends.setdefault(root(item), str(max(number, 2)))

    def size(item: object) -> str:
        return ends.get(root(item), f"~{root(item)}")

    shapes = {
        base: tuple(size((base, place)) for place in range(len(next(iter(found[base])))))
        for base in arrays
    }
    used = {p for base in arrays for use in found[base] for p in use if not p.isdigit()} | set(
        bound
    )
    sizes = {letter: size(letter) for letter in used}
    return Indices(letters, arrays, sizes, shapes, says_deltas=says_deltas)


def _bound(formulas: Iterable[Formula]) -> Iterator[tuple[str, str]]:
    """The index of every sum, with its last value where it is a number or a name; that of every entry."""
    formulas = list(formulas)
    entries_of: dict[str, set[str]] = {}
    for name in {name for formula in formulas for name in names(formula)}:
        base, _, letter = name.rpartition("_")
        if letter in USUAL:
            entries_of.setdefault(base, set()).add(letter)
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in SPELLED:
                yield from _spelled(node)
            if isinstance(node, Apply) and node.head == "entry" and isinstance(node.args[0], Apply):
                letters = (p.id for p in node.args[1:] if isinstance(p, Name) and p.id in USUAL)
                yield from ((letter, "") for letter in letters)  # softmax(z)_i
            if isinstance(node, Name) and (ends := _of_kronecker(node.id)):
                yield from ((letter, "") for letter in ends)
            if len(set(ends := _compared(node))) == 2:
                yield from ((letter, "") for letter in ends)
            if isinstance(node, Apply) and node.head in WHOLE and isinstance(node.args[0], Name):
                yield from ((letter, "") for letter in entries_of.get(node.args[0].id, ()))
            if isinstance(node, Apply) and node.head in SUMS and isinstance(node.args[0], Name):
                end = node.args[2] if node.head in ("bigsum", "bigproduct") else None
                text = (
                    end.text if isinstance(end, Number) else end.id if isinstance(end, Name) else ""
                )
                yield node.args[0].id, text


def _of_kronecker(name: str) -> tuple[str, ...]:
    """Of ``δ_ij`` the letters i and j."""
    parts = look(name)
    plain = parts.base == "delta" and not parts.superscript and not parts.decorations
    letters = tuple(parts.subscript.replace(",", ""))
    return letters if plain and len(set(letters)) == 2 and _are_indices(letters) else ()


def _counted(formulas: Iterable[Formula]) -> dict[str, str]:
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


def _taken_apart(name: str, letters: frozenset[str]) -> tuple[str, tuple[str, ...]] | None:
    """The array and the indices of a name: ``w_kj`` is (w@, (k, j))."""
    parts = look(name)
    below = tuple(parts.subscript.replace(",", ""))
    above = (parts.superscript,) if parts.superscript in letters else ()
    places = (*below, *above)
    if not places or not all(p in letters or p.isdigit() for p in places):
        return None
    kept = "" if above else parts.superscript
    return f"{spelled(Look(parts.base, parts.decorations, '', kept))}@", places

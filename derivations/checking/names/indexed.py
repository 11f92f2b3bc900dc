"""Names with indices as entries of arrays: ``w_{kj}`` under a sum over j is an entry of w.

Letters that a sum binds are indices, and so are letters that stand in their place in other names.
Sums without bounds get them from the sizes of the arrays that are summed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from derivations.checking.names.ranges import (
    SPELLED,
    SUMS,
    USUAL,
    ZERO,
    Runs,
    add,
    as_formula,
    declared_sizes,
    entries_in,
    is_simple,
    of_kronecker,
    places_of,
)
from derivations.checking.names.sizing import UP_TO, Item, sized
from derivations.formula.looks import Look, look
from derivations.formula.tree import Apply, Formula, Name, Number, apply, names, rewrite, walk
from derivations.reading.latex import Symbols
from derivations.reading.latex.symbols import LAYER, spelled

KRONECKER = SIGNALS = "delta@"
DELTAS = (KRONECKER, f"{KRONECKER}2")  # the second beside signals of one index
SEVERAL = 2  # kinds of units
ONE = Number("1")


@dataclass(slots=True)
class Indices:
    """Which names of a text are entries, and the sizes of the arrays.

    ``sizes``: a number or the name of a size for every letter; ``shapes``: of every array;
    ``elements``: of what its entries are, where those are arrays, too; ``zero``: letters that run from 0,
    and places of arrays with an entry 0. Entries are counted from 1, so the formulas have one less in their place.
    """

    letters: frozenset[str] = frozenset()
    arrays: frozenset[str] = frozenset()
    sizes: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    elements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says_deltas: bool = False  # what δ_nk is, so that it is not Kronecker's
    zero: frozenset[Item] = frozenset()
    later: frozenset[str] = frozenset()  # letters that run from 1 where there is an entry 0
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by their own names
    moved: frozenset[str] = frozenset()  # arrays with places such as i+k-1
    laid: set[str] = field(default_factory=set)  # matrices whose rows are samples for sure

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
                return add(node, -1) if node.id in self.zero else self._entry(node)
            if not isinstance(node, Apply):
                return None
            if node.head == "entry":
                return self._turned(node) or self._computed(node, lambda entry: entry)
            if node.head in ("partial", "total") and isinstance(node.args[1], Apply):
                of = self.entries(node.args[0])
                return self._computed(node.args[1], lambda entry: apply(node.head, of, entry))
            if node.head in ("bigsum_over", "bigproduct_over"):
                index, body = node.args[0], node.args[-1]
                if isinstance(index, Name) and index.id in self.sizes:
                    end = as_formula(self.sizes[index.id])
                    return apply(
                        node.head.removesuffix("_over"), index, ONE, end, self.entries(body)
                    )
            binds = node.head in SUMS | SPELLED
            if binds and any(self.entries(index) != index for index in node.args[:-1:3]):
                return self._bound(node)
            return None

        return rewrite(formula, rule)

    def _bound(self, node: Apply) -> Formula:
        """A sum with its indices as they are; over one that runs from 0 with one more in the place of each."""
        args = list(map(self.entries, node.args))
        for at in range(0, len(args) - 1, 3):
            index = args[at] = node.args[at]
            bounded = len(args) % 3 == 1  # an index, two bounds, and so on, and the body
            if isinstance(index, Name) and index.id in self.zero and bounded:
                args[at + 1 : at + 3] = add(args[at + 1], 1), add(args[at + 2], 1)
        return Apply(node.head, tuple(args))

    def _computed(self, node: Apply, said: Callable[[Formula], Formula]) -> Formula | None:
        """``x_{i+k-1}``, or what is said of it, which is 0 beyond the ends of x."""
        if node.head != "entry":
            return None
        base, *places = node.args
        if not isinstance(base, Name) or base.id not in self.moved:
            return None
        array = f"{base.id}@" if f"{base.id}@" in self.arrays else base.id
        shape = self.shapes.get(array) or self.declared.get(array, ())
        if len(places) != len(shape) or not all(
            names(p) or is_simple(p, self.letters) for p in places
        ):
            return None  # x_{-1} is what the text says it is
        counted, within = list[Formula](), list[Formula]()
        for k, place in enumerate(places):
            if is_simple(place, self.letters):
                counted.append(self._place(array, k, place))
                continue
            here = add(self.entries(place), 1 if (array, k) in self.zero else 0)
            counted.append(here)
            within += apply("<=", ONE, here), apply("<=", here, as_formula(shape[k]))
        entry = said(apply("entry", Name(array), *counted))
        if not within:
            return entry
        return apply("cases", entry, apply("and", *within), ZERO, apply("otherwise"))

    def _place(self, array: str, k: int, place: Formula) -> Formula:
        """A place of an entry that is a letter or a number, counted from 1."""
        return add(place, 1) if isinstance(place, Number) and (array, k) in self.zero else place

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
            return apply("kronecker", *map(as_formula, places))
        said = [self._place(base, k, as_formula(place)) for k, place in enumerate(places)]
        return apply("entry", Name(base), *said)


def indices_of(
    formulas: Iterable[Formula],
    symbols: Symbols,
    lines: Iterable[Sequence[Formula]] = (),
    stated: Collection[str] = (),
) -> Indices:
    """What the formulas of a text show about its indices.

    ``lines``: the first two sides of each line; ``stated``: names of which a problem says what they are.
    """
    every = list(formulas)
    runs = Runs.of(every, symbols, stated)
    if not runs.bound and not runs.declared:
        return Indices()
    layers = set(_layers(every, symbols)) - runs.bound.keys()
    letters = frozenset({*runs.bound, *runs.declared, *_places_alone(every)}) - layers
    found: dict[str, set[tuple[str, ...]]] = {}
    for formula in every:
        for name in names(formula):
            parts = _taken_apart(name, letters)
            if parts is not None and symbols.get(name) is None:
                found.setdefault(parts[0], set()).add(parts[1])
    shapes = dict(_moved(every, symbols, letters, runs, found))
    found = _by_number(found)
    arrays = frozenset(
        base for base, uses in found.items()
        if (base in runs.computed or any(map(runs.is_counted, chain.from_iterable(uses))))
        and len({len(u) for u in uses}) == 1
    )  # fmt: skip
    arrays = _joined(arrays, found, runs.computed)
    if _is_of_layers(arrays, found, letters):
        uses = found.pop(SIGNALS)
        found |= {_of_layer(SIGNALS, use): {use} for use in uses}
        arrays = arrays - {SIGNALS} | {_of_layer(SIGNALS, use) for use in uses}
    layered = frozenset(
        a for a in arrays if look(a.rstrip("@")).superscript.strip("0123456789+-") in layers
    )
    says_deltas = any(_says_deltas(*sides) for sides in lines if len(sides) == 2)
    one_for_both = frozenset() if says_deltas else frozenset(DELTAS)  # i and j of δ_ij run alike
    sizes = sized(arrays, found, runs, layered, one_for_both)
    return Indices(
        letters,
        arrays,
        {**sizes.of_letters, **declared_sizes(every, symbols)},
        sizes.of_arrays,
        {},
        says_deltas,
        sizes.zero,
        sizes.later & letters,
        shapes,
        frozenset(runs.moved),
    )


def _places_alone(formulas: Sequence[Formula]) -> frozenset[str]:
    """Usual letters for indices, and those in places of entries, that stand nowhere else."""
    inside = (f for f in formulas if not isinstance(f, Name))  # "where k = i" says nothing of them
    used = Counter(node.id for f in inside for node in walk(f) if isinstance(node, Name))
    places = Counter(places_of(formulas))
    bare = {name for name, count in used.items() if count > places[name]}
    return (USUAL | places.keys()) - bare


def _moved(
    formulas: Sequence[Formula],
    symbols: Symbols,
    letters: frozenset[str],
    runs: Runs,
    found: dict[str, set[tuple[str, ...]]],
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The declared shapes of arrays with computed places, ``x_{i+k-1}``; the uses of others are added."""
    for base, entered in entries_in(formulas):
        if base not in runs.moved:
            continue
        if (symbol := symbols.get(base)) is not None:
            if all(map(str.isdigit, symbol.shape)):
                yield base, symbol.shape
        else:
            use = tuple(_use(place, letters, runs) for place in entered)
            found.setdefault(f"{base}@", set()).add(use)


def _use(place: Formula, letters: frozenset[str], runs: Runs) -> str:
    """A place of an entry: a letter, a number, or the largest number that it can be, with a mark."""
    if is_simple(place, letters):
        return place.id if isinstance(place, Name) else getattr(place, "text", "")
    return f"{UP_TO}{runs.furthest(place)}"


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
    if not isinstance(left, Name) or not of_kronecker(left.id) or isinstance(right, Number):
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
    sizes = sized(arrays - {SIGNALS}, found, Runs(), frozenset(), frozenset(DELTAS)).of_letters
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


def _joined(
    arrays: frozenset[str], found: dict[str, set[tuple[str, ...]]], computed: frozenset[str]
) -> frozenset[str]:
    """Names whose letters stand in an array's places are arrays, too: z_k beside w_kj."""
    used = {p for base in arrays for use in found[base] for p in use if not p.isdigit()} | computed
    more = {
        base for base, uses in found.items()
        if len({len(u) for u in uses}) == 1 and any(p in used for use in uses for p in use)
    }  # fmt: skip
    return arrays | more


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

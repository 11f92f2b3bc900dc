"""The sizes of the arrays of which a text writes entries: one for all places that share a letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from derivations.checking.names.ranges import Runs, one_more

LEAST = 2  # entries of an array
UP_TO = "≤"  # before the largest number that a place can be
Place = tuple[str, int]  # an array and which of its indices
Item = str | Place  # what has a size: a letter, a place
Found = Mapping[str, set[tuple[str, ...]]]  # the places of every use of an array


@dataclass(frozen=True, slots=True)
class Sizes:
    """A number or the name of a size for every letter, and for every place of the arrays.

    ``zero``: letters and places that are counted from 0; ``later``: letters among them that begin at 1.
    """

    of_letters: dict[str, str]
    of_arrays: dict[str, tuple[str, ...]]
    zero: frozenset[Item]
    later: frozenset[str]


class _Same:
    """Letters and places that have the same size."""

    def __init__(self) -> None:
        self.parent: dict[Item, Item] = {}

    def root(self, item: Item) -> Item:
        self.parent.setdefault(item, item)
        while self.parent[item] != item:
            item = self.parent[item]
        return item

    def join(self, one: Item, other: Item) -> None:
        self.parent[self.root(one)] = self.root(other)


def sized(
    arrays: frozenset[str],
    found: Found,
    runs: Runs,
    layered: frozenset[str],
    alike: frozenset[str],
) -> Sizes:
    """The sizes of arrays by their uses.

    ``layered``: arrays of any layer, which have one size for all that are counted by one;
    ``alike``: those whose two letters run alike, without being places.
    """
    same, largest = _Same(), _largest(arrays, found)
    for base in sorted(arrays):
        for use in sorted(found[base]):
            if base in alike and len(use) == 2 and all(map(_is_letter, use)):
                same.join(use[0], use[-1])
                continue
            for k, text in enumerate(use):
                if _is_letter(text):
                    same.join((base, k), text)
                else:
                    same.root((base, k))
    places = {base: [(base, k) for k in range(len(min(found[base])))] for base in arrays}
    for one, other in pairwise(place for base in sorted(layered) for place in places[base]):
        same.join(one, other)
    zero = _from_zero(same, found, runs, largest, [p for of in places.values() for p in of])
    ends = _ends(same, runs, largest, zero)
    letters = {p for base in arrays for use in found[base] for p in use if _is_letter(p)}
    first = {same.root(letter) for letter in runs.zero}
    return Sizes(
        {i: ends.get(same.root(i), f"~{same.root(i)}") for i in letters | set(runs.bound)},
        {
            base: tuple(ends.get(same.root(place), f"~{same.root(place)}") for place in of)
            for base, of in places.items()
        },
        frozenset(item for item in same.parent if same.root(item) in zero),
        frozenset(
            i
            for i in same.parent
            if isinstance(i, str) and same.root(i) in zero
            and (same.root(i) not in first or (i in runs.bound and i not in runs.zero))
        ),
    )  # fmt: skip


def _is_letter(place: str) -> bool:
    return not place.lstrip(UP_TO).isdigit()


def _largest(arrays: Iterable[str], found: Found) -> dict[Place, int]:
    """The largest number of each place; what it can be only counts where the text does not write several."""
    largest: dict[Place, int] = {}
    for base in sorted(arrays):
        for k in range(len(min(found[base]))):
            texts = {use[k] for use in found[base] if len(use) > k and not _is_letter(use[k])}
            said = [int(text) for text in texts if text.isdigit()]
            guessed = [int(text.lstrip(UP_TO)) for text in texts if not text.isdigit()]
            numbers = said if len(said) >= LEAST else [*said, *guessed]
            if numbers:
                largest[(base, k)] = max(numbers)
    return largest


def _from_zero(
    same: _Same, found: Found, runs: Runs, largest: Mapping[Place, int], places: list[Place]
) -> set[Item]:
    """What has an entry 0: of a sum that begins there, or ``w_0`` beside the sum over w_i."""
    zero = {same.root(letter) for letter in runs.zero} & set(map(same.root, places))
    for base, k in largest:
        uses = {use[k] for use in found[base]}
        summed = not uses.isdisjoint(runs.bound) or not ({base} | uses).isdisjoint(runs.computed)
        if "0" in uses and summed:
            zero.add(same.root((base, k)))
    return zero - set(map(same.root, runs.declared))


def _ends(
    same: _Same, runs: Runs, largest: Mapping[Place, int], zero: set[Item]
) -> dict[Item, str]:
    """The sizes that sums say, or numbers in the places of entries."""
    ends: dict[Item, str] = {}
    for letter, end in runs.bound.items():
        root = same.root(letter)
        if end and root in zero:
            ends.setdefault(root, one_more(end))
        elif end:
            ends[root] = end
    most: dict[Item, int] = {}
    for item, number in largest.items():
        root = same.root(item)
        most[root] = max(most.get(root, LEAST), number + (root in zero))
    return {**{root: str(number) for root, number in most.items()}, **ends}

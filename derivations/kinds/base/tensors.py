"""Maps, kernels and volumes entry by entry: nested lists of numerals, and the names of entries.

Space comes last: rows and columns, or one axis. Before it stand two axes more, samples and
channels of a map, filters and channels of a kernel; where one is left out its size is 1 and no
index of it is in a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from derivations.formula.tree import Formula, Name, matrix, vector
from derivations.kinds.base.errors import FieldError, Path
from derivations.kinds.base.fields import Numeral, found, refuse
from derivations.models.sliding import Place
from derivations.steps.draft import Draft

DEEPEST = 4
Nested: TypeAlias = Any  # a numeral, or a tuple of nested ones of one shape


def depth(value: Any) -> int:
    """0 of a number, 1 of a list of numbers, 2 of a list of lists."""
    levels = 0
    while isinstance(value, (list, tuple)) and value:
        levels, value = levels + 1, value[0]
    return levels


def sizes(value: Any) -> Place:
    """The sizes of a nested list, outermost first."""
    return (len(value), *sizes(value[0])) if isinstance(value, (list, tuple)) else ()


def _regular(value: Any) -> Any:
    levels = depth(value)
    if not 1 <= levels <= DEEPEST:
        raise refuse(f"found {found(value)}, expected a list of numbers, or of such lists")
    _same(value, "", levels)
    return value


def _same(value: Any, place: str, levels: int) -> None:
    """All lists of one level are equally long."""
    if levels == 1:
        for i, part in enumerate(value):
            if isinstance(part, (list, tuple, dict)):
                raise refuse(f"{place}[{i}] is {found(part)}, expected a number")
        return
    for i, part in enumerate(value):
        word = f"row {i}" if levels == 2 and not place else f"{place}[{i}]"
        first = "row 0" if levels == 2 and not place else f"{place}[0]"
        if not isinstance(part, (list, tuple)) or not part:
            raise refuse(f"{word} is {found(part)}, expected a list of numbers")
        if len(part) != len(value[0]):
            what = "numbers" if levels == 2 else "lists"
            raise refuse(f"{word} has {len(part)} {what}; expected {len(value[0])}, as {first}")
        _same(part, f"{place}[{i}]", levels - 1)


def _tag(value: Any) -> str:
    return f"lists-{depth(value)}"


_One: TypeAlias = tuple[Numeral, ...]
_Two: TypeAlias = tuple[_One, ...]
_Three: TypeAlias = tuple[_Two, ...]
Lists = Annotated[
    Annotated[_One, Tag("lists-1")]
    | Annotated[_Two, Tag("lists-2")]
    | Annotated[_Three, Tag("lists-3")]
    | Annotated[tuple[_Three, ...], Tag("lists-4")],
    Discriminator(_tag),
    BeforeValidator(_regular),
]

ListsOrNumber = Annotated[
    Annotated[Numeral, Tag("number")] | Annotated[Lists, Tag("lists")],
    Discriminator(lambda value: "lists" if isinstance(value, (list, tuple)) else "number"),
]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A letter with indices, all counted from 1: samples and channels as far as kept, then space.

    ``sizes`` has all axes, ``kept`` says which of the first two are indices.
    """

    letter: str
    sizes: Place
    kept: tuple[bool, bool] = (False, False)

    @property
    def space(self) -> Place:
        """Rows and columns."""
        return self.sizes[2:]

    def shown(self) -> Place:
        """The sizes of the nested list that writes it."""
        return (*(n for n, kept in zip(self.sizes, self.kept, strict=False) if kept), *self.space)

    def places(self) -> Iterator[Place]:
        """All entries, in reading order."""
        return product(*map(range, self.sizes))

    def leads(self) -> Iterator[Place]:
        """Sample and channel of every slice, which is a matrix or a vector."""
        return product(*map(range, self.sizes[:2]))

    def _named(self, lead: Place) -> Place:
        return tuple(i for i, kept in zip(lead, self.kept, strict=True) if kept)

    def name(self, at: Place) -> Name:
        """``X_1_2``, or ``X_3_1_2`` of channel 3."""
        return Name("_".join([self.letter, *(str(i + 1) for i in (*self._named(at[:2]), *at[2:]))]))

    def slice_name(self, lead: Place) -> Name:
        """``X``, or ``X_3`` of channel 3."""
        return Name("_".join([self.letter, *(str(i + 1) for i in self._named(lead))]))

    def words(self, lead: Place) -> str:
        """What follows the word for a slice where there are several: `` 3``, or `` 2,3``."""
        named = self._named(lead)
        return " " + ",".join(str(i + 1) for i in named) if named else ""

    def assembled(self, lead: Place, entry: Callable[[Place], Formula] | None = None) -> Formula:
        """The slice as a vector or matrix of its entries."""
        entry = entry or self.name
        if len(self.space) == 1:
            return vector(*(entry((*lead, j)) for j in range(self.space[0])))
        rows, columns = self.space
        return matrix(*(tuple(entry((*lead, i, j)) for j in range(columns)) for i in range(rows)))

    def give(self, draft: Draft) -> None:
        """The entries as givens, and the slices under their names."""
        for at in self.places():
            draft.given(self.name(at).id)
        for lead in self.leads():
            draft.define(self.slice_name(lead), self.assembled(lead), "assembled", self.space)

    def values(self, nested: Nested) -> dict[str, str]:
        """The numerals by name."""
        whole = lifted(nested, self.kept)
        return {self.name(at).id: entry_of(whole, at) for at in self.places()}


def entry_of(nested: Nested, at: Place) -> Any:
    """The numeral at a place."""
    for i in at:
        nested = nested[i]
    return nested


def lifted(nested: Nested, kept: Sequence[bool]) -> Nested:
    """With the axes that were left out."""
    if not kept:
        return nested
    if kept[0]:
        return tuple(lifted(part, kept[1:]) for part in nested)
    return (lifted(nested, kept[1:]),)


def tensor(letter: str, nested: Nested, kept: tuple[bool, bool]) -> Tensor:
    """The tensor that a nested list writes."""
    return Tensor(letter, sizes(lifted(nested, kept)), kept)


def map_of(letter: str, nested: Nested, axes: int, path: Path) -> Tensor:
    """A map: space alone, channels before it, or samples and channels.

    Raises:
        FieldError: a list of another depth.
    """
    more = depth(nested) - axes
    if not 0 <= more <= 2:
        raise FieldError(
            path,
            f"lists {depth(nested)} deep; expected {axes} for the axes, one more for channels, "
            "and one more for samples",
        )
    return tensor(letter, nested, (more == 2, more >= 1))


def fits(nested: Nested, like: Tensor, path: Path) -> Nested:
    """Numbers in the shape of a tensor; a single number stands for all of them.

    Sizes of 1 at the end, as of a map that is pooled to one number, may be left out.

    Raises:
        FieldError: another shape.
    """
    if isinstance(nested, str):
        for n in reversed(like.shown()):
            nested = (nested,) * n
        return nested
    given, wanted = sizes(nested), like.shown()
    if given == wanted[: len(given)] and set(wanted[len(given) :]) == {1}:
        return _deeper(nested, len(wanted) - len(given))
    if given != wanted:
        shapes = [" × ".join(map(str, each)) for each in (given, wanted)]
        raise FieldError(path, f"{shapes[0]} numbers; expected {shapes[1]}, as the output")
    return nested


def _deeper(nested: Nested, levels: int) -> Nested:
    """Each number in so many lists of one entry."""
    if not isinstance(nested, str):
        return tuple(_deeper(each, levels) for each in nested)
    return (_deeper(nested, levels - 1),) if levels else nested


def answers_of(name: str, of: Tensor, values: Any) -> dict[str, Any]:
    """The slices of an array under the names of their answers: ``output 2``, ``dL/dX_2``."""
    found = {}
    for lead in of.leads():
        ending = of.words(lead)
        if "/d" in name:
            ending = ending.replace(" ", "_").replace(",", "_")
        found[name + ending] = values[lead].tolist()
    return found

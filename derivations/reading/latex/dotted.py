"""Arrays whose middle is dots: ``x_1, \\dots, x_n`` is the column of x_k for k from 1 to n.

The corners say which places below the names count rows and which count columns; every entry that
is written has to be the one that they lead to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derivations.errors import ReadError
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.symbols import spelled

Cell = Formula | None  # None: dots
Grid = Sequence[Sequence[Cell]]
LETTERS = "rsuvpqabcd"  # for indices, those first that a text seldom uses for something else
UNCLEAR = "dots stand for entries that are not written"


def dotted(rows: Grid, start: int, letters: dict[str, str]) -> Formula:
    """The array with these rows, as one formula for all of its entries.

    Args:
        rows: the entries that are written, and None for dots.
        start: the place of the array.
        letters: the index for each end, the same in all arrays of a text; new ones are added.

    Raises:
        ReadError: the entries that are written do not say what the others are.
    """
    first = rows[0][0]
    if first is None or len({len(row) for row in rows}) > 1:
        raise ReadError(UNCLEAR, start)
    last = rows[-1][-1] or first
    whole = len(_subscripts(first, False)) != len(_subscripts(last, False))
    lines = [row[0] for row in rows], list(rows[0])
    counts = [_count(first, line, start, whole) for line in lines]
    for row, below in zip(rows, counts[0].labels, strict=True):
        for cell, beside in zip(row, counts[1].labels, strict=True):
            meant = {**counts[0].at(below), **counts[1].at(beside)}
            if cell is not None and (not below or not beside or cell != _put(first, meant, whole)):
                raise ReadError(UNCLEAR, start)
    body, bounds = first, list[list[Formula]]()
    for count in counts:
        if count.places:
            end = count.labels[-1] + "'" * sum(b[-1] == count.high for b in bounds)
            letter = _letter(end, letters, {name.id for name in _names(first)})
            body = _put(body, count.at(letter), whole)
            bounds.append([Name(letter), count.low, count.high])
    if len(bounds) == 2:
        return Apply("matrix_of", (*bounds[0], *bounds[1], body), (start, start))
    column = Apply("column_of", (*bounds[0], body), (start, start))
    return column if counts[0].places else Apply("transpose", (column,), (start, start))


class _Count:
    """Which places of an entry count along a side, from where, to where, and the label of each line."""

    def __init__(self, places: tuple[int, ...], labels: list[str]) -> None:
        self.places, self.labels = places, labels

    def at(self, label: str) -> dict[int, str]:
        return dict.fromkeys(self.places, label)

    @property
    def low(self) -> Formula:
        return Number(self.labels[0])

    @property
    def high(self) -> Formula:
        end = self.labels[-1]
        return Number(end) if end.isdigit() else Name(end)


def _letter(end: str, letters: dict[str, str], used: set[str]) -> str:
    """The index for an end: that of other arrays, unless these entries use it for something else."""
    taken = {*used, *letters.values()}
    free = next((letter for letter in LETTERS if letter not in taken), LETTERS[-1])
    letter = letters.setdefault(end, free)
    return free if letter in used else letter


def _count(first: Formula, line: list[Cell], start: int, whole: bool) -> _Count:
    """How the entries along one side of the array are counted."""
    last = line[-1]
    if len(line) == 1:
        return _Count((), ["-"])
    if last is None:
        raise ReadError(UNCLEAR, start)
    signs, ends = _subscripts(first, whole), _subscripts(last, whole)
    if len(signs) != len(ends):
        raise ReadError(UNCLEAR, start)
    pairs = list(zip(signs, ends, strict=True))
    places = tuple(at for at, (a, b) in enumerate(pairs) if a != b)
    changes = {pairs[at] for at in places}
    if len(changes) != 1 or (low := next(iter(changes))[0]) not in ("0", "1"):
        raise ReadError(UNCLEAR, start)
    dots = next((at for at, cell in enumerate(line) if cell is None), len(line))
    labels = [str(int(low) + at) if at < dots else "" for at in range(len(line))]
    labels[-1] = next(iter(changes))[1]
    return _Count(places, labels)


def _subscripts(formula: Formula, whole: bool) -> list[str]:
    """The signs below all names of a formula, and the places of entries, one after the other."""
    if isinstance(formula, Name):
        return list(_signs(formula, whole))
    if not isinstance(formula, Apply):
        return []
    if formula.head == "entry":
        return [_of_place(place) for place in formula.args[1:]]
    return [sign for arg in formula.args for sign in _subscripts(arg, whole)]


def _names(formula: Formula) -> Iterator[Name]:
    if isinstance(formula, Name):
        yield formula
    elif isinstance(formula, Apply):
        for arg in formula.args:
            yield from _names(arg)


def _of_place(place: Formula) -> str:
    if isinstance(place, Name):
        return place.id
    return place.text if isinstance(place, Number) else ""


def _signs(name: Name, whole: bool) -> Sequence[str]:
    """``ji`` is two signs; ``784`` is one where the first entry has one."""
    below = look(name.id).subscript
    return below.split(",") if "," in below or (whole and below.isdigit()) else below


def _put(formula: Formula, signs: Mapping[int, str], whole: bool, before: int = 0) -> Formula:
    """The formula with other signs at some places below its names."""
    if isinstance(formula, Name):
        below = list(_signs(formula, whole))
        new = [signs.get(before + at, sign) for at, sign in enumerate(below)]
        if new == below:
            return formula
        parts = look(formula.id)
        joined = ",".join(new) if any(len(sign) > 1 for sign in new) else "".join(new)
        return Name(spelled(type(parts)(parts.base, parts.decorations, joined, parts.superscript)))
    if not isinstance(formula, Apply):
        return formula
    if formula.head == "entry":
        array, *places = formula.args
        new_places = (
            _as_place(signs[before + at]) if before + at in signs else place
            for at, place in enumerate(places)
        )
        return Apply("entry", (array, *new_places))
    args = []
    for arg in formula.args:
        args.append(_put(arg, signs, whole, before))
        before += len(_subscripts(arg, whole))
    return Apply(formula.head, tuple(args))


def _as_place(sign: str) -> Formula:
    return Number(sign) if sign.isdigit() else Name(sign)

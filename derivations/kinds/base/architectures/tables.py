"""Tables of an architecture: every line with its formula and count, blocks folded, and the totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derivations.formula.printing import text
from derivations.formula.tree import Formula, Name, Number, number, product, quotient, sum_of
from derivations.kinds.base.architectures.folding import Fold, Line
from derivations.kinds.base.counts import NONE, volume
from derivations.models.architecture import value
from derivations.models.traces import Shape
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Table

LETTERS = 100  # in a row that can still be read when it is made to fit on the page
Cell = tuple[Piece, ...]
Row = tuple[Cell, ...]
GROWING = (
    "Where a layer grows from block to block, by the same amount each time, its first and its last count "
    "stand below each other; together all of them are so many times the mean of the two."
)


@dataclass(frozen=True, slots=True)
class Column:
    """What is counted: its key, the head of its column, and the formula of a line."""

    key: str
    title: str
    formula: Callable[[Line], Formula | None]


PARAMETERS = Column("params", "Parameters", lambda line: line.learned)
MACS = Column("macs", "Multiply-accumulates", lambda line: line.macs)
FROZEN = Column("frozen", "Not learned", lambda line: line.frozen)


def count_table(
    draft: Draft,
    folds: Sequence[Fold],
    column: Column,
    inputs: Sequence[tuple[str, Shape]],
    sizes: bool,
) -> tuple[Table, list[Name]]:
    """Line, output and count, and the names of what adds up.

    ``sizes``: show how the shapes come about; else a line without a count is left out where
    that is all that the table is about. Outputs are left out where factors show them and there
    is a column for all blocks together.
    """
    sizes = sizes and all(_is_short(time, column) for fold in folds for time in fold.times)
    repeats = any(len(fold.times) > 1 for fold in folds)
    outputs = column is PARAMETERS or not repeats
    head = ["Layer", "Output", column.title, *(["All of them"] if repeats else [])]
    rows: list[Row] = []
    if column is PARAMETERS:
        for name, shape in inputs:
            first: Cell = (Text("Input" if name == "input" else f"Input {name}"),)
            rows.append((first, (Term(volume(shape)),), NONE, *((NONE,) if repeats else ())))
    parts: list[Name] = []
    for fold in folds:
        if len(fold.times) > 1 and len(fold.times[0]) > 1 and _counts(fold, column):
            words: Cell = (Text(f"{len(fold.times)} blocks, in each", "strong"),)
            rows.append((words, *((),) * (len(head) - 1)))
        for place in range(len(fold.times[0])):
            same = [time[place] for time in fold.times]
            rows += _rows(draft, same, column, sizes, repeats, parts)
    titles = tuple((Text(word),) for word in head)
    table = Table(titles, tuple(rows), "l" * len(head))
    return table if outputs else _without(table, 1), parts


def _without(table: Table, column: int) -> Table:
    """The table without a column; a row that stands for a whole block keeps its words."""
    head, *rows = ((*row[:column], *row[column + 1 :]) for row in (table.head, *table.rows))
    return Table(head, tuple(rows), table.align[1:])


def grows(fold: Fold, column: Column) -> bool:
    """Whether a line of the fold counts more from block to block, in more blocks than two."""
    first, last = (list(map(column.formula, fold.times[at])) for at in (0, -1))
    return len(fold.times) > 2 and any(
        a is not None and b is not None and value(a) != value(b)
        for a, b in zip(first, last, strict=True)
    )


def _is_short(lines: Sequence[Line], column: Column) -> bool:
    """Whether there is room for how the shapes of the lines come about."""
    for line in lines:
        trace, counted = line.nodes[0].trace, column.formula(line)
        shown = [formula for formula in (trace.shape, volume(line.output), counted) if formula]
        if len(line.words) + sum(len(text(formula)) for formula in shown) > LETTERS:
            return False
    return True


def _counts(fold: Fold, column: Column) -> bool:
    return column is PARAMETERS or any(column.formula(line) is not None for line in fold.times[0])


def _rows(
    draft: Draft,
    same: Sequence[Line],
    column: Column,
    sizes: bool,
    repeats: bool,
    parts: list[Name],
) -> list[Row]:
    """One line of the table, or two for one that grows; it may stand for several of the network."""
    formulas = [column.formula(line) for line in same]
    first, last = formulas[0], formulas[-1]
    if first is None and column is not PARAMETERS:
        return []
    count = len(same)
    times = f" (× {count})" if count > 1 else ""
    cells: list[Cell] = [(Text(same[0].words + times),), _output(same, sizes and count == 1)]
    if first is None or last is None:
        return [(*cells, NONE, NONE) if repeats else (*cells, NONE)]
    place = len(parts) + 1
    name = _defined(draft, f"{column.key}_{place}", first)
    cells.append(_chain(first, name))
    if count == 1:
        parts.append(name)
        return [(*cells, (Term(name, numbers=True),)) if repeats else tuple(cells)]
    together = Name(f"{column.key}_all_{place}")
    parts.append(together)
    if value(first) == value(last):
        return [(*cells, _together(draft, product(number(count), name), together))]
    end = _defined(draft, f"{column.key}_last_{place}", last)
    both: Formula = sum_of(name, end)
    if count > 2:
        mean = _defined(draft, f"{column.key}_mean_{place}", quotient(both, number(2)))
        both = product(number(count), mean)
    ends: Cell = () if same[-1].output == same[0].output else (Term(volume(same[-1].output)),)
    below: Row = ((Text("the last of them"),), ends, _chain(last, end))
    return [(*cells, ()), (*below, _together(draft, both, together))]


def _together(draft: Draft, formula: Formula, together: Name) -> Cell:
    """``6 × 36,864 = 221,184``."""
    draft.define(together, formula, shape=())
    return (
        Chain(Term(formula, numbers=True), (Link("=", Term(together, numbers=True)),), "count"),
    )


def _defined(draft: Draft, key: str, formula: Formula) -> Name:
    name = Name(key)
    draft.define(name, formula, shape=())
    return name


def _chain(formula: Formula, name: Name) -> Cell:
    """``(5 × 5 × 1) × 16 + 16 = 416``, or the bare number."""
    if isinstance(formula, Number):
        return (Term(name, numbers=True),)
    return (Chain(Term(formula), (Link("=", Term(name, numbers=True)),), "count"),)


def _output(same: Sequence[Line], sizes: bool) -> Cell:
    """The shape, with how it comes about where there is room; the first of several."""
    line, result = same[0], Term(volume(same[0].output))
    if same[-1].output != line.output:
        return (result,)
    trace = line.nodes[0].trace
    if not sizes or trace.shape is None or trace.output != line.output:
        return (result,)
    if trace.shape == result.formula:
        return (result,)
    pieces: list[Piece] = [Chain(Term(trace.shape), (Link("=", result),), "output-size")]
    if trace.note:
        pieces.append(Text(f" ({trace.note})"))
    return tuple(pieces)

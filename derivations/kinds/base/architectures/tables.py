"""Tables of an architecture: every line with its formula and count, blocks folded, and the totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derivations.formula.printing import text
from derivations.formula.tree import Formula, Name, Number, apply, number, product, quotient, sum_of
from derivations.kinds.base.architectures.folding import Fold, Line
from derivations.kinds.base.counts import NONE, volume
from derivations.models.architecture import value
from derivations.models.traces import Shape
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Table

LETTERS = 100  # in a row that can still be read when it is made to fit on the page
Cell = tuple[Piece, ...]


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
    that is all that the table is about.
    """
    sizes = sizes and all(_is_short(time, column) for fold in folds for time in fold.times)
    repeats = any(len(fold.times) > 1 for fold in folds)
    head = ["Layer", "Output", column.title, *(["All of them"] if repeats else [])]
    rows: list[tuple[Cell, ...]] = []
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
            row = _row(draft, [time[place] for time in fold.times], column, sizes, repeats, parts)
            if row is not None:
                rows.append(row)
    titles = tuple((Text(word),) for word in head)
    align = "llll" if repeats else "lll"
    return Table(titles, tuple(rows), align), parts


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


def _row(
    draft: Draft,
    same: Sequence[Line],
    column: Column,
    sizes: bool,
    repeats: bool,
    parts: list[Name],
) -> tuple[Cell, ...] | None:
    """One line of the table, which may stand for several of the network."""
    formulas = [column.formula(line) for line in same]
    first, last = formulas[0], formulas[-1]
    if first is None and column is not PARAMETERS:
        return None
    count = len(same)
    times = f" (× {count})" if count > 1 else ""
    cells: list[Cell] = [(Text(same[0].words + times),), _output(same, sizes and count == 1)]
    if first is None or last is None:
        return (*cells, NONE, NONE) if repeats else (*cells, NONE)
    name = _defined(draft, column, len(parts) + 1, first)
    cells.append(_chain(first, name))
    if count == 1:
        parts.append(name)
        return (*cells, (Term(name, numbers=True),)) if repeats else tuple(cells)
    together = Name(f"{column.key}_all_{len(parts) + 1}")
    if value(first) == value(last):
        formula: Formula = product(number(count), name)
    else:  # it grows by the same amount each time: n times the mean of the first and the last
        end = draft.define(f"{column.key}_last_{len(parts) + 1}", last, shape=())
        cells[-1] = (*cells[-1], Text(" to "), Term(end, numbers=True))
        formula = product(number(count), quotient(apply("group", sum_of(name, end)), number(2)))
    draft.define(together, formula, shape=())
    chain = Chain(Term(formula, numbers=True), (Link("=", Term(together, numbers=True)),), "count")
    parts.append(together)
    return (*cells, (chain,))


def _defined(draft: Draft, column: Column, place: int, formula: Formula) -> Name:
    name = Name(f"{column.key}_{place}")
    draft.define(name, formula, shape=())
    return name


def _chain(formula: Formula, name: Name) -> Cell:
    """``(5 × 5 × 1) × 16 + 16 = 416``, or the bare number."""
    if isinstance(formula, Number):
        return (Term(name, numbers=True),)
    return (Chain(Term(formula), (Link("=", Term(name, numbers=True)),), "count"),)


def _output(same: Sequence[Line], sizes: bool) -> Cell:
    """The shape, with how it comes about where there is room; the first and the last of several."""
    line, result = same[0], Term(volume(same[0].output))
    if same[-1].output != line.output:
        return (result, Text(" to "), Term(volume(same[-1].output)))
    trace = line.nodes[0].trace
    if not sizes or trace.shape is None or trace.output != line.output:
        return (result,)
    if trace.shape == result.formula:
        return (result,)
    pieces: list[Piece] = [Chain(Term(trace.shape), (Link("=", result),), "output-size")]
    if trace.note:
        pieces.append(Text(f" ({trace.note})"))
    return tuple(pieces)

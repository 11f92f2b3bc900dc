"""Matrices of a problem entry by entry: each entry a given, the matrix assembled of them."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.formula.tree import Formula, Name, Number, matrix
from derivations.steps.draft import Draft

Entries = tuple[tuple[Formula, ...], ...]


def entry_name(letter: str, i: int, j: int) -> str:
    """The name of an entry, counted from 1: ``X_1_2``."""
    return f"{letter}_{i}_{j}"


def given_matrix(draft: Draft, letter: str, rows: int, columns: int) -> Entries:
    """The entries as givens, and the matrix of them under its letter."""
    entries = tuple(
        tuple(draft.given(entry_name(letter, i, j)) for j in range(1, columns + 1))
        for i in range(1, rows + 1)
    )
    draft.define(letter, matrix(*entries), "assembled", (rows, columns))
    return entries


def matrix_values(letter: str, rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The numerals of the entries by name."""
    return {
        entry_name(letter, i, j): value
        for i, row in enumerate(rows, 1)
        for j, value in enumerate(row, 1)
    }


def padded(entries: Entries, rows: int, columns: int) -> Entries:
    """With a ring of zeros: so many rows above and below, so many columns left and right."""
    zero = Number("0")
    width = len(entries[0]) + 2 * columns
    empty = tuple(zero for _ in range(width))
    side = tuple(zero for _ in range(columns))
    return (*[empty] * rows, *((*side, *row, *side) for row in entries), *[empty] * rows)


def longest(rows: Sequence[Sequence[str]]) -> int:
    """Letters of the longest numeral of a matrix."""
    return max(len(str(cell)) for row in rows for cell in row)


def window(entries: Entries, top: int, left: int, rows: int, columns: int) -> Entries:
    """A part of the matrix, counted from 0."""
    return tuple(row[left : left + columns] for row in entries[top : top + rows])


def rotated(entries: Entries) -> Entries:
    """Turned by 180 degrees."""
    return tuple(tuple(reversed(row)) for row in reversed(entries))


def names_of(letter: str, rows: int, columns: int) -> tuple[tuple[Name, ...], ...]:
    """Names of results: Y_1_1, Y_1_2, ..."""
    return tuple(
        tuple(Name(entry_name(letter, i, j)) for j in range(1, columns + 1))
        for i in range(1, rows + 1)
    )

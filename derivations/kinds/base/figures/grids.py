"""Grids of numbers side by side: feature map, kernel, output, with a window marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from derivations.formula.tree import Formula
from derivations.kinds.base.tensors import Tensor
from derivations.models.sliding import Place
from derivations.steps.figures import FILL, HIGHLIGHT, INK, Figure, Label, Polygon, Shape
from derivations.steps.relations import Term, Text

CELL = 0.62


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix of values with its name below; ``marked`` cells (row, column) are coloured."""

    rows: Sequence[Sequence[Formula]]
    name: str
    marked: frozenset[tuple[int, int]] = frozenset()
    padded: int = 0  # width of a ring of zeros, shaded
    letters: int = 3  # of the longest numeral


def grid_of(
    of: Tensor,
    lead: Place,
    words: str,
    marked: frozenset[Place],
    values: Mapping[str, str],
) -> Grid:
    """A slice of a tensor; one axis alone is a row. ``marked`` places are those of the slice."""
    row = len(of.space) == 1
    places = [(*lead, *at) for at in product(*map(range, of.space))]
    width = of.space[-1]
    names = [of.name(at) for at in places]
    rows = [names[i : i + width] for i in range(0, len(names), width)]
    cells = frozenset((0, at[0]) if row else (at[0], at[1]) for at in marked)
    return Grid(rows, words, cells, letters=max(len(str(values[name.id])) for name in names))


def grids_figure(grids: Sequence[Grid], caption: str = "") -> Figure:
    """The grids from left to right, centred on one line."""
    shapes: list[Shape] = []
    x = 0.0
    tallest = max(len(grid.rows) for grid in grids)
    cell = max(CELL, *(0.17 * grid.letters + 0.15 for grid in grids))
    for grid in grids:
        height = len(grid.rows)
        top = -(tallest - height) / 2 * cell
        for i, row in enumerate(grid.rows):
            for j, value in enumerate(row):
                left, upper = x + j * cell, top - i * cell
                ring = not (
                    grid.padded <= i < height - grid.padded
                    and grid.padded <= j < len(row) - grid.padded
                )
                fill = HIGHLIGHT if (i, j) in grid.marked else FILL if ring and grid.padded else ""
                corners = (
                    (left, upper), (left + cell, upper), (left + cell, upper - cell), (left, upper - cell),
                )  # fmt: skip
                shapes.append(Polygon(corners, fill, INK))
                shapes.append(
                    Label(
                        (left + cell / 2, upper - cell / 2),
                        (Term(value, numbers=True),),
                        small=True,
                    )
                )
        width = max(map(len, grid.rows)) * cell
        shapes.append(
            Label((x + width / 2, top - height * cell - 0.08), (Text(grid.name),), "north", True)
        )
        x += width + 0.9
    words = ", ".join(f"{grid.name} ({len(grid.rows)}×{len(grid.rows[0])})" for grid in grids)
    return Figure(tuple(shapes), caption, f"Grids of numbers: {words}.")

"""Nodes in columns, joined by labelled edges: neurons, networks, computational graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivations.formula.tree import Formula
from derivations.steps.figures import FILL, INK, MUTED, Circle, Figure, Label, Line, Point, Shape
from derivations.steps.relations import Piece, Term, Text

RADIUS = 0.38


@dataclass(frozen=True, slots=True)
class Node:
    """A node: what is written in it, and what stands below it. ``bare``: without a circle."""

    inside: tuple[Piece, ...]
    below: tuple[Piece, ...] = ()
    bare: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between two nodes, each given by column and place, with a label on it."""

    start: tuple[int, int]
    end: tuple[int, int]
    label: tuple[Piece, ...] = ()


def formula(value: Formula, numbers: bool = False) -> tuple[Piece, ...]:
    """A formula as the label of a node or edge."""
    return (Term(value, numbers),)


def words(text: str) -> tuple[Piece, ...]:
    """Words as a label."""
    return (Text(text),)


def layered(
    columns: Sequence[Sequence[Node]],
    edges: Sequence[Edge],
    caption: str,
    description: str,
    gap: tuple[float, float] = (2.6, 1.15),
    heads: Sequence[str] = (),
) -> Figure:
    """The figure.

    Args:
        columns: the nodes of each column, from the top.
        edges: arrows; a label sits where fewest others are.
        gap: distance of columns and of nodes in a column, in centimetres.
        heads: words above the columns.
    """
    tallest = max(map(len, columns))
    places: dict[tuple[int, int], Point] = {}
    shapes: list[Shape] = []
    for c, column in enumerate(columns):
        top = (tallest - len(column)) / 2
        for i in range(len(column)):
            places[c, i] = (c * gap[0], -(top + i) * gap[1])
    lines, labels = [], []
    for edge in edges:
        lines.append(_arrow(places[edge.start], places[edge.end], columns, edge))
        if edge.label:
            labels.append(_edge_label(edge, places))
    shapes += lines
    for c, column in enumerate(columns):
        for i, node in enumerate(column):
            shapes += _node(node, places[c, i])
    shapes += labels
    for c, head in enumerate(heads):
        if head:
            shapes.append(Label((c * gap[0], 0.75), words(head), "centre", True, colour=MUTED))
    return Figure(tuple(shapes), caption, description)


def _node(node: Node, at: Point) -> list[Shape]:
    shapes: list[Shape] = []
    if not node.bare:
        shapes.append(Circle(at, RADIUS, FILL if node.filled else "white", INK))
    shapes.append(Label(at, node.inside))
    if node.below:
        shapes.append(
            Label((at[0], at[1] - RADIUS - 0.02), node.below, "north", True, colour=MUTED)
        )
    return shapes


def _arrow(start: Point, end: Point, columns: Sequence[Sequence[Node]], edge: Edge) -> Line:
    """From rim to rim."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    first = 0.3 if columns[edge.start[0]][edge.start[1]].bare else RADIUS
    last = 0.3 if columns[edge.end[0]][edge.end[1]].bare else RADIUS
    return Line(
        (
            (start[0] + ux * first, start[1] + uy * first),
            (end[0] - ux * last, end[1] - uy * last),
        ),
        arrow=True,
        colour=MUTED,
    )


def _edge_label(edge: Edge, places: dict[tuple[int, int], Point]) -> Label:
    """Near the start, where the edges of one target have not met; steep ones a little further on."""
    start, end = places[edge.start], places[edge.end]
    slope = abs(end[1] - start[1])
    share = 0.42 if slope < 0.2 else 0.34
    at = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    return Label(at, edge.label, "centre", True, halo=True)

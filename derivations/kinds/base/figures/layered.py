"""Nodes in columns, joined by labelled edges: neurons, networks, computational graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, pi, sin

from derivations.formula.printing import Notation, Printer
from derivations.formula.tree import Formula
from derivations.steps.figures import (
    FILL,
    INK,
    MUTED,
    Circle,
    Figure,
    Label,
    Line,
    Point,
    Polygon,
    Shape,
)
from derivations.steps.relations import Piece, Term, Text, Typeset

RADIUS = 0.36
LETTER, SMALL_LETTER = 0.21, 0.15  # cm that a letter takes, in full size and in subscripts
ROUND = 8  # corners of half a circle

Place = tuple[int, int]


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

    start: Place
    end: Place
    label: tuple[Piece, ...] = ()


def formula(value: Formula, numbers: bool = False) -> tuple[Piece, ...]:
    """A formula as the label of a node or edge."""
    return (Term(value, numbers),)


def words(text: str) -> tuple[Piece, ...]:
    """Words as a label."""
    return (Text(text),)


@dataclass(slots=True)
class _Drawing:
    """Where everything stands, while it is being placed."""

    columns: Sequence[Sequence[Node]]
    edges: Sequence[Edge]
    at: dict[Place, Point] = field(default_factory=dict)
    half: dict[Place, float] = field(default_factory=dict)  # half the width of a node

    def node(self, place: Place) -> Node:
        return self.columns[place[0]][place[1]]


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
        edges: arrows; a label sits where fewest other edges and labels are.
        gap: distance of columns (more where nodes are wide) and of nodes in a column, in centimetres.
        heads: words above the columns.
    """
    drawing = _Drawing(columns, edges)
    across = _across(drawing, gap[0])
    for c, ys in enumerate(_heights(columns, edges, gap[1])):
        for i, y in enumerate(ys):
            drawing.at[c, i] = (across[c], y)
    segments = [_segment(drawing, edge) for edge in edges]
    shapes: list[Shape] = []
    for edge, segment in zip(edges, segments, strict=True):
        around = [] if edge.label else _around(drawing, edge)
        points: tuple[tuple[float, float], ...] = (segment[0], segment[1])
        if around:
            first = _rim(drawing, edge.start, drawing.at[edge.start], around[0])
            last = _rim(drawing, edge.end, drawing.at[edge.end], around[-1])
            points = (first, *around, last)
        shapes.append(Line(points, arrow=True, colour=MUTED))
    for place in drawing.at:
        shapes += _node(drawing, place)
    shapes += _edge_labels(edges, segments)
    top = max(y for _, y in drawing.at.values())
    for c, head in enumerate(heads):
        if head:
            shapes.append(Label((across[c], top + 0.75), words(head), "centre", True, colour=MUTED))
    return Figure(tuple(shapes), caption, description)


# ---------------------------------------------------------------- places


def _across(drawing: _Drawing, gap: float) -> list[float]:
    """Where each column stands; nodes with long names push their neighbours away."""
    half_of = []
    for c, column in enumerate(drawing.columns):
        for i, node in enumerate(column):
            size = breadth(node.inside) / 2
            drawing.half[c, i] = size + 0.06 if node.bare else max(RADIUS, size + 0.12)
        half_of.append(max((drawing.half[c, i] for i in range(len(column))), default=RADIUS))
    across = [0.0]
    for before, after in pairwise(half_of):
        extra = max(0.0, before - RADIUS) + max(0.0, after - RADIUS)
        across.append(across[-1] + gap + extra)
    return across


def _heights(
    columns: Sequence[Sequence[Node]], edges: Sequence[Edge], gap: float
) -> list[list[float]]:
    """The heights of the nodes: the tallest column evenly, then each at the middle of its neighbours."""
    ys = [[-gap * (i - (len(column) - 1) / 2) for i in range(len(column))] for column in columns]
    tallest = max(range(len(columns)), key=lambda c: len(columns[c]))
    order = [*range(tallest + 1, len(columns)), *range(tallest - 1, -1, -1)]
    for c in order:
        wanted = []
        for i, y in enumerate(ys[c]):
            near = [
                ys[b][j]
                for (a, k), (b, j) in _neighbours(edges)
                if (a, k) == (c, i) and (b < c) == (c > tallest)
            ]
            wanted.append(sum(near) / len(near) if near else y)
        ys[c] = _spread(wanted, gap)
    return ys


def _neighbours(edges: Sequence[Edge]) -> list[tuple[Place, Place]]:
    return [pair for e in edges for pair in ((e.start, e.end), (e.end, e.start))]


def _spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Heights in the given order from the top, near the wanted ones and a gap apart."""
    groups: list[list[int]] = []  # nodes that stand exactly a gap apart
    tops: list[float] = []
    for i in range(len(wanted)):
        groups.append([i])
        tops.append(wanted[i])
        while len(groups) > 1 and tops[-2] - gap * len(groups[-2]) < tops[-1] + 1e-9:
            lower = groups.pop()
            tops.pop()
            groups[-1] += lower
            members = groups[-1]
            tops[-1] = sum(wanted[k] + gap * n for n, k in enumerate(members)) / len(members)
    return [
        top - gap * n
        for top, members in zip(tops, groups, strict=True)
        for n in range(len(members))
    ]


# ---------------------------------------------------------------- shapes


def breadth(pieces: Sequence[Piece]) -> float:
    """About how wide a label is, in centimetres."""
    return sum(map(_breadth, pieces))


def _breadth(piece: Piece) -> float:
    if isinstance(piece, Text):
        return 0.17 * len(piece.text)
    if isinstance(piece, Typeset):
        return LETTER * len(piece.text)
    shown = (
        Printer(False, Notation(), lambda name: None).show(piece.formula)
        if isinstance(piece, Term)
        else ""
    )
    base, _, script = shown.partition("_")
    small = sum(
        c in "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ˡⁱʲᵏⁿ*′\u0302\u0304\u0303" for c in base
    )
    return LETTER * (len(base) - small) + SMALL_LETTER * (small + len(script))


def _node(drawing: _Drawing, place: Place) -> list[Shape]:
    """A circle, or a capsule where the name is long."""
    node, at, half = drawing.node(place), drawing.at[place], drawing.half[place]
    shapes: list[Shape] = []
    if not node.bare:
        fill = FILL if node.filled else "white"
        if half <= RADIUS:
            shapes.append(Circle(at, RADIUS, fill, INK))
        else:
            shapes.append(Polygon(_capsule(at, half), fill, INK))
    shapes.append(Label(at, node.inside))
    if node.below:
        shapes.append(
            Label((at[0], at[1] - RADIUS - 0.02), node.below, "north", True, colour=MUTED)
        )
    return shapes


def _capsule(at: Point, half: float) -> tuple[Point, ...]:
    """Two half circles joined by straight lines."""
    straight = half - RADIUS
    points = []
    for side in (1, -1):
        for k in range(ROUND + 1):
            angle = pi / 2 - pi * k / ROUND if side > 0 else -pi / 2 - pi * k / ROUND
            points.append(
                (at[0] + side * straight + RADIUS * cos(angle), at[1] + RADIUS * sin(angle))
            )
    return tuple(points)


def _segment(drawing: _Drawing, edge: Edge) -> tuple[Point, Point]:
    """From rim to rim."""
    start, end = drawing.at[edge.start], drawing.at[edge.end]
    return (
        _rim(drawing, edge.start, start, end),
        _rim(drawing, edge.end, end, start),
    )


def _rim(drawing: _Drawing, place: Place, at: Point, towards: Point) -> Point:
    """Where the line to another node leaves this one."""
    dx, dy = towards[0] - at[0], towards[1] - at[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    half = drawing.half[place]
    radius = 0.26 if drawing.node(place).bare else RADIUS
    straight = max(0.0, half - radius)
    low, high = 0.0, half + radius
    for _ in range(40):  # the last point on the line that lies within the node
        middle = (low + high) / 2
        x = max(0.0, abs(ux) * middle - straight)
        inside = x * x + (uy * middle) ** 2 <= radius * radius
        low, high = (middle, high) if inside else (low, middle)
    return (at[0] + ux * low, at[1] + uy * low)


def _around(drawing: _Drawing, edge: Edge) -> list[Point]:
    """Points that lead an edge around the nodes of the columns between its ends."""
    start, end = drawing.at[edge.start], drawing.at[edge.end]
    points: list[Point] = []
    for c in range(edge.start[0] + 1, edge.end[0]):
        column = [drawing.at[c, i] for i in range(len(drawing.columns[c]))]
        x = column[0][0]
        y = start[1] + (end[1] - start[1]) * (x - start[0]) / (end[0] - start[0])
        if all(abs(y - at[1]) > RADIUS + 0.12 for at in column):
            continue
        clear = RADIUS + 0.25
        options = [at[1] + side * clear for at in column for side in (1, -1)]
        free = [o for o in options if all(abs(o - at[1]) >= clear - 1e-9 for at in column)]
        points.append((x, min(free, key=lambda o: (abs(o - y), -o))))
    return points


# ---------------------------------------------------------------- labels on edges

SHARES = tuple(0.2 + 0.02 * k for k in range(31))
PREFERRED = 0.4


def _edge_labels(edges: Sequence[Edge], segments: Sequence[tuple[Point, Point]]) -> list[Label]:
    """Each label on its edge, where it is farthest from other edges and labels."""
    labelled = [k for k, edge in enumerate(edges) if edge.label]
    placed: dict[int, Point] = {}
    for _ in range(3):  # later labels may move earlier ones
        for k in labelled:
            others = [segment for j, segment in enumerate(segments) if j != k]
            taken = {j: point for j, point in placed.items() if j != k}
            placed[k] = min(
                (_between(segments[k], share) for share in SHARES),
                key=lambda p: _cost(p, k, edges, others, taken, segments[k]),
            )
    return [Label(placed[k], edges[k].label, "centre", True, halo=True) for k in labelled]


def _cost(
    point: Point,
    k: int,
    edges: Sequence[Edge],
    others: Sequence[tuple[Point, Point]],
    taken: Mapping[int, Point],
    own: tuple[Point, Point],
) -> float:
    """Much where a label would cover another one or hide an edge, else the way to its usual place."""
    half = 0.4 * breadth(edges[k].label) + 0.06, 0.24
    cost = 0.0
    for j, other in taken.items():
        wide = half[0] + 0.4 * breadth(edges[j].label) + 0.06
        near = max(abs(point[0] - other[0]) / wide, abs(point[1] - other[1]) / (2 * half[1]))
        cost += 20 * max(0.0, 1.15 - near)
    for start, end in others:
        cost += 6 * max(0.0, 1 - _distance(point, start, end, half))
    usual = _between(own, PREFERRED)
    return cost + 0.2 * abs(point[0] - usual[0]) + 0.2 * abs(point[1] - usual[1])


def _distance(point: Point, start: Point, end: Point, half: tuple[float, float]) -> float:
    """How far an edge passes by a label, in units of the label's half sides."""
    sx, sy = (start[0] - point[0]) / half[0], (start[1] - point[1]) / half[1]
    ex, ey = (end[0] - point[0]) / half[0], (end[1] - point[1]) / half[1]
    dx, dy = ex - sx, ey - sy
    size = dx * dx + dy * dy
    share = 0.0 if not size else min(1.0, max(0.0, -(sx * dx + sy * dy) / size))
    return float(((sx + share * dx) ** 2 + (sy + share * dy) ** 2) ** 0.5)


def _between(segment: tuple[Point, Point], share: float) -> Point:
    (x, y), (u, v) = segment
    return (x + share * (u - x), y + share * (v - y))

"""How much of a page a block takes, in lines: enough to keep a heading with what it leads to."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.steps.figures import Circle, Figure, Label, Line, Point, Polygon
from derivations.steps.relations import Piece, Term, Text, Typeset
from derivations.steps.solution import Block, Display, Items, Listing, Options, Prose, Table

LETTERS = 88  # in a line
CENTIMETRES = 0.48  # a line's height
OPENING = 6.0  # lines of a problem that do not stand alone at the foot of a page
ENOUGH = 4.0  # lines after which a tall block need not be there
SHORT = 3.0  # lines of a question that does not stand apart from its solution
WHOLE = 12.0  # lines of a problem that is not parted
LONG_TABLE = 12  # rows of a table that may be parted
MOST = 40.0  # lines that may be asked for: a page has 48


def lead(blocks: Sequence[Block]) -> float:
    """Lines that have to follow a heading: the first block, and what it announces."""
    lines = 0.0
    for place, block in enumerate(blocks):
        lines += _first(block)
        if not (isinstance(block, Prose) and announces(block, blocks[place + 1 :])):
            break
    return min(lines, MOST)


def opening(blocks: Sequence[Block]) -> float:
    """Lines of a problem that have to stand on the page of its heading."""
    lines = sum(map(_first, blocks))
    if lines <= WHOLE:
        return lines
    before = 0.0
    for place in range(len(blocks)):
        lines = sum(map(_first, blocks[:place])) + lead(blocks[place:])
        if lines >= OPENING:
            return min(lines if before < ENOUGH else min(lines, OPENING), MOST)
        before = lines
    return min(lines, MOST)


def is_long(table: Table) -> bool:
    """Whether the table may go on on the next page."""
    return len(table.rows) > LONG_TABLE


def announces(block: Prose, after: Sequence[Block]) -> bool:
    """Whether the paragraph goes on in the next block, or is a line that stands before it."""
    if block.style == "heading" or (after and isinstance(after[0], Items)):
        return True
    if after and isinstance(after[0], (Figure, Table)) and _lines(block.pieces) < 2:
        return True
    last = block.pieces[-1] if block.pieces else Text("")
    return isinstance(last, Text) and last.text.rstrip().endswith((":", ","))


def _first(block: Block) -> float:
    """Lines of what must not be parted from the line before the block."""
    if isinstance(block, Prose):
        return 2.4 if block.style in ("display", "equation") else min(_lines(block.pieces), 3) + 0.5
    if isinstance(block, Display):
        return 3.6 if block.chains else 0
    if isinstance(block, Items):
        return min(1.2 * len(block.items), 5)
    if isinstance(block, Options):
        lines = sum(map(_lines, (*block.options, *filter(None, block.reasons))))
        return 1.15 * lines
    if isinstance(block, Table):
        if is_long(block):
            return 8.0
        return 1.25 * (len(block.rows) + len(block.foot) + 1) + 2
    if isinstance(block, Figure):
        return height(block) / CENTIMETRES + (2.5 if block.caption else 1)
    if isinstance(block, Listing):
        return min(float(block.text.count("\n") + 3), 6)
    return 2


def _lines(pieces: Sequence[Piece]) -> float:
    letters = sum(
        len(piece.text)
        if isinstance(piece, (Text, Typeset))
        else 3
        if isinstance(piece, Term)
        else 8
        for piece in pieces
    )
    return 1.0 + letters // LETTERS


def height(figure: Figure) -> float:
    """From the highest to the lowest point of a figure, in centimetres."""
    ys = [point[1] for shape in figure.shapes for point in _points(shape)]
    return max(ys) - min(ys) if ys else 0.0


def breadth(figure: Figure) -> float:
    """From the leftmost to the rightmost point of a figure, in centimetres."""
    xs = [point[0] for shape in figure.shapes for point in _points(shape)]
    return max(xs) - min(xs) if xs else 0.0


def _points(shape: Line | Circle | Polygon | Label) -> tuple[Point, ...]:
    if isinstance(shape, (Line, Polygon)):
        return shape.points
    if isinstance(shape, Circle):
        (x, y), r = shape.centre, shape.radius
        return (x - r, y - r), (x + r, y + r)
    (x, y), half = shape.at, 0.2
    return (x - half, y - half), (x + half, y + half)

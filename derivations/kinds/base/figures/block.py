"""Layers as blocks: values go forward through them, derivatives of the error come back."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.formula.tree import Name, partial
from derivations.steps.figures import ACCENT, FILL, INK, Figure, Label, Line, Polygon, Shape
from derivations.steps.relations import Piece, Term, Text

WIDE, TALL, ARM = 3.0, 1.7, 1.5  # cm: the block, and the arrows beside it
NARROW, LOW, GAP = 2.6, 1.0, 1.3  # of blocks in a row, and between them
UP, DOWN = 0.42, -0.42  # of the two arrows, from the middle


def block_figure(layer: str, inputs: str, output: str, error: str, caption: str = "") -> Figure:
    """The block with X, Y above and ∂E/∂X, ∂E/∂Y below.

    Args:
        layer: words inside the block.
        inputs, output, error: names.
    """
    left, right = -WIDE / 2, WIDE / 2
    corners = ((left, -TALL / 2), (right, -TALL / 2), (right, TALL / 2), (left, TALL / 2))
    x, y, e = Name(inputs), Name(output), Name(error)
    shapes: list[Shape] = [
        Polygon(corners, FILL),
        Label((0.0, 0.0), (Text(layer),)),
        Line(((left - ARM, UP), (left, UP)), arrow=True, colour=INK),
        Line(((right, UP), (right + ARM, UP)), arrow=True, colour=INK),
        Line(((left, DOWN), (left - ARM, DOWN)), arrow=True, colour=ACCENT),
        Line(((right + ARM, DOWN), (right, DOWN)), arrow=True, colour=ACCENT),
        Label((left - ARM, UP), (Term(x),), "east"),
        Label((right + ARM, UP), (Term(y),), "west"),
        Label((left - ARM, DOWN), (Term(partial(e, x)),), "east", colour=ACCENT),
        Label((right + ARM, DOWN), (Term(partial(e, y)),), "west", colour=ACCENT),
    ]
    words = (
        f"{layer} as a block: {inputs} goes in and {output} comes out; backwards the derivative of "
        f"{error} by {output} goes in and that by {inputs} comes out."
    )
    return Figure(tuple(shapes), caption, words)


def stack_figure(layers: Sequence[tuple[Piece, ...]], names: Sequence[str], words: str) -> Figure:
    """Layers one behind the other, with the name of what goes from each to the next.

    Args:
        layers: what stands in each block.
        names: one more than there are layers, from the input to the output.
        words: the figure in words.
    """
    shapes: list[Shape] = []
    for place, pieces in enumerate(layers):
        x = place * (NARROW + GAP)
        corners = ((x, 0.0), (x + NARROW, 0.0), (x + NARROW, LOW), (x, LOW))
        shapes += [
            Line(((x - GAP, LOW / 2), (x, LOW / 2)), arrow=True),
            Label((x - GAP / 2, LOW / 2 + 0.05), (Term(Name(names[place])),), "south"),
            Polygon(corners, FILL),
            Label((x + NARROW / 2, LOW / 2), pieces),
        ]
    end = len(layers) * (NARROW + GAP) - GAP
    shapes.append(Line(((end, LOW / 2), (end + GAP, LOW / 2)), arrow=True))
    shapes.append(Label((end + GAP / 2, LOW / 2 + 0.05), (Term(Name(names[-1])),), "south"))
    return Figure(tuple(shapes), "", words)

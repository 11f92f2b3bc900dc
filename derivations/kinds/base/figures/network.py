"""A fully connected network: a column of units for each layer."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.formula.tree import Formula
from derivations.kinds.base.figures.layered import Edge, Node, formula, layered
from derivations.steps.figures import Figure

MOST_LABELS = 12  # more weights than this would hide the drawing


def network_figure(
    columns: Sequence[Sequence[Formula]],
    weights: Sequence[Sequence[Sequence[Formula]]],
    caption: str = "",
) -> Figure:
    """The network.

    Args:
        columns: names of inputs and units, layer by layer.
        weights: for each layer after the inputs, for each unit, the weight from each unit before.
    """
    nodes = [
        [Node(formula(name), bare=layer == 0, filled=layer > 0) for name in column]
        for layer, column in enumerate(columns)
    ]
    labelled = sum(len(row) for layer in weights for row in layer) <= MOST_LABELS
    edges = []
    for layer, rows in enumerate(weights):
        for j, row in enumerate(rows):
            for i, weight in enumerate(row):
                label = formula(weight) if labelled else ()
                edges.append(Edge((layer, i), (layer + 1, j), label))
    sizes = "-".join(str(len(column)) for column in columns)
    description = (
        f"A fully connected {sizes} network; every unit is joined to every unit of the next layer."
    )
    heads = ["inputs", *[""] * (len(columns) - 2), "outputs"]
    return layered(
        nodes, edges, caption, description, (3.4, 1.6) if labelled else (3.0, 1.1), heads
    )

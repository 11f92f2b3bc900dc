"""A neuron: inputs, weights, the sum, the activation function, the output."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.formula.tree import Formula, Name
from derivations.kinds.base.figures.layered import Edge, Node, formula, layered, words
from derivations.kinds.base.functions import Functions
from derivations.steps.figures import Figure
from derivations.steps.relations import Piece, Typeset


def neuron_figure(
    inputs: Sequence[Formula],
    weights: Sequence[Formula],
    bias: Formula | None,
    head: str,
    output: str,
    functions: Functions,
    caption: str = "",
    total: str = "z",
) -> Figure:
    """The neuron with names at its edges.

    Args:
        inputs, weights: as many of each; the bias, if it is not one of them, comes in from below.
        head: the activation function's key.
        output, total: the names of the output and of the weighted sum.
    """
    first = [Node(formula(x), bare=True) for x in inputs]
    edges = [Edge((0, i), (1, 0), formula(w)) for i, w in enumerate(weights)]
    if bias is not None:
        first.append(Node(words("1"), bare=True))
        edges.append(Edge((0, len(first) - 1), (1, 0), formula(bias)))
    look = functions.looks[head]
    sign: tuple[Piece, ...] = (Typeset(look[0], look[1]),)
    columns = [
        first,
        [Node((Typeset(r"\Sigma", "Σ"),), filled=True)],
        [Node(sign, filled=True)],
        [Node(formula(Name(output)), bare=True)],
    ]
    edges += [Edge((1, 0), (2, 0), formula(Name(total))), Edge((2, 0), (3, 0))]
    count = len(inputs)
    description = (
        f"A neuron with {count} input{'s' if count != 1 else ''}"
        f"{' and a bias' if bias is not None else ''}: the weighted sum {total} goes through "
        f"{look[1]} and gives the output {output}."
    )
    return layered(columns, edges, caption, description, (2.4, 0.95))

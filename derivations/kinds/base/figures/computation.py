"""A computational graph: what is given on the left, the loss on the right, weights on the edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from derivations.formula.tree import Apply, Formula, Name, names, walk
from derivations.kinds.base.figures.layered import Edge, Node, formula, layered
from derivations.steps.figures import Figure

MOST = 40  # nodes; a larger graph would not be readable


def computation_figure(
    inputs: Collection[str], definitions: Mapping[str, Formula], weights: Collection[str]
) -> Figure | None:
    """The graph, or None where it is too large to be drawn.

    Args:
        inputs: given names; those among ``weights`` stand on edges.
        definitions: in order, each over givens and earlier names.
        weights: names that multiply another one.
    """
    used = {name for f in definitions.values() for name in names(f)}
    nodes = [name for name in inputs if name in used and name not in weights]
    nodes += list(definitions)
    if len(nodes) > MOST:
        return None
    depth = dict.fromkeys(nodes, 0)
    for name, definition in definitions.items():
        below = [depth[n] for n in names(definition) if n in depth and n != name]
        depth[name] = 1 + max(below, default=0)
    for name in nodes:  # an input stands one column before what it goes into
        if name not in definitions:
            into = [depth[d] for d, f in definitions.items() if name in names(f)]
            depth[name] = min(into) - 1
    columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in nodes:
        columns[depth[name]].append(name)
    place = {name: (c, i) for c, column in enumerate(columns) for i, name in enumerate(column)}
    edges = []
    for name, definition in definitions.items():
        for other in names(definition):
            if other in place:
                weight = _weight(definition, other, weights)
                label = formula(Name(weight)) if weight else ()
                edges.append(Edge(place[other], place[name], label))
    drawn = [
        [Node(formula(Name(n)), bare=n not in definitions, filled=n in definitions) for n in column]
        for column in columns
    ]
    described = "; ".join(f"{name} from {', '.join(names(f))}" for name, f in definitions.items())
    return layered(drawn, edges, "", f"A computational graph: {described}.", (2.1, 1.15))


def _weight(definition: Formula, name: str, weights: Collection[str]) -> str | None:
    """The weight that multiplies a name in a definition."""
    for node in walk(definition):
        if isinstance(node, Apply) and node.head == "product" and Name(name) in node.args:
            for factor in node.args:
                if isinstance(factor, Name) and factor.id in weights:
                    return factor.id
    return None

"""A computational graph: what is given on the left, the loss on the right, weights on the edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
    on_edges = _on_edges(definitions, weights)
    used = {name for f in definitions.values() for name in names(f)}
    nodes = [name for name in inputs if name in used and name not in on_edges]
    nodes += list(definitions)
    if len(nodes) > MOST:
        return None
    columns = _columns(nodes, definitions)
    place = {name: (c, i) for c, column in enumerate(columns) for i, name in enumerate(column)}
    edges = []
    for name, definition in definitions.items():
        for other in names(definition):
            if other in place:
                weight = _weight(definition, other, on_edges)
                label = formula(Name(weight)) if weight else ()
                edges.append(Edge(place[other], place[name], label))
    drawn = [
        [Node(formula(Name(n)), bare=n not in definitions, filled=n in definitions) for n in column]
        for column in columns
    ]
    described = "; ".join(f"{name} from {', '.join(names(f))}" for name, f in definitions.items())
    return layered(drawn, edges, "", f"A computational graph: {described}.", (2.2, 1.15))


def _columns(nodes: Sequence[str], definitions: Mapping[str, Formula]) -> list[list[str]]:
    """The nodes by their depth; a further input of a late node stands above or below its column."""
    depth = dict.fromkeys(nodes, 0)
    for name, definition in definitions.items():
        below = [depth[n] for n in names(definition) if n in depth and n != name]
        depth[name] = 1 + max(below, default=0)
    into: dict[str, list[str]] = {}
    for name in nodes:  # an input stands one column before what it goes into
        if name not in definitions:
            into[name] = [d for d, f in definitions.items() if name in names(f)]
            depth[name] = min(depth[d] for d in into[name]) - 1
    columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in definitions:
        columns[depth[name]].append(name)
    for name, targets in into.items():
        column = columns[depth[name]]
        if depth[name] == 0:
            column.append(name)
            continue
        after = columns[depth[name] + 1]
        middle = sum(after.index(d) if d in after else len(after) for d in targets)
        upper = middle / len(targets) < (len(after) - 1) / 2 or len(after) == 1
        column.insert(sum(n in into for n in column) if upper else len(column), name)
    return columns


def _on_edges(definitions: Mapping[str, Formula], weights: Collection[str]) -> frozenset[str]:
    """Weights that multiply another quantity in a term of a sum, and nothing else."""
    found: dict[str, bool] = {}
    for definition in definitions.values():
        terms = (
            definition.args if isinstance(definition, Apply) and definition.head == "sum" else ()
        )
        inside: set[str] = set()
        for term in terms:
            factors = _factors(term)
            first = next((name for name in factors if name in weights), None)
            if first is not None and len(factors) == 2:
                inside.add(first)
        for name in names(definition):
            if name in weights:
                found[name] = found.get(name, True) and name in inside
    return frozenset(name for name, alone in found.items() if alone)


def _factors(term: Formula) -> list[str]:
    """The names that are multiplied, if there is nothing else."""
    if isinstance(term, Apply) and term.head == "product":
        return [arg.id for arg in term.args if isinstance(arg, Name)]
    return []


def _weight(definition: Formula, name: str, weights: Collection[str]) -> str | None:
    """The weight that multiplies a name in a definition."""
    for node in walk(definition):
        if isinstance(node, Apply) and node.head == "product" and Name(name) in node.args:
            for factor in node.args:
                if isinstance(factor, Name) and factor.id in weights:
                    return factor.id
    return None

"""An architecture: layers as nodes of a directed graph without cycles, traced from its inputs on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derivations.errors import nearest
from derivations.formula.evaluation import evaluate
from derivations.formula.tree import Apply, Formula
from derivations.models.layers import layers
from derivations.models.traces import LayerError, Shape, Trace, count_of, macs_of

Path = tuple[str | int, ...]


class NodeError(LayerError):
    """A node that does not fit into its architecture; ``path`` is where it stands in the file."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Node:
    """A layer, and whose outputs it takes.

    Attributes:
        name: by which others refer to it; no two nodes share it.
        label: what the sheet calls it; empty where its own words do.
        shares: the node whose parameters it uses, so that they are counted once.
        path: where it stands in the file.
    """

    name: str
    fields: Any
    sources: tuple[str, ...]
    label: str = ""
    shares: str = ""
    path: Path = ()

    @property
    def kind(self) -> str:
        """The layer's name in the registry."""
        return str(self.fields.layer)


@dataclass(frozen=True, slots=True)
class Architecture:
    """Inputs by name and nodes; ``channels_first``: shapes are [channels, height, width]."""

    inputs: tuple[tuple[str, Shape], ...]
    nodes: tuple[Node, ...]
    channels_first: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What an output sees of the input along each axis: from ``low`` to ``high`` for output 0.

    The next output sees what lies ``jump`` further on.
    """

    low: Fraction
    high: Fraction
    jump: Fraction

    @property
    def size(self) -> Fraction:
        """The receptive field along this axis."""
        return self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Traced:
    """A node with what it makes of its inputs; shapes are those of the architecture's layout.

    ``view`` is empty where an output depends on the whole input or nothing can be said.
    """

    node: Node
    shapes: tuple[Shape, ...]
    trace: Trace
    view: tuple[View, ...] = ()
    spatial: bool = False  # whether a map lies before it, with a place for every output

    @property
    def learned(self) -> Formula | None:
        """Parameters that it adds to the model; those that it shares are another node's."""
        return None if self.node.shares else count_of(self.trace)

    @property
    def frozen(self) -> Formula | None:
        """Parameters that are kept and not learned."""
        return None if self.node.shares else self.trace.frozen

    @property
    def macs(self) -> Formula | None:
        """Multiply-accumulates of one forward pass."""
        return macs_of(self.trace)


@lru_cache(maxsize=4096)
def value(formula: Formula | None) -> int:
    """The whole number that a formula of numerals gives; 0 where there is none."""
    return 0 if formula is None else int(evaluate(formula, {}).p)


def ordered(architecture: Architecture) -> list[Node]:
    """The nodes, each behind those that it takes its inputs from; else in the order of the file.

    Raises:
        NodeError: a source that there is not, or a cycle.
    """
    known = {name for name, _ in architecture.inputs} | {n.name for n in architecture.nodes}
    followers: dict[str, list[int]] = {}
    missing: list[int] = []
    for place, node in enumerate(architecture.nodes):
        inner = [source for source in node.sources if source not in dict(architecture.inputs)]
        missing.append(len(inner))
        for source in inner:
            if source not in known:
                raise NodeError(node.path, f"there is no layer '{source}'{nearest(source, known)}")
            followers.setdefault(source, []).append(place)
    ready = [place for place, count in enumerate(missing) if not count]
    done: list[Node] = []
    while ready:
        place = heapq.heappop(ready)
        done.append(architecture.nodes[place])
        for after in followers.get(architecture.nodes[place].name, ()):
            missing[after] -= 1
            if not missing[after]:
                heapq.heappush(ready, after)
    if len(done) < len(missing):
        left = [n for n, count in zip(architecture.nodes, missing, strict=True) if count]
        raise NodeError(left[0].path, f"a cycle: {' → '.join(_cycle(left))}")
    return done


def _cycle(left: Sequence[Node]) -> list[str]:
    """Names along a cycle, the first one again at the end."""
    nodes = {node.name: node for node in left}
    path = [left[0].name]
    while True:
        before = next(s for s in nodes[path[-1]].sources if s in nodes)
        if before in path:
            return [before, *reversed(path[path.index(before) :])]
        path.append(before)


def traced(architecture: Architecture) -> list[Traced]:
    """Every node with its shapes, in an order in which they can be computed.

    Raises:
        NodeError: a node that does not fit what comes before it.
    """
    shapes: dict[str, Shape] = dict(architecture.inputs)
    views: dict[str, tuple[View, ...]] = {
        name: tuple(View(Fraction(0), Fraction(0), Fraction(1)) for _ in shape[1:])
        for name, shape in architecture.inputs
    }
    found: dict[str, Traced] = {}
    for node in ordered(architecture):
        incoming = tuple(shapes[source] for source in node.sources)
        trace = trace_of(node, incoming, architecture.channels_first)
        seen = tuple(views[source] for source in node.sources)
        view = _view(trace, seen, incoming)
        done = Traced(node, incoming, trace, view, any(len(shape) > 1 for shape in incoming))
        _check_shared(done, found)
        found[node.name] = done
        shapes[node.name], views[node.name] = trace.output, view
    return list(found.values())


def trace_of(node: Node, shapes: tuple[Shape, ...], channels_first: bool) -> Trace:
    """What a node makes of inputs of these shapes.

    Raises:
        NodeError: it does not fit them.
    """
    module = layers()[node.kind]
    fewest, most = getattr(module, "INPUTS", (1, 1))
    if not fewest <= len(shapes) <= most:
        expected = str(fewest) if fewest == most else f"{fewest} to {most}"
        expected = f"{fewest} or more" if fewest < most and most >= 64 else expected
        raise NodeError(
            node.path, f"{len(shapes)} inputs of {node.kind.replace('_', ' ')}; expected {expected}"
        )
    turned = channels_first and getattr(module, "SPATIAL", False)
    try:
        trace: Trace = module.trace(
            node.fields, *((*s[1:], s[0]) if turned and len(s) > 1 else s for s in shapes)
        )
    except LayerError as error:
        raise NodeError(node.path, str(error)) from None
    return _channels_first(trace) if turned and len(trace.output) > 1 else trace


def _channels_first(trace: Trace) -> Trace:
    """Channels in front, in the shape and in its formula."""
    shape = trace.shape
    if isinstance(shape, Apply) and len(shape.args) == len(trace.output):
        shape = replace(shape, args=(shape.args[-1], *shape.args[:-1]))
    return replace(trace, output=(trace.output[-1], *trace.output[:-1]), shape=shape)


def _view(
    trace: Trace, seen: tuple[tuple[View, ...], ...], shapes: tuple[Shape, ...]
) -> tuple[View, ...]:
    """The receptive field behind a layer; nothing where it is the whole input or cannot be said."""
    if trace.sees_all or not all(seen) or len({len(shape) for shape in shapes}) > 1:
        return ()
    along = list(zip(*seen, strict=True))
    if any(view.jump != axis[0].jump for axis in along for view in axis[1:]):
        return ()
    merged = [
        View(min(v.low for v in axis), max(v.high for v in axis), axis[0].jump) for axis in along
    ]
    if trace.reach is None:
        return tuple(merged)
    if any(reach.step < 1 for reach in trace.reach):  # neighbours see different numbers of inputs
        return ()
    return tuple(
        View(
            view.low - reach.before * view.jump,
            view.high + (reach.extent - 1 - reach.before) * view.jump,
            view.jump * reach.step,
        )
        for view, reach in zip(merged, trace.reach, strict=True)
    )


def _check_shared(done: Traced, found: Mapping[str, Traced]) -> None:
    """Shared parameters are as many here as there.

    Raises:
        NodeError: another number of them, or a layer that stands further on.
    """
    node = done.node
    if not node.shares:
        return
    if node.shares not in found:
        raise NodeError(
            node.path, f"there is no layer '{node.shares}' before it{nearest(node.shares, found)}"
        )
    here, there = (value(count_of(t.trace)) for t in (done, found[node.shares]))
    if here != there:
        raise NodeError(node.path, f"shares {there} parameters of '{node.shares}'; it needs {here}")


def outputs(architecture: Architecture) -> Iterator[str]:
    """The nodes that no other node takes as input."""
    used = {source for node in architecture.nodes for source in node.sources}
    return (node.name for node in architecture.nodes if node.name not in used)

"""What an ONNX graph computes with: constants, and tensors that flow from the inputs on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, TypeAlias

from pydantic import ValidationError

from derivations.models.architecture import Node, NodeError, trace_of
from derivations.models.layer_fields import LARGEST
from derivations.models.layers import layers
from derivations.models.traces import LayerError, Shape
from derivations.reading.networks.onnx import OnnxGraph, OnnxNode

Entry: TypeAlias = dict[str, Any]
PLACE = ("given", "model")


@dataclass(frozen=True, slots=True)
class Const:
    """A constant: its sizes, its values where they are few, and the weight that it is."""

    dims: Shape
    values: tuple[int | float, ...] = ()
    weight: str = ""
    whole: bool = False

    @property
    def known(self) -> bool:
        """Whether its values are here."""
        return len(self.values) == prod(self.dims)

    def numbers(self, what: str) -> list[int]:
        """Its values as whole numbers.

        Raises:
            LayerError: they are not known.
        """
        if not self.known or any(type(value) is not int for value in self.values):
            raise LayerError(f"{what} that are not constants of the file")
        return [int(value) for value in self.values]


@dataclass(frozen=True, slots=True)
class Flow:
    """A tensor behind a node. ``shape`` has the batch, at the axis ``batch`` where it stands by itself.

    A change of shape alone makes no node until the shape matters; ``name`` is that of the operation.
    """

    node: str
    shape: Shape
    batch: int | None
    name: str = ""

    @property
    def ours(self) -> Shape:
        """The shape without the batch."""
        sizes = tuple(size for axis, size in enumerate(self.shape) if axis != self.batch)
        return sizes or (1,)


Value: TypeAlias = Const | Flow


@dataclass
class Network:
    """The layers that were made so far, and what every name of the graph stands for."""

    graph: OnnxGraph
    values: dict[str, Value] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    made: dict[str, Shape] = field(default_factory=dict)  # what nodes put out
    expected: dict[str, int] = field(default_factory=dict)  # channels, by weights
    taken: set[str] = field(default_factory=set)
    used: dict[str, str] = field(default_factory=dict)  # weights, and the node that has them
    reshaped: dict[tuple[str, Shape], str] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()  # names that some node takes, or the graph puts out
    current: OnnxNode | None = None
    place: int = 0

    # ------------------------------------------------------------ inputs

    def value(self, place: int) -> Value | None:
        """An input of the operation; None where it has none.

        Raises:
            LayerError: it comes from nowhere.
        """
        assert self.current is not None
        names = self.current.inputs
        if place >= len(names) or not names[place]:
            return None
        if names[place] not in self.values:
            raise LayerError(f"its input '{names[place][:60]}' comes from nowhere")
        return self.values[names[place]]

    def flow(self, place: int = 0) -> Flow:
        """An input that is computed from those of the network.

        Raises:
            LayerError: it is missing or constant.
        """
        found = self.value(place)
        if not isinstance(found, Flow):
            raise LayerError(f"its input {place + 1} is no result of another layer")
        return found

    def const(self, place: int) -> Const | None:
        """A constant input, or none.

        Raises:
            LayerError: it is computed from the inputs of the network.
        """
        found = self.value(place)
        if isinstance(found, Flow):
            raise LayerError(f"its input {place + 1} depends on the inputs of the network")
        return found

    def image(self) -> Flow:
        """The first input, whose batch stands first."""
        flow = self.flow()
        if flow.batch is None and flow.shape and flow.shape[0] == 1:
            flow = replace(flow, batch=0)
        if flow.batch != 0 or len(flow.shape) < 2:
            raise LayerError("its input does not have the batch as its first axis")
        return flow

    # ------------------------------------------------------------ layers

    def source(self, flow: Flow) -> str:
        """The node behind which the tensor has its shape; a change of shape becomes a layer here."""
        ours = flow.ours
        if self.made[flow.node] == ours:
            return flow.node
        key = (flow.node, ours)
        if key not in self.reshaped:
            entry: Entry = {"layer": "reshape", "shape": ours}
            if len(ours) == 1:
                entry = {"layer": "flatten"}
            self.reshaped[key] = self._add(entry, (flow.node,), flow.name or "shape")
        return self.reshaped[key]

    def emit(self, entry: Entry, flows: Iterable[Flow], weight: str = "") -> str:
        """One more layer; its channels are noted, and whether its weights are another's."""
        assert self.current is not None
        sources = tuple(self.source(flow) for flow in flows)
        channels = entry.pop("expects", None)
        shares = self.used.get(weight, "") if weight else ""
        name = self._add(
            entry, sources, self.current.name or f"{self.current.op} {self.place}", shares
        )
        if weight and not shares:
            self.used[weight] = name
        if isinstance(channels, int):
            self.expected[name] = channels
        return name

    def behind(self, name: str, batch: int | None, size: int) -> Flow:
        """What a node puts out, with the batch put in again."""
        made = self.made[name]
        if batch is None:
            return Flow(name, made, None)
        return Flow(name, (*made[:batch], size, *made[batch:]), batch)

    def same(self, name: str, shape: Shape, batch: int | None) -> Flow:
        """What a node puts out, in a shape that is known."""
        return Flow(name, shape, batch)

    def bind(self, *found: Value) -> None:
        """The outputs of the operation."""
        assert self.current is not None
        for name, value in zip(self.current.outputs, found, strict=False):
            if name in self.values:
                raise LayerError(f"its output '{name[:60]}' is the name of another tensor already")
            if name:
                self.values[name] = value

    def _add(self, entry: Entry, sources: tuple[str, ...], name: str, shares: str = "") -> str:
        for value in entry.values():
            sizes = value if isinstance(value, (list, tuple)) else [value]
            if any(isinstance(size, int) and abs(size) > LARGEST for size in sizes):
                raise LayerError(f"a size of more than {LARGEST} is not read here")
        try:
            fields = layers()[entry["layer"]].Fields.model_validate(entry)
        except ValidationError as error:
            raise LayerError(f"settings that no layer has: {error.errors()[0]['msg']}") from None
        node = Node(free(name, self.taken), fields, sources, "", shares, PLACE)
        incoming = tuple(self.made[source] for source in sources)
        try:
            self.made[node.name] = trace_of(node, incoming, True).output
        except NodeError as error:
            raise LayerError(str(error)) from None
        self.nodes.append(node)
        return node.name


def free(name: str, taken: set[str]) -> str:
    """A name that no other node has."""
    numbered = (f"{name} ({k})" for k in range(2, len(taken) + 3))
    found = name if name not in taken else next(n for n in numbered if n not in taken)
    taken.add(found)
    return found

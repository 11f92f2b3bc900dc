"""A Keras configuration as layers: sequential and functional models, one inside the other, Keras 2 and 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import ValidationError

from derivations.kinds.base.architectures.keras_calls import Call, History, calls_of, histories
from derivations.kinds.base.architectures.keras_wrappers import Entry, entries_of
from derivations.kinds.base.architectures.open_sizes import NOTHING, Stated
from derivations.models.architecture import Architecture, Node, NodeError, trace_of
from derivations.models.layers import layers
from derivations.models.traces import LayerError, Shape

MOST_LAYERS = 20_000
DEEPEST = 20  # models inside each other
LARGEST = 2**24  # of a number of units, rows or places
SHAPES = ("batch_shape", "batch_input_shape", "input_shape")
MODELS = frozenset({"Sequential", "Functional", "Model"})
Outputs: TypeAlias = tuple[str, ...]


def architecture_of_keras(model: dict[str, Any], stated: Stated = NOTHING) -> Architecture:
    """The layers of the model, without the batch; what is used again shares its parameters.

    Raises:
        LayerError: a layer or setting that is not read here, with its name.
    """
    builder = Builder(stated)
    builder.model(model["config"], Scope())
    stated.check(builder.inputs)
    if not builder.inputs or not builder.nodes:
        raise LayerError("a model whose input has no known shape, or without layers")
    return Architecture(tuple(builder.inputs.items()), tuple(builder.nodes))


@dataclass(frozen=True)
class Scope:
    """A use of a model: what its names begin with, and those of its first use, which has the weights.

    ``sources`` are what it is applied to; None for the whole model, which has inputs of its own.
    """

    own: str = ""
    owner: str = ""
    sources: tuple[str, ...] | None = None
    depth: int = 0
    found: dict[tuple[str, int], Outputs] = field(default_factory=dict)  # by layer and call


class Builder:
    """Collects inputs and nodes."""

    def __init__(self, stated: Stated) -> None:
        self.stated = stated
        self.inputs: dict[str, Shape] = {}
        self.nodes: list[Node] = []
        self.made: dict[str, Shape] = {}
        self.uses = 0  # of layers and models

    def model(self, config: Any, scope: Scope) -> Outputs:
        """All layers of a model, and the nodes behind which its outputs are."""
        rows = config if isinstance(config, list) else config.get("layers")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise LayerError("a model without a list of layers")
        if scope.depth > DEEPEST:
            raise LayerError(f"more than {DEEPEST} models inside each other")
        last: Outputs = scope.sources or ()
        given = list(scope.sources or ())
        for place, row in enumerate(rows):
            settings = row.get("config")
            settings = settings if isinstance(settings, dict) else {}
            name = str(settings.get("name") or row.get("name") or f"layer {place + 1}")[:60]
            try:
                last = self._layer(row, settings, name, scope, last, given)
            except LayerError as error:
                raise LayerError(f"layer {place} '{name}': {error}") from None
        ends = histories(config.get("output_layers") if isinstance(config, dict) else None)
        return tuple(self._at(end, scope) for end in ends) or last

    # ------------------------------------------------------------ layers

    def _layer(
        self,
        row: dict[str, Any],
        settings: dict[str, Any],
        name: str,
        scope: Scope,
        last: Outputs,
        given: list[str],
    ) -> Outputs:
        """One layer, as often as it is called."""
        class_name = str(row.get("class_name", ""))
        nested = class_name in MODELS or isinstance(settings.get("layers"), list)
        if class_name == "InputLayer":
            scope.found[name, 0] = (self._input(settings, name, scope, given),)
            return scope.found[name, 0]
        if not last:
            first = self.stated.of("input", _shape_of(settings, nested))
            self.inputs["input"] = self.made["input"] = first
            last = ("input",)
        calls = calls_of(row.get("inbound_nodes")) or [Call(())]
        for number, call in enumerate(calls):
            self.uses += 1
            if self.uses > MOST_LAYERS:
                raise LayerError(f"more than {MOST_LAYERS} uses of layers and models")
            sources = tuple(self._at(one, scope) for one in call.sources) or last
            again = f" (use {number + 1})" if number else ""
            inner = Scope(
                f"{scope.own}{name}{again}", f"{scope.owner}{name}", sources, scope.depth + 1
            )
            if nested:
                inside = Scope(f"{inner.own}/", f"{inner.owner}/", sources, inner.depth)
                scope.found[name, number] = self.model(settings, inside)
            else:
                scope.found[name, number] = (self._nodes(class_name, settings, inner, call),)
        return scope.found[name, len(calls) - 1]

    def _input(self, settings: dict[str, Any], name: str, scope: Scope, given: list[str]) -> str:
        """An input of the whole model; that of a model inside it is what the model is applied to."""
        if scope.sources is not None:
            if not given:
                raise LayerError("the model is applied to fewer tensors than it has inputs")
            return given.pop(0)
        shape = self.stated.of(name, _shape_of(settings, False))
        self.inputs[name] = self.made[name] = shape
        return name

    def _nodes(self, class_name: str, settings: dict[str, Any], use: Scope, call: Call) -> str:
        """The nodes of one use, which may hold an activation as well."""
        sources = call.kept(class_name, use.sources or ())
        shapes = [self.made[source] for source in sources]
        for number, entry in enumerate(entries_of(class_name, settings, shapes)):
            behind = f" ({entry['layer']})" if number else ""
            owner = f"{use.owner}{behind}"
            label = use.own if not number else ""
            sources = (self._add(entry, f"{use.own}{behind}", owner, sources, label),)
        return sources[0]

    def _add(self, entry: Entry, name: str, owner: str, sources: Sequence[str], label: str) -> str:
        if large := [value for value in _numbers(entry) if abs(value) > LARGEST]:
            raise LayerError(f"a setting is {str(large[0])[:20]}; at most {LARGEST} is read here")
        if name in self.made:
            raise LayerError(f"two layers are called '{name[:60]}'")
        try:
            fields = layers()[entry["layer"]].Fields.model_validate(
                {k: v for k, v in entry.items() if v is not None}
            )
        except ValidationError as error:
            first = error.errors()[0]
            raise LayerError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        shares = owner if owner != name else ""
        node = Node(name, fields, tuple(sources), label, shares, ("given", "model"))
        try:
            incoming = tuple(self.made[source] for source in sources)
            self.made[name] = trace_of(node, incoming, False).output
        except NodeError as error:
            raise LayerError(str(error)) from None
        self.nodes.append(node)
        return name

    def _at(self, end: History, scope: Scope) -> str:
        """The node behind which a tensor is.

        Raises:
            LayerError: a layer that does not stand before it, or another output than the first.
        """
        found = scope.found.get((end.layer, end.call))
        if found is None:
            raise LayerError(f"there is no layer '{end.layer[:60]}' before it")
        if end.output >= len(found):
            raise LayerError(f"output {end.output + 1} of '{end.layer[:60]}' is not read here")
        return found[end.output]


def _numbers(part: Any) -> Iterator[int]:
    """All whole numbers of an entry."""
    if isinstance(part, int):
        yield part
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for one in inner:
        yield from _numbers(one)


def _shape_of(settings: dict[str, Any], nested: bool) -> Shape:
    """The input that a layer states, with 0 for an open size; of a model, that of its first layer."""
    inner: Any = settings
    for _ in range(DEEPEST if nested else 0):
        rows = inner.get("layers")
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            break
        inner = rows[0].get("config") if isinstance(rows[0].get("config"), dict) else {}
    shape = next((inner[key] for key in SHAPES if isinstance(inner.get(key), list)), None)
    if shape is None:
        return ()
    sizes = shape[1:]
    if not sizes or not all(s is None or (type(s) is int and 0 < s <= LARGEST) for s in sizes):
        raise LayerError(f"the shape of the input is {shape}; expected positive whole numbers")
    return tuple(s or 0 for s in sizes)

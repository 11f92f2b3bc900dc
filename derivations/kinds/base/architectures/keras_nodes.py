"""A Keras configuration as layers: sequential models and functional ones, of Keras 2 and 3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from derivations.kinds.base.architectures.frameworks import layers_of_config
from derivations.models.architecture import Architecture, Node
from derivations.models.layers import layers
from derivations.models.traces import LayerError, Shape

MOST_LAYERS = 20_000
SHAPES = ("batch_shape", "batch_input_shape", "input_shape")
WRAPPER = "Bidirectional"


def architecture_of_keras(model: dict[str, Any]) -> Architecture:
    """The layers of the model, without the batch.

    Raises:
        LayerError: a layer or setting that is not read here, with its name.
    """
    config = model["config"]
    rows = config if isinstance(config, list) else config.get("layers")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LayerError("a model without a list of layers")
    if len(rows) > MOST_LAYERS:
        raise LayerError(f"more than {MOST_LAYERS} layers")
    inputs: dict[str, Shape] = {}
    nodes: list[Node] = []
    last: dict[str, str] = {}
    for place, row in enumerate(rows):
        settings = row.get("config")
        settings = settings if isinstance(settings, dict) else {}
        name = str(settings.get("name") or row.get("name") or f"layer {place + 1}")[:60]
        try:
            _layer(row, settings, name, inputs, nodes, last)
        except LayerError as error:
            raise LayerError(f"layer {place} '{name}': {error}") from None
    if not inputs or not nodes:
        raise LayerError("a model whose input has no known shape, or without layers")
    return Architecture(tuple(inputs.items()), tuple(nodes))


def _layer(
    row: dict[str, Any],
    settings: dict[str, Any],
    name: str,
    inputs: dict[str, Shape],
    nodes: list[Node],
    last: dict[str, str],
) -> None:
    """The nodes of one layer, which may hold an activation as well."""
    shape = next((settings[key] for key in SHAPES if isinstance(settings.get(key), list)), None)
    class_name = str(row.get("class_name", ""))
    if class_name == "InputLayer" or (not nodes and not inputs):
        if shape is None:
            raise LayerError("the shape of the input is not in the file")
        key = name if class_name == "InputLayer" else "input"
        inputs[key] = _shape(shape)
        last[key] = last["."] = key
        if class_name == "InputLayer":
            return
    calls = list(_calls(row.get("inbound_nodes")))
    if not calls:
        calls = [[last["."]]]
    if len(calls) > 1:
        raise LayerError(
            "it is used more than once; write the network as a problem file with 'shares'"
        )
    sources = tuple(last.get(source, source) for source in calls[0])
    for number, entry in enumerate(_entries(class_name, settings)):
        try:
            fields = layers()[entry["layer"]].Fields.model_validate(
                {k: v for k, v in entry.items() if v is not None}
            )
        except ValidationError as error:
            first = error.errors()[0]
            raise LayerError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        own = name if not number else f"{name} ({fields.layer})"
        nodes.append(Node(own, fields, sources, name if not number else "", "", ("given", "model")))
        sources = (own,)
    last[name] = last["."] = sources[0]


def _entries(class_name: str, settings: dict[str, Any]) -> list[dict[str, Any]]:
    if settings.get("data_format") == "channels_first":
        raise LayerError("channels_first is not read from Keras files")
    if class_name == WRAPPER:
        inner = settings.get("layer")
        if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
            raise LayerError("a wrapper without a layer")
        if settings.get("merge_mode", "concat") != "concat":
            raise LayerError(f"merge_mode {settings['merge_mode']} is not read here")
        found = layers_of_config(str(inner.get("class_name")), inner["config"])
        return [{**entry, "bidirectional": True} for entry in found]
    found = layers_of_config(class_name, settings)
    if class_name == "Concatenate" and found[0].get("axis") not in (-1, 1, 2, 3):
        raise LayerError(f"axis {found[0].get('axis')}")
    return [{**entry, "axis": -1} if entry["layer"] == "concat" else entry for entry in found]


def _shape(shape: list[Any]) -> Shape:
    sizes = shape[1:]
    if not sizes or not all(isinstance(s, int) and 0 < s < 2**31 for s in sizes):
        raise LayerError(f"the shape of the input is {shape}; its sizes have to be known")
    return tuple(sizes)


def _calls(inbound: Any) -> Iterator[list[str]]:
    """For every call of the layer the names of the layers that it takes as inputs."""
    for call in inbound if isinstance(inbound, list) else []:
        names = list(_names(call, 0))
        if names:
            yield names


def _names(part: Any, depth: int) -> Iterator[str]:
    """Histories of tensors: ``["name", 0, 0, ...]``, or a mapping with ``keras_history``."""
    if depth > 6:
        raise LayerError("its inputs are nested too deep")
    if isinstance(part, dict):
        history = (
            part.get("config", {}).get("keras_history")
            if isinstance(part.get("config"), dict)
            else None
        )
        if isinstance(history, list) and history:
            yield str(history[0])
            return
        for inner in part.get("args", []) if isinstance(part.get("args"), list) else []:
            yield from _names(inner, depth + 1)
    elif isinstance(part, list):
        if len(part) >= 3 and isinstance(part[0], str) and isinstance(part[1], int):
            yield part[0]
            return
        for inner in part:
            yield from _names(inner, depth + 1)

"""Calls of layers in a Keras file: which tensors a layer takes, each time that it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from derivations.models.traces import LayerError

DEEPEST = 6  # lists in lists
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "Bidirectional"})
STATE = "initial_state"  # of a recurrent layer; neither sizes nor parameters depend on it


@dataclass(frozen=True, slots=True)
class History:
    """A tensor: the layer that makes it, in which of its calls, and which of its outputs it is."""

    layer: str
    call: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """The tensors of one use of a layer, and those that have a name in the call."""

    sources: tuple[History, ...]
    named: tuple[str, ...] = ()

    def kept(self, class_name: str, sources: tuple[str, ...]) -> tuple[str, ...]:
        """The inputs of the layer: without states, and key and value of an attention once.

        Raises:
            LayerError: a tensor with a name that is not read here.
        """
        if class_name in RECURRENT:
            return sources[:1]
        if class_name == "MultiHeadAttention":
            if len(sources) == 3 and sources[1] != sources[2]:
                raise LayerError("keys and values from different layers are not read here")
            return sources[:2]
        if self.named:
            raise LayerError(f"a tensor is given as '{self.named[0][:60]}', which is not read here")
        return sources


def calls_of(inbound: Any) -> list[Call]:
    """Every use of a layer, in order."""
    found = []
    for one in inbound if isinstance(inbound, list) else []:
        named = one.get("kwargs") if isinstance(one, dict) else _last_words(one)
        named = named if isinstance(named, dict) else {}
        others = {key: histories(value) for key, value in named.items() if key != STATE}
        others = {key: value for key, value in others.items() if value}
        sources = [*histories(one)]
        for key in ("value", "key"):
            sources += others.pop(key, [])
        if sources:
            found.append(Call(tuple(sources), tuple(others)))
    return found


def _last_words(call: Any) -> Any:
    """Keras 2: the mapping behind the first tensor of a call."""
    first = call[0] if isinstance(call, list) and call else None
    return first[3] if isinstance(first, list) and len(first) > 3 else None


def histories(part: Any) -> list[History]:
    """Histories of tensors: ``["name", 0, 0, ...]``, or a mapping with ``keras_history``."""
    return list(_histories(part, 0))


def _histories(part: Any, depth: int) -> Iterator[History]:
    if depth > DEEPEST:
        raise LayerError("its inputs are nested too deep")
    if isinstance(part, dict):
        config = part.get("config")
        history = config.get("keras_history") if isinstance(config, dict) else None
        if isinstance(history, list) and history:
            yield _history(history)
            return
        inner = part.get("args")
        for one in inner if isinstance(inner, list) else []:
            yield from _histories(one, depth + 1)
    elif isinstance(part, list):
        if len(part) >= 3 and isinstance(part[0], str) and isinstance(part[1], int):
            yield _history(part)
            return
        for one in part:
            yield from _histories(one, depth + 1)


def _history(part: list[Any]) -> History:
    numbers = [one if type(one) is int and one >= 0 else 0 for one in part[1:3]]
    return History(str(part[0])[:60], *numbers)

"""The answers of an architecture by the second road, under the names by which they are reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivations.models.architecture import Architecture, Traced
from derivations.models.conventions import CONVENTIONS, certain
from derivations.truth.architectures import Place, counts, receptive_field
from derivations.truth.counting import entries
from derivations.truth.tools import tool_count

IN_PLACE = frozenset({"activation", "dropout", "flatten", "reshape"})  # need no room of their own


def places(nodes: Sequence[Traced]) -> list[Place]:
    """The nodes as plain settings."""
    return [
        Place(
            one.node.name, one.node.kind, one.node.fields.model_dump(), one.node.sources,
            bool(one.node.shares),
        )
        for one in nodes
    ]  # fmt: skip


def second_answers(
    ask: Any, architecture: Architecture, nodes: Sequence[Traced], size: int
) -> dict[str, Any]:
    """Shapes, parameters, and what was asked for."""
    first, inputs = architecture.channels_first, dict(architecture.inputs)
    own = places(nodes)
    found = counts(inputs, own, first)
    answers: dict[str, Any] = {}
    for name, one in found.items():
        answers[f"{name}: output"] = list(one.output)
        answers[f"{name}: parameters"] = one.learned
        if ask.macs:
            answers[f"{name}: MACs"] = one.macs
    answers["parameters"] = sum(one.learned for one in found.values())
    answers["not learned"] = sum(one.frozen for one in found.values())
    if ask.macs:
        answers["MACs"] = sum(one.macs for one in found.values())
    for tool in ask.conventions:
        if certain(CONVENTIONS[tool], nodes):
            answers[tool] = tool_count(tool, inputs, own, found, first)
    if ask.memory:
        kept = [found[p.name].output for p in own if p.kind not in IN_PLACE]
        numbers = sum(entries(*shape) for shape in (*inputs.values(), *kept))
        answers |= {"numbers": numbers, "bytes": numbers * size}
    if ask.receptive_field:
        for node in nodes:
            for axis in range(len(node.view) if node.trace.reach is not None else 0):
                name = node.node.name
                answers[f"{name}: receptive field, axis {axis + 1}"] = receptive_field(
                    name, inputs, own, found, axis, first
                )
    return answers

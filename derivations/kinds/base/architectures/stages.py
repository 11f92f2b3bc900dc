"""The picture of an architecture: its stages as volumes, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.kinds.base.architectures.folding import Line
from derivations.kinds.base.figures.volumes import volumes_figure
from derivations.models.architecture import Architecture
from derivations.models.traces import Shape
from derivations.steps.figures import Figure

MOST = 12  # stages that a picture can show
TURNS = frozenset({"permute", "matmul"})  # what attention consists of where it is written out
INSIDE = TURNS | {"reshape", "slice", "expand"}  # not shown then: no map has these shapes


def stage_figure(architecture: Architecture, lines: Sequence[Line]) -> Figure:
    """One volume a stage: lines of about one height, with their number and most channels."""
    first = architecture.channels_first
    if any(line.nodes[0].node.kind in TURNS for line in lines):
        lines = [line for line in lines if line.nodes[0].node.kind not in INSIDE]
    stages: list[tuple[str, Shape]] = [("", _turned(architecture.inputs[0][1], first))]
    if len(lines) + 1 <= MOST:
        for line in lines:
            stages.append((_words(line), _turned(line.output, first)))
        return volumes_figure(stages)
    count, widest = 0, stages[0][1]
    for place, line in enumerate(lines):
        shape = _turned(line.output, first)
        fuller = len(shape) < 2 or shape[-1] >= widest[-1] or not _alike(shape, widest)
        widest = shape if fuller else widest
        count += _weighted(line)
        after = _turned(lines[place + 1].output, first) if place + 1 < len(lines) else None
        if after is None or not _alike(after, shape):
            stages.append((_stage(count), widest))
            count, widest = 0, after or shape
    return volumes_figure(stages)


def _weighted(line: Line) -> int:
    """Layers with weights, apart from norms."""
    return sum(
        one.learned is not None and not one.node.kind.endswith("_norm") for one in line.nodes
    )


def _stage(count: int) -> str:
    return "" if not count else "1 layer" if count == 1 else f"{count} layers"


def _alike(shape: Shape, other: Shape) -> bool:
    """Whether two maps belong to one stage: nearly the same height, or both without one."""
    if len(shape) < 2 or len(other) < 2:
        return len(shape) == len(other)
    return 4 * min(shape[0], other[0]) > 3 * max(shape[0], other[0])


def _turned(shape: Shape, first: bool) -> Shape:
    """Height, width and channels in this order, as the picture has them; a sequence as its width."""
    turned = (*shape[1:], shape[0]) if first and len(shape) > 2 else shape
    if len(turned) == 2:
        return (turned[0], 1, turned[1])
    return turned if len(turned) != 4 else (turned[0], turned[1] * turned[2], turned[3])


def _words(line: Line) -> str:
    """The layer's name or its first words, in lines that a picture has room for."""
    first = line.nodes[0]
    parts = (first.node.label or line.words).split(", ")
    return "\n".join(parts[:3])

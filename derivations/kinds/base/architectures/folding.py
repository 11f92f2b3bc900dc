"""Lines of a table: a layer with what only follows it, and blocks that repeat folded into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from derivations.formula.tree import Apply, Formula, sum_of
from derivations.models.architecture import Traced, value
from derivations.models.layers import layers
from derivations.models.traces import Shape

FOLLOWS = frozenset(
    {"activation", "dropout", "add", "multiply", "elementwise", "array"}
)  # stand in the line before
NORMS = frozenset({"batch_norm", "layer_norm", "rms_norm", "group_norm", "instance_norm"})
SHORT = {"batch norm": "BN", "layer norm": "LN", "RMS norm": "RMS", "instance norm": "IN"}
LONG = 30  # lines; a longer table is folded
LONGEST = 60  # lines of a block


@dataclass(frozen=True, slots=True)
class Line:
    """A layer and the layers that follow in the same line."""

    nodes: tuple[Traced, ...]

    @property
    def words(self) -> str:
        """``3 × 3 conv, 64, BN, ReLU``, with the author's name in front."""
        first = self.nodes[0]
        said = [words_of(one) for one in self.nodes]
        said[1:] = [SHORT.get(word, word) for word in said[1:]]
        label = first.node.label
        return (f"{label}: " if label and label != said[0] else "") + ", ".join(said)

    @property
    def output(self) -> Shape:
        """The shape that comes out of the last layer."""
        return self.nodes[-1].trace.output

    @property
    def learned(self) -> Formula | None:
        """All parameters of the line in one formula."""
        return _sum([one.learned for one in self.nodes])

    @property
    def frozen(self) -> Formula | None:
        """All parameters that are not learned."""
        return _sum([one.frozen for one in self.nodes])

    @property
    def macs(self) -> Formula | None:
        """All multiply-accumulates."""
        return _sum([one.macs for one in self.nodes])

    @property
    def likeness(self) -> tuple[Any, ...]:
        """What lines have in common that are folded: layers, settings, height and width."""
        settings = tuple(
            (
                one.node.kind,
                str(one.node.fields.model_copy(update={"name": ""})),
                bool(one.node.shares),
            )
            for one in self.nodes
        )
        return (*settings, tuple(sorted(self.output)[:-1]) if len(self.output) > 2 else ())


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that repeat: for each time all lines of the block. Once and one line is a plain line."""

    times: tuple[tuple[Line, ...], ...]


def words_of(one: Traced) -> str:
    """A layer in its own words."""
    module = layers()[one.node.kind]
    return str(module.words(one.node.fields, *one.shapes))


def _sum(parts: Sequence[Formula | None]) -> Formula | None:
    terms: list[Formula] = []
    for part in parts:
        if part is not None:
            spliced = isinstance(part, Apply) and part.head == "sum"
            terms += part.args if spliced and isinstance(part, Apply) else (part,)
    return sum_of(*terms) if terms else None


def lines(nodes: Sequence[Traced], merged: bool = True) -> list[Line]:
    """The layers in lines; ``merged``: norms, activations and sums stand behind their layer."""
    found: list[list[Traced]] = []
    for one in nodes:
        last = found[-1][-1].node.name if found else ""
        follows = one.node.kind in FOLLOWS or (one.node.kind in NORMS and not one.node.label)
        if merged and found and follows and last in one.node.sources and len(found[-1]) < 6:
            found[-1].append(one)
        else:
            found.append([one])
    return [Line(tuple(group)) for group in found]


def folded(all_lines: Sequence[Line], fold: bool) -> list[Fold]:
    """Blocks that stand directly behind each other, as few lines as can be."""
    ends = ["", *(line.nodes[-1].node.name for line in all_lines)]
    likeness = [  # a shortcut does not go on from the line before it
        (*line.likeness, end in line.nodes[0].node.sources)
        for line, end in zip(all_lines, ends, strict=False)
    ]
    found: list[Fold] = []
    at = 0
    while at < len(all_lines):
        period, count = _repeats(all_lines, likeness, at) if fold else (1, 1)
        found.append(
            Fold(tuple(
                tuple(all_lines[at + k * period : at + (k + 1) * period]) for k in range(count)
            ))
        )  # fmt: skip
        at += period * count
    return found


def _repeats(all_lines: Sequence[Line], likeness: Sequence[Any], at: int) -> tuple[int, int]:
    """The block that begins here: how many lines, and how often; (1, 1) where nothing repeats."""
    best = (1, 1)
    left = len(all_lines) - at
    for period in range(1, min(LONGEST, left // 2) + 1):
        if likeness[at] != likeness[at + period]:
            continue
        count = 1
        while (
            at + (count + 1) * period <= len(all_lines)
            and likeness[at : at + period]
            == likeness[at + count * period : at + (count + 1) * period]
        ):
            count += 1
        if count > 1 and period * (count - 1) > best[0] * (best[1] - 1):
            times = [all_lines[at + k * period : at + (k + 1) * period] for k in range(count)]
            if all(_steady([time[place] for time in times]) for place in range(period)):
                best = (period, count)
    return best


def _steady(same_place: Sequence[Line]) -> bool:
    """Whether counts are the same each time, or grow by the same amount."""
    return all(
        len({b - a for a, b in pairwise(counts)}) <= 1
        for counts in (
            [value(line.learned) for line in same_place],
            [value(line.macs) for line in same_place],
            [value(line.frozen) for line in same_place],
        )
    )

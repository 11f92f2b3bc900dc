"""Stored tensors by module: the dotted name without its last part; numbered modules folded into lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import prod
from typing import Any, TypeAlias

from derivations.formula.tree import Formula, number, product, sum_of, times
from derivations.models.traces import LayerError
from derivations.reading.networks.safetensors import StoredTensor

MOST_LINES = 200  # of a table; modules are joined until there are no more
MOST_TERMS = 6  # of the formula of a line
MOST_NAMES = 4  # of tensors that a line lists
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")  # PyTorch's names of them
TOP = "no module"

Parts: TypeAlias = tuple[str, ...]
Indices: TypeAlias = tuple[tuple[int, ...], ...]  # for every number in a name, which ones
Held: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]  # names and shapes


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """Modules that hold the same tensors: a pattern of their names, and what each of them holds."""

    pattern: tuple[str | tuple[int, ...], ...]
    held: Held

    @property
    def count(self) -> int:
        """How many modules."""
        return prod(len(part) for part in self.pattern if not isinstance(part, str))

    @property
    def label(self) -> str:
        """``layer1.0–2.conv1``."""
        words = (part if isinstance(part, str) else runs(part) for part in self.pattern)
        return ".".join(words) or TOP

    @property
    def words(self) -> str:
        """The names of the tensors, or how many there are."""
        names = [name for name, _ in self.held]
        return ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} tensors"

    @property
    def formula(self) -> Formula:
        """``512 × 64 + 512``, the numbers of one module."""
        shapes = Counter(shape for _, shape in self.held)
        terms = [_entries(shape) for _, shape in self.held]
        if len(terms) > MOST_TERMS:
            terms = [times(number(n), _entries(shape)) if n > 1 else _entries(shape)
                     for shape, n in shapes.items()]  # fmt: skip
        if len(terms) > MOST_TERMS:
            return number(sum(n * prod(shape) for shape, n in shapes.items()))
        return sum_of(*terms)


def module_lines(tensors: Iterable[StoredTensor], fold: bool) -> list[ModuleLine]:
    """Lines of the table, in the order of the names; statistics are left out.

    Raises:
        LayerError: more lines than anybody reads, however modules are joined.
    """
    learned = [tensor for tensor in tensors if not is_statistic(tensor)]
    split = [(tuple(tensor.name.split(".")), tensor) for tensor in learned]
    deepest = max((len(parts) for parts, _ in split), default=1) - 1
    if not fold:
        found = [ModuleLine(parts, held) for parts, held in _units(split, deepest)]
        if len(found) <= MOST_LINES:
            return _told_apart(found)
    for depth in range(deepest, -1, -1):
        found = _folded(_units(split, depth))
        if len(found) <= MOST_LINES:
            return _told_apart(found)
    raise LayerError(f"the tensors of a module are of more than {MOST_LINES} kinds")


def _told_apart(found: list[ModuleLine]) -> list[ModuleLine]:
    labels = Counter(line.label for line in found)
    if len(labels) < len(found):
        raise LayerError(f"two modules would both be called '{labels.most_common(1)[0][0][:60]}'")
    return found


def is_statistic(tensor: StoredTensor) -> bool:
    """Whether it has a name that PyTorch gives to what batch normalisation keeps."""
    return tensor.name.rsplit(".", 1)[-1] in STATISTICS


def _units(split: Sequence[tuple[Parts, StoredTensor]], depth: int) -> list[tuple[Parts, Held]]:
    """Modules whose names have at most so many parts, with all tensors in them."""
    units: dict[Parts, list[tuple[str, tuple[int, ...]]]] = {}
    for parts, tensor in split:
        place = min(depth, len(parts) - 1)
        units.setdefault(parts[:place], []).append((".".join(parts[place:]), tensor.shape))
    return [
        (parts, tuple(sorted(units[parts], key=lambda held: _tensor_order(held[0]))))
        for parts in sorted(units, key=natural)
    ]


def _folded(units: Sequence[tuple[Parts, Held]]) -> list[ModuleLine]:
    """Modules whose names differ in numbers only, and that hold the same, as one line."""
    groups: dict[tuple[Parts, Held], list[tuple[int, ...]]] = {}
    for parts, held in units:
        outline = tuple("#" if _is_number(part) else f"={part}" for part in parts)
        indices = tuple(int(part) for part in parts if _is_number(part))
        groups.setdefault((outline, held), []).append(indices)
    found = []
    for (outline, held), where in groups.items():
        for choices in _products(sorted(where)):
            left = iter(choices)
            pattern = tuple(_part(next(left)) if p == "#" else p[1:] for p in outline)
            found.append(ModuleLine(pattern, held))
    return sorted(found, key=lambda line: natural(tuple(_first(part) for part in line.pattern)))


def _products(where: Sequence[tuple[int, ...]]) -> list[Indices]:
    """Sets of numbers for every place, whose combinations are exactly ``where``, without repeats."""
    if not where or not where[0]:
        return [()]
    by_rest: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for first, group in groupby(where, key=lambda indices: indices[0]):
        rest = tuple(indices[1:] for indices in group)
        by_rest.setdefault(rest, []).append(first)
    return [
        (tuple(firsts), *inner) for rest, firsts in by_rest.items() for inner in _products(rest)
    ]


def _part(numbers: tuple[int, ...]) -> str | tuple[int, ...]:
    return str(numbers[0]) if len(numbers) == 1 else numbers


def _first(part: str | tuple[int, ...]) -> str:
    return part if isinstance(part, str) else str(part[0])


def runs(numbers: Sequence[int]) -> str:
    """``0–5, 7`` of numbers in order; ``1, 3, …, 11`` where they grow by the same amount."""
    steps = {b - a for a, b in pairwise(numbers)}
    if len(steps) == 1 and len(numbers) > 3 and steps != {1}:
        return f"{numbers[0]}, {numbers[1]}, …, {numbers[-1]}"
    found: list[list[int]] = []
    for one in numbers:
        if found and one == found[-1][-1] + 1:
            found[-1].append(one)
        else:
            found.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)


def _is_number(part: str) -> bool:
    """Whether it is written as numbers are, without zeros in front."""
    return re.fullmatch(r"0|[1-9][0-9]{0,8}", part) is not None


def natural(parts: Parts) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """A key that sorts layer2 before layer10."""
    return tuple(
        tuple((0, int(piece[:9]), piece) if piece.isdecimal() and piece.isascii() else (1, 0, piece)
              for piece in re.findall(r"[0-9]+|[^0-9]+", part))
        for part in parts
    )  # fmt: skip


def _tensor_order(name: str) -> tuple[Any, ...]:
    """Weights before biases, as courses write them."""
    *module, last = name.split(".")
    return natural(tuple(module)), "bias" in last, natural((last,))


def _entries(shape: Sequence[int]) -> Formula:
    """``64 × 3 × 7 × 7``; a tensor without sizes is one number."""
    return product(*(number(size) for size in shape)) if shape else number(1)

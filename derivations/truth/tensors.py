"""The second road for stored tensors: entries from where their bytes stand, not from their shapes.

A line of a table stands for modules by a pattern of their names, such as ``layer``, 0 to 2, ``conv``.
The pattern is written out here, and every tensor has to belong to exactly one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

Pattern: TypeAlias = Sequence[str | Sequence[int]]  # parts of a name; numbers where several stand


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor as plain facts."""

    name: str
    dtype: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Entries by line, of all statistics, and bytes by type."""

    lines: dict[str, int]
    statistics: int
    bytes: dict[str, int]


def count_tensors(
    tensors: Sequence[Stored], lines: Mapping[str, Pattern], statistics: Sequence[str]
) -> Totals:
    """What every line of the table holds, apart from tensors with a name of ``statistics``.

    Raises:
        ValueError: a tensor without a line, or two lines for the same modules.
    """
    owners: dict[str, str] = {}
    for label, pattern in lines.items():
        for name in _modules(pattern):
            if name in owners:
                raise ValueError(f"{label} and {owners[name]} stand for the same module")
            owners[name] = label
    totals = Totals(dict.fromkeys(lines, 0), 0, {})
    kept = 0
    for tensor in tensors:
        taken = tensor.end - tensor.begin
        totals.bytes[tensor.dtype] = totals.bytes.get(tensor.dtype, 0) + taken
        held = taken * 8 // _width(tensor.dtype)
        if tensor.name.rsplit(".", 1)[-1] in statistics:
            kept += held
            continue
        totals.lines[_owner(tensor.name, owners)] += held
    return Totals(totals.lines, kept, totals.bytes)


def _width(dtype: str) -> int:
    """Bits of a number, which the name of its type says; a truth value takes a byte."""
    digits = re.search(r"\d+", dtype)
    return int(digits[0]) if digits else 8


def _modules(pattern: Pattern) -> list[str]:
    """All names that a pattern stands for."""
    choices = [[part] if isinstance(part, str) else [str(n) for n in part] for part in pattern]
    return [".".join(parts) for parts in product(*choices)]


def _owner(name: str, owners: Mapping[str, str]) -> str:
    """The line of the longest module that the tensor lies in."""
    module = name
    while "." in module:
        module = module.rpartition(".")[0]
        if module in owners:
            return owners[module]
    if "" in owners:
        return owners[""]
    raise ValueError(f"{name} has no line")

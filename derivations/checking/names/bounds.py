"""How much work a formula is, before any of it is done: sums by their terms, powers by their size."""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from derivations.formula.evaluation import Value
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, children

MOST_WORK = 40_000  # operations on numbers of ordinary size, for one side of a relation
OPEN_SIZE = 3  # of a sum whose bound has no value: it is tried with two or three terms
POWER = 25  # an exponent of this size costs as much as one more operation
MEMBERS = 3  # parts of a sum over the members of a set: index, set, term
SPELLED = frozenset({"column_of", "row_of", "matrix_of"})


def is_too_long(formula: Formula, values: Mapping[str, Value]) -> bool:
    """Whether a formula takes more work than is worth it; it is then not decided."""
    return _work(formula, values, {}) > MOST_WORK


def _work(formula: Formula, values: Mapping[str, Value], ends: Mapping[str, int]) -> int:
    """Operations, with those of every term of a sum; ``ends`` are the last values of indices."""
    if not isinstance(formula, Apply):
        return 1
    if formula.head in RANGES or formula.head in SPELLED:
        return _of_range(formula.args, values, ends)
    work = 1 + sum(_work(child, values, ends) for child in children(formula))
    if formula.head == "power" and len(formula.args) == 2:
        work += _end(formula.args[1], values, ends) // POWER
    return work


def _of_range(
    args: tuple[Formula, ...], values: Mapping[str, Value], ends: Mapping[str, int]
) -> int:
    if len(args) == MEMBERS:
        return OPEN_SIZE * _work(args[-1], values, ends)
    index, low, high, *rest = args
    first, last = _end(low, values, ends), _end(high, values, ends)
    inside = {**ends, index.id: last} if isinstance(index, Name) else ends
    body = _of_range(tuple(rest), values, inside) if len(rest) > 3 else _work(rest[-1], values, inside)  # fmt: skip
    return max(last - first + 1, 1) * body


def _end(formula: Formula, values: Mapping[str, Value], ends: Mapping[str, int]) -> int:
    """About how large a bound or an exponent is; sums and products of numbers are worked out."""
    if isinstance(formula, Number):
        return int(formula.text) if formula.text.isdigit() else OPEN_SIZE
    if isinstance(formula, Name):
        value = values.get(formula.id)
        if isinstance(value, fmpq):
            return min(abs(int(value.p)) // int(value.q) + 1, 10**12)
        return ends.get(formula.id, OPEN_SIZE)
    sizes = [_end(child, values, ends) for child in children(formula)]
    if formula.head == "power" and len(sizes) == 2 and sizes[1] < 10**4:
        return min(int(sizes[0] ** min(sizes[1], 40)), 10**12)
    total = 1
    for size in sizes:
        total *= max(size, 1)
    return min(sum(sizes) if formula.head == "sum" else total, 10**12)

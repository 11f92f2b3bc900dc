"""Which lines of an attempt belong to which answer: by name, else by value, else by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flint import arb, fmpq

from derivations.checking.equality.steps import ROUNDED, WRONG, Step
from derivations.checking.lines.learning import gives_new_value
from derivations.checking.marks.lines import LineOfWork
from derivations.checking.marks.scheme import Item
from derivations.checking.names.quantities import cells, is_plain, quantities, updated
from derivations.formula.evaluation import EvaluationError, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, Number, is_quantity, key, walk
from derivations.truth.judge import BITS

Owners = dict[int, dict[str, int | None]]  # the answers of a line, each with its place in an array
MARKED = 3  # significant digits of a decimal that is recognised by its value
LEAST = 10  # the smallest whole number that is recognised by its value


@dataclass(frozen=True, slots=True)
class Finding:
    """The steps that were written for an answer.

    ``by_value``: no line bears its name; one has its value. ``has_number``: a line ends in a number.
    ``ends``: the last number of the last line that bears its name alone.
    """

    placed: tuple[tuple[int, Step], ...]
    by_value: bool = False
    has_number: bool = False
    ends: Formula | None = None


def items_of_lines(
    lines: Sequence[LineOfWork], items: Sequence[Item], arrays: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Finding]:
    """The findings for the items that were found, by the items' names.

    A line about something else belongs to the next answer of its section, on the way to which it
    stands; behind the last one, to the one before. A line about an array gives all its entries.

    Args:
        lines: of the attempt.
        items: that earn marks.
        arrays: keys of arrays with those of their entries.
    """
    owners = _by_name(lines, items, arrays)
    named = {name for names in owners.values() for name in names}
    for item in items:
        place = None if item.name in named else _by_value(lines, owners, item)
        if place is not None:
            owners[place] = {item.name: None}
    values = {item.name: item.values for item in items}
    found: dict[str, Finding] = {}
    for place, line in enumerate(lines):
        for owner, entry in (owners.get(place) or _near(place, lines, owners, items)).items():
            before = found.get(owner, Finding((), owner not in named))
            number = place in owners and _is_number(line.last)
            placed = line.placed if entry is None else _for_entry(line, entry, values[owner])
            found[owner] = replace(
                before,
                placed=(*before.placed, *placed),
                has_number=before.has_number or number,
                ends=line.last if number and entry is None else before.ends,
            )
    return found


def _near(
    place: int, lines: Sequence[LineOfWork], owners: Owners, items: Sequence[Item]
) -> Mapping[str, int | None]:
    """One answer to which a line about something else belongs: of several the one that rests on it."""
    section, head = lines[place].section, lines[place].head
    after = [p for p in sorted(owners) if p > place and lines[p].section == section]
    before = [p for p in sorted(owners, reverse=True) if p < place]
    if not after and not before:
        return {}
    names = owners[(after or before)[0]]
    about = key(head) if head is not None and is_quantity(head) else ""
    resting = (item.name for item in items if item.name in names and about in item.rests)
    return {next(resting, next(iter(names))): None}


def _for_entry(line: LineOfWork, entry: int, values: Sequence[Value]) -> Iterator[tuple[int, Step]]:
    """The steps of a line about an array, as they count for one entry: it may be right in a wrong one."""
    for place, step in line.placed:
        right = step.link.term.formula if step.link is not None else None
        written = list(cells(right)) if right is not None else []
        if step.verdict == WRONG and entry < len(written) and _agrees(written[entry], values):
            yield place, replace(step, verdict=ROUNDED)
        else:
            yield place, step


def is_far(formula: Formula, values: Sequence[Value]) -> bool:
    """Whether a written number is none of the values, neither rounded nor within a hundredth of it."""
    found = _evaluated(formula)
    numbers = [value for value in values if isinstance(value, (arb, fmpq))]
    if not isinstance(found, fmpq) or not numbers or _agrees(formula, values):
        return False
    return all(bool(abs(arb(v) - arb(found)) > abs(arb(v)) / 100) for v in numbers)


def _agrees(formula: Formula, values: Sequence[Value]) -> bool:
    """Whether a written number is one of the values, as it would be rounded."""
    found = _evaluated(formula)
    numerals = [node.text for node in walk(formula) if isinstance(node, Number)]
    if not isinstance(found, fmpq) or len(numerals) != 1:
        return False
    unit = fmpq(1, 2 * 10 ** len(numerals[0].partition(".")[2]))
    return any(
        bool(abs(arb(v) - arb(found)) <= arb(unit)) for v in values if isinstance(v, (arb, fmpq))
    )


# ---------------------------------------------------------------- by name


def _by_name(
    lines: Sequence[LineOfWork], items: Sequence[Item], arrays: Mapping[str, tuple[str, ...]]
) -> Owners:
    """The answers that each line is about, where its first term names one, or an array of them."""
    names = {item.key: item.name for item in items if item.key}
    owners: Owners = {}
    updates: Counter[str] = Counter()
    for place, line in enumerate(lines):
        for known in _keys(line, updates):
            entries = [
                (names[each], at) for at, each in enumerate(arrays.get(known, ())) if each in names
            ]
            if known in names or entries:
                owners[place] = {names[known]: None} if known in names else dict(entries)
                break
    return owners


def _keys(line: LineOfWork, updates: Counter[str]) -> list[str]:
    """The keys under which the first term of a line may be known, the likeliest first."""
    head = line.head
    if head is None:
        return []
    first = line.placed[0][1]
    if isinstance(head, Name) and gives_new_value(first):
        updates[head.id] += 1
        return [f"{head.id}@{updates[head.id]}"]
    if is_quantity(head):
        name = key(head)
        base = updated(name)
        return [name, f"{base}@1"] if base else [name]
    if isinstance(head, Apply) and head.head == "entry" and isinstance(head.args[0], Name):
        places = [arg.text for arg in head.args[1:] if isinstance(arg, Number)]
        return ["_".join((head.args[0].id, *places)), head.args[0].id]
    if isinstance(head, Apply) and all(isinstance(arg, Name) for arg in head.args):
        return [head.head]  # L(y, t)
    return []


# ---------------------------------------------------------------- by value


def _by_value(lines: Sequence[LineOfWork], owners: Owners, item: Item) -> int | None:
    """The last line without an owner that ends in the item's value."""
    for place in range(len(lines) - 1, -1, -1):
        last = lines[place].last
        if place in owners or last is None or not _is_number(last):
            continue
        if any(_is_value(last, value) for value in item.values):
            return place
    return None


def _is_number(formula: Formula | None) -> bool:
    """Whether a term is a number, or an array of them: nothing is left to work out."""
    if formula is None or quantities(formula):
        return False
    return is_plain(formula) or _evaluated(formula) is not None


def _is_value(formula: Formula, value: Value) -> bool:
    """Whether a numeral is a value as it would be rounded, with digits enough to tell."""
    found = _evaluated(formula)
    if not isinstance(found, fmpq) or not isinstance(value, (arb, fmpq)):
        return False
    numerals = [node.text for node in walk(formula) if isinstance(node, Number)]
    if len(numerals) != 1:
        return False
    whole, _, decimals = numerals[0].partition(".")
    if not decimals:
        return bool(abs(found) >= LEAST and isinstance(value, fmpq) and value == found)
    if len((whole + decimals).lstrip("0")) < MARKED:
        return False
    unit = arb(fmpq(1, 2 * 10 ** len(decimals)))
    return bool(abs(arb(value) - arb(found)) <= unit)


def _evaluated(formula: Formula) -> Value | None:
    with precision(BITS[0]):
        try:
            return evaluate(formula, {}, {})
        except (EvaluationError, Ambiguous, KeyError):
            return None

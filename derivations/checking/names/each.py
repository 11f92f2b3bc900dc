"""What a definition for any k says of the one with a number: ``δ_k = (y_k - t_k) y_k (1 - y_k)`` of δ_2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from derivations.checking.names.quantities import indices
from derivations.formula.looks import look
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, names, rewrite, walk
from derivations.reading.latex.symbols import spelled

LETTERS = frozenset("ijklmnpq")


def of_number(name: str, definitions: Mapping[str, Formula]) -> Formula | None:
    """The formula of a name with numbers below, from the one definition that says it for any index."""
    numbers = _places(name)
    if not numbers or not all(map(str.isdigit, numbers)) or name in definitions:
        return None
    found = [
        body
        for other, formula in definitions.items()
        if _family(other) == _family(name)
        and (body := _at(formula, _places(other), numbers)) is not None
    ]
    return found[0] if len(found) == 1 else None


def _at(formula: Formula, letters: Sequence[str], numbers: Sequence[str]) -> Formula | None:
    """The formula with numbers for its indices; None where it does not speak of all of them below its names."""
    below = {letter for name in names(formula) for letter in _places(name)} | set(_indices(formula))
    if len(letters) != len(numbers) or len(set(letters)) != len(letters):
        return None
    if not LETTERS & below >= set(letters) or set(letters) & set(_bound(formula)):
        return None
    by = dict(zip(letters, numbers, strict=True))

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Name):
            return None
        if node.id in by:
            return Number(by[node.id])
        places = _places(node.id)
        if not set(places) & by.keys():
            return None
        below = [by.get(place, place) for place in places]
        comma = "," if any(len(place) > 1 for place in below) else ""
        return Name(spelled(replace(look(node.id), subscript=comma.join(below))))

    return rewrite(formula, rule)


def _indices(formula: Formula) -> Iterator[str]:
    """The letters in the places of entries."""
    for node in walk(formula):
        if isinstance(node, Apply) and node.head == "entry":
            yield from (name for place in node.args[1:] for name in names(place))


def _bound(formula: Formula) -> Iterator[str]:
    """The letters that run through sums."""
    for node in walk(formula):
        if isinstance(node, Apply) and node.head in RANGES:
            yield from (index.id for index in indices(node) if isinstance(index, Name))
        elif isinstance(node, Apply) and node.head.endswith("_over"):
            yield from names(node.args[0])


def _places(name: str) -> Sequence[str]:
    """The letters or the numbers below a name: ``w_kj`` has k and j; nothing of a word."""
    below = look(name).subscript
    if "@" in name or not below:
        return ()
    parts = below.split(",") if "," in below else [below] if below.isdigit() else list(below)
    alone = len(parts) == 1 and parts[0].isdigit() and len(parts[0]) == 2
    return list(parts[0]) if alone else parts


def _family(name: str) -> str:
    return spelled(replace(look(name), subscript=""))

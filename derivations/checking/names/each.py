"""What a definition for any k says of the one with a number: ``δ_k = (y_k - t_k) y_k (1 - y_k)`` of δ_2.

So does one for any sample, ``z^{(n)} = w^T x^{(n)} + b``, and that of all entries, ``δ = (0.1, 0.2)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from derivations.checking.names.quantities import indices
from derivations.formula.looks import look
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, names, rewrite, walk
from derivations.reading.latex.symbols import spelled

LETTERS = frozenset("ijklmnpq")
ABOVE = "^"  # before a letter or number that stands above
LAYER = f"{ABOVE}l"
Said = tuple[str, Formula]  # a name, and what is said of it


def of_number(name: str, said: Iterable[Said]) -> Formula | None:
    """The formula of a name with numbers, from the one line that says it for any index."""
    numbers = _places(name)
    if not numbers or not all(place.lstrip(ABOVE).isdigit() for place in numbers):
        return None
    return _only(_at(body, _places(g), numbers) for g, body in said if _family(g) == _family(name))


def of_all(name: str, said: Iterable[Said], count: int) -> Formula | None:
    """The column of a name that has this many entries, from the one line that says any of them."""
    if _places(name):
        return None
    alike = [(g, body) for g, body in said if _family(g) == name]
    columns = (
        tuple(_at(body, _places(g), [str(k)]) for k in range(1, count + 1)) for g, body in alike
    )
    whole = [column for column in columns if all(entry is not None for entry in column)]
    return Apply("vector", whole[0]) if len(whole) == 1 else None  # type: ignore[arg-type]


def counts(name: str) -> set[str]:
    """The letters and numbers beside a name."""
    return {place.lstrip(ABOVE) for place in _places(name)}


def _only(found: Iterable[Formula | None]) -> Formula | None:
    formulas = [formula for formula in found if formula is not None]
    return formulas[0] if len(formulas) == 1 else None


def _at(formula: Formula, letters: Sequence[str], numbers: Sequence[str]) -> Formula | None:
    """The formula with numbers for its indices; None where it does not speak of all of them beside its names."""
    beside = {place for name in names(formula) for place in (*_places(name), name)} | set(_indices(formula))  # fmt: skip
    plain = [letter.lstrip(ABOVE) for letter in letters]
    if len(letters) != len(numbers) or len(set(plain)) != len(plain) or LAYER in letters:
        return None
    if any(a.startswith(ABOVE) != b.startswith(ABOVE) for a, b in zip(letters, numbers, strict=True)):  # fmt: skip
        return None
    if not set(plain) <= LETTERS or not set(letters) <= beside or set(plain) & set(_bound(formula)):
        return None
    by = {a: b.lstrip(ABOVE) for a, b in zip(plain, numbers, strict=True)}
    shifted = (look(name).superscript.replace("+", "-").partition("-") for name in names(formula))
    if any(sign and letter in by for letter, sign, _ in shifted):
        return None

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Name):
            return None
        if node.id in by:
            return Number(by[node.id])
        places = [place.lstrip(ABOVE) for place in _places(node.id)]
        return Name(_placed(node.id, by)) if set(places) & by.keys() else None

    return rewrite(formula, rule)


def _placed(name: str, by: dict[str, str]) -> str:
    """The name with numbers for letters."""
    parts = look(name)
    below = [by.get(place, place) for place in _places(name) if not place.startswith(ABOVE)]
    comma = "," if any(len(place) > 1 for place in below) else ""
    above = by.get(parts.superscript, parts.superscript)
    return spelled(replace(parts, subscript=comma.join(below), superscript=above))


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
    """The letters or the numbers beside a name: ``w_kj`` has k and j; nothing of a word."""
    parts = look(name)
    below, above = parts.subscript, parts.superscript
    if "@" in name:
        return ()
    places = below.split(",") if "," in below else [below] if below.isdigit() else list(below)
    alone = len(places) == 1 and places[0].isdigit() and len(places[0]) == 2
    places = list(places[0]) if alone else places
    return [*places, f"{ABOVE}{above}"] if above in LETTERS or above.isdigit() else places


def _family(name: str) -> str:
    """The name without what counts it."""
    parts = look(name)
    above = "" if parts.superscript in LETTERS or parts.superscript.isdigit() else parts.superscript
    return spelled(replace(parts, subscript="", superscript=above))

"""Arrays from their entries, and the values of what is defined over others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from flint import fmpq

from derivations.checking.names.imagining import in_order
from derivations.checking.names.quantities import free, quantities
from derivations.checking.names.ranges import as_formula
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, Number, matrix, names
from derivations.formula.work import Exhausted, at_most, spend
from derivations.truth.judge import BITS
from derivations.truth.worlds import Model

BEFORE = "~before:"  # begins the names of arrays without the entries that are said one by one
MOST_ENTRIES = 50  # along a side of an array that is given entry by entry
MOST_FOR_ONE = 20_000  # operations to compute one definition


def assembled(entries: Mapping[tuple[int, ...], Formula], sizes: Sequence[int]) -> Formula | None:
    """The vector or matrix of these sizes; None while an entry is missing, and of arrays of another kind."""
    if len(sizes) not in (1, 2):
        return None
    wanted = set(product(*(range(1, size + 1) for size in sizes)))
    if wanted != set(entries):
        return None
    if len(sizes) == 1:
        return Apply("vector", tuple(entries[place] for place in sorted(wanted)))
    rows, columns = sizes
    return matrix(
        *(tuple(entries[i, j] for j in range(1, columns + 1)) for i in range(1, rows + 1))
    )


def with_given(
    entries: Mapping[str, Mapping[tuple[int, ...], Formula]],
    names: Iterable[str],
    shapes: Mapping[str, Sequence[str]],
) -> dict[str, Formula]:
    """Arrays of which some entries are numbers that a text gives, x_0 = 1, over those without."""
    found = {}
    for array in sorted(set(names) & entries.keys()):
        plain = {at: f for at, f in entries[array].items() if not quantities(f)}
        whole = _overlaid(array, plain, shapes.get(array, ()))
        if whole is not None:
            found[array] = whole
    return found


def _overlaid(
    array: str, entries: Mapping[tuple[int, ...], Formula], sizes: Sequence[str]
) -> Formula | None:
    """The array with some entries as they are given, and the others as in the array before; None of other sizes."""
    at = [Name(f"at_{k}") for k in range(len(sizes))]
    body: Formula = Apply("entry", (Name(f"{BEFORE}{array}"), *at))
    if not entries or any(len(places) != len(sizes) for places in entries):
        return None
    cases = list[Formula]()
    for places, value in entries.items():
        here = (Apply("==", (k, Number(str(place)))) for k, place in zip(at, places, strict=True))
        cases += value, Apply("and", tuple(here))
    body = Apply("cases", (*cases, body, Apply("otherwise", ())))
    for k, size in reversed(list(zip(at, sizes, strict=True))):
        body = Apply("column_of", (k, Number("1"), as_formula(size), body))
    return body


def size_in(text: str, values: Mapping[str, Value]) -> int:
    """How many entries a size is; 0 where that is not known, and of very many."""
    size = as_formula(text)
    value = evaluate(size, values) if values.keys() >= set(names(size)) else None
    whole = isinstance(value, fmpq) and value.q == 1 and 0 < value <= MOST_ENTRIES
    return int(value.p) if whole and isinstance(value, fmpq) else 0


def computed(
    values: Mapping[str, Value],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
    dear: dict[str, Formula],
) -> Model:
    """Values, and what is defined over them as far as it has a value.

    ``dear``: definitions that take too much work; those that are found to are added.
    """
    model = Model(values, {}, functions)
    reached = {*values, *functions}
    with precision(BITS[0]):
        for name, formula in in_order(definitions).items():
            if name in values or not free(formula) <= reached:
                continue
            if dear.get(name) != formula and _takes(model, name, formula, dear):
                reached.add(name)
    return model


def _takes(model: Model, name: str, formula: Formula, dear: dict[str, Formula]) -> bool:
    """Whether a definition has a value that can be computed with bearable effort."""
    try:
        with at_most(MOST_FOR_ONE):
            model.define(name, formula)
    except (EvaluationError, Ambiguous, KeyError):
        return False
    except Exhausted:
        spend(1)  # raises again if it was all that is left for the whole step
        dear[name] = formula
        return False
    return True

"""Names, entries and derivatives in formulas: what a formula speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, children, names, walk
from derivations.reading.latex.words import NEW_WORDS

ARRAYS = frozenset({"vector", "matrix", "row"})
BINDERS = frozenset(
    {"limit", "max_over", "min_over", "argmax_over", "argmin_over"}
)  # of their first name
NEW_VALUE = re.compile(rf"(.+?)(?:__?|,)(?:{'|'.join(NEW_WORDS)})(?:_(.+))?")
WRITTEN = frozenset({"neg", "vector", "matrix", "row", "tuple", "quotient"})


def indices(ranged: Apply) -> tuple[Formula, ...]:
    """The indices of a sum, or of an array that is given by its entries."""
    return ranged.args[:-1:3]


def free(formula: Formula) -> set[str]:
    """The names that a formula rests on, without the indices of its sums."""
    found: set[str] = set()
    bound: set[str] = set()
    for node in walk(formula):
        if isinstance(node, Apply) and node.head in RANGES:
            bound |= {name for index in indices(node) for name in names(index)}
        elif isinstance(node, Apply) and node.head in BINDERS:
            bound |= set(names(node.args[0]))
        elif isinstance(node, Name):
            found.add(node.id)
    return found - bound


def base_of(quantity: Formula) -> str | None:
    """The name of a quantity or of the array whose entry it is; None of a derivative."""
    if isinstance(quantity, Apply) and quantity.head == "entry":
        quantity = quantity.args[0]
    return quantity.id if isinstance(quantity, Name) else None


def is_named(formula: Formula) -> bool:
    """Whether the formula names a quantity: a name, an entry, or a derivative of such."""
    if isinstance(formula, Apply) and formula.head in ("partial", "total"):
        return all(map(is_named, formula.args))
    return base_of(formula) is not None


def derivatives_in(*sides: Formula) -> Iterator[Apply]:
    """The derivatives in formulas."""
    for node in (node for side in sides for node in walk(side)):
        if isinstance(node, Apply) and node.head in ("partial", "total"):
            yield node


def is_of_names(formula: Formula) -> bool:
    """Whether a formula is an array of names, and nothing else, or one of them."""
    if isinstance(formula, Apply):
        return formula.head in ARRAYS and all(map(is_of_names, formula.args))
    return isinstance(formula, Name)


def cells(formula: Formula) -> Iterator[Formula]:
    """The entries of an array that is written out, row by row; anything else itself."""
    if isinstance(formula, Apply) and formula.head in ARRAYS:
        for arg in formula.args:
            yield from cells(arg)
    else:
        yield formula


def claims_of(
    quantity: Formula, formula: Formula, definitions: Mapping[str, Formula]
) -> Iterator[tuple[Formula, Formula]]:
    """What is said of a quantity, and by that of its entries, where these have names of their own.

    ``z = (0.3, 1.3)`` of a layer says what z_1 and z_2 are, and ``∂L/∂W`` the derivatives by its entries.
    """
    yield quantity, formula
    heads = isinstance(quantity, Apply) and quantity.head in ("partial", "total")
    *of, named = quantity.args if isinstance(quantity, Apply) and heads else (quantity,)
    whole = definitions.get(named.id) if isinstance(named, Name) else None
    if whole is None or not is_of_names(whole):
        return
    entries, values = tuple(cells(whole)), tuple(cells(formula))
    if len(entries) == len(values):
        for entry, value in zip(entries, values, strict=True):
            yield (
                (Apply(quantity.head, (*of, entry)) if isinstance(quantity, Apply) else entry),
                value,
            )


def updated(name: str) -> str | None:
    """The parameter of which a name is the new value: ``w_2`` for ``w_{2,new}``, ``w_2^{new}``, ``w_2'``."""
    found = NEW_VALUE.fullmatch(name)
    return "_".join(filter(None, found.groups())) if found else None


def is_update(left: Formula, sign: str, right: Formula) -> bool:
    """``w ← w - ηg``, also with an equals sign: the name is one of the terms of its new value."""
    inside = isinstance(right, Apply) and right.head == "sum" and left in right.args
    return sign == "←" or (sign in ("=", "≈", "≡", ":=") and isinstance(left, Name) and inside)


def squared(formula: Formula) -> Formula | None:
    """The name whose square this is: σ² is a variance."""
    if isinstance(formula, Apply) and formula.head == "power" and formula.args[1] == Number("2"):
        return formula.args[0] if isinstance(formula.args[0], Name) else None
    return None


def quantities(formula: Formula) -> set[Formula]:
    """The names, entries and derivatives in a formula; what stands inside a derivative is not one."""
    if is_named(formula):
        return {formula}
    if isinstance(formula, Apply) and formula.head in RANGES:
        return quantities(formula.args[-1]) - set(indices(formula))
    if isinstance(formula, Apply) and formula.head in BINDERS:
        return set().union(*(quantities(arg) for arg in formula.args[1:])) - {formula.args[0]}
    return set().union(*(quantities(child) for child in children(formula)))


def is_plain(formula: Formula) -> bool:
    """A numeral with or without a power of ten, or an array of numerals."""
    if isinstance(formula, Number):
        return True
    if not isinstance(formula, Apply):
        return False
    if formula.head == "product" and len(formula.args) == 2:
        return is_plain(formula.args[0]) and _is_power_of_ten(formula.args[1])
    return formula.head in WRITTEN and all(map(is_plain, formula.args))


def _is_power_of_ten(formula: Formula) -> bool:
    return (
        isinstance(formula, Apply)
        and formula.head == "power"
        and formula.args[0] == Number("10")
        and is_plain(formula.args[1])
    )

"""Numbers in the place of names: ``(W - F + 2P)/S + 1 = (32 - 5 + 0)/1 + 1`` says what W, F, P and S are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derivations.checking.quantities import is_named
from derivations.checking.rounding import is_plain
from derivations.formula.tree import Apply, Formula, Number

Pair = tuple[Formula, Formula]  # a name, and the number in its place
Open = Callable[[Formula], bool]
Agrees = Callable[[Formula, Formula], bool]


def places(general: Formula, special: Formula) -> list[Pair] | None:
    """The names of a formula, each with the number that stands in its place in another one.

    None where the formulas have another form.
    """
    found: list[Pair] = []
    todo = [(general, special)]
    while todo:
        a, b = todo.pop()
        if is_named(a) and is_plain(b):
            found.append((a, b))
        elif isinstance(a, Number) or isinstance(b, Number) or not isinstance(a, Apply):
            if a != b:
                return None
        elif isinstance(b, Apply) and a.head == b.head and len(a.args) == len(b.args):
            todo += zip(a.args, b.args, strict=True)
        else:
            return None
    return found


def instance(pairs: Sequence[Pair], is_open: Open, agrees: Agrees) -> dict[Formula, Formula] | None:
    """The numbers of names without value.

    None where a name would be two numbers, or where a number is not the value that a name has.

    Args:
        pairs: names with numbers in their places.
        is_open: whether a name has no value.
        agrees: whether a number may stand for a name that has a value.
    """
    found: dict[Formula, Formula] = {}
    for name, number in pairs:
        if is_open(name):
            if found.setdefault(name, number) != number:
                return None
        elif not agrees(name, number):
            return None
    return found


def misplaced(pairs: Sequence[Pair], is_open: Open, agrees: Agrees) -> Pair | None:
    """A name with a number in its place that is not its value, where its value stands nowhere."""
    for name, number in pairs:
        known = not is_open(name)
        if known and not any(agrees(name, other) for _, other in pairs):
            return name, number
    return None

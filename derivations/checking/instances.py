"""Numbers in the place of names: ``(W - F + 2P)/S + 1 = (32 - 5 + 0)/1 + 1`` says what W, F, P and S are."""

from __future__ import annotations

from collections.abc import Callable

from derivations.checking.quantities import is_named
from derivations.checking.rounding import is_plain
from derivations.formula.tree import Apply, Formula, Number

Open = Callable[[Formula], bool]
Agrees = Callable[[Formula, Formula], bool]


def instance(
    general: Formula, special: Formula, is_open: Open, agrees: Agrees
) -> dict[Formula, Formula] | None:
    """The numbers that stand in one formula where names without value stand in the other.

    None where the formulas have another form, where a name would be two numbers, or where a number
    is not the value that a name has.

    Args:
        general: the formula in names.
        special: the formula with numbers.
        is_open: whether a name has no value.
        agrees: whether a number may stand for a name that has a value.
    """
    found: dict[Formula, Formula] = {}
    todo = [(general, special)]
    while todo:
        a, b = todo.pop()
        if is_named(a) and is_plain(b):
            if is_open(a):
                if found.setdefault(a, b) != b:
                    return None
            elif not agrees(a, b):
                return None
        elif isinstance(a, Number) or isinstance(b, Number) or not isinstance(a, Apply):
            if a != b:
                return None
        elif isinstance(b, Apply) and a.head == b.head and len(a.args) == len(b.args):
            todo += zip(a.args, b.args, strict=True)
        else:
            return None
    return found

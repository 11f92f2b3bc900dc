"""What a name was defined as, for a reader who sees that it is used otherwise."""

from __future__ import annotations

from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.names.knowledge import HIDDEN, Knowledge
from derivations.checking.names.quantities import is_of_names
from derivations.formula.tree import Formula, Name, names


def meaning(left: Formula | None, ruling: Ruling, known: Knowledge) -> Formula | None:
    """The definition of the name on the left of a wrong relation; None where it has none."""
    if ruling.verdict != WRONG or not isinstance(left, Name):
        return None
    defined = known.definitions.get(left.id)
    if (
        defined is None
        or is_of_names(defined)
        or any(name.startswith(HIDDEN) for name in names(defined))
    ):
        return None
    return defined

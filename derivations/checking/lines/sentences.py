"""Relations in sentences, which may say for which values something is claimed."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.checking.equality.corrections import NO_POWER
from derivations.checking.equality.figures import OTHER_FIGURE
from derivations.checking.equality.random_variables import DIFFER
from derivations.checking.equality.steps import GIVEN, UNDECIDED, WRONG, Ruling, Step
from derivations.checking.lines.defining import ASSUMPTION, are_indices
from derivations.checking.lines.descending import OTHER_GRADIENT, OTHER_SIGN
from derivations.checking.lines.premises import EQUATION, keeps_variance
from derivations.checking.lines.stationary import CHANGES, FAILS
from derivations.checking.names.declaring import Declarations, condition
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, is_named, quantities, squared
from derivations.checking.names.unwritten import HEADS as DERIVATIVES
from derivations.checking.text.documents import (
    ASSUMED,
    CASE,
    CONCLUDED,
    DEMANDED,
    DISPLAYED,
    UNROUNDED,
)
from derivations.checking.text.parts import Part
from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex import ReadLink

ORDERS = frozenset({"<", ">", "≤", "≥", "≠"})
MAY_BE = "it may be meant as a condition"
EVERYWHERE = frozenset(  # claimed everywhere
    {DIFFER, OTHER_FIGURE, NO_POWER, CHANGES, OTHER_SIGN, OTHER_GRADIENT}
)


def in_sentence(
    known: Knowledge, manner: str, said: tuple[Formula, ReadLink], ruling: Ruling
) -> Ruling:
    """A ruling in the light of how a relation is said.

    Behind a word as "if", and where it speaks of a name that may be anything, it is a condition.
    """
    (left, link), right = said, said[1].term.formula
    if manner == DISPLAYED or ruling.verdict not in (WRONG, UNDECIDED) or right is None:
        return ruling
    if manner == CONCLUDED and ruling.verdict == WRONG and quantities(left) and quantities(right):
        return ruling
    if known.conditions or ruling.why in EVERYWHERE:  # claimed where they hold
        return ruling
    if not quantities(left) and not quantities(right):
        return ruling
    if are_indices(known.indices, left, right) or keeps_variance(left, right):
        return ASSUMPTION
    if manner == DEMANDED and is_named(left) and is_named(squared(right) or right):
        return EQUATION if not _is_slope(left) else ruling
    open_name = _may_be_anything(known, left) or (
        _may_be_anything(known, right) and (manner == CASE or not _is_determined(known, left))
    )
    if ruling.verdict == WRONG and _is_slope(left) and _is_tried(known, left, right):
        return ruling  # behind "if t y < 1," it is what follows
    if manner == ASSUMED or (open_name and ruling.why != FAILS):
        fixed = isinstance(left, Name) and left.id in known.fixed | known.model
        plain = fixed and not quantities(right) and ruling.verdict == WRONG
        return Ruling(UNDECIDED, f"{MAY_BE}; another value is given") if plain else ASSUMPTION
    if ruling.verdict == WRONG and link.sign in ORDERS:
        return Ruling(UNDECIDED, MAY_BE)
    if ruling.verdict == WRONG and manner == UNROUNDED:
        return Ruling(UNDECIDED, "what it is without rounding cannot be told from this text")
    return ruling


def _is_slope(side: Formula) -> bool:
    return isinstance(side, Apply) and (side.head in DERIVATIVES or side.head.endswith("'"))


def _is_tried(known: Knowledge, left: Formula, right: Formula) -> bool:
    """Whether sides in names can be compared where the conditions of the sentence hold."""
    if not known.local or not quantities(right):
        return False
    return bool(known.random_worlds(left, right, supposed=Declarations(conditions=known.local)))


def _is_determined(known: Knowledge, side: Formula) -> bool:
    """Whether a side is a derivative, or what the text says of a name: something is claimed of it."""
    return _is_slope(side) or (is_named(side) and known.is_known(side))


def _may_be_anything(known: Knowledge, side: Formula) -> bool:
    """Whether a side is a name that may be anything: without value or definition."""
    name = base_of(squared(side) or side)
    if name is None or name in known.values or name in known.definitions:
        return False
    return name not in known.functions_of and (
        name in known.stated_names or not known.is_settled(name)
    )


def is_condition(known: Knowledge, pair: tuple[Formula, str, Formula]) -> bool:
    """``i ≠ j``, also ``i = j`` of indices."""
    left, sign, right = pair
    return sign in ORDERS or (sign == "=" and are_indices(known.indices, left, right))


def _replaces(said: Sequence[Formula], before: Formula) -> bool:
    """Whether a condition is said anew, ``z < 0`` behind ``z > 0``: the other case."""
    sides = [set(c.args) for c in said if isinstance(c, Apply)]
    return isinstance(before, Apply) and set(before.args) in sides


class Mentions:
    """Conditions that a sentence mentions hold for the displays that follow it.

    Args:
        known: what is known, to which the conditions are added.
    """

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.mentioned = False  # whether conditions were, since the last display

    def hear(self, manner: str, part: Part, steps: Sequence[Step]) -> None:
        """One more part of a line, with its verdicts."""
        if manner == DISPLAYED:
            self.mentioned = False
            return
        said = tuple(condition(*pair) for pair in part.pairs() if is_condition(self.known, pair))
        if said and any(step.verdict in (GIVEN, UNDECIDED) for step in steps):
            before = self.known.local if self.mentioned else ()
            self.known.local = (*(c for c in before if not _replaces(said, c)), *said)
            self.known.displays = 0
            self.mentioned = True

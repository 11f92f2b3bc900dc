"""The name of a slip for a step that was found wrong, and what is said of it."""

from __future__ import annotations

from flint import arb, fmpq

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.solving import Solving
from derivations.checking.equality.witnesses import digits
from derivations.checking.misconceptions.equations import of_solving
from derivations.checking.misconceptions.explaining import (
    Explanation,
    Surroundings,
    explain,
    value_of,
)
from derivations.checking.text.parts import Equation
from derivations.formula.evaluation import entries, shape
from derivations.formula.tree import Formula, Number, neg
from derivations.formula.work import Exhausted, at_most

MOST_WORK = 40_000  # operations to find a name
LEAST_ENTRIES = 3  # of an array, for one that is wrong to be the exception


def named(
    left: Formula | None, sign: str, right: Formula | None, compare: Comparing, why: str
) -> tuple[str | None, str]:
    """The key of the entry that explains the step, and the reason with the entry's sentence.

    The key is None where no entry is likely enough; of one that may be, the sentence is said
    with a "perhaps".
    """
    if left is None or right is None:
        return None, why
    try:
        with at_most(MOST_WORK):
            found = _explained(left, sign, right, compare)
            place = _single_entry(left, right, compare) if found is None else ""
    except Exhausted:
        return None, why
    if found is None:
        return None, why + place
    start = f"{why}. " if why else ""
    sentence = found.entry.sentence
    if found.sure:
        return found.entry.key, start + sentence
    return None, f"{start}Perhaps: {sentence}"


def _single_entry(left: Formula, right: Formula, compare: Comparing) -> str:
    """The place of the one entry in which two arrays differ; empty where there are more, or none."""
    world = compare.known.own_world()
    a, b = (value_of(compare.normal(side), world) for side in (left, right))
    if a is None or b is None or shape(a) != shape(b) or not shape(a):
        return ""
    left_entries, right_entries = list(entries(a)), list(entries(b))
    if len(left_entries) != len(right_entries):
        return ""
    pairs = list(zip(left_entries, right_entries, strict=True))
    off = [at for at, (x, y) in enumerate(pairs) if not arb(x).overlaps(arb(y))]
    if len(off) != 1 or len(pairs) < LEAST_ENTRIES:
        return ""
    columns = shape(a)[-1]
    place = (
        f"{off[0] + 1}"
        if len(shape(a)) == 1
        else f"({off[0] // columns + 1}, {off[0] % columns + 1})"
    )
    expected, found = map(digits, pairs[off[0]])
    return f". Only entry {place} is wrong: it is {expected}, not {found}"


def _numeral(value: fmpq) -> Formula:
    """The number as it can stand in a formula."""
    shown = Number(str(abs(value)))
    return neg(shown) if value < 0 else shown


def named_of_solving(
    premise: Equation, conclusion: Equation, solving: Solving, why: str
) -> tuple[str | None, str]:
    """As `named`, for a line that does not follow from the equation before it."""
    try:
        with at_most(MOST_WORK):
            found = of_solving(premise, conclusion, solving)
    except Exhausted:
        return None, why
    if len(found) != 1:
        return None, why
    return found[0].key, f"{why}. {found[0].sentence}"


def _explained(left: Formula, sign: str, right: Formula, compare: Comparing) -> Explanation | None:
    known = compare.known
    left, right = compare.normal(left), compare.normal(right)
    good = {q: f for q, f in known.claimed.items() if q not in known.tainted}
    around = Surroundings(
        known.own_world(),
        lambda: known.random_worlds(left, right),
        known.definitions,
        sign == "≈",
        (good, known.claimed) if known.tainted else (good,),
        {name: _numeral(value) for name, value in compare.rounds.replaced().items()},
    )
    return explain(left, right, around)

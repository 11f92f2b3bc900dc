"""The name of a slip for a step that was found wrong, and what is said of it."""

from __future__ import annotations

from derivations.checking.comparing import Comparing
from derivations.checking.misconceptions.explaining import Explanation, Surroundings, explain
from derivations.formula.tree import Formula
from derivations.formula.work import Exhausted, at_most

MOST_WORK = 40_000  # operations to find a name


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
    except Exhausted:
        found = None
    if found is None:
        return None, why
    start = f"{why}. " if why else ""
    sentence = found.entry.sentence
    if found.sure:
        return found.entry.key, start + sentence
    return None, f"{start}Perhaps: {sentence}"


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
    )
    return explain(left, right, around)

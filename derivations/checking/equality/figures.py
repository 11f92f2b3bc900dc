"""Figures of merit that everybody calls alike: ``Precision = TP/(TP + FN)`` is no definition, but wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable

from derivations.checking.equality.rounding import numerals
from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import quantities
from derivations.formula.tree import Formula, Name, names
from derivations.models.classification import COUNTS, FIGURES, value
from derivations.truth.judge import REFUTED, World, judge

MORE = {
    "acc": "accuracy", "errorrate": "error_rate", "err": "error_rate", "ppv": "precision", "prec": "precision",
    "sensitivity": "recall", "tpr": "recall", "hitrate": "recall", "rec": "recall", "tnr": "specificity",
    "selectivity": "specificity", "fallout": "false_positive_rate",
}  # fmt: skip
WORDS = {
    **{FIGURES[key].symbol.replace("_", "").lower(): key for key in FIGURES if len(FIGURES[key].symbol) > 1},
    **{key.replace("_", ""): key for key in FIGURES},
    **MORE,
}  # fmt: skip

OTHER_FIGURE = "what is called so is another figure"
CALLED = re.compile(r"called (.*)")


def figure_called(left: Formula, right: Formula, words: Iterable[str]) -> Formula | None:
    """What the figure with this name is over the counts, where the right side speaks of these alone.

    ``words``: what stands beside the line, where it may be called so: "the precision is".
    """
    used = set(names(right))
    return _named(left, words) if used and used <= set(COUNTS) else None


def figure_in_numbers(
    known: Knowledge, left: Formula, right: Formula, words: Iterable[str]
) -> Formula | None:
    """The same for ``Recall = 40/50``, where the counts are given and one of their numbers stands on the right.

    For F_1 the numbers may be those of other figures. What is said once more is of another class.
    """
    figure = _named(left, words)
    if figure is None or quantities(right) or left in known.claimed:
        return None
    if not all(name in known.values for name in names(figure)):
        return None
    said = {str(known.values[name]) for name in names(figure)}
    for other, number in known.claimed.items():
        said |= numerals(number) if _named(other, ()) is not None else set()
    return figure if said & numerals(right) else None


def _named(left: Formula, words: Iterable[str]) -> Formula | None:
    """The figure with a name, or that words beside it call so."""
    if not isinstance(left, Name):
        return None
    said = [word for match in map(CALLED.fullmatch, words) if match for word in match.groups()]
    found = (WORDS.get(re.sub(r"[^a-z0-9]", "", word.lower())) for word in (left.id, *said))
    key = next(filter(None, found), None)
    return value(key) if key is not None else None


def another_figure(figure: Formula, right: Formula, worlds: Iterable[World]) -> Ruling | None:
    """That a figure is said to be something else; None where it is not."""
    differs = any(judge(figure, "=", right, world).kind == REFUTED for world in worlds)
    return Ruling(WRONG, OTHER_FIGURE) if differs else None

"""Figures of merit that everybody calls alike: ``Precision = TP/(TP + FN)`` is no definition, but wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable

from derivations.checking.equality.steps import WRONG, Ruling
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
    if not isinstance(left, Name) or not used or not used <= set(COUNTS):
        return None
    said = [word for words in map(CALLED.fullmatch, words) if words for word in words.groups()]
    known = (WORDS.get(re.sub(r"[^a-z0-9]", "", word.lower())) for word in (left.id, *said))
    key = next(filter(None, known), None)
    return value(key) if key is not None else None


def another_figure(figure: Formula, right: Formula, worlds: Iterable[World]) -> Ruling | None:
    """That a figure is said to be something else; None where it is not."""
    differs = any(judge(figure, "=", right, world).kind == REFUTED for world in worlds)
    return Ruling(WRONG, OTHER_FIGURE) if differs else None

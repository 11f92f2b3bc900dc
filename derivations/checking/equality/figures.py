"""Figures of merit that everybody calls alike: ``Precision = TP/(TP + FN)`` is no definition, but wrong."""

from __future__ import annotations

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


def figure_called(left: Formula, right: Formula) -> Formula | None:
    """What the figure with this name is over the counts, where the right side speaks of these alone."""
    used = set(names(right))
    if not isinstance(left, Name) or not used or not used <= set(COUNTS):
        return None
    key = WORDS.get(left.id.replace("_", "").lower())
    return value(key) if key is not None else None


def another_figure(figure: Formula, right: Formula, worlds: Iterable[World]) -> Ruling | None:
    """That a figure is said to be something else; None where it is not."""
    differs = any(judge(figure, "=", right, world).kind == REFUTED for world in worlds)
    return Ruling(WRONG, "the two sides differ") if differs else None

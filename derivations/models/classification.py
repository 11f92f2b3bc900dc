"""Figures of merit of a classifier: a row each, over the counts TP, FP, FN and TN of a class.

``by`` is the same over other figures, where courses know it in that form as well. A row whose
``counts`` say so is made of other figures alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, Name, substitute

COUNTS = ("TP", "FP", "FN", "TN")
GUIDE = "scikit-learn User Guide, classification metrics"


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table; see the module's text.

    Attributes:
        symbol: the name of its quantity.
        by: the same over other figures; ``parts`` are their keys.
        needs: figures that have to be worked out before it.
        of_class: whether every one of several classes has it, against the rest.
    """

    symbol: str
    value: str
    title: str
    source: str
    by: str = ""
    parts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    of_class: bool = True


FIGURES: dict[str, Figure] = {
    "accuracy": Figure(
        "accuracy", "(TP + TN)/(TP + FP + FN + TN)", "accuracy", GUIDE, of_class=False
    ),
    "error_rate": Figure(
        "error", "(FP + FN)/(TP + FP + FN + TN)", "error rate", GUIDE, of_class=False
    ),
    "precision": Figure("precision", "TP/(TP + FP)", "precision", GUIDE),
    "recall": Figure("recall", "TP/(TP + FN)", "recall (sensitivity)", GUIDE),
    "specificity": Figure("specificity", "TN/(TN + FP)", "specificity", GUIDE),
    "false_positive_rate": Figure("FPR", "FP/(FP + TN)", "false positive rate", GUIDE),
    "negative_predictive_value": Figure("NPV", "TN/(TN + FN)", "negative predictive value", GUIDE),
    "balanced_accuracy": Figure(
        "BA", "(recall + specificity)/2", "balanced accuracy", GUIDE,
        needs=("recall", "specificity"), of_class=False,
    ),
    "f1": Figure(
        "F_1", "2 TP/(2 TP + FP + FN)", "F1", GUIDE,
        "2 precision recall/(precision + recall)", ("precision", "recall"),
    ),
    "f_beta": Figure(
        "F_beta", "(1 + beta^2) TP/((1 + beta^2) TP + beta^2 FN + FP)", "F-beta", GUIDE,
        "(1 + beta^2) precision recall/(beta^2 precision + recall)", ("precision", "recall"),
    ),
    "jaccard": Figure("J", "TP/(TP + FP + FN)", "Jaccard index", GUIDE),
    "mcc": Figure(
        "MCC", "(TP TN - FP FN)/sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN))",
        "Matthews correlation coefficient", GUIDE, of_class=False,
    ),
    "kappa": Figure(
        "kappa", "2 (TP TN - FP FN)/((TP + FP) (FP + TN) + (TP + FN) (FN + TN))",
        "Cohen's kappa", "Cohen 1960", of_class=False,
    ),
}  # fmt: skip
MEANS = ("macro", "micro", "weighted")


@cache
def _read(text: str) -> Formula:
    symbols = {figure.symbol for figure in FIGURES.values()}
    return read_expression(text, names={*COUNTS, *symbols, "beta"})


def _with_suffix(text: str, suffix: str) -> Formula:
    """The formula of a class: ``TP_cat`` for ``TP``."""
    symbols = (figure.symbol for figure in FIGURES.values())
    renamed = {name: Name(name + suffix) for name in (*COUNTS, *symbols)}
    return substitute(_read(text), renamed)


def value(figure: str, suffix: str = "") -> Formula:
    """The figure over the counts of the class with this suffix."""
    return _with_suffix(FIGURES[figure].value, suffix)


def by_figures(figure: str, suffix: str = "") -> Formula | None:
    """The figure over other figures of the class, or nothing."""
    text = FIGURES[figure].by
    return _with_suffix(text, suffix) if text else None

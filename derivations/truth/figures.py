"""The second road of figures of merit: counted from the labels, by ratios and sums of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
UNDEFINED = "undefined"
Found = float | str


def by_threshold(
    scores: Sequence[float], threshold: float, at: bool, classes: tuple[str, str]
) -> list[str]:
    """The predicted class of each score: the second one above the threshold, and ``at`` it."""
    return [classes[int(s > threshold or (at and s == threshold))] for s in scores]


def tally(actual: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> Array:
    """The confusion matrix, a row for each true class."""
    counts = np.zeros((len(classes), len(classes)))
    for t, y in zip(actual, predicted, strict=True):
        counts[classes.index(t), classes.index(y)] += 1
    return counts


class Figures:
    """Figures of a confusion matrix. ``zero``: what is 0/0 counts as 0, else it is undefined."""

    def __init__(self, matrix: Array, beta: float, zero: bool) -> None:
        self.matrix, self.beta, self.zero = matrix, beta, zero

    def _over(self, above: float, below: float) -> Found:
        if below == 0:
            return 0.0 if self.zero else UNDEFINED
        return above / below

    def counts(self, k: int) -> tuple[float, float, float, float]:
        """TP, FP, FN and TN of a class against the rest."""
        own = np.arange(len(self.matrix)) == k
        blocks = (
            self.matrix[own][:, own], self.matrix[~own][:, own],
            self.matrix[own][:, ~own], self.matrix[~own][:, ~own],
        )  # fmt: skip
        tp, fp, fn, tn = (float(block.sum()) for block in blocks)
        return tp, fp, fn, tn

    def of_counts(self, figure: str, counts: tuple[float, float, float, float]) -> Found:
        """A figure of the four counts."""
        tp, fp, fn, tn = counts
        said, real, unsaid, unreal = tp + fp, tp + fn, tn + fn, tn + fp
        if figure in ("f1", "f_beta"):
            share = 0.5 if figure == "f1" else 1 / (1 + self.beta**2)
            return self._over(tp, share * said + (1 - share) * real)
        if figure == "kappa":  # what agrees beyond chance, of what could
            n = sum(counts)
            chance = (said / n) * (real / n) + (unsaid / n) * (unreal / n)
            certain = max(said, unsaid) == n == max(real, unreal) and (said > 0) == (real > 0)
            return self._over((tp + tn) / n - chance, 0.0 if certain else 1 - chance)
        if figure == "mcc":
            return self._over(tp * tn - fp * fn, math.sqrt(said * real * unsaid * unreal))
        ratios = {
            "accuracy": (tp + tn, sum(counts)), "error_rate": (fp + fn, sum(counts)),
            "precision": (tp, said), "recall": (tp, real), "specificity": (tn, unreal),
            "false_positive_rate": (fp, unreal), "negative_predictive_value": (tn, unsaid),
            "jaccard": (tp, said + fn),
        }  # fmt: skip
        return self._over(*ratios[figure])

    def of_class(self, figure: str, k: int) -> Found:
        """A figure of a class against the rest."""
        return self.of_counts(figure, self.counts(k))

    def binary(self, figure: str, positive: int) -> Found:
        """A figure of two classes."""
        if figure != "balanced_accuracy":
            return self.of_class(figure, positive)
        return self._average([self.of_class("recall", k) for k in (0, 1)], [1.0, 1.0])

    def _average(self, values: Sequence[Found], weights: Sequence[float]) -> Found:
        total = 0.0
        for value, weight in zip(values, weights, strict=True):
            if isinstance(value, str):
                return UNDEFINED
            total += value * weight
        return total / sum(weights)

    def mean(self, figure: str, mean: str) -> Found:
        """A mean over all classes."""
        classes = range(len(self.matrix))
        if mean == "micro":
            each = [self.counts(k) for k in classes]
            tp, fp, fn, tn = (sum(count[place] for count in each) for place in range(4))
            return self.of_counts(figure, (tp, fp, fn, tn))
        weights = [1.0 if mean == "macro" else float(self.matrix[k].sum()) for k in classes]
        return self._average([self.of_class(figure, k) for k in classes], weights)

    def overall(self, figure: str) -> Found:
        """A figure of all classes together; the correlation is that of the indicators."""
        n, right = float(self.matrix.sum()), float(np.trace(self.matrix))
        if figure == "accuracy":
            return right / n
        if figure == "error_rate":
            return 1 - right / n
        if figure == "balanced_accuracy":
            return self.mean("recall", "macro")
        t, p = self.matrix.sum(axis=1) / n, self.matrix.sum(axis=0) / n
        together = right / n - float(t @ p)
        if figure == "kappa":
            certain = max(t) == 1 and max(p) == 1 and int(np.argmax(t)) == int(np.argmax(p))
            return self._over(together, 0.0 if certain else 1 - float(t @ p))
        apart = (1 - float(p @ p)) * (1 - float(t @ t))
        apart = 0.0 if max(p) == 1 or max(t) == 1 else apart
        return self._over(together, math.sqrt(apart))

"""Losses of a whole sample: of scores for classes, of distributions, of vectors that are compared.

A row says what is compared and which conventions there are; the definitions into which a loss
expands stand in `kinds.base.comparisons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derivations.errors import unknown
from derivations.models.losses import ALIASES as ELEMENT_ALIASES
from derivations.models.losses import LOSSES

Conventions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class SampleLoss:
    """A row of the table.

    Attributes:
        inputs: the fields in which predictions can be given; the gradient is by these.
        targets: the fields of what they are compared with.
        parameters: numbers with the values that they have where they are left out.
        conventions: the choices in which books differ, each with the sentence that states it; the
            first holds where nothing is chosen.
        based: whether there is a logarithm, whose base can be chosen.
    """

    title: str
    source: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    conventions: Conventions = field(default_factory=dict)
    based: bool = False


SAMPLE_LOSSES: dict[str, SampleLoss] = {
    "categorical_cross_entropy": SampleLoss(
        "cross-entropy", "Bishop 2006, eq. 4.108", ("predictions", "logits", "log_predictions"),
        ("classes", "targets"), based=True,
    ),
    "kl_divergence": SampleLoss(
        "Kullback-Leibler divergence", "Bishop 2006, eq. 1.113",
        ("predictions", "logits", "log_predictions"), ("targets",), based=True,
    ),
    "jensen_shannon": SampleLoss(
        "Jensen-Shannon divergence", "Lin 1991", ("predictions",), ("targets",), based=True,
        conventions={"form": {
            "divergence": "",
            "distance": "The distance is the root of the divergence.",
        }},
    ),
    "multiclass_hinge": SampleLoss(
        "multiclass hinge loss", "Weston and Watkins 1999", ("logits",), ("classes",),
        parameters={"margin": "1"},
        conventions={"form": {
            "sum": "The margins of all wrong classes are added.",
            "mean": "The margins of all wrong classes are added and divided by the number of classes.",
            "largest": "Only the wrong class with the largest score counts.",
        }},
    ),
    "cosine": SampleLoss(
        "cosine loss", "Goodfellow et al. 2016, eq. 2.34", ("predictions",), ("targets", "labels"),
        parameters={"margin": "0"},
        conventions={"form": {
            "distance": "The loss is 1 minus the cosine of the angle between prediction and target.",
            "similarity": "The loss is the cosine with a minus sign: the smallest value, −1, is the best.",
            "embedding": "With the label 1 the loss is 1 minus the cosine, with −1 what the cosine has above the margin.",
        }},
    ),
    "triplet": SampleLoss(
        "triplet loss", "Schroff et al. 2015", ("anchor", "positive", "negative"),
        parameters={"margin": "1"},
        conventions={"distance": {
            "euclidean": "The distances are Euclidean, not squared.",
            "squared": "The distances are squared Euclidean distances.",
        }},
    ),
    "contrastive": SampleLoss(
        "contrastive loss", "Hadsell et al. 2006", ("first", "second"), ("similar",),
        parameters={"margin": "1"},
        conventions={"factor": {
            "half": "Squares have the factor 1/2.",
            "whole": "Squares have no factor 1/2.",
        }},
    ),
}  # fmt: skip

ALIASES = {
    "cross_entropy": "categorical_cross_entropy", "ce": "categorical_cross_entropy",
    "nll": "categorical_cross_entropy", "kl": "kl_divergence", "kl_div": "kl_divergence",
    "js": "jensen_shannon", "svm": "multiclass_hinge", "cosine_similarity": "cosine",
    "triplet_margin": "triplet",
}  # fmt: skip


def find(name: str) -> str:
    """The key of a loss of a sample, or else of an element, as people write it.

    Raises:
        ValueError: with the nearest known name.
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    word = ALIASES.get(word, word)
    word = word if word in SAMPLE_LOSSES else ELEMENT_ALIASES.get(word, word)
    known = [*SAMPLE_LOSSES, *(key for key in LOSSES if key not in ALIASES)]
    if word not in known:
        raise ValueError(unknown(name, "a loss", sorted(known)))
    return word

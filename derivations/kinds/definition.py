"""A definition: words, formulas with their symbols, and examples computed on the spot."""

from __future__ import annotations

from typing import Any, Literal

from derivations.kinds.base.exposition import Exposition, derive_exposition, exposition_givens
from derivations.steps.solution import Derivation


class Fields(Exposition):
    """Definition."""

    kind: Literal["definition"]


STARTER = """\
kind: definition
title: The sigmoid function
facts:
  half: sigmoid(0)
content:
  - text: The **sigmoid** (or logistic) function maps every number into $(0, 1)$.
  - equation: sigmoid(x) = 1/(1 + exp(-x))
    where: {x: the pre-activation}
  - text: "At 0 its value is {half}."
claims: [half == 1/2]
"""


def derive(problem: Fields) -> Derivation:
    """The content as the statement."""
    return derive_exposition(problem, "statement")


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return exposition_givens(problem)

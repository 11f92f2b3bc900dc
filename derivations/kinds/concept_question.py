"""A question answered in words, with the facts that the words rest on."""

from __future__ import annotations

from typing import Any, Literal

from derivations.kinds.base.exposition import Exposition, derive_exposition, exposition_givens
from derivations.steps.solution import Derivation


class Fields(Exposition):
    """Concept question."""

    kind: Literal["concept-question"]


STARTER = """\
kind: concept-question
title: Why learning rates matter
text: What does a learning rate that is too large do?
given: {w_0: 0}
facts:
  error: abs((1 - 2*1.1)^6 * (w_0 - 4))
content:
  - heading: It diverges
  - text: "With $L(w) = (w-4)^2$ and a rate of 1.1 the error after six steps is {error}."
"""


def derive(problem: Fields) -> Derivation:
    """The content as the solution."""
    return derive_exposition(problem, "solution")


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return exposition_givens(problem)

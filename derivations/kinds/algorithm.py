"""A procedure: numbered lines, what they mean, and what they give on examples."""

from __future__ import annotations

from typing import Any, Literal

from derivations.kinds.base.exposition import Exposition, derive_exposition, exposition_givens
from derivations.steps.solution import Derivation


class Fields(Exposition):
    """Algorithm."""

    kind: Literal["algorithm"]


STARTER = """\
kind: algorithm
title: A threshold logic unit
given: {w: [1, 1], theta: 1.5}
facts:
  both: iverson(sum(w .* [1, 1]) > theta)
content:
  - procedure:
      - "T ← 0"
      - "for i ← 1 to n do"
      - "  if x[i] then T ← T + w[i]"
      - "return T > θ"
  - text: "For the input (1, 1) the unit gives {both}."
"""


def derive(problem: Fields) -> Derivation:
    """The content as the statement."""
    return derive_exposition(problem, "statement")


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return exposition_givens(problem)

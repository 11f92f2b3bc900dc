"""Variants worked out and verified: what the student is given, the worked key, the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derivations.exams.varying import Variant
from derivations.steps.document import Item
from derivations.steps.solution import Verified, question_of
from derivations.writing import latex
from derivations.writing.json import answer_entries

Solve = Callable[[Variant], Verified]


@dataclass(frozen=True, slots=True)
class Worked:
    """A problem as one student gets it.

    Attributes:
        question: LaTeX of what the student reads; it is made from the givens alone.
        key: LaTeX of the question with its worked solution.
        answers: name, exact, value and shown of each.
    """

    question: str
    key: str
    answers: tuple[Mapping[str, Any], ...]


def worked(variants: Sequence[Variant], solve: Solve) -> list[Worked]:
    """Each variant solved, verified and printed, in order."""
    return [_slowly(solve(variant)) for variant in variants]


def _slowly(verified: Verified) -> Worked:
    solution = verified.solution
    question = replace(question_of(solution), marks="")
    answers = [
        entry
        for answer in solution.derivation.answers
        for entry in answer_entries(answer, solution)
    ]
    return Worked(
        latex.write_item(Item("", question)),
        latex.write_item(Item("", question, verified)),
        tuple(answers),
    )

"""The lines of an attempt: the relations that belong to one first term."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.checking.equality.steps import Step
from derivations.checking.reports import CheckedDocument, CheckedSection
from derivations.formula.tree import Formula


@dataclass(frozen=True, slots=True)
class LineOfWork:
    """A chain: what it is about, its steps with their places, and the number of its section."""

    head: Formula | None
    placed: tuple[tuple[int, Step], ...]
    section: int

    @property
    def last(self) -> Formula | None:
        """The last term that was read."""
        terms = [step.link.term.formula for _, step in self.placed if step.link is not None]
        return next((term for term in reversed(terms) if term is not None), None)


def lines_of_work(document: CheckedDocument) -> list[LineOfWork]:
    """The chains of a document in reading order."""
    found: list[LineOfWork] = []
    for number, section in enumerate(document.sections):
        found += _of_section(section, number)
    return found


def _of_section(section: CheckedSection, number: int) -> list[LineOfWork]:
    groups: list[list[tuple[int, Step]]] = []
    for line, step in section.placed:
        if step.opens or not groups:
            groups.append([])
        groups[-1].append((line, step))
    return [LineOfWork(group[0][1].head, tuple(group), number) for group in groups]

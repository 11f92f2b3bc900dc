"""A whole document checked: section by section, with the line of every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from derivations.checking.checking import NOTHING, check_parts
from derivations.checking.documents import sections
from derivations.checking.problems import Background
from derivations.checking.steps import WRONG, Step
from derivations.reading.latex.repairs import repaired


@dataclass(frozen=True, slots=True)
class CheckedSection:
    """The steps of the mathematics between two headings, each with the line it stands on."""

    title: str
    line: int
    placed: tuple[tuple[int, Step], ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for _, step in self.placed)


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """All sections of a document, and notes on what was repaired while reading."""

    sections: tuple[CheckedSection, ...]
    notes: tuple[str, ...] = ()

    @property
    def first_wrong(self) -> int | None:
        """The line of the first wrong step, if there is one."""
        placed = (pair for section in self.sections for pair in section.placed)
        return next((line for line, step in placed if step.verdict == WRONG), None)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many steps have which verdict."""
        return Counter(step.verdict for section in self.sections for step in section.steps)


def check_document(text: str, background: Background = NOTHING) -> CheckedDocument:
    """Every derivation of a document, read where its mathematics is marked.

    Sections are judged apart: a new question may use the letters of the one before for other things.
    """
    notes: dict[str, None] = {}
    checked: list[CheckedSection] = []
    for section in sections(text):
        parts = []
        for segment in section.segments:
            latex, repairs = repaired(segment.latex)
            notes.update(dict.fromkeys(repairs))
            parts.append(latex)
        placed = tuple(
            (segment.line, step)
            for segment, found in zip(
                section.segments, check_parts(parts, background=background), strict=True
            )
            for step in found.steps
        )
        if placed:
            checked.append(CheckedSection(section.title, section.line, placed))
    return CheckedDocument(tuple(checked), tuple(notes))

"""A whole document checked: section by section, with the line of every step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from derivations.checking.checking import NOTHING, check_parts
from derivations.checking.equality.steps import WRONG, Step
from derivations.checking.names.problems import Background
from derivations.checking.text.documents import MOST_PIECES, Section, Segment, read_document
from derivations.reading.latex.line_numbers import LineNumbers
from derivations.reading.latex.repairs import mended
from derivations.reading.latex.traced import Traced

ALONG_ROWS = re.compile(
    r"softmax[^.]{0,80}\b(?:each|every|per|the) row|row-?wise softmax|softmax[^.]{0,40}row-?wise",
    re.I,
)


@dataclass(frozen=True, slots=True)
class CheckedSection:
    """The steps of the mathematics between two headings, each with the line it stands on.

    ``sources``: for each step, its first and last place in the document; of the first of a line
    they hold the whole relation, of others the sign and what follows it.
    """

    title: str
    line: int
    placed: tuple[tuple[int, Step], ...]
    sources: tuple[tuple[int, int], ...] = ()

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

    Problems are judged apart: a new question may use the letters of the one before for other things.
    The parts of a problem, (a), (b), go on with what was said in it.
    """
    found, left_out = read_document(text)
    lines = LineNumbers.of(text)
    background = replace(background, by_rows=background.by_rows or bool(ALONG_ROWS.search(text)))
    notes = dict.fromkeys(left_out)
    checked: list[CheckedSection] = []
    for whole in _problems(found):
        problem, cut = _bounded(whole)
        notes.update(dict.fromkeys(cut))
        parts: list[Traced] = []
        for segment in (segment for section in problem for segment in section.segments):
            part, repairs = mended(segment.traced)
            notes.update(dict.fromkeys(repairs))
            parts.append(part)
        manners = [segment.manner for section in problem for segment in section.segments]
        texts = [part.text for part in parts]
        verdicts = check_parts(texts, background=background, manners=manners)
        judged = iter(zip(parts, verdicts, strict=True))
        for section in problem:
            placed, sources = list[tuple[int, Step]](), list[tuple[int, int]]()
            for segment, (part, verdict) in zip(section.segments, judged, strict=False):
                for step in verdict.steps:
                    sources.append(_source(step, part))
                    placed.append((_line(lines, step, segment, part), step))
            if placed:
                checked.append(_checked(section, placed, sources))
    return CheckedDocument(tuple(checked), tuple(notes))


def _bounded(problem: list[Section]) -> tuple[list[Section], list[str]]:
    """A problem of bearable length, and a note on what was left out."""
    left, kept = MOST_PIECES, list[Section]()
    for section in problem:
        kept.append(replace(section, segments=section.segments[:left]))
        left -= len(kept[-1].segments)
    if left > 0 or sum(len(section.segments) for section in problem) == MOST_PIECES:
        return problem, []
    return kept, [f"more than {MOST_PIECES} formulas in one problem; those behind are not read"]


def _checked(
    section: Section, placed: list[tuple[int, Step]], sources: list[tuple[int, int]]
) -> CheckedSection:
    """The steps of a section, counted from its beginning."""
    numbered = ((line, replace(step, index=at)) for at, (line, step) in enumerate(placed))
    return CheckedSection(section.title, section.line, tuple(numbered), tuple(sources))


def _problems(found: Iterable[Section]) -> Iterator[list[Section]]:
    """Sections that belong together: a problem with its parts."""
    problem: list[Section] = []
    for section in found:
        if problem and not section.goes_on:
            yield problem
            problem = []
        problem.append(section)
    if problem:
        yield problem


def _line(lines: LineNumbers, step: Step, segment: Segment, part: Traced) -> int:
    """The line on which a relation stands: that of its sign, or of the piece if it has none."""
    if step.link is None and step.span == (0, 0):
        return segment.line
    return lines.at(part.place(step.link.span[0] if step.link else step.span[0]))


def _source(step: Step, part: Traced) -> tuple[int, int]:
    """Where a relation stands in the document."""
    if step.link is None or step.left is None:
        return part.range(*(step.span if step.span != (0, 0) else (0, len(part.text))))
    start = step.left.span[0] if step.opens else step.link.span[0]
    return part.range(start, max(step.link.term.span[1], step.link.span[1]))

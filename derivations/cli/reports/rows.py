"""What every report shows of a checked document, before it is written in a format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from derivations.checking.checking import NOTATION
from derivations.checking.equality.steps import SIGNS_LATEX, WRONG, Step, sign_of
from derivations.checking.marks.marking import Marks
from derivations.checking.reports import CheckedDocument, CheckedSection
from derivations.checking.text.documents import HEADING, MAX_TITLE
from derivations.checking.wording import Told, remarks, sentence
from derivations.formula.printing import Printer
from derivations.formula.tree import Formula


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mark, how it looks, and what it means."""

    mark: str
    look: str
    meaning: str


VERDICTS = {
    "proved": Verdict("✓", "right", "right"),
    "holds": Verdict("✓", "right", "right"),
    "rounded": Verdict("≈", "right", "right, and rounded as it should be"),
    "given": Verdict("·", "given", "nothing to check: a given value, a definition, an equation to be solved"),
    "follows": Verdict("→", "follows", "right, given an earlier wrong value; costs nothing"),
    "wrong": Verdict("✗", "wrong", "wrong"),
    "undecided": Verdict("?", "open", "could not be decided; costs nothing"),
    "unread": Verdict("–", "open", "could not be read; costs nothing"),
}  # fmt: skip
COMMAND = re.compile(r"\\[a-z]+\*?\s*\{(.*)\}")
ITEM = re.compile(
    r"\\item\b\s*(?:\[([^\]]*)\])?\s*|[*_]{2,}"
)  # what a heading has besides its words
RIGHT = ("proved", "holds", "rounded", "given")


@dataclass(frozen=True, slots=True)
class Report:
    """A document with its verdicts.

    Attributes:
        name: of the file.
        text: what stands in it.
        document: the verdicts; None where it could not be read at all.
        marks: by the scheme of the problem, if there is one.
        error: why it could not be read.
        notes: on how the file was read.
    """

    name: str
    text: str = ""
    document: CheckedDocument | None = None
    marks: Marks | None = None
    error: str = ""
    notes: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes on how the file was read, and on what was repaired in it."""
        return tuple(map(sentence, (*self.notes, *(self.document.notes if self.document else ()))))

    @property
    def first_wrong(self) -> int | None:
        """The line of the first wrong step."""
        return self.document.first_wrong if self.document else None

    def count(self, *verdicts: str) -> int:
        """How many steps have one of these verdicts."""
        counts = self.document.counts if self.document else {}
        return sum(counts.get(verdict, 0) for verdict in verdicts)


@dataclass(frozen=True, slots=True)
class Row:
    """One step: what the student wrote, what was understood, and what is said of it.

    Attributes:
        line: of the document.
        step: with its verdict.
        source: the student's own characters.
        opens: whether it is the first of its line; else it begins with the sign.
        remarks: the most important first.
        first: whether it is the first wrong one.
    """

    line: int
    step: Step
    source: str
    opens: bool
    remarks: tuple[str, ...] = field(default=())
    first: bool = False

    @property
    def verdict(self) -> Verdict:
        """The mark and its meaning."""
        return VERDICTS[self.step.verdict]

    @property
    def typed(self) -> str:
        """What was read, as LaTeX of the student: the whole relation, or from its sign on."""
        link = self.step.link
        if link is None or self.opens:
            return self.step.latex
        return f"{sign_of(link)} {link.term.source}"

    def understood(self, latex: bool, opening: bool = True) -> str | None:
        """The relation in our own printing; None where a side was not read."""
        left, link = self.step.left, self.step.link
        if link is None or left is None or link.term.formula is None:
            return None
        if left.formula is None and (opening or self.opens):
            return None
        sign = SIGNS_LATEX.get(link.sign, link.sign) if latex else link.sign
        sides = [printed(link.term.shown or link.term.formula, latex)]
        if left.formula is not None and (opening or self.opens):
            sides.insert(0, printed(left.shown or left.formula, latex))
        if None in sides:
            return None
        return f" {sign} ".join(map(str, sides)) if len(sides) > 1 else f"{sign} {sides[0]}"


def printed(formula: Formula, latex: bool) -> str | None:
    """A formula in our own printing; None of a form that has none."""
    try:
        return Printer(latex, NOTATION).show(formula)
    except (ValueError, KeyError, IndexError):
        return None


def rows(report: Report, section: CheckedSection) -> Iterator[Row]:
    """The rows of a section."""
    assert report.document is not None
    first = next(
        (s for sec in report.document.sections for s in sec.steps if s.verdict == WRONG), None
    )
    told = _told_before(report, section)
    for (line, step), (start, end) in zip(section.placed, section.sources, strict=True):
        source = report.text[start:end].strip()
        yield Row(line, step, source, step.opens, tuple(remarks(step, told)), step is first)
        told.add(line, step)


def _told_before(report: Report, section: CheckedSection) -> Told:
    """What was said in the sections before this one."""
    assert report.document is not None
    told = Told()
    for earlier in report.document.sections:
        if earlier is section:
            break
        for line, step in earlier.placed:
            told.add(line, step)
    return told


def heading(section: CheckedSection) -> str:
    """The words of a section's heading; where it has none, the line of its first step."""
    start = f"From line {section.placed[0][0] if section.placed else section.line}"
    if not HEADING.match(section.title):
        return start
    command = COMMAND.match(section.title)
    title = command[1] if command else section.title.lstrip("# ")
    words = ITEM.sub(lambda m: f"{m[1]} " if m[1] else "", title).strip().rstrip(":")
    if len(section.title) == MAX_TITLE:
        words = f"{words.rpartition(' ')[0] or words} ..."
    return words or start


def first_wrong(report: Report) -> Row | None:
    """The first wrong step of a document."""
    sections = report.document.sections if report.document else ()
    return next((row for section in sections for row in rows(report, section) if row.first), None)


def summary(report: Report) -> str:
    """How many steps are right, wrong and open, in a sentence."""
    whole = report.count(*VERDICTS)
    if not whole:
        return "No derivation was found in it: no formula with a relation sign."
    counted = f"{whole} step{'' if whole == 1 else 's'}: {report.count(*RIGHT)} right"
    further = [
        f"{count} {words}"
        for verdict, words in (
            ("follows", "right given an earlier slip"),
            ("wrong", "wrong"),
            ("undecided", "not decided"),
            ("unread", "not read"),
        )
        if (count := report.count(verdict))
    ]
    return ", ".join([counted, *further]) + "."

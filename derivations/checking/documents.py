"""The mathematics of a document: formulas and displays in the text, section by section.

LaTeX, Markdown and plain text are read alike: what stands between dollars, in display brackets or in
a mathematical environment. Headings, questions and parts begin a new derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivations.reading.latex.macros import expanded
from derivations.reading.latex.traced import Traced, join

ENVIRONMENTS = "align|equation|gather|multline|eqnarray|flalign|alignat|displaymath|math"
MATHEMATICS = re.compile(
    rf"(?P<environment>\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}}.*?\\end\{{(?P=name)\}})"
    r"|(?P<brackets>\\\[.*?\\\])"
    r"|(?P<double>\$\$.*?\$\$)"
    r"|(?P<inline>\\\(.*?\\\))"
    r"|(?P<single>(?<![\\$])\$(?!\$)(?:\\.|[^$\\])+\$)",
    re.DOTALL,
)
HEADING = re.compile(
    r"^(?:#{1,6}\s|\\(?:sub)*section\b|\\part\b|\\item\b|\[?(?:Question|Problem|Exercise|Task)\b"
    r"|Q\s?\d|\(?[a-h]\)\s)",
    re.MULTILINE,
)
RELATION = re.compile(
    r"=|<|>|\\(?:approx|le|leq|ge|geq|ne|neq|leftarrow|gets|Rightarrow|implies|iff)\b|≈|≤|≥|≠|←|⇒"
)
LABEL = re.compile(r"^\s*(?:Q\s?\d+\s*:|\([a-h]\)|\[?Step\s\d+:?\]?|[①-⑳])\s*")
CONTINUES = re.compile(
    r"\s*(?:\\begin\{(?:aligned|align\*?|split)\}|&|\s)*(?:=|\\approx|\\le\b|\\ge\b|<|>)"
)
COMMENT = re.compile(r"(?<!\\)%[^\n]*")
VERBATIM = re.compile(r"```.*?```|\\begin\{(verbatim|lstlisting|minted)\}.*?\\end\{\1\}", re.DOTALL)
MAX_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of mathematics, and the line on which it begins."""

    traced: Traced
    line: int

    @property
    def latex(self) -> str:
        """The piece, with definitions carried out."""
        return self.traced.text

    @property
    def start(self) -> int:
        """Its first character in the text."""
        return self.traced.place(0)


@dataclass(frozen=True, slots=True)
class Section:
    """The mathematics between two headings."""

    title: str
    line: int
    segments: tuple[Segment, ...]


def sections(text: str) -> Iterator[Section]:
    """The sections of a document that hold relations.

    A text without any marked mathematics is read as mathematics itself.
    """
    yield from read_document(text)[0]


def read_document(text: str) -> tuple[list[Section], tuple[str, ...]]:
    """The sections of a document that hold relations, and notes on definitions that were left."""
    traced, notes = expanded(Traced.of(_blanked(text)))
    shown = traced.text
    if not MATHEMATICS.search(shown):
        whole = [Section("", 1, (Segment(traced, 1),))] if RELATION.search(shown) else []
        return whole, notes
    starts: list[int] = sorted(
        {0, *(match.start() for match in HEADING.finditer(_without_mathematics(shown)))}
    )
    found = [
        _section(text, traced, start, end)
        for start, end in zip(starts, [*starts[1:], len(shown)], strict=True)
    ]
    return [section for section in found if section.segments], notes


def _section(text: str, traced: Traced, start: int, end: int) -> Section:
    """What stands between two headings."""
    found: list[Segment] = []
    for match in MATHEMATICS.finditer(traced.text, start, end):
        if RELATION.search(match[0]):
            inside = _inside(traced, match)
            label = LABEL.match(inside.text)
            place = traced.place(match.start())
            line = text.count("\n", 0, place) + 1
            _take(found, Segment(inside.cut(label.end() if label else 0), line))
    first, last = traced.place(start), traced.place(end)
    title = text[first:last].strip().partition("\n")[0][:80]
    return Section(title, text.count("\n", 0, first) + 1, tuple(found))


def _take(found: list[Segment], segment: Segment) -> None:
    """One more piece; one that begins with a relation sign goes on with the piece before."""
    if found and CONTINUES.match(segment.latex):
        before = found.pop()
        between = Traced.put(" \\\\ ", segment.start)
        segment = Segment(join((before.traced, between, segment.traced)), before.line)
    found.append(segment)


def _inside(traced: Traced, match: re.Match[str]) -> Traced:
    """Without the signs around it; environments keep theirs, which the reader knows."""
    around = 0 if match["environment"] else 1 if match["single"] else 2
    return traced.cut(match.start() + around, match.end() - around)


def _blanked(text: str) -> str:
    """The text with comments and listings replaced by blanks, so that places stay."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return COMMENT.sub(blank, VERBATIM.sub(blank, text))


def _without_mathematics(text: str) -> str:
    return MATHEMATICS.sub(lambda match: re.sub(r"[^\n]", "·", match[0]), text)

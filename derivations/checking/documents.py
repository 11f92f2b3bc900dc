"""The mathematics of a document: formulas and displays in the text, section by section.

LaTeX, Markdown and plain text are read alike: what stands between dollars, in display brackets or in
a mathematical environment. Headings, questions and parts begin a new derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    """A piece of mathematics, the line on which it begins, and its first character in the text."""

    latex: str
    line: int
    start: int


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
    shown = _blanked(text)
    if not MATHEMATICS.search(shown):
        if RELATION.search(text):
            yield Section("", 1, (Segment(text, 1, 0),))
        return
    starts: list[int] = sorted(
        {0, *(match.start() for match in HEADING.finditer(_without_mathematics(shown)))}
    )
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found: list[Segment] = []
        for match in MATHEMATICS.finditer(shown, start, end):
            if RELATION.search(match[0]):
                _take(
                    found,
                    Segment(
                        LABEL.sub("", _inside(match)),
                        shown.count("\n", 0, match.start()) + 1,
                        match.start(),
                    ),
                )
        if found:
            title = text[start:end].strip().partition("\n")[0][:80]
            yield Section(title, text.count("\n", 0, start) + 1, tuple(found))


def _take(found: list[Segment], segment: Segment) -> None:
    """One more piece; one that begins with a relation sign goes on with the piece before."""
    if found and CONTINUES.match(segment.latex):
        before = found.pop()
        segment = Segment(f"{before.latex} \\\\ {segment.latex}", before.line, before.start)
    found.append(segment)


def _inside(match: re.Match[str]) -> str:
    """Without the signs around it; environments keep theirs, which the reader knows."""
    if match["environment"]:
        return match[0]
    around = 1 if match["single"] else 2
    return match[0][around:-around]


def _blanked(text: str) -> str:
    """The text with comments and listings replaced by blanks, so that places stay."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return COMMENT.sub(blank, VERBATIM.sub(blank, text))


def _without_mathematics(text: str) -> str:
    return MATHEMATICS.sub(lambda match: re.sub(r"[^\n]", "·", match[0]), text)

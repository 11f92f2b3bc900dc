"""Many documents in one LaTeX run, split into a PDF for each.

The preamble is loaded from a format file; pictures that documents share are typeset once; the
pages of a document are held back until their number is known. What a document's PDF holds depends
on that document alone: the fonts of a run embed the same letters whoever else is in it, and the
split copies nothing but the document's own pages.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation
from derivations.steps.document import Front
from derivations.steps.solution import Block
from derivations.writing.engine import TexError
from derivations.writing.formats import Format, dump_format
from derivations.writing.latex import marks_in_words
from derivations.writing.latex_blocks import Blocks
from derivations.writing.pdf import compile_after
from derivations.writing.templates import latex_environment, render
from derivations.writing.tikz import parts_of
from derivations.writing.type1 import slimmed

PAGES = re.compile(r"^booklet ([0-9]+)$", re.MULTILINE)
PICTURE = re.compile(r"\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on a first page. ``qr``: the rows of the code's modules, dark ones true."""

    front: Front
    student: str
    name: str | None  # None: no line for it; empty: a line to write on
    code: str
    kind: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    qr: tuple[tuple[bool, ...], ...] = ()
    own_page: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem as LaTeX (`latex.write_item`), its number and marks, and the room below it in cm."""

    label: str
    marks: str
    latex: str
    space: str = ""
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A section of a booklet: a heading, words, problems."""

    title: str
    prose: tuple[Block, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Booklet:
    """One student's document."""

    cover: Cover
    groups: tuple[Group, ...]


@dataclass(slots=True)
class Press:
    """Prints booklets of one exam.

    Args:
        specimen: a booklet with everything that the others may hold; it is set in every run, and
            thrown away, so that the fonts of a document do not depend on the others of its run.
        engine: ``auto``, ``embedded``, ``pdflatex`` or ``latexmk``.
    """

    specimen: Booklet
    engine: str = "auto"
    form: Format | None = None

    def print(self, booklets: Sequence[Booklet]) -> list[bytes]:
        """The PDF of each booklet, in order.

        Raises:
            EngineMissing: there is no pdflatex.
            TexError: a booklet does not compile.
        """
        if self.form is None:
            preamble = render(
                latex_environment(), "booklets.tex.j2", {"head": _head(self.specimen.cover.front)}
            )
            self.form = dump_format(preamble, self.engine)
        done = compile_after(self.form, source_of((self.specimen, *booklets)))
        _, *counts = (int(count) for count in PAGES.findall(done.log))
        if len(counts) != len(booklets):
            raise TexError(f"{len(counts)} of {len(booklets)} documents came out of a LaTeX run")
        return split(done.pdf, counts, [_title(booklet.cover) for booklet in booklets])


def source_of(booklets: Sequence[Booklet]) -> str:
    """What follows the preamble for a run with these booklets, of which the first is the specimen.

    Its pictures are typeset once and kept. Of other pictures what stands around the labels is.
    """
    first, *others = map(_latex, booklets)
    whole = frozenset(PICTURE.findall(first))
    kept: dict[str, str] = {}
    texts = [_kept(text, whole, kept) for text in (first, *others)]
    made = [rf"\keptpicture{{{name}}}{{{picture}}}" for picture, name in kept.items()]
    return "\n".join([r"\begin{document}\letters", *made, *texts, r"\end{document}", ""])


def _kept(text: str, whole: frozenset[str], kept: dict[str, str]) -> str:
    """The text with its pictures called by name."""

    def call(match: re.Match[str]) -> str:
        parts = None if match[0] in whole else parts_of(match[0])
        picture = match[0] if parts is None else parts.skeleton
        name = kept.setdefault(picture, _name(picture))
        if parts is None:
            return rf"\kept{{{name}}}"
        return "\n".join([rf"\labelled{{{name}}}{{%", *(f"{one}%" for one in parts.labels), "}"])

    return PICTURE.sub(call, text)


def _name(picture: str) -> str:
    return hashlib.sha256(picture.encode()).hexdigest()[:16]


def split(pdf: bytes, counts: Sequence[int], titles: Sequence[str]) -> list[bytes]:
    """The PDF of each document from the pages of a run, without anything of the others."""
    import pikepdf

    parts = []
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        _slim(whole)
        first = len(whole.pages) - sum(counts)  # what is thrown away stands before
        for count, title in zip(counts, titles, strict=True):
            with pikepdf.new() as part:
                part.pages.extend(whole.pages[first : first + count])
                part.docinfo["/Title"] = title
                part.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
                written = io.BytesIO()
                part.save(
                    written,
                    deterministic_id=True,
                    object_stream_mode=pikepdf.ObjectStreamMode.generate,
                )
            parts.append(written.getvalue())
            first += count
    return parts


def _slim(whole: Any) -> None:
    """The fonts of a run without what none of their letters needs."""
    import pikepdf

    for font in whole.objects:
        lengths = ("/Length1", "/Length2", "/Length3")
        if isinstance(font, pikepdf.Stream) and all(name in font for name in lengths):
            if font.Length3 == 0:  # nothing follows what is encrypted
                clear = int(font.Length1)
                slim = slimmed(font.read_bytes(), clear)
                font.Length2 = len(slim) - clear
                font.write(_deflated(slim), filter=pikepdf.Name.FlateDecode)


@lru_cache(maxsize=256)
def _deflated(font: bytes) -> bytes:
    return zlib.compress(font)


def _title(cover: Cover) -> str:
    return " ".join(part for part in (cover.front.number, cover.front.title) if part)


def _head(front: Front) -> str:
    return escape_latex(" · ".join(part for part in (front.course, front.title) if part))


def _latex(booklet: Booklet) -> str:
    groups = [
        {
            "title": escape_latex(group.title),
            "prose": Blocks(Notation(), {}).all(group.prose),
            "entries": [_entry(entry) for entry in group.entries],
        }
        for group in booklet.groups
    ]
    values = {"cover": _cover(booklet.cover), "sections": groups}
    return render(latex_environment(), "booklet.tex.j2", values)


def _entry(entry: Entry) -> Mapping[str, Any]:
    return {
        "label": escape_latex(entry.label),
        "marks": marks_in_words(entry.marks),
        "latex": entry.latex,
        "space": f"{entry.space}cm" if entry.space else "",
        "new_page": entry.new_page,
    }


def _cover(cover: Cover) -> dict[str, Any]:
    front = cover.front
    return {
        "running": escape_latex(cover.student),
        "whose": f"{cover.kind or 'paper'} of {cover.student}",
        "course": escape_latex(front.course),
        "number": escape_latex(front.number),
        "title": escape_latex(front.title),
        "byline": r"\quad$\cdot$\quad ".join(
            escape_latex(part) for part in (front.author, front.date) if part
        ),
        "kind": escape_latex(cover.kind),
        "names": cover.name is not None,
        "name": escape_latex(cover.name) if cover.name else r"\blank{7cm}",
        "student": escape_latex(cover.student),
        "code": escape_latex(cover.code),
        "marks": _marks(cover.marks) if cover.marks else "",
        "qr": "".join(map(_row, cover.qr)),
        "instructions": Blocks(Notation(), {}).all(front.statement),
        "own_page": cover.own_page,
    }


def _marks(marks: Sequence[tuple[str, str]]) -> str:
    r"""A table to write marks in: a column for each problem."""
    columns = "|l|" + "c|" * len(marks)
    rows = [
        ["", *(rf"\makebox[1.7em]{{\bfseries {escape_latex(label)}}}" for label, _ in marks)],
        ["possible", *(escape_latex(worth) for _, worth in marks)],
        ["reached", *("" for _ in marks)],
    ]
    body = "".join(" & ".join(row) + r" \\ \hline" + "\n" for row in rows)
    return f"\\begin{{tabular}}{{{columns}}}\\hline\n{body}\\end{{tabular}}"


def _row(row: Sequence[bool]) -> str:
    r"""A row of a QR code, as bars and gaps of whole modules."""
    runs: list[list[int]] = []
    for dark in row:
        if runs and runs[-1][0] == dark:
            runs[-1][1] += 1
        else:
            runs.append([int(dark), 1])
    bars = "".join(rf"\qr{'bar' if dark else 'gap'}{{{length}}}" for dark, length in runs)
    return rf"\hbox{{{bars}}}"

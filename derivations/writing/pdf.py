"""PDF from LaTeX, in an empty folder of its own; the same bytes for the same source and engine.

What sheets share of a preamble is loaded as a format (see `formats`). Page numbers and contents
settle in two runs, in one where the number of pages was guessed right.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from derivations.writing.engine import TexError, find_engine, run
from derivations.writing.formats import PREAMBLE_ENDS, Format, kept_format

RUNS = 3  # page numbers and contents settle after two, at most three
LOADED = "preamble.fmt"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A PDF, and what LaTeX noted on the way."""

    pdf: bytes
    log: str


def compile_pdf(source: str, engine: str = "auto") -> bytes:
    """The PDF of a LaTeX document; the same bytes for the same source and engine.

    Raises:
        EngineMissing: there is no such engine.
        TexError: the source does not compile.
    """
    return compile_document(source, engine).pdf


def compile_document(source: str, engine: str = "auto") -> Compiled:
    """The PDF with LaTeX's log; see `compile_pdf`."""
    command, own = find_engine(engine), source
    if (form := _format_of(source, command, engine)) is not None:
        command, own = _loading(form), source.partition(PREAMBLE_ENDS)[2]
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        _lay_out(place, own, form)
        auxiliary = b"" if "latexmk" in command[0] else _guessed(place, source)
        log = ""
        for _ in range(RUNS):
            log = run(command, place, own)
            settled = _auxiliary(place)
            if settled == auxiliary or "latexmk" in command[0]:
                break
            auxiliary = settled
        return Compiled((place / "sheet.pdf").read_bytes(), log)


def compile_after(form: Format, source: str) -> Compiled:
    """The PDF of what follows a preamble, in one run.

    Raises:
        TexError: the source does not compile.
    """
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        _lay_out(place, source, form)
        log = run(_loading(form), place, source)
        return Compiled((place / "sheet.pdf").read_bytes(), log)


def _format_of(source: str, command: list[str], engine: str) -> Format | None:
    """The format of what the source shares with others; a preamble that makes none is read with it."""
    preamble, end, _ = source.partition(PREAMBLE_ENDS)
    if not end or Path(command[0]).stem != "pdflatex":
        return None
    try:
        return kept_format(preamble, engine)
    except TexError:
        return None


def _loading(form: Format) -> list[str]:
    return [form.engine, f"-fmt={LOADED}"]


def _lay_out(place: Path, source: str, form: Format | None) -> None:
    (place / "sheet.tex").write_text(source, encoding="utf-8")
    if form is not None:
        (place / LOADED).write_bytes(form.data)


def _auxiliary(place: Path) -> bytes:
    """What a run leaves for the next one."""
    files = (place / f"sheet.{ending}" for ending in ("aux", "toc", "out"))
    return b"".join(path.read_bytes() for path in files if path.exists())


LAST_PAGE = (
    "\\relax \n"
    + r"""\providecommand\hyper@newdestlabel[2]{}
\providecommand\HyField@AuxAddToFields[1]{}
\providecommand\HyField@AuxAddToCoFields[2]{}
\newlabel{LastPage}{{}{%d}{}{page.%d}{}}
\gdef\lastpage@lastpage{%d}
\gdef\lastpage@lastpageHy{%d}
\gdef \@abspage@last{%d}
"""
)
ONE_PAGE, A_PAGE = 2_400, 1_900  # characters behind the preamble, about


def _guessed(place: Path, source: str) -> bytes:
    """What the first run would leave if the sheet had as many pages as it is long, put into its folder.

    Where the guess is right the first run leaves the same, and is the last; else it costs nothing.
    """
    length = len(source.partition(r"\begin{document}")[2])
    if r"\pageref*{LastPage}" not in source or not length:
        return b""
    pages = 1 if length <= ONE_PAGE else max(2, round(length / A_PAGE))
    written = (LAST_PAGE % ((pages,) * LAST_PAGE.count("%d"))).encode()
    (place / "sheet.aux").write_bytes(written)
    return written

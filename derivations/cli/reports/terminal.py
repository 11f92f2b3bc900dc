"""The report for the terminal: a line for each step, with its mark and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from derivations.checking.marking import Marks, shown
from derivations.cli.reports.rows import Report, Row, heading, rows, summary

WIDTH = 100  # characters of a line about marks
CUT = 200  # characters of a formula that a line shows


def text(report: Report) -> str:
    """The whole report."""
    name = plain(report.name)
    lines = [name, "=" * len(name), *map(plain, report.remarks)]
    if report.error:
        return "\n".join([*lines, f"not checked: {plain(report.error)}", "", ""])
    assert report.document is not None
    for section in report.document.sections:
        title = plain(heading(section))
        lines += ["", f"line {section.line}" + ("" if title.startswith("Line ") else f": {title}")]
        for row in rows(report, section):
            lines += _row(row)
    lines += ["", summary(report)]
    if report.marks is not None:
        lines += ["", *_marks(report.marks)]
    first = report.first_wrong
    lines.append("no wrong step" if first is None else f"first wrong step: line {first}")
    return "\n".join([*lines, "", ""])


def _row(row: Row) -> Iterator[str]:
    yield f"{row.line:>5} {row.verdict.mark} {cut(row.step.latex)}"
    understood = row.understood(latex=False)
    if understood and (row.remarks or row.verdict.look != "right"):
        if _bare(understood) != _bare(row.step.latex):
            yield f"        understood: {cut(understood)}"
    for remark in row.remarks:
        yield f"        {remark}"


def _bare(formula: str) -> str:
    """Without what looks different only: blanks, and the sign of minus."""
    return "".join(formula.split()).replace("\N{MINUS SIGN}", "-")


def _marks(marks: Marks) -> Iterator[str]:
    for share in marks.shares:
        names = ", ".join(item.words for item in share.items)
        yield from _filled(f"{names}: {share.shown}, {share.why}", 2)
        if share.look:
            yield from _filled(f"look: {share.look}", 6)
    exact = (
        ""
        if marks.exact == marks.total
        else f" ({shown(marks.exact)} before rounding to half marks)"
    )
    yield f"marks: {shown(marks.total)} of {shown(marks.of)}{exact}"


def _filled(words: str, indent: int) -> list[str]:
    margin = " " * indent
    return wrap(plain(words), WIDTH, initial_indent=margin, subsequent_indent=f"{margin}    ")


def cut(source: str) -> str:
    """One line of bearable length, without characters that move the cursor."""
    line = plain(" ".join(source.split()))
    return line if len(line) <= CUT else line[: CUT - 3] + "..."


def plain(source: str) -> str:
    """A text that a terminal only shows: control characters are replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in source)

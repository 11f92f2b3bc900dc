"""The report for the terminal: a line for each step, with its mark and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from derivations.checking.marks.marking import Marks, shown
from derivations.cli.reports.rows import VERDICTS, Report, Row, heading, rows, summary

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
        lines += ["", plain(heading(section))]
        for row in rows(report, section):
            lines += _row(row)
    lines += ["", summary(report)]
    if report.marks is not None:
        lines += ["", *_marks(report.marks)]
    return "\n".join([*lines, _verdict(report), "", ""])


def overview(reports: Sequence[Report]) -> str:
    """A line for each of several files: its marks, and where its first wrong step is."""
    if len(reports) < 2:
        return ""
    wide = max(len(plain(report.name)) for report in reports)
    lines = [f"{plain(report.name):{wide}}  {_line(report)}" for report in reports]
    title = f"{len(reports)} files"
    return "\n".join([title, "=" * len(title), *lines, ""])


def _line(report: Report) -> str:
    if report.error:
        return f"not checked: {plain(report.error)}"
    marks = report.marks
    parts = [f"{shown(marks.total):>4} of {shown(marks.of)}"] if marks else []
    parts.append(_verdict(report))
    if marks and marks.look:
        parts.append("please look at it")
    return ", ".join(parts)


def _verdict(report: Report) -> str:
    """Where the first wrong step is; whether there is anything at all."""
    if not report.count(*VERDICTS):
        return "nothing to check was found"
    first = report.first_wrong
    return "no wrong step" if first is None else f"first wrong step: line {first}"


def _row(row: Row) -> Iterator[str]:
    yield f"{row.line:>5} {row.verdict.mark} {cut(row.step.latex)}"
    understood = row.understood(latex=False)
    if understood and (row.verdict.look in ("wrong", "open") or row.step.otherwise):
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

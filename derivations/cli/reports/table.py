"""The table for a course: a row of comma-separated values for each submission."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from derivations.checking.equality.steps import WRONG
from derivations.checking.marks.marking import shown
from derivations.cli.reports.rows import RIGHT, VERDICTS, Report, first_wrong

COLUMNS = (
    "file", "steps", "right", "follows", "wrong", "undecided", "unread", "first wrong line",
    "misconception", "what is wrong", "marks", "of", "look at", "remark",
)  # fmt: skip


def table(reports: Iterable[Report]) -> str:
    """A row for each document, those that could not be read too."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for report in reports:
        writer.writerow([_cell(value) for value in _row(report)])
    return "\ufeff" + buffer.getvalue()  # without the mark Excel takes it for another encoding


def _row(report: Report) -> list[str]:
    remark = " ".join(report.remarks)
    if report.document is None:
        return [report.name, *[""] * (len(COLUMNS) - 2), f"not checked: {report.error}"]
    steps = [step for section in report.document.sections for step in section.steps]
    first = next((step for step in steps if step.verdict == WRONG), None)
    row = first_wrong(report)
    marks = report.marks
    line = report.first_wrong
    return [
        report.name, str(report.count(*VERDICTS)), str(report.count(*RIGHT)),
        *(str(report.count(v)) for v in ("follows", "wrong", "undecided", "unread")),
        "" if line is None else str(line), (first.misconception or "") if first else "",
        " ".join(row.remarks) if row else "",
        shown(marks.total) if marks else "", shown(marks.of) if marks else "",
        "; ".join(marks.look) if marks else "", remark,
    ]  # fmt: skip


def _cell(text: str) -> str:
    """A text on one line that no table program takes for a formula."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return f"'{line}" if line[:1] in tuple("=+-@") else line

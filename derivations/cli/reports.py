"""Reports on checked documents: one page of HTML for a reader, one row of a table for a course."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from derivations.checking.reports import CheckedDocument, CheckedSection
from derivations.checking.steps import Step
from derivations.writing.templates import html_environment, render

MARKS = {
    "proved": ("✓", "right", "right, proved"),
    "holds": ("✓", "right", "right at every point that was tried"),
    "rounded": ("≈", "right", "right, rounded"),
    "given": ("·", "given", "given or a definition"),
    "follows": ("→", "follows", "right, given an earlier wrong step"),
    "wrong": ("✗", "wrong", "wrong"),
    "undecided": ("?", "open", "not decided; costs nothing"),
    "unread": ("–", "open", "could not be read; costs nothing"),
}
COLUMNS = (
    "file",
    "steps",
    "right",
    "follows",
    "wrong",
    "undecided",
    "unread",
    "first wrong line",
    "misconception",
)
RIGHT = ("proved", "holds", "rounded", "given")


def html(name: str, document: CheckedDocument) -> str:
    """One page that needs nothing besides: every step with its mark and the explanation beside it."""
    return render(
        html_environment(),
        "report.html.j2",
        {
            "name": name,
            "summary": summary(document),
            "first": document.first_wrong,
            "notes": document.notes,
            "sections": [_section(section) for section in document.sections],
            "key": [(mark, words, look) for mark, look, words in MARKS.values()],
        },
    )


def _section(section: CheckedSection) -> dict[str, object]:
    rows = [
        {
            "line": line, "mark": MARKS[step.verdict][0], "look": MARKS[step.verdict][1],
            "latex": step.latex.strip(), "why": why(step), "sides": sides(step),
        }
        for line, step in section.placed
    ]  # fmt: skip
    return {"title": section.title, "line": section.line, "rows": rows}


def why(step: Step) -> str:
    """The reason in words, where a reader needs one."""
    if step.verdict in ("proved", "holds", "given"):
        return ""
    return step.why[:1].upper() + step.why[1:]


def sides(step: Step) -> str:
    """What the two sides are, of a wrong step."""
    if step.verdict != "wrong" or not step.found:
        return ""
    return f"left side {step.expected}, right side {step.found}"


def summary(document: CheckedDocument) -> str:
    """How many steps are right, wrong and open."""
    counts = document.counts
    right = sum(counts.get(verdict, 0) for verdict in RIGHT)
    parts = [f"{sum(counts.values())} steps: {right} right"]
    parts += [f"{counts[v]} {w}" for v, w in (
        ("follows", "right given an earlier slip"), ("wrong", "wrong"),
        ("undecided", "not decided"), ("unread", "not read"),
    ) if counts.get(v)]  # fmt: skip
    return ", ".join(parts) + "."


def table(documents: list[tuple[Path, CheckedDocument]]) -> str:
    """A row of comma-separated values for each document."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for path, document in documents:
        counts = document.counts
        first = next(
            (s for section in document.sections for s in section.steps if s.verdict == "wrong"),
            None,
        )
        writer.writerow(
            [
                _cell(path.name), sum(counts.values()), sum(counts.get(v, 0) for v in RIGHT),
                counts.get("follows", 0), counts.get("wrong", 0), counts.get("undecided", 0),
                counts.get("unread", 0), document.first_wrong or "", first.misconception or "" if first else "",
            ]
        )  # fmt: skip
    return buffer.getvalue()


def _cell(text: str) -> str:
    """A text that no table program takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text

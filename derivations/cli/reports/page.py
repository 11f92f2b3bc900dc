"""The report as one page of HTML that needs nothing besides."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from derivations.checking.marks.marking import Marks, shown
from derivations.checking.marks.scheme import Item
from derivations.cli.reports.rows import VERDICTS, Report, Row, first_wrong, heading, rows, summary
from derivations.writing.mathml import mathml
from derivations.writing.templates import html_environment, render

LAYOUT = re.compile(
    r"\\(?:tag\*?|label)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|hfill)\b"
    r"|\\\\\s*(?:\[[^\]]*\])?|&|\\(?:begin|end)\s*\{(?:align|aligned|split|equation|gather)\*?\}"
)
SIZES = re.compile(r"\\(?:left|right|big|Big|bigg|Bigg)[lrm]?(?![A-Za-z])\s*\.?")


def html(report: Report) -> str:
    """The page: the student's own lines, a mark at each, and the explanation beside it."""
    first = first_wrong(report)
    sections = report.document.sections if report.document else ()
    return render(
        html_environment(),
        "report.html.j2",
        {
            "name": report.name,
            "error": report.error,
            "summary": "" if report.error else summary(report),
            "notes": report.remarks,
            "first": _row(first) if first else None,
            "marks": _marks(report.marks) if report.marks else None,
            "sections": [
                {
                    "title": heading(section),
                    "rows": [_row(row) for row in rows(report, section)],
                }
                for section in sections
            ],
            "key": _key(report),
        },
    )


def _key(report: Report) -> list[tuple[str, str, str]]:
    """The marks that occur, each once, with their meanings."""
    found = {
        verdict.mark: (verdict.mark, verdict.meaning, verdict.look)
        for name, verdict in VERDICTS.items()
        if report.count(name)
    }
    return list(found.values())


def _row(row: Row) -> dict[str, Any]:
    understood = row.understood(latex=True)
    return {
        "line": row.line,
        "mark": row.verdict.mark,
        "look": row.verdict.look,
        "meaning": row.verdict.meaning,
        "math": typeset(row.typed),
        "whole": typeset(row.step.latex),
        "source": row.source or row.step.latex,
        "opens": row.opens,
        "remarks": row.remarks,
        "first": row.first,
        "understood": typeset(understood) if understood else None,
        "in_words": row.understood(latex=False) or "",
    }


def typeset(latex: str) -> Markup | None:
    """A formula of the student's as MathML, without what belongs to the layout around it."""
    for source in (latex, LAYOUT.sub(" ", latex), SIZES.sub("", LAYOUT.sub(" ", latex))):
        found = mathml(source)
        if found is not None:
            return Markup(found)
    return None


def _name(item: Item) -> str:
    found = mathml(item.latex, display=False) if item.latex else None
    return item.words if found is None else Markup(found)


def _marks(marks: Marks) -> dict[str, Any]:
    return {
        "total": shown(marks.total),
        "of": shown(marks.of),
        "exact": "" if marks.exact == marks.total else shown(marks.exact),
        "rows": [
            {
                "names": [_name(item) for item in share.items],
                "marks": share.shown,
                "why": share.why,
                "look": share.look,
                "lost": share.earned < share.worth,
            }
            for share in marks.shares
        ],
    }

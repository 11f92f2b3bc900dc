"""The report as a sheet in LaTeX.

No LaTeX of a student reaches it: formulas are printed anew as they were understood, and what was
not understood stands there letter by letter.
"""

from __future__ import annotations

import re
from typing import Any

from derivations.checking.marks.marking import Marks, shown
from derivations.cli.reports.rows import VERDICTS, Report, Row, first_wrong, heading, rows, summary
from derivations.formula.escape import escape_latex, unprintable
from derivations.writing.templates import latex_environment, render

SIGNS = {
    "right": r"\good", "wrong": r"\bad", "follows": r"\textcolor{follows}{$\to$}",
    "given": r"\textcolor{given}{$\cdot$}",
}  # fmt: skip
OF_VERDICT = {
    "rounded": r"\textcolor{right}{$\approx$}", "undecided": r"\textcolor{open}{?}",
    "unread": r"\textcolor{open}{--}",
}  # fmt: skip
LONGEST = 1_500  # characters of a formula, or of a source, that the sheet shows
UNBROKEN = re.compile(r"\\left|\\begin")
MATHEMATICAL = dict(zip("₀₁₂₃₄₅₆₇₈₉", (rf"$_{n}$" for n in range(10)), strict=True)) | {
    "ₖ": "$_k$", "ᵢ": "$_i$", "ⱼ": "$_j$", "ₙ": "$_n$", "′": r"$'$", "⁺": "$^+$", "⁽": "$^($", "⁾": "$^)$",
    "ˡ": "$^l$", "¹": "$^1$", "∑": r"$\sum$",
}  # fmt: skip
MARKED = {"\u0302": r"\hat", "\u0304": r"\bar", "\u0303": r"\tilde"}
BREAK = r"\hspace{0pt}"  # where a line of a source may end
LETTER = re.compile(r"(\w)([\u0302\u0303\u0304])")


def tex(report: Report) -> str:
    """The whole sheet."""
    first = first_wrong(report)
    sections = report.document.sections if report.document else ()
    return render(
        latex_environment(),
        "report.tex.j2",
        {
            "title": words(report.name),
            "error": words(report.error),
            "summary": words(summary(report)) if report.document else "",
            "notes": [words(note) for note in report.remarks],
            "first": _first(first) if first else None,
            "marks": _marks(report.marks) if report.marks else None,
            "sections": [
                {
                    "title": words(heading(section)),
                    "rows": [_row(row) for row in rows(report, section)],
                }
                for section in sections
            ],
            "key": _key(report),
        },
    )


def _key(report: Report) -> list[tuple[str, str]]:
    found = {
        _sign(name, verdict.look): words(verdict.meaning)
        for name, verdict in VERDICTS.items()
        if report.count(name)
    }
    return list(found.items())


def _sign(verdict: str, look: str) -> str:
    return OF_VERDICT.get(verdict) or SIGNS[look]


def _first(row: Row) -> dict[str, Any]:
    understood = row.understood(latex=True)
    whole = formula(understood) if understood else _typed(row.source)
    return {"line": row.line, "whole": whole, "remarks": [words(said) for said in row.remarks]}


def _row(row: Row) -> dict[str, Any]:
    understood = row.understood(latex=True, opening=row.opens)
    if understood and len(understood) <= LONGEST:
        shown_as = ("" if row.opens else r"\further ") + formula(understood)
    else:
        shown_as = _typed(row.source)
    return {
        "line": row.line,
        "look": row.verdict.look,
        "mark": _sign(row.step.verdict, row.verdict.look),
        "shown": shown_as,
        "remarks": " ".join(words(said) for said in row.remarks),
        "first": row.first,
    }


def formula(latex: str) -> str:
    """A formula of our own printing: on several lines where it is long and can be broken."""
    return rf"\{'fits' if UNBROKEN.search(latex) else 'running'}{{{latex}}}"


def _typed(source: str) -> str:
    """A text letter by letter, with room to break it."""
    line = " ".join(source.split())
    cut = line if len(line) <= LONGEST else line[:LONGEST] + " ..."
    pieces = re.findall(r"[A-Za-z0-9]+|.", cut, re.DOTALL)
    broken = BREAK.join("~" if piece == " " else words(piece) for piece in pieces)
    return rf"\typed{{{broken}}}"


def words(text: str) -> str:
    """A text of any origin as LaTeX that prints it; characters without a sign by their numbers."""
    found: list[str] = []
    done = 0
    for match in LETTER.finditer(text):
        found += [
            *map(_character, text[done : match.start()]), f"${MARKED[match[2]]}{{{_plain(match[1])}}}$",
        ]  # fmt: skip
        done = match.end()
    return "".join([*found, *map(_character, text[done:])])


def _plain(letter: str) -> str:
    return escape_latex(letter).strip("$") if unprintable(letter) is None else "?"


def _character(character: str) -> str:
    if character in MATHEMATICAL:
        return MATHEMATICAL[character]
    if character.isspace():
        return " "
    if unprintable(character) is not None or "\ue000" <= character <= "\uf8ff":
        return f"[U+{ord(character):04X}]"
    return escape_latex(character)


def _marks(marks: Marks) -> dict[str, Any]:
    return {
        "total": shown(marks.total),
        "of": shown(marks.of),
        "exact": "" if marks.exact == marks.total else shown(marks.exact),
        "rows": [
            {
                "names": ", ".join(
                    f"${item.latex}$" if item.latex else words(item.name) for item in share.items
                ),
                "marks": share.shown,
                "why": words(share.why),
                "look": words(share.look),
            }
            for share in marks.shares
        ],
    }

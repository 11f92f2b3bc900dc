"""``derivations check``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from derivations.checking.checking import check
from derivations.checking.reports import CheckedDocument, CheckedSection, check_document
from derivations.checking.steps import Checked
from derivations.errors import ProblemError, ReadError

KEYS = frozenset({"id", "latex", "givens", "symbols"})


def check_lines(path: Path) -> int:
    """One derivation a line in, its verdicts a line out, in order; the exit code.

    Raises:
        ProblemError: a line that is no object of the kind that is expected.
    """
    wrong = False
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        entry = _entry(line, path, number)
        checked = _checked(entry, path, number)
        wrong = wrong or checked.first_wrong is not None
        print(json.dumps(as_json(entry.get("id"), checked), ensure_ascii=False), flush=True)
    return 1 if wrong else 0


def as_json(name: Any, checked: Checked) -> dict[str, Any]:
    """The verdicts of one derivation for programs."""
    return {
        "id": name,
        "steps": [
            {
                "index": step.index, "latex": step.latex, "verdict": step.verdict,
                "why": step.why, "misconception": step.misconception,
            }
            for step in checked.steps
        ],
        "first_wrong": checked.first_wrong,
    }  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProblemError.at(f"cannot be read: {error.strerror}", str(path)) from None
    except UnicodeDecodeError:
        raise ProblemError.at("is not a text in UTF-8", str(path)) from None


def _entry(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProblemError.at(f"line {number}: not JSON: {error}", str(path)) from None
    if not isinstance(entry, dict) or not isinstance(entry.get("latex"), str):
        raise ProblemError.at(f"line {number}: expected an object with 'latex', a text", str(path))
    return entry


def _checked(entry: dict[str, Any], path: Path, number: int) -> Checked:
    symbols = entry.get("symbols") or {}
    givens = entry.get("givens") or ""
    if not isinstance(symbols, dict) or not isinstance(givens, str):
        raise ProblemError.at(
            f"line {number}: expected 'symbols' as an object and 'givens' as a text", str(path)
        )
    try:
        return check(entry["latex"], givens, {str(k): str(v) for k, v in symbols.items()})
    except (ReadError, ValueError) as error:
        raise ProblemError.at(f"line {number}: symbols: {error}", str(path)) from None


def check_files(paths: list[Path], as_json_too: bool) -> int:
    """Check the mathematics of files and print a report; the exit code.

    Raises:
        ProblemError: a file that cannot be read.
    """
    wrong = False
    found: list[dict[str, Any]] = []
    for path in paths:
        document = check_document(_text(path))
        wrong = wrong or document.first_wrong is not None
        if as_json_too:
            found += [_section_json(path, section) for section in document.sections]
        else:
            print(report(path.name, document), end="")
    if as_json_too:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
        print()
    return 1 if wrong else 0


def _section_json(path: Path, section: CheckedSection) -> dict[str, Any]:
    whole = Checked(tuple(replace(step, index=i) for i, step in enumerate(section.steps)))
    name = f"{path.stem}:{section.line}"
    return {**as_json(name, whole), "line": section.line}


MARKS = {
    "proved": "✓", "holds": "✓", "rounded": "≈", "given": "·", "follows": "→", "wrong": "✗",
    "undecided": "?", "unread": "–",
}  # fmt: skip


def report(name: str, document: CheckedDocument) -> str:
    """A line for each step, with its mark and the reason."""
    lines = [name, "=" * len(name), *document.notes]
    for section in document.sections:
        lines += ["", f"line {section.line}: {section.title}".rstrip(": ")]
        for line, step in section.placed:
            lines.append(f"{line:>5} {MARKS[step.verdict]} {' '.join(step.latex.split())}")
            if step.why and step.verdict in ("wrong", "unread", "undecided", "follows"):
                lines.append(f"        {step.why}")
            if step.verdict == "wrong" and step.found:
                lines.append(f"        left {step.expected}, right {step.found}")
    counts = document.counts
    lines += [
        "",
        ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "no steps",
    ]
    first = document.first_wrong
    lines.append("no wrong step" if first is None else f"first wrong step: line {first}")
    return "\n".join([*lines, "", ""])

"""``derivations check``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from derivations.checking.checking import NOTHING, check
from derivations.checking.problems import background_of
from derivations.checking.reports import CheckedDocument, CheckedSection, check_document
from derivations.checking.steps import Checked
from derivations.cli.reports import MARKS, html, table
from derivations.cli.solving import progress, say_written
from derivations.errors import ProblemError, ReadError, unknown
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.writing.files import write_file

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


FORMATS = ("text", "html", "csv", "json")


def check_files(
    paths: list[Path], problem: Path | None, to: str, output: Path, as_json_too: bool, quiet: bool
) -> int:
    """Check the mathematics of files and report on it; the exit code.

    ``html`` writes a page for each file, ``csv`` one table for all of them.

    Raises:
        ProblemError: a file that cannot be read, or a format that is not known.
    """
    formats = _formats("json" if as_json_too else to)
    console = Console(stderr=True, quiet=quiet)
    background = NOTHING if problem is None else background_of(solve(load(problem)).solution)
    documents: list[tuple[Path, CheckedDocument]] = []
    found = list(_files(paths))
    with progress(console, quiet or len(found) < 2) as bar:
        task = bar.add_task("checking", total=len(found))
        for path in found:
            documents.append((path, check_document(_text(path), background)))
            bar.advance(task)
    for name in formats:
        if name == "text":
            for path, document in documents:
                print(report(path.name, document), end="")
        elif name == "json":
            entries = [_section_json(p, s) for p, d in documents for s in d.sections]
            print(json.dumps(entries, ensure_ascii=False, indent=1))
        elif name == "csv":
            _write(output / "checked.csv", table(documents), console)
        else:
            for path, document in documents:
                _write(output / f"{path.stem}.html", html(path.name, document), console)
    return 1 if any(document.first_wrong is not None for _, document in documents) else 0


def _formats(to: str) -> list[str]:
    names = [name.strip() for name in to.split(",") if name.strip()] or ["text"]
    for name in names:
        if name not in FORMATS:
            raise ProblemError.at(f"--to: {unknown(name, 'a format of reports', FORMATS)}")
    return names


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files that paths stand for; of a folder those that hold mathematics."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix in (".tex", ".md", ".txt"))
        if not inside:
            raise ProblemError.at("no .tex, .md or .txt file is in it", str(path))
        yield from inside


def _write(target: Path, content: str, console: Console) -> None:
    write_file(target, content)
    say_written(console, target)


def _section_json(path: Path, section: CheckedSection) -> dict[str, Any]:
    whole = Checked(tuple(replace(step, index=i) for i, step in enumerate(section.steps)))
    name = f"{path.stem}:{section.line}"
    return {**as_json(name, whole), "line": section.line}


def report(name: str, document: CheckedDocument) -> str:
    """A line for each step, with its mark and the reason."""
    lines = [name, "=" * len(name), *document.notes]
    for section in document.sections:
        lines += ["", f"line {section.line}: {section.title}".rstrip(": ")]
        for line, step in section.placed:
            lines.append(f"{line:>5} {MARKS[step.verdict][0]} {' '.join(step.latex.split())}")
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

"""``derivations check``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from derivations.checking.checking import NOTHING, check
from derivations.checking.equality.steps import Checked
from derivations.checking.marks.marking import Marks, marks_of, shown
from derivations.checking.marks.scheme import Scheme, scheme_of
from derivations.checking.names.problems import Background, background_of
from derivations.checking.reports import CheckedSection, check_document
from derivations.cli.reports import Report, html, overview, table, tex, text
from derivations.cli.reports.rows import rows
from derivations.cli.reports.terminal import plain
from derivations.cli.solving import progress, say_written
from derivations.cli.submissions import Unreadable, find, read, stems_of
from derivations.errors import DerivationsError, ProblemError, ReadError, nearest, unknown
from derivations.pipeline import solve
from derivations.sheets import load_item, located
from derivations.writing.files import write_file
from derivations.writing.pdf import compile_pdf

STANDARD_INPUT = Path("-")


def check_lines(path: Path) -> int:
    """One derivation a line in, its verdicts a line out, in order; the exit code.

    A line that is no object of the kind that is expected has an ``error`` in the place of its
    steps, and does not stop the others.
    """
    codes = {0}
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        answer, code = _judged(line, f"{path}:{number}")
        codes.add(code)
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return max(codes)


def _judged(line: str, place: str) -> tuple[dict[str, Any], int]:
    """The verdicts of one line, and the exit code that it asks for."""
    name: Any = None
    try:
        entry = _object(line)
        name = entry.get("id")
        checked = _checked(entry)
    except ReadError as error:
        print(f"{place}:{error.position + 1}: {error.message}", file=sys.stderr)
        return {**as_json(name, Checked(())), "error": error.message}, 2
    return as_json(name, checked), 1 if checked.first_wrong is not None else 0


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
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ProblemError.at(f"cannot be read: {error.strerror}", str(path)) from None
    except UnicodeDecodeError:
        raise ProblemError.at("is not a text in UTF-8", str(path)) from None


def _object(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ReadError(f"not JSON: {error.msg}", error.pos) from None
    except (ValueError, RecursionError) as error:  # 5000 digits, 5000 brackets
        raise ReadError(f"not JSON that is read here: {error}") from None
    if not isinstance(entry, dict):
        raise ReadError("expected an object with 'latex', a text")
    return entry


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _checked(entry: dict[str, Any]) -> Checked:
    """The verdicts of an entry.

    Raises:
        ReadError: a key that is missing, or has a value of another kind.
    """
    latex, givens, symbols = (
        entry.get("latex"),
        entry.get("givens") or "",
        entry.get("symbols") or {},
    )
    if not isinstance(latex, str):
        hint = "" if "latex" in entry else nearest("latex", entry)
        raise ReadError(f"expected an object with 'latex', a text{hint}")
    if not isinstance(symbols, dict) or not isinstance(givens, str):
        raise ReadError("expected 'symbols' as an object and 'givens' as a text")
    try:
        return check(latex, givens, {str(k): str(v) for k, v in symbols.items()})
    except (ReadError, ValueError) as error:
        raise ReadError(f"symbols: {error}") from None


FORMATS = ("text", "html", "tex", "pdf", "csv", "json")
PRINTED = ("text", "json")


def check_files(
    paths: list[Path], problem: Path | None, to: str, output: Path, as_json_too: bool, quiet: bool
) -> int:
    """Check the mathematics of files and report on it; the exit code.

    ``html``, ``tex`` and ``pdf`` write a file for each file, ``csv`` one table for all of them. A
    file that cannot be read is told in every report; it does not stop the others.

    Raises:
        ProblemError: a path that is not there, a problem with mistakes, an unknown format.
    """
    formats = _formats(to)
    if as_json_too:
        formats = ["json", *(name for name in formats if name not in PRINTED)]
    console = Console(stderr=True, quiet=quiet)
    background, scheme = _of_problem(problem)
    found = find(paths, output)
    of_course = "csv" in formats or len(found.files) > 1
    if problem is not None and scheme is None and of_course and not quiet:
        print(f"{problem}: no 'marks' in it, so that none are given", file=sys.stderr)
    reports: list[Report] = []
    with progress(console, quiet or len(found.files) < 2) as bar:
        task = bar.add_task("checking", total=len(found.files))
        for path, name in zip(found.files, found.names, strict=True):
            reports.append(_checked_file(path, name, background, scheme))
            bar.advance(task)
    pairs = zip(found.files, reports, strict=True)
    unreadable = [pair for pair in pairs if pair[1].document is None]
    for path, report in unreadable:
        print(f"{path}: {report.error}", file=sys.stderr)
    if found.passed_over and not quiet:
        names = plain(", ".join(found.passed_over))
        print(f"passed over, neither .tex, .md nor .txt: {names}", file=sys.stderr)
    if unreadable and len(reports) == 1:
        return 2
    stems = stems_of(found.files)
    for name in formats:
        if name == "text":
            print("".join([*map(text, reports), overview(reports)]), end="")
        elif name == "json":
            print(json.dumps(_as_json(stems, reports), ensure_ascii=False, indent=1))
        elif name == "csv":
            _write(output / "checked.csv", table(reports), console)
        else:
            _write_each(name, stems, reports, output, console)
    if unreadable:
        return 2
    return 1 if any(report.first_wrong is not None for report in reports) else 0


def _of_problem(problem: Path | None) -> tuple[Background, Scheme | None]:
    if problem is None:
        return NOTHING, None
    loaded = load_item(located(problem, sheets=False))
    solution = solve(loaded).solution
    return background_of(solution), scheme_of(loaded.problem, solution)


def _checked_file(path: Path, name: str, background: Background, scheme: Scheme | None) -> Report:
    try:
        source, notes = read(path)
    except Unreadable as error:
        return Report(name, error=str(error))
    document = check_document(source, background)
    marks = None if scheme is None else marks_of(document, scheme)
    return Report(name, source, document, marks, notes=notes)


def _formats(to: str) -> list[str]:
    asked = [name.strip() for name in to.split(",") if name.strip()] or ["text"]
    for name in asked:
        if name not in FORMATS:
            raise ProblemError.at(f"--to: {unknown(name, 'a format of reports', FORMATS)}")
    return list(dict.fromkeys(asked))


def _write_each(
    name: str, stems: list[str], reports: list[Report], output: Path, console: Console
) -> None:
    """A file for each report."""
    with progress(console, console.quiet or len(reports) < 2) as bar:
        task = bar.add_task(f"writing {name}", total=len(reports))
        for stem, report in zip(stems, reports, strict=True):
            target = output / f"{stem}.{name}"
            if name == "pdf":
                _write(target, _pdf(report, target), console)
            else:
                _write(target, html(report) if name == "html" else tex(report), console)
            bar.advance(task)


def _pdf(report: Report, target: Path) -> bytes:
    source = tex(report)
    try:
        return compile_pdf(source)
    except DerivationsError:
        write_file(target.with_name(f"{target.name.removesuffix('.pdf')}.tex"), source)
        raise


def _write(target: Path, content: str | bytes, console: Console) -> None:
    write_file(target, content)
    say_written(console, target)


# ---------------------------------------------------------------- for programs


def _as_json(stems: list[str], reports: list[Report]) -> list[dict[str, Any]]:
    """An object for each derivation, and one for each file without any."""
    found: list[dict[str, Any]] = []
    for stem, report in zip(stems, reports, strict=True):
        sections = report.document.sections if report.document else ()
        about = {
            "file": report.name, "notes": list(report.remarks),
            "marks": _marks_json(report.marks) if report.marks else None,
        }  # fmt: skip
        if not sections:
            nothing: dict[str, Any] = {"id": stem, "steps": [], "first_wrong": None, "line": None}
            found.append({**nothing, **about, "error": report.error or "no derivation was found"})
        found += [{**_section_json(stem, report, section), **about} for section in sections]
    return found


def _section_json(stem: str, report: Report, section: CheckedSection) -> dict[str, Any]:
    whole = Checked(tuple(replace(step, index=i) for i, step in enumerate(section.steps)))
    entry = {**as_json(f"{stem}:{section.line}", whole), "line": section.line}
    for step, row in zip(entry["steps"], rows(report, section), strict=True):
        step |= {
            "line": row.line, "source": row.source, "understood": row.understood(latex=True),
            "remarks": list(row.remarks),
        }  # fmt: skip
    return entry


def _marks_json(marks: Marks) -> dict[str, Any]:
    return {
        "total": float(marks.total), "of": float(marks.of), "exact": shown(marks.exact),
        "answers": [
            {
                "name": mark.item.name, "earned": shown(mark.earned), "worth": shown(mark.worth),
                "why": mark.why, "lines": list(mark.places), "look": mark.look,
            }
            for mark in marks.marks
        ],
    }  # fmt: skip

"""``derivations exam``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from derivations.errors import ProblemError
from derivations.examining import Order, examine, too_few
from derivations.exams.exam_file import Exam, load_exam
from derivations.exams.executors import executor
from derivations.exams.folder import ExamFolder, secret_of
from derivations.exams.roster import Student, numbered, read_roster

MOST = 100_000
SHORT = 20  # letters; a shorter seed can be tried out
ENGINES = ("auto", "embedded", "pdflatex")
People = tuple[int | None, Path | None]


def make_exam(
    path: Path,
    people: People,
    seed: str | None,
    output: Path,
    jobs: int,
    scheduler: str | None,
    resume: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Make an exam's papers and keys; the exit code.

    Raises:
        ProblemError: mistakes in the exam, its problems, the roster or the options.
        DerivationsError: a paper cannot be made; those made until then are kept.
    """
    if engine not in ENGINES:
        raise ProblemError.at(f"--engine: found {engine}, expected {', '.join(ENGINES)}")
    if jobs < 0:
        raise ProblemError.at(f"--jobs: found {jobs}, expected 0 or more")
    if seed == "":
        raise ProblemError.at("--seed: found nothing, expected a text")
    exam = load_exam(path)
    students = _students(people, exam)
    console = Console(stderr=True, quiet=quiet, no_color=None)
    place = output / exam.id
    order = Order(exam.packed, students, secret_of(place) if seed is None else seed, engine)
    if seed is not None and len(seed) < SHORT:
        console.print(
            "[yellow]note[/yellow] a short --seed can be guessed, and with it everybody's numbers; "
            "left out, a secret one is made and kept with the keys",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    with ExamFolder(place, order.run, resume) as folder:
        workers = jobs or min(os.cpu_count() or 1, len(order.groups))
        with executor(workers, scheduler) as running, _bar(console, quiet or as_json) as bar:
            task = bar.add_task("making", total=len(students))
            band = examine(order, exam, folder, running, lambda count: bar.advance(task, count))
    if not quiet:
        for words in too_few(order):
            console.print(f"[yellow]note[/yellow] {escape(words)}", highlight=False, soft_wrap=True)
    if as_json:
        summary = {
            "exam": exam.id,
            "folder": str(place),
            "students": [student.number for student in students],
            "difficulty": band and [band.least, band.middle, band.most],
        }
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        if band:
            console.print(escape(band.words("paper")), highlight=False, soft_wrap=True)
        noun, whose = ("paper", "its key") if len(students) == 1 else ("papers", "their keys")
        console.print(
            f"[green]wrote[/green] {len(students)} {noun} in {place / 'papers'}, {whose} and the "
            f"graders' tables in {place / 'keys'}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    return 0


def _students(people: People, exam: Exam) -> tuple[Student, ...]:
    variants, roster = people
    if (variants is None) == (roster is None):
        raise ProblemError.at("expected either --variants N or --roster FILE")
    if roster is not None:
        return read_roster(roster, printed=exam.fields.names == "printed")
    assert variants is not None
    if not 1 <= variants <= MOST:
        raise ProblemError.at(f"--variants: found {variants}, expected 1 to {MOST:,}")
    return numbered(variants)


class _Rate(ProgressColumn):
    """Papers a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


def _bar(console: Console, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )

"""What goes with the keys: the graders' table of answers, the fairness table, the manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from derivations.exams.exam_file import Exam
from derivations.exams.measures import MEASURES
from derivations.exams.roster import guarded

Note = Mapping[str, Any]
ANSWER = ("name", "shown", "value", "from", "to")
HEAD = ("number", "name", "code", "problem", "id", "marks", "answer", *ANSWER[1:])


def answer_table(notes: Iterable[Note]) -> str:
    """A row for each answer of each student, as CSV.

    ``from`` and ``to`` bound what honest rounding on the way can reach.
    """
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(HEAD)
    for note in notes:
        for problem in note["problems"]:
            for answer in problem["answers"]:
                cells = (
                    note["number"], note["name"], note["code"], problem["label"], problem["id"],
                    problem["marks"], *(answer[name] for name in ANSWER),
                )  # fmt: skip
                table.writerow([_cell(cell) for cell in cells])
    return "\ufeff" + written.getvalue()  # without the mark Excel takes it for another encoding


def fairness_table(notes: Iterable[Note]) -> str:
    """What makes one paper harder than another: a row for each problem of each student, as CSV."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(("number", "problem", "id", "draws", *MEASURES))
    for note in notes:
        for problem in note["problems"]:
            counts = [problem["measures"][name] for name in MEASURES]
            cells = (note["number"], problem["label"], problem["id"], problem["draws"], *counts)
            table.writerow([_cell(cell) for cell in cells])
    return "\ufeff" + written.getvalue()


def difficulty(note: Note) -> int:
    """Of a whole paper: that of its problems together."""
    return sum(problem["measures"]["difficulty"] for problem in note["problems"])


def _cell(value: Any) -> str:
    """A number as it is; a text so that no spreadsheet takes it for a formula."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        float(text)
    except ValueError:
        return guarded(text)
    return text


def manifest(run: Mapping[str, Any], seed: str, exam: Exam, notes: Iterable[Note]) -> str:
    """Everything that is needed to make the batch again, and every student's variant, as JSON."""
    problems = {
        name: {"sha256": hashlib.sha256(data).hexdigest()}
        for name, (_, data) in sorted(exam.packed.problems.items())
    }
    kept = ("label", "id", "title", "marks", "given", "choices", "draws")
    students = [
        {
            **{name: note[name] for name in ("number", "name", "code")},
            "problems": [{name: problem[name] for name in kept} for problem in note["problems"]],
        }
        for note in notes
    ]
    whole = {"exam": exam.id, "seed": seed, "run": run, "problems": problems, "students": students}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

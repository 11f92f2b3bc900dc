"""Every shipped exam: for a few students, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.examining import Order, examine
from derivations.exams.exam_file import load_exam
from derivations.exams.executors import executor
from derivations.exams.folder import ExamFolder
from derivations.exams.roster import numbered
from derivations.resources import folder

EXAMS = sorted(folder("problems").glob("*.yaml"))


def test_there_are_exams() -> None:
    assert EXAMS


@pytest.mark.parametrize("path", EXAMS, ids=lambda path: path.stem)
def test_an_exam_is_made(path: Path, tmp_path: Path) -> None:
    exam = load_exam(path)
    order = Order(exam.packed, numbered(3), "a secret of more than twenty letters")
    with ExamFolder(tmp_path, order.run, False) as kept, executor(1) as running:
        band = examine(order, exam, kept, running, lambda _: None)
    assert band is not None
    assert len(list((tmp_path / "papers").glob("*.pdf"))) == 3
    assert len(list((tmp_path / "keys").glob("*.pdf"))) == 3

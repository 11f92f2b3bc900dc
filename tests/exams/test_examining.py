"""A whole exam: its papers and keys, what they hold, and that nothing else changes them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from derivations import examining
from derivations.errors import DerivationsError, ProblemError
from derivations.examining import Order, examine
from derivations.exams.exam_file import load_exam
from derivations.exams.executors import executor
from derivations.exams.folder import Busy, ExamFolder
from derivations.exams.roster import Student, numbered
from derivations.exams.workshop import Made
from derivations.kinds import kind_module
from derivations.resources import folder
from derivations.writing import files

SAYS_ITS_ANSWER = folder("problems") / "cnn-notes" / "quadratic-loss.yaml"
SEED = "a secret of more than twenty letters"


def make(
    path: Path, place: Path, students: tuple[Student, ...], resume: bool = False, seed: str = SEED
) -> dict[str, Any]:
    """The exam's folder for some students; the manifest."""
    exam = load_exam(path)
    order = Order(exam.packed, students, seed)
    with ExamFolder(place, order.run, resume) as kept, executor(1) as running:
        examine(order, exam, kept, running, lambda _: None)
    return dict(json.loads((place / "keys" / "manifest.json").read_text("utf-8")))


def tree(place: Path) -> dict[str, str]:
    """Every file below, by its hash."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def inside(pdf: bytes) -> bytes:
    """Everything that a PDF holds, raw and inflated, one after the other."""
    found = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found += [
            entry.read_bytes() for entry in document.objects
            if isinstance(entry, pikepdf.Stream) and "/Length1" not in entry
        ]  # fmt: skip
        found.append(repr(document.docinfo).encode())
    found += [
        zlib.decompressobj().decompress(part[1])
        for part in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
        if part[1][:1] == b"\x78"
    ]
    return b"\0".join(found)


def words(pdf: bytes) -> str:
    """The text that is shown, with the pieces of each line joined."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        shown = []
        for page in document.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("TJ", "Tj"):
                    parts = operands[0] if str(operator) == "TJ" else operands
                    shown.append(
                        "".join(
                            bytes(p).decode("latin-1")
                            for p in parts
                            if isinstance(p, pikepdf.String)
                        )
                    )
        return "".join(shown).replace(":", ".")  # the point of a number in the letters of formulas


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An exam for five students."""
    folder = tmp_path_factory.mktemp("exam")
    from tests.exams.conftest import write_exam

    path = write_exam(folder)
    place = folder / "out"
    students = tuple(
        Student(f"s{n}", name) for n, name in enumerate(("Ada", "Bo", "Cy", "Di", "Ed"))
    )
    return place, with_answers(place, make(path, place, students))


def with_answers(place: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the rows of the graders' table in their problems."""
    text = (place / "keys" / "answers.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for student in manifest["students"]:
        for problem in student["problems"]:
            whose = (student["number"], problem["id"])
            problem["answers"] = [row for row in rows if (row["number"], row["id"]) == whose]
            assert problem["answers"]
    assert sum(len(p["answers"]) for s in manifest["students"] for p in s["problems"]) == len(rows)
    return manifest


def test_every_student_has_a_paper_and_a_key(made: tuple[Path, dict[str, Any]]) -> None:
    place, manifest = made
    names = [f"s{n}.pdf" for n in range(5)]
    assert sorted(path.name for path in (place / "papers").iterdir()) == names
    keys = sorted(path.name for path in (place / "keys").iterdir())
    assert keys == sorted([*names, "answers.csv", "fairness.csv", "manifest.json"])
    assert [student["number"] for student in manifest["students"]] == [n[:-4] for n in names]


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_nobody_else_may_read_the_keys(made: tuple[Path, dict[str, Any]]) -> None:
    place, _ = made
    assert stat.S_IMODE((place / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (place / "keys").iterdir()} == {0o600}


def test_papers_show_the_students_own_numbers(made: tuple[Path, dict[str, Any]]) -> None:
    place, manifest = made
    for student in manifest["students"]:
        shown = words((place / "papers" / f"{student['number']}.pdf").read_bytes())
        assert student["name"] in shown
        assert student["number"] in shown
        for value in student["problems"][0]["given"].values():
            assert value.lstrip("-") in shown


def test_papers_hold_no_trace_of_answers_or_of_others(made: tuple[Path, dict[str, Any]]) -> None:
    place, manifest = made
    searched = 0
    for student in manifest["students"]:
        pdf = (place / "papers" / f"{student['number']}.pdf").read_bytes()
        everything, shown = inside(pdf), words(pdf)
        assert student["number"].encode() in shown.encode()
        for other in manifest["students"]:
            if other is not student:
                assert other["name"] not in shown
                assert other["code"] not in shown
                assert other["code"].encode() not in everything
        for answer in student["problems"][0]["answers"]:
            shown_answer = answer["shown"].lstrip("-")
            if len(shown_answer) > 4:  # shorter ones may stand there by accident
                searched += 1
                assert shown_answer not in shown
                assert shown_answer.encode() not in everything
        assert SEED.encode() not in everything
        assert b"Worked key" not in everything
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert set(document.Root.keys()) <= {"/Type", "/Pages", "/ViewerPreferences"}
            assert not document.attachments
            assert set(document.docinfo.keys()) == {"/Title"}
    assert searched >= 5


def test_keys_show_every_answer(made: tuple[Path, dict[str, Any]]) -> None:
    place, manifest = made
    for student in manifest["students"]:
        shown = words((place / "keys" / f"{student['number']}.pdf").read_bytes())
        for problem in student["problems"]:
            for answer in problem["answers"]:
                assert answer["shown"].lstrip("-") in shown


def test_the_code_on_a_paper_is_the_one_of_the_manifest(
    made: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    import numpy as np

    from derivations.exams.codes import qr_modules

    _, manifest = made
    for student in manifest["students"]:
        rows = np.array(qr_modules(student["code"]), dtype=bool)
        picture = np.pad(np.where(rows, 0, 255).astype(np.uint8), 4, constant_values=255)
        (read,) = zxingcpp.read_barcodes(np.kron(picture, np.ones((8, 8), np.uint8)))
        assert read.text == student["code"]
        assert student["number"] not in read.text
        assert student["name"].upper() not in read.text


def test_what_is_accepted_lies_around_what_is_shown(made: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = made
    for student in manifest["students"]:
        for answer in student["problems"][0]["answers"]:
            low, value, high = (float(answer[name]) for name in ("from", "value", "to"))
            assert low <= value <= high
            assert low <= float(answer["shown"]) <= high
            assert high - low < 0.01


def test_the_answers_are_right_by_plain_arithmetic(made: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = made
    sums: Mapping[str, Callable[[float, float], float]] = {
        "product": lambda a, b: a * b, "sum": lambda a, b: a + b, "square": lambda a, b: a * a + b,
    }  # fmt: skip
    checked = 0
    for student in manifest["students"]:
        for problem in student["problems"][1:]:
            a, b = (float(problem["given"][name]) for name in "ab")
            (answer,) = problem["answers"]
            assert float(answer["value"]) == sums[problem["id"]](a, b)
            checked += 1
    assert checked == 10


# ---------------------------------------------------------------- nothing else changes a paper


def test_another_roster_changes_no_byte_of_a_paper(exam_path: Path, tmp_path: Path) -> None:
    few = (Student("a", "Ada"), Student("c", "Cy"))
    many = (Student("d", "Zoë"), Student("c", "Cy"), Student("b", "Bo"), Student("a", "Ada"))
    make(exam_path, tmp_path / "few", few)
    make(exam_path, tmp_path / "many", many)
    for kind in ("papers", "keys"):
        for number in "ac":
            one, other = (
                (tmp_path / who / kind / f"{number}.pdf").read_bytes() for who in ("few", "many")
            )
            assert one == other, (kind, number)


def test_another_answer_changes_no_byte_of_a_paper(exam_path: Path, tmp_path: Path) -> None:
    make(exam_path, tmp_path / "sum", numbered(3))
    neuron = exam_path.with_name("neuron.yaml")
    neuron.write_text(neuron.read_text() + "rounding: {decimals: 3}\n")
    make(exam_path, tmp_path / "other", numbered(3))
    for number in ("001", "002", "003"):
        keys = [
            (tmp_path / who / "keys" / f"{number}.pdf").read_bytes() for who in ("sum", "other")
        ]
        assert keys[0] != keys[1]
        papers = [
            path.with_name(f"{number}.pdf")
            for path in (tmp_path / "sum" / "papers" / "x", tmp_path / "other" / "papers" / "x")
        ]
        assert papers[0].read_bytes() == papers[1].read_bytes()


def test_another_seed_changes_every_paper(exam_path: Path, tmp_path: Path) -> None:
    make(exam_path, tmp_path / "one", numbered(2))
    make(exam_path, tmp_path / "two", numbered(2), seed="another secret of enough letters")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert all(one[name] != two[name] for name in one if name.endswith(".pdf"))


def test_papers_that_would_be_alike_are_refused_before_any_is_made(
    exam_path: Path, tmp_path: Path
) -> None:
    exam_path.write_text(
        "kind: exam\ntitle: T\nsections: [{problems: [product]}]\n", encoding="utf-8"
    )
    product = exam_path.with_name("product.yaml")
    product.write_text(product.read_text().replace("[2, 99]", "[2, 3]"))
    with pytest.raises(
        DerivationsError, match=r"different papers for 9 students: .* would have the same answers"
    ):
        make(exam_path, tmp_path / "out", numbered(9))
    assert tree(tmp_path / "out") == {}
    exam_path.write_text(exam_path.read_text() + "distinct: no\n")
    assert len(make(exam_path, tmp_path / "out", numbered(9))["students"]) == 9


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (kind_module("definition").STARTER, "there is nothing to solve in it"),
        (SAYS_ITS_ANSWER.read_text(encoding="utf-8"), "its text says an answer: centre"),
    ],
)
def test_what_is_no_question_is_refused(
    problem: str, words: str, exam_path: Path, tmp_path: Path
) -> None:
    exam_path.with_name("product.yaml").write_text(problem)
    with pytest.raises(ProblemError, match=words):
        make(exam_path, tmp_path / "out", numbered(2))
    assert tree(tmp_path / "out") == {}


# ---------------------------------------------------------------- interruptions


class Killed(BaseException):
    """Stands for the end of the process."""


def small(packed: Any, secret: str, engine: str, students: Any) -> Made:
    """A group without LaTeX."""
    numbers = [student.number for student in students]
    pdfs = {number: f"{number} {secret}".encode() for number in numbers}
    notes = [{"number": n, "name": "", "code": "", "problems": []} for n in numbers]
    return Made(pdfs, {n: pdf + b" key" for n, pdf in pdfs.items()}, notes)


def test_killed_at_any_write_and_resumed_the_bytes_are_the_same(
    exam_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "make_group", small)
    monkeypatch.setattr(examining, "AT_ONCE", 3)
    students = numbered(20)
    make(exam_path, tmp_path / "whole", students)
    wanted = tree(tmp_path / "whole")
    real = os.replace
    moments = 0
    for moment in range(1, 60):
        place = tmp_path / f"killed-{moment}"
        left = moment

        def replace(source: str, target: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            real(source, target)

        monkeypatch.setattr(files.os, "replace", replace)
        try:
            make(exam_path, place, students)
        except Killed:
            moments += 1
        monkeypatch.setattr(files.os, "replace", real)
        make(exam_path, place, students, resume=True)
        assert tree(place) == wanted, moment
    assert moments >= 50


@pytest.mark.parametrize("wait", [0.5, 2.0, 4.0])
def test_a_process_that_is_killed_is_resumed(wait: float, exam_path: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-c",
        "import sys, derivations.examining as e; e.AT_ONCE = 2\n"
        "from derivations.cli.app import main; main()",
        "exam", str(exam_path), "--variants", "6", "--seed", SEED, "--jobs", "1", "-q",
    ]  # fmt: skip
    subprocess.run([*command, "-o", str(tmp_path / "whole")], check=True)
    running = subprocess.Popen([*command, "-o", str(tmp_path / "killed")], start_new_session=True)
    try:
        running.wait(wait)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, 9)
        running.wait()
    subprocess.run([*command, "-o", str(tmp_path / "killed"), "--resume"], check=True)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_a_full_disk_is_told_and_nothing_is_half_written(
    exam_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "make_group", small)
    monkeypatch.setattr(examining, "AT_ONCE", 3)
    make(exam_path, tmp_path / "whole", numbered(6))
    real = os.fsync
    for moment in range(1, 14):
        left = moment

        def fsync(handle: int) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(28, "No space left on device")
            real(handle)

        place = tmp_path / f"full-{moment}"
        monkeypatch.setattr(files.os, "fsync", fsync)
        with pytest.raises(files.WriteError, match="No space left on device"):
            make(exam_path, place, numbered(6))
        assert not list(place.rglob("*.tmp"))
        monkeypatch.setattr(files.os, "fsync", real)
        make(exam_path, place, numbered(6), resume=True)
        assert tree(place) == tree(tmp_path / "whole")


def test_a_folder_is_held_by_one_run(exam_path: Path, tmp_path: Path) -> None:
    exam = load_exam(exam_path)
    order = Order(exam.packed, numbered(2), SEED)
    with (
        ExamFolder(tmp_path / "out", order.run, False),
        pytest.raises(Busy, match="another run is at work in this folder"),
    ):
        ExamFolder(tmp_path / "out", order.run, True).__enter__()


@pytest.mark.parametrize(
    ("students", "resume", "words"),
    [
        (4, False, "begun here and not finished; go on with --resume"),
        (5, True, "another batch was begun here; it differs in: roster"),
    ],
)
def test_a_batch_that_was_begun(
    students: int, resume: bool, words: str, exam_path: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(examining, "AT_ONCE", 2)

    def fails(packed: Any, secret: str, engine: str, group: Any) -> Made:
        if group[0].number == "003":
            raise Killed
        return small(packed, secret, engine, group)

    monkeypatch.setattr(examining, "make_group", fails)
    with pytest.raises(Killed):
        make(exam_path, tmp_path / "out", numbered(4))
    with pytest.raises(ProblemError, match=words):
        make(exam_path, tmp_path / "out", numbered(students), resume=resume)


def test_a_finished_exam_is_not_written_over(
    exam_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "make_group", small)
    make(exam_path, tmp_path / "out", numbered(2))
    with pytest.raises(ProblemError, match="an exam lies here already"):
        make(exam_path, tmp_path / "out", numbered(2))
    before = tree(tmp_path / "out")
    exam = load_exam(exam_path)
    with ExamFolder(tmp_path / "out", Order(exam.packed, numbered(2), SEED).run, True) as folder:
        assert folder.finished
    assert tree(tmp_path / "out") == before
    assert json.loads((tmp_path / "out" / "keys" / "manifest.json").read_text())["seed"] == SEED

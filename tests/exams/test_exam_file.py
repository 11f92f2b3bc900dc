"""Exam files: what they say, and what is said about their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.errors import ProblemError
from derivations.exams.exam_file import load_exam, unpack
from derivations.exams.papers import places


def test_an_exam_is_read_with_its_problems(exam_path: Path) -> None:
    exam = load_exam(exam_path)
    assert exam.id == "exam"
    assert [loaded.problem.id for loaded in exam.problems] == ["neuron", "product", "sum", "square"]
    assert [[slot.draw for slot in slots] for slots in exam.sections] == [[1], [2]]


def test_a_packed_exam_needs_no_files(exam_path: Path) -> None:
    exam = load_exam(exam_path)
    for file in exam_path.parent.iterdir():
        file.unlink()
    again = unpack(exam.packed)
    assert [p.problem for p in again.problems] == [p.problem for p in exam.problems]


def test_the_digest_tells_every_change(exam_path: Path) -> None:
    before = load_exam(exam_path).packed.digest
    product = exam_path.with_name("product.yaml")
    product.write_text(product.read_text().replace("2, 99", "2, 98"))
    assert load_exam(exam_path).packed.digest != before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("kind: exam", "kind: sheet"), "exam.yaml:1:7: kind: this is no exam; expected 'kind: exam'"),
        (("title: A small exam\n", ""), "title: 'title' is missing"),
        (("problem: neuron", "problem: nueron"), "exam.yaml:7:16: sections.0.problems.0: there is no file 'nueron' beside the exam, nor a shipped problem of this id; did you mean 'neuron'?"),
        (("draw: 2", "draw: 4"), "found draw: 4, expected at most 3"),
        (("draw: 2", "draw: none"), "found none, expected a whole number"),
        (("pool: [product, sum, square], draw: 2, ", ""), "expected either 'problem', a file, or 'pool'"),
        (("[product, sum, square]", "[product, sum, sum]"), "a problem with the id 'sum' stands in the exam already"),
        (("space: 4", "space: 400"), "found 400, expected a height in cm"),
        (("marks: 5", "marks: five"), "found five, expected a whole number"),
        (("course: Networks", "curse: Networks"), "'curse' is not a key here; did you mean 'course'?"),
        (("Write the steps", "Write {z} steps"), "{z}: an exam has no values"),
        (("kind: exam\n", "kind: exam\nid: ../up\n"), "found '../up', expected an id that can name a folder"),
        (("kind: exam\n", "kind: exam\norder: random\n"), "found random, expected 'fixed' or 'shuffled'"),
        (("problem: neuron", "problem: /etc/passwd"), "there is no file '/etc/passwd'"),
        (("problem: neuron", "problem: sigmoid-neurn"), "there is no file 'sigmoid-neurn' beside the exam, nor a shipped problem of this id; did you mean 'sigmoid-neuron'?"),
        (("problem: neuron", "problem: textbooks"), "there is no file 'textbooks' beside the exam, nor a shipped problem of this id"),
        (("problem: neuron", "problem: learning-rate"), "sections.0.problems.0: 'learning-rate' is the id of 3 shipped problems; say which: cnn-homework/learning-rate, "),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_places(
    change: tuple[str, str], words: str, exam_path: Path
) -> None:
    text = exam_path.read_text()
    assert change[0] in text
    exam_path.write_text(text.replace(*change))
    with pytest.raises(ProblemError) as error:
        load_exam(exam_path)
    assert words in str(error.value)


def test_shipped_problems_go_by_their_ids(exam_path: Path) -> None:
    text = exam_path.read_text()
    exam_path.write_text(text.replace("problem: neuron", "problem: textbooks/small-graph"))
    assert load_exam(exam_path).problems[0].problem.title == "A sum and a product"
    exam_path.write_text(text.replace("problem: neuron", "problem: sigmoid-neuron"))
    assert load_exam(exam_path).problems[0].problem.title == "Output of a sigmoid neuron"


def test_a_file_beside_the_exam_comes_before_a_shipped_problem(exam_path: Path) -> None:
    exam_path.with_name("neuron.yaml").rename(exam_path.with_name("sigmoid-neuron.yaml"))
    exam_path.write_text(
        exam_path.read_text().replace("problem: neuron", "problem: sigmoid-neuron")
    )
    assert load_exam(exam_path).problems[0].problem.title != "Output of a sigmoid neuron"


def test_a_mistake_in_a_problem_is_told_with_those_of_the_exam(exam_path: Path) -> None:
    product = exam_path.with_name("product.yaml")
    product.write_text(product.read_text().replace("a: 3", "a: three"))
    exam_path.write_text(exam_path.read_text().replace("problem: neuron", "problem: none"))
    with pytest.raises(ProblemError) as error:
        load_exam(exam_path)
    assert "product.yaml" in str(error.value)
    assert "there is no file 'none'" in str(error.value)


# ---------------------------------------------------------------- what a student draws


def drawn(path: Path, student: str, secret: bytes = b"secret") -> list[str]:
    sections = places(load_exam(path), secret, student)
    return [place.loaded.problem.id for section in sections for place in section]


def test_a_pool_gives_each_student_its_number_of_problems(exam_path: Path) -> None:
    papers = [drawn(exam_path, str(student)) for student in range(60)]
    assert all(paper[0] == "neuron" and len(set(paper)) == 3 for paper in papers)
    assert {frozenset(paper[1:]) for paper in papers} == {
        frozenset(pair) for pair in (("product", "sum"), ("product", "square"), ("sum", "square"))
    }


def test_a_shuffled_order_takes_every_place(exam_path: Path) -> None:
    exam_path.write_text(exam_path.read_text().replace("draw: 2", "draw: 3") + "order: shuffled\n")
    papers = {tuple(drawn(exam_path, str(student))[1:]) for student in range(100)}
    assert len(papers) == 6


def test_a_problem_more_leaves_the_order_of_the_others(exam_path: Path) -> None:
    text = exam_path.read_text().replace("draw: 2", "draw: 3") + "order: shuffled\n"
    exam_path.write_text(text)
    before = drawn(exam_path, "7")
    more = exam_path.with_name("more.yaml")
    more.write_text(exam_path.with_name("sum.yaml").read_text())
    exam_path.write_text(text.replace("[product,", "[more, product,").replace("draw: 3", "draw: 4"))
    assert [name for name in drawn(exam_path, "7") if name != "more"] == before


def test_marks_are_those_of_the_exam_or_else_of_the_problem(exam_path: Path) -> None:
    exam_path.write_text(exam_path.read_text().replace("draw: 2, marks: 3", "draw: 3"))
    marks = [
        place.marks for section in places(load_exam(exam_path), b"secret", "1") for place in section
    ]
    assert marks == ["5", "2", "2", "2"]

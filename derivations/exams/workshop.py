"""A group of students' papers, keys and notes, from what is made once for all groups.

A group is one LaTeX run of papers and another of keys. Its bytes depend on the exam, the secret
and its students, and on nothing else: groups are made anywhere and in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from derivations.errors import ProblemError
from derivations.exams.codes import paper_code, qr_modules
from derivations.exams.exam_file import Exam
from derivations.exams.papers import Place, places
from derivations.exams.roster import Student
from derivations.exams.varying import Variant, Varying
from derivations.exams.working import Solve, Worked, Working
from derivations.reading.prose import read_prose
from derivations.writing.booklets import Booklet, Cover, Entry, Group, Press

SPECIMEN = Student("specimen", "Specimen")
Drawn = tuple[tuple[Place, ...], ...]  # section by section
Works = dict[Place, tuple[Variant, Worked]]


@dataclass(frozen=True, slots=True)
class Made:
    """A group's PDFs by the student's number, and what the tables need of each."""

    papers: dict[str, bytes]
    keys: dict[str, bytes]
    notes: list[dict[str, Any]]


class Workshop:
    """An exam with its derivations, pages and formats, each made once.

    Args:
        exam, secret, engine: see `Order`.
        solve: the verified solution of a variant, on the slow road.
    """

    def __init__(self, exam: Exam, secret: str, engine: str, solve: Solve) -> None:
        self.exam, self.secret, self.engine = exam, secret.encode(), engine
        self.varying = {loaded.problem.id: Varying(loaded) for loaded in exam.problems}
        self._check()
        self.working = {name: Working(solve) for name in self.varying}
        self.presses: dict[bool, Press] = {}

    def _check(self) -> None:
        """Every problem has something to solve, and does not say its answer itself."""
        mistakes = []
        for loaded in self.exam.problems:
            varying = self.varying[loaded.problem.id]
            derivation = varying.structures.of(varying.places.example).derivation
            if derivation.note or not derivation.parts:
                mistakes.append(loaded.file.mistake((), "there is nothing to solve in it"))
            told = [answer.name for answer in derivation.answers if answer.key in derivation.public]
            if told:
                words = f"its text says an answer: {', '.join(told)}"
                mistakes.append(loaded.file.mistake(("text",), words))
        if mistakes:
            raise ProblemError(*mistakes)

    def make(self, students: Sequence[Student]) -> Made:
        """Papers, keys and notes of some students."""
        drawn = [places(self.exam, self.secret, student.number) for student in students]
        works = self._work(_all(drawn))
        numbers = [student.number for student in students]
        papers, keys = (
            self._press(key).print(
                [
                    self._booklet(student, sections, works, key)
                    for student, sections in zip(students, drawn, strict=True)
                ]
            )
            for key in (False, True)
        )
        return Made(
            dict(zip(numbers, papers, strict=True)),
            dict(zip(numbers, keys, strict=True)),
            [
                self._note(student, sections, works)
                for student, sections in zip(students, drawn, strict=True)
            ],
        )

    def alike(self, students: Sequence[Student]) -> list[str]:
        """A digest of what no two papers may have in common: the answers, or the givens."""
        drawn = [places(self.exam, self.secret, student.number) for student in students]
        variants = self._variants(_all(drawn))
        return [
            hashlib.sha256(
                repr(
                    sorted(self._same(place, variants[place]) for place in _all([sections]))
                ).encode()
            ).hexdigest()
            for sections in drawn
        ]

    def _same(self, place: Place, variant: Variant) -> tuple[str, str]:
        same = variant.given if self.exam.fields.distinct == "givens" else variant.signature
        return place.loaded.problem.id, repr(same)

    def _variants(self, drawn: Sequence[Place]) -> dict[Place, Variant]:
        """Every place's variant, drawn problem by problem."""
        variants: dict[Place, Variant] = {}
        for problem, varying in self.varying.items():
            mine = [place for place in drawn if place.loaded.problem.id == problem]
            found = varying.variants([place.stream for place in mine])
            variants |= dict(zip(mine, found, strict=True))
        return variants

    def _work(self, drawn: Sequence[Place]) -> Works:
        """Every place's variant, worked out problem by problem: those share their pages."""
        works: Works = {}
        variants = self._variants(drawn)
        for problem, working in self.working.items():
            mine = [place for place in drawn if place.loaded.problem.id == problem]
            done = working.work([variants[place] for place in mine])
            works |= {
                place: (variants[place], work) for place, work in zip(mine, done, strict=True)
            }
        return works

    def _press(self, key: bool) -> Press:
        """Papers and keys never share a run, nor a format."""
        if key not in self.presses:
            drawn = self._everything()
            works = self._work(_all([drawn]))
            specimen = self._booklet(SPECIMEN, drawn, works, key)
            self.presses[key] = Press(specimen, self.engine)
        return self.presses[key]

    def _everything(self) -> Drawn:
        """All problems of the exam, those that nobody draws too."""
        whole = [
            [replace(slot, draw=len(slot.problems)) for slot in slots]
            for slots in self.exam.sections
        ]
        exam = replace(self.exam, sections=tuple(map(tuple, whole)))
        return places(exam, self.secret, SPECIMEN.number)

    def _booklet(self, student: Student, drawn: Drawn, works: Works, key: bool) -> Booklet:
        fields = self.exam.fields
        groups = []
        for section, here in zip(fields.sections, drawn, strict=True):
            entries = tuple(
                Entry(
                    place.label,
                    place.marks,
                    works[place][1].key if key else works[place][1].question,
                    "" if key else place.slot.space,
                    place.slot.new_page,
                )
                for place in here
            )
            groups.append(Group(section.title, read_prose(section.text), entries))
        return Booklet(self._cover(student, drawn, key), tuple(groups))

    def _cover(self, student: Student, drawn: Drawn, key: bool) -> Cover:
        fields = self.exam.fields
        code = paper_code(self.secret, self.exam.id, student.number)
        name = {"printed": student.name, "blank": "", "none": None}[fields.names]
        return Cover(
            replace(self.exam.front, statement=()) if key else self.exam.front,
            student.number,
            (student.name or None) if key else name,
            code if fields.code else "",
            "Worked key" if key else "",
            _marks(drawn) if fields.marks_table and not key else (),
            qr_modules(code) if fields.code else (),
            fields.cover and not key,
        )

    def _note(self, student: Student, drawn: Drawn, works: Works) -> dict[str, Any]:
        """What the tables need of a student, as plain data."""
        problems = []
        for place in _all([drawn]):
            variant, done = works[place]
            problems.append(
                {
                    "label": place.label,
                    "id": place.loaded.problem.id,
                    "title": variant.derivation.title,
                    "marks": place.marks,
                    "given": variant.given,
                    "choices": [[name, str(value)] for name, value in variant.key],
                    "draws": variant.tried,
                    "measures": dict(variant.measures),
                    "answers": list(done.answers),
                }
            )
        code = paper_code(self.secret, self.exam.id, student.number)
        return {"number": student.number, "name": student.name, "code": code, "problems": problems}


def _all(drawn: Sequence[Drawn]) -> list[Place]:
    return [place for sections in drawn for section in sections for place in section]


def _marks(drawn: Drawn) -> tuple[tuple[str, str], ...]:
    """A column for each problem's marks, and one for the sum; nothing where there are none."""
    marks = [place.marks for section in drawn for place in section]
    if not any(marks):
        return ()
    total = sum(int(worth) for worth in marks if worth)
    columns = [(str(number), worth) for number, worth in enumerate(marks, 1)]
    return (*columns, ("Σ", str(total)))

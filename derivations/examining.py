"""The way of an exam, on one screen: read, draw, work out, print, keep."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

from derivations.errors import DerivationsError
from derivations.exams.counting import count
from derivations.exams.exam_file import Exam, Packed, unpack
from derivations.exams.executors import results
from derivations.exams.fairness import Band, band_of
from derivations.exams.folder import MANIFEST, ExamFolder
from derivations.exams.roster import Student
from derivations.exams.tables import answer_table, difficulty, fairness_table, manifest
from derivations.exams.workshop import Made, Workshop
from derivations.pipeline import solve_for
from derivations.writing.engine import engine_version

AT_ONCE = 100  # students in a group, which is one LaTeX run of papers and one of keys


@dataclass(frozen=True, slots=True)
class Order:
    """What makes an exam: its files, who sits it, and the secret."""

    packed: Packed
    students: tuple[Student, ...]
    secret: str
    engine: str = "auto"

    @property
    def run(self) -> dict[str, Any]:
        """Whatever decides the bytes of the batch."""
        roster = json.dumps([[student.number, student.name] for student in self.students])
        return {
            "version": version("derivations"),
            "exam": self.packed.digest,
            "roster": hashlib.sha256(roster.encode()).hexdigest(),
            "secret": hashlib.sha256(self.secret.encode()).hexdigest(),
            "engine": engine_version(self.engine),
        }

    @property
    def groups(self) -> list[tuple[Student, ...]]:
        """The students, as many as go into one LaTeX run."""
        starts = range(0, len(self.students), AT_ONCE)
        return [self.students[start : start + AT_ONCE] for start in starts]


def examine(
    order: Order,
    exam: Exam,
    folder: ExamFolder,
    running: tuple[Executor | None, int],
    advance: Callable[[int], None],
) -> Band | None:
    """Make and keep everything that is not there yet; the band of the papers' difficulties.

    Raises:
        DerivationsError: what was made until then is kept.
    """
    if folder.finished:
        return None
    workshop = workshop_of(order.packed, order.secret, order.engine)  # mistakes show before work
    missing = []
    for number, students in enumerate(order.groups):
        if folder.kept(number) is None:
            missing.append((number, students))
        else:
            advance(len(students))
    if missing and exam.fields.distinct != "no":
        check_distinct(order, exam, workshop)
    make = partial(make_group, order.packed, order.secret, order.engine)
    for number, made in results(running, make, missing):
        folder.keep(number, made.papers, made.keys, made.notes)
        advance(len(made.papers))

    def notes() -> Iterator[Any]:  # read anew for each table: all at once would fill the memory
        for number in range(len(order.groups)):
            yield from folder.kept(number) or ()

    found = band_of([difficulty(note) for note in notes()])
    tables = {"answers.csv": answer_table(notes()), "fairness.csv": fairness_table(notes())}
    folder.finish({**tables, MANIFEST: manifest(order.run, order.secret, exam, notes())})
    return found


class Alike(DerivationsError):
    """Students have the same paper."""

    exit_code = 1


def check_distinct(order: Order, exam: Exam, workshop: Workshop) -> None:
    """No two students have the same paper; found out before any is made.

    Raises:
        Alike: some have; it names them.
    """
    papers: dict[str, list[str]] = defaultdict(list)
    for students in order.groups:
        for student, same in zip(students, workshop.alike(students), strict=True):
            papers[same].append(student.number)
    twins = max(papers.values(), key=len)
    if len(twins) > 1:
        shown = ", ".join(twins[:5]) + (", ..." if len(twins) > 5 else "")
        raise Alike(
            f"{len(papers)} different papers for {len(order.students)} students: {shown} would have "
            f"the same {exam.fields.distinct}. Widen the domains in 'vary', draw from pools, try "
            "another --seed, or allow it with 'distinct: no' in the exam file"
        )


def too_few(order: Order) -> Iterator[str]:
    """A sentence for each problem that has few variants for so many students."""
    workshop = workshop_of(order.packed, order.secret, order.engine)
    for name, varying in workshop.varying.items():
        if words := count(varying).warning(len(order.students)):
            yield f"{name}: {words}"


_workshops: dict[tuple[str, str, str], Workshop] = {}  # of this process: the exam at work


def make_group(packed: Packed, secret: str, engine: str, students: Sequence[Student]) -> Made:
    """Papers, keys and notes of some students: the same bytes in whatever process it runs."""
    return workshop_of(packed, secret, engine).make(students)


def workshop_of(packed: Packed, secret: str, engine: str) -> Workshop:
    """The workshop of an exam, made once in a process."""
    key = (packed.digest, secret, engine)
    if key not in _workshops:
        _workshops.clear()
        _workshops[key] = Workshop(unpack(packed), secret, engine, solve_for)
    return _workshops[key]

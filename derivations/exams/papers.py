"""Which problems a student gets, in which order: drawn from the secret and the ids alone.

Every problem of a pool has a priority for every student, and the first ones are drawn; a shuffled
order is the order of the priorities. So a problem more, or a student more, changes nothing for the
others but the places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derivations.exams.exam_file import Exam, Slot
from derivations.exams.seeds import Stream
from derivations.kinds.base.files import Loaded


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A problem on a student's paper: its number there, its marks, and the room below it."""

    label: str
    loaded: Loaded
    slot: Slot
    stream: Stream

    @property
    def marks(self) -> str:
        marks = self.slot.marks if self.slot.marks is not None else self.loaded.problem.marks
        return "" if marks is None else str(marks)


def places(exam: Exam, secret: bytes, student: str) -> tuple[tuple[Place, ...], ...]:
    """The problems of a student's paper, section by section, numbered through."""

    def priority(loaded: Loaded) -> bytes:
        return Stream(secret, exam.id, f"place of {loaded.problem.id}", student).take(16)

    sections = []
    number = 0
    for fields, slots in zip(exam.fields.sections, exam.sections, strict=True):
        drawn = [(slot, loaded) for slot in slots for loaded in _drawn(slot, priority)]
        if (fields.order or exam.fields.order) == "shuffled":
            drawn.sort(key=lambda pair: priority(pair[1]))
        placed = []
        for slot, loaded in drawn:
            number += 1
            stream = Stream(secret, exam.id, loaded.problem.id, student)
            placed.append(Place(f"{exam.fields.label} {number}.".strip(), loaded, slot, stream))
        sections.append(tuple(placed))
    return tuple(sections)


def _drawn(slot: Slot, priority: Callable[[Loaded], bytes]) -> Sequence[Loaded]:
    """The problems of a slot that come first, in the order of the file."""
    if slot.draw == len(slot.problems):
        return slot.problems
    chosen = sorted(slot.problems, key=priority)[: slot.draw]
    return [loaded for loaded in slot.problems if loaded in chosen]

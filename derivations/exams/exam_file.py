"""An exam's file: front matter, sections, problems with marks, pools to draw from.

The file and the problems that it names are read once into a `Packed`, plain data that another
machine can read the exam from without having its files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from derivations.errors import Mistake, ProblemError, nearest
from derivations.kinds.base.fields import (
    TEXT_SCHEMA,
    NotNegative,
    OrAs,
    Plain,
    Positive,
    ProseText,
    Strict,
    found,
    refuse,
    words_in,
)
from derivations.kinds.base.files import Loaded, check, mistakes_of
from derivations.kinds.base.notation import NotationFields, stated
from derivations.kinds.base.shipped import SHEET, shipped, shipped_names
from derivations.reading import yaml
from derivations.reading.prose import read_prose, values_in
from derivations.steps.document import Front

KIND = "exam"
TALLEST = 23  # cm of a page
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def _entry(value: Any) -> Any:
    if isinstance(value, str):
        return {"problem": value}
    if not isinstance(value, dict):
        raise refuse(f"found {found(value)}, expected a problem's file, or pool: and draw:")
    return value


def _space(value: Any) -> str:
    text = str(value).removesuffix("cm").strip()
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text) or not float(text) <= TALLEST:
        raise refuse(f"found {found(value)}, expected a height in cm, at most {TALLEST}")
    return text


class EntryFields(Strict):
    """A problem, or some drawn from a pool; marks and space are those of each."""

    problem: str = Field("", description="a problem's file, with or without .yaml")
    pool: tuple[str, ...] = Field((), description="instead: files from which some are drawn")
    draw: Positive = Field(1, description="how many of the pool each student gets")
    marks: NotNegative | None = Field(
        None, description="marks for each; those of the problem's file where left out"
    )
    space: Annotated[str, BeforeValidator(_space), OrAs({"type": "number"})] = Field(
        "", description="room for the answer, in cm"
    )
    new_page: bool = Field(False, description="begin each on a page of its own")

    @model_validator(mode="after")
    def _one_of_both(self) -> EntryFields:
        if bool(self.problem) == bool(self.pool):
            raise refuse("expected either 'problem', a file, or 'pool', a list of files")
        if self.pool and self.draw > len(self.pool):
            raise refuse(
                f"found draw: {self.draw}, expected at most {len(self.pool)}, the pool's size"
            )
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """What it names."""
        return self.pool or (self.problem,)


class SectionFields(Strict):
    """A heading, words of its own, and problems."""

    title: Plain = ""
    text: ProseText = ""
    order: Literal["fixed", "shuffled"] | None = Field(
        None, description="of its problems; that of the exam where left out"
    )
    problems: tuple[Annotated[EntryFields, BeforeValidator(_entry), OrAs(TEXT_SCHEMA)], ...] = (
        Field(min_length=1)
    )


class ExamFields(Strict):
    """The front matter and the sections of an exam."""

    kind: Literal["exam"]
    id: Plain = Field("", description="a short name; the file's name where it is left out")
    title: Plain
    course: Plain = ""
    number: Plain = ""
    author: Plain = ""
    date: Plain = ""
    time: Plain = Field("", description="how long it takes, in words: 90 minutes")
    text: ProseText = Field("", description="instructions on the first page")
    label: Plain = Field("Problem", description="the word before a problem's number")
    names: Literal["printed", "blank", "none"] = Field(
        "printed", description="the student's name: printed, a line to write it on, or neither"
    )
    code: bool = Field(True, description="print a QR code that stands for the variant")
    cover: bool = Field(False, description="the first page holds no problem")
    marks_table: bool = Field(True, description="print a table to write the marks in")
    order: Literal["fixed", "shuffled"] = "fixed"
    distinct: Literal["answers", "givens", "no"] = Field(
        "answers", description="what must differ between any two students' papers"
    )
    notation: NotationFields = Field(
        default_factory=NotationFields,
        description="conventions of all problems that do not say otherwise",
    )
    sections: tuple[SectionFields, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Packed:
    """An exam and its problems as they were read: names for messages, and bytes."""

    name: str
    stem: str
    exam: bytes
    problems: Mapping[str, tuple[str, bytes]]  # by what the exam calls them

    @property
    def digest(self) -> str:
        """SHA-256 over everything."""
        whole = hashlib.sha256(self.exam)
        for name, (_, data) in sorted(self.problems.items()):
            whole.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of an exam: its problems, of which ``draw`` are drawn."""

    problems: tuple[Loaded, ...]
    draw: int
    marks: int | None
    space: str
    new_page: bool


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam with its problems, section by section."""

    id: str
    fields: ExamFields
    sections: tuple[tuple[Slot, ...], ...]
    packed: Packed

    @property
    def front(self) -> Front:
        """The head of every paper."""
        fields = self.fields
        date = " · ".join(part for part in (fields.date, fields.time) if part)
        return Front(
            fields.title, fields.course, fields.number, fields.author, date,
            read_prose(fields.text), id=self.id,
        )  # fmt: skip

    @property
    def problems(self) -> tuple[Loaded, ...]:
        """All problems that a student may get, in the file's order."""
        return tuple(p for slots in self.sections for slot in slots for p in slot.problems)


def load_exam(path: Path) -> Exam:
    """Read an exam and all its problems.

    Raises:
        ProblemError: every mistake of the exam and of its problems, at once.
    """
    if path.is_dir():
        raise ProblemError.at("a folder; expected an exam's file (kind: exam)", str(path))
    file = yaml.read_file(path)
    fields = _fields(file)
    problems: dict[str, tuple[str, bytes]] = {}
    mistakes = []
    for at, name in _files(fields):
        if name in problems:
            continue
        try:
            place = _place(path, name)
        except ProblemError as error:
            mistakes.append(file.mistake(at, error.messages))
            continue
        problems[name] = (str(place), place.read_bytes())
    packed = Packed(str(path), path.stem, path.read_bytes(), problems)
    return unpack(packed, mistakes)


def _place(exam: Path, name: str) -> Path:
    """The file beside the exam, or the shipped problem of this name.

    Raises:
        ProblemError: neither is there, with the nearest right name; or several have it.
    """
    place = exam.parent / name
    place = place if place.suffix in (".yaml", ".yml") else place.with_name(place.name + ".yaml")
    if not PurePosixPath(name).is_absolute():
        if place.is_file():
            return place
        if (found_here := shipped(name)) is not None and found_here.name != SHEET:
            return found_here
    beside = sorted(p.stem for p in place.parent.glob("*.yaml")) if place.parent.is_dir() else []
    hint = nearest(Path(name).stem, beside) or nearest(name, shipped_names())
    raise ProblemError.at(
        f"there is no file '{name}' beside the exam, nor a shipped problem of this id{hint}"
    )


def unpack(packed: Packed, mistakes: list[Mistake] | None = None) -> Exam:
    """The exam that was packed.

    Raises:
        ProblemError: every mistake of the exam and of its problems, and those given, at once.
    """
    mistakes = list(mistakes or ())
    file = yaml.parse(packed.exam, packed.name)
    fields = _fields(file)
    mistakes += [
        file.mistake(at, f"{{{name}}}: an exam has no values; its problems have")
        for at, text in words_in(fields)
        for name in values_in(text)
    ]
    loaded: dict[str, Loaded] = {}
    for name, (place, data) in packed.problems.items():
        try:
            parsed = yaml.parse(data, place)
            loaded[name] = check(parsed, Path(place).stem, notation=stated(fields.notation))
        except ProblemError as error:
            mistakes += error.mistakes
    mistakes += _same_ids(file, fields, loaded)
    exam_id = fields.id or packed.stem
    if not ID.fullmatch(exam_id):
        mistakes.append(
            file.mistake(
                ("id",),
                f"found '{exam_id}', expected an id that can name a folder: letters, digits, - and _",
            )
        )
    if mistakes:
        raise ProblemError(*mistakes)
    sections = tuple(
        tuple(_slot(entry, loaded) for entry in section.problems) for section in fields.sections
    )
    return Exam(exam_id, fields, sections, packed)


def _fields(file: yaml.File) -> ExamFields:
    data = yaml.plain(file.root)
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ProblemError(file.mistake(("kind",), "this is no exam; expected 'kind: exam' in it"))
    try:
        return ExamFields.model_validate(data)
    except ValidationError as error:
        raise ProblemError(*mistakes_of(error, ExamFields, file)) from None


def _slot(entry: EntryFields, loaded: Mapping[str, Loaded]) -> Slot:
    problems = tuple(loaded[name] for name in entry.files)
    return Slot(problems, entry.draw, entry.marks, entry.space, entry.new_page)


def _files(fields: ExamFields) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the exam names, with its place in the file."""
    for s, section in enumerate(fields.sections):
        for e, entry in enumerate(section.problems):
            at = ("sections", s, "problems", e)
            for p, name in enumerate(entry.files):
                yield ((*at, "pool", p) if entry.pool else at), name


def _same_ids(
    file: yaml.File, fields: ExamFields, loaded: Mapping[str, Loaded]
) -> Iterator[Mistake]:
    """Problems that stand twice in an exam, or have the id of another: their numbers would agree."""
    seen: set[str] = set()
    for at, name in _files(fields):
        if name not in loaded:
            continue
        identity = loaded[name].problem.id
        if identity in seen:
            yield file.mistake(at, f"a problem with the id '{identity}' stands in the exam already")
        seen.add(identity)

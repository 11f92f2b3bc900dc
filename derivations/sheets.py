"""Sheets: a YAML file with front matter and an ordered list of sections and items.

A folder that holds a ``sheet.yaml`` is a sheet; its items are files of that folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from derivations.errors import ProblemError, closest, nearest
from derivations.kinds.base.fields import (
    TEXT_SCHEMA,
    OrAs,
    Plain,
    ProseText,
    Strict,
    found,
    refuse,
    words_in,
)
from derivations.kinds.base.files import Loaded, load, mistakes_of
from derivations.kinds.base.notation import NotationFields, stated
from derivations.kinds.base.shipped import SHEET, shipped, shipped_names
from derivations.reading import yaml
from derivations.reading.prose import read_prose, values_in
from derivations.steps.document import Front

KIND = frozenset({"kind"})


def _item(value: Any) -> Any:
    if isinstance(value, str):
        return {"problem": value}
    if not isinstance(value, dict):
        raise refuse(f"found {found(value)}, expected the name of a problem file")
    return value


class ItemFields(Strict):
    """A problem of the sheet: its file, and a label where the running number will not do."""

    problem: str = Field(description="the problem's file, with or without .yaml")
    label: Plain | None = None


class SectionFields(Strict):
    """A heading, words of its own, and items."""

    title: Plain = ""
    level: Literal[1, 2, 3] = 1
    text: ProseText = ""
    items: tuple[Annotated[ItemFields, BeforeValidator(_item), OrAs(TEXT_SCHEMA)], ...] = ()


def _level(value: Any) -> Any:
    return (
        {**value, "level": int(value["level"])}
        if isinstance(value, dict) and str(value.get("level", "")).isdigit()
        else value
    )


class SheetFields(Strict):
    """The front matter and the sections of a sheet."""

    title: Plain
    course: Plain = ""
    number: Plain = ""
    author: Plain = ""
    date: Plain = ""
    source: str = ""
    text: ProseText = Field(
        "", description="what stands below the title: a statement, instructions"
    )
    label: Plain = Field("Problem", description="the word before an item's number; empty for none")
    contents: bool = Field(False, description="print a table of contents")
    numbered: bool = Field(False, description="number sections and equations")
    notation: NotationFields = Field(
        default_factory=NotationFields,
        description="conventions of all problems that do not say otherwise",
    )
    sections: tuple[Annotated[SectionFields, BeforeValidator(_level)], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was read, with its problems."""

    fields: SheetFields
    path: Path
    id: str
    problems: tuple[tuple[Loaded, ...], ...]  # for each section

    @property
    def front(self) -> Front:
        """The front matter for a document."""
        fields = self.fields
        return Front(
            fields.title, fields.course, fields.number, fields.author, fields.date,
            read_prose(fields.text), fields.contents, fields.numbered, self.id, fields.source,
        )  # fmt: skip


def is_sheet(path: Path) -> bool:
    """Whether the path is a sheet's folder or its file."""
    return (path / SHEET).is_file() or path.name == SHEET


def load_sheet(path: Path) -> Sheet:
    """Read a sheet and all its problems.

    Raises:
        ProblemError: every mistake of the sheet and of its problems, at once.
    """
    path = path / SHEET if path.is_dir() else path
    file = yaml.read_file(path)
    fields = _fields(file)
    mistakes = [
        file.mistake(at, f"{{{name}}}: a sheet has no values; its problems have")
        for at, text in words_in(fields)
        for name in values_in(text)
    ]
    problems: list[tuple[Loaded, ...]] = []
    for s, section in enumerate(fields.sections):
        loaded = []
        for i, item in enumerate(section.items):
            place = path.parent / item.problem
            if place.suffix not in (".yaml", ".yml"):
                place = place.with_name(f"{place.name}.yaml")
            if not place.is_file() or path.parent.resolve() not in place.resolve().parents:
                known = sorted(p.stem for p in path.parent.glob("*.yaml") if p.name != SHEET)
                mistakes.append(
                    file.mistake(
                        ("sections", s, "items", i),
                        f"there is no file '{place.name}' beside the sheet{nearest(item.problem, known)}",
                    )
                )
                continue
            try:
                loaded.append(load(place, notation=stated(fields.notation)))
            except ProblemError as error:
                mistakes += error.mistakes
        problems.append(tuple(loaded))
    if mistakes:
        raise ProblemError(*mistakes)
    return Sheet(fields, path, path.resolve().parent.name, tuple(problems))


def _fields(file: yaml.File) -> SheetFields:
    try:
        return SheetFields.model_validate(yaml.plain(file.root))
    except ValidationError as error:
        raise ProblemError(*mistakes_of(error, SheetFields, file)) from None


def load_item(path: Path) -> Loaded:
    """A problem file by itself, with the conventions of the sheet beside it that names it.

    Raises:
        ProblemError: all mistakes of the file, or those of the sheet.
    """
    sheet = path.parent / SHEET
    if not path.is_file() or not sheet.is_file():
        return load(path)
    fields = _fields(yaml.read_file(sheet))
    items = (item.problem for section in fields.sections for item in section.items)
    named = path.stem in {item.removesuffix(".yaml").removesuffix(".yml") for item in items}
    return load(path, notation=stated(fields.notation) if named else None)


def missing(path: Path) -> ProblemError:
    """The error for a path that does not exist, with the nearest one that does."""
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    stems = {other.stem: other.name for other in sorted(beside) if other.name != path.name}
    near = stems.get(closest(path.stem, stems))
    hint = f"; did you mean '{near}'?" if near else ""
    return ProblemError.at(f"no such file or folder{hint}", str(path))


def located(path: Path, sheets: bool = True) -> Path:
    """The file or folder itself; where there is none, the shipped problem or sheet of this name.

    Args:
        sheets: whether a sheet will do.

    Raises:
        ProblemError: neither is there, with the nearest right name; or several have it.
    """
    if path.exists():
        return path
    name = path.as_posix()
    if path.suffix or path.is_absolute():
        raise missing(path)
    found_here = shipped(name)
    if found_here is None:
        beside = sorted(other.name for other in Path().glob("*.yaml"))
        raise ProblemError.at(
            f"'{name}' is neither a file nor the id of a shipped problem"
            f"{nearest(name, [*beside, *shipped_names()])}"
        )
    if not sheets and is_sheet(found_here):
        raise ProblemError.at(f"'{name}' is a sheet; expected a single problem")
    return found_here


def find(paths: list[Path]) -> Iterator[Path]:
    """The sheets and single problem files that paths stand for; folders are looked through.

    Raises:
        ProblemError: a path that does not exist, or a folder without problems.
    """
    for path in map(located, paths):
        if not path.is_dir() or is_sheet(path):
            yield path
            continue
        found_here = sorted(_inside(path))
        if not found_here:
            raise ProblemError.at("no problem file (.yaml) in this folder", str(path))
        yield from found_here


def _inside(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    above |= {folder.resolve()}
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if path.is_symlink() and path.resolve() in above:
                continue  # a link to where we came from
            if is_sheet(path):
                yield path
            else:
                yield from _inside(path, above)
        elif path.suffix in (".yaml", ".yml") and yaml.head(path, KIND).get("kind") != "exam":
            yield path

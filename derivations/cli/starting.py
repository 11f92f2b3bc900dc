"""``derivations new`` and ``derivations schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, TypeAdapter

from derivations.errors import ProblemError, unknown
from derivations.exams.exam_file import ExamFields
from derivations.kinds import kind_module, kind_names
from derivations.sheets import SheetFields
from derivations.writing.files import write_file

SHEET_STARTER = """\
title: Tutorial 1
course: Neural Networks
number: Tutorial 1
author: ""
date: ""
text: |
  Work on your own, then compare with a partner.
sections:
  - title: First part
    items:
      - my-problem        # the file my-problem.yaml in this folder
"""

EXAM_STARTER = """\
kind: exam
title: Midterm examination
course: Neural Networks
date: ""
time: 90 minutes
text: |
  Write your answers into the space below each problem.
order: fixed              # or shuffled, for each student anew
sections:
  - title: First part
    problems:
      - problem: my-problem        # the file my-problem.yaml in this folder; it has a 'vary'
        marks: 5
        space: 6                   # cm
      - pool: [one, another]       # each student gets 'draw' of them
        draw: 1
        marks: 3
"""
BESIDES: dict[str, tuple[type[BaseModel], str]] = {  # files that are no problem, and their starters
    "sheet": (SheetFields, SHEET_STARTER),
    "exam": (ExamFields, EXAM_STARTER),
}


def new_file(kind: str, path: Path | None) -> None:
    """Write a starter file, or print it; an existing file is never replaced."""
    if kind not in BESIDES and kind not in kind_names():
        raise ProblemError.at(unknown(kind, "a kind of problem", [*kind_names(), *BESIDES]))
    text = BESIDES[kind][1] if kind in BESIDES else kind_module(kind).STARTER
    text = _schema_line(f"{kind if kind in BESIDES else 'problem'}.schema.json", path) + text
    if path is None:
        print(text, end="")
        return
    if path.exists():
        raise ProblemError.at("the file exists; choose another name", str(path))
    write_file(path, text)
    following = f"exam {path} --variants 3" if kind == "exam" else f"show {path}"
    print(f"wrote {path}; next: derivations {following}")


def _schema_line(name: str, path: Path | None) -> str:
    """What tells an editor where the schema is: the nearest one, in the folder or above it."""
    here = (path.parent if path else Path()).resolve()
    for steps, place in enumerate((here, *here.parents)):
        if (place / name).is_file():
            return f"# yaml-language-server: $schema={'../' * steps}{name}\n"
    return ""


def write_schema(what: str, path: Path | None) -> None:
    """Write or print the schema of problem files, of one kind, of sheets or of exams."""
    known = ["problem", *BESIDES, *kind_names()]
    if what not in known:
        raise ProblemError.at(unknown(what, "a schema", known))
    text = json.dumps(schema_of(what), indent=1, ensure_ascii=False) + "\n"
    if path is None:
        print(text, end="")
        return
    write_file(path, text)
    print(f"wrote {path}")


def schema_of(what: str) -> dict[str, Any]:
    """The JSON Schema."""
    if what in BESIDES:
        return BESIDES[what][0].model_json_schema()
    if what != "problem":
        fields: Any = kind_module(what).Fields
        return dict(fields.model_json_schema())
    union: Any = Union[tuple(kind_module(kind).Fields for kind in kind_names())]  # noqa: UP007
    return TypeAdapter(Annotated[union, Field(discriminator="kind")]).json_schema()

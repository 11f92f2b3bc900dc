"""The documents: every example is run, every command is tried, every link leads somewhere.

How the documents are written, so that this works:

- ```` ```yaml name.yaml ```` (or ```` ```text name.tex ````) is a file; it is written into the
  document's temporary folder;
- ```` ```yaml ```` is a whole problem (it has a ``kind``) or, after ``# part of a graph problem``,
  keys that take the place of those of the kind's starter; either is solved and verified;
- ```` ```console ```` holds commands after ``$`` and what they print, run in that folder; ``...``
  at the end of a line, or alone on a line, stands for anything;
- ```` ```sh ```` holds commands that are not run, but have to exist with their options.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from derivations.cli.app import app
from derivations.exams.exam_file import EntryFields, ExamFields, SectionFields
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.fields import NotationFields, Strict
from derivations.kinds.base.problem import Problem, RoundingFields
from derivations.models.layers import tokens
from derivations.sheets import SheetFields
from tests.conftest import run, solve_text

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PART = re.compile(r"# part of an? ([a-z-]+) problem\n")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: its language, the file's name after it, its text, and its line."""

    language: str
    name: str
    text: str
    line: int


def fences(document: Path) -> Iterator[Fence]:
    source = document.read_text(encoding="utf-8")
    for match in FENCE.finditer(source):
        text = "".join(line.removeprefix(match[1]) for line in match[4].splitlines(keepends=True))
        yield Fence(match[2], match[3] or "", text, source.count("\n", 0, match.start()) + 1)


def ids(value: object) -> str:
    return value.name if isinstance(value, Path) else str(value)


def test_there_are_documents_with_examples() -> None:
    names = {path.name for path in DOCUMENTS}
    assert {"README.md", "problem-files.md", "kinds.md", "truth.md", "safety.md"} <= names
    languages = [fence.language for path in DOCUMENTS for fence in fences(path)]
    assert languages.count("yaml") > 30
    assert languages.count("console") > 5
    assert set(languages) <= {"yaml", "console", "sh", "python", "text", "diff"}


def chunks(text: str) -> dict[str, str]:
    """The top-level keys of a file with their lines."""
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines(keepends=True):
        if match := re.match(r"([a-z_]+):", line):
            key = match[1]
            found[key] = ""
        if key:
            found[key] += line
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_example_is_solved(document: Path) -> None:
    for fence in fences(document):
        if fence.language != "yaml" or fence.name:
            continue
        text = fence.text
        if part := PART.match(text):
            text = "".join((chunks(kind_module(part[1]).STARTER) | chunks(text)).values())
        place = f"{document.name}:{fence.line}"
        assert "kind" in chunks(text), f"{place}: neither a problem nor a part of one"
        assert solve_text(text, place).solution


def same(expected: str, found: str) -> bool:
    """Whether the output is as it is shown."""
    pattern = "".join(
        "(?:.*\n)*?"
        if line == "...\n"
        else re.escape(line.removesuffix("...\n")) + ".*\n"
        if line.endswith("...\n")
        else re.escape(line)
        for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, found) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_command_prints_what_is_shown(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sheet-folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for fence in fences(document):
        if fence.name:
            (folder / fence.name).write_text(fence.text, encoding="utf-8")
        if fence.language != "console":
            continue
        for part in fence.text.split("$ ")[1:]:
            command, _, expected = part.partition("\n")
            words = shlex.split(command)
            assert words[0] == "derivations", f"{document.name}:{fence.line}: {command}"
            done = run(*words[1:])
            assert "Traceback" not in done.error
            printed = done.output + done.error
            assert same(expected, printed), f"{document.name}:{fence.line}: {command}\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_command_exists(document: Path) -> None:
    source = document.read_text(encoding="utf-8")
    commands = [fence for fence in fences(document) if fence.language in ("sh", "console")]
    shown = [
        line for fence in commands for line in fence.text.splitlines() if "derivations" in line
    ]
    shown += re.findall(r"`(derivations [^`]+)`", source)
    for line in shown:
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[:1] != ["derivations"] or words[1] in ("-h", "--help", "--version"):
            continue
        assert words[1] in COMMANDS, line
        options = {name for option in COMMANDS[words[1]].params for name in option.opts}
        assert {word for word in words if word.startswith("-")} <= options | {"-h"}, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_link_leads_somewhere(document: Path) -> None:
    source = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", source):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_kind_has_its_section() -> None:
    headings = re.findall(r"^## (\S+)$", document("kinds.md"), re.MULTILINE)
    assert headings == list(kind_names())


@pytest.mark.parametrize("model", [Problem, RoundingFields, NotationFields, SheetFields], ids=ids)
def test_every_common_field_is_described(model: type[Problem]) -> None:
    text = document("problem-files.md")
    assert [name for name in model.model_fields if f"`{name}`" not in text] == []


@pytest.mark.parametrize("model", [ExamFields, SectionFields, EntryFields], ids=ids)
def test_every_field_of_an_exam_is_described(model: type[Strict]) -> None:
    text = document("exams.md")
    assert [name for name in model.model_fields if f"`{name}`" not in text] == []


@pytest.mark.parametrize("kind", kind_names())
def test_every_field_of_a_kind_is_described(kind: str) -> None:
    fields = kind_module(kind).Fields.model_fields
    text = document("kinds.md")
    start = text.index(f"\n## {kind}\n")
    section = text[start : text.find("\n## ", start + 4)]
    own = [name for name in fields if name not in Problem.model_fields and name != "kind"]
    shared = text[: text.index("\n## ")]
    assert [name for name in own if f"`{name}`" not in section + shared] == []


def test_every_layer_is_named() -> None:
    assert [word for word in tokens() if f"`{word}" not in document("problem-files.md")] == []

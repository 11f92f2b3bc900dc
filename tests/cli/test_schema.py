"""``derivations schema``: valid, and every file of the bank and every starter conforms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derivations.cli.starting import BESIDES, schema_of
from derivations.kinds import kind_module, kind_names
from derivations.reading import yaml
from derivations.resources import folder
from tests.cli.schema_check import as_editors_see, mistakes, strange_words
from tests.conftest import run

FILES = sorted(folder("problems").rglob("*.yaml"))
EXAMS = [path for path in FILES if path.parent == folder("problems")]
PROBLEMS = [path for path in FILES if path.name != "sheet.yaml" and path not in EXAMS]
SHEETS = [path for path in FILES if path.name == "sheet.yaml"]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def conforms(text: str, schema: dict[str, Any]) -> list[str]:
    """What an editor would underline."""
    return list(mistakes(as_editors_see(yaml.parse(text.encode(), "file").root), schema, schema))


@pytest.mark.parametrize("what", ["problem", "sheet", "exam", *kind_names()])
def test_a_schema_is_printed_and_known_to_the_check(what: str) -> None:
    done = run("schema", what)
    assert (done.code, done.error) == (0, "")
    schema = json.loads(done.output)
    assert schema == json.loads(json.dumps(schema_of(what)))
    assert set(strange_words(schema)) == set()
    assert "properties" in schema or "oneOf" in schema


def test_there_are_files() -> None:
    assert len(PROBLEMS) > 70
    assert len(SHEETS) > 4
    assert EXAMS


PROBLEM_SCHEMA = schema_of("problem")


@pytest.mark.parametrize("what", ["problem", "sheet", "exam"])
def test_the_schema_beside_the_bank_is_current(
    what: str, golden: Callable[[Path, str], None]
) -> None:
    golden(folder("problems") / f"{what}.schema.json", run("schema", what).output)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_first_line_leads_an_editor_to_the_schema(path: Path) -> None:
    line = path.read_text(encoding="utf-8").splitlines()[0]
    what = "exam" if path in EXAMS else "sheet" if path.name == "sheet.yaml" else "problem"
    place = line.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / place).resolve() == (folder("problems") / f"{what}.schema.json").resolve()


@pytest.mark.parametrize("path", PROBLEMS, ids=name)
def test_a_problem_conforms(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind = yaml.head(path, frozenset({"kind"}))["kind"]
    assert conforms(text, schema_of(kind)) == []
    assert conforms(text, PROBLEM_SCHEMA) == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_sheet_conforms(path: Path) -> None:
    assert conforms(path.read_text(encoding="utf-8"), schema_of("sheet")) == []


@pytest.mark.parametrize("kind", kind_names())
def test_a_starter_conforms(kind: str) -> None:
    assert conforms(kind_module(kind).STARTER, PROBLEM_SCHEMA) == []


@pytest.mark.parametrize("what", BESIDES)
def test_the_starter_of_what_is_no_problem_conforms(what: str) -> None:
    assert conforms(BESIDES[what][1], schema_of(what)) == []


@pytest.mark.parametrize("path", EXAMS, ids=name)
def test_an_exam_conforms(path: Path) -> None:
    assert conforms(path.read_text(encoding="utf-8"), schema_of("exam")) == []


@pytest.mark.parametrize(
    "text",
    [
        "kind: neuron-forward\ngiven: {w: [1], x: [1], activation: relu}\n",
        "kind: neuron-forward\ntitle: t\ngiven: {w: 1, x: [1], activation: relu}\n",
        "kind: neuron-forward\ntitle: t\ngiven: {w: [one], x: [1], activation: relu}\n",
        "kind: neuron-forward\ntitel: t\ntitle: t\ngiven: {w: [1], x: [1], activation: relu}\n",
        "kind: neuron\ntitle: t\ngiven: {}\n",
        "kind: pooling-numeric\ntitle: t\ngiven: {input: [[1]], size: 1, mode: maximum}\n",
        "kind: mcq\ntitle: t\noptions: [{text: a, claim: 1 == 1}]\n",
        "kind: cnn-param-table\ntitle: t\ngiven: {input: [1, 1, 1, 1], layers: [FLATTEN]}\n",
    ],
)
def test_a_mistake_is_underlined(text: str) -> None:
    assert conforms(text, PROBLEM_SCHEMA)

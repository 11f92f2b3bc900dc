"""``derivations list`` of files that are no problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("empty.yaml", "", ":1:1: the file is empty; `derivations new KIND` writes a start"),
        ("list.yaml", "- 1", ":1:1: expected keys and values: kind, title, given, ask"),
        ("tab.yaml", "\tkind: graph", ":1:1: not YAML: a tab at the start of the line"),
        ("kindless.yaml", "title: t", ":1:1: 'kind' is missing"),
        ("sheet.yaml", "title: t\nsections: []", ": a sheet; list its folder"),
    ],
)
def test_a_file_without_a_problem_is_a_mistake(
    name: str, source: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    done = run("list", str(path))
    assert done.error.startswith(f"{path}{message}")
    assert (done.code, done.output) == (2, "")

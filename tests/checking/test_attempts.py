"""Attempts at problems whose file is known: every verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from derivations.checking.names.problems import Background, background_of
from derivations.checking.reports import check_document
from derivations.kinds.base.files import load
from derivations.pipeline import solve

TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "attempts.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def backgrounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Background]:
    """What each problem says, by its name."""
    folder = tmp_path_factory.mktemp("problems")
    found = {}
    for name, problem in TABLE["problems"].items():
        path = folder / f"{name}.yaml"
        path.write_text(problem, encoding="utf-8")
        found[name] = background_of(solve(load(path)).solution)
    return found


def test_every_problem_has_attempts() -> None:
    ids = [entry["id"] for entry in TABLE["attempts"]]
    assert len(set(ids)) == len(ids) >= 6
    assert {entry["problem"] for entry in TABLE["attempts"]} == set(TABLE["problems"])


@pytest.mark.parametrize("entry", TABLE["attempts"], ids=lambda entry: entry["id"])
def test_every_step_gets_its_verdict(
    entry: dict[str, Any], backgrounds: dict[str, Background]
) -> None:
    document = check_document(entry["text"], backgrounds[entry["problem"]])
    steps = [step for section in document.sections for step in section.steps]
    shown = "\n".join(f"{s.index} {s.verdict}: {s.latex} ({s.why})" for s in steps)
    assert [step.verdict for step in steps] == entry["verdicts"].split(), shown
    if "names" in entry:
        assert [s.misconception for s in steps if s.verdict == "wrong"] == entry["names"], shown

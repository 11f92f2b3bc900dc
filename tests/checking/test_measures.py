"""The measures of the checker, on a sample: our own sheets pass, mutants of them are located."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.checking import Found, sheets, steps_of, try_sheet
from benchmarks.mutants import OPERATORS, Sheet
from derivations.checking.equality.steps import UNDECIDED, UNREAD, WRONG
from derivations.checking.reports import check_document
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.files import load
from derivations.pipeline import document_of, solve
from derivations.writing import latex

PROBLEMS = Path(__file__).parents[2] / "problems"
SHEETS = (
    "theory-assignment/backpropagation", "cnn-worksheet/first-layer", "theorems/softmax-jacobian",
    "theorems/huber-loss-derivative", "textbooks/two-samples", "cnn-homework/conv-with-padding",
    "neural-networks-by-hand/shared-weights", "theorems/batch-norm-backward",
    "theorems/gradient-clipping-norm", "theorems/sigmoid-second-derivative",
    "theorems/adam-bias-correction", "theorems/cross-correlation-and-convolution",
)  # fmt: skip
LOCATED, WRONG_NAMES = 0.98, 0.05
MUTANTS, EACH = 100, 10


@pytest.fixture(scope="module")
def own() -> list[Sheet]:
    return list(sheets([PROBLEMS / f"{name}.yaml" for name in SHEETS]))


def test_our_own_sheets_pass_with_their_problems(own: list[Sheet]) -> None:
    steps = [step for sheet in own for step in steps_of(sheet.checked)]
    assert len(steps) >= 150
    assert [step.latex for step in steps if step.verdict == WRONG] == []
    open_steps = [step for step in steps if step.verdict in (UNDECIDED, UNREAD)]
    assert len(open_steps) <= 0.1 * len(steps)


def test_our_own_sheets_pass_by_their_text_alone(own: list[Sheet]) -> None:
    steps = [step for sheet in own[:3] for step in steps_of(check_document(sheet.text))]
    assert len(steps) >= 30
    assert [step.latex for step in steps if step.verdict == WRONG] == []


@pytest.mark.parametrize("name", ["cnn-homework", "loss-examples", "optimiser-examples"])
def test_a_whole_sheet_passes_by_its_text_alone(name: str) -> None:
    checked = check_document(latex.write(document_of(PROBLEMS / name / "sheet.yaml")))
    steps = steps_of(checked)
    assert len(steps) >= 100
    assert [step.latex for step in steps if step.verdict == WRONG] == []


@pytest.mark.parametrize("kind", kind_names())
def test_the_starter_of_every_kind_passes(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "starter.yaml"
    path.write_text(kind_module(kind).STARTER)
    sheet = Sheet(solve(load(path)))
    for steps in (steps_of(sheet.checked), steps_of(check_document(sheet.text))):
        assert [step.latex for step in steps if step.verdict == WRONG] == []


def test_mutants_are_located_and_named(own: list[Sheet]) -> None:
    found, source = Found(), random.Random(3)
    for sheet in own:
        try_sheet(sheet, found, source, EACH)
    assert found.count >= MUTANTS
    assert len(found.operators) >= 40
    assert set(found.operators) <= set(OPERATORS)
    assert found.share("located") >= LOCATED, found.missed
    assert found.results["elsewhere"] == 0, found.missed
    assert found.results["accepted"] == 0, found.missed
    assert found.names["wrong"] <= WRONG_NAMES * found.names.total(), found.names

"""The problems that ship: all solved and verified, with the right values and printed numerals."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derivations.formula.numerals import decimal_places
from derivations.formula.tree import Name
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.reading import yaml
from derivations.resources import folder
from derivations.sheets import find
from derivations.steps.draft import Detail
from derivations.steps.relations import Chain
from derivations.steps.solution import Verified
from tests.conftest import Bank

HERE = Path(__file__).parent
NEAR = 1e-9


@cache
def table(name: str) -> dict[str, Any]:
    """A table of expected values; numbers stay text."""
    found = yaml.plain(yaml.read_file(HERE / f"{name}.yaml").root)
    assert isinstance(found, dict)
    assert found
    return found


def cells(name: str) -> list[tuple[str, str]]:
    """The keys of a table of tables."""
    return [(source, answer) for source, answers in table(name).items() for answer in answers]


def answers(bank: Bank, source: str) -> dict[str, Any]:
    """The answers of a problem by their names."""
    return {answer["name"]: answer for answer in bank.entry(source)["answers"]}


def agrees(value: Any, expected: Any) -> bool:
    """Whether a value is the expected one: words alike, numbers to nine digits."""
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(map(agrees, value, expected))
        )
    if isinstance(expected, bool) or isinstance(value, (bool, str)):
        return bool(value == expected)
    return abs(value - float(expected)) <= NEAR * max(1.0, abs(value))


def test_every_sheet_stands_in_the_bank(bank: Bank) -> None:
    assert {
        "neural-networks-by-hand", "cnn-worksheet", "cnn-homework", "cnn-notes", "theory-assignment", "textbooks",
    } <= set(bank.documents)  # fmt: skip


def test_every_file_of_the_bank_stands_on_a_sheet(bank: Bank) -> None:
    files = {
        f"{path.parent.name}/{path.stem}"
        for path in folder("problems").glob("*/*.yaml")
        if path.name != "sheet.yaml"
    }
    assert len(files) > 70
    assert files == set(bank.verified)


def test_the_folder_of_problems_is_its_sheets(bank: Bank) -> None:
    assert {path.name for path in find([folder("problems")])} == set(bank.documents)


@pytest.mark.parametrize("source", table("truth"))
def test_a_problem_is_there_and_verified(bank: Bank, source: str) -> None:
    assert bank.entry(source)["verified"] is True


@pytest.mark.parametrize(("source", "name"), cells("truth"))
def test_an_answer_has_its_true_value(bank: Bank, source: str, name: str) -> None:
    found = answers(bank, source)
    assert name in found
    expected = table("truth")[source][name]
    assert agrees(found[name]["value"], expected), found[name]["value"]


@pytest.mark.parametrize(("source", "name"), cells("printed"))
def test_an_answer_is_printed_with_the_digits_that_were_asked_for(
    bank: Bank, source: str, name: str
) -> None:
    assert answers(bank, source)[name]["shown"] == table("printed")[source][name]


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (problem, name)
        for problem in table("published")
        for name in table("published")[problem]["values"]
    ],
)
def test_published_numbers_are_met_to_their_last_digit(bank: Bank, problem: str, name: str) -> None:
    expected = table("published")[problem]
    entry = next(entry for entry in bank.entries if entry["id"] == problem)
    assert entry["source"] == expected["source"]
    (value,) = [answer["value"] for answer in entry["answers"] if answer["name"] == name]
    text = expected["values"][name]
    if text.endswith("..."):  # further digits are cut off, not rounded
        assert repr(float(value)).startswith(text.removesuffix("..."))
        return
    half = Decimal(5).scaleb(-decimal_places(text) - 1)
    assert abs(Decimal(value) - Decimal(text)) <= half


@pytest.mark.parametrize(("fewer", "more"), [("brief", "standard"), ("standard", "full")])
def test_more_detail_is_never_shorter(fewer: Detail, more: Detail) -> None:
    """And nothing is refused, and no line goes on computing what stands still."""
    for path in folder("problems").glob("*/*.yaml"):
        if path.name != "sheet.yaml":
            assert links(solve(load(path), fewer)) <= links(solve(load(path), more)), path


def links(verified: Verified) -> int:
    """How many relations stand in a solution, without those that add up layers told in one row."""
    chains = (line.chain for line in verified.lines)
    return sum(len(chain.links) for chain in chains if not _adds_a_row(chain))


def _adds_a_row(chain: Chain) -> bool:
    """``2 params = params_all``: of a row for several layers, which more detail tells one by one."""
    last = chain.links[-1].term.formula if chain.links else None
    return isinstance(last, Name) and "_all_" in last.id


def test_no_problem_reports_two_answers_by_one_name(bank: Bank) -> None:
    twice = {}
    for entry in bank.entries:
        names = [answer["name"] for answer in entry["answers"]]
        if len(names) != len(set(names)):
            twice[entry["id"]] = sorted({name for name in names if names.count(name) > 1})
    assert twice == {}


def test_a_chain_of_rounded_values_is_reported_only_where_it_differs(bank: Bank) -> None:
    suffix = " (rounded on the way)"
    seen = 0
    for entry in bank.entries:
        values = {answer["name"]: answer["value"] for answer in entry["answers"]}
        for name, value in values.items():
            if name.endswith(suffix):
                seen += 1
                assert value != values[name.removesuffix(suffix)], (entry["id"], name)
    assert seen > 5


def test_every_step_has_passed_the_judge(bank: Bank) -> None:
    verdicts = [step["verdict"] for entry in bank.entries for step in entry["steps"]]
    assert len(verdicts) > 400
    assert set(verdicts) <= {"proved", "holds", "rounded", "given"}


@pytest.mark.parametrize(
    ("value", "expected", "verdict"),
    [
        (1.0, "1", True),
        (1.0 + 2e-9, "1", False),
        ([1, [2, 3]], ["1", ["2", "3"]], True),
        ([1, 2], ["1"], False),
        ("b", "b", True),
        ("a", "b", False),
        (True, True, True),
        (False, True, False),
        (1e-6, "1.1e-6", False),
    ],
)
def test_the_comparison_can_say_no(value: Any, expected: Any, verdict: bool) -> None:
    assert agrees(value, expected) is verdict

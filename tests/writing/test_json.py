"""JSON by contract: what other programs rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sympy

from derivations.kinds import kind_module, kind_names
from derivations.writing.json import entry, write
from tests.conftest import Bank, document_of_one, solve_text

ENTRY = ["id", "source", "kind", "title", "answers", "steps", "verified"]
ANSWER = {"name": str, "exact": (str, type(None)), "shown": str}
STEP = {"part": str, "title": str, "law": str, "latex": str, "verdict": str}


def is_value(value: Any) -> bool:
    """A number, a text, true or false, or nested lists."""
    if isinstance(value, list):
        return all(map(is_value, value))
    return isinstance(value, (int, float, str, bool))


def check(found: dict[str, Any]) -> None:
    """The structure of one entry."""
    assert list(found) == ENTRY
    assert found["verified"] is True
    assert all(isinstance(found[key], str) for key in ("id", "source", "kind", "title"))
    for answer in found["answers"]:
        assert list(answer) == ["name", "exact", "value", "shown"]
        assert all(isinstance(answer[key], of) for key, of in ANSWER.items())
        assert is_value(answer["value"])
    for step in found["steps"]:
        assert list(step) == list(STEP)
        assert all(isinstance(step[key], of) for key, of in STEP.items())
        assert step["verdict"] in ("proved", "holds", "rounded", "given")
        assert step["latex"]


@pytest.mark.parametrize("kind", kind_names())
def test_the_structure_of_an_entry(kind: str) -> None:
    check(json.loads(json.dumps(entry(solve_text(kind_module(kind).STARTER)))))


def test_the_structure_of_the_bank(bank: Bank) -> None:
    assert len(bank.entries) > 70
    for found in bank.entries:
        check(json.loads(json.dumps(found, allow_nan=False)))


def test_a_document_as_json_is_its_entries(bank: Bank) -> None:
    document = bank.documents["textbooks"]
    text = write(document)
    assert text.endswith("]\n")
    assert [e["kind"] for e in json.loads(text)] == ["sheet", "graph", "graph", "graph", "graph"]
    (single,) = json.loads(write(document_of_one(bank.verified["textbooks/small-graph"])))
    assert single["id"] == "small-graph"


def number_of(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def test_exact_is_what_value_is_the_double_of(bank: Bank) -> None:
    """The exact text read by SymPy, for every answer that is a number and has one."""
    seen = 0
    for found in bank.entries:
        for answer in found["answers"]:
            value = number_of(answer["value"])
            if answer["exact"] is None or value is None or found["kind"] == "sheet":
                continue
            seen += 1
            exact = float(sympy.sympify(answer["exact"]).evalf(20))
            assert exact == pytest.approx(value, rel=1e-12, abs=1e-300), (found["id"], answer)
    assert seen > 300


def test_values_of_every_sort() -> None:
    found = entry(
        solve_text(
            "kind: graph\ntitle: t\ngiven: {W: [[1, 2], [3, 4]], x: [0.5, 1/3], a: 3}\n"
            "define: {y: W @ x, s: sqrt(a), big: a^50, third: a/9, b: 0.10 + 0}\n"
        )
    )
    values = {answer["name"]: (answer["exact"], answer["value"]) for answer in found["answers"]}
    assert values["y"] == ("[7/6, 17/6]", [7 / 6, 17 / 6])
    assert values["s"] == ("sqrt(3)", 3**0.5)
    assert values["big"] == (str(3**50), 3**50)
    assert values["third"] == ("1/3", 1 / 3)
    assert values["b"] == ("1/10", 0.1)


def test_shown_is_what_the_sheet_prints(bank: Bank) -> None:
    answers = {a["name"]: a["shown"] for a in bank.entry("S0-01")["answers"]}
    assert answers["y"] == "0.705"
    answers = {a["name"]: a["shown"] for a in bank.entry("S2-06")["answers"]}
    assert answers["output"] == "[[15, 16], [6, 15]]"
    answers = {a["name"]: a["shown"] for a in bank.entry("S0-02")["answers"]}
    assert (answers["option 1"], answers["correct option"]) == ("true", "1")


def test_a_sheet_counts_what_stands_on_it(bank: Bank) -> None:
    counts = {a["name"]: a["value"] for a in bank.entry("S4-00")["answers"]}
    document = bank.documents["theory-assignment"]
    marks = [int(item.question.marks) for item in document.items if item.question.marks]
    assert marks
    assert counts["marks"] == marks
    assert counts["marks_total"] == sum(marks)
    assert counts["items"] == len(document.items)

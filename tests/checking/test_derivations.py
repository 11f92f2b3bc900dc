"""The table of derivations: every verdict, the place of the first wrong step, twice the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from derivations.checking.checking import check
from derivations.checking.equality.steps import RIGHT, UNDECIDED, UNREAD, WRONG

HERE = Path(__file__).parent
TABLE: list[dict[str, Any]] = [
    entry
    for name in ("derivations.yaml", "field.yaml")
    for entry in yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
]
WORDS = {*RIGHT, WRONG, UNDECIDED, UNREAD}
LEAST = {"right": 250, "wrong": 170}


def test_the_table_is_large_and_well_formed() -> None:
    ids = [entry["id"] for entry in TABLE]
    assert len(set(ids)) == len(ids) >= 420
    counts = Counter("right" if entry["first_wrong"] is None else "wrong" for entry in TABLE)
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts
    for entry in TABLE:
        verdicts = entry["verdicts"].split()
        assert set(verdicts) <= WORDS, entry["id"]
        assert entry["why"], entry["id"]
        first = verdicts.index(WRONG) if WRONG in verdicts else None
        assert first == entry["first_wrong"], entry["id"]


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["id"])
def test_every_step_gets_its_verdict(entry: dict[str, Any]) -> None:
    checked = check(entry["latex"], entry.get("givens", ""), entry.get("symbols"))
    shown = "\n".join(f"{s.index} {s.verdict}: {s.latex} ({s.why})" for s in checked.steps)
    assert [step.verdict for step in checked.steps] == entry["verdicts"].split(), shown
    assert checked.first_wrong == entry["first_wrong"], shown
    assert not checked.notes


def test_the_same_text_gets_the_same_answer() -> None:
    for entry in TABLE[::5]:
        runs = [
            check(entry["latex"], entry.get("givens", ""), entry.get("symbols")) for _ in range(2)
        ]
        assert runs[0] == runs[1], entry["id"]


def test_a_right_end_after_a_wrong_line_is_marked() -> None:
    steps = check(r"z = 2 \cdot 3 + 4 = 5 + 4 = 10").steps
    assert [step.repaired for step in steps] == [False, False, True]


def test_reasons_name_both_values() -> None:
    (_, step) = check(r"z = 2 \cdot 3 + 1 = 8").steps
    assert (step.verdict, step.expected, step.found) == (WRONG, "7.00000", "8.00000")

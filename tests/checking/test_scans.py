"""The table of documents as people hand them in: what is found in each, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from derivations.checking.equality.steps import UNDECIDED, UNREAD, WRONG
from derivations.checking.reports import check_document

TABLE: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "documents.yaml").read_text(encoding="utf-8")
)


def test_the_table_is_large_and_well_formed() -> None:
    ids = [entry["id"] for entry in TABLE]
    assert len(set(ids)) == len(ids) >= 14
    assert sum(bool(entry["wrong"]) for entry in TABLE) >= 12
    assert all(entry["why"] for entry in TABLE)


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["id"])
def test_what_is_found_in_a_document(entry: dict[str, Any]) -> None:
    document = check_document(entry["text"])
    placed = [pair for section in document.sections for pair in section.placed]
    shown = "\n".join(f"{line} {s.verdict}: {s.latex} ({s.why})" for line, s in placed)
    wrong = [(line, step.latex) for line, step in placed if step.verdict == WRONG]
    assert [line for line, _ in wrong] == [line for line, _ in entry["wrong"]], shown
    for (_, latex), (_, piece) in zip(wrong, entry["wrong"], strict=True):
        assert piece in latex, shown
    assert len(placed) == entry["steps"], shown
    for verdict in (UNDECIDED, UNREAD):
        assert document.counts[verdict] == entry.get(verdict, 0), shown

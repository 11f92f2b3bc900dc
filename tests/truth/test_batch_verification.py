"""A batch in which one digit, value or sign is another is refused, for that variant alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.networks import derived, network, variants
from derivations.exams.filling import Filling, item_of, write_document
from derivations.formula.columns import Arithmetic, Column
from derivations.formula.printing import Numeral
from derivations.pipeline import solve_for
from derivations.steps.batch import Batch, substitute_batch
from derivations.steps.solution import Derivation
from derivations.truth.batch_verification import verify_batch

COUNT, PLACE = 12, 5  # variants, and the one that is altered


@pytest.fixture(scope="module")
def made() -> tuple[Derivation, Batch]:
    derivation, given = derived(network([2, 2, 1]))
    return derivation, substitute_batch(derivation, variants(given, COUNT))


def refused(derivation: Derivation, batch: Batch) -> list[int]:
    marks = verify_batch(derivation, batch)
    return np.flatnonzero(marks[0] | marks[1]).tolist()


def with_entry(columns: Mapping[str, Sequence[Any]], name: str, entry: Any) -> dict[str, Any]:
    column = columns[name].copy() if hasattr(columns[name], "copy") else list(columns[name])
    column[PLACE] = entry
    return {**columns, name: column}


def other_digits(text: str) -> list[str]:
    """The numeral with each of its digits changed by one, and with another sign."""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    changed = [f"{text[:p]}{(int(text[p]) + 1) % 10}{text[p + 1 :]}" for p in places]
    return [*changed, text.removeprefix("-") if text.startswith("-") else f"-{text}"]


def test_the_batch_is_accepted(made: tuple[Derivation, Batch]) -> None:
    assert refused(*made) == []


def test_every_digit_of_every_numeral_is_judged(made: tuple[Derivation, Batch]) -> None:
    derivation, batch = made
    tried = 0
    for name, numerals in batch.shown.items():
        text: Numeral = numerals[0]
        if not isinstance(text, str):
            continue
        altered = list(map(str, numerals))
        for row, others in enumerate(map(other_digits, altered)):
            altered[row] = others[row % len(others)]  # another digit in every variant
        rows = [row for row, other in enumerate(altered) if other.strip("-0.")]
        shown = {**batch.shown, name: altered}
        assert set(refused(derivation, replace(batch, shown=shown))) >= set(rows), name
        tried += len(rows)
    assert tried > 700


def test_every_value_is_confirmed_by_the_second_road(made: tuple[Derivation, Batch]) -> None:
    derivation, batch = made
    confirmed = [q.key for q in derivation.quantities if q.role in ("defined", "update", "derived")]
    assert len(confirmed) > 30
    for name in confirmed:
        other = batch.true[name][PLACE] * (1 + 1e-7) + 1e-9
        altered = replace(batch, true=with_entry(batch.true, name, other))
        assert refused(derivation, altered) == [PLACE], name


def test_an_equals_sign_where_a_value_was_rounded(made: tuple[Derivation, Batch]) -> None:
    derivation, batch = made
    rounded = [name for name, exact in batch.exact.items() if not exact[PLACE]]
    assert len(rounded) > 20
    for name in rounded:
        altered = replace(batch, exact=with_entry(batch.exact, name, True))
        assert refused(derivation, altered) == [PLACE], name


def test_what_the_notes_say_is_judged(made: tuple[Derivation, Batch]) -> None:
    derivation, batch = made
    noted = next(row for row, changed in enumerate(batch.changed) if changed)
    (name, text), *others = batch.changed[noted]
    for other in other_digits(text)[-3:]:
        changed = list(batch.changed)
        changed[noted] = [(name, other), *others]
        assert refused(derivation, replace(batch, changed=changed)) == [noted]


@pytest.mark.parametrize("operation", ["_add_two", "_multiply_two", "_finite"])
def test_wrong_arithmetic_is_never_printed(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    derivation, given = derived(network([2, 2, 1]))
    givens = variants(given, 6)
    right = getattr(Arithmetic, operation)

    def wrong(self: Arithmetic, *args: Column) -> Column:
        column: Column = right(self, *args)
        column.value = column.value * (1 + 1e-6)
        return column

    monkeypatch.setattr(Arithmetic, operation, wrong)
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    pages = list(filling.fill(givens))
    assert filling.slow == len(givens)
    assert pages == [write_document(item_of(solve_for(derivation, one))) for one in givens]

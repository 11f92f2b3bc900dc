"""Every problem of the bank that has numbers is filled as the slow road writes it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from derivations.errors import ProblemError, VerificationError
from derivations.exams.filling import Filling, item_of, write_document
from derivations.kinds.base.files import load
from derivations.pipeline import solve_for
from derivations.resources import folder
from derivations.steps.solution import Derivation, Verified
from derivations.steps.substitution import Given

TRIED = 6  # variants of each problem
PROBLEMS = sorted(p for p in folder("problems").glob("*/*.yaml") if p.name != "sheet.yaml")


def has_numbers(path: Path) -> bool:
    loaded = load(path)
    return bool(loaded.module.givens(loaded.problem))


WITH_NUMBERS = [
    path for path in PROBLEMS
    if "kind: theorem" not in path.read_text(encoding="utf-8") and has_numbers(path)
]  # fmt: skip


def other_numbers(given: Given, source: random.Random) -> Given:
    """A number of the same sign and as many digits; arrays entry by entry."""
    if isinstance(given, tuple):
        return tuple(other_numbers(part, source) for part in given)
    if not given.replace(".", "").replace("-", "").isdigit() or source.random() < 0.2:
        return given
    digits = [str(source.randint(0, 9)) if c.isdigit() else c for c in given]
    text = "".join(digits)
    whole, point, decimals = text.removeprefix("-").partition(".")
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{int(whole)}{point}{decimals}"


def test_the_bank_has_problems_with_numbers() -> None:
    assert len(WITH_NUMBERS) > 35


@pytest.mark.parametrize("path", WITH_NUMBERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_filled_pages_are_those_of_the_slow_road(path: Path) -> None:
    loaded = load(path)
    derivation: Derivation = loaded.module.derive(loaded.problem)
    given: Mapping[str, Given] = loaded.module.givens(loaded.problem)
    source = random.Random(path.name)
    solved: list[tuple[Mapping[str, Given], Verified]] = []
    for trial in range(TRIED):
        one = {k: other_numbers(v, source) for k, v in given.items()} if trial else given
        with suppress(ProblemError, VerificationError):
            solved.append((one, solve_for(derivation, one)))
    assert solved
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    pages = list(filling.fill([one for one, _ in solved]))
    assert pages == [write_document(item_of(verified)) for _, verified in solved]


def test_a_reason_is_given_where_all_have_to_go_one_by_one() -> None:
    loaded = load(folder("problems") / "textbooks" / "sigmoid-graph.yaml")
    derivation, given = (
        loaded.module.derive(loaded.problem),
        loaded.module.givens(loaded.problem),
    )
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    assert len(list(filling.fill([given] * 3))) == filling.slow == 3
    assert filling.reason == "values are carried unrounded"

"""Every problem of the bank that has numbers varies, and its variants are solved and verified."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from derivations.exams.counting import possible
from derivations.exams.seeds import Stream
from derivations.exams.varying import Varying
from derivations.kinds.base.files import load
from derivations.kinds.base.variation import scope
from derivations.pipeline import document_of_verified, solve
from derivations.resources import folder
from derivations.writing.text import write

PROBLEMS = [
    path for path in sorted(folder("problems").glob("*/*.yaml")) if path.name != "sheet.yaml"
]
LOADED = {f"{path.parent.name}/{path.stem}": load(path) for path in PROBLEMS}
VARIED = [name for name, loaded in LOADED.items() if loaded.problem.vary]
VARIANTS = 3
PUBLISHED = [name for name in VARIED if getattr(LOADED[name].problem, "published", ())]


@cache
def varying(name: str) -> Varying:
    return Varying(LOADED[name])


def test_every_problem_with_numbers_varies() -> None:
    with_numbers = {name for name, loaded in LOADED.items() if scope(loaded.file.root)}
    assert with_numbers - set(VARIED) == set()
    assert len(VARIED) > 160


@pytest.mark.parametrize("name", VARIED)
def test_the_file_itself_is_one_of_its_variants(name: str) -> None:
    assert varying(name).own_refusals() == []


@pytest.mark.parametrize("name", VARIED)
def test_variants_are_solved_and_verified(name: str) -> None:
    drawn = varying(name).variants([Stream(b"bank", "", name, str(n)) for n in range(VARIANTS)])
    assert len({tuple(map(str, one.draws.values())) for one in drawn}) > 1
    for one in drawn:
        verified = solve(one.loaded)
        assert one.given == one.loaded.module.givens(one.loaded.problem)
        assert verified.solution.derivation == one.derivation
        shown = {n: k.shown for n, k in verified.solution.known.items() if n in one.given}
        assert shown == {n: value for n, value in one.given.items() if n in shown}


@pytest.mark.parametrize("name", PUBLISHED)
def test_variants_of_published_networks_claim_nothing_that_was_published(name: str) -> None:
    own = LOADED[name].problem
    printed = {entry.printed for entry in own.published}  # type: ignore[attr-defined]
    told = write(document_of_verified(solve(LOADED[name])))
    assert all(number in told for number in printed)
    for one in varying(name).variants([Stream(b"own", "", name, str(n)) for n in range(2)]):
        text = write(document_of_verified(solve(one.loaded)))
        assert "As others count" not in text
        assert not [number for number in printed if f"prints {number}" in text]
        assert "{" not in text.partition("Solution")[0]  # every number of the question was put in


def test_there_are_published_networks() -> None:
    assert len(PUBLISHED) > 25


@pytest.mark.parametrize("name", [name for name in VARIED if name.startswith("architectures/")])
def test_a_network_has_fifty_variants_or_more(name: str) -> None:
    assert possible(varying(name)) >= 50


def test_a_number_outside_of_its_domain_would_be_seen(tmp_path: Path) -> None:
    text = (folder("problems") / "textbooks" / "small-graph.yaml").read_text()
    path = tmp_path / "small.yaml"
    path.write_text(text.replace("x: -2", "x: -2.5").replace("q != 0", "q < 0"))
    assert Varying(load(path)).own_refusals() == ["x", "q < 0"]

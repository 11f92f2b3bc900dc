"""How many pages there are is guessed before the first run, which is then the last; never printed wrong."""

from __future__ import annotations

import re
from functools import cache

import pytest

from derivations.kinds import kind_module
from derivations.writing import latex, pdf
from tests.conftest import document_of_one, solve_text
from tests.writing.test_latex import all_lines

PAGE = re.compile(r"page\d+of\d+")


@cache
def source_of(kind: str) -> str:
    starter = kind_module(kind).STARTER.replace("[W_2]", "true")
    return latex.write(document_of_one(solve_text(starter)))


SHORT, LONG = "activation-values", "encoder-block"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run of LaTeX."""
    counted: list[int] = []
    run = pdf.run

    def counting(*args: object, **named: object) -> str:
        counted.append(1)
        return run(*args, **named)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(pdf, "run", counting)
    return counted


def pages_of(data: bytes) -> list[str]:
    """What the pages say of their number."""
    return [found for lines in all_lines(data) for line in lines for found in PAGE.findall(line)]


def test_one_page_takes_one_run(runs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    found = pdf.compile_pdf(source_of(SHORT))
    assert len(runs) == 1
    monkeypatch.setattr(pdf, "_guessed", lambda place, source: b"")
    assert pdf.compile_pdf(source_of(SHORT)) == found
    assert len(runs) == 1 + 2


@pytest.mark.parametrize("length", [1, 100, 10_000_000])
def test_a_wrong_guess_is_put_right(
    length: int, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "ONE_PAGE", 0)
    monkeypatch.setattr(pdf, "A_PAGE", length)
    found = pdf.compile_pdf(source_of(LONG))
    assert len(runs) == 2
    monkeypatch.setattr(pdf, "_guessed", lambda place, source: b"")
    assert pdf.compile_pdf(source_of(LONG)) == found


def test_the_number_of_pages_is_right() -> None:
    for kind in (SHORT, LONG):
        told = pages_of(pdf.compile_pdf(source_of(kind)))
        assert told == [f"page{k}of{len(told)}" for k in range(1, len(told) + 1)]
        assert told

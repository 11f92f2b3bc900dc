"""Decimal commas: in every kind, no list is ambiguous, the checker reads what is printed."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from derivations.checking.checking import check_parts
from derivations.checking.equality.steps import RIGHT, WRONG
from derivations.checking.names.problems import background_of
from derivations.exams.filling import Filling, item_of, write_document
from derivations.formula.operators import BASE, PLAIN, Notation, numeral
from derivations.kinds import kind_module, kind_names
from derivations.pipeline import solve_for
from derivations.reading.latex import read_formula
from derivations.reading.latex.tokens import tokens
from derivations.writing import latex, text
from tests.conftest import document_of_one, load_text, run, solve_text
from tests.kinds.test_notation import solved

POINT = re.compile(r"[0-9]\.[0-9]+")
COMMAS = Notation(decimal="comma", thousands=True)


@pytest.mark.parametrize("kind", kind_names())
def test_no_number_has_a_point(kind: str) -> None:
    """But those that the author wrote into a text."""
    page = text.write(document_of_one(solved(kind, "decimal: comma")))
    own = {"classification-figures": {"0.5"}, "concept-question": {"1.1"}}.get(kind, set())
    assert set(POINT.findall(page)) == own


@pytest.mark.parametrize(
    ("written", "shown", "typeset"),
    [
        ("0.10", "0,10", "0{,}10"),
        ("-12345.5", "−12\u202f345,5", r"-12\,345{,}5"),
        ("1234567", "1\u202f234\u202f567", r"1\,234\,567"),
        ("4.8e-6", "4,8×10⁻⁶", r"4{,}8 \times 10^{-6}"),
        ("3/8", "3/8", r"\frac{3}{8}"),
    ],
)
def test_a_numeral_and_its_way_back(written: str, shown: str, typeset: str) -> None:
    assert numeral(written, PLAIN, False, COMMAS) == shown
    assert numeral(written, PLAIN, True, COMMAS) == typeset
    if "/" not in written:
        (number,) = [t.text for t in tokens(typeset.lstrip("-"), comma=True)][:1]
        assert number == written.lstrip("-").partition("e")[0]


def test_a_negative_base_keeps_its_brackets() -> None:
    assert numeral("-0.5", BASE, True, COMMAS) == "(-0{,}5)"


VECTORS = """\
kind: graph
title: Vectors
text: With {x=} and {A=}.
given: {x: [1, 2.5, -3], A: [[0.5, 1], [2, 3]], big: 1234.567}
define: {s: "max(sum(x), 0.25)", r: "big + s"}
notation: {decimal: comma, thousands: true}
"""


def test_entries_are_parted_by_semicolons() -> None:
    page = text.write(document_of_one(solve_text(VECTORS)))
    assert "x = [1; 2,5; −3]" in page
    assert "[[0,5; 1]; [2; 3]]" in page
    assert "max(sum(x); 0,25)" in page
    assert "1\u202f234,567" in page
    source = latex.write(document_of_one(solve_text(VECTORS)))
    assert r"2{,}5" in source
    assert not POINT.search(source.partition("With")[2].partition("Values")[0].replace("0.85", ""))


def test_entries_are_read_back() -> None:
    assert read_formula(r"\left[1;\, 2{,}5;\, -3\right]") == read_formula("[1, 2.5, -3]")
    assert read_formula(r"\max(0; z)") == read_formula(r"\max(0, z)")
    assert read_formula(r"1\,234{,}5 + x") == read_formula("1234.5 + x")


def test_results_for_programs_keep_their_points(tmp_path: Path) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text(VECTORS)
    found = json.loads(run("solve", str(path), "--json", "-o", str(tmp_path)).output)
    assert [a["shown"] for a in found[0]["answers"] if a["name"] == "r"] == ["1235.067"]


THOUSANDTHS = """\
kind: graph
title: Thousandths
given: {x: 1.234, y: 2.111}
define: {s: x + y}
notation: {decimal: comma}
"""


def test_what_could_be_a_thousand_is_a_decimal_where_the_sheet_has_commas() -> None:
    background = background_of(solve_text(THOUSANDTHS).solution)
    for line, right in (("s = 1{,}234 + 2{,}111 = 3{,}345", True), ("s = 3{,}355", False)):
        (found,) = check_parts([f"\\[ {line} \\]"], background=background)
        verdicts = {step.verdict for step in found.steps}
        assert verdicts <= RIGHT if right else WRONG in verdicts
    other = background_of(solve_text(THOUSANDTHS.replace("comma", "point")).solution)
    (found,) = check_parts(["\\[ s = 3{,}345 \\]"], background=other)
    assert WRONG in {step.verdict for step in found.steps}  # 3345


def test_one_number_of_a_text_shows_how_the_others_are_meant() -> None:
    lines = ["\\[ a = 1{,}234 \\]", "\\[ b = 0{,}5 \\]", "\\[ c = a + b = 1{,}734 \\]"]
    assert {s.verdict for one in check_parts(lines) for s in one.steps} <= RIGHT


def test_pages_of_an_exam_are_filled_with_commas() -> None:
    source = kind_module("network").STARTER + "notation: {decimal: comma}\n"
    loaded = load_text(source)
    derivation = loaded.module.derive(loaded.problem)
    given = loaded.module.givens(loaded.problem)
    numbers = random.Random("comma")
    drawn = [{name: f"{numbers.uniform(-1, 1):.2f}" for name in given} for _ in range(12)]
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    pages = list(filling.fill(drawn))
    assert pages == [write_document(item_of(solve_for(derivation, one))) for one in drawn]
    assert filling.slow < 4
    assert "{,}" in pages[0]

"""What exports leave in formulas: HTML entities, and the comma of decimals."""

from __future__ import annotations

import pytest

from derivations.checking.text.documents import read_document
from derivations.reading.latex.exports import DECIMALS, unescaped, with_decimal_commas
from derivations.reading.latex.traced import Traced


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a &lt; b", "a < b"), ("3 &times; 4 &minus; 1", "3 × 4 − 1"), ("a&nbsp;b", "a b"), ("&#x2264;", "≤"),
        ("&amp;= 3", "&= 3"), ("a &= b; c", "a &= b; c"), ("a & foo; b", "a & foo; b"), ("x &foo; y", "x &foo; y"),
    ],
)  # fmt: skip
def test_entities_are_signs(written: str, meant: str) -> None:
    found = unescaped(Traced.of(written))
    assert found.text == meant
    assert found.place(len(found.text)) == len(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$a = 0,5$ und $b = 12,25$", "$a = 0{,}5$ und $b = 12{,}25$"),
        ("$f(0,5) = 1,5$", "$f(0{,}5) = 1{,}5$"),
        ("$x_{0,5} = 3$ und $v = [0,1]$", None),  # an index, a list
        ("$a = 0,5$ und $x_{1,2} = [1,2]$", "$a = 0{,}5$ und $x_{1,2} = [1,2]$"),
        ("$a = 0,5$ und $b = 2.5$", None),  # decimal points: commas are something else
        ("$a = 1,200$", None),
        ("in words 0,5 and $a = 1$", None),
    ],
)
def test_commas_of_decimals(written: str, meant: str | None) -> None:
    found, notes = with_decimal_commas(Traced.of(written))
    assert found.text == (meant or written)
    assert notes == ((DECIMALS,) if meant else ())


def test_the_note_reaches_the_report() -> None:
    (section,), notes = read_document("$a = 0,5$")
    assert notes == (DECIMALS,)
    assert section.segments[0].latex == "a = 0{,}5"

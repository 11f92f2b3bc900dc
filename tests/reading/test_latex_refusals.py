"""What the LaTeX reader refuses: with its place and its reason, at once, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations.errors import ReadError
from derivations.reading.latex import read_chains, read_formula

TABLE = [
    line.split("  !!  ")
    for line in Path(__file__).with_name("latex_unread.txt").read_text("utf-8").splitlines()
]


def test_the_table_is_read() -> None:
    assert len(TABLE) > 60


@pytest.mark.parametrize(("source", "expected"), TABLE)
def test_what_cannot_be_read_says_where_and_why(source: str, expected: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_chains(source)
    assert f"{caught.value.position} {caught.value.message}" == expected


HOSTILE = [
    "(" * 10_000, "{" * 10_000, "[" * 9_000, "|" * 9_000, "-" * 9_000 + "x", r"\hat" * 4_900 + "x",
    r"\sqrt" * 3_900 + "x", r"\left(" * 3_000, "x^{" * 6_000, "x_{" * 6_000, r"\frac" * 3_900,
    r"\text{" * 3_000, r"\stackrel{a}{" * 1_500, r"\begin{cases}" * 1_500, r"\begin{aligned}" * 1_300,
    r"\sum_{" * 3_000, "a" * 19_999, "1" * 5_000, "x" * 20_001, "9^{9^{9^9}}", "10^{" + "9" * 900 + "}",
    r"\ln" * 6_000 + " x", r"\mathbf{" * 2_400, "e^" * 9_000 + "x", "x_1^" * 4_900, "1," * 9_900 + "1",
    "'" * 19_000, "x" + "'" * 19_000, r"\input{/etc/passwd}", r"\write18{rm -rf .}", "\x00", "a\x0crac",
    "\tau", "\rho", "\u202e", "\ud800", r"\def\x{\x\x}\x", r"\csname x\endcsname", "^^41", r"\catcode`\%=0",
    r"\begin{pmatrix}" + "1&" * 9_000 + r"1\end{pmatrix}", "a+" * 9_900 + "a", "(" * 9_000 + ")" * 9_000,
]  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE, ids=lambda s: repr(s[:12]))
def test_hostile_text_is_refused(source: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_formula(source)
    assert len(caught.value.message) < 400
    assert 0 <= caught.value.position <= len(source)


@pytest.mark.parametrize(
    "source",
    [
        "{a}" * 6_600,
        "a=b," * 4_900,
        "a&" * 9_900,
        r"a\\" * 6_000,
        r"\quad" * 3_900,
        "{a=b}" * 3_900,
    ],
    ids=lambda s: s[:6],
)
def test_long_text_comes_to_an_end(source: str) -> None:
    read_chains(source, strict=False)


PIECES = st.sampled_from(
    r"""x y_1 w_{ji} 0.5 12 \frac{ { } ( ) [ ] + - = \approx ^ _ ^{ \hat \sigma e \sum_{i=1}^n \ln \max
    \begin{cases} \end{cases} & \\ \left( \right) | \| , \cdot \partial \text{if} \boxed{ \top ' ! \foo
    \begin{pmatrix} \end{pmatrix} \quad \mathrm{net} d / \in""".split()
)


def refused_at(source: str, strict: bool) -> int:
    """Where reading stopped; 0 where it did not. Nothing but a ReadError may come out of it."""
    try:
        read_chains(source, strict=strict)
    except ReadError as error:
        return error.position
    return 0


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_any_text_is_read_or_refused(source: str) -> None:
    for strict in (True, False):
        assert 0 <= refused_at(source, strict) <= len(source)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_characters_are_read_or_refused(source: str) -> None:
    assert 0 <= refused_at(source, True) <= len(source)

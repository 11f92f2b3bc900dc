"""How many variants there are, and how fair they are."""

from __future__ import annotations

from itertools import product
from math import exp

import pytest

from derivations.exams.counting import COUNTED, count, most_likely
from derivations.exams.fairness import band, rows
from derivations.exams.measures import MEASURES
from derivations.exams.seeds import Stream
from derivations.exams.varying import Varying
from tests.exams.test_varying import problem

TEXT = """\
kind: graph
title: Q
given: {x: 1, w: 2, v: [1, 2, 2]}
define: {y: "x*w + v[1]"}
vary:
  x: {integers: [1, 6]}
  w: {integers: [0, 5]}
  v: {shuffle: true}
require: [y < 20]
"""


def test_small_domains_are_counted() -> None:
    """Against the same domain gone through by hand."""
    draws = list(product(range(1, 7), range(6), [(1, 2, 2), (2, 1, 2), (2, 2, 1)]))
    # of six orders of three entries, each of three lists comes twice
    expected = {(x * w + v[0]) for x, w, v in draws if x * w + v[0] < 20}
    accepted = sum(1 for x, w, v in draws if x * w + v[0] < 20) / len(draws)
    found = count(Varying(problem(TEXT)))
    assert (found.draws, found.distinct, found.exactly) == (108, len(expected), True)
    assert found.accepted == pytest.approx(accepted)
    assert "20 distinct variants (counted)".replace("20", str(len(expected))) == found.words()


def test_large_domains_are_bounded_from_below() -> None:
    text = (
        TEXT.replace("[1, 6]", "[1, 40]").replace("[0, 5]", "[0, 40]").replace("y < 20", "y < 2000")
    )
    found = count(Varying(problem(text)))
    true = len({x * w + v for x in range(1, 41) for w in range(41) for v in (1, 2)})
    assert found.draws == 40 * 41 * 3 > COUNTED
    assert not found.exactly
    assert 100 < found.distinct <= true
    assert found.words().startswith("at least ")


def test_the_bound_is_the_quantile_of_a_poisson_number() -> None:
    assert most_likely(0) == pytest.approx(2.9957, abs=1e-3)  # -ln 0.05
    assert exp(-most_likely(1)) * (1 + most_likely(1)) == pytest.approx(0.05, abs=1e-6)


def test_small_numbers_of_variants_are_warned_of() -> None:
    found = count(Varying(problem(TEXT)))
    assert found.warning(1) == ""
    assert f"{found.distinct} distinct variants for 200 students; expected 2000" in found.warning(
        200
    )


def test_the_table_and_the_band() -> None:
    text = TEXT.replace("x*w + v[1]", "x*w + relu(w - 3) + v[1]")
    varying = Varying(problem(text))
    found = varying.variants([Stream(b"k", "", "p", str(n)) for n in range(8)])
    columns, table = rows(found)
    assert columns == ["variant", *MEASURES]
    assert [row[0] for row in table] == list(range(1, 9))
    off = columns.index("relus_off")
    for one, row in zip(found, table, strict=True):
        assert row[off] == (int(str(one.given["w"])) < 3)
        assert row[columns.index("ties")] == (one.given["w"] == "3")
    difficulty = [row[-1] for row in table]
    assert (band(found).least, band(found).most) == (min(difficulty), max(difficulty))


def test_conditions_keep_the_band() -> None:
    text = TEXT.replace("[y < 20]", "[difficulty <= 12, 1 <= digits <= 5]")
    varying = Varying(problem(text))
    for one in varying.variants([Stream(b"k", "", "p", str(n)) for n in range(8)]):
        assert one.measures["difficulty"] <= 12


def test_apart_variants_have_other_answers() -> None:
    varying = Varying(problem(TEXT))
    streams = [Stream(b"k", "", "p", str(n)) for n in range(15)]
    alone = [one.signature for one in varying.variants(streams)]
    assert len(set(alone)) < 15
    streams = [Stream(b"k", "", "p", str(n)) for n in range(15)]
    apart = [one.signature for one in varying.variants(streams, apart=True)]
    assert len(set(apart)) == 15
    first = {alone.index(x) for x in alone}
    assert all(apart[n] == alone[n] for n in first if alone[n] not in apart[:n])


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    text = TEXT.replace("x*w + v[1]", "sigmoid(x*w/10) + 1/3").replace(
        "[y < 20]", "[0.9 < y < 1.4, 'apart(y, x/3, w)', y < 1.15]"
    )
    at_once = Varying(problem(text)).variants([Stream(b"k", "", "p", str(n)) for n in range(40)])
    for n, one in enumerate(at_once):
        alone = Varying(problem(text)).variant(Stream(b"k", "", "p", str(n)))
        assert (one.given, one.signature, one.tried, one.failed) == (
            alone.given, alone.signature, alone.tried, alone.failed,
        )  # fmt: skip
    refused = {text for one in at_once for text in one.failed}
    assert refused == {"0.9 < y < 1.4", "apart(y, x/3, w)", "y < 1.15"}

"""Variants worked out: judged, confirmed by the kind's own second road, few or many of a structure."""

from __future__ import annotations

from typing import Any

import pytest

from derivations.errors import VerificationError
from derivations.exams import filling
from derivations.exams.seeds import Stream
from derivations.exams.varying import Variant, Varying
from derivations.exams.working import Working
from derivations.formula.expressions import read_expression
from derivations.formula.tree import number
from derivations.kinds import architecture
from derivations.kinds.base.files import Loaded, check
from derivations.pipeline import solve, solve_for
from derivations.reading import yaml
from derivations.resources import folder
from derivations.truth import statements
from derivations.truth.verification import Court

NETWORK = """\
kind: architecture
title: A network
given:
  input: [8, 8, 3]
  layers: [{layer: conv, filters: 4, kernel: 3}, GAP, FC-5]
ask: {macs: true}
vary: {"layers[0].filters": {integers: [2, 9]}}
"""
LONG = """\
kind: optimisation
title: A long descent
rounding: {significant: 6, carry: exact}
given: {function: x^2, start: {x: 2}, rate: 0.1, steps: 400}
vary: {start.x: {integers: [1, 9]}}
require: [x_400 > 0]
"""
PRODUCT = """\
kind: graph
title: A product
given: {a: 3, b: 4}
define: {p: a*b}
vary: {a: {integers: [2, 99]}, b: {integers: [2, 99]}}
"""


def problem(text: str) -> Loaded:
    return check(yaml.parse(text.encode(), "p.yaml"), "p")


def variants(text: str, count: int) -> list[Variant]:
    streams = [Stream(b"secret", "exam", "p", str(n)) for n in range(count)]
    return Varying(problem(text)).variants(streams)


def test_a_count_that_the_second_road_denies_is_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = variants(NETWORK, 3)
    assert [one.question for one in Working(solve_for).work(found)]
    right = architecture.expected

    def wrong(fields: architecture.Fields) -> dict[str, Any]:
        answers = right(fields)
        return {**answers, "parameters": answers["parameters"] + 1}

    monkeypatch.setattr(architecture, "expected", wrong)
    with pytest.raises(VerificationError, match=r"parameters is \d+\.0, by the second road"):
        Working(solve_for).work(found)


def test_long_runs_vary_and_are_confirmed() -> None:
    found = variants(LONG, 4)
    assert len({one.signature for one in found}) > 1
    for one, worked in zip(found, Working(solve_for).work(found), strict=True):
        last = next(answer for answer in worked.answers if answer["name"] == "x_400")
        start = int(one.given["x_0"])  # type: ignore[arg-type]  # a whole number
        assert abs(float(last["shown"]) / (start * 0.8**400) - 1) < 1e-5
        first = next(answer for answer in worked.answers if answer["name"] == "x_1")
        assert float(first["from"]) <= 0.8 * start <= float(first["to"])


def test_few_variants_are_written_without_a_page_and_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    found = variants(PRODUCT, filling.FEW)
    alone = Working(solve_for)
    slowly = alone.work(found)
    (made,) = alone.fillings.values()
    assert (made.slow, made.pages) == (filling.FEW, {})
    monkeypatch.setattr(filling, "FEW", 0)
    together = Working(solve_for)
    assert together.work(found) == slowly
    (made,) = together.fillings.values()
    assert len(made.pages) == 1


def statement_variants(count: int) -> list[Variant]:
    path = folder("problems") / "cnn-notes" / "conv-layer-input.yaml"
    return variants(path.read_text(encoding="utf-8"), count)


def test_what_a_statement_says_in_general_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = statement_variants(3)
    judged: list[Any] = []
    judge = statements.judge

    def seen(*arguments: Any) -> Any:
        judged.append(arguments)
        return judge(*arguments)

    monkeypatch.setattr(statements, "judge", seen)
    statements._remembered.clear()
    Working(solve_for).work(found[:1])
    assert len(judged) > 50
    judged.clear()
    Working(solve_for).work(found[1:])
    assert judged == []


def test_what_is_said_of_a_variants_own_numbers_is_judged_for_each() -> None:
    first, *others = statement_variants(6)
    given = first.given["g"]
    assert isinstance(given, tuple)
    claim = (read_expression("g[1,1]", set(), {"g"}), "=", number(given[0][0]), None)  # type: ignore[arg-type]
    verdicts = [Court(solve(one.loaded).solution)._in_worlds(*claim) for one in (first, *others)]
    same = [one.given["g"][0][0] == given[0][0] for one in (first, *others)]  # type: ignore[index]
    assert [verdict.accepted for verdict in verdicts] == same
    assert not all(same)

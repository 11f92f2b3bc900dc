"""Options made from misconceptions: right ones once, wrong ones by the slip that the key names."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import pytest

from derivations.checking.misconceptions.library import LIBRARY
from derivations.errors import ProblemError
from derivations.exams.seeds import Stream
from derivations.exams.varying import Varying
from derivations.pipeline import solve
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Options, Verified
from tests.exams.test_varying import problem

TEXT = """\
kind: mcq
title: Output of a neuron
text: What is the output $y$ of this neuron?
given: {w: 0.5, x: 1.2, b: -0.3}
facts:
  z: w*x + b
  y: sigmoid(z)
options: {from: misconceptions, of: y, count: 4}
rounding: {decimals: 3}
vary:
  w: {decimals: [-0.9, 0.9], step: 0.1, exclude: [0]}
  x: {decimals: [0.5, 3], step: 0.1, exclude: [1]}
  b: {decimals: [-0.9, 0.9], step: 0.1, exclude: [0]}
"""


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def options_of(verified: Verified) -> tuple[list[str], list[str]]:
    """The values of the options as they are printed, and the reasons of the key."""
    solution = verified.solution
    (block,) = (
        b
        for part in solution.parts
        for step in part.steps
        for b in step.blocks
        if isinstance(b, Options)
    )
    values = []
    for (term,) in block.options:
        assert isinstance(term, Term)
        values.append(str(solution.known[term.formula.id].shown))  # type: ignore[union-attr]
    return values, [words(reason) for reason in block.reasons]


def words(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def test_the_slips_by_hand() -> None:
    verified = solve(problem(TEXT))
    values, reasons = options_of(verified)
    z = 0.5 * 1.2 - 0.3
    by_hand = {
        "": sigmoid(z),
        "The activation function was not applied.": z,
        "The bias is missing": sigmoid(0.6),
        "the minus in the exponent is missing": sigmoid(-z),
    }
    for value, reason in zip(values, reasons, strict=True):
        (expected,) = (
            x for start, x in by_hand.items() if start == reason or (start and start in reason)
        )
        assert float(value) == pytest.approx(expected, abs=5e-4)
    assert verified.solution.known["correct_option"].shown == "1"


def test_variants_shuffle_them_and_keep_one_right() -> None:
    varying = Varying(problem(TEXT))
    found = varying.variants([Stream(b"o", "", "p", str(n)) for n in range(60)])
    places = Counter()
    for one in found:
        verified = solve(one.loaded)
        values, reasons = options_of(verified)
        w, x, b = (float(str(one.given[name])) for name in "wxb")
        right = int(str(verified.solution.known["correct_option"].shown))
        assert abs(float(values[right - 1]) - sigmoid(w * x + b)) <= 5e-4 + 1e-9
        assert right == one.measures["right_option"]
        assert all(abs(float(p) - float(q)) > 0.001 for p, q in combinations(values, 2))
        sentences = {entry.sentence for entry in LIBRARY}
        assert sum(reason == "" for reason in reasons) == 1
        assert reasons[right - 1] == ""
        assert len([r for r in reasons if any(r.lower() == s.lower() for s in sentences)]) <= 3
        places[right] += 1
    assert set(places) == {1, 2, 3, 4}
    assert sum((places[n] - 15) ** 2 / 15 for n in range(1, 5)) < 16.3  # chi-square, 0.1 %
    assert len(varying.structures.known) <= 24


@pytest.mark.parametrize("count", [3, 5, 6])
def test_as_many_as_asked_for(count: int) -> None:
    values, _ = options_of(solve(problem(TEXT.replace("count: 4", f"count: {count}"))))
    assert len(set(values)) == count


def test_a_fixed_order() -> None:
    text = TEXT.replace("count: 4", "count: 4, order: [3, 1, 4, 2]")
    assert solve(problem(text)).solution.known["correct_option"].shown == "2"


def test_a_gradient_has_slips_too() -> None:
    text = """\
kind: mcq
title: Slope
text: What is the slope of the loss?
given: {w: 0.4, x: 1.5, t: 1}
facts:
  y: tanh(w*x)
  d: (y - t)*(1 - y^2)*x
options: {from: misconceptions, count: 4}
rounding: {decimals: 4}
"""
    values, reasons = options_of(solve(problem(text)))
    y = round(math.tanh(0.6), 4)  # later steps go on with the rounded value
    assert float(values[0]) == pytest.approx((y - 1) * (1 - y * y) * 1.5, abs=5e-5)
    assert len(set(values)) == 4
    assert all(reasons[1:])


MISTAKES = [
    ("of: y", "of: v", "p.yaml:8:10: options: 'v' is no fact; known: z, y"),
    ("count: 4", "count: 2", "options.count: found 2, expected 3 to 8"),
    (
        "count: 4",
        "count: 4, order: [1, 2, 3]",
        "options.order: expected the numbers 1 to 4, each once",
    ),
    (
        "from: misconceptions",
        "from: thin air",
        "options.from: found thin air, expected 'misconceptions'",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_mistakes_have_their_place(old: str, new: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(problem(TEXT.replace(old, new)))
    assert message in str(caught.value)


def test_too_few_slips_are_told() -> None:
    text = (
        TEXT.replace("z: w*x + b", "z: w")
        .replace("y: sigmoid(z)", "y: w")
        .replace("count: 4", "count: 8")
    )
    with pytest.raises(ProblemError, match=r"slips give another plausible value; expected 7"):
        solve(problem(text))

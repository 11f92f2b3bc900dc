"""The interval of an answer holds whatever rounding by hand reaches, and not much else.

The second road is brute force: every definition is worked out in floats with the result of each
operation rounded, or not, as a coin says.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

import pytest
from flint import fmpq

from derivations.exams.seeds import Stream
from derivations.exams.tolerances import tolerances
from derivations.exams.varying import Variant, Varying
from derivations.formula.evaluation import Function
from derivations.formula.numerals import exact
from derivations.formula.tree import Formula, Name, Number, key
from derivations.kinds.base.files import load
from derivations.pipeline import solve_for
from derivations.resources import folder
from derivations.steps.rounding import Digits
from tests.exams.test_varying import NETWORK, problem

TRIALS = 150
EDGE = 1e-12  # of floats


def rounded(value: float, digits: Digits) -> float:
    places = digits.decimals
    if places is None:
        if value == 0:
            return value
        places = (digits.significant or 6) - 1 - math.floor(math.log10(abs(value)))
    scaled = abs(value) * 10.0**places
    return math.copysign(math.floor(scaled + 0.5) / 10.0**places, value)


class ByHand:
    """Somebody who rounds some results and carries on with them."""

    def __init__(
        self, digits: Digits, functions: Mapping[str, Function], source: random.Random, rate: float
    ) -> None:
        self.digits, self.functions, self.source, self.rate = digits, functions, source, rate

    def perhaps(self, value: float) -> float:
        return rounded(value, self.digits) if self.source.random() < self.rate else value

    def value(self, formula: Formula, known: Mapping[str, float]) -> float:
        if isinstance(formula, Number):
            number = exact(formula.text)
            return int(number.p) / int(number.q)
        if isinstance(formula, Name) or formula.head in ("partial", "total"):
            return known[key(formula)]
        head = formula.head
        if head in self.functions:
            function = self.functions[head]
            args = [self.value(arg, known) for arg in formula.args]
            return self.value(function.body, dict(zip(function.parameters, args, strict=True)))
        a, *rest = [self.value(arg, known) for arg in formula.args]
        if head == "product":
            for b in rest:
                a = self.perhaps(a * b)
            return a
        if head in ("neg", "group"):
            return -a if head == "neg" else a
        rule: dict[str, Any] = {
            "sum": lambda *terms: sum(terms), "quotient": lambda x, y: x / y, "exp": math.exp,
            "ln": math.log, "tanh": math.tanh, "power": lambda x, y: x**y, "norm": abs, "max": max,
        }  # fmt: skip
        return self.perhaps(rule[head](a, *rest))


BANK = [
    "neural-networks-by-hand/sigmoid-neuron", "theory-assignment/backpropagation",
    "textbooks/sigmoid-graph", "textbooks/two-samples", "neural-networks-by-hand/squashed-gaussian",
]  # fmt: skip


def variants(name: str) -> list[Variant]:
    loaded = problem(NETWORK) if name == "network" else load(folder("problems") / f"{name}.yaml")
    varying = Varying(loaded)
    return varying.variants([Stream(b"tolerance", "", name, str(n)) for n in range(4)])


def worked_out(hand: ByHand, one: Variant) -> dict[str, float]:
    """All values as somebody gets them by hand."""
    known = {n: float(exact(str(v)).p) / float(exact(str(v)).q) for n, v in one.given.items()}
    for quantity in one.derivation.quantities:
        if quantity.formula is None or quantity.shape or quantity.labels is not None:
            continue
        if quantity.key[0] != "~" and quantity.role in ("defined", "derived", "update"):
            known[quantity.key] = hand.value(quantity.formula, known)
    return known


@pytest.mark.parametrize("name", ["network", *BANK])
def test_rounding_at_random_steps_stays_inside(name: str) -> None:
    source = random.Random(7)
    for one in variants(name):
        derivation = one.derivation
        found = tolerances(derivation, one.given)
        digits = derivation.rounding.digits
        last = derivation.rounding.answers or digits
        asked = {a.name: a.key for a in derivation.answers if a.name in found}
        assert len(asked) > 2
        for trial in range(TRIALS):
            rate = (0.0, 1.0, 0.5, 0.8)[trial % 4]
            known = worked_out(ByHand(digits, derivation.functions, source, rate), one)
            for answer, of in asked.items():
                if of not in known:
                    continue
                bottom, top = found[answer].bounds
                slack = EDGE * max(1.0, abs(known[of]))
                for value in (known[of], rounded(known[of], last)):
                    assert float(bottom) - slack <= value <= float(top) + slack, (answer, one.given)


class OneOff(ByHand):
    """Somebody who is half a unit off in one operation, and exact in all others."""

    def __init__(self, digits: Digits, functions: Mapping[str, Function], at: int) -> None:
        super().__init__(digits, functions, random.Random(0), 0.0)
        self.at, self.count = at, 0

    def perhaps(self, value: float) -> float:
        self.count += 1
        if self.count - 1 != self.at or abs(rounded(value, self.digits) - value) < EDGE:
            return value
        return value + half_unit(value, self.digits)


def half_unit(value: float, digits: Digits) -> float:
    places = digits.decimals
    if places is None:
        places = (digits.significant or 6) - 1 - math.floor(math.log10(abs(value)))
    return 0.5 * 10.0**-places


@pytest.mark.parametrize("name", ["network", *BANK])
def test_the_intervals_are_as_wide_as_the_errors_make_them(name: str) -> None:
    """By the effect of half a unit in each operation alone, added up, and of the last rounding."""
    for one in variants(name)[:2]:
        derivation = one.derivation
        digits, functions = derivation.rounding.digits, derivation.functions
        found = tolerances(derivation, one.given)
        exactly = OneOff(digits, functions, -1)
        true = worked_out(exactly, one)
        reach = dict.fromkeys(true, 0.0)
        for at in range(exactly.count):
            for of, value in worked_out(OneOff(digits, functions, at), one).items():
                reach[of] += abs(value - true[of])
        for answer in derivation.answers:
            if answer.name not in found or answer.key not in reach or not reach[answer.key]:
                continue
            last = derivation.rounding.answers or digits
            if f"~answer:{answer.key}" not in {q.key for q in derivation.quantities}:
                last = digits
            expected = reach[answer.key]
            if last != digits:
                expected += half_unit(true[answer.key], last)
            bottom, top = map(float, found[answer.name].bounds)
            unit = half_unit(true[answer.key], last)
            assert (top - bottom) / 2 <= 1.1 * expected + 0.1 * unit, answer.name
            assert (top - bottom) / 2 >= 0.85 * expected, answer.name


@pytest.mark.parametrize("name", ["network", *BANK])
def test_what_the_key_prints_is_accepted(name: str) -> None:
    for one in variants(name):
        found = tolerances(one.derivation, one.given)
        known = solve_for(one.derivation, one.given).solution.known
        for answer in one.derivation.answers:
            if answer.name in found:
                shown = known.get(f"~answer:{answer.key}", known[answer.key]).shown
                assert found[answer.name].holds(exact(str(shown))), (answer.name, shown)
                assert exact(found[answer.name].bounds[0]) <= exact(str(shown))
                assert exact(str(shown)) <= exact(found[answer.name].bounds[1])


def test_exact_answers_have_no_room() -> None:
    text = "kind: graph\ntitle: Q\ngiven: {x: 0.3, w: 1.5}\ndefine: {z: w*x, y: z - 1}\nrounding: {decimals: 2}\n"
    loaded = problem(text)
    found = tolerances(loaded.module.derive(loaded.problem), loaded.module.givens(loaded.problem))
    assert found["z"].bounds == ("0.45", "0.45")
    assert found["y"].holds(fmpq(-55, 100))
    assert not found["y"].holds(fmpq(-56, 100))


def test_a_branch_that_rounding_decides_has_no_interval() -> None:
    text = (
        "kind: graph\ntitle: Q\ngiven: {x: 0.333, w: 0.1, b: -0.0333}\n"
        'define: {p: w*x, z: p + b, y: "cases(1, z > 0, 2, otherwise)"}\nrounding: {decimals: 3}\n'
    )
    loaded = problem(text)
    found = tolerances(loaded.module.derive(loaded.problem), loaded.module.givens(loaded.problem))
    assert "z" in found
    assert "y" not in found


def test_by_hand_worked_out() -> None:
    """y = x w with x = 1/3 rounded to 0.33: 2/3 within 2 half units of 0.01, and half a unit of y."""
    text = (
        "kind: graph\ntitle: Q\ngiven: {a: 3}\ndefine: {x: 1/a, y: 2*x}\nrounding: {decimals: 2}\n"
    )
    loaded = problem(text)
    found = tolerances(loaded.module.derive(loaded.problem), loaded.module.givens(loaded.problem))
    assert found["x"].bounds == ("0.3283", "0.3384")
    assert found["y"].bounds == ("0.6516", "0.6817")

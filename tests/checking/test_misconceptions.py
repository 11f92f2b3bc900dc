"""Every entry of the library is found on its example; slips drawn at random get the right name or none."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from flint import arb, fmpq

from derivations.checking.checking import check
from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.rounds import Rounds
from derivations.checking.equality.steps import GIVEN, WRONG
from derivations.checking.misconceptions import equations
from derivations.checking.misconceptions.document import page
from derivations.checking.misconceptions.entries import Misconception, Right
from derivations.checking.misconceptions.explaining import (
    BITS,
    Explanation,
    Surroundings,
    explain,
    sources,
    value_of,
)
from derivations.checking.misconceptions.library import LIBRARY
from derivations.checking.names.indexed import indices_of
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import quantities
from derivations.formula.evaluation import Value, entries, precision
from derivations.formula.numerals import Ambiguous, NumeralError, to_significant
from derivations.formula.tree import Formula, Name, number
from derivations.reading.latex import declare, read_chains
from derivations.truth.judge import World

PAGE = Path(__file__).parents[2] / "docs" / "misconceptions.md"
DIGITS = 4
MOST_WRONG_NAMES = 0.05

# Right formulas in numbers, and what is given.
NUMBERS = (
    (r"0.37 \cdot 1.52 - 0.84 \cdot 0.61 + 0.29", ""),
    (r"w_1 x_1 + w_2 x_2 + b", "w_1 = 0.34, w_2 = -0.71, x_1 = 1.3, x_2 = 2.9, b = 0.17"),
    (r"\sigma(0.37 \cdot 1.52 + 0.29)", ""),
    (r"\frac{1}{1 + e^{-0.73}}", ""),
    (r"\tanh(0.83)", ""),
    (r"w - \eta g", r"w = 0.534, \eta = 0.13, g = -0.871"),
    (r"\frac{1}{2} (y - t)^2", "y = 0.738, t = 1"),
    (r"\frac{(y_1 - t_1)^2 + (y_2 - t_2)^2}{2}", "y_1 = 0.738, y_2 = 0.219, t_1 = 1, t_2 = 0"),
    (r"-\ln 0.3742", ""),
    (r"-t \ln y - (1 - t) \ln(1 - y)", "t = 0.9, y = 0.738"),
    (r"-0.31 \log_2 0.31 - 0.69 \log_2 0.69", ""),
    (r"\frac{e^{1.31}}{e^{1.31} + e^{0.42} + e^{-0.77}}", ""),
    (r"(y - t) y (1 - y) x", "y = 0.738, t = 1, x = 1.93"),
    (r"\frac{227 + 2 \cdot 13 - 11}{2} + 1", ""),
    (r"(5 \cdot 5 \cdot 3 + 1) \cdot 16", ""),
    (r"784 \cdot 128 + 128", ""),
    (r"2 \cdot 3^2 \cdot 64 \cdot 128 \cdot 56^2", ""),
    (r"\sqrt{1.31^2 + 0.47^2}", ""),
    (r"\frac{m}{1 - \beta^t}", r"m = 0.0871, \beta = 0.9, t = 3"),
    (r"\beta m + (1 - \beta) g", r"m = 0.371, \beta = 0.9, g = 1.93"),
    (r"\max(1.31, 0.47, 2.93, 0.88)", ""),
    (r"1.31 \cdot 0.47 + 0.93 \cdot 0.88 + 2.17 \cdot 0.39", ""),
)
# Right formulas in names, what they rest on, and the kinds of names.
NAMES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (r"\frac{\partial L}{\partial w}", r"z = w x + b, a = \sigma(z), L = \frac{1}{2} (a - t)^2", {}),
    (r"\frac{\partial L}{\partial b}", r"z = w x + b, a = \tanh(z), L = (a - t)^2", {}),
    (r"\frac{d}{dx} \frac{x^3}{1 + x^2}", "", {}),
    (r"\frac{d}{dx} (x^2 e^{3x})", "", {}),
    (r"\frac{d}{dx} \ln(1 + x^4)", "", {}),
    (r"\sigma(z) (1 - \sigma(z))", "", {}),
    (r"-t \ln y - (1 - t) \ln(1 - y)", "", {"t": "in (0,1)", "y": "in (0,1)"}),
    (r"\sum_{j=1}^{n} w_{kj} x_j + b_k", "", {}),
    (r"W^\top (d \odot s)", "", {"W": "2x2", "d": "2", "s": "2"}),
    (r"\frac{n + 2p - f}{s} + 1", "", {"s": "positive"}),
    (r"(w x + b - t)^2", "", {}),
)  # fmt: skip


# ---------------------------------------------------------------- the entries


def test_keys_and_sentences() -> None:
    assert len(LIBRARY) >= 80
    keys = [entry.key for entry in LIBRARY]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)] == []
    sentences = [entry.sentence for entry in LIBRARY]
    assert len(set(sentences)) == len(sentences)
    assert [s for s in sentences if not s.endswith(".") or "\n" in s or len(s) > 120] == []


@pytest.mark.parametrize("entry", LIBRARY, ids=lambda entry: entry.key)
def test_every_entry_is_found_on_its_example(entry: Misconception) -> None:
    steps = check(entry.example, entry.givens, dict(entry.symbols)).steps
    if entry in equations.ENTRIES:  # the equation, the arrow, and what does not follow
        assert steps[0].verdict == GIVEN
        steps = steps[2:]
    assert [(step.verdict, step.misconception) for step in steps] == [(WRONG, entry.key)]
    assert steps[0].why.endswith(entry.sentence)


@pytest.mark.parametrize("latex", [
    r"2 x = 6 \Rightarrow x = 4", r"a x = b \Rightarrow x = 2 a - b", r"x + y = 3 \Rightarrow x = 2 y + 3",
])  # fmt: skip
def test_equations_without_a_name(latex: str) -> None:
    """A single number follows from too many slips, and what no slip leads to has none."""
    steps = check(latex).steps
    assert {step.misconception for step in steps} == {None}


def test_the_one_wrong_entry_of_an_array_is_told() -> None:
    one, other = (
        rf"\begin{{bmatrix}} {row} \end{{bmatrix}}"
        for row in (r"1 & 2 \\ 3 & 4", r"5 & 6 \\ 7 & 8")
    )
    right = r"\begin{bmatrix} 19 & 22 \\ 47 & 50 \end{bmatrix}"
    (step,) = check(f"{one} {other} = {right}").steps
    assert step.verdict == WRONG
    assert "Only entry (2, 1) is wrong: it is 43.0000, not 47.0000" in step.why


def test_the_page_is_current(golden: Callable[[Path, str], None]) -> None:
    golden(PAGE, page())


# ---------------------------------------------------------------- when no name is given


@pytest.mark.parametrize("latex", [
    r"2 \cdot 3 + 1 = 8", r"0.3 \cdot 2 = 0.9", r"\frac{2}{3} \approx 0.6",
    r"\sigma(1) \approx 0.3", r"5 - 2 = 7",
])  # fmt: skip
def test_one_digit_is_no_evidence(latex: str) -> None:
    (step,) = check(latex).steps
    assert (step.verdict, step.misconception) == (WRONG, None)


def test_two_digits_are_a_perhaps() -> None:
    (step,) = check(r"0.52 \cdot 1.35 - 0.24 = 0.94").steps
    assert step.misconception is None
    assert "Perhaps: " in step.why


def test_right_steps_have_no_name() -> None:
    steps = check(r"z = 2 \cdot 3.1 + 1 = 7.2, \quad a = \sigma(0.6) \approx 0.6457").steps
    assert [step.misconception for step in steps] == [None] * 4


# ---------------------------------------------------------------- slips drawn at random


@dataclass(frozen=True)
class Task:
    """A right formula and all wrong ones that the entries make of it, with their values."""

    left: Formula
    around: Surroundings
    in_numbers: bool
    value: Value
    wrong: dict[str, list[tuple[Misconception, Formula, Value]]]


@cache
def tasks() -> tuple[Task, ...]:
    every = [(latex, givens, {}) for latex, givens in NUMBERS]
    with precision(BITS):
        return tuple(
            task(latex, givens, symbols, place < len(NUMBERS))
            for place, (latex, givens, symbols) in enumerate([*every, *NAMES])
        )


def task(latex: str, givens: str, symbols: dict[str, str], in_numbers: bool) -> Task:
    known = Knowledge(declare(symbols))
    said = read_chains(givens, known.symbols) if givens else ()
    (chain,) = read_chains(latex, known.symbols)
    formulas = [c.first.formula for c in (*said, chain)] + [c.links[0].term.formula for c in said]
    known.indices = indices_of([f for f in formulas if f is not None], known.symbols)
    for each in said:
        name, value = each.first.formula, each.links[0].term.formula
        assert isinstance(name, Name)
        assert value is not None
        (known.define if quantities(value) else known.give)(name.id, value)
    assert chain.first.formula is not None
    left = Comparing(known, Rounds(known)).normal(known.indices.entries(chain.first.formula))
    own, worlds = known.own_world(), known.random_worlds(left)
    around = Surroundings(own, lambda: worlds, known.definitions, in_numbers)
    world = own if in_numbers else worlds[0]
    right = next(
        v for s in sources(left, known.definitions) if (v := value_of(s, world)) is not None
    )
    return Task(left, around, in_numbers, right, all_wrong(left, around, world, right, in_numbers))


def all_wrong(
    left: Formula, around: Surroundings, world: World, right: Value, in_numbers: bool
) -> dict[str, list[tuple[Misconception, Formula, Value]]]:
    found: dict[str, list[tuple[Misconception, Formula, Value]]] = {}
    places = DIGITS if in_numbers else None
    names = tuple(name for name in around.own.values if "/d" not in name)
    rights = [Right(source, value_of(source, world) if in_numbers else None, places,
                    around.definitions, names, False)
              for source in sources(left, around.definitions)]  # fmt: skip
    for entry in LIBRARY:
        for wrong in dict.fromkeys(w for each in rights for w in entry.operator(each)):
            value = value_of(wrong, world)
            if value is not None and shape(value) == shape(right) and not same(value, right):
                found.setdefault(entry.key, []).append((entry, wrong, value))
    return found


def shape(value: Value) -> int:
    return len(entries(value))


def same(a: Value, b: Value) -> bool:
    pairs = zip(entries(a), entries(b), strict=True)
    return shape(a) == shape(b) and all(arb(x).overlaps(arb(y)) for x, y in pairs)


def drawn(seed: int) -> Iterator[tuple[Task, Misconception, Formula, Value, Explanation | None]]:
    """One wrong step of every entry for every task, and how it is explained."""
    source = random.Random(seed)
    for each in tasks():
        for key in sorted(each.wrong):
            entry, wrong, value = source.choice(each.wrong[key])
            if each.in_numbers and not entry.of_digits:
                try:
                    text = to_significant(value, DIGITS)
                except (Ambiguous, NumeralError):
                    continue
                if "e" in text:
                    continue
                wrong_as_written = number(text)
            else:
                wrong_as_written = wrong
            yield each, entry, wrong, value, explain(each.left, wrong_as_written, each.around)


def test_random_slips_get_the_right_name_or_none() -> None:
    """A name is wrong if that slip does not lead to this formula nor to its exact value."""
    counts: Counter[str] = Counter()
    for each, entry, wrong, value, found in drawn(1):
        if found is None or not found.sure:
            counts["none"] += 1
        elif found.entry.key == entry.key:
            counts["right"] += 1
        else:
            others = each.wrong.get(found.entry.key, [])
            alike = any(other == wrong or same(v, value) for _, other, v in others)
            counts["same" if alike else "wrong"] += 1
    assert counts.total() >= 300
    assert counts["wrong"] <= MOST_WRONG_NAMES * counts.total(), counts
    assert counts["right"] >= 0.7 * counts.total(), counts


def test_random_numbers_get_no_name() -> None:
    """Of results that come from nowhere few get a name."""
    source = random.Random(2)
    counts: Counter[bool] = Counter()
    for each in tasks():
        for _ in range(20 if each.in_numbers else 0):
            assert isinstance(each.value, (arb, fmpq))
            factor = fmpq(source.randint(300, 3000), 1000)
            text = to_significant(each.value * factor, DIGITS)
            found = explain(each.left, number(text), each.around)
            counts[found is not None and found.sure] += 1
    assert counts.total() >= 300
    assert counts[True] <= MOST_WRONG_NAMES * counts.total(), counts


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize("latex", [
    "+".join(f"0.{place}1" for place in range(1, 180)) + " = 3.123",
    r"\sum_{i=1}^{9000} i^2 = 12345.6",
    r"\frac{d}{dx} " + r"\sigma(x \cdot " * 15 + "x" + ")" * 15 + " = x^2",
    r"9^{9999} \cdot 7^{9999} = 12345.6",
])  # fmt: skip
def test_large_formulas_are_not_searched_for_long(latex: str) -> None:
    (step,) = check(latex).steps
    assert (step.verdict, step.misconception) == (WRONG, None)


def test_an_array_with_one_index_and_with_two_is_no_trouble() -> None:
    found = check(r"z_i = \sum_{j} A_{ij} x_j + A_i \\ z_i = \sum_{j} A_{ji} x_j + 2 A_i")
    assert found.steps[-1].verdict in ("wrong", "undecided")

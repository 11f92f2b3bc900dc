"""Damaged and hostile texts: an answer for each, nothing wrong that was not read, bounded work."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from derivations.checking.bounds import is_too_long
from derivations.checking.checking import check
from derivations.checking.judging import MOST_STEPS
from derivations.checking.steps import RIGHT, UNDECIDED, UNREAD, WRONG
from derivations.errors import ReadError
from derivations.reading.latex import declare, read_chains, read_formula

TABLE: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "derivations.yaml").read_text(encoding="utf-8")
)
DAMAGED = 3_000
PIECES = (
    r"\frac", r"\input{/etc/passwd}", r"\write18{ls}", "{", "}", "^", "_", "&", r"\\", "=", "9",
    r"\begin{align}", r"\end{align}", r"\begin{bmatrix}", r"\approx", r"\Rightarrow", r"\leftarrow",
    "0.5", "x", "w_{ij}", r"\sum_{i=1}^{n}", r"\sum_j", "\x07", "\x00", "\t", "\r", "\u202e", "∑",
    "(", ")", "[", "]", "|", r"\left(", r"\right)", r"\sigma", "'", "!", "%", "$", "~", "#", "e",
    r"\text{", r"\partial", r"\frac{\partial L}{\partial w}", "10^{10000}", "^{9999}", r"\max(",
    ",", ";", "-", "+", "/", r"\odot", "^T", r"\delta_{ij}", r"\in", r"\mathbb{R}^{999999}", "1{,}0",
    r"\lim", r"\int", r"\tag{", r"\boxed{", "᱔", "½",
)  # fmt: skip


def damaged(source: random.Random, text: str) -> str:
    """The text cut off, shuffled, with pieces put in or taken out."""
    kind = source.randrange(7)
    if kind == 0:
        return text[: source.randrange(len(text) + 1)]
    if kind == 1:
        return text[source.randrange(len(text) + 1) :]
    if kind == 2:
        words = text.split()
        source.shuffle(words)
        return " ".join(words)
    if kind == 3:
        return "".join(source.choice(PIECES) for _ in range(source.randint(1, 40)))
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(text) + 1)
        gone = source.randint(0, 3) if kind > 4 else 0
        put = chr(source.randrange(1, 0x3000)) if kind == 6 else source.choice(PIECES)
        text = text[:at] + ("" if kind == 5 else put) + text[at + gone :]
    return text


@pytest.mark.parametrize("seed", range(10))
def test_damaged_texts_get_an_answer(seed: int) -> None:
    source = random.Random(seed)
    verdicts: set[str] = set()
    for _ in range(DAMAGED // 10):
        entry = source.choice(TABLE)
        latex, givens = damaged(source, entry["latex"]), entry.get("givens", "")
        if source.random() < 0.2:
            givens = damaged(source, givens)
        checked = check(latex, givens, entry.get("symbols"))
        assert [step.index for step in checked.steps] == list(range(len(checked.steps)))
        verdicts |= {step.verdict for step in checked.steps}
        if _reading_fails(latex, entry.get("symbols")):
            assert [step.verdict for step in checked.steps] == [UNREAD], latex
    assert {*RIGHT, WRONG, UNDECIDED, UNREAD} - {"follows"} <= verdicts


def _reading_fails(latex: str, symbols: dict[str, str] | None) -> bool:
    try:
        read_chains(latex, declare(symbols or {}), strict=False)
    except ReadError:
        return True
    return False


@pytest.mark.parametrize("place", range(4))
def test_a_side_that_cannot_be_read_is_never_wrong(place: int) -> None:
    sides = ["1", "2", "3", "4"]
    sides[place] = r"\unknown{x}"
    steps = check(" = ".join(sides)).steps
    assert steps[max(place - 1, 0)].verdict == UNREAD
    for step in steps[place - 1 : place + 1] if place else steps[:1]:
        assert step.verdict in (UNREAD, UNDECIDED)


HOSTILE = {
    "braces": "{" * 9_000 + "x" + "}" * 9_000 + " = 1",
    "brackets": "(" * 9_000 + "x" + ")" * 9_000 + " = 1",
    "sized brackets": r"\left(" * 1_000 + "x" + r"\right)" * 1_000 + " = 1",
    "fractions": r"\frac{1}{1+" * 1_500 + "1" + "}" * 1_500 + " = 1",
    "roots": r"\sqrt{" * 2_000 + "2" + "}" * 2_000 + " = 1",
    "minus signs": "-" * 19_000 + "x = 1",
    "tower": "9^{9^{9^9}} = 1",
    "factorial": "100000! = 1",
    "input": r"\input{/etc/passwd} = 1",
    "write": r"\write18{rm -rf /} = 1",
    "csname": r"\csname input\endcsname = 1",
    "macro": r"\def\x{\x\x}\x = 1",
    "control characters": "x\x00\x01\x02 = \x7f\x1b 1",
    "many digits": "1" * 5_000 + " = 1",
    "letters": "a" * 19_000 + " = 1",
    "too long": "x = 1 \\\\ " * 10_000,
    "exponent": "1e999999999 = 1",
    "indices": "x_" * 5_000 + " = 1",
    "displays": r"\begin{align}" * 500 + "x = 1",
    "nothing between": "= = =",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_not_read(text: str) -> None:
    steps = check(text).steps
    assert steps
    assert {step.verdict for step in steps} <= {UNREAD, UNDECIDED}


LONG = {
    "terms": r"\sum_{i=1}^{999999999} i = 1",
    "large terms": r"\sum_{i=1}^{99999} i^{9999} = 1",
    "in each other": r"\sum_{i=1}^{300} \sum_{j=1}^{300} e^{ij} = 1",
    "up to the other": r"\sum_{i=1}^{900} \sum_{j=1}^{i} \sum_{k=1}^{j} k = 1",
    "in names": r"\sum_{i=1}^{99999} \sigma(i x) = \sum_{i=1}^{99999} \sigma(i x + 1)",
    "product": r"\prod_{i=1}^{99999} i = 1",
    "bound that is worked out": r"\sum_{i=1}^{10^9} i = 1",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_what_is_too_long_is_not_decided(text: str) -> None:
    assert is_too_long(read_formula(text.partition(" = ")[0]), {})
    assert [step.verdict for step in check(text).steps] == [UNDECIDED]


def test_a_bound_that_is_given_counts() -> None:
    (step,) = check(r"\sum_{i=1}^{n} \sigma(i) = 1", "n = 1000000").steps
    assert step.verdict == UNDECIDED


def test_a_definition_that_is_too_long_has_no_value() -> None:
    steps = check(r"S = \sum_{i=1}^{9999999} \sigma(i) \\ S + 1 = 2").steps
    assert [step.verdict for step in steps] == ["given", UNDECIDED]


def test_a_name_in_a_derivative_is_not_replaced() -> None:
    text = r"E = (x - m)^2 \\ \frac{\partial E}{\partial m} - 2 (x - m) = 0 \Rightarrow m = \frac1n"
    assert check(text).first_wrong is None


CIRCLES = (
    r"a = b + 1 \\ b = a - 1 \\ a = b + 2",
    r"f(x) = f(f(x)) \\ f(2) = 1",
    r"f(x) = g(x) \\ g(x) = f(x) \\ f(1) = 2",
    r"f(x) = \begin{cases} f(x) & x > 0 \\ 1 & x \le 0 \end{cases} \\ f(1) = 1",
)


@pytest.mark.parametrize("text", CIRCLES)
def test_definitions_in_a_circle_end(text: str) -> None:
    assert WRONG not in {step.verdict for step in check(text).steps[:-1]}


def test_only_so_many_relations_are_judged() -> None:
    steps = check("x" + "".join(f" = {number}" for number in range(2 * MOST_STEPS))).steps
    assert len(steps) == 2 * MOST_STEPS
    assert {step.verdict for step in steps[MOST_STEPS:]} == {UNDECIDED}

"""Damaged and hostile texts: an answer for each, nothing wrong that was not read, bounded work."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import fmpq

from benchmarks.damaged_texts import TABLE, damaged
from benchmarks.hostile_texts import FAMILIES, texts
from derivations.checking.checking import check
from derivations.checking.equality.steps import GIVEN, RIGHT, UNDECIDED, UNREAD, WRONG
from derivations.checking.lines import judging
from derivations.checking.lines.judging import MOST_STEPS
from derivations.checking.names.assembling import assembled
from derivations.checking.names.bounds import is_too_long
from derivations.checking.reports import MOST_PIECES, check_document
from derivations.checking.text.documents import in_sentences
from derivations.errors import ReadError
from derivations.formula.arrays import matmul
from derivations.formula.evaluation import Misfit
from derivations.formula.tree import Name
from derivations.formula.work import METER, Exhausted, at_most, spend
from derivations.reading.latex import declare, read_chains, read_formula

DAMAGED, HOSTILE_TEXTS = 1_000, 400
SEEDS = 5


@pytest.mark.parametrize("seed", range(SEEDS))
def test_damaged_texts_get_an_answer(seed: int) -> None:
    source = random.Random(seed)
    verdicts: set[str] = set()
    for _ in range(DAMAGED // SEEDS):
        entry = source.choice(TABLE)
        latex, givens = damaged(source, entry["latex"]), entry.get("givens", "")
        if source.random() < 0.2:
            givens = damaged(source, givens)
        checked = check(latex, givens, entry.get("symbols"))
        assert [step.index for step in checked.steps] == list(range(len(checked.steps)))
        verdicts |= {step.verdict for step in checked.steps}
        if _reading_fails(latex, entry.get("symbols")):
            assert UNREAD in {step.verdict for step in checked.steps}, latex
    assert {GIVEN, WRONG, UNDECIDED, UNREAD} <= verdicts
    assert verdicts & (RIGHT - {GIVEN})


@pytest.mark.parametrize("seed", range(SEEDS))
def test_hostile_texts_get_an_answer(seed: int) -> None:
    """The first of the texts of ``python -m benchmarks.hostile``, of every family some."""
    names: set[str] = set()
    for name, text in texts(seed, HOSTILE_TEXTS // SEEDS):
        names.add(name)
        if text.document:
            check_document(text.latex)
        else:
            steps = check(text.latex, text.givens, text.symbols).steps
            assert [step.index for step in steps] == list(range(len(steps)))
    assert len(names) > 5


def test_the_same_seed_gives_the_same_texts_of_all_families() -> None:
    runs = [list(texts(7, 110)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert {name for name, _ in runs[0]} == set(FAMILIES)


# ---------------------------------------------------------------- bounded work


DOUBLING = r"f(x) = x + 1 \\ " + r" \\ ".join(
    f"f_{{{place + 1}}}(x) = f_{{{place}}}(f_{{{place}}}(x))" for place in range(30)
).replace("f_{0}", "f")


def test_work_that_doubles_with_each_line_is_not_done() -> None:
    steps = check(DOUBLING + r" \\ f_{30}(1) = 5 \\ z = 2 \cdot 3 = 7").steps
    assert [step.verdict for step in steps[-3:]] == [UNDECIDED, GIVEN, WRONG]


@pytest.mark.parametrize("entry", TABLE[::6], ids=lambda entry: entry["id"])
@pytest.mark.parametrize("most", [20, 200, 1_000])
def test_too_little_work_makes_nothing_wrong(
    entry: dict[str, Any], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first wrong step is the true one or none that is found earlier."""
    free = check(entry["latex"], entry.get("givens", ""), entry.get("symbols"))
    monkeypatch.setattr(judging, "MOST_WORK", most)
    monkeypatch.setattr(judging, "LEAST_WORK", most)
    bounded = check(entry["latex"], entry.get("givens", ""), entry.get("symbols"))
    if free.first_wrong is None:
        assert bounded.first_wrong is None
    elif bounded.first_wrong is not None:
        assert bounded.first_wrong >= free.first_wrong


def test_bounds_inside_bounds() -> None:
    with at_most(100):
        with pytest.raises(Exhausted), at_most(10):
            spend(11)
        assert METER.left == 90
        spend(90)
        with pytest.raises(Exhausted):
            spend(1)
    spend(10**9)


CRASHED = {
    "a number that is called symmetric": r"A = A^\top, \quad b = A + 1 \\ \frac{b}{2} = A",
    "a column that is called symmetric": r"A = A^\top \\ \sum_{i} A_i = 2 \\ b = A_1 A_2 \\ 2 A = b",
    "a number that weighs logarithms": r"We have $\hat{\mathbf y} = \sigma\approx(X \mathbf{w})$ and "
    r"$L = -\mathbf{y}^\top \log \hat{\mathbf y} - (\mathbf 1 - \mathbf y)^\top \log(\mathbf 1 - \hat{\mathbf y})$."
    r" $$\nabla_{\mathbf w} L = X^\top (\hat{\mathbf y} - \mathbf y)$$",
    "as many ones as a fraction says": r"y = 3 \mathbf{1}_N \\ L = N \\ y N = L",
    "ten million ones": r"A = \mathbf{1}_{10000000}, \quad A^T A = 3",
    "rows of several lengths": r"\left| \begin{bmatrix} 1 & \begin{bmatrix} 1 \\ 2 \end{bmatrix} \\ 3 & 4 \end{bmatrix}^T \right| = 1",
    "a second derivative of what is defined below": r"\frac{\partial^2 a_{3}}{\partial x^2} = 1 \\ a_{1} = e^{a_{0}} \\ a_{2} = e^{a_{1}} \\ a_{0} = x \\ a_{3} = e^{a_{2}}",
    "a thousand digits and a power of ten": "x = " + "7" * 998 + r" \times 10^{999}",
    "large rationals": r"a = 9^{9999} \\ b = a^{30} \\ c = "
    + "b " * 300
    + r" \\ c = \lfloor c \rfloor",
    "an index that is no whole number": r"w_{1.5} = 2 \\ w_{1} = 3 \\ y = \sum_{i=1}^{2} w_i",
    "powers of powers": r" \\ ".join(
        ["a_0 = x", *(f"a_{{{n + 1}}} = a_{{{n}}}^{{999}}" for n in range(25))]
    )
    + r" \\ a_{25} = 1",
    "numbers in the place of names, beyond all bounds": r"w_1 = w_0 - \eta \cdot 0.0000001 w_0 = 1 - 77.1 \cdot 10^{999}",
    "a slope where tanh saturates": r"\tanh((z)^{999})^T < 2 \Rightarrow (\frac{d}{dz} (\tanh((z)^{999}))) = 3",
    "an expansion at a number of a thousand digits": r"\tanh(77.10^{999}) \approx 0.3 - \frac{0.9}{77}",
    "a value that is not known at all": r"0.608 = \sum_{i=1}^{3} e^{(12)^{999}} - \begin{bmatrix} 0.489 \\ (0.453) (40) \end{bmatrix}",
    "sums over one letter in each other": r"h_t = h_{t-1} + x_t \\ L = \sum_{t=1}^{6} \sum_{t=1}^{6} \sum_{k=1}^{6} h_t h_k \\ L = 3",
    "a place that is a tower": r"y_i = \sum_k w_k x_{i+k+9^{9^{9^9}}} \\ \frac{\partial y_1}{\partial w_1} = x_{i k j l m n}",
    "a sum over Kronecker's delta": r"\sum_{\delta_{ij}=1}^{n} k = \frac{n(n+1)}{2}",
    "a column that goes down a slope that is a number": r"w = (1,2), \eta = 0.1, \frac{\partial L}{\partial w} = 0.5, w = (1,2) + 0.1 \cdot 0.5",
    "whole part of a tower": r"a = 2^{9999} \\ b = a^{9999} \\ c = b^{9999} \\ \lfloor c \rfloor = 1",
}


@pytest.mark.parametrize("text", CRASHED.values(), ids=CRASHED.keys())
def test_what_crashed_gets_an_answer(text: str) -> None:
    steps = check(text, "x = 2").steps
    assert steps
    assert WRONG not in {step.verdict for step in steps[:-1]}


def _reading_fails(latex: str, symbols: dict[str, str] | None) -> bool:
    try:
        for piece in [segment.latex for segment in in_sentences(latex)] or [latex]:
            read_chains(piece, declare(symbols or {}), strict=False)
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


def test_rows_of_different_length_stop_nothing() -> None:
    text = r"z = \mathbf{w}^\top \mathbf{x} + b(0, z), \quad f'(2) = 2"
    assert len(check(text).steps) == 2


CIRCLES = (
    r"a = b + 1 \\ b = a - 1 \\ a = b + 2",
    r"f(x) = f(f(x)) \\ f(2) = 1",
    r"f(x) = g(x) \\ g(x) = f(x) \\ f(1) = 2",
    r"f(x) = \begin{cases} f(x) & x > 0 \\ 1 & x \le 0 \end{cases} \\ f(1) = 1",
    r"f(w) = w^2 + \frac{\partial f}{\partial w} \\ \frac{\partial f}{\partial w} = 2 w",
    r"f(x) = x \frac{\partial g}{\partial x} \\ g(x) = x \frac{\partial f}{\partial x} \\ \frac{\partial f}{\partial x} = 2x",
)


@pytest.mark.parametrize("text", CIRCLES)
def test_definitions_in_a_circle_end(text: str) -> None:
    assert WRONG not in {step.verdict for step in check(text).steps[:-1]}


def test_only_so_many_relations_are_judged() -> None:
    steps = check("x" + "".join(f" = {number}" for number in range(2 * MOST_STEPS))).steps
    assert len(steps) == 2 * MOST_STEPS
    assert {step.verdict for step in steps[MOST_STEPS:]} == {UNDECIDED}


def test_derivatives_of_derivatives_of_many_names_end() -> None:
    lines = [rf"a_{{{k}}} = \frac{{d}}{{dx}} (a_{{{k - 1}}} x^2)" for k in range(1, 200)]
    steps = check(r"a_{0} = x^2 \\ " + r" \\ ".join(lines) + r" \\ a_{199} = 7").steps
    assert len(steps) == 201


def test_a_problem_of_too_many_formulas_is_read_to_a_bound() -> None:
    checked = check_document("$x=1$" * (MOST_PIECES + 5))
    assert sum(len(section.steps) for section in checked.sections) == MOST_PIECES
    assert any("are not read" in note for note in checked.notes)


def test_definitions_that_never_end_are_given_up() -> None:
    notes = check_document(r"\newcommand{\a}{x" * 300 + "$x = 1$").notes
    assert any("could not be read" in note for note in notes)


def test_a_name_that_is_column_and_matrix_in_one_text_does_no_harm() -> None:
    text = (
        r"z = W x + b, L = \frac{1}{2} \|z - y\|^2 \\ \frac{\partial L}{\partial x} = W^T (z-y) \\ "
        r"L = \frac{1}{2} (\mathbf{w}^T \mathbf{x} - t)^2 + \frac{\lambda}{2} \mathbf{w}^2 \\ Z = X W + b \\ "
        r"\frac{\partial L}{\partial b} = \mathbf{1}^T \frac{\partial L}{\partial Z} \\ z = 0.4 \cdot 2 - 0.6 = 0.2"
    )
    assert {step.verdict for step in check(text).steps} <= {*RIGHT, UNDECIDED, WRONG}


def test_a_product_with_an_array_without_columns_is_a_misfit() -> None:
    for left, right in (((), (fmpq(1),)), (((),), (fmpq(1),)), ((fmpq(1),), ())):
        with pytest.raises(Misfit):
            matmul(left, right)


def test_an_array_of_three_places_is_not_put_together() -> None:
    entries = {(1, 1, 1): Name("a")}
    assert assembled(entries, (1, 1, 1)) is None
    assert assembled({(1,): Name("a")}, (1,)) is not None

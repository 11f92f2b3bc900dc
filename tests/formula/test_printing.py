"""Formulas as LaTeX and text: forms that must never appear, and values that survive printing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given

from derivations.formula.expressions import read_expression
from derivations.formula.printing import (
    Notation,
    Printer,
    Slot,
    Word,
    latex,
    numeral,
    text,
    word_latex,
)
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    number,
    power,
    product,
    sum_of,
)
from tests.formula.latex_reader import read_latex
from tests.trees import MP, close, mp_value, named_trees, numeric_trees

NEVER = [  # in LaTeX or in text
    r"[+] *[-−]", r"[-−] *[-−]", r"[-−] *[+]", r"(?:[+−·*/]|\\cdot|\\,) *$", r"\^\{?1\}?(?![0-9.])",
    r"\^\{[-−]{2}", r"\(\)", r"(?<!\\mathopen)(?<!\\mathclose)\{\}", r"(?<![0-9.])1[a-z]", r"\d \d",
    r"\^\{[^{}]*\}\^", r"\d\\frac", r"\^\^", r"⁻⁻",
]  # fmt: skip


@given(named_trees())
def test_signs_never_run_together(formula: Formula) -> None:
    assume(not _holds_a_trivial_power(formula))
    for shown in (latex(formula), text(formula)):
        for form in NEVER:
            assert not re.search(form, shown), f"{form} in {shown}"


def _holds_a_trivial_power(formula: Formula) -> bool:
    if isinstance(formula, (Name, Number)):
        return False
    trivial = formula.head == "power" and formula.args[1] == Number("1")
    trivial |= formula.head == "exp" and formula.args[0] == Number("1")
    return trivial or any(map(_holds_a_trivial_power, formula.args))


@given(named_trees())
def test_brackets_are_in_pairs(formula: Formula) -> None:
    for shown in (latex(formula), text(formula)):
        assert shown.count("(") == shown.count(")")
        assert shown.count("{") == shown.count("}")
        assert shown.count(r"\left") == shown.count(r"\right")


@given(numeric_trees())
def test_the_printed_latex_has_the_value_of_the_formula(formula: Formula) -> None:
    try:
        value = mp_value(formula)
    except (ValueError, OverflowError):
        assume(False)
    assert close(read_latex(latex(formula)), value), latex(formula)


@given(named_trees())
def test_numbers_in_the_place_of_names_keep_the_value(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    shown = {"a": "-0.5", "b": "3/8", "t": "2", "w": "-4.8e-2", "x": "0.25", "y": "-7", "z": "1.50"}
    values = {name: mp_value(Number(numeral)) for name, numeral in shown.items()}
    try:
        value = mp_value(formula, values)
    except (ValueError, OverflowError):
        assume(False)
    printed = Printer(True, Notation(), shown.get).show(formula, numbers=True)
    assert close(read_latex(printed), value), printed


@pytest.mark.parametrize(
    ("context", "expected"),
    [("p", "-0.5"), ("o", "(-0.5)"), ("b", "(-0.5)"), ("j", " - 0.5")],
)
def test_a_negative_number_has_brackets_where_its_sign_would_be_misread(
    context: str, expected: str
) -> None:
    assert numeral("-0.5", context, True, Notation()) == expected


@pytest.mark.parametrize(
    ("given_text", "in_latex", "in_text"),
    [
        ("1234567", r"1{,}234{,}567", "1,234,567"),
        ("1234.5678", r"1{,}234.5678", "1,234.5678"),
        ("999", "999", "999"),
        ("4.8e-6", r"4.8 \times 10^{-6}", "4.8×10⁻⁶"),
        ("3/8", r"\frac{3}{8}", "3/8"),
    ],
)
def test_thousands_powers_of_ten_and_fractions(
    given_text: str, in_latex: str, in_text: str
) -> None:
    notation = Notation(thousands=True)
    assert numeral(given_text, "p", True, notation) == in_latex
    assert numeral(given_text, "p", False, notation) == in_text


def test_thousands_are_not_grouped_unless_asked() -> None:
    assert latex(Number("1234567")) == "1234567"


def test_a_superscript_gets_brackets_before_a_second_one() -> None:
    for name, shown in [("z__1", "(z^{(1)})"), ("x_star", "(x^{*})"), ("w_plus_2", "(w_{2}^{+})")]:
        assert latex(power(Name(name), 2)) == shown + "^{2}"
        assert latex(apply("transpose", Name(name))) == shown + r"^{\mathsf{T}}"
    assert latex(Name("z__1")) == "z^{(1)}"


def test_a_superscript_that_is_a_number_now_needs_none() -> None:
    printer = Printer(True, Notation(), {"z__1": "3", "b__1": "-3"}.get)
    assert printer.show(power(Name("z__1"), 2), numbers=True) == "3^{2}"
    assert printer.show(power(Name("b__1"), 2), numbers=True) == "(-3)^{2}"


def test_a_derivative_is_one_thing() -> None:
    slope = apply("partial", Name("L"), Name("w_1"))
    assert latex(power(slope, 2)) == r"\left(\frac{\partial L}{\partial w_{1}}\right)^{2}"
    assert text(power(slope, 2)) == "(∂L/∂w₁)²"
    assert text(apply("quotient", Name("a"), slope)) == "a/(∂L/∂w₁)"
    assert text(product(Name("a"), slope)) == "a·∂L/∂w₁"


def test_slots_are_marked_with_their_place_and_context() -> None:
    printer = Printer(True, Notation(), {"x": Slot(4)}.get)
    assert (
        printer.show(sum_of(Name("x"), Name("x")), numbers=True)
        == "\ue0004p\ue001 + \ue0004o\ue001"
    )


def test_words_are_escaped_and_vectors_are_columns() -> None:
    printer = Printer(True, Notation(), {"c": Word("50 % & more"), "v": ("1", "-2")}.get)
    assert printer.show(Name("c"), numbers=True) == r"\text{50 \% \& more}"
    assert [word_latex(Word(one)) for one in ("-1", "0", "1.5")] == ["-1", "0", "1.5"]
    assert word_latex(Word("a-1")) == r"\text{a-1}"
    assert printer.show(Name("v"), numbers=True) == r"\begin{bmatrix} 1 \\ -2 \end{bmatrix}"


def test_notation_chooses_the_sign_of_times_bold_and_looks() -> None:
    notation = Notation("times", bold=frozenset({"W"}), functions={"f": (r"\sigma", "σ")})
    formula = read_expression("2 * 3 + f'(W)", {"f"})
    assert latex(formula, notation) == r"2 \times 3 + \sigma'(\mathbf{W})"
    assert text(formula, notation) == "2 × 3 + σ'(W)"


def test_a_negative_term_that_is_known_late_joins_with_its_sign() -> None:
    printer = Printer(False, Notation(), {"x": "1", "~0": "-2"}.get)
    assert printer.show(sum_of(Name("x"), Name("~0")), numbers=True) == "1 − 2"


def test_the_value_of_pi_is_read_by_the_test_reader() -> None:
    assert close(read_latex(r"\frac{\pi}{2}"), MP.pi / 2)


def test_a_sum_over_an_index_and_the_empty_sum() -> None:
    term = apply("bigsum", Name("i"), number(1), Name("n"), product(Name("w_i"), Name("x_i")))
    assert latex(term) == r"\sum_{i=1}^{n} w_{i}\,x_{i}"
    assert text(neg(term)) == "−∑_{i=1}^{n} wᵢ·xᵢ"
    assert latex(sum_of()) == "0"


ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "printed.tsv").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("value", "latex_text", "plain"),
    [("0", "0", "0"), ("0.000", "0.000", "0.000"), ("-0.5", "-(-0.5)", "−(−0.5)"), ("2e-6", r"-2 \times 10^{-6}", "−2×10⁻⁶")],
)  # fmt: skip
def test_zero_has_no_sign(value: str, latex_text: str, plain: str) -> None:
    for in_latex, expected in ((True, latex_text), (False, plain)):
        printer = Printer(in_latex, Notation(), {"c": value}.get)
        assert printer.show(neg(Name("c")), numbers=True) == expected


def test_the_minus_of_a_condition_is_a_sign() -> None:
    printer = Printer(True, Notation(), {"z": "-0.5"}.get)
    cases = Apply("cases", (Number("1"), apply(">=", Name("z"), Number("0"))))
    assert r"\text{if } {-0.5 \ge 0}" in printer.show(cases, numbers=True)


def test_the_table_of_printed_formulas_was_found() -> None:
    assert len(ROWS) > 60


@pytest.mark.parametrize(("source", "in_latex", "in_text"), ROWS, ids=[row[0] for row in ROWS])
def test_a_formula_looks_like_this(source: str, in_latex: str, in_text: str) -> None:
    formula = read_expression(source, {"sigma", "f"})
    assert (latex(formula), text(formula)) == (in_latex, in_text)

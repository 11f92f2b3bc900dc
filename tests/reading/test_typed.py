"""Typed mathematics: its spelling in LaTeX, and where it stands in sentences."""

from __future__ import annotations

import pytest

from derivations.checking.checking import check
from derivations.checking.equality.steps import GIVEN, ROUNDED, UNREAD, WRONG
from derivations.checking.reports import check_document
from derivations.reading.latex.traced import Traced
from derivations.reading.latex.typed import in_latex
from derivations.reading.latex.unmarked import all_mathematics, is_prose


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("a = 1/(1+e^(-1.3))", "a = 1/(1+e^{-1.3})"),
        ("e^-1.3 + 10^-3 + x^2", "e^{-1.3} + 10^{-3} + x^2"),
        ("e^(-(w*x + b))", "e^{-(w*x + b)}"),
        ("x**2", "x^2"),
        ("w1 = w11 x2", "w_{1} = w_{11} x_{2}"),
        ("w1_new = new w1", "w_{1,new} = w_{1,new}"),
        ("w5+ = 0.4", "w_{5}^+ = 0.4"),
        ("net_h1 + out_o2", "net_{h1} + out_{o2}"),
        ("h_11 + w_i + w_new", r"h_{11} + w_i + w_{\mathrm{new}}"),
        ("dE/dw5 = -0.2", "dE/dw_{5} = -0.2"),
        (
            "y_hat - yhat + y_hat_1 + x1_bar + dy_hat",
            r"\hat{y} - \hat{y} + \hat{y}_{1} + \bar{x}_{1} + d\hat{y}",
        ),
        ("eta * delta_out", r"\eta * \delta_{\mathrm{out}}"),
        ("error = target - 1", r"error = \mathrm{target} - 1"),
        ("relu(x) + sigmoid(2) + MSE", "relu(x) + sigmoid(2) + MSE"),
        ("0.9 = 90 % = 90%", r"0.9 = 90 \% = 90\%"),
        ("sqrt(v) + 1e-8", r"sqrt(v) + (1 \times 10^{-8})"),
        ("P(word | spam)", r"P(\mathrm{word} \mid  \mathrm{spam})"),
        ("y = w_1x_1 + x_ix_j + TP", r"y = w_1x_1 + x_ix_j + \mathrm{TP}"),
        ("28x28 = 784, log2(8), f1(x)", "28x28 = 784, log2(8), f1(x)"),
    ],
)
def test_typed_mathematics_in_the_spelling_of_latex(typed: str, latex: str) -> None:
    assert in_latex(Traced.of(typed)).text == latex


def found(text: str) -> list[str]:
    """The pieces of mathematics in a text."""
    return [text[m.start : m.end] for m in all_mathematics(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Given w = 0.5 and b = 0.1, we get z = w x + b = 1.1 for x = 2.", ["w = 0.5", "b = 0.1", "z = w x + b = 1.1", "x = 2"]),
        ("With TP = 8, FP = 2 the recall is $R = 0.8$ (FN=2).", ["TP = 8", "FP = 2", "$R = 0.8$", "FN=2"]),
        ("The loss is L = -ln(0.25) = 1.386. So it is 3.", ["L = -ln(0.25) = 1.386"]),
        ("- z = wx + b\n- a = relu(z)", ["z = wx + b", "a = relu(z)"]),
        ("Then z = 3,\n= 2 + 1, as said", ["z = 3", "= 2 + 1"]),
        ("we see that it is = 3", []),
        ("w = (0, 1) and x = (1, 2).", ["w = (0, 1)", "x = (1, 2)"]),
        ("(here w = 0.5 and the gradient = 2)", ["w = 0.5", "gradient = 2"]),
        ("so dL/dw = -0.6 (x = 3).", ["dL/dw = -0.6", "x = 3"]),
        ("error = target - output = 0.27 as before", ["error = target - output = 0.27"]),
        ("the cross-entropy loss = 0.3", ["loss = 0.3"]),
        ("We have P(word | spam) = 0.8 here", ["P(word | spam) = 0.8"]),
        ("for class B TP = 3, in step 2 z = 4", ["TP = 3", "z = 4"]),
        ("It is as expected, i.e. a = 2 (1)", ["a = 2"]),
        ("result = positive, x -> y, A is right", []),
        ("![a curve](curve.png?width=300) and [x = 3](y=2) <img width=3>", []),
        ("| a = 1 | b = 2 |\n# Exercise a = 3", []),
        (r"so \eta = 0.1 in LaTeX", []),
        ("\\documentclass{article}\nmargin=2cm and a = 3", []),
        ("we use a sigmoid and ((((( = 3", []),
    ],
)  # fmt: skip
def test_relations_in_sentences_are_found(text: str, pieces: list[str]) -> None:
    assert found(text) == pieces


@pytest.mark.parametrize(
    "text", ["z = wx + b", "A B = B A", "Precision = 8/10", r"\text{so } z = 3", "dL/dw = 3\ny = 2"]
)
def test_mere_mathematics_is_no_prose(text: str) -> None:
    assert not is_prose(text)


def test_a_typed_derivation_is_judged() -> None:
    text = (
        "Given w = 0.5, b = 0.1 and x = 2, the net input is z = w*x + b = 1.1.\n"
        "Then y_hat = 1/(1+e^(-z)) = 0.75 and with t = 1 the loss is\n"
        "L = 1/2 (y_hat - t)^2 = 1/2 * 0.25^2 = 0.0313, so dL/dy_hat = t - y_hat = 0.25."
    )
    steps = check(text).steps
    assert UNREAD not in {step.verdict for step in steps}
    assert [step.verdict for step in steps].count(WRONG) == 1
    (slip,) = (step for step in steps if step.verdict == WRONG)
    assert slip.misconception == "gradient-target-minus-output"
    assert text[slice(*slip.span)] == "t - y_hat"


def test_givens_in_a_sentence_count_beside_marked_mathematics() -> None:
    text = "With w = 0.5 and x = 2 the neuron has\n\n$$z = w x = 1.5$$\n"
    (section,) = check_document(text).sections
    assert [step.verdict for step in section.steps] == [GIVEN, GIVEN, GIVEN, WRONG]


def test_a_percent_sign_behind_a_number_begins_no_comment() -> None:
    (section,) = check_document("The rate is 90/120 = 75 %, and $1/3 = 0.333$.").sections
    assert [step.verdict for step in section.steps] == ["proved", ROUNDED]


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000 + " = 1", "a = " + "- " * 100_000, "[" * 100_000, " " * 100_000 + "= 1", "P(a " * 30_000,
     "<a " * 30_000, "^(" * 50_000 + "= 1", "z = (a " * 20_000, "x = 1 " * 20_000 + "and so on"],
)  # fmt: skip
def test_long_runs_have_an_end(text: str) -> None:
    assert len(found(text)) <= 1
    assert in_latex(Traced.of(text)).text

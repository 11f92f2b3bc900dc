"""Figures of classifiers and regressions: known values, random tables, 0/0, what is told."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from derivations.formula.evaluation import precision
from derivations.kinds import kind_module
from derivations.models.classification import FIGURES
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import doubles
from derivations.writing import text
from tests.conftest import document_of_one, load_text, run, solve_text

Given = dict[str, Any]
OF_CLASS = [name for name, figure in FIGURES.items() if figure.of_class]


def problem(given: Given, kind: str = "classification-figures", **more: Any) -> str:
    return json.dumps({"kind": kind, "title": "Figures", "given": given, **more})


def values_of(source: str) -> dict[str, Any]:
    """The answers of the first road alone, nothing rounded."""
    loaded = load_text(source)
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        known = substitute_values(derivation, loaded.module.givens(loaded.problem)).known
    return {
        a.name: a.literal if a.literal is not None else doubles(known[a.key].true)
        for a in derivation.answers
    }


def shown(source: str) -> str:
    """The sheet as text, its lines joined."""
    return " ".join(text.write(document_of_one(solve_text(source))).split())


# ---------------------------------------------------------------- classification

BY_HAND = {  # TP 3, FP 1, FN 2, TN 2
    "accuracy": 5 / 8, "error": 3 / 8, "precision": 3 / 4, "recall": 3 / 5, "specificity": 2 / 3,
    "FPR": 1 / 3, "NPV": 1 / 2, "BA": 19 / 30, "F_1": 2 / 3, "F_beta": 5 * 3 / (5 * 3 + 4 * 2 + 1),
    "J": 1 / 2, "kappa": (5 / 8 - 1 / 2) / (1 - 1 / 2), "MCC": (3 * 2 - 1 * 2) / math.sqrt(4 * 5 * 3 * 4),
}  # fmt: skip


@pytest.mark.parametrize("source", ["labels", "scores", "rows", "columns"])
def test_every_figure_of_two_classes_by_hand(source: str) -> None:
    given: Given = {"beta": 2}
    if source == "labels":
        given |= {"actual": [0, 0, 0, 1, 1, 1, 1, 1], "predicted": [0, 1, 0, 1, 0, 1, 0, 1]}
    elif source == "scores":
        given["actual"] = ["no", "no", "no", "yes", "yes", "yes", "yes", "yes"]
        given["scores"] = [0.1, 0.7, 0.2, 0.7, 0.3, 0.9, 0.69, 1]
        given["threshold"] = 0.7
    else:
        given |= {"classes": ["b", "a"], "positive": "a", "rows": "actual"}
        given["confusion"] = [[2, 1], [2, 3]]
        if source == "columns":
            given |= {"rows": "predicted", "confusion": [[2, 2], [1, 3]]}
    found = values_of(problem(given, ask={"figures": list(FIGURES)}))
    assert {name: found.pop(name) for name in ("TP", "FP", "FN", "TN")} == {
        "TP": 3, "FP": 1, "FN": 2, "TN": 2,
    }  # fmt: skip
    assert set(found) == {figure.symbol for figure in FIGURES.values()}
    assert found == pytest.approx(BY_HAND)


def test_a_score_at_the_threshold_is_what_the_file_says() -> None:
    given = {"actual": [1, 0], "scores": [0.5, 0.5], "at_threshold": "negative"}
    assert values_of(problem({**given, "at_threshold": "positive"}))["FP"] == 1
    assert values_of(problem(given))["FN"] == 1


def counted(actual: list[str], predicted: list[str], label: str) -> tuple[int, int, int, int]:
    tp = fp = fn = tn = 0
    for t, y in zip(actual, predicted, strict=True):
        if y == label:
            tp, fp = tp + (t == label), fp + (t != label)
        else:
            fn, tn = fn + (t == label), tn + (t != label)
    return tp, fp, fn, tn


def ratios(tp: int, fp: int, fn: int, tn: int) -> dict[str, Fraction | None]:
    """By precision and recall themselves, in fractions; None for 0/0."""

    def over(a: Fraction | int, b: Fraction | int) -> Fraction | None:
        return Fraction(a) / b if b else None

    p, r = over(tp, tp + fp), over(tp, tp + fn)
    f: dict[str, Fraction | None] = {"f1": Fraction(0), "f_beta": Fraction(0)}
    if tp + fp + fn == 0:
        f = {"f1": None, "f_beta": None}
    elif p and r:
        f = {"f1": 2 / (1 / p + 1 / r), "f_beta": 5 / (1 / p + 4 / r)}
    return f | {
        "precision": p, "recall": r, "specificity": over(tn, tn + fp),
        "false_positive_rate": over(fp, fp + tn), "negative_predictive_value": over(tn, tn + fn),
        "jaccard": over(tp, tp + fp + fn),
    }  # fmt: skip


def mean_of(values: list[Fraction | None], weights: list[int]) -> Fraction | None:
    if None in values:
        return None
    whole = sum((v * w for v, w in zip(values, weights, strict=True) if v is not None), Fraction(0))
    return whole / sum(weights)


def wanted(actual: list[str], predicted: list[str], classes: list[str]) -> dict[str, Any]:
    """Everything that is asked of several classes, by loops of its own."""
    found: dict[str, Any] = {}
    counts = {label: counted(actual, predicted, label) for label in classes}
    whole = tuple(sum(count[place] for count in counts.values()) for place in range(4))
    sizes = [actual.count(label) for label in classes]
    for key in OF_CLASS:
        symbol, each = FIGURES[key].symbol, [ratios(*counts[label])[key] for label in classes]
        found |= {f"{symbol}__{label}": value for label, value in zip(classes, each, strict=True)}
        found[f"{symbol}_macro"] = mean_of(each, [1] * len(classes))
        found[f"{symbol}_weighted"] = mean_of(each, sizes)
        found[f"{symbol}_micro"] = ratios(*whole)[key]
    right = sum(t == y for t, y in zip(actual, predicted, strict=True))
    found["accuracy"] = Fraction(right, len(actual))
    found["error"] = 1 - found["accuracy"]
    pairs = [(t, y) for t in actual for y in predicted]  # as if drawn apart from each other
    chance = Fraction(sum(t == y for t, y in pairs), len(pairs))
    found["kappa"] = None if chance == 1 else (found["accuracy"] - chance) / (1 - chance)
    found["BA"] = mean_of(
        [ratios(*counts[label])["recall"] for label in classes], [1] * len(classes)
    )
    return found


@pytest.mark.parametrize("zero", ["undefined", "zero"])
def test_several_classes_are_those_of_plain_loops(zero: str) -> None:
    source = random.Random("classes")
    holes = 0
    figures = [name for name in FIGURES if name != "mcc"]
    for case in range(100):
        classes = ["a", "b", "c", "d"][: source.randint(2, 4)]
        size = source.randint(3, 12)
        actual = [source.choice(classes) for _ in range(size)]
        predicted = [source.choice([t, t, *classes]) for t in actual]
        given = {"actual": actual, "predicted": predicted, "classes": classes, "beta": 2}
        means = ["macro", "micro", "weighted"]
        ask = {"figures": figures, "means": means}
        found = values_of(problem({**given, "zero_division": zero}, ask=ask))
        for name, value in wanted(actual, predicted, classes).items():
            if value is None and zero == "undefined":
                holes += 1
                assert found[name] == "undefined", (case, name)
            elif value is not None:
                assert found[name] == pytest.approx(float(value)), (case, name)
            elif not name.endswith(("macro", "weighted")) and name != "BA":
                assert found[name] == 0
        if case < 8:
            assert len(solve_text(problem(given, ask=ask)).lines) > 20
    assert holes > 20 or zero == "zero"


def test_the_correlation_of_two_classes_is_that_of_several() -> None:
    source = random.Random("correlation")
    for _ in range(20):
        given: Given = {
            "confusion": [[source.randint(1, 9) for _ in "ab"] for _ in "ab"],
            "classes": ["a", "b"], "positive": "b",
        }  # fmt: skip
        two = values_of(problem(given, ask={"figures": ["mcc", "kappa", "balanced_accuracy"]}))
        del given["positive"]
        ask = {"figures": ["mcc", "kappa", "balanced_accuracy"], "per_class": True}
        several = values_of(problem(given, ask=ask))
        assert several["MCC"] == pytest.approx(two["MCC"])
        assert several["kappa"] == pytest.approx(two["kappa"])
        assert several["BA"] == pytest.approx(two["BA"])


def test_a_fraction_stands_before_its_decimal() -> None:
    given = {"confusion": [[5, 1], [2, 2]], "classes": [0, 1]}
    page = shown(problem(given, ask={"figures": ["precision"]}, rounding={"decimals": 3}))
    assert "precision = TP/(TP + FP) = 2/(2 + 1) = 2/3 ≈ ⟦0.667⟧" in page


def test_nothing_over_nothing_is_told() -> None:
    given = {"confusion": [[5, 0], [3, 0]], "classes": ["healthy", "ill"], "positive": "ill"}
    ask = {"figures": ["precision", "f1"]}
    page = shown(problem(given, ask=ask))
    assert "precision has the denominator TP + FP = 0 + 0 = 0; it is undefined." in page
    page = shown(problem({**given, "zero_division": "zero"}, ask=ask))
    assert "0 + 0 = 0; by convention precision = 0." in page
    assert "Where a figure is 0/0, it counts as 0." in page


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_classes_that_are_no_words_have_numbers(detail: str) -> None:
    given = {"actual": ["a cat", "a dog", "hat"], "predicted": ["a cat", "hat", "hat"]}
    source = problem(given, ask={"means": ["macro"]}, detail=detail)
    assert "The classes have numbers, 1: a cat, 2: a dog, 3: hat." in shown(source)


def test_classes_that_are_negative_have_a_minus_sign() -> None:
    given = {"actual": [1, -1, 1], "predicted": [1, 1, -1], "positive": -1}
    page = shown(problem(given, ask={"figures": ["accuracy"]}))
    assert "The positive class is −1." in page
    assert "-1" not in page


# ---------------------------------------------------------------- regression


def test_the_sums_of_a_table_are_named() -> None:
    given = {"targets": [1, 2], "predictions": [2, 2]}
    one = shown(problem(given, "regression-figures", ask={"figures": ["mape"]}))
    assert "The sum is called SAPE (the relative residuals)." in one
    both = shown(problem(given, "regression-figures", ask={"figures": ["mae", "mse"]}))
    assert "The sums are called SAE (the absolute residuals), SSE (their squares)." in both


def test_every_figure_of_a_regression_by_hand() -> None:
    given = {"targets": [1, 2, 3, 6], "predictions": [2, 2, 1, 7], "predictors": 1}
    names = ["mae", "mse", "rmse", "mape", "r2", "adjusted_r2"]
    found = values_of(problem(given, "regression-figures", ask={"figures": names}))
    assert [found[name] for name in names] == pytest.approx(
        [1, 1.5, math.sqrt(1.5), 100 * (1 + 2 / 3 + 1 / 6) / 4, 1 - 6 / 14, 1 - 6 / 14 * 3 / 2]
    )
    assert [found[f"e_{i}"] for i in range(1, 5)] == [-1, 0, 2, -1]
    given["mape"] = "fraction"
    found = values_of(problem(given, "regression-figures", ask={"figures": ["mape"]}))
    assert found["mape"] == pytest.approx((1 + 2 / 3 + 1 / 6) / 4)


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_a_regression_is_solved_and_confirmed(detail: str) -> None:
    """Each line judged, every figure confirmed by means of arrays."""
    source = random.Random(f"regression {detail}")
    for _ in range(10):
        n = source.randint(3, 8)
        given = {
            "targets": [f"{source.uniform(0.5, 9):.2f}" for _ in range(n)],
            "predictions": [f"{source.uniform(-1, 9):.2f}" for _ in range(n)],
            "predictors": source.randint(1, n - 2),
        }
        ask = {"figures": ["rmse", "mae", "mape", "adjusted_r2"]}
        text_of = problem(given, "regression-figures", ask=ask, rounding={"decimals": 3})
        assert len(solve_text(text_of, detail=detail).lines) >= 7


@pytest.mark.parametrize("kind", ["classification-figures", "regression-figures"])
def test_a_sheet_is_accepted_when_it_is_checked(kind: str, tmp_path: Path) -> None:
    """R² is a name of its own there, and no square."""
    problem_file = tmp_path / "problem.yaml"
    problem_file.write_text(kind_module(kind).STARTER, encoding="utf-8")
    assert run("solve", str(problem_file), "--to", "tex", "-o", str(tmp_path)).code == 0
    done = run("check", str(tmp_path / "problem.tex"), "--problem", str(problem_file), "--json")
    verdicts = [step["verdict"] for each in json.loads(done.output) for step in each["steps"]]
    assert len(verdicts) > 20
    assert set(verdicts) <= {"proved", "holds", "rounded", "given"}


def test_kappa_by_hand() -> None:
    """20 and 15 of 50 agree; by chance 0.5 · 0.6 + 0.5 · 0.4 = 1/2 would: (0.7 - 0.5)/(1 - 0.5) = 0.4."""
    given = {"confusion": [[20, 5], [10, 15]], "classes": ["yes", "no"], "positive": "yes"}
    assert values_of(problem(given, ask={"figures": ["kappa"]}))["kappa"] == pytest.approx(0.4)


@pytest.mark.parametrize("positive", ["yes", None])
def test_kappa_of_one_class_alone_is_undefined(positive: str | None) -> None:
    given: Given = {"confusion": [[5, 0], [0, 0]], "classes": ["yes", "no"]}
    given |= {"positive": positive} if positive else {}
    ask = {"figures": ["kappa"], **({} if positive else {"per_class": True})}
    assert values_of(problem(given, ask=ask))["kappa"] == "undefined"

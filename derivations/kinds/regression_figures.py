"""Figures of a regression from a small table: residuals, MAE, MSE, RMSE, MAPE, R squared."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    number,
    power,
    product,
    quotient,
    substitute,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step, words
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Positive, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Prose, Step, Table
from derivations.truth import regression as second_road

FigureName = Literal["mae", "mse", "rmse", "mape", "r2", "adjusted_r2"]
SYMBOLS = {
    "mae": "MAE", "mse": "MSE", "rmse": "RMSE", "mape": "MAPE", "r2": "R_squared",
    "adjusted_r2": "R_bar_squared",
}  # fmt: skip
NEEDS = {"rmse": ("mse",), "adjusted_r2": ("r2",)}
SUMS = {"mae": ("SAE",), "mse": ("SSE",), "mape": ("SAPE",), "r2": ("SSE", "SST")}
ONE = Number("1")


class Given(Strict):
    """What was predicted, and what is true."""

    targets: Vector
    predictions: Vector
    predictors: Positive | None = Field(
        None, description="for adjusted_r2: how many inputs the model has"
    )
    mape: Literal["percent", "fraction"] = Field(
        "percent", description="whether MAPE is multiplied by 100"
    )


class Ask(Strict):
    """Which figures are worked out."""

    figures: tuple[FigureName, ...] = Field(
        ("mae", "mse", "rmse", "r2"), description="in the order of the sheet"
    )


class Fields(Problem):
    """Figures of a regression."""

    LETTERS = letters("t y e a q r d", "t", "y")

    kind: Literal["regression-figures"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: regression-figures
title: How good are four predictions?
text: Fill in the table of residuals and compute the figures.
given:
  targets: [3, 5, 2, 8]
  predictions: [2.5, 5, 3, 7]
  predictors: 1              # inputs of the model, for adjusted_r2
  mape: percent              # or fraction
ask: {figures: [mae, mse, rmse, mape, r2, adjusted_r2]}
rounding: {decimals: 4}
"""


def _figures(problem: Fields) -> list[str]:
    """The figures asked for, each after those that it needs."""
    wanted = [n for name in problem.ask.figures for n in (*NEEDS.get(name, ()), name)]
    return list(dict.fromkeys(wanted))


def _check(problem: Fields) -> None:
    given, mistakes, n = problem.given, Mistakes(), len(problem.given.targets)
    figures = _figures(problem)
    if not figures:
        mistakes.add(("ask", "figures"), "found none, expected at least 1")
    if len(given.predictions) != n:
        mistakes.add(
            ("given", "predictions"), f"found {len(given.predictions)}, expected {n}, as targets"
        )
    for place, text in enumerate(given.targets):
        if "mape" in figures and exact(text) == 0:
            mistakes.add(("given", "targets", place), "MAPE has no value for a target of 0")
    if "r2" in figures and len({exact(text) for text in given.targets}) == 1:
        mistakes.add(("given", "targets"), "R² has no value where all targets are alike: 0/0")
    if "adjusted_r2" in figures:
        if given.predictors is None:
            mistakes.add(("given",), "'predictors' is missing: how many inputs the model has")
        elif n - given.predictors - 1 <= 0:
            mistakes.add(
                ("given", "predictors"),
                f"found {given.predictors}, expected less than {n - 1}, the samples less one",
            )
    mistakes.raise_all()


def givens(problem: Fields) -> dict[str, Any]:
    """Targets and predictions one by one."""
    given = problem.given
    values = {f"t_{i}": value for i, value in enumerate(given.targets, 1)}
    return values | {f"y_{i}": value for i, value in enumerate(given.predictions, 1)}


def derive(problem: Fields) -> Derivation:
    """The table of residuals, its sums, and the figures."""
    _check(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    n, figures = len(problem.given.targets), _figures(problem)
    for letter in "ty":
        draft.define(letter, vector(*(Name(f"{letter}_{i}") for i in range(1, n + 1))), "assembled")
    statement = [*beside([Name("t"), Name("y")]), Prose(words(_words(problem)))]
    steps = _table(problem, draft, n, figures)
    lines, answers = [], []
    for name in figures:
        symbol = SYMBOLS[name]
        draft.define(symbol, _formula(problem, name, n))
        lines.append(draft.line(Name(symbol), boxed=True))
        answers.append(Answer(name, symbol))
    answers += [Answer(f"e_{i}", f"e_{i}") for i in range(1, n + 1)]
    parts = [part("", *steps, step("Figures", display(*lines)))]
    return assemble(problem, draft, functions, parts, answers, statement)


def _words(problem: Fields) -> str:
    """The conventions in words."""
    target, prediction = ("t", "y") if problem.notation.targets != "y" else ("y", r"\hat{y}")
    said = [f"The residual is $e = {target} - {prediction}$, the target minus the prediction."]
    figures = _figures(problem)
    if "mape" in figures:
        unit = "in percent" if problem.given.mape == "percent" else "as a fraction"
        said.append(f"MAPE is given {unit}.")
    if "adjusted_r2" in figures:
        k = problem.given.predictors
        said.append(f"The model has {k} input{'s' if k != 1 else ''}.")
    return " ".join(said)


def _formula(problem: Fields, figure: str, n: int) -> Formula:
    """A figure over the sums of the table."""
    count = number(n)
    if figure in ("mae", "mse"):
        return quotient(Name(SUMS[figure][0]), count)
    if figure == "rmse":
        return apply("sqrt", Name("MSE"))
    if figure == "mape":
        mean = quotient(Name("SAPE"), count)
        return product(number(100), mean) if problem.given.mape == "percent" else mean
    if figure == "r2":
        return difference(ONE, quotient(Name("SSE"), Name("SST")))
    assert problem.given.predictors is not None
    left = difference(ONE, Name("R_squared"))
    share = quotient(number(n - 1), number(n - 1 - problem.given.predictors))
    return difference(ONE, product(apply("group", left), share))


Column = tuple[str, Formula, str]  # a letter, what stands in it in e and t, the name of its sum


def _columns(figures: list[str]) -> list[Column]:
    """The columns that the figures need besides t, y and e."""
    e, t = Name("e"), Name("t")
    every: list[Column] = [
        ("a", apply("abs", e), "SAE"),
        ("q", power(e, 2), "SSE"),
        ("r", apply("abs", quotient(e, t)), "SAPE"),
        ("d", power(difference(t, Name("t_bar")), 2), "SST"),
    ]
    wanted = {total for name in figures for total in SUMS.get(name, ())}
    return [column for column in every if column[2] in wanted]


def _table(problem: Fields, draft: Draft, n: int, figures: list[str]) -> list[Step]:
    """A row for each sample, the sums of the columns below."""
    columns = _columns(figures)
    first = problem.notation.first_index
    steps: list[Step] = []
    if "r2" in figures:
        draft.define(
            "t_bar", quotient(sum_of(*(Name(f"t_{i}") for i in range(1, n + 1))), number(n))
        )
        steps.append(
            step("The mean of the targets", display(draft.line(Name("t_bar"), law="mean")))
        )
    head: list[tuple[Piece, ...]] = [(Text("sample"),), *((Term(Name(x)),) for x in "tye")]
    rows = []
    for i in range(1, n + 1):
        draft.define(f"e_{i}", difference(Name(f"t_{i}"), Name(f"y_{i}")))
        row: list[tuple[Piece, ...]] = [(Text(str(i - 1 + first)),)]
        row += [(Term(Name(f"{x}_{i}"), numbers=True),) for x in "tye"]
        here: dict[str, Formula] = {x: Name(f"{x}_{i}") for x in "te"}
        for letter, formula, _ in columns:
            draft.define(f"{letter}_{i}", substitute(formula, here))
            row.append((Term(Name(f"{letter}_{i}"), numbers=True),))
        rows.append(tuple(row))
    foot: list[tuple[Piece, ...]] = [(Text("sum"),), (), (), ()]
    for letter, _, total in columns:
        draft.define(total, sum_of(*(Name(f"{letter}_{i}") for i in range(1, n + 1))), shape=())
        foot.append((Term(Name(total), numbers=True),))
    head += [(Term(formula),) for _, formula, _ in columns]
    table = Table(tuple(head), tuple(rows), "r" * (4 + len(columns)), (tuple(foot),))
    return [*steps, step("Residuals", table, *_named(columns, draft))]


SAID = {
    "SAE": "the absolute residuals", "SSE": "their squares", "SAPE": "the relative residuals",
    "SST": "the squared distances of the targets from their mean",
}  # fmt: skip


def _named(columns: list[Column], draft: Draft) -> list[Block]:
    """What the sums are called."""
    lead = "The sums are called " if len(columns) > 1 else "The sum is called "
    pieces: list[Piece] = [Text(lead)]
    for place, column in enumerate(columns):
        pieces += [Text(", ")] if place else []
        pieces += [Term(Name(column[2])), Text(f" ({SAID[column[2]]})")]
    return [Prose((*pieces, Text(".")))] if columns else []


def expected(problem: Fields) -> dict[str, Any]:
    """The figures once more, in NumPy."""
    given = problem.given
    t, y = (
        [float(exact(x).p) / float(exact(x).q) for x in row]
        for row in (given.targets, given.predictions)
    )
    factor = 100.0 if given.mape == "percent" else 1.0
    found = second_road.figures(t, y, _figures(problem), given.predictors or 0, factor)
    return found | {f"e_{i}": a - b for i, (a, b) in enumerate(zip(t, y, strict=True), 1)}

"""Gradient descent on a loss of one weight, with several learning rates, and what they do."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.calculus.differentiate import NotDifferentiable, differentiate
from derivations.calculus.tidy import constant, signed, tidy, written
from derivations.errors import nearest
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    names,
    neg,
    number,
    product,
    quotient,
    substitute,
    sum_of,
    times,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Expression, Few, Identifier, Numeral, Strict
from derivations.kinds.base.functions import FUNCTION_NAMES, Functions, by_table_key
from derivations.kinds.base.givens import bullets
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Part,
    Plot,
    Prose,
    Table,
)

LABELLED = ("given", "rates")  # quantities are called by these labels, w_3@a


class Given(Strict):
    """The loss, where it starts, and the rates."""

    loss: Expression = Field(description="the loss as an expression in the weight")
    variable: Identifier = "w"
    start: Numeral
    rates: dict[Identifier, Numeral] = Field(
        min_length=1, description="learning rates by label: {a: 0.1}"
    )
    steps: Few = 3


class Ask(Strict):
    """What is worked out besides the steps."""

    behaviour: bool = Field(True, description="say what each rate does, and why")
    table: bool = Field(False, description="a table of weights and losses")
    figure: bool = Field(False, description="draw the loss curve with the path")


class Fields(Problem):
    """Gradient descent in one variable."""

    kind: Literal["gradient-descent"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: gradient-descent
title: The learning rate
text: Compute the gradient, then take the steps of gradient descent with each learning rate.
given:
  loss: (w - 4)^2
  start: 0
  rates: {a: 0.1, b: 1.0}
  steps: 3
ask: {table: true, figure: true}
"""

BEHAVIOUR = {  # by the factor r that the error is multiplied with at each step
    "0": "reaches the minimum in one step",
    "1": "converges monotonically",
    "2": "overshoots, but converges",
    "3": "oscillates and does not converge",
    "4": "diverges",
    "5": "does not move",
}


def _read(problem: Fields) -> tuple[Formula, Formula]:
    """The loss and its derivative."""
    given, mistakes = problem.given, Mistakes()
    w = given.variable
    if w == "L":
        raise FieldError(("given", "variable"), "'L' is the loss; choose another name")
    loss: Formula = Number("0")
    slope: Formula = Number("0")
    with mistakes.at(("given", "loss"), given.loss):
        loss = by_table_key(read_expression(given.loss, FUNCTION_NAMES, {w}))
        strange = [name for name in names(loss) if name != w]
        if strange:
            raise FieldError(
                ("given", "loss"),
                f"'{strange[0]}' is not the variable '{w}'{nearest(strange[0], [w])}",
            )
        if w not in names(loss):
            raise FieldError(("given", "loss"), f"the loss does not depend on '{w}'")
        try:
            slope = differentiate(loss, w, Functions().rules.slopes)
        except NotDifferentiable as error:
            raise FieldError(("given", "loss"), str(error)) from None
    mistakes.raise_all()
    return loss, slope


def derive(problem: Fields) -> Derivation:
    """The gradient in symbols, the steps with numbers, and the behaviour of each rate."""
    loss, slope = _read(problem)
    given = problem.given
    functions = Functions()
    functions.bodies["L"] = Function((given.variable,), loss)
    functions.looks["L"] = ("L", "L")
    draft = new_draft(problem, functions)
    w = Name(given.variable)
    draft.given(f"{given.variable}_0")
    answers = [Answer("gradient", formula=slope)]
    of = apply("L", w)
    gradient = Chain(Term(apply("L'", w)), (Link("=", Term(slope)),), "derivative")
    definition = Chain(Term(of), (Link("=", Term(loss)),), "definition")
    parts = [part("", step("The gradient", Display((definition, gradient))))]
    for label in given.rates:
        draft.given(f"eta@{label}")
        parts.append(_rate(problem, draft, label, slope, answers))
    second = differentiate(slope, given.variable, functions.rules.slopes)
    curvature = constant(second)
    if problem.ask.behaviour and curvature is not None and curvature != 0:
        parts += _quadratic(problem, draft, slope, written(curvature), answers)
    if problem.ask.table:
        parts.append(_table(problem, draft))
    statement: list[Block] = [
        Display((definition,)),
        bullets(
            [Text("Start: "), _value(f"{given.variable}_0")],
            *(
                (Text(f"Learning rate ({label}): "), _value(f"eta@{label}"))
                for label in given.rates
            ),
            [Text(f"Steps: {given.steps}")],
        ),
    ]
    if problem.ask.figure:
        parts.append(part("", step("", *_plots(problem))))
    return assemble(problem, draft, functions, parts, answers, statement)


def _value(name: str) -> Chain:
    return Chain(Term(Name(name)), (Link("auto", Term(Name(name), numbers=True), (name,)),))


def givens(problem: Fields) -> dict[str, Any]:
    """The start and the rates by name."""
    rates = {f"eta@{label}": rate for label, rate in problem.given.rates.items()}
    return {f"{problem.given.variable}_0": problem.given.start, **rates}


def _iterate(problem: Fields, k: int, label: str) -> str:
    return f"{problem.given.variable}_{k}" + (f"@{label}" if k else "")


def _rate(problem: Fields, draft: Draft, label: str, slope: Formula, answers: list[Answer]) -> Part:
    """w_{k+1} = w_k - η L'(w_k), k times."""
    lines = []
    rate = Name(f"eta@{label}")
    for k in range(1, problem.given.steps + 1):
        before, after = _iterate(problem, k - 1, label), _iterate(problem, k, label)
        here = substitute(slope, {problem.given.variable: Name(before)})
        minus, rest = signed(here)
        move = times(rate, rest)
        draft.define(after, sum_of(Name(before), move) if minus else difference(Name(before), move))
        lines.append(
            draft.line(Name(after), boxed=k == problem.given.steps, law="gradient-descent")
        )
        answers.append(Answer(f"{label}: w_{k}", after))
    for k in range(problem.given.steps + 1):
        name = f"L_{k}@{label}"
        draft.define(name, apply("L", Name(_iterate(problem, k, label))))
        answers.append(Answer(f"{label}: L(w_{k})", name))
    heading = f"({label}) Learning rate"
    title: tuple[Piece, ...] = (Text(heading + " "), _value(f"eta@{label}"))
    return Part(title, (step("", display(*lines)),))


def _quadratic(
    problem: Fields, draft: Draft, slope: Formula, curvature: Formula, answers: list[Answer]
) -> list[Part]:
    """For a quadratic loss: the error is multiplied by the same factor at every step."""
    w = problem.given.variable
    at_zero = substitute(slope, {w: Number("0")})
    value = constant(curvature)
    assert value is not None
    name, eta = Name(w), Name("eta")
    draft.define("w_star", quotient(neg(at_zero), curvature))
    answers.append(Answer("minimiser", "w_star"))
    points: list[tuple[Piece, ...]] = []
    for label in problem.given.rates:
        factor = f"r@{label}"
        rate = Name(f"eta@{label}")
        draft.define(factor, tidy(difference(Number("1"), product(curvature, rate))))
        line = draft.line(Name(factor), named=False, law="contraction")
        draft.define(f"behaviour@{label}", _behaviour(Name(factor)), labels=BEHAVIOUR)
        answers += [
            Answer(f"{label}: factor", factor),
            Answer(f"{label}: behaviour", f"behaviour@{label}"),
        ]
        points.append(
            (
                Text(f"({label}) "), line, Text(": the weight "),
                Term(Name(f"behaviour@{label}"), numbers=True), Text("."),
            )
        )  # fmt: skip
    error = difference(name, Name("w_star"))
    shrink = tidy(difference(Number("1"), product(curvature, eta)))
    bound = Apply("and", (apply("<", Number("0"), eta), apply("<", eta, written(2 / value))))
    converges = Chain(
        Term(apply("<", apply("abs", shrink), Number("1"))),
        (Link("⇔", Term(bound)),),
        "contraction",
    )
    after = difference(name, times(eta, apply("L'", name)))
    contraction = Chain(
        Term(difference(after, Name("w_star"))),
        (Link("=", Term(times(shrink, error))),),
        "contraction",
    )
    reason = Prose(
        (
            Text("The loss is quadratic, "),
            Chain(Term(apply("L''", name)), (Link("=", Term(curvature)),), "derivative"),
            Text(", with its minimum at "), _value("w_star"),
            Text(". Every step multiplies the error "), Term(error), Text(" by the same factor "),
            Term(Name("r")), Text(":"),
        )
    )  # fmt: skip
    verdict = Prose(
        (
            Text("The steps converge exactly when "),
            converges,
            Text("."),
        )
    )
    block = step("", reason, display(contraction), verdict, bullets(*points))
    return [part("What the learning rates do", block)]


def _behaviour(r: Formula) -> Formula:
    zero, one, minus = Number("0"), Number("1"), neg(Number("1"))
    cases: list[tuple[int, Formula]] = [
        (0, apply("==", r, zero)),
        (5, apply("==", r, one)),
        (1, Apply("and", (apply("<", zero, r), apply("<", r, one)))),
        (2, Apply("and", (apply("<", minus, r), apply("<", r, zero)))),
        (3, apply("==", r, minus)),
        (4, apply("otherwise")),
    ]
    return Apply("cases", tuple(x for value, when in cases for x in (number(value), when)))


def _table(problem: Fields, draft: Draft) -> Part:
    """Step, weight and loss for every rate."""
    w = Name(problem.given.variable)
    head: list[tuple[Piece, ...]] = [(Text("step"),)]
    for label in problem.given.rates:
        head += [(Term(w), Text(f" ({label})")), (Term(apply("L", w)), Text(f" ({label})"))]
    rows = []
    for k in range(problem.given.steps + 1):
        row: list[tuple[Piece, ...]] = [(Text(str(k)),)]
        for label in problem.given.rates:
            row.append((Term(Name(_iterate(problem, k, label)), numbers=True),))
            row.append((Term(Name(f"L_{k}@{label}"), numbers=True),))
        rows.append(tuple(row))
    return part("", step("", Table(tuple(head), tuple(rows), "r" * len(head))))


def _plots(problem: Fields) -> list[Block]:
    """One picture a rate."""
    w = problem.given.variable
    plots: list[Block] = []
    for label in problem.given.rates:
        path = tuple(_iterate(problem, k, label) for k in range(problem.given.steps + 1))
        caption = f"Learning rate ({label}), steps numbered."
        words = f"The loss curve with {problem.given.steps} steps of gradient descent, learning rate ({label})."
        plots.append(Plot("L", w, path, (Term(apply("L", Name(w))),), caption, words))
    return plots

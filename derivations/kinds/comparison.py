"""Two models compared by their numbers of parameters: difference, percentage, ratio."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    number,
    product,
    quotient,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotationFields, Numeral, Plain, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Stack, rows, second_counts, total
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Answer, Block, Choice, Derivation, Prose


class Model(Strict):
    """A model by its stack, or by its number of parameters."""

    name: Plain
    stack: Stack | None = None
    parameters: Numeral | None = None


class Given(Strict):
    """The two models; the second is compared with the first."""

    first: Model
    second: Model


class Ask(Strict):
    """Digits of the percentage."""

    percent_decimals: int = Field(0, ge=0, le=6)


class Fields(Problem):
    """Two models to be compared."""

    kind: Literal["comparison"]
    given: Given
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: comparison
title: Which model is smaller?
text: By how many percent does the second model have fewer parameters?
given:
  first: {name: model 1, stack: {input: [28, 28, 1], layers: [CONV-5-16, POOL-2, FC-10]}}
  second: {name: model 2, parameters: 29754}
"""


def _count(draft: Draft, model: Model, name: str, path: tuple[str | int, ...]) -> None:
    if (model.stack is None) == (model.parameters is None):
        raise FieldError(path, "expected either 'stack' or 'parameters'")
    if model.stack is not None:
        draft.define(name, total(rows(model.stack, (*path, "stack"))))
    else:
        draft.given(name)


def derive(problem: Fields) -> Derivation:
    """Both totals, the difference, the percentage and the ratio."""
    given = problem.given
    draft = new_draft(problem, Functions())
    lines = []
    for name, model, path in (("P_1", given.first, "first"), ("P_2", given.second, "second")):
        _count(draft, model, name, ("given", path))
        if model.stack is not None:
            lines.append(draft.line(Name(name), law="count", note=model.name))
    first, second = Name("P_1"), Name("P_2")
    digits = Rounding(Digits(decimals=problem.ask.percent_decimals), keep=0)
    draft.define("d", difference(first, second))
    share: Formula = product(number(100), difference(number(1), quotient(second, first)))
    draft.define("percent", share, digits=digits)
    draft.define("ratio", quotient(first, second))
    draft.define("d@size", apply("abs", Name("d")))
    draft.define("percent@size", apply("abs", share), digits=digits)
    grown: Formula = product(number(100), difference(quotient(second, first), number(1)))
    draft.define("d@more", difference(second, first))
    draft.define("percent@more", grown, digits=digits)
    draft.define("ratio@more", quotient(second, first))
    fewer = apply("<", second, first)
    size, whole = Name("percent@size"), apply("abs", share)
    sentence = Choice(
        tuple(
            Apply("and", (order, apply(sign, size, whole)))
            for order in (fewer, apply("not", fewer))
            for sign in ("==", "!=")
        ),
        tuple(
            _sentence(given, word, about) for word in ("fewer", "more") for about in ("", "about ")
        ),
    )
    steps = [
        *([step("Count", display(*lines), law="count")] if lines else []),
        step("Compare", _compared(draft, fewer, share, grown), sentence),
    ]
    answers = [Answer("first", "P_1"), Answer("second", "P_2"), Answer("difference", "d"),
               Answer("percent fewer", "percent"), Answer("ratio", "ratio")]  # fmt: skip
    statement: list[Block] = [
        bullets(*[_described(m, n) for m, n in ((given.first, "P_1"), (given.second, "P_2"))])
    ]
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, statement)


def _compared(draft: Draft, fewer: Formula, share: Formula, grown: Formula) -> Choice:
    """Difference, percentage and ratio as positive numbers, whichever model is the smaller one."""
    first, second = Name("P_1"), Name("P_2")
    ratios = ("", share, quotient(first, second)), ("@more", grown, quotient(second, first))
    alternatives = []
    for version, percentage, ratio in ratios:
        lines = (
            draft.line(Name(f"d{version}"), law="difference"),
            draft.line(
                Name(f"percent{version}"), left=percentage, named=False, law="percentage",
                detail="full", note="in percent",
            ),
            draft.line(Name(f"ratio{version}"), left=ratio, named=False, law="ratio"),
        )  # fmt: skip
        alternatives.append((display(*lines),))
    return Choice((fewer, apply("not", fewer)), tuple(alternatives))


def _sentence(given: Given, word: str, about: str) -> tuple[Block, ...]:
    """``Model 2 has 79,120 parameters fewer than model 1: about 73 % fewer.``"""
    first, second = given.first.name, given.second.name
    pieces: list[Piece] = [
        Text(f"{second[:1].upper()}{second[1:]} has "), Term(Name("d@size"), numbers=True),
        Text(f" parameters {word} than {_within(first)}: {about}"),
        Term(Name("percent@size"), numbers=True), Text(f" % {word}."),
    ]  # fmt: skip
    return (Prose(tuple(pieces), "closing"),)


def _within(name: str) -> str:
    """A name within a sentence."""
    return "the " + name[4:] if name.startswith("The ") else name


def _described(model: Model, name: str) -> list[Piece]:
    if model.stack is not None:
        layers = " → ".join(row.label for row in rows(model.stack))
        sizes = " × ".join(map(str, model.stack.input))
        return [Text(f"{model.name}: input {sizes}, {layers}")]
    return [
        Text(f"{model.name}: "),
        Chain(Term(Name(name)), (Link("=", Term(Name(name), numbers=True)),)),
        Text(" parameters"),
    ]


def givens(problem: Fields) -> dict[str, Any]:
    """Numbers of parameters that the file gives."""
    pairs = (("P_1", problem.given.first), ("P_2", problem.given.second))
    return {name: model.parameters for name, model in pairs if model.parameters is not None}


def expected(problem: Fields) -> dict[str, Any]:
    """The totals by the road that counts entries."""
    found: dict[str, Any] = {}
    for name, model in (("first", problem.given.first), ("second", problem.given.second)):
        if model.stack is not None:
            counts = second_counts(rows(model.stack))
            found[name] = sum(c["weights"] + c["biases"] for c in counts)
    return found

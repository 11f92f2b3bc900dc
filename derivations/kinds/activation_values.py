"""Activation functions at given points: the formula, the numbers put in, the value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from derivations.errors import ReadError
from derivations.formula.tree import apply
from derivations.kinds.base.assemble import assemble, new_draft, part
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import NUMBER_SCHEMA, Identifier, Numeral, OrAs, Strict
from derivations.kinds.base.functions import ActivationField, Functions
from derivations.kinds.base.givens import bullets, function_definition, named_value
from derivations.kinds.base.passes import forward, joined
from derivations.kinds.base.problem import Problem
from derivations.models import activations
from derivations.steps.relations import Text
from derivations.steps.solution import Answer, Block, Derivation, Step


def _points(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


class Given(Strict):
    """Functions and points."""

    functions: tuple[ActivationField, ...] = Field(min_length=1)
    at: Annotated[tuple[Numeral, ...], BeforeValidator(_points), OrAs(NUMBER_SCHEMA)] = Field(
        description="one point, or a list of them"
    )
    variable: Identifier = "x"


class Fields(Problem):
    """Values of activation functions."""

    kind: Literal["activation-values"]
    given: Given


STARTER = """\
kind: activation-values
title: Three activation functions at 0
text: What is the activation of each function for the input 0?
given:
  functions: [sigmoid, tanh, relu]
  at: 0                    # or a list of points
"""


def derive(problem: Fields) -> Derivation:
    """A step for each function, a line for each point."""
    functions, mistakes = Functions(), Mistakes()
    heads = []
    for place, use in enumerate(problem.given.functions):
        with mistakes.at(("given", "functions", place)):
            head = functions.add(use)
            if head in heads:
                raise ReadError("the function stands here a second time")
            heads.append(head)
    for place, value in enumerate(problem.given.at):
        if value in problem.given.at[:place]:
            mistakes.add(("given", "at", place), f"{value} stands here a second time")
    mistakes.raise_all()
    draft = new_draft(problem, functions)
    points = [draft.given(name) for name in givens(problem)]
    answers, steps = [], []
    for head in heads:
        blocks: list[Block] = []
        for place, point in enumerate(points, 1):
            name = f"{head}_{place}" if len(points) > 1 else head
            blocks += forward(
                draft, functions, name, apply(head, point), boxed=True, left=apply(head, point)
            )
            answers.append(Answer(f"{head}({problem.given.at[place - 1]})", name))
        row = activations.ACTIVATIONS.get(head)
        title = row.title if row else head
        steps.append(Step((Text(title[:1].upper() + title[1:]),), tuple(blocks), "activation"))
    statement: list[Block] = [
        *joined([function_definition(h, functions, problem.given.variable) for h in heads]),
        bullets(*[named_value("Input", point) for point in points]),
    ]
    return assemble(problem, draft, functions, [part("", *steps)], answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """The points by name."""
    letter = problem.given.variable
    if len(problem.given.at) == 1:
        return {letter: problem.given.at[0]}
    return {f"{letter}_{place}": value for place, value in enumerate(problem.given.at, 1)}

"""The layer table of a convolutional network: weights, biases and feature maps, and the total."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import Name
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.counts import counted, expected_counts, parameter_table, stack_figure
from derivations.kinds.base.fields import NotationFields, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Stack, rows, total
from derivations.steps.relations import Text
from derivations.steps.solution import Answer, Block, Derivation, Prose


class Ask(Strict):
    """What is printed besides the table."""

    total: bool = Field(True, description="the sum of all parameters")
    figure: bool = Field(False, description="draw the volumes")


class Fields(Problem):
    """A stack of layers from the input on."""

    kind: Literal["cnn-param-table"]
    given: Stack
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: cnn-param-table
title: Parameters of a small convolutional network
text: |
  For every layer give the number of weights and biases and the size of the feature map,
  and the number of trainable parameters of the whole network.
given:
  input: [28, 28, 1]       # height, width, channels
  layers:                  # CONV-K-N, POOL-K, FLATTEN, RELU, FC-N, or a mapping:
    - CONV-5-16            # {layer: conv, filters: 16, kernel: 5, stride: 1, padding: same}
    - POOL-2
    - FLATTEN
    - FC-10
ask: {figure: true}
notation: {times: times, thousands: true}
"""


def derive(problem: Fields) -> Derivation:
    """The table and the total."""
    stack = rows(problem.given)
    functions = Functions()
    draft = new_draft(problem, functions)
    answers: list[Answer] = []
    counted(draft, stack, answers)
    steps = [step("Layer by layer", parameter_table(problem.given, stack))]
    if problem.ask.total:
        line = draft.line(Name("total"), left=total(stack), named=False, boxed=True, law="count")
        steps.append(step("Total number of parameters", display(line)))
    layers = " → ".join(row.label for row in stack)
    statement: list[Block] = [Prose((Text("Architecture: ", "strong"), Text(layers)))]
    if problem.ask.figure:
        statement.append(stack_figure(problem.given, stack))
    return assemble(problem, draft, functions, [part("", *steps)], answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers of a stack are its structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """The counts by a second road."""
    return expected_counts(rows(problem.given))

"""The table of a whole architecture: shapes, parameters, operations, memory, receptive fields."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from derivations.kinds.base.architectures.checkpoints import (
    Storing,
    check_asked,
    second_answers_of_tensors,
)
from derivations.kinds.base.architectures.counting import Counting
from derivations.kinds.base.architectures.given import Given, architecture_of, check_alone, trace
from derivations.kinds.base.architectures.published import Published
from derivations.kinds.base.architectures.roads import second_answers
from derivations.kinds.base.assemble import assemble, new_draft, part
from derivations.kinds.base.fields import NotationFields, Positive, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.reading.networks.safetensors import Checkpoint
from derivations.steps.draft import Draft
from derivations.steps.solution import Derivation

Tool = Literal["macs", "flops", "torchinfo", "fvcore", "calflops", "ptflops"]


class Ask(Strict):
    """What is counted, besides shapes and parameters."""

    macs: bool = Field(False, description="multiply-accumulates of every layer")
    receptive_field: bool = Field(False, description="receptive field of every layer")
    memory: bool = Field(False, description="numbers that the layers put out, in bytes")
    conventions: tuple[Tool, ...] = Field((), description="operations as tools print them")
    figure: bool = Field(False, description="draw the stages")


class Fields(Problem):
    """An architecture to be counted."""

    OF_THE_FILE: ClassVar[frozenset[str]] = Problem.OF_THE_FILE | {"published"}
    kind: Literal["architecture"]
    given: Given
    ask: Ask = Ask()
    bytes: Positive = Field(4, description="bytes of a number")
    published: tuple[Published, ...] = Field((), description="numbers that others print")
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: architecture
title: A small residual network
text: Give the shape and the number of parameters of every layer.
given:
  input: [32, 32, 3]       # height, width, channels; [steps, width] of a sequence
  bias: false
  blocks:
    basic:                 # a block, with names for the numbers that differ
      with: [width]
      layers:
        - residual:        # its output is added to its input
            - {layer: conv, filters: width, kernel: 3, padding: same}
            - BN
            - RELU
            - {layer: conv, filters: width, kernel: 3, padding: same}
            - BN
        - RELU
  layers:                  # CONV-K-N, mappings, or calls of Keras and PyTorch
    - "Conv2D(16, 3, padding='same', use_bias=False)"
    - {block: basic, width: 16, repeat: 3}
    - GAP
    - {layer: dense, units: 10, bias: true}
ask: {macs: true, figure: true}
"""


def derive(problem: Fields) -> Derivation:
    """Tables, totals, and what was asked for besides."""
    functions = Functions()
    draft = new_draft(problem, functions)
    if isinstance(problem.given.model, Checkpoint):
        return _of_tensors(problem, problem.given.model, draft, functions)
    architecture = architecture_of(problem.given)
    nodes = trace(architecture)
    counting = Counting(problem, architecture, nodes, draft)
    steps = counting.steps()
    return assemble(
        problem, draft, functions, [part("", *steps)], counting.answers, counting.statement()
    )


def _of_tensors(
    problem: Fields, checkpoint: Checkpoint, draft: Draft, functions: Functions
) -> Derivation:
    """What a file of tensors says by itself."""
    check_alone(problem.given)
    check_asked(problem.ask)
    storing = Storing(problem, checkpoint, draft)
    steps = storing.steps()
    return assemble(
        problem, draft, functions, [part("", *steps)], storing.answers, storing.statement()
    )


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers of an architecture are its structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """Every count by the road that makes arrays and slides windows, or adds bytes of a file."""
    if isinstance(problem.given.model, Checkpoint):
        return second_answers_of_tensors(problem.given.model, problem.detail or "standard")
    architecture = architecture_of(problem.given)
    return second_answers(problem.ask, architecture, trace(architecture), problem.bytes)

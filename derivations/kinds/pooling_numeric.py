"""Pooling on numbers: the maximum or the average of every window."""

from __future__ import annotations

from typing import Any, Literal

from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    key,
    matrix,
    number,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Matrix, Problem, Strict
from derivations.kinds.base.figures.grids import Grid, grids_figure
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.matrices import given_matrix, longest, matrix_values, names_of, window
from derivations.kinds.base.notation import letters
from derivations.models.sizes import Pair
from derivations.models.traces import LayerError, output_size
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Display, Prose
from derivations.truth.sliding import pool


class Given(Strict):
    """The feature map and the window."""

    input: Matrix
    size: Pair
    stride: Pair | None = None
    mode: Literal["max", "average"] = "max"


class Ask(Strict):
    """What is shown."""

    figure: bool = False


class Fields(Problem):
    """A pooling layer with numbers."""

    LETTERS = letters("X Y window")

    kind: Literal["pooling-numeric"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: pooling-numeric
title: Max pooling
text: Compute the output of the pooling layer.
given:
  input: [[1, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]]
  size: 2
  stride: 2                # the window's size if left out
  mode: max                # or average
ask: {figure: true}
"""


def _output(problem: Fields) -> tuple[tuple[int, int], tuple[int, int]]:
    """Stride and size of the output."""
    given = problem.given
    stride = given.stride or given.size
    sizes = []
    for axis, n in enumerate((len(given.input), len(given.input[0]))):
        try:
            sizes.append(output_size(n, given.size[axis], 0, stride[axis]))
        except LayerError as error:
            raise FieldError(("given", "size"), str(error)) from None
    return stride, (sizes[0], sizes[1])


def derive(problem: Fields) -> Derivation:
    """A line for each window, and the output."""
    given = problem.given
    stride, size = _output(problem)
    draft = new_draft(problem, Functions())
    x = given_matrix(draft, "X", len(given.input), len(given.input[0]))
    y = names_of("Y", *size)
    chains, windows = [], []
    for i, row in enumerate(y):
        for j, name in enumerate(row):
            cells = [c for r in window(x, i * stride[0], j * stride[1], *given.size) for c in r]
            draft.define(name, _pooled(given.mode, cells))
            draft.define(f"window_{i + 1}_{j + 1}", vector(*cells), "assembled")
            windows.append(Answer(f"window {i + 1},{j + 1}", f"window_{i + 1}_{j + 1}"))
            chains.append(draft.line(name, named=False, law=f"{given.mode}-pooling"))
    draft.define("Y", matrix(*y))
    output = draft.answer(Name("Y"))
    result = Chain(
        Term(Name("Y")),
        (Link("auto", output, ("Y", key(output.formula))),),
        f"{given.mode}-pooling",
    )
    steps = [
        step("Every window", Display(tuple(chains)), law=f"{given.mode}-pooling"),
        step("Output", display(result)),
    ]
    answers = [
        Answer("output", "Y"),
        *(Answer(n.id, n.id) for row in y for n in row if isinstance(n, Name)),
        *windows,
    ]
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, _statement(problem))


def _pooled(mode: str, cells: list[Formula]) -> Formula:
    if mode == "max":
        return apply("max", *cells)
    return quotient(sum_of(*cells), number(len(cells)))


def _statement(problem: Fields) -> list[Block]:
    given = problem.given
    stride = given.stride or given.size
    words = (
        f"{given.mode.capitalize()} pooling with windows of {given.size[0]} × {given.size[1]} "
        f"and stride {stride[0]}."
    )
    blocks: list[Block] = [Prose((Text(words),))]
    if problem.ask.figure:
        marked = frozenset((i, j) for i in range(given.size[0]) for j in range(given.size[1]))
        grid = Grid(
            names_of("X", len(given.input), len(given.input[0])),
            "feature map",
            marked,
            letters=longest(given.input),
        )
        return [grids_figure([grid]), *blocks]
    shown = Chain(Term(Name("X")), (Link("=", Term(Name("X"), numbers=True)),))
    return [display(shown), *blocks]


def givens(problem: Fields) -> dict[str, Any]:
    """The entries by name."""
    return matrix_values("X", problem.given.input)


def expected(problem: Fields) -> dict[str, Any]:
    """The output by windows of an array."""
    stride, _ = _output(problem)
    return {"output": pool(problem.given.input, problem.given.size, stride, problem.given.mode)}

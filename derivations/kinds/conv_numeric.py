"""A two-dimensional convolution on numbers: every position as a sum of products."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import Name, key, matrix, number, product, sum_of, vector
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Matrix, Problem, Strict
from derivations.kinds.base.figures.grids import Grid, grids_figure
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.matrices import (
    Entries,
    given_matrix,
    longest,
    matrix_values,
    names_of,
    padded,
    rotated,
    window,
)
from derivations.kinds.base.notation import letters
from derivations.models.sizes import Padding, Pair, pads
from derivations.models.traces import LayerError, output_size, size_formula
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Display, Prose, Step
from derivations.truth.sliding import correlate


class Given(Strict):
    """Feature map and kernel, and how the kernel moves."""

    input: Matrix
    kernel: Matrix
    stride: Pair = (1, 1)
    padding: Padding = Field(
        (0, 0), description="pixels of zeros on each side, same, or full (every overlap counts)"
    )
    mode: Literal["cross-correlation", "convolution"] = Field(
        "cross-correlation", description="a true convolution turns the kernel by 180 degrees first"
    )
    full: bool = Field(False, description="every position in which kernel and input overlap")


class Ask(Strict):
    """What is shown."""

    size: bool = Field(True, description="work out the size of the output first")
    positions: Literal["all", "first", "none"] = Field(
        "all", description="positions shown as sums of products"
    )
    figure: bool = False


class Fields(Problem):
    """A convolution with numbers."""

    LETTERS = letters("X K Y window")

    kind: Literal["conv-numeric"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: conv-numeric
title: Convolution of a feature map
text: Compute the output.
given:
  input: [[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]
  kernel: [[2, 0, 1], [0, 1, 2], [1, 0, 2]]
  stride: 1
  padding: 0               # pixels, or same; full: true for every overlap
  mode: cross-correlation  # what networks compute; or convolution
ask: {figure: true}
notation: {times: times}
"""


def _size(rows: Any) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _padding(problem: Fields) -> tuple[int, int]:
    given = problem.given
    kernel = _size(given.kernel)
    if given.full:
        return kernel[0] - 1, kernel[1] - 1
    try:
        return pads(given.padding, _size(given.input), kernel, given.stride)
    except LayerError as error:
        raise FieldError(("given", "padding"), str(error)) from None


def _output(problem: Fields) -> tuple[int, int]:
    given, padding = problem.given, _padding(problem)
    sizes = []
    for axis, word in enumerate(("height", "width")):
        n, k = _size(given.input)[axis], _size(given.kernel)[axis]
        try:
            sizes.append(output_size(n, k, padding[axis], given.stride[axis]))
        except LayerError as error:
            raise FieldError(("given", "kernel"), f"{word}: {error}") from None
    return sizes[0], sizes[1]


def derive(problem: Fields) -> Derivation:
    """Size, padded input, every position, and the output."""
    given = problem.given
    size, padding = _output(problem), _padding(problem)
    draft = new_draft(problem, Functions())
    x = given_matrix(draft, "X", *_size(given.input))
    k = given_matrix(draft, "K", *_size(given.kernel))
    steps: list[Step] = []
    if problem.ask.size:
        steps.append(_size_step(problem, size))
    if any(padding):
        x = padded(x, *padding)
        draft.define("X_pad", matrix(*x), "assembled")
        shown = Chain(
            Term(Name("X_pad")), (Link("=", Term(Name("X_pad"), numbers=True)),), "padding"
        )
        steps.append(step("Put zeros around the input", display(shown), law="padding"))
    if given.mode == "convolution":
        k = rotated(k)
        draft.define("K_rot", matrix(*k), "assembled")
        shown = Chain(
            Term(Name("K_rot")), (Link("=", Term(Name("K_rot"), numbers=True)),), "rotation"
        )
        steps.append(step("Turn the kernel by 180 degrees", display(shown), law="rotation"))
    y = _positions(problem, draft, x, k, size)
    chains = [
        draft.line(name, named=False, law="cross-correlation", detail="brief")
        for row in y
        for name in row
    ]
    chosen = {"all": chains, "first": chains[:1], "none": []}[problem.ask.positions]
    if chosen:
        steps.append(
            step("Slide the kernel over the input", Display(tuple(chosen)), law="cross-correlation")
        )
    draft.define("Y", matrix(*y))
    output = draft.answer(Name("Y"))
    result = Chain(
        Term(Name("Y")), (Link("auto", output, ("Y", key(output.formula))),), "cross-correlation"
    )
    steps.append(step("Output", display(result), law="cross-correlation"))
    answers = [Answer("output", "Y"), *(Answer(name.id, name.id) for row in y for name in row)]
    draft.define("size", vector(*map(number, size)))
    answers.append(Answer("output size", "size"))
    if any(padding):
        answers.append(Answer("padded input", "X_pad"))
    if given.mode == "convolution":
        answers.append(Answer("rotated kernel", "K_rot"))
    statement = _statement(problem)
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, statement)


def _positions(
    problem: Fields, draft: Draft, x: Entries, k: Entries, size: tuple[int, int]
) -> tuple[tuple[Name, ...], ...]:
    stride, (rows, columns) = problem.given.stride, _size(k)
    y = names_of("Y", *size)
    for i, row in enumerate(y):
        for j, name in enumerate(row):
            part_of = window(x, i * stride[0], j * stride[1], rows, columns)
            terms = [
                product(value, weight)
                for values, weights in zip(part_of, k, strict=True)
                for value, weight in zip(values, weights, strict=True)
            ]
            draft.define(name, sum_of(*terms))
    return y


def _size_step(problem: Fields, size: tuple[int, int]) -> Step:
    given, padding = problem.given, _padding(problem)
    chains = []
    for axis, letter in enumerate(("H", "W")):
        n, k = _size(given.input)[axis], _size(given.kernel)[axis]
        formula, _ = size_formula(n, k, padding[axis], given.stride[axis])
        chains.append(
            Chain(
                Term(formula),
                (Link("=", Term(number(size[axis]))),),
                "output-size",
                "height" if letter == "H" else "width",
            )
        )
    if chains[0].first == chains[1].first:
        chains = [Chain(chains[0].first, chains[0].links, "output-size", "height and width")]
    return step("Size of the output", display(*chains), law="output-size")


def _statement(problem: Fields) -> list[Block]:
    given = problem.given
    rows, columns = _size(given.input)
    words = []
    if given.stride != (1, 1):
        words.append(
            f"stride {given.stride[0]}"
            if given.stride[0] == given.stride[1]
            else f"stride {given.stride}"
        )
    if given.full:
        words.append("every position in which kernel and input overlap")
    elif any(_padding(problem)):
        words.append(f"padding {_padding(problem)[0]}")
    note = [Prose((Text(f"Use {' and '.join(words)}."),))] if words else []
    if problem.ask.figure:
        marked = frozenset(
            (i, j) for i in range(_size(given.kernel)[0]) for j in range(_size(given.kernel)[1])
        )
        maps = Grid(
            names_of("X", rows, columns),
            "feature map",
            marked if not any(_padding(problem)) else frozenset(),
            letters=longest(given.input),
        )
        kernel = Grid(names_of("K", *_size(given.kernel)), "kernel", letters=longest(given.kernel))
        return [grids_figure([maps, kernel]), *note]
    chains = tuple(
        Chain(Term(Name(letter)), (Link("=", Term(Name(letter), numbers=True)),))
        for letter in ("X", "K")
    )
    return [Display(chains, abreast=True), *note]


def givens(problem: Fields) -> dict[str, Any]:
    """The entries by name."""
    return matrix_values("X", problem.given.input) | matrix_values("K", problem.given.kernel)


def expected(problem: Fields) -> dict[str, Any]:
    """The output by sliding arrays of doubles."""
    given = problem.given
    output = correlate(
        given.input, given.kernel, given.stride, _padding(problem), given.mode == "convolution"
    )
    return {"output": output}

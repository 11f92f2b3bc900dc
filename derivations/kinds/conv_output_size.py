"""Sizes of feature maps: forward from the kernel, or the padding that gives a wanted size."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    difference,
    neg,
    number,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step, value_of
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotationFields, Positive, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets, named_value
from derivations.kinds.base.problem import Problem
from derivations.models.sizes import Padding, Pair, pads
from derivations.models.traces import LayerError, output_size
from derivations.steps.draft import Detail, Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Prose, Step
from derivations.truth.counting import positions

AXES = (("H", "height"), ("W", "width"))
AXES_IN_ORDER = tuple((axis, letter, words) for axis, (letter, words) in enumerate(AXES))


class Given(Strict):
    """Input, kernel, padding, stride; one number for both axes or one for each."""

    input: tuple[Positive, ...] = Field(
        min_length=2, max_length=3, description="[height, width] or [height, width, channels]"
    )
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Padding | None = Field(
        (0, 0), description="pixels on each side; with keep_size left out"
    )
    filters: Positive | None = Field(None, description="how many filters, the depth of the output")


class Ask(Strict):
    """The size, or the padding."""

    solve_for: Literal["size", "padding"] = "size"
    size: Pair | None = Field(None, description="the wanted size; the input's if left out")


class Fields(Problem):
    """One convolution or pooling layer."""

    kind: Literal["conv-output-size"]
    given: Given
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(times="times")


STARTER = """\
kind: conv-output-size
title: Size of a feature map
text: What is the size of the output?
given:
  input: [125, 49]         # height and width; a third number is the depth
  kernel: 5                # or [5, 3]
  padding: 2
  stride: 2
  # filters: 96
# ask: {solve_for: padding}   # the padding that keeps the size, or gives `size`
"""


def _square(problem: Fields) -> bool:
    given = problem.given
    padding = given.padding if isinstance(given.padding, tuple) else (0, 0)
    return all(a == b for a, b in (given.input[:2], given.kernel, given.stride, padding))


def _axes(problem: Fields) -> list[tuple[int, str, str]]:
    """(axis, letter, words): both axes, or one where they are alike."""
    if _square(problem) and problem.ask.solve_for == "padding":
        return [(1, "W", "width and height")]
    return list(AXES_IN_ORDER)


def _checked_padding(problem: Fields) -> tuple[int, int]:
    given = problem.given
    try:
        padding = pads(given.padding or (0, 0), given.input[:2], given.kernel, given.stride)
    except LayerError as error:
        raise FieldError(("given", "padding"), str(error)) from None
    for axis, (_, words) in enumerate(AXES):
        try:
            output_size(given.input[axis], given.kernel[axis], padding[axis], given.stride[axis])
        except LayerError as error:
            raise FieldError(("given", "kernel"), f"{words}: {error}") from None
    return padding


def _names(problem: Fields, axis: int) -> dict[str, Name]:
    """n, f, p, s of an axis; the same names for both where the numbers are the same."""
    given = problem.given
    padding = given.padding if isinstance(given.padding, tuple) else (0, 0)
    chosen = {}
    for letter, pair in (("F", given.kernel), ("P", padding), ("S", given.stride)):
        chosen[letter] = Name(letter if pair[0] == pair[1] else f"{letter}_{AXES[axis][0]}")
    return {"n": Name(f"{AXES[axis][0]}_in"), **chosen}


def derive(problem: Fields) -> Derivation:
    """A line for each axis; or the size equation solved for the padding."""
    draft = new_draft(problem, Functions())
    answers: list[Answer] = []
    if problem.ask.solve_for == "padding":
        steps = _padding_steps(problem, draft, answers)
    else:
        _checked_padding(problem)
        steps = _size_steps(problem, draft, answers)
    statement = _statement(problem, draft)
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """The numbers of each axis by name."""
    given = problem.given
    values: dict[str, Any] = {}
    padding = None if problem.ask.solve_for == "padding" else _checked_padding(problem)
    for axis, letter, _ in _axes(problem):
        names = _names(problem, axis)
        values[names["n"].id] = str(given.input[axis])
        values[names["F"].id] = str(given.kernel[axis])
        values[names["S"].id] = str(given.stride[axis])
        if padding is not None:
            values[names["P"].id] = str(padding[axis])
        else:
            values[f"{letter}_out"] = str((problem.ask.size or given.input[:2])[axis])
    if given.filters is not None:
        values["K"] = str(given.filters)
    return values


def size_equation(n: Formula, f: Formula, p: Formula, s: Formula, rounded: bool) -> Formula:
    """⌊(n - f + 2p)/s⌋ + 1; without the brackets where the division leaves no rest."""
    fraction = quotient(sum_of(n, neg(f), product(number(2), p)), s)
    return sum_of(apply("floor", fraction) if rounded else fraction, number(1))


def _size_steps(problem: Fields, draft: Draft, answers: list[Answer]) -> list[Step]:
    for name in givens(problem):
        draft.given(name)
    lines = []
    for axis, letter, _ in AXES_IN_ORDER:
        names = _names(problem, axis)
        out = f"{letter}_out"
        formula = size_equation(names["n"], names["F"], names["P"], names["S"], True)
        draft.define(out, formula)
        short = axis == 1 and _square(problem)  # the same numbers a second time
        line = draft.line(
            Name(out), boxed=True, named=not short, law="output-size",
            detail="brief" if short else _detail(problem), rounds=_shown_rounds(problem, axis),
        )  # fmt: skip
        lines.append(line)
        answers.append(Answer(out, out))
    if _square(problem):
        steps = [step("Output height and width", display(*lines), law="output-size")]
    else:
        steps = [
            step(f"Output {words}", display(line), law="output-size")
            for (_, _, words), line in zip(AXES_IN_ORDER, lines, strict=True)
        ]
    sizes: list[Formula] = [Name("H_out"), Name("W_out")]
    pieces: list[Piece] = [Text("The output size is ")]
    if problem.given.filters is not None:
        sizes.append(Name("K"))
        pieces = [Text("Each filter gives one channel; the output size is ")]
        answers.append(Answer("depth", "K"))
    pieces += [Term(apply("dims", *sizes), numbers=True), Text(".")]
    draft.define("output", apply("vector", *sizes))
    answers.append(Answer("output", "output"))
    return [*steps, step("", Prose(tuple(pieces), "closing"))]


def _detail(problem: Fields) -> Detail:
    return "brief" if problem.detail == "brief" else "full"


def _shown_rounds(problem: Fields, axis: int) -> tuple[int, ...]:
    """Of ⌊(227-11+0)/4⌋ + 1, ⌊216/4⌋ + 1, ⌊54⌋ + 1, 54 + 1: what a person writes down."""
    given, padding = problem.given, _checked_padding(problem)
    reach = given.input[axis] - given.kernel[axis] + 2 * padding[axis]
    return (1, 2, 3) if reach % given.stride[axis] else (1, 3)


def _padding_steps(problem: Fields, draft: Draft, answers: list[Answer]) -> list[Step]:
    """The equation for the size, solved for P: each line is equivalent to the one before."""
    given = problem.given
    wanted = problem.ask.size or given.input[:2]
    for name in givens(problem):
        draft.given(name)
    steps = []
    for axis, letter, words in _axes(problem):
        n, f, s, out = given.input[axis], given.kernel[axis], given.stride[axis], wanted[axis]
        twice = (out - 1) * s - n + f
        if twice < 0 or twice % 2:
            raise FieldError(
                ("given", "kernel"),
                f"no whole padding makes {out} of {n}: it would have to be {twice}/2 on each side",
            )
        names = _names(problem, axis)
        p = Name("P" if _square(problem) else f"P_{letter}")
        reach: Formula = Name(f"{letter}_out")
        equation = apply("==", size_equation(names["n"], names["F"], p, names["S"], False), reach)
        rest = sum_of(
            product(apply("group", difference(reach, number(1))), names["S"]),
            neg(names["n"]),
            names["F"],
        )
        isolated = apply("==", product(number(2), p), rest)
        solve = Chain(Term(equation), (Link("⇔", Term(isolated)),), "solve")
        draft.define(p.id, quotient(rest, number(2)))
        line = draft.line(p, boxed=True, law="solve", detail=_detail(problem), rounds=(1, 2))
        steps.append(
            step(
                f"Solve the size equation for the padding ({words})",
                display(solve),
                display(line),
                law="solve",
            )
        )
        answers.append(Answer(p.id, p.id))
    return steps


GIVEN = (
    ("Input", ("H_in", "W_in")), ("Kernel size", ("F", "F_H", "F_W")), ("Stride", ("S", "S_H", "S_W")),
    ("Padding", ("P", "P_H", "P_W")), ("Number of filters", ("K",)), ("Wanted output", ("H_out", "W_out")),
)  # fmt: skip


def _statement(problem: Fields, draft: Draft) -> list[Block]:
    given = list(givens(problem))
    lines: list[list[Piece]] = []
    for words, letters in GIVEN:
        names = [name for name in given if name in letters]
        if names:
            lines.append(named_value(words, Name(names[0])))
        for name in names[1:]:
            lines[-1] += [Text(", "), value_of(Name(name))]
    return [bullets(*lines)]


def expected(problem: Fields) -> dict[str, Any]:
    """Sizes by sliding the window; a padding by trying them from 0 on."""
    given = problem.given
    found: dict[str, Any] = {}
    wanted = problem.ask.size or given.input[:2]
    for axis, letter, _ in _axes(problem):
        n, f, s = given.input[axis], given.kernel[axis], given.stride[axis]
        if problem.ask.solve_for == "size":
            found[f"{letter}_out"] = positions(n, f, s, _checked_padding(problem)[axis])
        else:
            tried = next(
                p
                for p in range(n * s + f)
                if positions(n, f, s, p) == wanted[axis] and (n + 2 * p - f) % s == 0
            )
            found["P" if _square(problem) else f"P_{letter}"] = tried
    return found

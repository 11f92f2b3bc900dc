"""A program and what it prints; it is run when the sheet is built."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.errors import ReadError, nearest
from derivations.formula.escape import unprintable
from derivations.formula.evaluation import EvaluationError
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.definitions import Definition, Definitions, Quantity
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Plain
from derivations.kinds.base.problem import Problem
from derivations.reading.programs import run_program
from derivations.reading.prose import PLACEHOLDER, placeholders
from derivations.steps.solution import Answer, Derivation, Listing
from derivations.steps.substitution import plain_values


class Fields(Problem):
    """A program in the subset of Python that listings use."""

    kind: Literal["code-listing"]
    given: dict[str, Quantity] = Field(default_factory=dict)
    facts: dict[str, Definition] = Field(  # type: ignore[assignment]  # with groups, a wider form
        default_factory=dict, description="values that the program's output is compared with"
    )
    code: Plain = Field(
        min_length=1, description="the program: numbers, lists, loops, NumPy, math, print"
    )
    shows: tuple[str, ...] = Field(
        (), description="lines that the output has to contain; {fact} stands for a value"
    )


STARTER = """\
kind: code-listing
title: The size of a feature map, computed
text: Write a program that computes the size of the output.
given: {n: 227, f: 11, s: 4, p: 0}
facts:
  size: floor((n - f + 2*p)/s) + 1
code: |
  n, f, s, p = 227, 11, 4, 0
  print("output size:", (n - f + 2 * p) // s + 1)
shows: ["output size: {size}"]
"""


def derive(problem: Fields) -> Derivation:
    """The listing and its output.

    Raises:
        FieldError: the program is refused or fails, or its output lacks a line.
    """
    try:
        output = run_program(problem.code)
    except ReadError as error:
        raise FieldError(("code",), error.message) from None
    if (strange := unprintable(output)) is not None:
        raise FieldError(
            ("code",), f"the output holds a character that the fonts lack, '{strange}'"
        )
    model = Definitions(problem.given, problem.facts, field="facts")
    draft = new_draft(problem, model.functions)
    for name, shape in model.inputs.items():
        draft.given(name, shape)
    for name, formula in model.formulas.items():
        draft.define(name, formula)
    _compare(problem, model, output)
    answers = [Answer(name, name) for name in model.formulas]
    answers.append(Answer("output", literal=output))
    lines = [line for line in output.splitlines() if line.strip()]
    answers += [Answer(f"output line {k}", literal=line) for k, line in enumerate(lines, 1)]
    blocks = (
        Listing(problem.code.rstrip(), "Program", numbered=True),
        Listing(output.rstrip("\n"), "Output"),
    )
    return assemble(problem, draft, model.functions, [part("", step("", *blocks))], answers)


def _compare(problem: Fields, model: Definitions, output: str) -> None:
    """The lines that have to be there, with the facts' values in them."""
    try:
        values = plain_values(problem.given, model.formulas, model.functions.callable())
    except EvaluationError as error:
        raise FieldError(("facts",), str(error)) from None
    printed = [" ".join(line.split()) for line in output.splitlines()]
    for place, line in enumerate(problem.shows):
        for name in placeholders(line):
            if name not in values:
                raise FieldError(
                    ("shows", place), f"{{{name}}} is not one of the facts{nearest(name, values)}"
                )
        wanted = " ".join(PLACEHOLDER.sub(lambda match: values[match[1]], line).split())
        if wanted not in printed:
            raise FieldError(
                ("shows", place),
                f"the program does not print '{wanted}'{_instead(wanted, printed)}",
            )


def _instead(wanted: str, printed: list[str]) -> str:
    """The nearest line that is printed, or the first one."""
    lines = [line for line in printed if line]
    if hint := nearest(wanted, lines):
        return hint
    return f"; its output begins with '{lines[0][:60]}'" if lines else "; it prints nothing"


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return dict(problem.given)

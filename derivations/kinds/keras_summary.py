"""The summary that Keras prints of a model: layers, output shapes, parameters, and their size."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import (
    Formula,
    Name,
    difference,
    number,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotationFields, Plain, Positive
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Row, Stack, rows, second_counts, value
from derivations.steps.draft import Draft
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Answer, Block, Derivation, Prose, Table

BYTES = 4  # of a parameter in single precision
TWO_DECIMALS = Rounding(Digits(decimals=2), keep=0)
UNITS = ((1, "B"), (1024, "KB"), (1024**2, "MB"), (1024**3, "GB"))


class Given(Stack):
    """The stack, the batch and the names that Keras gave to model and layers."""

    batch: Positive | None = Field(None, description="the batch size; None where it is left open")
    model: Plain = "sequential"
    names: tuple[Plain, ...] = Field((), description="names of the layers, the input's first")


class Fields(Problem):
    """A model to be summarised."""

    kind: Literal["keras-summary"]
    given: Given
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: keras-summary
title: Summary of a small network
text: What does Keras print for this network?
given:
  model: functional
  batch: 1                 # left out: None
  input: [28, 28, 1]
  layers: [CONV-5-16, POOL-2, CONV-3-32, POOL-2, FLATTEN, FC-128, FC-10]
  # names: [input_layer, conv2d, ...]   the names that Keras generates if left out
"""


def _with_flatten(stack: list[Row]) -> list[Row]:
    """Keras flattens a volume in a layer of its own."""
    for place, row in enumerate(stack):
        if row.kind == "dense" and len(row.input) > 1:
            raise FieldError(
                ("given", "layers", place), f"{row.label} follows a volume; put FLATTEN before it"
            )
    return stack


def _names(problem: Fields, stack: list[Row]) -> list[str]:
    classes = ["InputLayer", *(row.trace.keras for row in stack)]
    if problem.given.names:
        if len(problem.given.names) != len(classes):
            raise FieldError(
                ("given", "names"),
                f"{len(problem.given.names)} names; expected {len(classes)}, the input's first",
            )
        for place, name in enumerate(problem.given.names):
            if name in problem.given.names[:place]:
                raise FieldError(("given", "names", place), f"'{name}' stands here a second time")
        return [
            f"{name} ({keras})" for name, keras in zip(problem.given.names, classes, strict=True)
        ]
    seen: Counter[str] = Counter()
    names = []
    for keras in classes:
        base = _snake(keras)
        names.append(f"{base}_{seen[base]} ({keras})" if seen[base] else f"{base} ({keras})")
        seen[base] += 1
    return names


def _snake(word: str) -> str:
    """``MaxPooling2D`` as Keras names it: ``max_pooling2d``."""
    letters = [
        ("_" + c.lower()) if c.isupper() and i and not word[i - 1].isdigit() else c.lower()
        for i, c in enumerate(word)
    ]
    return "".join(letters)


def derive(problem: Fields) -> Derivation:
    """The table, the block of totals, and where the size in bytes comes from."""
    stack = _with_flatten(rows(problem.given))
    draft = new_draft(problem, Functions())
    answers: list[Answer] = []
    table = _table(problem, stack, draft, answers)
    counts = [_count(row) for row in stack]
    frozen = [value(row.trace.frozen) for row in stack if row.trace.frozen is not None]
    draft.define("total", sum_of(*map(number, counts)))
    draft.define("non_trainable", sum_of(*map(number, frozen)))
    draft.define("trainable", difference(Name("total"), Name("non_trainable")))
    totals = []
    for name in ("total", "trainable", "non_trainable"):
        answers.append(Answer(name, name))
        totals.append(_total(draft, name, answers))
    model = Prose((Text("Model: "), Text(f'"{problem.given.model}"', "code")))
    of = draft.quantities["size_total"].formula
    line = draft.line(
        Name("size_total"), named=False, law="bytes", left=of, note=_unit(draft.exact("total"))[1]
    )
    steps = [
        step("", model, table, bullets(*totals)),
        step("Size of the parameters", display(line)),
    ]
    layers = " → ".join(row.label for row in stack)
    statement: list[Block] = [Prose((Text("Layers: ", "strong"), Text(layers)))]
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, statement)


def _count(row: Row) -> int:
    trace = row.trace
    return value(trace.weights) + value(trace.biases) + value(trace.frozen)


def _table(problem: Fields, stack: list[Row], draft: Draft, answers: list[Answer]) -> Table:
    batch = problem.given.batch
    names = _names(problem, stack)
    shapes = [problem.given.input, *(row.trace.output for row in stack)]
    counts = [0, *map(_count, stack)]
    body: list[tuple[tuple[Piece, ...], ...]] = []
    for place, (name, shape, count) in enumerate(zip(names, shapes, counts, strict=True)):
        sizes = ([number(batch)] if batch else []) + list(map(number, shape))
        draft.define(f"params_{place}", number(count))
        draft.define(f"shape_{place}", vector(*sizes))
        answers += [
            Answer(f"{name}: params", f"params_{place}"),
            Answer(f"{name}: output shape", f"shape_{place}"),
        ]
        shown = ", ".join([str(batch or "None"), *map(str, shape)])
        body.append(
            (
                (Text(name, "code"),),
                (Text(f"({shown})", "code"),),
                (Term(Name(f"params_{place}"), numbers=True),),
            )
        )
    head = tuple((Text(word),) for word in ("Layer (type)", "Output Shape", "Param #"))
    return Table(head, tuple(body), "llr")


def _bytes(name: str) -> Formula:
    """4 bytes for each parameter."""
    return product(Name(name), number(BYTES))


def _unit(count: int) -> tuple[int, str]:
    """The largest unit of which so many parameters fill at least one."""
    return next(unit for unit in reversed(UNITS) if count * BYTES >= unit[0] or unit[0] == 1)


def _total(draft: Draft, name: str, answers: list[Answer]) -> list[Piece]:
    """``Total params: 108,874 (425.29 KB)``, in the largest unit that leaves a whole part."""
    count = draft.exact(name)
    divisor, unit = _unit(count)
    size = f"size_{name}"
    draft.define(size, quotient(_bytes(name), number(divisor)), digits=TWO_DECIMALS)
    answers.append(Answer(f"{name}: {unit}", size))
    words = name.replace("_", "-").capitalize()
    shown: Piece = Term(Name(size), numbers=True) if count else Text("0.00")
    return [
        Text(f"{words} params: "),
        Term(Name(name), numbers=True),
        Text(" ("),
        shown,
        Text(f" {unit})"),
    ]


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers of a stack are its structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """Parameters and shapes by the road that counts entries."""
    stack = rows(problem.given)
    second = second_counts(stack)
    batch = [problem.given.batch] if problem.given.batch else []
    found: dict[str, Any] = {}
    for name, counts in zip(_names(problem, stack)[1:], second, strict=True):
        found[f"{name}: params"] = counts["weights"] + counts["biases"] + counts["frozen"]
        found[f"{name}: output shape"] = [*batch, *counts["output"]]
    found["trainable"] = sum(counts["weights"] + counts["biases"] for counts in second)
    return found

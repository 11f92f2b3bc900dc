"""Which layers of a stack, or which kinds of parameters, gradient descent learns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from derivations.errors import unknown
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Strict, found, refuse
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Row, Stack, rows, second_counts
from derivations.models.parameter_types import PARAMETER_TYPES
from derivations.steps.relations import Piece, Text
from derivations.steps.solution import Answer, Block, Derivation, Items, Prose, Table


def _type(value: Any) -> Any:
    if value not in PARAMETER_TYPES:
        raise refuse(unknown(found(value), "a kind of parameter", PARAMETER_TYPES))
    return value


class Given(Strict):
    """Either a stack of layers, or kinds of parameters."""

    stack: Stack | None = None
    types: tuple[Annotated[str, BeforeValidator(_type)], ...] = Field(
        (), description="kinds of parameters: " + ", ".join(PARAMETER_TYPES)
    )


class Fields(Problem):
    """What is learned and what is not."""

    kind: Literal["layer-learnability"]
    given: Given


STARTER = """\
kind: layer-learnability
title: Which layers learn?
text: Which of the layers have parameters that gradient descent learns?
given:
  stack: {input: [32, 32, 3], layers: [CONV-5-20, RELU, POOL-2, FLATTEN, FC-10]}
  # types: [conv, dense, batch_norm_scale, batch_norm_statistics, pooling, frozen]
"""


def _words(row: Row) -> str:
    """The layer's word in the notation of courses."""
    words = {
        "conv": "CONV",
        "pool": "POOL",
        "dense": "FC",
        "flatten": "FLATTEN",
        "batch_norm": "BN",
    }
    if row.kind == "activation":
        return str(row.fields.function).upper()
    return words.get(row.kind, row.kind.upper())


def derive(problem: Fields) -> Derivation:
    """A table with yes and no, decided from the layers."""
    given = problem.given
    if (given.stack is None) == (not given.types):
        raise FieldError(("given",), "expected either 'stack' or 'types'")
    table, learned = _of_stack(problem) if given.stack is not None else _of_types(problem)
    answers = [Answer(name, literal=_yes_no(value)) for name, value in learned.items()]
    draft = new_draft(problem, Functions())
    yes = ", ".join(name for name, value in learned.items() if value) or "none"
    no = ", ".join(name for name, value in learned.items() if not value) or "none"
    answers += [Answer("learned", literal=yes), Answer("not learned", literal=no)]
    summary = Prose(
        (
            Text("Learned: ", "strong"),
            Text(f"{yes}. "),
            Text("Not learned: ", "strong"),
            Text(f"{no}."),
        )
    )
    statement: list[Block] = []
    if given.stack is not None:
        labels = " → ".join(row.label for row in rows(given.stack, ("given", "stack")))
        statement.append(Prose((Text("Layers: ", "strong"), Text(labels))))
    else:
        types = (PARAMETER_TYPES[name] for name in given.types)
        named = ((Prose((Text(f"{row.title}: {row.examples}"),)),) for row in types)
        statement.append(Items(tuple(named)))
    solution = step("", table, summary) if given.stack is not None else step("", table)
    return assemble(problem, draft, Functions(), [part("", solution)], answers, statement)


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def _of_stack(problem: Fields) -> tuple[Table, dict[str, bool]]:
    assert problem.given.stack is not None
    learned: dict[str, bool] = {}
    why: dict[str, str] = {}
    for row in rows(problem.given.stack, ("given", "stack")):
        learned.setdefault(_words(row), row.trace.learns)
        why.setdefault(_words(row), _reason(row))
    head = tuple((Text(word),) for word in ("Step", "Parameters", "Learned?"))
    body = tuple(
        ((Text(name),), (Text(why[name]),), (Text(_yes_no(value)),))
        for name, value in learned.items()
    )
    return Table(head, body, "lll"), learned


def _reason(row: Row) -> str:
    parts = []
    if row.trace.weights is not None:
        parts.append("weights")
    if row.trace.biases is not None:
        parts.append("biases")
    return " and ".join(parts) or "none"


def _of_types(problem: Fields) -> tuple[Table, dict[str, bool]]:
    chosen = [PARAMETER_TYPES[name] for name in problem.given.types]
    head: tuple[tuple[Piece, ...], ...] = tuple((Text(w),) for w in ("Type", "Learnable?"))
    body = tuple(((Text(row.title),), (Text(_yes_no(row.learnable)),)) for row in chosen)
    return Table(head, body, "ll"), {row.title: row.learnable for row in chosen}


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the layers are the structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """A layer learns exactly if its arrays of parameters have entries."""
    if problem.given.stack is None:
        return {}
    stack = rows(problem.given.stack, ("given", "stack"))
    found_: dict[str, Any] = {}
    for row, counts in zip(stack, second_counts(stack), strict=True):
        found_.setdefault(_words(row), _yes_no(bool(counts["weights"] + counts["biases"])))
    return found_

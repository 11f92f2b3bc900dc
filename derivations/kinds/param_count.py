"""Numbers of parameters: of a fully connected network, of a stack, or of some of its layers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.errors import nearest
from derivations.formula.tree import Apply, Formula, Name, apply, number, product, sum_of
from derivations.kinds.base.assemble import assemble, display, new_draft, paragraph, part, step
from derivations.kinds.base.counts import stack_figure
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotationFields, Plain, Positive, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Row, Stack, rows, second_counts
from derivations.steps.draft import Draft
from derivations.steps.relations import Text
from derivations.steps.solution import Answer, Block, Derivation, Prose, Step


class Given(Strict):
    """Either the widths of a fully connected network, or a stack of layers."""

    widths: tuple[Positive, ...] | None = Field(
        None, min_length=2, description="units of the input and of every layer"
    )
    stack: Stack | None = None
    bias: bool = Field(True, description="biases, for widths")


class Ask(Strict):
    """Which layers are counted, and how."""

    layers: tuple[Plain, ...] = Field((), description="names of layers; all if left out")
    bias: Literal["with", "without", "both"] = "with"
    joined: bool = Field(False, description="weights and biases in one formula, (5·5·3 + 1)·20")
    total: bool | None = Field(
        None, description="the sum; by default if more than one layer counts"
    )
    figure: bool = False


class Fields(Problem):
    """Parameters to be counted."""

    kind: Literal["param-count"]
    given: Given
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: param-count
title: Parameters of a fully connected network
text: How many parameters does the network have, with a bias for every unit?
given:
  widths: [3, 4, 4, 1]     # or stack: {input: [32, 32, 3], layers: [CONV-5-20, POOL-2, FC-10]}
ask:
  bias: with               # with, without or both
"""


def _rows(problem: Fields) -> list[Row]:
    given = problem.given
    if (given.widths is None) == (given.stack is None):
        raise FieldError(("given",), "expected either 'widths' or 'stack'")
    if given.stack is not None:
        return rows(given.stack, ("given", "stack"))
    assert given.widths is not None
    layers = tuple(
        {"layer": "dense", "name": f"layer {k}", "units": units}
        for k, units in enumerate(given.widths[1:], 1)
    )
    return rows(Stack(input=given.widths[:1], layers=layers, bias=given.bias))


def _chosen(problem: Fields, stack: list[Row]) -> list[Row]:
    """The layers that are asked for; without a choice all that a count can be asked of."""
    if not problem.ask.layers:
        return [row for row in stack if row.trace.learns or row.kind == "pool"]
    known = {row.name: row for row in stack}
    for place, name in enumerate(problem.ask.layers):
        if name not in known:
            raise FieldError(
                ("ask", "layers", place), f"there is no layer '{name}'{nearest(name, known)}"
            )
    return [known[name] for name in problem.ask.layers]


def derive(problem: Fields) -> Derivation:
    """A line for each layer, and the total."""
    stack = _rows(problem)
    chosen = _chosen(problem, stack)
    draft = new_draft(problem, Functions())
    answers: list[Answer] = []
    places = _places(problem, stack, chosen)
    steps = [
        _layer(problem, draft, row, place, answers)
        for place, row in zip(places, chosen, strict=True)
    ]
    if problem.ask.total or (problem.ask.total is None and len(chosen) > 1):
        steps += _totals(problem, draft, dict(zip(places, chosen, strict=True)), answers)
    return assemble(
        problem, draft, Functions(), [part("", *steps)], answers, _statement(problem, stack)
    )


def _places(problem: Fields, stack: list[Row], chosen: list[Row]) -> list[int]:
    """The numbers in the names: a layer that is asked for by name keeps its number in the network."""
    learning = [row.name for row in stack if row.trace.learns]
    if problem.ask.layers and all(row.name in learning for row in chosen):
        return [learning.index(row.name) + 1 for row in chosen]
    return list(range(1, len(chosen) + 1))


def _biases(row: Row, with_bias: bool) -> Formula | None:
    """The biases that count; for a layer without them when they are asked for all the same."""
    if not with_bias:
        return None
    if row.trace.biases is not None or row.trace.weights is None:
        return row.trace.biases
    return number(row.trace.output[-1])


def _layer(problem: Fields, draft: Draft, row: Row, place: int, answers: list[Answer]) -> Step:
    """``(5 × 5 × 3) × 20 = 1500``, and with the biases ``1500 + 20 = 1520``."""
    weights, biases = row.trace.weights, _biases(row, problem.ask.bias != "without")
    name = f"P_{place}"
    if weights is None and biases is None:
        draft.define(name, number(0))
        answers.append(Answer(f"{row.name}: parameters", name))
        words = f"{row.label} has no weights: 0 parameters."
        return step(_title(row), *paragraph(words))
    lines = []
    draft.define(f"W_{place}", weights if weights is not None else number(0))
    answers.append(Answer(f"{row.name}: weights", f"W_{place}"))
    if biases is not None:
        draft.define(f"B_{place}", biases)
        answers.append(Answer(f"{row.name}: biases", f"B_{place}"))
        together = sum_of(Name(f"W_{place}"), Name(f"B_{place}"))
        form = _joined(row) if problem.ask.joined else None
        draft.define(name, together)
        if form is not None:
            lines.append(draft.line(Name(name), worked=form, boxed=True, law="count"))
        else:
            lines.append(
                draft.line(Name(f"W_{place}"), law="count", boxed=problem.ask.bias == "both")
            )
            lines.append(draft.line(Name(f"B_{place}"), law="count"))
            lines.append(draft.line(Name(name), law="count", boxed=True))
    else:
        draft.define(name, Name(f"W_{place}"))
        lines.append(draft.line(Name(f"W_{place}"), law="count", boxed=True))
    answers.append(Answer(f"{row.name}: parameters", name))
    return step(_title(row), display(*lines), law="count")


def _title(row: Row) -> str:
    return row.label[:1].upper() + row.label[1:]


def _joined(row: Row) -> Formula | None:
    """``(5 × 5 × 1 + 1) × 6`` for a convolution, ``84 × 120 + 84`` for a dense layer."""
    weights = row.trace.weights
    if row.kind == "conv" and isinstance(weights, Apply):
        window, filters = weights.args
        assert isinstance(window, Apply)
        return product(apply("group", sum_of(window.args[0], number(1))), filters)
    if weights is None or row.trace.biases is None:
        return None
    return sum_of(weights, row.trace.biases)


def _totals(
    problem: Fields, draft: Draft, chosen: dict[int, Row], answers: list[Answer]
) -> list[Step]:
    names = [Name(f"P_{place}") for place, row in chosen.items() if row.trace.learns]
    draft.define("P", sum_of(*names))
    lines = [draft.line(Name("P"), boxed=True, law="count")]
    answers.append(Answer("total", "P"))
    weights = [Name(f"W_{place}") for place, row in chosen.items() if row.trace.learns]
    draft.define("P_weights", sum_of(*weights))
    answers.append(Answer("total of the weights", "P_weights"))
    if problem.ask.bias == "both":
        lines.append(draft.line(Name("P_weights"), boxed=True, law="count"))
    return [step("Total", display(*lines), law="count")]


def _statement(problem: Fields, stack: list[Row]) -> list[Block]:
    given = problem.given
    if given.widths is not None:
        sizes = "–".join(map(str, given.widths))
        return [Prose((Text("Widths: ", "strong"), Text(sizes)))]
    blocks: list[Block] = [
        Prose((Text("Layers: ", "strong"), Text(" → ".join(row.label for row in stack))))
    ]
    if problem.ask.figure and given.stack is not None:
        blocks.append(stack_figure(given.stack, stack))
    return blocks


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers are the structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """The counts by the road that counts entries."""
    stack = _rows(problem)
    second = dict(zip([row.name for row in stack], second_counts(stack), strict=True))
    found: dict[str, Any] = {}
    total = 0
    for row in _chosen(problem, stack):
        counts = second[row.name]
        has_weights = row.trace.weights is not None
        biases = 0
        if problem.ask.bias != "without" and has_weights:
            biases = counts["biases"] or counts["output"][-1]
        found[f"{row.name}: parameters"] = counts["weights"] + biases
        total += counts["weights"] + biases
    if problem.ask.total or (problem.ask.total is None and len(_chosen(problem, stack)) > 1):
        found["total"] = total
    return found

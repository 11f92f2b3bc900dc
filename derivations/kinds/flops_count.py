"""Floating-point operations and multiply-accumulates of a stack, under a stated convention."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import Formula, Name, apply, neg, number, product, sum_of, vector
from derivations.kinds.base.assemble import assemble, display, new_draft, paragraph, part, step
from derivations.kinds.base.counts import shape_cell, stack_figure
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotationFields, NotNegative, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.stack import Row, Stack, rows, value
from derivations.steps.draft import Draft
from derivations.steps.relations import Text
from derivations.steps.solution import Answer, Block, Derivation, Prose, Step
from derivations.truth.counting import comparisons, conv_operations


class Cost(Strict):
    """What each operation counts; a maximum of n numbers is n - 1 comparisons."""

    multiplication: NotNegative = 1
    addition: NotNegative = 1
    comparison: NotNegative = 1


class Ask(Strict):
    """What is counted."""

    count: Literal["flops", "macs", "both"] = "flops"
    bias: Literal["with", "without", "both"] = "both"
    figure: bool = Field(False, description="draw the volumes")


class Fields(Problem):
    """A stack whose forward pass is to be counted."""

    kind: Literal["flops-count"]
    given: Stack
    cost: Cost = Cost()
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(times="times", thousands=True)


STARTER = """\
kind: flops-count
title: Operations of a convolution and a pooling layer
text: How many operations does one forward pass take, with and without biases?
given:
  input: [12, 12, 50]
  layers:
    - {layer: conv, name: C, filters: 20, kernel: 4, stride: 2, padding: 1}
    - {layer: pool, name: P, kernel: 3, stride: 1}
cost: {multiplication: 1, addition: 1, comparison: 1}   # the convention is printed
ask: {count: flops, bias: both}                         # flops, macs or both
"""


def _counted(problem: Fields) -> list[Row]:
    stack = rows(problem.given)
    for place, row in enumerate(stack):
        operations = row.trace.operations
        if row.trace.macs is not None:
            raise FieldError(
                ("given", "layers", place),
                f"{row.label} is not counted here; write the network as an architecture",
            )
        if row.kind == "pool" and operations is not None and operations.maxima is None:
            raise FieldError(
                ("given", "layers", place), "average pooling is not counted here; use max pooling"
            )
    return [row for row in stack if row.trace.operations is not None]


def derive(problem: Fields) -> Derivation:
    """Size, operations of one output, operations of all outputs; layer by layer, then the total."""
    counted = _counted(problem)
    draft = new_draft(problem, Functions())
    answers: list[Answer] = []
    steps: list[Step] = []
    for place, row in enumerate(counted, 1):
        steps.append(_layer(problem, draft, row, place, answers))
    if problem.ask.count != "macs":
        steps += _totals(problem, draft, counted, answers)
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, _statement(problem))


def _variants(problem: Fields) -> list[str]:
    return ["with", "without"] if problem.ask.bias == "both" else [problem.ask.bias]


def _prime(problem: Fields, variant: str) -> str:
    """Counts without biases beside those with them have a name of their own: F′."""
    return "_prime" if problem.ask.bias == "both" and variant == "without" else ""


def _layer(problem: Fields, draft: Draft, row: Row, place: int, answers: list[Answer]) -> Step:
    operations = row.trace.operations
    assert operations is not None
    size = (Text("Output: "), *shape_cell(row), Text("."))
    draft.define(f"N_{place}", operations.outputs)
    draft.define(f"shape_{place}", vector(*map(number, row.trace.output)))
    answers.append(Answer(f"{row.name}: outputs", f"N_{place}"))
    answers.append(Answer(f"{row.name}: output shape", f"shape_{place}"))
    lines = [draft.line(Name(f"N_{place}"), law="count", note="number of outputs")]
    if operations.multiplications is not None:
        if problem.ask.count != "flops":
            draft.define(f"M_{place}", product(operations.multiplications, Name(f"N_{place}")))
            answers.append(Answer(f"{row.name}: MACs", f"M_{place}"))
            lines.append(
                draft.line(Name(f"M_{place}"), law="count", note="multiply-accumulates", boxed=True)
            )
        if problem.ask.count != "macs":
            for variant in _variants(problem):
                lines += _flops(problem, draft, row, place, variant, answers)
    elif operations.maxima is not None:
        cost = times_cost(sum_of(operations.maxima, neg(number(1))), problem.cost.comparison)
        draft.define(f"F_{place}", product(cost, Name(f"N_{place}")))
        answers.append(Answer(f"{row.name}: FLOPs", f"F_{place}"))
        lines.append(draft.line(Name(f"F_{place}"), law="count", note="comparisons"))
    return step(f"Layer {row.label}", Prose(size), display(*lines), law="count")


def times_cost(count: Formula, cost: int) -> Formula:
    """A count at its cost; a cost of 1 is not written."""
    return count if cost == 1 else product(number(cost), count)


def _flops(
    problem: Fields, draft: Draft, row: Row, place: int, variant: str, answers: list[Answer]
) -> list[Any]:
    """Multiplications and additions of one output, times the number of outputs."""
    operations = row.trace.operations
    assert operations is not None
    assert operations.multiplications is not None
    bias = variant == "with"
    prime = _prime(problem, variant)
    assert operations.additions is not None
    one = f"f{prime}_{place}"
    terms = [
        times_cost(operations.multiplications, problem.cost.multiplication),
        times_cost(operations.additions, problem.cost.addition),
    ]
    terms += [times_cost(number(1), problem.cost.addition)] if bias else []
    draft.define(one, sum_of(*terms))
    total = f"F{prime}_{place}"
    draft.define(total, product(Name(one), Name(f"N_{place}")))
    words = "with bias" if bias else "without bias"
    answers += [
        Answer(f"{row.name}: FLOPs of one output {words}", one),
        Answer(f"{row.name}: FLOPs {words}", total),
    ]
    both = problem.ask.bias == "both"
    return [
        draft.line(Name(one), law="count", note=f"one output, {words}" if both else "one output"),
        draft.line(Name(total), law="count", note=words if both else "all outputs"),
    ]


def _totals(problem: Fields, draft: Draft, counted: list[Row], answers: list[Answer]) -> list[Step]:
    lines = []
    for variant in _variants(problem):
        prime = _prime(problem, variant)
        names = []
        for place, row in enumerate(counted, 1):
            weighted = row.trace.operations and row.trace.operations.multiplications
            names.append(Name(f"F{prime if weighted else ''}_{place}"))
        draft.define(f"F{prime}", sum_of(*names))
        lines.append(
            draft.line(
                Name(f"F{prime}"),
                law="count",
                boxed=True,
                note=f"{variant} bias" if problem.ask.bias == "both" else "",
            )
        )
        answers.append(Answer(f"total {variant} bias", f"F{prime}"))
    if problem.ask.bias == "both":
        draft.define("F_difference", apply("sum", Name("F"), neg(Name("F_prime"))))
        answers.append(Answer("difference", "F_difference"))
    return [step("Total", display(*lines), law="count")]


def _statement(problem: Fields) -> list[Block]:
    cost = problem.cost
    stack = rows(problem.given)
    convention = (
        f"**Convention:** a multiplication counts {cost.multiplication}, an addition {cost.addition}, "
        f"a maximum of $n$ numbers {_comparisons(cost.comparison)}, everything else 0"
    )
    if problem.ask.count != "flops":
        convention += "; a multiply-accumulate (MAC) is a multiplication with its addition"
    shape = Text("Input: " + " × ".join(map(str, problem.given.input)))
    figure: list[Block] = [stack_figure(problem.given, stack)] if problem.ask.figure else []
    return [
        bullets((shape,), *((Text(_words(row)),) for row in stack)),
        *paragraph(convention + "."),
        *figure,
    ]


def _comparisons(cost: int) -> str:
    return "$n - 1$" if cost == 1 else f"${cost}(n - 1)$"


def _words(row: Row) -> str:
    fields = row.fields
    if row.kind == "conv":
        padding = fields.padding if isinstance(fields.padding, str) else fields.padding[0]
        return (
            f"{row.label}: convolution, {fields.filters} filters of {fields.kernel[0]} × {fields.kernel[1]}, "
            f"stride {fields.stride[0]}, padding {padding}"
        )
    if row.kind == "pool":
        stride = (fields.stride or fields.kernel)[0]
        return f"{row.label}: {fields.mode} pooling, {fields.kernel[0]} × {fields.kernel[1]}, stride {stride}"
    return f"{row.label}: {row.kind.replace('_', ' ')}"


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers are the structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """The counts by counting the operations of a window one by one."""
    if problem.ask.count == "macs":
        return {}
    found: dict[str, Any] = {}
    cost = problem.cost
    totals = dict.fromkeys(_variants(problem), 0)
    for row in _counted(problem):
        outputs = value(row.trace.operations.outputs) if row.trace.operations else 0
        if row.kind == "pool":
            count = comparisons(row.fields.kernel, outputs) * cost.comparison
            found[f"{row.name}: FLOPs"] = count
            for variant in totals:
                totals[variant] += count
            continue
        window = (*row.fields.kernel, row.input[2]) if row.kind == "conv" else row.input
        for variant in totals:
            mult, add = conv_operations(window, outputs, variant == "with")
            count = mult * cost.multiplication + add * cost.addition
            found[f"{row.name}: FLOPs {variant} bias"] = count
            totals[variant] += count
    return found | {f"total {variant} bias": count for variant, count in totals.items()}

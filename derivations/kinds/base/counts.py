"""Counts of a stack as quantities of a draft, and the table that shows where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivations.formula.tree import Apply, Formula, Name, Number, apply, number, vector, walk
from derivations.kinds.base.figures.volumes import volumes_figure
from derivations.kinds.base.stack import Row, Stack, second_counts, total
from derivations.models.traces import Shape
from derivations.steps.draft import Draft
from derivations.steps.figures import Figure
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Table

NONE: tuple[Piece, ...] = (Text("–"),)


def counted(draft: Draft, rows: Sequence[Row], answers: list[Answer]) -> None:
    """Weights and biases of every layer, their totals, and the shapes, as reported answers."""
    for place, row in enumerate(rows, 1):
        for word, formula in (("weights", row.trace.weights), ("biases", row.trace.biases)):
            key = f"{word}_{place}"
            draft.define(key, Number("0") if formula is None else formula)
            answers.append(Answer(f"{row.name}: {word}", key))
        shape = vector(*map(number, row.trace.output))
        draft.define(f"shape_{place}", shape)
        answers.append(Answer(f"{row.name}: feature map", f"shape_{place}"))
    draft.define("total", total(rows))
    weights = [row.trace.weights for row in rows if row.trace.weights is not None]
    draft.define(
        "total_weights",
        apply("sum", *weights) if len(weights) > 1 else weights[0] if weights else Number("0"),
    )
    answers += [Answer("total", "total"), Answer("total of the weights", "total_weights")]


def expected_counts(rows: Sequence[Row]) -> dict[str, Any]:
    """The same answers, counted."""
    second = second_counts(rows)
    found: dict[str, Any] = {}
    for row, counts in zip(rows, second, strict=True):
        found[f"{row.name}: weights"] = counts["weights"]
        found[f"{row.name}: biases"] = counts["biases"]
        found[f"{row.name}: feature map"] = list(counts["output"])
    found["total"] = sum(c["weights"] + c["biases"] for c in second)
    found["total of the weights"] = sum(c["weights"] for c in second)
    return found


def volume(shape: Shape) -> Formula:
    """The shape as ``24 × 24 × 16``, or a single number."""
    sizes = [number(size) for size in shape]
    return apply("dims", *sizes) if len(sizes) > 1 else sizes[0]


def count_cell(formula: Formula | None, key: str) -> tuple[Piece, ...]:
    """``(5 × 5 × 1) × 16 = 400``, a bare number, or a dash."""
    if formula is None:
        return NONE
    value = Term(Name(key), numbers=True)
    if isinstance(formula, Number):
        return (value,)
    return (Chain(Term(formula), (Link("=", value),), "count"),)


def shape_cell(row: Row) -> tuple[Piece, ...]:
    """``(28 − 5 + 1) × (28 − 5 + 1) × 16 = 24 × 24 × 16`` with a note where it was rounded down."""
    result = Term(volume(row.trace.output))
    if row.trace.shape is None or row.trace.shape == result.formula:
        return (result,)
    axes = row.trace.shape.args if isinstance(row.trace.shape, Apply) else ()
    padded = bool(axes) and any(isinstance(n, Apply) and n.head == "product" for n in walk(axes[0]))
    if len(axes) == 3 and axes[0] == axes[1] and padded:
        side = Chain(Term(axes[0]), (Link("=", Term(number(row.trace.output[0]))),), "output-size")
        pieces: list[Piece] = [side, Text(" per side: "), result]
    else:
        pieces = [Chain(Term(row.trace.shape), (Link("=", result),), "output-size")]
    if row.trace.note:
        pieces.append(Text(f" ({row.trace.note})"))
    return tuple(pieces)


def parameter_table(stack: Stack, rows: Sequence[Row]) -> Table:
    """Layer, weights, biases, feature map: each cell with its formula."""
    head = tuple((Text(word),) for word in ("Layer", "Weights", "Biases", "Feature map"))
    input_shape = stack.input if len(stack.input) != 2 else (*stack.input, 1)
    body: list[tuple[tuple[Piece, ...], ...]] = [
        ((Text("Input"),), NONE, NONE, (Term(volume(input_shape)),))
    ]
    for place, row in enumerate(rows, 1):
        body.append(
            (
                (Text(row.label),),
                count_cell(row.trace.weights, f"weights_{place}"),
                count_cell(row.trace.biases, f"biases_{place}"),
                shape_cell(row),
            )
        )
    return Table(head, tuple(body), "llll")


def stack_figure(stack: Stack, rows: Sequence[Row], caption: str = "") -> Figure:
    """The volumes of the stack; layers that keep the shape are named on the arrow of the next."""
    input_shape = stack.input if len(stack.input) == 3 else (*stack.input, 1)
    stages: list[tuple[str, Shape]] = [("", input_shape)]
    waiting: list[str] = []
    for row in rows:
        waiting.append(row.label)
        if row.trace.output != row.input or row is rows[-1] or len(waiting) > 2:
            stages.append(("\n".join(waiting), row.trace.output))
            waiting = []
    return volumes_figure(stages, caption)

"""Pooling on numbers: the maximum or the average of every window, and the way back."""

from __future__ import annotations

from typing import Any, Literal

from derivations.kinds.base.assemble import assemble, leading, new_draft, part
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Strict
from derivations.kinds.base.figures.grids import grid_of, grids_figure
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.map_loss import loss_values, slice_of
from derivations.kinds.base.notation import letters
from derivations.kinds.base.pool_run import Given, Layout, PoolRun
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.sliding_words import listing, one, padding_words
from derivations.kinds.base.tensors import answers_of
from derivations.steps.solution import Block, Derivation, Display
from derivations.truth import sliding

GRIDS = 6  # of a figure


class Ask(Strict):
    """What is shown."""

    figure: bool = False


class Fields(Problem):
    """A pooling layer with numbers."""

    LETTERS = letters("X G T Y p P window", "T", "Y")

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


def derive(problem: Fields) -> Derivation:
    """A line for each window, the output, and the gradient by the input."""
    layout = Layout(problem.given)
    loss_values(problem.given, layout.y)
    draft = new_draft(problem, Functions())
    run = PoolRun(layout, draft)
    parts = [part("Forward pass" if run.loss else "", *run.forward())]
    if run.loss:
        parts.append(part("Backward pass", *run.backward()))
    return assemble(
        problem, draft, Functions(), parts, run.answers, _statement(problem, layout, run)
    )


def _statement(problem: Fields, layout: Layout, run: PoolRun) -> list[Block]:
    """The map, the windows, what is behind the output."""
    shown: Block
    leads = list(layout.x.leads())
    if not problem.ask.figure:
        shown = Display(tuple(slice_of(layout.x, lead) for lead in leads), abreast=True)
    elif len(leads) > GRIDS:
        raise FieldError(
            ("ask", "figure"), f"{len(leads)} grids are too many for a figure; at most {GRIDS}"
        )
    else:
        marked = frozenset(cell[2:] for cell in layout.cells((0,) * (layout.axes + 2)))
        values = givens(problem)
        shown = grids_figure(
            [
                grid_of(layout.x, lead, f"feature map{layout.x.words(lead)}", marked, values)
                for lead in leads
            ]
        )
    blocks: list[Block] = [leading(_words(problem.given, layout)), shown]
    return [*blocks, *(run.loss.statement() if run.loss else [])]


def _words(given: Given, layout: Layout) -> str:
    mode = given.mode
    if given.size == "global":
        return f"This is {mode} pooling over the whole map."
    moved = [f"stride {one(layout.slide.stride)}"]
    if set(layout.slide.dilation) != {1}:
        moved.append(f"dilation {one(layout.slide.dilation)}")
    if layout.is_padded:
        moved.append(padding_words(layout.edges))
    window = " × ".join(map(str, layout.slide.kernel))
    lead = f"This is {mode} pooling with windows of {window}"
    if given.ceil:
        return f"{lead}, {listing(moved)}; the size of the output is rounded up."
    return f"{lead} and {moved[0]}." if len(moved) == 1 else f"{lead}, {listing(moved)}."


def givens(problem: Fields) -> dict[str, Any]:
    """The entries by name."""
    layout = Layout(problem.given)
    values: dict[str, Any] = layout.x.values(problem.given.input)
    return values | loss_values(problem.given, layout.y)


def expected(problem: Fields) -> dict[str, Any]:
    """The output and the gradient by shifted arrays."""
    given, layout = problem.given, Layout(problem.given)
    x = sliding.array(given.input, layout.axes)
    whole = given.size == "global"
    kernel = x.shape[2:] if whole else layout.slide.kernel
    window = sliding.Window(
        kernel, layout.slide.stride, layout.slide.dilation,
        sliding.padding_of(given.padding, layout.axes),
    )  # fmt: skip
    layer = sliding.Pooling(x, window, given.mode, given.ceil, given.count_padding)
    y = layer.forward()
    found = answers_of("output", layout.y, y)
    if not layout.differentiated:
        return found
    behind = given.targets if given.upstream is None else given.upstream
    loss = "linear" if given.upstream is not None else given.loss or "half_squared_error"
    found["L"], dy = sliding.slope_of(y, sliding.beside(behind, y), loss)
    found |= answers_of("dL/dY", layout.y, dy)
    return found | answers_of("dL/dX", layout.x, layer.backward(dy))

"""A convolution on numbers: one position in full, the others as sums of products; the gradients."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.kinds.base.assemble import assemble, leading, new_draft, part
from derivations.kinds.base.conv_fields import Given, Layout, flat
from derivations.kinds.base.conv_run import ConvRun
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Strict
from derivations.kinds.base.figures.grids import grid_of, grids_figure
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.map_loss import loss_values, slice_of
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.sliding_words import moves
from derivations.kinds.base.tensors import Tensor, answers_of
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Block, Derivation, Display
from derivations.truth import sliding

GRIDS = 6  # of a figure


class Ask(Strict):
    """What is shown."""

    size: bool = Field(True, description="work out the size of the output first")
    positions: Literal["all", "first", "none"] | None = Field(
        None, description="positions shown as sums of products; by their number if left out"
    )
    gradients: tuple[Literal["kernel", "bias", "input"], ...] | None = Field(
        None, description="by what the loss is differentiated; all where there is a loss"
    )
    figure: bool = False


class Fields(Problem):
    """A convolution with numbers."""

    LETTERS = letters("X K b G T Y", "T", "Y")

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


def _checked(problem: Fields) -> tuple[Layout, tuple[str, ...]]:
    """Tensors, and the gradients that are asked for."""
    layout, wanted = Layout(problem.given), problem.ask.gradients
    if wanted and not layout.differentiated:
        raise FieldError(("ask", "gradients"), "gradients need 'upstream' or 'targets'")
    for place, name in enumerate(wanted or ()):
        if name == "bias" and not layout.b:
            raise FieldError(("ask", "gradients", place), "there is no bias")
    loss_values(problem.given, layout.y)
    if not layout.differentiated:
        return layout, ()
    return layout, ("kernel", "bias", "input") if wanted is None else wanted


def derive(problem: Fields) -> Derivation:
    """Size, padded input, positions, the output, and the way back."""
    layout, wanted = _checked(problem)
    draft = new_draft(problem, Functions())
    run = ConvRun(layout, draft, problem.ask.positions, problem.ask.size)
    forward = run.forward()
    parts = [part("Forward pass" if run.loss else "", *forward)]
    if run.loss:
        parts.append(part("Backward pass", *run.backward(wanted)))
    statement = _statement(problem, layout, run)
    return assemble(problem, draft, Functions(), parts, run.answers, statement)


def _statement(problem: Fields, layout: Layout, run: ConvRun) -> list[Block]:
    """Map, kernels and biases, how the window moves, what is behind the output."""
    blocks: list[Block] = []
    tensors = (layout.x, layout.k)
    if problem.ask.figure:
        blocks.append(_figure(problem, layout))
    else:
        blocks += [
            Display(tuple(slice_of(of, lead) for lead in of.leads()), abreast=True)
            for of in tensors
            if sum(1 for _ in of.leads()) > 1
        ] or [
            Display(
                tuple(slice_of(of, lead) for of in tensors for lead in of.leads()), abreast=True
            )
        ]
        if len(blocks) == 1 and sum(1 for of in tensors for _ in of.leads()) > 2:
            few = [of for of in tensors if sum(1 for _ in of.leads()) == 1]
            singles = Display(tuple(slice_of(of, (0, 0)) for of in few), abreast=True)
            blocks = [singles, *blocks] if few and few[0] is layout.x else [*blocks, singles]
    if run.biases:
        chains = tuple(
            Chain(Term(name), (Link("=", Term(name, numbers=True)),)) for name in run.biases
        )
        blocks.append(Display(chains, abreast=True))
    if words := moves(layout):
        blocks.insert(0, leading(words))
    return [*blocks, *(run.loss.statement() if run.loss else [])]


def _figure(problem: Fields, layout: Layout) -> Block:
    """Grids of map and kernels, the first window marked."""
    slices = [(of, lead) for of in (layout.x, layout.k) for lead in of.leads()]
    if len(slices) > GRIDS:
        raise FieldError(
            ("ask", "figure"), f"{len(slices)} grids are too many for a figure; at most {GRIDS}"
        )
    marked = frozenset(
        place
        for _, place in layout.slide.reads((0,) * layout.axes)
        if place is not None and not layout.is_padded and not layout.given.transposed
    )
    values = givens(problem)

    def grid(of: Tensor, lead: tuple[int, ...]) -> Any:
        word = "feature map" if of is layout.x else "kernel"
        return grid_of(
            of, lead, word + of.words(lead), marked if of is layout.x else frozenset(), values
        )

    return grids_figure([grid(of, lead) for of, lead in slices])


def givens(problem: Fields) -> dict[str, Any]:
    """The entries by name."""
    layout = Layout(problem.given)
    values: dict[str, Any] = layout.x.values(problem.given.input)
    values |= layout.k.values(problem.given.kernel)
    values |= {layout.bias(f).id: text for f, text in enumerate(layout.b)}
    return values | loss_values(problem.given, layout.y)


# ---------------------------------------------------------------- the second road


def expected(problem: Fields) -> dict[str, Any]:
    """The output and the gradients by shifted arrays of doubles."""
    layout, wanted = _checked(problem)
    given = problem.given
    axes = layout.axes
    window = sliding.Window(
        layout.k.space, layout.slide.stride, layout.slide.dilation, _padding(given, layout)
    )
    more = flat(given.output_padding)
    case = sliding.Convolution(
        sliding.array(given.input, axes),
        sliding.array(given.kernel, axes, channels=not layout.k.kept[0]),
        sliding.array(layout.b, 1).reshape(-1) if layout.b else None,
        window,
        given.groups,
        given.mode == "convolution",
        given.transposed,
        _ends(more, axes),
    )
    y = case.forward()
    found = answers_of("output", layout.y, y)
    if layout.differentiated:
        behind = given.upstream if given.upstream is not None else given.targets
        loss = "linear" if given.upstream is not None else given.loss or "half_squared_error"
        found["L"], dy = sliding.slope_of(y, sliding.beside(behind, y), loss)
        dx, dk, db = case.backward(dy)
        found |= answers_of("dL/dY", layout.y, dy)
        if "kernel" in wanted:
            found |= answers_of("dL/dK", layout.k, dk)
        if "input" in wanted:
            found |= answers_of("dL/dX", layout.x, dx)
        if "bias" in wanted and layout.b:
            found |= {f"dL/d{layout.bias(f).id}": float(slope) for f, slope in enumerate(db)}
    return found


def _ends(values: tuple[int, ...], axes: int) -> tuple[int, ...]:
    """Output padding at the end of each axis."""
    if len(values) == 2 * axes and axes > 1:
        return values[1::2]
    return values if len(values) == axes else values[-1:] * axes


def _padding(given: Given, layout: Layout) -> Any:
    """Before and after for each axis, or same, from the field."""
    if not given.full:
        return sliding.padding_of(given.padding, layout.axes)
    steps = zip(layout.k.space, layout.slide.dilation, strict=True)
    return [((k - 1) * d, (k - 1) * d) for k, d in steps]

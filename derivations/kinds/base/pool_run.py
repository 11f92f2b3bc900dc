"""A pooling layer worked out: every window, the output, and what goes back to the input."""

from __future__ import annotations

from math import prod
from typing import Literal

from pydantic import Field

from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    key,
    number,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import display, step
from derivations.kinds.base.conv_fields import check_axes
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Positive
from derivations.kinds.base.map_loss import MapLoss, Shown, WithLoss, has_loss, slope
from derivations.kinds.base.tensors import Lists, Tensor, depth, map_of
from derivations.models.layers.conv import slide
from derivations.models.sizes import Axes, Edges, edges_of, for_axes
from derivations.models.sliding import Edge, Place, Slide
from derivations.models.traces import LayerError
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Display, Prose, Step

MOST = 4000  # numbers that are read, window by window
SHORT = 160  # of them up to which all windows are shown


class Given(WithLoss):
    """The map and the window, and what is behind the output."""

    input: Lists = Field(description="a map; channels of it; samples of channels")
    size: Axes | Literal["global"] = Field(description="of the window; global: the whole map")
    axes: Positive | None = Field(
        None, description="1 or 2; 1 where the input is a plain list, else 2"
    )
    stride: Axes | None = None
    padding: Edges = (0, 0)
    dilation: Axes = (1, 1)
    ceil: bool = Field(False, description="round the size up: a last window may reach outside")
    count_padding: bool = Field(
        True, description="whether an average counts the zeros of the padding"
    )
    mode: Literal["max", "average"] = "max"


class Layout:
    """Map, windows and output of a pooling layer.

    Raises:
        FieldError: shapes that do not fit.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.axes = given.axes or (1 if depth(given.input) == 1 else 2)
        if self.axes > 2:
            raise FieldError(("given", "axes"), f"found {self.axes}, expected 1 or 2")
        self.x = map_of("X", given.input, self.axes, ("given", "input"))
        self.slide, self.formulas = self._slide()
        self.y = Tensor("Y", (*self.x.sizes[:2], *self.slide.output), self.x.kept)
        self.differentiated = has_loss(given)
        read = prod(self.y.sizes) * prod(self.slide.kernel)
        if read > MOST:
            raise FieldError(
                ("given", "input"), f"windows of {read} numbers; at most {MOST} are worked out"
            )
        self._check_windows()

    def _sized(self, field: str, values: tuple[int, ...]) -> Place:
        check_axes(field, values, self.axes)
        try:
            return for_axes(values, self.axes, "window" if field == "size" else field)
        except LayerError as error:
            raise FieldError(("given", field), str(error)) from None

    def _slide(self) -> tuple[Slide, list[Formula]]:
        given, space = self.given, self.x.space
        if given.size == "global":
            self._check_global()
            kernel, stride = space, (1,) * self.axes
        else:
            assert not isinstance(given.size, str)
            kernel = self._sized("size", given.size)
            stride = kernel if given.stride is None else self._sized("stride", given.stride)
        dilation = self._sized("dilation", given.dilation)
        extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        check_axes("padding", given.padding, self.axes)
        try:
            edges = edges_of(given.padding, space, extents, stride)
        except LayerError as error:
            raise FieldError(("given", "padding"), str(error)) from None
        try:
            output, formulas, _ = slide(space, extents, edges, stride, given.ceil)
        except LayerError as error:
            raise FieldError(("given", "size"), str(error)) from None
        return Slide(space, kernel, stride, dilation, edges, tuple(output)), formulas

    def _check_global(self) -> None:
        for field in ("stride", "padding", "dilation", "ceil"):
            if field in self.given.model_fields_set:
                raise FieldError(("given", field), "global pooling has one window")

    def _check_windows(self) -> None:
        """No window lies in the padding alone."""
        for at in self.slide.outputs():
            if not any(source for _, source in self.slide.reads(at)):
                place = ", ".join(str(i + 1) for i in at)
                raise FieldError(("given", "padding"), f"window ({place}) sees nothing but padding")

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self.slide.edges

    @property
    def is_padded(self) -> bool:
        return any(map(any, self.edges))

    def cells(self, at: Place) -> list[Place]:
        """What lies in a window, in reading order; the padding is left out."""
        inside = (source for _, source in self.slide.reads(at[2:]) if source is not None)
        return [(*at[:2], *source) for source in inside]

    def divisor(self, at: Place) -> int:
        """How many numbers an average is taken over."""
        if self.given.count_padding:
            return self.slide.counted(at[2:])
        return len(self.cells(at))

    def index(self, at: Place) -> str:
        """``1_2``, the window's number in names."""
        return self.y.name(at).id.removeprefix("Y_")


class PoolRun:
    """The steps of a pooling layer."""

    def __init__(self, layout: Layout, draft: Draft) -> None:
        self.layout, self.draft = layout, draft
        self.given = layout.given
        self.law = f"{self.given.mode}-pooling"
        self.answers: list[Answer] = []
        layout.x.give(draft)
        self.loss = MapLoss(self.given, layout.y, draft) if layout.differentiated else None
        read = sum(len(layout.cells(at)) for at in layout.y.places())
        self.short = draft.detail == "full" or (draft.detail == "standard" and read <= SHORT)

    def forward(self) -> list[Step]:
        """Every window, or the first; the output."""
        layout = self.layout
        chains: list[Chain] = []
        windows: list[Answer] = []
        for at in layout.y.places():
            name, cells = layout.y.name(at), [layout.x.name(cell) for cell in layout.cells(at)]
            self.draft.define(name, self._pooled(at, cells))
            window = f"window_{layout.index(at)}"
            self.draft.define(window, vector(*cells), "assembled")
            windows.append(Answer(f"window {layout.index(at).replace('_', ',')}", window))
            if self.short or not chains:
                chains.append(self.draft.line(name, named=False, law=self.law))
        steps = [self._size()] if self._needs_size() else []
        steps.append(self._windows(chains))
        steps.append(self._output())
        self.answers += [
            Answer(layout.y.name(at).id, layout.y.name(at).id) for at in layout.y.places()
        ]
        self.answers += windows
        return steps

    def _needs_size(self) -> bool:
        """Where windows do not simply lie side by side."""
        return self.layout.is_padded or self.given.ceil or set(self.layout.slide.dilation) != {1}

    def _size(self) -> Step:
        words = ("length",) if self.layout.axes == 1 else ("height", "width")
        chains = [
            Chain(Term(formula), (Link("=", Term(number(n))),), "output-size", word)
            for formula, n, word in zip(
                self.layout.formulas, self.layout.slide.output, words, strict=True
            )
        ]
        if len(chains) == 2 and chains[0].first == chains[1].first:
            chains = [Chain(chains[0].first, chains[0].links, "output-size", "height and width")]
        shown = [chain for chain in chains if chain.first != chain.links[0].term]
        return step("Size of the output", display(*(shown or chains)), law="output-size")

    def _windows(self, chains: list[Chain]) -> Step:
        blocks: list[Block] = []
        if self.layout.is_padded:
            words = {
                "max": "The padding is never the largest: it is left out.",
                "average": "The zeros of the padding count."
                if self.given.count_padding
                else "The padding does not count.",
            }[self.given.mode]
            blocks.append(Prose((Text(words),)))
        blocks.append(Display(tuple(chains)))
        left = sum(1 for _ in self.layout.y.places()) - len(chains)
        if left:
            blocks.append(
                Prose(
                    (
                        Text(
                            f"The other {left} windows in the same way."
                            if left > 1
                            else "The other window in the same way."
                        ),
                    )
                )
            )
        title = "Every window" if not left else "The first window"
        return step(title, *blocks, law=self.law)

    def _pooled(self, at: Place, cells: list[Name]) -> Formula:
        if self.given.mode == "max":
            return apply("max", *cells)
        return quotient(sum_of(*cells), number(self.layout.divisor(at)))

    def _output(self) -> Step:
        y, chains = self.layout.y, []
        for lead in y.leads():
            name = y.slice_name(lead)
            self.draft.define(name, y.assembled(lead), shape=y.space)
            result = self.draft.answer(name)
            chains.append(
                Chain(Term(name), (Link("auto", result, (key(result.formula),)),), self.law)
            )
            self.answers.append(Answer(f"output{y.words(lead)}", name.id))
        return step("Output", display(*chains))

    # ------------------------------------------------------------ backward

    def backward(self) -> list[Step]:
        """The gradient by the input, from the one by the output."""
        assert self.loss is not None
        steps = self.loss.steps()
        parts: dict[Place, list[Formula]] = {}
        for at in self.layout.y.places():
            back = slope(self.layout.y.name(at))
            for place, cell in enumerate(self.layout.cells(at), 1):
                parts.setdefault(cell, []).append(self._share(at, place, back))
        if self.given.mode == "max":
            steps.append(self._maxima())
        lines = None if self.draft.detail == "full" else 1
        shown = Shown(
            "Gradient by the input", f"{self.law}-gradient", WORDS[self.given.mode], lines
        )
        steps.append(self.loss.gradient(self.layout.x, parts, shown))
        self.answers += self.loss.answers
        return steps

    def _share(self, at: Place, place: int, back: Formula) -> Formula:
        """What an entry of a window gets of the gradient."""
        if self.given.mode == "average":
            return quotient(back, number(self.layout.divisor(at)))
        chosen = apply("==", self._place(at), number(place))
        return product(apply("iverson", chosen), back)

    def _place(self, at: Place) -> Name:
        return Name(f"p_{self.layout.index(at)}")

    def _maxima(self) -> Step:
        """Where in each window the largest number stands."""
        chains = []
        like = Tensor("P", self.layout.y.sizes, self.layout.y.kept)
        for at in self.layout.y.places():
            cells = [self.layout.x.name(cell) for cell in self.layout.cells(at)]
            self.draft.define(self._place(at), apply("argmax", vector(*cells)))
        for lead in like.leads():
            name = like.slice_name(lead)
            self.draft.define(name, like.assembled(lead, self._place), shape=like.space)
            chains.append(
                Chain(Term(name), (Link("auto", Term(name, numbers=True), (name.id,)),), self.law)
            )
            self.answers.append(Answer(f"places of the maxima{like.words(lead)}", name.id))
        return step(
            "Places of the maxima", Prose((Text(PLACES),)), Display(tuple(chains), abreast=True)
        )


PLACES = (
    "The entries of a window are counted from 1 in reading order. Where the largest number stands "
    "in a window more than once, its first place is taken."
)
WORDS = {
    "max": "The largest entry of a window gets the gradient of its output, the others nothing; "
    "what an entry gets from several windows is added. (A bracket is 1 if what it holds is true, "
    "else 0.)",
    "average": "All entries of a window get the same share of the gradient of its output; what an "
    "entry gets from several windows is added.",
}

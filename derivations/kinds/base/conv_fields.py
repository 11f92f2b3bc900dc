"""The fields of a convolution, what is wrong with them, and the sums that they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from derivations.formula.tree import Formula, Name, number, product
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Positive, whole
from derivations.kinds.base.map_loss import WithLoss, has_loss
from derivations.kinds.base.tensors import (
    Lists,
    ListsOrNumber,
    Tensor,
    depth,
    map_of,
    sizes,
    tensor,
)
from derivations.models.layers.conv import slide
from derivations.models.layers.conv_transpose import Fields as Transposed
from derivations.models.layers.conv_transpose import spread
from derivations.models.sizes import Axes, Edges, edges_of, for_axes
from derivations.models.sliding import Edge, Place, Slide
from derivations.models.traces import LayerError

MOST = 4000  # products that are worked out


class Given(WithLoss):
    """Map and kernels, how a kernel moves, and what is behind the output."""

    input: Lists = Field(description="a map; channels of it; samples of channels")
    kernel: Lists = Field(
        description="a kernel; one for each channel or filter; filters of channels"
    )
    bias: ListsOrNumber | None = Field(None, description="a number for each filter")
    axes: Annotated[int, BeforeValidator(whole(1, "1 or 2", 2))] | None = Field(
        None, description="1 or 2; 1 where the input is a plain list, else 2"
    )
    stride: Axes = (1, 1)
    padding: Edges = Field(
        (0, 0), description="zeros: a number, one for each axis, [before, after], or same"
    )
    dilation: Axes = (1, 1)
    groups: Positive = 1
    transposed: bool = Field(False, description="every input spreads the kernel over the output")
    output_padding: Edges = Field(
        (0, 0), description="transposed: places more at the end of the output"
    )
    mode: Literal["cross-correlation", "convolution"] = Field(
        "cross-correlation", description="a true convolution turns the kernel by 180 degrees first"
    )
    full: bool = Field(False, description="every position in which kernel and input overlap")


@dataclass(frozen=True, slots=True)
class Tap:
    """One product of an output: input (None: a zero of the padding) times weight."""

    input: Place | None
    padded: Place  # where it stands in the padded input
    weight: Place  # in the kernel as it is given


class Layout:
    """Tensors and windows of a convolution.

    Raises:
        FieldError: shapes that do not fit.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.axes = given.axes or (1 if depth(given.input) == 1 else 2)
        self.x = map_of("X", given.input, self.axes, ("given", "input"))
        self.k = self._kernel()
        self.groups = given.groups
        self._check_groups()
        self.slide, self.formulas = self._slide()
        self.y = self._output()
        self.b = self._bias()
        self.differentiated = has_loss(given)
        outer = self.x.sizes if given.transposed else self.y.sizes
        products = prod(outer) * prod(self.k.sizes[1:])
        if products > MOST:
            raise FieldError(
                ("given", "input"),
                f"{products} products; at most {MOST} are worked out one by one "
                "(the kinds flops-count and architecture count larger layers)",
            )

    # ------------------------------------------------------------ shapes

    def _kernel(self) -> Tensor:
        """Filters, then channels (transposed: channels of the input, then filters)."""
        nested, given = self.given.kernel, self.given
        more = depth(nested) - self.axes
        if not 0 <= more <= 2:
            raise FieldError(
                ("given", "kernel"),
                f"lists {depth(nested)} deep; expected {self.axes} for the axes, one more for "
                "channels or filters, two more for both",
            )
        kept = (more == 2, more == 2)
        if more == 1:
            channels = self.x.sizes[1]
            depthwise = given.groups > 1 and given.groups == channels
            alone = not self.x.kept[1] or depthwise
            if given.transposed:
                alone = self.x.kept[1]
            kept = (alone, not alone)
        return tensor("K", nested, kept)

    def _check_groups(self) -> None:
        """Groups divide channels and filters, and a kernel has the channels of its group."""
        channels, groups = self.x.sizes[1], self.groups
        first, second = self.k.sizes[:2]
        if channels % groups:
            raise FieldError(
                ("given", "groups"), f"{groups} groups do not divide the {channels} channels"
            )
        if self.given.transposed:
            if first != channels:
                raise FieldError(
                    ("given", "kernel"),
                    f"kernels for {first} channels; expected {channels}, those of the input",
                )
            return
        if second != channels // groups:
            each = " of a group" if groups > 1 else ", those of the input"
            raise FieldError(
                ("given", "kernel"),
                f"kernels for {second} channels; expected {channels // groups}{each}",
            )
        if first % groups:
            raise FieldError(
                ("given", "groups"), f"{groups} groups do not divide the {first} filters"
            )

    def _slide(self) -> tuple[Slide, list[Formula]]:
        given = self.given
        space, kernel = self.x.space, self.k.space
        stride = self._sized("stride", given.stride)
        dilation = self._sized("dilation", given.dilation)
        extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        edges = self._edges(extents, stride)
        if given.transposed:
            output, formulas, edges = self._spread(extents, stride, dilation, edges)
        else:
            if any(flat(given.output_padding)):
                raise FieldError(("given", "output_padding"), "this is for 'transposed: true'")
            output, formulas = self._narrowed(extents, edges, stride)
        made = Slide(space, kernel, stride, dilation, edges, tuple(output), given.transposed)
        return made, formulas

    def _sized(self, field: str, values: tuple[int, ...]) -> Place:
        check_axes(field, values, self.axes)
        try:
            return for_axes(values, self.axes, field)
        except LayerError as error:
            raise FieldError(("given", field), str(error)) from None

    def _edges(self, extents: Place, stride: Place) -> tuple[Edge, ...]:
        given = self.given
        if given.full:
            if given.transposed:
                raise FieldError(("given", "full"), "a transposed convolution is full by itself")
            if given.padding not in ((0, 0), "valid"):
                raise FieldError(("given", "full"), "'padding' is given, too; one of the two")
            return tuple((e - 1, e - 1) for e in extents)
        if given.transposed and given.padding == "same":
            needed = [max(e - s, 0) for e, s in zip(extents, stride, strict=True)]
            return tuple((pixels // 2, pixels - pixels // 2) for pixels in needed)
        check_axes("padding", given.padding, self.axes)
        try:
            return edges_of(given.padding, self.x.space, extents, stride)
        except LayerError as error:
            raise FieldError(("given", "padding"), str(error)) from None

    def _narrowed(
        self, extents: Place, edges: tuple[Edge, ...], stride: Place
    ) -> tuple[list[int], list[Formula]]:
        for axis, word in enumerate(self.words):
            try:
                slide((self.x.space[axis],), (extents[axis],), (edges[axis],), (stride[axis],))
            except LayerError as error:
                raise FieldError(("given", "kernel"), f"{word}: {error}") from None
        output, formulas, _ = slide(self.x.space, extents, edges, stride)
        return output, formulas

    def _spread(
        self, extents: Place, stride: Place, dilation: Place, edges: tuple[Edge, ...]
    ) -> tuple[list[int], list[Formula], tuple[Edge, ...]]:
        given = self.given
        if given.padding == "same" and any(flat(given.output_padding)):
            raise FieldError(("given", "output_padding"), "padding 'same' sets the size by itself")
        fields = Transposed(
            filters=1, kernel=self.k.space, stride=stride, padding=given.padding,
            output_padding=given.output_padding, dilation=dilation,
        )  # fmt: skip
        try:
            return *spread(fields, self.x.space, extents, stride), edges
        except LayerError as error:
            field = "output_padding" if "output padding" in str(error) else "padding"
            raise FieldError(("given", field), str(error)) from None

    @property
    def words(self) -> tuple[str, ...]:
        """What the axes are called."""
        return ("length",) if self.axes == 1 else ("height", "width")

    def _output(self) -> Tensor:
        if self.given.transposed:
            filters = self.k.sizes[1] * self.groups
            kept = self.k.kept[1] or filters > 1
        else:
            filters, kept = self.k.sizes[0], self.k.kept[0]
        return Tensor("Y", (self.x.sizes[0], filters, *self.slide.output), (self.x.kept[0], kept))

    def _bias(self) -> tuple[str, ...]:
        """The numerals of the biases, one for each filter."""
        bias, filters = self.given.bias, self.y.sizes[1]
        if bias is None:
            return ()
        found = (bias,) if isinstance(bias, str) else bias
        if sizes(found) != (filters,):
            raise FieldError(
                ("given", "bias"),
                f"found {' × '.join(map(str, sizes(found)))}, expected {filters} biases, one for each filter",
            )
        return tuple(str(text) for text in found)

    # ------------------------------------------------------------ sums

    def bias(self, f: int) -> Name:
        """``b``, or ``b_2`` of filter 2."""
        return Name(f"b_{f + 1}" if self.y.kept[1] else "b")

    @cached_property
    def padded(self) -> Tensor:
        """The input with zeros around."""
        space = (n + sum(e) for n, e in zip(self.x.space, self.slide.edges, strict=True))
        return Tensor("X_pad", (*self.x.sizes[:2], *space), self.x.kept)

    @property
    def is_padded(self) -> bool:
        return not self.given.transposed and any(map(any, self.slide.edges))

    def channels(self, f: int) -> range:
        """The channels of the input that filter f sees."""
        group = f * self.groups // self.y.sizes[1]
        each = self.x.sizes[1] // self.groups
        return range(group * each, (group + 1) * each)

    def terms(self, at: Place) -> Iterator[tuple[int, list[Tap]]]:
        """The products of an output, channel by channel."""
        n, f, place = at[0], at[1], at[2:]
        for c in self.channels(f):
            lead = (f, c - self.channels(f)[0])
            if self.given.transposed:
                lead = (c, f % self.k.sizes[1])
            found = []
            for u, source in self.slide.reads(place):
                own = self.turned(u) if self.given.mode == "convolution" else u
                where = self._in_padded(place, u)
                found.append(Tap(None if source is None else (n, c, *source), where, (*lead, *own)))
            yield c, found

    def _in_padded(self, place: Place, u: Place) -> Place:
        return tuple(
            o * s + v * d
            for o, s, v, d in zip(place, self.slide.stride, u, self.slide.dilation, strict=True)
        )

    def turned(self, u: Place) -> Place:
        """The place after a turn by 180 degrees."""
        return tuple(k - 1 - i for i, k in zip(u, self.k.space, strict=True))

    def product(self, term: Tap) -> Formula:
        """Input times weight."""
        value = number("0") if term.input is None else self.x.name(term.input)
        return product(value, self.k.name(term.weight))


def check_axes(field: str, values: str | tuple[object, ...], axes: int) -> None:
    """Numbers for three axes are too many, even if all are alike.

    Raises:
        FieldError: so many numbers.
    """
    if not isinstance(values, str) and len(values) > 2:
        raise FieldError(
            ("given", field),
            f"found a list of {len(values)}; the input has {axes} {'axis' if axes == 1 else 'axes'}",
        )


def flat(values: object) -> tuple[int, ...]:
    """All numbers of a padding, flat."""
    if isinstance(values, str):
        return ()
    assert isinstance(values, tuple)
    return tuple(n for v in values for n in (v if isinstance(v, tuple) else (v,)))

"""What a layer makes of its input: the shape, the parameters and the operations, as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from derivations.formula.tree import (
    Apply,
    Formula,
    apply,
    neg,
    number,
    product,
    quotient,
    sum_of,
    times,
)

Shape: TypeAlias = tuple[int, ...]  # (height, width, channels) of a volume, (units,) of a vector


class LayerError(ValueError):
    """A layer that does not fit its input; the message says why."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations of one forward pass: for one output, and how many outputs there are.

    ``additions`` do not count the bias, ``maxima`` are the operands of one maximum.
    """

    outputs: Formula
    multiplications: Formula | None = None
    additions: Formula | None = None
    bias_additions: Formula | None = None
    maxima: Formula | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Along one axis output i sees ``extent`` inputs from ``i step - before`` on.

    ``step`` is below 1 where the layer makes the map larger.
    """

    extent: int
    step: Fraction
    before: int = 0


def reaches(
    extents: Sequence[int], steps: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[Reach, ...]:
    """What a window sees, for every axis."""
    return tuple(
        Reach(extent, Fraction(step), edge[0])
        for extent, step, edge in zip(extents, steps, edges, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Trace:
    """One layer of a stack.

    Attributes:
        output: the shape that comes out.
        shape: the same as a formula of how it comes about, or None where nothing is computed.
        weights, biases: the number of parameters as formulas, or None where there are none.
        note: a remark on the shape, such as that it was rounded down.
        operations: what a forward pass costs, or None where it is not counted.
        keras: the name of the layer's class in Keras.
    """

    output: Shape
    shape: Formula | None = None
    weights: Formula | None = None
    biases: Formula | None = None
    note: str = ""
    operations: Operations | None = None
    keras: str = ""
    frozen: Formula | None = None  # parameters that are kept, but not learned by gradient descent
    parameters: Formula | None = None  # in one formula, where it is not weights plus biases
    macs: Formula | None = None  # of one forward pass, where `operations` does not have them
    biased: int = 0  # outputs to which a bias is added
    reach: tuple[Reach, ...] | None = (
        None  # for each spatial axis; None: every output sees its own place
    )
    sees_all: bool = False  # every output depends on the whole input

    @property
    def learns(self) -> bool:
        """Whether gradient descent has anything to learn here."""
        return self.weights is not None or self.biases is not None


def volume(*sizes: Formula | int) -> Apply:
    """``24 × 24 × 16``."""
    return apply("dims", *(number(s) if isinstance(s, int) else s for s in sizes))


def output_size(n: int, kernel: int, padding: int, stride: int) -> int:
    """floor((n + 2p - f) / s) + 1, the size of a feature map along one axis.

    Args:
        n: size of the input along this axis, in pixels.
        kernel, padding, stride: f, p and s, in pixels.

    Raises:
        LayerError: the kernel does not fit into the padded input.

    Source: Dumoulin and Visin 2016, relationship 6.
    """
    if kernel > n + 2 * padding:
        raise LayerError(
            f"a window of {kernel} does not fit into an input of {n}"
            + (f" with padding {padding}" if padding else "")
        )
    return (n + 2 * padding - kernel) // stride + 1


def window_size(n: int, extent: int, edges: tuple[int, int], stride: int, up: bool = False) -> int:
    """floor((n + before + after - e) / s) + 1; with ``up`` the ceiling, if the window still begins inside.

    Raises:
        LayerError: the window does not fit into the padded input.

    Source: PyTorch, torch.nn.MaxPool2d, for the ceiling.
    """
    room = n + sum(edges) - extent
    if room < 0:
        padding = f" with padding {edges[0]} and {edges[1]}" if edges[0] != edges[1] else ""
        padding = padding or (f" with padding {edges[0]}" if edges[0] else "")
        raise LayerError(f"a window of {extent} does not fit into an input of {n}{padding}")
    size = (-(-room // stride) if up else room // stride) + 1
    return size - 1 if up and (size - 1) * stride >= n + edges[0] else size


def size_formula(
    n: int, kernel: int, padding: int | tuple[int, int], stride: int, up: bool = False
) -> tuple[Formula, bool]:
    """How the size comes about, as short as a teacher writes it; and whether it was rounded."""
    before, after = (padding, padding) if isinstance(padding, int) else padding
    reached: list[Formula] = [number(n)]
    if before == after and before:
        reached.append(product(number(2), number(before)))
    elif before or after:
        reached += [number(before), number(after)]
    reached.append(neg(number(kernel)))
    if stride == 1:
        return sum_of(*reached, number(1)), False
    fraction = quotient(sum_of(*reached), number(stride))
    rounded = bool((n + before + after - kernel) % stride)
    whole = apply("ceil" if up else "floor", fraction) if rounded else fraction
    return sum_of(whole, number(1)), rounded


def joined(shapes: Sequence[Shape]) -> Shape:
    """The shape of a sum of inputs: the same of all, where 1 stands for any size.

    Raises:
        LayerError: shapes that do not match.
    """
    longest = max(map(len, shapes))
    padded = [(1,) * (longest - len(shape)) + shape for shape in shapes]
    sizes = []
    for along in zip(*padded, strict=True):
        wanted = {size for size in along if size != 1} or {1}
        if len(wanted) > 1:
            listed = " and ".join("×".join(map(str, shape)) for shape in dict.fromkeys(shapes))
            raise LayerError(f"shapes {listed} do not match")
        sizes.append(wanted.pop())
    return tuple(sizes)


def count_of(trace: Trace) -> Formula | None:
    """All parameters that are learned in one formula; None where there are none."""
    if trace.parameters is not None:
        return trace.parameters
    parts = [part for part in (trace.weights, trace.biases) if part is not None]
    return sum_of(*parts) if parts else None


def macs_of(trace: Trace) -> Formula | None:
    """Multiply-accumulates of one forward pass; None where nothing is multiplied by a weight."""
    if trace.macs is not None:
        return trace.macs
    one = trace.operations
    if one is None or one.multiplications is None:
        return None
    return times(one.multiplications, one.outputs)

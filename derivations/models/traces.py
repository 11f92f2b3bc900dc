"""What a layer makes of its input: the shape, the parameters and the operations, as formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from derivations.formula.tree import Apply, Formula, apply, neg, number, product, quotient, sum_of

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


def size_formula(n: int, kernel: int, padding: int, stride: int) -> tuple[Formula, bool]:
    """How the size comes about, as short as a teacher writes it; and whether it was rounded down."""
    reached: list[Formula] = [number(n)]
    if padding:
        reached.append(product(number(2), number(padding)))
    reached.append(neg(number(kernel)))
    if stride == 1:
        return sum_of(*reached, number(1)), False
    fraction = quotient(sum_of(*reached), number(stride))
    rounded = bool((n + 2 * padding - kernel) % stride)
    return sum_of(apply("floor", fraction) if rounded else fraction, number(1)), rounded

"""Where a window stands: which inputs an output of a convolution or a pooling layer reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

Place = tuple[int, ...]  # counted from 0, a number for each axis
Edge = tuple[int, int]  # places of padding before and after


@dataclass(frozen=True, slots=True)
class Slide:
    """A window over a map, along one or more axes.

    Along each axis output o reads o s + u d - before for u = 0, ..., k - 1. Transposed, input i
    writes to i s + u d - before instead.
    """

    input: Place
    kernel: Place
    stride: Place
    dilation: Place
    edges: tuple[Edge, ...]
    output: Place
    transposed: bool = False

    def outputs(self) -> Iterator[Place]:
        """All places of the output, row by row."""
        return product(*map(range, self.output))

    def reads(self, at: Place) -> Iterator[tuple[Place, Place | None]]:
        """Places of the kernel with the inputs that lie under them; None is padding.

        A transposed window has no padding: inputs that do not write to the output are left out.
        """
        for u in product(*map(range, self.kernel)):
            if not self.transposed:
                source = tuple(map(self._read, range(len(at)), at, u))
                yield u, source if self._inside(source) else None
            elif (wrote := self._wrote(at, u)) is not None:
                yield u, wrote

    def _read(self, axis: int, o: int, u: int) -> int:
        return o * self.stride[axis] + u * self.dilation[axis] - self.edges[axis][0]

    def _inside(self, source: Place) -> bool:
        return all(0 <= i < n for i, n in zip(source, self.input, strict=True))

    def _wrote(self, at: Place, u: Place) -> Place | None:
        found = []
        for axis, (o, v) in enumerate(zip(at, u, strict=True)):
            i, rest = divmod(o + self.edges[axis][0] - v * self.dilation[axis], self.stride[axis])
            if rest or not 0 <= i < self.input[axis]:
                return None
            found.append(i)
        return tuple(found)

    def counted(self, at: Place) -> int:
        """How many places of the window lie in the padded input; a last one may reach outside.

        Source: PyTorch, torch.nn.AvgPool2d, ceil_mode and count_include_pad.
        """
        each = []
        for axis, o in enumerate(at):
            last = self.input[axis] + self.edges[axis][1]
            each.append(sum(self._read(axis, o, u) < last for u in range(self.kernel[axis])))
        return prod(each)

"""Cross-correlation and convolution of matrices, and what goes with them: turning, padding, dilating."""

from __future__ import annotations

from flint import fmpq

from derivations.formula.arrays import shape, shape_text
from derivations.formula.scalars import ZERO, EvaluationError, Value, times


def _matrix(value: Value) -> Value:
    if len(shape(value)) != 2:
        raise EvaluationError(f"a matrix is needed here, not a {shape_text(value)}")
    return value


def _size(value: Value) -> int:
    if not isinstance(value, fmpq) or value.q != 1 or value < 0:
        raise EvaluationError("a whole number is needed here")
    return int(value.p)


def correlate(signal: Value, kernel: Value, stride: Value = None) -> Value:
    """Valid cross-correlation: the kernel at every place where it lies inside, ``stride`` apart."""
    (rows, columns), (height, width) = shape(_matrix(signal)), shape(_matrix(kernel))
    step = 1 if stride is None else _size(stride)
    if height > rows or width > columns:
        raise EvaluationError(f"a {height}x{width} kernel does not fit into {rows}x{columns}")
    return tuple(
        tuple(_at(signal, kernel, i, j) for j in range(0, columns - width + 1, step))
        for i in range(0, rows - height + 1, step)
    )


def _at(signal: Value, kernel: Value, i: int, j: int) -> Value:
    total: Value = ZERO
    for u, row in enumerate(kernel):
        for v, weight in enumerate(row):
            total = total + times(signal[i + u][j + v], weight)
    return total


def rot180(value: Value) -> Value:
    """Turned by 180 degrees."""
    return tuple(tuple(reversed(row)) for row in reversed(_matrix(value)))


def pad(value: Value, rows: Value, columns: Value = None) -> Value:
    """Zeros around: ``rows`` above and below, ``columns`` (as many, if left out) at the sides."""
    p = _size(rows)
    q = p if columns is None else _size(columns)
    width = shape(_matrix(value))[1] + 2 * q
    beside = (ZERO,) * q
    inside = tuple((*beside, *row, *beside) for row in value)
    empty = ((ZERO,) * width,) * p
    return (*empty, *inside, *empty)


def dilate(value: Value, stride: Value) -> Value:
    """``stride - 1`` zeros between neighbours, in rows and columns."""
    step = _size(stride)
    rows, columns = shape(_matrix(value))
    return tuple(
        tuple(
            value[i // step][j // step] if i % step == 0 == j % step else ZERO
            for j in range((columns - 1) * step + 1)
        )
        for i in range((rows - 1) * step + 1)
    )


def correlate_full(signal: Value, kernel: Value) -> Value:
    """Full cross-correlation: the kernel at every place where it touches the signal."""
    height, width = shape(_matrix(kernel))
    return correlate(pad(signal, fmpq(height - 1), fmpq(width - 1)), kernel)


def convolve(signal: Value, kernel: Value) -> Value:
    """Valid convolution."""
    return correlate(signal, rot180(kernel))


def convolve_full(signal: Value, kernel: Value) -> Value:
    """Full convolution."""
    return correlate_full(signal, rot180(kernel))

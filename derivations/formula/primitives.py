"""What an operator or function does with values: one row for each, in scalars, arrays or windows."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import prod

from flint import arb, fmpq

from derivations.formula import arrays, scalars, windows
from derivations.formula.scalars import ONE, ZERO, EvaluationError, Value

MOST_ONES, MOST_ROWS = 100_000, 300


def _ones(*sizes: Value, of: int = MOST_ONES) -> Value:
    """An array of ones.

    Raises:
        EvaluationError: a size that is no whole number from 1 on, or more ones than are bearable.
    """
    counts = [int(size) for size in sizes if isinstance(size, fmpq) and size.q == 1 and size > 0]
    if len(counts) < len(sizes) or prod(counts) > of:
        raise EvaluationError("an array of ones has whole numbers for its sizes")
    return arrays.ones(counts)


PRIMITIVES: dict[str, Callable[..., Value]] = {
    "sum": arrays.add,
    "neg": arrays.entrywise(lambda x: -x),
    "product": lambda *factors: reduce(arrays.multiply_two, factors),
    "quotient": arrays.divide,
    "group": lambda x: x,
    "matmul": arrays.matmul,
    "dot": arrays.dot,
    "hadamard": arrays.hadamard,
    "transpose": arrays.transpose,
    "as_column": arrays.as_column,
    "^-1": arrays.inverse,
    "vector": arrays.array,
    "row": arrays.array,
    "matrix": arrays.array,
    "tuple": lambda *parts: parts,
    "dims": lambda *parts: parts,
    "exp": arrays.entrywise(scalars.exp),
    "ln": arrays.entrywise(scalars.ln),
    "log": arrays.log,
    "log2": arrays.entrywise(scalars.log_to(2)),
    "log10": arrays.entrywise(scalars.log_to(10)),
    "sqrt": arrays.entrywise(scalars.sqrt),
    "abs": arrays.entrywise(scalars.absolute),
    "sign": arrays.entrywise(scalars.sign),
    "floor": arrays.entrywise(scalars.whole("floor")),
    "ceil": arrays.entrywise(scalars.whole("ceil")),
    "tanh": arrays.entrywise(scalars.tanh),
    "sinh": arrays.entrywise(scalars.sinh),
    "cosh": arrays.entrywise(scalars.cosh),
    "sin": arrays.entrywise(scalars.by_method("sin", ZERO)),
    "cos": arrays.entrywise(scalars.by_method("cos", ONE)),
    "atan": arrays.entrywise(scalars.by_method("atan", ZERO)),
    "erf": arrays.entrywise(scalars.by_method("erf", ZERO)),
    "max": arrays.extreme(True),
    "min": arrays.extreme(False),
    "norm": arrays.norm,
    "softmax": arrays.softmax,
    "softmax_rows": arrays.softmax_rows,
    "detach": arrays.entrywise(scalars.constant_term),
    "diag": arrays.diagonal,
    "trace": arrays.trace,
    "det": arrays.determinant,
    "identity_like": arrays.identity_like,
    "identity_matrix": lambda size: arrays.diagonal(_ones(size, of=MOST_ROWS)),
    "kronecker": lambda i, j: ONE if i == j else ZERO,
    "star": windows.correlate,
    "star_full": windows.correlate_full,
    "convolve": windows.convolve,
    "convolve_full": windows.convolve_full,
    "rot180": windows.rot180,
    "pad": windows.pad,
    "dilate": windows.dilate,
    "sum_entries": arrays.sum_entries,
    "mean": arrays.mean,
    "argmax": arrays.argmax,
    "iverson": lambda truth: ONE if truth else ZERO,
    "<": scalars.less,
    ">": lambda a, b: scalars.less(b, a),
    "<=": lambda a, b: not scalars.less(b, a),
    ">=": lambda a, b: not scalars.less(a, b),
    "==": scalars.same,
    "!=": lambda a, b: not scalars.same(a, b),
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
    "not": lambda part: not part,
    "otherwise": lambda: True,
    "ones": lambda *sizes: _ones(*sizes),
    "pi": lambda: arb.pi(),
    "euler": lambda: scalars.exp(ONE),
}

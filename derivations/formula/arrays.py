"""What is done with vectors and matrices: a vector is a tuple of scalars (a column), a matrix a tuple of rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import prod

from flint import arb, arb_mat, fmpq, fmpq_mat

from derivations.formula import scalars
from derivations.formula.scalars import ONE, EvaluationError, Misfit, Value, plus
from derivations.formula.work import spend

TWO_ARRAYS = "two arrays are multiplied with @ (matrix product) or .* (entrywise)"
MAX_ENTRIES = 100_000  # of one array


def shape(value: Value) -> tuple[int, ...]:
    """() of a scalar, (n,) of a column of n, (rows, columns) of a matrix."""
    return (len(value), *shape(value[0])) if isinstance(value, tuple) and value else ()


def shape_text(value: Value) -> str:
    """The shape in words of the field: ``scalar``, ``3``, ``2x3``."""
    return "x".join(map(str, shape(value))) or "scalar"


def entries(value: Value) -> list[Value]:
    """All scalars of an array, row by row."""
    if not isinstance(value, tuple):
        return [value]
    return [scalar for part in value for scalar in entries(part)]


def array(*parts: Value) -> Value:
    """The parts one below the other; all have one shape."""
    if not parts:
        raise EvaluationError("an array without entries")
    sizes = {shape(part) for part in parts}
    if len(sizes) > 1:
        raise Misfit("the rows of an array have one length")
    if prod((len(parts), *sizes.pop())) > MAX_ENTRIES:
        raise EvaluationError(f"an array of more than {MAX_ENTRIES} entries")
    return parts


def rows(value: Value) -> tuple[tuple[Value, ...], ...]:
    """A matrix as it is, a column as a matrix of one column."""
    return value if len(shape(value)) == 2 else tuple((entry,) for entry in value)


def transpose(value: Value) -> Value:
    """Rows and columns exchanged; a column becomes a matrix of one row."""
    return tuple(zip(*rows(value), strict=True)) if isinstance(value, tuple) else value


def inverse(value: Value) -> Value:
    """A⁻¹ of a square matrix, 1/a of a number."""
    size = shape(value)
    if not size:
        return scalars.divide(ONE, value)
    if len(size) != 2 or size[0] != size[1]:
        raise Misfit(f"only a square matrix has an inverse, not one of shape {shape_text(value)}")
    flat = entries(value)
    spend(size[0] ** 3)
    rational = all(isinstance(entry, fmpq) for entry in flat)
    if not all(isinstance(entry, (fmpq, arb)) for entry in flat):
        raise EvaluationError("the derivative of an inverse is not known")
    try:
        found = (fmpq_mat(*size, flat) if rational else arb_mat(*size, flat)).inv()
    except ZeroDivisionError:
        raise EvaluationError("the matrix has no inverse") from None
    return tuple(tuple(found[i, j] for j in range(size[1])) for i in range(size[0]))


def as_column(value: Value) -> Value:
    """A matrix of one column as the column that it is; anything else as it is."""
    size = shape(value)
    return tuple(row[0] for row in value) if len(size) == 2 and size[1] == 1 else value


def entrywise(rule: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """The rule for a scalar, for each entry of an array."""

    def lifted(value: Value) -> Value:
        return tuple(map(lifted, value)) if isinstance(value, tuple) else rule(value)

    return lifted


def broadcast(rule: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    """Entry by entry; a scalar goes with every entry, a column with every column of a matrix."""
    a, b = isinstance(left, tuple), isinstance(right, tuple)
    if not a and not b:
        return rule(left, right)
    if a and b:
        if len(left) != len(right):
            raise Misfit(f"shapes {shape_text(left)} and {shape_text(right)} do not fit")
        return tuple(broadcast(rule, x, y) for x, y in zip(left, right, strict=True))
    if a:
        return tuple(broadcast(rule, x, right) for x in left)
    return tuple(broadcast(rule, left, y) for y in right)


def add(*terms: Value) -> Value:
    """The sum; a scalar goes with every entry."""
    return reduce(lambda a, b: broadcast(plus, a, b), terms)


def multiply_two(left: Value, right: Value) -> Value:
    """A scalar times a scalar or an array."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        raise EvaluationError(TWO_ARRAYS)
    return broadcast(scalars.times, left, right)


def divide(above: Value, below: Value) -> Value:
    """Entry by entry, or all entries by a scalar."""
    if isinstance(below, tuple) and isinstance(above, tuple) and shape(above) != shape(below):
        raise Misfit(f"shapes {shape_text(above)} and {shape_text(below)} do not fit")
    return broadcast(scalars.divide, above, below)


def power(base: Value, exponent: Value) -> Value:
    """Each entry to the power of a scalar."""
    exponent = scalars.scalar(exponent)
    if isinstance(base, tuple):
        return tuple(power(entry, exponent) for entry in base)
    return scalars.power(base, exponent)


def log(value: Value, base: Value | None = None) -> Value:
    """The logarithm of each entry, natural or to the base."""
    if isinstance(value, tuple):
        return tuple(log(entry, base) for entry in value)
    return scalars.log(value, base)


def extreme(larger: bool) -> Callable[..., Value]:
    """The largest (or smallest) entry of one array, or of several values entry by entry."""

    def rule(*args: Value) -> Value:
        if len(args) == 1 and isinstance(args[0], tuple):
            return reduce(lambda a, b: scalars.choose(a, b, larger), entries(args[0]))
        return reduce(lambda a, b: broadcast(lambda x, y: scalars.choose(x, y, larger), a, b), args)

    return rule


def matmul(*factors: Value) -> Value:
    """The matrix product from the left to the right."""
    return reduce(_matmul_two, factors)


def _matmul_two(left: Value, right: Value) -> Value:
    if not isinstance(left, tuple) or not isinstance(right, tuple):
        return multiply_two(left, right)
    a, b = rows(left), rows(right)
    if not all(isinstance(row, tuple) and row for row in (*a[:1], *b[:1])) or not a or not b:
        raise Misfit("a matrix product of an array without columns")
    if len(a[0]) != len(b):
        raise Misfit(
            f"shapes {shape_text(left)} and {shape_text(right)} do not fit: "
            f"{len(a[0])} columns against {len(b)} rows"
        )
    spend(len(a) * len(b) * len(b[0]))
    columns = tuple(zip(*b, strict=True))
    result = tuple(tuple(_inner(row, column) for column in columns) for row in a)
    if len(shape(right)) == 1:
        column = tuple(row[0] for row in result)
        return column[0] if len(column) == 1 and len(a) == 1 else column
    return result


def _inner(left: tuple[Value, ...], right: tuple[Value, ...]) -> Value:
    return reduce(plus, map(scalars.times, left, right))


def dot(left: Value, right: Value) -> Value:
    """The inner product of two vectors."""
    if shape(left) != shape(right) or len(shape(left)) != 1:
        raise Misfit(
            f"a dot product needs two vectors of one length, not {shape_text(left)} "
            f"and {shape_text(right)}"
        )
    return _inner(left, right)


def hadamard(*factors: Value) -> Value:
    """The product entry by entry; a matrix of one column goes with a column."""
    if len(set(map(shape, factors))) > 1:
        factors = tuple(map(as_column, factors))
    for factor in factors[1:]:
        if shape(factor) != shape(factors[0]):
            raise Misfit(
                f"shapes {shape_text(factors[0])} and {shape_text(factor)} do not fit entry by entry"
            )
    return reduce(lambda a, b: broadcast(scalars.times, a, b), factors)


def norm(value: Value) -> Value:
    """The Euclidean norm; |x| of a scalar."""
    return (
        scalars.absolute(value)
        if not isinstance(value, tuple)
        else scalars.sqrt(norm_squared(value))
    )


def norm_squared(value: Value) -> Value:
    """The sum of the squares, without the root of it in between."""
    return reduce(plus, (entry * entry for entry in entries(value)))


def softmax(value: Value, seen: Value | None = None) -> Value:
    """e^z / sum e^z of a vector, or of each column of a matrix; entries that are not seen count as 0."""
    if seen is not None:
        return transpose(softmax_rows(transpose(value), transpose(seen)))
    if not isinstance(value, tuple):
        raise EvaluationError("softmax needs a vector")
    if len(shape(value)) > 2:
        raise EvaluationError("softmax of what is neither a vector nor a matrix")
    if len(shape(value)) == 2:  # one sample in each column
        return transpose(tuple(softmax(column) for column in transpose(value)))
    grown = [scalars.exp(entry) for entry in value]
    below = reduce(plus, grown)
    return tuple(entry / below for entry in grown)


def softmax_rows(value: Value, seen: Value | None = None) -> Value:
    """e^z / sum e^z along each row of a matrix; entries that are not seen (0 there) count as 0."""
    if len(shape(value)) == 1 and seen is None:
        return softmax(value)  # of one sample
    if seen is None:
        return transpose(softmax(transpose(value)))
    grown = broadcast(scalars.times, seen, entrywise(scalars.exp)(value))
    return tuple(divide(row, reduce(plus, row)) for row in grown)


def sum_entries(*args: Value) -> Value:
    """The sum of all entries."""
    return reduce(plus, [e for arg in args for e in entries(arg)])


def mean(*args: Value) -> Value:
    """The mean of all entries."""
    flat = [e for arg in args for e in entries(arg)]
    return reduce(plus, flat) / fmpq(len(flat))


def ones(sizes: list[int]) -> Value:
    """An array of ones."""
    if prod(sizes) > MAX_ENTRIES:
        raise EvaluationError(f"an array of more than {MAX_ENTRIES} entries")
    return tuple(ones(sizes[1:]) for _ in range(sizes[0])) if sizes else ONE


def argmax(*args: Value) -> Value:
    """The place of the first largest entry or argument, counted from 1."""
    best = 0
    flat = entries(args[0] if len(args) == 1 else args)
    for place in range(1, len(flat)):
        if scalars.less(flat[best], flat[place]):
            best = place
    return fmpq(best + 1)


def diagonal(value: Value) -> Value:
    """A square matrix with the entries of a vector on its diagonal, and zeros."""
    if len(shape(value)) != 1:
        raise EvaluationError(f"diag needs a vector, not a {shape_text(value)}")
    places = range(len(value))
    return tuple(tuple(value[i] if i == j else fmpq(0) for j in places) for i in places)


def identity_like(value: Value) -> Value:
    """The identity matrix of the size of a square matrix; 1 for a number."""
    size = shape(value)
    if not size:
        return ONE
    if len(size) != 2 or size[0] != size[1]:
        raise EvaluationError(f"beside a {shape_text(value)} there is no identity matrix")
    return diagonal(ones([size[0]]))


def determinant(value: Value) -> Value:
    """The determinant of a square matrix, by its first row."""
    size = shape(value)
    if len(size) != 2 or size[0] != size[1] or size[0] > 5:
        raise EvaluationError(f"the determinant of a {shape_text(value)} is not computed")
    if size[0] == 1:
        return value[0][0]
    terms = []
    for place, entry in enumerate(value[0]):
        minor = tuple(row[:place] + row[place + 1 :] for row in value[1:])
        term = scalars.times(entry, determinant(minor))
        terms.append(term if place % 2 == 0 else -term)
    return reduce(plus, terms)


def trace(value: Value) -> Value:
    """The sum of the diagonal of a square matrix; a number is one of one entry."""
    size = shape(value)
    if not size:
        return value
    if len(size) != 2 or size[0] != size[1]:
        raise EvaluationError(f"a trace needs a square matrix, not a {shape_text(value)}")
    return reduce(plus, (value[i][i] for i in range(size[0])))

"""Names that stand transposed or under a trace and that nobody has declared: they are tried as matrices and columns.

``(AB)^T = A^T B^T`` holds for numbers, and says nothing then. A capital letter that stands transposed
is a square matrix, a small one a column; names beside it may be a matrix, a column or a number, as
the shapes fit. All arithmetic is exact, on whole numbers.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product

from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, names, walk

SIZE = 3
SQUARE, COLUMN, SCALAR = (SIZE, SIZE), (SIZE, 1), (1, 1)
LARGEST = 20  # entries are up to this, of either sign
MOST = 243  # assignments of shapes
TRACES, TRANSPOSES = frozenset({"trace"}), frozenset({"transpose"})
HIGHEST = 6  # power of a matrix
TWO = Number("2")
Table = tuple[tuple[Fraction, ...], ...]
Shape = tuple[int, int]


class NoFit(Exception):
    """Shapes that do not fit, or a formula of another kind."""


def holds_for_arrays(left: Formula, right: Formula) -> bool | None:
    """Whether two sides are equal for some shapes of their names; None where no shapes fit."""
    source = random.Random("turned")
    direct = set(_directly(left, right))
    direct |= {n for node in _under(TRACES, left, right) for n in names(node) if _is_capital(n)}
    used = sorted({*names(left), *names(right)})
    found: bool | None = None
    for shapes in islice(product(*(_shapes(name, name in direct) for name in used)), MOST):
        chosen = dict(zip(used, shapes, strict=True))
        if not _turns(left, right, chosen):
            continue
        world = {name: _drawn(shape, source) for name, shape in chosen.items()}
        try:
            same = _value(left, world) == _value(right, world)
        except (NoFit, ZeroDivisionError):
            continue
        if same:
            return True
        found = False
    return found


def turned_or_traced(*sides: Formula) -> bool:
    """Whether something stands transposed or under a trace."""
    return any(_under(TRACES | TRANSPOSES, *sides))


def _under(heads: frozenset[str], *sides: Formula) -> Iterable[Apply]:
    for side in sides:
        for node in walk(side):
            if isinstance(node, Apply) and node.head in heads:
                yield node


def _is_capital(name: str) -> bool:
    return look(name).base[:1].isupper()


def _directly(*sides: Formula) -> Iterable[str]:
    turned = _under(TRANSPOSES, *sides)
    return (node.args[0].id for node in turned if isinstance(node.args[0], Name))


def _turns(left: Formula, right: Formula, shapes: Mapping[str, Shape]) -> bool:
    """Whether under each transpose something is an array."""
    return all(
        any(shapes[name] != SCALAR for name in names(node))
        for node in _under(TRANSPOSES, left, right)
    )


def _shapes(name: str, direct: bool) -> Sequence[Shape]:
    capital = _is_capital(name)
    if direct:
        return (SQUARE,) if capital else (COLUMN,)
    return (SQUARE, COLUMN, SCALAR) if capital else (COLUMN, SCALAR)


def _drawn(shape: Shape, source: random.Random) -> Table:
    def entry() -> Fraction:
        return Fraction(source.choice((-1, 1)) * source.randint(1, LARGEST))

    return tuple(tuple(entry() for _ in range(shape[1])) for _ in range(shape[0]))


def _value(formula: Formula, world: Mapping[str, Table]) -> Table:
    if isinstance(formula, Name):
        return world[formula.id]
    if isinstance(formula, Number):
        try:
            return ((Fraction(formula.text),),)
        except ValueError:
            raise NoFit from None
    if isinstance(formula, Apply) and formula.head == "power" and formula.args[1] == TWO:
        inner = formula.args[0]
        if isinstance(inner, Apply) and inner.head == "norm":
            return _squared_norm(_value(inner.args[0], world))
    rule = RULES.get(formula.head) if isinstance(formula, Apply) else None
    if rule is None or not isinstance(formula, Apply):
        raise NoFit
    return rule([_value(arg, world) for arg in formula.args])


def _shape(table: Table) -> Shape:
    return len(table), len(table[0])


def _sum(parts: Sequence[Table]) -> Table:
    if len({_shape(part) for part in parts}) != 1:
        raise NoFit
    rows = zip(*parts, strict=True)
    return tuple(tuple(map(sum, zip(*row, strict=True))) for row in rows)  # type: ignore[arg-type]


def _times(a: Table, b: Table) -> Table:
    for number, table in ((a, b), (b, a)):
        if _shape(number) == SCALAR:
            return tuple(tuple(number[0][0] * entry for entry in row) for row in table)
    if len(a[0]) != len(b):
        raise NoFit
    columns = list(zip(*b, strict=True))
    return tuple(
        tuple(sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in columns)
        for row in a
    )  # fmt: skip


def _product(parts: Sequence[Table]) -> Table:
    """From left to right; two columns beside each other are meant as their dot product."""
    first, *rest = parts
    for part in rest:
        columns = _shape(first) == _shape(part) == COLUMN
        first = _times(_transpose([first]) if columns else first, part)
    return first


def _quotient(parts: Sequence[Table]) -> Table:
    above, below = parts
    if _shape(below) != SCALAR:
        raise NoFit
    return _times(((1 / below[0][0],),), above)


def _power(parts: Sequence[Table]) -> Table:
    base, exponent = parts
    if _shape(exponent) != SCALAR or exponent[0][0] not in range(1, HIGHEST + 1):
        raise NoFit
    return _product([base] * int(exponent[0][0]))


def _transpose(parts: Sequence[Table]) -> Table:
    return tuple(zip(*parts[0], strict=True))


def _first(parts: Sequence[Table]) -> Table:
    return parts[0]


def _trace(parts: Sequence[Table]) -> Table:
    (table,) = parts
    if len(table) != len(table[0]):
        raise NoFit
    return ((sum((row[i] for i, row in enumerate(table)), Fraction(0)),),)


def _squared_norm(table: Table) -> Table:
    return ((sum((entry * entry for row in table for entry in row), Fraction(0)),),)


def _neg(parts: Sequence[Table]) -> Table:
    return tuple(tuple(-entry for entry in row) for row in parts[0])


RULES = {
    "sum": _sum, "product": _product, "matmul": _product, "quotient": _quotient,
    "power": _power, "transpose": _transpose, "neg": _neg, "trace": _trace, "group": _first,
}  # fmt: skip

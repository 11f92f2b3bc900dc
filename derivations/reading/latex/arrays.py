"""Products of vectors and matrices: which of their signs multiplies entry by entry, and which not."""

from __future__ import annotations

from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.names import is_array
from derivations.reading.latex.tokens import END, Token

SCALAR, COLUMN, ROW, MATRIX = "scalar", "column", "row", "matrix"
ENTRYWISE = frozenset(
    [
        "sum",
        "neg",
        "quotient",
        "product",
        "hadamard",
        "group",
        "star",
        "star_full",
        "convolve",
        "convolve_full",
    ]
)
FLAT = frozenset(
    ["norm", "abs", "dot", "sum_entries", "mean", "max", "min", "argmax", "det", "trace"]
)


def rank(c: Cursor, formula: Formula) -> str:
    """Whether a formula is a scalar, a column, a row or a matrix, as far as its names tell."""
    if isinstance(formula, Name):
        return _of_name(c, formula.id)
    if not isinstance(formula, Apply):
        return SCALAR
    known = c.ranks.get(id(formula))
    if known is not None and known[0] is formula:
        return known[1]
    found = _of_operation(c, formula)
    c.ranks[id(formula)] = (formula, found)
    return found


def _of_operation(c: Cursor, formula: Apply) -> str:
    head = formula.head
    if head == "transpose":
        return _turned(rank(c, formula.args[0]), formula.args[0])
    if head in ("vector", "matrix", "column_of", "matrix_of"):
        return COLUMN if head in ("vector", "column_of") else MATRIX
    if head in ("partial", "total"):
        return rank(c, formula.args[1])
    if head == "matmul":
        ranks = [rank(c, arg) for arg in formula.args]
        return _product(ranks)
    if head == "ones":
        return COLUMN
    if head == "entry":
        return _of_entry(c, formula)
    if head in FLAT:
        return SCALAR
    if head in ENTRYWISE or formula.args:
        found = [rank(c, arg) for arg in formula.args]
        return next((r for r in found if r != SCALAR), SCALAR)
    return SCALAR


def _of_entry(c: Cursor, entry: Apply) -> str:
    """Of an array with more sizes than indices stand there, an entry is an array."""
    array, *indices = entry.args
    symbol = c.symbols.get(array.id) if isinstance(array, Name) else None
    left = len(symbol.shape) - len(indices) if symbol is not None else 0
    return {1: COLUMN, 2: MATRIX}.get(left, SCALAR)


def _of_name(c: Cursor, name: str) -> str:
    symbol = c.symbols.get(name)
    if symbol is not None:
        return {"vector": COLUMN, "matrix": MATRIX}.get(symbol.kind, SCALAR)
    if not is_array(c, name):
        return SCALAR
    return MATRIX if name[:1].isupper() else COLUMN


def _turned(found: str, inside: Formula) -> str:
    if found == SCALAR:
        large = isinstance(inside, Name) and inside.id[:1].isupper()
        return MATRIX if large else ROW
    return {COLUMN: ROW, ROW: COLUMN}.get(found, MATRIX)


def _product(ranks: list[str]) -> str:
    """Of a chain of matrix products: what its first rows and last columns leave."""
    first, last = ranks[0], ranks[-1]
    rows = first in (COLUMN, MATRIX)
    columns = last in (ROW, MATRIX)
    return {(True, True): MATRIX, (True, False): COLUMN, (False, True): ROW}.get(
        (rows, columns), SCALAR
    )


def joined(c: Cursor, left: Formula, right: Formula, head: str, token: Token) -> Formula:
    """``left`` times ``right``, by a sign or by standing together."""
    a, b = rank(c, left), rank(c, right)
    if not head and b == SCALAR and isinstance(right, Name) and _is_turned(left):
        b = _as_array(c, right)  # w^T x: x is a vector, too
    start = left.span[0] if left.span else token.start
    if head in ("hadamard", "star", "star_full", "convolve", "convolve_full"):
        return _flat(c, head, start, left, right)
    if head == "\\ast" and a == b == SCALAR and not _letters(left, right):
        raise c.error(
            "'\\ast' between numbers is a product, else a convolution; declare the names",
            token.start,
        )
    arrays = SCALAR not in (a, b)
    if head in ("*", "\\ast") and (arrays or (_capitals(left, right) and head == "\\ast")):
        return _flat(c, "convolve", start, left, right)
    if not arrays:
        product = _flat(c, "product", start, left, right)
        c.ranks[id(product)] = (product, a if a != SCALAR else b)
        return product
    if head == "\\times":
        raise c.error("'\\times' between arrays has several meanings", token.start)
    if isinstance(left, Apply) and left.head == "product" and not c.is_closed(left):
        *factors, last = left.args
        if rank(c, last) == SCALAR and any(rank(c, factor) != SCALAR for factor in factors):
            return _flat(c, "matmul", start, left, right)  # A 1/2 x
        return c.node("product", start, *factors, joined(c, last, right, head, token))
    if isinstance(left, Apply) and left.head == "hadamard" and not c.is_closed(left):
        raise c.error("a matrix product after '\\odot'; brackets are missing", token.start)
    if head == "\\cdot" and a == b == COLUMN:
        return c.node("dot", start, left, right)
    return _flat(c, "matmul", start, left, right)


def _is_turned(left: Formula) -> bool:
    """Whether a transpose of something whose shape is not declared stands last."""
    if isinstance(left, Apply) and left.head in ("product", "matmul"):
        left = left.args[-1]
    return isinstance(left, Apply) and left.head == "transpose"


def _as_array(c: Cursor, name: Name) -> str:
    if c.symbols.get(name.id) is None:
        c.habits.arrays.add(name.id)
    return rank(c, name)


def _flat(c: Cursor, head: str, start: int, left: Formula, right: Formula) -> Formula:
    if isinstance(left, Apply) and left.head == head and not c.is_closed(left):
        return c.node(head, start, *left.args, right)
    return c.node(head, start, left, right)


def _letters(left: Formula, right: Formula) -> bool:
    """Whether ``\\ast`` stands between two numbers, or between capital letters."""
    return _capitals(left, right) or not (isinstance(left, Name) or isinstance(right, Name))


def _capitals(left: Formula, right: Formula) -> bool:
    return all(isinstance(side, Name) and side.id[:1].isupper() for side in (left, right))


def transposed(c: Cursor, formula: Formula, token: Token) -> Formula:
    """The transpose of a bracket; a list of numbers with a T is a column, ``(1, 2)^T``."""
    start = formula.span[0] if formula.span else token.start
    listed = isinstance(formula, Apply) and formula.head in ("tuple", "vector")
    if listed and c.tokens[max(c.tokens.index(token) - 1, 0)].kind != END:
        column = c.node("vector", start, *formula.args)  # type: ignore[union-attr]  # as listed
        c.closed[id(column)] = column
        return column
    result = c.node("transpose", start, formula)
    c.closed[id(result)] = result
    return result

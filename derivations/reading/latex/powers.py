"""Powers within bounds: a tower of numbers is refused before anything is computed."""

from __future__ import annotations

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name, Number, walk
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.tokens import Token

ARRAYS = frozenset({"matmul", "transpose", "matrix"})
MAX_EXPONENT = 10_000


def raised(c: Cursor, base: Formula, exponent: list[Token]) -> Formula:
    """``base ^ exponent``, within bounds."""
    start = base.span[0] if base.span else 0
    if not exponent:
        raise ReadError("an empty exponent", start)
    by = c.whole(exponent, "the exponent")
    if is_inverse(c, base, by):
        return c.node("^-1", start, base)
    return bounded(c, c.node("power", start, base, by))


def is_minus_one(exponent: list[Token]) -> bool:
    """Whether an exponent is -1 as it is written."""
    return "".join(token.text for token in exponent) in ("-1", "−1")


def is_inverse(c: Cursor, base: Formula, exponent: Formula) -> bool:
    """``(X^T X)^{-1}``: an exponent -1 on what is made of vectors and matrices."""
    minus_one = exponent in (Number("-1"), Apply("neg", (Number("1"),)))
    return minus_one and any(
        node.head in ARRAYS
        if isinstance(node, Apply)
        else isinstance(node, Name) and c.symbols.is_array(node.id)
        for node in walk(base)
    )


def bounded(c: Cursor, formula: Apply) -> Apply:
    """The power; a tower of numbers, or an exponent that nobody computes with, is refused."""
    exponent = formula.args[-1]
    largest = _size(exponent)
    if largest is not None and largest > MAX_EXPONENT:
        at = exponent.span[0] if exponent.span else 0
        raise c.error(f"an exponent above {MAX_EXPONENT}", at)
    return formula


def _size(formula: Formula) -> float | None:
    """About how large a formula of bare numbers is; None where names stand in it."""
    if isinstance(formula, Number):
        try:
            return float(formula.text)
        except (OverflowError, ValueError):
            return float("inf")
    if isinstance(formula, Name):
        return None
    sizes = [_size(arg) for arg in formula.args]
    known = [size for size in sizes if size is not None]
    if formula.head == "power":
        if sizes[1] is not None and sizes[0] is not None:
            try:
                return float(max(sizes[0], 1.0) ** sizes[1])
            except OverflowError:
                return float("inf")
        return None
    if len(known) < len(sizes):
        return None
    if formula.head in ("sum", "neg"):
        return sum(known)
    if formula.head == "product":
        total = 1.0
        for size in known:
            total *= max(size, 1.0)
        return total
    return max(known, default=None) if formula.head != "quotient" else known[0]

"""``\\mathbf{w}^2``: a number, w^T w, where it stands by itself; entry by entry beside vectors.

``\\frac{\\lambda}{2} \\mathbf{w}^2`` is a penalty, ``\\mathbf{1} - \\mathbf{g}^2`` a vector.
"""

from __future__ import annotations

from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.arrays import SCALAR, rank
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.tokens import Token
from derivations.reading.latex.words import BOLD

BOLD_COMMANDS = frozenset("\\" + name for name in BOLD)
DERIVATIVE = frozenset({"\\partial", "\\nabla"})
TWO = Number("2")


def squared(c: Cursor, formula: Formula, beside_vector: bool) -> Formula:
    """The formula with each square of a vector as what it is where it stands.

    Args:
        c: what it was read with.
        formula: as it was read, with squares entry by entry.
        beside_vector: whether it is a vector as a whole.
    """
    if not isinstance(formula, Apply):
        return formula
    if is_square(c, formula):
        vector = formula.args[0]
        turned = Apply("transpose", (vector,), formula.span)
        return formula if beside_vector else Apply("matmul", (turned, vector), formula.span)
    args = tuple(
        squared(c, arg, beside_vector or _is_beside_vector(c, formula, place))
        for place, arg in enumerate(formula.args)
    )
    if all(a is b for a, b in zip(args, formula.args, strict=True)):
        return formula
    return Apply(formula.head, args, formula.span)


def is_square(c: Cursor, formula: Apply) -> bool:
    """Whether it is the square of a small letter for a vector."""
    if formula.head != "power" or not isinstance(formula.args[0], Name):
        return False
    return formula.args[1] == TWO and rank(c, formula.args[0]) != SCALAR


def _is_beside_vector(c: Cursor, formula: Apply, place: int) -> bool:
    """Whether an argument goes with vectors, entry by entry or as a factor."""
    if formula.head == "hadamard":
        return True
    if formula.head not in ("sum", "matmul"):
        return False
    others = (arg for at, arg in enumerate(formula.args) if at != place)
    return any(rank(c, other) != SCALAR and not _has_square(c, other) for other in others)


def _has_square(c: Cursor, formula: Formula) -> bool:
    """Whether what makes it a vector is a square."""
    if not isinstance(formula, Apply):
        return False
    return is_square(c, formula) or any(_has_square(c, arg) for arg in formula.args)


def is_of_vector(first: list[Token]) -> bool:
    """Whether what a line begins with is a bold name, or a gradient by one."""
    texts = [token.text for token in first]
    slope = not DERIVATIVE.isdisjoint(texts)
    return bool(texts) and (
        texts[0] in BOLD_COMMANDS or (slope and not BOLD_COMMANDS.isdisjoint(texts))
    )

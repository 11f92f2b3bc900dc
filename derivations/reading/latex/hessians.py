"""``\\nabla^2 L``, ``\\nabla_w^2 L``, ``\\nabla\\nabla L``: the second derivatives of a number as a matrix."""

from __future__ import annotations

from derivations.formula.tree import Formula, is_quantity
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.names import begins_name, finished, read_name
from derivations.reading.latex.tokens import Token

NABLA = "\\nabla"


def hessian(c: Cursor, token: Token) -> Formula | None:
    """What stands behind the first ∇; None, and nothing read, where it is no second derivative."""
    at = c.at
    by = _below(c)
    twice = False
    if c.accept("^"):
        order = c.script()
        twice = len(order) == 1 and order[0].text == "2"
        by = by or _below(c)
    elif c.accept(NABLA):
        twice, by = True, _below(c) or by
    if not twice or not begins_name(c.next):
        c.at = at
        return None
    of = finished(c, read_name(c))
    _skip_argument(c)
    args = (of,) if by is None else (of, by)
    if not all(map(is_quantity, args)):
        raise c.error("∇ differentiates a name by a name", token.start)
    return c.node("hessian", token.start, *args)


def _skip_argument(c: Cursor) -> None:
    """``(w)`` behind ∇²L: where it is taken."""
    at = c.at
    if c.accept("(") and begins_name(c.next):
        finished(c, read_name(c))
        if c.accept(")"):
            return
    c.at = at


def _below(c: Cursor) -> Formula | None:
    return c.whole(c.script(), "the index of ∇") if c.accept("_") else None

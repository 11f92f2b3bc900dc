"""Matrices, vectors and definitions by cases."""

from __future__ import annotations

import re

from derivations.formula.tree import Apply, Formula
from derivations.reading.latex.conditions import DOTS
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.dotted import dotted
from derivations.reading.latex.tokens import BEGIN, END, LAST, ROW, RUN, WORD, WORDS, Token
from derivations.reading.latex.words import CONDITIONS, OTHERWISE

MATRICES = frozenset(
    [
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "smallmatrix",
        "array",
        "psmallmatrix",
        "bsmallmatrix",
    ]
)
CASES = frozenset(["cases", "dcases", "rcases"])
MAX_CELLS = 4_000


def environment(c: Cursor, token: Token) -> Formula:
    """What stands between ``\\begin`` and ``\\end``."""
    name = token.text.rstrip("*")
    if name in ("vmatrix", "Vmatrix"):
        raise c.error(f"a determinant, '{name}', is not read", token.start)
    if name in CASES:
        formula = cases(c, token)
    elif name in MATRICES:
        formula = matrix(c, token)
    else:
        raise c.error(f"'{token.text}' cannot stand inside a formula", token.start)
    if name in MATRICES and c.next.text == "_" and c.tokens[c.at + 2].kind in (WORDS, RUN, WORD):
        c.take()  # ``\end{bmatrix}_{\text{input}}``: words say what it is
        c.script()
    c.closed[id(formula)] = formula
    return formula


def _end(c: Cursor, token: Token) -> None:
    if c.next.kind != END:
        raise c.unexpected(f"'&', '\\\\' or \\end{{{token.text}}}")
    closing = c.take()
    if closing.text != token.text:
        raise c.error(
            f"\\begin{{{token.text}}} is closed by \\end{{{closing.text}}}", closing.start
        )


def matrix(c: Cursor, token: Token) -> Formula:
    """Rows of cells; one column is a vector."""
    rows: list[tuple[Formula | None, ...]] = []
    dots = next((t.start for t in c.tokens[c.at :] if t.text in DOTS), token.start)
    listing, c.listing = c.listing, 0
    bars, c.bars = c.bars, 0
    while c.next.kind != END:
        cells = [_cell(c)]
        while c.accept("&"):
            cells.append(_cell(c))
        rows.append(tuple(cells))
        if len(rows) * len(cells) > MAX_CELLS:
            raise c.error(f"a matrix of more than {MAX_CELLS} entries")
        if c.next.kind != ROW:
            break
        c.take()
    c.listing, c.bars = listing, bars
    if not rows:
        raise c.error("a matrix without entries", token.start)
    _end(c, token)
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise c.error("the rows of a matrix have one length", token.start)
    whole = [tuple(cell for cell in row if cell is not None) for row in rows]
    if any(None in row for row in rows):
        return dotted(rows, dots, c.habits.ends)
    if widths == {1} and len(rows) > 1:
        return c.node("vector", token.start, *(row[0] for row in whole))
    return c.node("matrix", token.start, *(Apply("row", row) for row in whole))


def _cell(c: Cursor) -> Formula | None:
    """An entry; None for dots that stand by themselves."""
    if c.next.text in DOTS and (
        c.tokens[c.at + 1].kind in (ROW, END) or c.tokens[c.at + 1].text == "&"
    ):
        c.take()
        return None
    return c.expression()


def cases(c: Cursor, token: Token) -> Formula:
    """``value & condition`` in each row; a row without a condition is the last."""
    parts: list[Formula] = []
    while c.next.kind != END:
        parts += [c.expression(), _when(c)]
        while c.next.text in (",", ";", "."):
            c.take()
        if c.next.kind != ROW:
            break
        c.take()
    if not parts:
        raise c.error("cases without a case", token.start)
    if c.next.kind == END:
        _end(c, token)
    return c.node("cases", token.start, *parts)


def _when(c: Cursor) -> Formula:
    """The condition of a case."""
    start = c.next.start
    while c.next.text in (",", "&", ";", ":"):
        c.take()
    while c.next.kind in (WORDS, RUN):
        words = set(re.findall(r"[A-Za-z]+", c.next.text))
        if words & OTHERWISE:
            c.take()
            return c.node("otherwise", start)
        if not words <= CONDITIONS | {"and"}:
            raise c.unexpected("'if', a condition or 'otherwise'")
        c.take()
    if c.next.kind in (ROW, END, LAST) or c.next.text == "\\right.":
        return c.node("otherwise", start)
    condition = c.condition()
    if not isinstance(condition, Apply) or condition.head not in CONDITION_HEADS:
        raise c.error("found a formula, expected a condition, as in z > 0", start)
    return condition


CONDITION_HEADS = frozenset(["<", "<=", ">", ">=", "==", "!=", "and", "or", "not"])


def array_cases(c: Cursor, token: Token) -> Formula | None:
    """``\\left\\{\\begin{array}{ll} .. \\end{array}\\right.`` means cases."""
    if c.next.kind != BEGIN or c.next.text not in ("array", "matrix", "aligned"):
        return None
    opened = c.take()
    formula = cases(c, opened)
    c.accept("\\right.")
    c.closed[id(formula)] = formula
    return formula

"""Rows of displays, and the equations that stand side by side in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from derivations.errors import ReadError
from derivations.reading.latex.tokens import BEGIN, BREAK, END, LAST, NOTE, ROW, SIGN, WORDS, Token
from derivations.reading.latex.words import RELATIONS

DISPLAYS = frozenset(
    ["align", "aligned", "alignat", "alignedat", "flalign", "gather", "gathered", "split", "multline",
     "eqnarray", "equation", "displaymath", "math", "array", "center", "document", "subequations"]
)  # fmt: skip
OPERATORS = frozenset(["+", "-", "\\cdot", "\\times", "*", "/", "\\odot", "\\ast", "\\div"])
OPENING = frozenset(
    ["(", "[", "\\langle", "\\{", "\\lfloor", "\\lceil", "\\lvert", "\\lVert", "\\left."]
)
CLOSING = frozenset(
    [")", "]", "\\rangle", "\\}", "\\rfloor", "\\rceil", "\\rvert", "\\rVert", "\\right."]
)
GAPS = frozenset(["\\quad", "\\qquad"])
PUNCTUATION = frozenset([",", ".", ";", ":"])
GOES_ON = OPERATORS | frozenset(RELATIONS)


@dataclass(slots=True)
class Row:
    """The cells of one row of a display."""

    cells: list[list[Token]] = field(default_factory=lambda: [[]])
    display: int = 0  # which of the displays of the text it stands in


def rows(tokens: list[Token]) -> Iterator[Row]:
    """Rows of all displays one after the other; a display inside a line is spliced in."""
    row, opened, inside, displays = Row(), [], 0, 0
    for place, token in enumerate(tokens):
        if token.kind == BEGIN and not inside and _is_display(tokens, place, row):
            opened.append(token)
            displays += 1
            row.display = displays
            if len(opened) > 20:
                raise ReadError("nested deeper than 20 displays", token.start)
            continue
        if token.kind == BEGIN:
            inside += 1
        elif token.kind == END:
            if inside:
                inside -= 1
            else:
                _close(opened, token)
                continue
        if inside or token.kind == END:
            row.cells[-1].append(token)
        elif token.kind in (ROW, BREAK, LAST):
            yield row
            row = Row(display=displays if opened else 0)
        elif token.text == "&" and token.kind == SIGN:
            row.cells.append([])
        elif token.kind == NOTE and opened and has_relation(row.cells[-1]):
            yield row  # \\intertext ends a row, also where \\\\ is forgotten
            row = Row([[token]], displays)
        else:
            row.cells[-1].append(token)
    if opened:
        raise ReadError(f"\\begin{{{opened[-1].text}}} is never closed", opened[-1].start)
    yield row


def _is_display(tokens: list[Token], place: int, row: Row) -> bool:
    """Whether an environment lays out rows; an array does so where relations stand in it."""
    name = tokens[place].text.rstrip("*")
    if name not in DISPLAYS:
        return False
    before = row.cells[-1][-1].text if row.cells[-1] else ""
    if name != "array":
        return before not in OPENING
    if before in OPENING:
        return False
    depth = 0
    for token in tokens[place:]:
        depth += {BEGIN: 1, END: -1}.get(token.kind, 0)
        if not depth:
            return False
        if depth == 1 and token.text in RELATIONS:
            return True
    return False


def _close(opened: list[Token], token: Token) -> None:
    if not opened:
        raise ReadError(f"\\end{{{token.text}}} closes nothing", token.start)
    if opened[-1].text != token.text:
        raise ReadError(
            f"\\begin{{{opened[-1].text}}} is closed by \\end{{{token.text}}}", token.start
        )
    opened.pop()


def columns(row: Row, before: list[int]) -> list[tuple[int, list[list[Token]]]]:
    """The cells of each equation of a row, with the place of the first: ``a &= b & c &= d`` has two.

    Where the row before had several, a row without left sides goes on with each of them.
    """
    goes_on = len(before) > 1 and not any(row.cells[at] for at in before if at < len(row.cells))
    groups: list[tuple[int, list[list[Token]]]] = []
    full = False  # whether the last group holds a relation
    for place, cell in enumerate(row.cells):
        starts = bool(cell) and cell[0].text not in GOES_ON and cell[0].kind not in (WORDS, NOTE)
        fresh = place in before if goes_on else starts and full and _ends_complete(groups[-1][1])
        if not groups or fresh:
            groups.append((place, [cell]))
            full = False
        else:
            groups[-1][1].append(cell)
        full = full or has_relation(cell)
    return groups


def _ends_complete(cells: list[list[Token]]) -> bool:
    last = next((cell[-1] for cell in reversed(cells) if cell), None)
    return last is not None and last.text not in RELATIONS and last.text not in OPERATORS


def has_relation(tokens: list[Token]) -> bool:
    return any(depth == 0 and token.text in RELATIONS for token, depth in levels(tokens))


def levels(tokens: list[Token]) -> Iterator[tuple[Token, int]]:
    """Every token with the number of brackets, braces and environments around it."""
    depth = 0
    for token in tokens:
        opens = token.text in OPENING or token.text == "{" or token.kind == BEGIN
        closes = token.text in CLOSING or token.text == "}" or token.kind == END
        if closes and depth:
            depth -= 1
        yield token, depth + closes
        depth += opens

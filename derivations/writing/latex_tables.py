"""Tables in LaTeX: in the largest letters that fit on the page, and over pages where they are long."""

from __future__ import annotations

from dataclasses import replace

from pylatex import NoEscape, Tabular

from derivations.formula.escape import escape_latex
from derivations.steps.solution import Table
from derivations.writing.heights import is_long
from derivations.writing.inline import Inline
from derivations.writing.width import width

PAGE_WIDTH, LETTER = 41.5, 0.52  # em for a table, and what a letter of words takes
MARGIN = 2.4  # em that a long table in the smallest letters may take of either margin
PAGE_ROWS = 22  # of a table that is shrunk to the width of the page
# Letters for wide tables, with their size in the text's and the space between columns in em.
FONTS = (
    ("", 1.0, 1.1),
    (r"\small", 0.92, 1.1),
    (r"\footnotesize\setlength{\tabcolsep}{4pt}", 0.83, 0.74),
    (r"\scriptsize\setlength{\tabcolsep}{4pt}", 0.74, 0.74),
    (r"\fontsize{7.5}{9}\selectfont\setlength{\tabcolsep}{3pt}", 0.71, 0.55),
)
TALL = ("^{(", r"\frac")  # what needs more than a line of a table
STRETCH = r"\renewcommand{\arraystretch}{1.4}"


def table(block: Table, inline: Inline) -> str:
    """A table with rules above, below and under its head, as wide as its cells need."""
    cells = [[inline.line(cell) for cell in row] for row in (block.head, *block.rows, *block.foot)]
    shrink, fits = _font(cells)
    shrink += STRETCH if any(sign in cell for row in cells for cell in row for sign in TALL) else ""
    long = is_long(block) and not block.foot
    if long and fits:
        return _over_pages(block, cells, shrink)
    if long and len(block.rows) > PAGE_ROWS:
        return "\n".join(table(part, inline) for part in _cut(block))
    shown = Tabular("@{}" + block.align + "@{}")
    shown.append(NoEscape(r"\tablerule{0.08em}{0.3ex}"))
    shown.append(NoEscape(_heading(cells[0])))
    shown.append(NoEscape(r"\tablerule{0.05em}{0.4ex}"))
    body = len(cells) - len(block.foot)
    for number, row in enumerate(cells[1:], 1):
        if number == body:
            shown.append(NoEscape(r"\tablerule{0.05em}{0.4ex}"))
        shown.append(NoEscape(" & ".join(row) + r" \\"))
    shown.append(NoEscape(r"\tablerule{0.08em}{0.3ex}"))
    caption = rf"\par{{\small {escape_latex(block.caption)}}}" if block.caption else ""
    return f"\\begin{{shown}}{shrink}\n\\fitted{{{shown.dumps()}}}{caption}\n\\end{{shown}}"


def _cut(block: Table) -> list[Table]:
    """A table that is too wide to go on by itself, in tables of about the same length."""
    pieces = -(-len(block.rows) // PAGE_ROWS)
    length = -(-len(block.rows) // pieces)
    rows = [block.rows[at : at + length] for at in range(0, len(block.rows), length)]
    last = len(rows) - 1
    return [
        replace(block, rows=part, caption=block.caption if at == last else "")
        for at, part in enumerate(rows)
    ]


def _heading(cells: list[str]) -> str:
    return " & ".join(rf"\textbf{{{cell}}}" for cell in cells) + r" \\"


def _over_pages(block: Table, cells: list[list[str]], shrink: str) -> str:
    """A long table: its head stands again on every page, and no row stands alone."""
    rows = [" & ".join(row) for row in cells[1:]]
    lines = "".join(
        f"{row} \\\\{'*' if number in (1, 2, len(rows) - 2, len(rows) - 1) else ''}\n"
        for number, row in enumerate(rows, 1)
    )
    caption = rf"\par{{\small {escape_latex(block.caption)}}}" if block.caption else ""
    return (
        f"\\begin{{longshown}}{shrink}\n\\begin{{longtable}}{{@{{}}{block.align}@{{}}}}\n"
        f"\\longrule{{0.08em}}{{0.3ex}}\n{_heading(cells[0])}\n\\longrule{{0.05em}}{{0.4ex}}\n\\endhead\n"
        f"\\longrule{{0.08em}}{{0.3ex}}\n\\endfoot\n{lines}\\end{{longtable}}{caption}\n\\end{{longshown}}"
    )


def _font(cells: list[list[str]]) -> tuple[str, bool]:
    """The largest letters in which the table fits on the page, or the smallest; whether it fits."""
    columns = max(map(len, cells))
    widest = sum(
        max((_cell_width(row[i]) for row in cells if i < len(row)), default=0)
        for i in range(columns)
    )
    for font, size, between in FONTS:
        if size * widest + between * (columns - 1) <= PAGE_WIDTH:
            return font, True
    return font, size * widest + between * (columns - 1) <= PAGE_WIDTH + 2 * MARGIN


def _cell_width(cell: str) -> float:
    """The width of words and formulas in em."""
    parts = cell.split("$")
    return LETTER * sum(map(len, parts[::2])) + sum(map(width, parts[1::2]))

"""Blocks of a page in LaTeX; tables, matrices and pictures are built from PyLaTeX objects."""

from __future__ import annotations

from collections.abc import Mapping

from pylatex import NoEscape, Tabular

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation
from derivations.steps.figures import Figure
from derivations.steps.relations import Piece
from derivations.steps.solution import (
    Block,
    Display,
    Items,
    Known,
    Line,
    Listing,
    Options,
    Prose,
    Table,
)
from derivations.writing.chains import SIGNS_LATEX, Layout, margin_of, rows
from derivations.writing.inline import Inline
from derivations.writing.tikz import picture
from derivations.writing.width import width

ROOM = 38.6  # em in a line of the page
SIGNS = {**SIGNS_LATEX, "indent": r"\quad"}


class Blocks:
    """Prints blocks with the values of one variant."""

    def __init__(
        self,
        notation: Notation,
        known: Mapping[str, Known],
        lines: Mapping[int, Line] | None = None,
        numbered: bool = False,
    ) -> None:
        self.numbered = numbered
        self.inline = Inline(True, notation, known)
        self.lines = lines or {}

    def all(self, blocks: tuple[Block, ...]) -> list[str]:
        """Each block as LaTeX."""
        return [self.block(block) for block in blocks]

    def line(self, pieces: tuple[Piece, ...]) -> str:
        """Pieces in a line."""
        return self.inline.line(pieces)

    def block(self, block: Block) -> str:
        """One block."""
        if isinstance(block, Prose):
            return self.prose(block)
        if isinstance(block, Display):
            return self.display(block)
        if isinstance(block, Items):
            return self.items(block)
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Listing):
            return listing(block)
        if isinstance(block, Figure):
            return picture(block, self.inline)
        if isinstance(block, Options):
            return self.options(block)
        raise TypeError(f"a choice that was not made: {block}")

    def prose(self, block: Prose) -> str:
        line = self.line(block.pieces)
        if block.style == "equation" and self.numbered:
            return f"\\begin{{equation}}\n{line.strip('$')}\n\\end{{equation}}"
        if block.style in ("display", "equation"):
            return rf"\[{line.strip('$')}\]"
        if block.style == "heading":
            return rf"\parthead{{{line}}}"
        if block.style == "note":
            return rf"\par{{\small\color{{muted}}{line}\par}}"
        return rf"\par {line}"

    def display(self, block: Display) -> str:
        """Chains in one aligned display."""
        printed = []
        lefts = [self.inline.printer.show(c.first.formula, c.first.numbers) for c in block.chains]
        margin = margin_of(lefts, width, ROOM)
        for chain in block.chains:
            line = self.lines.get(id(chain))
            remarks = [text for text in (chain.note, line.remark if line else "") if text]
            room = ROOM - sum(0.45 * len(remark) + 2 for remark in remarks)
            layout = Layout(room, width, SIGNS.__getitem__, margin=margin, squeeze=_squeezed)
            laid = rows(chain, self.inline.printer, self.inline.sign_of, _boxed, layout)
            lines = [f"{row.left} &{row.right}" for row in laid]
            lines[-1] += "".join(rf"\remark{{{escape_latex(remark)}}}" for remark in remarks)
            printed.append(lines)
        tall = any(len(lines) > 1 or "\\frac" in lines[0] for lines in printed)
        between = " \\\\[5pt]\n" if tall and len(printed) > 1 else " \\\\\n"
        body = between.join(" \\\\\n".join(lines) for lines in printed)
        if block.number and self.numbered:
            *before, last = body.split(" \\\\\n")
            body = " \\\\\n".join([*(row + r" \notag" for row in before), last])
            return f"\\begin{{align}}\n{body}\n\\end{{align}}"
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"

    def items(self, block: Items) -> str:
        environment = "enumerate" if block.numbered else "itemize"
        body = "\n".join(
            r"\item " + "\n".join(self.all(item)).removeprefix(r"\par ") for item in block.items
        )
        return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"

    def table(self, block: Table) -> str:
        """A table with rules above, below and under its head, as wide as its cells need."""
        cells = [
            [self.line(cell) for cell in row] for row in (block.head, *block.rows, *block.foot)
        ]
        table = Tabular("@{}" + block.align + "@{}")
        table.append(NoEscape(r"\tablerule{0.08em}{0.3ex}"))
        head = NoEscape(" & ".join(rf"\textbf{{{cell}}}" for cell in cells[0]) + r" \\")
        table.append(head)
        table.append(NoEscape(r"\tablerule{0.05em}{0.4ex}"))
        body = len(cells) - len(block.foot)
        for number, row in enumerate(cells[1:], 1):
            if number == body:
                table.append(NoEscape(r"\tablerule{0.05em}{0.4ex}"))
            table.append(NoEscape(" & ".join(row) + r" \\"))
        table.append(NoEscape(r"\tablerule{0.08em}{0.3ex}"))
        size = _table_width(cells)
        shrink = r"\small" if size > ROOM else ""
        caption = rf"\par{{\small {escape_latex(block.caption)}}}" if block.caption else ""
        return f"\\begin{{center}}{shrink}\n\\fitted{{{table.dumps()}}}{caption}\n\\end{{center}}"

    def options(self, block: Options) -> str:
        lines = []
        for number, option in enumerate(block.options, 1):
            right = bool(block.right) and bool(self.inline.known[block.right[number - 1]].true)
            mark = r"\correct\ " if right else ""
            text = self.line(option)
            lines.append(rf"\item[{mark}{number}.] " + (rf"\textbf{{{text}}}" if right else text))
        body = "\n".join(lines)
        return f"\\begin{{itemize}}[leftmargin=3em,labelwidth=2.4em]\n{body}\n\\end{{itemize}}"


def _table_width(cells: list[list[str]]) -> float:
    columns = max(map(len, cells))
    widest = [
        max((width(row[i].replace("$", "")) for row in cells if i < len(row)), default=0)
        for i in range(columns)
    ]
    return sum(widest) + 1.1 * (columns - 1)


SIZES = ((78, "small"), (88, "footnotesize"), (102, "scriptsize"))


def listing(block: Listing) -> str:
    """A program in typewriter letters, line by line; nothing in it reaches TeX unescaped.

    Longer lines make smaller letters; what is too long for all of them goes on in the next line.
    """
    count = len(str(block.text.count("\n") + 1))
    label = count + 2 if block.numbered else 0
    longest = max(map(len, block.text.split("\n"))) + label
    size = next((name for most, name in SIZES if longest <= most), SIZES[-1][1])
    printed = []
    for number, line in enumerate(block.text.split("\n"), 1):
        for place, piece in enumerate(_pieces(line, SIZES[-1][0] - label)):
            shown = f"{number:>{count}}" if not place else " " * count
            mark = rf"\textcolor{{muted}}{{{_typewriter(shown)}}}\ \ " if block.numbered else ""
            printed.append(rf"\mbox{{{mark}{_typewriter(piece)}\strut}}")
    title = rf"\par{{\small\color{{muted}}{escape_latex(block.title)}}}" if block.title else ""
    body = "\\\\\n".join(printed)
    return (
        f"{title}{{\\ttfamily\\{size}\\setlength{{\\parskip}}{{0pt}}\\begin{{flushleft}}\n"
        f"{body}\n\\end{{flushleft}}}}"
    )


def _pieces(line: str, most: int) -> list[str]:
    """The line, cut where even small letters would run into the margin."""
    return [line[at : at + most] for at in range(0, len(line), most)] or [""]


def _typewriter(text: str) -> str:
    """Every blank keeps its width, and two hyphens stay two."""
    return escape_latex(text).replace("--", "-{}-").replace(" ", r"\ ")


def _squeezed(text: str, room: float) -> str:
    """A formula that is made smaller where it is wider than its room, in em."""
    return rf"\squeezed{{{max(room, 1):.1f}em}}{{{text}}}"


def _boxed(text: str) -> str:
    return rf"\boxed{{{text}}}"

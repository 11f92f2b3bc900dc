"""Blocks of a page in LaTeX; tables, matrices and pictures are built from PyLaTeX objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise, takewhile
from math import ceil

from derivations.formula.escape import escape_latex
from derivations.formula.printing import OPEN, Notation
from derivations.steps.figures import Figure
from derivations.steps.notes import MARK
from derivations.steps.relations import Chain, Piece
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
from derivations.writing.chains import SIGNS_LATEX, Layout, Sides, lay_out, margin_of, sides_of
from derivations.writing.heights import announces, breadth, lead
from derivations.writing.inline import ARROW, Inline
from derivations.writing.latex_tables import table
from derivations.writing.listings import listing
from derivations.writing.tikz import picture
from derivations.writing.width import width

ROOM = 38.6  # em in a line of the page
LEGIBLE = 0.5  # of its size: a formula that would be smaller is not squeezed into a line
GRID = re.compile(r"\\begin\{bmatrix\} ((?:(?!\\begin|\\end).)*) \\end\{bmatrix\}")
START = "\\startdisplay\n"  # no empty line above a display after a list, a table or a picture
MANY, BETWEEN = 8, 2.5  # short chains that stand in columns, and the space between these
LONG = 5  # rows of a chain within which a page may be turned
SHORT_LIST = 6  # items that stay on one page
PAGE = 14.5  # cm for pictures in a row
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
        """Each block as LaTeX; pictures that fit beside each other stand in one row."""
        printed: list[str] = []
        for place, block in enumerate(blocks):
            if isinstance(block, Prose) and block.style == "heading":
                printed.append(rf"\keep{{{1.8 + lead(blocks[place + 1 :]):.1f}}}")
            if isinstance(block, Figure):
                if place and isinstance(blocks[place - 1], Figure):
                    continue  # it stands in the row of the first one
                row = takewhile(lambda b: isinstance(b, Figure), blocks[place:])
                printed += self.pictures(tuple(b for b in row if isinstance(b, Figure)))
                continue
            printed.append(self.block(block))
            after = blocks[place + 1 :]
            if isinstance(block, Prose) and after and isinstance(after[0], (Table, Figure)):
                printed[-1] += r"\par\nobreak" if announces(block, after) else ""
            if _stands_alone(block) and after and _stands_alone(after[0]):
                printed[-1] = f"\\together\n{printed[-1]}\n\\apart"
        return printed

    def pictures(self, figures: tuple[Figure, ...]) -> list[str]:
        """Pictures in rows, as many in one as there is room for."""
        rows_of: list[list[Figure]] = []
        for figure in figures:
            if rows_of and sum(map(breadth, rows_of[-1])) + breadth(figure) <= PAGE:
                rows_of[-1].append(figure)
            else:
                rows_of.append([figure])
        return [in_row([picture(figure, self.inline) for figure in row]) for row in rows_of]

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
            return table(block, self.inline)
        if isinstance(block, Listing):
            return listing(block)
        if isinstance(block, Figure):
            return in_row([picture(block, self.inline)])
        if isinstance(block, Options):
            return self.options(block)
        raise TypeError(f"a choice that was not made: {block}")

    def prose(self, block: Prose) -> str:
        """A paragraph, a heading or a formula of its own."""
        return self.styled(self.line(block.pieces), block.style)

    def styled(self, line: str, style: str) -> str:
        """A line in a style."""
        if style == "equation" and self.numbered:
            return f"{START}\\begin{{equation}}\n{line.strip('$')}\n\\end{{equation}}"
        if style in ("display", "equation"):
            return rf"{START}\[{line.strip('$')}\]"
        if style == "heading":
            return rf"\parthead{{{line}}}"
        if style == "note":
            return rf"\note{{{line}}}"
        if ARROW in line or style == "given":
            return f"\\begin{{flowing}}{line}\\end{{flowing}}"
        return rf"\para {line}"

    def display(self, block: Display) -> str:
        """Chains in one aligned display."""
        printer, sign_of = self.inline.printer, self.inline.sign_of
        sides = [sides_of(chain, printer, sign_of, width) for chain in block.chains]
        return self.aligned(block, sides, width)

    def aligned(
        self, block: Display, sides: Sequence[Sides], measure: Callable[[str], float]
    ) -> str:
        """The sides of each chain in rows, aligned at their first signs."""
        margin = margin_of([left.size for left, _ in sides], ROOM)
        printed = [
            self.rows(chain, both, margin, measure)
            for chain, both in zip(block.chains, sides, strict=True)
        ]
        if block.abreast:
            flat = [[line.replace(" &", " ", 1) for line in lines] for lines in printed]
            return _abreast(flat, measure)
        above, tag, below = self.frame(block)
        parts: list[str] = []
        if tag == "" and len(printed) >= MANY:
            first, count = _in_columns(printed, measure)
            if count > 1:
                printed, sides, parts = (
                    printed[:first],
                    sides[:first],
                    _columns(printed[first:], count),
                )
                if not printed:
                    return "".join([above, *parts, below])
                parts = [below, "\n", above, *parts]
        turns = page_turns(sides)
        rows = [rows_together(printed[0], tag)]
        for (before, lines), turn in zip(pairwise(printed), turns, strict=True):
            tall = is_tall(before) or is_tall(lines)
            rows += [tag + gap(tall, turn), rows_together(lines, tag)]
        return "".join([above, *rows, *parts, below])

    def rows(
        self, chain: Chain, sides: Sides, margin: float, measure: Callable[[str], float]
    ) -> list[str]:
        """The rows of one chain, with its remarks."""
        left, others = sides
        squeeze = partial(_squeezed, measure=measure)
        layout = Layout(
            ROOM, measure, written_sign, margin=margin, squeeze=squeeze, widest=ROOM / LEGIBLE
        )
        line = self.lines.get(id(chain))
        remarks = [text for text in (chain.note, line.remark if line else "") if text]
        beside = sum(0.42 * len(remark) + 2 for remark in remarks if remark != MARK)
        laid = lay_out(left, others, _boxed, layout)
        lines = [f"{row.left} &{row.right}{_law(row.law)}" for row in laid]
        if beside and max(left.size, margin) + measure(laid[-1].right) + beside > ROOM:
            lines.append(" &")  # the remark stands on a row of its own
        for remark in remarks:
            shown = escape_latex(remark if remark == MARK else f"({remark})")
            lines[-1] += rf"\remark{{{shown}}}"
        return lines

    def frame(self, block: Display) -> tuple[str, str, str]:
        """What stands above the rows of a display, at the end of each but the last, and below."""
        numbered = block.number and self.numbered
        name = "align" if numbered else "align*"
        tag = r" \notag" if numbered else ""
        return f"{START}\\begin{{{name}}}\n", tag, f"\n\\end{{{name}}}"

    def items(self, block: Items) -> str:
        environment = "enumerate" if block.numbered else "itemize"
        body = "\n".join(
            r"\item " + "\n".join(self.all(item)).removeprefix(r"\para ") for item in block.items
        )
        wide = "[itemsep=5pt]" if "\\displaystyle" in body or "^{(" in body else ""
        listed = f"\\begin{{{environment}}}{wide}\n{body}\n\\end{{{environment}}}"
        return f"{{\\unbroken\n{listed}}}" if len(block.items) <= SHORT_LIST else listed

    def options(self, block: Options) -> str:
        lines = []
        for number, option in enumerate(block.options, 1):
            right = bool(block.right) and bool(self.inline.known[block.right[number - 1]].true)
            mark = r"\correct\ " if right else ""
            text = self.line(option)
            text = rf"\textbf{{{text}}}" if right else text
            why = self.line(block.reasons[number - 1]) if block.reasons else ""
            text += rf"\\ {{\small\color{{muted}}{why}}}" if why else ""
            lines.append(rf"\item[{mark}{number}.] {text}")
        body = "\n".join(lines)
        return f"\\begin{{itemize}}[leftmargin=3em,labelwidth=2.4em]\n{body}\n\\end{{itemize}}"


def _stands_alone(block: Block) -> bool:
    """Whether the block is a formula in a line of its own; several of them are not parted."""
    return isinstance(block, Prose) and block.style == "display"


def in_row(drawings: list[str]) -> str:
    """Drawings side by side, in the middle of the page."""
    if len(drawings) == 1:
        return f"\\begin{{shown}}\n{drawings[0]}\n\\end{{shown}}"
    share = f"{0.98 / len(drawings):.2f}\\linewidth"
    parts = [
        f"\\begin{{minipage}}[t]{{{share}}}\\centering\n{drawing}\n\\end{{minipage}}"
        for drawing in drawings
    ]
    return "\\begin{shown}\n" + "\\hfill\n".join(parts) + "\n\\end{shown}"


def _law(name: str) -> str:
    """The name of a law at the right margin."""
    return rf"\tag*{{\law{{{escape_latex(name)}}}}}" if name else ""


def rows_together(lines: list[str], tag: str) -> str:
    """The rows of a chain; ``tag`` ends every row but the last.

    A page is turned only within a long chain, and not after its first row or before its last.
    """
    rows = len(lines)
    turns = [rows >= LONG and 1 <= row < rows - 2 for row in range(rows - 1)]
    ends = [f"{tag} \\\\{'' if turn else '*'}\n" for turn in turns]
    return "".join(map("".join, zip(lines, [*ends, ""], strict=True)))


def gap(tall: bool, turn: bool) -> str:
    """Between two chains of a display; tall ones have air around, and not every page is turned."""
    return f" \\\\{'' if turn else '*'}{'[5pt]' if tall else ''}\n"


def _in_columns(printed: list[list[str]], measure: Callable[[str], float]) -> tuple[int, int]:
    """From which chain on the chains are short enough to stand in columns, and in how many."""
    first = next((at for at in range(len(printed), 0, -1) if len(printed[at - 1]) > 1), 0)
    rows = [lines[0].replace(" &", " ", 1) for lines in printed[first:]]
    if len(rows) < MANY or any(r"\tag*" in row or r"\remark" in row for row in rows):
        return first, 1
    sizes = list(map(measure, rows))
    for count in (4, 3, 2):
        if all(count * size + (count - 1) * BETWEEN <= ROOM for size in sizes):
            return first, count
    return first, 1


def _columns(printed: list[list[str]], count: int) -> list[str]:
    """Short chains in rows of ``count``, each column aligned at its signs."""
    lines = [lines[0] for lines in printed]
    rows = [" & ".join(lines[at : at + count]) for at in range(0, len(lines), count)]
    parts = [rows[0]]
    for place, (before, after) in enumerate(pairwise(rows)):
        turn = 0 < place < len(rows) - 2
        parts += [gap(is_tall([before]) or is_tall([after]), turn), after]
    return parts


def page_turns(chains: Sequence[Sides]) -> list[bool]:
    """Whether a page may be turned after each chain but the last: no single line stands alone.

    A chain of several relations takes more than a line, and so does one with a matrix.
    """
    high = [
        len(others) > 1 or any("\\begin" in side.text for side in (left, *others))
        for left, others in chains
    ]
    last = len(chains) - 2
    return [(bool(at) or high[0]) and (at < last or high[-1]) for at in range(last + 1)]


def is_tall(lines: list[str]) -> bool:
    """Whether a chain needs air around it."""
    return len(lines) > 1 or "\\frac" in lines[0] or "\\begin" in lines[0]


def written_sign(sign: str) -> str:
    """A relation sign in LaTeX; one that is open stays so."""
    return sign if sign.startswith(OPEN) else SIGNS[sign]


def _abreast(chains: list[list[str]], measure: Callable[[str], float]) -> str:
    """Chains side by side, as many in a row as there is room for; one of several rows by itself."""
    rows: list[list[str]] = []
    alone = True
    for lines in chains:
        room = (
            ROOM + 2 - sum(measure(text) + 1.3 for text in (*rows[-1:][0], lines[0]))
            if rows
            else -1
        )
        if room >= 0 and not alone and len(lines) == 1:
            rows[-1].append(lines[0])
        else:
            rows += [[line] for line in lines]
        alone = len(lines) > 1
    body = " \\\\[3pt]\n".join("&" + r",\quad ".join(row) for row in rows)
    return f"{START}\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _squeezed(text: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """A formula that is made smaller where it is wider than its room, in em; a matrix in bands."""
    parts = [text]
    if measure(text) * LEGIBLE > room and (grid := GRID.fullmatch(text)):
        parts = _bands(re.split(r" \\\\ ", grid[1]), measure(text) / room)
    return [rf"\squeezed{{{max(room, 1):.1f}em}}{{{part}}}" for part in parts]


def _bands(rows: list[str], times: float) -> list[str]:
    """The columns of a matrix in groups, each on a row of its own."""
    cells = [row.split(" & ") for row in rows]
    count = ceil(len(cells[0]) / ceil(times))
    bands: list[str] = []
    for start in range(0, len(cells[0]), count):
        body = r" \\ ".join(" & ".join(row[start : start + count]) for row in cells)
        matrix = rf"\begin{{matrix}} {body} \end{{matrix}}"
        opening = r"\left[" if start == 0 else r"\left.\cdots\;"
        closing = r"\right]" if start + count >= len(cells[0]) else r"\;\cdots\right."
        bands.append(opening + matrix + closing)
    return bands


def _boxed(text: str) -> str:
    return rf"\boxed{{{text}}}"

"""Plain text with Unicode mathematics, for the terminal and for comparing solutions."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from derivations.formula.printing import Notation
from derivations.steps.document import Document, Item
from derivations.steps.figures import Figure
from derivations.steps.notes import MARK
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
    Verified,
)
from derivations.writing.chains import Layout, lay_out, margin_of, sides_of
from derivations.writing.headings import step_numbers
from derivations.writing.inline import Inline

SUFFIX = ".txt"
COLUMNS = 88


def columns(text: str) -> int:
    """The number of columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def write(document: Document) -> str:
    """The document as text."""
    parts = [_front(document)]
    for section in document.sections:
        if section.title:
            title = f"{section.number} {section.title}".strip()
            parts.append(f"{title}\n{('=' if section.level == 1 else '-') * columns(title)}")
        parts += _Writer(Notation(), {}).blocks(section.prose)
        parts += [item_text(item) for item in section.items]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front(document: Document) -> str:
    front = document.front
    lines = [
        front.course,
        " ".join(filter(None, [front.number, front.title])),
        front.author,
        front.date,
    ]
    head = "\n".join(line for line in lines if line)
    words = "\n\n".join(_Writer(Notation(), {}).blocks(front.statement))
    return "\n\n".join(part for part in (head, words) if part)


def item_text(item: Item) -> str:
    """One question, with its solution where it has one."""
    question = item.question
    writer = _Writer(question.notation, question.given)
    marks = f" [{question.marks} marks]" if question.marks else ""
    title = f"{item.label} {writer.inline.line(question.heading)}".strip() + marks
    parts = [f"{title}\n{'-' * columns(title)}", *writer.blocks(question.statement)]
    if question.hint:
        parts.append("Hint: " + "\n".join(writer.blocks(question.hint)))
    if item.verified:
        parts.append(solution_text(item.verified))
    return "\n\n".join(part for part in parts if part)


def solution_text(verified: Verified) -> str:
    """The worked solution."""
    solution = verified.solution
    remarks = {id(line.chain): line for line in verified.lines}
    writer = _Writer(solution.derivation.notation, solution.known, remarks)
    if not solution.parts:
        return ""
    parts = [solution.derivation.solution_heading]
    for part, numbers in zip(solution.parts, step_numbers(solution), strict=True):
        if part.title:
            parts.append(writer.inline.line(part.title))
        for step, number in zip(part.steps, numbers, strict=True):
            if step.title:
                lead = f"Step {number}: " if number else ""
                parts.append(lead + writer.inline.line(step.title))
            parts += writer.blocks(step.blocks)
    parts += writer.blocks(verified.notes)
    return "\n\n".join(parts)


class _Writer:
    """Blocks as text, with the values of one variant."""

    def __init__(
        self,
        notation: Notation,
        known: Mapping[str, Known],
        lines: Mapping[int, Line] | None = None,
    ) -> None:
        self.inline = Inline(False, notation, known)
        self.lines = lines or {}
        self.layout = Layout(
            COLUMNS - 4, columns, lambda sign: "    " if sign == "indent" else sign, 2
        )

    def blocks(self, blocks: tuple[Block, ...]) -> list[str]:
        return [text for block in blocks if (text := self.block(block))]

    def block(self, block: Block) -> str:
        if isinstance(block, Prose):
            line = self.inline.line(block.pieces)
            if block.style in ("display", "equation"):
                return textwrap.fill(line, COLUMNS, initial_indent="    ", subsequent_indent="      ",
                                     break_long_words=False, break_on_hyphens=False)  # fmt: skip
            return textwrap.fill(line, COLUMNS, break_long_words=False)
        if isinstance(block, Display):
            return self.display(block)
        if isinstance(block, Items):
            return self.items(block)
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Listing):
            return self.listing(block)
        if isinstance(block, Figure):
            return f"[Figure: {block.words}]"
        if isinstance(block, Options):
            return self.options(block)
        raise TypeError(f"a choice that was not made: {block}")

    def display(self, block: Display) -> str:
        printer, sign_of = self.inline.printer, self.inline.sign_of
        sides = [sides_of(chain, printer, sign_of, columns) for chain in block.chains]
        margin = margin_of([left.size for left, _ in sides], self.layout.room)
        layout = replace(self.layout, margin=margin)
        laid = [
            (lay_out(left, others, _boxed, layout), chain)
            for chain, (left, others) in zip(block.chains, sides, strict=True)
        ]
        margin = max(columns(row.left) for chain_rows, _ in laid for row in chain_rows)
        lines = []
        for chain_rows, chain in laid:
            for row in chain_rows:
                left = " " * (margin - columns(row.left)) + row.left
                law = f"   [{row.law}]" if row.law else ""
                lines.append(f"    {left} {row.right}{law}".rstrip())
            line = self.lines.get(id(chain))
            remark = line.remark if line else ""
            note = "; ".join(text for text in (chain.note, remark) if text and text != MARK)
            lines[-1] += (f"   ({note})" if note else "") + (f"   {MARK}" if remark == MARK else "")
        return "\n".join(lines)

    def items(self, block: Items) -> str:
        lines = []
        for number, item in enumerate(block.items, 1):
            mark = f"{number}. " if block.numbered else "- "
            body = "\n".join(self.blocks(item))
            lines.append(mark + textwrap.indent(body, " " * len(mark)).lstrip())
        return "\n".join(lines)

    def table(self, block: Table) -> str:
        body = [
            [self.inline.line(cell) for cell in row]
            for row in (block.head, *block.rows, *block.foot)
        ]
        widths = [
            max(columns(row[i]) for row in body if i < len(row)) for i in range(len(block.head))
        ]

        def row_text(row: list[str]) -> str:
            cells = []
            for cell, size, align in zip(row, widths, block.align, strict=False):
                space = size - columns(cell)
                before = {"l": 0, "r": space, "c": space // 2}[align]
                cells.append(" " * before + cell + " " * (space - before))
            return "  ".join(cells).rstrip()

        rule = "  ".join("─" * size for size in widths)
        foot = len(block.foot)
        lines = [row_text(body[0]), rule, *map(row_text, body[1 : len(body) - foot])]
        if foot:
            lines += [rule, *map(row_text, body[-foot:])]
        return "\n".join([block.caption, *lines] if block.caption else lines)

    def listing(self, block: Listing) -> str:
        lines = block.text.split("\n")
        if block.numbered:
            lines = [f"{number:>3}: {line}" for number, line in enumerate(lines, 1)]
        body = textwrap.indent("\n".join(lines), "    ", lambda line: bool(line.strip()))
        return f"{block.title}\n{body}" if block.title else body

    def options(self, block: Options) -> str:
        lines = []
        for number, option in enumerate(block.options, 1):
            right = block.right and self.inline.known[block.right[number - 1]].true
            lines.append(f"{'●' if right else '○'} {number}. {self.inline.line(option)}")
            if block.reasons and (why := self.inline.line(block.reasons[number - 1])):
                lines.append(textwrap.fill(why, COLUMNS - 5, initial_indent="     ",
                                           subsequent_indent="     "))  # fmt: skip
        return "\n".join(lines)


def _boxed(text: str) -> str:
    return f"⟦{text}⟧"

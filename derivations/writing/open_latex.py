"""A page of LaTeX with its numbers left open, and filled for thousands of variants.

The page is printed once, by the LaTeX writer itself, with a mark wherever something depends on
the numbers. A mark is replaced by its formulas around the variants' numerals, in rows that are
laid out anew, since wider numbers break lines elsewhere. What is filled is, letter by letter,
what the LaTeX writer would have printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from derivations.formula.printing import CLOSE, OPEN, Notation, Numeral, Printer, Slot
from derivations.formula.tree import Formula, Name, Number
from derivations.steps.batch import Batch
from derivations.steps.document import Item
from derivations.steps.notes import notes_on
from derivations.steps.relations import Chain, Link, Piece, Term, Text, Typeset
from derivations.steps.solution import (
    Block,
    Derivation,
    Display,
    Known,
    Line,
    Options,
    Prose,
    Table,
)
from derivations.writing.chains import Sides, margin_of, sides_with
from derivations.writing.inline import Inline, in_line
from derivations.writing.latex_blocks import (
    MANY,
    ROOM,
    Blocks,
    gap,
    is_tall,
    page_turns,
    rows_together,
    written_sign,
)
from derivations.writing.open_columns import (
    DIGITS,
    SIGN,
    Columns,
    Looks,
    Marks,
    Part,
    Variants,
    joined,
)

HOLE = re.compile(f"{OPEN}([0-9]+){CLOSE}")
NOTE = "note"  # the style of what is said about rounding
NOTES = Prose((), "open notes")

Hole = Callable[[Variants], list[Part]]
Write = Callable[[Item, Callable[..., Blocks]], str]
Rows = Sequence[int]  # variants of a batch


class OpenChain:
    """A chain with its numerals open, and its signs where they depend on values."""

    def __init__(self, chain: Chain, printer: Printer, page: OpenPage) -> None:
        self.chain = chain
        self.texts = [printer.show(term.formula, term.numbers) for term in chain.terms()]
        self.signs = [page.sign(link) for link in chain.links]
        self.open = any(OPEN in text for text in (*self.texts, *self.signs))

    def sides(self, variants: Variants) -> Sides:
        """The left side and the sides after it."""
        return sides_with(
            self.chain, list(map(variants.text, self.texts)), self.signs, variants.measure
        )

    def in_line(self, variants: Variants) -> str:
        """The chain in a line of text; a side that looks like the one before it stands once."""
        shown, before = self.texts[0], variants.text(self.texts[0])
        for sign, text in zip(self.signs, map(variants.text, self.texts[1:]), strict=True):
            if before != text:
                shown += f" {written_sign(sign)} {text}"
                before = text
        return in_line(shown, variants.measure)


class _OpenInline(Inline):
    """Pieces of a line, those with numbers left open."""

    def __init__(self, notation: Notation, known: Mapping[str, Known], page: OpenPage) -> None:
        super().__init__(True, notation, known)
        self.page = page
        self.open_printer = Printer(True, notation, self._slot)
        self.open_line_printer = Printer(True, notation, self._slot, inline=True)

    def _slot(self, name: str) -> Numeral | None:
        return self.page.slot(name) if name in self.known else None

    def piece(self, piece: Piece) -> str:
        """One piece; a mark where numbers stand in it."""
        if isinstance(piece, (Text, Typeset)):
            return super().piece(piece)
        chain = OpenChain(
            Chain(piece) if isinstance(piece, Term) else piece, self.open_line_printer, self.page
        )
        if not chain.open:
            return super().piece(piece)
        return self.page.hole(lambda variants: variants.printed(chain.in_line))


class _OpenBlocks(Blocks):
    """Blocks with their numbers left open."""

    def __init__(
        self,
        page: OpenPage,
        notation: Notation,
        known: Mapping[str, Known],
        lines: Mapping[int, Line] | None = None,
        numbered: bool = False,
    ) -> None:
        super().__init__(notation, known, lines, numbered)
        self.page, self.notation = page, notation
        self.inline: _OpenInline = _OpenInline(notation, known, page)

    def block(self, block: Block) -> str:
        """One block; a mark for one that is printed as a whole for each variant."""
        if block is NOTES:
            return self.page.notes_mark
        if isinstance(block, (Table, Options)):
            return self.page.hole(lambda variants: [self._plainly(block, variants)])
        return super().block(block)

    def _plainly(self, block: Block, variants: Variants) -> list[str]:
        page = self.page
        return [
            Blocks(self.notation, page.batch.known(row), self.lines, self.numbered).block(block)
            for row in page.rows
        ]

    def prose(self, block: Prose) -> str:
        """A paragraph; a formula of its own loses the signs around it when it is filled."""
        line = self.line(block.pieces)
        if OPEN not in line or block.style not in ("display", "equation"):
            return self.styled(line, block.style)
        return self.page.hole(
            lambda variants: [
                [self.styled(text, block.style) for text in self.page.filled(line, variants)]
            ]
        )

    def display(self, block: Display) -> str:
        """A mark for the rows, unless no numbers stand in them."""
        printer = self.inline.open_printer
        chains = [OpenChain(chain, printer, self.page) for chain in block.chains]
        if not any(chain.open for chain in chains):
            return super().display(block)
        whole = block.abreast or len(chains) >= MANY
        if whole or any(OPEN in chain.texts[0] for chain in chains):
            return self.page.hole(
                lambda v: v.printed(lambda part: self._whole(block, chains, part))
            )
        return self.page.hole(lambda variants: self._by_chain(block, chains, variants))

    def _whole(self, block: Display, chains: Sequence[OpenChain], variants: Variants) -> str:
        sides = [chain.sides(variants) for chain in chains]
        return self.aligned(block, sides, variants.measure)

    def _by_chain(
        self, block: Display, chains: Sequence[OpenChain], variants: Variants
    ) -> list[Part]:
        """Chain by chain: where one is broken, the others need not be laid out anew."""
        margin = margin_of([variants.measure(chain.texts[0]) for chain in chains], ROOM)
        above, tag, below = self.frame(block)
        rows: list[list[Part]] = []
        tall: list[Marks] = []

        def lines_of(chain: OpenChain, part: Variants) -> list[str]:
            return self.rows(chain.chain, chain.sides(part), margin, part.measure)

        for chain in chains:
            found = variants.parted(partial(lines_of, chain))
            rows.append(variants.merged([(part, rows_together(r, tag)) for part, r in found]))
            tall.append(variants.marked([(part, is_tall(lines)) for part, lines in found]))
        parts: list[Part] = [above, *rows[0]]
        turns = page_turns([chain.sides(variants) for chain in chains])
        for (before, after), turn, more in zip(pairwise(tall), turns, rows[1:], strict=True):
            gaps = tag + gap(True, turn), tag + gap(False, turn)
            parts += [variants.either(before | after, *gaps), *more]
        return [*parts, below]


class OpenPage:
    """The LaTeX of one problem, its numbers open.

    Args:
        item: a variant that was solved and verified; its words, rows and choices are those of
            every variant that is filled in.
        write: the LaTeX of it, by a printer of blocks.
    """

    def __init__(self, item: Item, write: Write) -> None:
        assert item.verified is not None
        solution = item.verified.solution
        self.derivation = solution.derivation
        self.known = solution.known
        self.looks = Looks(item.question.notation)
        self.notes = OpenNotes(self.derivation, item.question.notation)
        self.names: list[str] = []
        self.new: list[tuple[str, ...]] = []  # what decides each open sign
        self.holes: list[Hole] = []
        self.arrays = {
            quantity.key: quantity.formula
            for quantity in self.derivation.quantities
            if quantity.role == "assembled" and quantity.formula is not None
        }
        self.notes_mark = self.hole(lambda _: [self.notes.column(self.batch, self.rows)])
        item = replace(item, verified=replace(item.verified, notes=(NOTES,)))
        text = write(item, self._blocks)
        self.text = text.replace(f"{self.notes_mark}\n", self.notes_mark)  # they end their lines

    def fill(self, batch: Batch, rows: Rows) -> list[str]:
        """The documents of some variants of a batch."""
        self.batch, self.rows = batch, rows
        every = len(rows) == len(batch.doubt)

        def shown(index: int) -> Sequence[Numeral]:
            column = batch.shown[self.names[index]]
            return column if every else [column[row] for row in rows]

        def equal(index: int) -> Marks:
            marks: Marks = np.ones(len(rows), bool)
            for name in self.new[index]:
                marks &= batch.exact[name][rows]
            return marks

        columns = Columns(len(rows), shown, equal, self.looks)
        return self.filled(self.text, Variants(columns))

    def filled(self, text: str, variants: Variants) -> list[str]:
        """The text with its holes filled, for each variant."""
        parts: list[Part] = []
        for place, part in enumerate(HOLE.split(text)):
            parts += self.holes[int(part)](variants) if place % 2 else [part]
        return joined(parts, variants.count)

    def hole(self, hole: Hole) -> str:
        """The mark of a new hole."""
        self.holes.append(hole)
        return f"{OPEN}{len(self.holes) - 1}{CLOSE}"

    def sign(self, link: Link) -> str:
        """The relation sign of a link, or the mark of one that depends on values."""
        if link.relation != "auto":
            return link.relation
        self.new.append(link.new)
        return f"{OPEN}{len(self.new) - 1}{SIGN}{CLOSE}"

    def slot(self, name: str) -> Numeral:
        """The slot of a quantity's numeral; of a vector or matrix, a slot for each entry."""
        formula = self.arrays.get(name)
        return self._slot(name) if formula is None else self._slots(formula)

    def _slots(self, formula: Formula) -> Numeral:
        if isinstance(formula, Number):
            return formula.text
        if isinstance(formula, Name):
            return self._slot(formula.id)
        return tuple(map(self._slots, formula.args))

    def _slot(self, name: str) -> Slot:
        if isinstance(self.known[name].shown, tuple):
            raise TypeError("an array has no slot")
        if name not in self.names:
            self.names.append(name)
        return Slot(self.names.index(name))

    def _blocks(
        self,
        notation: Notation,
        known: Mapping[str, Known],
        lines: Mapping[int, Line] | None = None,
        numbered: bool = False,
    ) -> Blocks:
        return _OpenBlocks(self, notation, known, lines, numbered)


class OpenNotes:
    """What closes the solution of each variant: how it rounds, and what that has changed."""

    def __init__(self, derivation: Derivation, notation: Notation) -> None:
        self.derivation = derivation
        self.blocks = Blocks(notation, {})
        self.words: dict[str, str] = {}
        self.before: dict[tuple[Formula, str], str | None] = {}

    def column(self, batch: Batch, rows: Rows) -> list[str]:
        """The notes of variants, each with the end of its line."""
        silent = np.logical_and.reduce(list(batch.exact.values()))
        return ["" if silent[row] else self._notes(batch.changed[row]) for row in rows]

    def _notes(self, changed: Sequence[tuple[str, str]]) -> str:
        notes = notes_on(self.derivation, changed)
        lines = ("".join(map(self._piece, note.pieces)) for note in notes)
        return "".join(self.blocks.styled(line, NOTE) + "\n" for line in lines)

    def _piece(self, piece: Piece) -> str:
        """Words and formulas are printed once; the numerals of one pattern look alike."""
        if isinstance(piece, Text):
            if piece.text not in self.words:
                self.words[piece.text] = self.blocks.line((piece,))
            return self.words[piece.text]
        assert isinstance(piece, Chain)
        number = piece.links[-1].term.formula
        assert isinstance(number, Number)
        alike = piece.first.formula, number.text.translate(DIGITS)
        if alike not in self.before:
            printed = self.blocks.line((piece,))
            plain = printed.endswith(f" {number.text}$")
            self.before[alike] = printed.removesuffix(f"{number.text}$") if plain else None
        before = self.before[alike]
        return self.blocks.line((piece,)) if before is None else f"{before}{number.text}$"

"""A page of LaTeX with its numbers left open, and filled for one variant after another.

The page is printed once, by the LaTeX writer itself, with a mark wherever something depends on
the numbers. For each variant a mark is replaced by its formulas around that variant's numerals, in
rows that are laid out anew, since wider numbers break lines elsewhere. What is filled is, letter
by letter, what the LaTeX writer would have printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from derivations.formula.escape import escape_latex
from derivations.formula.printing import (
    CLOSE,
    JOINED,
    OPEN,
    Notation,
    Numeral,
    Printer,
    Slot,
    Word,
    numeral,
)
from derivations.formula.tree import Formula, Name, Number
from derivations.steps.document import Document
from derivations.steps.relations import Chain, Link, Piece, Term, Text, Typeset
from derivations.steps.solution import Block, Display, Known, Line, Options, Prose, Table
from derivations.writing import latex
from derivations.writing.chains import Side, Sides, is_short
from derivations.writing.inline import Inline, in_line
from derivations.writing.latex_blocks import Blocks
from derivations.writing.width import width

MARK = re.compile(f"{OPEN}([0-9]+)([a-z]?){CLOSE}")
DIGITS = str.maketrans("123456789", "0" * 9)
MOST_TEXTS = 100_000  # numerals that are kept, some 20 MB
NOTES = Prose((), "open notes")


class Variant(Protocol):
    """What a page asks about the variant that it is filled for."""

    def numeral(self, name: str) -> Numeral:
        """What the sheet shows for a quantity."""

    def equal(self, name: str) -> bool:
        """Whether the sign before the value is =, and not ≈."""

    def known(self) -> Mapping[str, Known]:
        """All values, for a block that is printed as a whole."""

    def notes(self) -> tuple[Prose, ...]:
        """What the sheet says about its rounding."""


Texts = dict[tuple[Numeral, str], tuple[str, float]]


class Filled:
    """The numerals of one variant as they stand in formulas, each with its width.

    ``page_texts`` keeps those of all variants of a page, by numeral and context.
    """

    def __init__(
        self, variant: Variant, names: Sequence[str], notation: Notation, page_texts: Texts
    ) -> None:
        self.variant, self.names, self.notation = variant, names, notation
        self.page_texts = page_texts
        self.texts: dict[tuple[int, str], tuple[str, float]] = {}

    def numeral(self, slot: tuple[int, str]) -> tuple[str, float]:
        """The numeral of a slot and its width in em."""
        value, context = self.variant.numeral(self.names[slot[0]]), slot[1]
        known = self.page_texts.get((value, context))
        if known is None:
            known = self.page_texts[value, context] = self._numeral(value, context)
        self.texts[slot] = known
        return known

    def _numeral(self, value: Numeral, context: str) -> tuple[str, float]:
        if isinstance(value, Word):
            text = rf"\text{{{escape_latex(value.text)}}}"
        elif isinstance(value, str):
            text = numeral(value, context, True, self.notation)
        else:
            raise TypeError("an array has no slot")
        pattern = text.translate(DIGITS)  # all digits are of one width
        return text, width_after_number(pattern) if context == JOINED else width(pattern)


@lru_cache(maxsize=4096)
def width_after_number(latex: str) -> float:
    """The width where a number stands before it: a minus sign is an operation there."""
    return width("0" + latex) - width("0")


class OpenText:
    """LaTeX with slots for numerals, and how wide it is with them filled.

    The widths of what stands between slots add up, unless a slot stands inside a fraction or an
    exponent: such a text is measured as a whole, once for each combination of widths.
    """

    def __init__(self, marked: str) -> None:
        parts = MARK.split(marked)
        self.between = parts[::3]
        self.slots = [
            (int(index), context) for index, context in zip(parts[1::3], parts[2::3], strict=True)
        ]
        self.nested = bool(self.slots) and (
            "\\begin" in marked or any(text.count("{") != text.count("}") for text in self.between)
        )
        first, *others = self.between
        self.pairs = list(zip(self.slots, others, strict=True))
        self.fixed = 0.0
        if not self.nested:
            self.fixed = width(first) + sum(map(width_after_number, others))
        self.sizes: dict[tuple[float, ...], float] = {}

    def fill(self, filled: Filled | None) -> tuple[str, float]:
        """The text and its width; without slots it is the same for every variant."""
        if filled is None or not self.slots:
            return self.between[0], self.fixed
        text = self.between[0]
        sizes = []
        texts = filled.texts
        for slot, after in self.pairs:
            shown, size = texts.get(slot) or filled.numeral(slot)
            text += shown + after
            sizes.append(size)
        if not self.nested:
            return text, self.fixed + sum(sizes)
        combination = tuple(sizes)
        if combination not in self.sizes:
            self.sizes[combination] = width(text)
        return text, self.sizes[combination]


class OpenChain:
    """A chain with its numerals open."""

    def __init__(self, chain: Chain, printer: Printer) -> None:
        def text(term: Term) -> OpenText:
            return OpenText(printer.show(term.formula, term.numbers))

        self.first, self.left = chain.first, text(chain.first)
        self.links = [(link, text(link.term), is_short(link.term)) for link in chain.links]
        self.open = any(text.slots for text in (self.left, *(text for _, text, _ in self.links)))
        self.fixed_left = None if self.left.slots else self._left(None)
        self.fixed = [
            None if text.slots or link.relation == "auto" else self._side(link, text, short, None)
            for link, text, short in self.links
        ]

    def sides(self, filled: Filled) -> Sides:
        """The left side and the sides after it."""
        sides = [
            fixed or self._side(link, text, short, filled)
            for fixed, (link, text, short) in zip(self.fixed, self.links, strict=True)
        ]
        return self.fixed_left or self._left(filled), sides

    def _left(self, filled: Filled | None) -> Side:
        return Side("", *self.left.fill(filled), self.first.boxed, self.first.numbers)

    def _side(self, link: Link, text: OpenText, short: bool, filled: Filled | None) -> Side:
        sign = link.relation
        if sign == "auto" and filled is not None:
            sign = "=" if all(map(filled.variant.equal, link.new)) else "≈"
        shown, size = text.fill(filled)
        return Side(sign, shown, size, link.term.boxed, link.term.numbers, short)


Hole = Callable[[Filled], str]


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
        if isinstance(piece, Term):
            text = OpenText(self.open_line_printer.show(piece.formula, piece.numbers))
            if text.slots:
                return self.page.hole(lambda filled: in_line(*text.fill(filled)))
            return super().piece(piece)
        chain = OpenChain(piece, self.open_line_printer)
        if chain.open:
            return self.page.hole(lambda filled: self._chain(chain, filled))
        return super().piece(piece)

    def _chain(self, chain: OpenChain, filled: Filled) -> str:
        left, sides = chain.sides(filled)
        shown, size, before = left.text, left.size, left.text
        for side in sides:
            if side.text != before:
                sign = self.sign(side.sign)
                shown += f" {sign} {side.text}"
                size += width(sign) + side.size
                before = side.text
        return in_line(shown, size)


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
            self.page.notes_mark = self.page.hole(self._notes)
            return self.page.notes_mark
        if isinstance(block, (Table, Options)):
            return self.page.hole(lambda filled: self._plain(filled).block(block))
        return super().block(block)

    def display(self, block: Display) -> str:
        """A mark for the rows, unless no numbers stand in them."""
        chains = [OpenChain(chain, self.inline.open_printer) for chain in block.chains]
        if not any(chain.open for chain in chains):
            return super().display(block)
        return self.page.hole(
            lambda filled: self.aligned(block, [chain.sides(filled) for chain in chains])
        )

    def _plain(self, filled: Filled) -> Blocks:
        return Blocks(self.notation, filled.variant.known(), self.lines, self.numbered)

    def _notes(self, filled: Filled) -> str:
        notes = Blocks(self.notation, {}).all(filled.variant.notes())
        return "".join(f"{note}\n" for note in notes)


class OpenPage:
    """The LaTeX of a document with one problem, its numbers open.

    Args:
        document: of a variant that was solved and verified; its words, rows and choices are
            those of every variant that is filled in.
    """

    def __init__(self, document: Document) -> None:
        (section,) = document.sections
        (item,) = section.items
        assert item.verified is not None
        solution = item.verified.solution
        self.notation = item.question.notation
        self.names: list[str] = []
        self.holes: list[Hole] = []
        self.notes_mark = ""
        self.texts: Texts = {}
        self.known = solution.known
        self.arrays = {
            quantity.key: quantity.formula
            for quantity in solution.derivation.quantities
            if quantity.role == "assembled" and quantity.formula is not None
        }
        item = replace(item, verified=replace(item.verified, notes=(NOTES,)))
        opened = replace(document, sections=(replace(section, items=(item,)),))
        text = latex.write(opened, self._blocks)
        text = text.replace(self.notes_mark + "\n", self.notes_mark)  # notes bring their own lines
        parts = MARK.split(text)
        self.between = parts[::3]
        self.order = [self.holes[int(index)] for index in parts[1::3]]

    def fill(self, variant: Variant) -> str:
        """The document for a variant."""
        if len(self.texts) > MOST_TEXTS:
            self.texts.clear()
        filled = Filled(variant, self.names, self.notation, self.texts)
        text = [self.between[0]]
        for hole, after in zip(self.order, self.between[1:], strict=True):
            text.append(hole(filled))
            text.append(after)
        return "".join(text)

    def hole(self, hole: Hole) -> str:
        """The mark of a new hole."""
        self.holes.append(hole)
        return f"{OPEN}{len(self.holes) - 1}{CLOSE}"

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

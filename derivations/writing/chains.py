"""Chains of relations as rows that fit on the page, aligned at their signs.

What fits goes on one line; else what is in names and what is in numbers stand on rows of their
own, and a side that is wider than the page is broken at its plus signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derivations.formula.printing import Printer
from derivations.formula.tree import Apply, Formula, Name
from derivations.steps.relations import Chain, Link, Term

SIGNS_LATEX = {
    "=": "=", "≈": r"\approx", "<": "<", ">": ">", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "⇒": r"\;\Rightarrow\;", "⇔": r"\iff", "←": r"\leftarrow", "∈": r"\in", "→": r"\to",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what stands left of the sign that is aligned (or nothing), and the rest."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide a row may be, what a row's parts measure, and how signs are written."""

    room: float
    measure: Callable[[str], float]
    sign: Callable[[str], str]
    together: int = 2  # as many relations stand on one line, if they fit
    margin: float = 0.0  # what the left sides of all chains in the display take at least
    squeeze: Callable[[str, float], str] = lambda text, room: text  # what no break makes fit


WIDE = 0.6  # of the room: a wider left side stands on rows of its own


def margin_of(lefts: Iterable[str], measure: Callable[[str], float], room: float) -> float:
    """What the left sides take at the alignment; wide ones stand elsewhere."""
    return max((size for left in lefts if (size := measure(left)) <= WIDE * room), default=0.0)


def rows(
    chain: Chain,
    printer: Printer,
    sign_of: Callable[[Link], str],
    box: Callable[[str], str],
    layout: Layout,
) -> list[Row]:
    """The rows of a chain."""

    left = printer.show(chain.first.formula, chain.first.numbers)
    left = box(left) if chain.first.boxed else left
    signed = _sides(chain, printer, sign_of, box, layout, left)
    above: list[Row] = []
    if layout.measure(left) > WIDE * layout.room:
        above = [Row("", part) for part in _broken("", left, layout.room, layout)]
        left = ""
    if not signed:
        return above or [Row(left, "")]
    return [*above, *_right_sides(signed, left, layout)]


def _right_sides(signed: list[tuple[str, str, Term]], left: str, layout: Layout) -> list[Row]:
    """The rows from the first sign on."""
    whole = " ".join(f"{sign} {right}" for sign, right, _ in signed)
    room = layout.room - max(layout.measure(left), layout.margin)
    if len(signed) <= layout.together and layout.measure(whole) <= room:
        return [Row(left, whole)]
    result: list[Row] = []
    before: Term | None = None
    for sign, right, term in signed:
        piece = f"{sign} {right}"
        follows = before is not None and (before.numbers == term.numbers or _short(term))
        if follows and layout.measure(f"{result[-1].right} {piece}") <= room:
            result[-1] = Row(result[-1].left, f"{result[-1].right} {piece}")
        else:
            for part in _broken(sign, right, room, layout):
                result.append(Row("" if result else left, part))
        before = term
    return result


def _sides(
    chain: Chain,
    printer: Printer,
    sign_of: Callable[[Link], str],
    box: Callable[[str], str],
    layout: Layout,
    left: str,
) -> list[tuple[str, str, Term]]:
    """Sign, side and term of each link; a side that looks like the one before it stands once."""
    sides: list[tuple[str, str, Term]] = []
    before = left
    for link in chain.links:
        bare = printer.show(link.term.formula, link.term.numbers)
        shown = box(bare) if link.term.boxed else bare
        if bare != before:
            sides.append((layout.sign(sign_of(link)), shown, link.term))
        elif sides:
            sides[-1] = (sides[-1][0], shown, link.term)
        before = bare
    return sides


def _short(term: Term) -> bool:
    """A single result: it stays on the row of what it results from."""
    formula: Formula = term.formula
    if isinstance(formula, Apply) and formula.head in ("partial", "total"):
        return term.numbers
    return term.numbers and isinstance(formula, Name)


def _broken(sign: str, text: str, room: float, layout: Layout) -> list[str]:
    """A side; one that is too wide is broken before its outermost plus and minus signs."""
    pieces = _at_signs(text)
    lines: list[tuple[str, str]] = []
    before, current = f"{sign} " if sign else "", pieces[0]
    for piece in pieces[1:]:
        if layout.measure(before + current + piece) > room:
            lines.append((before, current))
            before, current = layout.sign("indent"), piece.lstrip()
        else:
            current += piece
    lines.append((before, current))
    return [
        before
        + (
            part
            if (over := layout.measure(before + part) - room) <= 0
            else layout.squeeze(part, layout.measure(part) - over)
        )
        for before, part in lines
    ]


BRACKETS = re.compile(r"\\begin|\\end|[()\[\]{}]|(?<= )[-+−](?= )")


def _at_signs(text: str) -> list[str]:
    """The text cut before every " + " and " - " that stands in no bracket."""
    pieces: list[str] = []
    depth, start = 0, 0
    for match in BRACKETS.finditer(text):
        token, place = match[0], match.start() - 1
        if token in ("\\begin", "(", "[", "{"):
            depth += 1
        elif token in ("\\end", ")", "]", "}"):
            depth -= 1
        elif depth == 0 and place > start:
            pieces.append(text[start:place])
            start = place
    return [*pieces, text[start:]]

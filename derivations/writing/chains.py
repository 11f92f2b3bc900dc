"""Chains of relations as rows that fit on the page, aligned at their signs.

What fits goes on one line; else what is in names and what is in numbers stand on rows of their
own, and a side that is wider than the page is broken at its plus signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple, TypeAlias

from derivations.formula.operators import ADDED
from derivations.formula.printing import CLOSE, OPEN, Printer
from derivations.formula.tree import Apply, Formula, Name
from derivations.steps.laws import law_names
from derivations.steps.relations import Chain, Link, Term

SIGNS_LATEX = {
    "=": "=", "≈": r"\approx", "<": "<", ">": ">", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "⇒": r"\;\Rightarrow\;", "⇔": r"\iff", "←": r"\leftarrow", "∈": r"\in", "→": r"\to",
}  # fmt: skip


class Row(NamedTuple):
    """One row: what stands left of the sign that is aligned (or nothing), the rest, and its law."""

    left: str
    right: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide a row may be, what a row's parts measure, and how signs are written."""

    room: float
    measure: Callable[[str], float]
    sign: Callable[[str], str]
    together: int = 2  # as many relations stand on one line, if they fit
    margin: float = 0.0  # what the left sides of all chains in the display take at least
    squeeze: Callable[[str, float], list[str]] = lambda text, room: [
        text
    ]  # what no break makes fit
    widest: float = inf  # numbers put in that are wider are left out, and their result is shown


SLACK = 1e-6  # sums of the same widths in another order break the same lines
SHORT = 0.5  # of the room: shorter chains stand on one line, however many relations they have
WIDE = 0.6  # of the room: a wider left side stands on rows of its own


def margin_of(sizes: Iterable[float], room: float) -> float:
    """What the left sides take at the alignment; wide ones stand elsewhere."""
    return max((size for size in sizes if size <= WIDE * room), default=0.0)


class Side(NamedTuple):
    """One side of a chain: the relation before it, its text without a box, and what that measures.

    A side with a ``law`` stands on a row of its own, with the law at its right.
    """

    sign: str
    text: str
    size: float
    boxed: bool = False
    numbers: bool = False
    short: bool = False
    law: str = ""


Sides: TypeAlias = tuple[Side, list[Side]]


def sides_of(
    chain: Chain,
    printer: Printer,
    sign_of: Callable[[Link], str],
    measure: Callable[[str], float],
) -> Sides:
    """The left side of a chain, and the sides after it."""
    texts = [printer.show(term.formula, term.numbers) for term in chain.terms()]
    return sides_with(chain, texts, list(map(sign_of, chain.links)), measure)


def sides_with(
    chain: Chain, texts: Sequence[str], signs: Sequence[str], measure: Callable[[str], float]
) -> Sides:
    """The sides of a chain by their texts and relation signs."""
    laws = ["", *(law_names(link.law) if link.law else "" for link in chain.links)]
    left, *others = (
        Side(sign, text, measure(text), term.boxed, term.numbers, is_short(term), law)
        for sign, text, term, law in zip(("", *signs), texts, chain.terms(), laws, strict=True)
    )
    return left, others


def lay_out(
    left: Side, sides: Iterable[Side], box: Callable[[str], str], layout: Layout
) -> list[Row]:
    """The rows of a chain."""
    sides = list(sides)
    if sides and sides[0].boxed and not sides[0].law and sides[0].text == left.text:
        left = left._replace(boxed=True)  # the result is all that is left to print
    frame = layout.measure(box("")) if left.boxed else 0.0
    shown, size = (box(left.text), left.size + frame) if left.boxed else (left.text, left.size)
    printed = _distinct(left, sides, box, layout)
    above: list[Row] = []
    if size > WIDE * layout.room:
        above = [Row("", part) for part in _broken("", shown, layout.room, layout)]
        shown, size = "", 0.0
    if not printed:
        return above or [Row(shown, "")]
    return [*above, *_right_sides(printed, shown, size, layout)]


def _distinct(
    left: Side, sides: Iterable[Side], box: Callable[[str], str], layout: Layout
) -> list[Side]:
    """The sides with their boxes; one that looks like the one before it stands once."""
    printed: list[Side] = []
    before = left.text
    for side in sides:
        sign = layout.sign(side.sign)
        if side.text == before and not side.law:
            if not printed:
                continue
            sign = printed.pop().sign
        before = side.text
        size = layout.measure(sign) + side.size
        if side.boxed:
            size += layout.measure(box(""))
        text = box(side.text) if side.boxed else side.text
        printed.append(side._replace(sign=sign, text=text, size=size))
    return printed


def _right_sides(sides: list[Side], left: str, size: float, layout: Layout) -> list[Row]:
    """The rows from the first sign on."""
    room, blank = layout.room - max(size, layout.margin) + SLACK, layout.measure(" ")
    whole = sum(side.size for side in sides) + blank * (2 * len(sides) - 1)
    lawful = any(side.law for side in sides)
    fits = whole <= room and (len(sides) <= layout.together or whole <= SHORT * layout.room)
    if fits and not lawful:
        return [Row(left, " ".join(f"{side.sign} {side.text}" for side in sides))]
    result: list[Row] = []
    before: Side | None = None
    width = 0.0
    for side in _readable(sides, room, layout):
        takes = side.size + blank
        follows = before is not None and (before.numbers == side.numbers or side.short)
        if follows and not lawful and width + blank + takes <= room:
            result[-1] = Row(result[-1].left, f"{result[-1].right} {side.sign} {side.text}")
            width += blank + takes
        else:
            parts = [f"{side.sign} {side.text}"]
            width = takes
            if takes > room:
                parts = _broken(side.sign, side.text, room, layout)
                width = layout.measure(parts[-1])
            for part in parts:
                result.append(Row("" if result else left, part))
            result[-1] = result[-1]._replace(law=side.law)
        before = side
    return result


def _readable(sides: list[Side], room: float, layout: Layout) -> list[Side]:
    """The sides without numbers put in that nobody could read, as small as they would have to be."""
    found: list[Side] = []
    about = ""
    for place, side in enumerate(sides):
        plain = side.numbers and not side.boxed and not side.law and place + 1 < len(sides)
        if plain and side.size > room and _widest(side.text, layout) > layout.widest:
            about = side.sign if side.sign == layout.sign("≈") else about
            continue
        found.append(side._replace(sign=about or side.sign))
        about = ""
    return found


def _widest(text: str, layout: Layout) -> float:
    return max(map(layout.measure, _at_signs(text)))


def is_short(term: Term) -> bool:
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
    rows: list[str] = []
    for before, part in lines:
        over = layout.measure(before + part) - room
        fitted = [part] if over <= 0 else layout.squeeze(part, layout.measure(part) - over)
        rows += [before + fitted[0], *(layout.sign("indent") + row for row in fitted[1:])]
    return rows


OPEN_SIGN = rf"{OPEN}[0-9]+{ADDED}{CLOSE}"
BRACKETS = re.compile(rf"\\begin|\\end|[()\[\]{{}}]|(?<= )(?:[-+−]|{OPEN_SIGN})(?= )")


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

"""Displays before formulas: rows, columns, frames and words, and the chains of relations in them.

A row that begins with a relation sign, or with an operator behind ``&``, goes on with the row
before. Equations in one row, apart by commas, spaces or words, are chains of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivations.errors import ReadError
from derivations.formula.tree import Formula, Span
from derivations.reading.latex.remarks import expects, label_end, without_notes
from derivations.reading.latex.rows import (
    CLOSING,
    GAPS,
    GOES_ON,
    OPENING,
    OPERATORS,
    PUNCTUATION,
    columns,
    has_relation,
    levels,
    rows,
)
from derivations.reading.latex.tokens import (
    BEGIN,
    COMMAND,
    END,
    NUMBER,
    SIGN,
    WORDS,
    Token,
)
from derivations.reading.latex.words import RELATIONS, UNITS

WHERE = re.compile(
    r"[\s,;~(]*(?:and\s+)?(?:where|with|wherein|in which|for which|wobei|mit|où|avec)"
    r"(?:\s+(?:now|again|here|as (?:before|above|usual)|we (?:have|use|used|write|set|let|denote|define|defined)))*[\s:,~]*",
    re.IGNORECASE,
)  # before what says what a line means
ARROWS = frozenset(sign for sign, meant in RELATIONS.items() if meant in "⇒⇔")  # at the start: so


@dataclass(frozen=True, slots=True)
class ReadTerm:
    """One side of a relation as it was written; ``unread`` says why there is no formula.

    ``shown``: what a reader is told was understood, where the formula is another form of it.
    """

    formula: Formula | None
    span: Span
    source: str
    boxed: bool = False
    unread: str = ""
    position: int = 0
    shown: Formula | None = None


@dataclass(frozen=True, slots=True)
class ReadLink:
    """A relation sign (``=``, ``≈``, ``←``, ``⇒``, ...) and the term to its right.

    ``written``: the sign that stands there, where another is meant by it.
    """

    sign: str
    span: Span
    term: ReadTerm
    written: str = ""


@dataclass(frozen=True, slots=True)
class ReadChain:
    """``first = ... = last`` as somebody wrote it.

    ``notes`` are the words beside it, ``conditions`` those of them that say where it is claimed;
    ``behind``: it stands behind "where" and says what the line before means.
    """

    first: ReadTerm
    links: tuple[ReadLink, ...] = ()
    notes: tuple[str, ...] = ()
    label: ReadTerm | None = None  # ``z_1 : 0.5 + 0.2 = 0.7`` says what z_1 is
    conditions: tuple[Formula, ...] = ()
    behind: bool = False


@dataclass(slots=True)
class Side:
    """The tokens of a term, with the relation sign before it; none before the first."""

    sign: Token | None
    tokens: list[Token] = field(default_factory=list)


@dataclass(slots=True)
class Statement:
    """Sides in relation, before any of them is read as a formula."""

    sides: list[Side]
    notes: list[str] = field(default_factory=list)
    label: Side | None = None  # the name that stands before a colon
    loose: bool = False  # a piece behind ``&`` that goes on with nothing
    behind: bool = False  # "where"


def statements(tokens: list[Token]) -> list[Statement]:
    """The statements of a text, in reading order.

    Raises:
        ReadError: a row that goes on with nothing, or environments that do not match.
    """
    found: list[Statement] = []
    open_in: dict[int, Statement] = {}  # by the cell in which each equation of the last row began
    display = 0
    for row in rows(tokens):
        now: dict[int, Statement] = {}
        for first, cells in columns(row, sorted(open_in)):
            whole = next((s for s in reversed(found) if not s.loose), None)
            before = open_in.get(first) if len(open_in) > 1 else whole
            last = _take_row(found, cells, before)
            if last is not None:
                now[first] = last
                last.loose = row.display == display > 0 and _is_loose(cells, last, whole)
        open_in = now or open_in
        display = row.display
    return found


def _is_loose(cells: list[list[Token]], last: Statement, before: Statement | None) -> bool:
    """Whether a row behind ``&`` goes on with nothing: a fraction line or a sign was lost."""
    aside = len(cells) > 1 and not cells[0] and len(last.sides) == 1
    return aside and before is not None and before is not last and len(before.sides) > 1


# ---------------------------------------------------------------- statements of a row


def _take_row(
    found: list[Statement], cells: list[list[Token]], before: Statement | None
) -> Statement | None:
    """Append an equation's statements, or go on with the one before; the last of them."""
    empty_first = len(cells) > 1 and not cells[0]
    tokens = [token for cell in cells for token in cell]
    tokens, notes = without_notes(_unframed(tokens))
    while tokens and tokens[0].text in GAPS:
        tokens = tokens[1:]
    if len(tokens) > 1 and tokens[0].text == "{" and tokens[1].text in OPERATORS:
        end = _closing(tokens)  # braces around the first piece of a row that goes on
        if end + 1 == len(tokens) or tokens[end + 1].text not in ("^", "_", "'"):
            tokens = [*tokens[1:end], *tokens[end + 1 :]]
    last: Statement | None = None
    for place, part in enumerate(_parts(tokens)):
        named = label_end(part)
        sides = _sides(part[named + 1 :] if named else part)
        if not sides:
            continue
        if place == 0 and before is not None and _goes_on(sides, empty_first, before):
            _go_on(before, sides)
            last = before
        elif sides[0].sign is not None and sides[0].sign.text not in ARROWS:
            raise ReadError(
                f"a line that begins with '{sides[0].sign.text}', and nothing before it",
                sides[0].sign.start,
            )
        else:
            label = Side(None, part[:named]) if named else None
            sides = [Side(None, sides[0].tokens), *sides[1:]]
            last = Statement(sides, label=label, behind=_stands_behind(tokens, notes, part[0]))
            found.append(last)
    if notes and (statement := last or before):
        statement.notes.extend(notes)
    return last


def _stands_behind(tokens: list[Token], notes: list[str], first: Token) -> bool:
    """Whether a statement of a row stands behind the word "where"."""
    words = [t for t in tokens if t.kind == WORDS and WHERE.fullmatch(t.text)]
    return any(map(WHERE.fullmatch, notes)) or any(t.start < first.start for t in words)


def _goes_on(sides: list[Side], empty_first: bool, before: Statement) -> bool:
    if sides[0].sign is not None:
        return True
    tokens = before.sides[-1].tokens
    if not tokens or tokens[-1].text in OPERATORS:
        return True
    first = sides[0].tokens[0].text if sides[0].tokens else ""
    if first in OPERATORS:
        return first != "-" or empty_first or len(sides) == 1
    return False


def _go_on(before: Statement, sides: list[Side]) -> None:
    if sides[0].sign is None:
        before.sides[-1].tokens += sides[0].tokens
        before.sides += sides[1:]
    elif not before.sides[-1].tokens and before.sides[-1].sign is not None:
        if before.sides[-1].sign.text == sides[0].sign.text:  # the sign is repeated
            before.sides[-1:] = sides
        else:
            raise ReadError("two relation signs, and nothing between them", sides[0].sign.start)
    else:
        before.sides += sides


def _unframed(tokens: list[Token]) -> list[Token]:
    """Frames around whole relations are taken off: ``\\boxed{y = 3}``."""
    partner: dict[int, int] = {}  # of the brace of a group that holds relations
    transparent: list[bool] = []
    opened: list[tuple[int, bool]] = []  # place, and whether it is a brace
    relations: set[int] = set()
    for place, token in enumerate(tokens):
        if token.text in OPENING or token.text == "{" or token.kind == BEGIN:
            opened.append((place, token.text == "{"))
        elif token.text in CLOSING or token.text == "}" or token.kind == END:
            start, brace = opened.pop() if opened else (-1, False)
            if brace and start in relations:
                partner[start] = place
        elif token.text in RELATIONS and opened:
            relations.add(opened[-1][0])
    if not partner:
        return tokens
    gone: set[int] = set()
    for place, token in enumerate(tokens):
        if token.text in OPENING or token.text == "{" or token.kind == BEGIN:
            shown = all(transparent) and place in partner and _is_frame(tokens, place)
            transparent.append(shown)
            if shown:
                gone |= {place, partner[place]}
                if tokens[place - 1].text in FRAMES and place:
                    gone.add(place - 1)
        elif (token.text in CLOSING or token.text == "}" or token.kind == END) and transparent:
            transparent.pop()
    return [token for place, token in enumerate(tokens) if place not in gone]


FRAMES = frozenset(["\\boxed", "\\fbox"])


def _is_frame(tokens: list[Token], place: int) -> bool:
    """Whether braces stand for themselves or are framed; what else they hold is an argument."""
    before = tokens[place - 1] if place else None
    if before is None or before.text in FRAMES:
        return True
    return before.text in RELATIONS or before.text in GAPS or before.text in PUNCTUATION


def _closing(tokens: list[Token]) -> int:
    """The place of the brace that closes the first one."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if not depth:
            return place
    return 0


def _parts(tokens: list[Token]) -> list[list[Token]]:
    """A row cut at words, wide spaces, and commas or colons that stand between relations."""
    parts: list[list[Token]] = [[]]
    commas: list[Token | None] = [None]  # what stands before each part
    for place, (token, depth) in enumerate(levels(tokens)):
        if depth or place == 0:
            parts[-1].append(token)
        elif token.text in GAPS or (token.kind == WORDS and _separates(tokens, place)):
            parts.append([])
            commas.append(None)
        elif token.text in (",", ";") and token.kind == SIGN:
            parts.append([])
            commas.append(token)
        elif _ends_statement(token, parts[-1], tokens[place + 1 :]):
            parts.append([])
            commas.append(None)
        else:
            parts[-1].append(token)
    return _rejoined(parts, commas)


def _ends_statement(token: Token, before: list[Token], after: list[Token]) -> bool:
    """``h = w x: h' = w``: a colon between two relations."""
    return token.text == ":" and token.kind == SIGN and has_relation(before) and has_relation(after)


def _separates(tokens: list[Token], place: int) -> bool:
    """Words between two formulas separate them; a unit, or the name of a quantity, does not."""
    before = tokens[place - 1]
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if expects(before) or after is None:
        return False
    unit = all(word in UNITS for word in re.findall(r"[A-Za-z]+", tokens[place].text))
    if after.text in RELATIONS or after.text in OPERATORS or after.text in ("^", "_", ")"):
        return False
    return not (before.kind == NUMBER and unit and after.text in CLOSING)


def _rejoined(parts: list[list[Token]], commas: list[Token | None]) -> list[list[Token]]:
    """A comma separates only statements: ``x = 1, 2`` stays one, and is not read."""
    joined: list[list[Token]] = []
    related = False  # whether the last part holds a relation
    pending: Token | None = None
    for part, before in zip(parts, commas, strict=True):
        stripped = [token for token in part if token.text not in GAPS]
        comma = before or pending
        pending = None if stripped else comma
        if not stripped:
            continue
        relation = has_relation(stripped)
        if comma and joined and not (relation and related):
            joined[-1] += [comma, *stripped]
        elif joined and (
            (not comma and stripped[0].text in GOES_ON) or joined[-1][-1].text in GOES_ON
        ):
            joined[-1] += stripped
        else:
            joined.append(stripped)
            related = False
        related = related or relation
    return joined


def _sides(tokens: list[Token]) -> list[Side]:
    """The sides of one statement; the first has no sign unless the row begins with one."""
    sides: list[Side] = []
    for token, depth in levels(tokens):
        if depth == 0 and token.text in RELATIONS and token.kind in (SIGN, COMMAND):
            if not sides or sides[-1].tokens:
                sides.append(Side(token))
            else:
                raise ReadError(
                    f"found '{token.text}' after '{sides[-1].sign.text if sides[-1].sign else ''}', "
                    "expected a formula between them",
                    token.start,
                )
        elif not sides:
            sides.append(Side(None, [token]))
        else:
            sides[-1].tokens.append(token)
    for side in sides:
        while side.tokens and side.tokens[-1].text in PUNCTUATION:
            side.tokens.pop()
    return sides

"""Notations with signs of their own: ⟨w, x⟩, 𝟙[z > 0], lim, E[X], P(A | B), values at a place.

``P(A | B)`` and ``D(p \\| q)`` are names of quantities: what stands in their brackets is no formula.
"""

from __future__ import annotations

import re

from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex.arrays import joined
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.names import begins_name, finished, read_name
from derivations.reading.latex.tokens import COMMAND, LAST, LETTER, NUMBER, Token
from derivations.reading.latex.words import BRACKETS, COMPARISONS, RELATIONS

INDICATORS = frozenset(["\\mathbb", "\\mathds", "\\mathbbm", "\\mathbf", "\\boldsymbol", "\\bm"])
BLACKBOARD = frozenset(["\\mathbb", "\\mathds", "\\mathbbm", "\\mathrm"])
BARS = frozenset(["|", "\\mid", "\\|", "\\vert", "\\rvert", "\\Vert", ";", "\\parallel"])
ABSOLUTE = (("\\lvert", "\\rvert"), ("\\lVert", "\\rVert"))
GIVEN = {"\\mid": "given", "|": "given", "\\vert": "given", "\\|": "from", "\\parallel": "from",
         "+": "plus", "-": "minus"}  # fmt: skip
SUMS = frozenset(["\\sum", "\\prod"])
AIM = {"\\to", "\\rightarrow", "\\longrightarrow"}
MOST_INSIDE = 40  # tokens in the brackets of a name
COMPARED = frozenset(sign for sign, meaning in RELATIONS.items() if meaning in COMPARISONS)


def inner_product(c: Cursor, token: Token) -> Formula:
    """``\\langle w, x \\rangle`` is wᵀx."""
    c.listing += 1
    first = c.expression()
    c.expect(",", " in an inner product")
    second = c.expression()
    c.listing -= 1
    c.expect("\\rangle")
    formula = joined(c, c.node("transpose", token.start, first), second, "", token)
    c.closed[id(formula)] = formula
    return formula


def indicator(c: Cursor) -> Formula | None:
    """``\\mathbb{1}[z > 0]``, ``\\mathbf{1}_{z > 0}``: 1 where the condition holds, else 0; ``\\mathbf{1}_n``: n ones."""
    size = _one(c)
    if not size:
        return None
    start, at = c.next.start, c.at
    c.at += size
    if c.accept("_"):
        inner = c.inner(c.script())
        opened = inner.next.text if inner.next.text in BRACKETS else ""
        condition = _within(inner, opened)
        if inner.next.kind != LAST:
            raise inner.unexpected("the end of the condition")
    elif c.next.text in BRACKETS and c.next.kind != LAST and _holds_comparison(c):
        condition = _within(c, c.next.text)
    else:
        c.at = at
        return None
    formula = (
        c.node("ones", start, *sizes)
        if (sizes := _sizes(condition))
        else c.node("iverson", start, condition)
    )
    c.closed[id(formula)] = formula
    return formula


def _sizes(condition: Formula) -> tuple[Formula, ...]:
    """What stands below a 1 where it is no condition, but how many there are: n, m × n."""
    if not isinstance(condition, Apply) or condition.head == "sum":
        return (condition,)
    return condition.args if condition.head == "product" and len(condition.args) == 2 else ()


def _within(c: Cursor, opened: str) -> Formula:
    if not opened:
        return c.condition()
    c.take()
    condition = c.condition()
    c.expect(BRACKETS[opened])
    return condition


def _one(c: Cursor) -> int:
    """How many tokens a 1 (or 𝕀, or I before a condition) takes that can count cases; 0 if none."""
    token = c.next
    texts = [t.text for t in (*c.tokens[c.at + 1 : c.at + 4], *c.tokens[-1:] * 3)[:3]]
    signs = {"1", "I"} if token.text in BLACKBOARD - {"\\mathrm"} else {"1"}
    if token.kind == COMMAND and token.text in INDICATORS:
        if texts[0] in signs:
            return 2
        return 4 if texts[0] == "{" and texts[1] in signs and texts[2] == "}" else 0
    plain = token.kind == NUMBER and token.text == "1" and texts[0] == "_"
    letter = token.kind == LETTER and token.text == "I" and texts[0] in ("[", "(")
    return 1 if plain or (letter and c.symbols.get("I") is None) else 0


def _holds_comparison(c: Cursor) -> bool:
    return any(token.text in COMPARED for token in _inside(c))


def _inside(c: Cursor) -> list[Token]:
    """What stands in the bracket that opens next."""
    depth = 0
    for place in range(c.at, len(c.tokens) - 1):
        text = c.tokens[place].text
        depth += {"(": 1, "[": 1, "\\{": 1, "{": 1, ")": -1, "]": -1, "\\}": -1, "}": -1}.get(text, 0)  # fmt: skip
        if not depth:
            return c.tokens[c.at + 1 : place]
    return []


def limit(c: Cursor, token: Token) -> Formula:
    """``\\lim_{z \\to \\infty} f``; ``0^+`` is come to from above."""
    c.expect("_", " after \\lim")
    inner = c.inner(c.script())
    if not begins_name(inner.next):
        raise inner.unexpected("a name that moves")
    name = finished(inner, read_name(inner))
    if inner.next.text not in AIM or not isinstance(name, Name):
        raise inner.unexpected("a name and \\to")
    inner.take()
    rest = [t.text for t in inner.tokens[inner.at : -1]]
    side = {"+": "from_above", "-": "from_below"}.get(rest[-1]) if "^" in rest else None
    if side is not None:
        tokens = inner.tokens[inner.at : inner.at + rest.index("^")]
        aim: Formula = Apply(side, (c.whole(tokens, "the place"),))
    else:
        aim = c.whole(inner.tokens[inner.at : -1], "the place")
    return c.node("limit", token.start, name, aim, c.expression(10))


def at_place(c: Cursor, formula: Formula) -> Formula | None:
    """``f |_{w = 2}``: the formula where a name has a value; None where no such bar stands next."""
    bar = c.next.text in ("|", "\\rvert", "\\vert") and c.tokens[c.at + 1].text == "_"
    if not bar:
        return None
    at = c.at
    c.at += 2
    inner = c.inner(c.script())
    if not begins_name(inner.next):
        c.at = at
        return None
    name = finished(inner, read_name(inner))
    if not inner.accept("="):
        c.at = at
        return None
    value = inner.expression()
    if inner.next.kind != LAST:
        raise inner.unexpected("the end of the place")
    start = formula.span[0] if formula.span else 0
    placed = c.node("at", start, formula, name, value)
    c.closed[id(placed)] = placed
    return placed


def opened_bar(c: Cursor, token: Token) -> Formula:
    """``\\left. f \\right|_{w = 2}``."""
    before, c.bars = c.bars, c.bars + 1
    formula = c.expression()
    c.bars = before
    if not isinstance(formula, Apply) or formula.head != "at":
        raise c.unexpected("'\\right|_{..}'")
    return formula


def moment(c: Cursor) -> Formula | None:
    """``\\mathbb{E}[X]``, also ``E[X]`` and ``\\mathbb{E}_{x \\sim p}[f(x)]``; None if none stands here."""
    token = c.next
    texts = [t.text for t in (*c.tokens[c.at + 1 : c.at + 4], *c.tokens[-1:] * 3)[:3]]
    boxed = token.text in BLACKBOARD and texts[0] == "{" and texts[1] in ("E", "V") and texts[2] == "}"  # fmt: skip
    short = token.text in BLACKBOARD and texts[0] in ("E", "V")
    plain = token.text == "E" and token.kind in (LETTER, "word") and texts[0] == "["
    if not (boxed or short or plain) or (plain and c.symbols.get("E") is not None):
        return None
    letter = texts[1] if boxed else texts[0] if short else "E"
    c.at += 4 if boxed else 2 if short else 1
    if c.accept("_"):
        c.script()  # over which it is taken
    if c.next.text not in ("[", "(", "\\{"):
        raise c.unexpected(f"'[' after {letter}")
    opened = c.take()
    c.listing += 1
    inside = c.expression()
    c.listing -= 1
    c.expect(BRACKETS[opened.text])
    formula = c.node("expectation" if letter == "E" else "variance", token.start, inside)
    c.closed[id(formula)] = formula
    return formula


def of_others(c: Cursor, name: str) -> str:
    """``P(A \\mid B)``: the name with what stands in its brackets; nothing where they are plain.

    Under a sum it would be another one for each index, and is not read.
    """
    if c.next.text not in ("(", "[") or c.next.kind == LAST:
        return ""
    inside = _inside(c)
    if not 0 < len(inside) <= MOST_INSIDE or not _is_apart(inside):
        return ""
    if any(token.text in SUMS for token in c.tokens):
        raise c.error("a name with a condition in its brackets, beside a sum")
    words = [GIVEN.get(t.text, re.sub(r"[^A-Za-z0-9]", "", t.text)) for t in inside]
    c.at += len(inside) + 2
    return f"{name}_{''.join(words)}" if any(words) else ""


def _is_apart(inside: list[Token]) -> bool:
    """Whether a bar or a semicolon parts what stands in brackets."""
    texts = [t.text for t in inside]
    closing = {end for start, end in ABSOLUTE if start in texts}
    bars = [text for text in texts if text in BARS - closing]
    return bool(bars) and (len(bars) == 1 or set(bars) & {"\\mid", ";"} != set())

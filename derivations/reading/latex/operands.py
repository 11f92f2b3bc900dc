"""What a formula is made of besides names and numbers: fractions, derivatives, sums, brackets."""

from __future__ import annotations

from collections.abc import Callable

from derivations.errors import ReadError
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.derivatives import (
    derivative,
    differential,
    gradient,
    partial_inline,
)
from derivations.reading.latex.names import begins_name, finished, read_name
from derivations.reading.latex.notations import inner_product, limit, opened_bar
from derivations.reading.latex.symbols import INDEX
from derivations.reading.latex.tokens import LAST, NUMBER, Token
from derivations.reading.latex.words import BRACKETS

Rule = Callable[[Cursor, Token], Formula]


# ---------------------------------------------------------------- fractions and derivatives


def fraction(c: Cursor, token: Token) -> Formula:
    """``\\frac{a}{b}``, unless it is the name of a derivative."""
    if c.next.kind == NUMBER and len(c.next.text) > 1 and c.next.text.isdigit():
        return _two_digits(c, token)
    above, below = _piece(c, token), _piece(c, token)
    sign = differential(c, above, below)
    if sign:
        return derivative(c, token, sign, above, below)
    if not above or not below:
        raise c.error("a fraction with an empty part", token.start)
    return c.node(
        "quotient", token.start, c.whole(above, "the numerator"), c.whole(below, "the denominator")
    )


def _two_digits(c: Cursor, token: Token) -> Formula:
    """``\\frac12``."""
    number = c.take()
    if len(number.text) != 2:
        raise c.error(f"'\\frac{number.text}': write \\frac{{..}}{{..}}", token.start)
    above, below = (
        Number(d, (number.start + i, number.start + i + 1)) for i, d in enumerate(number.text)
    )
    return c.node("quotient", token.start, above, below)


def _piece(c: Cursor, token: Token) -> list[Token]:
    """The tokens of one of a fraction's two parts."""
    if (
        c.next.text == "{"
        or c.next.kind == NUMBER
        or begins_name(c.next)
        or c.next.text == "\\partial"
    ):
        return c.script()
    raise c.unexpected(f"{{..}} after {token.text}")


# ---------------------------------------------------------------- roots, sums, norms


def root(c: Cursor, token: Token) -> Formula:
    """``\\sqrt{x}``, ``\\sqrt[3]{x}``."""
    if not c.accept("["):
        return c.node("sqrt", token.start, c.argument())
    degree = c.expression()
    c.expect("]")
    inside = c.argument()
    return c.node("power", token.start, inside, Apply("quotient", (Number("1"), degree)))


def big(head: str) -> Rule:
    """A sum or product over an index: with bounds, through a set, or over all its values."""

    def rule(c: Cursor, token: Token) -> Formula:
        below = above = None
        while c.next.text in ("_", "^") and c.next.kind != LAST:
            lower = c.take().text == "_"
            if (below if lower else above) is not None:
                raise c.error(f"two bounds in one place of {token.text}")
            if lower:
                below = c.script()
            else:
                above = c.script()
        if below is None:
            raise c.error(f"{token.text} without an index", token.start)
        below, other = _apart(c, below)
        bounds = _bounds(c, token, below, above)
        body = _with_terms(c, c.expression(10), bounds)
        if other is not None:
            bounds, body = _excepted(head, bounds, body, other)
        for bound in reversed(bounds):
            body = c.node(head if len(bound) > 1 else f"{head}_over", token.start, *bound, body)
        return body

    return rule


def _apart(c: Cursor, below: list[Token]) -> tuple[list[Token], Formula | None]:
    """``j \\ne i``: the index, and the value that it does not take."""
    signs = [place for place, token in enumerate(below) if token.text in ("\\ne", "\\neq", "!=")]
    if len(signs) != 1:
        return below, None
    return below[: signs[0]], c.whole(below[signs[0] + 1 :], "the index")


def _excepted(
    head: str, bounds: list[tuple[Formula, ...]], body: Formula, other: Formula
) -> tuple[list[tuple[Formula, ...]], Formula]:
    """A sum over j ≠ i, for the i that stands outside; one over i ≠ j goes over both."""
    (index, *_) = bounds[0]
    apart = Apply("!=", (index, other))
    if isinstance(index, Name) and isinstance(other, Name) and index.id < other.id:
        if _has_index(body, {other.id}) and _has_index(body, {index.id}):
            bounds = [*bounds, (other,)]
    if head == "bigproduct":
        return bounds, Apply("cases", (body, apart, Number("1"), Apply("otherwise", ())))
    return bounds, Apply("product", (body, Apply("iverson", (apart,))))


def _with_terms(c: Cursor, body: Formula, bounds: list[tuple[Formula, ...]]) -> Formula:
    """A sum reaches over the terms behind it that have its index: it has no meaning outside."""
    letters = {index.id for index, *_ in bounds if isinstance(index, Name)}
    while c.next.text in ("+", "-") and c.next.kind != LAST and c.bars == 0:
        at, listing = c.at, c.listing
        sign = c.take()
        try:
            term = c.expression(11)
        except ReadError:
            c.at, c.listing = at, listing
            return body
        if not _has_index(term, letters):
            c.at = at
            return body
        if sign.text == "-":
            term = Apply("neg", (term,), (sign.start, c.before.end))
        terms = body.args if isinstance(body, Apply) and body.head == "sum" and not c.is_closed(body) else (body,)  # fmt: skip
        body = c.node("sum", body.span[0] if body.span else sign.start, *terms, term)
    return body


def _has_index(formula: Formula, letters: set[str]) -> bool:
    """Whether an index stands in a formula: by itself, or below or above a name."""
    if isinstance(formula, Name):
        parts = look(formula.id)
        return bool({formula.id, parts.superscript, *parts.subscript.replace(",", "")} & letters)
    if not isinstance(formula, Apply):
        return False
    if formula.head.startswith("big") and isinstance(formula.args[0], Name):
        letters = letters - {formula.args[0].id}
    return any(_has_index(arg, letters) for arg in formula.args)


def _bounds(
    c: Cursor, token: Token, below: list[Token], above: list[Token] | None
) -> list[tuple[Formula, ...]]:
    """The index with its bounds; several indices, where they stand without bounds."""
    inner = c.inner(below)
    indices = [_index(inner)]
    while inner.accept(",") or begins_name(inner.next):  # i, j and ij
        indices.append(_index(inner))
    if inner.accept("="):
        lower = inner.expression()
        if inner.next.kind != LAST:
            raise inner.unexpected("the end of the index")
        if above is None:
            raise c.error(f"{token.text} without an upper bound", token.start)
        upper = c.whole(above, "the upper bound")
        return [(index, lower, upper) for index in indices]
    if above is not None:
        raise c.error(f"{token.text} with an upper bound, but without a lower one", token.start)
    if len(indices) == 1 and inner.accept("\\in"):
        within = inner.expression()
        if inner.next.kind != LAST:
            raise inner.unexpected("the end of the index")
        return [(indices[0], within)]
    if inner.next.kind != LAST:
        raise inner.unexpected("an index, as in i=1")
    return [_declared_bounds(c, index) for index in indices]


def _declared_bounds(c: Cursor, index: Formula) -> tuple[Formula, ...]:
    symbol = c.symbols.get(index.id) if isinstance(index, Name) else None
    if symbol is None or symbol.kind != INDEX or symbol.bounds is None:
        return (index,)
    ends = [Number(end) if end.isdigit() else Name(end) for end in symbol.bounds]
    return (index, *ends)


def _index(c: Cursor) -> Formula:
    if not begins_name(c.next):
        raise c.unexpected("an index")
    quantity = read_name(c)
    formula = finished(c, quantity)
    if not isinstance(formula, Name):
        raise c.error("an index is a single name", quantity.start)
    return formula


NORMS = {"1": "sum_entries", "\\infty": "max"}  # of the sizes of the entries


def norm(c: Cursor, token: Token) -> Formula:
    """``\\|v\\|``, with 1, 2, ∞ or F below it."""
    closing = {"\\|": "\\|", "\\lVert": "\\rVert"}[token.text]
    before, c.bars = c.bars, c.bars + (closing == "\\|")
    inside = c.expression()
    c.bars = before
    c.expect(closing)
    formula = c.node("norm", token.start, inside)
    if c.next.text == "_":
        c.take()
        below = c.script()
        if len(below) != 1 or below[0].text not in ("2", "F", *NORMS):
            raise c.error(
                "only the norms 1, 2, ∞ and F are known here", below[0].start if below else None
            )
        if head := NORMS.get(below[0].text):
            formula = c.node(head, token.start, c.node("abs", token.start, inside))
    c.closed[id(formula)] = formula
    return formula


def absolute(c: Cursor, token: Token) -> Formula:
    """``|x|``."""
    closing = {"|": "|", "\\lvert": "\\rvert"}[token.text]
    before, c.bars = c.bars, c.bars + (closing == "|")
    inside = c.expression()
    c.bars = before
    c.expect(closing)
    formula = c.node("abs", token.start, inside)
    c.closed[id(formula)] = formula
    return formula


def whole_part(head: str, closing: str) -> Rule:
    """``\\lfloor x \\rfloor`` and ``\\lceil x \\rceil``."""

    def rule(c: Cursor, token: Token) -> Formula:
        inside = c.expression()
        c.expect(closing)
        formula = c.node(head, token.start, inside)
        c.closed[id(formula)] = formula
        return formula

    return rule


# ---------------------------------------------------------------- brackets


def bracketed(c: Cursor, token: Token) -> Formula:
    """Brackets around one formula, a list, an interval, or a condition that counts 1 or 0."""
    c.listing += 1
    bars, c.bars = c.bars, 0
    parts: list[Formula] = []
    if token.text == "[":
        parts.append(c.condition())
    else:
        parts.append(c.expression())
    while c.accept(","):
        parts.append(c.expression())
    c.bars = bars
    c.listing -= 1
    closed = c.next.text
    if closed not in BRACKETS.values() or c.next.kind == LAST:
        raise c.unexpected(
            f"'{BRACKETS[token.text]}' for the '{token.text}' at character {token.start}"
        )
    c.take()
    formula = _in_brackets(c, token, closed, parts)
    c.closed[id(formula)] = formula
    return formula


def _in_brackets(c: Cursor, token: Token, closed: str, parts: list[Formula]) -> Formula:
    pair = token.text + closed
    if len(parts) == 2 and pair in ("[)", "(]"):
        return c.node("closed_open" if pair == "[)" else "open_closed", token.start, *parts)
    if closed != BRACKETS[token.text]:
        raise c.error(
            f"'{token.text}' at character {token.start} is closed by '{closed}'", c.before.start
        )
    if len(parts) > 1:
        head = {"(": "tuple", "[": "vector", "\\{": "braces"}[token.text]
        return c.node(head, token.start, *parts)
    (inside,) = parts
    if isinstance(inside, Apply) and inside.head in CONDITIONS and token.text == "[":
        return c.node("iverson", token.start, inside)
    return inside


CONDITIONS = frozenset(["<", "<=", ">", ">=", "==", "!=", "and", "or", "not"])


def invisible(c: Cursor, token: Token) -> Formula:
    """Braces, frames and colours: the page does not show them, so they must not group."""
    inside = c.argument() if token.text != "{" else _in_braces(c)
    if token.text in ("\\underbrace", "\\overbrace") and c.next.text in ("_", "^"):
        c.take()
        c.script()
        if isinstance(inside, Apply) and inside.head == "transpose":
            c.closed[id(inside)] = inside  # the brace on the page shows what is turned once more
    return inside


def _in_braces(c: Cursor) -> Formula:
    c.at -= 1
    return c.argument()


OPERANDS: dict[str, Rule] = {
    "\\frac": fraction, "\\dfrac": fraction, "\\tfrac": fraction, "\\cfrac": fraction,
    "\\nicefrac": fraction, "\\sfrac": fraction, "\\partial": partial_inline,
    "\\nabla": gradient, "\\sqrt": root, "\\sum": big("bigsum"), "\\prod": big("bigproduct"),
    "\\|": norm, "\\lVert": norm, "|": absolute, "\\lvert": absolute,
    "\\lfloor": whole_part("floor", "\\rfloor"), "\\lceil": whole_part("ceil", "\\rceil"),
    "(": bracketed, "[": bracketed, "\\{": bracketed,
    "{": invisible, "\\boxed": invisible, "\\underbrace": invisible, "\\overbrace": invisible,
    "\\fbox": invisible, "\\underline": invisible, "\\mathbin": invisible, "\\mathord": invisible,
    "\\pi": lambda c, token: c.node("pi", token.start),
    "\\infty": lambda c, token: c.node("infinity", token.start),
    "\\langle": inner_product, "\\lim": limit, "\\left.": opened_bar,
}  # fmt: skip
HIDDEN = frozenset(text for text, rule in OPERANDS.items() if rule is invisible)

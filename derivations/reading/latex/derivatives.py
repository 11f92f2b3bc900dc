"""Derivatives: ∂L/∂w is the name of a quantity, d/dz an operator on what follows it."""

from __future__ import annotations

from derivations.formula.tree import Apply, Formula, Name, Number, is_quantity
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.hessians import hessian
from derivations.reading.latex.names import begins_name, finished, indices, read_name
from derivations.reading.latex.tokens import LAST, Token


def differential(c: Cursor, above: list[Token], below: list[Token]) -> str:
    """``partial`` or ``total`` where both parts begin with ∂ or with d, else nothing."""
    if not above or not below:
        return ""
    if above[0].text == "\\partial" or below[0].text == "\\partial":
        if above[0].text != below[0].text:
            raise c.error("∂ in only one part of a fraction", (above + below)[0].start)
        return "partial"
    first, second = above[0], below[0]
    quantity = "d" in c.symbols.words and len(above) > 1  # nobody writes d/(d x) for 1/x
    if first.text == second.text == "d" and not quantity and len(below) > 1:
        follows = len(above) == 1 or begins_name(above[1]) or above[1].text in BEHIND_D
        if follows and begins_name(below[1]):
            return "total"
    return ""


BEHIND_D = frozenset({"^", "\\mathcal", "\\ln", "\\log"})
TERM, FACTOR = 10, 21  # how far an operator reaches: over a product, or over a bracket [ ] alone


def derivative(
    c: Cursor, token: Token, head: str, above: list[Token], below: list[Token]
) -> Formula:
    """∂L/∂w as one name; ∂²L/∂w², ∂²L/∂w∂v; and d/dz as an operator on what follows it."""
    sign, rest = above[0].text, above[1:]
    order = 1
    if rest and rest[0].text == "^":
        inner = c.inner(rest[1:])
        exponent = inner.script()
        if len(exponent) != 1 or not exponent[0].text.isdigit():
            raise c.error("the order of a derivative is a number", rest[0].start)
        order, rest = int(exponent[0].text), inner.tokens[inner.at : -1]
    by = _by(c, sign, below)
    square = order == 1 and len(by) == 2 and by[0] == by[1]  # ∂L/∂σ^2
    if (len(by) != order and not square) or order > 4:
        raise c.error("above and below the line stand derivatives of different order", token.start)
    if rest:
        of = c.whole(rest, "the numerator")
    else:
        of = c.expression(FACTOR if c.next.text == "[" else TERM)
        head = "derivative"
    if square:
        return _by_square(c, token, head, of, by[0])
    for wrt in reversed(by):
        name = head if is_quantity(of) else "derivative"
        of = c.node(name, token.start, of, wrt)
    return of


def _by_square(c: Cursor, token: Token, head: str, of: Formula, root: Formula) -> Formula:
    """∂L/∂σ² = ∂L/∂σ / (2σ)."""
    slope = c.node(head if is_quantity(of) else "derivative", token.start, of, root)
    double = c.node("product", token.start, Number("2"), root)
    return c.node("quotient", token.start, slope, double)


def _by(c: Cursor, sign: str, below: list[Token]) -> list[Formula]:
    """The names under the line: one for each order."""
    inner = c.inner(below)
    by: list[Formula] = []
    while inner.next.kind != LAST:
        inner.expect(sign)
        bracket = inner.accept("(")  # ∂/∂(z^{(1)}_i)
        if not begins_name(inner.next):
            raise inner.unexpected("a name to differentiate by")
        quantity = read_name(inner)
        if bracket:
            inner.expect(")")
        count, quantity.exponent = quantity.exponent, None
        times = 1
        if count is not None:
            if (
                len(count) != 1
                or not count[0].text.isdigit()
                or not 1 <= int(count[0].text[:3]) <= 4
            ):
                raise inner.error(
                    "the order of a derivative is a number", count[0].start if count else None
                )
            times = int(count[0].text)
        wrt = finished(inner, quantity)
        if bracket and inner.accept("_"):  # ∂/∂(z_g)_i
            wrt = inner.node("entry", quantity.start, wrt, *indices(inner, inner.script()))
        by += [wrt] * times
    if not by:
        raise c.error("nothing to differentiate by", below[0].start)
    return by


def partial_inline(c: Cursor, token: Token) -> Formula:
    """``\\partial L/\\partial w`` in a line."""
    return derivative_inline(c, token, "partial")


def derivative_inline(c: Cursor, token: Token, head: str) -> Formula:
    """What stands behind ∂ (or d) and before the next one, after a slash."""
    if head == "partial" and c.accept("_"):
        return _below(c, token)
    above = _one_name(c, token)
    c.expect("/", f" between {token.text} and {token.text}")
    again = c.take()
    if again.text != token.text:
        c.at -= 1
        raise c.unexpected(f"'{token.text}'")
    return c.node(head, token.start, above, _one_name(c, again))


def _one_name(c: Cursor, token: Token) -> Formula:
    if not begins_name(c.next):
        raise c.unexpected(f"a name after {token.text}")
    quantity = read_name(c)
    if quantity.exponent is not None:
        raise c.error("an exponent inside a derivative", quantity.start)
    return finished(c, quantity)


def gradient(c: Cursor, token: Token) -> Formula:
    """``\\nabla_W L``: the derivatives by every entry of W, ∂L/∂W."""
    if (second := hessian(c, token)) is not None:
        return second
    if not c.accept("_"):
        if begins_name(c.next) and c.tokens[c.at + 1].text == "(":
            return _slope_at(c)
        if begins_name(c.next):
            at, of = c.at, _one_name(c, token)
            if c.next.text == "(" and isinstance(of, Name) and of.id in c.habits.functions:
                c.at = at
                return _slope_of(c.expression(FACTOR))
            return c.node("gradient", token.start, of)
        raise c.error("∇ without a name below it: by which quantity?", token.start)
    return _below(c, token)


def _below(c: Cursor, token: Token) -> Formula:
    """``\\nabla_W L``, ``\\partial_w L``; where no name follows, it is an operator on what does."""
    wrt = c.whole(c.script(), f"the index of {token.text}")
    if not is_quantity(wrt):
        raise c.error(f"{token.text} differentiates by a name", token.start)
    at = c.at
    if begins_name(c.next):
        of = _one_name(c, token)
        if c.next.text not in ("(", "^", "_", "'"):
            return c.node("partial", token.start, of, wrt)
        c.at = at
    bracket = c.next.text in ("(", "[")
    of = c.expression(FACTOR if bracket else TERM)
    return c.node("derivative", token.start, of, wrt)


def _slope_at(c: Cursor) -> Formula:
    """``\\nabla F(a)``: the derivatives of a function at a place."""
    call = c.argument()
    if not isinstance(call, Apply) or call.head.endswith("'"):
        raise c.error("∇ without a name below it: by which quantity?")
    return _slope_of(call)


def _slope_of(call: Formula) -> Formula:
    return Apply(f"{call.head}'", call.args, call.span) if isinstance(call, Apply) else call

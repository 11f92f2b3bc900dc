"""Calls: elementary functions, functions by the field's habit, declared and defined ones."""

from __future__ import annotations

from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.arrays import SCALAR, rank
from derivations.reading.latex.chances import chance
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.environments import environment
from derivations.reading.latex.habits import holds_bare
from derivations.reading.latex.names import (
    Named,
    begins_name,
    changed,
    finished,
    read_base,
    read_name,
    read_scripts,
)
from derivations.reading.latex.notations import of_others
from derivations.reading.latex.powers import raised
from derivations.reading.latex.symbols import ERROR, FUNCTION, head_of
from derivations.reading.latex.tokens import BEGIN, COMMAND, LAST, LETTER, NUMBER, RUN, WORD, Token
from derivations.reading.latex.words import (
    BRACKETS,
    FUNCTIONS,
    GREEK_COMMANDS,
    LETTERS,
    PREFIX,
    SEVERAL,
)

OF_ERRORS = (["2"], ["T"], ["\\top"], ["\\intercal"])  # exponents
OPENERS = frozenset(BRACKETS)
BARE = frozenset(["tanh", "sin", "cos", "exp"])  # functions that may stand without an argument
BEHIND = frozenset([")", "]", "}", ",", "&", "=", "\\odot", "\\cdot", "\\circ"])
OVER = frozenset(["max", "min", "argmax", "argmin"])  # with what they go over below them
OPERATORS = {"rot_180": "rot180"}  # with a lower index that belongs to the name
IN_BRACKETS = frozenset(["pmatrix", "bmatrix", "Bmatrix", "psmallmatrix", "bsmallmatrix"])


def opens_argument(token: Token, openers: frozenset[str] = OPENERS) -> bool:
    """Whether a bracket, or a matrix with brackets of its own, begins here."""
    if token.kind == BEGIN:
        return token.text.rstrip("*") in IN_BRACKETS
    return token.text in openers and token.kind != LAST


def ends_operand(token: Token, dressed: bool) -> bool:
    """Whether a function without an argument ends there, as in ``1 - \\tanh^2 + c``.

    A sign behind a plain one, ``\\tanh - x``, would be unclear.
    """
    return token.kind == LAST or token.text in BEHIND or (dressed and token.text in ("+", "-"))


def elementary(c: Cursor) -> str | None:
    """The head of the elementary function or known word that stands next, if one does."""
    token = c.next
    if token.kind == COMMAND:
        if token.text == "\\arg":
            return "argmax"
        return None if token.text in ("\\sqrt", "\\sum") else FUNCTIONS.get(token.text[1:])
    if token.kind != WORD or len(token.text) < 2:
        return None
    symbol = c.symbols.get(token.text)
    if symbol is not None:
        return (symbol.head or head_of(token.text)) if symbol.kind == FUNCTION else None
    head = FUNCTIONS.get(token.text.lower())
    after = c.tokens[c.at + 1]
    if head is None or head in PREFIX or opens_argument(after) or after.text in ("{", "'", "^"):
        return head
    return None


def call_elementary(c: Cursor, head: str) -> Formula:
    """``\\ln y``, ``\\log_2(x)``, ``\\tanh^2(z)``, ``\\max\\{0, z\\}``."""
    token = c.take()
    if token.text == "\\arg":
        if c.accept("\\min"):
            head = "argmin"
        else:
            c.expect("\\max", " after \\arg")
    if head in OVER and c.next.text == "_":
        return _over(c, head, token)
    scripts = Named(head, token.start)
    read_scripts(c, scripts)
    if scripts.layer or scripts.marks or scripts.transposed:
        raise c.error(f"a label on the function '{token.text}'", token.start)
    base: Formula | None = None
    if scripts.below or scripts.indices:
        head, base = _with_base(c, head, scripts, token)
    head += "'" * scripts.primes
    dressed = bool(scripts.primes or scripts.exponent)
    if scripts.base in BARE and (dressed or c.at > 1) and ends_operand(c.next, dressed):
        return finished(c, scripts)
    args = _arguments(c, head) if opens_argument(c.next) else (_prefixed(c, head, token),)
    if head == "softmax" and len(args) > 1 and all(rank(c, arg) == SCALAR for arg in args):
        args = (Apply("vector", args),)
    args = args if base is None else (*args, base)
    return _raised_call(c, Apply(head, args, (token.start, c.before.end)), scripts)


def _over(c: Cursor, head: str, token: Token) -> Formula:
    """``\\max_k z_k``, ``\\arg\\min_w L(w)``: over all values of an index, or of a quantity."""
    c.take()
    letters = c.script()
    if not letters or not all(begins_name(t) or t.text in (",", "{", "}") for t in letters[:1]):
        raise c.error(f"found no name below '{token.text}'", token.start)
    index = finished(c.inner(letters), read_name(c.inner(letters)))
    return c.node(f"{head}_over", token.start, index, c.expression(10))


def _with_base(c: Cursor, head: str, scripts: Named, token: Token) -> tuple[str, Formula | None]:
    """The base of a logarithm; no other elementary function has an index."""
    if head != "log" or scripts.indices:
        raise c.error(f"an index on '{token.text}' has no meaning here", token.start)
    if scripts.below in ("2", "10"):
        return f"log{scripts.below}", None
    if scripts.below == "e":
        return "ln", None
    if scripts.below.isdigit():
        return "log", Number(scripts.below)
    return "log", finished(c, Named(scripts.below, token.start))


def _raised_call(c: Cursor, call: Apply, scripts: Named) -> Formula:
    """``\\tanh^2(z)`` is the square of the value; an exponent of -1 could be the inverse function."""
    if scripts.exponent is None:
        return call
    if scripts.exponent and scripts.exponent[0].text == "-":
        raise c.error(
            "an exponent -1 on a function can mean its inverse or a fraction", scripts.start
        )
    return raised(c, call, scripts.exponent)


def _arguments(c: Cursor, head: str) -> tuple[Formula, ...]:
    if c.next.kind == BEGIN:
        return (environment(c, c.take()),)
    opened = c.take()
    closing = BRACKETS[opened.text]
    c.listing += 1
    args = [_separate(c, head)]
    while c.accept(","):
        args.append(_separate(c, head))
    c.listing -= 1
    c.expect(closing, f" for the '{opened.text}' at character {opened.start}")
    return tuple(args)


def _separate(c: Cursor, head: str) -> Formula:
    if c.next.kind == "comma" and head in SEVERAL:
        raise c.error(f"'{c.next.text}' can be one number or two; write 1{{,}}200 or 1, 200")
    return c.expression()


def _prefixed(c: Cursor, head: str, token: Token) -> Formula:
    """The argument of a function that stands without brackets: one factor."""
    if c.next.text == "{":
        inside = c.argument()
        c.closed[id(inside)] = inside
        return inside
    if head.rstrip("'") not in PREFIX:
        raise c.unexpected(f"'(' after '{token.text}'")
    if c.next.text in ("-", "+"):
        raise c.error(f"a sign after '{token.text}'; put its argument in brackets")
    numeral = c.next.kind == NUMBER
    formula = c.expression(21)
    if numeral and _starts_letter(c.next):  # \ln 2x
        start = formula.span[0] if formula.span else token.start
        formula = c.node("product", start, formula, c.expression(21))
    if _ambiguous_after(c):
        raise c.error(f"how far '{token.text}' reaches is not clear; put its argument in brackets")
    return formula


def _starts_letter(token: Token) -> bool:
    return token.kind in (LETTER, WORD) or (
        token.kind == COMMAND and token.text[1:] in GREEK_COMMANDS
    )


def _ambiguous_after(c: Cursor) -> bool:
    """Whether a factor follows that could still belong to the argument."""
    token = c.next
    if token.kind in (LETTER, RUN, NUMBER) or token.text in ("(", "[", "\\frac", "/"):
        return True
    if token.kind == WORD:
        return token.text.lower() not in FUNCTIONS
    return _starts_letter(token)


# ---------------------------------------------------------------- letters before a bracket


def named(c: Cursor) -> Formula:
    """A quantity, or the call of a function by its letter."""
    quantity = read_base(c)
    if quantity.base == "e" and not quantity.marks and _is_number_e(c):
        if not quantity.spelling and c.next.text not in ("_", "'"):
            return _euler(c, quantity)
    read_scripts(c, quantity)
    quantity = changed(c, quantity)
    if quantity.id == quantity.base and (found := chance(c, quantity.base)) is not None:
        return found
    if name := of_others(c, quantity.id):
        return Name(name, (quantity.start, c.before.end))
    if is_call(c, quantity):
        return _call(c, quantity)
    if c.symbols.is_function(quantity.id) and quantity.exponent is not None:
        raise c.error(f"'{quantity.id}' is a function; its argument is missing", quantity.start)
    _drop_arguments(c, quantity)
    return finished(c, quantity)


def _drop_arguments(c: Cursor, quantity: Named) -> None:
    """``L(w, b)`` where L is defined over w and b: the quantity L itself."""
    if over := c.habits.over.get(quantity.id):
        inside = c.tokens[c.at + 1 : c.at + 1 + len(over)]
        if c.next.text == "(" and tuple(t.text for t in inside) == over:
            c.at += len(over) + 2
        return
    symbol = c.symbols.get(quantity.id)
    if symbol is None or not symbol.over or c.next.text != "(" or quantity.exponent is not None:
        return
    at = c.at
    c.take()
    while True:
        if not begins_name(c.next):
            break
        argument = finished(c, read_name(c))
        if not isinstance(argument, Name) or argument.id not in symbol.over:
            break
        if c.accept(")"):
            return
        if not c.accept(","):
            break
    c.at = at


def _is_number_e(c: Cursor) -> bool:
    """Whether e is Euler's number; that of an error is squared or transposed, and raised to nothing else."""
    symbol = c.symbols.get("e")
    if symbol != ERROR:
        return symbol is None
    at = c.at
    exponent = [token.text for token in c.script()] if c.accept("^") else []
    c.at = at
    return bool(exponent) and exponent not in OF_ERRORS


def _euler(c: Cursor, quantity: Named) -> Formula:
    if c.next.text == "^" and c.next.kind != LAST:
        c.take()
        exponent = c.script()
        if not exponent:
            raise c.error("an empty exponent")
        return c.node("exp", quantity.start, c.whole(exponent, "the exponent"))
    return c.node("euler", quantity.start)


def is_call(c: Cursor, quantity: Named) -> bool:
    """Whether the bracket that follows holds arguments, and is no factor."""
    if quantity.indices or quantity.transposed:
        return False
    name = quantity.id
    symbol = c.symbols.get(name)
    sure = symbol is not None or name in c.habits.functions or quantity.base in LETTERS
    if not opens_argument(c.next, OPENERS if sure else frozenset("(")):
        return False
    if _holds_itself(c, quantity):
        return False
    if symbol is not None:
        return symbol.kind == FUNCTION
    if name in c.habits.functions:
        return True
    if quantity.primes:
        return name not in c.habits.arrays
    plain = not quantity.below and not quantity.marks and not quantity.layer
    if quantity.base in LETTERS and plain:
        return name not in c.symbols.quantities
    if quantity.base in LETTERS or (len(quantity.base) > 1 and quantity.base not in GREEK_COMMANDS):
        return name not in c.habits.bare
    return False


def _holds_itself(c: Cursor, quantity: Named) -> bool:
    """``f(1 - f)``: the letter stands in the bracket again, and there it is no function."""
    return holds_bare(c.tokens, c.at, quantity.base)


def _call(c: Cursor, quantity: Named) -> Formula:
    symbol = c.symbols.get(quantity.id)
    plain = not quantity.below and not quantity.marks and not quantity.layer
    head = symbol.head if symbol is not None else ""
    if not head:
        head = LETTERS.get(quantity.base, "") if plain and symbol is None else ""
    if not head and plain and symbol is None:
        head = FUNCTIONS.get(quantity.base.lower(), "")
    head = head or OPERATORS.get(quantity.id) or head_of(c.symbols.name(quantity.id))
    head += "'" * quantity.primes
    args = _arguments(c, head)
    return _raised_call(c, Apply(head, args, (quantity.start, c.before.end)), quantity)

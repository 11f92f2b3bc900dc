"""LaTeX mathematics of the field into formulas and chains of relations.

Nothing is evaluated: decimals keep the digits that were written, every node knows where it stood.
What cannot be read is an error with its place; it is never read as something else. Tokens are
cut first (`tokens`), then rows and relations found (`layout`), then each side is read by
precedence (`grammar`). Declared symbols come before all habits of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex.compounds import with_names, words_of
from derivations.reading.latex.cursor import Habits
from derivations.reading.latex.distributing import distributed, separated
from derivations.reading.latex.grammar import Grammar
from derivations.reading.latex.habits import habits_of
from derivations.reading.latex.layout import (
    WHERE,
    ReadChain,
    ReadLink,
    ReadTerm,
    Side,
    Statement,
    statements,
)
from derivations.reading.latex.logarithms import with_logarithms
from derivations.reading.latex.moves import upright
from derivations.reading.latex.operands import CONDITIONS
from derivations.reading.latex.squares import is_of_vector, squared
from derivations.reading.latex.symbols import (
    ERROR,
    FUNCTION,
    LAYER,
    MATRIX,
    NONE,
    SCALAR,
    VECTOR,
    Symbol,
    Symbols,
    declared,
)
from derivations.reading.latex.tokens import LAST, Token, tokens
from derivations.reading.latex.words import FUNCTIONS, LETTERS, RELATIONS

__all__ = [
    "WHERE",
    "ReadChain",
    "ReadLink",
    "ReadTerm",
    "Symbol",
    "Symbols",
    "declare",
    "read_chains",
    "read_formula",
    "with_shown",
        "words_of",
]  # fmt: skip

MAX_SIGNS = 4_000  # on one side of a relation
CLAIMED = re.compile(
    r"(?:\s|\\(?:[a-z]*size|small|itshape|bfseries|color\{[a-z]*\}))*\(?(?:for|if|when|where|whenever|provided|case)\b:?\s*(.{1,200}?)[.,;]?\)?\s*",
    re.IGNORECASE,
)
SIGN_OF = {"\\textgreater{}": ">", "\\textless{}": "<", "\\textbar{}": "|", "$": " "}
SIGNS_IN_WORDS = re.compile("|".join(map(re.escape, SIGN_OF)))


def declare(declarations: Mapping[str, str | Symbol]) -> Symbols:
    """The symbols of a text; names are written as in LaTeX (``\\hat{y}_1``) or plainly (``y_hat_1``).

    Raises:
        ReadError: a name that cannot be read.
    """
    known: dict[str, Symbol] = {}
    for name, kind in declarations.items():
        symbol = declared(kind, name) if isinstance(kind, str) else kind
        known[_plain(name)] = symbol
    return Symbols.of(known)


def _plain(name: str) -> str:
    if not set(name) & set("\\{}^"):
        return name
    formula = read_formula(name)
    if not isinstance(formula, Name):
        if isinstance(formula, Apply) and formula.head == "pi":
            return "pi"
        raise ReadError(f"'{name}' is no name")
    return formula.id


def read_formula(source: str, symbols: Symbols = NONE) -> Formula:
    """The one formula that a text holds.

    Raises:
        ReadError: with the character at which reading stopped.
    """
    found = _tokens(source, symbols)
    stated = statements(found)
    if not stated:
        raise ReadError("the formula is empty")
    if len(stated) > 1 or len(stated[0].sides) > 1:
        second = stated[1].sides[0].tokens[0] if len(stated) > 1 else stated[0].sides[1].sign
        raise ReadError("a single formula is expected here", second.start if second else 0)
    return _formula(stated[0].sides[0], symbols, habits_of(found, stated, symbols), False)


def read_chains(source: str, symbols: Symbols = NONE, strict: bool = True) -> tuple[ReadChain, ...]:
    """Every chain of relations in a text, in reading order.

    Args:
        source: a formula, a line or whole displays.
        symbols: what is declared.
        strict: raise at the first side that cannot be read; else it says so itself.

    Raises:
        ReadError: a side that cannot be read, or rows and environments that do not fit together.
    """
    found = with_names(_tokens(source, symbols))
    stated = statements(found)
    habits = habits_of(found, stated, symbols)
    return tuple(_chain(source, statement, symbols, habits, strict) for statement in stated)


def with_shown(sources: Iterable[str], symbols: Symbols = NONE) -> Symbols:
    """The symbols, and those that texts show: functions, f(x) = ..., where none uses the letter otherwise.

    And names that are usually something else: the letter e, where they say what it is, e = t - y,
    and raise it to no power, or say that it is an error; a bold P', where they say what it is; f = ..., which is called nowhere.
    """
    every = Habits()
    for source in sources:
        with suppress(ReadError):
            found = with_names(_tokens(source, symbols))
            every.add(habits_of(found, statements(found), symbols))
    functions = every.functions - every.bare - {*LETTERS, "sigma"}
    functions = {name for name in functions if name.lower() not in FUNCTIONS}
    shown = {name: Symbol(FUNCTION) for name in functions}
    shown |= {f"{name}_prime": Symbol(_of_letter(name)) for name in every.primed}
    shown |= {name: Symbol(LAYER) for name in every.labels}
    if "e" in every.stated - every.raised:
        shown["e"] = Symbol(SCALAR)
    elif "e" in every.errors:
        shown["e"] = ERROR
    quantities = (every.stated & LETTERS.keys()) - every.called - every.functions
    return replace(symbols.more(shown), quantities=symbols.quantities | quantities)


def _tokens(source: str, symbols: Symbols) -> list[Token]:
    found = with_logarithms(tokens(source, symbols.words, symbols.comma), symbols.logarithms)
    return upright(distributed(separated(found)))


def _of_letter(name: str) -> str:
    return MATRIX if name[:1].isupper() else VECTOR


def _chain(
    source: str, statement: Statement, symbols: Symbols, habits: Habits, strict: bool
) -> ReadChain:
    first, *rest = statement.sides
    of_vector = is_of_vector(first.tokens)
    links = []
    for side in rest:
        assert side.sign is not None
        sign = RELATIONS[side.sign.text]
        term = _term(source, side, symbols, habits, strict, sign, of_vector)
        links.append(ReadLink(sign, (side.sign.start, side.sign.end), term))
    named = statement.label
    label = _term(source, named, symbols, habits, strict) if named is not None else None
    notes = tuple(statement.notes)
    beside = (_condition(note, symbols, habits) for note in notes)
    conditions = tuple(condition for condition in beside if condition is not None)
    left = _term(source, first, symbols, habits, strict)
    return ReadChain(left, tuple(links), notes, label, conditions, statement.behind)


def _condition(note: str, symbols: Symbols, habits: Habits) -> Formula | None:
    """``for x > 0`` beside a line says where it is claimed; other words say nothing."""
    match = CLAIMED.fullmatch(SIGNS_IN_WORDS.sub(lambda m: SIGN_OF[m[0]], note))
    if match is None:
        return None
    try:
        grammar = Grammar(_tokens(match[1], symbols), symbols, habits)
        formula = grammar.condition()
    except ReadError:
        return None
    whole = grammar.next.kind == LAST and isinstance(formula, Apply)
    return formula if whole and formula.head in CONDITIONS else None  # type: ignore[union-attr]


def _term(
    source: str,
    side: Side,
    symbols: Symbols,
    habits: Habits,
    strict: bool,
    sign: str = "",
    of_vector: bool = False,
) -> ReadTerm:
    place = side.sign.end if side.sign else 0
    span = (side.tokens[0].start, side.tokens[-1].end) if side.tokens else (place, place)
    boxed = bool(side.tokens) and side.tokens[0].text in ("\\boxed", "\\fbox")
    text = source[span[0] : span[1]]
    try:
        return ReadTerm(_formula(side, symbols, habits, sign == "∈", of_vector), span, text, boxed)
    except ReadError as error:
        if strict:
            raise
        return ReadTerm(None, span, text, boxed, error.message, error.position)


def _formula(
    side: Side, symbols: Symbols, habits: Habits, is_set: bool, of_vector: bool = False
) -> Formula:
    if not side.tokens:
        raise ReadError(
            "nothing stands behind the relation sign", side.sign.end if side.sign else 0
        )
    if len(side.tokens) > MAX_SIGNS:
        raise ReadError(
            f"a formula of {len(side.tokens)} signs; at most {MAX_SIGNS}", side.tokens[0].start
        )
    grammar = Grammar(side.tokens, symbols, habits)
    formula = grammar.of_set() if is_set else grammar.expression()
    if grammar.next.kind != LAST:
        raise grammar.unexpected("an operator or the end")
    return squared(grammar, formula, of_vector)

"""A place in a list of tokens, and what every part of the grammar needs to move it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula
from derivations.reading.latex.symbols import Symbols
from derivations.reading.latex.tokens import COMMAND, LAST, MAX_DEPTH, NUMBER, Token
from derivations.reading.latex.words import ACCENTS, FONTS

TAKE_ONE = FONTS | ACCENTS.keys()  # commands with an argument


@dataclass(slots=True)
class Habits:
    """What the text itself shows about its symbols, where nothing is declared.

    ``functions`` stand defined in it, f(x) = ...; ``bare`` occur without a bracket behind them;
    ``called`` before one with arguments; ``arrays`` occur transposed; ``stated`` are all of a left side; ``raised`` have an exponent; ``errors`` are said to be differences;
    ``primed`` are said to be something with a prime, in bold; ``labels`` stand above several names;
    ``over`` says what stands in the brackets of quantities, ℓ(μ, σ²), that are no functions of names alone;
    ``spellings`` remembers in which letters a name was written, ``ends`` which index counts up to an end, in arrays with dots.
    """

    functions: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    stated: set[str] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    primed: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    over: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)

    def add(self, other: Habits) -> None:
        """What another text shows, too; names of arrays, quantities over others, spellings and ends are its own."""
        for shared in (
            "functions",
            "bare",
            "called",
            "stated",
            "raised",
            "errors",
            "primed",
            "labels",
        ):
            getattr(self, shared).update(getattr(other, shared))


class Cursor(ABC):
    """Tokens of one formula, read from left to right."""

    def __init__(
        self, tokens: Sequence[Token], symbols: Symbols, habits: Habits, depth: int = 0
    ) -> None:
        end = tokens[-1].end if tokens else 0
        self.tokens = [*tokens, Token(LAST, "", end, end)]
        self.symbols = symbols
        self.habits = habits
        self.depth = depth
        self.at = 0
        self.bars = 0  # open absolute values
        self.listing = 0  # open brackets in which a comma separates
        self.closed: dict[int, Formula] = {}  # formulas that stand in brackets of their own
        self.ranks: dict[int, tuple[Formula, str]] = {}  # what is known of scalars and arrays

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token:
        return self.tokens[self.at - 1]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != LAST:
            self.at += 1
        return token

    def accept(self, text: str) -> bool:
        """Take the next token if it is this sign or command."""
        if self.next.text == text and self.next.kind != LAST:
            self.at += 1
            return True
        return False

    def expect(self, text: str, because: str = "") -> Token:
        if self.next.text != text or self.next.kind == LAST:
            raise self.unexpected(f"'{text}'{because}")
        return self.take()

    def unexpected(self, expected: str) -> ReadError:
        """What was found, against what is expected here."""
        return self.error(f"found {self.shown(self.next)}, expected {expected}")

    def error(self, message: str, at: int | None = None) -> ReadError:
        return ReadError(message, self.next.start if at is None else at)

    def shown(self, token: Token) -> str:
        if token.kind == LAST:
            return "the end"
        text = {"begin": "\\begin{%s}", "end": "\\end{%s}"}.get(token.kind, "%s") % token.text
        return f"'{text[:30]}'"

    def deeper(self) -> None:
        """One level down; leave it with ``depth -= 1``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}")

    def script(self) -> list[Token]:
        """The tokens of the argument after ``_`` or ``^``: what braces hold, or a single token."""
        token = self.take()
        if token.text == "{":
            start, depth = self.at, 1
            while depth:
                token = self.take()
                if token.kind == LAST:
                    raise self.unexpected("'}'")
                depth += {"{": 1, "}": -1}.get(token.text, 0)
            return self.tokens[start : self.at - 1]
        if token.kind == LAST or token.text in ("}", "&", "^", "_"):
            self.at -= token.kind != LAST
            raise self.unexpected("an index or exponent")
        if token.kind == NUMBER and len(token.text) > 1:
            raise self.error(
                f"'{token.text}' without braces: only its first digit is raised or lowered; "
                f"write {{{token.text}}}",
                token.start,
            )
        if token.kind == COMMAND and token.text[1:] in TAKE_ONE:  # x_\\mathbf{k}
            start = self.at - 1
            self.script()
            return self.tokens[start : self.at]
        return [token]

    def inner(self, tokens: Sequence[Token]) -> Cursor:
        """A cursor over some of the tokens."""
        return type(self)(tokens, self.symbols, self.habits, self.depth)

    def whole(self, tokens: Sequence[Token], what: str) -> Formula:
        """The formula that some tokens make up, every one of them."""
        cursor = self.inner(tokens)
        formula = cursor.expression()
        if cursor.next.kind != LAST:
            raise cursor.unexpected(f"an operator or the end of {what}")
        if cursor.is_closed(formula):
            self.closed[id(formula)] = formula
        return formula

    def node(self, head: str, start: int, *args: Formula) -> Apply:
        """An operation that began at a place and ends here."""
        return Apply(head, args, (start, self.before.end))

    @abstractmethod
    def expression(self, power: int = 0) -> Formula:
        """What stands here, up to an operator that binds no tighter than ``power``."""

    @abstractmethod
    def condition(self, power: int = 0) -> Formula:
        """A comparison, or several of them joined."""

    @abstractmethod
    def argument(self) -> Formula:
        """The argument of a command: what braces hold, or one sign."""

    def is_closed(self, formula: Formula) -> bool:
        """Whether the formula stands in visible brackets."""
        return self.closed.get(id(formula)) is formula

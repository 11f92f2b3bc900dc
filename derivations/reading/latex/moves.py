"""Differentials, dL and dz: names for how far quantities move, where a text says one by others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex.compounds import EQUAL, begins_side
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.functions import named
from derivations.reading.latex.names import begins_name
from derivations.reading.latex.tokens import COMMAND, LETTER, ROW, WORD, Token, tokens

D = "d"
UPRIGHT = frozenset({"\\mathrm", "\\rm"})
RAISED = frozenset({"transpose", "power"})
ARROWS = frozenset({"\\Rightarrow", "\\implies", "\\Longrightarrow", "\\iff", "\\Leftrightarrow"})
AS_A_NUMBER = frozenset({"=", "\\in", "\\times", "\\cdot", "\\le", "\\to"})


def upright(found: Sequence[Token]) -> list[Token]:
    """The tokens with one d for ``\\mathrm d``."""
    read = list[Token]()
    for token in found:
        before = read[-1] if read else None
        if before is not None and token.text == D and token.kind == LETTER:
            if before.kind == COMMAND and before.text in UPRIGHT:
                read[-1] = Token(WORD, D, before.start, token.end)
                continue
        read.append(token)
    return read


def has_moves(sources: Iterable[str], words: frozenset[str]) -> bool:
    """Whether texts say a differential by others, and use d for nothing else."""
    found, words = False, frozenset(word for word in words if word[:1] != D)
    for source in sources:
        with suppress(ReadError):
            every = upright(tokens(source, words))
            places = [at for at in range(len(every) - 1) if _is_d(every[at])]
            if any(every[at + 1].text in AS_A_NUMBER for at in places):
                return False
            moves = [at for at in places if begins_name(every[at + 1])]
            found = found or any(_begins(every, at) and _says(every, at, moves) for at in moves)
    return found


def _begins(every: list[Token], at: int) -> bool:
    return begins_side(every, at) or every[at - 1].text in ARROWS


def _is_d(token: Token) -> bool:
    return token.text == D and token.kind in (LETTER, WORD)


def _says(every: Sequence[Token], at: int, moves: Sequence[int]) -> bool:
    """Whether a sign that says equal stands behind, and another differential behind that."""
    end = next((i for i in range(at, len(every)) if every[i].kind == ROW), len(every))
    equal = next((i for i in range(at, end) if every[i].text in EQUAL), end)
    return any(equal < other < end for other in moves)


def move(c: Cursor) -> Formula | None:
    """The differential that stands next; None where none does."""
    if not c.symbols.moves or not _is_d(c.next) or not begins_name(c.tokens[c.at + 1]):
        return None
    start = c.take().start
    if c.symbols.is_function(c.next.text) and c.tokens[c.at + 1].text != "(":
        return Name(D + c.take().text, (start, c.before.end))  # df of f(x)
    inner = named(c)
    if isinstance(inner, Name):
        return Name(D + inner.id, (start, c.before.end))
    if isinstance(inner, Apply) and inner.head in RAISED and isinstance(inner.args[0], Name):
        name = Name(D + inner.args[0].id, (start, c.before.end))
        return Apply(inner.head, (name, *inner.args[1:]), (start, c.before.end))
    if isinstance(inner, Apply) and c.symbols.is_function(inner.head):
        return Name(D + inner.head, (start, c.before.end))  # d f(x)
    raise c.error("what moves here is no quantity", start)

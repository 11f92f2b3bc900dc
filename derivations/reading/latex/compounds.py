"""Words and acronyms that are names: ``\\#\\text{ of filters}``, ``FLOP``, ``TP_1``.

Letters that stand together are factors or a word. A whole left side of three letters and more is a
word where the text does not use its letters by themselves; so are two capitals with an index, if
the first of them stands nowhere without the second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from derivations.reading.latex.rows import GAPS, PUNCTUATION
from derivations.reading.latex.tokens import (
    BREAK,
    LETTER,
    ROW,
    RUN,
    SIGN,
    WORD,
    WORDS,
    Token,
)
from derivations.reading.latex.words import RELATIONS

EQUAL = frozenset(sign for sign, meaning in RELATIONS.items() if meaning in ("=", ":=", "≈", "←"))
LONGEST = 24


def with_names(tokens: list[Token]) -> list[Token]:
    """The tokens with words in the place of letters that the text shows to be words."""
    tokens = list(_counted(tokens))
    letters = {t.text for t in tokens if t.kind == LETTER}
    words = {
        token.text
        for place, token in enumerate(tokens)
        if token.kind == RUN and _is_left_side(tokens, place) and not set(token.text) <= letters
    }
    pairs = _pairs(tokens)
    return list(_joined(tokens, words, pairs)) if words or pairs else tokens


def _counted(tokens: list[Token]) -> Iterable[Token]:
    """``\\#\\text{ of filters}`` is one name, the number of filters."""
    waiting: Token | None = None
    for token in tokens:
        if waiting is not None and token.kind == WORDS and re.search("[A-Za-z]", token.text):
            yield Token(WORDS, f"number {token.text}", waiting.start, token.end)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = token if token.text == "\\#" else None
        if waiting is None:
            yield token


def _is_left_side(tokens: list[Token], place: int) -> bool:
    """Whether a run of letters is all that stands before an equality sign, or before its index."""
    token, after = tokens[place], tokens[place + 1]
    if len(token.text) > LONGEST or not _begins_side(tokens, place):
        return False
    return after.text in EQUAL or after.text == "_" or (after.text == "&" and after.kind == SIGN)


def _begins_side(tokens: list[Token], place: int) -> bool:
    if not place:
        return True
    before = tokens[place - 1]
    return before.kind in (ROW, BREAK, WORDS) or before.text in GAPS | PUNCTUATION | {"&"}


def _pairs(tokens: list[Token]) -> set[str]:
    """Two capitals with an index that always stand together: TP_1, TP_2."""
    found: Counter[str] = Counter()
    alone: set[str] = set()
    for place, token in enumerate(tokens):
        if token.kind != LETTER:
            continue
        if _is_pair(tokens, place):
            found[token.text + tokens[place + 1].text] += 1
        elif not (place and _is_pair(tokens, place - 1)):
            alone.add(token.text)
    return {pair for pair, count in found.items() if count > 1 and pair[0] not in alone}


def _is_pair(tokens: list[Token], place: int) -> bool:
    first, second, third = (*tokens[place : place + 3], *tokens[-1:] * 3)[:3]
    capitals = all(t.kind == LETTER and t.text.isupper() for t in (first, second))
    return capitals and first.end == second.start and third.text == "_"


def _joined(tokens: list[Token], words: set[str], pairs: set[str]) -> Iterable[Token]:
    skip = False
    for place, token in enumerate(tokens):
        if skip:
            skip = False
        elif token.kind == RUN and token.text in words:
            yield token._replace(kind=WORD)
        elif pairs and _is_pair(tokens, place) and token.text + tokens[place + 1].text in pairs:
            second = tokens[place + 1]
            yield Token(WORD, token.text + second.text, token.start, second.end)
            skip = True
        else:
            yield token

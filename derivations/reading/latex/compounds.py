"""Words and acronyms that are names: ``\\#\\text{ of filters}``, ``FLOP``, ``TP_1``.

Letters that stand together are factors or a word. A whole left side of three letters and more is a
word where the text does not use its letters by themselves; so are two capitals with an index, if
the first of them stands nowhere without the second. ``dW`` is a name where d stands before letters alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

from derivations.errors import ReadError
from derivations.reading.latex.chances import with_letters
from derivations.reading.latex.rows import GAPS, PUNCTUATION
from derivations.reading.latex.tokens import (
    BREAK,
    LAST,
    LETTER,
    ROW,
    RUN,
    SIGN,
    WORD,
    WORDS,
    Token,
    tokens,
)
from derivations.reading.latex.words import RELATIONS

EQUAL = frozenset(sign for sign, meaning in RELATIONS.items() if meaning in ("=", ":=", "≈", "←"))
FRACTIONS = frozenset({"\\frac", "\\dfrac", "\\tfrac"})
SIGNS_OF_SLOPES = frozenset({"d", "\\mathrm", "\\partial"})
LONGEST = 24
MOST_FACTORS = 4
NO_FACTORS = frozenset("de")  # a differential, and Euler's number
COUNTS = frozenset(["TP", "FP", "TN", "FN"])  # of a confusion matrix: true positives, ...


def words_of(sources: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """The words among the letters of several texts, as all of them together show them."""
    every: list[Token] = []
    for source in sources:
        with suppress(ReadError):
            every += tokens(source, known)
    return frozenset(_runs(every) | _pairs(every) | _factors(every)) if every else frozenset()


def _factors(found: list[Token]) -> set[str]:
    """The letters of ``mnk``, where the text uses each of them by itself: it is their product."""
    letters = {t.text for t in found if t.kind == LETTER}
    runs = {t.text for t in found if t.kind == RUN and len(t.text) <= MOST_FACTORS}
    return {letter for run in runs for letter in run if set(run) <= letters - NO_FACTORS}


def with_names(found: list[Token]) -> list[Token]:
    """The tokens with words in the place of letters that the text shows to be words."""
    found = with_letters(list(_counted(found)))
    words, pairs = _runs(found), _pairs(found)
    return list(_joined(found, words, pairs)) if words or pairs else found


def _runs(found: list[Token]) -> set[str]:
    """Runs of letters that are all of a left side, and not letters that the text uses."""
    letters = {t.text for t in found if t.kind == LETTER}
    return {
        token.text
        for place, token in enumerate(found)
        if token.kind == RUN and _is_left_side(found, place) and not set(token.text) <= letters
    }


def _counted(found: list[Token]) -> Iterable[Token]:
    """``\\#\\text{ of filters}`` is one name, the number of filters."""
    waiting: Token | None = None
    for token in found:
        if waiting is not None and token.kind == WORDS and re.search("[A-Za-z]", token.text):
            yield Token(WORDS, f"number {token.text}", waiting.start, token.end)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = token if token.text == "\\#" else None
        if waiting is None:
            yield token


def _is_left_side(found: list[Token], place: int) -> bool:
    """Whether a run of letters is all that stands before an equality sign, or before its index."""
    token, after = found[place], found[place + 1]
    if len(token.text) > LONGEST or not begins_side(found, place):
        return False
    return after.text in EQUAL or after.text == "_" or (after.text == "&" and after.kind == SIGN)


def begins_side(found: list[Token], place: int) -> bool:
    """Whether a token is the first of a side, or of a text."""
    if not place:
        return True
    before = found[place - 1]
    return before.kind in (ROW, BREAK, WORDS, LAST) or before.text in GAPS | PUNCTUATION | {"&"}


def _pairs(found: list[Token]) -> set[str]:
    """Two capitals with an index that always stand together, and more than once on a left side."""
    counts: Counter[str] = Counter()
    alone: set[str] = set()
    for place, token in enumerate(found):
        if token.kind != LETTER:
            continue
        if _is_pair(found, place):
            counts[token.text + found[place + 1].text] += begins_side(found, place)
        elif not (place and _is_pair(found, place - 1)):
            alone.add(token.text)
    pairs = {pair for pair, count in counts.items() if count > 1 and pair[0] not in alone}
    pairs |= _left_sides(found) | _differentials(found)
    together = COUNTS & {a.text + b.text for a, b in pairwise(found) if _touch(a, b)}
    return pairs | (together if len(together) > 1 else set())


def _left_sides(found: list[Token]) -> set[str]:
    """``IG = ...``, ``FL(p) = ...``: two capitals that are all of a left side and stand nowhere apart."""
    alone = Counter(t.text for t in found if t.kind == LETTER)
    named: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for place, (first, second) in enumerate(pairwise(found)):
        if not _touch(first, second) or not (first.text + second.text).isupper():
            continue
        together[first.text + second.text] += 1
        after = found[min(place + 2, len(found) - 1)]
        begins = begins_side(found, place) and (after.text in EQUAL or after.text in ("(", "&"))
        named[first.text + second.text] += begins
    return {
        pair
        for pair, count in named.items()
        if count and all(alone[letter] == together[pair] for letter in pair) and pair[0] != pair[1]
    }


def _differentials(found: list[Token]) -> set[str]:
    """``dW = dZ X^T``: names for gradients, where d stands before letters alone and in no fraction."""
    pairs = {d.text + x.text for d, x in pairwise(found) if d.text == "d" and _touch(d, x)}
    begun = any(t.text == "d" and begins_side(found, at) for at, t in enumerate(found))
    single = any(d.text == "d" and not _touch(d, x) for d, x in pairwise(found))
    fraction = any(
        a.text in FRACTIONS and b.text == "{" and c.text in SIGNS_OF_SLOPES
        for a, b, c in zip(found, found[1:], found[2:], strict=False)
    )
    inline = any(a.text == "/" and b.text == "d" for a, b in pairwise(found))
    return pairs if begun and not (single or fraction or inline) else set()


def _touch(first: Token, second: Token) -> bool:
    return first.kind == second.kind == LETTER and first.end == second.start


def _is_pair(found: list[Token], place: int) -> bool:
    first, second, third = (*found[place : place + 3], *found[-1:] * 3)[:3]
    capitals = all(t.kind == LETTER and t.text.isupper() for t in (first, second))
    return capitals and first.end == second.start and third.text == "_"


def _is_one_of(found: list[Token], place: int, pairs: set[str]) -> bool:
    """Whether a pair begins here that the text shows to be a name."""
    second = found[min(place + 1, len(found) - 1)]
    both = found[place].text + second.text
    return both in pairs and (_is_pair(found, place) or _touch(found[place], second))


def _joined(found: list[Token], words: set[str], pairs: set[str]) -> Iterable[Token]:
    skip = False
    for place, token in enumerate(found):
        if skip:
            skip = False
        elif token.kind == RUN and token.text in words:
            yield token._replace(kind=WORD)
        elif pairs and _is_one_of(found, place, pairs):
            second = found[place + 1]
            yield Token(WORD, token.text + second.text, token.start, second.end)
            skip = True
        else:
            yield token

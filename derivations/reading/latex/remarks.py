"""Words beside a line that are no part of it: remarks, numbers of equations, labels."""

from __future__ import annotations

import re

from derivations.reading.latex.rows import GAPS, OPERATORS, PUNCTUATION, has_relation, levels
from derivations.reading.latex.tokens import (
    COMMAND,
    LETTER,
    NOTE,
    NUMBER,
    RUN,
    SIGN,
    WORD,
    WORDS,
    Token,
)
from derivations.reading.latex.units import exponent_of
from derivations.reading.latex.words import ACCENTS, GREEK_COMMANDS, RELATIONS, SCALED


def without_notes(tokens: list[Token]) -> tuple[list[Token], list[str]]:
    """The tokens of a row without remarks, numbers and words at its ends."""
    notes = [token.text for token in tokens if token.kind == NOTE]
    tokens = [token for token in tokens if token.kind != NOTE]
    if (prose := _prose(tokens)) is not None:
        notes.append(" ".join(token.text for token in tokens[prose + 1 :]))
        tokens = tokens[:prose]
    while tokens:
        last = tokens[-1]
        if last.text in PUNCTUATION or last.text in GAPS:
            tokens.pop()
        elif last.kind == WORDS and len(tokens) > 1 and not _belongs(tokens):
            notes.append(last.text)
            tokens.pop()
        elif (start := _number_of_equation(tokens)) is not None:
            tokens = tokens[:start]
        else:
            break
    while tokens and tokens[0].kind == SIGN and tokens[0].text in ("&",):
        tokens.pop(0)
    while len(tokens) > 1 and tokens[0].kind == WORDS and not _named_by_words(tokens):
        notes.append(tokens[0].text)
        tokens = tokens[1:]
        while tokens and (tokens[0].text in PUNCTUATION or tokens[0].text in GAPS):
            tokens = tokens[1:]
    if len(tokens) == 1 and tokens[0].kind == WORDS:
        return [], [*notes, tokens[0].text]
    return tokens, notes


def _prose(tokens: list[Token]) -> int | None:
    """Where a sentence begins behind a comma: ``= 2, \\ the \\ output \\ is``."""
    for place, (token, depth) in enumerate(levels(tokens)):
        if token.text == "," and not depth and place and tokens[place + 1 : place + 2]:
            rest = tokens[place + 1 :]
            words = [t for t in rest if t.kind == RUN]
            if rest[0].kind == RUN and len(words) > 1 and not has_relation(rest):
                return place
    return None


def _belongs(tokens: list[Token]) -> bool:
    """Whether the last words are part of a formula: a name that is expected, or a scaled unit."""
    words = tokens[-1].text.split()
    scaled = tokens[-2].kind == NUMBER and (set(words) & SCALED or any(map(exponent_of, words)))
    return bool(scaled) or expects(tokens[-2])


def expects(token: Token) -> bool:
    return token.text in OPERATORS or token.text in RELATIONS or token.text in ("_", "^", "{", "(")


def _named_by_words(tokens: list[Token]) -> bool:
    """``\\text{Loss} = ...``: the words are the name of a quantity."""
    after = tokens[1].text
    letters = re.fullmatch(r"[A-Za-z][A-Za-z \-]*", tokens[0].text.strip())
    return bool(letters) and (after in RELATIONS or after in OPERATORS or after in ("_", "^", "("))


def _number_of_equation(tokens: list[Token]) -> int | None:
    """Where ``\\quad (7)`` begins at the end of a row."""
    if len(tokens) < 4 or tokens[-1].text != ")":
        return None
    for size in (4, 5, 6):
        if len(tokens) > size - 1 and tokens[-size].text in GAPS and tokens[-size + 1].text == "(":
            inside = tokens[-size + 2 : -1]
            if all(t.kind in (NUMBER, WORD, WORDS) or t.text in (".", "*") for t in inside):
                return len(tokens) - size
    return None


def label_end(tokens: list[Token]) -> int:
    """Where the colon stands behind a name with its scripts, before a formula; 0 if nowhere."""
    if not tokens or tokens[0].kind not in (LETTER, WORD, COMMAND):
        return 0
    for place, (token, depth) in enumerate(levels(tokens)):
        if token.text == ":" and token.kind == SIGN and not depth:
            after = tokens[place + 1].text if place + 1 < len(tokens) else "\\mathbb"
            return 0 if after == "\\mathbb" or not _is_name(tokens[:place]) else place
    return 0


def _is_name(tokens: list[Token]) -> bool:
    """Whether tokens are one letter, word or accent with scripts, and nothing else."""
    depth, before = 0, ""
    for place, token in enumerate(tokens):
        opens = token.text == "{" and token.kind == SIGN
        depth -= token.text == "}" and token.kind == SIGN
        if not depth and place and token.text not in ("_", "^", "'", "{", "}"):
            if before not in ("_", "^"):
                return False
        depth += opens
        before = token.text
    return tokens[0].text[1:] in GREEK_COMMANDS | ACCENTS or tokens[0].kind in (LETTER, WORD)

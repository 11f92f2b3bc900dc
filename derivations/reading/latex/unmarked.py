"""Mathematics that a sentence does not mark: ``we get z = 0.5*2 + 0.1 = 1.1 for x = 2.``

A run of numbers, letters, names and operators with a relation sign in it; words and the signs of a
sentence end it. Only text without commands of LaTeX is searched: those who write them mark it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import NamedTuple

from derivations.formula.looks import GREEK
from derivations.reading.latex.displays import Marked, mathematics
from derivations.reading.latex.words import FUNCTIONS, PREFIX

NUMBER, NAME, WORD, RELATION, SIGN, OPEN, CLOSE, COMMA, END = range(9)
SIGNS = re.compile(
    r"(?P<space>[ \t]+)|(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<abbreviation>\b[A-Za-z]\.[A-Za-z]\.)"
    r"|(?P<letters>(?:[^\W\d]|[∂∇])[\w\u0300-\u036f]*'*)"
    r"|(?P<arrow>->|→)|(?P<relation><-|:=|<=|>=|!=|=>|==|[=≈≤≥≠←⇒<>])"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)"
    r"|(?P<sign>[-+*/^·×÷⋅−–√Σ∑⊙²³¹⁰-⁹₀-₉'′%|‖∥∞⊤ᵀ])|(?P<other>.)"
)
KINDS = {
    "number": NUMBER, "relation": RELATION, "open": OPEN, "close": CLOSE, "comma": COMMA, "sign": SIGN,
    "arrow": END, "other": END, "abbreviation": WORD,
}  # fmt: skip
COPULAS = frozenset(  # words that stand before a relation sign and name nothing
    """is are was be equals and or so thus hence then therefore gives get gets yields with for of to the a an as that
    have has where which by ist und also dann mit für est et donc avec""".split()
)
SHORT = frozenset(  # words of two letters, where others are products
    """am an as at be by do go he if in is it me my no of ok on or so to up us we vs ab da du er es im ob um wo zu au ce
    de en et il la le ne ou se si un""".split()
)
COUNTED = frozenset(  # words behind which a number is one of theirs
    """step epoch iteration sample layer neuron unit case class line equation eq example pattern question exercise task
    problem part fold cluster schritt schicht klasse étape couche""".split()
)
CHANCES = frozenset(["P", "p", "Pr"])
ARTICLES = frozenset(["a", "A", "I"])
SPOKEN = frozenset(  # functions that are words of a sentence where no bracket follows
    "max min sum mean average norm step floor sign id var abs trace".split()
)
LETTERS_OF_PRODUCT = 2
MOST_AROUND = 3  # brackets around a relation
LETTERS_OF_SHORT_NAME = 4  # MSE, BCE
ARITHMETIC = frozenset("+-*/·×÷⋅−–^")
BEFORE = frozenset("-−–√Σ∑|‖∥∞")  # signs with which a formula can begin
BEHIND = frozenset("%'′ᵀ⊤|‖∥∞²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉")
ORDERS = frozenset("<>")
LINE = re.compile(r"[^\n]+")
ITEM = re.compile(r"\s*(?:(?:[-*•>+]|\(?[a-z0-9]{1,2}[.)])\s+)*")
TAG = re.compile(r"(?<=\S)[ \t]+\(\d{1,2}\)\s*$")
WORDS = re.compile(r"[^\W\d_]{3}")
NO_SENTENCE = re.compile(
    r"!?\[[^][\n]{0,200}\]\([^()\n]{0,500}\)(?:\{[^{}\n]{0,200}\})?|</?[a-z][a-z0-9]{0,9}(?:\s[^<>\n]{0,300})?/?>|https?://\S+"
)  # links, tags
SLOPE = re.compile(r"[d∂][A-Za-zα-ω]")
BREAK = "¦"  # a sign that is in no formula
PREAMBLE = "\\documentclass"
EXTRA = ("|", "#", "<")  # begin a row of a table, a heading, a tag


class Sign(NamedTuple):
    """A word or sign of a sentence: what it is, and where it stands."""

    kind: int
    text: str
    start: int
    end: int


LAST = Sign(END, "", 0, 0)


def is_prose(text: str) -> bool:
    """Whether a text has sentences: words that are no names of mathematics, and no command of LaTeX."""
    return "\\" not in text and any(
        sign.kind == WORD and following.kind not in (RELATION, OPEN)
        for line in LINE.finditer(text)
        for sign, following in pairwise((*_signs(text, line.start(), line.end()), LAST))
    )


def all_mathematics(text: str, start: int = 0, end: int | None = None) -> list[Marked]:
    """What a text marks as mathematics, and the relations that stand in its sentences unmarked.

    A whole document of LaTeX marks all of it.
    """
    end = len(text) if end is None else end
    marked = list(mathematics(text, start, end))
    if PREAMBLE in text:
        return marked
    sentences = NO_SENTENCE.sub(lambda m: BREAK * len(m[0]), text)
    edges = [start, *(edge for m in marked for edge in m[:2]), end]
    found = [
        run for a, b in zip(edges[::2], edges[1::2], strict=True) for run in _runs(sentences, a, b)
    ]
    return sorted((*marked, *found))


def _runs(text: str, start: int, end: int) -> Iterator[Marked]:
    """The relations between two places, line by line."""
    for line in LINE.finditer(text, start, end):
        if "\\" in line[0] or line[0].lstrip().startswith(EXTRA):
            continue
        item, tag = ITEM.match(text, line.start(), line.end()), TAG.search(line[0])
        whole = line.start() == 0 or text[line.start() - 1] == "\n"
        first = item.end() if item and whole else line.start()
        last = line.start() + tag.start() if tag else line.end()
        signs = list(_signs(text, first, last))
        for run in _of_line(signs):
            yield from _relation(run, whole and run[0] is signs[0])


def _of_line(signs: list[Sign]) -> Iterator[list[Sign]]:
    """The runs of a line that may be relations."""
    run: list[Sign] = []
    depth = 0
    for sign, following in pairwise((*signs, LAST)):
        if sign.kind == RELATION and depth and (outer := _before_bracket(run)):
            yield outer  # z = 3 (x = 1)
            run = run[len(outer) :]
        named = sign.kind == WORD and (_is_event(run, depth) or _is_named(run, sign, following))
        ends = sign.kind == END or (sign.kind in (COMMA, CLOSE) and not depth)
        goes_on = run and (depth or run[-1].kind in (SIGN, RELATION))
        starts = sign.kind == WORD and not (named and goes_on)
        if run and (ends or starts or _are_apart(run[-1], sign)):
            yield run
            run, depth = [], 0
        if not ends and (named or sign.kind != WORD):
            run.append(sign)
            depth = max(depth + (sign.kind == OPEN) - (sign.kind == CLOSE), 0)
    if run:
        yield run


def _before_bracket(run: list[Sign]) -> list[Sign]:
    """What stands before the bracket that is open at the end of a run, if this has a relation."""
    depth = 0
    for at in range(len(run) - 1, -1, -1):
        depth += (run[at].kind == OPEN) - (run[at].kind == CLOSE)
        if depth > 0:
            return run[:at] if any(sign.kind == RELATION for sign in run[:at]) else []
    return []


def _is_event(run: list[Sign], depth: int) -> bool:
    """Whether a word stands in the brackets of a probability, ``P(word | spam)``."""
    if not depth:
        return False
    opened = max(at for at, sign in enumerate(run) if sign.kind == OPEN)
    return (
        opened > 0 and run[opened - 1].text in CHANCES and run[opened - 1].end == run[opened].start
    )


def _is_named(run: list[Sign], word: Sign, following: Sign) -> bool:
    """Whether a word is the name of a quantity: before a relation sign, or beside an operator of one."""
    if following.kind == RELATION:
        return word.text.lower() not in COPULAS
    if not any(sign.kind == RELATION for sign in run):
        return False
    before, behind = run[-1], following
    operated = before.kind == SIGN and before.text in ARITHMETIC
    operates = behind.kind == SIGN and behind.text in ARITHMETIC
    return (operated and (operates or behind.kind in (END, COMMA, CLOSE))) or (
        before.kind == RELATION and operates
    )


def _are_apart(before: Sign, sign: Sign) -> bool:
    """Whether two neighbours are no product: a name of several letters beside another operand."""
    operands = before.kind in (NUMBER, NAME, CLOSE, WORD) and sign.kind in (NUMBER, NAME)
    if not operands or before.end == sign.start:
        return False
    return any(
        s.kind == WORD
        or (s.kind == NAME and len(s.text) > 1 and s.text.isalpha() and not _is_product(s.text))
        for s in (before, sign)
    )  # fmt: skip


def _is_product(word: str) -> bool:
    """Whether letters may stand beside a factor: ``eta g``, ``wx b``."""
    return word in GREEK or (len(word) == LETTERS_OF_PRODUCT and word.islower())


def _relation(run: list[Sign], begins: bool) -> Iterator[Marked]:
    """The relation that a run is, without the signs that only surround it.

    ``begins``: it stands at the beginning of a line, where it may go on with the line before.
    """
    first, last = 0, len(run)
    while first < last and _is_behind(run[last - 1]):
        last -= 1
    while first < last and run[first].kind == SIGN and run[first].text not in BEFORE:
        first += 1
    run = run[first:last]
    for _ in range(MOST_AROUND):
        if run and run[0].kind == OPEN and (_depth(run) or _surrounds(run)):
            run = run[1:] if _depth(run) else run[1:-1]
    relations = [sign.text for sign in run if sign.kind == RELATION]
    if not relations or _depth(run) or (run[0].kind == RELATION and not begins):
        return
    if ORDERS.issuperset(relations) and not any(sign.kind == NUMBER for sign in run):
        return
    yield Marked(run[0].start, run[-1].end, 0, True, True)


def _is_behind(sign: Sign) -> bool:
    """Whether a formula cannot end with a sign."""
    return sign.kind in (OPEN, RELATION) or (sign.kind == SIGN and sign.text not in BEHIND)


def _depth(run: list[Sign]) -> int:
    """How many brackets of a run are open at its end; -1 where one closes that none opens."""
    depth = 0
    for sign in run:
        depth += (sign.kind == OPEN) - (sign.kind == CLOSE)
        if depth < 0:
            return depth
    return depth


def _surrounds(run: list[Sign]) -> bool:
    """Whether the bracket with which a run begins is closed at its end, around relations."""
    inner = run[1:-1]
    closes = run[-1].kind == CLOSE and _depth(inner) == 0
    return closes and any(sign.kind == RELATION for sign in inner)


def _signs(text: str, start: int, end: int) -> Iterator[Sign]:
    """The words and signs of a line."""
    found = [m for m in SIGNS.finditer(text, start, end) if m.lastgroup != "space"]
    before = ""
    for match, following in zip_longest(found, found[1:]):
        kind = KINDS.get(match.lastgroup or "")
        if (
            kind == NUMBER
            and before.lower() in COUNTED
            and following
            and following.lastgroup == "letters"
        ):
            kind = END  # step 2 z = ...
        if kind is None:
            kind = _kind(match[0], following)
        yield Sign(kind, match[0], match.start(), match.end())
        before = match[0]


def _kind(word: str, following: re.Match[str] | None) -> int:
    """Whether letters are a name or function, or a word."""
    plain = word.rstrip("'")
    called = following is not None and following[0] == "("
    if word in ARTICLES and following is not None and WORDS.match(following[0]):
        return WORD
    if called and (plain in FUNCTIONS or plain.lower() in FUNCTIONS):
        return NAME
    if plain in FUNCTIONS and (plain in SPOKEN or FUNCTIONS[plain] not in PREFIX):
        return WORD
    if not plain.isalpha() or len(plain) == 1 or plain in GREEK or plain in PREFIX:
        return NAME
    if len(plain) == LETTERS_OF_PRODUCT and plain.islower() and plain not in SHORT:
        return NAME
    short = plain.isupper() and len(plain) <= LETTERS_OF_SHORT_NAME
    return NAME if short or plain == "lr" or SLOPE.fullmatch(plain) else WORD

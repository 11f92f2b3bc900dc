"""Probabilities of events: ``P(D)``, ``\\Pr(T \\mid \\neg D)``, ``\\mathbb{P}(y = 1)`` are names of numbers.

A text speaks of events where it writes a condition behind a bar, and P nowhere without a bracket.
The probability that something is not the case, ``P(\\bar D)``, ``P(\\neg D)``, ``P(D^c)``, is 1 - P(D),
where the text speaks of P(D), too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.tokens import LAST, LETTER, Token, tokens

LETTER_OF_CHANCE = "P"
OPENING, CLOSING = frozenset(["(", "["]), frozenset([")", "]"])
BARS = frozenset(["|", "\\mid", "\\vert"])
SIGNS = frozenset(["\\neg", "\\lnot", "\\sim"])
NOT = SIGNS | {"\\overline", "\\bar"}
COMPLEMENT = frozenset(["c", "C", "\\complement", "\\prime"])
WORDS = {"|": "given", "\\mid": "given", "\\vert": "given", "+": "plus", "-": "minus", ",": "and",
         "\\cap": "and", "\\land": "and", "\\wedge": "and", "\\cup": "or", "\\lor": "or", "\\vee": "or"}  # fmt: skip
SUMS = frozenset(["\\sum", "\\prod", "\\int"])
MOST_INSIDE = 40  # tokens


def with_letters(found: Sequence[Token]) -> list[Token]:
    """The tokens with the letter P for ``\\Pr`` and ``\\mathbb{P}`` before a bracket."""
    read, at = list[Token](), 0
    while at < len(found):
        width = _width(found, at)
        if width and found[at + width].text in OPENING:
            read.append(Token(LETTER, LETTER_OF_CHANCE, found[at].start, found[at + width - 1].end))
            at += width
        else:
            read.append(found[at])
            at += 1
    return read


def _width(found: Sequence[Token], at: int) -> int:
    """How many tokens write the letter of a probability; 0 where none stands."""
    texts = [token.text for token in found[at : at + 5]]
    if texts[0] == "\\Pr" and len(texts) > 1:
        return 1
    if texts[:4] == ["\\mathbb", "{", "P", "}"] and len(texts) > 4:
        return 4
    return 2 if texts[:2] == ["\\mathbb", "P"] and len(texts) > 2 else 0


def chances_of(sources: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """The names of the probabilities that texts speak of; none where P is something else."""
    every: list[Token] = []
    for source in sources:
        with suppress(ReadError):
            every += with_letters(tokens(source, known))
    return _chances(every)


def _chances(found: Sequence[Token]) -> frozenset[str]:
    names, conditions = set[str](), False
    for at, token in enumerate(found):
        if token.kind != LETTER or token.text != LETTER_OF_CHANCE:
            continue
        inside = _inside(found, at + 1)
        if not inside:
            return frozenset()
        conditions = conditions or any(t.text in BARS for t in inside)
        negated, name = _event(inside)
        names |= {name} if not negated else set()
    return frozenset(names) if conditions else frozenset()


def chance(c: Cursor, base: str) -> Formula | None:
    """The probability whose bracket stands next, behind its letter; None where none does."""
    chances = c.symbols.chances
    if base != LETTER_OF_CHANCE or not chances or c.next.kind == LAST:
        return None
    inside = _inside(c.tokens, c.at)
    if not inside or any(token.text in SUMS for token in c.tokens):
        return None
    start = c.before.start
    c.at += len(inside) + 2
    negated, name = _event(inside)
    span = (start, c.before.end)
    if not negated:
        return Name(name, span)
    if name not in chances:
        return Name(name.replace("_", "_not", 1), span)
    formula = Apply("sum", (Number("1"), Apply("neg", (Name(name, span),), span)), span)
    c.closed[id(formula)] = formula
    return formula


def _inside(found: Sequence[Token], at: int) -> list[Token]:
    """What stands in the bracket at a place; nothing where none does, or too much."""
    if at >= len(found) or found[at].text not in OPENING:
        return []
    depth = 0
    for place in range(at, min(at + MOST_INSIDE, len(found))):
        depth += (found[place].text in OPENING) - (found[place].text in CLOSING)
        if not depth:
            return list(found[at + 1 : place])
    return []


def _event(inside: Sequence[Token]) -> tuple[bool, str]:
    """Whether it is the event that something is not the case, and the name of the probability that it is."""
    bar = next((at for at, token in enumerate(inside) if token.text in BARS), len(inside))
    negated, event = _without_not(inside[:bar])
    given = "given" + "and".join(map(_one, _parted(inside[bar + 1 :]))) if bar < len(inside) else ""
    return negated, f"{LETTER_OF_CHANCE}_{event}{given}"


def _parted(found: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The conditions between commas."""
    start = 0
    for at, token in enumerate(found):
        if token.text == ",":
            yield found[start:at]
            start = at + 1
    yield found[start:]


def _one(found: Sequence[Token]) -> str:
    negated, event = _without_not(found)
    return f"not{event}" if negated else event


def _without_not(found: Sequence[Token]) -> tuple[bool, str]:
    """Whether one event is negated, and its letters."""
    texts = [token.text for token in found]
    rest = texts
    if texts and texts[0] in NOT:
        alone = not set(texts[1:]) & WORDS.keys() if texts[0] in SIGNS else _is_group(texts[1:])
        rest = texts[1:] if alone else texts
    elif texts and texts[0].startswith("not "):
        rest = [texts[0].removeprefix("not "), *texts[1:]]
    elif texts[:1] == ["not"] or texts[-1:] == ["'"]:
        rest = texts[1:] if texts[0] == "not" else texts[:-1]
    elif "^" in texts and COMPLEMENT & set(texts[texts.index("^") :]):
        rest = texts[: texts.index("^")]
    return rest is not texts and bool(rest), "".join(map(_word, rest))


def _is_group(texts: Sequence[str]) -> bool:
    """Whether one letter stands below an accent, or one pair of braces, and nothing behind it."""
    return len(texts) == 1 or (texts[:1] == ["{"] and texts.index("}") + 1 == len(texts))


def _word(text: str) -> str:
    return WORDS.get(text) or ("not" if text in NOT else re.sub(r"[^A-Za-z0-9]", "", text))

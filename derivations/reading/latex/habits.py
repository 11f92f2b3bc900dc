"""What a text shows about its own symbols, before any of it is read as a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derivations.reading.latex.cursor import Habits
from derivations.reading.latex.layout import Statement
from derivations.reading.latex.names import label
from derivations.reading.latex.symbols import Symbols
from derivations.reading.latex.tokens import COMMAND, LETTER, WORD, Token
from derivations.reading.latex.words import ACCENTS, BOLD, FONTS, GREEK_COMMANDS, LETTERS

MOST_INSIDE = 200  # tokens of a bracket that are looked at
MOST_SCRIPTS = 8  # behind one name; more of them are no name
LAYERS = frozenset({"l", "L", "ell"})
SEVERAL = 2  # names with the same letter above them
LOSSES = frozenset("JLEC") | {"ell"}  # letters that keep their meaning under an accent
PRIMES = frozenset(["'", "\\prime"])
BOLD_COMMANDS = frozenset("\\" + name for name in BOLD)
TRANSPOSES = frozenset(["T", "\\top", "\\intercal"])


def habits_of(tokens: list[Token], stated: list[Statement], symbols: Symbols) -> Habits:
    """Functions that are defined, letters that stand without a bracket, names that are transposed."""
    habits = Habits()
    for place, token in enumerate(tokens):
        base = _base(token)
        if not base:
            continue
        end, name, turned = _scripts(tokens, place + 1, base)
        if turned and (turned != "T" or symbols.get("T") is None):
            habits.arrays.add(name)
        if (base in LETTERS or len(base) > 1) and tokens[end].text != "(":
            habits.bare.add(name)
        if base in LETTERS and tokens[end].text == "(" and not _is_factor(tokens, end, base):
            habits.called.add(name)
        if tokens[place + 1].text == "^":
            habits.raised.add(name)
    habits.functions |= set(_of_index(tokens)) | set(_sloped(tokens))
    habits.labels |= _labels(tokens)
    for statement in stated:
        if (
            len(statement.sides) > 1
            and statement.sides[1].sign
            and statement.sides[1].sign.text in ("=", ":=")
        ):
            left = statement.sides[0].tokens
            _defined(left, habits)
            inside = (
                left[1:-1] if [t.text for t in left[:: len(left) - 1 or 1]] == ["|", "|"] else left
            )
            habits.stated |= {_base(inside[0])} if len(inside) == 1 else set()  # |e| = 0.5
            habits.primed |= _primed(left)
            if len(left) == 1 and _is_difference(statement.sides[1].tokens):
                habits.errors.add(_base(left[0]))
    return habits


def _is_difference(tokens: Sequence[Token]) -> bool:
    """``y - t``: names of which one is subtracted, as of an error."""
    signs = [token.text for token in tokens]
    return "-" in signs[1:] and bool(_base(tokens[0]) or signs[0][1:] in ACCENTS)


def holds_bare(tokens: Sequence[Token], at: int, base: str) -> bool:
    """Whether a letter stands within the bracket that opens at a place, and calls nothing there."""
    depth = 0
    for token, after in pairwise(tokens[at : at + MOST_INSIDE]):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth:
            return False
        if _base(token) == base and after.text != "(":
            return True
    return False


def _is_factor(tokens: Sequence[Token], at: int, base: str) -> bool:
    """Whether a bracket multiplies the letter before it: ``f(1 - s)``, ``f(x - f)``."""
    return tokens[at + 1].text in ("1", "-") or holds_bare(tokens, at, base)


def _of_index(tokens: list[Token]) -> Iterator[str]:
    """Letters before the index of a sum in brackets are functions of it: ``\\sum_x p(x)``."""
    found = [t.text for t in tokens]
    indices = {
        tokens[at + 3 if found[at + 2] == "{" else at + 2].text
        for at in range(len(tokens) - 3)
        if found[at] in ("\\sum", "\\prod") and found[at + 1] == "_"
    }
    for at in range(len(tokens) - 3):
        bracket = found[at + 1] == "(" and found[at + 3] == ")"
        if bracket and found[at + 2] in indices and tokens[at].kind == LETTER:
            yield found[at]


def _labels(tokens: list[Token]) -> set[str]:
    """Letters for layers that stand above several names without brackets: ``z^l = w^l a^{l-1}``."""
    above: dict[str, set[str]] = {}
    base = ""
    for place, token in enumerate(tokens[:-2]):
        base = _base(token) or base
        if token.text != "^":
            continue
        opened = tokens[place + 1].text == "{"
        letter = _base(tokens[place + 2 if opened else place + 1])
        if letter in LAYERS:
            above.setdefault(letter, set()).add(base)
    return {letter for letter, bases in above.items() if len(bases) >= SEVERAL}


def _sloped(tokens: list[Token]) -> Iterator[str]:
    """``\\nabla F(a)``: what has a gradient at a place is a function."""
    for at, token in enumerate(tokens[:-2]):
        name, end = _dressed(tokens, at + 1) if token.text == "\\nabla" else ("", 0)
        if name and end < len(tokens) and tokens[end].text == "(":
            yield name
    for at, token in enumerate(tokens[:-4]):  # F'(x): what has a slope at a place is, too
        below = [t.text for t in tokens[at + 1 : at + 5]]
        if below[:2] == ["'", "("] and below[3] == ")" and token.kind == LETTER:
            if _base(tokens[at + 3]):
                yield token.text
        elif below[:2] == ["'", "("] and token.kind == LETTER and token.text.islower():
            if _is_indexed(tokens[at + 3 :]):  # h'(a_j)
                yield token.text


def _is_indexed(tokens: list[Token]) -> bool:
    """Whether one name with a lower index stands before the bracket that closes."""
    end, _, turned = _scripts(tokens, 1, _base(tokens[0])) if _base(tokens[0]) else (0, "", "")
    return end > 1 and tokens[1].text == "_" and not turned and tokens[end].text == ")"


def _dressed(tokens: list[Token], at: int) -> tuple[str, int]:
    """The letter at a place, also in a font, ``\\mathcal{L}``, or with an accent, and where it ends."""
    text = tokens[at].text[1:] if at < len(tokens) and tokens[at].kind == COMMAND else ""
    if text not in FONTS and text not in ACCENTS:
        return (_base(tokens[at]) if at < len(tokens) else ""), at + 1
    opened = tokens[at + 1].text == "{" if at + 1 < len(tokens) else False
    name, end = _dressed(tokens, at + 2 if opened else at + 1)
    if opened and (end >= len(tokens) or tokens[end].text != "}"):
        return "", end
    if text in ACCENTS:
        name = f"{name}_{ACCENTS[text]}" if name in LOSSES else ""
    return name, end + 1 if opened else end


def _base(token: Token) -> str:
    if token.kind in (LETTER, WORD):
        return token.text
    return GREEK_COMMANDS.get(token.text[1:], "") if token.kind == COMMAND else ""


def _scripts(tokens: list[Token], at: int, base: str) -> tuple[int, str, str]:
    """Where the scripts of a name end, the name with its lower index, and whether it is transposed."""
    below, turned = "", ""
    for _ in range(MOST_SCRIPTS):
        sign = tokens[at].text
        if sign not in ("_", "^", "'"):
            break
        at += 1
        if sign == "'":
            continue
        start = at
        if tokens[at].text == "{":
            depth = 1
            while depth and at + 1 < len(tokens):
                at += 1
                depth += {"{": 1, "}": -1}.get(tokens[at].text, 0)
            inside = tokens[start + 1 : at]
        else:
            inside = tokens[at : at + 1]
        at = min(at + 1, len(tokens) - 1)
        if sign == "_":
            below = label(inside) or ""
        else:
            turned = inside[-1].text if inside and inside[-1].text in TRANSPOSES else ""
    return at, f"{base}_{below}" if below else base, turned


def _defined(tokens: list[Token], habits: Habits) -> None:
    """``f(x) = ...`` defines f: letters in brackets, and nothing else, on the left."""
    opened = next((i for i, t in enumerate(tokens) if t.text == "("), 0)
    base, start = _dressed(tokens, 0)
    if not opened or tokens[-1].text != ")" or not base:
        return
    end, name, _ = _scripts([*tokens, tokens[-1]], start, base)
    inside = tokens[opened + 1 : -1]
    letters = [t for t in inside if t.text not in (",", ";", "_", "^", "{", "}")]
    plain = all(
        _base(t) or t.text[1:] in ("mathbf", "bm") or t.text[1:] in ACCENTS or t.text.isdigit()
        for t in letters
    )
    if end != opened or not letters or not plain or not _one_each(inside):
        return
    if "^ 2" in " ".join(t.text for t in inside):  # of μ and σ²: a quantity over them
        habits.over[name] = tuple(t.text for t in inside)
    else:
        habits.functions.add(name)


def _primed(tokens: list[Token]) -> set[str]:
    """``\\mathbf{P}' = ...`` says what P' is: it is no transpose."""
    bases = [_base(t) for t in tokens if _base(t)]
    rest = {t.text for t in tokens if not _base(t)} - {"{", "}", "^"}
    signs = rest & PRIMES
    bold = rest - signs
    return (
        set(bases)
        if len(bases) == 1 and signs and len(bold) == 1 and bold <= BOLD_COMMANDS
        else set()
    )


def _one_each(tokens: list[Token]) -> bool:
    """Whether commas part single names: f(x, y), not f(xy)."""
    names, depth = 0, 0
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.text == ",":
            if names != 1:
                return False
            names = 0
        elif not depth:
            dressed = token.text[1:] in (*ACCENTS, *FONTS) and after.text == "{"
            names += bool(_base(token)) or dressed
    return names <= 1

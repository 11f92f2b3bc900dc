"""Names of quantities with all that belongs to them: fonts, accents, indices, layers, primes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from derivations.formula.looks import DECORATIONS, Look
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.powers import is_minus_one, raised
from derivations.reading.latex.symbols import INDEX, LAYER, spelled
from derivations.reading.latex.tokens import COMMAND, LAST, LETTER, NUMBER, RUN, WORD, WORDS, Token
from derivations.reading.latex.words import ACCENTS, BOLD, FONTS, GREEK_COMMANDS, NEW_WORDS

CLOSING = {"(": ")", "[": "]"}
DOTS_ABOVE = {"\\dot": 1, "\\ddot": 2}  # derivatives, as primes are
TRANSPOSES = ("\\top", "\\intercal", "\\mathsf{T}")


@dataclass(slots=True)
class Named:
    """A name in the making; ``indices`` are formulas where an index is one, as in w_{t+1}."""

    base: str
    start: int
    marks: list[str] = field(default_factory=list)
    layer: str = ""
    below: str = ""
    indices: list[Formula] = field(default_factory=list)
    primes: int = 0
    transposed: bool = False
    exponent: list[Token] | None = None
    spelling: str = ""  # "" for plain letters

    @property
    def id(self) -> str:
        """The name without exponent and primes."""
        return spelled(Look(self.base, tuple(self.marks), self.below, self.layer))


def begins_name(token: Token) -> bool:
    """Whether a token can be the start of a name."""
    if token.kind in (LETTER, WORD, RUN):
        return True
    return token.kind == COMMAND and (
        token.text[1:] in GREEK_COMMANDS
        or token.text[1:] in ACCENTS
        or token.text[1:] in FONTS
        or token.text in DOTS_ABOVE
    )


def read_base(c: Cursor) -> Named:
    """The letter or word, with its font and accents; nothing that stands behind it."""
    token = c.take()
    if token.kind in (LETTER, WORD):
        return Named(token.text, token.start)
    if token.kind == RUN:
        raise c.error(
            f"'{token.text[:30]}' can be a word or a product of letters; write \\mathrm{{..}} "
            f"for the word, or spaces between the factors with \\cdot",
            token.start,
        )
    command = token.text[1:]
    if command in GREEK_COMMANDS:
        spelling = token.text if command.startswith("var") or command in ("phi", "epsilon") else ""
        return Named(GREEK_COMMANDS[command], token.start, spelling=spelling)
    named = _inside(c, token)
    if token.text in DOTS_ABOVE:
        named.primes += DOTS_ABOVE[token.text]
    elif command in ACCENTS:
        named.marks.append(ACCENTS[command])
    elif command in BOLD:
        named.spelling = "bold" if command != "vec" else "\\vec"
    elif command == "mathbb":
        raise c.error(f"'\\mathbb{{{named.base}}}' is no quantity", token.start)
    elif command not in ("mathrm", "mathit", "mathnormal"):
        named.spelling = token.text
    named.start = token.start
    return named


def _inside(c: Cursor, token: Token) -> Named:
    """What an accent or a font is put on: one name, in braces or not."""
    if not c.accept("{"):
        if not begins_name(c.next):
            raise c.unexpected(f"a letter after {token.text}")
        c.deeper()
        named = read_base(c)
        c.depth -= 1
        return named
    if not begins_name(c.next):
        raise c.unexpected(f"a single name under {token.text}")
    c.deeper()
    named = read_base(c)
    read_scripts(c, named)
    c.depth -= 1
    if named.exponent is not None or named.transposed:
        raise c.error(f"an exponent inside {token.text}", token.start)
    c.expect("}", f"; {token.text} holds a single name")
    return named


def read_name(c: Cursor) -> Named:
    """A name with its scripts; Δw is one name."""
    named = read_base(c)
    read_scripts(c, named)
    return changed(c, named)


def changed(c: Cursor, named: Named) -> Named:
    """Δ and the letter that follows it, the change of a quantity; any other name as it is."""
    letter = c.next.kind in (LETTER, WORD) or begins_name(c.next)
    if named.base != "Delta" or named.below or not letter or c.symbols.get("Delta") is not None:
        return named
    if named.primes or named.layer or named.exponent is not None:
        raise c.error("Δ with something above it", named.start)
    quantity = read_base(c)
    read_scripts(c, quantity)
    quantity.marks.append("change")
    quantity.start = named.start
    return quantity


# ---------------------------------------------------------------- what stands behind a name


def read_scripts(c: Cursor, named: Named) -> None:
    """Indices, layer labels, stars, primes, transposes; an exponent is kept for later."""
    while True:
        token = c.next
        if token.text == "_" and token.kind != LAST:
            if named.below or named.indices:
                raise c.error("two lower indices")
            c.take()
            _lower(c, named, c.script())
        elif token.text == "^" and token.kind != LAST:
            if named.exponent is not None or named.transposed:
                raise c.error("two exponents; brackets are missing")
            c.take()
            _upper(c, named, c.script())
        elif token.text == "'":
            c.take()
            named.primes += 1
        else:
            return


def label(tokens: Sequence[Token], signs: str = "") -> str | None:
    """The text of an index: ``ji``, ``1,12``, ``new``; None for what has to be worked out."""
    parts: list[str] = [""]
    word_before = False
    for token in tokens:
        if token.text == ",":
            parts.append("")
            continue
        if token.kind == LETTER or (token.kind == NUMBER and token.text.isdigit()):
            text, word = token.text, False
        elif token.kind in (RUN, WORD):
            text, word = token.text, len(token.text) > 1
        elif token.kind == WORDS:
            text, word = re.sub(r"[^A-Za-z0-9]", "", token.text), True
        elif token.kind == COMMAND and token.text[1:] in GREEK_COMMANDS:
            text, word = GREEK_COMMANDS[token.text[1:]], True
        elif token.kind == COMMAND and token.text in ("\\max", "\\min"):
            text, word = token.text[1:], True
        elif token.text in signs and token.text:
            text, word = token.text, False
        else:
            return None
        if parts[-1] and (word or word_before) and text not in signs and parts[-1][-1] not in signs:
            parts.append(text)
        else:
            parts[-1] += text
        word_before = word
    return ",".join(parts) if all(parts) else None


def _lower(c: Cursor, named: Named, tokens: list[Token]) -> None:
    if tokens and CLOSING.get(tokens[0].text) == tokens[-1].text:
        tokens = tokens[1:-1]  # value_{[1,2]}, value_{(1,2)}
    text = label(tokens)
    if text is None:
        named.indices = indices(c, tokens)
        return
    if any(word in DECORATIONS for word in text.split(",")):
        raise c.error(f"'{text}' cannot be an index", tokens[0].start)
    named.below = text


def indices(c: Cursor, tokens: list[Token]) -> list[Formula]:
    """Indices that are worked out: t+1, or i-1 and j."""
    if not tokens:
        raise c.error("an empty index")
    places, start = [], 0
    for place, token in enumerate(tokens):
        if token.text == ",":
            places.append(tokens[start:place])
            start = place + 1
    return [c.whole(part, "the index") for part in (*places, tokens[start:]) if part]


def _upper(c: Cursor, named: Named, tokens: list[Token]) -> None:
    """A layer label, a star, a prime, a transpose, several of them, or else an exponent."""
    rest = list(tokens)
    layer, star, primes, transposed = "", "", 0, False
    while rest:
        first = rest[0]
        if first.text in CLOSING and (end := _closing(rest)) and not layer:
            inside = label(rest[1:end], "+-")
            if inside is None or "," in inside:
                raise c.error("a label in brackets is a name or a number", first.start)
            layer, rest = inside, rest[end + 1 :]
        elif layer and (word := _new(rest)):
            layer, rest = f"{layer},{word}", []
        elif first.text in ("*", "\\ast", "\\star") and not star:
            star, rest = "star", rest[1:]
        elif first.text == "+" and len(tokens) == 1:
            star, rest = "plus", []
        elif first.text in ("\\prime", "'"):
            primes, rest = primes + 1, rest[1:]
        elif not transposed and is_transpose(c, first, named) and len(rest) == 1:
            transposed, rest = True, []
        else:
            break
    if not rest and tokens:
        named.layer = layer or named.layer
        named.marks += [star] if star else []
        named.primes += primes
        named.transposed = named.transposed or transposed
        return
    if len(rest) < len(tokens) and tokens[0].text in CLOSING and rest:
        if layer and rest[0].text in ("+", "-", "\\cdot", "*", "/"):  # (a+1)/2 as an exponent
            named.exponent = tokens
            return
        raise c.error("a label and an exponent in one place", tokens[0].start)
    squared = f"{named.id}_squared"
    if label(tokens) == "2" and c.symbols.get(squared) and not c.symbols.get(named.id):
        named.marks += ["squared"]  # R² where that is the name of something, and R is not
    elif not _word_above(c, named, tokens):
        named.exponent = tokens


def _new(tokens: list[Token]) -> str:
    """``new`` behind the label of a layer, as in w^{(2),new}; nothing where another thing stands there."""
    behind = tokens[1:] if tokens[0].text == "," else tokens
    word = label(behind) if len(behind) == 1 else None
    return word if word in NEW_WORDS else ""


def _word_above(c: Cursor, named: Named, tokens: list[Token]) -> bool:
    """``w^{new}``, or ``w^{t+1}`` where t is declared as an index: a label, not an exponent."""
    first = tokens[0] if tokens else c.next
    unit = named.base == "delta" and first.text in ("o", "h")  # the signal of a kind of units
    word = first.kind in (RUN, WORDS, WORD) and len(first.text) > 1
    if len(tokens) == 1 and (unit or word):
        text = label(tokens)
        if text:
            named.layer = text
            return True
    text = label(tokens, "+-")
    letters = [t for t in tokens if t.kind not in (NUMBER,) and t.text not in "+-"]
    if text and letters and all(_is_index(c, t) for t in letters) and not named.layer:
        named.layer = text
        return True
    plain = len(tokens) > 1 and all(t.kind == LETTER for t in tokens)
    if (
        plain
        and tokens[0].end == tokens[1].start
        and not all(t.text in c.symbols.words for t in tokens)
    ):
        text = "".join(t.text for t in tokens)
        raise c.error(
            f"'^{{{text}}}' can be a label or a product; write \\text{{{text}}} for a label",
            first.start,
        )
    return False


def _is_index(c: Cursor, token: Token) -> bool:
    symbol = c.symbols.get(GREEK_COMMANDS.get(token.text[1:], token.text))
    return symbol is not None and symbol.kind in (INDEX, LAYER)


def _closing(tokens: list[Token]) -> int:
    """The place of the bracket that closes the first one, 0 if there is none."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if not depth:
            return place
    return 0


def is_transpose(c: Cursor, token: Token, named: Named | None = None) -> bool:
    """Whether a raised sign transposes: ``\\top`` always, T unless declared, t on arrays."""
    if token.text in TRANSPOSES:
        return True
    array = named is not None and is_array(c, named.id, named.spelling)
    if token.text == "T":
        if named is not None and c.symbols.get(named.id) and not array:
            return False
        return array or c.symbols.get("T") is None
    return token.text == "t" and array and c.symbols.get("t") is None


def is_array(c: Cursor, name: str, spelling: str = "") -> bool:
    """Whether a name stands for a vector or matrix: declared, bold, or transposed somewhere."""
    if c.symbols.get(name) is not None:
        return c.symbols.is_array(name)
    return spelling in ("bold", "\\vec") or name in c.habits.arrays


def finished(c: Cursor, named: Named) -> Formula:
    """The quantity, its entry, its transpose or its power."""
    span = (named.start, c.before.end)
    array = is_array(c, named.id, named.spelling)
    primed = f"{named.id}_prime"
    if named.primes and array and not named.transposed and c.symbols.get(primed) is None:
        named.transposed, named.primes = named.primes == 1, named.primes - 1
    if named.primes:
        named.marks += ["prime"] * named.primes
        if named.primes > 1:
            raise c.error("several primes on what is no function", named.start)
    formula = _quantity(c, named, span)
    if named.transposed:
        formula = Apply("transpose", (formula,), span)
    if named.exponent is not None:
        if isinstance(formula, Name) and array and not is_minus_one(named.exponent):
            if [t.text for t in named.exponent] == ["2"] and named.base.islower():
                return Apply("power", (formula, Number("2")), span)
            raise c.error("a power of a vector or matrix", named.start)
        formula = raised(c, formula, named.exponent)
    return formula


def _quantity(c: Cursor, named: Named, span: tuple[int, int]) -> Formula:
    name = named.id
    if c.symbols.get(name) is None and (fresh := _new_value(c, named)):
        return Name(fresh, span)
    if c.symbols.get(name) is None and named.below and not named.indices:
        entry = _entry(c, named, span)
        if entry is not None:
            return entry
    capital = spelled(Look(named.base.upper(), tuple(named.marks), named.below, named.layer))
    if c.symbols.get(name) is None and named.indices and c.symbols.is_array(capital):
        name = capital  # x_{i+1} where only X is declared
    if c.symbols.get(name) is None:
        _spelled_as_before(c, named, name)
        if named.spelling in ("bold", "\\vec"):
            c.habits.arrays.add(name)
    base = Name(c.symbols.name(name), span)
    return Apply("entry", (base, *named.indices), span) if named.indices else base


def _new_value(c: Cursor, named: Named) -> str:
    """``w_2_1_new`` for w^{new}_{21} and w_{21,new} where w_{21} is known; else nothing."""
    layer, below = named.layer.split(","), named.below.split(",")
    for part in (layer, below):
        if part[-1] in NEW_WORDS and not named.indices:
            word = part.pop()
            look = Look(named.base, tuple(named.marks), ",".join(below), ",".join(layer))
            known = c.symbols.get(spelled(look)) is not None
            return f"{c.symbols.name(spelled(look))}_{word}" if known else ""
    return ""


def _entry(c: Cursor, named: Named, span: tuple[int, int]) -> Formula | None:
    """``W_{21}`` or ``w_{21}`` where only W is declared, as a matrix: its entry."""
    whole = spelled(Look(named.base, tuple(named.marks), "", named.layer))
    capital = spelled(Look(named.base.upper(), tuple(named.marks), "", named.layer))
    if c.symbols.get(whole) is None and len(named.base) == 1:
        whole = capital
    symbol = c.symbols.get(whole)
    if symbol is None or not c.symbols.is_array(whole):
        return None
    parts = named.below.split(",")
    wanted = len(symbol.shape) or (1 if symbol.kind == "vector" else 2)
    if len(parts) == 1 and wanted > 1 and 1 < len(named.below) <= wanted:
        parts = list(named.below)
    whole_array = wanted > 2 and len(parts) < wanted  # K_ij, a kernel of all kernels
    if len(parts) != wanted and not whole_array:
        return None
    if wanted == 1 and named.spelling in ("bold", "\\vec"):
        return None  # a vector of its own: entries are numbers
    if any(len(p) > 1 and not p.isdigit() for p in parts):
        return None
    indices: list[Formula] = [Number(p, span) if p.isdigit() else Name(p, span) for p in parts]
    return Apply("entry", (Name(c.symbols.name(whole), span), *indices), span)


def _spelled_as_before(c: Cursor, named: Named, name: str) -> None:
    before = c.habits.spellings.setdefault(name, named.spelling)
    if before != named.spelling:
        raise c.error(
            f"'{name}' is written in two kinds of letters; declare them, if they are two quantities",
            named.start,
        )

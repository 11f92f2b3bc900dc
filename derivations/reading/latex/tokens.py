"""LaTeX mathematics cut into tokens, each with the place where it stood.

Spaces, sizes of brackets, labels and the like are gone after this; words are one token each.
Bounds on length, nesting and digits are checked here, before anything is built.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from derivations.errors import ReadError
from derivations.formula.numerals import MAX_DIGITS
from derivations.reading.latex.fonts import LETTERS, SWITCHED, SWITCHES, TURNED, Switch, switch
from derivations.reading.latex.lost import refuse_lost
from derivations.reading.latex.newlines import ends_statement, parts_rows
from derivations.reading.latex.words import (
    BRACKETS,
    DROPPED,
    FUNCTIONS,
    LOWERED,
    MARKS,
    NOTES,
    OPENING,
    PLAIN_WORDS,
    RAISED,
    SEPARATORS,
    SIGN_OF,
    SIZES,
    SPACES,
    WORDS_COMMANDS,
)

MAX_LENGTH = 20_000
MAX_DEPTH = 60

NUMBER, COMMA, LETTER, RUN, WORD, WORDS, NOTE, COMMAND, SIGN, BEGIN, END, ROW, BREAK, LAST = (
    "number", "comma", "letter", "run", "word", "words", "note", "command", "sign", "begin", "end",
    "row", "break", "last",
)  # fmt: skip

TOKEN = re.compile(
    r"(?P<space>\s+|(?<!\\)%[^\n]*)"
    r"|(?P<thousands>[1-9][0-9]{0,2}(?:(?:\{,\}|\\[,;: ]|~)[0-9]{3})+(?![0-9])(?:(?:\.|(?<!,\}[0-9]{3})\{,\})[0-9]+)?)"
    r"|(?P<decimal>[0-9]+\{,\}[0-9]+)"
    r"|(?P<comma>[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9,])(?:\.[0-9]+)?)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<row>\\\\\*?(?:\s*\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in|\\jot|\\baselineskip)\s*\])?|\\newline\b|\\cr\b)"
    r"|(?P<break>\$\$?|\\[\[\]()])"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<sign>:=|==|<=|>=|!=|=>|\|\||[-+*/=<>|,;:.!()\[\]{}^_&'~])",
    re.DOTALL,
)
DECIMAL_COMMA = re.compile(r"(?<![0-9}])(?:0\{,\}[0-9]|[0-9]+\{,\}(?![0-9]{3}(?![0-9]))[0-9])")
UPRIGHT = re.compile(r"\s*([A-Za-z](?:[A-Za-z0-9]|\\[,; ]|\s|-(?=[A-Za-z]))*)\}")
ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+\*?)\s*\}")
DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\.|.)", re.DOTALL)
GLUES = frozenset(["hskip", "kern", "mskip", "mkern", "vskip"])
LENGTH = r"\s*-?[0-9.]+\s*(?:pt|em|ex|mu|mm|cm|in|fill?l?)"
GLUE = re.compile(rf"{LENGTH}(?:\s*plus{LENGTH})?(?:\s*minus{LENGTH})?")
CALLED = re.compile(r"([0-9]{0,3})\s*(?:\\left\s*)?(?:\(|\^|')")
WIDE = re.compile(
    r"\s*(?:[1-9][0-9]*(?:\.[0-9]+)?\s*(?:em|cm|in|pc)|[1-9][0-9]+\s*(?:pt|mm|ex|bp))\s*"
)
FRACTION = re.compile(r"([0-9]{1,2})\u2044([0-9]{1,2})")  # ½ is one over two
PLACEMENT = re.compile(r"\s*\[[tbc]\]")


class Token(NamedTuple):
    """A kind, a text in one spelling, and the first character and the one after the last."""

    kind: str
    text: str
    start: int
    end: int


class _Tokens:
    def __init__(self, source: str, words: Collection[str], comma: bool) -> None:
        self.source = source
        self.words = words
        self.found: list[Token] = []
        self.nested = 0
        self.decimal_comma = comma or has_decimal_comma(source)
        self.by_lines = parts_rows(source)

    def cut(self, at: int, stop: int) -> None:
        """Append the tokens between two places."""
        source, match_at = self.source, TOKEN.match
        while at < stop:
            match = match_at(source, at, stop)
            if match is None:
                at = self.strange(at)
                continue
            kind, text, end = match.lastgroup, match[0], match.end()
            if kind == "command":
                end = self.command(text, at, end)
            elif kind == "sign" and text == "{" and (font := switch(source, at)):
                end = self.switched(font, at)
            elif kind == "sign" and text == "^" and (turned := TURNED.match(source, at)):
                end = turned.end()
                above = (COMMAND, "\\top") if turned["sans"] else (WORD, "T")
                self.found += [Token(SIGN, "^", at, at + 1), Token(*above, at + 1, end)]
            elif kind == "sign":
                self.sign(text, at, end)
            elif kind == "letters":
                self.letters(text, at, end)
            elif kind == "number":
                self.number(text, at, end)
            elif kind == "decimal" or (kind == "thousands" and self.is_decimal(text)):
                self.number(text.replace("{,}", "."), at, end)
            elif kind == "thousands":
                whole, comma, decimals = text.partition("{,}")
                if comma and re.search(r"\\|~", whole):  # 1\,024{,}5
                    text = f"{whole}.{decimals}"
                plain = re.sub(r"\{,\}|\\[,;: ]|~", "", text)
                self.found.append(Token(NUMBER, plain, at, end))
            elif kind == "comma":
                self.found.append(Token(COMMA, text, at, end))
            elif kind == "row":
                self.found.append(Token(ROW, "\\\\", at, end))
            elif kind == "break":
                self.found.append(Token(BREAK, text, at, end))
            elif text.count("\n") > 1 and "%" not in text:
                self.found.append(Token(BREAK, "", at, end))  # an empty line
            elif (
                self.by_lines
                and "\n" in text
                and not self.nested
                and ends_statement(source, at, end)
            ):
                self.found.append(Token(BREAK, "", at, end))
            at = end

    def is_decimal(self, text: str) -> bool:
        """Whether ``1{,}234`` is a decimal: where other numbers of the text can be nothing else."""
        parts = re.fullmatch(r"[0-9]+\{,\}[0-9]+", text)
        return self.decimal_comma and parts is not None

    def number(self, text: str, at: int, end: int) -> None:
        if len(text) > MAX_DIGITS:
            raise ReadError(f"a number of {len(text)} digits; at most {MAX_DIGITS}", at)
        self.found.append(Token(NUMBER, "0" + text if text[0] == "." else text, at, end))

    def sign(self, text: str, at: int, end: int) -> None:
        if text == "{":
            self.deeper(at)
        elif text == "}":
            self.nested -= 1
            if self.nested < 0:
                raise ReadError("found '}', which was never opened", at)
            if self.found and self.found[-1].text == "{":  # {} is nothing
                self.found.pop()
                return
        elif text == "~":
            return
        elif text == "||":
            text = "\\|"
        self.found.append(Token(SIGN, text, at, end))

    def switched(self, font: Switch, at: int) -> int:
        """``{\bf x}`` as ``\\mathbf{x}``, ``{\rm in}`` as the word."""
        opening = [] if font.whole and font.word else [Token(SIGN, "{", at, at + 1)]
        if opening:
            self.deeper(at)
        command = [Token(COMMAND, font.command, at, font.end)] if font.command else []
        self.found += opening + command if font.whole else command + opening
        if font.word:
            self.found.append(Token(WORD, font.word, at, font.end))
        return font.end

    def deeper(self, at: int) -> None:
        self.nested += 1
        if self.nested > MAX_DEPTH:
            raise ReadError(f"nested deeper than {MAX_DEPTH}", at)

    def letters(self, text: str, at: int, end: int) -> None:
        """A run of letters: a word that is known, one letter, two letters, or a longer run."""
        before = self.found[-1] if self.found else None
        if (
            before is not None
            and before.kind == NUMBER
            and before.end == at
            and re.match(r"[eE][+-]?[0-9]", self.source[at : at + 3])
            and "e" not in self.words
        ):
            raise ReadError(
                f"'{self.source[before.start : end + 2]}' can be read in two ways; "
                r"a power of ten is written \times 10^{-3}",
                before.start,
            )
        if len(text) > 1 and (text in PLAIN_WORDS or text in self.words):
            self.found.append(Token(WORD, text, at, end))
        elif len(text) > 2 and not all(letter in self.words for letter in text):
            self.found.append(Token(RUN, text, at, end))
        else:
            self.found += [Token(LETTER, c, at + i, at + i + 1) for i, c in enumerate(text)]

    def strange(self, at: int) -> int:
        """A character that LaTeX has no token for: a Unicode sign, or a mistake."""
        character = self.source[at]
        if character in LOWERED or character in RAISED:
            return self.scripts(at, LOWERED if character in LOWERED else RAISED)
        sign = SIGN_OF.get(character)
        if sign is not None:
            kind = COMMAND if sign[0] == "\\" and sign[1:].isalpha() else SIGN
            self.found.append(Token(kind, sign, at, at + 1))
            return at + 1
        if (half := FRACTION.fullmatch(unicodedata.normalize("NFKD", character))) and (
            not self.found or self.found[-1][::3] != (NUMBER, at)
        ):
            texts = ("\\frac", "{", half[1], "}", "{", half[2], "}")
            kinds = {"\\": COMMAND, "{": SIGN, "}": SIGN}
            self.found += [Token(kinds.get(t[0], NUMBER), t, at, at + 1) for t in texts]
            return at + 1
        parts = unicodedata.normalize("NFD", character)
        if character in MARKS and self.found and self.found[-1].end == at:
            letter = self.found.pop()
            return self.marked(letter.text, MARKS[character], letter.start, at + 1)
        if len(parts) == 2 and parts[1] in MARKS:
            return self.marked(parts[0], MARKS[parts[1]], at, at + 1)
        shown = f"'{character}'" if character.isprintable() else f"character U+{ord(character):04X}"
        raise ReadError(f"{shown} has no meaning in a formula", at)

    def marked(self, letter: str, accent: str, start: int, end: int) -> int:
        """A letter with a mark above it, as the accent's command writes it."""
        self.found += [
            Token(COMMAND, accent, start, end), Token(SIGN, "{", start, end),
            Token(LETTER, letter, start, end), Token(SIGN, "}", start, end),
        ]  # fmt: skip
        return end

    def scripts(self, at: int, table: dict[str, str]) -> int:
        """Raised or lowered characters in a row are one script."""
        end = at
        while end < len(self.source) and self.source[end] in table:
            end += 1
        inner = "".join(table[c] for c in self.source[at:end])
        self.found.append(Token(SIGN, "_" if table is LOWERED else "^", at, end))
        self.found.append(Token(SIGN, "{", at, end))
        for part in re.findall(r"[0-9]+|.", inner):
            kind = NUMBER if part.isdigit() else LETTER if part.isalpha() else SIGN
            self.found.append(Token(kind, part, at, end))
        self.found.append(Token(SIGN, "}", at, end))
        return end

    # ------------------------------------------------------------ commands

    def command(self, text: str, at: int, end: int) -> int:
        """A command; the place after it and what it takes with it."""
        name, source = text[1:], self.source
        if text in SPACES:
            return end
        if name in SIZES:
            return self.sized(name, end)
        if name in ("begin", "end"):
            return self.environment(name, at, end)
        if name in WORDS_COMMANDS and (inside := self.braces(end)):
            words = source[inside[0] : inside[1]]
            return self.in_words(name, words.strip(), at, inside[1] + 1)
        if name in GLUES and (glue := GLUE.match(source, end)):
            return glue.end()
        if name in DROPPED:
            while source[end : end + 1] in ("*", " "):
                end += 1
            inside = self.braces(end)
            if name == "tag" and inside is None:
                raise ReadError("expected { after \\tag", at)
            if inside and name == "hspace" and WIDE.fullmatch(source[inside[0] : inside[1]]):
                self.found.append(Token(COMMAND, "\\quad", at, inside[1] + 1))
            return inside[1] + 1 if inside else end
        if name in SWITCHES and (word := SWITCHED.match(source, end)):  # \\rm ReLU(x)
            self.found.append(Token(WORD, word["braced"] or word["word"], at, word.end()))
            return word.end()
        if name in ("mathrm", "operatorname", "mathsf", "mathtt", "mathit"):
            opened = re.compile(r"\*?\s*\{").match(source, end)
            if opened and (word := UPRIGHT.match(source, opened.end())):
                plain = re.sub(r"\\[,; ]|[\s-]", "", word[1])
                turns = name == "mathsf" and plain == "T"  # a transpose, also where T is a name
                kind, plain = (COMMAND, "\\top") if turns else (WORD, plain)
                self.found.append(Token(kind, plain, at, word.end()))
                return word.end()
        if name in ("stackrel", "overset", "underset"):
            return self.stacked(at, end)
        text = SEPARATORS.get(text) or LETTERS.get(name) or OPENING.get(text, text)
        kind = COMMAND if text[1:].isalpha() and text[0] == "\\" else SIGN
        self.found.append(Token(kind, text, at, end))
        return end

    def in_words(self, name: str, words: str, at: int, end: int) -> int:
        """``\\text{sigmoid}(z)`` calls a function; all other words are words."""
        kind = NOTE if name in NOTES else WORDS
        called = CALLED.match(self.source, end)
        if called and kind == WORDS and words.isalpha() and words.lower() in FUNCTIONS:
            self.found.append(Token(WORD, words, at, end))
        elif called and called[1] and kind == WORDS and words.isalpha():  # \text{rot}180(K)
            self.found.append(Token(WORD, words + called[1], at, end + len(called[1])))
            return end + len(called[1])
        elif words.strip(" ~\t\n,.;:") or kind == WORDS:
            self.found.append(Token(kind, words, at, end))
        return end

    def braces(self, at: int) -> tuple[int, int] | None:
        """The first and the last place between the braces that open at a place, if any do."""
        source = self.source
        while at < len(source) and source[at].isspace():
            at += 1
        if at >= len(source) or source[at] != "{":
            return None
        depth = 0
        for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(source, at):
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if depth > MAX_DEPTH:
                raise ReadError(f"nested deeper than {MAX_DEPTH}", match.start())
            if not depth:
                return at + 1, match.start()
        raise ReadError("found '{', which is never closed", at)

    def sized(self, name: str, end: int) -> int:
        """``\\left(``: the bracket without its size; bars know their side."""
        match = DELIMITER.match(self.source, end)
        if match is None:
            raise ReadError(f"expected a bracket after \\{name}", end)
        text = OPENING.get(match[1], match[1])
        side = {"left": "l", "right": "r"}.get(name, name[-1] if name[-1] in "lr" else "")
        if text == ".":
            text = f"\\{name}."
        elif text in ("|", "\\|") and side:
            text = "\\" + side + ("vert" if text == "|" else "Vert")
        elif not (text in BRACKETS or text in BRACKETS.values() or text[0] == "\\" or text in "|/"):
            raise ReadError(f"found '{text}', expected a bracket after \\{name}", match.start(1))
        kind = COMMAND if text[0] == "\\" and text[1:].isalpha() else SIGN
        self.found.append(Token(kind, text, match.start(1), match.end()))
        return match.end()

    def environment(self, name: str, at: int, end: int) -> int:
        match = ENVIRONMENT.match(self.source, end)
        if match is None:
            raise ReadError(f"expected the name of an environment after \\{name}", at)
        end = match.end()
        if name == "begin":
            if place := PLACEMENT.match(self.source, end):
                end = place.end()
            if match[1].rstrip("*") in ("array", "alignat", "tabular", "alignedat", "subarray"):
                inside = self.braces(end)
                end = inside[1] + 1 if inside else end
        self.found.append(Token(BEGIN if name == "begin" else END, match[1], at, end))
        return end

    def stacked(self, at: int, end: int) -> int:
        """``\\stackrel{(1)}{=}`` is the sign below what stands over it."""
        first = self.braces(end)
        second = self.braces(first[1] + 1) if first else None
        if second is None:
            raise ReadError("expected two arguments, {..}{..}", at)
        before = len(self.found)
        self.deeper(at)
        self.cut(*second)
        self.nested -= 1
        if len(self.found) != before + 1:
            raise ReadError("only a single sign may have something above it", at)
        return second[1] + 1


def has_decimal_comma(source: str) -> bool:
    """Whether a number of the text can only have decimals behind its comma, as ``0{,}5``."""
    return DECIMAL_COMMA.search(source) is not None


def tokens(source: str, words: Collection[str] = (), comma: bool = False) -> list[Token]:
    """The tokens of a formula or of a whole display, with a last one at the end.

    Args:
        words: names that are declared; they are known where they are typed without a command.
        comma: whether decimals are known to stand behind commas, as in ``1{,}234``.

    Raises:
        ReadError: too long, nested too deep, a character or brace that has no place in a formula.
    """
    if len(source) > MAX_LENGTH:
        raise ReadError(f"a formula of {len(source)} characters; at most {MAX_LENGTH}")
    refuse_lost(source)
    reader = _Tokens(source, words, comma)
    reader.cut(0, len(source))
    if reader.nested:
        opened = [t for t in reader.found if t.text == "{"]
        raise ReadError("found '{', which is never closed", opened[-1].start if opened else 0)
    reader.found.append(Token(LAST, "", len(source), len(source)))
    return reader.found

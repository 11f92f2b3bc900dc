"""Prose of problem files: CommonMark, formulas as ``$...$``, values as ``{z}``.

Paragraphs, ``**bold**``, ``*italic*``, ```` `code` ````, lists to two levels, tables and fenced
listings are read by markdown-it. ``{z}`` stands for the value of z as the sheet shows it, and
``{z=}`` for ``z = value``, so a sentence can never disagree with the calculation. HTML, links
and pictures are mistakes: text from outside never reaches a page unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from derivations.errors import ReadError
from derivations.formula.escape import unprintable
from derivations.formula.tree import Formula, Name, partial
from derivations.reading.typeset import typeset
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Block, Items, Listing, Prose, Table

MAX_LENGTH = 50_000
PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_@]*)(?:/([A-Za-z][A-Za-z0-9_@]*))?(=?)\}")
COMMAND = re.compile(r"\\[A-Za-z]+")
NOT_USED = {
    "link_open": "a link", "image": "a picture", "html_inline": "HTML", "html_block": "HTML",
    "heading_open": "a heading", "hr": "a rule", "blockquote_open": "a quotation",
}  # fmt: skip


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").use(dollarmath_plugin)


def read_prose(source: str, style: str = "plain") -> tuple[Block, ...]:
    """The blocks of a text.

    Raises:
        ReadError: a formula that cannot be read, a character that the fonts lack, a link, ...
    """
    if len(source) > MAX_LENGTH:
        raise ReadError(f"a text of {len(source)} characters; at most {MAX_LENGTH}")
    if (strange := _strange(source)) is not None and not _in_formula(source, strange):
        raise ReadError(
            f"the sheet's fonts have no '{strange}' (U+{ord(strange):04X})", source.index(strange)
        )
    tokens = _parser().parse(source)
    for token in tokens:
        for inner in token.children or ():
            if inner.type in ("text", "text_special") and _strange(inner.content) is not None:
                strange = _strange(inner.content) or ""
                raise ReadError(f"the sheet's fonts have no '{strange}' (U+{ord(strange):04X})")
            if inner.type == "text" and (command := COMMAND.search(inner.content)):
                raise ReadError(
                    f"'{command[0]}' outside of a formula; a formula stands between two $, "
                    "a program between two `",
                    max(source.find(command[0]), 0),
                )
    return _Blocks(tokens, style).until("")


def _strange(content: str) -> str | None:
    """The first character without a place on a page; ``&#1234;`` is one only after reading."""
    private = re.search("[\ue000-\uf8ff]", content)
    return private[0] if private else unprintable(content)


def read_line(source: str) -> tuple[Piece, ...]:
    """The pieces of a text of one paragraph: a title, an option, the cell of a table.

    Raises:
        ReadError: as `read_prose`, or more than one paragraph.
    """
    blocks = read_prose(source)
    if not blocks:
        return ()
    if len(blocks) > 1 or not isinstance(blocks[0], Prose):
        raise ReadError("a single line of text is expected here")
    return blocks[0].pieces


def placeholders(source: str) -> list[str]:
    """The names in braces in a line that is not prose: what a program prints."""
    return [_key(match) for match in PLACEHOLDER.finditer(source)]


def values_in(source: str) -> list[str]:
    """The keys of the values that a text shows; braces in formulas and code show none."""
    return [
        _key(match)
        for token in _parser().parse(source)
        for inner in token.children or ()
        if inner.type == "text"
        for match in PLACEHOLDER.finditer(inner.content)
    ]


def _in_formula(source: str, character: str) -> bool:
    """Whether the character stands in formulas only, where Unicode signs have a meaning."""
    outside = re.sub(r"\$[^$]*\$", "", source)
    return character not in outside and unprintable(outside) is None


def _key(match: re.Match[str]) -> str:
    return f"{match[1]}/{match[2]}" if match[2] else match[1]


def _value(match: re.Match[str]) -> Piece:
    name: Formula = Name(match[1])
    if match[2]:
        name = partial(Name(match[1].removeprefix("d")), Name(match[2].removeprefix("d")))
    value = Term(name, numbers=True)
    return Chain(Term(name), (Link("auto", value, (_key(match),)),)) if match[3] else value


class _Blocks:
    """Turns markdown-it's flat tokens into blocks."""

    def __init__(self, tokens: list[Token], style: str) -> None:
        self.tokens = tokens
        self.style = style
        self.at = 0

    def until(self, stop: str) -> tuple[Block, ...]:
        blocks: list[Block] = []
        while self.at < len(self.tokens) and self.tokens[self.at].type != stop:
            token = self.tokens[self.at]
            self.at += 1
            if token.type in NOT_USED:
                raise ReadError(f"{NOT_USED[token.type]} in a text is not used here")
            if rule := RULES.get(token.type):
                blocks.append(rule(self, token))
        self.at += 1
        return tuple(blocks)

    def paragraph(self, _: Token) -> Block:
        pieces = _pieces(self.tokens[self.at])
        self.at += 2
        return Prose(pieces, self.style)

    def display(self, token: Token) -> Block:
        return Prose((typeset(token.content.strip()),), "display")

    def listing(self, token: Token) -> Block:
        return Listing(token.content.rstrip("\n"), token.info.strip())

    def items(self, token: Token) -> Block:
        numbered = token.type == "ordered_list_open"
        closing = token.type.replace("open", "close")
        items: list[tuple[Block, ...]] = []
        while self.tokens[self.at].type != closing:
            self.at += 1  # list_item_open
            items.append(self.until("list_item_close"))
        self.at += 1
        return Items(tuple(items), numbered)

    def table(self, _: Token) -> Block:
        rows: list[tuple[tuple[Piece, ...], ...]] = []
        align = ""
        while self.tokens[self.at].type != "table_close":
            token = self.tokens[self.at]
            self.at += 1
            if token.type == "tr_open":
                cells = []
                while self.tokens[self.at].type != "tr_close":
                    cell = self.tokens[self.at]
                    self.at += 1
                    if cell.type in ("th_open", "td_open"):
                        if not rows:
                            style = str(cell.attrGet("style") or "")
                            align += {"right": "r", "center": "c"}.get(
                                style.rpartition(":")[2], "l"
                            )
                        cells.append(_pieces(self.tokens[self.at]))
                rows.append(tuple(cells))
        self.at += 1
        return Table(rows[0], tuple(rows[1:]), align)


RULES: dict[str, Callable[[_Blocks, Token], Block]] = {
    "paragraph_open": _Blocks.paragraph,
    "math_block": _Blocks.display,
    "fence": _Blocks.listing,
    "code_block": _Blocks.listing,
    "bullet_list_open": _Blocks.items,
    "ordered_list_open": _Blocks.items,
    "table_open": _Blocks.table,
}


def _pieces(inline: Token) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    style = "plain"
    for token in inline.children or []:
        if token.type in NOT_USED:
            raise ReadError(f"{NOT_USED[token.type]} in a text is not used here")
        if token.type == "text":
            pieces.extend(_with_values(token.content, style))
        elif token.type == "math_inline":
            pieces.append(typeset(token.content))
        elif token.type == "code_inline":
            pieces.append(Text(token.content, "code"))
        elif token.type in ("softbreak", "hardbreak"):
            pieces.append(Text(" ", style))
        elif token.type in ("strong_open", "em_open"):
            style = "strong" if token.type == "strong_open" else "emphasis"
        elif token.type in ("strong_close", "em_close"):
            style = "plain"
    return tuple(pieces)


def _with_values(content: str, style: str) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for match in PLACEHOLDER.finditer(content):
        if match.start() > at:
            pieces.append(Text(content[at : match.start()], style))
        pieces.append(_value(match))
        at = match.end()
    if at < len(content):
        pieces.append(Text(content[at:], style))
    return pieces

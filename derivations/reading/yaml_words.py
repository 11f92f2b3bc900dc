"""What a parser of YAML stumbled over, in words for somebody who does not know YAML."""

from __future__ import annotations

import re

import yaml

INDENT = re.compile(r" *(?:- +)*")  # before a key
GLUED = re.compile(r" *(?:- +)*(?P<key>[A-Za-z]\w*):(?P<value>[^\s:/].*)")  # kind:graph
IDLE = re.compile(r"\s*(?:#|$)")  # a line that says nothing


def yaml_words(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """Line, column and our words for what the parser of YAML found."""
    words = error.problem or error.context or "it cannot be parsed"
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    begin = error.context_mark or mark
    lines = [*text.splitlines(), ""]
    here = lines[min(line, len(lines)) - 1]
    if glued := _glued(lines, line, column):
        return glued
    if re.match(r" *\t", here):
        return line, column, "a tab at the start of the line; indent with spaces"
    if "mapping values are not allowed" in words:
        if deeper := _deeper(lines, line, column):
            return line, len(here) - len(here.lstrip(" -")) + 1, deeper
        return line, column, "a second ':' on the line; put a text that holds ': ' in quotes"
    if "could not find expected ':'" in words:
        return line, column, "a ':' with a blank behind it is missing after a key"
    if begin and (bracket := re.search(r"expected ',' or '([]}])'", words)):
        opened = f"{'[' if bracket[1] == ']' else '{'} of line {begin.line + 1}"
        return line, column, f"before this a ',' is missing, or the {bracket[1]} for the {opened}"
    if begin and "unexpected end of stream" in words:
        return begin.line + 1, begin.column + 1, "the quote that begins here is not closed"
    if begin and ("expected key" in words or "expected <block end>" in words):
        if here[: column - 1].strip():
            return (
                line,
                column,
                "words behind a closing quote; quote the whole text, ' inside as ''",
            )
        return line, column, "no key above begins in this column; indent it as its neighbours"
    if re.search("cannot start any token|alphabetic or numeric", words):
        start = here[: column - 1].rstrip()[-1:] if "alphabetic" in words else ""
        sign = start if start in ("*", "&") else here[column - 1 : column]
        return line, column, f"a text that begins with '{sign}' stands in quotes"
    return line, column, words


def _deeper(lines: list[str], line: int, column: int) -> str:
    """Words for a key that stands deeper than the one above, which has its value already."""
    here = lines[line - 1]
    if ":" in here[: column - 1]:
        return ""
    above = next((n for n in range(line - 1, 0, -1) if not IDLE.match(lines[n - 1])), 0)
    depth, before = (INDENT.match(text).end() for text in (here, lines[above - 1]))  # type: ignore[union-attr]
    if not above or depth <= before:
        return ""
    return (
        f"found {depth} spaces before this key, expected {before} as in line {above}, "
        "which has its value already"
    )


def _glued(lines: list[str], line: int, column: int) -> tuple[int, int, str] | None:
    """Line, column and words for ``key:value``: in this line, or in the one above its first colon."""
    here = GLUED.fullmatch(lines[min(line, len(lines)) - 1])
    if here and here["value"][0] not in "{[":
        here = None
    if here is None and ":" not in lines[min(line, len(lines)) - 1][: column - 1]:
        line = next((n for n in range(line - 1, 0, -1) if not IDLE.match(lines[n - 1])), 0)
        here = GLUED.fullmatch(lines[line - 1]) if line else None
    if here is None:
        return None
    return line, here.end("key") + 2, f"a blank is missing behind '{here['key']}:'"


def decimal_commas(found: str, count: int) -> str:
    """What is said of ``[0,2, 0,3]``, which holds four numbers in YAML and two in German."""
    point = re.sub(r"(\d),(?=\d)", r"\1.", found)
    blank = re.sub(r",(?=\S)", ", ", found)
    return (
        f"found {found}, which can be read as {count // 2} numbers or as {count}; "
        f"expected {point} or {blank}"
    )

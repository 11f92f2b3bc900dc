"""YAML with positions and without surprises.

Only the event parser of PyYAML is used (in C where it is there); the types are ours: every
scalar keeps its text, so ``0.10`` stays 0.10 and ``NO`` stays a word. Tags, anchors, aliases,
merge keys and duplicate keys are mistakes; size and depth are bounded before anything is built.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from derivations.errors import Mistake, ProblemError
from derivations.reading.yaml_words import decimal_commas, yaml_words

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
MAX_NODES = 100_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
RESOLVER = yaml.resolver.Resolver()
QUOTED = re.compile(r"'([^']+)' ")  # at the beginning of a message
LOST_COMMAND = re.compile(
    r"(?s)(?=.*\$)(?:[^\\]|\\[^a-tv-wyzA-TV-Z])*\\[a-tv-wyzA-TV-Z]"
)  # in "$\nabla$"
DECIMAL_COMMAS = re.compile(r"\[ *-?\d+,\d+(?:, +-?\d+,\d+)+ *\]")  # [0,2, 0,3]
PLAIN_TEXT = re.compile(r"[\n\r\t -~]*")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or text; ``plain`` when it stands without quotes."""

    text: str
    plain: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the order of the file."""

    items: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read: its name for messages, and its tree."""

    name: str
    root: Node

    def mistake(self, loc: tuple[str | int, ...], message: str, at_key: bool = False) -> Mistake:
        """A mistake at a path into the tree, or at the nearest thing that exists there.

        A message that begins with a key in quotes, the last of the path or one of the mapping
        there, speaks of the key and not of its value.
        """
        quoted = QUOTED.match(message)
        word = quoted[1] if quoted else None
        node: Node = self.root
        line, column = node.line, node.column
        for place, part in enumerate(loc, 1):
            found = step(node, part)
            if found is None:
                break
            key, node = found
            last = place == len(loc)
            inner = step(node, word) if last and word is not None else None
            if inner is not None:
                key = inner[0]
            spoken_of = at_key or inner is not None or (last and str(part) == word)
            line, column = (key.line, key.column) if spoken_of and key else (node.line, node.column)
        return Mistake(self.name, line, column, path_text(loc), message)


def path_text(loc: tuple[str | int, ...]) -> str:
    """``given.W.0``."""
    return ".".join(map(str, loc))


def step(node: Node, part: str | int) -> tuple[Scalar | None, Node] | None:
    """The key (in a mapping) and the value at one part of a path."""
    if isinstance(node, Mapping):
        for key, value in node.items:
            if key.text == str(part):
                return key, value
    if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
        return None, node.items[part]
    return None


def read_file(path: Path, name: str | None = None) -> File:
    """Read and parse one YAML file.

    Raises:
        ProblemError: it cannot be read, is not YAML, is empty, or breaks one of the rules above.
    """
    shown = name or str(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _error(shown, 0, 0, f"a file of {size} bytes; at most {MAX_BYTES}")
        data = path.read_bytes()
    except OSError as error:
        raise _error(shown, 0, 0, f"cannot be read: {error.strerror}") from None
    return parse(data, shown)


def parse(data: bytes, name: str) -> File:
    """Parse the bytes of a YAML file; see `read_file`."""
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig"))  # é of macOS is two signs
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8-sig")
        raise _error(
            name, line, len(before) + 1, "not UTF-8 text; save the file as UTF-8"
        ) from None
    _check_characters(text, name)
    try:
        root = _Builder(name, text).build()
    except yaml.MarkedYAMLError as error:
        line, column, words = yaml_words(error, text)
        raise _error(name, line, column, f"not YAML: {words}") from None
    except yaml.YAMLError as error:
        raise _error(name, 1, 1, f"not YAML: {str(error).splitlines()[0]}") from None
    return File(name, root)


def _check_characters(text: str, name: str) -> None:
    if PLAIN_TEXT.fullmatch(text):
        return
    if (strange := _invisible(text)) is not None:
        at = text.index(strange)
        line = text.count("\n", 0, at) + 1
        column = at - text.rfind("\n", 0, at)
        raise _error(
            name,
            line,
            column,
            f"an invisible or private character, U+{ord(strange):04X}; remove it",
        )


def _invisible(text: str) -> str | None:
    """The first character that no text needs: a control, a private one, a change of direction."""
    for character in text:
        if character in "\n\r\t" or (" " <= character <= "~"):
            continue
        kind = unicodedata.category(character)
        if kind in ("Cc", "Cs", "Co", "Cn") or (kind == "Cf" and character != "\u00ad"):
            return character
    return None


def _error(name: str, line: int, column: int, message: str) -> ProblemError:
    return ProblemError(Mistake(name, line, column, "", message))


class _Builder:
    """Builds the tree from parser events."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self.mistakes: list[Mistake] = []
        self.nodes = 0

    def build(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.error(event, "a second document; a file holds one")
                root = self.node(next(self.events), 0)
        if root is None or (isinstance(root, Scalar) and root.plain and not root.text):
            raise _error(
                self.name, 1, 1, "the file is empty; `derivations new KIND` writes a start"
            )
        if self.mistakes:
            raise ProblemError(*self.mistakes)
        return root

    def raw(self, event: Any, last: Any = None) -> str:
        """The text of the file that an event stands for, or that from one event to another."""
        return self.text[event.start_mark.index : (last or event).end_mark.index]

    def error(self, event: Any, message: str) -> ProblemError:
        return ProblemError(*self.mistakes, self.mistake(event, message))

    def mistake(self, event: Any, message: str) -> Mistake:
        mark = event.start_mark
        return Mistake(self.name, mark.line + 1, mark.column + 1, "", message)

    def node(self, event: Any, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.error(event, f"more than {MAX_NODES} values")
        if depth > MAX_DEPTH:
            raise self.error(event, f"nested deeper than {MAX_DEPTH}")
        if isinstance(event, yaml.AliasEvent):
            raise self.error(event, f"an alias, *{event.anchor}; write the value out")
        if event.anchor:
            raise self.error(
                event, f"an anchor, &{event.anchor}; anchors and aliases are not used here"
            )
        if event.tag and event.tag != "!":
            raise self.error(event, f"a tag, {event.tag}; tags are not used here")
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.ScalarEvent):
            if event.style == '"' and LOST_COMMAND.match(self.raw(event)):
                raise self.error(
                    event,
                    "a backslash in double quotes starts a character, not a command; "
                    "use single quotes",
                )
            if event.style == '"' and (strange := _invisible(event.value)) is not None:
                raise self.error(
                    event,
                    f"a backslash in double quotes makes the character U+{ord(strange):04X}; "
                    "use single quotes",
                )
            return Scalar(event.value, event.style in (None, ""), line, column)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, depth + 1))
            raw = self.raw(event, inner)
            if DECIMAL_COMMAS.fullmatch(raw):
                self.mistakes.append(self.mistake(event, decimal_commas(raw, len(items))))
            return Sequence(tuple(items), line, column)
        return self.mapping(line, column, depth)

    def mapping(self, line: int, column: int, depth: int) -> Mapping:
        items: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise self.error(event, "a key is a word, not a list or mapping")
            if key.text == "<<" and key.plain:
                raise self.error(event, "a merge key, <<; write the values out")
            if key.text in seen:
                first = seen[key.text]
                self.mistakes.append(
                    self.mistake(
                        event, f"'{key.text}' stands here a second time; first in line {first.line}"
                    )
                )
            seen.setdefault(key.text, key)
            value = self.node(next(self.events), depth + 1)
            if items and (words := split_number(items[-1][1], key, value)):
                name, number = items[-1]
                self.mistakes.append(
                    Mistake(self.name, number.line, number.column, name.text, words)
                )
            items.append((key, value))
        return Mapping(tuple(items), line, column)


def split_number(before: Node, key: Scalar, value: Node) -> str:
    """What is said of ``{x: 0,5}``, where YAML reads 0 and a key 5; nothing of anything else."""
    if not isinstance(before, Scalar) or not isinstance(value, Scalar) or value.text:
        return ""
    behind = (before.line, before.column + len(before.text) + 1)
    if not re.fullmatch(r"[-+]?[0-9]+", before.text) or (key.line, key.column) != behind:
        return ""
    if not re.fullmatch(r"[0-9]+", key.text):
        return ""
    number = f"{before.text},{key.text}"
    return (
        f"found {number}, expected a number with a decimal point; "
        f"did you mean {number.replace(',', '.')}?"
    )


def head(path: Path, keys: frozenset[str]) -> dict[str, str]:
    """The plain values of some top-level keys, reading no further than needed.

    For lists of many files; a file that cannot be parsed gives what was read before the mistake.
    """
    found: dict[str, str] = {}
    depth, expecting, key = 0, True, ""
    try:
        with path.open("rb") as stream:
            for event in yaml.parse(stream, Loader=LOADER):
                if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    depth += 1
                    if depth == 2:
                        expecting = True
                elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                    depth -= 1
                elif isinstance(event, yaml.ScalarEvent) and depth == 1:
                    if not expecting and key in keys:
                        found[key] = event.value
                    key, expecting = (event.value, False) if expecting else ("", True)
                if len(found) == len(keys):
                    break
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return found
    return found


def plain(node: Node) -> Any:
    """The tree as dict, list, str, bool and None (YAML 1.2 core words); numbers stay text."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.items}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if node.plain:
        if node.text in ("", "~", "null", "Null", "NULL"):
            return None
        if node.text in ("true", "True", "TRUE"):
            return True
        if node.text in ("false", "False", "FALSE"):
            return False
    return node.text


def written(root: Node) -> str:
    """The tree as the text of a file, which reads as the same tree."""
    return str(yaml.serialize(_serial(root), Dumper=DUMPER, allow_unicode=True, width=100))


def _serial(node: Node) -> yaml.Node:
    if isinstance(node, Mapping):
        pairs = [(_serial(key), _serial(value)) for key, value in node.items]
        flow = bool(pairs) and all(isinstance(value, Scalar) for _, value in node.items)
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow and len(pairs) < 7)
    if isinstance(node, Sequence):
        inner = [_serial(item) for item in node.items]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", inner, flow_style=_shallow(node))
    tag = RESOLVER.resolve(yaml.ScalarNode, node.text, (True, False))  # type: ignore[no-untyped-call]
    if not node.plain:
        tag = "tag:yaml.org,2002:str"
    style = "|" if "\n" in node.text else None
    return yaml.ScalarNode(tag, node.text, style=style)


def _shallow(node: Node) -> bool:
    """Whether lists of lists of short words stand in one line."""
    if isinstance(node, Sequence):
        return all(map(_shallow, node.items))
    return isinstance(node, Scalar) and "\n" not in node.text

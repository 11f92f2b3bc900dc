r"""``\newcommand`` and its kin, put in the place of the commands that they define.

Nothing is executed: bodies are text with ``#1`` to ``#9``. How many definitions there are, how
deep they lead into each other and how much they write is bounded; a command over the bound stays
as it was written, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from derivations.reading.latex.traced import Traced, join

MOST_COMMANDS = 200  # in one text
MOST_USES = 4_000  # in one text
MOST_DEPTH = 12  # of commands that stand for commands
MOST_BODY = 5_000  # characters of a definition or an argument
MOST_WRITTEN = 100_000  # characters that definitions put into one text
DEFINES = re.compile(r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)(?![A-Za-z])")
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
NEW = re.compile(
    r"\s*\*?\s*(?:\{\s*(?P<braced>\\[A-Za-z@]+)\s*\}|(?P<bare>\\[A-Za-z@]+))\s*"
    r"(?:\[(?P<count>[0-9])\]\s*)?(?:\[(?P<default>[^\[\]{}]{0,200})\]\s*)?(?=\{)"
)
PLAIN = re.compile(r"\s*(?P<bare>\\[A-Za-z@]+)\s*(?P<parameters>(?:#[1-9])*)\s*(?=\{)")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
LAYOUT = re.compile(
    r"\\(?:if[a-z]|sbox|usebox|resizebox|hbox|vbox|setbox)"
)  # what shows its argument
LARGE, BOLD = re.compile(r"\\(?:large|Large|LARGE|huge)\b"), re.compile(r"\\(?:bfseries|textbf)\b")
PARAMETER = re.compile(r"#([1-9])")
DEFINITIONS = {"\\def": PLAIN}


@dataclass(frozen=True, slots=True)
class Macro:
    """What a command stands for, how many arguments it takes, and what the first one is if left out."""

    body: str
    count: int = 0
    default: str | None = None


def expanded(text: Traced) -> tuple[Traced, tuple[str, ...]]:
    """The text without definitions, with what they stand for; and a note on each that was left.

    What a definition writes has the place of the command that it was written for.
    """
    if not DEFINES.search(text.text):
        return text, ()
    expansion = _Expansion()
    found = expansion.of(text, {}, 0)
    return found, tuple(expansion.notes)


def _heading(count: int) -> str:
    """What is set large and bold is a heading: of a problem, if it has a number and a title."""
    words = " ".join(f"#{i + 1}" for i in range(count))
    return f"\n\n\\{'chapter' if count > 1 else 'section'}*{{{words}}}\n\n"


class _Expansion:
    def __init__(self) -> None:
        self.macros: dict[str, Macro] = {}
        self.notes: dict[str, None] = {}
        self.uses = 0
        self.unread = 0  # definitions that could not be read
        self.written = 0

    def of(self, text: Traced, inside: Mapping[str, None], depth: int) -> Traced:
        """A text with its commands expanded; ``inside`` are those that it came from."""
        parts, done, source = list[Traced](), 0, text.text
        match = TOKEN.search(source)
        while match is not None:
            name, at, end = match[0], match.start(), match.end()
            put: Traced | None = None
            if not depth and self.unread < MOST_COMMANDS and DEFINES.fullmatch(name):
                stop = self._defined(name, source, end)
                put = Traced.put(" ", text.place(at)) if stop else None
                end = stop or end
            elif name in self.macros:
                put, end = self._used(name, text, at, end, inside, depth)
            if put is not None:
                between = _apart(source[max(at - 1, 0) : at], put, source[end : end + 1])
                parts += [text.cut(done, at), *between]
                done = end
            match = TOKEN.search(source, end)
        return join((*parts, text.cut(done))) if parts else text

    # ------------------------------------------------------------ definitions

    def _defined(self, command: str, source: str, at: int) -> int:
        """The place after a definition; 0 where it is none that is understood."""
        match = DEFINITIONS.get(command, NEW).match(source, at)
        stop = match and _closing(source, match.end())
        if match is None or not stop:
            self.unread += 1
            self._note(f"a definition with {command} could not be read")
            return 0
        found = match.groupdict()
        name = found.get("braced") or found["bare"]
        body = source[match.end() + 1 : stop - 1]
        if command == "\\DeclareMathOperator":
            body = rf"\operatorname{{{body}}}"
        count = int(found.get("count") or len(found.get("parameters") or "") // 2)
        if count and LARGE.search(body) and BOLD.search(body):
            body = _heading(count)
        elif LAYOUT.search(body):
            body = f"#{count}" if count else " "
        if len(self.macros) < MOST_COMMANDS:
            self.macros[name] = Macro(body, count, found.get("default"))
        else:
            self._note(f"more than {MOST_COMMANDS} commands are defined; {name} is left out")
        return stop

    # ------------------------------------------------------------ uses

    def _used(
        self, name: str, text: Traced, at: int, end: int, inside: Mapping[str, None], depth: int
    ) -> tuple[Traced | None, int]:
        """What a command stands for, and the place after it and its arguments."""
        macro = self.macros[name]
        if name in inside or depth >= MOST_DEPTH:
            self._note(f"{name} stands for itself, or leads too deep; it is left as it is")
            return None, end
        taken = _arguments(text, end, macro)
        if taken is None:
            self._note(f"{name} stands without its arguments; it is left as it is")
            return None, end
        arguments, stop = taken
        whole = _filled(macro.body, arguments, text.place(at))
        self.uses += 1
        self.written += len(whole.text)
        if self.uses > MOST_USES or self.written > MOST_WRITTEN:
            self._note(
                f"the definitions write too much; from {name} on, commands are left as they are"
            )
            return None, end
        return self.of(whole, {**inside, name: None}, depth + 1), stop

    def _note(self, words: str) -> None:
        self.notes.setdefault(words)


def _filled(body: str, arguments: list[Traced], place: int) -> Traced:
    """A body with the arguments in the place of ``#1``, ``#2``, ..."""
    parts, done = list[Traced](), 0
    for match in PARAMETER.finditer(body):
        number = int(match[1])
        parts.append(Traced.put(body[done : match.start()], place))
        if number <= len(arguments):
            given = arguments[number - 1]
            parts += _apart(body[max(match.start() - 1, 0) : match.start()], given, "")
        done = match.end()
    return join((*parts, Traced.put(body[done:], place)))


def _arguments(text: Traced, at: int, macro: Macro) -> tuple[list[Traced], int] | None:
    """The arguments behind a command, and the place after them."""
    source, found, stop = text.text, list[Traced](), at
    for number in range(macro.count):
        while source[at : at + 1].isspace():
            at += 1
        if number == 0 and macro.default is not None:
            close = source.find("]", at) if source[at : at + 1] == "[" else -1
            found.append(
                text.cut(at + 1, close) if close > 0 else Traced.put(macro.default, text.place(at))
            )
            at = stop = close + 1 if close > 0 else at
            continue
        if source[at : at + 1] == "{":
            close = _closing(source, at)
            if not close:
                return None
            found.append(text.cut(at + 1, close - 1))
        else:
            token = re.compile(r"\\(?:[A-Za-z]+|.)|[^}\s&$]", re.DOTALL).match(source, at)
            if token is None:
                return None
            close = token.end()
            found.append(text.cut(at, close))
        at = stop = close
    return found, stop


def _closing(source: str, at: int) -> int:
    """The place after the brace that closes the one here; 0 where none does, or none near."""
    depth = 0
    for match in BRACE.finditer(source, at, at + MOST_BODY):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return 0


def _apart(before: str, put: Traced, after: str) -> list[Traced]:
    """What is put between letters stays apart from them: commands do not grow."""
    if not put.text:
        return [Traced.put(" ", put.end)] if before.isalpha() and after.isalpha() else []
    left = [Traced.put(" ", put.place(0))] if before.isalpha() and put.text[0].isalpha() else []
    right = [Traced.put(" ", put.end)] if after.isalpha() and put.text[-1].isalpha() else []
    return [*left, put, *right]

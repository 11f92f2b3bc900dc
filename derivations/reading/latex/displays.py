r"""Where mathematics and listings stand in a text: what opens, and the first that closes it.

One pass: a text in which a thousand displays are never closed takes no longer than any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NAMES = "align|equation|gather|multline|eqnarray|flalign|alignat|displaymath|math"
OPENS = re.compile(
    rf"\\begin\{{(?P<name>(?:{NAMES})\*?)\}}|\\\[|\$\$|\\\(|(?P<single>(?<!\\)\$(?!\$))"
)
LISTS = re.compile(r"```|\\begin\{(?P<name>verbatim|lstlisting|minted)\}")
INLINE = re.compile(r"\$(?:\\.|[^$\\])+\$", re.DOTALL)
CLOSES = {r"\[": r"\]", "$$": "$$", r"\(": r"\)", "```": "```"}


class Marked(NamedTuple):
    """First character and the one after the last, and how many signs on either side only mark it.

    ``in_line``: it stands in the line of the text, not in a display of its own; ``typed``: nothing marks
    it, and it is not written in LaTeX.
    """

    start: int
    end: int
    around: int
    in_line: bool = False
    typed: bool = False


def mathematics(text: str, start: int = 0, end: int | None = None) -> Iterator[Marked]:
    """What stands between dollars, in display brackets or in a mathematical environment."""
    return _marked(text, OPENS, start, len(text) if end is None else end)


def listings(text: str) -> Iterator[Marked]:
    """Code, which is no mathematics."""
    return _marked(text, LISTS, 0, len(text))


def _marked(text: str, opens: re.Pattern[str], at: int, end: int) -> Iterator[Marked]:
    missing: set[str] = set()  # what closes, and does not occur any more
    while opening := opens.search(text, at, end):
        at = opening.end()
        if opening.groupdict().get("single"):
            inline = INLINE.match(text, opening.start(), end)
            if inline is not None:
                at = inline.end()
                yield Marked(opening.start(), at, 1, True)
            continue
        name = opening["name"]
        closing = rf"\end{{{name}}}" if name else CLOSES[opening[0]]
        place = -1 if closing in missing else text.find(closing, at, end)
        if place < 0:
            missing.add(closing)
            continue
        at = place + len(closing)
        yield Marked(opening.start(), at, 0 if name else len(closing), closing == r"\)")

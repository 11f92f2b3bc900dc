"""Control characters in a formula: what an escape sequence leaves of a command, ``\\f`` of ``\\frac``."""

from __future__ import annotations

import re

from derivations.errors import ReadError

LOST = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\t(?=au|heta|imes|anh|ext|ilde|op\\b)|\r(?=ight|ho\\b)"
    "|\n(?=abla)"
)
LOST_COMMANDS = {
    "\x0c": "\\f",
    "\x08": "\\b",
    "\x07": "\\a",
    "\x0b": "\\v",
    "\t": "\\t",
    "\r": "\\r",
    "\n": "\\n",
}


def refuse_lost(source: str) -> None:
    """Nothing, where no such character stands.

    Raises:
        ReadError: which command may be meant.
    """
    if lost := LOST.search(source):
        command = LOST_COMMANDS.get(lost[0])
        hint = (
            f"; is a '{command}' lost before '{source[lost.end() : lost.end() + 4]}'?"
            if command
            else ""
        )
        raise ReadError(
            f"character U+{ord(lost[0]):04X} has no meaning in a formula{hint}", lost.start()
        )

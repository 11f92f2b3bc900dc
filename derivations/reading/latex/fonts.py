"""Fonts as old texts switch them, ``{\\bf x}`` for ``\\mathbf{x}``, and a T in any font above a name."""

from __future__ import annotations

import re
from typing import NamedTuple

LETTERS = {"bf": "\\mathbf", "boldmath": "\\boldsymbol", "cal": "\\mathcal", "mit": "\\mathit"}
SWITCHES = frozenset({"rm", "sf", "tt", "it", "sl"})
WORD = r"\s*(?:\{\s*(?P<braced>[A-Za-z]+)\s*\}|(?P<word>[A-Za-z]+))"
SWITCH = re.compile(
    rf"\{{\s*\\(?:(?P<letters>{'|'.join(LETTERS)})|(?:{'|'.join(sorted(SWITCHES))}))(?![A-Za-z])"
    rf"(?P<rest>{WORD}\s*(?P<whole>\}})?)?"
)
SWITCHED = re.compile(WORD)
FONT = (
    r"\\(?:(?:math|text)?(?P<sans>sf)|(?:math|text)?(?:rm|bf|it|tt|cal|scr|up)|bm|boldsymbol|text)"
)
TURNED = re.compile(rf"\^\s*(?P<group>\{{\s*)?{FONT}(?:\s*\{{\s*T\s*\}}|\s+T\b)(?(group)\s*\}})")


class Switch(NamedTuple):
    """What a group in another font begins with: the command for its letters, or a word, and where that ends.

    ``whole``: the group of the word ends there, too; that of a command has another one for its letters.
    """

    command: str
    word: str
    end: int
    whole: bool


def switch(source: str, at: int) -> Switch | None:
    """The font that is switched at the beginning of a group."""
    found = SWITCH.match(source, at)
    if found is None:
        return None
    if found["letters"]:
        end = found.start("rest") if found["rest"] else found.end()
        return Switch(LETTERS[found["letters"]], "", end, found["braced"] is not None)
    word = found["word"] or found["braced"] or ""
    return Switch("", word, found.end(), found["whole"] is not None)

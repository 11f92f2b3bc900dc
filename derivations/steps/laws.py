"""The words for "why": each law once, with its sentence and its source."""

from __future__ import annotations

from typing import NamedTuple


class Law(NamedTuple):
    """A law of the field: what stands beside a line, the whole sentence, where it is from."""

    name: str
    sentence: str
    source: str


LAWS: dict[str, Law] = {
    "definition": Law("definition", "The quantity is defined by this formula.", ""),
}

"""The library of theorems: the problem files of kind ``theorem`` in ``problems/theorems``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from derivations.errors import ReadError, nearest
from derivations.reading.yaml import head
from derivations.resources import folder

KEYS = frozenset({"kind", "id", "title", "source"})


@cache
def entries() -> dict[str, Path]:
    """Every theorem of the library by its name, in alphabetical order."""
    found = (folder("problems") / "theorems").glob("*.yaml")
    files = sorted(found, key=lambda path: path.stem)
    return {path.stem: path for path in files if path.name != "sheet.yaml"}


def entry(name: str) -> Path:
    """The file of a theorem.

    Raises:
        ReadError: there is none of this name; with the nearest one.
    """
    if name not in entries():
        hint = nearest(name, entries()) or ";"
        raise ReadError(
            f"'{name}' is not a theorem of the library{hint} `derivations derive --list` names them"
        )
    return entries()[name]


def title(name: str) -> str:
    """The heading of a theorem."""
    return head(entry(name), KEYS).get("title", name)

"""The problems and sheets that ship, by name: ``sigmoid-neuron``, ``textbooks/small-graph``, ``textbooks``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from derivations.errors import ProblemError
from derivations.reading.yaml import head
from derivations.resources import folder

SHEET = "sheet.yaml"
ID = frozenset({"id"})


@cache
def _named() -> dict[str, list[Path]]:
    """Files by the names that they go by: id, file and folder; a sheet's folder by itself."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder("problems").glob("*/*.yaml")):
        names = [path.parent.name] if path.name == SHEET else [path.stem, _within(path)]
        names += [identity for identity in head(path, ID).values() if identity not in names]
        for name in names:
            found.setdefault(name, []).append(path)
    return found


def _within(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def shipped_names() -> list[str]:
    """Every name that `shipped` knows, for hints; those with a folder come last."""
    return sorted(_named(), key=lambda name: ("/" in name, name))


def shipped(name: str) -> Path | None:
    """The file of a shipped problem or sheet; None where nothing has this name.

    Raises:
        ProblemError: several problems have it.
    """
    files = _named().get(name, [])
    if len(files) > 1:
        raise ProblemError.at(
            f"'{name}' is the id of {len(files)} shipped problems; say which: "
            f"{', '.join(map(_within, files))}"
        )
    return files[0] if files else None

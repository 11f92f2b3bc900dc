"""The folders that ship with the program: ``problems`` and ``templates``.

In a wheel they lie inside the package, in a checkout or an editable install beside it.
"""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The shipped folder of this name.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder '{name}' is missing from this installation")

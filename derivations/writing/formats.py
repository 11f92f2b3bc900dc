"""Preambles that were read once: LaTeX loads them as a format and reads the rest of a sheet alone.

A format is kept in the user's folder for caches; another preamble, another program or another week
makes another one. It holds what the packages define, and nothing that a sheet says.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from derivations.writing.engine import pdflatex, run
from derivations.writing.files import WriteError, write_file

PREAMBLE_ENDS = "% Here ends what all sheets share."
WEEK = 7 * 24 * 3600  # seconds; then packages may have changed
KEPT = 4  # formats, of some 20 MB each


@dataclass(frozen=True, slots=True)
class Format:
    """A preamble that was read once: what follows it compiles without reading it again."""

    engine: str
    data: bytes


def cache_folder() -> Path:
    """Where formats are kept."""
    return user_cache_path("derivations", appauthor=False)


def kept_format(preamble: str, engine: str = "auto") -> Format:
    """The preamble as a format, made once a week and otherwise read from the folder for caches.

    Raises:
        EngineMissing: there is no pdflatex.
        TexError: the preamble does not compile.
    """
    [program] = pdflatex(engine)
    state = Path(program).stat()
    written = "\n".join([program, str(state.st_mtime_ns), str(state.st_size), preamble])
    path = cache_folder() / f"{hashlib.sha256(written.encode()).hexdigest()[:32]}.fmt"
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < WEEK:
            return Format(program, path.read_bytes())
    form = dump_format(preamble, engine)
    with suppress(WriteError, OSError):  # without a folder for caches it is made again
        write_file(path, form.data, private=True)
        _forget(path.parent)
    return form


def _forget(folder: Path) -> None:
    """Remove all but the newest formats."""
    ages = {path: path.stat().st_mtime for path in folder.glob("*.fmt")}
    for path in sorted(ages, key=ages.__getitem__)[:-KEPT]:
        path.unlink()


def dump_format(preamble: str, engine: str = "auto") -> Format:
    """The preamble as a format.

    Raises:
        EngineMissing: there is no pdflatex; another engine makes no formats here.
        TexError: the preamble does not compile.
    """
    command = pdflatex(engine)
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        (place / "sheet.tex").write_text(preamble + "\n\\dump\n", encoding="utf-8")
        run([command[0], "-ini"], place, preamble, "&pdflatex", "sheet.fmt")
        dumped = (place / "sheet.fmt").read_bytes()
    if dumped[:2] == b"\x1f\x8b":  # to inflate it costs a third of the start of every run
        dumped = gzip.decompress(dumped)
    return Format(command[0], dumped)

"""Files that students handed in: found, decoded, and named for what is written about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from derivations.checking.documents import MAX_TEXT
from derivations.errors import ProblemError

SUFFIXES = frozenset([".tex", ".md", ".txt"])
CONTROLS = frozenset(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27}  # what no text holds
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Unreadable(ValueError):
    """A file that is no text that could be checked; the message says why."""


def find(paths: Sequence[Path]) -> list[Path]:
    """The files that paths stand for, each once; of a folder those that hold mathematics.

    Raises:
        ProblemError: a path that is not there, or a folder without such files.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise ProblemError.at("cannot be read: No such file or directory", str(path))
        for file in _inside(path) if path.is_dir() else (_named(path),):
            found.setdefault(file.absolute(), file)
    return list(found.values())


def _named(path: Path) -> Path:
    """A file that somebody names may be a link."""
    return path.resolve() if path.is_symlink() else path


def _inside(folder: Path) -> Iterator[Path]:
    inside = sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and not p.is_dir()
    )
    if not inside:
        raise ProblemError.at("no .tex, .md or .txt file is in it", str(folder))
    yield from inside


def read(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a note where it is not in UTF-8.

    Raises:
        Unreadable: no permission, empty, no text, or too long.
    """
    raw = _bytes(path)
    if not raw.strip():
        raise Unreadable("the file is empty")
    text, notes = _decoded(raw)
    if len(text) > MAX_TEXT:
        raise Unreadable(f"longer than {MAX_TEXT} characters")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _bytes(path: Path) -> bytes:
    """What a plain file holds; no link is followed to what a student could not hand in."""
    if path.is_symlink():
        raise Unreadable("a link to another file, which is not followed")
    try:
        if not path.is_file():
            raise Unreadable("not a plain file")
        if path.stat().st_size > 4 * MAX_TEXT:
            raise Unreadable(f"longer than {MAX_TEXT} characters")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def _decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), ()
            except UnicodeDecodeError:
                raise Unreadable("the file is damaged: it is not the text it begins as") from None
    if CONTROLS & set(raw):
        raise Unreadable("the file is no text (a .pdf or .docx must be exported as text first)")
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), (
            "The file is not in UTF-8; it was read as Windows-1252.",
        )


def names(paths: Sequence[Path]) -> list[str]:
    """A name for each file's report, no two alike, not even where case is not told apart."""
    stems = Counter(path.stem.casefold() for path in paths)
    files = Counter(path.name.casefold() for path in paths)
    taken: set[str] = set()
    found: list[str] = []
    for path in paths:
        name = path.stem if stems[path.stem.casefold()] == 1 else path.name
        if files[path.name.casefold()] > 1:
            name = f"{path.resolve().parent.name}-{path.name}"
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name}-{number}", number + 1
        taken.add(unique.casefold())
        found.append(unique)
    return found

"""Files that students handed in: found, decoded, and named for what is written about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derivations.checking.text.documents import MAX_TEXT
from derivations.errors import ProblemError, nearest

SUFFIXES = frozenset([".tex", ".md", ".txt"])
PROBLEMS = frozenset([".yaml", ".yml"])
DOCUMENTS = frozenset(
    [".pdf", ".docx", ".doc", ".odt", ".rtf", ".ipynb", ".html", ".zip", ".pages"]
)
MOST_DEPTH = 4  # of folders in folders
CONTROLS = frozenset(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27}  # what no text holds
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Unreadable(ValueError):
    """A file that is no text that could be checked; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """Files to check, each with its name in reports, and the names of files that were passed over."""

    files: tuple[Path, ...]
    names: tuple[str, ...]
    passed_over: tuple[str, ...] = ()


def find(paths: Sequence[Path], output: Path | None = None) -> Found:
    """The files that paths stand for, each once; of a folder and those in it the texts.

    Args:
        paths: files and folders.
        output: where reports are written, in which nobody hands in anything.

    Raises:
        ProblemError: a path that is not there, a problem file, or a folder without texts.
    """
    found: dict[Path, tuple[Path, str]] = {}
    passed: list[str] = []
    own = None if output is None else output.resolve()
    for path in paths:
        if not path.exists():
            raise ProblemError.at(f"no such file or folder{_nearest(path)}", str(path))
        if path.suffix.lower() in PROBLEMS:
            raise ProblemError.at(
                "a problem file, and no derivation; name it with --problem", str(path)
            )
        if not path.is_dir():
            found.setdefault(path.absolute(), (_named(path), path.name))
            continue
        inside = list(_inside(path, own))
        texts = [file for file in inside if file.suffix.lower() in SUFFIXES]
        if not texts:
            raise ProblemError.at("no .tex, .md or .txt file is in it", str(path))
        for file in texts:
            found.setdefault(file.absolute(), (file, file.relative_to(path).as_posix()))
        passed += [f.relative_to(path).as_posix() for f in inside if f.suffix.lower() in DOCUMENTS]
    files, names = zip(*found.values(), strict=True)
    return Found(files, names, tuple(passed))


def _nearest(path: Path) -> str:
    """The file beside it that is named most alike."""
    folder = path.parent
    return nearest(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else ""


def _named(path: Path) -> Path:
    """A file that somebody names may be a link."""
    return path.resolve() if path.is_symlink() else path


def _inside(folder: Path, output: Path | None, depth: int = MOST_DEPTH) -> Iterator[Path]:
    """The files in a folder and in those in it, as courses hand them out: a folder for each student."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            yield path
        elif depth and not path.is_symlink() and path.resolve() != output:
            yield from _inside(path, output, depth - 1)


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


def stems_of(paths: Sequence[Path]) -> list[str]:
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

"""Mistakes that a kind finds in its own fields, before they have a place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from derivations.errors import ReadError
from derivations.formula.shapes import ShapeError

Path = tuple[str | int, ...]


class FieldError(ValueError):
    """One or more mistakes in the fields of a problem.

    Args:
        path: where the first one is, as in ``("given", "w")``.
        message: what was found, what is expected, the nearest right thing.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.mistakes: list[tuple[Path, str]] = [(path, message)]


class Mistakes:
    """Collects mistakes, so that all of a file are told at once."""

    def __init__(self) -> None:
        self.found: list[tuple[Path, str]] = []

    def add(self, path: Path, message: str) -> None:
        """One more mistake."""
        self.found.append((path, message))

    @contextmanager
    def at(self, path: Path, text: str = "") -> Iterator[None]:
        """Errors of reading inside the block become mistakes at the path; ``text`` is what is read."""
        try:
            yield
        except ReadError as error:
            place = f"column {error.position + 1} of '{text}': " if text else ""
            self.add(path, place + error.message)
        except ShapeError as error:
            self.add(path, f"in '{text}': {error}" if text else str(error))
        except FieldError as error:
            self.found += error.mistakes

    def raise_all(self) -> None:
        """Raise everything that was found, if anything was."""
        if self.found:
            error = FieldError(*self.found[0])
            error.mistakes = self.found
            raise error

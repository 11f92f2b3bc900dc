"""Mistakes that a kind finds in its own fields, before they have a place in a file."""

from __future__ import annotations


class FieldError(ValueError):
    """A mistake that a kind finds in its own fields.

    Args:
        path: where, as in ``("given", "w")``.
        message: what was found, what is expected, the nearest right thing.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message

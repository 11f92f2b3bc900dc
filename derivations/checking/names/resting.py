"""What definitions rest on: the names in each, looked for once, as chains of hundreds of them ask again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derivations.formula.tree import Formula, names


class Uses:
    """The names in definitions, and in the functions of the text that these call.

    Args:
        in_bodies: the names in the functions that a formula calls.
    """

    def __init__(self, in_bodies: Callable[[Formula], Iterable[str]]) -> None:
        self._in_bodies = in_bodies
        self._found: dict[int, tuple[Formula, tuple[str, ...]]] = {}

    def of(self, body: Formula | None) -> tuple[str, ...]:
        """The names that a definition uses; none of what is not defined."""
        if body is None:
            return ()
        found = self._found.get(id(body))
        if found is None or found[0] is not body:
            found = self._found[id(body)] = body, (*names(body), *self._in_bodies(body))
        return found[1]

    def forget(self) -> None:
        """What functions stand for has changed."""
        self._found.clear()

"""What stands behind "where" says what the line before it means: it is learned before that line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derivations.checking.names.quantities import base_of, is_update
from derivations.checking.text.parts import parts_of
from derivations.formula.tree import Apply, Formula, names
from derivations.reading.latex import ReadChain


def in_order(groups: Sequence[Sequence[ReadChain]], behind: Sequence[bool]) -> list[int]:
    """The places of groups of lines in the order in which they are to be judged.

    Args:
        groups: lines that belong together, in reading order.
        behind: whether each stands behind "where".
    """
    found: list[int] = []
    main: int | None = None  # what they stand behind
    for place, group in enumerate(groups):
        if not behind[place]:
            main = place
        if behind[place] and main is not None and _explains(group, groups[main]):
            found.insert(found.index(main), place)
        else:
            found.append(place)
    return found


def _explains(group: Sequence[ReadChain], main: Sequence[ReadChain]) -> bool:
    """Whether lines say what names of others mean, and not what is to be said of their results."""
    said = {name for name, _ in _said(main)}
    here = list(_said(group))
    if not here or len(here) < len(group):
        return False
    return all(name not in said and said.isdisjoint(names(body)) for name, body in here)


def _said(chains: Sequence[ReadChain]) -> Iterator[tuple[str, Formula]]:
    """The names that lines begin with, or the functions, with what they are first said to be."""
    for chain in chains:
        for part in parts_of(chain):
            said = part.equation(0)
            if said is None or is_update(said[0], part.links[0].sign, said[1]):
                continue
            left = said[0]
            name = base_of(left)
            if name is None and isinstance(left, Apply) and left.head.isidentifier():
                name = left.head
            if name is not None:
                yield name, said[1]

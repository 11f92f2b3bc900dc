"""Arrays of which one entry is set anew: ``w_1 ← 0.5 + 0.2``, ``s_2 = -1`` of a given s."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, updated
from derivations.formula.evaluation import Value
from derivations.formula.tree import Apply, Formula, Name, Number


def set_entry(known: Knowledge, entry: Formula, number: Formula, value: Value) -> None:
    """One entry of an array is another number from here on.

    Args:
        known: what is known of the array.
        entry: with numbers for its places, or nothing is set.
        number: what it is.
        value: its value.
    """
    array, places = base_of(entry), _places(entry)
    if array is None or places is None or not isinstance(entry, Apply):
        return
    whole = known.values.get(array)
    known.give_entry(entry, number)
    if isinstance(whole, tuple):
        known.values[array] = _with(whole, places, value)
        known.changed()


def renewed(known: Knowledge) -> dict[str, Value]:
    """The values with those of ``w^{new}`` in the places of w; nothing where no name has a new one."""
    world, found = known.own_world(), dict[str, Value]()
    for name in [*known.values, *known.definitions]:
        base, value = updated(name), world.values.get(name)
        quantity = known.indices.entries(Name(base)) if base else None
        array, places = (base_of(quantity), _places(quantity)) if quantity else (None, None)
        if array is None or value is None or array not in known.values:
            continue
        found[array] = _with(found.get(array, known.values[array]), places or (), value)
    return {**known.values, **found} if found else {}


def _places(entry: Formula) -> list[int] | None:
    """The numbers of ``w_{12}``; None where a place is no number."""
    places = entry.args[1:] if isinstance(entry, Apply) and entry.head == "entry" else ()
    counted = [int(p.text) for p in places if isinstance(p, Number) and p.text.isdigit()]
    return counted if counted and len(counted) == len(places) else None


def _with(array: Value, places: Sequence[int], value: Value) -> Value:
    """The array with another value at a place."""
    if not places or not isinstance(array, tuple):
        return value
    first, *rest = places
    return tuple(_with(a, rest, value) if at == first else a for at, a in enumerate(array, 1))

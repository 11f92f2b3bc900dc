"""Numbers of an earlier sample: what rests on an input is another one where the input is."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import free
from derivations.formula.looks import look

PARAMETERS = frozenset("wWbvVuU") | {"theta", "eta", "alpha", "beta", "gamma", "lambda", "mu"}


def outdate(known: Knowledge, names: Iterable[str]) -> None:
    """Forget the numbers of what rests on inputs that are given anew.

    What rests on parameters stays: a gradient that was computed with the old weight moves the others, too.
    """
    inputs = {name for name in names if look(name).base not in PARAMETERS}
    resting = {n for n in known.definitions if known.inside(n) & inputs}
    for quantity in [q for q in known.claimed if free(q) & resting]:
        del known.claimed[quantity]
        known.tainted.discard(quantity)

"""Variants of every problem of the bank: drawn, and each value of them confirmed by the second road.

Of a problem whose values can be drawn in few ways every variant is looked at, and not a sample.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derivations.errors import DerivationsError
from derivations.exams.blocks import Block
from derivations.exams.conditions import Values
from derivations.exams.counting import every, possible
from derivations.exams.seeds import Stream
from derivations.exams.structures import Structure
from derivations.exams.varying import Variant, Varying
from derivations.formula.columns import Unsupported
from derivations.formula.evaluation import precision
from derivations.formula.tree import Apply, Formula, key, walk
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.resources import folder
from derivations.steps.solution import Derivation
from derivations.steps.substitution import Given, read_given
from derivations.truth.confirmation import MODEL, close, doubles
from derivations.truth.second_road import model_values

COUNT = int(os.environ.get("VARIANTS", "10000"))
SECONDS = float(os.environ.get("SECONDS_EACH", "60"))  # for the structures of one problem


@dataclass
class Tally:
    """What was done with one problem."""

    drawn: int = 0
    all: bool = False  # that there are
    confirmed: int = 0
    disagreements: list[str] = field(default_factory=list)
    seconds: float = 0.0


def lines(names: Sequence[str] = ()) -> Iterator[str]:
    """A line for each problem that varies, and the sums."""
    drawn = confirmed = problems = 0
    wrong: list[str] = []
    for path in sorted(folder("problems").glob("*/*.yaml")):
        name = f"{path.parent.name}/{path.stem}"
        if path.name == "sheet.yaml" or (names and name not in names):
            continue
        if "\nvary:" not in path.read_text(encoding="utf-8"):
            continue
        tally = examine(Varying(load(path)), name)
        problems += 1
        drawn, confirmed = drawn + tally.drawn, confirmed + tally.confirmed
        wrong += tally.disagreements
        yield (
            f"{name:52} {tally.drawn:6} {'in all' if tally.all else 'drawn ':6} {tally.confirmed:6} confirmed "
            f"{len(tally.disagreements):3} disagree {tally.seconds:7.1f} s"
        )
    yield f"{problems} problems, {drawn} drawn, {confirmed} confirmed, {len(wrong)} disagreements"
    yield from wrong[:20]


def examine(varying: Varying, name: str) -> Tally:
    """Draw, and confirm structure by structure."""
    start = time.process_time()
    tally = Tally()
    tally.all = possible(varying) <= COUNT
    found = every(varying)[1] if tally.all else _sample(varying, name, start)
    tally.drawn = len(found)
    groups: dict[Any, list[Variant]] = {}
    for one in found:
        groups.setdefault(one.key, []).append(one)
    for group in groups.values():
        if time.process_time() - start > 2 * SECONDS:
            break
        _confirm(group, tally, name)
    tally.seconds = time.process_time() - start
    return tally


def _sample(varying: Varying, name: str, start: float) -> list[Variant]:
    streams = [Stream(b"bench", "", name, str(n)) for n in range(COUNT)]
    found: list[Variant] = []
    while len(found) < COUNT and time.process_time() - start < SECONDS:
        found += varying.variants(streams[len(found) : len(found) + 500])
    return found


def _confirm(group: Sequence[Variant], tally: Tally, name: str) -> None:
    """The first one through the whole judge, all of them by value."""
    try:
        solve(group[0].loaded)
    except DerivationsError as error:
        tally.disagreements.append(f"{name}: {error}")
    givens = [one.given for one in group]
    if len({tuple(given.items()) for given in givens}) == 1:
        tally.confirmed += len(group)  # the same problem, which was solved and verified
        return
    derivation = group[0].derivation
    second = second_values(derivation, givens)
    first = _first(group[0].structure, givens, list(second))
    for key_of, values in second.items():
        mine = np.asarray(first[key_of], dtype=np.float64)
        theirs = np.broadcast_to(values, mine.shape)
        if not close(mine, theirs):
            tally.disagreements.append(f"{name}: {key_of}")
    tally.confirmed += len(group)


def second_values(derivation: Derivation, givens: Sequence[Mapping[str, Given]]) -> dict[str, Any]:
    """All definitions and derivatives by the second road, with all variants at once."""
    definitions = {
        q.key: q.formula for q in derivation.quantities if q.formula is not None and q.role in MODEL
    }
    derived = [q.key for q in derivation.quantities if q.role == "derived"]
    asked = {*derived, *(n for f in definitions.values() for n in _derivatives(f))}
    pairs = [(of, wrt) for of, wrt in (n[1:].split("/d") for n in sorted(asked))]
    arrays = {
        name: np.array([doubles(read_given(given[name])) for given in givens]) for name in givens[0]
    }
    functions = {n: f for n, f in derivation.functions.items() if "'" not in n}
    with np.errstate(all="ignore"):
        values = model_values(arrays, definitions, functions, pairs)
    return {name: values[name] for name in (*definitions, *derived)}


def _derivatives(formula: Formula) -> set[str]:
    nodes = (n for n in walk(formula) if isinstance(n, Apply) and n.head in ("partial", "total"))
    return {key(node) for node in nodes}


def _first(
    structure: Structure, givens: Sequence[Mapping[str, Given]], names: Sequence[str]
) -> dict[str, Any]:
    """The same values by the first road: columns, and exactly where these do not decide."""
    block = Block(structure, givens)
    found: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        for name in names:
            try:
                found[name] = block.values(name)
            except Unsupported:
                continue
    rest = [name for name in names if name not in found]
    doubtful = set(np.flatnonzero(block.arithmetic.doubt).tolist())
    exactly: dict[str, list[Any]] = {name: [] for name in rest}
    with precision(128):
        for n, given in enumerate(givens):
            wanted = names if n in doubtful else rest
            if not wanted:
                continue
            values = Values(structure.derivation, {k: read_given(v) for k, v in given.items()})
            for name in wanted:
                value = doubles(values[name])
                if name in rest:
                    exactly[name].append(value)
                else:
                    found[name][n] = value
    return {**found, **exactly}


if __name__ == "__main__":
    import sys

    for line in lines(sys.argv[1:]):
        print(line, flush=True)

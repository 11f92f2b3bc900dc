"""Worlds that are imagined for a relation in names: random values in the domains of its names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from flint import fmpq

from derivations.checking.names.fitting import SIZE
from derivations.checking.names.indexed import Indices
from derivations.checking.names.quantities import free
from derivations.checking.names.ranges import as_formula
from derivations.errors import ReadError, VerificationError
from derivations.formula.evaluation import Function, Value
from derivations.formula.numerals import NumeralError, exact
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, names, walk
from derivations.reading.latex import Symbol as Declared
from derivations.reading.latex import Symbols
from derivations.steps.solution import Symbol, Universe
from derivations.truth.judge import World
from derivations.truth.universes import worlds_of

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
COUNT = 6  # worlds in which a relation in names is tried
INFERRED = ("~", SIZE)  # begin the names of sizes that nobody has written
ALIKE = fmpq(3)
PATIENCE = 30  # draws without any success
STATED = 10  # where somebody has said what the names may be: indices are first or last in eight
NEVER_NEGATIVE = frozenset({"exp", "sigmoid", "softmax", "softplus", "abs", "norm", "cosh"})
SQUARES = (Number("2"), Number("4"))
POSITIVE = frozenset({"ln", "log", "log2", "log10", "sqrt"})
INTERVAL = re.compile(r"in[(\[]([^,]+),([^,]+)[)\]]")  # of closed ones the inside
DECLARED = {
    "positive": ("positive",), "nonnegative": ("positive",), "non-negative": ("positive",),
    "negative": ("negative",), "probability": ("in", "0", "1"), "binary": ("binary",),
    "in{0,1}": ("binary",), "in{-1,1}": ("sign",), "in{1,-1}": ("sign",), "natural": ("whole", "1", "4"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What worlds are made from: definitions, functions, declared symbols, shapes of arrays.

    ``stated``: what a problem says of its symbols; ``conditions``: what holds in every world;
    ``domains``: from which names are drawn where a text says it; ``before``: begins the names of arrays without the
    entries that are given.
    """

    definitions: Mapping[str, Formula]
    functions: Mapping[str, Function]
    symbols: Symbols
    indices: Indices
    stated: Sequence[Symbol] = ()
    conditions: tuple[Formula, ...] = ()
    domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: str = ""


def imagined(
    known: Surroundings,
    formulas: Iterable[Formula],
    used: set[str],
    positive: frozenset[str],
    held: Mapping[str, Value],
) -> list[World]:
    """Worlds in which the formulas have values.

    Empty where there are none: the formulas have values nowhere that was tried.

    Args:
        known: what they are made from.
        formulas: what is to be tried.
        used: every name that they rest on.
        positive: names that stand under a root or logarithm; all are, where that is not enough.
        held: names that keep their values.
    """
    formulas = list(formulas)
    needed = in_order(
        {n: f for n, f in known.definitions.items() if n in used and n not in held},
        {s.name: s.domain[1:] for s in known.stated if s.domain[0] == "function"},
    )
    shapes, sizes = known.indices.shapes, known.indices.sizes
    ends = {*(end for shape in shapes.values() for end in shape), *sizes.values()}
    lengths = {name for end in ends for name in names(as_formula(end))}
    elements = " ".join(end for sizes in known.indices.elements.values() for end in sizes)
    lengths |= set(IDENTIFIER.findall(elements))
    declared = [known.symbols.get(name) for name in used]
    lengths |= {end for symbol in declared if symbol for end in symbol.shape if end.isidentifier()}
    bounds = {*_bounds((*formulas, *needed.values())), *lengths} - set(held)
    stated = [symbol for symbol in known.stated if symbol.name not in held]
    told = {symbol.name for symbol in stated}
    loose = sorted(used - set(needed) - set(known.functions) - bounds - set(held) - told)
    extents = [Symbol(name, (), ("size", "2", "3")) for name in sorted(bounds - told)]
    count = STATED if stated else COUNT
    for choice in (positive, frozenset(loose)):
        symbols = [_symbol(known, name, name in choice) for name in loose]
        with suppress(VerificationError, ReadError):
            universe = Universe((*extents, *stated, *symbols), needed, known.conditions)
            return worlds_of(universe, held, {}, known.functions, "check", count, PATIENCE)
    alike = {name: ALIKE for name in bounds if name.startswith(INFERRED) and name not in held}
    if not alike:
        return []
    return imagined(known, formulas, used, positive, {**held, **alike})  # W_ji for an entry W_ij


def in_order(
    definitions: Mapping[str, Formula], functions: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Formula]:
    """Definitions with those first on which others rest; as they stand where that is no matter.

    ``functions``: names that are any function of others, which have to be there before.
    """
    missing: dict[str, set[str]] = {}
    for name, formula in definitions.items():
        used = free(formula)
        used = used.union(*((functions or {}).get(other, ()) for other in used))
        missing[name] = (used & set(definitions)) - {name}
    resting: dict[str, list[str]] = {}
    for name, others in missing.items():
        for other in others:
            resting.setdefault(other, []).append(name)
    order = [name for name, others in missing.items() if not others]
    for name in order:
        for other in resting.get(name, ()):
            missing[other].discard(name)
            if not missing[other]:
                order.append(other)
    return {name: definitions[name] for name in dict.fromkeys((*order, *definitions))}


def _bounds(formulas: Iterable[Formula]) -> Iterator[str]:
    """Names that bound sums."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in RANGES:
                for at, bound in enumerate(node.args[:-1]):
                    if at % 3:
                        yield from names(bound)


def under_root(formulas: Iterable[Formula | None]) -> Iterator[str]:
    """Names under roots and logarithms, but for those in parts that are never negative."""
    for formula in formulas:
        for node in walk(formula) if formula is not None else ():
            if isinstance(node, Apply) and node.head in POSITIVE:
                yield from _of_any_sign(node.args[0])


def _of_any_sign(formula: Formula) -> Iterator[str]:
    """Names on which it depends whether a formula is negative."""
    if isinstance(formula, Name):
        yield formula.id
    if not isinstance(formula, Apply) or formula.head in NEVER_NEGATIVE:
        return
    if formula.head == "power" and formula.args[1] in SQUARES:
        return
    for arg in formula.args:
        yield from _of_any_sign(arg)


def _symbol(known: Surroundings, name: str, positive: bool) -> Symbol:
    real = known.domains.get(name, ("positive",) if positive else ("real",))
    if (array := name.removeprefix(known.before)) in known.indices.shapes:
        return Symbol(name, known.indices.whole(array), real)
    if name in known.indices.sizes:
        first = "2" if name in known.indices.later else "1"
        return Symbol(name, (), ("whole", first, known.indices.sizes[name]))
    declared = known.symbols.get(name)
    if declared is None or (name in known.domains and not declared.shape):
        return Symbol(name, (), real)
    if declared.shape:
        return Symbol(name, declared.shape, real)
    return Symbol(name, (), _domain(declared, positive))


def _domain(declared: Declared, positive: bool) -> tuple[str, ...]:
    """The domain that a declaration says, ``in (0,1)`` or ``positive``."""
    words = re.sub(r"\\in(?![a-z])|∈", "in", declared.domain.replace(" ", ""))
    if match := INTERVAL.fullmatch(words):
        with suppress(NumeralError):
            return _interval(*match.groups())
    for word, domain in DECLARED.items():
        if words.startswith(word):
            return domain
    if declared.kind == "index":
        bounds = declared.bounds or ("1", "3")
        return ("whole", *bounds)
    return ("positive" if positive else "real",)


def _interval(low: str, high: str) -> tuple[str, ...]:
    """The numbers between two bounds; between 0 and ∞ the positive ones.

    Raises:
        NumeralError: a bound that is none, or nothing between them.
    """
    endless = {"inf", "infty", "infinity", r"\infty", "∞"}
    if low == "0" and high.lstrip("+") in endless:
        return ("positive",)
    if high == "0" and low.lstrip("-−") in endless:
        return ("negative",)
    if exact(low) >= exact(high):
        raise NumeralError(f"nothing lies between {low} and {high}")
    return ("in", low, high)

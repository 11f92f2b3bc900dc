"""What a problem file says about the derivation that answers it: givens, definitions, functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derivations.formula.evaluation import Function
from derivations.formula.tree import Formula
from derivations.reading.latex import Symbol
from derivations.steps.notes import numerals
from derivations.steps.solution import Solution

KINDS = ("scalar", "vector", "matrix")
MODEL = frozenset({"assembled", "defined", "fact"})
OURS = ("~", "@", "/")  # in keys of values that nobody writes by these names


@dataclass(frozen=True, slots=True)
class Background:
    """Symbols with their kinds, given values, definitions in order, and functions."""

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    values: Mapping[str, Formula] = field(default_factory=dict)
    definitions: Mapping[str, Formula] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)


def background_of(solution: Solution) -> Background:
    """The background that a solved problem gives to somebody's own derivation of it."""
    derivation = solution.derivation
    named = [q for q in derivation.quantities if not any(sign in q.key for sign in OURS)]
    symbols = {
        q.key: Symbol(KINDS[len(q.shape)], shape=tuple(map(str, q.shape)))
        for q in named
        if len(q.shape) < len(KINDS)
    }
    values = {q.key: numerals(solution.known[q.key].shown) for q in named if q.role == "given"}
    definitions = {q.key: q.formula for q in named if q.role in MODEL and q.formula is not None}
    functions = {n: f for n, f in derivation.functions.items() if "'" not in n}
    return Background(symbols, values, definitions, functions)

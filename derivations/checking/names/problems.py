"""What a problem file says about the derivation that answers it: givens, definitions, functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from derivations.checking.names.quantities import is_of_names
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, shape
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Apply, Formula, Name, names, rewrite
from derivations.models import activations
from derivations.reading.latex import Symbol
from derivations.reading.latex.symbols import FUNCTION, MATRIX, SCALAR, VECTOR
from derivations.steps.chains import chains_in
from derivations.steps.notes import formula_of, numerals
from derivations.steps.solution import Solution, Universe
from derivations.steps.solution import Symbol as Drawn
from derivations.truth.judge import World
from derivations.truth.universes import DISTINCT, worlds_of

WHOLE = "whole"  # numbers that count, as indices do
KINDS = (SCALAR, VECTOR, MATRIX)
MODEL = frozenset({"assembled", "defined", "fact"})
WEIGHTS = re.compile(r"W(?:__\d+)?")
UNIT = re.compile(r"(.+?)_(\d+)")
ONCE = "@1"  # behind the key of a parameter: its value after one update
OURS = ("~", "@", "/")  # in keys of values that nobody writes by these names


@dataclass(slots=True)
class Others:
    """Numbers, as they are printed, and definitions of one name."""

    numbers: set[str] = field(default_factory=set)
    definitions: list[Formula] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Background:
    """Symbols with their kinds, given values, definitions in order, and functions.

    ``descents``: of parameters that the problem updates once, what is written behind the arrow;
    ``printed``: values of quantities and gradients as the solution shows and carries them;
    ``universe``: of a statement in symbols, what they may be and the hypotheses; ``by_rows``:
    whether softmax goes along the rows of matrices; ``other``: what a name stands for
    besides, in other steps of a run or in other cases; ``comma``: whether the sheet has decimal commas.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    values: Mapping[str, Formula] = field(default_factory=dict)
    definitions: Mapping[str, Formula] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    printed: Mapping[Formula, Formula] = field(default_factory=dict)
    descents: Mapping[str, Formula] = field(default_factory=dict)
    universe: Universe | None = None
    by_rows: bool = False
    other: Mapping[str, Others] = field(default_factory=dict)
    comma: bool = False


def background_of(solution: Solution) -> Background:
    """The background that a solved problem gives to somebody's own derivation of it."""
    derivation = solution.derivation
    spelled = derivation.notation.spelling.name
    named = [q for q in derivation.quantities if not any(sign in q.key for sign in OURS)]
    symbols = {
        spelled(q.key): Symbol(KINDS[len(q.shape)], shape=tuple(map(str, q.shape)))
        for q in named
        if len(q.shape) < len(KINDS)
    }
    values = {
        spelled(q.key): numerals(solution.known[q.key].shown) for q in named if q.role == "given"
    }
    definitions = {
        spelled(q.key): rewrite(q.formula, partial(_spelled, spelled))
        for q in named
        if q.role in MODEL and q.formula is not None
    }
    printed = {
        rewrite(formula_of(q.key), partial(_spelled, spelled)): numerals(shown)
        for q in derivation.quantities
        if q.role != "given"
        and not any(sign in q.key for sign in ("~", "@"))
        and q.key in solution.known
        and _is_numeral(shown := solution.known[q.key].shown)
    }
    for name, whole in _layers(symbols, definitions):
        definitions[name] = whole
        entries = whole.args if isinstance(whole, Apply) else ()
        symbols[name] = Symbol(KINDS[bool(entries)], shape=(str(len(entries)),) if entries else ())
    functions = {n: f for n, f in derivation.functions.items() if "'" not in n}
    symbols |= {
        name: Symbol(FUNCTION, name) for name in functions if name not in activations.bodies()
    }
    universe = derivation.universe
    if universe is not None:
        symbols = {**symbols, **dict(_symbols(universe, functions))}
        definitions = {**definitions, **universe.definitions}
    symbols |= {
        name: replace(symbol, over=frozenset(rests_on(name, definitions)))
        for name, symbol in symbols.items()
        if symbol.kind == SCALAR and name in definitions
    }
    descents = _descents(solution)
    return Background(
        symbols,
        values,
        definitions,
        functions,
        printed,
        {**descents, **dict(_of_arrays(descents, definitions))},
        universe,
        other=_other(solution),
        comma=derivation.notation.decimal == "comma",
    )


def _descents(solution: Solution) -> dict[str, Formula]:
    """The new values of parameters, where the problem takes one step of gradient descent."""
    derivation = solution.derivation
    spelled = derivation.notation.spelling.name
    fresh = [q for q in derivation.quantities if q.role == "update" and q.formula is not None]
    if len(fresh) != len({q.key.partition("@")[0] for q in fresh}):
        return {}  # several steps
    return {
        spelled(q.key.removesuffix(ONCE)): rewrite(q.formula, partial(_spelled, spelled))
        for q in fresh
        if q.formula is not None
        and q.key.endswith(ONCE)
        and not any(sign in used for used in names(q.formula) for sign in OURS)
    }


def _of_arrays(
    descents: Mapping[str, Formula], definitions: Mapping[str, Formula]
) -> Iterator[tuple[str, Formula]]:
    """The new values of arrays of parameters: of W, whose entries are."""
    for name, formula in definitions.items():
        if is_of_names(formula) and set(names(formula)) <= descents.keys():
            yield (
                name,
                rewrite(
                    formula, lambda node: descents[node.id] if isinstance(node, Name) else None
                ),
            )


def _other(solution: Solution) -> dict[str, Others]:
    """What names stand for in the steps of a run and in other cases."""
    derivation = solution.derivation
    spelled = derivation.notation.spelling.name

    def printed(key: str) -> str:
        return spelled(key.partition("@")[0])

    found: dict[str, Others] = {}
    defined = {q.key for q in derivation.quantities if q.role in MODEL and q.formula is not None}
    unused = {key for key in defined if "@" in key} - set(_in_lines(solution))
    for q in derivation.quantities:
        if "@" not in q.key or "/" in q.key:
            continue
        if q.key in unused and q.key.partition("@")[0] in defined:
            continue  # of a case that is not this one
        others = found.setdefault(printed(q.key), Others())
        shown = solution.known[q.key].shown if q.key in solution.known else None
        if isinstance(shown, str):
            others.numbers.add(shown)
        if q.formula is not None:
            others.definitions.append(rewrite(q.formula, partial(_spelled, printed)))
    return found


def _in_lines(solution: Solution) -> Iterator[str]:
    """The names in what a solution prints."""
    for part in solution.parts:
        for block in (block for step in part.steps for block in step.blocks):
            for term in (term for chain in chains_in(block) for term in chain.terms()):
                yield from names(term.formula)


def _layers(
    symbols: Mapping[str, Symbol], definitions: Mapping[str, Formula]
) -> Iterator[tuple[str, Formula]]:
    """``x``, ``z^{(1)}``, ...: what units of a layer have, as vectors; of a single unit as numbers.

    Only where a problem has matrices of weights, so that lines for whole layers can be written.
    """
    weights = [definitions[name] for name in definitions if WEIGHTS.fullmatch(name)]
    inside = {used for matrix in weights for used in names(matrix)}
    found: dict[str, list[str]] = {}
    for name, symbol in symbols.items():
        if symbol.kind == SCALAR and name not in inside and (unit := UNIT.fullmatch(name)):
            found.setdefault(unit[1], []).append(name)
    for base, units in found.items() if weights else ():
        places = [f"{base}_{i}" for i in range(1, len(units) + 1)]
        if base not in symbols and sorted(units) == sorted(places):
            entries = tuple(map(Name, places))
            yield base, entries[0] if len(entries) == 1 else Apply("vector", entries)


def _is_numeral(shown: object) -> bool:
    """Whether a value is shown in numerals: neither an array of nothing nor an array of arrays."""
    return isinstance(shown, str) or (isinstance(shown, tuple) and all(map(_is_numeral, shown)))


def _spelled(spelled: Callable[[str], str], node: Formula) -> Formula | None:
    """A name as the sheet writes it, which is how somebody else does."""
    return Name(spelled(node.id)) if isinstance(node, Name) else None


def rests_on(name: str, definitions: Mapping[str, Formula]) -> Iterator[str]:
    """Every name that a definition is made over, through others."""
    seen, todo = {name}, [name]
    while todo:
        formula = definitions.get(todo.pop())
        for used in names(formula) if formula is not None else ():
            if used not in seen:
                seen.add(used)
                todo.append(used)
                yield used


# ---------------------------------------------------------------- statements in symbols


def _symbols(universe: Universe, functions: Mapping[str, Function]) -> Iterator[tuple[str, Symbol]]:
    """The symbols of a statement and the names defined over them, with their kinds and shapes."""
    for symbol in universe.symbols:
        yield symbol.name, _declared(symbol)
    worlds = worlds_of(universe, {}, {}, functions, "shapes", DISTINCT)
    texts = [s.name for s in universe.symbols if s.domain[0] == "size"]
    texts += [size for s in universe.symbols for size in s.shape]
    texts += [s.domain[2] for s in universe.symbols if s.domain[0] == WHOLE]
    for name in universe.definitions:
        sizes = _sizes(
            [world.values[name] for world in worlds], worlds, tuple(dict.fromkeys(texts))
        )
        yield name, Symbol(KINDS[min(len(sizes), 2)], shape=sizes)


def _declared(symbol: Drawn) -> Symbol:
    if symbol.domain == ("function",):
        return Symbol(FUNCTION)
    domain = WHOLE if symbol.domain[0] == WHOLE else ""
    return Symbol(KINDS[min(len(symbol.shape), 2)], shape=symbol.shape, domain=domain)


def _sizes(
    values: Sequence[Value], worlds: Sequence[World], texts: Sequence[str]
) -> tuple[str, ...]:
    """The sizes of a value that was computed in several worlds, each as a number or in names."""
    shapes = [shape(value) for value in values]
    return tuple(
        next(
            (text for text in texts if all(map(_is_size, [text] * len(worlds), along, worlds))),
            str(along[0]),
        )
        for along in zip(*shapes, strict=True)
    )


def _is_size(text: str, size: int, world: World) -> bool:
    if text.isdigit():
        return int(text) == size
    try:
        return bool(evaluate(read_expression(text), world.values, world.functions) == size)
    except EvaluationError:
        return False

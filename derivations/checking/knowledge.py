"""What a checker knows while it reads: declared symbols, given values, definitions, claimed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from derivations.checking.indexed import Indices
from derivations.errors import ReadError, VerificationError
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous, NumeralError, exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    children,
    names,
    walk,
)
from derivations.models import activations
from derivations.reading.latex import Symbol as Declared
from derivations.reading.latex import Symbols
from derivations.steps.solution import Symbol, Universe
from derivations.truth.judge import BITS, World
from derivations.truth.universes import worlds_of
from derivations.truth.worlds import Model

RANGES = frozenset({"bigsum", "bigproduct"})
COUNT = 6  # worlds in which a relation in names is tried
POSITIVE = frozenset({"ln", "log", "log2", "log10", "sqrt"})
SIZES = "nmNMKLTdDJ"  # letters that stand for sizes where they bound a sum


class Knowledge:
    """Names with what they stand for, as far as the text has gone.

    Args:
        symbols: what somebody declared.
    """

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.functions: dict[str, Function] = dict(activations.bodies())
        self.values: dict[str, Value] = {}  # exact values of names
        self.definitions: dict[str, Formula] = {}
        self.claimed: dict[Formula, Formula] = {}  # what the text goes on with for a quantity
        self.fixed: set[str] = set()  # names whose values somebody else gave
        self.tainted: set[Formula] = set()  # quantities whose claim is wrong
        self.indices = Indices()
        self._worlds: dict[tuple[object, ...], list[World]] = {}

    # ------------------------------------------------------------ learning

    def give(self, name: str, formula: Formula) -> None:
        """A value that is given: a number, or an array of numbers."""
        with precision(BITS[0]), suppress(EvaluationError, Ambiguous):
            self.values[name] = evaluate(formula, {}, self.functions)
            self._worlds.clear()

    def define(self, name: str, formula: Formula) -> None:
        """A name for a formula over others."""
        self.definitions[name] = formula
        self._worlds.clear()

    def define_function(self, call: Apply, body: Formula) -> bool:
        """``f(x) = ...`` where f is not known; whether it could be taken so."""
        if call.head in self.functions or not all(isinstance(arg, Name) for arg in call.args):
            return False
        parameters = tuple(arg.id for arg in call.args if isinstance(arg, Name))
        self.functions[call.head] = Function(parameters, body)
        self._worlds.clear()
        return True

    def claim(self, quantity: Formula, formula: Formula, wrong: bool) -> None:
        """The text goes on with this for the quantity."""
        self.claimed[quantity] = formula
        (self.tainted.add if wrong else self.tainted.discard)(quantity)

    def is_known(self, quantity: Formula) -> bool:
        """Whether a value or definition stands behind the quantity."""
        name = base_of(quantity)
        if name is not None:
            return name in self.values or name in self.definitions
        return self.derivable(quantity)

    def derivable(self, quantity: Formula) -> bool:
        """Whether ∂L/∂w can be computed through definitions."""
        if not isinstance(quantity, Apply):
            return False
        of, wrt = map(base_of, quantity.args)
        return of in self.definitions and wrt in self._inside(of or "")

    def has_derivatives(self, quantity: Apply) -> bool:
        """Whether the upper name of a derivative is defined, so that it moves with others."""
        of, wrt = quantity.args
        return of == wrt or base_of(of) in self.definitions

    def _inside(self, name: str) -> set[str]:
        """Every name that a definition rests on."""
        found: set[str] = set()
        todo = [name]
        while todo:
            for used in names(self.definitions.get(todo.pop(), Number("0"))):
                if used not in found:
                    found.add(used)
                    todo.append(used)
        return found

    # ------------------------------------------------------------ worlds

    def own_world(self) -> World:
        """The given values, and what is defined over them as far as it has a value."""
        return World(self._model(self.values, self.definitions), self.functions)

    def _model(self, values: Mapping[str, Value], definitions: Mapping[str, Formula]) -> Model:
        known: dict[str, Formula] = {}
        reached = set(values)
        for name, formula in definitions.items():
            if name in values:
                continue
            if set(free(formula)) <= reached | set(self.functions):
                trial = {**known, name: formula}
                with suppress(EvaluationError, Ambiguous, KeyError):
                    Model(values, trial, self.functions)
                    known = trial
                    reached.add(name)
        return Model(values, known, self.functions)

    def random_worlds(self, *formulas: Formula) -> list[World]:
        """Worlds with other values for all names that the formulas rest on.

        Empty where there are none: the formulas have values nowhere that was tried.
        """
        used = set().union(*(free(formula) for formula in formulas))
        for name in sorted(used):
            used |= self._inside(name)
        cache_key = (frozenset(used), len(self.definitions), len(self.functions))
        if cache_key in self._worlds:
            return self._worlds[cache_key]
        needed = {n: f for n, f in self.definitions.items() if n in used}
        loose = [name for name in sorted(used) if name not in needed and name not in self.functions]
        worlds: list[World] = []
        lengths = {
            end for shape in self.indices.shapes.values() for end in shape if not end.isdigit()
        }
        lengths |= {end for end in self.indices.sizes.values() if not end.isdigit()}
        loose = [name for name in loose if name not in lengths]
        for positive in (frozenset(self._under_root(formulas, needed)), frozenset(loose)):
            symbols = tuple(self._symbol(name, name in positive) for name in loose)
            bounds = {*self._sizes(formulas, needed), *lengths}
            sizes = tuple(Symbol(n, (), ("size", "2", "3")) for n in sorted(bounds))
            kept = tuple(s for s in symbols if s.name not in {size.name for size in sizes})
            universe = Universe((*sizes, *kept), needed)
            with suppress(VerificationError, ReadError):
                worlds = worlds_of(universe, {}, {}, self.functions, "check", COUNT)
                break
        self._worlds[cache_key] = worlds
        return worlds

    def _sizes(self, formulas: Iterable[Formula], needed: Mapping[str, Formula]) -> list[str]:
        """Names that bound sums."""
        found: dict[str, None] = {}
        for formula in (*formulas, *needed.values()):
            for node in walk(formula):
                if isinstance(node, Apply) and node.head in RANGES:
                    for bound in node.args[1:3]:
                        found.update(dict.fromkeys(names(bound)))
        return list(found)

    def _under_root(
        self, formulas: Iterable[Formula], needed: Mapping[str, Formula]
    ) -> Iterator[str]:
        for formula in (*formulas, *needed.values()):
            for node in walk(formula):
                if isinstance(node, Apply) and node.head in POSITIVE:
                    yield from names(node.args[0])

    def _symbol(self, name: str, positive: bool) -> Symbol:
        if name in self.indices.shapes:
            domain = ("positive",) if positive else ("real",)
            return Symbol(name, self.indices.shapes[name], domain)
        if name in self.indices.sizes:
            return Symbol(name, (), ("whole", "1", self.indices.sizes[name]))
        declared = self.symbols.get(name)
        if declared is None:
            return Symbol(name, (), ("positive" if positive else "real",))
        if declared.shape:
            return Symbol(name, declared.shape, ("positive" if positive else "real",))
        return Symbol(name, (), _domain(declared, positive))


def _domain(declared: Declared, positive: bool) -> tuple[str, ...]:
    """The domain that a declaration says, ``in (0,1)`` or ``positive``."""
    words = declared.domain.replace(" ", "")
    if words.startswith("in(") and words.endswith(")"):
        low, _, high = words[3:-1].partition(",")
        with suppress(NumeralError):
            if exact(low) < exact(high):
                return ("in", low, high)
    for word in ("positive", "negative"):
        if words.startswith(word):
            return (word,)
    if declared.kind == "index":
        bounds = declared.bounds or ("1", "3")
        return ("whole", *bounds)
    return ("positive" if positive else "real",)


def free(formula: Formula) -> set[str]:
    """The names that a formula rests on, without the indices of its sums."""
    found: set[str] = set()
    bound: set[str] = set()
    for node in walk(formula):
        if isinstance(node, Apply) and node.head in RANGES:
            bound |= set(names(node.args[0]))
        elif isinstance(node, Name):
            found.add(node.id)
    return found - bound


def base_of(quantity: Formula) -> str | None:
    """The name of a quantity or of the array whose entry it is; None of a derivative."""
    if isinstance(quantity, Apply) and quantity.head == "entry":
        quantity = quantity.args[0]
    return quantity.id if isinstance(quantity, Name) else None


def is_named(formula: Formula) -> bool:
    """Whether the formula names a quantity: a name, an entry, or a derivative of such."""
    if isinstance(formula, Apply) and formula.head in ("partial", "total"):
        return all(map(is_named, formula.args))
    return base_of(formula) is not None


def quantities(formula: Formula) -> set[Formula]:
    """The names, entries and derivatives in a formula; what stands inside a derivative is not one."""
    if is_named(formula):
        return {formula}
    if isinstance(formula, Apply) and formula.head in RANGES:
        return {q for q in quantities(formula.args[-1]) if q != formula.args[0]}
    return set().union(*(quantities(child) for child in children(formula)))

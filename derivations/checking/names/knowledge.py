"""What a checker knows while it reads: declared symbols, given values, definitions, claimed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from flint import arb

from derivations.checking.names.assembling import BEFORE, assembled, computed, size_in, with_given
from derivations.checking.names.bounds import is_too_long
from derivations.checking.names.calling import (
    NO_FUNCTIONS,
    called,
    calls,
    function_of,
    is_call_of_names,
    names_in_bodies,
)
from derivations.checking.names.declaring import Declarations
from derivations.checking.names.imagining import Surroundings, imagined, under_root
from derivations.checking.names.indexed import Indices
from derivations.checking.names.layers import of_other_layers, shapes_of_other_layers
from derivations.checking.names.problems import Others
from derivations.checking.names.quantities import base_of, claims_of, free, quantities
from derivations.checking.names.resting import Uses
from derivations.checking.names.times import at_other_times, of_steps
from derivations.checking.names.unwritten import ANY, Unwritten
from derivations.formula.evaluation import (
    PRIMITIVES,
    EvaluationError,
    Function,
    Value,
    evaluate,
    precision,
    shape,
)
from derivations.formula.looks import look
from derivations.formula.numerals import Ambiguous, NumeralError
from derivations.formula.tree import Apply, Formula, Name, Number, rewrite
from derivations.models import activations
from derivations.reading.latex import Symbols
from derivations.reading.latex.symbols import head_of
from derivations.steps.solution import Symbol, Universe
from derivations.truth.judge import BITS, World
from derivations.truth.worlds import Model

NOTHING_SAID, HIDDEN = Declarations(), "~of"  # which begins names of our own


class Knowledge:
    """Names with what they stand for, as far as the text has gone.

    Args:
        symbols: what somebody declared.
        universe: what a problem says of its symbols.
    """

    def __init__(self, symbols: Symbols, universe: Universe | None = None) -> None:
        self.symbols = symbols
        self.universe = universe
        self.stated_names = {s.name for s in universe.symbols} if universe else set[str]()
        self.functions_of: dict[str, tuple[str, ...]] = {}  # names that depend on others somehow
        self.any_functions: set[str] = set()  # heads that may be any function
        self.undefined = frozenset[str]()  # names that the text speaks of and does not define
        self.spoken = frozenset[str]()  # names that it speaks of at all
        self.unwritten = Unwritten()  # names of which only derivatives are spoken of
        for symbol in universe.symbols if universe else ():
            if symbol.domain[0] == "function" and symbol.domain[1:]:
                self.functions_of[symbol.name] = symbol.domain[1:]
            elif symbol.domain[0] == "function":
                self.any_functions.add(symbol.name)
        self.functions: dict[str, Function] = dict(activations.bodies())
        self.values: dict[str, Value] = {}  # exact values of names
        self.definitions: dict[str, Formula] = {}
        self.printed: dict[Formula, Formula] = {}  # what a solution goes on with for a quantity
        self.other: Mapping[str, Others] = {}  # what names stand for in other steps of a problem
        self.descents: dict[str, Formula] = {}  # the problem's updates of parameters
        self.claimed: dict[Formula, Formula] = {}  # what the text goes on with for a quantity
        self.fixed: set[str] = set()  # names whose values somebody else gave
        self.model = frozenset[str]()  # names that the problem defines, once for all
        self.tainted: set[Formula] = set()  # quantities whose claim is wrong
        self.within: set[Formula] = set()  # functions whose bodies are looked into
        self.moments: dict[str, Apply] = {}  # by their names, what they are moments of
        self.moving: dict[str, Formula] = {}  # differentials of the line at hand
        self.in_letters: dict[Formula, Formula] = {}  # a claim before numbers were put into it
        self.clash = False  # whether arrays are spoken of, and no shapes of these fit
        self.at_once = False  # whether ∂h_2/∂u keeps the earlier states fixed
        self.by_rows = False  # whether softmax goes along the rows of matrices
        self.ties: dict[str, Name] = {}  # arrays of entries that are vectors with a name
        self.indices = Indices()
        self.conditions: tuple[Formula, ...] = ()  # under which the line at hand is claimed
        self.declared = Declarations()  # what the text says of its names once for all
        self.adding: frozenset[str] = frozenset()  # arrays whose entries add up to 1
        self.local: tuple[Formula, ...] = ()  # conditions that were mentioned last
        self.displays = 0  # that began since then
        self.rounded: set[str] = set()  # numerals that the text rounded
        self.stated: set[str] = set()  # numerals that stand for exact values
        self.seen: set[str] = set()  # names that occurred
        self.of_time: dict[str, Formula] = {}  # of steps with a number, by those for any t
        self.shown: dict[Formula, arb] = {}  # numerals to which the text rounded what
        self.correlates = False  # whether a text has a sign of its own for cross-correlation
        self.order: dict[str | Formula, int] = {}  # when names were given, or quantities claimed
        self._of_text: set[str] = set()  # functions that the text defined
        self._entries: dict[str, dict[tuple[int, ...], Formula]] = {}
        self._worlds: dict[tuple[object, ...], list[World]] = {}
        self._uses = Uses(self._in_bodies)
        self._own: World | None = None
        self._dear: dict[str, Formula] = {}  # definitions that take too much work
        self._hidden = 0  # how many names of our own there are

    def changed(self) -> None:
        """Worlds that were made from what was known before are no more."""
        self._worlds.clear()
        self._own = None

    def give(self, name: str, formula: Formula) -> None:
        """A value that is given: a number, or an array of numbers."""
        if is_too_long(formula, self.values):
            return
        with precision(BITS[0]), suppress(EvaluationError, Ambiguous, NumeralError):
            self.values[name] = evaluate(formula, {}, self.functions)
            self.changed()
            self._told(name)

    def _told(self, name: str) -> None:
        self.order[name] = self._now() + 1

    def _now(self) -> int:
        return max((at for name, at in self.order.items() if isinstance(name, str)), default=0)

    def is_later(self, quantity: Formula) -> bool:
        """Whether a name was given or defined since something was claimed of a quantity."""
        return self.order.get(quantity, 0) < self._now()

    def give_entry(self, entry: Apply, formula: Formula) -> None:
        """``y_2 = 0.5``: one entry; the array is known as soon as all of them are."""
        array, *places = entry.args
        counted = all(isinstance(p, Number) and p.text.isdigit() for p in places)
        if not isinstance(array, Name) or not counted or len(places) > 2:
            return
        found = self._entries.setdefault(array.id, {})
        found[tuple(int(p.text) for p in places if isinstance(p, Number))] = formula
        self.changed()
        sizes = [size_in(text, self.values) for text in self.shape_of(array.id)]
        whole = assembled(found, sizes)
        if whole is None:
            return
        if quantities(whole):
            self.define(array.id, whole)
        else:
            self.give(array.id, whole)

    def shape_of(self, array: str) -> tuple[str, ...]:
        """The sizes of an array as they are declared or as the text shows them."""
        declared = self.symbols.get(array)
        return self.indices.shapes.get(array) or (declared.shape if declared else ())

    def define(self, name: str, formula: Formula) -> None:
        """A name for a formula over others; one that is too long stays without a value."""
        if is_too_long(formula, self.values):
            return
        self.definitions[name] = formula
        self._other_layers()
        self.changed()
        self._told(name)
        self._tie(name)
        self._imagine()

    def redefine(self, definitions: Mapping[str, Formula]) -> None:
        """Other formulas for names that are defined."""
        self.definitions.update(definitions)
        self.changed()

    def _other_layers(self) -> None:
        """What definitions for layer l say of others that the text speaks of."""
        if self.undefined:
            found = of_other_layers(self.definitions, self.undefined)
            self.definitions.update(found)
            self.indices.shapes.update(shapes_of_other_layers(found, self.indices.shapes))
        steps = of_steps(self.definitions, self.spoken - self.values.keys())
        self.of_time = {**self.of_time, **{n: self.indices.entries(f) for n, f in steps.items()}}
        self.definitions.update({n: self.of_time[n] for n in steps})

    def say_gradient(self, derivative: Apply, gradient: Formula) -> None:
        """``∂L/∂a = a - t``, where nobody has written L."""
        of, quantity = self.unwritten.of(derivative), base_of(derivative.args[1])
        if of and quantity is not None and quantity in self.definitions:
            self.unwritten.say(of, quantity, gradient)
            self._imagine()

    def _imagine(self) -> None:
        """A formula for each name that nobody has written, over what is defined by now."""
        for name in self.unwritten.by:
            self.definitions.pop(name, None)
        found = self.unwritten.formulas(self.definitions, self.inside)
        for name, (formula, any_of) in found.items():
            self.definitions[name] = formula
            self.functions_of.update({f"{ANY}{quantity}": (quantity,) for quantity in any_of})
        if found:
            self.changed()

    def _tie(self, name: str) -> None:
        """``p = softmax(z)``: p_k is an entry of this array, where nobody says otherwise."""
        array = f"{name}@"
        if array not in self.indices.arrays or array in self.definitions or array in self.ties:
            return
        worlds = self.random_worlds(Name(name))
        value = worlds[0].values.get(name) if worlds else None
        if isinstance(value, tuple) and len(shape(value)) == len(self.indices.shapes[array]):
            self.ties[array] = Name(name)
            self.definitions = {n: self.tied(f) for n, f in self.definitions.items()}
            self.changed()

    def tied(self, formula: Formula) -> Formula:
        """The formula with entries of vectors that have a name."""
        if not self.ties:
            return formula
        return rewrite(formula, lambda n: self.ties.get(n.id) if isinstance(n, Name) else None)

    def forget(self, name: str) -> None:
        """A name is used for something else from here on."""
        self.values.pop(name, None)
        self.definitions.pop(name, None)
        for step in at_other_times(name, self.of_time):
            if Name(step) not in self.claimed and self.definitions.get(step) == self.of_time[step]:
                del self.definitions[step]
        for quantity in [q for q in self.claimed if base_of(q) == name]:
            del self.claimed[quantity]
            self.tainted.discard(quantity)
        self.changed()

    def keep_steps(self, name: str) -> None:
        """The values of earlier steps, v_1, that rest on a name which becomes another one."""
        values = self.own_world().values
        for step in [n for n in self.definitions if look(n).subscript.isdigit()]:
            if name in self.inside(step) and step in values:
                self.values[step] = values[step]
                del self.definitions[step]
        self.changed()

    def define_function(self, call: Apply, body: Formula) -> bool:
        """``f(x) = ...`` where f is not known; whether it could be taken so."""
        if not self.is_new_function(call) or calls(self.functions, body, call.head):
            return False
        self.define_anew(call, body)
        return True

    def define_anew(self, call: Apply, body: Formula) -> None:
        """``σ(z) = w z + b``: a known function's letter stands for another one from here on."""
        self.functions[call.head] = function_of(call, body, self.symbols)
        self._of_text.add(call.head)
        self._uses.forget()
        self.changed()

    def is_function_of_text(self, head: str) -> bool:
        """Whether the text itself has defined a function."""
        return head in self._of_text

    def is_new_function(self, call: Apply) -> bool:
        """Whether a left side is a function of names that is not known; also ℓ'(p), where ℓ is not."""
        taken = (self.functions, PRIMITIVES, NO_FUNCTIONS, self.any_functions)
        known = any(head in heads for heads in taken for head in (call.head, call.head.rstrip("'")))
        return not known and is_call_of_names(call)

    def claim(self, quantity: Formula, formula: Formula, wrong: bool) -> None:
        """The text goes on with this for the quantity."""
        for said, value in claims_of(quantity, formula, self.definitions):
            self.claimed[said], self.order[said] = value, self._now()
            (self.tainted.add if wrong else self.tainted.discard)(said)

    @contextmanager
    def inside_of(self, function: Formula) -> Iterator[None]:
        """While the body of a function is looked into, which may speak of its own derivative."""
        self.within.add(function)
        try:
            yield
        finally:
            self.within.discard(function)

    def is_known(self, quantity: Formula) -> bool:
        """Whether a value or definition stands behind the quantity."""
        if isinstance(quantity, Apply) and quantity.head in ("vector", "matrix", "row"):
            return all(map(self.is_known, quantity.args))
        name = base_of(quantity)
        if name is not None:
            return name in self.values or name in self.definitions or name in self.stated_names
        return self.derivable(quantity)

    def derivable(self, quantity: Formula) -> bool:
        """Whether ∂L/∂w can be computed through definitions."""
        if not isinstance(quantity, Apply) or quantity.head not in ("partial", "total"):
            return False
        of, wrt = map(base_of, quantity.args)
        return self.moves(of) and wrt in self.inside(of or "")

    def moves(self, name: str | None) -> bool:
        """Whether a name follows others."""
        return name in self.definitions or name in self.functions_of

    def hidden(self, formula: Formula) -> str:
        """A name of our own that is defined as this formula."""
        for name, known in self.definitions.items():
            if known == formula and name.startswith(HIDDEN):
                return name
        name = f"{HIDDEN}{self._hidden}"
        self._hidden += 1
        self.define(name, formula)
        return name

    def support(self, formula: Formula) -> set[str]:
        """Every name that a formula rests on, through definitions and derivatives."""
        found = free(formula) | self._in_bodies(formula)
        return found | self.inside(*found)

    def _in_bodies(self, formula: Formula) -> set[str]:
        """Names in the functions of the text that a formula calls, besides their arguments."""
        return names_in_bodies(self.functions, called((formula,), self._of_text))

    def is_settled(self, name: str) -> bool:
        """Whether a name stands for something: it has a value, is defined, or is an index."""
        known, indices = (self.values, self.definitions, self.stated_names), self.indices
        return (
            any(name in place for place in (*known, self.functions_of, indices.sizes))
            or head_of(name) in self.functions
            or any(name in shape for shape in indices.shapes.values())
        )

    def are_declared(self, names: Iterable[str]) -> bool:
        """Whether the shape of every name is known, so that shapes that do not fit are wrong."""
        return all(self.symbols.get(name) is not None or self.is_settled(name) for name in names)

    def inside(self, *starts: str) -> set[str]:
        """Every name that definitions rest on."""
        found: set[str] = set()
        todo = list(starts)
        while todo:
            each = todo.pop()
            for used in self.functions_of.get(each) or self._uses.of(self.definitions.get(each)):
                if used not in found:
                    found.add(used)
                    todo.append(used)
        return found

    def _any_values(self) -> tuple[Symbol, ...]:
        """Numbers that are any function of others, where nobody has written how they follow."""
        numbers = (Symbol(n, (), ("function", *of)) for n, of in self.functions_of.items())
        return (*numbers, *(Symbol(name, (), ("function",)) for name in sorted(self.any_functions)))

    def own_world(self) -> World:
        """The given values, and what is defined over them as far as it has a value."""
        if self._own is None:
            self._own = World(self.computed(self.values, self.definitions), self.functions)
        return self._own

    def computed(self, values: Mapping[str, Value], definitions: Mapping[str, Formula]) -> Model:
        return computed(values, definitions, self.functions, self._dear)

    def has_values(self, names: set[str]) -> bool:
        """Whether some of the names have given values, or entries with such."""
        return not names.isdisjoint(self.values) or bool(self._entered(names))

    def _entered(self, names: set[str]) -> dict[str, Formula]:
        taken = self.values.keys() | self.definitions.keys()
        return with_given(self._entries, names - taken, self.indices.shapes)

    def random_worlds(
        self, *formulas: Formula, pinned: bool = False, supposed: Declarations = NOTHING_SAID
    ) -> list[World]:
        """Worlds with other values for all names that the formulas rest on; see `imagined`.

        Args:
            formulas: what is to be tried there.
            pinned: names with given values keep them.
            supposed: what is taken for granted here besides what the text declares.
        """
        stated = tuple(self.universe.conditions) if self.universe else ()
        near = set().union(*map(self.support, formulas))
        said = tuple(c for c in self.declared.conditions if self.support(c) & near)
        conditions = stated + self.conditions + said + supposed.conditions
        used = set().union(*map(self.support, (*formulas, *conditions)))
        held = {name: self.values[name] for name in used & set(self.values)} if pinned else {}
        entered = self._entered(used) if pinned else {}
        used |= {f"{BEFORE}{array}" for array in entered}
        bodies = (self.functions[head].body for head in called(formulas, self._of_text))
        positive = frozenset(under_root((*formulas, *bodies, *map(self.definitions.get, used))))
        cache_key = (
            frozenset(used), pinned, positive, conditions, *supposed.domains.items(),
            len(self.definitions), len(self.functions), len(self.declared.domains),
        )  # fmt: skip
        if cache_key not in self._worlds:
            stated_symbols = self.universe.symbols if self.universe else self._any_values()
            around = Surroundings(
                {**self.definitions, **entered}, self.functions, self.symbols, self.indices,
                stated_symbols, conditions, {**supposed.domains, **self.declared.domains}, BEFORE,
            )  # fmt: skip
            self._worlds[cache_key] = imagined(around, formulas, used, positive, held)
        return self._worlds[cache_key]

"""y by the z that a text goes on with: an earlier value, carried through the definitions.

Who writes ``z = 0.5`` by a slip and then ``y = σ(0.5)`` is right, given the slip; so is who goes on
with a value that was rounded more than the solution rounds it. Derivatives are carried by the
chain rule, ∂L/∂w = ∑ ∂L/∂q · ∂q/∂w over the q that rest on w at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product as places

from flint import arb, fmpq

from derivations.calculus.differentiate import NotDifferentiable, Slopes, differentiate
from derivations.checking.equality.replacing import put
from derivations.checking.names.assembling import BEFORE, assembled, computed
from derivations.checking.names.calling import is_call_of_names
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free, quantities
from derivations.formula.evaluation import Value, shape
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    product,
    rewrite,
    substitute,
    sum_of,
    walk,
)
from derivations.formula.work import spend
from derivations.truth.judge import World

DERIVATIVES = frozenset({"partial", "total"})
MOST_NODES = 400  # of a derivative that is written out
ONE = Number("1")
Claims = Mapping[Formula, Formula]


class Carrying:
    """The world in which quantities are what a text goes on with, and all others follow from them.

    Args:
        known: what is known.
        claims: what the text goes on with for quantities.
    """

    def __init__(self, known: Knowledge, claims: Claims) -> None:
        self.known = known
        self.claims = claims
        calls = (q for q in claims if isinstance(q, Apply) and is_call_of_names(q))
        self._heads = {call.head.rstrip("'") for call in calls}
        self._world: World | None = None
        self._found: dict[tuple[str, str], Formula | None] = {}

    def touches(self, formula: Formula) -> bool:
        """Whether a formula speaks of something that rests on a claim and is none itself."""
        bases = {base for quantity in self.claims for base in _bases(quantity)}
        rest = quantities(formula) - set(self.claims)
        return any(bases & self.known.support(quantity) for quantity in rest)

    def world(self) -> World:
        """The values, with claims in the place of definitions and in them."""
        if self._world is None:
            said = {q.id: f for q, f in self.claims.items() if isinstance(q, Name)}
            self._world = self._world_with(said, {})
        return self._world

    def moving(self, others: Mapping[str, Formula]) -> World:
        """The world in which claims still move with what they rest on, so that there are derivatives.

        Args:
            others: definitions in the place of those that are known.
        """
        said: dict[str, Formula] = {}
        for quantity, claim in self.claims.items():
            if isinstance(quantity, Name):
                body = self.known.definitions.get(quantity.id)
                away = body and Apply("sum", (claim, Apply("neg", (body,))))
                said[quantity.id] = (
                    Apply("sum", (body, Apply("detach", (away,)))) if body and away else claim
                )
        return self._world_with(said, others)

    def _world_with(self, said: Mapping[str, Formula], others: Mapping[str, Formula]) -> World:
        entries: dict[Formula, Formula] = {
            q: f for q, f in self.claims.items() if not isinstance(q, Name)
        }
        defined = {n: put(f, entries) for n, f in self.known.definitions.items()}
        values = {n: v for n, v in self.known.values.items() if n not in said}
        self._put_entries(values, defined, said)
        functions = self.known.functions
        return World(computed(values, {**defined, **said, **others}, functions, {}), functions)

    def _put_entries(
        self, values: dict[str, Value], defined: dict[str, Formula], said: Mapping[str, Formula]
    ) -> None:
        """Arrays whose entries are claimed one by one: the claims, and what else was there."""
        of_entries = (q.args[0] for q in self.claims if isinstance(q, Apply) and q.head == "entry")
        names = {array.id for array in of_entries if isinstance(array, Name)}
        for name in names - said.keys():
            whole = self.known.own_world().values.get(name)
            if not isinstance(whole, tuple):
                continue
            before = Name(f"{BEFORE}{name}")
            if name in defined:
                defined[before.id] = defined.pop(name)
            else:
                values[before.id] = values.pop(name)
            cells: dict[tuple[int, ...], Formula] = {}
            for place in places(*(range(1, size + 1) for size in shape(whole))):
                numbers = tuple(Number(str(at)) for at in place)
                entry = self.claims.get(Apply("entry", (Name(name), *numbers)))
                cells[place] = entry or Apply("entry", (before, *numbers))
            array = assembled(cells, shape(whole))
            if array is not None:
                defined[name] = array

    def carried(self, formula: Formula) -> Formula:
        """The formula with its derivatives written out as far as a claim stands in them."""

        def rule(node: Formula) -> Formula | None:
            if isinstance(node, Apply) and node.head.rstrip("'") in self._heads:
                return self._call(node)
            if not isinstance(node, Apply) or node.head not in DERIVATIVES:
                return None
            of, wrt = node.args
            if isinstance(of, Name) and (f := self._function(of.id, wrt)):
                return self._call(Apply(f"{f}'", (wrt,)))
            if isinstance(of, Name) and isinstance(wrt, Name):
                return self._slope(of.id, wrt.id) or node
            return self.claims.get(node, node)

        return rewrite(formula, rule)

    def _function(self, of: str, wrt: Formula) -> str:
        """The f of which ``df/dx`` speaks, which stands there as its body."""
        body = self.known.definitions.get(of)
        for head in sorted(self._heads & self.known.functions.keys()):
            function = self.known.functions[head]
            at = dict(zip(function.parameters, (wrt,), strict=False))
            if body is not None and substitute(function.body, at) == body:
                return head
        return ""

    def _call(self, node: Apply) -> Formula | None:
        """``f(2)`` or ``f'(2)`` of what the text goes on with for ``f(x)``."""
        for said, body in self.claims.items():
            if not isinstance(said, Apply) or not _is_slope_of(node.head, said.head):
                continue
            name, *others = said.args
            if others or len(node.args) != 1 or not isinstance(name, Name):
                continue
            found: Formula | None = body
            for _ in node.head[len(said.head) :]:
                found = found and self._differentiated(found, name.id)
            return found and substitute(found, {name.id: node.args[0]})
        return None

    def _differentiated(self, formula: Formula, wrt: str) -> Formula | None:
        try:
            return differentiate(formula, wrt, Slopes(bodies=self.known.functions))
        except (NotDifferentiable, ArithmeticError, KeyError):
            return None

    def _slope(self, of: str, wrt: str) -> Formula | None:
        """∂of/∂wrt by the chain rule; None where it has arrays in it or gets too long."""
        claimed = self._claimed(of, wrt)
        if of == wrt or claimed is not None:
            return ONE if claimed is None else claimed
        if (of, wrt) not in self._found:
            self._found[of, wrt] = None  # of a circle there is none
            self._found[of, wrt] = self._summed(of, wrt)
        return self._found[of, wrt]

    def _claimed(self, of: str, wrt: str) -> Formula | None:
        pair = Name(of), Name(wrt)
        return next((f for h in DERIVATIVES if (f := self.claims.get(Apply(h, pair)))), None)

    def _summed(self, of: str, wrt: str) -> Formula | None:
        inside = {of} | self.known.support(Name(of))
        definitions = self.known.definitions
        near = [q for q in definitions if q in inside and wrt in free(definitions[q])]
        terms: list[Formula] = []
        for q in near:
            outer, local = self._slope(of, q), self._local(q, wrt, alone=len(near) == 1)
            if outer is None or local is None:
                return None
            terms.append(local if outer == ONE else product(outer, local))
        if not terms or not all(map(self._is_scalar, (of, wrt, *near))):
            return None
        whole = terms[0] if len(terms) == 1 else sum_of(*terms)
        size = sum(1 for _ in walk(whole))
        spend(size)
        return whole if size <= MOST_NODES else None

    def _local(self, q: str, wrt: str, alone: bool) -> Formula | None:
        """∂q/∂wrt with all else in the definition of q held."""
        claimed = self._claimed(q, wrt)
        if alone and claimed is not None:
            return claimed
        return self._differentiated(self.known.definitions[q], wrt)

    def _is_scalar(self, name: str) -> bool:
        value = self.world().values.get(name)
        if value is None:  # a letter without a value
            return not self.known.indices.shapes.get(name)
        return isinstance(value, (arb, fmpq))


def _is_slope_of(head: str, said: str) -> bool:
    """Whether one is the other with as many primes, or with more."""
    return head.startswith(said) and head.rstrip("'") == said.rstrip("'")


def _bases(quantity: Formula) -> set[str]:
    """The names in a quantity: of a derivative the upper and the lower one."""
    if isinstance(quantity, Apply) and quantity.head in DERIVATIVES:
        return set().union(*map(_bases, quantity.args))
    base = base_of(quantity)
    return {base} if base is not None else set()

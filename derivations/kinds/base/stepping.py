"""Updates by a method of learning, as quantities and lines of a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from derivations.formula.looks import look
from derivations.formula.recursions import Program, Recursion
from derivations.formula.tree import Formula, Name, Number, apply, names, power, substitute, sum_of
from derivations.kinds.base.methods import RAW, Method, index
from derivations.models.rules import Update
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain
from derivations.steps.solution import Quantity, Reached

Versions = Literal["indexed", "arrows"]


@dataclass(frozen=True, slots=True)
class Naming:
    """How the versions of parameters and state are called.

    ``indexed``: w_0, w_1, ... of a single parameter, x⁽⁰⁾, x⁽¹⁾, ... of several. ``arrows``: all
    versions look the same, and lines say ``w ← ...``.
    """

    parameters: tuple[str, ...]
    versions: Versions = "indexed"

    @property
    def _alone(self) -> bool:
        return len(self.parameters) == 1 and not look(self.parameters[0]).subscript

    def parameter(self, name: str, k: int) -> str:
        """The parameter after k updates."""
        return self._version(name, k)

    def state(self, symbol: str, name: str, k: int) -> str:
        """A quantity of the state that belongs to a parameter, after k updates."""
        if symbol == "theta_tilde":
            return self._version(f"{name}_tilde", k)
        whose = "" if self._alone or len(self.parameters) == 1 else f"_{name}"
        return self._version(symbol + whose, k)

    def shared(self, symbol: str, k: int) -> str:
        """A quantity that all parameters share."""
        return self._version({"eta_t": "eta"}.get(symbol, symbol), k)

    def of(self, symbol: str, name: str, k: int) -> str:
        """A parameter, a quantity of its state or, without a name, one that all share."""
        if not name:
            return self.shared(symbol, k)
        return self.parameter(name, k) if symbol == "theta" else self.state(symbol, name, k)

    def _version(self, name: str, k: int) -> str:
        if self.versions == "arrows":
            return f"{name}@{k}"
        return f"{name}_{k}" if self._alone else f"{name}__{k}"


def slot(symbol: str, name: str = "") -> str:
    """The name under which a recursion keeps a value, whatever the number of the update."""
    return f"{symbol}@{name}"


class Stepper:
    """One update after the other.

    Args:
        draft: where the quantities go; settings are givens there already.
        method: the rules.
        naming: how versions are called.
        exempt: parameters without a penalty.
    """

    def __init__(
        self,
        draft: Draft,
        method: Method,
        naming: Naming,
        exempt: frozenset[str] = frozenset(),
    ) -> None:
        self.draft = draft
        self.exempt = exempt
        self.method = method
        self.naming = naming
        self.only = ""  # the one parameter whose lines are shown, where there are many
        self.latest: dict[tuple[str, str], str] = {}  # (symbol, parameter or nothing): key
        for symbol, value in method.start.items():
            shared = symbol in method.shared
            for name in ("",) if shared else naming.parameters:
                of = naming.shared(symbol, 0) if shared else naming.state(symbol, name, 0)
                draft.define(of, Number(value))
                self.latest[symbol, name] = of
        for name in naming.parameters:
            self.latest["theta", name] = naming.parameter(name, 0)

    def now(self, name: str) -> str:
        """The key of a parameter's latest value."""
        return self.latest["theta", name]

    def look_ahead(self, k: int, shown: bool) -> list[Chain]:
        """What comes before the gradient of update k; `point` then is where it is taken."""
        chains = self._rate(k, shown) if self.method.scheduled else []
        for update in self.method.updates:
            if update.before:
                chains += self._update(update, k, shown)
        return chains

    def point(self, name: str) -> str:
        """The key of the value of a parameter at which the gradient is taken."""
        return self.latest.get(("theta_tilde", name), self.now(name))

    def update(self, k: int, gradients: Mapping[str, Formula], shown: bool) -> list[Chain]:
        """Everything after the gradient of update k; ``gradients`` by parameter."""
        chains: list[Chain] = []
        for update in self.method.updates:
            if not update.before:
                chains += self._update(update, k, shown, gradients)
        return chains

    # ------------------------------------------------------------ thousands of updates

    @property
    def state(self) -> list[tuple[str, str]]:
        """What an update goes on with: parameters and state, by symbol and parameter."""
        shared = self.method.shared
        return [
            *(("theta", name) for name in self.naming.parameters),
            *(
                (symbol, name)
                for symbol in self.method.start
                for name in (("",) if symbol in shared else self.naming.parameters)
            ),
        ]

    def recursion(self, *gradients: Callable[[Mapping[str, Formula]], Program]) -> Recursion:
        """The rules of every update, to be worked through without being shown.

        ``gradients``: for each update of a cycle, definitions that end with ``g@name`` for each
        parameter, over the point at which they are taken.
        """
        before, after = ([u for u in self.method.updates if u.before is b] for b in (True, False))
        ahead = any(update.symbol == "theta_tilde" for update in before)
        points = {
            name: Name(slot("theta_tilde" if ahead else "theta", name))
            for name in self.naming.parameters
        }
        cycle = [
            [*self._slots(before), *gradient(points), *self._slots(after)] for gradient in gradients
        ]
        start = {slot(*which): self.latest[which] for which in self.state}
        each = (lambda k: [(slot("eta_t"), self.method.rate(k))]) if self.method.scheduled else None
        return Recursion(start, cycle, self.draft.functions, each, "rate")

    def _slots(self, updates: Sequence[Update]) -> list[tuple[str, Formula]]:
        """Rules over the latest values, whatever their number."""
        shared = self.method.shared
        made = {u.symbol for u in self.method.updates} | {"theta", "eta_t", RAW, *self.method.start}
        program = []
        for rule in updates:
            for name in ("",) if rule.symbol in shared else self.naming.parameters:
                formula = rule.of(name in self.exempt)
                if rule.symbol == "n":
                    formula = _norm([Name(slot(RAW, each)) for each in self.naming.parameters])
                symbols = set(names(formula)) & made
                values = {s: Name(slot(s, "" if s in shared else name)) for s in symbols}
                program.append((slot(rule.symbol, name), substitute(formula, values)))
        return program

    def reach(self, k: int, recursion: Recursion) -> None:
        """Go on from the state after k updates."""
        for symbol, name in self.state:
            of = self.naming.of(symbol, name, k)
            reached = Reached(recursion, k, slot(symbol, name))
            if of not in self.draft.quantities:
                self.draft.quantities[of] = Quantity(of, None, (), "reached", reached=reached)
            self.latest[symbol, name] = of
        recursion.stops.add(k)

    # ------------------------------------------------------------ one rule

    def _rate(self, k: int, shown: bool) -> list[Chain]:
        of = self.naming.shared("eta_t", k)
        self.latest["eta_t", ""] = of
        return self._line(of, self.method.rate(k), "schedule", shown)

    def _update(
        self, rule: Update, k: int, shown: bool, gradients: Mapping[str, Formula] | None = None
    ) -> list[Chain]:
        """The rule for every parameter, or once where all share it."""
        gradients = gradients or {}
        naming, chains = self.naming, []
        fresh: dict[tuple[str, str], str] = {}
        for name in ("",) if rule.symbol in self.method.shared else naming.parameters:
            of = naming.of(rule.symbol, name, k)
            formula = (
                _norm(list(gradients.values()))
                if rule.symbol == "n"
                else self._formula(rule.of(name in self.exempt), name, k, gradients)
            )
            seen = shown and name in ("", self.only or name)
            chains += self._line(of, formula, rule.law, seen, rule.symbol == "theta")
            fresh[rule.symbol, name] = of
        self.latest |= fresh
        return chains

    def _formula(
        self, formula: Formula, name: str, k: int, gradients: Mapping[str, Formula]
    ) -> Formula:
        """The rule over the latest versions of what it uses."""
        values: dict[str, Formula] = {}
        for symbol in names(formula):
            for whose in (name, ""):
                if (symbol, whose) in self.latest:
                    values[symbol] = Name(self.latest[symbol, whose])
        if RAW in names(formula):
            values[RAW] = gradients[name]
        return substitute(index(formula, k), values)

    def _line(
        self, of: str, formula: Formula, law: str, shown: bool, boxed: bool = False
    ) -> list[Chain]:
        role = "update" if self.naming.versions == "arrows" else "defined"
        self.draft.define(of, formula, role)
        if not shown:
            return []
        arrow = "←" if self.naming.versions == "arrows" else "="
        return [self.draft.line(Name(of), law=law, boxed=boxed, relation=arrow)]


def _norm(gradients: Sequence[Formula]) -> Formula:
    """√(g₁² + g₂² + ...)."""
    if len(gradients) == 1:
        return apply("abs", gradients[0])
    return apply("sqrt", sum_of(*(power(g, 2) for g in gradients)))

"""What optimisers and schedules are written with: settings, choices, and rules over symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derivations.formula.tree import Apply, Formula, rewrite, sum_of, times

DOMAINS = {  # of a setting: what is expected
    "rate": "a learning rate above 0",
    "share": "a share of at least 0 and below 1",
    "small": "a number above 0",
    "weight": "a number of at least 0",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of an optimiser: its usual value, and where it has to lie."""

    default: str
    domain: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to write an optimiser: the sentence that the sheet states, and its terms."""

    sentence: str
    terms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """``symbol`` becomes ``value``; ``when`` holds the options under which the rule is there.

    ``before``: computed before the gradient, which is then taken there. ``shared``: one for all
    parameters.
    """

    symbol: str
    value: str
    law: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Optimiser:
    """A row of the table; see the module's text. ``start`` holds the state before the first update."""

    title: str
    source: str
    rules: tuple[Rule, ...]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Option]] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """A rule as a formula: over theta, g, t, eta, the settings and the state.

    ``exempt``: the formula for parameters that have no penalty, where it is another one.
    """

    symbol: str
    formula: Formula
    law: str
    before: bool = False
    shared: bool = False
    exempt: Formula | None = None

    def of(self, exempt: bool) -> Formula:
        """The formula for a parameter with or without penalty."""
        return self.formula if self.exempt is None or not exempt else self.exempt


def flat(formula: Formula) -> Formula:
    """a · (b · c) as a · b · c, a + (b + c) as a + b + c, and no brackets that were only read."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply):
            return None
        args = tuple(map(flat, node.args))
        if node.head == "group":
            return args[0]
        if node.head == "product":
            return times(*args)
        if node.head == "sum":
            return sum_of(*(term for arg in args for term in terms_of(arg)))
        return Apply(node.head, args)

    return rewrite(formula, rule)


def terms_of(formula: Formula) -> tuple[Formula, ...]:
    """The terms of a sum, or the formula as the only one."""
    return formula.args if isinstance(formula, Apply) and formula.head == "sum" else (formula,)

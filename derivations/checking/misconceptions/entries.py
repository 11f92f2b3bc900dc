"""What a misconception is, and the means with which its operator is written.

An operator maps a right formula to wrong ones. Most look at one node at a time: `at` applies a rule
wherever a node with one of its heads stands, and puts what the rule gives in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from derivations.formula.evaluation import Value
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, apply, neg, product, sum_of

GENERIC, FIELD, SPECIAL, PRECISE = 0, 1, 2, 3  # how much an entry says; more is preferred
OFTEN, SOMETIMES, SELDOM = 1, 2, 3  # the order in which entries are tried

MAX_PLACES = 240  # nodes of a formula that are looked at
RANGED = frozenset(["bigsum", "bigproduct", "column_of", "row_of", "matrix_of"])
CLOSED = frozenset(["partial", "total", "derivative", "kronecker", "iverson", "dims", "ones",
                    "identity_matrix"])  # fmt: skip

Rebuild: TypeAlias = Callable[[Formula], Formula]
Operator: TypeAlias = "Callable[[Right], Iterable[Formula]]"
Rule: TypeAlias = Callable[[Apply], Iterable[Formula]]
Put: TypeAlias = Callable[[tuple[Formula, ...]], Formula]  # operands into what is around them


@dataclass(frozen=True, slots=True)
class Misconception:
    """One slip that people make.

    Attributes:
        key: its name, in kebab-case.
        sentence: for a student: what was probably done, and what is right.
        operator: from a right formula to the wrong ones, one for every place where the slip applies.
        example: a relation that is wrong because of it, in LaTeX; the left side is right.
        givens, symbols: what the example rests on.
        specific: how much the name says; of several that fit the one that says most is taken.
        likely: how early it is tried.
        source: where it is described, or why it happens.
        repair: for a slip that the wrong formula shows: from the wrong formula to right ones.
        of_digits: it changes the printed numeral, so that its values lie close to the right one.
    """

    key: str
    sentence: str
    operator: Operator
    example: str
    givens: str = ""
    symbols: Mapping[str, str] = field(default_factory=dict)
    specific: int = FIELD
    likely: int = SOMETIMES
    source: str = ""
    repair: Operator | None = None
    of_digits: bool = False


class Right:
    """A right formula, with what is known of it.

    Args:
        formula: the formula.
        value: its value, where it has one.
        places: how many decimals the student printed, for slips of digits.
        definitions: formulas of the names in it.
        known: names that have values, besides those in the formula.
        percent: whether the student wrote per cent, if anybody wrote something.
        earlier: what names stood for before the last update.
    """

    def __init__(
        self,
        formula: Formula,
        value: Value | None = None,
        places: int | None = None,
        definitions: Mapping[str, Formula] | None = None,
        known: tuple[str, ...] = (),
        percent: bool | None = None,
        earlier: Mapping[str, Formula] | None = None,
    ) -> None:
        self.formula = formula
        self.value = value
        self.places = places
        self.definitions = definitions or {}
        self.known = known
        self.percent = percent
        self.earlier = earlier or {}
        self.weight = 1  # how much dearer it is to compute than its size shows

    @cached_property
    def nodes(self) -> dict[str, list[tuple[Formula, Rebuild]]]:
        """The nodes that have a value, by their heads, each with the way to put another in its place."""
        found: dict[str, list[tuple[Formula, Rebuild]]] = {}
        for count, (node, rebuild) in enumerate(_places(self.formula)):
            if count == MAX_PLACES:
                break
            found.setdefault(head_of(node), []).append((node, rebuild))
        return found

    @cached_property
    def has_slopes(self) -> bool:
        """Whether a derivative stands in the formula."""
        return any(head in self.nodes for head in ("derivative", "partial", "total"))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that stand in places that have a value."""
        nodes = (node for node, _ in self.nodes.get("name", ()))
        return tuple(dict.fromkeys(node.id for node in nodes if isinstance(node, Name)))


def head_of(node: Formula) -> str:
    """The head of an operation, or ``number`` or ``name``."""
    if isinstance(node, Apply):
        return node.head
    return "number" if isinstance(node, Number) else "name"


def _places(formula: Formula) -> Iterator[tuple[Formula, Rebuild]]:
    """From the outside in, so that a bound keeps the places that matter most."""
    queue: list[tuple[Formula, Rebuild]] = [(formula, lambda other: other)]
    for node, rebuild in queue:
        yield node, rebuild
        if not isinstance(node, Apply) or node.head in CLOSED or len(queue) > MAX_PLACES:
            continue
        for place, arg in enumerate(node.args):
            if _has_value(node, place):
                queue.append((arg, _inside(node, place, rebuild)))


def _inside(node: Apply, place: int, rebuild: Rebuild) -> Rebuild:
    return lambda other: rebuild(with_arg(node, place, other))


def _has_value(node: Apply, place: int) -> bool:
    """Not the index and the bounds of a sum, the places of an entry, the conditions of cases."""
    if node.head in RANGED:
        return place == len(node.args) - 1
    if node.head in ("under", "D", "entry"):
        return place == 0
    return node.head != "cases" or place % 2 == 0


# ---------------------------------------------------------------- operators


def at(heads: str, rule: Callable[..., Iterable[Formula]]) -> Operator:
    """The rule at every node with one of the heads, one place at a time."""
    wanted = heads.split()

    def operator(right: Right) -> Iterator[Formula]:
        for head in wanted:
            for node, rebuild in right.nodes.get(head, ()):
                for wrong in rule(node):
                    yield rebuild(wrong)

    return operator


def both(*operators: Operator) -> Operator:
    """One operator after the other."""

    def operator(right: Right) -> Iterator[Formula]:
        for each in operators:
            yield from each(right)

    return operator


def whole(rule: Callable[[Formula], Iterable[Formula]]) -> Operator:
    """The rule for the formula as a whole."""
    return lambda right: rule(right.formula)


# ---------------------------------------------------------------- pieces of formulas


def base(formula: Formula) -> str:
    """The letter of a name or of the array whose entry it is."""
    if isinstance(formula, Apply) and formula.head == "entry":
        formula = formula.args[0]
    return look(formula.id).base if isinstance(formula, Name) else ""


def with_arg(node: Apply, place: int, arg: Formula) -> Apply:
    """The node with another operand at one place."""
    return Apply(node.head, (*node.args[:place], arg, *node.args[place + 1 :]))


def without(node: Apply, place: int) -> Formula:
    """The node without one operand; what is left of two operands is the other."""
    rest = (*node.args[:place], *node.args[place + 1 :])
    return rest[0] if len(rest) == 1 else Apply(node.head, rest)


def negated(formula: Formula) -> Formula:
    """With the other sign, and no two signs in a row."""
    inner = is_neg(formula)
    return neg(formula) if inner is None else inner


def is_neg(formula: Formula) -> Formula | None:
    """What stands behind a minus sign."""
    if isinstance(formula, Apply) and formula.head == "neg":
        return formula.args[0]
    return None


def is_head(formula: Formula, *heads: str) -> bool:
    """Whether the formula is an operation of one of these kinds."""
    return isinstance(formula, Apply) and formula.head in heads


def is_number(formula: Formula, *texts: str) -> bool:
    """Whether the formula is a numeral (one of these, if some are given)."""
    return isinstance(formula, Number) and (not texts or formula.text in texts)


def opened(formula: Formula) -> Formula:
    """Without the brackets around it."""
    while isinstance(formula, Apply) and formula.head == "group":
        formula = formula.args[0]
    return formula


def factors_of(formula: Formula) -> tuple[Formula, ...]:
    """The factors of a product; a formula of another kind is its own factor."""
    if isinstance(formula, Apply) and formula.head == "product":
        return formula.args
    return (formula,)


def terms_of(formula: Formula) -> tuple[Formula, ...]:
    """The terms of a sum; a formula of another kind is its own term."""
    if isinstance(formula, Apply) and formula.head == "sum":
        return formula.args
    return (formula,)


def inside(formula: Formula, *heads: str) -> bool:
    """Whether an operation of one of these kinds stands anywhere in the formula."""
    stack = [formula]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply):
            if node.head in heads:
                return True
            stack.extend(node.args)
    return False


def call(head: str) -> Callable[[Formula], Formula]:
    """``f`` as what puts a formula into the function."""
    return lambda formula: apply(head, formula)


def half_of(formula: Formula) -> Formula:
    """The formula divided by 2."""
    return Apply("quotient", (formula, Number("2")))


def twice(formula: Formula) -> Formula:
    """The formula times 2."""
    return product(Number("2"), formula)


ONE = Number("1")


def one_minus(formula: Formula) -> Formula:
    """``1 - formula``."""
    return sum_of(ONE, neg(formula))

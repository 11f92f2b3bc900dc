"""Numbers in the place of names where some are worked out already: ``3(h^2 + 2h) = 3(256^2 + 512)``.

What stands in the place of a name by itself is its value; where a part is worked out it has to be
what these values give. A single name in such a part that stands nowhere else, ``k - 1 = 2``, is the
whole number that makes it so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flint import fmpq

from derivations.checking.equality.replacing import put
from derivations.checking.names.bounds import is_too_long
from derivations.checking.names.quantities import is_named, is_plain, quantities
from derivations.formula.evaluation import EvaluationError, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, Number, walk
from derivations.truth.judge import BITS

ROOT = Number("2")
DEEPEST = 20  # definitions within each other

Open = Callable[[Formula], bool]
Agrees = Callable[[Formula, Formula], bool]


@dataclass(slots=True)
class Placed:
    """The names of a formula with the numbers in their places, and parts that are worked out.

    ``is_open``: whether a name has no value; ``definitions``: of names without one.
    """

    is_open: Open
    definitions: Mapping[str, Formula]
    found: dict[Formula, Formula] = field(default_factory=dict)
    worked: list[tuple[Formula, Formula]] = field(default_factory=list)
    clashes: bool = False

    def place(self, a: Formula, b: Formula, depth: int = 0) -> None:
        """Lay a formula over one in numbers."""
        if is_named(a) and self.is_open(a):
            if self.found.setdefault(a, b) != b or not is_plain(b):
                self.clashes = True
        elif isinstance(a, Name) and a.id in self.definitions and depth < DEEPEST:
            self.place(self.definitions[a.id], b, depth + 1)
        elif isinstance(a, Apply) and isinstance(b, Apply) and _alike(a, b):
            for x, y in zip(a.args, b.args, strict=True):
                self.place(x, y, depth)
        elif a != b:
            self.worked.append((a, b))

    def slip(self, agrees: Agrees) -> tuple[Formula, Formula] | None:
        """A part without names that is worked out wrongly, beside names with numbers in their places."""
        plain = [(a, b) for a, b in self.worked if not quantities(a)]
        return next((pair for pair in plain if self.found and not agrees(*pair)), None)

    def settled(self, agrees: Agrees) -> bool:
        """Whether the parts that are worked out are right, with every name that is left in one of them."""
        for a, b in self.worked:
            part = put(a, self.found)
            left = [node for node in walk(part) if is_named(node) and self.is_open(node)]
            if len(left) == 1:
                value = _value(b)
                number = None if value is None else _solved(part, left[0], value)
                if number is None:
                    return False
                self.found[left[0]] = number
            elif left or not agrees(part, b):
                return False
        return True


def laid_over(
    general: Formula, special: Formula, is_open: Open, definitions: Mapping[str, Formula]
) -> Placed | None:
    """A formula over one in numbers; None where they have another form, or a name would be two numbers."""
    if quantities(special) or is_too_long(special, {}):
        return None
    placed = Placed(is_open, definitions)
    placed.place(general, special)
    apart = (general, special) in placed.worked  # nothing of the form is the same
    return None if placed.clashes or apart else placed


def _alike(a: Apply, b: Apply) -> bool:
    return a.head == b.head and len(a.args) == len(b.args)


def _value(formula: Formula) -> fmpq | None:
    with precision(BITS[0]):
        try:
            value = evaluate(formula, {}, {})
        except (EvaluationError, Ambiguous, KeyError):
            return None
    return value if isinstance(value, fmpq) else None


def _solved(part: Formula, name: Formula, value: fmpq) -> Formula | None:
    """The positive whole number for a name that gives a formula of it this value."""
    while part != name:
        if not isinstance(part, Apply):
            return None
        places = [at for at, arg in enumerate(part.args) if name in walk(arg)]
        others = [_value(arg) for at, arg in enumerate(part.args) if at not in places]
        known = [other for other in others if other is not None]
        if len(places) != 1 or len(known) != len(others):
            return None
        before = _undone(part, places[0], known, value)
        if before is None:
            return None
        part, value = part.args[places[0]], before
    return Number(str(value)) if value.q == 1 and value > 0 else None


def _undone(part: Apply, at: int, others: list[fmpq], value: fmpq) -> fmpq | None:
    """What the argument at a place is, where all others and the whole are known."""
    if part.head in ("neg", "group"):
        return -value if part.head == "neg" else value
    if part.head == "sum":
        return value - sum(others, fmpq(0))
    if part.head == "product":
        whole = fmpq(1)
        for other in others:
            whole *= other
        return value / whole if whole else None
    if part.head == "quotient" and value and all(others):
        return value * others[0] if at == 0 else others[0] / value
    if part.head == "power" and at == 0 and part.args[1] == ROOT and value > 0:
        return _root(value)
    return None


def _root(value: fmpq) -> fmpq | None:
    """The square root of a square of a whole number."""
    if value.q != 1:
        return None
    root = value.p.isqrt()
    return fmpq(root) if root * root == value.p else None

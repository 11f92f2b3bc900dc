"""Steps of gradient descent in numbers: ``w_{new} = 0.5 + 0.1 \\cdot 0.3`` where the text says η = 0.1 and ∂L/∂w = 0.3."""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.equality.witnesses import digits, value_in
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import is_plain, quantities, updated
from derivations.checking.names.unwritten import HEADS
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name

RATES = ("eta", "alpha")
LOSSES = frozenset("LEC")
TERMS = FACTORS = 2
OTHER_SIGN = "descent subtracts the rate times the gradient"
OTHER_GRADIENT = "that is the gradient by another parameter"


def wrong_step(known: Knowledge, left: Formula, right: Formula) -> Ruling | None:
    """That a new value goes up the gradient, or along that of another parameter; None where it may be right.

    It has to begin with the old value, and the rest to be the rate times a gradient that the text says.
    """
    parameter = known.indices.entries(Name(updated(left.id) or left.id)) if isinstance(left, Name) else left  # fmt: skip
    if quantities(right) or not isinstance(right, Apply) or right.head != "sum":
        return None
    own, others = dict(_gradients(known, parameter)), set[fmpq]()
    for formula, slope in _gradients(known):
        others |= {abs(slope)} if any(formula.args[0] == mine.args[0] for mine in own) else set()
    rate = next((known.values[name] for name in RATES if name in known.values), None)
    if len(own) != 1 or len(right.args) != TERMS or not isinstance(rate, fmpq):
        return None
    (slope,) = own.values()
    world = known.own_world()
    old, step = value_in(right.args[0], world), value_in(right.args[1], world)
    if not isinstance(old, fmpq) or step is None or value_in(parameter, world) != old or slope == 0:
        return None
    factors = _factors(right.args[1])
    values = [value for value in (value_in(factor, world) for factor in factors) if isinstance(value, fmpq)]  # fmt: skip
    if len(values) != FACTORS or abs(rate) not in map(abs, values):
        return None
    rest = abs(values[1] if abs(values[0]) == abs(rate) else values[0])
    if rest == abs(slope) and step == rate * slope:
        return Ruling(WRONG, OTHER_SIGN, digits(old - rate * slope), digits(old + step))
    if rest != abs(slope) and rest in others:
        return Ruling(WRONG, OTHER_GRADIENT, digits(old - rate * slope), digits(old + step))
    return None


def _gradients(known: Knowledge, by: Formula | None = None) -> Iterator[tuple[Apply, fmpq]]:
    """The gradients of losses of which the text says numbers, by one parameter or by all."""
    for quantity, number in known.claimed.items():
        if not isinstance(quantity, Apply) or quantity.head not in HEADS or not is_plain(number):
            continue
        of, wrt = quantity.args
        value = value_in(number, known.own_world())
        loss = isinstance(of, Name) and look(of.id).base in LOSSES
        if loss and isinstance(value, fmpq) and by in (None, wrt):
            yield quantity, value


def _factors(term: Formula) -> tuple[Formula, ...]:
    inner = term.args[0] if isinstance(term, Apply) and term.head == "neg" else term
    return inner.args if isinstance(inner, Apply) and inner.head == "product" else ()

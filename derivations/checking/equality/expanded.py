"""Taylor polynomials in numbers: ``e^{0.1} ≈ 1 + 0.1 + 0.1^2/2``, ``f(2.1) ≈ f(2) + 0.1 f'(2)``.

The value of a polynomial around a number near the argument; its coefficients are divided differences
at points that lie 10⁻³⁰ apart, at a precision at which these are right to more than ten digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import comb

from flint import arb, fmpq

from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name
from derivations.truth.judge import World

PRECISION = 1200  # bits
APART = fmpq(1, 10**30)
PLACE = Name("at")
LARGEST = 6  # degree
MOST_TERMS = 8
NEAR = arb(10) ** -10  # of the value
CALLS = frozenset(
    {"exp", "ln", "sqrt", "sin", "cos", "tanh", "sigmoid", "power", "quotient", "log"}
)


def is_expanded(left: Formula, right: Formula, world: World) -> bool:
    """Whether the right side is a Taylor polynomial of the function on the left, of degree 1 to 6."""
    if not isinstance(right, Apply) or right.head != "sum" or len(right.args) > MOST_TERMS:
        return False
    if not isinstance(left, Apply) or (left.head not in CALLS and left.head not in world.functions):
        return False
    with precision(PRECISION):
        try:
            said = evaluate(right, world.values, world.functions)
            return isinstance(said, (arb, fmpq)) and any(
                bool(abs(value - said) <= NEAR * abs(arb(said))) for value in _values(left, world)
            )
        except (EvaluationError, Ambiguous, KeyError, ZeroDivisionError):
            return False


def _values(call: Apply, world: World) -> Iterator[arb]:
    """The polynomials around 0, 1, the next whole number and the next tenth, at the argument."""
    if len(call.args) != 1:
        return
    at = evaluate(call.args[0], world.values, world.functions)
    if not isinstance(at, fmpq):
        return
    centres = {fmpq(0), fmpq(1), fmpq((at + fmpq(1, 2)).floor()), fmpq((10 * at).floor(), 10)}
    for centre in sorted(centres - {at}):
        terms = list(_terms(call.head, centre, at - centre, world.functions))
        total = sum(terms[:1], arb(0))
        for term in terms[1:]:
            total += term
            yield total


def _terms(head: str, centre: fmpq, step: fmpq, functions: Mapping[str, Function]) -> Iterator[arb]:
    """f(c), f'(c) h, f''(c) h²/2, ...; none where f has no value near c."""
    call = Apply(head, (PLACE,))
    try:
        near = [
            _arb(evaluate(call, {PLACE.id: centre + k * APART}, functions))
            for k in range(LARGEST + 1)
        ]
    except (EvaluationError, Ambiguous, KeyError, ZeroDivisionError):
        return
    factor = arb(1)  # h^n / (n! APART^n)
    for n in range(LARGEST + 1):
        difference = sum(((-1) ** (n - k) * comb(n, k) * near[k] for k in range(n + 1)), arb(0))
        yield difference * factor
        factor *= arb(step) / (arb(APART) * (n + 1))


def _arb(value: Value) -> arb:
    if not isinstance(value, (arb, fmpq)):
        raise EvaluationError("no number")
    return arb(value)

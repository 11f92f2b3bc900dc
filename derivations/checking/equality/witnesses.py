"""Values of sides in worlds, and how a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq

from derivations.checking.equality.steps import WRONG, Ruling
from derivations.checking.names.quantities import quantities
from derivations.formula.evaluation import EvaluationError, Value, evaluate, precision, shape
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, Number, children
from derivations.truth.judge import BITS, World


def is_tensor(node: Formula, world: World) -> bool:
    """Whether a node is the derivative of an array by an array."""
    derivative = isinstance(node, Apply) and node.head in ("partial", "total")
    return derivative and all(isinstance(value_in(arg, world), tuple) for arg in node.args)  # type: ignore[union-attr]


def is_constant(formula: Formula, worlds: list[World]) -> bool:
    """Whether a formula has one value in all worlds."""
    if len(worlds) < 2:
        return False
    first = value_in(formula, worlds[0])
    return first is not None and all(
        (value := value_in(formula, world)) is not None and same(first, value)
        for world in worlds[1:]
    )


def is_switch(formula: Formula, worlds: list[World]) -> bool:
    """Whether a formula is 0 or 1 everywhere, as what depends on indices alone."""
    values = [value_in(formula, world) for world in worlds]
    return all(isinstance(value, fmpq) and value in (0, 1) for value in values)


FAR = arb(1) / 10  # of the larger number
MOST_NAMES, MOST_SHOWN = 4, 120  # names of a witness, characters of a value
NEAR = 0.001  # of the larger number: a slip in a last digit
GIVEN_VALUES = "the given values"


def value_in(formula: Formula, world: World) -> Value | None:
    with precision(BITS[0]):
        try:
            return evaluate(formula, world.values, world.functions)
        except (EvaluationError, Ambiguous, KeyError):
            return None


def narrowed(left: Formula, right: Formula, world: World) -> tuple[Formula, Formula]:
    """The sides; of an array with a single entry this entry, where the other side is a number.

    ``∂a/∂z = a (1 - a)`` of columns, entry by entry, says what stands on the diagonal.
    """
    values = [value for side in (left, right) if (value := value_in(side, world)) is not None]
    sizes = [shape(value) for value in values]
    if len(sizes) == 2 and sizes[0] == sizes[1] * 2 and _is_diagonal(values[0]):
        return Apply("matmul", (left, Apply("ones", (Number(str(sizes[1][0])),)))), right
    if len(sizes) != 2 or () not in sizes:
        return left, right
    a, b = (
        Apply("entry", (side, *(Number("1") for _ in size))) if set(size) == {1} else side
        for side, size in zip((left, right), sizes, strict=True)
    )
    return a, b


def _is_diagonal(value: Value) -> bool:
    """Whether all other entries of a square matrix are 0."""
    rows = enumerate(value if isinstance(value, tuple) else ())
    return all(i == j or entry == 0 for i, row in rows for j, entry in enumerate(row))


def same(a: Value, b: Value) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if not isinstance(a, (arb, fmpq)) or not isinstance(b, (arb, fmpq)):
        return bool(a == b)
    return bool(arb(a).overlaps(arb(b)))


def digits(value: Value) -> str:
    """Six digits, for a reader."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(digits, value)) + "]"
    return arb(value).str(6, radius=False) if isinstance(value, (arb, fmpq)) else str(value)


def both(witness: str) -> tuple[str, str]:
    """The two values of a no."""
    left, _, right = witness.partition(" and ")
    return left, right


def witness_at(world: World, used: set[str]) -> str:
    """``, at w = 2, b = -1``."""
    shown = [
        f"{name} = {digits(world.values[name])}"
        for name in sorted(used)
        if name in world.values
        and not name.startswith("~")
        and not isinstance(world.values[name], tuple)
    ]
    return f", at {', '.join(shown[:MOST_NAMES])}" if shown else ""


def as_given(left: Formula, right: Formula, world: World) -> Ruling | None:
    """A no by the values that names were given; None where these do not show it."""
    values = [value_in(side, world) for side in (left, right)]
    a, b = values
    if a is None or b is None or shape(a) != shape(b) or same(a, b):
        return None
    expected, found = digits(a), digits(b)
    if len(expected) > MOST_SHOWN:
        return None
    names = sorted(set().union(*map(_outside, (left, right))))
    at = witness_at(world, set(names)).removeprefix(", at ") if len(names) <= MOST_NAMES else ""
    return Ruling(WRONG, f"the two sides differ, at {GIVEN_VALUES} {at}".rstrip(), expected, found)


def telling(rulings: Sequence[Ruling]) -> Ruling:
    """Of several refusals the one by the true values; that by the text's own where only this is near.

    A last digit that is wrong beside the value above is not told as another number.
    """
    first, last = rulings[0], rulings[-1]
    return last if _is_near(last) and not _is_near(first) else first


def _is_near(ruling: Ruling) -> bool:
    try:
        expected, found = float(ruling.expected), float(ruling.found)
    except ValueError:
        return False  # an array, or nothing
    return abs(expected - found) <= NEAR * max(abs(expected), abs(found))


def _outside(formula: Formula) -> set[str]:
    """Names in a formula whose value matters: of ∂L/∂w that of w."""
    if isinstance(formula, Apply) and formula.head in ("partial", "total"):
        return _outside(formula.args[1])
    if isinstance(formula, Name):
        return {formula.id}
    return set().union(*map(_outside, children(formula)))


def far_apart(left: Formula | None, right: Formula | None, world: World) -> bool:
    """Whether two numbers differ by more than what was rounded on the way can explain."""
    if left is None or right is None or quantities(left) or quantities(right):
        return False
    values = [value_in(side, world) for side in (left, right)]
    if not all(isinstance(value, (arb, fmpq)) for value in values):
        return False
    a, b = map(arb, values)
    return bool(abs(a - b) > FAR * arb.max(abs(a), abs(b)))

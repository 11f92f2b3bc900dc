"""A step that gives zero because of an earlier slip: what rests on it asks for nothing any more."""

from __future__ import annotations

from flint import arb, fmpq

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import FOLLOWS, WRONG, Ruling
from derivations.checking.equality.witnesses import digits
from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import EvaluationError, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Formula
from derivations.truth.judge import BITS, World


def emptied(
    head: Formula | None,
    body: Formula | None,
    right: Formula | None,
    ruling: Ruling,
    compare: Comparing,
) -> str:
    """The true value of a line's quantity where the line gives zero, and would not without a slip.

    Args:
        head: the quantity that the line is about.
        body: what the line begins by saying of it, where nothing else is known.
        right: the right side of the step.
        ruling: on the step; only what is wrong, or follows from what is wrong, can be emptied.
    """
    if head is None or right is None or ruling.verdict not in (FOLLOWS, WRONG):
        return ""
    if not is_plain(right):
        return ""
    world = compare.known.own_world()
    found, true = _value(right, world), _value(compare.normal(head), world)
    if true is None and body is not None:
        true = _value(compare.normal(body), world)
    if found is None or true is None or not _is_zero(found) or _may_be_zero(true):
        return ""
    return digits(true)


def _value(formula: Formula, world: World) -> Value | None:
    with precision(BITS[0]):
        try:
            return evaluate(formula, world.values, world.functions)
        except (EvaluationError, Ambiguous, KeyError):
            return None


def _is_zero(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_zero, value))
    return not isinstance(value, (str, bool)) and value == 0


def _may_be_zero(value: Value) -> bool:
    """Whether no entry is surely another number than zero."""
    if isinstance(value, tuple):
        return all(map(_may_be_zero, value))
    if isinstance(value, (arb, fmpq)):
        return bool(arb(value).contains(0))
    return True

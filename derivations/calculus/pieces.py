"""Piecewise formulas of one variable, interval by interval from the left to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq

from derivations.calculus.tidy import tidy, written
from derivations.formula.evaluation import Function, evaluate, precision
from derivations.formula.tree import COMPARISONS, Apply, Formula, Name, apply, rewrite, walk

BITS = 128
PLAIN = COMPARISONS | {"and", "otherwise", "neg", "quotient"}  # heads of a condition that is plain


@dataclass(frozen=True, slots=True)
class Change:
    """A point at which a formula may change; ``bends``: a function has no derivative there."""

    at: fmpq
    bends: bool = True


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between two changes; None is infinity."""

    low: Change | None
    high: Change | None

    def inside(self) -> fmpq:
        """A point of it."""
        if self.low is None:
            return fmpq(0) if self.high is None else self.high.at - 1
        return self.low.at + 1 if self.high is None else (self.low.at + self.high.at) / 2


def by_pieces(changes: Sequence[Change], x: str, form: Callable[[Interval], Formula]) -> Formula:
    """The formula that is ``form`` of each interval; neighbours that agree are one."""
    pieces: list[tuple[Interval, Formula]] = []
    for low, high in pairwise([None, *changes, None]):
        interval = Interval(low, high)
        found = form(interval)
        if pieces and pieces[-1][1] == found:
            pieces[-1] = (Interval(pieces[-1][0].low, high), found)
        else:
            pieces.append((interval, found))
    if len(pieces) == 1:
        return pieces[0][1]
    return Apply("cases", tuple(p for i, f in pieces for p in (f, _condition(i, x))))


def _condition(interval: Interval, x: str) -> Formula:
    """``-3 < x < 3``; where nothing bends the point belongs to the piece on its left."""
    parts: list[Formula] = []
    if interval.low is not None:
        if interval.high is None:
            return apply(">", Name(x), written(interval.low.at))
        parts.append(apply("<", written(interval.low.at), Name(x)))
    assert interval.high is not None
    parts.append(apply("<" if interval.high.bends else "<=", Name(x), written(interval.high.at)))
    return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))


def flat(
    formula: Formula, x: str, changes: Sequence[Change], functions: Mapping[str, Function]
) -> Formula:
    """Cases inside of cases as one list of intervals."""

    def form(interval: Interval) -> Formula:
        point = {x: interval.inside()}

        def chosen(node: Formula) -> Formula | None:
            if not isinstance(node, Apply) or node.head != "cases":
                return None
            with precision(BITS):
                for value, when in zip(node.args[::2], node.args[1::2], strict=True):
                    if evaluate(when, point, functions):
                        return rewrite(value, chosen)
            return None

        return tidy(rewrite(formula, chosen))

    return by_pieces(changes, x, form)


def has_inner_cases(formula: Formula) -> bool:
    """Whether cases stand inside of a formula or of each other, or hang on more than the variable."""
    inside: tuple[Formula, ...] = (formula,)
    conditions: tuple[Formula, ...] = ()
    if isinstance(formula, Apply) and formula.head == "cases":
        inside, conditions = formula.args[::2], formula.args[1::2]
    if any(isinstance(n, Apply) and n.head == "cases" for part in inside for n in walk(part)):
        return True
    return any(
        isinstance(node, Apply) and node.head not in PLAIN
        for when in conditions
        for node in walk(when)
    )

"""The second road for properties of functions: values on a fine grid, in doubles.

A grid cannot prove a bound, but it can contradict one; whatever it contradicts is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from flint import fmpq

from derivations.errors import VerificationError
from derivations.formula.evaluation import Function, Value, evaluate, precision
from derivations.formula.tree import Formula, Name, apply, names
from derivations.truth.confirmation import doubles
from derivations.truth.second_road import model_values

NEAR, STEP, FAR = 30.0, 1e-3, 1e4


class End(Protocol):
    """An end of a range: its value, None for infinity."""

    @property
    def value(self) -> Formula | None: ...


class Claims(Protocol):
    """What is claimed of a function."""

    @property
    def lowest(self) -> End | None: ...
    @property
    def highest(self) -> End | None: ...
    @property
    def steepest(self) -> End | None: ...
    @property
    def symmetry(self) -> str: ...
    @property
    def monotone(self) -> bool | None: ...
    @property
    def slope_limits(self) -> tuple[Formula | None, Formula | None]: ...


def confirm_properties(head: str, functions: Mapping[str, Function], claims: Claims) -> None:
    """Values and difference quotients on a grid against what is claimed.

    Raises:
        VerificationError: a value outside the range, a bound that is nowhere approached, ...
    """
    function = functions[head]
    constants = {name: [1.0] for name in names(function.body) if name not in function.parameters}
    near = np.arange(-NEAR, NEAR + STEP, STEP) + 1e-4
    xs = np.concatenate([[-FAR, -FAR / 10], near, [FAR / 10, FAR]])
    with np.errstate(all="ignore"):
        found = model_values(
            {"x@": xs, **constants}, {"y@": apply(head, Name("x@"))}, functions, [("y@", "x@")]
        )
    ys, slopes = (np.broadcast_to(found[name], xs.shape) for name in ("y@", "dy@/dx@"))
    finite = np.isfinite(ys)
    xs, ys, slopes = xs[finite], ys[finite], slopes[finite]

    def refuse(what: str) -> None:
        raise VerificationError(f"{head}: {what} is contradicted by values of the function")

    for end, side in ((claims.lowest, -1), (claims.highest, 1)):
        if end is None or end.value is None:
            continue
        bound = value_of(end.value)
        if np.max(side * ys) > side * bound + 1e-5:
            refuse("the range")
        if np.max(side * ys) < side * bound - 1e-2:
            refuse("an end of the range, which is never approached,")
    if claims.steepest is not None and claims.steepest.value is not None:
        steepest = value_of(claims.steepest.value)
        if not np.isclose(np.max(np.abs(slopes)), steepest, rtol=2e-3, atol=1e-6):
            refuse("the largest slope")
    if claims.monotone is not None:
        both = bool(np.any(slopes > 1e-9)) and bool(np.any(slopes < -1e-9))
        if both == claims.monotone:
            refuse("monotone or not")
    for limit, slope in zip(claims.slope_limits, (slopes[0], slopes[-1]), strict=True):
        if limit is not None and abs(value_of(limit, 1.0) - slope) > 1e-3:
            refuse("a limit of the slope")


def value_of(formula: Formula, constant: float = 1.0) -> float:
    """The formula as a double, with every constant set to one value."""

    values: dict[str, Value] = {name: fmpq(int(constant)) for name in names(formula)}
    with precision(128):
        return float(doubles(evaluate(formula, values)))

"""Values confirmed by a second road: the derivation's own, and those of a kind's ``expected``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivations.errors import ProblemError, VerificationError
from derivations.formula.evaluation import Value, evaluate, precision
from derivations.formula.printing import Word
from derivations.formula.tree import Apply, Formula, Name, key, walk
from derivations.steps.notes import numerals
from derivations.steps.solution import Answer, Known, Solution
from derivations.steps.substitution import read_given
from derivations.truth.judge import BITS, World, judge_rounding
from derivations.truth.second_road import RoadError, model_values

MODEL = frozenset({"assembled", "defined", "update", "fact"})  # roles that make up the model
GIVENS = frozenset({"given", "reached"})  # roles of what lines start from
CONDITIONS = frozenset({"condition", "choice", "claim"})  # roles of truth values
LARGEST = fmpq(10**300)
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def confirm_values(solution: Solution) -> None:
    """Every defined and derived value, computed again in NumPy with gradients by reverse mode.

    Raises:
        VerificationError: a value that the second road does not reach or does not confirm.
    """
    quantities = solution.derivation.quantities
    known = solution.known
    for name, value in known.items():
        _confirm_shown(name, value, solution)
    _confirm_conditions(solution)
    definitions = {
        q.key: q.formula for q in quantities if q.formula is not None and q.role in MODEL
    }
    derived = [q.key for q in quantities if q.role == "derived"]
    if not definitions and not derived:
        return
    functions = {n: f for n, f in solution.derivation.functions.items() if "'" not in n}
    givens = {q.key: [doubles(known[q.key].true)] for q in quantities if q.role in GIVENS}
    asked = {*derived, *(name for f in definitions.values() for name in _derivatives_in(f))}
    pairs = [(of, wrt) for of, wrt in (name[1:].split("/d") for name in sorted(asked))]
    try:
        with np.errstate(all="ignore"):
            second = model_values(givens, definitions, functions, pairs)
    except RoadError as error:
        raise VerificationError(f"{solution.derivation.id}: {error}") from None
    for name in (*definitions, *derived):
        first = _double(name, known[name].true)
        first = float(first) if isinstance(first, int) else first
        if not close(first, second[name][0]):
            raise VerificationError(
                f"{_place(solution)}: {name} is {first}, by the second road {second[name][0]}"
            )


def _double(name: str, value: Value) -> Any:
    """The value of a quantity as doubles; an error says of which."""
    try:
        return doubles(value)
    except ProblemError as error:
        raise ProblemError.at(f"{name}: {error}") from None


def _confirm_shown(name: str, known: Known, solution: Solution) -> None:
    """What is shown is what later steps go on with, or its rounding where values are carried.

    A rounded numeral is the rounding of what was computed, also where no line says so.
    """
    if isinstance(known.shown, Word):
        return
    shown, carried = read_given(known.shown), known.carried  # type: ignore[arg-type]  # words went above
    same = doubles(shown) == doubles(carried)
    if not known.exact:
        world = World({name: known.computed}, {})
        rounded = judge_rounding(Name(name), numerals(known.shown), world).accepted
        same = rounded and (same or solution.derivation.rounding.carry == "exact")
    if not same:
        raise VerificationError(f"{_place(solution)}: {name} is shown as {known.shown}")


def _confirm_conditions(solution: Solution) -> None:
    """Truth values and choices (the right option, a claim) follow from the values."""
    derivation = solution.derivation
    values = {name: known.true for name, known in solution.known.items()}
    with precision(BITS[-1]):
        for quantity in derivation.quantities:
            if quantity.role not in CONDITIONS or quantity.formula is None:
                continue
            again = evaluate(quantity.formula, values, derivation.functions)
            if again != values[quantity.key]:
                raise VerificationError(
                    f"{_place(solution)}: {quantity.key} is {values[quantity.key]}, again {again}"
                )


def _place(solution: Solution) -> str:
    return solution.derivation.place or solution.derivation.id


def confirm_answers(solution: Solution, expected: Mapping[str, Any]) -> None:
    """Answers against what a kind's own second road gives.

    Raises:
        VerificationError: an answer that is not the expected one.
    """
    answers = {answer.name: answer for answer in solution.derivation.answers}
    confirmed = {answers[name].key for name in expected if name in answers}
    for quantity in solution.derivation.quantities:
        if quantity.role == "reached" and quantity.key not in confirmed:
            raise VerificationError(f"{_place(solution)}: no second road leads to {quantity.key}")
    for name, value in expected.items():
        if name not in answers:
            raise VerificationError(f"{solution.derivation.id}: no answer is called {name}")
        first = _reported(answers[name], solution)
        same = first == value if isinstance(value, (str, bool)) else close(first, value)
        if not same:
            raise VerificationError(
                f"{_place(solution)}: {name} is {first}, by the second road {value}"
            )


def _reported(answer: Answer, solution: Solution) -> Any:
    if answer.literal is not None:
        return answer.literal
    known = solution.known[answer.key]
    return known.shown.text if isinstance(known.shown, Word) else doubles(known.true)


def close(first: Any, second: Any) -> bool:
    """Equal to nine digits, shapes included."""
    if isinstance(first, float) and isinstance(second, float):  # as below, at once
        return abs(first - second) <= RELATIVE * max(abs(first), abs(second)) + ABSOLUTE
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return a.shape == b.shape and bool(
        np.all(np.abs(a - b) <= RELATIVE * np.maximum(np.abs(a), np.abs(b)) + ABSOLUTE)
    )


def _derivatives_in(formula: Formula) -> list[str]:
    return [
        key(node)
        for node in walk(formula)
        if isinstance(node, Apply) and node.head in ("partial", "total")
    ]


def doubles(value: Value) -> Any:
    """A value as double, bool or text, or nested lists of them.

    Raises:
        ProblemError: a number too large for a double, which no second road can confirm.
    """
    if isinstance(value, tuple):
        return [doubles(part) for part in value]
    if not isinstance(value, (fmpq, arb)):
        return value
    if not -LARGEST < value < LARGEST:
        raise ProblemError.at("a value is larger than 1e300; such values are not worked with")
    return int(value.p) / int(value.q) if isinstance(value, fmpq) else float(value.mid())

"""Multiple-choice options made from misconceptions: the values that real slips give.

The slips of the checker's library are made in the definitions on which the answer rests, one in
each option, and everything after the slip is worked out rightly. What is taken differs from the
right value and from each other by more than two units of the last digit that is shown, and is of
a plausible size: nobody falls for a value that is hundreds of times too large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flint import arb, fmpq

from derivations.checking.misconceptions.entries import Misconception, Right
from derivations.checking.misconceptions.library import LIBRARY
from derivations.errors import ProblemError
from derivations.exams.conditions import Condition
from derivations.formula.evaluation import EvaluationError, Function, Value, evaluate, precision
from derivations.formula.numerals import Ambiguous, NumeralError
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    names,
    substitute,
    walk,
)
from derivations.kinds import mcq
from derivations.kinds.base.definitions import Definitions
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.files import Loaded
from derivations.steps.substitution import read_given

BITS = 128
APART = "2"  # units of the last digit by which options differ
LARGER = 25  # times the right value, or a 25th of it: no slip of interest
MOST_NODES = 150  # of a wrong formula
RIGHT = ""  # what is said of the right option: the solution says it
ORDERED = tuple(sorted(LIBRARY, key=lambda entry: (entry.likely, -entry.specific, entry.key)))


@dataclass(frozen=True, slots=True)
class Slips:
    """The options of a problem: the right value and slips, the right one first."""

    of: str
    options: tuple[mcq.ValueOption, ...]


def wants_slips(loaded: Loaded) -> bool:
    """Whether the options of a problem still have to be made."""
    return isinstance(getattr(loaded.problem, "options", None), mcq.FromSlips)


def completed(loaded: Loaded, slips: Slips | None = None) -> Loaded:
    """The problem with its options made, in their order; any other problem as it is.

    Raises:
        ProblemError: too few slips give a value that may stand beside the right one.
    """
    problem = loaded.problem
    if not isinstance(problem, mcq.Fields) or not isinstance(problem.options, mcq.FromSlips):
        return loaded
    try:
        slips = slips or slips_of(problem)
    except FieldError as error:
        raise loaded.refuse(error) from None
    count = problem.options.count
    order = problem.options.order or tuple(range(1, count + 1))
    if sorted(order) != list(range(1, count + 1)):
        words = f"expected the numbers 1 to {count}, each once"
        raise ProblemError(loaded.file.mistake(("options", "order"), words))
    made = tuple(slips.options[n - 1] for n in order)
    return replace(loaded, problem=problem.model_copy(update={"options": made}))


def slips_of(problem: mcq.Fields) -> Slips:
    """The right value, and the likeliest slips whose values may stand beside it.

    Raises:
        FieldError: too few of them, or a fact that has no value.
    """
    assert isinstance(problem.options, mcq.FromSlips)
    of = mcq.asked(problem)
    model = Definitions(problem.given, problem.facts, problem.functions, "facts")
    functions = model.functions.callable()
    with precision(BITS):
        values: dict[str, Value] = {name: read_given(v) for name, v in problem.given.items()}
        try:
            for name, formula in model.formulas.items():
                values[name] = evaluate(formula, values, functions)
        except (EvaluationError, Ambiguous) as error:
            raise FieldError(("facts", name), str(error)) from None
        right = values[of]
        if not isinstance(right, (arb, fmpq)):
            raise FieldError(("options",), f"'{of}' is no single number")
        unit = evaluate(mcq.units(Name(of), problem.rounding.policy(), APART), values)
        taken = [mcq.ValueOption(Name(of), of, RIGHT)]
        seen: list[arb] = [arb(right)]
        used: set[str] = set()
        for entry, wrong in _wrong(of, model.formulas, values):
            value = _value(wrong, values, functions)
            if entry.key in used or value is None or not _plausible(value, arb(right)):
                continue
            if all(abs(value - other) > unit for other in seen):
                taken.append(mcq.ValueOption(wrong, of, entry.sentence))
                seen.append(value)
                used.add(entry.key)
            if len(taken) == problem.options.count:
                return Slips(of, tuple(taken))
    words = (
        f"{len(taken) - 1} slips give another plausible value; expected {problem.options.count - 1}"
    )
    raise FieldError(("options",), words)


def apart(of: str, count: int, problem: mcq.Fields) -> Condition:
    """All options differ by more than two units of the last digit that is shown."""
    values = [f"value_{n}" for n in range(1, count + 1)]
    least = mcq.units(Name(of), problem.rounding.policy(), APART)
    pairs = [
        apply(">", apply("abs", difference(Name(a), Name(b))), least)
        for n, a in enumerate(values)
        for b in values[n + 1 :]
    ]
    return Condition(
        "the options differ as they are shown", Apply("and", tuple(pairs)), frozenset({of, *values})
    )


# ---------------------------------------------------------------- slips


def _wrong(
    of: str, formulas: Mapping[str, Formula], values: Mapping[str, Value]
) -> Iterator[tuple[Misconception, Formula]]:
    """Wrong formulas of the answer: a slip in one definition, then everything as it should be.

    Slips of digits depend on the numbers and not on the formula; they make no option.
    """
    rests_on = _needed(of, formulas)
    known = tuple(values)
    for entry in ORDERED:
        if entry.of_digits or entry.likely > 2:
            continue
        for name in reversed(rests_on):
            right = Right(formulas[name], values[name], None, dict(formulas), known, False)
            for slipped in entry.operator(right):
                if not set(names(slipped)) <= set(_before(name, formulas, known)):
                    continue
                wrong = _carried(slipped, name, of, formulas)
                if sum(1 for _ in walk(wrong)) <= MOST_NODES:
                    yield entry, wrong


def _before(name: str, formulas: Mapping[str, Formula], known: tuple[str, ...]) -> list[str]:
    """The givens, and the definitions that stand above one."""
    later = list(formulas)[list(formulas).index(name) :]
    return [other for other in known if other not in later]


def _needed(of: str, formulas: Mapping[str, Formula]) -> list[str]:
    """The definitions on which one rests, itself the last."""
    needed = {of}
    for name in reversed(list(formulas)):
        if name in needed:
            needed |= {used for used in names(formulas[name]) if used in formulas}
    return [name for name in formulas if name in needed]


def _carried(slipped: Formula, name: str, of: str, formulas: Mapping[str, Formula]) -> Formula:
    """The answer's formula with a slip in a definition on the way to it."""
    changed: dict[str, Formula] = {name: slipped}
    after = list(formulas)[list(formulas).index(name) + 1 :]
    for other in after:
        if set(names(formulas[other])) & set(changed):
            changed[other] = substitute(formulas[other], changed)
        if other == of:
            break
    return changed[of]


def _value(
    formula: Formula, values: Mapping[str, Value], functions: Mapping[str, Function]
) -> arb | None:
    try:
        value = evaluate(formula, values, functions)
    except (EvaluationError, Ambiguous, NumeralError, ValueError, ArithmeticError):
        return None
    if not isinstance(value, (arb, fmpq)):
        return None
    found = arb(value)
    return found if found.is_finite() else None


def _plausible(value: arb, right: arb) -> bool:
    """Of a size for which it could be taken."""
    size, of = abs(value), abs(right)
    if of == 0:
        return bool(size < 10)
    return bool(size < LARGER * of) and (bool(size > of / LARGER) or value == 0)

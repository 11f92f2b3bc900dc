"""Properties of activation functions side by side: range, limits, slope, saturation, symmetry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from derivations.calculus.differentiate import NotDifferentiable, Slopes
from derivations.calculus.limits import NoLimit
from derivations.calculus.properties import Bound, Properties, properties
from derivations.errors import ReadError
from derivations.formula.evaluation import Function
from derivations.formula.tree import Apply, Formula, apply, names, neg
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Identifier, Plain, Strict
from derivations.kinds.base.figures.curves import curves_figure
from derivations.kinds.base.functions import ActivationField, CustomFunction, Functions
from derivations.kinds.base.givens import function_definition
from derivations.kinds.base.passes import joined
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.reasons import reasons
from derivations.models import activations
from derivations.steps.relations import Piece, Term, Text, Typeset
from derivations.steps.solution import Answer, Block, Derivation, Items, Prose, Table
from derivations.truth.exploring import confirm_properties

NONE: tuple[Piece, ...] = (Text("–"),)


class Given(Strict):
    """The functions; other names than the variable in a formula are positive constants."""

    functions: tuple[ActivationField, ...] = Field(min_length=1)
    titles: tuple[Plain, ...] = Field(
        (), description="words for the functions, where they have none"
    )
    variable: Identifier = "x"


Column = Literal[
    "range", "at_zero", "limits", "slope_limits", "saturating", "steepest", "symmetry", "monotone", "kinks"
]  # fmt: skip


class Ask(Strict):
    """The columns of the table."""

    columns: tuple[Column, ...] = ("range", "at_zero", "steepest", "saturating")
    definitions: bool = Field(True, description="print the formulas of the functions")
    reasons: bool = Field(False, description="say below the table why each property holds")
    plot: bool = Field(False, description="draw the functions and their derivatives")


class Fields(Problem):
    """Functions to be compared."""

    kind: Literal["activation-properties"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: activation-properties
title: Sigmoid and tanh compared
text: How do the ranges and the slopes of the two functions differ?
given:
  functions: [sigmoid, tanh]
ask:                       # range, at_zero, limits, slope_limits, saturating, steepest,
  columns: [range, at_zero, steepest, saturating]     # symmetry, monotone, kinks
"""


def _all(problem: Fields) -> tuple[Functions, list[tuple[str, str, Properties]]]:
    """For every function its head, its title and its properties."""
    functions, mistakes = Functions(), Mistakes()
    given = problem.given
    found: list[tuple[str, str, Properties]] = []
    if given.titles and len(given.titles) != len(given.functions):
        raise FieldError(
            ("given", "titles"), f"{len(given.titles)} titles; expected {len(given.functions)}"
        )
    for place, use in enumerate(given.functions):
        path = ("given", "functions", place)
        with mistakes.at(path):
            head = (
                functions.add(use, constants=True)
                if isinstance(use, CustomFunction)
                else functions.add(use)
            )
            if head in [before for before, _, _ in found]:
                raise ReadError("the function stands here a second time")
            row = activations.ACTIVATIONS.get(head)
            title = given.titles[place] if given.titles else row.title if row else head
            try:
                known = properties(
                    functions.bodies[head],
                    functions.bodies,
                    Slopes(functions.slopes, functions.bodies),
                )
            except (NotDifferentiable, NoLimit) as error:
                raise FieldError(path, str(error)) from None
            found.append((head, title, known))
    mistakes.raise_all()
    return functions, found


def derive(problem: Fields) -> Derivation:
    """One table: a row for each function, a column for each property."""
    functions, found = _all(problem)
    draft = new_draft(problem, functions)
    answers: list[Answer] = []
    rows: list[tuple[tuple[Piece, ...], ...]] = []
    for head, title, known in found:
        cells = [COLUMNS[column][1](head, known, answers) for column in problem.ask.columns]
        rows.append(((Text(title),), *cells))
    head_row = ((Text("Function"),), *(COLUMNS[column][0] for column in problem.ask.columns))
    every = [tuple(head_row), *rows]
    if len(head_row) > WIDEST and len(every) < len(head_row):  # functions side by side
        every = [tuple(column) for column in zip(*every, strict=True)]
        every[0] = ((), *every[0][1:])
    table = Table(every[0], tuple(every[1:]), "l" * len(every[0]))
    shown = joined(
        [function_definition(head, functions, problem.given.variable) for head, _, _ in found]
    )
    statement: list[Block] = list(shown) if problem.ask.definitions else []
    steps = [step("", table)]
    if problem.ask.plot:
        steps.append(step("", *_pictures(problem, functions, [head for head, _, _ in found])))
    if problem.ask.reasons:
        steps += [
            step(title, Items(tuple((Prose(line),) for line in reasons(known))))
            for _, title, known in found
        ]
    return assemble(problem, draft, functions, [part("", *steps)], answers, statement)


def _pictures(problem: Fields, functions: Functions, heads: list[str]) -> list[Block]:
    """The curves of functions without letters in them, and those of their derivatives."""
    drawn = [head for head in heads if not _letters(functions.bodies[head])][:MOST]
    if not drawn:
        return []
    x, known = problem.given.variable, functions.callable()
    return [
        curves_figure(drawn, known, x, (), "functions"),
        curves_figure([f"{head}'" for head in drawn], known, x, (), "derivatives"),
    ]


def _letters(function: Function) -> bool:
    return any(name not in function.parameters for name in names(function.body))


MOST = 6  # curves in a picture
WIDEST = 5  # columns that fit on a page in a size to be read

# ---------------------------------------------------------------- cells

Cell = Callable[[str, Properties, list[Answer]], tuple[Piece, ...]]


def interval(low: Bound | None, high: Bound | None) -> Apply:
    """``(0, 1)``, ``[0, ∞)``: square where the end is reached."""
    left = low is not None and low.reached and low.value is not None
    right = high is not None and high.reached and high.value is not None
    head = {(False, False): "tuple", (True, False): "closed_open",
            (False, True): "open_closed", (True, True): "closed"}[left, right]  # fmt: skip
    return apply(head, _end(low.value if low else None, -1), _end(high.value if high else None, 1))


def _end(value: Formula | None, sign: int) -> Formula:
    """The value, or infinity with its sign."""
    if value is not None:
        return value
    return apply("infinity") if sign > 0 else neg(apply("infinity"))


def _range(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    low, high = known.lowest, known.highest
    if low is None or high is None:
        return NONE
    formula: Formula = interval(low, high)
    if known.steps and low.value is not None and high.value is not None:
        formula = apply("braces", low.value, high.value)
    answers.append(Answer(f"{head}: range", formula=formula))
    for word, bound in (("lowest", low), ("highest", high)):
        if bound.value is not None:
            answers.append(Answer(f"{head}: {word}", formula=bound.value))
    return _perhaps_rounded(low.rounded or high.rounded, Term(formula))


def _perhaps_rounded(rounded: bool, *pieces: Piece) -> tuple[Piece, ...]:
    return (Text("≈ "), *pieces) if rounded else pieces


def _at_zero(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    if known.at_zero is None:
        return NONE
    answers.append(Answer(f"{head}: value at 0", formula=known.at_zero))
    return _perhaps_rounded(Bound(known.at_zero, True).rounded, Term(known.at_zero))


def _limits(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    return _pair(head, "limit", known.limits, known.signs, answers)


def _slope_limits(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    return _pair(head, "limit of the slope", known.slope_limits, (-1, 1), answers)


def _pair(
    head: str,
    words: str,
    limits: tuple[Formula | None, Formula | None],
    signs: tuple[int, int],
    answers: list[Answer],
) -> tuple[Piece, ...]:
    shown = [_end(limit, sign) for limit, sign in zip(limits, signs, strict=True)]
    for formula, side in zip(shown, ("-∞", "+∞"), strict=True):
        answers.append(Answer(f"{head}: {words} at {side}", formula=formula))
    return (Term(shown[0]), Text(" and "), Term(shown[1]))


def _yes_no(words: str, value: bool | None, head: str, answers: list[Answer]) -> tuple[Piece, ...]:
    if value is None:
        return NONE
    answers.append(Answer(f"{head}: {words}", literal=value))
    return (Text("yes" if value else "no"),)


def _steepest(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    bound = known.steepest
    if bound is None:
        return NONE
    if bound.value is None:
        return (Text("unbounded"),)
    answers.append(Answer(f"{head}: largest slope", formula=bound.value))
    pieces: list[Piece] = list(_perhaps_rounded(bound.rounded, Term(bound.value)))
    if bound.at is not None:
        pieces += [Text(" at "), Term(bound.at)]
    elif not bound.reached:
        pieces.append(Text(" (not reached)"))
    return tuple(pieces)


def _symmetry(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    if known.monotone is None:
        return NONE
    answers.append(Answer(f"{head}: symmetry", literal=known.symmetry or "neither"))
    return (Text(known.symmetry or "neither"),)


def _kinks(head: str, known: Properties, answers: list[Answer]) -> tuple[Piece, ...]:
    if known.monotone is None:
        return NONE
    pieces: list[Piece] = []
    for kink in known.kinks:
        pieces += [Text(", ") if pieces else Text("except at "), Term(kink)]
    return tuple(pieces) or (Text("everywhere"),)


SLOPE_SIGN = Typeset("f'(x)", "f'(x)")
COLUMNS: dict[str, tuple[tuple[Piece, ...], Cell]] = {
    "range": ((Text("Range"),), _range),
    "at_zero": ((Text("At 0"),), _at_zero),
    "limits": ((Text("Limits at −∞ and +∞"),), _limits),
    "slope_limits": ((Text("Limits of "), SLOPE_SIGN, Text(" at −∞ and +∞")), _slope_limits),
    "saturating": (
        (Text("Saturating"),),
        lambda head, known, answers: _yes_no("saturating", known.saturating, head, answers),
    ),
    "steepest": ((Text("Largest slope"),), _steepest),
    "symmetry": ((Text("Symmetry"),), _symmetry),
    "monotone": (
        (Text("Monotone"),),
        lambda head, known, answers: _yes_no("monotone", known.monotone, head, answers),
    ),
    "kinks": ((Text("Differentiable"),), _kinks),
}


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the functions are the structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """The properties against values on a fine grid; what they contradict is refused."""
    functions, found = _all(problem)
    for head, _, known in found:
        confirm_properties(head, functions.bodies, known)
    return {}

"""Linear regression by the normal equations, in matrices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np
from pydantic import Field

from derivations.formula.numerals import exact, in_full
from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    difference,
    matrix,
    neg,
    number,
    power,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step, words
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Matrix, Positive, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.networks import numerals
from derivations.kinds.base.notation import letters
from derivations.kinds.base.optimiser_fields import Bound
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose

MOST = 6  # parameters
ORDINALS = ("first", "second", "third", "fourth", "fifth")


class Ridge(Strict):
    """A penalty that is added to the sum of squares: the strength times the sum of squared weights."""

    strength: Bound = Field(description="λ")
    of: Literal["parameters", "weights"] = Field(
        "parameters", description="of all parameters, or not of the bias"
    )


class Given(Strict):
    """Samples and targets of a linear model."""

    inputs: Vector | Matrix = Field(description="a row for each sample; numbers of a single input")
    targets: Vector
    bias: bool = Field(True, description="whether the model has a bias: a column of ones")
    degree: Positive = Field(
        1, description="of a polynomial in a single input: its powers are columns"
    )
    penalty: Ridge | None = Field(None, description="ridge regression: `strength`, and `of`")


class Fields(Problem):
    """A line or plane through points, with the least sum of squared errors."""

    LETTERS = letters("w A c q U v", "t", "y", sides="samples")

    kind: Literal["least-squares"]
    given: Given


STARTER = """\
kind: least-squares
title: A line through four points
text: Find the line with the least sum of squared errors.
given:
  inputs: [[1], [2], [3], [4]]
  targets: [6, 5, 7, 10]
  bias: true               # a column of ones before the inputs
"""


def _design(problem: Fields) -> list[list[str]]:
    """The rows of X: a one where the model has a bias, then the input or its powers."""
    ones, degree = ["1"] if problem.given.bias else [], problem.given.degree
    rows = numerals(problem.given.inputs)
    if degree > 1:
        rows = [[_power(row[0], k) for k in range(1, degree + 1)] for row in rows]
    return [[*ones, *row] for row in rows]


def _power(text: str, k: int) -> str:
    """A power of a number as a numeral: a decimal if it is finite."""
    value = exact(text) ** k
    return text if k == 1 else in_full(value) or str(value)


def _check(problem: Fields) -> None:
    given, mistakes = problem.given, Mistakes()
    if given.degree > 1 and len(numerals(given.inputs)[0]) > 1:
        mistakes.add(("given", "degree"), "powers are taken of a single input")
    if given.degree > MOST:
        mistakes.add(("given", "degree"), f"found {given.degree}, expected at most {MOST}")
    if given.penalty is not None and given.penalty.of == "weights" and not given.bias:
        mistakes.add(("given", "penalty", "of"), "there is no bias that could be left out")
    mistakes.raise_all()
    rows = _design(problem)
    if len(given.targets) != len(rows):
        mistakes.add(
            ("given", "targets"),
            f"{len(given.targets)} targets; expected {len(rows)}, one for each sample",
        )
    if len(rows[0]) > MOST:
        mistakes.add(
            ("given", "inputs"), f"{len(rows[0])} parameters; at most {MOST} are worked out"
        )
    mistakes.raise_all()
    if given.penalty is not None:  # with a penalty there is one solution in any case
        return
    dependent = _dependent([[Fraction(v) for v in row] for row in rows])
    if dependent is not None:
        first = (
            "the bias" if problem.given.bias and dependent == 0 else f"column {dependent + 1} of X"
        )
        raise FieldError(
            ("given", "inputs"),
            f"X^T X is singular: {first} is a combination of the columns before it, so many weights are equally good",
        )


def _dependent(rows: list[list[Fraction]]) -> int | None:
    """The first column that is a combination of those before it, by elimination in fractions."""
    rows = [list(row) for row in rows]
    for column in range(len(rows[0])):  # the columns before it had a pivot each
        pivot = next((r for r in range(column, len(rows)) if rows[r][column] != 0), None)
        if pivot is None:
            return column
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for r in range(column + 1, len(rows)):
            share = rows[r][column] / rows[column][column]
            rows[r] = [a - share * b for a, b in zip(rows[r], rows[column], strict=True)]
    return None


def givens(problem: Fields) -> dict[str, Any]:
    """X with its column of ones, and the targets."""
    rows, penalty = _design(problem), problem.given.penalty
    more: dict[str, Any] = {} if penalty is None else {"lambda": penalty.strength}
    if penalty is not None and penalty.of == "weights":
        places = range(len(rows[0]))
        more["P"] = tuple(tuple("1" if i == j > 0 else "0" for j in places) for i in places)
    if len(rows[0]) == 1:
        return {"x": tuple(row[0] for row in rows), "t": problem.given.targets, **more}
    data = rows if problem.notation.samples == "rows" else zip(*rows, strict=True)
    return {"X": tuple(map(tuple, data)), "t": problem.given.targets, **more}


def expected(problem: Fields) -> dict[str, Any]:
    """By NumPy's own least squares, which makes no normal equations; a penalty is some rows more."""
    rows = np.array([[float(Fraction(v)) for v in row] for row in _design(problem)])
    targets = np.array([float(Fraction(v)) for v in problem.given.targets])
    penalty, more = problem.given.penalty, np.zeros((0, rows.shape[1]))
    if penalty is not None:
        more = float(Fraction(penalty.strength)) ** 0.5 * np.eye(rows.shape[1])
        more = more[1:] if penalty.of == "weights" else more
    longer = np.concatenate([rows, more]), np.concatenate([targets, np.zeros(len(more))])
    weights = np.linalg.lstsq(*longer, rcond=None)[0]
    rest = rows @ weights - targets
    found = weights.tolist()
    ends = {"w": found if len(found) > 1 else found[0], "E": float(rest @ rest)}
    if penalty is not None:
        ends["J"] = ends["E"] + float(sum((row @ weights) ** 2 for row in more))
    return ends


def derive(problem: Fields) -> Derivation:
    """X^T X w = X^T t, solved; predictions and the sum of squares."""
    _check(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    rows, columns = len(problem.given.inputs), len(_design(problem)[0])
    t, penalty = Name("t"), problem.given.penalty
    if penalty is not None:
        draft.given("lambda", ())
    some = penalty is not None and penalty.of == "weights"
    drawn: Formula = Name("P") if some else apply("identity_matrix", number(columns))
    if some:
        draft.given("P", (columns, columns))
    if columns == 1:
        parts = _alone(draft, rows, penalty is not None)
    else:
        in_rows = problem.notation.samples == "rows"
        draft.given("X", (rows, columns) if in_rows else (columns, rows))
        draft.given("t", (rows,))
        data, turned = _data(in_rows)
        square: Formula = apply("matmul", turned, data)
        if penalty is not None:
            square = sum_of(square, product(Name("lambda"), drawn))
        draft.define("A", square)
        draft.define("c", apply("matmul", turned, t))
        normal = [draft.line(Name(name), law="normal-equations") for name in "Ac"]
        parts = [
            part(
                "The normal equations",
                step(
                    "", _reason(data, turned, square, drawn if penalty else None), display(*normal)
                ),
            )
        ]
        parts.append((_by_determinant if columns == 2 else _by_elimination)(draft, columns))
        draft.define("y", apply("matmul", data, Name("w")))
    rest = difference(Name("y"), t)
    draft.define("E", apply("dot", rest, rest))
    ends = [draft.line(Name("y")), draft.line(Name("E"), boxed=True)]
    if penalty is not None:
        w = Name("w")
        size = power(w, 2) if columns == 1 else apply("dot", w, w)
        size = apply("dot", w, apply("matmul", drawn, w)) if some else size
        draft.define("J", sum_of(Name("E"), product(Name("lambda"), size)))
        ends.append(draft.line(Name("J"), boxed=True))
    parts.append(part("Predictions and errors", step("", display(*ends))))
    answers = [Answer(name, name) for name in ("A", "c", "w", "y", "E", "J")]
    answers = [each for each in answers if each.name in draft.quantities]
    return assemble(problem, draft, functions, parts, answers, _statement(problem, draft))


def _alone(draft: Draft, rows: int, penalty: bool) -> list[Part]:
    """One parameter: (x · x) w = x · t, or (x · x + λ) w = x · t."""
    x, t = draft.given("x", (rows,)), draft.given("t", (rows,))
    square: Formula = apply("dot", x, x)
    draft.define("A", sum_of(square, Name("lambda")) if penalty else square)
    draft.define("c", apply("dot", x, t))
    draft.define("w", quotient(Name("c"), Name("A")))
    lines = [draft.line(Name(name), law="normal-equations") for name in "Ac"]
    lines.append(draft.line(Name("w"), law="solve", boxed=True))
    of = "The sum of squares and the penalty have" if penalty else "The sum of squares has"
    reason = f"{of} the derivative $2 (A w - c)$ by $w$, which is 0 at $w = c/A$."
    draft.define("y", product(Name("w"), x))
    return [part("The normal equation", step("", Prose(words(reason)), display(*lines)))]


def _data(in_rows: bool) -> tuple[Formula, Formula]:
    """The samples as rows, and as columns: X and its transpose, whichever is which."""
    x, turned = Name("X"), apply("transpose", Name("X"))
    return (x, turned) if in_rows else (turned, x)


def _reason(x: Formula, turned: Formula, square: Formula, drawn: Formula | None) -> Prose:
    """Where the gradient of the sum of squares, and of its penalty, is 0."""
    w, t = Name("w"), Name("t")
    rest = difference(apply("matmul", x, w), t)
    gradient: Formula = product(number(2), apply("matmul", turned, apply("group", rest)))
    total: Formula = power(apply("norm", rest), 2)
    if drawn is not None:
        plain = drawn != Name("P")
        kept = w if plain else apply("matmul", drawn, w)
        size = power(apply("norm", w), 2) if plain else apply("dot", w, kept)
        total = sum_of(total, product(Name("lambda"), size))
        gradient = sum_of(gradient, product(number(2), Name("lambda"), kept))
    lead = "The sum of squares " if drawn is None else "The sum of squares with its penalty, "
    return Prose(
        (
            Text(lead), Term(total), Text("" if drawn is None else ","),
            Text(" has the gradient "), Term(gradient), Text(", which is 0 where "),
            Term(apply("matmul", Name("A"), w)), Text(" equals "), Term(Name("c")),
            Text(", with "), Term(square), Text(" for "), Term(Name("A")),
            Text(" and "), Term(apply("matmul", turned, t)), Text(" for "), Term(Name("c")), Text("."),
        )
    )  # fmt: skip


def _entry(draft: Draft, name: str, *places: int) -> Formula:
    """A number of A or c by a name of its own."""
    of = f"{name}_{'_'.join(map(str, places))}"
    return draft.define(of, apply("entry", Name(name), *map(number, places)))


def _by_determinant(draft: Draft, columns: int) -> Part:
    """Two equations: the inverse by the determinant."""
    a, b, c, d = (_entry(draft, "A", i, j) for i in (1, 2) for j in (1, 2))
    draft.define("D", difference(product(a, d), product(b, c)))
    inverse = matrix((d, neg(b)), (neg(c), a))
    draft.define("w", apply("matmul", product(quotient(number(1), Name("D")), inverse), Name("c")))
    lines = [draft.line(Name("D"), law="inverse"), draft.line(Name("w"), law="inverse", boxed=True)]
    lead = Prose(
        words("The inverse of a matrix of two rows has its determinant $D$ below the line:")
    )
    return part("The weights", step("", lead, display(*lines)))


def _by_elimination(draft: Draft, columns: int) -> Part:
    """More equations: one unknown after the other is eliminated, then put in from the last."""
    current = [
        [_entry(draft, "A", i, j) for j in range(1, columns + 1)] for i in range(1, columns + 1)
    ]
    right = [_entry(draft, "c", i) for i in range(1, columns + 1)]
    blocks: list[Block] = []
    for k in range(columns - 1):
        fresh = [*current[: k + 1]]
        fresh_right = [*right[: k + 1]]
        for i in range(k + 1, columns):
            share = draft.define(f"q_{i + 1}_{k + 1}", quotient(current[i][k], current[k][k]))
            row: list[Formula] = [number(0)] * (k + 1)
            for j in range(k + 1, columns):
                entry = difference(current[i][j], product(share, current[k][j]))
                row.append(draft.define(f"U_{i + 1}_{j + 1}@{k}", entry))
            fresh.append(row)
            rest = difference(right[i], product(share, right[k]))
            fresh_right.append(draft.define(f"v_{i + 1}@{k}", rest))
        current, right = fresh, fresh_right
        draft.define(f"U@{k}", matrix(*map(tuple, current)))
        draft.define(f"v@{k}", vector(*right))
        shares = [Name(f"q_{i + 1}_{k + 1}") for i in range(k + 1, columns)]
        lines = [draft.line(share, law="solve") for share in shares]
        blocks += [_taken_off(shares, ORDINALS[k]), display(*lines)]
        after = [
            Chain(Term(Name(n)), (Link("auto", Term(Name(n), numbers=True), (n,)),))
            for n in (f"U@{k}", f"v@{k}")
        ]
        blocks.append(display(*after))
    lines = []
    for i in range(columns - 1, -1, -1):
        known = [product(current[i][j], Name(f"w_{j + 1}")) for j in range(i + 1, columns)]
        above = difference(right[i], sum_of(*known)) if known else right[i]
        draft.define(f"w_{i + 1}", quotient(above, current[i][i]))
        lines.append(draft.line(Name(f"w_{i + 1}"), law="solve", boxed=True))
    draft.define("w", vector(*(Name(f"w_{i + 1}") for i in range(columns))))
    blocks += [Prose((Text("From the last equation upwards:"),)), display(*lines)]
    return part("The weights, by elimination", step("", *blocks))


def _taken_off(shares: list[Name], which: str) -> Prose:
    pieces: list[Piece] = [Text("The multiples " if len(shares) > 1 else "The multiple ")]
    for place, share in enumerate(shares):
        pieces += [Text(", " if place else ""), Term(share)]
    verb = "are" if len(shares) > 1 else "is"
    below = "rows" if len(shares) > 1 else "row"
    return Prose((*pieces, Text(f" of the {which} row {verb} taken off the {below} below.")))


def _statement(problem: Fields, draft: Draft) -> list[Block]:
    several = "X" in draft.quantities
    of = Name("X") if several else Name("x")
    in_rows = problem.notation.samples == "rows"
    model = product(Name("w"), of)
    if several:
        model = apply("matmul", _data(in_rows)[0], Name("w"))
    line = "column" if in_rows else "row"
    pieces: list[Piece] = []
    if problem.given.bias and several:
        pieces = [Text(f"The first {line} of "), Term(of), Text(" stands for the bias. ")]
    if problem.given.degree > 1:
        pieces += [Text("The powers of the input are inputs of their own. ")]
    penalty, more = problem.given.penalty, []
    if penalty is not None:
        more = [Name("lambda"), *([Name("P")] if penalty.of == "weights" else [])]
        pieces += words(
            r"The penalty is $\lambda$ times the sum of the squared weights, without the bias."
            if penalty.of == "weights"
            else r"The penalty is $\lambda$ times the sum of all squared parameters."
        )
        pieces.append(Text(" "))
    said = Chain(Term(Name("y")), (Link("=", Term(model)),))
    return [
        *beside([of, Name("t"), *more]),
        Prose((*pieces, Text("The model is "), said, Text("."))),
    ]

"""Linear regression by the normal equations, in matrices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np
from pydantic import Field

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
from derivations.kinds.base.fields import Matrix, Problem, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.notation import letters
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose

MOST = 6  # parameters
ORDINALS = ("first", "second", "third", "fourth", "fifth")


class Given(Strict):
    """Samples and targets of a linear model."""

    inputs: Matrix = Field(description="a row for each sample")
    targets: Vector
    bias: bool = Field(True, description="whether the model has a bias: a column of ones")


class Fields(Problem):
    """A line or plane through points, with the least sum of squared errors."""

    LETTERS = letters("w A c q", "t", "y", sides="samples")

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
    """The rows of X, with a one in front where the model has a bias."""
    ones = ["1"] if problem.given.bias else []
    return [[*ones, *row] for row in problem.given.inputs]


def _check(problem: Fields) -> None:
    given, mistakes = problem.given, Mistakes()
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
    rows = _design(problem)
    if len(rows[0]) == 1:
        return {"x": tuple(row[0] for row in rows), "t": problem.given.targets}
    data = rows if problem.notation.samples == "rows" else zip(*rows, strict=True)
    return {"X": tuple(map(tuple, data)), "t": problem.given.targets}


def expected(problem: Fields) -> dict[str, Any]:
    """By NumPy's own least squares, which makes no normal equations."""
    rows = np.array([[float(Fraction(v)) for v in row] for row in _design(problem)])
    targets = np.array([float(Fraction(v)) for v in problem.given.targets])
    weights = np.linalg.lstsq(rows, targets, rcond=None)[0]
    rest = rows @ weights - targets
    found = weights.tolist()
    return {"w": found if len(found) > 1 else found[0], "E": float(rest @ rest)}


def derive(problem: Fields) -> Derivation:
    """X^T X w = X^T t, solved; predictions and the sum of squares."""
    _check(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    rows, columns = len(problem.given.inputs), len(_design(problem)[0])
    t = Name("t")
    if columns == 1:
        parts = _alone(draft, rows)
    else:
        in_rows = problem.notation.samples == "rows"
        draft.given("X", (rows, columns) if in_rows else (columns, rows))
        draft.given("t", (rows,))
        data, turned = _data(in_rows)
        draft.define("A", apply("matmul", turned, data))
        draft.define("c", apply("matmul", turned, t))
        normal = [draft.line(Name(name), law="normal-equations") for name in "Ac"]
        parts = [part("The normal equations", step("", _reason(data, turned), display(*normal)))]
        parts.append((_by_determinant if columns == 2 else _by_elimination)(draft, columns))
        draft.define("y", apply("matmul", data, Name("w")))
    rest = difference(Name("y"), t)
    draft.define("E", apply("dot", rest, rest))
    ends = [draft.line(Name("y")), draft.line(Name("E"), boxed=True)]
    parts.append(part("Predictions and errors", step("", display(*ends))))
    answers = [Answer(name, name) for name in ("A", "c", "w", "y", "E")]
    return assemble(problem, draft, functions, parts, answers, _statement(problem, draft))


def _alone(draft: Draft, rows: int) -> list[Part]:
    """One parameter: (x · x) w = x · t."""
    x, t = draft.given("x", (rows,)), draft.given("t", (rows,))
    draft.define("A", apply("dot", x, x))
    draft.define("c", apply("dot", x, t))
    draft.define("w", quotient(Name("c"), Name("A")))
    lines = [draft.line(Name(name), law="normal-equations") for name in "Ac"]
    lines.append(draft.line(Name("w"), law="solve", boxed=True))
    reason = "The sum of squares has the derivative $2 (A w - c)$ by $w$, which is 0 at $w = c/A$."
    draft.define("y", product(Name("w"), x))
    return [part("The normal equation", step("", Prose(words(reason)), display(*lines)))]


def _data(in_rows: bool) -> tuple[Formula, Formula]:
    """The samples as rows, and as columns: X and its transpose, whichever is which."""
    x, turned = Name("X"), apply("transpose", Name("X"))
    return (x, turned) if in_rows else (turned, x)


def _reason(x: Formula, turned: Formula) -> Prose:
    """Where the gradient of the sum of squares is 0."""
    w, t = Name("w"), Name("t")
    rest = difference(apply("matmul", x, w), t)
    gradient = product(number(2), apply("matmul", turned, apply("group", rest)))
    return Prose(
        (
            Text("The sum of squares "), Term(power(apply("norm", rest), 2)),
            Text(" has the gradient "), Term(gradient), Text(", which is 0 where "),
            Term(apply("matmul", Name("A"), w)), Text(" equals "), Term(Name("c")),
            Text(", with "), Term(apply("matmul", turned, x)), Text(" for "), Term(Name("A")),
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
                row.append(draft.define(f"A_{i + 1}_{j + 1}@{k}", entry))
            fresh.append(row)
            rest = difference(right[i], product(share, right[k]))
            fresh_right.append(draft.define(f"c_{i + 1}@{k}", rest))
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
    said = Chain(Term(Name("y")), (Link("=", Term(model)),))
    return [*beside([of, Name("t")]), Prose((*pieces, Text("The model is "), said, Text(".")))]

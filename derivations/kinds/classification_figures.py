"""Figures of a classifier from a small table: confusion matrix, precision, recall, F1, means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    number,
    product,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, listed, new_draft, part, step, value_of
from derivations.kinds.base.classifying import Ask, Case, Given, check_counts, resolved, shown
from derivations.kinds.base.figures_run import Run
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.models.classification import COUNTS, FIGURES
from derivations.steps.draft import Draft
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Block, Derivation, Part, Prose, Step, Table
from derivations.truth import figures as second_road


class Fields(Problem):
    """Figures of a classifier."""

    kind: Literal["classification-figures"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: classification-figures
title: A spam filter at the threshold 0.5
text: Fill in the confusion matrix and compute the figures.
given:
  actual: [spam, ham, spam, spam, ham, ham, spam, ham]
  scores: [0.9, 0.2, 0.4, 0.7, 0.6, 0.1, 0.5, 0.3]   # or predicted: [spam, ham, ...]
  threshold: 0.5                                      # or, instead of all this,
  positive: spam                                      # confusion: [[3, 1], [1, 3]] with classes
ask: {figures: [accuracy, precision, recall, specificity, f1, mcc]}
rounding: {decimals: 4}
"""


def derive(problem: Fields) -> Derivation:
    """Outcomes, counts, figures; of several classes one by one, and their means."""
    case = resolved(problem.given, problem.ask)
    check_counts(problem.given)
    functions = Functions()
    draft = new_draft(problem, functions)
    policy = draft.rounding
    if "carry" not in problem.rounding.model_fields_set:
        policy = replace(policy, carry="exact")
    for name in givens(problem):
        draft.given(name)
    statement = _statement(case, draft)
    counting = _counting(case, draft)
    run = Run(case, draft, policy)
    parts: list[Part] = [part("", *counting, *run.steps())]
    draft.rounding = policy
    return assemble(problem, draft, functions, parts, run.answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """Counts by name; or 1 where a sample is of a class, or is predicted to be; scores."""
    case = resolved(problem.given, problem.ask)
    given, classes = problem.given, range(len(case.classes))
    values: dict[str, Any] = {}
    if given.confusion is not None:
        for i in classes:
            for j in classes:
                at = (i, j) if given.rows == "actual" else (j, i)
                values[_count_name(case, i, j)] = given.confusion[at[0]][at[1]]
    else:
        columns = [("t", case.actual)]
        if given.scores is None:
            columns.append(("y", case.predicted))
        for letter, places in columns:
            for n, place in enumerate(places, 1):
                for k in classes if not case.binary else (case.positive or 0,):
                    values[_mark(case, letter, n, k)] = str(int(place == k))
    if given.scores is not None:
        values |= {f"s_{n}": score for n, score in enumerate(given.scores, 1)}
        values["theta"] = given.threshold
    if "f_beta" in case.ask.figures:
        values["beta"] = given.beta
    return values


def _mark(case: Case, letter: str, n: int, k: int) -> str:
    """The name of what is 1 where sample n is of class k (or of the positive class)."""
    return f"{letter}_{n}" if case.binary else f"{letter}_{n}_{k + 1}"


def _count_name(case: Case, actual: int, predicted: int) -> str:
    """TP, FP, FN, TN of two classes, else C with the numbers of both classes."""
    if not case.binary:
        return f"C_{actual + 1}_{predicted + 1}"
    hit, said = actual == case.positive, predicted == case.positive
    return {(True, True): "TP", (True, False): "FN", (False, True): "FP"}.get((hit, said), "TN")


def _word(label: str) -> tuple[Piece, ...]:
    return (Text(shown(label)),)


# ---------------------------------------------------------------- what is given


def _statement(case: Case, draft: Draft) -> list[Block]:
    """The table of samples or counts, the classes, and what is done with 0/0."""
    given = case.given
    blocks: list[Block] = []
    if given.confusion is not None:
        blocks.append(_matrix(case))
    else:
        blocks.append(_samples(case, draft))
    words: list[Piece] = []
    if case.positive is not None:
        words.append(Text(f"The positive class is {shown(case.classes[case.positive])}. "))
    if given.scores is not None:
        sign = "at least" if given.at_threshold == "positive" else "above"
        words += [
            Text(f"A sample is predicted positive where its score is {sign} the threshold "),
            value_of(Name("theta")), Text(". "),
        ]  # fmt: skip
    if not case.binary:
        words.append(Text("For the figures of a class, all other classes are the negative ones. "))
        if case.tags != case.classes:
            named = ", ".join(f"{k}: {shown(label)}" for k, label in enumerate(case.classes, 1))
            words.append(Text(f"The classes have numbers, {named}. "))
    short = [(FIGURES[key].symbol, FIGURES[key].title) for key in case.figures]
    short = [(symbol, title) for symbol, title in short if symbol.isalpha() and symbol.isupper()]
    if short:
        for place, (symbol, title) in enumerate(short):
            letter = Term(Name(symbol)) if len(symbol) == 1 else Text(symbol)
            words += [Text(", "), letter] if place else [letter]
            words.append(Text(f" {'the' if place else 'is the'} {title}"))
        words.append(Text(". "))
    if given.zero_division == "zero":
        words.append(Text("Where a figure is 0/0, it counts as 0."))
    if words:
        blocks.append(Prose(tuple(words)))
    if "beta" in draft.quantities:
        blocks.append(listed([Name("beta")], "Given"))
    return blocks


def _samples(case: Case, draft: Draft, outcomes: bool = False) -> Table:
    """A row for each sample; with what comes out of it in a solution."""
    given = case.given
    head: list[tuple[Piece, ...]] = [_word("sample"), _word("actual")]
    if given.scores is not None:
        head.append(_word("score"))
    if given.scores is None or outcomes:
        head.append(_word("predicted"))
    if outcomes:
        head.append(_word("outcome"))
    rows = []
    for n, place in enumerate(case.actual, 1):
        row: list[tuple[Piece, ...]] = [_word(str(n)), _word(case.classes[place])]
        if given.scores is not None:
            row.append((Term(Name(f"s_{n}"), numbers=True),))
        if given.scores is None:
            row.append(_word(case.classes[case.predicted[n - 1]]))
        elif outcomes:
            row.append((Term(Name(f"y@{n}"), numbers=True),))
        if outcomes:
            row.append((Term(Name(f"o_{n}"), numbers=True),))
        rows.append(tuple(row))
    align = "rl" + "r" * (given.scores is not None) + "l" * (len(head) - 2)
    return Table(tuple(head), tuple(rows), align[: len(head)])


def _matrix(case: Case, numbers: bool = True) -> Table:
    """The confusion matrix, its rows as the author has them."""
    by_actual = case.given.rows == "actual"
    corner = "actual, predicted →" if by_actual else "predicted, actual →"
    classes = range(len(case.classes))
    head: list[tuple[Piece, ...]] = [_word(corner), *map(_word, case.classes)]
    rows = []
    for i in classes:
        row: list[tuple[Piece, ...]] = [_word(case.classes[i])]
        for j in classes:
            name = Name(_count_name(case, i, j) if by_actual else _count_name(case, j, i))
            pieces: tuple[Piece, ...] = (Term(name, numbers=numbers),)
            row.append((value_of(name),) if case.binary else pieces)
        rows.append(tuple(row))
    return Table(tuple(head), tuple(rows), "l" + "r" * len(case.classes))


# ---------------------------------------------------------------- counting


def _counting(case: Case, draft: Draft) -> list[Step]:
    """Outcomes and the confusion matrix, where there are samples."""
    if case.given.confusion is not None:
        return []
    steps: list[Step] = []
    if case.binary:
        for n in range(1, len(case.actual) + 1):
            _outcome(case, draft, n)
        steps.append(step("Outcomes", _samples(case, draft, True)))
    for i in range(len(case.classes)):
        for j in range(len(case.classes)):
            pairs = [
                product(_is(case, "t", n, i), _is(case, "y", n, j))
                for n in range(1, len(case.actual) + 1)
            ]
            draft.define(_count_name(case, i, j), sum_of(*pairs), shape=())
    return [*steps, step("Confusion matrix", _matrix(case))]


def _is(case: Case, letter: str, n: int, k: int) -> Formula:
    """1 where the sample is of the class: t, or 1 - t of the negative one."""
    mark = Name(_mark(case, letter, n, k))
    return mark if not case.binary or k == case.positive else difference(Number("1"), mark)


def _outcome(case: Case, draft: Draft, n: int) -> None:
    """The prediction of a score in words, and TP, FP, FN or TN."""
    assert case.positive is not None
    if case.given.scores is not None:
        sign = ">=" if case.given.at_threshold == "positive" else ">"
        above = apply(sign, Name(f"s_{n}"), Name("theta"))
        draft.define(
            f"y_{n}", Apply("cases", (Number("1"), above, Number("0"), apply("otherwise")))
        )
        labels = {"1": case.classes[case.positive], "0": case.classes[1 - case.positive]}
        draft.define(f"y@{n}", Name(f"y_{n}"), labels=labels)
    real, said = (apply("==", Name(f"{letter}_{n}"), Number("1")) for letter in "ty")
    cases: list[Formula] = []
    for place, condition in enumerate((apply("and", real, said), real, said, apply("otherwise"))):
        cases += [number(place), condition]
    labels = {str(place): word for place, word in enumerate(("TP", "FN", "FP", "TN"))}
    draft.define(f"o_{n}", Apply("cases", tuple(cases)), labels=labels)


# ---------------------------------------------------------------- the second road


def expected(problem: Fields) -> dict[str, Any]:
    """Counts and figures once more, sample by sample, in doubles."""
    case = resolved(problem.given, problem.ask)
    given = problem.given
    if given.confusion is not None:
        table = np.array([[float(exact(x).p) for x in row] for row in given.confusion])
        matrix = table if given.rows == "actual" else table.T
    else:
        labels = list(given.predicted or ())
        if given.scores is not None:
            assert case.positive is not None
            labels = second_road.by_threshold(
                [float(exact(s).p) / float(exact(s).q) for s in given.scores],
                float(exact(given.threshold).p) / float(exact(given.threshold).q),
                given.at_threshold == "positive",
                (case.classes[1 - case.positive], case.classes[case.positive]),
            )
        matrix = second_road.tally(list(given.actual or ()), labels, list(case.classes))
    beta = float(exact(given.beta).p) / float(exact(given.beta).q)
    road = second_road.Figures(matrix, beta, given.zero_division == "zero")
    found: dict[str, Any] = {}
    names = {key: FIGURES[key].symbol for key in case.figures}
    if case.binary:
        counts = road.counts(case.positive or 0)
        found |= dict(zip(COUNTS, counts, strict=True))
        return found | {
            symbol: road.binary(key, case.positive or 0) for key, symbol in names.items()
        }
    for i, row in enumerate(matrix, 1):
        found |= {f"C_{i}_{j}": float(x) for j, x in enumerate(row, 1)}
    for key, symbol in names.items():
        if not FIGURES[key].of_class:
            found[symbol] = road.overall(key)
            continue
        for k in range(len(case.classes)):
            found[symbol + case.suffix(k)] = road.of_class(key, k)
        for mean in case.ask.means:
            found[f"{symbol}_{mean}"] = road.mean(key, mean)
    return found

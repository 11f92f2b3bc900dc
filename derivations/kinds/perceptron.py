"""The perceptron rule: sample after sample, until there are no mistakes or a maximum of epochs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    number,
    product,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, listed, new_draft, part, step, words
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Few, Matrix, NotNegative, Numeral, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.notation import letters
from derivations.kinds.base.optimiser_fields import Rate
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Display, Part, Prose, Table

MOST_ROWS = 48  # presentations that are all in the table


class Given(Strict):
    """The samples, the start, and the rule."""

    inputs: Matrix = Field(description="a row for each sample")
    targets: Vector = Field(description="0 and 1, or -1 and 1")
    weights: Vector = Field(description="the start, one for each input")
    bias: Numeral | None = Field(None, description="the start of the bias; none if left out")
    rate: Rate = Field("1", description="the learning rate")
    fires: Literal["at_least_0", "above_0"] = Field(
        "at_least_0", description="whether the output is 1 where the sum is exactly 0"
    )
    correction: Literal["error", "target"] = Field(
        "error", description="add η (t - y) x, or η t x after a mistake (for targets -1 and 1)"
    )
    epochs: Few = Field(100, description="at most so many; it ends with one without mistakes")


class Ask(Strict):
    """What is shown."""

    in_full: NotNegative = Field(2, description="how many corrections are shown line by line")


class Fields(Problem):
    """Rosenblatt's rule."""

    LETTERS = letters("x w", "t", "y", sides="weights")

    kind: Literal["perceptron"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: perceptron
title: A perceptron learns AND
text: Apply the perceptron rule until there are no mistakes.
given:
  inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]
  targets: [0, 0, 0, 1]
  weights: [0, 0]
  bias: 0
  rate: 1
  fires: above_0           # or at_least_0
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One sample as it was presented: the k-th of all, in an epoch, and whether it was wrong."""

    k: int
    epoch: int
    sample: int
    wrong: bool


def _checked(problem: Fields) -> tuple[bool, list[Seen]]:
    """Whether targets are -1 and 1, and what happens with every sample."""
    given, mistakes = problem.given, Mistakes()
    width, count = len(given.inputs[0]), len(given.inputs)
    if len(given.weights) != width:
        mistakes.add(
            ("given", "weights"),
            f"{len(given.weights)} weights; expected {width}, one for each input",
        )
    if len(given.targets) != count:
        mistakes.add(
            ("given", "targets"),
            f"{len(given.targets)} targets; expected {count}, one for each sample",
        )
    values = set(map(Fraction, given.targets))
    if not (values <= {Fraction(0), Fraction(1)} or values <= {Fraction(-1), Fraction(1)}):
        mistakes.add(("given", "targets"), "expected targets 0 and 1, or -1 and 1")
    signed = Fraction(-1) in values
    if given.correction == "target" and Fraction(0) in values:
        mistakes.add(
            ("given", "correction"), "'target' needs targets -1 and 1; with 0 nothing is corrected"
        )
    mistakes.raise_all()
    return signed, [seen for seen, _, _ in _second(given, signed)]


def _second(given: Given, signed: bool) -> Iterator[tuple[Seen, list[Fraction], Fraction]]:
    """The rule in fractions: each presentation, and weights and bias after it."""
    w = [Fraction(v) for v in given.weights]
    b = Fraction(given.bias or "0")
    rate, low = Fraction(given.rate), Fraction(-1 if signed else 0)
    k = 0
    for epoch in range(1, given.epochs + 1):
        clean = True
        for s, (row, target) in enumerate(zip(given.inputs, given.targets, strict=True)):
            k += 1
            x, t = [Fraction(v) for v in row], Fraction(target)
            z = b + sum((wi * xi for wi, xi in zip(w, x, strict=True)), Fraction(0))
            fires = z > 0 or (z == 0 and given.fires == "at_least_0")
            y = Fraction(1) if fires else low
            if y != t:
                clean = False
                push = rate * (t if given.correction == "target" else t - y)
                w = [wi + push * xi for wi, xi in zip(w, x, strict=True)]
                b += push if given.bias is not None else 0
            yield Seen(k, epoch, s, y != t), w, b
        if clean:
            return


def derive(problem: Fields) -> Derivation:
    """The first corrections in full, everything in a table, and how it ends."""
    signed, seen = _checked(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    run = _Run(problem, signed, draft)
    parts = run.parts(seen)
    return assemble(problem, draft, functions, parts, run.answers, run.statement())


def givens(problem: Fields) -> dict[str, Any]:
    """Samples, start and learning rate by name."""
    given = problem.given
    values: dict[str, Any] = {}
    for s, (row, t) in enumerate(zip(given.inputs, given.targets, strict=True), 1):
        values |= {f"x_{i}@s{s}": value for i, value in enumerate(row, 1)} | {f"t@s{s}": t}
    values |= {f"w_{i}@0": value for i, value in enumerate(given.weights, 1)}
    if given.bias is not None:
        values["b@0"] = given.bias
    return values | {"eta": given.rate}


def expected(problem: Fields) -> dict[str, Any]:
    """Weights after every presentation, in fractions."""
    signed, _ = _checked(problem)
    answers: dict[str, Any] = {}
    for seen, w, b in _second(problem.given, signed):
        answers |= {f"w_{i}@{seen.k}": float(v) for i, v in enumerate(w, 1)}
        if problem.given.bias is not None:
            answers[f"b@{seen.k}"] = float(b)
    return answers


class _Run:
    """The presentations as quantities of a draft."""

    def __init__(self, problem: Fields, signed: bool, draft: Draft) -> None:
        self.given, self.ask, self.signed, self.draft = problem.given, problem.ask, signed, draft
        self.weighted = problem.notation.weighted
        self.width = len(problem.given.weights)
        self.answers: list[Answer] = []

    def weights(self, k: int) -> list[str]:
        """The keys of the weights, and of the bias, after k presentations."""
        names = [f"w_{i}@{k}" for i in range(1, self.width + 1)]
        return [*names, f"b@{k}"] if self.given.bias is not None else names

    def inputs(self, seen: Seen) -> list[Name]:
        return [Name(f"x_{i}@s{seen.sample + 1}") for i in range(1, self.width + 1)]

    def parts(self, seen: list[Seen]) -> list[Part]:
        """Corrections, the table, the end."""
        parts, shown = [], 0
        for one in seen:
            full = one.wrong and shown < self.ask.in_full
            chains = self.present(one, full)
            if full:
                shown += 1
                title = f"Epoch {one.epoch}, sample {one.sample + 1}"
                parts.append(part(title, step("", Display(tuple(chains)))))
        parts.append(part("All samples", step("", self.table(seen))))
        parts.append(part("", step("", self.end(seen))))
        return parts

    def present(self, seen: Seen, shown: bool) -> list[Chain]:
        """Sum, output, error and correction of one sample."""
        k, before = seen.k, self.weights(seen.k - 1)
        terms: list[Formula] = [
            self.weighted(Name(w), x) for w, x in zip(before, self.inputs(seen), strict=False)
        ]
        terms += [Name(before[-1])] if self.given.bias is not None else []
        z, y, t, e = Name(f"z@{k}"), Name(f"y@{k}"), Name(f"t@s{seen.sample + 1}"), Name(f"e@{k}")
        sign = ">=" if self.given.fires == "at_least_0" else ">"
        low = number(-1 if self.signed else 0)
        self.draft.define(z.id, sum_of(*terms))
        otherwise = apply("otherwise")
        self.draft.define(
            y.id, Apply("cases", (number(1), apply(sign, z, number(0)), low, otherwise))
        )
        error: Formula = difference(t, y)
        if self.given.correction == "target":
            error = Apply("cases", (t, apply("!=", y, t), number(0), otherwise))
        self.draft.define(e.id, error)
        chains = (
            [self.draft.line(z), self.draft.line(y, named=False), self.draft.line(e)]
            if shown
            else []
        )
        ahead: list[Formula] = [*self.inputs(seen)]
        for place, (old, new) in enumerate(zip(before, self.weights(k), strict=True)):
            factors = [Name("eta"), e, *ahead[place : place + 1]]
            self.draft.define(new, sum_of(Name(old), product(*factors)), "update")
            self.answers.append(Answer(new, new))
            if shown:
                line = self.draft.line(Name(new), law="perceptron", boxed=True, relation="←")
                chains.append(line)
        return chains

    def table(self, seen: list[Seen]) -> Table:
        """Every sample as it was presented; of many the first and the last ones."""
        head: list[tuple[Piece, ...]] = [(Text("epoch"),)]
        first = seen[0]
        columns = [*self.inputs(first), Name("t"), Name("z"), Name("y"), Name("e")]
        head += [(Term(name),) for name in (*columns, *map(Name, self.weights(0)))]
        start: list[tuple[Piece, ...]] = [(Text("start"),)]
        start += [(Text(""),) for _ in columns]
        start += [(Term(Name(name), numbers=True),) for name in self.weights(0)]
        rows = [tuple(start)]
        chosen = seen
        if len(seen) > MOST_ROWS:
            chosen = [*seen[: MOST_ROWS // 2], *seen[-MOST_ROWS // 2 :]]
        for place, one in enumerate(chosen):
            if place and one.k != chosen[place - 1].k + 1:
                rows.append(tuple((Text("..."),) for _ in head))
            names: list[Formula] = [*self.inputs(one), Name(f"t@s{one.sample + 1}")]
            names += [Name(f"{letter}@{one.k}") for letter in "zye"]
            names += list(map(Name, self.weights(one.k)))
            row: list[tuple[Piece, ...]] = [(Text(str(one.epoch) if one.sample == 0 else ""),)]
            rows.append((*row, *((Term(name, numbers=True),) for name in names)))
        return Table(tuple(head), tuple(rows), "r" * len(head))

    def end(self, seen: list[Seen]) -> Prose:
        """Whether there are no mistakes left, and the weights."""
        last = seen[-1].epoch
        wrong = sum(one.wrong for one in seen if one.epoch == last)
        if wrong:
            epochs = f"{last} epoch{'s' if last > 1 else ''}"
            mistakes = f"{wrong} mistake{'s' if wrong > 1 else ''}"
            told = f"After {epochs} there still are mistakes; the last epoch has {mistakes}. The weights are "
        else:
            told = f"Epoch {last} has no mistakes, so the weights do not change any more: "
        pieces: list[Piece] = [Text(told)]
        for place, name in enumerate(self.weights(seen[-1].k)):
            pieces += [Text(", ")] if place else []
            pieces.append(
                Chain(Term(Name(name)), (Link("auto", Term(Name(name), numbers=True), (name,)),))
            )
        return Prose((*pieces, Text(".")))

    def statement(self) -> list[Block]:
        """Samples, start, the rule in words."""
        head: list[tuple[Piece, ...]] = [(Text("sample"),)]
        first = Seen(1, 1, 0, False)
        head += [(Term(name),) for name in (*self.inputs(first), Name("t"))]
        rows = []
        for s in range(len(self.given.inputs)):
            one = Seen(s + 1, 1, s, False)
            row: list[tuple[Piece, ...]] = [(Text(str(s + 1)),)]
            names = [*self.inputs(one), Name(f"t@s{s + 1}")]
            rows.append((*row, *((Term(name, numbers=True),) for name in names)))
        low = "$-1$" if self.signed else "0"
        sign = "at least 0" if self.given.fires == "at_least_0" else "above 0"
        by_error = self.given.correction == "error"
        bias = r" and $\eta\,e$ to the bias" if self.given.bias is not None else ""
        said = (
            f"The output $y$ is 1 where the sum $z$ is {sign}, else {low}. After a mistake "
            rf"$\eta\,e\,x$ is added to the weights{bias}, with the "
            f"{'error $e = t - y$' if by_error else 'target, $e = t$'}."
        )
        table = Table(tuple(head), tuple(rows), "r" * len(head))
        given = listed([*map(Name, self.weights(0)), Name("eta")], "Given")
        return [table, given, Prose(words(said))]

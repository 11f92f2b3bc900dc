"""Cross-entropy of a prediction and a label, or of two distributions; the mean over samples."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, model_validator

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    key,
    neg,
    number,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Positive, Strict, Vector, refuse
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import bullets, named_value
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term
from derivations.steps.solution import Answer, Block, Derivation, Step

LOGARITHMS = {"2": "log2", "e": "ln", "10": "log10"}


class Sample(Strict):
    """A prediction, and the class or the distribution that it is compared with."""

    predicted: Vector = Field(description="probabilities, one for each class")
    true_class: Positive | None = Field(None, description="the number of the true class, from 1")
    target: Vector | None = Field(None, description="instead: a distribution")

    @model_validator(mode="after")
    def _one_target(self) -> Sample:
        if (self.true_class is None) == (self.target is None):
            raise refuse("expected either 'true_class' or 'target'")
        return self


class Given(Strict):
    """The samples, and the base of the logarithm."""

    samples: tuple[Sample, ...] = Field(min_length=1)
    base: Literal["2", "e", "10"] = "e"


class Fields(Problem):
    """Cross-entropy with numbers."""

    LETTERS = letters("y p q", "y", "y_hat")

    kind: Literal["cross-entropy"]
    given: Given


STARTER = """\
kind: cross-entropy
title: Cross-entropy of one prediction
text: What is the loss for this data point?
given:
  base: "2"                # 2, e or 10
  samples:
    - {true_class: 2, predicted: [1/4, 1/2, 1/4]}
rounding: {fractions: true}
"""


def _check(problem: Fields) -> None:
    """Probabilities between 0 and 1 that add up to 1, and none of 0 where it matters."""
    mistakes = Mistakes()
    for k, sample in enumerate(problem.given.samples):
        at = ("given", "samples", k)
        for field in ("predicted", "target"):
            values = getattr(sample, field)
            if values is None:
                continue
            numbers = [exact(value) for value in values]
            for place, value in enumerate(numbers):
                if not 0 <= value <= 1:
                    mistakes.add(
                        (*at, field, place),
                        f"found {values[place]}, expected a probability between 0 and 1",
                    )
            if sum(numbers) != 1:
                mistakes.add(
                    (*at, field), f"the probabilities add up to {sum(numbers)}; expected 1"
                )
        if sample.target is not None and len(sample.target) != len(sample.predicted):
            mistakes.add(
                (*at, "target"), f"{len(sample.target)} classes; expected {len(sample.predicted)}"
            )
            continue
        if sample.true_class is not None and sample.true_class > len(sample.predicted):
            mistakes.add(
                (*at, "true_class"),
                f"found {sample.true_class}, expected a class up to {len(sample.predicted)}",
            )
            continue
        for place, (p, q) in enumerate(zip(_target(sample), sample.predicted, strict=True)):
            if exact(p) != 0 and exact(q) == 0:
                mistakes.add(
                    (*at, "predicted", place),
                    "a probability of 0 where the target is not 0: its logarithm does not exist",
                )
    mistakes.raise_all()


def _target(sample: Sample) -> tuple[str, ...]:
    if sample.target is not None:
        return sample.target
    return tuple(
        "1" if k == sample.true_class else "0" for k in range(1, len(sample.predicted) + 1)
    )


def _suffix(problem: Fields, k: int) -> str:
    return f"__{k}" if len(problem.given.samples) > 1 else ""


def _names(problem: Fields) -> tuple[str, str]:
    """p and q between distributions, y and ŷ for a label."""
    labels = all(sample.true_class is not None for sample in problem.given.samples)
    return ("y", "y_hat") if labels else ("p", "q")


def givens(problem: Fields) -> dict[str, Any]:
    """Targets and predictions, entry by entry."""
    y, q = _names(problem)
    values: dict[str, Any] = {}
    for k, sample in enumerate(problem.given.samples, 1):
        end = _suffix(problem, k)
        for i, (target, predicted) in enumerate(
            zip(_target(sample), sample.predicted, strict=True), 1
        ):
            if sample.target is not None:
                values[f"{y}{end}_{i}"] = target
            values[f"{q}{end}_{i}"] = predicted
    return values


def derive(problem: Fields) -> Derivation:
    """The sum over the classes, what is left of it for a one-hot label, the value; and the mean."""
    _check(problem)
    draft = new_draft(problem, Functions())
    answers: list[Answer] = []
    steps: list[Step] = []
    lines: list[list[Piece]] = []
    for name in givens(problem):
        draft.given(name)
    for k, sample in enumerate(problem.given.samples, 1):
        if sample.true_class is not None:  # a one-hot label is part of the structure
            for i, value in enumerate(_target(sample), 1):
                draft.define(
                    f"{_names(problem)[0]}{_suffix(problem, k)}_{i}", Number(value), "assembled"
                )
    for k, sample in enumerate(problem.given.samples, 1):
        steps.append(_sample(problem, draft, k, sample, answers, lines))
    count = len(problem.given.samples)
    if count > 1:
        losses = [Name(f"H{_suffix(problem, k)}") for k in range(1, count + 1)]
        draft.define("J", quotient(sum_of(*losses), number(count)))
        steps.append(
            step(
                "Mean over the samples",
                display(draft.line(Name("J"), boxed=True, law="mean")),
                law="mean",
            )
        )
        answers.append(Answer("mean loss", "J"))
    return assemble(problem, draft, Functions(), [part("", *steps)], answers, [bullets(*lines)])


def _sample(
    problem: Fields,
    draft: Draft,
    k: int,
    sample: Sample,
    answers: list[Answer],
    lines: list[list[Piece]],
) -> Step:
    log = LOGARITHMS[problem.given.base]
    (y, q), end = _names(problem), _suffix(problem, k)
    indices = range(1, len(sample.predicted) + 1)
    targets = [Name(f"{y}{end}_{i}") for i in indices]
    predicted = [Name(f"{q}{end}_{i}") for i in indices]
    draft.define(f"{y}{end}", vector(*targets), "assembled")
    draft.define(f"{q}{end}", vector(*predicted), "assembled")
    words = "Label" if sample.true_class is not None else "Target"
    lines += [named_value(words, Name(f"{y}{end}")), named_value("Prediction", Name(f"{q}{end}"))]
    kept = [i for i in indices if exact(_target(sample)[i - 1]) != 0]
    everywhere = all(exact(value) != 0 for value in sample.predicted)
    terms = [
        product(targets[i - 1], apply(log, predicted[i - 1]))
        for i in (indices if everywhere else kept)
    ]
    total: Formula = neg(sum_of(*terms)) if len(terms) > 1 else neg(terms[0])
    name = f"H{end}"
    blocks: list[Block] = []
    if sample.true_class is not None:
        draft.define(name, neg(apply(log, predicted[sample.true_class - 1])))
        full = draft.line(Name(name), worked=total, detail="brief", law="cross-entropy")
        chain = _ends_with(full, draft, name, neg(apply(log, predicted[sample.true_class - 1])))
        blocks.append(display(chain))
    else:
        draft.define(name, total)
        blocks.append(display(draft.line(Name(name), boxed=True, law="cross-entropy")))
    of_sample = f" of sample {k}" if end else ""
    answers += [
        Answer(f"target{of_sample}", f"{y}{end}"),
        Answer(f"prediction{of_sample}", f"{q}{end}"),
    ]
    answers.append(Answer(f"loss{of_sample}", name))
    draft.define(
        f"{name}@nats",
        product(Name(name), apply("ln", number(int(problem.given.base))))
        if problem.given.base != "e"
        else Name(name),
    )
    answers.append(Answer(f"loss in nats{of_sample}", f"{name}@nats"))
    title = "Cross-entropy" + (f" of sample {k}" if end else "")
    return step(title, *blocks, law="cross-entropy")


def _ends_with(chain: Chain, draft: Draft, name: str, rest: Formula) -> Chain:
    """... = -log ŷ_c = value: only the true class is left of the sum."""
    links = [link for link in chain.links if not {name, f"~answer:{name}"} & set(link.new)]
    result = draft.answer(Name(name))
    links.append(Link("=", Term(rest, numbers=True)))
    if result.formula != Name(name):  # the answer is rounded once more
        links.append(Link("auto", Term(Name(name), numbers=True), (name,)))
    links.append(Link("auto", result, (key(result.formula),)))
    return Chain(chain.first, tuple(links), chain.law)


def expected(problem: Fields) -> dict[str, Any]:
    """The losses with the logarithms of the standard library."""
    rule = {"2": math.log2, "e": math.log, "10": math.log10}[problem.given.base]
    losses = []
    for sample in problem.given.samples:
        pairs = zip(_target(sample), sample.predicted, strict=True)
        losses.append(
            -sum(float(Fraction(p)) * rule(float(Fraction(q))) for p, q in pairs if Fraction(p))
        )
    found: dict[str, Any] = {}
    for k, loss in enumerate(losses, 1):
        found[f"loss{f' of sample {k}' if len(losses) > 1 else ''}"] = loss
    if len(losses) > 1:
        found["mean loss"] = sum(losses) / len(losses)
    return found

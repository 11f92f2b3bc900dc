"""Losses with numbers: of predictions, distributions, scores or vectors, with every reduction."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.evaluation import Function
from derivations.formula.tree import Formula, Name, apply, substitute
from derivations.kinds.base.assemble import assemble, display, leading, listed, new_draft, part
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import NotNegative, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.loss_elements import (
    CALL,
    Unit,
    body_of,
    case_of,
    double,
    has_call,
    units_of,
    values_of,
)
from derivations.kinds.base.loss_fields import Given, check
from derivations.kinds.base.loss_run import Run
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.models.losses import LOSSES
from derivations.models.sample_losses import SAMPLE_LOSSES
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Block, Derivation
from derivations.truth.losses import loss_of, reduced

NEAR = 1e-13  # of a corner: there the loss has no derivative
REDUCTIONS = {
    "none": "Each loss is reported on its own.",
    "sum": "The losses are added.",
    "mean": "The result is the mean of the losses.",
    "batchmean": "The losses are added and divided by the number of samples.",
}
WEIGHTED = {
    ("sum", "weights"): "The weighted losses are added.",
    ("sum", "losses"): "The weighted losses are added.",
    ("mean", "weights"): "The weighted losses are added and divided by the sum of their weights.",
    ("mean", "losses"): "The weighted losses are added and divided by how many there are.",
}


class Ask(Strict):
    """What is worked out besides the loss."""

    gradient: bool = Field(False, description="the derivative by every prediction")
    in_full: NotNegative = Field(1, description="how many losses are shown line by line")


class Fields(Problem):
    """A loss with numbers."""

    LETTERS = letters("y t z p q m a n u v s e d L S w", "t", "y", data="y t z a p n u v m d q")

    kind: Literal["loss"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: loss
title: Huber loss of three predictions
text: Compute the loss and its gradient.
given:
  loss: {name: huber, delta: 1}     # or a name alone
  predictions: [0.5, 2, -1.5]       # or logits, where the loss has them
  targets: [0, 0.5, 1]
  reduction: mean                   # none, mean, sum, batchmean
ask: {gradient: true}
"""


def derive(problem: Fields) -> Derivation:
    """One loss in full, the others in a table; what they are together; the gradient."""
    check(problem.given)
    units = units_of(problem.given)
    if problem.ask.gradient:
        _check_corners(problem.given, units)
    functions = Functions()
    body = body_of(problem.given)
    if body is not None and has_call(problem.given):
        functions.bodies[CALL] = Function(("y", "t"), body[0], False)
        functions.slopes[CALL] = Function(("y", "t"), body[1], False)
        functions.looks[CALL] = (r"\ell", "ℓ")
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    run = Run(
        problem.given, draft, functions, problem.ask.gradient, problem.ask.in_full, problem.notation
    )
    statement = _statement(problem, draft, body)
    parts = [part("", *run.steps(units))]
    return assemble(problem, draft, functions, parts, run.answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """Predictions, targets and parameters by name."""
    return values_of(problem.given)


def expected(problem: Fields) -> dict[str, Any]:
    """Losses and gradients in NumPy."""
    given = problem.given
    units = units_of(given)
    every = [(unit, loss_of(given.loss.name, case_of(given, unit))) for unit in units]
    answers: dict[str, Any] = {unit.loss: found.loss for unit, found in every}
    share, top = [1.0], ""
    if len(units) > 1 and given.reduction != "none":
        top = "L"
        over = sum(unit.elements for unit in units)
        over = over if given.mean_over == "elements" else len(units)
        weights = [double(given.weight(unit.row)[1]) for unit in units] if given.weighted else []
        answers[top], share = reduced(
            [found.loss for _, found in every], given.reduction, units[-1].row + 1, over,
            weights, given.weights_in_mean == "weights",
        )  # fmt: skip
    if not problem.ask.gradient:
        return answers
    for place, (unit, found) in enumerate(every):
        for field, names in unit.inputs.items():
            for name, slope in zip(names, found.gradients[field], strict=True):
                own = float(slope) * (share[place] if given.weighted else share[0])
                answers[f"d{top or unit.loss}/d{name.id}"] = own
    return answers


def _check_corners(given: Given, units: list[Unit]) -> None:
    """A derivative is asked for only where there is one."""
    if given.loss.name == "zero_one":
        raise FieldError(("ask", "gradient"), "the 0-1 loss has no gradient to learn from")
    for unit in units:
        found = loss_of(given.loss.name, case_of(given, unit))
        zero = given.loss.name == "jensen_shannon" and any(
            not value for value in case_of(given, unit).inputs["predictions"]
        )
        if zero or any(abs(corner) < NEAR for corner in found.corners):
            at: tuple[str | int, ...] = ("given", given.form)
            if not given.flat or (not given.by_sample and len(units) > 1):
                at = (*at, unit.row)
            why = "a probability of 0" if zero else "the loss has a kink there"
            raise FieldError(at, f"there is no gradient at this place: {why}")


def _statement(problem: Fields, draft: Draft, body: tuple[Formula, Formula] | None) -> list[Block]:
    """What is given, the formula of the loss, and the conventions in words."""
    given = problem.given
    arrays, scalars = Run.assemble(given, draft, problem.notation.samples == "rows")
    blocks: list[Block] = [leading(_words(problem))]
    if scalars:
        blocks.append(listed(scalars, "Given"))
    blocks += beside(arrays)
    if body is not None and has_call(given):
        call = apply(CALL, Name("y@"), Name("t@"))
        renamed = substitute(body[0], {"y": Name("y@"), "t": Name("t@")})
        blocks.append(display(Chain(Term(call), (Link("=", Term(renamed)),), "definition")))
    return blocks


def _words(problem: Fields) -> str:
    """What is asked, where the author did not say it, and the conventions, each in a sentence."""
    given = problem.given
    row = SAMPLE_LOSSES.get(given.loss.name)
    title = row.title if row else LOSSES[given.loss.name].title
    asked = f"Compute the {title}{' and its gradient' if problem.ask.gradient else ''}."
    sentences = [f"The loss is the {title}." if problem.text else asked]
    if row:
        chosen = given.loss.conventions.items()
        sentences += [row.conventions[name][choice] for name, choice in chosen]
    if given.logits is not None and given.loss.name != "multiclass_hinge":
        head = "softmax" if given.by_sample else "sigmoid"
        sentences.append(f"The probabilities are the {head} of the logits $z$.")
    if given.log_predictions is not None:
        sentences.append("The predictions $z$ are logarithms of probabilities.")
    if given.classes is not None:
        counted = ", ".join(map(str, given.classes))
        word = "class" if len(given.classes) == 1 else "classes"
        verb = "is" if len(given.classes) == 1 else "are"
        sentences.append(
            f"The true {word} {verb} {counted}; classes are counted from {given.classes_from}."
        )
    if given.base != "e":
        sentences.append(f"Logarithms have the base {given.base}.")
    if given.label_smoothing is not None:
        sentences.append(
            r"Targets are smoothed with $\varepsilon$: they keep $1 - \varepsilon$, and $\varepsilon$ is spread "
            "over the classes."
        )
    if given.class_weights is not None:
        listed_weights = ", ".join(given.class_weights)
        sentences.append(f"The classes have the weights {listed_weights}.")
    sentences += _pairs(given)
    if len(units_of(given)) > 1:
        sentences.append(
            "The losses are added and divided by the number of their elements."
            if given.reduction == "mean" and given.mean_over == "elements"
            else WEIGHTED[given.reduction, given.weights_in_mean]
            if given.weighted
            else REDUCTIONS[given.reduction]
        )
    return " ".join(filter(None, sentences))


def _pairs(given: Given) -> list[str]:
    if given.labels is not None:
        return [f"Labels of the pairs: {', '.join(str(label) for label in given.labels)}."]
    if given.similar is not None:
        return ["Alike: " + ", ".join("yes" if same else "no" for same in given.similar) + "."]
    return []

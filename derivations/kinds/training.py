"""Training a small network: batches, single samples or mini-batches, over epochs, by any optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from derivations.errors import nearest
from derivations.formula.numerals import exact
from derivations.formula.recursions import DIVERGES
from derivations.kinds.base.assemble import assemble, new_draft
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.methods import Method, method_of
from derivations.kinds.base.networks import SOFTMAX, Model, numerals, wired
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.training_run import Ask, Given, Run, batches_of, datum, targets_of
from derivations.steps.solution import Derivation
from derivations.truth import training as second_road


class Fields(Problem):
    """A small network learns."""

    LETTERS = letters("x w b z a t y", "t", "y", weights="w")

    kind: Literal["training"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: training
title: A neuron learns AND
text: Train the neuron for two epochs, one sample after the other.
given:
  inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]
  targets: [0, 0, 0, 1]
  layers:
    - {weights: [[0.5, -0.5]], biases: [0], activation: sigmoid}   # a row for each unit
  loss: half_squared_error
  batch: 1                 # all, or a number of samples
  epochs: 2
  optimiser: gradient_descent
  rate: 1
rounding: {decimals: 4}
"""


# ---------------------------------------------------------------- reading


def _checked(problem: Fields) -> tuple[Model, Method, Functions]:
    """The network and the method, or all mistakes at once."""
    given, mistakes, functions = problem.given, Mistakes(), Functions()
    width = len(numerals(given.inputs)[0])
    for at, layer in enumerate(given.layers):
        if len(layer.weights[0]) != width:
            mistakes.add(
                ("given", "layers", at, "weights"),
                f"row 0 has {len(layer.weights[0])} weights; expected {width}, one for each input",
            )
        width = len(layer.weights)
        if layer.biases is not None and len(layer.biases) != width:
            mistakes.add(
                ("given", "layers", at, "biases"),
                f"{len(layer.biases)} biases; expected {width}, one for each unit",
            )
    rows = targets_of(given)
    _check_classes(given, width, mistakes)
    if len(rows) != len(given.inputs):
        mistakes.add(
            ("given", "targets" if given.classes is None else "classes"),
            f"{len(rows)} targets; expected {len(given.inputs)}, one for each sample",
        )
    elif len(rows[0]) != width:
        mistakes.add(
            ("given", "targets"),
            f"{len(rows[0])} targets a sample; expected {width}, one for each output",
        )
    if given.batch != "all" and given.batch > len(given.inputs):
        mistakes.add(
            ("given", "batch"), f"found {given.batch}, but there are {len(given.inputs)} samples"
        )
    heads = _heads(given, functions, mistakes)
    _check_loss(given, heads, mistakes)
    wiring = wired(given.layers)
    batches = len(batches_of(problem.given))
    method = method_of(given, len(wiring.parameters), mistakes, batches)
    if given.epochs * batches > MOST:
        mistakes.add(
            ("given", "epochs"), f"{given.epochs * batches} updates; expected at most {MOST}"
        )
    mistakes.raise_all()
    first = problem.notation.weights_first
    model = Model(wiring, tuple(heads), given.loss, given.loss_over_outputs, first)
    return model, method, functions


MOST = 100_000


def _check_classes(given: Given, width: int, mistakes: Mistakes) -> None:
    """Targets or classes; a class is one of several outputs.

    Raises:
        FieldError: there is neither.
    """
    if (given.targets is None) == (given.classes is None):
        mistakes.add(("given",), "expected either 'targets' or 'classes'")
        mistakes.raise_all()
    first, last = given.classes_from, width - 1 + given.classes_from
    if given.classes is not None and width == 1:
        mistakes.add(("given", "classes"), "a single output has targets 0 and 1, and no classes")
        return
    for place, true in enumerate(given.classes or ()):
        if not first <= true <= last:
            mistakes.add(
                ("given", "classes", place),
                f"found {true}, expected a class from {first} to {last}; see 'classes_from'",
            )


def _heads(given: Given, functions: Functions, mistakes: Mistakes) -> list[str]:
    """The function of each layer by the name under which formulas call it."""
    heads = []
    for at, layer in enumerate(given.layers):
        head = "softmax"
        if layer.activation != SOFTMAX:
            with mistakes.at(("given", "layers", at, "activation")):
                head = functions.add(layer.activation)
        heads.append(head)
    return heads


def _check_loss(given: Given, heads: Sequence[str], mistakes: Mistakes) -> None:
    loss = given.loss.name
    if loss not in second_road.TAUGHT:
        known = list(second_road.TAUGHT)
        mistakes.add(
            ("given", "loss"),
            f"training is worked out for {', '.join(known)}{nearest(loss, known)}",
        )
    if "softmax" in heads[:-1]:
        mistakes.add(("given", "layers"), "softmax stands in the last layer")
    if heads[-1] == "softmax" and loss != "cross_entropy":
        mistakes.add(("given", "loss"), f"found {loss}, expected cross_entropy with softmax")
    for at, row in enumerate(targets_of(given)) if heads[-1] == "softmax" else ():
        if sum(map(exact, row)) != 1:
            mistakes.add(
                ("given", "targets", at), "with softmax the targets of a sample add up to 1"
            )
    if heads[-1] == "softmax" and given.loss_over_outputs == "mean":
        mistakes.add(("given", "loss_over_outputs"), "the cross-entropy adds up the outputs")


def givens(problem: Fields) -> dict[str, Any]:
    """Samples, start values and settings by name."""
    given = problem.given
    values: dict[str, Any] = {}
    for s, (x, t) in enumerate(zip(numerals(given.inputs), targets_of(given), strict=True), 1):
        values |= {datum("x", i, s, len(x)): value for i, value in enumerate(x, 1)}
        values |= {datum("t", i, s, len(t)): value for i, value in enumerate(t, 1)}
    wiring = wired(given.layers)
    values |= {f"{name}@0": value for name, value in wiring.start.items()}
    method = method_of(given, len(wiring.parameters), Mistakes(), len(batches_of(given)))
    return values | dict(method.settings)


# ---------------------------------------------------------------- working it out


def derive(problem: Fields) -> Derivation:
    """Updates line by line or by the recursion, tables of weights and losses, the outputs."""
    model, method, functions = _checked(problem)
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    run = Run(problem.given, problem.ask, model, method, functions, draft)
    if not run.long:
        beyond = second_road.diverges(_course(problem, model, functions), run.updates)
        if beyond is not None:
            raise FieldError(("given", "rate"), DIVERGES.format(beyond))
    parts = run.parts()
    statement = run.statement()
    public = frozenset(run.begun)
    return assemble(problem, draft, functions, parts, run.answers, statement, public)


def _course(problem: Fields, model: Model, functions: Functions) -> second_road.Course:
    given = problem.given
    outputs = len(model.outputs)
    return second_road.Course(
        names=[
            ([unit.weights for unit in units], [unit.bias for unit in units])
            for units in model.wiring.layers
        ],
        start=model.wiring.start,
        units=[second_road.unit(head, functions.callable()) for head in model.heads],
        softmax=model.heads[-1] == "softmax",
        loss=(model.loss.name, model.loss.doubles()),
        share=1 / outputs if model.over_outputs == "mean" else 1.0,
        inputs=numerals(given.inputs),
        targets=targets_of(given),
        batches=batches_of(problem.given),
        over=given.loss_over_samples,
        given=given,
    )


def expected(problem: Fields) -> dict[str, Any]:
    """Weights, state and losses wherever they are reported, by a network in NumPy."""
    model, method, functions = _checked(problem)
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    run = Run(problem.given, problem.ask, model, method, functions, draft)
    run.parts()
    known = {answer.name for answer in run.answers}
    course = _course(problem, model, functions)
    answers: dict[str, Any] = {}
    wanted = set(run.rows) | {k for k in range(run.updates + 1) if not run.long}
    wanted |= {run.updates - 1}
    for k, (point, stepping) in enumerate(second_road.course(course, run.updates)):
        if k not in wanted:
            continue
        answers |= {run.naming.parameter(name, k): at for name, at in point.items()}
        for symbol in method.start:
            whose = stepping.state[symbol]
            answers |= {run.naming.of(symbol, name, k): at for name, at in whose.items()}
        if k in run.rows:
            answers[f"E_{k}"] = second_road.total_error(course, point)
    return {name: value for name, value in answers.items() if name in known}

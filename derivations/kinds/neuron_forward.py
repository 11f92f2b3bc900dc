"""One neuron forward: weighted sum, bias, activation, and a class if there is a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import Apply, Name, Number, apply, sum_of, vector
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Identifier, Numeral, Plain, Strict, Vector
from derivations.kinds.base.figures.neuron import neuron_figure
from derivations.kinds.base.functions import ActivationField, Functions
from derivations.kinds.base.givens import function_definition, given_lines
from derivations.kinds.base.notation import letters
from derivations.kinds.base.passes import forward
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Answer, Block, Choice, Derivation, Step


class Given(Strict):
    """Weights, bias, inputs and activation of the neuron."""

    w: Vector = Field(description="the weights, one for each input")
    b: Numeral | None = Field(None, description="the bias; none if left out")
    x: Vector = Field(description="the inputs")
    features: tuple[Plain, ...] = Field((), description="what the inputs are, in words")
    activation: ActivationField
    bias_absorbed: bool = Field(
        False, description="write the bias as a weight w_0 of an input x_0 = 1"
    )


class Rule(Strict):
    """The decision: one class above the threshold, the other one else."""

    threshold: Numeral
    above: Plain = Field("1", description="the class above the threshold")
    below: Plain = Field("0", description="the class otherwise")
    at_threshold: Literal["above", "below"] = Field(
        "below", description="the class of a value that equals the threshold"
    )


class Ask(Strict):
    """What is worked out; the output always is."""

    classify: Rule | None = None
    figure: bool = Field(False, description="draw the neuron")
    output: Identifier = Field("y", description="the name of the output")


class Fields(Problem):
    """A single neuron."""

    LETTERS = letters("x w", sides="weights")

    kind: Literal["neuron-forward"]
    given: Given
    ask: Ask = Ask()

    def chosen_names(self) -> Iterator[str]:
        """With an absorbed bias at 0 the inputs are counted from 1."""
        if self.given.bias_absorbed:
            yield from (f"{letter}_{i}" for letter in "wx" for i in range(len(self.given.x) + 1))


STARTER = """\
kind: neuron-forward
title: Output of a sigmoid neuron
text: What is the output of the neuron for this input?
given:
  w: [0.2, 0.3, 0.9]
  b: 0.5                   # leave it out for a neuron without bias
  x: [0.5, 0.6, 0.1]
  activation: sigmoid      # or tanh, relu, {name: leaky_relu, alpha: 0.1},
                           # or your own: {name: f, expression: z^2/(1 + z^2)}
ask:
  figure: true
  # classify: {threshold: 0.5, above: ill, below: healthy}
rounding: {decimals: 3}
detail: full               # brief, standard or full
"""


def derive(problem: Fields) -> Derivation:
    """z = w · x + b, y = f(z), and the class."""
    given, mistakes = problem.given, Mistakes()
    if len(given.w) != len(given.x):
        mistakes.add(
            ("given", "w"), f"{len(given.w)} weights; expected {len(given.x)}, one for each input"
        )
    if given.features and len(given.features) != len(given.x):
        mistakes.add(("given", "features"), f"{len(given.features)} names; expected {len(given.x)}")
    functions = Functions()
    head = "identity"
    with mistakes.at(("given", "activation")):
        head = functions.add(given.activation)
    mistakes.raise_all()
    draft = new_draft(problem, functions)
    weights, inputs, bias = _names(problem, draft)
    steps = _weighted_sum(problem, draft, weights, inputs, bias)
    y = problem.ask.output
    steps.append(
        step(
            "Apply the activation function",
            *forward(draft, functions, y, apply(head, Name("z")), boxed=True),
            law="activation",
        )
    )
    answers = [Answer(name, name) for name in draft.quantities if name in ("s", "z", y)]
    if problem.ask.classify:
        steps.append(_classify(problem.ask.classify, draft, y))
        answers.append(Answer("class", "class"))
    statement = given_lines(weights, inputs, bias, given.features)
    statement.append(function_definition(head, functions))
    if problem.ask.figure:
        statement.append(neuron_figure(inputs, weights, bias, head, y, functions))
    return assemble(problem, draft, functions, [part("", *steps)], answers, statement)


def givens(problem: Fields) -> dict[str, Any]:
    """The numbers by name."""
    given = problem.given
    first = 0 if given.bias_absorbed and given.b is not None else 1
    w = (given.b, *given.w) if first == 0 else given.w
    x = ("1", *given.x) if first == 0 else given.x
    values = {f"w_{i}": value for i, value in enumerate(w, first)}
    values |= {f"x_{i}": value for i, value in enumerate(x, first)}
    if given.b is not None and first == 1:
        values["b"] = given.b
    if problem.ask.classify:
        values["theta"] = problem.ask.classify.threshold
    return values


def _names(problem: Fields, draft: Draft) -> tuple[list[Name], list[Name], Name | None]:
    """Weights, inputs and bias as given quantities, and the two vectors."""
    for name in givens(problem):
        draft.given(name)
    weights = [Name(name) for name in draft.quantities if name.startswith("w_")]
    inputs = [Name(name) for name in draft.quantities if name.startswith("x_")]
    draft.define("w", vector(*weights), "assembled")
    draft.define("x", vector(*inputs), "assembled")
    return weights, inputs, Name("b") if "b" in draft.quantities else None


def _weighted_sum(
    problem: Fields, draft: Draft, weights: list[Name], inputs: list[Name], bias: Name | None
) -> list[Step]:
    """In one step, or, in full detail, first the dot product and then the bias."""
    terms = [problem.notation.weighted(w, x) for w, x in zip(weights, inputs, strict=True)]
    both = (Name("w"), Name("x"))
    dot = apply("dot", *(both if problem.notation.weights_first else both[::-1]))
    if draft.detail == "full" and bias is not None:
        draft.define("s", sum_of(*terms))
        line = draft.line(Name("s"), left=dot, law="dot-product")
        draft.define("z", sum_of(Name("s"), bias))
        added = draft.line(Name("z"), sum_of(dot, bias), named=False, law="bias")
        return [
            step("Dot product", display(line), law="dot-product"),
            step("Add the bias", display(added), law="bias"),
        ]
    total = sum_of(*terms) if bias is None else sum_of(*terms, bias)
    draft.define("z", total)
    before = [] if bias is None else [sum_of(dot, bias)]
    return [step("Weighted sum", display(draft.line(Name("z"), *before, law="weighted-sum")))]


def _classify(rule: Rule, draft: Draft, y: str) -> Step:
    """``0.0676 < 0.5 ⇒ class 0``."""
    inclusive = rule.at_threshold == "above"
    above = apply(">=" if inclusive else ">", Name(y), Name("theta"))
    labels = {"1": rule.above, "0": rule.below}
    draft.define(
        "class",
        Apply("cases", (Number("1"), above, Number("0"), apply("otherwise"))),
        labels=labels,
    )

    def line(sign: str) -> tuple[Block, ...]:
        chain = Chain(
            Term(Name(y)),
            (
                Link("auto", Term(Name(y), numbers=True), (y,)),
                Link(sign, Term(Name("theta"), numbers=True)),
                Link("⇒", Term(Name("class"), numbers=True, boxed=True), ("class",)),
            ),
            "threshold",
        )
        return (display(chain),)

    equal = apply("==", Name(y), Name("theta"))
    larger = apply(">", Name(y), Name("theta"))
    alternatives = (line(">"), line("="), line("<"))
    return step(
        "Compare with the threshold",
        Choice((larger, equal, apply("otherwise")), alternatives),
        law="threshold",
    )

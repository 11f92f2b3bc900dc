"""Scaled dot-product attention with numbers: masks, cross-attention, several heads, gradients."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import numpy as np

from derivations.calculus.adjoints import adjoints
from derivations.errors import unknown
from derivations.formula.numerals import exact
from derivations.formula.tree import Formula, Name, partial
from derivations.kinds.base.aims import loss_of, loss_step, second
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step, words
from derivations.kinds.base.attention_fields import (
    Ask,
    Given,
    Sizes,
    in_columns,
    words_of_biases,
    words_of_layout,
    words_of_sums,
)
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.notation import NotationFields, letters
from derivations.kinds.base.passes import adjoint_line
from derivations.kinds.base.problem import Problem
from derivations.models.attention import definitions
from derivations.models.turning import turned
from derivations.steps.draft import Draft
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose, Step
from derivations.truth import attention as second_road

FIXED = ("M", "G", "T")  # what is not differentiated by
TITLES = {
    "Q": "Queries", "K": "Keys", "V": "Values", "S": "Scores", "A": "Weights of attention",
    "O": "Output of the head", "Y": "Output",
}  # fmt: skip


class Fields(Problem):
    """Attention."""

    LETTERS = letters("", "T", "Y", sides="weights")

    kind: Literal["attention"]
    notation: NotationFields = NotationFields(weights="x W + b")
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: attention
title: Causal self-attention of three tokens
text: Compute the output of the attention and its gradient by the weights of the queries.
given:
  X: [[1, 0], [0, 1], [1, 1]]        # a row for each token; or Q, K and V
  W_Q: [[1, 0.5], [0, 1]]            # Q = X W_Q
  W_K: [[1, 0], [0.5, 1]]
  W_V: [[1, 2], [3, 0]]
  mask: causal                       # none, or rows of 0 and 1
  slope: [[1, 0], [0, 1], [1, -1]]   # the gradient of the loss by the output
ask: {gradients: [W_Q]}
rounding: {decimals: 4}
"""


def _checked(problem: Fields) -> tuple[Sizes, dict[str, Formula]]:
    """Sizes and definitions over rows, or all mistakes at once."""
    mistakes, given = Mistakes(), problem.given
    sizes = Sizes(given, mistakes)
    formulas = definitions(sizes.attention())
    asked = problem.ask.gradients
    if asked and not given.aimed:
        mistakes.add(
            ("ask", "gradients"), "gradients need 'slope', the one by the output, or 'target'"
        )
    known = [name for name in sizes.values_by_name() if name not in FIXED]
    known += [name for name in formulas if name[0] in "QKV"]
    for place, name in enumerate(asked if isinstance(asked, tuple) else ()):
        if name not in known:
            mistakes.add(("ask", "gradients", place), unknown(name, "a matrix here", known))
    mistakes.raise_all()
    return sizes, formulas


def givens(problem: Fields) -> dict[str, Any]:
    """The matrices by name as the sheet has them; those of several heads in parts."""
    values = Sizes(problem.given, Mistakes()).values_by_name()
    return in_columns(values) if problem.notation.weights_first else values


def derive(problem: Fields) -> Derivation:
    """Queries, keys, values, scores, weights, output; then backwards."""
    sizes, formulas = _checked(problem)
    if problem.notation.weights_first:
        formulas = {name: turned(formula, sizes.vectors()) for name, formula in formulas.items()}
    functions = Functions()
    draft = new_draft(problem, functions)
    for name, value in givens(problem).items():
        draft.given(name, shape_of(value))
    answers = [Answer(name, name) for name in formulas]
    parts = _forward(problem, formulas, draft)
    if problem.ask.gradients:
        parts += _backward(problem, formulas, functions, draft, answers)
    return assemble(problem, draft, functions, parts, answers, _statement(problem, draft))


def _forward(problem: Fields, formulas: dict[str, Formula], draft: Draft) -> list[Part]:
    """A part for each head: the first in lines, the others as well where all is shown."""
    by_head: dict[str, list[Step]] = {}
    for name, formula in formulas.items():
        letter, _, head = name.partition("__")
        draft.define(name, formula)
        title = TITLES[letter]
        law = "attention" if letter in ("S", "A", "Y", "O") else "definition"
        line = draft.line(Name(name), boxed=name == "Y", law=law)
        by_head.setdefault(head, []).append(step(title, display(line)))
    several = problem.given.heads > 1
    parts = [part(f"Head {head}", *steps) for head, steps in by_head.items() if head]
    title = "All heads" if several else ""
    return [*parts, part(title, *by_head[""])]


def _backward(
    problem: Fields,
    formulas: dict[str, Formula],
    functions: Functions,
    draft: Draft,
    answers: list[Answer],
) -> list[Part]:
    """The gradient of the loss; of sum(G ⊙ Y), whose gradient by the output is G."""
    asked = problem.ask.gradients
    known = [name for name in draft.quantities if draft.quantities[name].role == "given"]
    wanted = asked if isinstance(asked, tuple) else tuple(n for n in known if n not in FIXED)
    size = prod(draft.quantities["Y"].shape)
    formulas = {**formulas, "L": loss_of(problem.given, "Y", size)}
    draft.define("L", formulas["L"])
    answers.append(Answer("L", "L"))
    head = loss_step(problem.given, draft)
    found = adjoints(formulas, "L", frozenset(wanted), functions.rules, draft.shapes())
    chains = []
    for each in found:
        of = partial(Name("L"), Name(each.name))
        draft.define(of, each.formula, "derived", draft.quantities[each.name].shape)
        chains.append(adjoint_line(draft, each, "L", each.name in wanted))
        if each.name in wanted:
            answers.append(Answer(f"dL/d{each.name}", f"dL/d{each.name}"))
    sums = Prose(words(words_of_sums(problem.notation.weights_first)))
    through = any("S" in each.name for each in found)  # through a softmax
    return [part("Backward pass", head, step("", *([sums] if through else []), display(*chains)))]


def _statement(problem: Fields, draft: Draft) -> list[Block]:
    names = [Name(name) for name, q in draft.quantities.items() if q.role == "given"]
    told = []
    if "M" in draft.quantities:
        told.append(
            r"Where $\mathbf{M}$ has a 0, the key is hidden: its weight is 0, as if its score were $-\infty$."
        )
    if problem.given.memory is not None:
        told.append(r"Keys and values come from $\mathbf{Z}$, queries from $\mathbf{X}$.")
    if problem.given.biased:
        told.append(words_of_biases(problem.notation.weights_first))
    told += words_of_layout(problem.notation.weights_first, problem.given.heads)
    notes: list[Block] = [Prose(words(" ".join(told)))] if told else []
    return [*beside(names), *notes]


def _doubles(rows: Any) -> Any:
    if isinstance(rows, str):
        return int(exact(rows).p) / int(exact(rows).q)
    return np.array([_doubles(row) for row in rows])


def expected(problem: Fields) -> dict[str, Any]:
    """Everything once more, position by position, in NumPy."""
    sizes, formulas = _checked(problem)
    given = problem.given
    values = {name: _doubles(rows) for name, rows in sizes.values_by_name().items()}
    scale = 1 / sizes.width**0.5
    if given.scale != "sqrt":
        scale = 1.0 if given.scale == "none" else 1 / _doubles(given.scale)
    source = values.get("Z", values.get("X"))
    heads = []
    for h in range(1, given.heads + 1):
        end = f"__{h}" if given.heads > 1 else ""
        made = {
            letter: values[letter]
            if source is None
            else (values["X"] if letter == "Q" else source) @ values[f"W_{letter}{end}"]
            + values.get(f"b_{letter}{end}", 0.0)
            for letter in "QKV"
        }
        heads.append(
            second_road.Head(
                made["Q"], made["K"], made["V"], scale, values.get("M"), values.get(f"W_O{end}")
            )
        )
    found = second_road.run(heads, values, second(given, values))
    known = {answer.name for answer in derive(problem).answers} | set(formulas)
    turn = np.transpose if problem.notation.weights_first else np.asarray
    return {
        name: turn(np.asarray(value)).tolist()
        for name, value in found.items()
        if name in known and not (name in "QKV" and source is None)
    }

"""An encoder block of the Transformer with numbers: attention, residuals, norms, feed-forward."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import numpy as np
from pydantic import Field

from derivations.calculus.adjoints import Adjoint, adjoints
from derivations.calculus.pullbacks import STANDARDISED, STANDARDISED_COLUMNS
from derivations.errors import unknown
from derivations.formula.numerals import exact
from derivations.formula.tree import Formula, Name, apply, number, partial, quotient
from derivations.kinds.base.aims import loss_of, loss_step, second
from derivations.kinds.base.assemble import assemble, display, listed, new_draft, part, step, words
from derivations.kinds.base.attention_fields import in_columns, size, words_of_layout
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.encoder_fields import VECTORS, Given, Parts
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.notation import NotationFields, letters
from derivations.kinds.base.passes import adjoint_line
from derivations.kinds.base.problem import Problem
from derivations.models.attention import in_rows
from derivations.models.encoder import INSIDE, Norming, norms_of, standardised
from derivations.models.encoder import in_columns as in_columns_of
from derivations.models.turning import turned
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose, Step
from derivations.truth import encoder as second_road
from derivations.truth.attention import Head

FIXED = ("M", "G", "T", "epsilon")  # what is not differentiated by
PARTS = {
    "attention": "Self-attention", "norm_1": "First norm", "residual_1": "First residual",
    "feed_forward": "Feed-forward network", "norm_2": "Second norm",
    "residual_2": "Second residual",
}  # fmt: skip
POST = {"norm_1": "First residual and norm", "norm_2": "Second residual and norm"}


class Ask(Strict):
    """What is worked out; the output always is."""

    gradients: bool | tuple[str, ...] = Field(
        False, description="true, or the names by which the loss is differentiated"
    )


class Fields(Problem):
    """An encoder block."""

    LETTERS = letters("", "T", "Y", sides="weights")

    kind: Literal["encoder-block"]
    given: Given
    ask: Ask = Ask()
    notation: NotationFields = NotationFields(weights="x W + b")


STARTER = """\
kind: encoder-block
title: An encoder block over two tokens
text: Compute the output of the block, and the gradient of the loss by the weights behind the ReLU.
given:
  X: [[1, 0, 2], [0, 1, -1]]         # a row for each token
  W_Q: [[1, 0], [0, 1], [1, 1]]      # Q = X W_Q
  W_K: [[0, 1], [1, 0], [1, 0]]
  W_V: [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
  heads: 1                           # of several, W_O holds the weights behind them
  norm: post                         # or pre
  gamma_1: [1, 2, 1]                 # norms without γ and β leave them out
  beta_1: [0, 0.5, 0]
  W_1: [[1, -1], [0, 1], [0.5, 1]]   # feed-forward: f(N W_1 + b_1) W_2 + b_2
  b_1: [0, 0.5]
  W_2: [[1, 0, -1], [0, 1, 1]]
  activation: relu                   # or gelu
  target: [[1, 0, 0], [0, 1, 0]]     # or slope, the gradient of the loss by the output
ask: {gradients: [W_2]}
rounding: {decimals: 4, carry: exact}
"""


def _checked(problem: Fields) -> tuple[Parts, dict[str, dict[str, Formula]]]:
    """Sizes and definitions, or all mistakes at once."""
    parts, mistakes = Parts(problem.given), Mistakes()
    definitions = parts.block.definitions()
    asked = problem.ask.gradients
    if asked and not problem.given.aimed:
        mistakes.add(
            ("ask", "gradients"), "gradients need 'target', or 'slope', the one by the output"
        )
    known = [name for name in parts.values() if name not in FIXED]
    inside = [n for group in definitions.values() for n in group if not n.startswith(INSIDE)]
    for place, name in enumerate(asked if isinstance(asked, tuple) else ()):
        if name not in (*known, *inside[:-1]):
            mistakes.add(
                ("ask", "gradients", place), unknown(name, "a matrix here", (*known, *inside[:-1]))
            )
    mistakes.raise_all()
    _check_values(problem, parts)
    return parts, definitions


def _check_values(problem: Fields, parts: Parts) -> None:
    """No row is divided by 0, and no gradient is asked for at a kink.

    Raises:
        FieldError: one is.
    """
    given = problem.given
    if exact(given.epsilon) == 0:
        found = _second(problem, parts)
        for k in (1, 2):
            if (found[f"s_{k}"] == 0).any():
                raise FieldError(
                    ("given", "epsilon"),
                    f"a token has a variance of 0 in norm {k}; without an epsilon it is divided by 0",
                )
    if problem.ask.gradients and given.activation == "relu":
        if (_second(problem, parts)["U"] == 0).any():
            raise FieldError(
                ("ask", "gradients"),
                "there is no gradient at this place: U has a 0, where ReLU has a kink",
            )


def givens(problem: Fields) -> dict[str, Any]:
    """The matrices and vectors by name as the sheet has them; those of several heads in parts."""
    values = Parts(problem.given).values()
    return in_columns(values) if problem.notation.weights_first else values


def derive(problem: Fields) -> Derivation:
    """Sublayer by sublayer; then backwards."""
    parts_of, definitions = _checked(problem)
    if problem.notation.weights_first:
        vectors = frozenset(VECTORS) | parts_of.sizes.vectors()
        definitions = {
            key: {name: turned(formula, vectors) for name, formula in group.items()}
            for key, group in definitions.items()
        }
    functions = Functions()
    draft = new_draft(problem, functions)
    for name, value in givens(problem).items():
        draft.given(name, shape_of(value))
    titles = {**PARTS, **(POST if problem.given.norm == "post" else {})}
    parts = [_forward(titles[key], group, draft) for key, group in definitions.items()]
    flat = {name: formula for group in definitions.values() for name, formula in group.items()}
    answers = [Answer(name, name) for name in flat]
    if problem.ask.gradients:
        parts += _backward(problem, definitions, titles, functions, draft, answers)
    return assemble(problem, draft, functions, parts, answers, _statement(problem, draft))


def _forward(title: str, group: dict[str, Formula], draft: Draft) -> Part:
    """The lines of a sublayer; a step for each head."""
    by_head: dict[str, list[str]] = {}
    for name, formula in group.items():
        draft.define(name, formula)
        by_head.setdefault(name.partition("__")[2], []).append(name)
    steps = []
    for head, names in by_head.items():
        lines = [draft.line(Name(name), boxed=name == "Y", law=_law(name)) for name in names]
        words = f"Head {head}" if head else "All heads" if len(by_head) > 1 else ""
        steps.append(step(words, display(*lines)))
    return part(title, *steps)


def _law(name: str) -> str:
    return "attention" if name[0] in "SAOH" else "definition"


def _backward(
    problem: Fields,
    definitions: dict[str, dict[str, Formula]],
    titles: dict[str, str],
    functions: Functions,
    draft: Draft,
    answers: list[Answer],
) -> list[Part]:
    """An adjoint for each name on the way, sublayer by sublayer from the output."""
    asked = problem.ask.gradients
    given = [name for name, q in draft.quantities.items() if q.role == "given"]
    wanted = asked if isinstance(asked, tuple) else tuple(n for n in given if n not in FIXED)
    flat = {name: formula for group in definitions.values() for name, formula in group.items()}
    loss = loss_of(problem.given, "Y", prod(draft.quantities["Y"].shape))
    draft.define("L", loss)
    answers.append(Answer("L", "L"))
    columns = problem.notation.weights_first
    head = STANDARDISED_COLUMNS if columns else STANDARDISED
    whole = {**standardised(flat, head), "L": loss}
    found = adjoints(whole, "L", frozenset(wanted), functions.rules, draft.shapes())
    steps, norms = [loss_step(problem.given, draft)], norms_of(flat)
    for key in ("loss", *reversed(definitions)):  # an adjoint belongs where the name is used first
        own = definitions.get(key, {"L": loss})
        group = [each for each in found if each.through[0] in own]
        if group:
            steps.append(_adjoints(titles.get(key, ""), group, wanted, norms, columns, draft))
    answers += [
        Answer(f"dL/d{each.name}", f"dL/d{each.name}") for each in found if each.name in wanted
    ]
    return [part("Backward pass", *steps)]


def _adjoints(
    title: str,
    group: list[Adjoint],
    wanted: tuple[str, ...],
    norms: dict[str, Norming],
    columns: bool,
    draft: Draft,
) -> Step:
    """The lines of a sublayer, with the means of a norm before the line that is written with them."""
    chains = []
    for each in group:
        if each.name in norms:
            chains += _means(norms[each.name], columns, draft)
        of = partial(Name("L"), Name(each.name))
        draft.define(of, each.formula, "derived", draft.quantities[each.name].shape)
        chains.append(adjoint_line(draft, each, "L", each.name in wanted))
    return step(title, display(*chains))


def _means(norm: Norming, columns: bool, draft: Draft) -> list[Chain]:
    """The means of each row: of the gradient by the standardised rows, and of it times them."""
    slope, hat = partial(Name("L"), Name(norm.hat)), Name(norm.hat)
    width = number(draft.quantities[norm.hat].shape[0 if columns else 1])
    for name, rows in ((norm.slope, slope), (norm.along, apply("hadamard", slope, hat))):
        added: Formula = apply("matmul", rows, apply("ones", width))
        if columns:
            added = apply("matmul", apply("transpose", apply("ones", width)), rows)
        draft.define(name, quotient(added, width))
    return [draft.line(Name(name)) for name in (norm.slope, norm.along)]


def _statement(problem: Fields, draft: Draft) -> list[Block]:
    """The matrices and, in words, what the block does with them."""
    given = problem.given
    names = [Name(n) for n, q in draft.quantities.items() if q.role == "given" and n != "epsilon"]
    first = (
        "Each residual sum is normalised (post-norm)."
        if given.norm == "post"
        else "What goes into a sublayer is normalised, the residual sums are not (pre-norm)."
    )
    told = [
        f"The feed-forward network has {'ReLU' if given.activation == 'relu' else 'GELU'} inside."
    ]
    if "M" in draft.quantities:
        told.append(
            r"Where $\mathbf{M}$ has a 0, the key is hidden: its weight is 0, as if its score were $-\infty$."
        )
    columns = problem.notation.weights_first
    told += words_of_layout(columns, given.heads)
    tokens, width = size(given.X)
    row, column = ("column", "row") if columns else ("row", "column")
    spread: tuple[Formula, Formula] = (
        in_columns_of(Name("s"), width),
        in_rows(Name("b"), tokens),
    )
    if columns:
        spread = (turned(spread[0], frozenset()), turned(spread[1], frozenset({"b"})))
    ones = apply("ones", number(width if columns else tokens))
    rows: tuple[Piece, ...] = (
        *words(rf", and $\mathbf{{b}}$ stands in each {row} of"), Text(" "), Term(spread[1]),
    )  # fmt: skip
    conventions = Prose((
        *words(
            rf"{first} A norm takes the mean $\mu$ of each {row} off and divides the {row} by "
            r"$s = \sqrt{v + \varepsilon}$, where the variance $v$ has the divisor $n$, the width."
        ),
        Text(" With the column "), Term(ones), Text(" "),
        *words(rf"of ones, $\mathbf{{s}}$ stands in each {column} of"), Text(" "), Term(spread[0]),
        *(rows if given.biased or any(getattr(given, name) for name in VECTORS) else ()),
        *words("; a fraction of matrices goes entry by entry. " + " ".join(told)),
    ))  # fmt: skip
    return [*beside(names), listed([Name("epsilon")], "Given"), conventions]


def _doubles(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_doubles(entry) for entry in value]
    return int(exact(value).p) / int(exact(value).q)


def _second(problem: Fields, parts: Parts) -> dict[str, Any]:
    """Everything once more, token by token, in NumPy."""
    given = problem.given
    values = {name: np.array(_doubles(value)) for name, value in parts.values().items()}
    scale = 1 / parts.sizes.width**0.5
    if given.scale != "sqrt":
        scale = 1.0 if given.scale == "none" else 1 / _doubles(given.scale)
    weights = []
    for h in range(1, given.heads + 1):
        end = f"__{h}" if given.heads > 1 else ""
        q, k, v = (values[f"W_{letter}{end}"] for letter in "QKV")
        weights.append(Head(q, k, v, scale, values.get("M"), values.get(f"W_O{end}")))
    vectors = {name: values.get(name) for name in VECTORS}
    block = second_road.Block(
        weights, values["W_1"], values["W_2"], vectors, float(values["epsilon"]),
        given.norm == "pre", given.activation == "gelu",
        {name: values[name] for name in parts.sizes.vectors()},
    )  # fmt: skip
    with np.errstate(all="ignore"):
        return block.run(values["X"], second(given, values))


def expected(problem: Fields) -> dict[str, Any]:
    """The second road's values of what is reported."""
    parts, _ = _checked(problem)
    known = {answer.name for answer in derive(problem).answers}
    found = {name: np.asarray(v) for name, v in _second(problem, parts).items() if name in known}
    if problem.notation.weights_first:  # what is computed of each row is a row
        inside = {name for group in parts.block.definitions().values() for name in group}
        found = {
            name: v[None, :] if v.ndim == 1 and name in inside else v.T for name, v in found.items()
        }
    return {name: value.tolist() for name, value in found.items()}

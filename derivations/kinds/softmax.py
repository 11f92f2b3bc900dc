"""Softmax of a vector: with a temperature, with a mask, and its Jacobian."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    neg,
    partial,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, display, listed, new_draft, part, step, words
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Numeral, Strict, Vector
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose
from derivations.truth import attention as second_road


class Given(Strict):
    """The logits, and what is done with them."""

    z: Vector
    temperature: Numeral = Field("1", description="the logits are divided by it")
    mask: Vector | None = Field(None, description="1 where an entry is seen, 0 where it is hidden")
    slope: Vector | None = Field(
        None, description="the gradient of a loss by the shares, for that by the logits"
    )


class Ask(Strict):
    """What is worked out; the shares always are."""

    jacobian: bool = Field(False, description="the derivative of every share by every logit")


class Fields(Problem):
    """Softmax."""

    LETTERS = letters("z e p g")

    kind: Literal["softmax"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: softmax
title: Softmax with a temperature
text: Which probabilities do the logits give at the temperature 2?
given:
  z: [2, 1, 0]
  temperature: 2
  # mask: [1, 1, 0]        # the last entry is hidden
ask: {jacobian: true}
rounding: {decimals: 4}
"""


def _seen(problem: Fields) -> list[int]:
    """The places that are seen, counted from 1, or all mistakes at once."""
    given, mistakes = problem.given, Mistakes()
    if exact(given.temperature) <= 0:
        mistakes.add(
            ("given", "temperature"), f"found {given.temperature}, expected a number above 0"
        )
    if given.mask is not None:
        if len(given.mask) != len(given.z):
            mistakes.add(
                ("given", "mask"),
                f"{len(given.mask)} entries; expected {len(given.z)}, one for each logit",
            )
        elif any(exact(entry) not in (0, 1) for entry in given.mask):
            mistakes.add(("given", "mask"), "expected 0 and 1 only; 1 where an entry is seen")
        elif not any(exact(entry) for entry in given.mask):
            mistakes.add(
                ("given", "mask"), "the mask hides every entry; one at least has to be seen"
            )
    if given.slope is not None and len(given.slope) != len(given.z):
        mistakes.add(
            ("given", "slope"),
            f"{len(given.slope)} entries; expected {len(given.z)}, one for each share",
        )
    mistakes.raise_all()
    mask = given.mask or ("1",) * len(given.z)
    return [i for i, entry in enumerate(mask, 1) if exact(entry)]


def givens(problem: Fields) -> dict[str, Any]:
    """The logits, and the temperature if there is one."""
    values: dict[str, Any] = {f"z_{i}": z for i, z in enumerate(problem.given.z, 1)}
    if _warm(problem):
        values["T"] = problem.given.temperature
    values |= {f"g_{i}": g for i, g in enumerate(problem.given.slope or (), 1)}
    return values


def _warm(problem: Fields) -> bool:
    return "temperature" in problem.given.model_fields_set


def derive(problem: Fields) -> Derivation:
    """Exponentials, their sum, the shares; the Jacobian if asked."""
    seen, warm = _seen(problem), _warm(problem)
    count = len(problem.given.z)
    functions = Functions()
    draft = new_draft(problem, functions)
    for name in givens(problem):
        draft.given(name)
    statement: list[Block] = [listed([Name(name) for name in givens(problem)], "Given")]
    hidden = [i for i in range(1, count + 1) if i not in seen]
    exponentials: list[Chain] = []
    for i in seen:
        inside: Formula = quotient(Name(f"z_{i}"), Name("T")) if warm else Name(f"z_{i}")
        draft.define(f"e_{i}", apply("exp", inside))
        exponentials.append(draft.line(Name(f"e_{i}")))
    draft.define("S", sum_of(*(Name(f"e_{i}") for i in seen)))
    for i in range(1, count + 1):
        formula: Formula = quotient(Name(f"e_{i}"), Name("S")) if i in seen else Number("0")
        draft.define(f"p_{i}", formula)
    shares = [draft.line(Name(f"p_{i}"), boxed=True, law="softmax") for i in range(1, count + 1)]
    places = ", ".join(str(i - 1 + problem.notation.first_index) for i in hidden)
    note = f"Hidden entries: {places}. Their exponentials count as 0, as if the logits were −∞."
    if hidden:
        statement.append(Prose((Text(note),)))
    parts = [
        part(
            "",
            step("Exponentials", display(*exponentials)),
            step("Their sum", display(draft.line(Name("S")))),
            step("Shares", display(*shares)),
        )
    ]
    answers = [Answer(f"p_{i}", f"p_{i}") for i in range(1, count + 1)]
    if problem.ask.jacobian:
        lines = []
        for i in seen:
            for j in seen:
                of = partial(Name(f"p_{i}"), Name(f"z_{j}"))
                draft.define(of, _entry(i, j, warm), "derived", ())
                lines.append(draft.line(of, law="softmax-jacobian"))
                answers.append(Answer(f"dp_{i}/dz_{j}", f"dp_{i}/dz_{j}"))
        parts.append(part("Jacobian", step("", display(*lines))))
    if problem.given.slope is not None:
        parts.append(_back(seen, warm, draft, answers))
    return assemble(problem, draft, functions, parts, answers, statement)


def _back(seen: list[int], warm: bool, draft: Draft, answers: list[Answer]) -> Part:
    """From g, the gradient by the shares: p ⊙ (g - p · g), over the temperature."""
    draft.define("L", sum_of(*(product(Name(f"g_{i}"), Name(f"p_{i}")) for i in seen)))
    answers.append(Answer("L", "L"))
    lead = "With g as the gradient by the shares, the loss has the same gradients as"
    told = Prose(words(
        r"Every share depends on every logit. In the sum of all $g_i \, \partial p_i/\partial z_j$ the mean of g, "
        "weighted by the shares, is taken off $g_j$; this mean is L:"
    ))  # fmt: skip
    lines = []
    for i in seen:
        of = partial(Name("L"), Name(f"z_{i}"))
        slope = product(Name(f"p_{i}"), difference(Name(f"g_{i}"), Name("L")))
        draft.define(of, quotient(slope, Name("T")) if warm else slope, "derived", ())
        lines.append(draft.line(of, boxed=True, law="softmax-jacobian"))
        answers.append(Answer(f"dL/dz_{i}", f"dL/dz_{i}"))
    head = display(draft.line(Name("L")))
    return part("Backward", step("", Prose((Text(lead),)), head, told, display(*lines)))


def _entry(i: int, j: int, warm: bool) -> Formula:
    """p_i (1 - p_i), or -p_i p_j; over the temperature."""
    p, other = Name(f"p_{i}"), Name(f"p_{j}")
    slope = product(p, difference(Number("1"), p)) if i == j else product(p, other)
    slope = quotient(slope, Name("T")) if warm else slope
    return slope if i == j else neg(slope)


def expected(problem: Fields) -> dict[str, Any]:
    """The shares and their derivatives in plain Python."""
    seen = _seen(problem)
    count = len(problem.given.z)
    warmth = float(exact(problem.given.temperature).p) / float(exact(problem.given.temperature).q)
    z = [float(exact(entry).p) / float(exact(entry).q) for entry in problem.given.z]
    mask = [1.0 if i in seen else 0.0 for i in range(1, count + 1)]
    p = second_road.softmax([entry / warmth for entry in z], mask)
    found = {f"p_{i}": value for i, value in enumerate(p, 1)}
    found |= _slopes(problem, seen, p, warmth)
    if problem.ask.jacobian:
        for i in seen:
            for j in seen:
                same = 1.0 if i == j else 0.0
                found[f"dp_{i}/dz_{j}"] = p[i - 1] * (same - p[j - 1]) / warmth
    return found


def _slopes(problem: Fields, seen: list[int], p: list[float], warmth: float) -> dict[str, float]:
    """The gradient by the logits: every entry of the Jacobian times its slope."""
    slope = [float(exact(g).p) / float(exact(g).q) for g in problem.given.slope or ()]
    if not slope:
        return {}
    found = {"L": sum(slope[i - 1] * p[i - 1] for i in seen)}
    for j in seen:
        terms = (slope[i - 1] * p[i - 1] * (float(i == j) - p[j - 1]) for i in seen)
        found[f"dL/dz_{j}"] = sum(terms) / warmth
    return found

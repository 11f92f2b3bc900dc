"""A multiple-choice question: the truth of every option is computed, never typed in."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from derivations.errors import ReadError
from derivations.formula.tree import Apply, Formula, Name, apply, number, sum_of
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.definitions import Definition, Definitions, Quantity
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Expression, Line, Problem, ProseText, Strict, refuse
from derivations.kinds.base.functions import CustomFunction
from derivations.kinds.base.givens import given_list
from derivations.kinds.base.passes import forward, joined
from derivations.reading.prose import read_line, read_prose, values_in
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Options, Prose


class Option(Strict):
    """An option, and the condition under which it is true."""

    text: Line
    claim: Expression | None = Field(None, description="a condition over givens and facts")
    none_of_the_above: bool = False
    why: Line = Field("", description="a sentence for the solution")

    @model_validator(mode="after")
    def _one_reason(self) -> Option:
        if (self.claim is None) != self.none_of_the_above:
            raise refuse("expected either 'claim' or 'none_of_the_above: true'")
        return self


class Fields(Problem):
    """A question with options."""

    kind: Literal["mcq"]
    given: dict[str, Quantity] = Field(default_factory=dict)
    functions: dict[str, CustomFunction] = Field(default_factory=dict)
    facts: dict[str, Definition] = Field(  # type: ignore[assignment]  # with groups, a wider form
        default_factory=dict,
        description="values that the options speak of, worked out in the solution",
    )
    options: tuple[Option, ...] = Field(min_length=2)
    several: bool = Field(False, description="whether several options may be true")
    reason: ProseText = Field("", description="a paragraph below the calculation")


STARTER = """\
kind: mcq
title: ReLU in the output layer
text: The last layer uses ReLU. What is the output?
given: {x: -2.5}
facts:
  y: relu(x)
options:
  - {text: The output is 0., claim: y == 0}
  - {text: "The output stays {x}.", claim: y == x}
  - {text: None of these., none_of_the_above: true}
"""


def derive(problem: Fields) -> Derivation:
    """The facts worked out, and the options with the right one marked."""
    model = Definitions(problem.given, problem.facts, problem.functions, "facts")
    draft = new_draft(problem, model.functions)
    for name, shape in model.inputs.items():
        draft.given(name, shape)
    blocks: list[Block] = []
    for name, formula in model.formulas.items():
        blocks += forward(draft, model.functions, name, formula)
    claims = _claims(problem, model)
    answers = [Answer(name, name) for name in model.formulas]
    keys = []
    for k, claim in enumerate(claims, 1):
        draft.define(f"option_{k}", claim, "condition")
        keys.append(f"option_{k}")
        answers.append(Answer(f"option {k}", f"option_{k}"))
    if not problem.several:
        draft.define("one_option", _exactly_one(keys), "claim")
        draft.define("correct_option", _chosen(keys), "choice")
        answers.append(Answer("correct option", "correct_option"))
    options = tuple(read_line(option.text) for option in problem.options)
    public = frozenset(name for option in problem.options for name in values_in(option.text))
    verdict: tuple[Piece, ...] = (
        Text("Correct answer: ", "strong"),
        Text("option "),
        Term(Name("correct_option"), numbers=True),
        Text("."),
    )
    last = [] if problem.several else [Prose(verdict, "closing")]
    reasons = tuple(read_line(_sentence(option.why)) for option in problem.options)
    steps = [
        *([step("Work it out", *joined(blocks))] if blocks else []),
        step(
            "Compare with the options",
            Options(options, tuple(keys), reasons),
            *read_prose(problem.reason),
            *last,
        ),
    ]
    asked = set(values_in(problem.text))
    told = set(problem.given) <= asked  # the question says it all
    statement: list[Block] = [*([] if told else given_list(problem.given)), Options(options)]
    public &= set(draft.quantities)  # what the options say is no secret
    return assemble(problem, draft, model.functions, [part("", *steps)], answers, statement, public)


def _sentence(words: str) -> str:
    """The reason with a capital at its beginning."""
    return words[:1].upper() + words[1:]


def _claims(problem: Fields, model: Definitions) -> list[Formula]:
    mistakes = Mistakes()
    claims: list[Formula] = []
    for place, option in enumerate(problem.options):
        if option.claim is None:
            claims.append(
                Apply("not", (Apply("or", tuple(claims)),)) if claims else apply("otherwise")
            )
            continue
        with mistakes.at(("options", place, "claim"), option.claim):
            claim = model.read(option.claim)
            if not _is_condition(claim):
                raise ReadError("expected a condition such as y == 0 or 0 < y < 1")
            claims.append(claim)
    mistakes.raise_all()
    return claims


def _is_condition(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.head in (
        "<", "<=", ">", ">=", "==", "!=", "and", "or", "not",
    )  # fmt: skip


def _exactly_one(keys: list[str]) -> Formula:
    """Of the options one is true and no other."""
    return apply("==", sum_of(*(apply("iverson", Name(key)) for key in keys)), number(1))


def _chosen(keys: list[str]) -> Formula:
    """The number of the first option that is true."""
    parts: list[Formula] = []
    for k, key in enumerate(keys, 1):
        parts += [number(k), Name(key)]
    return Apply("cases", tuple(parts))


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return dict(problem.given)

"""A multiple-choice question: the truth of every option is computed, never typed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from derivations.errors import ReadError
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
from derivations.kinds.base.assemble import assemble, new_draft, part, step
from derivations.kinds.base.definitions import Definition, Definitions, Quantity
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import (
    Expression,
    Line,
    Positive,
    ProseText,
    Strict,
    refuse,
    whole,
)
from derivations.kinds.base.functions import CustomFunction
from derivations.kinds.base.givens import given_list
from derivations.kinds.base.passes import forward, joined
from derivations.kinds.base.problem import Problem
from derivations.reading.prose import read_line, read_prose, values_in
from derivations.steps.draft import Draft
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.rounding import Rounding
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


class FromSlips(Strict):
    """Options for the value of a fact: the right one, and what slips that people make would give."""

    model_config = ConfigDict(populate_by_name=True)
    source: Literal["misconceptions"] = Field(alias="from", description="where the slips are from")
    of: str = Field("", description="the fact that is asked for; the last one if left out")
    count: Annotated[int, BeforeValidator(whole(3, "3 to 8", 8))] = Field(
        4, description="how many options there are"
    )
    order: tuple[Positive, ...] = Field((), description="the order, 1 for the right option")


@dataclass(frozen=True, slots=True)
class ValueOption:
    """An option that is a number: its formula over givens and facts, the fact asked for, what led to it."""

    formula: Formula
    of: str
    why: str


class Fields(Problem):
    """A question with options."""

    kind: Literal["mcq"]
    given: dict[str, Quantity] = Field(default_factory=dict)
    functions: dict[str, CustomFunction] = Field(default_factory=dict)
    facts: dict[str, Definition] = Field(  # type: ignore[assignment]  # with groups, a wider form
        default_factory=dict,
        description="values that the options speak of, worked out in the solution",
    )
    options: Annotated[
        Annotated[tuple[Option, ...], Field(min_length=2), Tag("list")]
        | Annotated[FromSlips, Tag("slips")],
        Discriminator(lambda value: "slips" if isinstance(value, (dict, FromSlips)) else "list"),
    ]
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
    answers = [Answer(name, name) for name in model.formulas]
    values = _values(problem, model, draft)
    claims = _near(problem, draft, values) if values else _claims(problem, model)
    keys = []
    for k, claim in enumerate(claims, 1):
        draft.define(f"option_{k}", claim, "condition")
        keys.append(f"option_{k}")
        answers.append(Answer(f"option {k}", f"option_{k}"))
    if not problem.several:
        draft.define("one_option", _exactly_one(keys), "claim")
        draft.define("correct_option", _chosen(keys), "choice")
        answers.append(Answer("correct option", "correct_option"))
    options = tuple(read_line(option.text) for option in _written(problem))
    options += tuple((Term(Name(value), numbers=True),) for value in values)
    public = frozenset(name for option in _written(problem) for name in values_in(option.text))
    verdict: tuple[Piece, ...] = (
        Text("Correct answer: ", "strong"),
        Text("option "),
        Term(Name("correct_option"), numbers=True),
        Text("."),
    )
    last = [] if problem.several else [Prose(verdict, "closing")]
    reasons = tuple(read_line(_sentence(option.why)) for option in _all(problem))
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
    public = public & set(draft.quantities) | set(values)  # what the options say is no secret
    return assemble(problem, draft, model.functions, [part("", *steps)], answers, statement, public)


def _written(problem: Fields) -> tuple[Option, ...]:
    """The options that the author wrote."""
    return tuple(option for option in _all(problem) if isinstance(option, Option))


def _all(problem: Fields) -> tuple[Option | ValueOption, ...]:
    """The options: of a file, or those that were made of slips."""
    return problem.options if isinstance(problem.options, tuple) else ()


def asked(problem: Fields) -> str:
    """The fact that options made of slips are for.

    Raises:
        FieldError: there is none of this name.
    """
    names = [
        name
        for key, entry in problem.facts.items()
        for name in (entry if isinstance(entry, dict) else [key])
    ]
    of = problem.options.of if isinstance(problem.options, FromSlips) else ""
    if not names or (of and of not in names):
        raise FieldError(("options",), f"'{of}' is no fact; known: {', '.join(names) or 'none'}")
    return of or names[-1]


def _values(problem: Fields, model: Definitions, draft: Draft) -> list[str]:
    """The values of options that are numbers, in their order."""
    if isinstance(problem.options, FromSlips):
        raise FieldError(("options",), "these options are made before the problem is solved")
    made = [o for o in _all(problem) if isinstance(o, ValueOption)]
    for k, option in enumerate(made, 1):
        draft.define(f"value_{k}", option.formula, "fact")
    return [f"value_{k}" for k, _ in enumerate(made, 1)]


def _near(problem: Fields, draft: Draft, values: Sequence[str]) -> list[Formula]:
    """An option is right if it lies within half a unit of the right value's last digit."""
    (right,) = {o.of for o in _all(problem) if isinstance(o, ValueOption)}
    half = units(Name(right), draft.rounding, "0.5")
    return [
        apply("<", apply("abs", difference(Name(value), Name(right))), half) for value in values
    ]


def units(of: Formula, rounding: Rounding, many: str) -> Formula:
    """So many units of the last digit with which a value is shown."""
    digits = rounding.digits
    if digits.decimals is not None:
        return product(Number(many), Number(f"1e-{digits.decimals}"))
    return product(Number(many), Number(f"1e-{(digits.significant or 6) - 1}"), apply("abs", of))


def _sentence(words: str) -> str:
    """The reason with a capital at its beginning."""
    return words[:1].upper() + words[1:]


def _claims(problem: Fields, model: Definitions) -> list[Formula]:
    mistakes = Mistakes()
    claims: list[Formula] = []
    for place, option in enumerate(_written(problem)):
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

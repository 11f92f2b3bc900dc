"""A theorem: what is supposed, what is claimed, and its derivation, every line of it under a law."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from derivations.errors import ReadError
from derivations.formula.tree import Name
from derivations.kinds.base import library
from derivations.kinds.base.assemble import assemble, words
from derivations.kinds.base.entries import Entry
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.exposition import (
    Exposition,
    Writer,
    answers_of,
    exposition_givens,
    in_universe,
)
from derivations.kinds.base.fields import TEXT_SCHEMA, Line, OrAs, Plain, refuse
from derivations.kinds.base.files import load
from derivations.kinds.base.symbols import sentence
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Items,
    Part,
    Prose,
    Step,
)


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _in_library(name: str) -> str:
    try:
        library.entry(name)
    except ReadError as error:
        raise refuse(error.message) from None
    return name


class Fields(Exposition):
    """A statement with its derivation, its own or one of the library."""

    kind: Literal["theorem"]
    derivation: Annotated[str, AfterValidator(_in_library)] = Field(
        "", description="a theorem of the library, which this one takes over"
    )
    statement: Annotated[tuple[str, ...], BeforeValidator(_listed), OrAs(TEXT_SCHEMA)] = Field(
        (), description="what is claimed: an equation, or a list of them"
    )
    content: tuple[Entry, ...] = ()
    hypotheses: tuple[Line, ...] = Field((), description="what is supposed, in words")
    solution_heading: Plain = "Derivation"

    @model_validator(mode="after")
    def _whole(self) -> Fields:
        if not self.derivation and not (self.statement and self.content):
            raise refuse("expected 'statement' and 'content', or the 'derivation' of the library")
        return self

    def whole(self) -> Fields:
        """With what a theorem of the library says where this file says nothing."""
        if not self.derivation:
            return self
        base = load(library.entry(self.derivation)).problem
        assert isinstance(base, Fields)
        own = {name: getattr(self, name) for name in self.model_fields_set}
        for name in ("hypotheses", "conditions", "claims"):
            own[name] = (*getattr(base, name), *getattr(self, name))
        own["content"] = (*self.content, *base.content)
        for name in ("given", "facts", "symbols", "define", "functions"):
            own[name] = {**getattr(base, name), **getattr(self, name)}
        return base.model_copy(update=own)


STARTER = """\
kind: theorem
title: The gradient of a dense layer with respect to its weights
source: Bishop 2006, section 5.3.1
symbols:                   # before the comma what a name stands for, behind it words
  m: size
  n: size
  i: index to m
  j: index to n
  W: m x n, the weights
  x: n, the input
  E: function of y         # any differentiable function of y
define: {y: W @ x}
statement: partial(E, W) = partial(E, y) @ x^T
content:
  - heading: In components
  - lines:
      - chain-rule: partial(E, W[i,j]) = sum(partial(E, y[k]) partial(y[k], W[i,j]), k = 1..m)
      - one-term: = partial(E, y[i]) x[j]
  - heading: In matrices
  - lines:
      - stacked: partial(E, W) = matrix_of(partial(E, y[i]) x[j], i = 1..m, j = 1..n)
      - matrix-form: = partial(E, y) @ x^T
    shapes: true
"""


def derive(problem: Fields) -> Derivation:
    """The statement with what it supposes, and its derivation as steps.

    Raises:
        FieldError: a line that cannot be read, a name that is not declared, ...
    """
    problem = problem.whole()
    writer = Writer(problem)
    mistakes = Mistakes()
    with mistakes.at(("statement",)):
        claims = _claims(problem, writer)
    with mistakes.at(("content",)):
        steps = writer.steps()
    mistakes.raise_all()
    answers = [Answer("result", formula=claims[-1].links[-1].term.formula), *answers_of(writer)]
    derivation = assemble(
        problem, writer.draft, writer.model.functions, [Part((), tuple(_boxed(steps)))], answers,
        _statement(problem, writer, claims),
    )  # fmt: skip
    return in_universe(derivation, writer)


def _claims(problem: Fields, writer: Writer) -> list[Chain]:
    claims: list[Chain] = []
    mistakes = Mistakes()
    for place, text in enumerate(problem.statement):
        where = ("statement", place)
        with mistakes.at(where, text):
            claim = writer.statement.equation(text, "given")
            links = tuple(replace(link, where=where) for link in claim.links)
            claims.append(replace(claim, links=links))
    mistakes.raise_all()
    return claims


def _statement(problem: Fields, writer: Writer, claims: list[Chain]) -> list[Block]:
    """Let ..., with definitions and hypotheses; then the claim."""
    blocks: list[Block] = []
    if told := sentence(writer.statement.declared, writer.statement.arrays):
        blocks.append(Prose(told))
    defined = [
        Chain(Term(Name(name)), (Link("=", Term(formula)),), "definition")
        for name, formula in writer.statement.definitions.items()
    ]
    if defined:
        blocks += [Prose((Text("With"),)), Display(tuple(defined))]
    if len(problem.hypotheses) > 1:
        blocks.append(Prose((Text("Suppose that"),)))
        blocks.append(Items(tuple((Prose(words(line)),) for line in problem.hypotheses)))
    elif problem.hypotheses:
        blocks.append(Prose((Text("Suppose that "), *words(problem.hypotheses[0]), Text("."))))
    blocks.append(Prose((Text("Then" if blocks else "Claim"),)))
    blocks.append(Display(tuple(map(writer.statement.shaped, claims))))
    return blocks


def _boxed(steps: list[Step]) -> list[Step]:
    """The steps with the last line of the last derivation in a box."""
    if not steps or not steps[-1].blocks:  # a heading without anything below it
        return steps
    *before, last = steps
    *blocks, end = last.blocks
    if not isinstance(end, Display) or not end.chains[-1].links:
        return steps
    *chains, chain = end.chains
    *links, link = chain.links
    boxed = replace(link, term=replace(link.term, boxed=True))
    final = replace(end, chains=(*chains, replace(chain, links=(*links, boxed))))
    return [*before, replace(last, blocks=(*blocks, final))]


def givens(problem: Fields) -> dict[str, Any]:
    """The given numbers by name."""
    return exposition_givens(problem.whole())

"""Sinusoidal positional encoding, and embeddings of tokens to which it is added."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field

from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    key,
    matrix,
    number,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Few, Matrix, Positive, Problem, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose

MOST = 400  # entries of the encoding
IN_FULL = 16  # lines of entries that are shown


class Given(Strict):
    """The size of the encoding, or the tokens with their embeddings."""

    positions: Few | None = Field(None, description="how many, counted from 0")
    width: Few | None = Field(None, description="of an embedding; even")
    base: Positive = Field(10000, description="of the wavelengths")
    tokens: tuple[Positive, ...] | None = Field(
        None, description="rows of the table of embeddings, counted from 1"
    )
    embeddings: Matrix | None = Field(None, description="a row for each token of the vocabulary")
    scaled: bool = Field(False, description="embeddings times the root of the width, as in 2017")


class Fields(Problem):
    """A positional encoding."""

    kind: Literal["positional-encoding"]
    given: Given


STARTER = """\
kind: positional-encoding
title: Three tokens with their positions
text: Look up the embeddings of the tokens and add the sinusoidal positional encoding.
given:
  tokens: [2, 1, 2]              # rows of the table, counted from 1
  embeddings: [[0.5, -0.2, 0.1, 0.3], [0.9, 0.4, -0.6, 0]]
  # or the encoding alone: positions: 3, width: 4
rounding: {decimals: 4}
"""


def _checked(problem: Fields) -> tuple[int, int]:
    """How many positions, and the width; or all mistakes at once."""
    given, mistakes = problem.given, Mistakes()
    if (given.tokens is None) != (given.embeddings is None):
        mistakes.add(("given",), "'tokens' and 'embeddings' go together")
    if given.tokens is not None and given.embeddings is not None:
        for field in ("positions", "width"):
            if getattr(given, field) is not None:
                mistakes.add(("given", field), "this follows from 'tokens' and 'embeddings'")
        for place, token in enumerate(given.tokens):
            if token > len(given.embeddings):
                mistakes.add(
                    ("given", "tokens", place),
                    f"found {token}, but the table has {len(given.embeddings)} rows",
                )
        count, width, where = len(given.tokens), len(given.embeddings[0]), "embeddings"
    else:
        if given.positions is None or given.width is None:
            mistakes.add(("given",), "expected 'positions' and 'width', or tokens and embeddings")
        if given.scaled:
            mistakes.add(("given", "scaled"), "this is about embeddings")
        count, width, where = given.positions or 1, given.width or 2, "width"
    if width % 2:
        mistakes.add(("given", where), f"a width of {width}; sines and cosines need an even one")
    if count * width > MOST:
        mistakes.add(("given",), f"{count * width} entries; expected at most {MOST}")
    mistakes.raise_all()
    return count, width


def givens(problem: Fields) -> dict[str, Any]:
    """The table of embeddings, and the tokens as rows with a single 1."""
    given = problem.given
    if given.tokens is None or given.embeddings is None:
        return {}
    rows = range(1, len(given.embeddings) + 1)
    return {
        "E": given.embeddings,
        "T": tuple(tuple("1" if k == token else "0" for k in rows) for token in given.tokens),
    }


def derive(problem: Fields) -> Derivation:
    """Every entry of the encoding; embeddings by a product; their sum."""
    count, width = _checked(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    for name, value in givens(problem).items():
        draft.given(name, shape_of(value))
    parts = [_encoding(problem, draft, count, width)]
    answers = [Answer("P", "P")]
    statement: list[Block] = []
    if problem.given.tokens is not None:
        words = "Row p of T has its 1 at the token of position p, so T E has the row of each token."
        statement = [*beside([Name("E"), Name("T")]), Prose((Text(words),))]
        draft.define("X", apply("matmul", Name("T"), Name("E")))
        terms: list[Formula] = [Name("X"), Name("P")]
        if problem.given.scaled:
            terms[0] = product(apply("sqrt", number(width)), Name("X"))
        draft.define("H", sum_of(*terms))
        parts.append(
            part(
                "Embeddings",
                step("The rows of the tokens", display(draft.line(Name("X")))),
                step("With their positions", display(draft.line(Name("H"), boxed=True))),
            )
        )
        answers += [Answer("X", "X"), Answer("H", "H")]
    return assemble(problem, draft, functions, parts, answers, statement)


def _encoding(problem: Fields, draft: Draft, count: int, width: int) -> Part:
    """P of position p: sin and cos of p over 10000^(2i/d), in turn."""
    base = number(problem.given.base)
    rows: list[tuple[Formula, ...]] = []
    chains: list[Chain] = []
    for p in range(count):
        row: list[Formula] = []
        for j in range(width):
            wavelength = power(base, quotient(number(j - j % 2), number(width)))
            name = f"P_{p},{j}" if max(count, width) > 9 else f"P_{p}_{j}"
            draft.define(name, apply("cos" if j % 2 else "sin", quotient(number(p), wavelength)))
            row.append(Name(name))
            if draft.detail == "full" or (len(chains) < IN_FULL and draft.detail != "brief"):
                chains.append(draft.line(Name(name), law="positional"))
        rows.append(tuple(row))
    draft.define("P", matrix(*rows))
    of = Name("P")
    result = draft.answer(of)
    blocks: list[Block] = [display(*chains)] if chains else []
    return part(
        "Positional encoding",
        step("Sines and cosines", *blocks),
        step(
            "Every position in a row",
            display(Chain(Term(of), (Link("auto", result, (key(result.formula),)),))),
        ),
    )


def expected(problem: Fields) -> dict[str, Any]:
    """The encoding by frequencies that are exponentials, and the rows looked up."""
    count, width = _checked(problem)
    encoding = []
    for p in range(count):
        row = []
        for i in range(width // 2):
            angle = p * math.exp(-2 * i / width * math.log(problem.given.base))
            row += [math.sin(angle), math.cos(angle)]
        encoding.append(row)
    found: dict[str, Any] = {"P": encoding}
    given = problem.given
    if given.tokens is not None and given.embeddings is not None:
        table = [[int(exact(e).p) / int(exact(e).q) for e in row] for row in given.embeddings]
        found["X"] = [table[token - 1] for token in given.tokens]
        factor = math.sqrt(width) if given.scaled else 1.0
        found["H"] = [
            [factor * x + q for x, q in zip(row, places, strict=True)]
            for row, places in zip(found["X"], encoding, strict=True)
        ]
    return found

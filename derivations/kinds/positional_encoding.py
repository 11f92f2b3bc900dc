"""Sinusoidal positional encoding, and embeddings of tokens to which it is added; back to the table."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field

from derivations.calculus.adjoints import adjoints
from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    key,
    matrix,
    number,
    partial,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Few, Matrix, NotNegative, Positive, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.loss_fields import First
from derivations.kinds.base.passes import adjoint_line
from derivations.kinds.base.problem import Problem
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
    tokens: tuple[NotNegative, ...] | None = Field(
        None, description="rows of the table of embeddings, counted from 1"
    )
    tokens_from: First = Field(1, description="what the first row of the table counts as")
    embeddings: Matrix | None = Field(None, description="a row for each token of the vocabulary")
    scaled: bool = Field(False, description="embeddings times the root of the width, as in 2017")
    encoding: Literal["sinusoidal", "none"] = Field(
        "sinusoidal", description="what is added; none: the embeddings alone"
    )
    slope: Matrix | None = Field(
        None, description="the gradient of the loss by what comes out, for that by the table"
    )


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
        first, rows = given.tokens_from, len(given.embeddings)
        for place, token in enumerate(given.tokens):
            if not first <= token < first + rows:
                mistakes.add(
                    ("given", "tokens", place),
                    f"found {token}, expected {first} to {first + rows - 1}, the rows of the table "
                    f"counted from {first} ('tokens_from')",
                )
        count, width, where = len(given.tokens), len(given.embeddings[0]), "embeddings"
        if given.slope is not None and (len(given.slope), len(given.slope[0])) != (count, width):
            mistakes.add(
                ("given", "slope"),
                f"found a {len(given.slope)}x{len(given.slope[0])} matrix, expected {count}x{width}, "
                "a row for each token",
            )
    else:
        if given.positions is None or given.width is None:
            mistakes.add(("given",), "expected 'positions' and 'width', or tokens and embeddings")
        for field in ("scaled", "slope", "encoding"):
            if field in given.model_fields_set:
                mistakes.add(("given", field), "this is about embeddings")
        count, width, where = given.positions or 1, given.width or 2, "width"
    if width % 2 and given.encoding == "sinusoidal":
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
    rows = range(given.tokens_from, len(given.embeddings) + given.tokens_from)
    return {
        "E": given.embeddings,
        "T": tuple(tuple("1" if k == token else "0" for k in rows) for token in given.tokens),
        **({"G": given.slope} if given.slope is not None else {}),
    }


def derive(problem: Fields) -> Derivation:
    """Every entry of the encoding; embeddings by a product; their sum."""
    count, width = _checked(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    for name, value in givens(problem).items():
        draft.given(name, shape_of(value))
    encoded = problem.given.encoding == "sinusoidal"
    parts = [_encoding(problem, draft, count, width)] if encoded else []
    answers = [Answer("P", "P")] if encoded else []
    statement: list[Block] = []
    if problem.given.tokens is not None:
        words = "Row p of T has its 1 at the token of position p, so T E has the row of each token."
        shown = [Name(name) for name in givens(problem)]
        statement = [*beside(shown), Prose((Text(words),))]
        formulas = _embedded(problem, width)
        parts.append(_lookup(formulas, draft))
        answers += [Answer(name, name) for name in formulas]
        if problem.given.slope is not None:
            parts.append(_back(formulas, functions, draft))
            answers += [Answer("L", "L"), Answer("dL/dE", "dL/dE")]
    return assemble(problem, draft, functions, parts, answers, statement)


def _embedded(problem: Fields, width: int) -> dict[str, Formula]:
    """X = T E, and H = X + P, or with the root of the width."""
    formulas: dict[str, Formula] = {"X": apply("matmul", Name("T"), Name("E"))}
    term: Formula = Name("X")
    if problem.given.scaled:
        term = product(apply("sqrt", number(width)), Name("X"))
    if problem.given.encoding == "sinusoidal":
        term = sum_of(term, Name("P"))
    return formulas if term == Name("X") else {**formulas, "H": term}


def _lookup(formulas: dict[str, Formula], draft: Draft) -> Part:
    last = list(formulas)[-1]
    titles = {"X": "The rows of the tokens", "H": "With their positions"}
    if "P" not in draft.quantities:
        titles["H"] = "Times the root of the width"
    steps = []
    for name, formula in formulas.items():
        draft.define(name, formula)
        steps.append(step(titles[name], display(draft.line(Name(name), boxed=name == last))))
    return part("Embeddings", *steps)


def _back(formulas: dict[str, Formula], functions: Functions, draft: Draft) -> Part:
    """The gradient by the table: the rows of all positions of a token are added."""
    last = list(formulas)[-1]
    loss = apply("sum_entries", apply("hadamard", Name("G"), Name(last)))
    draft.define("L", loss)
    lead = "With G as the gradient by what comes out, the loss has the same gradients as"
    head = step("", Prose((Text(lead),)), display(draft.line(Name("L"))))
    chains = []
    found = adjoints(
        {**formulas, "L": loss}, "L", frozenset({"E"}), functions.rules, draft.shapes()
    )
    for each in found:
        of = partial(Name("L"), Name(each.name))
        draft.define(of, each.formula, "derived", draft.quantities[each.name].shape)
        chains.append(adjoint_line(draft, each, "L", each.name == "E"))
    told = (
        "A token that stands at several positions has the sum of their rows; one that does not occur "
        "has the gradient 0."
    )
    return part("Backward pass", head, step("", display(*chains), Prose((Text(told),))))


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
    given = problem.given
    found: dict[str, Any] = {"P": encoding} if given.encoding == "sinusoidal" else {}
    if given.tokens is not None and given.embeddings is not None:
        table = _doubles(given.embeddings)
        places = [token - given.tokens_from for token in given.tokens]
        found["X"] = [table[place] for place in places]
        factor = math.sqrt(width) if given.scaled else 1.0
        added = encoding if "P" in found else [[0.0] * width for _ in places]
        out = [
            [factor * x + q for x, q in zip(row, more, strict=True)]
            for row, more in zip(found["X"], added, strict=True)
        ]
        if given.scaled or "P" in found:
            found["H"] = out
        if given.slope is not None:
            slope = _doubles(given.slope)
            found["L"] = sum(
                g * h
                for gs, hs in zip(slope, out, strict=True)
                for g, h in zip(gs, hs, strict=True)
            )
            found["dL/dE"] = [[0.0] * width for _ in table]
            for place, row in zip(places, slope, strict=True):
                for column, g in enumerate(row):
                    found["dL/dE"][place][column] += factor * g
    return found


def _doubles(rows: Any) -> list[list[float]]:
    return [[int(exact(e).p) / int(exact(e).q) for e in row] for row in rows]

"""What a problem gives, as it is listed in its statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivations.formula.tree import Formula, Name, apply, substitute
from derivations.kinds.base.assemble import listed, value_of
from derivations.kinds.base.functions import Functions
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Block, Display, Items, Prose


def bullets(*lines: Sequence[Piece]) -> Items:
    """A list of lines."""
    return Items(tuple((Prose(tuple(line)),) for line in lines))


def one_or_bullets(lines: Sequence[Sequence[Piece]]) -> Block:
    """A list of lines, or the only line as a paragraph."""
    return Prose(tuple(lines[0])) if len(lines) == 1 else bullets(*lines)


def named_value(words: str, name: Formula) -> list[Piece]:
    """``words: name = value``."""
    return [Text(f"{words}: "), value_of(name)]


def function_definition(head: str, functions: Functions, variable: str = "z") -> Display:
    """``f(z) = ...``."""
    function = functions.bodies[head]
    body = substitute(function.body, {function.parameters[0]: Name(f"{variable}@")})
    call = apply(head, Name(f"{variable}@"))
    return Display((Chain(Term(call), (Link("=", Term(body)),), "definition"),))


def given_lines(
    weights: Sequence[Formula],
    inputs: Sequence[Formula],
    bias: Formula | None,
    features: Sequence[str] = (),
) -> list[Block]:
    """Weights, bias and inputs of a neuron."""
    lines: list[Sequence[Piece]] = [named_value("Weights", Name("w"))]
    if bias is not None:
        lines.append(named_value("Bias", bias))
    if features:
        pieces: list[Piece] = [Text("Inputs: ")]
        for place, (name, words) in enumerate(zip(inputs, features, strict=False)):
            pieces += [Text(", " if place else ""), value_of(name), Text(f" ({words})")]
        lines.append(pieces)
    else:
        lines.append(named_value("Input", Name("x")))
    return [bullets(*lines)]


def given_values(draft: Draft) -> list[Block]:
    """Scalars and vectors in a paragraph, matrices side by side below it."""
    shapes = {n: q.shape for n, q in draft.quantities.items() if q.role == "given"}
    scalars = [Name(n) for n, shape in shapes.items() if not shape]
    vectors = [Name(n) for n, shape in shapes.items() if len(shape) == 1]
    matrices = [Name(n) for n, shape in shapes.items() if len(shape) == 2]
    line = [*scalars, *vectors]
    blocks: list[Block] = [listed(line, "Given")] if line else []
    return [*blocks, *beside(matrices)]


def beside(arrays: Sequence[Formula]) -> list[Block]:
    """Matrices and vectors with their values, side by side."""
    return [Display(tuple(map(value_of, arrays)), abreast=True)] if arrays else []


def given_list(given: Mapping[str, object]) -> list[Block]:
    """``Given x = 2, w = 0.5.``, or nothing."""
    return [listed([Name(name) for name in given], "Given")] if given else []

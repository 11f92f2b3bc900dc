"""The spread of initial weights: Glorot, He and LeCun, uniform and normal."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from pydantic import Field

from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, Name, apply, number, product, substitute
from derivations.kinds.base.assemble import assemble, display, new_draft, part, step, words
from derivations.kinds.base.fields import Few, Positive, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.problem import Problem
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Prose, Table


class Scheme(NamedTuple):
    """A row of the table: the variance over n_in and n_out, its reason and source."""

    title: str
    variance: str
    reason: str
    source: str


SCHEMES: dict[str, Scheme] = {
    "glorot": Scheme(
        "Glorot (Xavier)", "2/(n_in + n_out)",
        "It is a compromise between keeping the variance forward (1/n_in) and backward (1/n_out).",
        "Glorot and Bengio 2010, eq. 12 and 16",
    ),
    "he": Scheme(
        "He", "2/n_in",
        "A rectifier sets half of its inputs to 0, so the variance is doubled to keep the signal.",
        "He et al. 2015, eq. 10",
    ),
    "he_fan_out": Scheme(
        "He, by outputs", "2/n_out",
        "The same, for the gradients that go backward.", "He et al. 2015, eq. 14",
    ),
    "lecun": Scheme(
        "LeCun", "1/n_in",
        "A sum of n_in products then has the variance of one input.", "LeCun et al. 1998, eq. 16",
    ),
}  # fmt: skip


class Given(Strict):
    """The layers, the scheme, and the distribution."""

    units: tuple[Positive, ...] = Field(
        min_length=2,
        max_length=12,
        description="inputs, units of each layer, outputs: [784, 256, 10]",
    )
    kernel: tuple[Few, ...] = Field(
        (), max_length=3, description="of a convolution: its sides; units are then channels"
    )
    scheme: Literal["glorot", "xavier", "he", "kaiming", "he_fan_out", "lecun"] = "glorot"
    distribution: Literal["uniform", "normal", "both"] = "both"


class Fields(Problem):
    """Variances of initial weights."""

    kind: Literal["initialisation"]
    given: Given


STARTER = """\
kind: initialisation
title: Initial weights of a small network
text: With which variance are the weights of each layer drawn, and from which interval?
given:
  units: [784, 256, 10]    # inputs, then the units of each layer
  scheme: glorot           # glorot (xavier), he (kaiming), he_fan_out, lecun
  distribution: both       # uniform, normal, both
"""


def _scheme(problem: Fields) -> Scheme:
    name = {"xavier": "glorot", "kaiming": "he"}.get(problem.given.scheme, problem.given.scheme)
    return SCHEMES[name]


def _fans(problem: Fields) -> list[tuple[int, int]]:
    """The connections into and out of a unit, for each layer."""
    field = math.prod(problem.given.kernel)
    units = problem.given.units
    return [(a * field, b * field) for a, b in pairwise(units)]


def derive(problem: Fields) -> Derivation:
    """The variance of each layer, with the standard deviation or the interval."""
    functions = Functions()
    draft = new_draft(problem, functions)
    scheme, parts = _scheme(problem), []
    variance = read_expression(scheme.variance, frozenset(), {"n_in", "n_out"})
    given = problem.given
    answers = []
    for layer, (a, b) in enumerate(pairwise(given.units), 1):
        chains = []
        for letter, count in (("n_in", a), ("n_out", b)):
            sides = [number(side) for side in given.kernel]
            of = draft.define(f"{letter}@{layer}", product(number(count), *sides))
            chains.append(draft.line(of, law="count"))
        at: dict[str, Formula] = {n: Name(f"{n}@{layer}") for n in ("n_in", "n_out")}
        spread = draft.define(f"V@{layer}", substitute(variance, at))
        chains.append(draft.line(spread, law="variance", boxed=True))
        names = [f"V@{layer}"]
        if given.distribution in ("normal", "both"):
            deviation = draft.define(f"s@{layer}", apply("sqrt", spread))
            chains.append(draft.line(deviation, law="deviation", boxed=True))
            names.append(f"s@{layer}")
        if given.distribution in ("uniform", "both"):
            bound = draft.define(f"r@{layer}", apply("sqrt", product(number(3), spread)))
            chains.append(draft.line(bound, law="uniform-variance", boxed=True))
            names.append(f"r@{layer}")
        answers += [Answer(f"{name.partition('@')[0]}_{layer}", name) for name in names]
        parts.append(part(f"Layer {layer}", step("", display(*chains))))
    parts.append(part("", step("", _summary(problem))))
    return assemble(
        problem, draft, functions, parts, answers, _statement(problem, scheme, variance)
    )


def _summary(problem: Fields) -> Table:
    shown = {"normal": ("V", "s"), "uniform": ("V", "r"), "both": ("V", "s", "r")}
    letters = ("n_in", "n_out", *shown[problem.given.distribution])
    head: list[tuple[Piece, ...]] = [(Text("layer"),), *((Term(Name(n)),) for n in letters)]
    rows = []
    for layer in range(1, len(problem.given.units)):
        row: list[tuple[Piece, ...]] = [(Text(str(layer)),)]
        rows.append((*row, *((Term(Name(f"{n}@{layer}"), numbers=True),) for n in letters)))
    return Table(tuple(head), tuple(rows), "r" * len(head))


def _statement(problem: Fields, scheme: Scheme, variance: Formula) -> list[Block]:
    units = " → ".join(map(str, problem.given.units))
    kernel = " × ".join(map(str, problem.given.kernel))
    lead = f"Layers {units}" + (f", kernels {kernel}" if kernel else "")
    tell: list[Piece] = [Text(f"{lead}. {scheme.title}: the weights have mean 0 and the variance ")]
    tell += [Term(variance), Text(f". {scheme.reason}")]
    said: list[str] = []
    if problem.given.distribution in ("normal", "both"):
        said.append(r"A normal distribution has the standard deviation $s = \sqrt{V}$.")
    if problem.given.distribution in ("uniform", "both"):
        said.append(
            r"A uniform distribution on $[-r, r]$ has the variance $r^2/3$, so $r = \sqrt{3V}$."
        )
    return [Prose((*tell, Text(" "), *words(" ".join(said))))]


def givens(problem: Fields) -> dict[str, Any]:
    """Nothing: the numbers of units belong to the structure."""
    return {}


def expected(problem: Fields) -> dict[str, Any]:
    """Variance, deviation and bound, by the standard library."""
    name = {"xavier": "glorot", "kaiming": "he"}.get(problem.given.scheme, problem.given.scheme)
    answers: dict[str, Any] = {}
    for layer, (into, out) in enumerate(_fans(problem), 1):
        fan = {"glorot": (into + out) / 2, "he": into / 2, "he_fan_out": out / 2, "lecun": into}[
            name
        ]
        answers[f"V_{layer}"] = 1 / fan
        if problem.given.distribution in ("normal", "both"):
            answers[f"s_{layer}"] = math.sqrt(1 / fan)
        if problem.given.distribution in ("uniform", "both"):
            answers[f"r_{layer}"] = math.sqrt(3 / fan)
    return answers

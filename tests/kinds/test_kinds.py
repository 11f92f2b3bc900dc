"""Every kind of problem: its starter is read, solved and verified, whatever the detail."""

from __future__ import annotations

from math import exp, tanh

import pytest

from derivations.formula.tree import key
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.entries import CONTENT
from derivations.kinds.base.exposition import ENTRIES
from derivations.kinds.base.problem import Problem
from derivations.steps.draft import Detail
from derivations.truth.judge import ACCEPTED
from derivations.writing import latex, text
from tests.conftest import document_of_one, load_text, solve_text

DETAILS: tuple[Detail, ...] = ("brief", "standard", "full")
PROSE = {"algorithm", "code-listing", "concept-question", "definition", "layer-learnability"}


def test_there_are_kinds() -> None:
    assert len(kind_names()) >= 21


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_has_what_its_registry_asks_for(kind: str) -> None:
    module = kind_module(kind)
    assert issubclass(module.Fields, Problem)
    assert module.Fields.model_fields["kind"].annotation.__args__ == (kind,)
    assert (module.__doc__ or "").strip()
    assert callable(module.derive)
    assert callable(module.givens)
    assert module.STARTER.startswith(f"kind: {kind}\n")


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("kind", kind_names())
def test_a_starter_is_solved_and_verified(kind: str, detail: Detail) -> None:
    verified = solve_text(kind_module(kind).STARTER, detail=detail)
    assert verified.solution.derivation.kind == kind
    assert {line.verdict for line in verified.lines} <= ACCEPTED
    assert len(verified.lines) >= (0 if kind in PROSE else 1) or kind == "activation-properties"
    document = document_of_one(verified)
    assert verified.solution.derivation.title in text.write(document)
    assert latex.write(document).rstrip().endswith(r"\end{document}")


def test_constant_functions_have_properties_too() -> None:
    verified = solve_text(
        "kind: activation-properties\ntitle: Constants\n"
        'given: {functions: [{name: f, expression: "2"}, {name: g, expression: a}]}\n'
        "ask: {columns: [range, limits, steepest, saturating]}\n"
    )
    found = {answer.name: answer.literal for answer in verified.solution.derivation.answers}
    assert found["f: saturating"] is found["g: saturating"] is True


def test_a_prime_is_a_derivative_that_both_roads_know() -> None:
    verified = solve_text(
        "kind: graph\ntitle: Primes\ngiven: {z: 0.5, v: [-1, 2], w: 3}\n"
        'define: {s: "sigmoid\'(z)", b: "tanh\'\'(z)", r: "relu\'(v)", L: "w s + sum(r)"}\n'
        "ask: {values: [s, b, L], gradients: {of: L, by: [w]}}\n"
    )
    known = {name: each.true for name, each in verified.solution.known.items()}
    sigmoid = 1 / (1 + exp(-0.5))
    assert float(known["s"].mid()) == pytest.approx(sigmoid * (1 - sigmoid), rel=1e-14)
    assert float(known["b"].mid()) == pytest.approx(
        -2 * tanh(0.5) * (1 - tanh(0.5) ** 2), rel=1e-14
    )
    assert known["r"] == (0, 1)
    assert float(known["dL/dw"].mid()) == pytest.approx(sigmoid * (1 - sigmoid), rel=1e-14)


def test_sums_of_no_terms_and_transposed_numbers_are_confirmed() -> None:
    verified = solve_text(
        "kind: graph\ntitle: Edges\ngiven: {x: 2}\n"
        'define: {s: "sum(i x, i = 3..1)", L: s + x.T}\nask: {values: [s, L]}\n'
    )
    known = verified.solution.known
    assert (known["s"].true, known["L"].true) == (0, 2)


@pytest.mark.parametrize("kind", kind_names())
def test_a_starter_has_answers_or_is_prose(kind: str) -> None:
    answers = solve_text(kind_module(kind).STARTER).solution.derivation.answers
    names = [answer.name for answer in answers]
    assert names or kind in PROSE
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", kind_names())
def test_more_detail_is_never_less_to_read(kind: str) -> None:
    brief, standard, full = (
        len(text.write(document_of_one(solve_text(kind_module(kind).STARTER, detail=detail))))
        for detail in DETAILS
    )
    assert brief <= standard <= full


@pytest.mark.parametrize("kind", kind_names())
def test_the_numbers_are_not_in_the_derivation(kind: str) -> None:
    """A given value is filled in later: the derivation of a problem has none of them."""
    loaded = load_text(kind_module(kind).STARTER)
    derivation = loaded.module.derive(loaded.problem)
    given = [q for q in derivation.quantities if q.role == "given"]
    assert {q.key for q in given} == set(loaded.module.givens(loaded.problem))
    assert all(q.formula is None for q in given)


def test_every_entry_of_a_text_has_its_writer() -> None:
    assert tuple(ENTRIES) == CONTENT


def test_a_path_that_leads_into_another_has_no_product_of_partial_derivatives() -> None:
    verified = solve_text("""\
kind: graph
title: Two ways, one of them through the other
given: {x: 0.5, u: 2}
define: {c: x^2, h: sin(c), d: u*h + 3 c, L: h + d^2}
ask: {gradients: {of: L, by: [x]}}
rounding: {decimals: 4}
""")
    lines = {key(line.chain.first.formula): line.chain for line in verified.lines}
    assert len(lines["dL/dc"].links) == len(lines["dL/dx"].links) - 1  # ∂d/∂c would be 3 + u cos(c)

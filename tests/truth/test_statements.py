"""Relations of statements: judged in all worlds, remembered where no number of a problem comes in."""

from __future__ import annotations

import pytest
from flint import fmpq

from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Name, product
from derivations.steps.solution import Universe
from derivations.truth import statements
from derivations.truth.statements import KEPT, Statement, in_general
from tests.truth.test_universes import universe

KNOWN = {"a", "b"}


def relation(left: str, right: str) -> statements.Relation:
    return (read_expression(left, set(), KNOWN), "=", read_expression(right, set(), KNOWN), None)


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [("(a + b)^2", "a^2 + 2 a b + b^2", True), ("(a + b)^2", "a^2 + b^2", False)],
)
def test_a_relation_is_remembered_with_its_verdict(left: str, right: str, verdict: bool) -> None:
    of = universe({"a": "real", "b": "real"})
    made = in_general(of, (), {}, "seed")
    assert made is not None
    assert made.judge(relation(left, right), KNOWN).accepted is verdict
    again = in_general(of, (), {}, "seed")
    assert again is made
    assert again.verdicts[relation(left, right)].accepted is verdict


def test_other_functions_or_another_seed_are_another_statement() -> None:
    of = universe({"a": "real", "b": "real"})
    first = in_general(of, (), {}, "seed")
    assert in_general(of, (), {}, "other") is not first
    assert in_general(of, (), {"f": Function(("z",), Name("z"))}, "seed") is not first


def test_a_function_with_a_number_of_the_problem_in_it_is_nothing_general() -> None:
    of = universe({"a": "real", "b": "real"})
    functions = {"f": Function(("z",), product(Name("k"), Name("z")))}
    assert in_general(of, {"k"}, functions, "seed") is None
    assert in_general(of, {"z"}, functions, "seed") is not None  # its parameter is another z


def test_a_statement_over_a_number_of_the_problem_is_nothing_general() -> None:
    symbols = universe({"a": "real"}).symbols
    of = Universe(symbols, {"b": product(Name("k"), Name("a"))})
    assert in_general(of, {"k"}, {}, "seed") is None
    made = Statement(of, {"k": fmpq(3)}, {}, {}, "seed")
    assert made.judge(relation("b", "3 a"), KNOWN).accepted
    assert not made.judge(relation("b", "2 a"), KNOWN).accepted


def test_only_the_latest_statements_are_kept() -> None:
    kept = [universe({"a": "real", "b": "real"}) for _ in range(KEPT + 3)]
    for of in kept:
        in_general(of, (), {}, "seed")
    assert len(statements._remembered) == KEPT
    assert id(kept[0]) not in statements._remembered

"""The judge: verdicts in one table, and what each tier says."""

from __future__ import annotations

import pytest
from flint import arb, fmpq

from derivations.formula.evaluation import Function, Value, precision
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import exact
from derivations.formula.tree import Formula, Name, Number, matrix, neg, partial, vector
from derivations.models import activations
from derivations.truth.judge import (
    ACCEPTED,
    GIVEN,
    HOLDS,
    PROVED,
    REFUTED,
    ROUNDED,
    STRENGTH,
    UNDECIDED,
    Verdict,
    World,
    ball,
    holds,
    judge,
    judge_rounding,
    weakest,
)
from derivations.truth.worlds import Model, random_models, with_free_names

VALUES: dict[str, Value] = {
    "x": fmpq(2),
    "y": fmpq(-1, 3),
    "a": fmpq(3, 10),
    "v": (fmpq(1), fmpq(2)),
    "M": ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4))),
}
WORLD = World(VALUES, dict(activations.bodies()))


def read(text: str) -> Formula:
    return read_expression(text, activations.NAMES)


VERDICTS = [
    # structure
    ("x + q", "=", "x + q", PROVED),
    ("x", "≤", "x", PROVED),
    ("x", "<", "x", REFUTED),
    # exact rationals
    ("x + a", "=", "2.3", PROVED),
    ("x + a", "=", "2.31", REFUTED),
    ("x*y", "=", "-2/3", PROVED),
    ("x/3 + y", "=", "1/3", PROVED),
    ("x^10", "=", "1024", PROVED),
    ("x", "←", "3 - 1", PROVED),
    ("0.1 + 0.2", "=", "0.3", PROVED),
    ("x", "<", "3", PROVED),
    ("x", ">", "3", REFUTED),
    ("x", "≥", "2", PROVED),
    ("x", "≠", "2", REFUTED),
    ("x", "≠", "3", PROVED),
    # balls
    ("exp(ln(x))", "=", "x", HOLDS),
    ("sqrt(x)^2", "=", "2", HOLDS),
    ("sigmoid(x)", "=", "1/(1 + exp(-x))", HOLDS),
    ("sigmoid(x) + sigmoid(-x)", "=", "1", HOLDS),
    ("tanh(x)", "=", "2 sigmoid(2 x) - 1", HOLDS),
    ("tanh(x)", "=", "2 sigmoid(2 x) - 1 + 1e-25", REFUTED),
    ("exp(x)", "<", "7.4", PROVED),
    ("exp(x)", ">", "7.4", REFUTED),
    ("exp(100)", "=", "exp(50)^2", HOLDS),
    ("ln(x)", "≠", "0.7", PROVED),
    ("sqrt(x)", "≤", "sqrt(x) + 0", HOLDS),
    # vectors and matrices
    ("M @ v", "=", "[5, 11]", PROVED),
    ("M @ v", "=", "[5, 12]", REFUTED),
    ("M @ v", "=", "M", REFUTED),
    ("2 v", "=", "v + v", PROVED),
    # truth values
    ("x == 2", "⇔", "x + 1 == 3", HOLDS),
    ("x == 2", "⇔", "x == 3", REFUTED),
    ("x == 3", "⇒", "x == 4", HOLDS),
    ("x == 2", "⇒", "x == 4", REFUTED),
    # what has no value
    ("q", "=", "x", UNDECIDED),
    ("1/(x - 2)", "=", "x", UNDECIDED),
    ("ln(0)", "=", "x", UNDECIDED),
    ("sqrt(-1)", "=", "x", UNDECIDED),
]


@pytest.mark.parametrize(("left", "relation", "right", "verdict"), VERDICTS)
def test_a_relation(left: str, relation: str, right: str, verdict: str) -> None:
    found = judge(read(left), relation, read(right), WORLD)
    assert found.kind == verdict
    assert found.accepted == (verdict in (PROVED, HOLDS))
    if verdict in (REFUTED, UNDECIDED):
        assert found.why or found.witness


def test_a_refusal_shows_the_two_values() -> None:
    assert judge(read("exp(x)"), "=", read("7.4"), WORLD).witness == "7.389056099 and 7.400000000"


ROUNDINGS = [
    # half up; at the middle both neighbours are right
    ("0.704745697998", "0.705", True),
    ("0.704745697998", "0.704", False),  # cut off
    ("0.704745697998", "0.706", False),
    ("0.704745697998", "0.7", True),
    ("0.704745697998", "0.70", True),
    ("0.704745697998", "0.7047457", True),
    ("0.704745697998", "0.70475", True),
    ("0.704745697998", "0.704745697999", False),  # more digits than are right
    ("0.5", "0", True),
    ("0.5", "1", True),
    ("0.5", "2", False),
    ("2.45", "2.4", True),
    ("2.45", "2.5", True),
    ("2.4500001", "2.4", False),
    ("-0.125", "-0.12", True),
    ("-0.125", "-0.13", True),
    ("-0.125", "0.12", False),
    ("1234.5", "1234.50", True),
    ("1234.5", "1.2e3", True),
    ("1234.5", "1.3e3", False),
    ("1234.5", "1235", True),
    ("4.78511739213e-6", "4.8e-6", True),
    ("4.78511739213e-6", "4.7e-6", False),
    ("4.78511739213e-6", "0.00", True),
    ("1/3", "1/3", True),
    ("1/3", "0.33", True),
    ("1/3", "33/100", False),
    ("0.999995", "1.00000", True),
    ("0.999995", "0.99999", True),
    ("0.999996", "0.99999", False),
]


@pytest.mark.parametrize(("value", "numeral", "right"), ROUNDINGS)
def test_a_rounding(value: str, numeral: str, right: bool) -> None:
    shown: Formula = neg(Number(numeral[1:])) if numeral.startswith("-") else Number(numeral)
    left = Name("value")
    verdict = judge_rounding(left, shown, World({"value": exact(value)}, {}))
    assert verdict.kind == (ROUNDED if right else REFUTED)
    assert judge(left, "≈", shown, World({"value": exact(value)}, {})) == verdict


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("sigmoid(x)", "0.881", ROUNDED),
        ("sigmoid(x)", "0.880", REFUTED),
        ("1/(1 + exp(-x))", "1/(1 + 0.135)", ROUNDED),
        ("1/(1 + exp(-x))", "1/1.135", ROUNDED),
        ("1/(1 + exp(-x))", "1/(1 + 0.136)", REFUTED),
        ("1/(1 + exp(-x))", "1/(1 - 0.135)", REFUTED),
        ("exp(x) + a", "7.39 + 0.3", ROUNDED),
        ("exp(x) + 0.3", "7.38 + 0.3", REFUTED),
        ("exp(x) + 0.3", "7.39 + 0.3", ROUNDED),
        ("q", "0.3", UNDECIDED),
    ],
)
def test_rounded_numerals_inside_a_formula(left: str, right: str, verdict: str) -> None:
    assert judge_rounding(read(left), read(right), WORLD).kind == verdict


def test_vectors_and_matrices_are_rounded_entry_by_entry() -> None:
    row = World({"u": (fmpq(1, 3), fmpq(2, 3))}, {})
    good, bad, short = (("0.33", "0.67"), ("0.33", "0.66"), ("0.33",))
    verdicts = [
        judge_rounding(Name("u"), vector(*map(Number, text)), row).kind
        for text in (good, bad, short)
    ]
    assert verdicts == [ROUNDED, REFUTED, REFUTED]
    block = World({"U": ((fmpq(1, 3), fmpq(-2, 3)),)}, {})
    shown = matrix((Number("0.3"), neg(Number("0.7"))))
    assert judge_rounding(Name("U"), shown, block).kind == ROUNDED


def test_a_ball_too_near_to_the_middle_is_not_decided() -> None:
    with precision(128):
        near = arb(fmpq(1, 8)) + arb(0, 1e-30)
    world = World({"value": near}, {})
    assert judge_rounding(Name("value"), Number("0.12"), world).kind == UNDECIDED


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0.5", "0.45", "0.55"),
        ("0.50", "0.495", "0.505"),
        ("3", "2.5", "3.5"),
        ("2e3", "1500", "2500"),
    ],
)
def test_a_numeral_as_a_ball(text: str, low: str, high: str) -> None:
    found = ball(text)
    assert found.contains(arb(exact(low)))
    assert found.contains(arb(exact(high)))
    assert not found.contains(arb(exact(high)) * fmpq(101, 100))


def test_a_line_is_as_good_as_its_weakest_relation() -> None:
    assert weakest([]).kind == GIVEN
    kinds = [PROVED, ROUNDED, HOLDS]
    assert weakest([Verdict(kind) for kind in kinds]).kind == ROUNDED
    assert weakest([Verdict(PROVED), Verdict(UNDECIDED), Verdict(ROUNDED)]).kind == UNDECIDED
    assert weakest([Verdict(UNDECIDED), Verdict(REFUTED)]).kind == REFUTED
    assert {kind for kind in STRENGTH if Verdict(kind).accepted} == ACCEPTED


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        ("x > 1", True),
        ("x > 2", False),
        ("0 < x < 3", True),
        ("q > 1", False),
        ("exp(x) > 7", True),
    ],
)
def test_a_condition(condition: str, true: bool) -> None:
    assert holds(read(condition), WORLD) is true


# ---------------------------------------------------------------- worlds


GIVENS: dict[str, Value] = {"x": fmpq(2), "w": fmpq(1, 2), "b": fmpq(0), "t": fmpq(1)}
DEFINITIONS = {"z": read("w*x + b"), "y": read("sigmoid(z)"), "L": read("1/2 (y - t)^2")}
FUNCTIONS: dict[str, Function] = dict(activations.bodies())


def test_a_model_knows_derivatives_through_its_definitions() -> None:
    with precision(128):
        model = Model(GIVENS, DEFINITIONS, FUNCTIONS)
        y = 1 / (1 + (-1.0 * arb(1)).exp())
        expected = (y - 1) * y * (1 - y) * 2
        assert abs(model["dL/dw"] - expected) < arb(10) ** -30
        assert model["dz/dw"] == 2
        assert model["dx/dw"] == 0
        assert set(model) >= {"x", "z", "y", "L"}
    with pytest.raises(KeyError):
        model["q"]
    with pytest.raises(KeyError):
        model["dq/dw"]


def test_a_wrong_derivative_is_refuted_in_the_problem_s_own_world() -> None:
    with precision(128):
        world = World(Model(GIVENS, DEFINITIONS, FUNCTIONS), FUNCTIONS)
    slope = partial(Name("L"), Name("w"))
    assert judge(slope, "=", read("(y - t)*y*(1 - y)*x"), world).kind == HOLDS
    assert judge(slope, "=", read("(t - y)*y*(1 - y)*x"), world).kind == REFUTED
    assert judge(slope, "=", read("(y - t)*y*(1 - y)"), world).kind == REFUTED


def test_what_holds_by_accident_fails_in_another_world() -> None:
    """x + x = x² at x = 2, and nowhere near it."""
    own = World(Model(GIVENS, {}, FUNCTIONS), FUNCTIONS)
    others = random_models(GIVENS, {}, FUNCTIONS, 2)
    assert len(others) == 2
    left, right = read("x + x"), read("x^2")
    assert judge(left, "=", right, own).kind == PROVED
    assert [judge(left, "=", right, world).kind for world in others] == [REFUTED, REFUTED]


def test_other_worlds_keep_signs_and_are_the_same_each_time() -> None:
    def values() -> list[list[Value]]:
        return [[w.values[n] for n in GIVENS] for w in random_models(GIVENS, {}, FUNCTIONS, 3)]

    assert values() == values()
    for x, w, _, t in values():
        assert x > 0 and w > 0 and t > 0  # noqa: PT018


def test_worlds_in_which_something_has_no_value_are_drawn_again() -> None:
    worlds = random_models({"x": fmpq(0)}, {"y": read("ln(x)")}, FUNCTIONS, 3)
    assert worlds
    assert all(world.values["x"] > 0 for world in worlds)  # type: ignore[operator]
    assert random_models({"x": fmpq(-1)}, {"y": read("ln(x)")}, FUNCTIONS, 3) == []


def test_names_of_a_formula_of_its_own_get_values_on_both_sides_of_0() -> None:
    own = World(GIVENS, FUNCTIONS)
    assert with_free_names(own, set()) == [own]
    worlds = with_free_names(own, {"u", "v"})
    signs = {world.values["u"] > 0 for world in worlds}  # type: ignore[operator]
    assert signs == {True, False}
    assert (
        judge(read("abs(u)"), "=", read("u"), worlds[0]).kind
        != judge(read("abs(u)"), "=", read("u"), worlds[1]).kind
    )

"""Worlds of statements: sizes apart, values of their kind, hypotheses kept, the same draws each time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from flint import fmpq

from derivations.errors import VerificationError
from derivations.formula.evaluation import Value, entries, evaluate, precision, shape
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Name, apply, partial
from derivations.kinds.base.symbols import read_symbol
from derivations.steps.solution import Symbol, Universe
from derivations.truth.judge import World
from derivations.truth.universes import DISTINCT, WORLDS, worlds_of


def universe(symbols: dict[str, str], conditions: tuple[str, ...] = (), **define: str) -> Universe:
    declared: dict[str, Symbol] = {}
    for name, text in symbols.items():
        declared[name] = read_symbol(name, text, declared).symbol
    known = set(declared)
    return Universe(
        tuple(declared.values()),
        {name: read_expression(text, set(), known, True) for name, text in define.items()},
        tuple(read_expression(text, set(), known) for text in conditions),
    )


def worlds(of: Universe, seed: str = "seed") -> list[World]:
    return worlds_of(of, {}, {}, {}, seed)


def drawn(kind: str) -> list[Value]:
    """The values of a symbol of this kind."""
    of = universe({"m": "size", "n": "size", "a": kind})
    return [value for seed in "abc" for value in (w.values["a"] for w in worlds(of, seed))]


# ---------------------------------------------------------------- sizes


def test_there_are_as_many_worlds_as_are_asked_for() -> None:
    assert len(worlds(universe({"x": "real"}))) == WORLDS >= 8


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_in_the_first_worlds_no_two_sizes_are_alike(seed: str) -> None:
    found = worlds(universe({"m": "size", "n": "size", "k": "size"}), seed)
    for world in found[:DISTINCT]:
        assert len({world.values[name] for name in "mnk"}) == 3
        assert all(world.values[name] > 1 for name in "mnk")
    assert DISTINCT >= 3


def test_sizes_stay_in_their_bounds_also_where_they_cannot_differ() -> None:
    found = worlds(
        universe({"m": "size 2..3", "n": "size 2..3", "k": "size 2..3", "j": "size 5..7"})
    )
    assert all(world.values[name] in (2, 3) for world in found for name in "mnk")
    assert all(world.values["j"] in (5, 6, 7) for world in found)
    assert len({world.values["j"] for world in found}) > 1


def test_arrays_have_the_shape_that_is_declared() -> None:
    of = universe({"m": "size", "n": "size 5..6", "W": "m x n", "v": "n-m+1", "X": "2 x m x n"})
    for world in worlds(of):
        m, n = (int(world.values[name].p) for name in "mn")
        assert shape(world.values["W"]) == (m, n)
        assert shape(world.values["v"]) == (n - m + 1,)
        assert shape(world.values["X"]) == (2, m, n)


# ---------------------------------------------------------------- domains


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("real", lambda x: -3 <= x <= 3 and x != 0),
        ("positive", lambda x: x > 0),
        ("negative", lambda x: x < 0),
        ("in (0, 1)", lambda x: 0 < x < 1),
        ("in (-0.5, 0.25)", lambda x: fmpq(-1, 2) < x < fmpq(1, 4)),
        ("0 or 1", lambda x: x in (0, 1)),
        ("-1 or 1", lambda x: x in (-1, 1)),
        ("whole 2..5", lambda x: x.q == 1 and 2 <= x <= 5),
        ("whole 0..1", lambda x: x in (0, 1)),
    ],
)
@pytest.mark.parametrize("form", ["", "n", "m x n"])
def test_numbers_and_entries_come_from_their_domain(
    kind: str, inside: Callable[[fmpq], bool], form: str
) -> None:
    if form and kind.startswith("whole"):
        return
    found = [entry for value in drawn(f"{form} {kind}".strip()) for entry in entries(value)]
    assert found
    assert all(map(inside, found))
    assert len(set(found)) > 1


def test_an_index_runs_to_its_size_and_reaches_both_ends() -> None:
    of = universe({"m": "size", "i": "index to m", "k": "index from 2 to m"})
    found = [world for seed in "abcdef" for world in worlds(of, seed)]
    assert all(1 <= w.values["i"] <= w.values["m"] and w.values["k"] >= 2 for w in found)
    assert any(w.values["i"] == 1 for w in found)
    assert any(w.values["i"] == w.values["m"] for w in found)


def test_arrays_of_a_special_form() -> None:
    for vector in drawn("n one-hot"):
        assert sorted(entries(vector)) == [0] * (len(vector) - 1) + [1]
    assert len({str(vector) for vector in drawn("n one-hot")}) > 3
    for vector in drawn("n adding to 1"):
        assert sum(entries(vector), fmpq(0)) == 1
        assert all(entry > 0 for entry in entries(vector))
    for matrix in drawn("n x n symmetric"):
        assert all(matrix[i][j] == matrix[j][i] for i in range(len(matrix)) for j in range(i))


# ---------------------------------------------------------------- hypotheses and definitions


def test_every_world_fulfils_the_conditions() -> None:
    of = universe({"x": "real", "y": "real"}, ("x < y", "x + y > 1"))
    for world in worlds(of):
        assert world.values["x"] < world.values["y"]
        assert world.values["x"] + world.values["y"] > 1


def test_conditions_may_speak_of_what_is_defined() -> None:
    of = universe({"x": "real"}, (), y="x^2 - 1")
    of = Universe(of.symbols, of.definitions, (read_expression("y < 0", set(), {"x", "y"}),))
    assert all(abs(world.values["x"]) < 1 for world in worlds(of))


def test_conditions_that_nothing_fulfils_are_refused() -> None:
    with pytest.raises(VerificationError, match="only 0 of 400 random cases") as refused:
        worlds(universe({"x": "positive"}, ("x < 0",)))
    assert refused.value.where == ("conditions",)


def test_definitions_without_a_value_are_refused() -> None:
    with pytest.raises(VerificationError, match="only 0 of 400 random cases") as refused:
        worlds(universe({"x": "negative"}, (), y="ln(x)"))
    assert refused.value.where == ("symbols",)


def test_arrays_that_are_too_large_are_refused() -> None:
    with pytest.raises(VerificationError, match="expected at most 2000") as refused:
        worlds(universe({"m": "size 12..12", "A": "m x m x m x m"}))
    assert refused.value.where == ("symbols", "A")


# ---------------------------------------------------------------- draws and functions


def shown(found: list[World]) -> list[str]:
    return [str({name: world.values[name] for name in ("m", "x", "W")}) for world in found]


def test_the_same_seed_draws_the_same_worlds_and_another_one_others() -> None:
    of = universe({"m": "size", "x": "real", "W": "m x 2"})
    assert shown(worlds(of, "one")) == shown(worlds(of, "one"))
    assert shown(worlds(of, "one")) != shown(worlds(of, "two"))
    assert len(set(shown(worlds(of)))) == WORLDS


def test_a_function_is_another_one_in_each_world() -> None:
    of = universe({"f": "function"})
    with precision(120):
        values = [
            evaluate(apply("f", read_expression("0.7")), world.values, world.functions)
            for world in worlds(of)
        ]
    assert all(abs(a - b) > fmpq(1, 10**9) for a, b in pairwise(values))


def test_a_function_of_an_array_depends_on_each_entry_and_on_pairs() -> None:
    of = universe({"m": "size", "x": "m", "E": "function of x"})
    for world in worlds(of):
        with precision(120):
            slopes = evaluate(partial(Name("E"), Name("x")), world.values, world.functions)
        assert all(slope != 0 for slope in entries(slopes))
        assert len(set(map(str, entries(slopes)))) == len(entries(slopes))

"""Limits, range, slope and symmetry of functions, against what is known of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import sympy as sp
from flint import fmpq

from derivations.calculus.differentiate import NotDifferentiable, Slopes
from derivations.calculus.limits import NoLimit, limit_of
from derivations.calculus.properties import Bound, Properties, properties
from derivations.formula.evaluation import Function, evaluate
from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Formula
from derivations.models import activations


@cache
def of(name: str) -> Properties:
    slopes = Slopes(activations.slopes(), activations.bodies())
    return properties(activations.body(name), activations.bodies(), slopes)


def of_expression(source: str) -> Properties:
    return properties(Function(("z",), read_expression(source)), {}, Slopes())


def shown(formula: Formula | None) -> str:
    return "∞" if formula is None else text(formula)


def interval(found: Properties) -> str:
    """The range in brackets: ``(0, 1)``, ``[0, ∞)``."""
    low, high = found.lowest, found.highest
    assert low is not None
    assert high is not None
    left = "-∞" if low.value is None else shown(low.value)
    return f"{'[' if low.reached else '('}{left}, {shown(high.value)}{']' if high.reached else ')'}"


RANGES = {  # range, steepest slope, symmetry, monotone, saturating, kinks
    "identity": ("(-∞, ∞)", "1", "odd", True, False, []),
    "linear": ("(-∞, ∞)", "1", "odd", True, False, []),
    "heaviside": ("[0, 1]", "0", "", True, True, ["0"]),
    "sign": ("[−1, 1]", "0", "odd", True, True, ["0"]),
    "sigmoid": ("(0, 1)", "1/4", "", True, True, []),
    "tanh": ("(−1, 1)", "1", "odd", True, True, []),
    "relu": ("[0, ∞)", "1", "", True, False, ["0"]),
    "leaky_relu": ("(-∞, ∞)", "1", "", True, False, ["0"]),
    "relu6": ("[0, 6]", "1", "", True, True, ["0", "6"]),
    "elu": ("(−1, ∞)", "1", "", True, False, []),
    "selu": ("(−1.75810, ∞)", "1.75810", "", True, False, ["0"]),
    "softplus": ("(0, ∞)", "1", "", True, False, []),
    "softsign": ("(−1, 1)", "1", "odd", True, True, []),
    "silu": ("[−0.278465, ∞)", "1.09984", "", False, False, []),
    "mish": ("[−0.308843, ∞)", "1.08850", "", False, False, []),
    "gelu": ("[−0.169971, ∞)", "1.12890", "", False, False, []),
    "hard_sigmoid": ("[0, 1]", "1/6", "", True, True, ["−3", "3"]),
    "hard_tanh": ("[−1, 1]", "1", "odd", True, True, ["−1", "1"]),
    "hard_swish": ("[−3/8, ∞)", "3/2", "", False, False, ["−3", "3"]),
    "arctan": ("(−π/2, π/2)", "1", "odd", True, True, []),
    "gaussian": ("(0, 1]", "0.606531", "even", False, True, []),
    "multiquadric": ("[1, ∞)", "1", "even", False, False, []),
    "inverse_multiquadric": ("(0, 1]", "0.384900", "even", False, True, []),
}


def test_every_activation_is_known_here() -> None:
    assert set(RANGES) == set(activations.ACTIVATIONS)


@pytest.mark.parametrize("name", RANGES)
def test_what_is_known_of_an_activation_is_found(name: str) -> None:
    found = of(name)
    assert found.steepest is not None
    assert (
        interval(found), shown(found.steepest.value), found.symmetry, found.monotone, found.saturating,
        [text(kink) for kink in found.kinks],
    ) == RANGES[name]  # fmt: skip


@pytest.mark.parametrize("name", RANGES)
def test_the_bounds_hold_on_a_dense_grid_with_numpy(name: str) -> None:
    found = of(name)
    zs = np.linspace(-30, 30, 2401)
    bodies = dict(activations.bodies())
    body = activations.body(name).body
    ys = [float(evaluate(body, {"z": fmpq(round(z * 40), 40)}, bodies)) for z in zs]
    for bound, side, extreme in ((found.lowest, -1, min(ys)), (found.highest, 1, max(ys))):
        assert bound is not None
        if bound.value is not None:
            limit = float(evaluate(bound.value, {}))
            assert side * (limit - extreme) >= -1e-5
            assert abs(limit - extreme) < 0.05
    slope = max(abs(np.diff(ys) / np.diff(zs)))
    assert found.steepest is not None
    if name not in ("heaviside", "sign"):
        assert slope == pytest.approx(float(evaluate(found.steepest.value, {})), abs=0.03)


@pytest.mark.parametrize(
    ("name", "limits", "slope_limits"),
    [
        ("sigmoid", ["0", "1"], ["0", "0"]), ("relu", ["0", "∞"], ["0", "1"]),
        ("leaky_relu", ["∞", "∞"], ["1/100", "1"]), ("silu", ["0", "∞"], ["0", "1"]),
        ("softplus", ["0", "∞"], ["0", "1"]), ("arctan", ["−π/2", "π/2"], ["0", "0"]),
        ("multiquadric", ["∞", "∞"], ["−1", "1"]), ("elu", ["−1", "∞"], ["0", "1"]),
    ],
)  # fmt: skip
def test_limits(name: str, limits: list[str], slope_limits: list[str]) -> None:
    found = of(name)
    assert [shown(limit) for limit in found.limits] == limits
    assert [shown(limit) for limit in found.slope_limits] == slope_limits


def test_infinite_limits_have_their_sign() -> None:
    assert of("leaky_relu").signs == (-1, 1)
    assert of("multiquadric").signs == (1, 1)
    assert of("relu").signs == (0, 1)


def test_values_at_zero_and_places_of_extremes() -> None:
    assert [shown(of(name).at_zero) for name in ("sigmoid", "softplus", "tanh")] == [
        "1/2",
        "0.693147",
        "0",
    ]
    assert shown(of("silu").lowest.at) == "−1.27846"  # type: ignore[union-attr]
    assert shown(of("gaussian").steepest.at) == "−1"  # type: ignore[union-attr]


def test_a_step_is_constant_between_its_kinks() -> None:
    assert of("heaviside").steps
    assert of("sign").steps
    assert not of("relu").steps


def test_sympy_alone_is_wrong_about_the_slope_of_silu() -> None:
    x = sp.Symbol("x", real=True)
    sigmoid = 1 / (1 + sp.exp(-x))
    slope = x * sigmoid + sigmoid * (1 - x * sigmoid)
    assert float(slope.subs(x, 50)) == pytest.approx(1)
    assert sp.limit(slope, x, sp.oo) == 0, "SymPy is right by now: the detour in limits.py can go"
    assert sp.limit(sp.together(slope), x, sp.oo) == 1
    assert limit_of(activations.slope("silu").body, "z", activations.bodies(), 1) == 1


@pytest.mark.parametrize(
    ("source", "range_", "symmetry"),
    [
        ("z^2", "[0, ∞)", "even"), ("z^3 - 3 z", "(-∞, ∞)", "odd"), ("exp(z)", "(0, ∞)", ""), ("5", "[5, 5]", "even"),
        ("1/(z^2 + 1)", "(0, 1]", "even"), ("abs(z - 1)", "[0, ∞)", ""), ("(z - 10)^2 + 3", "[3, ∞)", ""),
        ("max(z, z^2)", "[0, ∞)", ""), ("z/(z^2 + 4)", "[−1/4, 1/4]", "odd"),
    ],
)  # fmt: skip
def test_the_range_of_a_function_of_the_author(source: str, range_: str, symmetry: str) -> None:
    found = of_expression(source)
    assert (interval(found), found.symmetry) == (range_, symmetry)


def test_with_constants_only_the_far_behaviour_is_told() -> None:
    found = of_expression("c tanh(z/d)")
    assert [shown(limit) for limit in found.limits] == ["−c", "c"]
    assert found.lowest is None
    assert found.steepest is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("sin(z)", r"no limit of sin\(z\) was confirmed"),
        ("ln(z)", "no limit of ln z was confirmed"),
        ("1/z", "1/z has no value near z = 0"),
        ("1/(z - 1/7)^2", r"1/\(z − 1/7\)² has no value near z = 0.143"),
        ("exp(-(z - 40)^2)", r"e\^\(−\(z − 40\)²\) turns beyond z = 24"),
        ("cases(1, ln(z) > 0, 2)", "no limit of .* was found: the logarithm of a negative number does not exist"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(source: str, message: str) -> None:
    with pytest.raises(NoLimit, match=f"^{message}$"):
        of_expression(source)


def test_a_function_without_a_derivative_is_refused() -> None:
    with pytest.raises(NotDifferentiable, match="'floor' has no derivative here"):
        of_expression("floor(z)")


def test_a_bound_says_whether_it_is_rounded() -> None:
    assert Bound(read_expression("0.278465"), True).rounded
    assert not Bound(read_expression("1/4"), True).rounded
    assert not Bound(None, False).rounded

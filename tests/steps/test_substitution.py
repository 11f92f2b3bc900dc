"""The numerals of a sheet: what rounding on the way leaves of them."""

from __future__ import annotations

from typing import Literal

import pytest

from derivations.errors import ProblemError
from derivations.formula.expressions import read_expression
from derivations.formula.tree import vector
from derivations.steps.draft import Draft
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Derivation, Known
from derivations.steps.substitution import substitute_values

FOUR = Rounding(Digits(decimals=4), keep=0, stated=True)


def known(policy: Rounding, given: dict[str, str], **definitions: str) -> dict[str, Known]:
    draft = Draft(rounding=policy)
    for name in given:
        draft.given(name)
    for name, source in definitions.items():
        draft.define(name, read_expression(source))
    derivation = Derivation(
        "id", "kind", "title", (), tuple(draft.quantities.values()), (), (), (), rounding=policy
    )
    return dict(substitute_values(derivation, given).known)


def test_digits_that_only_rounding_made_are_not_shown() -> None:
    found = known(Rounding(), {"x": "1"}, a="x/3", b="10 a - x", c="1 - x/32")
    assert (found["b"].shown, found["b"].exact) == ("2.33333", True)
    found = known(Rounding(), {"x": "1"}, a="x/3", b="7 a - x/32")  # 2.302081
    assert (found["b"].shown, found["b"].exact) == ("2.30208", False)
    assert known(Rounding(), {"x": "1"}, b="x/1024")["b"].shown == "0.0009765625"


@pytest.mark.parametrize(
    ("policy", "given", "source", "shown"),
    [
        (FOUR, "0.2", "0.7 x", "0.14"),  # exact: no zeros are put behind it
        (FOUR, "0.239997", "x", "0.2400"),  # rounded: zeros are kept
        (Rounding(), "0.10", "x", "0.10"),
    ],
)
def test_another_name_for_a_quantity_keeps_its_numeral(
    policy: Rounding, given: str, source: str, shown: str
) -> None:
    found = known(policy, {"x": given}, a=source, b="a", c="b")
    assert [found[name].shown for name in "abc"] == [shown] * 3


@pytest.mark.parametrize("carry", ["exact", "rounded"])
@pytest.mark.parametrize(
    "source",
    [
        "1/(1 + exp(-x)) + 1/(1 + exp(x)) - 1",
        "exp(x) exp(2 x) - exp(3 x)",
        "ln(exp(x)) - x",
        "log2(exp(2 x)) - 2 log2(exp(x))",
        "tanh(x) + (1 - exp(2 x))/(1 + exp(2 x))",
        "exp(tanh(x)) exp(-tanh(x)) - 1",
    ],
)
def test_exponentials_that_cancel_leave_a_zero(
    source: str, carry: Literal["exact", "rounded"]
) -> None:
    policy = Rounding(Digits(decimals=4), carry=carry)
    found = known(policy, {"x": "0.25"}, a=source, b="a + 1", c="cases(1, a > 0, 2)")
    assert [found[name].shown for name in "abc"] == ["0", "1", "2"]
    assert found["a"].exact
    assert found["a"].carried == 0


@pytest.mark.parametrize(
    "source", ["1 - tanh(3000 x)^2", "exp(-9000 x) + 1 - (1 + exp(-9000 x))^2", "tanh(4000 x) - 1"]
)
def test_what_is_merely_small_is_no_zero(source: str) -> None:
    with pytest.raises(ProblemError, match="lies so near to a boundary"):
        known(FOUR, {"x": "1"}, a=source)


def test_entries_of_a_vector_that_cancel_are_zeros() -> None:
    draft = Draft(rounding=Rounding())
    draft.given("x")
    draft.define(
        "y", vector(read_expression("exp(x) - exp(2 x)/exp(x)"), read_expression("exp(x)"))
    )
    derivation = Derivation("id", "kind", "title", (), tuple(draft.quantities.values()), (), (), ())
    assert substitute_values(derivation, {"x": "1"}).known["y"].shown == ("0", "2.71828")

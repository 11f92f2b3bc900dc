"""Lines from names to numbers to the result, and the values that stand in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given

from derivations.errors import NameTaken, ProblemError
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import exact
from derivations.formula.printing import Notation, Printer, Word
from derivations.formula.tree import Formula, Name, names, partial
from derivations.steps.draft import Draft, unfold
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Derivation, Known
from derivations.steps.substitution import plain_values, substitute_values
from tests.trees import close, mp_number, mp_value, named_trees, to_mp


def values(draft: Draft, given_values: dict[str, Any]) -> dict[str, Known]:
    quantities = tuple(draft.quantities.values())
    derivation = Derivation(
        "id", "kind", "title", (), quantities, (), (), (), functions=draft.functions, rounding=draft.rounding,
        place="p.yaml:1",
    )  # fmt: skip
    return dict(substitute_values(derivation, given_values).known)


def show(chain: Chain, known: dict[str, Known]) -> str:
    """The chain as one line of text; ``auto`` is ≈ where something new is not exact."""
    printer = Printer(False, Notation(), lambda name: known[name].shown if name in known else None)
    line = printer.show(chain.first.formula, chain.first.numbers)
    for link in chain.links:
        exactly = all(known[name].exact for name in link.new)
        sign = {"auto": "=" if exactly else "≈"}.get(link.relation, link.relation)
        side = printer.show(link.term.formula, link.term.numbers)
        line += f" {sign} {f'[{side}]' if link.term.boxed else side}"
    return line


def worked(
    source: str, given_values: dict[str, str], draft: Draft | None = None, **how: Any
) -> str:
    draft = draft or Draft()
    formula = read_expression(source, set(draft.functions))
    for name in given_values:
        draft.given(name)
    of = draft.define("z", formula)
    chain = draft.line(of, **how)
    return show(chain, values(draft, given_values))


W = {"w": "0.2", "x": "0.5", "b": "0.5"}


@pytest.mark.parametrize(
    ("detail", "line"),
    [
        ("brief", "z = w·x + b = 0.2 · 0.5 + 0.5 = 0.6"),
        ("standard", "z = w·x + b = 0.2 · 0.5 + 0.5 = 0.1 + 0.5 = 0.6"),
        ("full", "z = w·x + b = 0.2 · 0.5 + 0.5 = 0.1 + 0.5 = 0.6"),
    ],
)
def test_a_line_goes_from_names_to_numbers_to_the_result(detail: Any, line: str) -> None:
    assert worked("w x + b", W, Draft(detail=detail)) == line


@pytest.mark.parametrize(
    ("source", "given_values", "line"),
    [
        ("(a - b)^2 c", {"a": "3", "b": "1", "c": "5"}, "z = (a − b)²·c = (3 − 1)² · 5 = 2² · 5 = 4 · 5 = 20"),
        ("a/3", {"a": "2"}, "z = a/3 = 2/3 ≈ 0.666667"),
        ("-a", {"a": "-2"}, "z = −a = −(−2) = 2"),
        ("a - b", {"a": "1", "b": "-2"}, "z = a − b = 1 − (−2) = 3"),
        ("exp(-a)", {"a": "1"}, "z = e^(−a) = e^(−1) ≈ 0.367879"),
        ("a", {"a": "2"}, "z = a = 2"),
        ("2", {}, "z = 2"),
        ("a b + a b", {"a": "2", "b": "3"}, "z = a·b + a·b = 2 · 3 + 2 · 3 = 6 + 6 = 12"),
    ],
)  # fmt: skip
def test_lines_in_full(source: str, given_values: dict[str, str], line: str) -> None:
    assert worked(source, given_values, Draft(detail="full")) == line


def test_what_is_rounded_is_said_and_carried() -> None:
    draft = Draft(rounding=Rounding(Digits(decimals=2), guard=1))
    assert worked("a/3 + a/7", {"a": "1"}, draft) == (
        "z = a/3 + a/7 = 1/3 + 1/7 ≈ 0.333 + 0.143 ≈ 0.48"
    )
    known = values(draft, {"a": "1"})
    assert known["z"].shown == "0.48"
    assert known["z"].carried == exact("0.48")
    assert known["z"].true == exact("10/21")


def test_a_boxed_answer_ends_the_line() -> None:
    assert worked("w x", W, boxed=True) == "z = w·x = 0.2 · 0.5 = [0.1]"
    draft = Draft(rounding=Rounding(answers=Digits(decimals=0)))
    assert worked(
        "w x b", {"w": "5", "x": "0.5", "b": "0.3"}, draft, boxed=True, detail="brief"
    ) == ("z = w·x·b = 5 · 0.5 · 0.3 = 0.75 ≈ [1]")


def test_forms_before_the_relation_and_the_left_side_are_the_callers() -> None:
    draft = Draft({"f": Function(("u",), read_expression("u^2"))})
    draft.given("x")
    of = draft.define("z", read_expression("f(x)", {"f"}))
    formula = draft.quantities["z"].formula
    assert formula is not None
    chain = draft.line(
        of, formula, worked=unfold(formula, draft.functions), relation="←", law="power"
    )
    assert show(chain, values(draft, {"x": "3"})) == "z ← f(x) = x² = 3² = 9"
    assert chain.law == "power"
    chain = draft.line(of, named=False, left=read_expression("q"))
    assert show(chain, values(draft, {"x": "3"})) == "q = f(3) = 9"


def test_unfolding_writes_out_the_outermost_call_only() -> None:
    functions = {"f": Function(("u",), read_expression("u^2"))}
    assert unfold(read_expression("f(f(x))", {"f"}), functions) == read_expression("f(x)^2", {"f"})
    assert unfold(Name("x"), functions) == Name("x")


def test_a_value_inside_lines_is_kept_once() -> None:
    draft = Draft()
    for name in "ab":
        draft.given(name)
    for name in ("p", "q"):
        draft.line(draft.define(name, read_expression("a b + 1" if name == "p" else "a b + 2")))
    assert sum(q.role == "inside" for q in draft.quantities.values()) == 1


def test_a_name_stands_for_one_quantity() -> None:
    draft = Draft()
    draft.given("x")
    with pytest.raises(NameTaken, match=r"^x$"):
        draft.define("x", read_expression("1"))
    with pytest.raises(NameTaken):
        draft.given("x")
    with pytest.raises(ValueError, match="x is given"):
        draft.line(Name("x"))


def test_derivatives_are_quantities_with_a_shape() -> None:
    draft = Draft()
    draft.given("v", (2,))
    slope = draft.define(partial(Name("L"), Name("v")), read_expression("2 v"))
    assert draft.quantities["dL/dv"].shape == (2,)
    known = values(draft, {"v": ("1", "-0.5")})
    assert known["dL/dv"].shown == ("2", "-1")
    assert show(draft.line(slope), known) == "∂L/∂v = 2·v = 2 · [1, −0.5] = [2, −1]"


def test_a_whole_number_that_the_structure_decides() -> None:
    draft = Draft()
    draft.define("n", read_expression("2 + 3"))
    draft.define("m", read_expression("n^2"))
    assert draft.exact("m") == 25


@given(named_trees())
def test_the_last_value_of_a_full_line_is_the_value_of_the_formula(formula: Formula) -> None:
    assume("transpose" not in str(formula))
    shown = {name: value for name, value in zip("abtwxyz", ("2.5", "-0.7", "0.4", "1.1", "1.3", "-1.9", "0.6"), strict=True) if name in names(formula)}  # fmt: skip
    try:
        value = mp_value(formula, {name: mp_number(text) for name, text in shown.items()})
    except (ValueError, OverflowError):
        assume(False)
    assume(abs(value) < 10**9)
    draft = Draft(detail="full", rounding=Rounding(Digits(significant=6), carry="exact"))
    for name in shown:
        draft.given(name)
    draft.define("q", formula)
    draft.line(Name("q"))
    known = values(draft, shown)
    assert close(to_mp(known["q"].true), value, 20)
    text = str(known["q"].shown)
    assert abs(mp_number(text) - value) <= abs(value) * mp_number("5.1e-6")
    assert not known["q"].exact or mp_number(text) == value or close(mp_number(text), value, 40)


# ---------------------------------------------------------------- values


def problem(draft: Draft, given_values: dict[str, Any]) -> str:
    with pytest.raises(ProblemError) as refused:
        values(draft, given_values)
    return str(refused.value)


def test_what_has_no_value_is_told_with_the_quantity() -> None:
    draft = Draft()
    draft.given("x")
    draft.define("z", read_expression("1/x"))
    assert problem(draft, {"x": "0"}) == "p.yaml:1: id: z: division by 0"
    assert values(draft, {"x": "4"})["z"].shown == "0.25"


def test_a_claim_has_to_be_true() -> None:
    draft = Draft()
    draft.given("x")
    draft.define("c", read_expression("x > 1"), "claim")
    assert values(draft, {"x": "2"})["c"].shown == Word("true")
    assert problem(draft, {"x": "1"}) == "p.yaml:1: id: c: the claim x > 1 is false"


def test_a_value_beyond_all_bounds_is_refused() -> None:
    draft = Draft()
    draft.given("x")
    draft.define("z", read_expression("exp(x)"))
    assert problem(draft, {"x": "1e9000"}) == "p.yaml:1: id: z: the value grows beyond all bounds"


def test_what_cannot_be_decided_is_told_so() -> None:
    draft = Draft()
    draft.define("z", read_expression("cases(1, sin(pi) > 0, 2)"))
    assert problem(draft, {}).endswith("its digits or its branch cannot be decided")


def test_labels_take_the_place_of_values() -> None:
    draft = Draft()
    draft.given("x")
    draft.define("c", read_expression("argmax([x, 1])"), labels={"1": "cat", "2": "dog"})
    assert values(draft, {"x": "0"})["c"].shown == Word("dog")


def test_carrying_rounded_and_exact_values_differ_where_they_should() -> None:
    shown = {}
    for carry in ("rounded", "exact"):
        draft = Draft(rounding=Rounding(Digits(decimals=1), carry=carry, keep=0))  # type: ignore[arg-type]
        draft.given("x")
        draft.define("a", read_expression("x/3"))
        draft.define("b", read_expression("3 a"))
        known = values(draft, {"x": "1"})
        shown[carry] = (known["a"].shown, known["b"].shown)
    assert shown == {"rounded": ("0.3", "0.9"), "exact": ("0.3", "1")}


def test_plain_values_are_numerals() -> None:
    found = plain_values({"x": "0.50", "v": ("1", "2")}, {"y": read_expression("x/3")}, {})
    assert found == {"x": "0.5", "y": "0.166667"}


def test_a_term_is_one_side_of_a_relation() -> None:
    chain = Chain(Term(Name("a")), (Link("=", Term(Name("b"))), Link("≈", Term(Name("c")))))
    assert [term.formula for term in chain.terms()] == [Name("a"), Name("b"), Name("c")]

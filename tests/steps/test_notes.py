"""What a sheet says about its rounding, and when it says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from derivations.formula.expressions import read_expression
from derivations.formula.printing import text
from derivations.formula.tree import Name, partial
from derivations.steps.draft import Draft
from derivations.steps.notes import (
    MARK,
    MARKED,
    formula_of,
    marked,
    notes_on,
    numerals,
    rounding_notes,
)
from derivations.steps.relations import Chain, Term, Text
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Answer, Derivation, Line, Prose
from derivations.steps.substitution import substitute_values


def notes(policy: Rounding, definitions: dict[str, str], given: dict[str, Any]) -> str:
    """The notes as one line."""
    draft = Draft(rounding=policy)
    for name in given:
        draft.given(name)
    for name, source in definitions.items():
        draft.define(name, read_expression(source))
        draft.answer(Name(name))
    derivation = Derivation(
        "id", "kind", "title", (), tuple(draft.quantities.values()), (), (),
        tuple(Answer(name, name) for name in definitions), rounding=policy,
    )  # fmt: skip
    return written(rounding_notes(substitute_values(derivation, given)))


def written(blocks: tuple[Prose, ...]) -> str:
    assert all(block.style == "note" for block in blocks)
    line = ""
    for block in blocks:
        for piece in block.pieces:
            if isinstance(piece, Text):
                line += piece.text
            elif isinstance(piece, Chain):
                sides = [text(term.formula) for term in piece.terms()]
                line += f"{sides[0]} {piece.links[0].relation} {sides[1]}"
    return line


TWO = Rounding(Digits(decimals=2), keep=0, stated=True)


def test_nothing_is_said_where_nothing_was_rounded() -> None:
    assert notes(TWO, {"a": "x/4"}, {"x": "1"}) == ""


def test_nothing_is_said_of_a_policy_that_nobody_asked_for() -> None:
    assert notes(Rounding(), {"a": "x/3"}, {"x": "1"}) == ""


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (TWO, "Values are rounded to 2 decimals; later steps go on with the rounded values."),
        (Rounding(Digits(decimals=1), stated=True), "Values are rounded to 1 decimal; later steps go on with the rounded values."),
        (Rounding(Digits(significant=4), stated=True), "Values are rounded to 4 significant digits; later steps go on with the rounded values."),
        (Rounding(Digits(decimals=2), "exact", stated=True), "Values are shown with 2 decimals; later steps go on with the unrounded values."),
    ],
)  # fmt: skip
def test_the_policy_is_stated_once_something_was_rounded(policy: Rounding, words: str) -> None:
    assert notes(policy, {"a": "x/3"}, {"x": "1"}) == words


def test_answers_that_would_be_others_are_told() -> None:
    found = notes(TWO, {"a": "x/3", "b": "30 a", "c": "a + 1"}, {"x": "1"})
    assert found == (
        "Values are rounded to 2 decimals; later steps go on with the rounded values. "
        "With nothing rounded on the way: b ≈ 10."
    )


def test_more_than_eight_answers_are_counted() -> None:
    policy = Rounding(Digits(decimals=2), keep=0)
    definitions = {"a": "x/3"} | {f"b_{k}": f"{30 * k} a" for k in range(1, 11)}
    found = notes(policy, definitions, {"x": "1"})
    assert found == (
        "With nothing rounded on the way 10 values end in other digits, the last of them: "
        "b₈ ≈ 80, b₉ ≈ 90, b₁₀ ≈ 100."
    )


def test_zeros_at_the_end_make_no_other_answer() -> None:
    policy = Rounding(Digits(decimals=2), keep=0, answers=Digits(decimals=1))
    assert notes(policy, {"a": "x/3", "b": "3 a + 0.01"}, {"x": "1"}) == ""


def test_vectors_are_told_whole() -> None:
    found = notes(
        Rounding(Digits(decimals=2), keep=0), {"a": "v/3", "b": "30 a"}, {"v": ("1", "3")}
    )
    assert found == "With nothing rounded on the way: b ≈ [10, 30]."
    shown = notes_on(_derivation(), [("b", ("10", "-2")), ("W", (("1", "2"), ("3", "4")))])
    assert written(shown) == "With nothing rounded on the way: b ≈ [10, −2], W ≈ [[1, 2], [3, 4]]."


@pytest.mark.parametrize(("count", "are_marked"), [(0, False), (2, False), (3, True)])
def test_many_remarks_become_marks_that_a_note_explains(count: int, are_marked: bool) -> None:
    chain = Chain(Term(Name("a")))
    remarks = ["the printed numbers give 1"] * count + [""]
    lines = tuple(Line((n,), (), (), chain, "", "rounded", r) for n, r in enumerate(remarks))
    policy = (Prose((Text("Rounded."),), "note"),)
    found, told = marked(lines, policy)
    assert [line.remark for line in found] == ([MARK] * count + [""] if are_marked else remarks)
    assert written(told) == ("Rounded. " + MARKED if are_marked else "Rounded.")
    assert written(marked(lines, ())[1]) == (MARKED if are_marked else "")


def _derivation() -> Derivation:
    return Derivation("id", "kind", "title", (), (), (), (), ())


def test_keys_and_numerals_become_formulas() -> None:
    assert formula_of("z_1") == Name("z_1")
    assert formula_of("dL/dw_1") == partial(Name("L"), Name("w_1"))
    assert formula_of("d") == Name("d")
    assert text(numerals(("1", "-0.5"))) == "[1, −0.5]"
    assert text(numerals((("1", "2"), ("3", "4")))) == "[[1, 2], [3, 4]]"
    assert text(numerals("0.50")) == "0.50"

"""What renders a student's sheet is not given the answers: change them, and no byte changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flint import fmpq

from derivations.formula.printing import Word
from derivations.steps.document import Document
from derivations.steps.solution import Known, Solution, Verified, question_of
from derivations.writing import latex, text
from tests.conftest import Bank, document_of_one, solve_text, solved_bank

WRITERS = {"text": text.write, "tex": latex.write}


def spoilt(solution: Solution) -> Solution:
    """The solution with everything that a student must not see replaced by something else."""
    derivation = solution.derivation
    secret = Known(fmpq(777), fmpq(777), fmpq(777), Word("SECRET"), False)
    shown = {q.key for q in derivation.quantities if q.role in ("given", "assembled")}
    known = {
        name: value if name in shown | derivation.public else secret
        for name, value in solution.known.items()
    }
    other = replace(derivation, answers=(), parts=(), solution_heading="SECRET")
    return replace(solution, derivation=other, known=known, parts=())


def worksheet(verified: Verified) -> Document:
    return document_of_one(verified, solutions=False)


@pytest.mark.parametrize("name", sorted(solved_bank().verified))
def test_a_worksheet_does_not_depend_on_the_answers(bank: Bank, name: str) -> None:
    verified = bank.verified[name]
    other = Verified(spoilt(verified.solution), (), ())
    assert question_of(other.solution) == question_of(verified.solution)
    for write in WRITERS.values():
        assert write(worksheet(other)) == write(worksheet(verified))


FIELDS = {
    "neuron": (
        "kind: neuron-forward\ntitle: t\ngiven: {w: [0.2], x: [0.5], b: 1, activation: tanh}\n",
        ["closing: In all {y}.", "rounding: {decimals: 2}", "detail: full", "solution_heading: Key",
         "facts: {twice: 2 y}", "ask: {classify: {threshold: 0.5, above: ill, below: well}}"],
    ),
    "question": (
        "kind: mcq\ntitle: t\ngiven: {x: 1}\nfacts: {y: 2 x}\n"
        "options: [{text: a, claim: y == 2}, {text: b, claim: y == 3}]\n",
        ["closing: It is {y}.", "reason: Because {y}.", "detail: brief", "several: true"],
    ),
    "answer in words": (
        "kind: concept-question\ntitle: t\ntext: Why?\ngiven: {x: 1}\nfacts: {y: 2 x}\ncontent: [{text: a}]\n",
        ["closing: It is {y}.", "claims: [y == 2]", "ask: [y]"],
    ),
    "pooling": (
        "kind: pooling-numeric\ntitle: t\ngiven: {input: [[1, 2], [3, 4]], size: 2}\n",
        ["closing: It is {Y_1_1}.", "facts: {half: Y_1_1/2}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, (_, lines) in FIELDS.items() for line in lines]
)
def test_a_field_of_the_solution_does_not_show_on_the_worksheet(kind: str, line: str) -> None:
    source = FIELDS[kind][0]
    plain, longer = solve_text(source), solve_text(f"{source}{line}\n")
    for write in WRITERS.values():
        assert write(worksheet(plain)) == write(worksheet(longer))
        assert write(document_of_one(plain)) != write(document_of_one(longer)) or line.startswith(
            ("facts", "claims", "ask: [y", "detail")
        )


def test_which_option_is_right_does_not_show() -> None:
    source = FIELDS["question"][0]
    other = source.replace("y == 2", "y == 4").replace("y == 3", "y == 2")
    for write in WRITERS.values():
        sheets = [write(worksheet(solve_text(s))) for s in (source, other)]
        assert sheets[0] == sheets[1]

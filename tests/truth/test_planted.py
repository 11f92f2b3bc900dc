"""Defects that are planted in solutions are found before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flint import arb, fmpq

import derivations.pipeline
from derivations.errors import VerificationError
from derivations.formula.tree import Number, neg, product
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Answer, Quantity, Solution, Table
from tests.conftest import Bank, run, solved_bank
from tests.truth.planting import (
    chains,
    judged_again,
    numeral,
    one_more,
    other_last_digit,
    relation_to,
    turned,
    with_chain,
    with_known,
    with_quantity,
)

WITH_GRADIENTS = (
    "textbooks/two-outputs", "textbooks/small-graph", "textbooks/sigmoid-graph",
    "textbooks/two-samples", "theory-assignment/backpropagation",
)  # fmt: skip
WITH_ROUNDED = (
    "neural-networks-by-hand/sigmoid-neuron", "neural-networks-by-hand/squashed-gaussian",
    "neural-networks-by-hand/shared-weights", "neural-networks-by-hand/cifar-against-mnist",
    *WITH_GRADIENTS[2:],
)  # fmt: skip
WITH_TABLES = (
    "neural-networks-by-hand/mnist-parameters", "neural-networks-by-hand/cifar-parameters",
    "cnn-worksheet/architecture",
)  # fmt: skip
WORKED = (
    *WITH_ROUNDED, "neural-networks-by-hand/diagnosis", "neural-networks-by-hand/learning-rate",
    "neural-networks-by-hand/feature-map-size", "cnn-homework/conv-with-padding",
    "cnn-homework/average-pooling", "cnn-homework/padding-for-same-size", "cnn-worksheet/dense-parameters",
    "cnn-worksheet/activations-at-zero", "theory-assignment/flops", "theory-assignment/lenet",
)  # fmt: skip


def refused(name: str, solution: Solution) -> str:
    """The message with which the judge refuses a solution."""
    with pytest.raises(VerificationError) as error:
        judged_again(name, solution)
    assert error.value.exit_code == 1
    return str(error.value)


@pytest.mark.parametrize("name", WORKED)
def test_the_solution_itself_is_accepted(bank: Bank, name: str) -> None:
    assert judged_again(name, bank.verified[name].solution).lines


# ---------------------------------------------------------------- derivatives and formulas


def derivatives(name: str) -> list[str]:
    """The derivatives of a problem."""
    return [
        q.key
        for q in solved_bank().verified[name].solution.derivation.quantities
        if q.role == "derived"
    ]


def with_formula(change: Callable[[Any], Any]) -> Callable[[Quantity], Quantity]:
    """A quantity with another formula."""
    return lambda quantity: replace(quantity, formula=change(quantity.formula))


DEFECTS: dict[str, Callable[[Any], Any]] = {
    "sign": neg,
    "factor": lambda formula: product(Number("2"), formula),
    "constant": lambda formula: Number("0.123"),
}


@pytest.mark.parametrize("defect", DEFECTS)
@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in WITH_GRADIENTS[:4] for key in derivatives(name)][::2]
)
def test_a_wrong_derivative(name: str, key: str, defect: str) -> None:
    refused(name, with_quantity(name, key, with_formula(DEFECTS[defect])))


@pytest.mark.parametrize("change", [one_more, turned])
@pytest.mark.parametrize("name", WORKED)
def test_a_wrong_formula_in_a_line(bank: Bank, name: str, change: Any) -> None:
    solution = bank.verified[name].solution
    assert "refuted" in refused(name, with_chain(solution, change))


def test_a_wrong_update(bank: Bank) -> None:
    name = "textbooks/two-outputs"
    update = next(
        q for q in bank.verified[name].solution.derivation.quantities if q.role == "update"
    )
    refused(name, with_quantity(name, update.key, with_formula(neg)))


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("name", WITH_ROUNDED)
def test_an_equals_sign_before_a_rounded_number(bank: Bank, name: str) -> None:
    solution = bank.verified[name].solution
    assert "refuted" in refused(name, with_chain(solution, relation_to("=", solution.known)))


def shown_numerals(name: str) -> list[str]:
    """Some quantities that are shown as one numeral, given ones among them."""
    known = solved_bank().verified[name].solution.known
    keys = [key for key in known if numeral(known[key])]
    return keys[:: max(1, len(keys) // 6)]


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in WORKED for key in shown_numerals(name)]
)
def test_a_wrong_last_digit(bank: Bank, name: str, key: str) -> None:
    solution = bank.verified[name].solution
    text = numeral(solution.known[key])
    assert text
    refused(name, with_known(solution, key, shown=other_last_digit(text)))


@pytest.mark.parametrize("name", WITH_ROUNDED)
def test_a_number_cut_off_where_it_should_be_rounded(bank: Bank, name: str) -> None:
    """Also where the wrong numeral is what later steps go on with."""
    solution = bank.verified[name].solution
    for key, known in solution.known.items():
        text = numeral(known)
        if known.exact or text is None:
            continue
        wrong = other_last_digit(text)
        for carried in (known.carried, fmpq(0) + _exact(wrong)):
            refused(name, with_known(solution, key, shown=wrong, carried=carried))
        return
    pytest.fail("nothing is rounded here")


def _exact(text: str) -> fmpq:
    from derivations.formula.numerals import exact

    return exact(text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (name, answer.key)
        for name in WORKED
        for answer in solved_bank().verified[name].solution.derivation.answers[-3:]
        if answer.key
        and isinstance(solved_bank().verified[name].solution.known[answer.key].true, (fmpq, arb))
    ],
)
def test_a_wrong_answer(bank: Bank, name: str, key: str) -> None:
    solution = bank.verified[name].solution
    right = solution.known[key].true
    wrong = right + abs(right) * fmpq(1, 10**6) + fmpq(1, 10**6)  # type: ignore[operator]
    refused(name, with_known(solution, key, true=wrong))


@pytest.mark.parametrize("key", ["option_1", "option_2", "correct_option"])
def test_a_wrong_option(bank: Bank, key: str) -> None:
    name = "neural-networks-by-hand/relu-output"
    solution = bank.verified[name].solution
    right = solution.known[key].true
    wrong = not right if isinstance(right, bool) else right + 1  # type: ignore[operator]
    refused(name, with_known(solution, key, true=wrong))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cnn-homework/why-activations", "zeros"),
        ("cnn-homework/learning-rate", "slow"),
        ("cnn-notes/ridge-functions", "logistic_value"),
        ("cnn-notes/binary-cross-entropy", "E"),
    ],
)
def test_a_wrong_number_in_prose(bank: Bank, name: str, key: str) -> None:
    """A value that no line works out, but a sentence shows."""
    solution = bank.verified[name].solution
    text = numeral(solution.known[key])
    assert text
    refused(name, with_known(solution, key, shown=other_last_digit(text)))
    true = solution.known[key].true + fmpq(1, 1000)  # type: ignore[operator]
    refused(name, with_known(solution, key, true=true, computed=true))


# ---------------------------------------------------------------- tables, words, literals


@pytest.mark.parametrize("name", WITH_TABLES)
def test_a_wrong_cell_of_a_table(bank: Bank, name: str) -> None:
    def change(chain: Chain) -> Chain | None:
        link = chain.links[-1]
        return replace(chain, links=(*chain.links[:-1], Link("=", Term(Number("417")), link.new)))

    solution = bank.verified[name].solution
    assert "refuted" in refused(name, with_chain(solution, change, Table))


@pytest.mark.parametrize(
    ("name", "answer", "wrong"),
    [
        ("cnn-worksheet/which-steps-learn", "CONV", "No"),
        ("cnn-worksheet/which-steps-learn", "POOL", "Yes"),
    ],
)
def test_a_wrong_word(bank: Bank, name: str, answer: str, wrong: str) -> None:
    solution = bank.verified[name].solution
    answers = tuple(
        Answer(a.name, literal=wrong) if a.name == answer else a
        for a in solution.derivation.answers
    )
    derivation = replace(solution.derivation, answers=answers)
    assert "by the second road" in refused(name, replace(solution, derivation=derivation))


@pytest.mark.parametrize(
    "name", ["neural-networks-by-hand/diagnosis", "neural-networks-by-hand/squashed-gaussian"]
)
def test_a_wrong_class(bank: Bank, name: str) -> None:
    solution = bank.verified[name].solution
    (shown,) = [known.shown for key, known in solution.known.items() if key == "class"]
    other = replace(shown, text="Class 7")  # type: ignore[type-var]
    assert "label" in refused(name, with_known(solution, "class", shown=other))


@pytest.mark.parametrize("name", WITH_TABLES)
def test_answers_that_are_exchanged(bank: Bank, name: str) -> None:
    solution = bank.verified[name].solution
    first, *others = solution.derivation.answers
    last = others[-1]
    answers = (replace(first, key=last.key), *others)
    derivation = replace(solution.derivation, answers=answers)
    refused(name, replace(solution, derivation=derivation))


# ---------------------------------------------------------------- before anything is written


@pytest.mark.parametrize("target", ["text", "tex", "json", "pdf"])
def test_nothing_is_written_of_what_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: str
) -> None:
    honest = derivations.pipeline.substitute_values

    def substitute_wrongly(*arguments: Any) -> Solution:
        return with_chain(honest(*arguments), turned)

    monkeypatch.setattr(derivations.pipeline, "substitute_values", substitute_wrongly)
    out = tmp_path / "out"
    done = run("solve", _file("sigmoid-neuron"), _file("diagnosis"), "--to", target, "-o", str(out))
    assert done.code == 1
    assert done.output == ""
    assert done.error.count("refuted") == 2
    assert "Traceback" not in done.error
    assert not out.exists()


def test_json_does_not_report_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = derivations.pipeline.substitute_values
    monkeypatch.setattr(
        derivations.pipeline,
        "substitute_values",
        lambda *arguments: with_chain(honest(*arguments), one_more),
    )
    done = run("solve", _file("sigmoid-neuron"), "--json")
    assert (done.code, done.output) == (1, "")


def test_one_refused_problem_keeps_the_whole_sheet_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    honest = derivations.pipeline.substitute_values

    def substitute(derivation: Any, given: Any) -> Solution:
        solution = honest(derivation, given)
        return with_chain(solution, turned) if derivation.id == "small-graph" else solution

    monkeypatch.setattr(derivations.pipeline, "substitute_values", substitute)
    out = tmp_path / "out"
    sheet = str(Path(_file("small-graph", "textbooks")).parent)
    done = run("solve", sheet, "--to", "text", "-o", str(out))
    assert done.code == 1
    assert "small-graph.yaml" in done.error
    assert not out.exists()


def _file(name: str, sheet: str = "neural-networks-by-hand") -> str:
    from derivations.resources import folder

    return str(folder("problems") / sheet / f"{name}.yaml")


def test_there_are_lines_to_spoil(bank: Bank) -> None:
    assert all(list(chains(bank.verified[name].solution)) for name in WORKED)

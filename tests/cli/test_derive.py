"""``derivations derive``: what is printed, as text and JSON, which files are written, and exit codes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from derivations.kinds.base import library
from derivations.steps.laws import LAWS
from tests.conftest import run

GRAPH = "z = w x + b; a = sigmoid(z); L = (a - t)^2"
LOGISTIC = """\
The derivative f'(x)
--------------------

For

    f(x) = ln(1 + e^x)

the derivative is

    f'(x) = σ(x)

Derivation

    f'(x) = d/dx[ln(1 + e^x)]   [definition]
          = d/dx[1 + e^x]/(1 + e^x)   [logarithm]
          = e^x/(1 + e^x)   [exponential function]
          = ⟦σ(x)⟧   [in terms of]
"""


def files(place: Path) -> list[str]:
    return sorted(path.name for path in place.rglob("*")) if place.exists() else []


# ---------------------------------------------------------------- the terminal


def test_a_derivation_as_text() -> None:
    done = run("derive", "ln(1 + exp(x))", "--in-terms-of", "sigmoid")
    assert (done.code, done.output, done.error) == (0, LOGISTIC, "")


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid-derivative", "Sigmoid"])
def test_a_theorem_by_its_name(name: str) -> None:
    done = run("derive", name)
    assert done.code == 0
    assert done.output.startswith("Derivative of the sigmoid\n")
    assert "⟦σ(x)(1 − σ(x))⟧" in done.output


def test_a_graph_by_a_name_in_the_middle() -> None:
    done = run("derive", GRAPH, "--wrt", "z")
    assert done.code == 0
    assert "= ⟦2(a − t)·a(1 − a)⟧" in done.output
    assert "∂L/∂w" not in done.output


def test_more_detail_prints_more_lines() -> None:
    brief, standard, full = (
        run("derive", "x^2 exp(-x)", "--detail", detail).output.count("[")
        for detail in ("brief", "standard", "full")
    )
    assert brief < standard < full


def test_where_no_form_is_found_the_derivative_is_printed_and_the_code_is_1(tmp_path: Path) -> None:
    done = run("derive", "atan(x)", "--in-terms-of", "itself", "--to", "text", "-o", str(tmp_path))
    assert done.code == 1
    assert "In terms of itself: no formula in terms of it was found" in done.error
    (written,) = tmp_path.iterdir()
    assert "1/(1 + x²)" in written.read_text(encoding="utf-8")


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    "arguments",
    [["sigmoid"], ["x^2 exp(-x)"], [GRAPH, "--wrt", "w"], ["tanh(x)", "--in-terms-of", "itself"]],
    ids=lambda arguments: arguments[0],
)
def test_json_has_statement_result_and_steps(arguments: list[str]) -> None:
    done = run("derive", *arguments, "--json")
    assert (done.code, done.error) == (0, "")
    found = json.loads(done.output)
    assert list(found) == ["name", "statement", "result", "steps", "verified"]
    assert found["verified"] is True
    assert found["name"]
    assert "=" in found["statement"]
    assert found["result"]
    assert len(found["steps"]) >= 2
    for each in found["steps"]:
        assert list(each) == ["law", "latex", "verdict"]
        assert all(key in LAWS for key in each["law"].split("+"))
        assert each["verdict"] in ("given", "proved", "holds")
        assert each["latex"].count("=") >= 1


def test_steps_of_json_hang_together() -> None:
    """The right side of a step is the left side of the next."""
    steps = json.loads(run("derive", "x^2 exp(-x)", "--json", "--detail", "full").output)["steps"]
    sides = [tuple(each["latex"].split(" = ")) for each in steps]
    assert all(len(pair) == 2 for pair in sides)
    assert all(a[1] == b[0] for a, b in pairwise(sides))


@pytest.mark.parametrize(
    ("written", "result"),
    [("f(x) = a x^2", "2*a*x"), ("f(a, x) = a x^2", "(x)**(2)"), ("g(y) = 3 x; f(x) = g^2 x", "(6*x*g + (g)**(2))"),
     ("lambda E^2", "(Symbol('E'))**(2)")],
)  # fmt: skip
def test_the_argument_that_is_written_is_differentiated_by(written: str, result: str) -> None:
    done = run("derive", written, "--json", *(["--wrt", "lambda"] if "E" in written else []))
    assert (done.code, done.error) == (0, "")
    assert json.loads(done.output)["result"] == result


# ---------------------------------------------------------------- the list


def test_the_list_names_every_theorem() -> None:
    done = run("derive", "--list")
    assert (done.code, done.error) == (0, "")
    names = [line.split()[0] for line in done.output.splitlines()]
    assert names == sorted(library.entries())
    assert "Derivative of the sigmoid" in done.output


def test_the_list_as_json_says_what_is_stated_and_where_it_is_from() -> None:
    done = run("derive", "--list", "--json")
    assert (done.code, done.error) == (0, "")
    found = json.loads(done.output)
    assert [each["name"] for each in found] == sorted(library.entries())
    assert all({"name", "statement", "source"} <= set(each) for each in found)
    assert all(each["statement"] and each["source"] for each in found)
    (sigmoid,) = [each for each in found if each["name"] == "sigmoid-derivative"]
    assert sigmoid["source"].startswith("Bishop 2006")
    assert r"\sigma(x)" in sigmoid["statement"]


# ---------------------------------------------------------------- files


def test_files_bear_the_name_of_the_theorem_or_of_the_expression(tmp_path: Path) -> None:
    done = run("derive", "sigmoid", "--to", "tex,text,json", "-o", str(tmp_path))
    assert (done.code, done.output) == (0, "")
    names = [f"sigmoid-derivative.{suffix}" for suffix in ("json", "tex", "txt")]
    assert files(tmp_path) == names
    assert all(name in done.error for name in names)
    assert run("derive", "ln(1 + exp(x))", "--to", "tex", "-q", "-o", str(tmp_path)).error == ""
    assert "ln-1-exp-x.tex" in files(tmp_path)
    tex = (tmp_path / "sigmoid-derivative.tex").read_text(encoding="utf-8")
    assert tex.rstrip().endswith(r"\end{document}")


def test_json_on_the_output_and_files_at_once(tmp_path: Path) -> None:
    done = run("derive", "x^2", "--json", "--to", "text", "-o", str(tmp_path))
    assert json.loads(done.output)["verified"] is True
    assert files(tmp_path) == ["x-2.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sigmod"], "'sigmod' is not a theorem of the library; did you mean 'sigmoid'?"),
        (["x^2 +"], "column 6 of 'x^2 +': found the end"),
        (["a u^2"], "--wrt: choose one of a, u"),
        (["x^2", "--wrt", "y"], "'y' does not occur in it; known: x"),
        (["sigmoid-derivativ"], "write sigmoid(...); did you mean 'sigmoid-derivative'?"),
        (["d/dx x^2"], "column 1 of 'd/dx x^2': write the expression alone, and --wrt x"),
        (["x^2", "--to", "tex,pfd"], "--to: 'pfd' is not a format; did you mean 'pdf'?"),
        (["x^2", "--detail", "lots"], "--detail: found lots, expected brief, standard or full"),
        (["x^2", "--in-terms-of", "sigmod"], "'sigmod' is not an activation; did you mean 'sigmoid'?"),
        (["floor(x)"], "'floor' has no derivative here"),
        (["ln(-1 - x^2)"], "no value at any point that was tried"),
        (["z = 2 x; L = t^2", "--wrt", "x"], "'L' does not depend on 'x'"),
        (["sigmoid-derivative", "--wrt", "x"], "'sigmoid-derivative' is a theorem; --wrt and"),
        ([GRAPH, "--wrt", "w", "--in-terms-of", "itself"], "--in-terms-of goes with one expression"),
        ([], "expected a theorem's name or an expression; see derive --list"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)  # fmt: skip
def test_a_mistake_is_told_and_nothing_is_written(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    formats = [] if "--to" in arguments else ["--to", "tex,text"]
    done = run("derive", *arguments, *formats, "-o", str(target))
    assert message in done.error
    assert (done.code, done.output) == (2, "")
    assert files(target) == []


def test_a_writer_that_fails_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder stands where the file should go."""
    (tmp_path / "sigmoid-derivative.tex").mkdir()
    done = run("derive", "sigmoid", "--to", "tex", "-o", str(tmp_path))
    assert done.code in (1, 2)
    assert "Traceback" not in done.error
    assert files(tmp_path) == ["sigmoid-derivative.tex"]

"""Theorems of an author: what is accepted, what is refused with its place, what is taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.writing.text import write
from tests.conftest import Run, document_of_one, run, solve_text

HEAD = """\
kind: theorem
title: t
symbols:
  m: size
  n: size
  W: m x n, the weights
  x: n, the input
  s: positive
  i: index to m
  j: index to n
  f: function
  E: function of y
define: {y: W @ x}
statement: partial(E, x) = W^T @ partial(E, y)
content:
  - text: words
  - lines:
"""
LINE = 18  # of the first line of lines


def solved(lines: list[str], folder: Path, after: str = "") -> Run:
    path = folder / "own.yaml"
    path.write_text(HEAD + "".join(f"      - {line}\n" for line in lines) + after, encoding="utf-8")
    done = run("solve", str(path), "--to", "tex,text", "-o", str(folder / "out"))
    return Run(done.code, done.output, done.error.replace(str(path), "FILE"))


TRUE = [
    "chain-rule: partial(E, x[j]) = sum(partial(E, y[k]) partial(y[k], x[j]), k = 1..m)",
    "derivative: partial(y[i], x[j]) = W[i,j]",
    "transpose-entry: sum(partial(E, y[k]) W[k,j], k = 1..m) = (W^T @ partial(E, y))[j]",
    "stacked: partial(E, W) = matrix_of(partial(E, y[i]) x[j], i = 1..m, j = 1..n)",
    "chain: D(f(s^2), s) = 2 s f'(s^2)",
    "bound: s <= s + x[j]^2",
]
FALSE = [
    ("a transpose is missing", "stacked: partial(E, x) = W @ partial(E, y)", "do not fit"),
    ("a wrong order", "stacked: partial(E, W) = x @ partial(E, y)^T", "do"),
    ("a factor", "stacked: partial(E, x) = 2 W^T @ partial(E, y)", "refuted: the two sides differ: "),
    ("a sign", "derivative: partial(y[i], x[j]) = -W[i,j]", "refuted: the two sides differ: "),
    ("an index", "chain-rule: partial(E, x[j]) = sum(partial(E, y[k]) W[i,j], k = 1..m)", "refuted"),
    ("a bound", "component: y[i] = sum(W[i,k] x[k], k = 2..n)", "refuted"),
    ("an inequality", "bound: s^2 <= s", "refuted"),
    ("the other sense", "bound: s + x[j]^2 < s", "refuted"),
    ("a special function", "chain: f(2 s) = 2 f(s)", "refuted"),
    ("a special value", "simplify: s^2 = 2 s", "refuted"),
    ("no value", "simplify: ln(-s) = 0", "undecided"),
    ("no entry", "component: x[n + 1] = 0", "undecided"),
]  # fmt: skip


def test_true_lines_are_accepted(tmp_path: Path) -> None:
    done = solved(TRUE, tmp_path)
    assert (done.code, done.error.count("wrote")) == (0, 2)


@pytest.mark.parametrize(("line", "why"), [row[1:] for row in FALSE], ids=[r[0] for r in FALSE])
@pytest.mark.parametrize("place", [0, 2])
def test_a_line_that_is_not_true_is_refused_with_its_place(
    line: str, why: str, place: int, tmp_path: Path
) -> None:
    done = solved([*TRUE[:place], line], tmp_path)
    assert done.code == 1
    assert done.output == ""
    assert done.error.startswith(f"FILE:{LINE + place}:9: content.1.lines.{place}: ")
    assert why in done.error
    assert not (tmp_path / "out").exists()


def test_a_statement_that_is_not_true_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    wrong = HEAD.replace("W^T @ partial(E, y)", "-W^T @ partial(E, y)")
    path.write_text(f"{wrong}      - {TRUE[0]}\n", encoding="utf-8")
    done = run("show", str(path))
    assert done.code == 1
    assert done.error.startswith(f"{path}:14:12: statement.0: ")


def test_conditions_that_nothing_fulfils_are_refused(tmp_path: Path) -> None:
    done = solved(TRUE[:1], tmp_path, "conditions: [s < 0]\n")
    assert done.code == 1
    assert done.error.startswith("FILE:19:13: conditions: only 0 of 400 random cases fulfil")
    assert not (tmp_path / "out").exists()


def test_lines_hold_under_conditions_and_when(tmp_path: Path) -> None:
    assert solved(["bound: s <= s^2"], tmp_path, "    when: s > 1\n").code == 0
    assert solved(["bound: s <= s^2"], tmp_path, "conditions: [s > 1]\n").code == 0
    assert solved(["bound: s <= s^2"], tmp_path, "    when: s > 1/2\n").code == 1
    refused = solved(["bound: s <= s^2"], tmp_path, "    when: s < 0\n")
    assert refused.code == 1
    assert "no case was found in which the line is claimed" in refused.error


# ---------------------------------------------------------------- differentiate


WORKED = """\
kind: theorem
title: t
symbols: {{x: real, a: real}}
statement: D(exp(a x), x) = a exp(a x)
content:
  - lines:
      - {first}
      - simplify: = a exp(a x)
"""


@pytest.mark.parametrize(
    "first",
    ["differentiate: D(exp(a x), x)", "definition: D(exp(a x), x) = D(exp(x a), x)\n      - differentiate: D(exp(x a), x)"],
    ids=["first", "going on"],
)  # fmt: skip
def test_a_derivative_is_worked_out_where_it_stands(first: str) -> None:
    shown = write(document_of_one(solve_text(WORKED.format(first=first))))
    assert "d/dx[e^(a·x)] = " in shown
    assert "[exponential function]" in shown
    assert "⟦a·e^(a·x)⟧   [simplified]" in shown


def test_what_goes_on_from_a_worked_derivative_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    text = WORKED.format(first="differentiate: D(exp(a x), x)").replace(
        "- simplify: = a", "- simplify: ="
    )
    path.write_text(text, encoding="utf-8")
    done = run("show", str(path))
    assert done.code == 1
    assert done.error.startswith(f"{path}:8:9: content.0.lines.1: ")


# ---------------------------------------------------------------- the library in other files


def test_a_theorem_of_the_library_is_taken_over() -> None:
    shown = write(
        document_of_one(
            solve_text(
                "kind: theorem\ntitle: My own title\nderivation: sigmoid-derivative\n"
                "content: [{text: Words before.}]\nclosing: Words behind.\n"
            )
        )
    )
    assert shown.startswith("My own title\n")
    assert (
        shown.index("Words before.")
        < shown.index("⟦σ(x)(1 − σ(x))⟧")
        < shown.index("Words behind.")
    )


def test_a_solution_ends_with_what_it_rests_on() -> None:
    text = (
        "kind: graph\ntitle: t\ngiven: {x: 2}\ndefine: {y: sigmoid(x)}\nsee: [sigmoid-derivative]\n"
    )
    shown = write(document_of_one(solve_text(text)))
    assert shown.rstrip().endswith(
        "See the derivation “Derivative of the sigmoid” (sigmoid-derivative)."
    )

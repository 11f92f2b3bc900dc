"""Documents: where their mathematics is found, what is repaired, what a report says."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from derivations.checking.reports import check_document
from derivations.checking.text.documents import sections
from derivations.cli.app import app
from derivations.cli.reports import Report, html, table
from derivations.reading.latex.repairs import REPAIRS, repaired

RUNNER = CliRunner()
TEXT = r"""
# Question 1

Given $w = 0.5$, $x = 2$ and $b = -0.3$:
\[ z = w x + b = 0.5 \cdot 2 - 0.3 = 0.7 \]
% $a = 1 = 2$ is a comment
```
code with $1 = 2$
```
so that

$$a = \sigma(z) \approx 0.668$$

# Question 2

(b) \begin{align*}
  1 + 1 &= 2 \\ &= 3
\end{align*}
$$= 3$$
"""


def test_mathematics_is_found_with_its_lines() -> None:
    first, second = sections(TEXT)
    assert (first.title, first.line) == ("# Question 1", 2)
    assert [(s.line, s.latex.split()[0]) for s in first.segments] == [
        (4, "w"),
        (4, "x"),
        (4, "b"),
        (5, "z"),
        (12, "a"),
    ]
    assert len(second.segments) == 1  # what begins with a sign goes on
    assert second.segments[0].latex.endswith("= 3")


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("no mathematics at all", 0), ("1 + 1 = 2", 1), (r"\(a\) and $b$ without relations", 0),
     (r"price \$5 = five dollars", 1), ("$unclosed = 1", 1)],
)  # fmt: skip
def test_texts_of_all_sorts(text: str, count: int) -> None:
    assert len(list(sections(text))) == count


def test_steps_are_judged_section_by_section() -> None:
    document = check_document(TEXT)
    assert document.first_wrong is not None
    assert [section.title for section in document.sections] == [
        "# Question 1",
        r"(b) \begin{align*}",
    ]
    first, second = document.sections
    assert all(step.verdict in ("given", "proved", "holds", "rounded") for step in first.steps)
    assert [step.verdict for step in second.steps][:2] == ["proved", "wrong"]


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("rac{1}{2}", r"\frac {1}{2}"), (r"\left( x ight)", r"\left( x \right )"),
        ("2 imes 3", r"2 \times  3"), ("egin{align}", r"\begin {align}"), ("heta = 1", r"\theta  = 1"),
        ("W_{ m out}", r"W_{\mathrm{out}}"), (r"\frac{1}{2}", r"\frac{1}{2}"), ("right = 1", "right = 1"),
        ("fraction", "fraction"), ("times", "times"),
    ],
)  # fmt: skip
def test_damage_is_repaired_and_words_are_not(damaged: str, meant: str) -> None:
    found, notes = repaired(damaged)
    assert found.split() == meant.split()
    assert bool(notes) == (found != damaged)


def test_every_repair_has_its_place() -> None:
    assert len({repair.pattern.pattern for repair in REPAIRS}) == len(REPAIRS)


def test_the_page_holds_every_step_and_nothing_foreign() -> None:
    text = TEXT + "\n$$ x = <script>alert(1)</script> $$\n"
    document = check_document(text)
    page = html(Report("a<b>.tex", text, document))
    assert "<script>" not in page
    assert "a&lt;b&gt;.tex" in page
    assert page.count("<tr class=") >= sum(len(section.steps) for section in document.sections)
    assert not re.search(r"(?:src|href)=\"(?!#first)|url\(|@import|<link|<script", page)
    assert "default-src 'none'" in page
    assert "built-in" not in page


def test_the_table_has_a_row_a_file_and_no_formulas() -> None:
    document = check_document(TEXT)
    rows = list(
        csv.reader(
            io.StringIO(table([Report(name, TEXT, document) for name in ("=cmd.tex", "b.tex")])[1:])
        )
    )
    assert table([]).startswith("\ufefffile,steps")  # Excel reads umlauts by the mark
    assert [row[0] for row in rows] == ["file", "'=cmd.tex", "b.tex"]
    assert rows[1][4] == str(document.counts["wrong"])


def run(*args: object) -> tuple[int, str]:
    result = RUNNER.invoke(app, [str(arg) for arg in args])
    return result.exit_code, result.output


def test_the_command_over_files(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.tex", tmp_path / "wrong.md"
    right.write_text("$1 + 1 = 2$")
    wrong.write_text("$1 + 1 = 3$")
    assert run("check", right)[0] == 0
    code, shown = run("check", wrong)
    assert code == 1
    assert "first wrong step: line 1" in shown
    code, shown = run("check", tmp_path, "--json")
    assert code == 1
    found = json.loads(shown)
    assert [entry["first_wrong"] for entry in found] == [None, 0]
    assert {"id", "steps", "first_wrong", "line", "file", "notes", "marks"} == set(found[0])
    code, _ = run("check", tmp_path, "--to", "html,csv", "-o", tmp_path / "out", "-q")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "checked.csv",
        "right.html",
        "wrong.html",
    ]


def test_a_problem_file_brings_its_definitions(tmp_path: Path) -> None:
    problem, attempt = tmp_path / "p.yaml", tmp_path / "a.tex"
    problem.write_text(
        "kind: graph\ntitle: t\ngiven: {x: 2, w: 0.5, b: -0.3}\ndefine: {z: w*x + b}\nask: {values: [z]}\n"
    )
    attempt.write_text(r"$z = w x = 0.5 \cdot 2 = 1$")
    assert run("check", attempt)[0] == 0
    code, shown = run("check", attempt, "--problem", problem)
    assert code == 1
    assert "z = w x" in shown


def test_lines_of_json_in_and_out(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(
        '{"id": "a", "latex": "1 + 1 = 2", "givens": "", "symbols": {}}\n\n{"id": 7, "latex": "1 + 1 = 3"}\n'
    )
    code, shown = run("check", "--jsonl", path)
    first, second = map(json.loads, shown.splitlines())
    assert code == 1
    assert first == {
        "id": "a",
        "steps": [
            {
                "index": 0,
                "latex": "1 + 1 = 2",
                "verdict": "proved",
                "why": first["steps"][0]["why"],
                "misconception": None,
            }
        ],
        "first_wrong": None,
    }
    assert (second["id"], second["first_wrong"]) == (7, 0)


@pytest.mark.parametrize(
    ("line", "message"),
    [("{", "1:2: not JSON: Expecting property name"), ("[1]", "expected an object with 'latex'"),
     ('{"latex": 3}', "'latex'"), ('{"latx": "1"}', "did you mean 'latx'?"),
     ('{"latex": "1", "symbols": 3}', "expected 'symbols' as an object"),
     ('{"latex": "1", "symbols": {"x": ""}}', "declared as nothing"),
     ('{"id": NaN, "latex": "1"}', "NaN is no number"), ("[" * 100_000, "not JSON"),
     ("1" * 5000, "not JSON")],
)  # fmt: skip
def test_lines_that_are_none_do_not_stop_the_others(
    line: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(f'{line}\n{{"id": "b", "latex": "1 = 2"}}\n')
    result = RUNNER.invoke(app, ["check", "--jsonl", str(path)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{path}:1:")
    assert message in result.stderr
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["steps"], first["first_wrong"], first["error"] in result.stderr) == (
        [],
        None,
        True,
    )
    assert second["first_wrong"] == 0


def test_lines_end_where_files_end_them_and_come_from_standard_input(tmp_path: Path) -> None:
    line = json.dumps({"id": "a\u2028b", "latex": "1 = 1"}, ensure_ascii=False)
    data = f"\ufeff{line}\r\n".encode()
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    results = [
        RUNNER.invoke(app, ["check", "--jsonl", str(path)]),
        RUNNER.invoke(app, ["check", "--jsonl", "-"], input=data),
    ]
    assert [result.exit_code for result in results] == [0, 0]
    assert [json.loads(result.stdout)["id"] for result in results] == ["a\u2028b"] * 2


def test_indices_are_shown_as_they_were_counted(tmp_path: Path) -> None:
    attempt = tmp_path / "attempt.md"
    attempt.write_text(
        r"$y_i = \sum_{k=0}^{1} w_k x_{i+k}$, so $\frac{\partial y_0}{\partial w_0} = x_1$."
        "\n\n"
        r"$h_t = \tanh(h_{t-1})$, $L = \sum_{t=1}^{T} h_t = h_1$"
    )
    shown = RUNNER.invoke(app, ["check", str(attempt)]).output
    assert "understood: ∂y₀/∂w₀ = x₁" in shown
    assert "understood: ∑_{t=1}^{T} hₜ = h₁" in shown

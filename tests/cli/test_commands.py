"""The commands: exit codes, exact words, what stands on which stream, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.cli.listing import problem_files
from derivations.cli.starting import schema_of
from derivations.kinds import kind_names
from derivations.models.activations import ACTIVATIONS
from derivations.models.layers import layers
from derivations.models.losses import LOSSES
from derivations.pipeline import document_of
from derivations.resources import folder
from derivations.writing import FORMATS
from tests.conftest import Run, run

BANK = folder("problems")
NEURON = BANK / "neural-networks-by-hand" / "sigmoid-neuron.yaml"
GRAPH = """\
kind: graph
title: Two numbers
given: {x: 2, y: 3}
define: {L: x*y}
ask: {gradients: {of: L, by: [x]}}
"""


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    """A problem file of a few lines."""
    path = tmp_path / "two-numbers.yaml"
    path.write_text(GRAPH, encoding="utf-8")
    return path


def files(place: Path) -> list[str]:
    """What lies in a folder, hidden files too."""
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


# ---------------------------------------------------------------- starting


def test_help_imports_no_algebra() -> None:
    """Not SymPy, and nothing else that takes long; asked of a process of its own."""
    script = (
        "import sys\n"
        "sys.argv = ['derivations', '--help']\n"
        "from derivations.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "slow = {'sympy', 'numpy', 'flint', 'pydantic', 'jinja2', 'pylatex', 'yaml'}\n"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)\n"
        "assert 'typer' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Worked, verified solutions for neural-network courses." in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["solve", "derive", "list", "show", "new", "schema", "doctor"])
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert f"derivations {command}" in done.output
    assert command in run("--help").output


def test_the_module_and_the_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "derivations", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "derivations 0.1.0\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solv", "x"], "No such command 'solv'. Did you mean 'solve'?"),
        (["solve"], "Missing argument 'paths'."),
        (["solve", str(NEURON), "--jso"], "No such option: --jso (Possible options: --json"),
        (["solve", str(NEURON), "--detial", "full"], "No such option: --detial"),
        (["show"], "Missing argument 'name'."),
    ],
)
def test_a_command_line_that_is_not_understood(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert words in done.error
    assert done.output == ""


SAID = [
    (["solve", "nowhere.yaml"], "nowhere.yaml: no such file or folder"),
    (["solve", str(NEURON), "--to", "pfd"],
     f"--to: 'pfd' is not a format; did you mean 'pdf'? Known: {', '.join(FORMATS)}"),
    (["solve", str(NEURON), "--to", "docs"], f"--to: 'docs' is not a format; known: {', '.join(FORMATS)}"),
    (["solve", str(NEURON), "--to", " , "], f"--to: no format; known: {', '.join(FORMATS)}"),
    (["solve", str(NEURON), "--detail", "ful"],
     "--detail: found ful, expected brief, standard or full; did you mean 'full'?"),
    (["solve", str(NEURON), "--engine", "lualate"],
     "--engine: found lualate, expected auto, embedded, latexmk, pdflatex, lualatex; did you mean 'lualatex'?"),
    (["show", "sigmoid-neuro"],
     "'sigmoid-neuro' is neither a file nor the id of a shipped problem; did you mean 'sigmoid-neuron'?"),
    (["solve", "sigmoid-neuro"],
     "'sigmoid-neuro' is neither a file nor the id of a shipped problem; did you mean 'sigmoid-neuron'?"),
    (["vary", "textbooks/smal-graph"],
     "'textbooks/smal-graph' is neither a file nor the id of a shipped problem; did you mean 'textbooks/small-graph'?"),
    (["solve", "problems/midterm.yaml"],
     "problems/midterm.yaml:2:7: kind: this is an exam; `derivations exam FILE` makes its papers"),
    (["vary", "textbooks"], "'textbooks' is a sheet; expected a single problem"),
    (["vary", "learning-rate"],
     "'learning-rate' is the id of 3 shipped problems; say which: cnn-homework/learning-rate, cnn-notes/learning-rate, "
     "neural-networks-by-hand/learning-rate"),
    (["check", str(NEURON), "--problem", "sigmoid-neuro"],
     "'sigmoid-neuro' is neither a file nor the id of a shipped problem; did you mean 'sigmoid-neuron'?"),
    (["vary", "small-grahp.yaml"], "small-grahp.yaml: no such file or folder"),
    (["show", str(NEURON), "--detail", "long"], "--detail: found long, expected brief, standard or full"),
    (["list", "nowhere"], "nowhere: no such file or folder"),
    (["new", "grahp"], f"'grahp' is not a kind of problem; did you mean 'graph'? Known: {', '.join(sorted([*kind_names(), 'sheet', 'exam']))}"),
    (["list", "--what", "loss"], "--what: 'loss' is not a list; did you mean 'losses'? Known: activations, kinds, layers, losses, problems"),
    (["schema", "sheets"], f"'sheets' is not a schema; did you mean 'sheet'? Known: {', '.join(sorted([*kind_names(), 'problem', 'sheet', 'exam']))}"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), SAID, ids=[" ".join(a[-2:]) for a, _ in SAID])
def test_the_words_of_a_refusal(arguments: list[str], words: str) -> None:
    assert run(*arguments) == Run(2, "", words + "\n")


# ---------------------------------------------------------------- solve


def test_text_and_tex_are_written_and_told(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    done = run("solve", str(problem), "--to", "text,tex", "-o", str(out))
    assert done == Run(0, "", f"wrote {out}/two-numbers.txt\nwrote {out}/two-numbers.tex\n")
    assert files(out) == ["two-numbers.tex", "two-numbers.txt"]


def test_quiet_says_nothing(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("solve", str(problem), "-q", "--to", "text", "-o", str(out)) == Run(0, "", "")
    assert files(out) == ["two-numbers.txt"]


def test_json_prints_json_and_nothing_else(problem: Path, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    done = run("solve", str(problem), "--json")
    assert (done.code, done.error) == (0, "")
    (entry,) = json.loads(done.output)
    assert entry["id"] == "two-numbers"
    assert [answer["name"] for answer in entry["answers"]] == ["L", "dL/dx"]
    assert files(tmp_path) == ["two-numbers.yaml"], "no format was asked for"


def test_json_and_a_format(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("solve", str(problem), "--json", "--to", "json,text", "-o", str(out))
    assert (done.code, done.error) == (0, "")
    assert json.loads(done.output) == json.loads((out / "two-numbers.json").read_text("utf-8"))
    assert files(out) == ["two-numbers.json", "two-numbers.txt"]


def test_a_worksheet_has_a_name_of_its_own(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("solve", str(problem), "--no-solutions", "--to", "text", "-o", str(out))
    assert done.code == 0
    assert files(out) == ["two-numbers-worksheet.txt"]


def test_the_json_of_a_worksheet_has_no_answers(problem: Path, tmp_path: Path) -> None:
    done = run("solve", str(problem), "--no-solutions", "--json")
    assert (done.code, done.error) == (0, "")
    assert json.loads(done.output) == [
        {"id": "two-numbers", "source": "", "kind": "graph", "title": "Two numbers",
         "answers": [], "steps": [], "verified": True}
    ]  # fmt: skip
    (tmp_path / "sheet.yaml").write_text("title: One\nsections:\n  - items: [two-numbers]\n")
    whole = json.loads(run("solve", str(tmp_path), "--no-solutions", "--json").output)
    assert [(each["kind"], each["verified"]) for each in whole] == [
        ("sheet", True),
        ("graph", True),
    ]


def test_folders_and_sheets(tmp_path: Path) -> None:
    out = tmp_path / "out"
    sheet = str(BANK / "textbooks")
    for path in (sheet, f"{sheet}/sheet.yaml"):
        assert run("solve", path, "-q", "--to", "text", "-o", str(out)).code == 0
    assert files(out) == ["textbooks.txt"]


def test_the_folder_in_which_one_stands(problem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = problem.parent / "tutorial"
    place.mkdir()
    problem.rename(place / "my-problem.yaml")
    assert run("new", "sheet", str(place / "sheet.yaml")).code == 0
    monkeypatch.chdir(place)
    for path in (".", "sheet.yaml"):
        assert run("solve", path, "--to", "text", "-o", "results").code == 0
        assert files(place / "results") == ["tutorial.txt"]
    assert json.loads(run("solve", ".", "--json").output)[0]["id"] == "tutorial"


def test_a_folder_without_a_sheet_is_its_problems(problem: Path, tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "other.yml").write_text(GRAPH, encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("no: problem", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no problem", encoding="utf-8")
    out = tmp_path / "out"
    done = run("solve", str(tmp_path), "-q", "--to", "text", "-o", str(out))
    assert done.code == 0, done.error
    assert files(out) == ["other.txt", "two-numbers.txt"]


def test_a_folder_without_problems(tmp_path: Path) -> None:
    done = run("solve", str(tmp_path))
    assert done == Run(2, "", f"{tmp_path}: no problem file (.yaml) in this folder\n")


def test_a_folder_of_results_can_lie_among_the_problems(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(2):
        assert run("solve", str(problem), "-q", "--to", "text", "-o", str(out)).code == 0
    assert files(out) == ["two-numbers.txt"]


def test_one_path_twice_is_solved_once(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("solve", str(problem), str(problem), "--to", "text", "-o", str(out))
    assert done == Run(0, "", f"wrote {out}/two-numbers.txt\n")


def test_two_results_of_one_name_are_refused(problem: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "two-numbers.yaml"
    other.parent.mkdir()
    other.write_text(GRAPH, encoding="utf-8")
    out = tmp_path / "out"
    done = run("solve", str(problem), str(other), "--to", "text", "-o", str(out))
    assert done.code == 2
    assert done.error == (
        f"{other}: its result would be called 'two-numbers', as that of {problem}; "
        "solve them apart, with another -o\n"
    )
    assert not out.exists()
    assert run("solve", str(problem), str(other), "--json").code == 0


def test_the_mistakes_of_all_files_are_told_and_nothing_is_written(
    problem: Path, tmp_path: Path
) -> None:
    wrong = [tmp_path / f"wrong-{k}.yaml" for k in (1, 2)]
    for path in wrong:
        path.write_text(GRAPH.replace("x*y", "x*q"), encoding="utf-8")
    out = tmp_path / "out"
    done = run("solve", str(problem), *map(str, wrong), "--to", "text", "-o", str(out))
    assert done.code == 2
    assert done.error.splitlines() == [
        f"{path}:4:13: define.L: column 3 of 'x*q': 'q' is neither given nor defined before"
        for path in wrong
    ]
    assert not out.exists()


def test_json_is_empty_where_there_is_a_mistake(problem: Path) -> None:
    problem.write_text(GRAPH.replace("x*y", "x*q"), encoding="utf-8")
    done = run("solve", str(problem), "--json")
    assert (done.code, done.output) == (2, "")


def test_the_mistakes_of_a_sheet(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet"
    sheet.mkdir()
    (sheet / "good.yaml").write_text(GRAPH, encoding="utf-8")
    (sheet / "bad.yaml").write_text(GRAPH.replace("title", "titel"), encoding="utf-8")
    (sheet / "zero.yaml").write_text(GRAPH.replace("x*y", "x/(y - 3)"), encoding="utf-8")
    text = (
        "title: A sheet with {z}\ntext: Its value {z}.\nsections:\n"
        "  - title: One\n    text: And {y}.\n    items: [good, bda, bad, ../secret, {label: x}, zero]\n"
    )
    (sheet / "sheet.yaml").write_text(text, encoding="utf-8")
    done = run("solve", str(sheet))
    place = f"{sheet}/sheet.yaml"
    assert done.code == 2
    assert done.error.splitlines() == [
        f"{place}:6:40: sections.0.items.4.problem: 'problem' is missing"
    ]
    (sheet / "sheet.yaml").write_text(text.replace(", {label: x}", ""), encoding="utf-8")
    assert run("solve", str(sheet)).error.splitlines() == [
        f"{place}:2:7: text: {{z}}: a sheet has no values; its problems have",
        f"{place}:5:11: sections.0.text: {{y}}: a sheet has no values; its problems have",
        f"{place}:6:19: sections.0.items.1: there is no file 'bda.yaml' beside the sheet; did you mean 'bad'?",
        f"{sheet}/bad.yaml:1:1: title: 'title' is missing",
        f"{sheet}/bad.yaml:2:1: titel: 'titel' is not a key here; did you mean 'title'? Known: id, title, source, "
        "text, marks, marking, hint, closing, publication, rounding, notation, detail, facts, solution_heading, see, vary, variant, require, distinct, kind, given, "
        "define, functions, samples, training, loss_over_samples, epochs, ask",
        f"{place}:6:29: sections.0.items.3: there is no file 'secret.yaml' beside the sheet",
    ]
    plain = "title: A sheet\nsections: [{items: [good, zero]}]\n"
    (sheet / "sheet.yaml").write_text(plain, encoding="utf-8")
    assert run("solve", str(sheet)) == Run(
        2, "", f"{sheet}/zero.yaml:4:13: define.L: division by 0\n"
    )


def test_items_of_a_sheet_have_either_ending(problem: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text(GRAPH, encoding="utf-8")
    (tmp_path / "sheet.yaml").write_text(
        "title: Endings\nsections:\n  - items: [other.yml, two-numbers, two-numbers.yaml]\n"
    )
    done = run("solve", str(tmp_path), "--json")
    assert (done.code, done.error) == (0, "")
    assert [entry["id"] for entry in json.loads(done.output)][1:] == ["other", *["two-numbers"] * 2]


def test_a_folder_that_cannot_be_written_to(problem: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    out = tmp_path / "taken" / "out"
    done = run("solve", str(problem), "-q", "--to", "text", "-o", str(out))
    assert done == Run(2, "", f"{out}/two-numbers.txt: cannot be written: Not a directory\n")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize("command", ["solve", "show", "list"])
def test_a_file_name_that_is_nearly_right(
    command: str, problem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(problem.parent)
    for name in ("two-nubmers.yaml", "two-numbers.yml"):
        done = run(command, name)
        assert (done.code, done.output) == (2, "")
        assert done.error.endswith("; did you mean 'two-numbers.yaml'?\n")


def test_a_file_name_that_is_alike_by_its_ending_alone(
    problem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(problem.parent)
    assert run("solve", "five.yaml") == Run(2, "", "five.yaml: no such file or folder\n")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to(tmp_path / "gone")
    done = run("solve", str(tmp_path / "x.yaml"))
    assert done == Run(2, "", f"{tmp_path}/x.yaml: no such file or folder\n")
    (tmp_path / "y.yaml").write_bytes(b"title: \xff\xfe\n")
    done = run("solve", str(tmp_path / "y.yaml"))
    assert done == Run(2, "", f"{tmp_path}/y.yaml:1:8: not UTF-8 text; save the file as UTF-8\n")
    (tmp_path / "z.yaml").write_bytes(b"#" * (2 << 20))
    done = run("solve", str(tmp_path / "z.yaml"))
    assert done == Run(2, "", f"{tmp_path}/z.yaml: a file of 2097152 bytes; at most 1048576\n")


def test_a_defect_of_ours_has_its_own_exit_code(
    problem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from derivations.errors import VerificationError

    def refuse(*_: object) -> None:
        raise VerificationError("a line is wrong")

    monkeypatch.setattr("derivations.pipeline.verify", refuse)
    assert run("solve", str(problem), "--json") == Run(1, "", "a line is wrong\n")


def test_a_run_that_is_stopped(problem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("derivations.pipeline.verify", stop)
    done = run("solve", str(problem), "--json")
    assert (done.code, done.output) == (130, "")
    assert "stopped; nothing is half written" in done.error


def test_a_reader_that_goes_away_is_no_error() -> None:
    """As in ``derivations list | head -1``."""
    command = [sys.executable, "-m", "derivations", "list"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


# ---------------------------------------------------------------- list, show, new, doctor


def test_list_names_every_shipped_problem() -> None:
    done = run("list")
    assert (done.code, done.error) == (0, "")
    rows = done.output.splitlines()
    assert len(rows) == len([p for p in problem_files(BANK) if p.name != "sheet.yaml"])
    assert len(rows) > 70
    (row,) = [row for row in rows if row.startswith("sigmoid-neuron ")]
    assert row.split(maxsplit=2) == [
        "sigmoid-neuron",
        "neuron-forward",
        "Output of a sigmoid neuron",
    ]


def test_list_as_json_and_of_a_folder(problem: Path, tmp_path: Path) -> None:
    assert json.loads(run("list", "--json", str(tmp_path)).output) == [
        {
            "id": "two-numbers", "kind": "graph", "title": "Two numbers", "source": "",
            "file": str(problem),
        }
    ]  # fmt: skip
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("list", str(empty)) == Run(0, "", "")


@pytest.mark.parametrize(
    ("what", "count", "row"),
    [
        ("kinds", len(kind_names()), ["mcq", "A", "multiple-choice"]),
        ("activations", len(ACTIVATIONS), ["relu", "rectified", "linear"]),
        ("losses", len(LOSSES), ["hinge", "hinge", "loss"]),
        ("layers", len(layers()), ["dense", "FC,", "DENSE"]),
    ],
)
def test_list_of_what_problem_files_can_name(what: str, count: int, row: list[str]) -> None:
    done = run("list", "--what", what)
    assert (done.code, done.error) == (0, "")
    lines = [line.split()[:3] for line in done.output.splitlines()]
    assert (len(lines), row in lines) == (count, True)
    entries = json.loads(run("list", "--what", what, "--json").output)
    assert [next(iter(entry.values())) for entry in entries] == [line[0] for line in lines]


def test_show_by_name_and_by_file() -> None:
    by_name = run("show", "sigmoid-neuron")
    assert by_name == run("show", str(NEURON))
    assert by_name.code == 0
    assert "Output of a sigmoid neuron" in by_name.output
    assert "⟦0.705⟧" in by_name.output


def test_a_shipped_problem_goes_by_its_id_everywhere(tmp_path: Path) -> None:
    attempt = tmp_path / "attempt.tex"
    attempt.write_text("$z = 0.87$, $\\sigma(z) = 0.705$\n", encoding="utf-8")
    for *words, tail in (
        ["vary", "-n", "2", "--json", "NEURON"],
        ["solve", "--json", "NEURON"],
        ["check", str(attempt), "--json", "--problem", "NEURON"],
    ):
        names = ("sigmoid-neuron", "neural-networks-by-hand/sigmoid-neuron", str(NEURON))
        done = [run(*words, tail.replace("NEURON", name)) for name in names]
        assert done[0].output.startswith(("[", "{"))
        assert done[0] == done[1] == done[2]


def test_show_the_file_itself() -> None:
    assert run("show", "sigmoid-neuron", "--source") == Run(
        0, NEURON.read_text(encoding="utf-8"), ""
    )


def test_show_a_sheet_and_a_detail() -> None:
    assert "Worked examples from the literature" in run("show", "textbooks").output
    brief, full = (run("show", "sigmoid-neuron", "--detail", d).output for d in ("brief", "full"))
    assert 0 < len(brief) < len(full)


@pytest.mark.parametrize("kind", kind_names())
def test_new_writes_a_file_that_is_solved(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"{kind}.yaml"
    done = run("new", kind, str(path))
    assert done == Run(0, f"wrote {path}; next: derivations show {path}\n", "")
    assert run("new", kind).output == path.read_text(encoding="utf-8")
    assert document_of(path).items[0].verified
    assert run("new", kind, str(path)) == Run(
        2, "", f"{path}: the file exists; choose another name\n"
    )


@pytest.mark.parametrize(
    ("what", "place", "line"),
    [
        ("graph", "problem.schema.json", "problem.schema.json"),
        ("graph", "../problem.schema.json", "../problem.schema.json"),
        ("sheet", "../sheet.schema.json", "../sheet.schema.json"),
        ("sheet", "problem.schema.json", ""),
    ],
)
def test_new_tells_the_editor_where_the_schema_is(
    what: str, place: str, line: str, tmp_path: Path
) -> None:
    here = tmp_path / "sheet"
    here.mkdir()
    schema = here / place
    assert run("schema", what if line else "problem", "-o", str(schema)).code == 0
    assert json.loads(schema.read_text(encoding="utf-8")) == schema_of(what if line else "problem")
    assert run("new", what, str(here / "new.yaml")).code == 0
    first = (here / "new.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first.removeprefix("# yaml-language-server: $schema=") == line or not line
    assert first.startswith("#") == bool(line)


def test_new_exam_leads_to_its_papers(tmp_path: Path) -> None:
    path = tmp_path / "exam.yaml"
    told = f"wrote {path}; next: derivations exam {path} --variants 3\n"
    assert run("new", "exam", str(path)) == Run(0, told, "")


def test_new_sheet(tmp_path: Path) -> None:
    (tmp_path / "my-problem.yaml").write_text(GRAPH, encoding="utf-8")
    assert run("new", "sheet", str(tmp_path / "sheet.yaml")).code == 0
    assert document_of(tmp_path).front.title == "Tutorial 1"


def test_doctor_says_what_works() -> None:
    done = run("doctor")
    assert (done.code, done.error) == (0, "")
    lines = done.output.splitlines()
    assert all(line.startswith(("ok       ", "missing  ")) for line in lines)
    for words in (
        "sympy 1.",
        "problems in ",
        "templates in ",
        "embedded pdflatex: ",
        "a PDF was compiled",
    ):
        assert any(f"ok       {words}" in line for line in lines), words


def test_doctor_without_latex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derivations.cli.doctor.embedded", lambda: None)
    monkeypatch.setattr("derivations.writing.engine.embedded", lambda: None)
    monkeypatch.setattr("shutil.which", lambda *_: None)
    done = run("doctor")
    assert done.code == 1
    assert "missing  embedded pdflatex: " in done.output
    assert "pip install 'derivations[tex]'" in done.output

"""Reports in every format: what they hold, what they never hold, and that they are the same twice."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from derivations.checking.reports import check_document
from derivations.cli.app import app
from derivations.cli.reports import Report, html, tex, text
from derivations.cli.reports.sheet import words
from derivations.cli.submissions import stems_of
from derivations.errors import ProblemError
from derivations.writing.engine import embedded
from derivations.writing.mathml import mathml
from derivations.writing.pdf import compile_pdf

RUNNER = CliRunner()
PROBLEM = """\
kind: graph
title: A neuron
given: {x: 2, w: 0.5, b: -0.3}
define: {z: w*x + b, y: sigmoid(z)}
ask: {values: [y]}
marks: 4
"""
ATTEMPT = r"""\section{Forward}
$z = w x + b = 0.5 \cdot 2 - 0.3 = 0.8$ and $y = \sigma(z) = \sigma(0.8) \approx 0.69$.

$q = \unknown{x}$, $W = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$, $\frac{\partial y}{\partial z} = y (1 - y)$
"""
HOSTILE = r"""
$z = \input{/etc/passwd}$ and $\write18{touch x} = 1$, $a = \href{javascript:alert(1)}{b}$
$x = \text{</math><script>alert(1)</script>}$ and $y = \csname end\endcsname$, $b = \special{x}$
\def\x{\immediate\write18{ls}}$\x = 3$ $\text{\input{x}} = 2$ $L = %comment
\end{document}$
$1 = 😀$, $\mathrm{\catcode`\%=12} = 3$, $\hspace{99999em} = 1$, $\rule{9cm}{9cm} = \includegraphics{x}$
"""


def report_of(source: str, name: str = "a.tex") -> Report:
    return Report(name, source, check_document(source))


def test_the_page_shows_lines_marks_and_what_was_understood() -> None:
    page = html(report_of(ATTEMPT))
    assert "<h2>Forward</h2>" in page
    assert "First wrong step: line 2" in page
    assert "Expected 0.7, found 0.8." in page
    steps = check_document(ATTEMPT).sections[0].steps
    assert page.count("what was understood") == len(steps)
    assert page.count('<td class="line">') == len(steps)
    assert "<mtable" in page
    assert r"typed as <code>q = \unknown{x}</code>" in page
    assert "nothing: it could not be read" in page


def test_the_pages_markup_is_whole() -> None:
    page = html(report_of(ATTEMPT + HOSTILE))
    body = re.sub(r"<(meta|!doctype)[^>]*>", "", page[page.index("<body>") : page.index("</html>")])
    assert ElementTree.fromstring(body).tag == "body"


@pytest.mark.parametrize("source", [HOSTILE, ATTEMPT + HOSTILE, HOSTILE.replace("$", "$$")])
def test_nothing_of_a_hostile_text_becomes_markup(source: str) -> None:
    page = html(report_of(source, "<img src=x onerror=alert(1)>.tex"))
    tags = set(re.findall(r"<([a-zA-Z!/][^\s>]*)", page))
    assert not {tag.strip("/").lower() for tag in tags} & {
        "script",
        "img",
        "a:",
        "iframe",
        "object",
    }
    assert not re.search(r"<[^>]*\s(?:on\w+|src)=", page)
    assert set(re.findall(r'href="([^"]*)"', page)) <= {"#first"}


COMMANDS = re.compile(
    r"\\(?:input|write|csname|special|catcode|immediate|includegraphics|href|def)\b"
)


@pytest.mark.parametrize("source", [ATTEMPT, HOSTILE, ATTEMPT + HOSTILE])
def test_no_latex_of_a_student_reaches_the_sheet(source: str) -> None:
    sheet = tex(report_of(source, r"\input{x}%.tex"))
    body = sheet[sheet.index(r"\begin{document}") :]
    assert not COMMANDS.search(body)
    assert body.count(r"\end{document}") == 1
    assert "%" not in re.sub(r"^%@ line \d+$|\\%", "", body, flags=re.MULTILINE)


@pytest.mark.skipif(embedded() is None, reason="needs the pdflatex of the extra 'tex'")
def test_the_sheet_compiles_whatever_the_attempt_is() -> None:
    long = r"$s = " + " + ".join(f"x_{{{n}}} y_{{{n}}}" for n in range(80)) + r" = 3$ and $1 = 2$"
    source = tex(report_of(ATTEMPT + HOSTILE + long, "ünï 😀 `x`~_^#.tex"))
    pdf = compile_pdf(source)
    assert pdf.startswith(b"%PDF")
    assert compile_pdf(source) == pdf  # whatever the clock says


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("50 % & $x$", r"50 \% \& \$x\$"), ("😀", "[U+1F600]"), ("a\u0302 = 1", r"$\hat{a}$ = 1"),
        ("Σ₁", r"$\Sigma$$_1$"), (r"\input{x}", r"\textbackslash{}input\{x\}"), ("\x07", "[U+0007]"),
        ("a\nb", "a b"),
    ],
)  # fmt: skip
def test_words_stand_for_themselves(plain: str, latex: str) -> None:
    assert words(plain) == latex


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"\frac{1}{2}", "<mfrac>"), (r"\hspace{99999em}x", "<mspace></mspace>"), (r"\href{x}{y}", None),
        (r"\text{<b>}", "&lt;b&gt;"), (r"\color{red} x", "<mi>x</mi>"), ("{" * 3000, None), ("", None),
        (r"\sqrt{" * 300 + "x" + "}" * 300, None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_mathml_holds_signs_only(latex: str, found: str | None) -> None:
    written = mathml(latex)
    assert written is None if found is None else found in (written or "")
    assert "style" not in (written or "").replace("displaystyle", "")


# ---------------------------------------------------------------- the command


def run(*args: object) -> tuple[int, str]:
    result = RUNNER.invoke(app, ["check", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def class_of(folder: Path) -> Path:
    """A folder of submissions, some of which are none."""
    folder.mkdir()
    crlf = ATTEMPT.replace("\n", "\r\n").encode()
    for name, content in {
        "a.tex": ATTEMPT.encode(), "a.md": ATTEMPT.encode(), "A.txt": ATTEMPT.encode(),
        "crlf.tex": crlf, "bom.tex": b"\xef\xbb\xbf" + ATTEMPT.encode(), "wide.tex": ATTEMPT.encode("utf-16"),
        "latin.tex": "Lösung: $1 + 1 = 3$".encode("latin-1"), "empty.tex": b"", "blank.md": b" \n\n",
        "binary.tex": bytes(range(256)) * 20, "half.tex": b"\xff\xfe\x00", "none.txt": b"No formulas here.",
        "party \U0001f389.tex": ATTEMPT.encode(), "=cmd.tex": ATTEMPT.encode(),
        "long.tex": ("$1 + 1 = 2$ \n" + "text $x = 3$ " * 1500).encode(), ".hidden.tex": b"$1 = 2$",
    }.items():  # fmt: skip
        (folder / name).write_bytes(content)
    return folder


def test_a_class_with_files_of_all_sorts(tmp_path: Path) -> None:
    folder = class_of(tmp_path / "class")
    problem = tmp_path / "p.yaml"
    problem.write_text(PROBLEM, encoding="utf-8")
    out = tmp_path / "out"
    code, shown = run(folder, "--problem", problem, "--to", "csv,html,json,text", "-o", out)
    assert code == 2  # some could not be read
    assert "binary.tex: the file is no text" in shown
    with (out / "checked.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    assert len(rows) == 15
    same = [
        "a.tex",
        "a.md",
        "A.txt",
        "crlf.tex",
        "bom.tex",
        "wide.tex",
        "party \U0001f389.tex",
        "'=cmd.tex",
    ]
    assert {(rows[n]["marks"], rows[n]["of"], rows[n]["first wrong line"]) for n in same} == {
        ("3.5", "4", "2")
    }
    for name in ("empty.tex", "blank.md", "binary.tex", "half.tex"):
        assert rows[name]["remark"].startswith("not checked: ")
        assert rows[name]["marks"] == ""
    assert (rows["none.txt"]["steps"], rows["none.txt"]["marks"]) == ("0", "0")
    assert "Windows-1252" in rows["latin.tex"]["remark"]
    pages = sorted(p.name for p in out.glob("*.html"))
    assert len(pages) == 15
    assert {"a.tex.html", "a.md.html", "A.txt.html", "crlf.html"} <= set(pages)
    assert "Not checked" in (out / "empty.html").read_text(encoding="utf-8")


def test_the_same_reports_twice(tmp_path: Path) -> None:
    folder = class_of(tmp_path / "class")
    (tmp_path / "p.yaml").write_text(PROBLEM, encoding="utf-8")
    written = []
    for place in ("one", "two"):
        formats = "csv,html,tex"
        run(folder, "--problem", tmp_path / "p.yaml", "--to", formats, "-o", tmp_path / place, "-q")
        written.append({p.name: p.read_bytes() for p in (tmp_path / place).iterdir()})
    assert written[0] == written[1]
    assert len(written[0]) == 31


def test_a_file_that_cannot_be_read_alone(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_bytes(b"")
    code, shown = run(tmp_path / "a.tex")
    assert (code, "a.tex: the file is empty" in shown) == (2, True)


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_row(tmp_path: Path) -> None:
    for name in ("a.tex", "b.tex"):
        (tmp_path / name).write_text("$1 = 1$")
    (tmp_path / "a.tex").chmod(0)
    assert run(tmp_path)[0] == 2


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made by the system's calls")
def test_links_and_pipes_are_rows(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    (folder / "folder.tex").mkdir(parents=True)
    (folder / "a.tex").write_text("$1 = 1$")
    (folder / "away.tex").symlink_to("/etc/passwd")
    (folder / "lost.tex").symlink_to(tmp_path / "nothing")
    (folder / "endless.tex").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.tex")
    code, shown = run(folder, "--to", "csv,text", "-o", tmp_path / "out")
    assert code == 2
    rows = (tmp_path / "out" / "checked.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == [
        "a.tex", "away.tex", "endless.tex", "lost.tex", "pipe.tex",
    ]  # fmt: skip
    assert shown.count("a link to another file") == 9
    assert "not a plain file" in shown
    assert "root:" not in shown


def test_json_has_marks_and_what_was_understood(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "a.tex").write_text(ATTEMPT, encoding="utf-8")
    code, shown = run(tmp_path / "a.tex", "--problem", tmp_path / "p.yaml", "--json")
    (entry,) = json.loads(shown)
    assert code == 1
    assert (entry["marks"]["total"], entry["marks"]["of"], entry["first_wrong"]) == (3.5, 4.0, 2)
    assert [answer["name"] for answer in entry["marks"]["answers"]] == ["z", "y"]
    first = entry["steps"][0]
    assert (first["line"], first["source"], first["understood"]) == (
        2,
        "z = w x + b",
        r"z = w\,x + b",
    )


def test_the_terminal_shows_marks_and_no_control_characters(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "a.tex").write_text(ATTEMPT + "$a = \x1b[31m 3$", encoding="utf-8")
    shown = run(tmp_path / "a.tex", "--problem", tmp_path / "p.yaml")[1]
    assert "marks: 3.5 of 4 (3.33 before rounding to half marks)" in shown
    assert "\x1b" not in shown
    assert "\x1b" not in text(report_of("$1 = 1$", "\x1b[2J.tex"))


def test_names_of_reports_never_meet(tmp_path: Path) -> None:
    paths = [tmp_path / n for n in ("one/a.tex", "two/a.tex", "two/A.md", "b.tex", "c/two-a.tex")]
    found = stems_of(paths)
    assert len({name.casefold() for name in found}) == 5
    assert found[3] == "b"


def test_folders_in_folders_are_taken_and_what_is_no_text_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for student in ("Ada_1", "Bela_2"):
        (folder / student).mkdir(parents=True)
        (folder / student / "hw.tex").write_text("$1 + 1 = 3$")
    (folder / "kim.pdf").write_bytes(b"%PDF-1.5")
    (folder / "out").mkdir()
    (folder / "out" / "ada.tex").write_text("$1 = 2$")
    (folder / "loop").symlink_to(folder)
    code, shown = run(folder, "--to", "text,csv", "-o", folder / "out")
    assert code == 1
    assert "passed over, neither .tex, .md nor .txt: kim.pdf" in shown
    assert shown.split("2 files\n=======\n")[1].splitlines()[:2] == [
        "Ada_1/hw.tex   first wrong step: line 1", "Bela_2/hw.tex  first wrong step: line 1",
    ]  # fmt: skip
    rows = (folder / "out" / "checked.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == ["Ada_1/hw.tex", "Bela_2/hw.tex"]


def test_mistakes_of_those_who_begin(tmp_path: Path) -> None:
    (tmp_path / "ada.tex").write_text("$1 = 1$")
    (tmp_path / "p.yaml").write_text(PROBLEM.replace("marks: 4\n", ""), encoding="utf-8")
    for arguments, message in (
        (["adda.tex"], "adda.tex: no such file or folder; did you mean 'ada.tex'?"),
        (["p.yaml"], "p.yaml: a problem file, and no derivation; name it with --problem"),
        (["ada.tex", "--to", "word"], "--to: 'word' is not a format of reports; known: csv, html"),
    ):
        with pytest.raises(ProblemError) as caught:
            app(["check", str(tmp_path / arguments[0]), *arguments[1:]], standalone_mode=False)
        assert message in str(caught.value)
    table = ("--to", "csv", "-o", tmp_path / "out")
    code, shown = run(tmp_path / "ada.tex", "--problem", tmp_path / "p.yaml", *table)
    assert (code, "p.yaml: no 'marks' in it, so that none are given" in shown) == (0, True)


def test_what_is_said_once(tmp_path: Path) -> None:
    attempt = r"""
$a = 1/3 = 0.333$ and $b = 2/3 = 0.667$

$\sigma(0.7) = \frac{1}{1 + e^{0.7}}$ and $\sigma(0.9) = \frac{1}{1 + e^{0.9}}$
"""
    shown = text(report_of(attempt))
    assert shown.count("the sign should be") == 1
    assert shown.count("The same slip as on line 4.") == 1


def test_other_files_are_told_not_opened() -> None:
    report = report_of(r"\input{macros} %\input{hidden}" + "\n" + r"\include{forward} $1 = 1$")
    assert report.remarks == ("Other files that it takes in are not read: macros, forward.",)

"""LaTeX: text from files stands for itself, documents stand alone, nothing leaves the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from derivations.errors import ProblemError
from derivations.formula.escape import GREEK, LETTERS, SPECIAL, escape_latex, unprintable
from derivations.formula.printing import Notation
from derivations.kinds import kind_module, kind_names
from derivations.pipeline import document_of
from derivations.resources import folder
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.relations import Text
from derivations.steps.solution import Table, question_of
from derivations.writing import latex
from derivations.writing.chains import Side, Sides
from derivations.writing.engine import EngineMissing, TexError, find_engine
from derivations.writing.files import WriteError, write_file
from derivations.writing.latex_blocks import Blocks, page_turns
from derivations.writing.listings import listing
from derivations.writing.pdf import compile_document, compile_pdf
from derivations.writing.templates import latex_environment, render
from tests.conftest import Bank, document_of_one, load_text, run, solve_text

PACKAGES = frozenset(
    "amsmath bm array arydshln colortbl multirow longtable tabularx dcolumn enumitem eso-pic fancyhdr geometry "
    "graphicx hyperref lastpage microtype multicol needspace paracol rotating titlesec xcolor verbatim tikz "
    "fontenc inputenc lmodern textcomp".split()
)  # what the smallest LaTeX that we ask for brings along
LIBRARIES = frozenset(
    "arrows.meta positioning calc matrix fit backgrounds quotes chains patterns".split()
)


def shown_text(pdf: bytes) -> str:
    """The letters of a PDF, page by page, without blanks; formulas come in letters of their own."""
    found: list[str] = []
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                parts: list[object] = []
                if str(operator) == "Tj":
                    parts = [operands[0]]
                elif str(operator) == "TJ":
                    parts = list(operands[0])
                found += [
                    bytes(p).decode("latin-1") for p in parts if isinstance(p, pikepdf.String)
                ]
    return re.sub(r"\s", "", "".join(found))


def pages(pdf: bytes) -> int:
    """The number of pages."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


# ---------------------------------------------------------------- text stands for itself

HOSTILE = [
    r"\input{/etc/passwd}", r"\write18{ls}", r"\immediate\write18{ls}", "^^5cinput{x}", r"\csname end\endcsname",
    r"\end{document}", r"}\end{document}", "%@ a.yaml:1, step 2", "100% of {all} & $5 for #1_a^b ~x",
    "<< front.title >>", "<% for x in y %>", "<# a #>", "{{ 7*7 }}", "`rm -rf`", "a\\\\b\\", '"quotes" and \'these\'',
    "-- --- ----", "?` !`", "<script>alert(1)</script>", "\\def\\x{\\x}\\x", "[]{}()|/*=+@;:,.", "ffi fl -> <-",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_sequence_of_a_text_is_left(text: str) -> None:
    """What remains after our own replacements are taken out holds nothing that LaTeX obeys."""
    escaped = escape_latex(text)
    ours = sorted({v for v in SPECIAL.values() if len(v) > 1}, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, ours)), "", escaped)
    assert not re.search(r"[\\{}$&#%_^~<>|\"`]", rest)


def hostile_document() -> Document:
    """Every text of a sheet, of an item and of a problem is hostile."""
    items = []
    for place, text in enumerate(HOSTILE):
        verified = solve_text(
            "kind: comparison\ntitle: t\ngiven:\n"
            "  first: {name: first, parameters: 3}\n  second: {name: second, parameters: 2}\n"
        )
        loaded = load_text(kind_module("keras-summary").STARTER)
        given = loaded.problem.given.model_copy(update={"model": text})
        problem = loaded.problem.model_copy(update={"given": given, "solution_heading": text})
        from derivations.pipeline import solve

        verified = solve(replace(loaded, problem=problem))
        question = replace(question_of(verified.solution), place=text, marks="3")
        items.append(Item(f"{place}: {text}", question, verified))
    joined = " ".join(HOSTILE)
    front = Front(joined, joined, joined, joined, joined, (), False, True, "hostile", joined)
    return Document(front, (Section(joined, 1, "1", (), tuple(items)),))


def test_hostile_texts_are_printed_letter_by_letter() -> None:
    compiled = compile_document(latex.write(hostile_document()))
    text = shown_text(compiled.pdf)
    for hostile in HOSTILE:
        letters = re.sub(r"[^A-Za-z0-9]", "", hostile)
        assert letters in re.sub(r"[^A-Za-z0-9]", "", text), hostile
    for command in ("input{/etc/passwd}", "write18{ls}", "csnameend"):
        assert re.sub(r"[^A-Za-z0-9]", "", command) in re.sub(r"[^A-Za-z0-9]", "", text)
    assert "root:" not in text


def test_every_character_that_is_let_through_is_printed() -> None:
    """ASCII, letters of Europe, Greek and signs: no character is missing from the fonts."""
    ascii_text = "".join(map(chr, range(33, 127)))
    lines = [ascii_text, "".join(sorted(LETTERS)), "".join(GREEK), "".join(SPECIAL)]
    front = Front(lines[0], date=" ".join(lines[1:]).replace("\t", ""))
    compiled = compile_document(latex.write(Document(front, ())))
    assert "Missing character" not in compiled.log
    letters = re.sub(r"[^A-Za-z0-9]", "", ascii_text)
    assert letters in re.sub(r"[^A-Za-z0-9]", "", shown_text(compiled.pdf))


@pytest.mark.parametrize("character", ["李", "ễ", "Ж", "🎉", "\u0301", "\u202e", "\x00", "ﬁ"])
def test_a_character_that_the_fonts_lack_is_refused(character: str) -> None:
    assert unprintable(f"a{character}b") == character
    with pytest.raises(ValueError, match=f"U\\+{ord(character):04X}"):
        escape_latex(f"a{character}b")


@pytest.mark.parametrize(
    "text",
    [r"$\input{x}$", r"$\write18{x}$", r"$\def\x{1}$", r"$^^5cinput$", r"$x % y$", r"$\csname x\endcsname$",
     r"$\begin{verbatim}x\end{verbatim}$", r"$\href{a}{b}$", r"$\includegraphics{x}$"],
)  # fmt: skip
def test_formulas_of_a_text_are_read_and_not_copied(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        load_text(f"kind: definition\ntitle: '{text}'\ncontent: [{{text: a}}]\n")
    assert "problem.yaml:2:8: title: character" in str(error.value)


def test_a_listing_is_letters_only() -> None:
    from derivations.steps.solution import Listing

    printed = listing(Listing("\\input{x}  # 100%\n\tif a--b:", "A $title", numbered=True))
    assert r"\textbackslash{}input\{x\}\ \ \#\ 100\%" in printed
    assert r"-{}-" in printed
    assert r"A \$title" in printed


# ---------------------------------------------------------------- standing alone


def templates() -> Iterator[Path]:
    yield from sorted((folder("templates") / "latex").glob("*.j2"))


def used_packages(source: str) -> set[str]:
    """The packages that a document loads."""
    found = re.findall(r"\\usepackage(?:\[[^\]]*\])?\{([^}]*)\}", source)
    return {name.strip() for names in found for name in names.split(",")}


def test_templates_use_only_packages_that_are_there() -> None:
    paths = list(templates())
    assert paths
    for path in paths:
        source = path.read_text(encoding="utf-8")
        assert used_packages(source) <= PACKAGES
        libraries = re.findall(r"\\usetikzlibrary\{([^}]*)\}", source)
        assert {name.strip() for names in libraries for name in names.split(",")} <= LIBRARIES
    assert used_packages(r"\usepackage[x]{amssymb,booktabs}\usepackage{tikz}") - PACKAGES == {
        "amssymb", "booktabs",
    }  # fmt: skip


def test_a_document_needs_no_other_file(bank: Bank) -> None:
    for document in bank.documents.values():
        source = latex.write(document)
        assert source.startswith("\\documentclass")
        assert source.rstrip().endswith("\\end{document}")
        assert used_packages(source) <= PACKAGES
        assert not re.search(
            r"\\(input|include|includegraphics|bibliography|lstinputlisting)\b", source
        )
        assert source.isascii() or not re.search(
            r"[^\x00-\x7f]", re.sub(r"[À-ž¡¿§«»„]", "", source)
        )
        assert "/home" not in source
        assert str(folder("problems")) not in re.sub(r"^%@.*$", "", source, flags=re.MULTILINE)


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        render(latex_environment(), "document.tex.j2", {"sections": []})


# ---------------------------------------------------------------- the page


@pytest.fixture(scope="module")
def compiled(bank: Bank) -> dict[str, tuple[str, bytes, str]]:
    """Source, PDF and log of some sheets."""
    found = {}
    for name in ("neural-networks-by-hand", "textbooks"):
        source = latex.write(bank.documents[name])
        result = compile_document(source)
        found[name] = (source, result.pdf, result.log)
    return found


def test_sheets_compile_without_complaint(compiled: dict[str, tuple[str, bytes, str]]) -> None:
    for _, pdf, log in compiled.values():
        assert "Overfull \\hbox" not in log
        assert "Overfull \\vbox" not in log
        assert "LaTeX Warning" not in log
        assert pdf.startswith(b"%PDF")


def test_pages_and_words_of_a_sheet(compiled: dict[str, tuple[str, bytes, str]]) -> None:
    _, pdf, _ = compiled["neural-networks-by-hand"]
    assert 10 <= pages(pdf) <= 22
    text = shown_text(pdf)
    for words in (
        "Neuralnetworks",
        "Problem1.",
        "Problem12.",
        "Solution",
        "Class0(Nodiabetes)",
        "108",
    ):
        assert words in text
    assert f"page1of{pages(pdf)}" in text
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.docinfo["/Title"]) == "Tutorial 2 Neural networks and CNNs by hand"
        assert "/OpenAction" not in str(document.Root.get("/Names", ""))


def test_the_same_bytes_twice(compiled: dict[str, tuple[str, bytes, str]], bank: Bank) -> None:
    source, pdf, _ = compiled["textbooks"]
    assert latex.write(bank.documents["textbooks"]) == source
    assert compile_pdf(source) == pdf
    assert str(Path.cwd()).encode() not in pdf


def test_the_same_source_in_other_processes(tmp_path: Path) -> None:
    """Whatever the order of sets is."""
    sources = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "derivations", "solve", str(folder("problems") / "theory-assignment"),
                   "--to", "tex", "-q", "-o", str(out)]  # fmt: skip
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        sources.append((out / "theory-assignment.tex").read_bytes())
    assert sources[0] == sources[1]
    assert len(sources[0]) > 5000


def numbers(count: int, text: str) -> str:
    return ", ".join([text] * count)


LONG = {
    "a neuron with many inputs": "kind: neuron-forward\ntitle: t\ngiven: {w: ["
    + numbers(20, "0.123456") + "], x: [" + numbers(20, "-0.654321") + "], b: 0.5, activation: tanh}\n",
    "a long sum": "kind: graph\ntitle: t\ngiven: {x: 1.23456, y: 2.34567}\ndefine: {L: "
    + " + ".join(f"x^{i}*y^{i + 1}" for i in range(1, 16)) + "}\nask: {gradients: {of: L, by: [x, y]}}\n",
    "a long fraction": "kind: graph\ntitle: t\ngiven: {x: 1.23456, y: 2.34567}\ndefine: {L: '("
    + " + ".join(f"x^{i}*y" for i in range(1, 16)) + ")/(x + y)'}\n",
    "a wide matrix": "kind: graph\ntitle: t\ngiven: {W: [[" + numbers(14, "0.123456") + "]], x: ["
    + numbers(14, "-1.5") + "]}\ndefine: {y: W @ x}\n",
    "a deep stack": "kind: cnn-param-table\ntitle: t\ngiven: {input: [224, 224, 3], layers: ["
    + numbers(50, "{layer: conv, filters: 64, kernel: 3, padding: 1}") + "]}\n",
    "a wide feature map": "kind: conv-numeric\ntitle: t\ngiven: {input: ["
    + numbers(5, "[" + numbers(12, "0.123") + "]") + "], kernel: [[1.25, -2.125], [3.5, 4]]}\n",
    "many classes": "kind: cross-entropy\ntitle: t\ngiven: {samples: [{target: [" + numbers(20, "0.05")
    + "], predicted: [" + numbers(20, "0.05") + "]}]}\n",
    "a long line of a program": "kind: code-listing\ntitle: t\ncode: |\n  print('" + "x" * 300 + "')\n",
}  # fmt: skip


def test_long_lines_stay_on_the_page() -> None:
    """All in one document; the log names what does not fit."""
    items = []
    for text in LONG.values():
        verified = solve_text(text, detail="full")
        items.append(Item("", question_of(verified.solution), verified))
    log = compile_document(
        latex.write(Document(Front("Long"), (Section("", items=tuple(items)),)))
    ).log
    assert re.findall(r"Overfull .*", log) == []


def page_lines(pdf: bytes) -> list[list[str]]:
    """The lines of each page but its head and foot."""
    return [[line for line in lines if "of" not in line[:7]] for lines in all_lines(pdf)]


def all_lines(pdf: bytes) -> list[list[str]]:
    """The lines of each page, without blanks, from the places of the letters."""
    found = []
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            lines: dict[float, str] = {}
            height = 0.0
            for operands, operator in pikepdf.parse_content_stream(page):
                name = str(operator)
                if name == "BT":
                    height = 0.0
                elif name == "Td":
                    height += float(operands[1])
                elif name in ("Tj", "TJ"):
                    texts = operands if name == "Tj" else operands[0]
                    word = b"".join(bytes(t) for t in texts if isinstance(t, pikepdf.String))
                    at = round(height, 1)
                    lines[at] = lines.get(at, "") + word.decode("latin-1")
            found.append(list(lines.values()))
    return found


DOWNHILL = """\
kind: optimisation
title: Downhill
text: {filler}
given: {{function: x^2, start: {{x: 1}}, optimiser: gradient_descent, rate: 0.1, steps: 40}}
ask: {{in_full: 0}}
"""


@pytest.mark.parametrize("filler", [1300, 2600, 2800])
def test_a_long_table_goes_on_under_its_head_and_no_heading_stands_alone(filler: int) -> None:
    text = DOWNHILL.format(filler="Many words. " * (filler // 12) + "Go down.")
    source = latex.write(document_of_one(solve_text(text)))
    assert source.count(r"\endhead") == 1
    pages = page_lines(compile_document(source).pdf)
    assert len(pages) >= 2
    for page in pages[:-1]:
        assert page[-1] not in ("Solution", "Allupdates"), page[-3:]
    heads = sum("xf" in line for page in pages for line in page)
    assert heads == (2 if filler < 2000 else 1), pages


def test_no_chain_of_a_display_stands_alone_on_a_page() -> None:
    def sides(*texts: str) -> list[Sides]:
        return [(Side("", text, 1.0), [Side("=", "1", 1.0)]) for text in texts]

    assert page_turns(sides("a")) == []
    assert page_turns(sides("a", "b")) == [False]
    assert page_turns(sides("a", "b", "c")) == [False, False]
    assert page_turns(sides("a", "b", "c", "d")) == [False, True, False]
    matrix = r"\begin{bmatrix}1\\2\end{bmatrix}"
    assert page_turns(sides(matrix, "b", matrix)) == [True, True]
    long = (Side("", "a", 1.0), [Side("=", "1", 1.0), Side("=", "2", 1.0)])
    assert page_turns([long, *sides("b", "c")]) == [True, False]


def test_a_long_table_that_is_too_wide_is_cut_in_equal_parts() -> None:
    rows = tuple(((Text(f"{k} " + "wide " * 25),),) for k in range(40))
    table = Table(((Text("head"),),), rows, "l")
    printed = Blocks(Notation(), {}).block(table)
    parts = printed.split(r"\begin{tabular}")[1:]
    assert [part.count("wide wide") > 0 for part in parts] == [True, True]
    assert [len(re.findall(r"\d+ wide", part)) for part in parts] == [20, 20]
    assert all(r"\textbf{head}" in part for part in parts)


def test_many_short_lines_stand_in_columns_and_none_is_lost() -> None:
    text = (
        "kind: conv-numeric\ntitle: t\ngiven: {input: [[1, 0, 2], [2, 3, 0], [-1, 0, 3]],"
        " kernel: [[1, 0], [1, 2]], transposed: true, stride: 2}\n"
    )
    source = latex.write(document_of_one(solve_text(text)))
    lines = [line for line in source.splitlines() if line.startswith("Y_{")]
    assert [line.count("&=") for line in lines] == [3] * 12
    found = re.findall(r"Y_\{(\d\d)\} &=", " ".join(lines))
    assert found == [f"{i}{j}" for i in range(1, 7) for j in range(1, 7)]
    assert "Overfull" not in compile_document(source).log


def test_the_log_tells_of_what_does_not_fit() -> None:
    source = latex.write(Document(Front("x" * 300), ()))
    assert "Overfull \\hbox" in compile_document(source).log


# ---------------------------------------------------------------- errors of LaTeX


def test_an_error_is_told_as_problem_and_step() -> None:
    source = (
        "\\documentclass{article}\n\\begin{document}\n%@ a.yaml:1\nx\n%@ a.yaml:1, step 2\n"
        "$\\nothing$\n%@ b.yaml:1\ny\n\\end{document}\n"
    )
    with pytest.raises(TexError) as error:
        compile_pdf(source)
    assert str(error.value) == r"a.yaml:1, step 2: LaTeX: Undefined control sequence.: $\nothing$"
    assert error.value.exit_code == 1


def test_an_error_before_the_first_problem() -> None:
    with pytest.raises(TexError, match=r"^LaTeX: LaTeX Error: File `nowhere.sty' not found"):
        compile_pdf(
            "\\documentclass{article}\n\\usepackage{nowhere}\n\\begin{document}\n\\end{document}\n"
        )


def test_a_character_that_gets_lost_is_an_error() -> None:
    source = "\\documentclass{article}\\begin{document}\\font\\x=cmr10 \\x \\char200\\end{document}"
    with pytest.raises(TexError, match=r"the fonts have no character|LaTeX"):
        compile_pdf(source)


def test_files_outside_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.tex"
    secret.write_text("canary", encoding="utf-8")
    source = f"\\documentclass{{article}}\\begin{{document}}\\input{{{secret}}}\\end{{document}}"
    with pytest.raises(TexError):
        compile_pdf(source)


def test_a_shell_is_not_there(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    source = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{lmodern}\\begin{document}"
        f"\\immediate\\write18{{touch {canary}}}x\\end{{document}}"
    )
    assert compile_pdf(source)
    assert not canary.exists()


def test_a_font_that_is_not_there_is_told() -> None:
    with pytest.raises(TexError, match=r"^LaTeX: .*cannot open Type 1 font file"):
        compile_pdf("\\documentclass{article}\\begin{document}x\\end{document}")


def test_a_run_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derivations.writing.engine.SECONDS", 1)
    with pytest.raises(TexError):
        compile_pdf("\\documentclass{article}\\begin{document}\\def\\x{\\x}\\x\\end{document}")


def test_an_engine_that_is_not_there() -> None:
    with pytest.raises(EngineMissing, match=r"no LaTeX found \(asked for: texworks\)"):
        find_engine("texworks")


def test_the_source_is_kept_where_the_pdf_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = latex.write
    monkeypatch.setattr(
        latex, "write", lambda d: honest(d).replace("\\end{align*}", "\\oops\\end{align*}", 1)
    )
    path = folder("problems") / "textbooks" / "small-graph.yaml"
    done = run("solve", str(path), "-o", str(tmp_path))
    assert done.code == 1
    assert "small-graph.yaml:" in done.error
    assert "LaTeX: Undefined control sequence" in done.error
    assert [p.name for p in tmp_path.iterdir()] == ["small-graph.tex"]


# ---------------------------------------------------------------- files


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_file(path, "one\n")
    write_file(path, b"two\n")
    assert path.read_bytes() == b"two\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("broken", ["os.replace", "os.fsync", "os.chmod"])
def test_a_file_that_cannot_be_written_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before", encoding="utf-8")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(WriteError, match=r"a\.txt: cannot be written: No space left on device"):
        write_file(path, "after")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text(encoding="utf-8") == "before"


# ---------------------------------------------------------------- the worksheet


@pytest.mark.parametrize("kind", kind_names())
def test_the_worksheet_of_a_starter_compiles_nothing_of_the_solution(kind: str) -> None:
    verified = solve_text(kind_module(kind).STARTER)
    source = latex.write(document_of_one(verified, False))
    assert r"\solutionhead{" not in source.partition(r"\begin{document}")[2]
    assert r"\stephead{" not in source.partition(r"\begin{document}")[2]
    assert r"\boxed" not in source
    assert r"\correct\ " not in source


def test_a_sheet_without_solutions(bank: Bank) -> None:
    sheet = folder("problems") / "textbooks"
    body = latex.write(document_of(sheet, solutions=False)).partition(r"\begin{document}")[2]
    assert r"\solutionhead" not in body
    assert "0.2983" not in body
    assert "0.2983" in latex.write(bank.documents["textbooks"])

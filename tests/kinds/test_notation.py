"""Conventions of notation: every kind's starter by each, its answers as before, its lines read back."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from derivations.checking.checking import check_parts
from derivations.checking.equality.steps import PROVED, RIGHT, UNDECIDED, WRONG
from derivations.checking.marks.scheme import scheme_of
from derivations.checking.names.problems import background_of
from derivations.errors import ProblemError, ReadError
from derivations.exams.exam_file import load_exam, unpack
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.files import check
from derivations.kinds.base.notation import CHOSEN
from derivations.pipeline import document_of
from derivations.reading import yaml
from derivations.reading.latex import read_chains
from derivations.steps.solution import Verified
from derivations.truth.judge import ACCEPTED
from derivations.writing import text
from tests.conftest import document_of_one, load_text, solve_text
from tests.rejudging import Count, Page, activations
from tests.truth.test_read_back import DISPLAYS, RELATION, symbols, written

CONVENTIONS = {
    "logarithm": "log",
    "first_index": "0",
    "targets": "y",
    "weights": "x W + b",
    "samples": "columns",
    "layer_brackets": "'[]'",
}
TURNED = ("attention", "dropout", "encoder-block")  # whose answers are matrices
ALL = ", ".join(f"{name}: {value}" for name, value in CONVENTIONS.items())
EACH = [
    *(f"{name}: {value}" for name, value in CONVENTIONS.items()),
    "targets: t",
    "weights: W x + b",
    "decimal: comma, thousands: true",
    ALL,
]


def starter(kind: str, notation: str) -> str:
    root = yaml.parse(kind_module(kind).STARTER.encode(), "starter.yaml").root
    assert isinstance(root, yaml.Mapping)
    own = yaml.plain(root).get("notation", {})
    kept = [(key, value) for key, value in root.items if key.text != "notation"]
    source = yaml.written(yaml.Mapping(tuple(kept), root.line, root.column))
    unused = {*CHOSEN} - follows(kind)
    said = [one for one in notation.split(", ") if one.partition(":")[0] not in unused]
    stated = {one.partition(":")[0] for one in said}
    said += [f"{name}: {value}" for name, value in own.items() if name not in stated]
    return f"{source.rstrip()}\nnotation: {{{', '.join(said)}}}\n"


def follows(kind: str) -> frozenset[str]:
    return frozenset(kind_module(kind).Fields.LETTERS.follows())


@cache
def solved(kind: str, notation: str) -> Verified:
    return solve_text(starter(kind, notation) if notation else kind_module(kind).STARTER)


def answers(verified: Verified) -> dict[str, str]:
    known = verified.solution.known
    return {
        answer.name: str(known[answer.key].shown) if answer.key in known else ""
        for answer in verified.solution.derivation.answers
    }


@pytest.mark.parametrize("notation", EACH)
@pytest.mark.parametrize("kind", kind_names())
def test_a_convention_changes_no_answer_and_every_line_holds(kind: str, notation: str) -> None:
    verified = solved(kind, notation)
    assert {line.verdict for line in verified.lines} <= ACCEPTED
    if kind not in TURNED or "weights" not in notation:  # see test_weights_side.py
        assert answers(verified) == answers(solved(kind, ""))


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("kind", kind_names())
def test_a_convention_that_a_kind_has_no_use_for_is_refused(kind: str, name: str) -> None:
    value = {"targets": "t", "samples": "rows"}.get(name, CONVENTIONS[name])
    source = kind_module(kind).STARTER
    if "notation:" in source:
        source = starter(kind, "logarithm: log").replace("logarithm: log", f"{name}: {value}")
    else:
        source += f"notation: {{{name}: {value}}}\n"
    if name in follows(kind):
        load_text(source)
        return
    with pytest.raises(ProblemError) as caught:
        load_text(source)
    (mistake,) = caught.value.mistakes
    assert mistake.path == f"notation.{name}"
    assert f"nothing of '{kind}' is written by this convention" in mistake.message
    having = ", ".join(one for one in kind_names() if name in follows(one))
    assert f"kinds that follow it: {having}." in mistake.message


def read_back(verified: Verified) -> Count:
    """The relations of a sheet, judged from the page alone."""
    derivation = verified.solution.derivation
    page = Page(derivation.rounding.carry == "exact", activations("0.01"))
    known = symbols(derivation)
    for match in DISPLAYS.finditer(written(verified).partition("With nothing rounded")[0]):
        if not RELATION.search(match[0]) or TIMES.fullmatch(match[0]):
            continue
        try:
            chains = read_chains(match[0], known)
        except ReadError as error:
            page.count.wrong.append(f"{error.message}: {match[0][:200]}")
            continue
        for chain in chains:
            page.judge(chain)
    return page.count


NUMERIC = (
    "softmax",
    "normalisation",
    "network",
    "neuron-forward",
    "loss",
    "cross-entropy",
    "conv-numeric",
    "pooling-numeric",
    "recurrent",
    "attention",
    "encoder-block",
    "dropout",
)


@pytest.mark.parametrize("notation", ["", *EACH])
@pytest.mark.parametrize("kind", NUMERIC)
def test_what_is_printed_by_a_convention_is_read_back(kind: str, notation: str) -> None:
    count = read_back(solved(kind, notation))
    assert count.wrong == []
    assert count.judged >= 1
    assert count.judged == read_back(solved(kind, "")).judged


@pytest.mark.parametrize("notation", EACH)
@pytest.mark.parametrize("kind", sorted({*NUMERIC, "least-squares"} - {"loss"}))
def test_the_checker_accepts_what_is_printed(kind: str, notation: str) -> None:
    """As the work of a learner, with the problem known."""
    verified = solved(kind, notation)
    page = written(verified).partition("With nothing rounded")[0]
    lines = [
        m[0] for m in DISPLAYS.finditer(page) if RELATION.search(m[0]) and not TIMES.fullmatch(m[0])
    ]
    found = check_parts(lines, background=background_of(verified.solution))
    refused = [
        step
        for one in found
        for step in one.steps
        if step.verdict not in RIGHT and not (step.verdict == UNDECIDED and step.why == ONES)
    ]
    assert [step.latex for step in refused if not ONE.fullmatch(step.latex)] == []


TIMES = re.compile(r"\$t = 1, (2, |\\dots, )?\d+\$")  # words, not a claim
ONES = "how many ones there are is not said"  # of 𝟏 μ, which the page alone does not decide
ONE = re.compile(  # a vector of one number is read as a matrix, whatever the convention
    r"\\mathbf\{b\}\^\{[([]2[)\]]\} = \\begin\{bmatrix\} 0\.60 \\end\{bmatrix\}"
)


def sheet(kind: str, notation: str) -> str:
    return text.write(document_of_one(solved(kind, notation)))


VALUES = {"targets": ("t", "y"), "weights": ("W x + b", "x W + b")}
FOLLOWED = re.compile(
    r"^\| `(first_index|targets|weights|samples)` \| (`[a-z-]+`.*) \|$", re.MULTILINE
)


def test_the_document_says_which_kinds_follow_a_convention() -> None:
    document = (Path(__file__).parents[2] / "docs" / "problem-files.md").read_text()
    said = {name: kinds.replace("`", "").split(", ") for name, kinds in FOLLOWED.findall(document)}
    assert said.keys() == {"first_index", "targets", "weights", "samples"}
    for name, kinds in said.items():
        assert set(kinds) == {kind for kind in kind_names() if name in follows(kind)}
        changed = {
            kind
            for kind in kinds
            for value in VALUES.get(name, (CONVENTIONS.get(name, ""),))
            if sheet(kind, f"{name}: {value}") != sheet(kind, "")
        }
        # Those of a batch of losses, and of what a starter does not ask for.
        unseen = {"samples": {"loss"}, "targets": {"attention", "conv-numeric", "pooling-numeric"}}
        assert set(kinds) - changed == unseen.get(name, set())


def test_indices_from_0() -> None:
    shown = sheet("network", "first_index: 0")
    assert "z⁽¹⁾₀ = w⁽¹⁾₀₀·x₀ + w⁽¹⁾₀₁·x₁ + b⁽¹⁾₀" in shown
    assert "h₁ = σ(z⁽¹⁾₀)" in shown  # a name that the author chose
    assert "Y₀₀ = " in sheet("conv-numeric", "first_index: 0")
    assert "Prediction 0" in sheet("loss", "first_index: 0")
    assert "D = A₀₀·A₁₁ − A₀₁·A₁₀" in sheet("least-squares", "first_index: 0")


def test_letters_of_targets_and_predictions() -> None:
    assert "L = 1/2·(y\u0302 − y₁)²" in sheet("network", "targets: y")
    assert "e = y − y\u0302" in sheet("perceptron", "targets: y")
    assert "e = t − y" in sheet("perceptron", "targets: t")
    assert "H = −(t₁·log₂ y₁ + " in sheet("cross-entropy", "targets: t")


def test_weights_behind_their_inputs() -> None:
    shown = sheet("network", "weights: x W + b")
    assert "z⁽¹⁾₂ = x₁·w⁽¹⁾₁₂ + x₂·w⁽¹⁾₂₂ + b⁽¹⁾₂" in shown
    assert "W⁽¹⁾ = [[0.15, 0.25], [0.20, 0.30]]" in shown
    assert "z = x · w + b" in sheet("neuron-forward", "weights: x W + b")


def test_samples_as_columns() -> None:
    shown = sheet("least-squares", "samples: columns")
    assert "X = [[1, 1, 1, 1], [1, 2, 3, 4]]" in shown
    assert "A = X Xᵀ" in shown


BATCH = """\
kind: loss
title: A batch
given: {loss: cross_entropy, logits: [[1, 2, 0], [0, 1, 3]], targets: [[0, 1, 0], [0, 0, 1]]}
notation: {samples: columns, targets: y}
"""


def test_a_batch_as_columns() -> None:
    shown = text.write(document_of_one(solve_text(BATCH)))
    assert "Y = [[0, 0], [1, 0], [0, 1]]" in shown
    assert "s₁ = e^(z₁₁) + e^(z₂₁) + e^(z₃₁)" in shown
    assert "X = [[1, 2, 3, 6], [2, 4, 9, 5]]" in sheet("normalisation", "samples: columns")
    assert "x\u0302₂₁ = " not in sheet("normalisation", "samples: columns")


def test_two_quantities_are_never_written_alike() -> None:
    source = kind_module("network").STARTER.replace("[h_1, h_2]", "[h_1, y_hat]")
    solve_text(source)
    with pytest.raises(ProblemError) as caught:
        solve_text(source + "notation: {targets: y}\n")
    assert "y_hat and y would both be written y_hat" in str(caught.value)


def test_the_place_of_an_absorbed_bias_is_0_either_way() -> None:
    source = NEURON.replace("b: 3", "b: 3, bias_absorbed: true")
    for first in "01":
        shown = text.write(
            document_of_one(solve_text(f"{source}notation: {{first_index: {first}}}\n"))
        )
        assert "z = w₀·x₀ + w₁·x₁ + w₂·x₂" in shown


def test_the_natural_logarithm_as_log() -> None:
    source = """\
kind: graph
title: Surprise
given: {x: 0.5}
define: {h: -ln(x)}
notation: {logarithm: %s}
"""
    for name in ("ln", "log"):
        assert f"h = −{name} x" in text.write(document_of_one(solve_text(source % name)))


NEURON = """\
kind: neuron-forward
title: A neuron
given: {w: [1, 2], b: 3, x: [4, 5], activation: relu}
"""
SHEET = """\
title: A sheet
notation: {first_index: 0, times: times, weights: x W + b}
sections:
  - items: [neuron, own]
"""
EXAM = """\
kind: exam
title: An exam
notation: {first_index: 0}
sections:
  - problems: [neuron, own]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "neuron.yaml").write_text(NEURON)
    (tmp_path / "own.yaml").write_text(NEURON + "notation: {first_index: 1}\nvary: {b: [1, 2]}\n")
    (tmp_path / "other.yaml").write_text(NEURON)
    (tmp_path / "sheet.yaml").write_text(SHEET)
    return tmp_path


def test_a_problem_inherits_what_it_does_not_say_itself(folder: Path) -> None:
    shown = text.write(document_of(folder))
    assert "z = x · w + b = x₀·w₀ + x₁·w₁ + b" in " ".join(shown.split())
    assert "z = x · w + b = x₁·w₁ + x₂·w₂ + b" in " ".join(shown.split())
    assert shown.count("4 × 1") == 2


def test_a_problem_of_a_sheet_alone_has_its_conventions(folder: Path) -> None:
    assert "x₀·w₀" in text.write(document_of(folder / "neuron.yaml"))
    assert "w₁·x₁" in text.write(document_of(folder / "other.yaml"))


def test_a_stated_convention_leaves_the_others_of_its_kind() -> None:
    notation = load_text(starter("param-count", "layer_brackets: '[]'")).problem.notation
    assert (notation.times, notation.thousands) == ("times", True)
    assert load_text(starter("param-count", "times: cdot")).problem.notation.thousands


def test_an_exam_has_conventions_and_its_variants_keep_them(folder: Path) -> None:
    (folder / "exam.yaml").write_text(EXAM)
    exam = load_exam(folder / "exam.yaml")
    again = unpack(exam.packed)
    assert [p.problem.notation.first_index for p in again.problems] == [0, 1]
    neuron = again.problems[0]
    assert check(neuron.file, "again").problem.notation.first_index == 0


def test_a_mistake_in_the_conventions_of_a_sheet_is_told_there(folder: Path) -> None:
    (folder / "sheet.yaml").write_text(SHEET.replace("x W + b", "xW"))
    with pytest.raises(ProblemError) as caught:
        document_of(folder)
    (mistake,) = caught.value.mistakes
    assert mistake.path == "notation.weights"
    assert "found xW, expected 'W x + b' or 'x W + b'" in mistake.message


def test_a_learner_may_write_what_the_sheet_prints() -> None:
    source = NEURON + "marks: 2\nnotation: {first_index: 0, weights: x W + b}\n"
    solution = solve_text(source).solution
    background = background_of(solution)
    attempt = (r"\[ z = x_0 w_0 + x_1 w_1 + b = 17 \]",)
    (checked,) = check_parts(attempt, background=background)
    assert {step.verdict for step in checked.steps} == {PROVED}
    wrong = (r"\[ z = x_1 w_1 + x_2 w_2 + b = 17 \]",)
    (checked,) = check_parts(wrong, background=background)
    assert checked.steps[0].verdict == WRONG


def test_marks_go_by_the_names_that_are_printed() -> None:
    source = kind_module("network").STARTER + "marks: 9\nnotation: {first_index: 0}\n"
    loaded = load_text(source)
    scheme = scheme_of(loaded.problem, solve_text(source).solution)
    assert scheme is not None
    items = {item.name: item.key for item in scheme.items}
    assert items["dL/dw__1_2_1"] == "dL/dw__1_1_0"
    assert items["w__1_1_1_new"] == "w__1_0_0@1"


def test_a_feature_map_is_a_prediction_only_where_it_has_targets() -> None:
    source = "kind: conv-numeric\ntitle: A map\ngiven: {input: [1, 2, 3], kernel: [1, 1]%s}\nnotation: {targets: y}\n"
    alone = text.write(document_of_one(solve_text(source % "")))
    assert "y\u0302" not in alone.lower()
    aimed = text.write(document_of_one(solve_text(source % ", targets: [1, 1]")))
    assert "Y\u0302" in aimed
    assert "Y = [1, 1]" in " ".join(aimed.split())

"""Marks: what each answer earns, why, and how the total is rounded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from derivations.checking.marks.marking import Marks, marks_of, rounded, shown
from derivations.checking.marks.scheme import Scheme, scheme_of
from derivations.checking.names.problems import background_of
from derivations.checking.reports import check_document
from derivations.errors import ProblemError
from derivations.kinds.base.files import load
from derivations.pipeline import solve

NEURON = """\
kind: graph
title: A neuron
given: {x: 2, t: 1, w: 0.5, b: -0.3}
define:
  z: w*x + b
  y: sigmoid(z)
  L: 1/2 (y - t)^2
ask:
  values: [L]
  gradients: {of: L, by: [w]}
  update: {rate: 0.1}
rounding: {decimals: 4}
marks: 10
"""
WEIGHTS = "marking: {weights: {z: 1, y: 2, L: 3, dL/dw: 3, w_new: 1}}\n"
Z = r"$z = w x + b = 0.5 \cdot 2 - 0.3 = 0.7$"
Y = r"$y = \sigma(z) = \sigma(0.7) \approx 0.6682$"
L = r"$L = \frac12 (y - t)^2 = \frac12 (0.6682 - 1)^2 \approx 0.0550$"
G = r"$\frac{\partial L}{\partial w} = (y - t) y (1 - y) x = -0.3318 \cdot 0.6682 \cdot 0.3318 \cdot 2 \approx -0.1471$"
W = r"$w \leftarrow w - \eta \frac{\partial L}{\partial w} = 0.5 + 0.1 \cdot 0.1471 \approx 0.5147$"
SLIPPED = [
    r"$z = w x + b = 0.5 \cdot 2 - 0.3 = 0.8$",
    r"$y = \sigma(z) = \sigma(0.8) \approx 0.6900$",
    r"$L = \frac12 (y - t)^2 = \frac12 (0.69 - 1)^2 \approx 0.0481$",
    r"$\frac{\partial L}{\partial w} = (y - t) y (1 - y) x = -0.31 \cdot 0.69 \cdot 0.31 \cdot 2 \approx -0.1326$",
    r"$w \leftarrow w - \eta \frac{\partial L}{\partial w} = 0.5 + 0.1 \cdot 0.1326 \approx 0.5133$",
]


def marked(problem: str, *lines: str, folder: Path) -> Marks:
    path = folder / "problem.yaml"
    path.write_text(problem, encoding="utf-8")
    loaded = load(path)
    solution = solve(loaded).solution
    scheme = scheme_of(loaded.problem, solution)
    assert scheme is not None
    return marks_of(check_document("\n\n".join(lines), background_of(solution)), scheme)


def earned(marks: Marks) -> dict[str, str]:
    return {mark.item.name: f"{shown(mark.earned)} of {shown(mark.worth)}" for mark in marks.marks}


def test_what_is_right_has_all_marks(tmp_path: Path) -> None:
    marks = marked(NEURON + WEIGHTS, Z, Y, L, G, W, folder=tmp_path)
    assert (marks.total, marks.of, marks.look) == (10, 10, ())
    assert earned(marks) == {
        "z": "1 of 1", "y": "2 of 2", "L": "3 of 3", "dL/dw": "3 of 3", "w_new": "1 of 1",
    }  # fmt: skip
    assert {mark.why for mark in marks.marks} == {"right"}


def test_a_slip_costs_its_part_once(tmp_path: Path) -> None:
    marks = marked(NEURON + WEIGHTS, *SLIPPED, folder=tmp_path)
    assert earned(marks)["z"] == "0.67 of 1"
    assert [mark.why for mark in marks.marks][:2] == [
        "1 of 3 steps wrong (line 1): costs 0.33", "right, given the earlier value",
    ]  # fmt: skip
    assert marks.exact == 10 - Fraction(1, 3)
    assert marks.total == Fraction(19, 2)  # a slip always shows


def test_a_slip_may_have_a_price(tmp_path: Path) -> None:
    problem = NEURON + WEIGHTS.replace("}}", "}, slip: 0.5}")
    marks = marked(problem, *SLIPPED, folder=tmp_path)
    assert (earned(marks)["z"], marks.total) == ("0.5 of 1", Fraction(19, 2))


def test_without_weights_all_answers_are_alike(tmp_path: Path) -> None:
    marks = marked(NEURON, Z, Y, L, G, W, folder=tmp_path)
    assert set(earned(marks).values()) == {"2 of 2"}


def test_what_is_missing_costs_unless_the_way_went_on(tmp_path: Path) -> None:
    marks = marked(NEURON, Y, G, W, folder=tmp_path)  # z is skipped, L was asked for
    assert earned(marks)["z"] == "2 of 2"
    assert "not written, but y" in marks.marks[0].why
    assert (earned(marks)["L"], marks.marks[2].why) == ("0 of 2", "missing")
    assert marks.total == 8
    assert any("another name" in words for words in marks.look)


def test_a_line_that_stops_before_the_number_has_half(tmp_path: Path) -> None:
    marks = marked(NEURON, Z, Y, r"$L = \frac12 (y - t)^2$", G, W, folder=tmp_path)
    assert earned(marks)["L"] == "1 of 2"


def test_what_was_not_read_costs_nothing_and_is_told(tmp_path: Path) -> None:
    marks = marked(NEURON, Z, Y, L.replace("L =", r"L = \what ="), G, W, folder=tmp_path)
    assert marks.total == 10
    assert any("could not be read" in words for words in marks.look)


def test_what_is_missing_may_stand_where_nothing_was_read(tmp_path: Path) -> None:
    marks = marked(NEURON, Z, Y, r"$\what = 3$", folder=tmp_path)
    assert any("L" in w and "on line 5, which could not be read" in w for w in marks.look)


def test_an_answer_under_another_name_is_found_by_its_value(tmp_path: Path) -> None:
    marks = marked(
        NEURON, Z, Y, L, G, r"$v = 0.5 + 0.1 \cdot 0.1471 \approx 0.5147$", folder=tmp_path
    )
    assert earned(marks)["w_new"] == "2 of 2"
    assert any("by its value" in words for words in marks.look)


def test_a_repair_without_a_word_is_told(tmp_path: Path) -> None:
    lines = [r"$z = w x + b = 0.5 \cdot 2 + 0.3 = 0.7$", Y, L, G, W]
    marks = marked(NEURON, *lines, folder=tmp_path)
    assert earned(marks)["z"] == "1.33 of 2"
    assert any("right again after a wrong step" in words for words in marks.look)


def test_a_repair_in_a_later_line_is_told_once(tmp_path: Path) -> None:
    """z = 0.8 is wrong; y = 0.6682 is that of z = 0.7, and what comes behind goes on with it."""
    marks = marked(NEURON, SLIPPED[0], Y, L, G, W, folder=tmp_path)
    looks = {mark.item.name: mark.look for mark in marks.marks if mark.look}
    assert looks == {"y": "line 3: right again after a wrong step"}
    assert marked(NEURON, *SLIPPED, folder=tmp_path).look == ()


DEAD = """\
kind: graph
title: A unit
given: {x: 2, t: 1, w: 0.5, b: -0.3}
define: {z: w*x + b, a: relu(z), L: (a - t)^2}
ask: {values: [L], gradients: {of: L, by: [w]}}
marks: 4
"""


def test_a_value_that_empties_the_rest_is_told(tmp_path: Path) -> None:
    lines = [
        r"$z = w x + b = 0.5 \cdot 2 - 1.3 = -0.3$",
        r"$a = \mathrm{ReLU}(z) = \mathrm{ReLU}(-0.3) = 0$",
        r"$L = (a - t)^2 = (0 - 1)^2 = 1$",
        r"$\frac{\partial L}{\partial w} = 0$",
    ]
    path = tmp_path / "p.yaml"
    path.write_text(DEAD, encoding="utf-8")
    document = check_document("\n\n".join(lines), background_of(solve(load(path)).solution))
    steps = [step for section in document.sections for step in section.steps]
    assert [step.latex for step in steps if step.emptied] == [
        r"\mathrm{ReLU}(-0.3) = 0", r"\frac{\partial L}{\partial w} = 0",
    ]  # fmt: skip
    assert next(step for step in steps if step.emptied).emptied == "0.700000"
    marks = marked(DEAD, *lines, folder=tmp_path)
    assert any("zero because of the earlier slip" in words for words in marks.look)


def test_a_zero_that_is_right_is_not_told(tmp_path: Path) -> None:
    problem = DEAD.replace("b: -0.3", "b: -1.3")
    lines = [r"$z = w x + b = -0.4$", r"$a = \mathrm{ReLU}(z) = \mathrm{ReLU}(-0.4) = 0$"]
    marks = marked(problem, *lines, folder=tmp_path)
    assert not any("zero because" in words for words in marks.look)


@pytest.mark.parametrize(
    ("exact", "total"),
    [("10", "10"), ("9.9", "9.5"), ("29/3", "9.5"), ("7.25", "7.5"), ("7.24", "7"), ("0.1", "0"), ("0", "0")],
)  # fmt: skip
def test_the_total_is_rounded_to_half_marks(exact: str, total: str) -> None:
    assert rounded(Fraction(exact), Fraction(10)) == Fraction(total)


@pytest.mark.parametrize(
    ("marking", "message"),
    [
        ("marking: {weights: {q: 1}}", "marking.weights.q: 'q' is not an answer of this problem"),
        ("marking: {weights: {z: -1}}", "found -1, expected a number that is not negative"),
        ("marking: {weights: {z: 0}}", "all weights are 0"),
        ("marking: {slip: x}", "marking.slip: found x"),
        ("marking: {wieghts: {z: 1}}", "did you mean 'weights'?"),
    ],
)
def test_mistakes_in_a_marking(marking: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(NEURON + marking, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        solve(load(path))
    assert message in str(caught.value)


def test_weights_want_marks(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(NEURON.replace("marks: 10\n", WEIGHTS), encoding="utf-8")
    with pytest.raises(ProblemError, match="'marks' is missing"):
        solve(load(path))


THEOREM = Path(__file__).parents[2] / "problems" / "theory-assignment" / "tanh-slope.yaml"


def test_a_derivation_in_symbols_is_marked_as_a_whole(tmp_path: Path) -> None:
    marks = marked(
        THEOREM.read_text(encoding="utf-8"),
        r"$(x + 1)^2 = x^2 + 2x + 1 = x^2 + 2x + 2$",
        folder=tmp_path,
    )
    assert earned(marks) == {"derivation": "2.5 of 5"}
    assert marks.look


def test_the_worth_of_all_answers_is_the_whole() -> None:
    bank = Path(__file__).parents[2] / "problems"
    found: list[Scheme] = []
    for name in (
        "theory-assignment/backpropagation",
        "cnn-worksheet/all-layers",
        "cnn-worksheet/first-layer",
    ):
        loaded = load(bank / f"{name}.yaml")
        scheme = scheme_of(loaded.problem, solve(loaded).solution)
        assert scheme is not None
        found.append(scheme)
    assert [sum(item.worth for item in scheme.items) for scheme in found] == [15, 2, 2]


LAYER = """\
kind: network
title: A layer of two units
text: Compute loss and gradient.
given:
  x: [1, -2]
  layers:
    - {weights: [[0.5, 0.3], [-0.2, 0.4]], biases: [0.1, 0.2], activation: sigmoid}
    - {weights: [[0.6, -0.8]], biases: [0.05], activation: identity}
  target: [1]
ask: {gradients: true, rate: 0.1}
rounding: {decimals: 4}
marks: 10
"""
ENTRIES = ["dL/dw__1_1_1", "dL/dw__1_1_2", "dL/dw__1_2_1", "dL/dw__1_2_2"]
GRADIENT = r"\frac{\partial L}{\partial W^{(1)}} \approx \begin{pmatrix} -0.1347 & 0.2694 \\ 0.1537 & %s \end{pmatrix}"
UPDATED = r"$W^{(2)}_{new} \approx \begin{pmatrix} 0.6449 & %s \end{pmatrix}$"


@pytest.mark.parametrize(("last", "worth"), [("-0.3074", "0.40"), ("0.3074", "0")])
def test_a_matrix_earns_the_marks_of_its_entries(tmp_path: Path, last: str, worth: str) -> None:
    marks = marked(LAYER, f"${GRADIENT % last}$", folder=tmp_path)
    of = earned(marks)
    assert [of[name] for name in ENTRIES] == [*["0.40 of 0.40"] * 3, f"{worth} of 0.40"]


@pytest.mark.parametrize(("last", "worth"), [("-0.7722", "0.40"), ("-0.7622", "0")])
def test_new_weights_are_judged_as_a_matrix(tmp_path: Path, last: str, worth: str) -> None:
    of = earned(marked(LAYER, UPDATED % last, folder=tmp_path))
    assert [of["w__2_1_1_new"], of["w__2_1_2_new"]] == ["0.40 of 0.40", f"{worth} of 0.40"]


def test_entries_earn_the_marks_of_their_array(tmp_path: Path) -> None:
    array = "kind: graph\ntitle: A layer\ngiven: {W: [[1, 2], [3, -1]], x: [1, 2]}\ndefine: {z: W @ x}\nask: {values: [z]}\nmarks: 2\n"
    lines = ["$z_1 = 1 + 2 \\cdot 2 = 5$", "$z_2 = 3 - 2 = 2$"]
    (mark,) = marked(array, *lines, folder=tmp_path).marks
    assert (mark.item.name, mark.places) == ("z", (1, 3))
    assert 0 < mark.earned < 2


def test_answers_have_the_names_that_the_sheet_prints(tmp_path: Path) -> None:
    marks = marked(NEURON + WEIGHTS, Z, Y, folder=tmp_path)
    assert [mark.item.words for mark in marks.marks] == ["z", "y", "L", "∂L/∂w", "new w"]
    assert [mark.item.latex for mark in marks.marks][3:] == [
        r"\frac{\partial L}{\partial w}", r"\text{new }w",
    ]  # fmt: skip


def test_answers_of_which_the_same_is_said_share_a_row(tmp_path: Path) -> None:
    """The weights are 1, 2, 3, 3 and 1: what is said of L and of its gradient is the same."""
    marks = marked(NEURON + WEIGHTS, Z, Y, folder=tmp_path)
    rows = {tuple(item.name for item in share.items): share.shown for share in marks.shares}
    assert rows[("L", "dL/dw")] == "0 of 3 each"
    assert rows[("y",)] == "2 of 2"


def test_an_answer_that_ends_elsewhere_is_to_be_looked_at(tmp_path: Path) -> None:
    """0.33^2 = 0.1 is rounded rightly to one digit; half of it is 0.05, and L is 0.0550."""
    coarse = r"$L = \frac12 (y - t)^2 \approx \frac12 \cdot 0.1 = 0.05$"
    marks = {m.item.name: m for m in marked(NEURON, Z, Y, coarse, G, W, folder=tmp_path).marks}
    assert marks["L"].why == "right"
    assert marks["L"].look.startswith(
        "it ends at 0.05, the solution at 0.0550456, although no step"
    )
    assert not marks["dL/dw"].look


def test_a_slip_on_the_way_to_an_array_costs_once(tmp_path: Path) -> None:
    """The line about z belongs to h_1, which rests on it, and not to both entries of h."""
    problem = LAYER.replace("activation: sigmoid}", "activation: identity, names: [h_1, h_2]}")
    weights = "marking: {weights: {h_1: 1, h_2: 1}}\n"
    lines = [r"$z^{(1)}_2 = -0.2 - 0.8 + 0.2 = -0.9$", r"$h = (0, -0.8)$"]
    marks = marked(problem + weights, *lines, folder=tmp_path)
    assert earned(marks) == {"h_1": "5 of 5", "h_2": "3.33 of 5"}


def test_a_file_without_formulas_is_to_be_read(tmp_path: Path) -> None:
    marks = marked(NEURON, "Only words.", folder=tmp_path)
    assert {mark.look for mark in marks.marks} == {
        "no formula was found in the file; please read it yourself"
    }

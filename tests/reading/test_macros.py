r"""``\newcommand`` and its kin: what they put, where it stands, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest

from derivations.checking.reports import check_document
from derivations.checking.text.documents import sections
from derivations.reading.latex.macros import MOST_WRITTEN, expanded
from derivations.reading.latex.traced import Traced


def plain(source: str) -> str:
    return " ".join(expanded(Traced.of(source))[0].text.split())


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        (r"\newcommand{\s}{\sigma}\s(z)", r"\sigma(z)"),
        (r"\newcommand\s{\sigma}\s z", r"\sigma z"),
        (r"\newcommand*{\half}{\frac12} x\half y", r"x\frac12 y"),
        (r"\newcommand{\d}[2]{\frac{\partial #1}{\partial #2}}\d{L}{w}", r"\frac{\partial L}{\partial w}"),
        (r"\newcommand{\d}[2]{\frac{\partial #1}{\partial #2}}\d Lw", r"\frac{\partial L}{\partial w}"),
        (r"\newcommand{\p}[2][2]{{#2}^{#1}}\p{x}+\p[3]{y}", r"{x}^{2}+{y}^{3}"),
        (r"\def\v#1{\mathbf{#1}}\v x", r"\mathbf{x}"),
        (r"\DeclareMathOperator{\relu}{ReLU}\relu(x)", r"\operatorname{ReLU}(x)"),
        (r"\DeclareMathOperator*{\am}{arg\,max}\am_i", r"\operatorname{arg\,max}_i"),
        (r"\newcommand{\a}{1}\a\renewcommand{\a}{2}\a", "1 2"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{x}\a", "x"),
        (r"\newcommand{\m}{\cdot}2\m x\cdot y", r"2\cdot x\cdot y"),
        (r"\newcommand{\x}{x}\cdot\x y", r"\cdot x y"),
        (r"nothing \is defined", r"nothing \is defined"),
    ],
)  # fmt: skip
def test_commands_are_put_in(source: str, meant: str) -> None:
    assert plain(source) == meant


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (r"\newcommand{\a}{\a x}$\a$", r"\a stands for itself"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{\a}$\a$", r"\a stands for itself"),
        (r"\newcommand{\a}[2]{#1#2}$\a{x$", "without its arguments"),
        (r"\newcommand{\a}{x", "could not be read"),
        (r"\def\a#1.#2{x}", "could not be read"),
        ("".join(rf"\newcommand{{\{'a' * n}b}}{{x}}" for n in range(1, 300)), "more than 200"),
    ],
)
def test_what_is_not_carried_out_is_told(source: str, note: str) -> None:
    _, notes = expanded(Traced.of(source))
    assert any(note in words for words in notes)


def test_definitions_that_double_stop_at_a_bound() -> None:
    letters = "abcdefghijkl"
    doubled = "".join(rf"\newcommand{{\x{a}}}{{\x{b}\x{b}}}" for a, b in pairwise(letters))
    source = doubled + rf"\newcommand{{\xl}}{{{'y' * 500}}}" + r"\xa" * 50
    found, notes = expanded(Traced.of(source))
    assert len(found.text) < 2 * MOST_WRITTEN
    assert any("too much" in words for words in notes)


TEXT = r"""\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}}
\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}}
\def\s{\sigma}
With $z = w x$:
\be
  \dd{z}{w} = x
\ee
and $1 + 1
 = 3$, $y = \s(z)$.
"""


def test_steps_stand_where_the_student_wrote_them() -> None:
    assert sum(len(section.segments) for section in sections(TEXT)) == 4
    (section,) = check_document(TEXT).sections
    shown = [(line, TEXT[start:end]) for (line, _), (start, end) in zip(section.placed, section.sources, strict=True)]  # fmt: skip
    assert shown == [
        (4, "z = w x"), (6, r"\dd{z}{w} = x"), (9, "1 + 1\n = 3"), (9, r"y = \s(z)"),
    ]  # fmt: skip
    assert [step.verdict for step in section.steps] == ["given", "holds", "wrong", "given"]

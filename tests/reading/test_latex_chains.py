"""Displays into chains: rows that go on, columns, frames, words, labels, relation signs."""

from __future__ import annotations

import pytest

from derivations.errors import ReadError
from derivations.reading.latex import ReadChain, read_chains, read_formula
from tests.reading.notation import notation


def shown(chain: ReadChain) -> str:
    """A chain in a line, with its frames and notes."""
    assert chain.first.formula is not None
    label = chain.label.formula if chain.label is not None else None
    words = [f"{notation(label)} :"] if label is not None else []
    words.append(notation(chain.first.formula))
    for link in chain.links:
        assert link.term.formula is not None
        words += [link.sign, notation(link.term.formula) + ("[]" if link.term.boxed else "")]
    return " ".join(words) + "".join(f" # {note}" for note in chain.notes)


@pytest.mark.parametrize(
    ("source", "chains"),
    [
        (
            r"\begin{align*} z &= w x + b \\ &= 0.5 \cdot 2 + 1 = 2 \\ a &= \sigma(z) \approx 0.88 \end{align*}",
            ["z = sum(product(w, x), b) = sum(product(0.5, 2), 1) = 2", "a = sigmoid(z) ≈ 0.88"],
        ),
        (r"\begin{align} a &= b & c &= d \\ &= 1 & &= 2 \end{align}", ["a = b = 1", "c = d = 2"]),
        (r"\begin{array}{rcl} a & = & b + c \\ & = & 3 \end{array}", ["a = sum(b, c) = 3"]),
        (r"\begin{eqnarray} a & = & b \\ c & = & d \end{eqnarray}", ["a = b", "c = d"]),
        (r"\begin{gather*} a = b \\ c = d \end{gather*}", ["a = b", "c = d"]),
        (r"\begin{equation}\begin{split} a &= b \\ &= c \end{split}\end{equation}", ["a = b = c"]),
        (r"z = \begin{aligned}[t] &a + b \\ &+ c \end{aligned}", ["z = sum(a, b, c)"]),
        (r"a = b \\* &\quad{+ c} \\[5pt] d = e", ["a = sum(b, c)", "d = euler()"]),
        (r"a = b \\ + c \\ - d", ["a = sum(b, c, neg(d))"]),
        (r"a = \\ b", ["a = b"]),
        (r"a = b = \\ = c", ["a = b = c"]),
        (r"\[ z = 3 \] \[ = 4 \]", ["z = 3 = 4"]),
        (r"\boxed{y = 0.5}", ["y = 0.5"]),
        (r"y = \boxed{0.5}", ["y = 0.5[]"]),
        (r"y = \underbrace{0.3 + 0.2}_{=0.5} + 1", ["y = sum(0.3, 0.2, 1)"]),
        (r"a = 1, \quad b = 2", ["a = 1", "b = 2"]),
        (r"a = 1 \text{ and } b = 2", ["a = 1", "b = 2"]),
        (r"z = 3 \quad (7)", ["z = 3"]),
        (r"z = 3 \tag{7} \label{eq:z}", ["z = 3"]),
        (r"z = 3.", ["z = 3"]),
        (r"\text{where } z = 3", ["z = 3 # where"]),
        (r"z = 3 \text{ (by definition)}", ["z = 3 # (by definition)"]),
        (r"z = 3\remark{number of outputs}", ["z = 3 # number of outputs"]),
        (r"\text{Loss} = 0.5", ["Loss = 0.5"]),
        (r"P = 26 \times 6 = 156 \text{ parameters}", ["P = product(26, 6) = 156 # parameters"]),
        (r"w \leftarrow w - \eta g", ["w ← sum(w, neg(product(eta, g)))"]),
        (r"w := w - \eta g", ["w := sum(w, neg(product(eta, g)))"]),
        (r"0 \le z < 1", ["0 ≤ z < 1"]),
        (r"a \ge b > c \ne d", ["a ≥ b > c ≠ d"]),
        (r"a = b \Rightarrow c = d", ["a = b ⇒ c = d"]),
        (r"a \stackrel{(1)}{=} b", ["a = b"]),
        (r"W \in \mathbb{R}^{3 \times 2}", ["W ∈ reals(3, 2)"]),
        (r"u_1 : 0.3 \cdot 2 = 0.6", ["u_1 : product(0.3, 2) = 0.6"]),
        (r"\hat{y}_1 : \text{tanh}(u) \approx 0.5", ["y_hat_1 : tanh(u) ≈ 0.5"]),
        (r"z = \text{sigmoid}^2(x)", ["z = power(sigmoid(x), 2)"]),
        (r"\# \text{ of maps} = 3 \times \text{filter size}^2", ["numberofmaps = product(3, power(filtersize, 2))"]),
        (r"MADD = 3 \cdot 4", ["MADD = product(3, 4)"]),
        (r"abc = 6, \quad a = 1, b = 2, c = 3", None),  # a product of a, b and c
        (r"KP_1 = 2 \\ KP_2 = 3 \\ KP_3 = KP_1 + KP_2", ["KP_1 = 2", "KP_2 = 3", "KP_3 = sum(KP_1, KP_2)"]),
        (r"Z_1 = XW_1 \\ Z_2 = XW_2", ["Z_1 = product(X, W_1)", "Z_2 = product(X, W_2)"]),
        (r"W = 3, \ the \ output \ is \ 3{\times}3.", ["W = 3 # the output i s 3 { \\times } 3 ."]),
        (
            r"\begin{aligned} a &= b \\ &\quad (1 + c)^2 \end{aligned} \\ \begin{aligned} &= d \end{aligned}",
            ["a = b = d", "power(sum(1, c), 2)"],
        ),
        (r"\begin{aligned} & a + b \\ & = c \end{aligned}", ["sum(a, b) = c"]),
        (r"s = \underbrace{a + b}_{u} + \underbrace{c + d}_{v}", ["s = sum(a, b, sum(c, d))"]),
        (r"i \in \{0, 1, \dots, 3\}", ["i ∈ braces(0, 1, 2, 3)"]),
        (r"i \in \{1, \dots, n\}", ["i ∈ whole_numbers(1, n)"]),
        (r"L(\hat{y}, y) = [y \ne \hat{y}]", ["L(y_hat, y) = iverson(!=(y, y_hat))"]),
        (r"\textcircled{3} \quad n = 3", ["n = 3"]),
        (r"x \in [0, 1]", ["x ∈ closed(0, 1)"]),
        (r"x \in [0, 1)", ["x ∈ closed_open(0, 1)"]),
        (r"t \in \{0, 1\}", ["t ∈ braces(0, 1)"]),
        ("x ≈ 0.5 ≠ 1", ["x ≈ 0.5 ≠ 1"]),
        (r"L(w) = (w-4)^2, \quad L(3) = 1", ["L(w) = power(sum(w, neg(4)), 2)", "L(3) = 1"]),
        (r"y = \boxed{\text{0}}", ["y = 0[]"]),
        (
            r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            ["f(x) = cases(1, >(x, 0), 0, otherwise())"],
        ),
        (r"\left\{\begin{array}{ll} 1 & x > 0 \\ 0 & x \le 0 \end{array}\right. = g", ["cases(1, >(x, 0), 0, <=(x, 0)) = g"]),
        (r"= {} 3", None),
        (r"x = 1, 2", None),
        (r"a = = b", None),
        (r"a = b \\ = = c", None),
        (r"\begin{align} a = b \end{aligned}", None),
    ],
)  # fmt: skip
def test_a_display_is_read(source: str, chains: list[str] | None) -> None:
    if chains is None:
        with pytest.raises(ReadError):
            read_chains(source)
    else:
        assert [shown(chain) for chain in read_chains(source)] == chains


def test_terms_know_their_place_and_their_text() -> None:
    source = r"z &= 0.5 \cdot 2 \\ &\approx \boxed{1.0}"
    (chain,) = read_chains(source)
    assert [source[slice(*link.span)] for link in chain.links] == ["=", r"\approx"]
    assert [link.term.source for link in chain.links] == [r"0.5 \cdot 2", r"\boxed{1.0}"]
    assert [link.term.boxed for link in chain.links] == [False, True]
    assert all(source[slice(*link.term.span)] == link.term.source for link in chain.links)


def test_a_side_that_cannot_be_read_does_not_hide_the_others() -> None:
    source = r"z = x_1 + \dots + x_n = 3"
    (chain,) = read_chains(source, strict=False)
    assert [link.term.formula is None for link in chain.links] == [True, False]
    assert chain.links[0].term.unread == "dots stand for something that is not written"
    assert source[chain.links[0].term.position :].startswith(r"\dots")
    with pytest.raises(ReadError):
        read_chains(source)


def test_a_single_formula_has_no_relation() -> None:
    with pytest.raises(ReadError, match="a single formula is expected here"):
        read_formula("a = b")


@pytest.mark.parametrize("gap", ["2em", "1cm", "20pt", "1.5em", " 3 em "])
def test_a_wide_space_parts_statements(gap: str) -> None:
    first, second = read_chains(rf"y = 1.5 \hspace{{{gap}}} L = 2")
    assert (shown(first), shown(second)) == ("y = 1.5", "L = 2")


@pytest.mark.parametrize("gap", ["0.1em", "2pt", "-1em"])
def test_a_narrow_space_is_none(gap: str) -> None:
    (chain,) = read_chains(rf"y = 1.5 \hspace{{{gap}}} L")
    assert shown(chain).startswith("y = ")
    assert "L" in shown(chain)

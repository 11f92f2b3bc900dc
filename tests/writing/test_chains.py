"""How chains of relations are laid out in rows."""

from __future__ import annotations

import pytest

from derivations.formula.expressions import read_expression
from derivations.formula.printing import Notation, Printer
from derivations.steps.relations import Chain, Link, Term
from derivations.writing.chains import Layout, Row, Side, lay_out, margin_of, sides_of
from derivations.writing.width import width


def laid(text: str, room: float, together: int = 2, margin: float = 0.0) -> list[tuple[str, str]]:
    """``a = b = c`` in rows of so many characters."""
    first, *others = text.split(" = ")
    chain = Chain(
        Term(read_expression(first)), tuple(Link("=", Term(read_expression(o))) for o in others)
    )
    layout = Layout(room, len, lambda sign: "  " if sign == "indent" else sign, together, margin)
    printer = Printer(False, Notation(), lambda name: None)
    sides = sides_of(chain, printer, lambda link: link.relation, len)
    found = lay_out(*sides, lambda text: f"[{text}]", layout)
    assert all(isinstance(row, Row) for row in found)
    return [(row.left, row.right) for row in found]


def test_what_fits_stands_on_one_line() -> None:
    assert laid("z = a + b = c", 30) == [("z", "= a + b = c")]
    assert laid("z", 30) == [("z", "")]


def test_more_relations_stand_below_one_another_as_they_fit() -> None:
    assert laid("z = a = b = c", 30) == [("z", "= a = b = c")]
    assert laid("z = a + b = c + d = f + g", 15) == [
        ("z", "= a + b"),
        ("", "= c + d"),
        ("", "= f + g"),
    ]


def test_a_long_side_is_broken_before_its_signs() -> None:
    found = laid("z = aa + bb + cc - dd + ff", 16)
    assert found == [("z", "= aa + bb + cc"), ("", "  − dd + ff")]


def test_signs_inside_brackets_do_not_break() -> None:
    found = laid("z = aa*(bb + cc + dd + ff) + gg", 12)
    assert len(found) == 2
    assert found[0][1].count("(") == found[0][1].count(")") == 1


def test_a_long_left_side_stands_above() -> None:
    found = laid("aa + bb + cc + dd = zz", 14)
    assert found == [("", "aa + bb + cc"), ("", "  + dd"), ("", "= zz")]


def test_a_side_that_repeats_the_one_before_stands_once() -> None:
    assert laid("z = a = a", 30) == [("z", "= a")]
    assert laid("z = z", 30) == [("z", "")]


def test_the_margin_of_other_chains_takes_room() -> None:
    assert laid("z = aa + bb", 12) == [("z", "= aa + bb")]
    assert laid("z = aa + bb", 12, margin=6) == [("z", "= aa"), ("", "  + bb")]
    assert margin_of([1, 3, 90], 100) == 3
    assert margin_of([], 100) == 0


def test_what_cannot_be_broken_is_squeezed() -> None:
    chain = Chain(Term(read_expression("z")), (Link("=", Term(read_expression("a" * 30))),))
    layout = Layout(20, len, str, squeeze=lambda text, room: [f"<{room:.0f}|{text}>"])
    printer = Printer(False, Notation(), lambda name: None)
    sides = sides_of(chain, printer, lambda link: link.relation, len)
    (row,) = lay_out(*sides, str, layout)
    assert row.right == f"= <17|{'a' * 30}>"


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [("x", "xx"), ("x", "x^2"), ("x^2", "x2"), (r"\frac{a}{b}", "a/b+c"), ("i", "W"), (r"\,", r"\quad"),
     ("1", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"), (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}", r"\begin{bmatrix} 1 & 2 \end{bmatrix}"),
     (r"\mathrm{ab}", r"\mathrm{abcd}"), (r"\text{w}", r"\mathbf{w}")],
)  # fmt: skip
def test_widths_grow_with_what_is_printed(narrow: str, wide: str) -> None:
    assert 0 < width(narrow) < width(wide)


@pytest.mark.parametrize(
    ("latex", "em"),
    [("0123456789", 5.0), ("a + b", 2.36), (r"\frac{1}{1 + e^{-z}}", 3.7), ("", 0.0), ("{}", 0.0)],
)
def test_a_width_is_about_right(latex: str, em: float) -> None:
    assert width(latex) == pytest.approx(em, abs=0.35)


def rows_of(sides: list[Side], widest: float, room: float = 10) -> list[str]:
    layout = Layout(room, len, lambda sign: sign, widest=widest)
    return [row.right for row in lay_out(Side("", "E", 1), sides, str, layout)]


def test_numbers_that_nobody_could_read_are_left_out() -> None:
    """The result then stands behind the product in names, with the weaker of the two signs."""
    product = Side("=", "W F", 3)
    numbers = Side("≈", "1" * 30, 30, numbers=True)
    result = Side("=", "7", 1, numbers=True)
    assert rows_of([product, numbers, result], 20) == ["= W F", "≈ 7"]
    assert rows_of([product, numbers, result], 40) == ["= W F", "≈ " + "1" * 30, "= 7"]


def test_a_result_is_never_left_out() -> None:
    assert rows_of([Side("=", "W F", 3), Side("=", "1" * 30, 30, numbers=True)], 20)[1:] == [
        "= " + "1" * 30
    ]
    boxed = Side("=", "1" * 30, 30, numbers=True, boxed=True)
    assert len(rows_of([boxed, Side("≈", "7", 1, numbers=True)], 20)) == 2

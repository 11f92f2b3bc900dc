"""Many documents in a LaTeX run: pages, pictures, errors."""

from __future__ import annotations

import io

import pikepdf
import pytest

from derivations.steps.document import Front
from derivations.writing.booklets import Booklet, Cover, Entry, Group, Press, source_of
from derivations.writing.pdf import TexError

FRONT = Front("Examination", course="Networks")
PICTURE = r"\fitted{\begin{tikzpicture}\draw (0,0) -- (1,1);\end{tikzpicture}}"


def booklet(number: str, latex: str) -> Booklet:
    """A booklet with one problem."""
    entry = Entry("Problem 1.", "3", latex)
    return Booklet(Cover(FRONT, number, "Ada", "ABCD"), (Group("", (), (entry,)),))


def pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def test_each_document_has_its_own_pages() -> None:
    lengths = [1, 3, 2]
    made = Press(booklet("0", "x")).print(
        [booklet(str(n), r"x\newpage " * (length - 1) + "x") for n, length in enumerate(lengths)]
    )
    assert [pages(pdf) for pdf in made] == lengths


def test_a_picture_that_documents_share_is_set_once() -> None:
    source = source_of([booklet(str(n), PICTURE) for n in range(3)])
    assert source.count(r"\begin{tikzpicture}") == 1
    assert source.count(r"\kept{") == 3


def test_what_else_is_in_the_run_changes_no_byte() -> None:
    press = Press(booklet("0", f"{PICTURE} abc"))
    alone = press.print([booklet("1", "abc")])
    among = press.print([booklet("2", PICTURE), booklet("1", "abc"), booklet("3", "cab")])
    assert among[1] == alone[0]


def test_an_error_says_whose_paper_it_is_and_where() -> None:
    good, bad = booklet("7", "x"), booklet("8", "%@ problems/x.yaml:3, step 2\n\\undefined")
    with pytest.raises(
        TexError, match=r"paper of 8: problems/x.yaml:3, step 2: LaTeX: Undefined control sequence"
    ):
        Press(good).print([good, bad, good])


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_matrices_and_displays_are_set(rows: int) -> None:
    matrix = r"\\".join("1 & -2.5 & x" for _ in range(rows))
    display = rf"\begin{{align*}} X &= \begin{{bmatrix}}{matrix}\end{{bmatrix}} \\* &= y \\[5pt] z &= 1 \end{{align*}}"
    (made,) = Press(booklet("0", display)).print([booklet("1", rf"\startdisplay {display} after")])
    assert pages(made) == 1


@pytest.mark.parametrize("color", ["{accent}", "{muted}", "{accent!50}", "[HTML]{FF0000}"])
def test_a_colour_is_the_one_of_xcolor(color: str) -> None:
    press = Press(booklet("0", "abc"))
    ours, xcolors = press.print(
        [booklet("1", rf"{{\{name}{color} abc}} cab") for name in ("color", "mixedcolor")]
    )
    assert contents(ours) == contents(xcolors)
    assert contents(ours) != contents(press.print([booklet("1", "abc cab")])[0])


def contents(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [page.Contents.read_bytes() for page in document.pages]

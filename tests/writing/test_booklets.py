"""Many documents in a LaTeX run: pages, pictures, errors."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest

from derivations.steps.document import Front
from derivations.writing import booklets, latex
from derivations.writing.booklets import (
    Booklet,
    Cover,
    Entry,
    Group,
    Press,
    source_of,
)
from derivations.writing.engine import TexError
from derivations.writing.pdf import compile_after
from derivations.writing.tikz import parts_of
from tests.conftest import Bank, document_of_one

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


def placed(pdf: bytes) -> dict[str, tuple[float, float]]:
    """Where each piece of text of the first page begins."""
    found: dict[str, tuple[float, float]] = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        x = y = 0.0
        for operands, operator in pikepdf.parse_content_stream(document.pages[0]):
            if str(operator) == "BT":
                x = y = 0.0
            elif str(operator) == "Td":
                x, y = x + float(operands[0]), y + float(operands[1])
            elif str(operator) == "TJ":
                parts = (str(part) for part in operands[0] if isinstance(part, pikepdf.String))
                found["".join(parts)] = (x, y)
    return found


def test_laws_of_rows_stand_at_the_right_margin() -> None:
    law = r"\tag*{\law{%s}}"
    rows = (rf"cab &= \frac{{1}}{{2}}{law % 'halved'}", f"abc &= 2{law % 'twice'}")
    display = rf"\begin{{align*}} {rows[0]} \\* {rows[1]} \\[5pt] xyz &= 1 \end{{align*}}"
    (made,) = Press(booklet("0", "x")).print([booklet("1", rf"\startdisplay {display} after")])
    found = placed(made)
    assert found["twice"][1] == pytest.approx(found["abc"][1], abs=0.01)
    assert found["halved"][1] > found["twice"][1] + 10
    assert found["twice"][0] > found["abc"][0] + 250
    assert found["xyz"][1] < found["abc"][1] - 10
    plain = display.replace(law % "halved", "").replace(law % "twice", "")
    (without,) = Press(booklet("0", "x")).print([booklet("1", rf"\startdisplay {plain} after")])
    assert placed(without)["after"] == pytest.approx(found["after"])  # they take no room


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


ANCHORS = [
    "", "north", "south", "east", "west", "north east", "north west", "south east", "south west",
]  # fmt: skip


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize("options", ["", r",font=\footnotesize", r",font=\footnotesize,fill=white"])
def test_labels_take_the_same_room_as_nodes(anchor: str, options: str) -> None:
    """Each on one side of what is drawn, so that the size of the picture tells where they lie."""
    side = f",anchor={anchor}" if anchor else ""
    places = ["-1.2,0.1", "2.2,0.1", "0.3,-1.1", "0.3,2.3"]
    nodes = [
        rf"\node[text=muted,inner sep=2pt{side}{options}] at ({x:.3f},{y:.3f}) {{$-12.{n}_g$ y}};%"
        for n, place in enumerate(places)
        for x, y in [map(float, place.split(","))]
    ]
    picture = "\n".join(
        [r"\begin{tikzpicture}%", r"\draw[ink] (0.000,0.000) -- (1.000,1.000);%", *nodes,
         r"\end{tikzpicture}"]
    )  # fmt: skip
    measured = rf"\setbox9\hbox{{{picture}}}\typeout{{size \the\wd9 \the\ht9 \the\dp9}}"
    press = Press(booklet("0", measured))
    press.print([])
    assert press.form is not None
    runs = [[booklet("0", first), booklet("1", measured)] for first in (measured, "x")]
    assert [r"\labelled{" in source_of(run) for run in runs] == [False, True]
    logs = [compile_after(press.form, source_of(run)).log for run in runs]
    kept, placed = (
        [float(part) for part in re.findall(r"([-\d.]+)pt", log[log.rindex("\nsize ") :][:80])]
        for log in logs
    )
    assert len(kept) == 3
    assert placed == pytest.approx(kept, abs=0.01)


def test_every_picture_of_the_bank_has_its_labels_apart(bank: Bank) -> None:
    pictures = [
        picture
        for verified in bank.verified.values()
        for picture in booklets.PICTURE.findall(latex.write(document_of_one(verified)))
    ]
    assert len(pictures) > 20
    labelled = [picture for picture in pictures if r"\node" in picture]
    apart = [(picture, parts) for picture in labelled if (parts := parts_of(picture))]
    assert len(apart) > 0.9 * len(labelled)
    for picture, parts in apart:
        assert r"\node" not in parts.skeleton
        assert len(parts.labels) == picture.count(r"\node")
        assert parts.skeleton.count(r"\draw") == picture.count(r"\draw")


def test_a_line_on_a_label_that_hides_what_is_below_stays_there() -> None:
    halo = r"\node[text=ink,inner sep=2pt,fill=white] at (0.500,0.500) {1};%"
    draw = r"\draw[ink] (0.000,0.000) -- (1.000,1.000);%"
    begin, end = r"\begin{tikzpicture}%", r"\end{tikzpicture}"
    assert parts_of("\n".join([begin, draw, halo, end])) is not None
    assert parts_of("\n".join([begin, draw, halo, draw, end])) is None
    assert parts_of("\n".join([begin, draw, r"\fill (0,0) circle (1);%", halo, end])) is None

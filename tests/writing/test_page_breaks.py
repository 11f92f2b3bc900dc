"""Where pages are turned: what belongs together stays together, wherever the page ends."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from derivations.formula.printing import Notation
from derivations.steps.document import Document, Front
from derivations.steps.relations import Text
from derivations.steps.solution import Prose, Table
from derivations.writing import latex
from derivations.writing.latex_blocks import LONG, Blocks, rows_together
from derivations.writing.latex_tables import FONTS
from derivations.writing.pdf import compile_document
from tests.writing.test_latex import page_lines

EMPTY = latex.write(Document(Front(""), ()))
HEIGHTS = range(
    560, 700, 4
)  # points above what is tried: the page ends before, within and after it


def pages_of(*bodies: str) -> bytes:
    """A document in which each body begins a page of its own."""
    body = "\n\\newpage\n".join(bodies)
    return compile_document(EMPTY.replace("\\end{document}", f"{body}\n\\end{{document}}")).pdf


def at_every_height(body: str, heights: range = HEIGHTS) -> bytes:
    return pages_of(*(f"\\vspace*{{{height}pt}}Above\\par\n{body}" for height in heights))


def drawn(pdf: bytes) -> list[int]:
    """The lines and bars on each page."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            sum(str(operator) in ("S", "f") for _, operator in pikepdf.parse_content_stream(page))
            for page in document.pages
        ]


def test_the_rule_of_a_heading_stays_with_its_words() -> None:
    pdf = at_every_height("\\problemhead{Problem 1.}{Heading}{}\nWords.\\par Words.")
    heads = [sum("Problem" in line for line in lines) for lines in page_lines(pdf)]
    assert sum(heads) == len(HEIGHTS) < len(heads)
    assert drawn(pdf) == heads


TABLE = Table(((Text("head"),),), tuple(((Text(f"row {k}"),),) for k in range(3)), "l")
LONG_TABLE = Table(((Text("head"),),), tuple(((Text(f"row {k}"),),) for k in range(30)), "l")


@pytest.mark.parametrize(("table", "heights"), [(TABLE, HEIGHTS), (LONG_TABLE, range(100, 240, 4))])
def test_a_note_on_rounding_never_stands_alone(table: Table, heights: range) -> None:
    blocks = Blocks(Notation(), {})
    note = blocks.block(Prose((Text("Rounded."),), "note"))
    pdf = at_every_height(f"\\lastblock\n{blocks.block(table)}\n{note}\n\\closed\nBelow.", heights)
    noted = [lines for lines in page_lines(pdf) if any("Rounded" in line for line in lines)]
    assert len(noted) == len(heights)
    assert all(any("row" in line for line in lines) for lines in noted)


def test_pages_share_what_they_lack() -> None:
    """The last line stands lower than it would if all the white were left at the foot."""
    head = "\\problemhead{Problem}{Heading}{}\nWords.\\par\n"
    body = f"{head * 8}Last.\\par\\keep{{30}}\nNext."
    ours = EMPTY.replace("\\end{document}", f"{body}\n\\end{{document}}")
    ragged = ours.replace("\\begin{document}", "\\raggedbottom\n\\begin{document}")
    shared, left = (lowest(compile_document(source).pdf) for source in (ours, ragged))
    assert shared < left - 20


def lowest(pdf: bytes) -> float:
    """How far down the first page the line Last. stands, from where the page begins."""
    height, found = 0.0, []
    with pikepdf.open(BytesIO(pdf)) as document:
        for operands, operator in pikepdf.parse_content_stream(document.pages[0]):
            if str(operator) == "Td":
                height += float(operands[1])
            elif str(operator) == "TJ" and b"Last" in b"".join(
                bytes(part) for part in operands[0] if isinstance(part, pikepdf.String)
            ):
                found.append(height)
            elif str(operator) == "BT":
                height = 0.0
    assert len(found) == 1
    return found[0]


def test_a_wide_table_is_printed_in_smaller_letters_and_goes_on() -> None:
    rows = tuple(((Text("many words " * 4),), (Text("many words " * 4),)) for _ in range(40))
    printed = Blocks(Notation(), {}).block(Table(((Text("a"),), (Text("b"),)), rows, "ll"))
    assert printed.startswith(f"\\begin{{longshown}}{FONTS[2][0]}")
    source = EMPTY.replace("\\end{document}", f"{printed}\n\\end{{document}}")
    compiled = compile_document(source)
    assert "Overfull" not in compiled.log
    assert len(page_lines(compiled.pdf)) == 1


def test_a_page_is_turned_within_long_chains_alone() -> None:
    short = [f"row {number}" for number in range(LONG - 1)]
    assert rows_together(short, "").count(r"\\*") == len(short) - 1
    long = [f"row {number}" for number in range(LONG)]
    ends = [
        line.removeprefix(f"row {n}") for n, line in enumerate(rows_together(long, "").split("\n"))
    ]
    assert ends == [r" \\*", r" \\", r" \\", r" \\*", ""]


def test_formulas_in_lines_of_their_own_are_not_parted() -> None:
    two = (Prose((Text("a"),), "display"), Prose((Text("b"),), "display"))
    first, second = Blocks(Notation(), {}).all(two)
    assert first.startswith("\\together")
    assert first.endswith("\\apart")
    assert "\\together" not in second

"""Prose: CommonMark with formulas and values; what has no place on a page is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import ReadError
from derivations.formula.tree import Name, partial
from derivations.reading.prose import placeholders, read_line, read_prose, values_in
from derivations.steps.relations import Chain, Link, Term, Text, Typeset
from derivations.steps.solution import Items, Listing, Prose, Table


def pieces(source: str) -> tuple[Any, ...]:
    (block,) = read_prose(source)
    assert isinstance(block, Prose)
    return block.pieces


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a word", [Text("a word")]),
        ("**b** and *i* and `c`", [Text("b", "strong"), Text(" and "), Text("i", "emphasis"), Text(" and "), Text("c", "code")]),
        ("one\ntwo", [Text("one"), Text(" "), Text("two")]),
        ("$x^2$ is", [Typeset("x^{2}", "x²"), Text(" is")]),
        ("z is {z}.", [Text("z is "), Term(Name("z"), numbers=True), Text(".")]),
        ("{z=}", [Chain(Term(Name("z")), (Link("auto", Term(Name("z"), numbers=True), ("z",)),))]),
        ("{dL/dw_1}", [Term(partial(Name("L"), Name("w_1")), numbers=True)]),
        ("**{z}** `{z}`", [Term(Name("z"), numbers=True), Text(" "), Text("{z}", "code")]),
        ("{1} {} {z", [Text("{1} {} {z")]),
        (r"5 \* 3 \$", [Text("5 * 3 $")]),
        ("a < b & c > d", [Text("a < b & c > d")]),
        ("<b>x</b>", [Text("<b>x</b>")]),
        ("&lt;script&gt;", [Text("<script>")]),
        ("http://a.b", [Text("http://a.b")]),
        ("$5 and 6", [Text("$5 and 6")]),
    ],
)  # fmt: skip
def test_a_line_has_these_pieces(source: str, expected: list[Any]) -> None:
    assert list(pieces(source)) == expected


def test_paragraphs_displays_and_listings_are_blocks() -> None:
    blocks = read_prose("one\n\n$$\nx\n$$\n\n```python\nprint(1)\n```\n\ntwo", "note")
    assert blocks == (
        Prose((Text("one"),), "note"),
        Prose((Typeset("x", "x"),), "display"),
        Listing("print(1)", "python"),
        Prose((Text("two"),), "note"),
    )


def test_lists_hold_blocks_and_lists() -> None:
    (found,) = read_prose("1. a\n   - b\n2. c\n")
    b = Items(((Prose((Text("b"),)),),), False)
    assert found == Items(((Prose((Text("a"),)), b), (Prose((Text("c"),)),)), True)


def test_tables_have_a_head_rows_and_an_alignment() -> None:
    (found,) = read_prose("| a | b | c |\n|---|:-:|--:|\n| 1 | $x$ | {z} |\n")
    assert isinstance(found, Table)
    assert found.align == "lcr"
    assert found.head == ((Text("a"),), (Text("b"),), (Text("c"),))
    assert found.rows == (((Text("1"),), (Typeset("x", "x"),), (Term(Name("z"), numbers=True),)),)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[a](http://b)", "a link in a text is not used here"),
        ("<http://a.b>", "a link in a text is not used here"),
        ("[a]\n\n[a]: http://b", "a link in a text is not used here"),
        ("![a](b.png)", "a picture in a text is not used here"),
        ("# a", "a heading in a text is not used here"),
        ("a\n===", "a heading in a text is not used here"),
        ("> a", "a quotation in a text is not used here"),
        ("---", "a rule in a text is not used here"),
        ("- [a](b)", "a link in a text is not used here"),
        ("a 漢", "the sheet's fonts have no '漢' (U+6F22)"),
        ("a \u202e", "the sheet's fonts have no '\u202e' (U+202E)"),
        ("&#1234;", "the sheet's fonts have no 'Ӓ' (U+04D2)"),
        ("a &#xE000;0p&#xE001;", "the sheet's fonts have no '\ue000' (U+E000)"),
        ("a \ue0000p\ue001", "the sheet's fonts have no '\ue000' (U+E000)"),
        ("`\ue000`", "the sheet's fonts have no '\ue000' (U+E000)"),
        ("| a |\n|---|\n| &#xE000; |", "the sheet's fonts have no '\ue000' (U+E000)"),
        ("$\\input{x}$", "'\\input' is not a command used here; did you mean 'int'?"),
        ("$漢$", "'漢' has no meaning in a formula"),
        ("a $x^2^3$", "a second '^' on the same thing; write brackets { }"),
        ("x" * 50_001, "a text of 50001 characters; at most 50000"),
    ],
)
def test_what_has_no_place_on_a_page_is_refused(source: str, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_prose(source)
    assert refused.value.message == message


def test_signs_of_formulas_are_read_in_formulas_only() -> None:
    assert pieces("$a ⊥ b$") == (Typeset(r"a \perp  b", "a ⊥ b"),)
    with pytest.raises(ReadError, match="the sheet's fonts have no '⊥'"):
        read_prose("$a$ ⊥ $b$")


def test_a_line_is_one_paragraph() -> None:
    assert read_line("") == ()
    assert read_line("a $x$") == (Text("a "), Typeset("x", "x"))
    for source in ("a\n\nb", "- a", "```\na\n```"):
        with pytest.raises(ReadError, match="a single line of text is expected here"):
            read_line(source)


def test_the_values_that_a_text_shows() -> None:
    source = "{z} and $\\mathbf{W}$ and `{code}` and {dL/dw=}\n\n- {a_1}"
    assert values_in(source) == ["z", "dL/dw", "a_1"]
    assert placeholders("z = {z}, {w=}") == ["z", "w"]


@given(st.text(alphabet="ab *_`$\\{}[]()<>#-|&;!\n1.", max_size=40))
def test_any_text_is_read_or_refused(source: str) -> None:
    try:
        blocks = read_prose(source)
    except ReadError:
        blocks = ()
    assert all(isinstance(block, Prose | Items | Listing | Table) for block in blocks)

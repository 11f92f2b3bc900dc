"""Formulas in prose: what is on the list is printed anew, all else is refused with its place."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import ReadError
from derivations.reading import typeset as module
from derivations.reading.typeset import typeset


@pytest.mark.parametrize(
    ("source", "latex", "text"),
    [
        ("x", "x", "x"), ("x^2", "x^{2}", "x²"), ("x_i^2", "x_{i}^{2}", "xᵢ²"), ("x^ 2", "x^{2}", "x²"), ("x'", "x'", "x'"),
        ("f''(x)", "f''(x)", "f''(x)"), (r"\frac{a}{b+1}", r"\frac{a}{b+1}", "a/(b + 1)"), (r"\frac12", r"\frac{1}{2}", "1/2"),
        (r"\frac 1 2", r"\frac{1}{2}", "1/2"), (r"\dfrac{1}{2}", r"\frac{1}{2}", "1/2"), (r"\tfrac{1}{2}", r"\frac{1}{2}", "1/2"), (r"\sqrt{x}", r"\sqrt{x}", "√x"),
        (r"\sqrt[3]{x}", r"\sqrt[3]{x}", "³√x"), (r"\alpha\beta", r"\alpha \beta", "αβ"), ("αβ", r"\alpha \beta", "αβ"),
        (r"W^\top x", r"W^{\top }x", "Wᵀx"), (r"\hat{y}", r"\hat{y}", "y\u0302"), (r"\mathbf{W}", r"\mathbf{W}", "W"),
        (r"\mathbb{R}^n", r"\mathbf{R}^{n}", "Rⁿ"), (r"\text{if } x > 0", r"\text{if } x > 0", "if x > 0"),
        (r"\text{50 & é}", r"\text{50 \& é}", "50 & é"), (r"\textbf{no}", r"\text{no}", "no"),
        (r"\operatorname{ReLU}(z)", r"\operatorname{ReLU}(z)", "ReLU(z)"), (r"\operatorname{Leaky-ReLU}", r"\operatorname{Leaky-ReLU}", "Leaky-ReLU"),
        (r"\mathrm{x_1}", r"\mathrm{x_{1}}", "x₁"), (r"\mathrm{α}", r"\mathrm{\alpha }", "α"),
        (r"\left(\frac{1}{2}\right)^2", r"\left( \frac{1}{2}\right) ^{2}", "(1/2)²"), (r"\left. x \right|", r"\left.  x \right|", "x |"),
        (r"\begin{cases} a & b \\ c & d \end{cases}", r"\begin{cases} a  &  b  \\  c  &  d \end{cases}", "[ a b ; c d ]"),
        (r"\begin{matrix}a\\[b]\end{matrix}", r"\begin{matrix}a \\{} [b]\end{matrix}", "[a; [b]]"),
        (r"a \le b \ne c", r"a \le b \ne c", "a ≤ b ≠ c"), ("−1 – 2", "-1 - 2", "−1 − 2"), (r"\sum_{i=1}^n x_i", r"\sum _{i=1}^{n} x_{i}", "∑_(i = 1)ⁿ xᵢ"),
        (r"50\%", r"50\%", "50%"), (r"\{1, 2\}", r"\{1, 2\}", "{1, 2}"), (r"a\,b\ ", r"a\,b~", "a b"), ("{x^2}^3", "{x^{2}}^{3}", "x²³"),
        ("x'^2", "x'^{2}", "x'²"), (r"\underbrace{x}_{y}", r"\underbrace{x}_{y}", "x_y"), (r"\ln x", r"\ln x", "ln x"),
    ],
)  # fmt: skip
def test_a_formula_is_printed_anew(source: str, latex: str, text: str) -> None:
    found = typeset(source)
    assert (found.latex, found.text) == (latex, text)


@pytest.mark.parametrize(
    ("source", "message", "position"),
    [
        (r"\input{/etc/passwd}", r"'\input' is not a command used here; did you mean 'int'?", 0),
        (r"x + \write18{ls}", r"'\write' is not a command used here; did you mean 'prime'?", 4),
        (r"\immediate\write18{ls}", r"'\immediate' is not a command used here", 0),
        (r"\catcode`\%=12", r"'\catcode' is not a command used here", 0),
        (r"\csname input\endcsname", r"'\csname' is not a command used here", 0),
        (r"\def\x{\x}\x", r"'\def' is not a command used here; did you mean 'det'?", 0),
        (r"\newcommand{\a}{b}", r"'\newcommand' is not a command used here", 0),
        (r"\openin5=x", r"'\openin' is not a command used here", 0),
        (r"\pdfobj stream file {x}", r"'\pdfobj' is not a command used here", 0),
        (r"\let\a\input", r"'\let' is not a command used here; did you mean 'le'?", 0),
        (r"\loop\repeat", r"'\loop' is not a command used here; did you mean 'lfloor'?", 0),
        (r"\directlua{x}", r"'\directlua' is not a command used here", 0),
        (r"\mathrm{\input{x}}", r"'\input' is not a command used here; did you mean 'int'?", 8),
        (r"\limits", r"'\limits' is not a command used here; did you mean 'lim'?", 0),
        (r"\text{\input{x}}", "words in a formula hold no commands and no brackets { }", 5),
        (r"\text{$x$}", "words in a formula hold no commands and no brackets { }", 5),
        (r"\text{a{b}c}", "words in a formula hold no commands and no brackets { }", 5),
        (r"\text{a", "expected '}' before the end of the formula", 5),
        (r"\text{漢}", "the sheet's fonts have no '漢'", 5),
        (r"\inp^^75t{x}", r"'\inp' is not a command used here; did you mean 'in'?", 0),
        ("x^^5cinput", "expected an argument, { ... }", 2),
        ("a ^^ b", "expected an argument, { ... }", 3),
        ("x % y", "'%' has no meaning in a formula", 2),
        ("x # y", "'#' has no meaning in a formula", 2),
        ("x ~ y", "'~' has no meaning in a formula", 2),
        ("a$b", "'$' has no meaning in a formula", 1),
        ("a`b", "'`' has no meaning in a formula", 1),
        ("漢", "'漢' has no meaning in a formula", 0),
        ("x\x00", "'\x00' has no meaning in a formula", 1),
        ("x\ue0000p\ue001", "'\ue000' has no meaning in a formula", 1),
        ("x^2^3", "a second '^' on the same thing; write brackets { }", 3),
        ("x_1_2", "a second '_' on the same thing; write brackets { }", 3),
        ("x_1^2 _3", "a second '_' on the same thing; write brackets { }", 6),
        ("x^2'", "a second ''' on the same thing; write brackets { }", 3),
        ("x'_1^2", "a second '^' on the same thing; write brackets { }", 4),
        (r"\left( x", r"\left without its \right", 5),
        (r"x \right)", r"\right without its \left", 8),
        (r"{\left( x} \right)", r"\left without its \right", 6),
        (r"\left x", r"expected a bracket after \left", 6),
        ("a & b", "'&' stands outside of a matrix, cases or aligned", 2),
        (r"a \\ b", r"'\\' stands outside of a matrix, cases or aligned", 2),
        (
            r"\begin{cases} {a & b} \end{cases}",
            "'&' stands outside of a matrix, cases or aligned",
            17,
        ),
        (r"\begin{cases} a & b & c \end{cases}", "more than 2 columns", 20),
        (r"\begin{matrix} \left( a & b \right) \end{matrix}", r"\left without its \right", 20),
        (r"\begin{array}{c} a \end{array}", "'array' is not an environment used here", 0),
        (r"\begin{matrix} a \end{cases}", r"\begin{matrix} ends with \end{cases}", 0),
        (r"\begin{matrix} a", r"expected '\end' before the end of the formula", 16),
        (r"\begin x", r"expected { after \begin or \end", 0),
        (r"\end{matrix}", r"'\end' is not a command used here", 0),
        ("{x", "expected '}' before the end of the formula", 2),
        ("x}", "a '}' too many", 1),
        ("x^", "expected an argument, { ... }", 2),
        (r"\frac{1}", "expected an argument, { ... }", 8),
        ("", "the formula is empty", 0),
        ("  ", "the formula is empty", 0),
        ("{" * 50 + "}" * 50, "nested deeper than 40", 41),
        (r"\hat" * 900 + "x", "nested deeper than 40", 168),
        (r"\frac" * 700, "nested deeper than 40", 210),
        ("x" * 4001, "a formula of 4001 characters; at most 4000", 0),
    ],
)
def test_everything_else_is_refused_at_its_place(source: str, message: str, position: int) -> None:
    with pytest.raises(ReadError) as refused:
        typeset(source)
    assert (refused.value.message, refused.value.position) == (message, position)


@pytest.mark.parametrize("name", module.WRAPPERS)
def test_an_accent_stands_over_its_letter(name: str) -> None:
    found = typeset(rf"\{name}{{x}}")
    assert found.latex == rf"\{name}{{x}}"
    assert found.text[0] == "x"
    assert unicodedata.combining(found.text[1])


@pytest.mark.parametrize(
    "name", ["mathbf", "mathrm", "mathit", "mathsf", "mathcal", "mathtt", "bm"]
)
def test_a_font_changes_its_letter_only(name: str) -> None:
    assert typeset(rf"\{name} x y").latex == rf"\{name}{{x}} y"
    assert typeset(rf"\{name}{{x}}").text == "x"


@pytest.mark.parametrize("name", [n for n in module.SYMBOLS if n.isalpha()])
def test_a_symbol_is_printed_by_its_own_command(name: str) -> None:
    found = typeset(rf"a\{name} b")
    assert found.latex == rf"a\{name} b"
    assert found.text.startswith("a")
    assert module.SYMBOLS[name].strip() in found.text


SAFE = {*module.SYMBOLS, *module.WORDS, *module.WRAPPERS, *module.FONTS.values(), *module.SIZES, "frac", "sqrt",
        "text", "operatorname", "begin", "end", "underbrace", "overbrace", "\\",
        "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar",
        "textquotedbl", "textasciigrave", "textdegree", "surd", "odot", "textbullet", "ldots"}  # fmt: skip
PIECES = st.sampled_from(
    ["x", "2", "^", "_", "{", "}", "\\", "&", "'", " ", "(", ")", "[", "]", "^^", "%", "#", "$", "~", "−",
     r"\\", r"\left", r"\right", r"\input", r"\write18", r"\csname", r"\frac", r"\sqrt", r"\hat", r"\text{a b}",
     r"\begin{cases}", r"\end{cases}", r"\alpha", r"\mathbf", r"\operatorname", r"\sum", "é", "\ue000", r"\ "],
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join))
def test_whatever_is_read_holds_known_commands_and_brackets_in_pairs(source: str) -> None:
    try:
        latex = typeset(source).latex
    except ReadError as error:
        latex = ""
        assert 0 <= error.position <= len(source)  # noqa: PT017
    commands = set(re.findall(r"\\([A-Za-z]+|.)", latex))
    assert commands <= SAFE
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(
        r"\right"
    ) - latex.count(r"\rightarrow")
    bare = re.sub(r"\\.", "", latex)
    assert bare.count("{") == bare.count("}")
    assert not set("%#$\ue000") & set(bare)
    assert not re.search(r"(?<!\\)(?:\\\\)*\\$", latex), "a backslash at the end"
    assert not re.search(r"\^\{[^{}]*\}\s*\^", latex)
    assert "^^" not in latex

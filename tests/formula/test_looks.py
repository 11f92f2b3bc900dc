"""How names and functions look, and text that stands for itself in LaTeX."""

from __future__ import annotations

import unicodedata

import pytest

from derivations.formula.escape import GREEK as LETTERS_IN_TEXT
from derivations.formula.escape import LETTERS, SPECIAL, escape_latex, unprintable
from derivations.formula.looks import GREEK, Spelling, function_look, name_latex, name_text


@pytest.mark.parametrize(
    ("name", "in_latex", "in_text"),
    [
        ("w", "w", "w"), ("w_1", "w_{1}", "w₁"), ("w1", "w_{1}", "w₁"), ("w_ji", "w_{ji}", "wⱼᵢ"),
        ("y_hat", r"\hat{y}", "ŷ"), ("x_bar_2", r"\bar{x}_{2}", "x̄₂"), ("z__2", "z^{(2)}", "z⁽²⁾"),
        ("z__l_3", "z_{3}^{(l)}", "z⁽ˡ⁾₃"), ("eta", r"\eta", "η"), ("epsilon", r"\varepsilon", "ε"),
        ("Sigma_2", r"\Sigma_{2}", "Σ₂"), ("delta_hidden", r"\delta_{\text{hidden}}", "δ_hidden"),
        ("loss", r"\mathrm{loss}", "loss"), ("theta_star", r"\theta^{*}", "θ*"), ("w_plus", "w^{+}", "w⁺"),
        ("w_star__2", "w^{*(2)}", "w*⁽²⁾"), ("w@2", "w", "w"), ("w_12", "w_{12}", "w₁₂"), ("a_1_2", "a_{12}", "a₁₂"),
        ("W_out_1", r"W_{\text{out},1}", "W_out,1"), ("s_alpha", r"s_{\alpha}", "s_α"),
    ],
)  # fmt: skip
def test_a_name_looks_like_this(name: str, in_latex: str, in_text: str) -> None:
    shown = name_text(name).replace("ŷ", "y\u0302").replace("x̄", "x\u0304")
    expected = in_text.replace("ŷ", "y\u0302").replace("x̄", "x\u0304")
    assert (name_latex(name), shown) == (in_latex, expected)


@pytest.mark.parametrize(("name", "sign"), GREEK.items())
def test_a_greek_letter_is_the_one_of_its_name(name: str, sign: str) -> None:
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    letter = {"LAMBDA": "LAMDA"}.get(name.upper(), name.upper())
    assert unicodedata.name(sign) == f"GREEK {size} LETTER {letter}"
    assert name_text(name) == sign
    assert name_latex(name) in (f"\\{name}", f"\\var{name}")


def test_decorations() -> None:
    shown = [name_latex(f"x_{mark}") for mark in ("hat", "bar", "tilde", "star", "plus")]
    assert shown == [r"\hat{x}", r"\bar{x}", r"\tilde{x}", "x^{*}", "x^{+}"]
    assert [name_text(f"x_{mark}") for mark in ("tilde", "bar")] == ["x\u0303", "x\u0304"]


def test_vectors_are_bold_and_layers_have_the_brackets_of_the_sheet() -> None:
    assert name_latex("W_1", bold=True) == r"\mathbf{W}_{1}"
    assert name_latex("delta", bold=True) == r"\bm{\delta}"
    assert name_latex("z__2", layer_brackets="[]") == "z^{[2]}"


@pytest.mark.parametrize(
    ("head", "in_latex", "in_text"),
    [("ln", r"\ln", "ln"), ("sigma'", r"\sigma'", "σ'"), ("f''", "f''", "f''"),
     ("log", r"\log", "log"), ("sign", r"\operatorname{sign}", "sign"), ("atan", r"\arctan", "arctan"),
     ("relu", r"\operatorname{relu}", "relu"), ("argmax", r"\operatorname{arg\,max}", "argmax")],
)  # fmt: skip
def test_a_function_looks_like_this(head: str, in_latex: str, in_text: str) -> None:
    assert (function_look(head, True), function_look(head, False)) == (in_latex, in_text)


def test_text_is_escaped_once() -> None:
    assert escape_latex(r"50% of $a_1 & \b{c}#~^") == (
        r"50\% of \$a\_1 \& \textbackslash{}b\{c\}\#\textasciitilde{}\textasciicircum{}"
    )
    assert escape_latex("Zoë − α ≤ Ω") == r"Zoë $-$ $\alpha$ $\le$ $\Omega$"


def test_every_ascii_character_is_printed_and_none_stays_active() -> None:
    for code in range(32, 127):
        shown = escape_latex(chr(code))
        assert shown
        if chr(code) in "\\{}$&#%_^~":
            assert shown != chr(code)


@pytest.mark.parametrize("character", ["漢", "ễ", "\u200b", "\u202e", "\x07", "😀", "я"])
def test_a_character_without_a_sign_in_the_fonts_is_found(character: str) -> None:
    assert unprintable(f"ab{character}c") == character
    with pytest.raises(ValueError, match=f"character U\\+{ord(character):04X}"):
        escape_latex(character)


def test_what_can_be_printed_is_known_to_be_printable() -> None:
    assert unprintable("".join([*SPECIAL, *LETTERS_IN_TEXT, *LETTERS])) is None


def test_the_state_of_a_weight_has_the_numbers_of_the_weight() -> None:
    places = frozenset("wb")
    counted, turned = Spelling(places=places, first=0), Spelling(turned=frozenset("w"))
    names = ["w_1_2", "m_w_1_2", "v_hat_w_1_2", "v_b_3", "m_1_2"]
    shown = [name_text(counted.name(name)) for name in names]
    assert shown == [name_text(n) for n in ("w_0_1", "m_w_0_1", "v_hat_w_0_1", "v_b_2", "m_1_2")]
    assert turned.name("m_w_1_2") == "m_w_2_1"
    assert turned.name("m_w__2_1_2") == "m__2_w_2_1"

"""What printing goes by: notation, numerals, and a row of precedence and signs for each operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from derivations.formula import looks
from derivations.formula.escape import escape_latex
from derivations.formula.numerals import NUMERAL
from derivations.formula.tree import Apply, Formula

OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters around an open slot
AUXILIARY = "~"  # first character of a value that was computed on the way and has no name

PLAIN, OPERAND, BASE, JOINED, NEGATED = (
    "p",
    "o",
    "b",
    "j",
    "n",
)  # where a number stands, see `numeral`
ADDED, SIZE = "s", "m"  # a joined number in two parts: plus or minus, and its size


@dataclass(frozen=True, slots=True)
class Slot:
    """A number that is not known yet, by its place in the list of values."""

    index: int

    def mark(self, context: str) -> str:
        """A mark for the numeral; where it is added, one for its sign and one for its size."""
        if context == JOINED:
            return f" {OPEN}{self.index}{ADDED}{CLOSE} {OPEN}{self.index}{SIZE}{CLOSE}"
        return f"{OPEN}{self.index}{context}{CLOSE}"


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is no number: the name of a class, ``Class 0 (no diabetes)``."""

    text: str


def word_latex(word: Word) -> str:
    """The name of a class as a formula holds it; the sign of the class ``-1`` is no hyphen."""
    if NUMERAL.fullmatch(word.text):
        return word.text
    return rf"\text{{{escape_latex(word.text)}}}"


Numeral: TypeAlias = "str | Word | Slot | tuple[Numeral, ...]"
Numerals: TypeAlias = Callable[[str], "Numeral | None"]


class Component(NamedTuple):
    """An entry of an array: the name that carries the indices, and how many of them there are."""

    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Notation:
    """The conventions of a sheet.

    ``times``: ``cdot`` or ``times`` between numbers. ``thousands``: group digits by three.
    ``bold``: names of vectors and matrices. ``functions``: looks of functions as (LaTeX, text).
    ``components``: how single entries of arrays are written (w_ij of W). ``several``:
    differentiation is partial, ∂/∂x, as there are several variables. ``spelling``: names that are
    written otherwise. ``decimal``: the sign before the decimals, ``point`` or ``comma``; with a comma,
    thousands are parted by thin spaces, and entries by semicolons.
    """

    times: str = "cdot"
    thousands: bool = False
    decimal: str = "point"
    layer_brackets: str = "()"
    bold: frozenset[str] = frozenset()
    functions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    several: bool = False
    spelling: looks.Spelling = field(default_factory=looks.Spelling)

    @property
    def between(self) -> str:
        """What stands between the entries of a list and the arguments of a function."""
        return "; " if self.decimal == "comma" else ", "

    def digits(self, text: str, latex: bool) -> str:
        """Whole part and decimals with the signs of these conventions."""
        whole, point, decimals = text.partition(".")
        if self.thousands and len(whole) > 3:
            whole = f"{int(whole):,}".replace(",", SEPARATORS[self.decimal][latex])
        if point and self.decimal == "comma":
            point = "{,}" if latex else ","
        return whole + point + decimals


SEPARATORS = {"point": (",", "{,}"), "comma": ("\u202f", r"\,")}  # of thousands: text, LaTeX


class Row(NamedTuple):
    """How an operator is typeset: its precedence, what its operands need, and what stands around."""

    precedence: int
    operands: int
    latex: tuple[str, str, str]
    text: tuple[str, str, str]


ATOM, POWER, FRACTION, PRODUCT, NEGATIVE, BIG, SUM = 40, 36, 35, 20, 12, 11, 10
COMPARISON, LOGIC = 4, 1

OPERATORS: dict[str, Row] = {
    "abs": Row(ATOM, 0, (r"\left|", "", r"\right|"), ("|", "", "|")),
    "norm": Row(ATOM, 0, (r"\left\|", "", r"\right\|"), ("‖", "", "‖")),
    "floor": Row(ATOM, 0, (r"\left\lfloor ", "", r" \right\rfloor"), ("⌊", "", "⌋")),
    "ceil": Row(ATOM, 0, (r"\left\lceil ", "", r" \right\rceil"), ("⌈", "", "⌉")),
    "iverson": Row(ATOM, 0, (r"\left[", "", r"\right]"), ("[", "", "]")),
    "group": Row(ATOM, 0, ("(", "", ")"), ("(", "", ")")),
    "tuple": Row(ATOM, 0, ("(", ", ", ")"), ("(", ", ", ")")),
    "closed_open": Row(ATOM, 0, ("[", ", ", ")"), ("[", ", ", ")")),
    "open_closed": Row(ATOM, 0, ("(", ", ", "]"), ("(", ", ", "]")),
    "closed": Row(ATOM, 0, ("[", ", ", "]"), ("[", ", ", "]")),
    "braces": Row(ATOM, 0, (r"\{", ", ", r"\}"), ("{", ", ", "}")),
    "dims": Row(PRODUCT, 21, ("", r" \times ", ""), ("", " × ", "")),
    "dot": Row(PRODUCT, 21, ("", r" \cdot ", ""), ("", " · ", "")),
    "hadamard": Row(PRODUCT, 21, ("", r" \odot ", ""), ("", " ⊙ ", "")),
    "convolve": Row(PRODUCT, 21, ("", " * ", ""), ("", " * ", "")),
    "star_full": Row(PRODUCT, 21, ("", r" \star_{\text{full}} ", ""), ("", " ⋆_full ", "")),
    "convolve_full": Row(PRODUCT, 21, ("", r" *_{\text{full}} ", ""), ("", " *_full ", "")),
    "^-1": Row(POWER, ATOM, ("", "", r"^{-1}"), ("", "", "⁻¹")),  # of a matrix
    "transpose": Row(POWER, ATOM, ("", "", r"^{\mathsf{T}}"), ("", "", "ᵀ")),
    "otherwise": Row(ATOM, 0, (r"\text{otherwise}", "", ""), ("otherwise", "", "")),
    "pi": Row(ATOM, 0, (r"\pi", "", ""), ("π", "", "")),
    "infinity": Row(ATOM, 0, (r"\infty", "", ""), ("∞", "", "")),
    "euler": Row(ATOM, 0, ("e", "", ""), ("e", "", "")),
    "or": Row(LOGIC, 2, ("", r" \text{ or } ", ""), ("", " or ", "")),
    "not": Row(LOGIC, 2, (r"\text{not } ", "", ""), ("not ", "", "")),
    "<": Row(COMPARISON, 5, ("", " < ", ""), ("", " < ", "")),
    "<=": Row(COMPARISON, 5, ("", r" \le ", ""), ("", " ≤ ", "")),
    ">": Row(COMPARISON, 5, ("", " > ", ""), ("", " > ", "")),
    ">=": Row(COMPARISON, 5, ("", r" \ge ", ""), ("", " ≥ ", "")),
    "==": Row(COMPARISON, 5, ("", " = ", ""), ("", " = ", "")),
    "!=": Row(COMPARISON, 5, ("", r" \ne ", ""), ("", " ≠ ", "")),
}


def is_zero(text: str) -> bool:
    """Whether a numeral writes 0, with however many zeros."""
    return not text.partition("e")[0].strip("-0.")


def numeral(text: str, context: str, latex: bool, notation: Notation) -> str:
    """A numeral as it stands in a formula: ``(-0.3)``, ``4.8 \\times 10^{-6}``, ``1{,}024``.

    Contexts: PLAIN as it is; OPERAND in brackets if a sign would be misread; BASE also if it
    is a fraction or a power of ten; JOINED with the sign as `` + `` or `` - `` before it; NEGATED
    with the minus that is put before it, which 0 does without.
    """
    negative = text.startswith("-")
    size = text[1:] if negative else text
    if "e" in size:
        mantissa, exponent = size.split("e")
        mantissa = notation.digits(mantissa, latex)
        shown = (
            rf"{mantissa} \times 10^{{{int(exponent)}}}"
            if latex
            else f"{mantissa}×10{looks.superscript_text(str(int(exponent)))}"
        )
    elif "/" in size:
        above, below = size.split("/")
        shown = rf"\frac{{{above}}}{{{below}}}" if latex else size
    else:
        shown = notation.digits(size, latex)
    minus = "-" if latex else "−"
    if context == JOINED:
        return f" {minus if negative else '+'} {shown}"
    if context == NEGATED:
        if is_zero(text):
            return shown
        return minus + numeral(text, OPERAND, latex, notation)
    bare = f"{minus}{shown}" if negative else shown
    if (context == OPERAND and negative) or (
        context == BASE and (negative or "e" in size or "/" in size)
    ):
        tall = latex and "/" in size
        return rf"\left({bare}\right)" if tall else f"({bare})"
    return bare


class Typesetter(Protocol):
    """What a form may ask of the printer that it works for."""

    latex: bool
    inline: bool
    notation: Notation
    minus: str

    def _put(self, formula: Formula, needed: int, numbers: bool, context: str = OPERAND) -> str: ...
    def _apply(self, formula: Apply, numbers: bool) -> tuple[int, str]: ...
    def _bracketed(self, shown: str) -> str: ...
    def _grid(self, cells: list[list[str]]) -> str: ...
    def _sign_of(self, head: str) -> str: ...
    def _call(self, head: str, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]: ...


Form: TypeAlias = Callable[[Typesetter, tuple[Formula, ...], bool], tuple[int, str]]

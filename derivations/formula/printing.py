"""Formulas as LaTeX and as Unicode text, with names or with the numbers in their place.

One table decides brackets: an operand whose precedence is below what its place needs gets them.
Typesetting an ordinary operator is a row of `OPERATORS`; the few forms that look at their
operands (sums and their signs, products and their dots, matrices, cases) are functions.

A number can be left open: where `numerals` answers with a `Slot`, a mark is printed instead
that `Slot.fill` replaces later, so that one printed page serves thousands of variants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias, TypeGuard

from flint import fmpq

from derivations.formula import looks
from derivations.formula.escape import escape_latex
from derivations.formula.evaluation import evaluate
from derivations.formula.tree import (
    COMPARISONS,
    Apply,
    Formula,
    Name,
    Number,
    key,
    rewrite,
    substitute,
    walk,
)

OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters around an open slot
AUXILIARY = "~"  # first character of a value that was computed on the way and has no name

PLAIN, OPERAND, BASE, JOINED = "p", "o", "b", "j"  # where a number stands, see `numeral`


@dataclass(frozen=True, slots=True)
class Slot:
    """A number that is not known yet, by its place in the list of values."""

    index: int

    def mark(self, context: str) -> str:
        return f"{OPEN}{self.index}{context}{CLOSE}"


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is no number: the name of a class, ``Class 0 (no diabetes)``."""

    text: str


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
    differentiation is partial, ∂/∂x, as there are several variables.
    """

    times: str = "cdot"
    thousands: bool = False
    layer_brackets: str = "()"
    bold: frozenset[str] = frozenset()
    functions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    several: bool = False


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


def numeral(text: str, context: str, latex: bool, notation: Notation) -> str:
    """A numeral as it stands in a formula: ``(-0.3)``, ``4.8 \\times 10^{-6}``, ``1{,}024``.

    Contexts: PLAIN as it is; OPERAND in brackets if a sign would be misread; BASE also if it
    is a fraction or a power of ten; JOINED with the sign as `` + `` or `` - `` before it.
    """
    negative = text.startswith("-")
    size = text[1:] if negative else text
    if "e" in size:
        mantissa, exponent = size.split("e")
        shown = (
            rf"{mantissa} \times 10^{{{int(exponent)}}}"
            if latex
            else f"{mantissa}×10{looks.superscript_text(str(int(exponent)))}"
        )
    elif "/" in size:
        above, below = size.split("/")
        shown = rf"\frac{{{above}}}{{{below}}}" if latex else size
    elif notation.thousands and len(size.partition(".")[0]) > 3:
        whole, point, decimals = size.partition(".")
        shown = f"{int(whole):,}".replace(",", "{,}" if latex else ",") + point + decimals
    else:
        shown = size
    minus = "-" if latex else "−"
    if context == JOINED:
        return f" {minus if negative else '+'} {shown}"
    bare = f"{minus}{shown}" if negative else shown
    if (context == OPERAND and negative) or (
        context == BASE and (negative or "e" in size or "/" in size)
    ):
        tall = latex and "/" in size
        return rf"\left({bare}\right)" if tall else f"({bare})"
    return bare


class Printer:
    """Prints formulas in one format and one notation.

    Args:
        latex: LaTeX (True) or Unicode text (False).
        numerals: what stands for a name where numbers are asked for; None keeps the name.
        inline: vectors as rows and matrices small, for a line of text.
    """

    def __init__(
        self,
        latex: bool,
        notation: Notation,
        numerals: Numerals | None = None,
        inline: bool = False,
    ) -> None:
        self.inline = inline
        self.latex = latex
        self.notation = notation
        self.numerals = numerals or (lambda _: None)
        self.minus = "-" if latex else "−"

    def show(self, formula: Formula, numbers: bool = False) -> str:
        """The formula; ``numbers`` puts the values in the place of the names."""
        return self._put(formula, 0, numbers, PLAIN)

    # ------------------------------------------------------------ operands and brackets

    def _put(self, formula: Formula, needed: int, numbers: bool, context: str = OPERAND) -> str:
        """The formula in a place that needs a precedence, with brackets if it has less."""
        if isinstance(formula, Number):
            return numeral(formula.text, context, self.latex, self.notation)
        if isinstance(formula, Name):
            shown = self._name(formula, numbers, context)
            raised = needed > POWER and context == BASE and self._has_superscript(formula, numbers)
            return f"({shown})" if raised else shown
        if formula.head in ("partial", "total"):
            shown = self._derivative(formula, numbers, context)
            fraction = self.latex and not self.inline
            bare = context == BASE and not (numbers and self.numerals(key(formula)) is not None)
            return self._bracketed(shown) if bare and (needed > POWER or not fraction) else shown
        precedence, shown = self._apply(formula, numbers)
        return self._bracketed(shown) if precedence < needed else shown

    def _bracketed(self, shown: str) -> str:
        if self.latex and ("\\frac" in shown or "\\begin" in shown or "\\sum" in shown):
            return rf"\left({shown}\right)"
        return f"({shown})"

    def _name(self, formula: Name, numbers: bool, context: str) -> str:
        if numbers and (value := self.numerals(formula.id)) is not None:
            return self._value(value, context)
        if self.latex:
            return looks.name_latex(
                formula.id, formula.id in self.notation.bold, self.notation.layer_brackets
            )
        return looks.name_text(formula.id, self.notation.layer_brackets)

    def _has_superscript(self, name: Name, numbers: bool) -> bool:
        """A layer, a star or a plus: a second superscript has no place beside it."""
        if numbers and self.numerals(name.id) is not None:
            return False
        parts = looks.look(name.id)
        return bool(parts.superscript) or bool({"star", "plus"} & set(parts.decorations))

    def _value(self, value: Numeral, context: str) -> str:
        if isinstance(value, tuple):
            return self._array([part if isinstance(part, tuple) else (part,) for part in value])
        if isinstance(value, Slot):
            return value.mark(context)
        if isinstance(value, Word):
            return rf"\text{{{escape_latex(value.text)}}}" if self.latex else value.text
        return numeral(value, context, self.latex, self.notation)

    def _array(self, rows: list[tuple[Numeral, ...]]) -> str:
        cells = [[self._value(cell, PLAIN) for cell in row] for row in rows]
        return self._grid(cells)

    def _grid(self, cells: list[list[str]]) -> str:
        column = all(len(row) == 1 for row in cells)
        if self.latex and self.inline and column:
            return r"\left[" + ",\\, ".join(row[0] for row in cells) + r"\right]"
        if self.latex:
            tall = any("\\frac" in cell for row in cells for cell in row)
            body = (r" \\[3pt] " if tall else r" \\ ").join(" & ".join(row) for row in cells)
            if self.inline:
                return rf"\left[\begin{{smallmatrix}} {body} \end{{smallmatrix}}\right]"
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        if column:
            return "[" + ", ".join(row[0] for row in cells) + "]"
        return "[" + ", ".join("[" + ", ".join(row) + "]" for row in cells) + "]"

    def _derivative(self, formula: Apply, numbers: bool, context: str) -> str:
        of, wrt = formula.args
        if numbers and (value := self.numerals(key(formula))) is not None:
            return self._value(value, context)
        above, below = self._put(of, ATOM, False), self._put(wrt, ATOM, False)
        if self.latex:
            sign = r"\partial " if formula.head == "partial" else "d"
            if self.inline:
                return f"{sign}{above}/{sign}{below}"
            return rf"\frac{{{sign}{above}}}{{{sign}{below}}}"
        sign = "∂" if formula.head == "partial" else "d"
        return f"{sign}{above}/{sign}{below}"

    # ------------------------------------------------------------ operations

    def _apply(self, formula: Apply, numbers: bool) -> tuple[int, str]:
        """The precedence of the formula as it is typeset, and its text."""
        if form := FORMS.get(formula.head):
            return form(self, formula.args, numbers)
        if row := OPERATORS.get(formula.head):
            left, between, right = row.latex if self.latex else row.text
            context = PLAIN if row.operands <= 5 else BASE if row.operands >= ATOM else OPERAND
            *before, last = formula.args or (None,)
            shown = [
                self._followed(arg, row.operands, numbers)
                if row.operands == 21
                else self._put(arg, row.operands, numbers, context)
                for arg in before
                if arg is not None
            ]
            if last is not None:
                shown.append(self._put(last, row.operands, numbers, context))
            return row.precedence, left + between.join(shown) + right
        return self._call(formula.head, formula.args, numbers)

    def _call(self, head: str, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        look = self.notation.functions.get(head.rstrip("'"))
        if look:
            sign = look[0 if self.latex else 1] + head[len(head.rstrip("'")) :]
        else:
            sign = looks.function_look(head, self.latex)
        inside = ", ".join(self._put(arg, 0, numbers, PLAIN) for arg in args)
        if self.latex and any(tall in inside for tall in ("\\frac", "\\begin", "\\sum")):
            return ATOM, rf"{sign}\mathopen{{}}\left({inside}\right)\mathclose{{}}"
        return ATOM, f"{sign}({inside})"

    def _sum(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        shown = self._put(args[0], NEGATIVE, numbers, PLAIN)
        for place, term in enumerate(args[1:], 2):
            needed = (
                BIG if place == len(args) else NEGATIVE
            )  # nothing follows that a sum would take in
            if isinstance(term, Apply) and term.head == "neg":
                lower = BIG if place == len(args) and _ends_big(term.args[0]) else PRODUCT
                shown += f" {self.minus} {self._put(term.args[0], lower, numbers)}"
            elif numbers and isinstance(term, Name) and term.id.startswith(AUXILIARY):
                shown += self._name(term, numbers, JOINED)
            else:
                shown += f" + {self._put(term, needed if _ends_big(term) else NEGATIVE, numbers)}"
        return SUM, shown

    def _neg(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        if _ends_big(args[0]):
            return BIG, self.minus + self._put(args[0], BIG, numbers)
        return NEGATIVE, self.minus + self._put(args[0], PRODUCT, numbers)

    def _product(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        shown = self._followed(args[0], PRODUCT, numbers)
        for place, (left, right) in enumerate(pairwise(args), 2):
            put = self._put if place == len(args) else self._followed
            needed = BIG if place == len(args) and _is_big(right) else 21
            shown += self._between(left, right, numbers) + put(right, needed, numbers)
        return (BIG if _is_big(args[-1]) else PRODUCT), shown

    def _followed(self, formula: Formula, needed: int, numbers: bool) -> str:
        """The formula where a factor follows, which ``ln y`` without brackets would take in."""
        if isinstance(formula, Apply) and formula.head == "dot":
            return self._bracketed(self._put(formula, 0, numbers))
        if _ends_in_logarithm(formula) and isinstance(formula, Apply) and not numbers:
            if formula.head in LOGARITHMS:
                return self._call(formula.head, formula.args, numbers)[1]
            return self._bracketed(self._put(formula, 0, numbers))
        return self._put(formula, needed, numbers)

    def _between(self, left: Formula, right: Formula, numbers: bool) -> str:
        """The sign between two factors: a dot wherever two numbers would run together."""
        times = {"cdot": (r" \cdot ", " · "), "times": (r" \times ", " × ")}[self.notation.times]
        dot = times[0 if self.latex else 1]
        if self._starts_with_number(right, numbers):
            return dot
        if isinstance(right, Apply) and right.head == "neg":
            return dot
        if isinstance(right, Apply) and right.head in ("sum", "group"):
            if not self.latex and isinstance(left, Apply) and left.head == "quotient":
                return dot  # a/b(c + d) could be read as a/(b (c + d))
            return dot if numbers and not isinstance(left, Number) else ""
        if not self.latex:
            return "·"
        if isinstance(right, Apply) and right.head in ("quotient", "partial", "total"):
            return r" \cdot " if _is_fraction(left) or isinstance(left, Number) else r"\,"
        return r"\,"

    def _starts_with_number(self, formula: Formula, numbers: bool) -> bool:
        if isinstance(formula, Number):
            return True
        if isinstance(formula, Name) or formula.head in ("partial", "total"):
            return numbers and self.numerals(key(formula)) is not None
        if formula.head in ("product", "quotient", "power", "dims") and (
            self.latex or formula.head != "quotient"
        ):
            return formula.head != "quotient" and self._starts_with_number(formula.args[0], numbers)
        return False

    def _quotient(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        if self.latex and not (self.inline and all(map(_is_leaf, args))):
            above, below = (self._put(arg, 0, numbers, PLAIN) for arg in args)
            return FRACTION, rf"\frac{{{above}}}{{{below}}}"
        above, below = (
            self._followed(args[0], PRODUCT, numbers),
            self._put(args[1], POWER, numbers, BASE),
        )
        return PRODUCT, f"{above}/{below}"

    def _power(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        base = self._put(args[0], POWER + 1, numbers, BASE)
        exponent = self._put(args[1], 0, numbers, PLAIN)
        return POWER, base + self._raised(exponent)

    def _raised(self, exponent: str) -> str:
        if self.latex:
            return f"^{{{exponent}}}"
        if exponent.isdigit() or exponent in ("n", "i", "j", "k", "l"):
            return looks.superscript_text(exponent)
        simple = len(exponent) == 1 or exponent.replace(".", "").isdigit() or exponent[0] == OPEN
        return f"^{exponent}" if simple else f"^({exponent})"

    def _exp(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        exponent = self._put(args[0], 0, numbers, PLAIN)
        if self.latex and "\\begin" in exponent:
            return ATOM, rf"\exp\left({exponent}\right)"
        return POWER, "e" + self._raised(exponent)

    def _sqrt(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        inside = self._put(args[0], 0, numbers, PLAIN)
        if self.latex:
            return ATOM, rf"\sqrt{{{inside}}}"
        return POWER, f"√{inside}" if inside.isalnum() else f"√({inside})"

    def _and(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """Comparisons that share an operand are written as one: 0 ≤ z ≤ 1."""
        first, *rest = args
        shown = self._put(first, 2, numbers)
        last = first
        for part in rest:
            if _comparison(last) and _comparison(part) and last.args[1] == part.args[0]:
                row = OPERATORS[part.head]
                shown += (row.latex if self.latex else row.text)[1]
                shown += self._put(part.args[1], 5, numbers, PLAIN)
            else:
                shown += r" \text{ and } " if self.latex else " and "
                shown += self._put(part, 2, numbers)
            last = part
        return LOGIC + 1, shown

    def _matrix(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        rows = [
            row.args if isinstance(row, Apply) and row.head == "row" else (row,) for row in args
        ]
        return ATOM, self._grid([[self._put(cell, 0, numbers, PLAIN) for cell in r] for r in rows])

    def _cases(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        lines = []
        for value, condition in zip(args[::2], args[1::2], strict=True):
            shown, when = (self._put(part, 0, numbers, PLAIN) for part in (value, condition))
            word = "" if isinstance(condition, Apply) and condition.head == "otherwise" else "if "
            if self.latex:
                lines.append(rf"{shown} & \text{{{word}}} {when}" if word else f"{shown} & {when}")
            else:
                lines.append(f"{shown} {word}{when}")
        if self.latex:
            return ATOM, r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"
        return ATOM, "{" + "; ".join(lines) + "}"

    def _matmul(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """Matrices side by side; a number in front of the first needs no brackets."""
        first, *others = args
        shown = [self._followed(first, PRODUCT if _is_product(first) else 21, numbers)]
        shown += [self._followed(arg, 21, numbers) for arg in others[:-1]]
        shown += [self._put(arg, 21, numbers) for arg in others[-1:]]
        return PRODUCT, (r" \, " if self.latex else " ").join(shown)

    def _ones(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        return ATOM, r"\mathbf{1}" if self.latex else "𝟏"

    def _identity(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        return ATOM, r"\mathbf{I}" if self.latex else "𝐈"

    def _entry(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        indices = [self._put(index, 0, numbers, PLAIN) for index in args[1:]]
        joined = ("" if all(_one_sign(index) for index in indices) else ",").join(indices)
        base = self._entry_of(args[0], len(indices))
        raised = isinstance(args[0], Name) and bool(looks.look(args[0].id).superscript)
        shown = f"{base}_{{{joined}}}" if self.latex else f"{base}_{_braced(joined)}"
        return (POWER if raised else ATOM), shown

    def _entry_of(self, whole: Formula, indices: int) -> str:
        """The letter that carries the indices: w of a matrix W."""
        if not isinstance(whole, Name):
            apart = isinstance(whole, Apply) and whole.head in ("entry", "partial", "total")
            shown = self._put(whole, ATOM, False)
            return self._bracketed(shown) if apart else shown
        subscript = bool(looks.look(whole.id).subscript)
        component = self.notation.components.get(whole.id)
        if component is not None and component.rank == indices:
            brackets = self.notation.layer_brackets
            name = looks.name_latex if self.latex else looks.name_text
            shown = name(component.name, layer_brackets=brackets)
            return f"({shown})" if subscript else shown
        shown = self._put(whole, ATOM, False)
        return f"({shown})" if subscript else shown

    def _kronecker(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        indices = [self._put(index, 0, numbers, PLAIN) for index in args]
        joined = ("" if all(map(_one_sign, indices)) else ",").join(indices)
        return ATOM, rf"\delta_{{{joined}}}" if self.latex else f"δ_{_braced(joined)}"

    def _star(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """Cross-correlation, with its stride below the sign."""
        left, right = (self._put(arg, 21, numbers) for arg in args[:2])
        stride = self._put(args[2], 0, numbers, PLAIN) if len(args) > 2 else ""
        sign = r"\star" if self.latex else "⋆"
        below = (f"_{{{stride}}}" if self.latex else f"_{_braced(stride)}") if stride else ""
        return PRODUCT, f"{left} {sign}{below} {right}"

    def _differential(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """What is still to be differentiated."""
        formula, variable = args
        inside, x = self._put(formula, 0, False, PLAIN), self._put(variable, ATOM, False)
        sign = "d" if not self.notation.several else r"\partial " if self.latex else "∂"
        if not self.latex:
            return FRACTION, f"{sign}/{sign}{x}[{inside}]"
        head = f"{sign}/{sign}{x}" if self.inline else rf"\frac{{{sign.strip()}}}{{{sign}{x}}}"
        return FRACTION, rf"{head}\left[{inside}\right]"

    def _under(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """A brace below the formula, with its shape or its name."""
        inside, label = self._put(args[0], 0, numbers, PLAIN), self._put(args[1], 0, False, PLAIN)
        if self.latex:
            return ATOM, rf"{{\underbrace{{{inside}}}_{{{label}}}}}"
        if isinstance(args[1], Apply) and args[1].head == "dims":  # a shape, which text leaves out
            inner = args[0]
            apart = isinstance(inner, Apply) and inner.head not in ("partial", "total")
            return self._apply(inner, numbers) if apart else (ATOM, self._put(inner, 0, numbers))  # type: ignore[arg-type]
        return ATOM, f"({inside})[= {label}]"

    def _spelled_column(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        return ATOM, self._grid([[cell] for cell in self._spelled(args, numbers, r"\vdots", "⋮")])

    def _spelled_row(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        return ATOM, self._grid([self._spelled(args, numbers, r"\cdots", "⋯")])

    def _spelled_matrix(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        *outer, body = args
        rows = []
        for place in _run(*outer[:3]):
            if place is None:
                signs = (r"\vdots", r"\ddots") if self.latex else ("⋮", "⋱")
                rows.append([signs[across is None] for across in _run(*outer[3:])])
            else:
                row = substitute(body, {key(outer[0]): place})
                rows.append(self._spelled((*outer[3:], row), numbers, r"\cdots", "⋯"))
        return ATOM, self._grid(rows)

    def _spelled(self, args: tuple[Formula, ...], numbers: bool, dots: str, sign: str) -> list[str]:
        """The cells of a row or column, with dots where its end has no number."""
        index, low, high, body = args
        return [
            (dots if self.latex else sign)
            if place is None
            else self._put(_folded(substitute(body, {key(index): place})), 0, numbers, PLAIN)
            for place in _run(index, low, high)
        ]


Form: TypeAlias = Callable[[Printer, tuple[Formula, ...], bool], tuple[int, str]]


def _run(index: Formula, low: Formula, high: Formula) -> list[Formula | None]:
    """The places of an index: 1, 2, dots and n, or every one where both ends are numbers."""
    if isinstance(low, Number) and isinstance(high, Number):
        return [Number(str(place)) for place in range(int(low.text), int(high.text) + 1)]
    second = Number(str(int(low.text) + 1)) if isinstance(low, Number) else None
    return [low, second, None, high] if second else [low, None, high]


def _folded(formula: Formula) -> Formula:
    """With indices that are numbers worked out: x_3 for x_{2+1}."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head != "entry":
            return None
        places = (_number_of(place) or place for place in node.args[1:])
        return Apply("entry", (rewrite(node.args[0], rule), *places))

    return rewrite(formula, rule)


def _number_of(place: Formula) -> Formula | None:
    if isinstance(place, (Number, Name)) or any(isinstance(n, Name) for n in walk(place)):
        return None
    value = evaluate(place, {})
    return (
        Number(str(int(value.p)))
        if isinstance(value, fmpq) and value.q == 1 and value >= 0
        else None
    )


def _one_sign(index: str) -> bool:
    return len(index) == 1


def _braced(index: str) -> str:
    return index if len(index) == 1 or index.isalnum() else f"{{{index}}}"


def _comparison(formula: Formula) -> TypeGuard[Apply]:
    return isinstance(formula, Apply) and formula.head in COMPARISONS


def _is_big(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.head in ("bigsum", "bigproduct")


def _ends_big(formula: Formula) -> bool:
    """A big sum, or a product with one at its end: nothing may follow it without brackets."""
    if _is_big(formula):
        return True
    return isinstance(formula, Apply) and formula.head == "product" and _is_big(formula.args[-1])


def _is_product(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.head in ("product", "matmul")


def _is_leaf(formula: Formula) -> bool:
    return isinstance(formula, (Number, Name))


def _is_fraction(formula: Formula) -> bool:
    return isinstance(formula, Apply) and formula.head in ("quotient", "partial", "total")


LOGARITHMS = frozenset(["ln", "log", "log2", "log10"])


def _ends_in_logarithm(formula: Formula) -> bool:
    """Whether the last thing printed is a logarithm of a bare name."""
    if not isinstance(formula, Apply):
        return False
    if formula.head in LOGARITHMS:
        return len(formula.args) == 1 and isinstance(formula.args[0], Name)
    return formula.head == "product" and _ends_in_logarithm(formula.args[-1])


def _logarithm(head: str) -> Form:
    """ln y without brackets around a single name, ln(0.5) and ln(1 - y) with them."""

    def form(printer: Printer, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        if len(args) == 1 and isinstance(args[0], Name) and not numbers:
            sign = looks.function_look(head, printer.latex)
            return FRACTION, f"{sign} {printer._put(args[0], ATOM, numbers)}"
        if len(args) == 2:
            inside, base = (printer._put(arg, 0, numbers, PLAIN) for arg in args)
            sign = looks.function_look(head, printer.latex)
            below = f"_{{{base}}}" if printer.latex or len(base) > 1 else f"_{base}"
            return ATOM, f"{sign}{below}({inside})"
        return printer._call(head, args, numbers)

    return form


def _big(latex: str, text: str) -> Form:
    """A sum or product over an index that runs between bounds or through a set."""

    def form(printer: Printer, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        *bounds, body = args
        inside = printer._put(body, BIG if _ends_big(body) else PRODUCT, numbers)
        index, *ends = (printer._put(bound, 0, False, PLAIN) for bound in bounds)
        over = f"^{{{ends[1]}}}" if len(ends) == 2 else ""
        if printer.latex:
            under = f"{index}={ends[0]}" if over else rf"{index} \in {ends[0]}"
            return BIG, rf"{latex}_{{{under}}}{over} {inside}"
        under = f"{index}={ends[0]}" if over else f"{index}∈{ends[0]}"
        return BIG, f"{text}_{{{under}}}{over} {inside}"

    return form


FORMS: dict[str, Form] = {
    "sum": Printer._sum,
    "neg": Printer._neg,
    "product": Printer._product,
    "quotient": Printer._quotient,
    "power": Printer._power,
    "exp": Printer._exp,
    "sqrt": Printer._sqrt,
    "and": Printer._and,
    "vector": Printer._matrix,
    "matrix": Printer._matrix,
    "cases": Printer._cases,
    "entry": Printer._entry,
    "matmul": Printer._matmul,
    "ones": Printer._ones,
    "identity_matrix": Printer._identity,
    "D": Printer._differential,
    "kronecker": Printer._kronecker,
    "star": Printer._star,
    "under": Printer._under,
    "column_of": Printer._spelled_column,
    "row_of": Printer._spelled_row,
    "matrix_of": Printer._spelled_matrix,
    "ln": _logarithm("ln"),
    "log": _logarithm("log"),
    "log2": _logarithm("log2"),
    "log10": _logarithm("log10"),
    "bigsum": _big(r"\sum", "∑"),
    "bigproduct": _big(r"\prod", "∏"),
}


def latex(formula: Formula, notation: Notation | None = None) -> str:
    """The formula in LaTeX, with names."""
    return Printer(True, notation or Notation()).show(formula)


def text(formula: Formula, notation: Notation | None = None) -> str:
    """The formula in Unicode, with names."""
    return Printer(False, notation or Notation()).show(formula)

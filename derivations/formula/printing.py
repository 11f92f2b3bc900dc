"""Formulas as LaTeX and as Unicode text, with names or with the numbers in their place.

One table decides brackets: an operand whose precedence is below what its place needs gets them.
Typesetting an ordinary operator is a row of `OPERATORS`; the few forms that look at their
operands (sums and their signs, products and their dots, matrices, cases) are functions.

A number can be left open: where `numerals` answers with a `Slot`, a mark is printed instead
that `Slot.fill` replaces later, so that one printed page serves thousands of variants.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

from derivations.formula import looks
from derivations.formula.conditions import CONDITION_FORMS
from derivations.formula.entries import ENTRY_FORMS
from derivations.formula.open_ended import (
    LOGARITHMS,
    OPEN_ENDED_FORMS,
    ends_big,
    ends_in_logarithm,
    is_big,
)
from derivations.formula.operators import (
    ATOM,
    AUXILIARY,
    BASE,
    BIG,
    CLOSE,
    FRACTION,
    JOINED,
    NEGATED,
    NEGATIVE,
    OPEN,
    OPERAND,
    OPERATORS,
    PLAIN,
    POWER,
    PRODUCT,
    SUM,
    Component,
    Notation,
    Numeral,
    Numerals,
    Row,
    Slot,
    Word,
    numeral,
    word_latex,
)  # fmt: skip
from derivations.formula.predicates import (
    ends_in_prime,
    has_fraction_factor,
    is_fraction,
    is_leaf,
    is_product,
)
from derivations.formula.tree import Apply, Formula, Name, Number, key

__all__ = [  # with what belongs to printing, from one place
    "AUXILIARY", "BASE", "CLOSE", "JOINED", "OPEN", "OPERAND", "PLAIN", "Component", "Notation", "Numeral", "Numerals", "Printer", "Row", "Slot", "Word", "latex", "numeral", "text", "word_latex",
]  # fmt: skip

THIN = r"\,"  # between factors that need no dot


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
        self.raised = False  # in an exponent

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
        if formula.head == "as_column":  # looks like the matrix of one column that it is
            return self._put(formula.args[0], needed, numbers, context)
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
        shown, brackets = self.notation.spelling.name(formula.id), self.notation.layer_brackets
        if self.latex:
            return looks.name_latex(shown, formula.id in self.notation.bold, brackets)
        return looks.name_text(shown, brackets)

    def _has_superscript(self, name: Name, numbers: bool) -> bool:
        """A layer, a star or a plus: a second superscript has no place beside it."""
        if numbers and self.numerals(name.id) is not None:
            return False
        parts = looks.look(name.id)
        return bool(parts.superscript) or bool({"star", "plus"} & set(parts.decorations))

    def _value(self, value: Numeral, context: str) -> str:
        if isinstance(value, tuple):
            shown = self._array([part if isinstance(part, tuple) else (part,) for part in value])
            return f" + {shown}" if context == JOINED else shown
        if isinstance(value, Slot):
            return value.mark(context)
        if isinstance(value, Word):
            return word_latex(value) if self.latex else value.text
        return numeral(value, context, self.latex, self.notation)

    def _array(self, rows: list[tuple[Numeral, ...]]) -> str:
        cells = [[self._value(cell, PLAIN) for cell in row] for row in rows]
        return self._grid(cells)

    def _grid(self, cells: list[list[str]]) -> str:
        column = all(len(row) == 1 for row in cells)
        if self.latex and self.inline and column:
            comma = self.notation.between.strip() + "\\, "
            return r"\left[" + comma.join(row[0] for row in cells) + r"\right]"
        if self.latex:
            tall = any("\\frac" in cell for row in cells for cell in row)
            body = (r" \\[3pt] " if tall else r" \\ ").join(" & ".join(row) for row in cells)
            if self.inline and len(cells) > 1:
                return rf"\left[\begin{{smallmatrix}} {body} \end{{smallmatrix}}\right]"
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        if column:
            return "[" + self.notation.between.join(row[0] for row in cells) + "]"
        rows = ("[" + self.notation.between.join(row) + "]" for row in cells)
        return "[" + self.notation.between.join(rows) + "]"

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
            between = self.notation.between if between == ", " else between
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

    def _sign_of(self, head: str) -> str:
        look = self.notation.functions.get(head.rstrip("'"))
        if look:
            return look[0 if self.latex else 1] + head[len(head.rstrip("'")) :]
        return looks.function_look(head, self.latex)

    def _call(self, head: str, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        sign = self._sign_of(head)
        inside = self.notation.between.join(self._put(arg, 0, numbers, PLAIN) for arg in args)
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
                lower = BIG if place == len(args) and ends_big(term.args[0]) else PRODUCT
                shown += f" {self.minus} {self._put(term.args[0], lower, numbers)}"
            elif numbers and isinstance(term, Name) and term.id.startswith(AUXILIARY):
                shown += self._name(term, numbers, JOINED)
            else:
                shown += f" + {self._put(term, needed if ends_big(term) else NEGATIVE, numbers)}"
        return SUM, shown

    def _neg(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        if ends_big(args[0]):
            return BIG, self.minus + self._put(args[0], BIG, numbers)
        if numbers and self._is_numeral(args[0]):
            return NEGATIVE, self._put(args[0], PRODUCT, numbers, NEGATED)
        return NEGATIVE, self.minus + self._put(args[0], PRODUCT, numbers)

    def _product(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        shown = self._followed(args[0], PRODUCT, numbers)
        words = any(isinstance(arg, Name) and looks.is_word(arg.id) for arg in args)
        for place, (left, right) in enumerate(pairwise(args), 2):
            put = self._put if place == len(args) else self._followed
            needed = BIG if place == len(args) and is_big(right) else 21
            sign, factor = self._between(left, right, numbers), put(right, needed, numbers)
            called = ends_in_prime(left) and factor.startswith(("(", r"\left("))  # w'(a + b)
            shown += (self._dot() if called or (words and sign == THIN) else sign) + factor
        return (BIG if is_big(args[-1]) else PRODUCT), shown

    def _followed(self, formula: Formula, needed: int, numbers: bool) -> str:
        """The formula where a factor follows, which ``ln y`` without brackets would take in."""
        if isinstance(formula, Apply) and formula.head == "dot":
            return self._bracketed(self._put(formula, 0, numbers))
        if ends_in_logarithm(formula) and isinstance(formula, Apply) and not numbers:
            if formula.head in LOGARITHMS:
                return self._call(formula.head, formula.args, numbers)[1]
            return self._bracketed(self._put(formula, 0, numbers))
        return self._put(formula, needed, numbers)

    def _dot(self) -> str:
        dots = {"cdot": (r" \cdot ", " · "), "times": (r" \times ", " × ")}[self.notation.times]
        return dots[0 if self.latex else 1]

    def _between(self, left: Formula, right: Formula, numbers: bool) -> str:
        """The sign between two factors: a dot wherever two numbers would run together."""
        dot = self._dot()
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
            return r" \cdot " if is_fraction(left) or isinstance(left, Number) else THIN
        return THIN

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

    def _is_numeral(self, formula: Formula) -> bool:
        """Whether one number stands for the formula, given or left open."""
        if isinstance(formula, Number):
            return True
        if not isinstance(formula, Name):
            return False
        value = self.numerals(formula.id)
        return isinstance(value, (str, Slot))

    def _quotient(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        low = (self.inline or self.raised) and all(map(is_leaf, args))
        if self.latex and not low:
            above, below = (self._put(arg, 0, numbers, PLAIN) for arg in args)
            return FRACTION, rf"\frac{{{above}}}{{{below}}}"
        above, below = (
            self._followed(args[0], PRODUCT, numbers),
            self._put(args[1], POWER, numbers, BASE),
        )
        return PRODUCT, f"{above}/{below}"

    def _power(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        base = self._put(args[0], POWER + 1, numbers, BASE)
        return POWER, base + self._raised(self._exponent(args[1], numbers))

    def _exponent(self, formula: Formula, numbers: bool) -> str:
        """What is raised: small, so that simple fractions are written with a slash."""
        before, self.raised = self.raised, not has_fraction_factor(formula)
        parts = formula.args if isinstance(formula, Apply) and formula.head == "quotient" else ()
        if self.latex and parts and all(map(is_leaf, parts)):  # a sign needs no brackets here
            above, below = parts
            shown = (
                f"{self._put(above, 0, numbers, PLAIN)}/{self._put(below, POWER, numbers, BASE)}"
            )
        else:
            shown = self._put(formula, 0, numbers, PLAIN)
        self.raised = before
        return shown

    def _raised(self, exponent: str) -> str:
        if self.latex:
            return f"^{{{exponent}}}"
        if exponent.isdigit() or exponent in ("n", "i", "j", "k", "l"):
            return looks.superscript_text(exponent)
        simple = (
            len(exponent) == 1
            or exponent.replace(".", "").replace(",", "").isdigit()
            or exponent[0] == OPEN
        )
        return f"^{exponent}" if simple else f"^({exponent})"

    def _exp(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        exponent = self._exponent(args[0], numbers)
        if self.latex and "\\begin" in exponent:
            return ATOM, rf"\exp\left({exponent}\right)"
        return POWER, "e" + self._raised(exponent)

    def _sqrt(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        inside = self._put(args[0], 0, numbers, PLAIN)
        if self.latex:
            return ATOM, rf"\sqrt{{{inside}}}"
        return POWER, f"√{inside}" if inside.isalnum() else f"√({inside})"

    def _matrix(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        rows = [
            row.args if isinstance(row, Apply) and row.head == "row" else (row,) for row in args
        ]
        return ATOM, self._grid([[self._put(cell, 0, numbers, PLAIN) for cell in r] for r in rows])

    def _matmul(self, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        """Matrices side by side; a number in front of the first needs no brackets."""
        first, *others = args
        shown = [self._followed(first, PRODUCT if is_product(first) else 21, numbers)]
        shown += [self._followed(arg, 21, numbers) for arg in others[:-1]]
        shown += [self._put(arg, 21, numbers) for arg in others[-1:]]
        return PRODUCT, (r" \, " if self.latex else " ").join(shown)


Form: TypeAlias = Callable[[Printer, tuple[Formula, ...], bool], tuple[int, str]]


FORMS: dict[str, Form] = {
    **CONDITION_FORMS,
    **ENTRY_FORMS,
    **OPEN_ENDED_FORMS,
    "sum": Printer._sum,
    "neg": Printer._neg,
    "product": Printer._product,
    "quotient": Printer._quotient,
    "power": Printer._power,
    "exp": Printer._exp,
    "sqrt": Printer._sqrt,
    "vector": Printer._matrix,
    "matrix": Printer._matrix,
    "matmul": Printer._matmul,
}


def latex(formula: Formula, notation: Notation | None = None) -> str:
    """The formula in LaTeX, with names."""
    return Printer(True, notation or Notation()).show(formula)


def text(formula: Formula, notation: Notation | None = None) -> str:
    """The formula in Unicode, with names."""
    return Printer(False, notation or Notation()).show(formula)

"""Formulas as text without any doubt: every operation with its head, ``sum(a, neg(b))``."""

from __future__ import annotations

from derivations.formula.looks import look
from derivations.formula.numerals import FRACTION
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.symbols import spelled


def notation(formula: Formula) -> str:
    """The tree, head by head."""
    if isinstance(formula, Number):
        return formula.text
    if isinstance(formula, Name):
        return formula.id
    return f"{formula.head}({', '.join(map(notation, formula.args))})"


def plain(formula: Formula) -> Formula:
    """One form for trees that look the same on the page.

    A minus sign or a fraction inside a numeral stands outside it, ``4.8e-6`` is a product,
    brackets and a first factor that is a product leave no trace, shapes are products, names are
    spelled in one way.
    """
    if isinstance(formula, Name):
        return Name(spelled(look(formula.id)))
    if isinstance(formula, Number):
        return _numeral(formula.text)
    args = tuple(map(plain, formula.args))
    head = formula.head
    if head == "group":
        return args[0]
    if head in ("dims", "product"):
        first = args[0]
        spliced = isinstance(first, Apply) and first.head == "product"
        return Apply("product", (*first.args, *args[1:]) if spliced else args)  # type: ignore[union-attr]
    return Apply(head, args)


def _numeral(text: str) -> Formula:
    if text.startswith("-"):
        return Apply("neg", (_numeral(text[1:]),))
    if match := FRACTION.fullmatch(text):
        return Apply("quotient", (Number(match[1]), Number(match[2])))
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return Number(text)
    power = Apply("power", (Number("10"), _numeral(str(int(exponent)))))
    return Apply("product", (Number(mantissa), power))

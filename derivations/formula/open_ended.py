"""Typesetting of what would take in the factor that follows it: big sums and products, logarithms."""

from __future__ import annotations

from derivations.formula.operators import ATOM, BIG, FRACTION, PLAIN, PRODUCT, Form, Typesetter
from derivations.formula.tree import Apply, Formula, Name

LOGARITHMS = ("ln", "log", "log2", "log10")


def is_big(formula: Formula) -> bool:
    """A sum or product over an index."""
    return isinstance(formula, Apply) and formula.head in ("bigsum", "bigproduct")


def ends_big(formula: Formula) -> bool:
    """A big sum, or a product with one at its end: nothing may follow it without brackets."""
    if is_big(formula):
        return True
    return isinstance(formula, Apply) and formula.head == "product" and is_big(formula.args[-1])


def ends_in_logarithm(formula: Formula) -> bool:
    """Whether the last thing printed is a logarithm of a bare name."""
    if not isinstance(formula, Apply):
        return False
    if formula.head in LOGARITHMS:
        return len(formula.args) == 1 and isinstance(formula.args[0], Name)
    return formula.head == "product" and ends_in_logarithm(formula.args[-1])


def _logarithm(head: str) -> Form:
    """ln y without brackets around a single name, ln(0.5) and ln(1 - y) with them."""

    def form(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        if len(args) == 1 and isinstance(args[0], Name) and not numbers:
            sign = printer._sign_of(head)
            return FRACTION, f"{sign} {printer._put(args[0], ATOM, numbers)}"
        if len(args) == 2:
            inside, base = (printer._put(arg, 0, numbers, PLAIN) for arg in args)
            sign = printer._sign_of(head)
            below = f"_{{{base}}}" if printer.latex or len(base) > 1 else f"_{base}"
            return ATOM, f"{sign}{below}({inside})"
        return printer._call(head, args, numbers)

    return form


def _big(latex: str, text: str) -> Form:
    """A sum or product over an index that runs between bounds or through a set."""

    def form(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
        *bounds, body = args
        inside = printer._put(body, BIG if ends_big(body) else PRODUCT, numbers)
        index, *ends = (printer._put(bound, 0, False, PLAIN) for bound in bounds)
        over = f"^{{{ends[1]}}}" if len(ends) == 2 else ""
        if printer.latex:
            under = f"{index}={ends[0]}" if over else rf"{index} \in {ends[0]}"
            return BIG, rf"{latex}_{{{under}}}{over} {inside}"
        under = f"{index}={ends[0]}" if over else f"{index}∈{ends[0]}"
        return BIG, f"{text}_{{{under}}}{over} {inside}"

    return form


OPEN_ENDED_FORMS: dict[str, Form] = {
    **{head: _logarithm(head) for head in LOGARITHMS},
    "bigsum": _big(r"\sum", "∑"),
    "bigproduct": _big(r"\prod", "∏"),
}

"""Formulas as one line that SymPy (and anybody) can read: ``1/(1 + exp(-7/10))``."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Mapping

from derivations.formula.numerals import exact
from derivations.formula.tree import COMPARISONS, Apply, Formula, Name, Number, is_quantity, key

LONGEST, MOST = 400, 20_000
NAMES = {
    "ln": "log", "abs": "Abs", "max": "Max", "min": "Min", "ceil": "ceiling", "euler": "E",
}  # fmt: skip
SAME = frozenset(
    ["exp", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "atan", "erf", "floor", "sign", "pi"]
)


class TooLong(ValueError):
    """The expression would be longer than anybody wants to read."""


def exact_text(
    formula: Formula,
    values: Mapping[str, str],
    formulas: Mapping[str, Formula],
    bodies: Callable[[Apply], Formula | None],
    longest: int = LONGEST,
) -> str | None:
    """The formula over numbers alone, or None where it is too long or has no such form.

    Args:
        values: exact rationals of names, as text.
        formulas: what other names stand for; they are written out.
        bodies: the call of a named function, written out.
        longest: how many characters are bearable.
    """
    try:
        text = _text(formula, values, formulas, bodies, 0)
    except (TooLong, KeyError):
        return None
    return text if len(text) <= longest else None


def _text(
    formula: Formula,
    values: Mapping[str, str],
    formulas: Mapping[str, Formula],
    bodies: Callable[[Apply], Formula | None],
    depth: int,
) -> str:
    if depth > 40:
        raise TooLong
    if isinstance(formula, Number):
        return _rational(str(exact(formula.text)))
    if isinstance(formula, Name) or is_quantity(formula):
        name = key(formula)
        if name in values:
            return _rational(values[name])
        if name not in formulas and isinstance(formula, Name):
            return _symbol(name)
        return f"({_text(formulas[name], values, formulas, bodies, depth + 1)})"
    assert isinstance(formula, Apply)
    head = formula.head
    if (written := bodies(formula)) is not None:
        return f"({_text(written, values, formulas, bodies, depth + 1)})"
    args = [_text(arg, values, formulas, bodies, depth + 1) for arg in formula.args]
    text = _joined(head, args)
    if len(text) > MOST:
        raise TooLong
    return text


def _symbol(name: str) -> str:
    """The name; ``Symbol('lambda')`` where SymPy or Python reads it as something else."""
    import sympy  # what of its names is taken differs between versions

    taken = keyword.iskeyword(name) or hasattr(builtins, name) or hasattr(sympy, name)
    return f"Symbol({name!r})" if taken or not name.isidentifier() else name


def _rational(text: str) -> str:
    return f"({text})" if "/" in text or text.startswith("-") else text


def _joined(head: str, args: list[str]) -> str:
    if head == "sum":
        return "(" + " + ".join(args) + ")"
    if head == "neg":
        return f"(-{args[0]})"
    if head == "product":
        return "*".join(args)
    if head == "quotient":
        return f"({args[0]})/({args[1]})"
    if head == "power":
        return f"({args[0]})**({args[1]})"
    if head == "group":
        return f"({args[0]})"
    if head in ("log2", "log10"):
        return f"log({args[0]}, {head[3:]})"
    if head == "log":
        return f"log({', '.join(args)})"
    if head == "pi":
        return "pi"
    if head == "euler":
        return "E"
    if head == "cases":
        pairs = [f"({value}, {when})" for value, when in zip(args[::2], args[1::2], strict=True)]
        return f"Piecewise({', '.join(pairs)})"
    if head == "otherwise":
        return "True"
    if head in COMPARISONS:
        signs = {"==": "Eq({}, {})", "!=": "Ne({}, {})"}
        return signs.get(head, f"({{}} {head} {{}})").format(*args)
    if head == "and":
        return f"And({', '.join(args)})"
    if head in SAME or head in NAMES:
        return f"{NAMES.get(head, head)}({', '.join(args)})"
    raise KeyError(head)

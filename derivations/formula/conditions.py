"""Typesetting of case distinctions, and of comparisons that share an operand."""

from __future__ import annotations

from typing import TypeGuard

from derivations.formula.operators import ATOM, LOGIC, OPERATORS, PLAIN, Form, Typesetter
from derivations.formula.tree import COMPARISONS, Apply, Formula


def _and(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    """Comparisons that share an operand are written as one: 0 ≤ z ≤ 1."""
    first, *rest = args
    shown = printer._put(first, 2, numbers)
    last = first
    for part in rest:
        if _comparison(last) and _comparison(part) and last.args[1] == part.args[0]:
            row = OPERATORS[part.head]
            shown += (row.latex if printer.latex else row.text)[1]
            shown += printer._put(part.args[1], 5, numbers, PLAIN)
        else:
            shown += r" \text{ and } " if printer.latex else " and "
            shown += printer._put(part, 2, numbers)
        last = part
    return LOGIC + 1, shown


def _comparison(formula: Formula) -> TypeGuard[Apply]:
    return isinstance(formula, Apply) and formula.head in COMPARISONS


def _cases(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    lines = []
    for value, condition in zip(args[::2], args[1::2], strict=True):
        shown, when = (printer._put(part, 0, numbers, PLAIN) for part in (value, condition))
        word = "" if isinstance(condition, Apply) and condition.head == "otherwise" else "if "
        if printer.latex:
            when = f"{{{when}}}" if numbers and word else when  # a minus in front is a sign
            lines.append(rf"{shown} & \text{{{word}}} {when}" if word else f"{shown} & {when}")
        else:
            lines.append(f"{shown} {word}{when}")
    if printer.latex:
        return ATOM, r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"
    return ATOM, "{" + "; ".join(lines) + "}"


CONDITION_FORMS: dict[str, Form] = {"and": _and, "cases": _cases}

"""``f_x`` and ``f_{xy}`` as derivatives, behind ``f(x, y) = ...``."""

from __future__ import annotations

from derivations.checking.names.knowledge import Knowledge
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, rewrite
from derivations.reading.latex.symbols import head_of

LEAST = 2  # arguments of a function: of one, f' is the derivative


def with_slopes(formula: Formula, known: Knowledge) -> Formula:
    """The formula with derivatives in the place of names with arguments below them."""

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Name):
            return _slope(node.id, known)
        slope = _slope(node.head, known) if isinstance(node, Apply) else None
        if slope is None or not isinstance(node, Apply):
            return None
        function = known.functions[head_of(look(node.head).base)]
        return slope if node.args == tuple(map(Name, function.parameters)) else None

    return rewrite(formula, rule)


def _slope(name: str, known: Knowledge) -> Formula | None:
    """The derivative that a name stands for, where the text has not said another thing of it."""
    parts = look(name)
    head = head_of(parts.base)
    if not parts.subscript or parts.decorations or parts.superscript or name.endswith("'"):
        return None
    if not known.is_function_of_text(head) or known.is_settled(name):
        return None
    arguments = known.functions[head].parameters
    if len(arguments) < LEAST or not set(parts.subscript) <= set(arguments):
        return None
    found: Formula = Name(parts.base)
    for letter in parts.subscript:
        found = Apply("partial", (found, Name(letter)))
    return found

"""One form for what is written in several ways, before sides are compared."""

from __future__ import annotations

from derivations.checking.derivatives import first_derivative
from derivations.checking.knowledge import Knowledge
from derivations.checking.quantities import base_of, is_named, is_of_names
from derivations.checking.replacing import by_rows
from derivations.formula.tree import RANGES, Apply, Formula, Name, rewrite, walk

DERIVATIVES = frozenset({"partial", "total"})


def normal(formula: Formula, known: Knowledge) -> Formula:
    """d/dx of a formula by a name of its own, so that what it rests on moves with x.

    Under a sum the formula is another one for each index, and stays as it is. Softmax is taken
    along rows where the problem says so.
    """
    if known.by_rows:
        formula = by_rows(formula)
    bound = {
        node.args[0] for node in walk(formula) if isinstance(node, Apply) and node.head in RANGES
    }

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or len(node.args) != 2:
            return None
        if node.head == "derivative" and bound & set(walk(node.args[0])):
            if is_named(node.args[0]):
                return Apply("partial", node.args)
            return Apply("D", node.args)
        of, wrt = node.args
        if node.head == "derivative" and base_of(wrt) is not None:
            if is_named(of) and base_of(of) is not None:
                return Apply("partial", (of, wrt))
            return Apply("partial", (Name(known.hidden(normal(of, known))), wrt))
        if node.head in DERIVATIVES and (whole := _by_entries(node, known)) is not None:
            return whole
        if node.head in DERIVATIVES and (slope := _slope(of, known)) is not None:
            return Apply("partial", (Name(known.hidden(slope)), wrt))
        return None

    return rewrite(formula, rule)


def _by_entries(derivative: Apply, known: Knowledge) -> Formula | None:
    """∂L/∂W of an array that is given by the names of its entries: their derivatives in its shape."""
    of, wrt = derivative.args
    if not isinstance(of, Name) or not isinstance(wrt, Name) or wrt.id in known.support(of):
        return None
    array = known.definitions.get(wrt.id)
    if array is None or not is_of_names(array) or of == array:
        return None
    return rewrite(
        array, lambda n: Apply(derivative.head, (of, n)) if isinstance(n, Name) else None
    )


def _slope(of: Formula, known: Knowledge) -> Formula | None:
    """∂L/∂w as a formula, where it is to be differentiated once more."""
    if not isinstance(of, Apply) or of.head not in DERIVATIVES:
        return None
    upper, lower = of.args
    if not isinstance(lower, Name) or known.unwritten.of(of):
        return None
    whole = _slope(upper, known) if isinstance(upper, Apply) else None
    if isinstance(upper, Name) and upper.id in known.definitions:
        whole = upper
    return whole and first_derivative(whole, lower.id, known.definitions, known.functions)

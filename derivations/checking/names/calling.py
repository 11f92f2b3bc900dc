"""Which functions formulas call, at once or by way of others, and what their bodies speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from derivations.checking.names.quantities import free
from derivations.formula.evaluation import SPECIAL, Function
from derivations.formula.tree import Apply, Formula, Name, walk
from derivations.reading.latex import Symbols

NO_FUNCTIONS = frozenset(
    {
        *SPECIAL,
        "derivative",
        "gradient",
        "hessian",
        "at",
        "expectation",
        "variance",
        "max_over",
        "min_over",
        "argmax_over",
        "argmin_over",
        "bigsum_over",
        "bigproduct_over",
        "braces",
        "reals",
    }
)


def calls(functions: Mapping[str, Function], body: Formula, head: str) -> bool:
    """Whether a body calls a function, at once or by way of others."""
    todo, seen = [body], set[str]()
    while todo:
        for node in walk(todo.pop()):
            if not isinstance(node, Apply) or node.head in seen:
                continue
            if node.head.rstrip("'") == head:
                return True
            seen.add(node.head)
            if function := functions.get(node.head.rstrip("'")):
                todo.append(function.body)
    return False


def is_call_of_names(call: Apply) -> bool:
    """``f(x, y)``: a function with different names for its arguments."""
    letters = call.head.rstrip("'").replace("_", "").isalnum()
    plain = letters and all(isinstance(a, Name) for a in call.args)
    return plain and call.head not in NO_FUNCTIONS and 0 < len(call.args) == len(set(call.args))


def called(formulas: Iterable[Formula], heads: AbstractSet[str]) -> set[str]:
    """Those of some functions that formulas call, or a derivative of them."""
    nodes = (node for formula in formulas for node in walk(formula))
    return {n.head.rstrip("'") for n in nodes if isinstance(n, Apply)} & heads


def names_in_bodies(functions: Mapping[str, Function], heads: Iterable[str]) -> set[str]:
    """The names in the bodies of functions, besides their arguments."""
    bodies = (functions[head] for head in heads)
    return set().union(*(free(each.body) - set(each.parameters) for each in bodies))


def function_of(call: Apply, body: Formula, symbols: Symbols) -> Function:
    """``f(x) = ...`` as a function, of single numbers or of arrays as its arguments are."""
    parameters = tuple(arg.id for arg in call.args if isinstance(arg, Name))
    return Function(parameters, body, not any(map(symbols.is_array, parameters)))

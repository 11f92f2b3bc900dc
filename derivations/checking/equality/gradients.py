"""∇L and ∇²L of a number L, by the parameter of which it is made where nothing else is said."""

from __future__ import annotations

from derivations.checking.names.knowledge import Knowledge
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, walk

PARAMETERS = (frozenset({"w", "theta", "beta", "W", "Theta"}), frozenset({"x", "u", "v"}))
BIASES = frozenset({"b"})
ONE = Number("1")
INDICES = (Name("~row"), Name("~column"))


def parameter_of(of: Formula, known: Knowledge) -> Name | None:
    """The one parameter on which a defined number rests: w, else θ, else x; None where there are several."""
    if not isinstance(of, Name) or of.id not in known.definitions:
        return None
    loose = known.inside(of.id) - known.definitions.keys()
    for letters in PARAMETERS:
        found = [name for name in loose if look(name).base in letters]
        if found:
            return Name(found[0]) if len(found) == 1 and not _has_bias(of.id, known) else None
    return None


def _has_bias(of: str, known: Knowledge) -> bool:
    """Whether a bias is added in what a number is made of: its gradient has that part, too."""
    bodies = (known.definitions.get(name) for name in (of, *known.inside(of)))
    nodes = (node for body in bodies if body is not None for node in walk(body))
    sums = (node for node in nodes if isinstance(node, Apply) and node.head == "sum")
    return any(
        isinstance(term, Name) and look(term.id).base in BIASES
        for node in sums
        for term in node.args
    )


def hessian(of: Name, by: Name, known: Knowledge) -> Formula | None:
    """The second derivatives of a number by every two entries of a column; by a number the one."""
    symbol = known.symbols.get(by.id)
    shape = symbol.shape if symbol is not None else ()
    if not shape:
        return Apply("partial", (Apply("partial", (of, by)), by))
    if len(shape) != 1:
        return None
    end: Formula = Number(shape[0]) if shape[0].isdigit() else Name(shape[0])
    row, column = (Apply("entry", (by, index)) for index in INDICES)
    inner = Apply("partial", (Apply("partial", (of, row)), column))
    return Apply("matrix_of", (INDICES[0], ONE, end, INDICES[1], ONE, end, inner))

"""One form for what is written in several ways, before sides are compared."""

from __future__ import annotations

from derivations.checking.equality.gradients import hessian, parameter_of
from derivations.checking.equality.replacing import by_rows
from derivations.checking.names.derivatives import first_derivative
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import base_of, free, is_named, is_of_names
from derivations.formula.evaluation import Function
from derivations.formula.looks import look
from derivations.formula.tree import (
    RANGES,
    Apply,
    Formula,
    Name,
    Number,
    names,
    rewrite,
    substitute,
    walk,
)
from derivations.reading.latex.symbols import head_of

IDENTITY, ZERO = Name("I"), Number("0")
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
        if isinstance(node, Name):
            return known.moving.get(node.id)
        if not isinstance(node, Apply):
            return None
        if node.head == "at":
            return _placed(node, known)
        if node.head == "sum" and (whole := _with_identity(node, known)) is not None:
            return normal(whole, known)
        if node.head.endswith("'") and (whole := _by_array(node, known)) is not None:
            return whole
        if (whole := _of_entries(node, known)) is not None:
            return normal(whole, known)
        if node.head == "iverson" and (steps := _by_entry(node.args[0], known)) is not None:
            return steps
        if node.head == "gradient":
            return _gradient(node.args[0], known)
        if node.head == "hessian":
            return _hessian(node, known)
        if node.head.endswith("'") and len(node.args) > 1:
            return _gradient_at(node, known)
        if len(node.args) != 2:
            return None
        if (body := _of_function(node, known)) is not None:
            with known.inside_of(node.args[0]):
                inner = _worked_out(normal(body, known), known)
            return inner and Apply("partial", (Name(known.hidden(inner)), node.args[1]))
        if node.head == "derivative" and bound & set(map(Name, free(node.args[0]))):
            if is_named(node.args[0]):
                return Apply("partial", node.args)
            return Apply("D", node.args)
        of, wrt = node.args
        if node.head in DERIVATIVES and (last := _of_last_layer(of, wrt, known)) is not None:
            return Apply(node.head, (of, last))
        if node.head == "derivative" and base_of(wrt) is not None:
            if is_named(of) and base_of(of) is not None:
                return Apply("partial", (of, wrt))
            inner = _worked_out(normal(_unfolded(of, wrt, known), known), known)
            return node if inner is None else Apply("partial", (Name(known.hidden(inner)), wrt))
        if node.head in DERIVATIVES and (whole := _by_entries(node, known)) is not None:
            return whole
        if node.head in DERIVATIVES and (slope := _slope(of, known)) is not None:
            return Apply("partial", (Name(known.hidden(slope)), wrt))
        return None

    return rewrite(formula, rule)


def _with_identity(node: Apply, known: Knowledge) -> Formula | None:
    """``A - λ I``: I is the identity of the size of what stands beside it, if nobody says what it is."""
    if IDENTITY.id not in free(node) or known.is_settled("I") or known.symbols.get("I") is not None:
        return None
    inner = (n for arg in node.args for n in walk(arg) if isinstance(n, Apply) and n.head == "sum")
    if any("I" in free(n) for n in inner):
        return None
    beside = [arg for arg in node.args if "I" not in free(arg) and _is_matrix(arg)]
    if not beside or any(isinstance(n, Apply) and n.head == "entry" for n in walk(node)):
        return None
    like = Apply("identity_like", (beside[0],))
    return rewrite(node, lambda n: like if n == IDENTITY else None)


def _is_matrix(formula: Formula) -> bool:
    """Whether something in it shows that it is a matrix: a capital, a transpose, its rows."""
    return any(
        (isinstance(n, Name) and look(n.id).base[:1].isupper())
        or (isinstance(n, Apply) and n.head in ("transpose", "matrix"))
        for n in walk(formula)
    )


def _of_last_layer(of: Formula, wrt: Formula, known: Knowledge) -> Name | None:
    """``∇_a C`` where C is made of a^(L), and of no a: the derivatives by a^(L)."""
    if not isinstance(wrt, Name) or not isinstance(of, Name) or known.is_settled(wrt.id):
        return None
    inside = known.inside(of.id)
    layers = [name for name in inside if look(name).base == wrt.id and look(name).superscript]
    return Name(layers[0]) if len(layers) == 1 and wrt.id not in inside else None


def _of_function(derivative: Apply, known: Knowledge) -> Formula | None:
    """What f is at its own arguments, where the text says f(w) = ... and then ∂f/∂w."""
    of = derivative.args[0]
    if derivative.head not in (*DERIVATIVES, "derivative") or not isinstance(of, Name):
        return None
    function = _function_named(of.id, known)
    if function is None or of.id in known.definitions or of in known.within:
        return None
    if known.local or known.conditions:
        return None  # the text says it case by case
    return function.body if base_of(derivative.args[1]) in known.support(function.body) else None


def _function_named(name: str, known: Knowledge) -> Function | None:
    """The function of the text that has a name."""
    head = head_of(name)
    return known.functions.get(head) if known.is_function_of_text(head) else None


def _unfolded(formula: Formula, wrt: Formula, known: Knowledge) -> Formula:
    """The formula with what functions of the text are at arrays, ``J(w) + w^T w`` by w, or by a name in their bodies."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or not known.is_function_of_text(node.head):
            return None
        function = known.functions[node.head]
        arrays = any(isinstance(a, Name) and known.symbols.is_array(a.id) for a in node.args)
        arrays = arrays or base_of(wrt) in free(function.body) - set(function.parameters)
        if not arrays or len(node.args) != len(function.parameters):
            return None
        return substitute(function.body, dict(zip(function.parameters, node.args, strict=True)))

    return rewrite(formula, rule)


def _of_entries(call: Apply, known: Knowledge) -> Formula | None:
    """``H((0.5, 0.5))`` where ``H(p) = -∑_i p_i ln p_i``: the body over the entries of the list."""
    if not known.is_function_of_text(call.head):
        return None
    function = known.functions[call.head]
    arguments = dict(zip(function.parameters, call.args, strict=False))
    arrays = {f"{p}@": a for p, a in arguments.items() if f"{p}@" in free(function.body)}
    lengths = {_length(array, known) for array in arrays.values()}
    if len(arguments) != len(call.args) or len(lengths) != 1 or not min(lengths):
        return None
    ends = {
        node.args[2].id
        for node in walk(function.body)
        if isinstance(node, Apply) and node.head in RANGES and isinstance(node.args[2], Name)
    }
    size = Number(str(lengths.pop()))
    return substitute(function.body, {**arguments, **arrays, **dict.fromkeys(ends, size)})


def _length(array: Formula, known: Knowledge) -> int:
    """How many entries are listed, or the value of a name has; 0 where nobody says."""
    if isinstance(array, Apply) and array.head in ("tuple", "vector"):
        return len(array.args)
    value = known.values.get(array.id) if isinstance(array, Name) else None
    return len(value) if isinstance(value, tuple) else 0


def _gradient(of: Formula, known: Knowledge) -> Formula | None:
    """∇f by the arguments of f: one derivative, or a column of them."""
    function = _function_named(of.id, known) if isinstance(of, Name) else None
    if function is None:
        by = parameter_of(of, known)
        return by and Apply("partial", (of, by))
    slopes = [normal(Apply("partial", (of, Name(p))), known) for p in function.parameters]
    return slopes[0] if len(slopes) == 1 else Apply("vector", tuple(slopes))


def _hessian(node: Apply, known: Knowledge) -> Formula | None:
    """∇²f by the argument of f, or by what stands below."""
    of, *below = node.args
    function = _function_named(of.id, known) if isinstance(of, Name) else None
    if function is not None and len(function.parameters) == 1 and isinstance(of, Name):
        inner = _worked_out(normal(function.body, known), known)
        by: Formula | None = below[0] if below else Name(function.parameters[0])
        of = Name(known.hidden(inner)) if inner is not None else of
    else:
        by = below[0] if below else parameter_of(of, known)
    if not isinstance(of, Name) or not isinstance(by, Name) or of.id not in known.definitions:
        return None
    return hessian(of, by, known)


def _by_entry(condition: Formula, known: Knowledge) -> Formula | None:
    """``1[Z > 0]`` of an array: 1 at each entry for which it holds."""
    if not isinstance(condition, Apply) or condition.head not in ("<", ">"):
        return None
    of, bound = condition.args
    if not isinstance(of, Name) or not known.symbols.is_array(of.id) or bound != ZERO:
        return None
    return Apply("relu'", (of if condition.head == ">" else Apply("neg", (of,)),))


def _by_array(node: Apply, known: Knowledge) -> Formula | None:
    """``∇f(x)``, where x is an array and the argument of f: ∂f/∂x."""
    function = known.functions.get(node.head[:-1])
    if function is None or not known.is_function_of_text(node.head[:-1]) or len(node.args) != 1:
        return None
    (place,) = node.args
    if place != Name(function.parameters[0]) or not known.symbols.is_array(function.parameters[0]):
        return None
    body = _worked_out(normal(function.body, known), known)
    return body and Apply("partial", (Name(known.hidden(body)), place))


def _gradient_at(node: Apply, known: Knowledge) -> Formula | None:
    """``∇f(1, 2)``: the derivatives by the arguments, each with the place put in."""
    name = Name(node.head[:-1])
    function = known.functions.get(name.id)
    if function is None or len(function.parameters) != len(node.args) or not known.is_function_of_text(name.id):  # fmt: skip
        return None
    place = dict(zip(function.parameters, node.args, strict=True))
    slopes = [_worked_out(Apply("partial", (name, Name(p))), known) for p in function.parameters]
    found = tuple(substitute(slope, place) for slope in slopes if slope is not None)
    return Apply("vector", found) if len(found) == len(slopes) else None


def _placed(node: Apply, known: Knowledge) -> Formula | None:
    """``f |_{w = 2}``: the formula with the value in the place of the name."""
    of, name, value = node.args
    inner = _worked_out(normal(of, known), known)
    if inner is None or not isinstance(name, Name):
        return None
    for _ in range(len(known.definitions) + 1):
        inside = {
            used: known.definitions[used]
            for used in set(names(inner)) & set(known.definitions)
            if name.id in known.inside(used)
        }
        if not inside:
            break
        inner = substitute(inner, inside)
    return substitute(inner, {name.id: normal(value, known)})


def _worked_out(formula: Formula, known: Knowledge) -> Formula | None:
    """The formula with derivatives as formulas, so that they move; None where there is none."""
    formula = rewrite(formula, lambda node: _slope(node, known))
    left = (node for node in walk(formula) if isinstance(node, Apply))
    return None if any(node.head in DERIVATIVES for node in left) else formula


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
    whole = whole or _of_function(of, known)
    return whole and first_derivative(whole, lower.id, known.definitions, known.functions)

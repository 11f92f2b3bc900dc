"""Forward pass, backward pass and update over a list of definitions, as lines of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from derivations.calculus.adjoints import Adjoint, adjoints, local_slope, paths
from derivations.calculus.differentiate import NotDifferentiable
from derivations.calculus.tidy import tidy
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    key,
    names,
    partial,
    product,
    sum_of,
    walk,
)
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.functions import Functions
from derivations.steps.draft import Draft, unfold
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Block, Choice, Display, Prose

LONGEST = 24  # nodes; longer bodies (GELU, mish) are not written out in the line of a unit


def forward(
    draft: Draft,
    functions: Functions,
    name: str,
    formula: Formula,
    boxed: bool = False,
    left: Formula | None = None,
) -> list[Block]:
    """What computes one definition; the call of a function is written out.

    A piecewise function of one number shows the branch that applies and its condition. ``left``
    stands first, where it is not the quantity's name.
    """
    draft.define(name, formula)
    of = Name(name)
    written = unfold(formula, functions.bodies)
    if written == formula or draft.has_arrays(formula) or _size(written) > LONGEST:
        return [Display((draft.line(of, boxed=boxed, left=left, named=left is None),))]
    assert isinstance(formula, Apply)
    if isinstance(written, Apply) and written.head == "cases":
        return [branches(draft, of, written, () if left == formula else (formula,), boxed, left)]
    first = formula.head not in draft.written_out
    draft.written_out.add(formula.head)
    before = () if left == formula else (formula,)
    line = draft.line(of, *before, left=left, worked=written, named=first, boxed=boxed)
    return [Display((line,))]


def _size(formula: Formula) -> int:
    return sum(1 for _ in walk(formula))


def branches(
    draft: Draft,
    of: Formula,
    written: Apply,
    forms: tuple[Formula, ...] = (),
    boxed: bool = False,
    left: Formula | None = None,
) -> Choice:
    """``Since 0 ≤ 0.26 ≤ 1, y = f(z) = z² = 0.26² = 0.0676``, for each branch.

    ``forms`` are other forms of the formula that come first, as f(z).
    """
    conditions: list[Formula] = []
    alternatives: list[tuple[Block, ...]] = []
    before: list[Formula] = []  # the conditions that do not hold when a later one is asked
    for value, condition in zip(written.args[::2], written.args[1::2], strict=True):
        otherwise = isinstance(condition, Apply) and condition.head == "otherwise"
        asked = [] if otherwise else [condition]
        when = Apply("and", (*(apply("not", other) for other in before), *asked))
        line = draft.line(of, *forms, left=left, worked=value, boxed=boxed, law="branch", when=when)
        if otherwise and len(before) == 1:
            reason = _since(_opposite(before[0]))
        elif otherwise:
            reason = Prose((Text("None of the other conditions holds, so"),))
        else:
            reason = _since(_between(before[-1], condition) if before else condition)
        before += asked
        conditions.append(condition)
        alternatives.append((reason, Display((line,))))
    return Choice(tuple(conditions), tuple(alternatives))


def _since(condition: Formula) -> Prose:
    return Prose((Text("Since "), Term(condition, numbers=True), Text(",")))


BELOW, ABOVE = {"<": ">", "<=": ">="}, {">": "<", ">=": "<="}  # and the same seen from the right


def _between(before: Formula, condition: Formula) -> Formula:
    """``0 < z ≤ 1`` for ``z ≤ 1`` behind ``z ≤ 0``, which does not hold; else the condition."""
    assert isinstance(condition, Apply)
    if not isinstance(before, Apply) or before.args[0] != condition.args[0]:
        return condition
    for heads in (BELOW, ABOVE):
        if before.head in heads and condition.head in heads:
            low, high = sorted((_opposite(before), condition), key=lambda one: one.head in BELOW)
            assert isinstance(low, Apply)
            return Apply("and", (Apply(ABOVE[low.head], low.args[::-1]), high))
    return condition


def _opposite(condition: Formula) -> Apply:
    """``z ≤ 0`` for ``z > 0``."""
    assert isinstance(condition, Apply)
    opposite = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
    if condition.head in opposite:
        return Apply(opposite[condition.head], condition.args)
    return Apply("not", (condition,))


def backward(
    draft: Draft,
    functions: Functions,
    definitions: Mapping[str, Formula],
    loss: str,
    wanted: Sequence[str],
    boxed: frozenset[str] = frozenset(),
) -> list[Chain]:
    """The lines of the backward pass: an adjoint for each name on the way to the wanted ones."""
    try:
        found = adjoints(definitions, loss, frozenset(wanted), functions.rules, draft.shapes())
    except NotDifferentiable as error:
        raise FieldError(("ask",), f"{loss} cannot be differentiated: {error}") from None
    return [adjoint_line(draft, adjoint, loss, adjoint.name in boxed) for adjoint in found]


def along_paths(
    draft: Draft, functions: Functions, definitions: Mapping[str, Formula], loss: str, wrt: str
) -> list[Block]:
    """The chain rule along every path: its factors in symbols, each with its value, the product.

    Raises:
        FieldError: there is no path, or a factor is no derivative along a single edge.
    """
    try:
        found = paths(definitions, loss, wrt)
        edges = list(dict.fromkeys(edge for path in found for edge in pairwise(path)))
        slopes = {
            (above, below): local_slope(above, definitions[above], below, functions.rules)
            for above, below in edges
        }
        for above, below in edges:
            if len(paths(definitions, above, below)) > 1:
                raise NotDifferentiable(
                    f"{above} depends on {below} in two ways; ask for 'gradients' instead"
                )
    except NotDifferentiable as error:
        raise FieldError(("ask", "chain"), str(error)) from None
    whole = partial(Name(loss), Name(wrt))
    terms = [product(*(partial(Name(a), Name(b)) for a, b in pairwise(path))) for path in found]
    rule = Chain(Term(whole), (Link("=", Term(sum_of(*terms))),), "chain-rule")
    factors = []
    for (above, below), slope in slopes.items():
        of = partial(Name(above), Name(below))
        if of != whole:
            draft.define(of, slope, "derived")
            factors.append(draft.line(of, law="derivative"))
    draft.define(whole, sum_of(*terms), "derived")
    result = draft.line(whole, named=False, boxed=True, law="chain-rule", detail="brief")
    return [Display((rule,)), Display(tuple(factors)), Display((result,))]


def adjoint_line(draft: Draft, adjoint: Adjoint, loss: str, boxed: bool) -> Chain:
    """The line of one adjoint: a term for each path, and its value."""
    of = partial(Name(loss), Name(adjoint.name))
    if key(of) not in draft.quantities:  # the chain rule along a path may have come to it before
        draft.define(of, adjoint.formula, "derived", draft.quantities[adjoint.name].shape)
    rule = None if _meet(draft, adjoint.through) else _chain_rule(adjoint, loss)
    before = () if rule is None or rule in (of, adjoint.formula) else (rule,)
    return draft.line(of, *before, boxed=boxed, law="chain-rule" if before else "derivative")


def _meet(draft: Draft, through: Sequence[str]) -> bool:
    """Whether one of several paths leads into another: a partial derivative of it means both then."""
    if len(through) < 2:
        return False
    seen: set[str] = set()
    waiting = list(through)
    while waiting:
        formula = draft.quantities[waiting.pop()].formula
        for name in names(formula) if formula is not None else ():
            if name in through:
                return True
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return False


def _chain_rule(adjoint: Adjoint, loss: str) -> Formula | None:
    """The sum over the paths, each the product of two partial derivatives.

    Nothing where one of several paths is direct: its term would be written like the whole.
    """
    if any(slope is None for slope in adjoint.slopes):
        return None
    if loss in adjoint.through and len(adjoint.through) > 1:
        return None
    terms: list[Formula] = []
    for through in adjoint.through:
        inner = partial(Name(through), Name(adjoint.name))
        terms.append(
            inner if through == loss else product(partial(Name(loss), Name(through)), inner)
        )
    return sum_of(*terms)


def update(
    draft: Draft, parameter: str, fresh: str, rate: Formula, slope: Formula, boxed: bool = False
) -> Chain:
    """``w ← w - η ∂L/∂w``: the line of one gradient step; ``fresh`` is the key of the new value."""
    step = tidy(product(rate, slope))
    draft.define(
        fresh, difference(Name(parameter), step), "update", draft.quantities[parameter].shape
    )
    return draft.line(Name(fresh), boxed=boxed, law="gradient-descent", relation="←")


def slope_of(loss: str, name: str) -> Apply:
    """∂loss/∂name."""
    return partial(Name(loss), Name(name))


def joined(blocks: list[Block]) -> list[Block]:
    """Neighbouring displays become one, aligned at one place."""
    joined: list[Block] = []
    for block in blocks:
        if joined and isinstance(block, Display) and isinstance(joined[-1], Display):
            joined[-1] = Display((*joined[-1].chains, *block.chains))
        else:
            joined.append(block)
    return joined

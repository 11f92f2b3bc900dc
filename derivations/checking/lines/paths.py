"""The chain rule by names alone: a product of derivatives as a path from one name to the other."""

from __future__ import annotations

from derivations.checking.equality.steps import HOLDS, WRONG, Ruling
from derivations.checking.lines.telescoping import telescoped
from derivations.formula.tree import Apply, Formula

DERIVATIVES = frozenset({"partial", "total"})
ADDED = "along a path the derivatives are multiplied, and not added"
ALONG = "the chain rule along a path"
STEPS = (
    "the product does not lead from the one step to the other: its first or last factor is wrong"
)
BROKEN = "the derivatives of the product do not meet: each lower name has to be the next upper one"


def along_path(left: Apply, right: Formula) -> Ruling | None:
    """Whether numerators meet denominators in each product; None where it is no such product."""
    if left.head not in DERIVATIVES:
        return None
    if _is_added_path(left, right):
        return Ruling(WRONG, ADDED)
    terms = right.args if isinstance(right, Apply) and right.head == "sum" else (right,)
    leads = [telescoped(left, term) for term in terms]
    if None not in leads:
        return Ruling(HOLDS, ALONG) if all(leads) else Ruling(WRONG, STEPS)
    for term in terms:
        while isinstance(term, Apply) and term.head in ("bigsum", "bigsum_over"):
            term = term.args[-1]  # one path for every value of the index
        products = isinstance(term, Apply) and term.head in ("product", "matmul")
        factors = term.args if products and isinstance(term, Apply) else (term,)
        partials = [f for f in factors if isinstance(f, Apply) and f.head in DERIVATIVES]
        if len(partials) != len(factors) or len(partials) < 2:
            return None
        if not _connected(left, partials):
            return Ruling(WRONG, BROKEN)
    return Ruling(HOLDS, ALONG)


def _is_added_path(left: Apply, right: Formula) -> bool:
    """``∂L/∂w = ∂L/∂y + ∂y/∂w``: the factors of a path as terms."""
    terms = right.args if isinstance(right, Apply) and right.head == "sum" else ()
    partials = [t for t in terms if isinstance(t, Apply) and t.head in DERIVATIVES]
    return 1 < len(partials) == len(terms) and _connected(left, partials)


def _connected(left: Apply, partials: list[Apply]) -> bool:
    of, wrt = left.args
    steps = {factor.args for factor in partials}
    at = of
    for _ in partials:
        following = [b for a, b in steps if a == at]
        if len(following) != 1:
            return False
        at = following[0]
    return at == wrt

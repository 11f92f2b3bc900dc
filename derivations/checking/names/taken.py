"""What a text takes its names for without declaring them: vectors of length 1, labels -1 or 1.

``u^T u = 1`` asks it of u; ``y w^T x \\le 0`` and ``\\max(0, 1 - y f)`` speak of the margin of a
class y. A covariance S, a kernel matrix K or a Hessian H is symmetric.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derivations.checking.names.declaring import SYMMETRIC, Domain
from derivations.checking.names.quantities import base_of
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number, walk

UNIT: Domain = ("unit",)
SIGN: Domain = ("sign",)
ONE, ZERO, TWO = Number("1"), Number("0"), Number("2")
LABELS = frozenset({"y", "t"})
SYMMETRIC_ONES = frozenset({"S", "Sigma", "C", "K", "H", "Lambda"})
ORDERS = frozenset({"<", ">", "≤", "≥"})
WORDS = {UNIT: "has length 1", SIGN: "is -1 or 1", SYMMETRIC: "is symmetric"}
Relation = tuple[Formula, str, Formula]


def taken(formulas: Iterable[Formula], relations: Iterable[Relation]) -> dict[str, Domain]:
    """Domains by name.

    Args:
        formulas: all that a text says.
        relations: the relations of its lines.
    """
    found: dict[str, Domain] = {}
    for left, sign, right in relations:
        if sign == "=" and (name := of_length_one(left, right)):
            found[name] = UNIT
        if sign in ORDERS:
            for side, other in ((left, right), (right, left)):
                if other in (ZERO, ONE):
                    found.update(dict.fromkeys(_labels(side), SIGN))
    for node in (node for formula in formulas for node in walk(formula)):
        if isinstance(node, Apply) and node.head == "max" and ZERO in node.args:
            for side in node.args:
                found.update(dict.fromkeys(_of_margin(side), SIGN))
    return found


def of_length_one(left: Formula, right: Formula) -> str:
    """The vector of ``u^T u = 1`` and ``‖u‖ = 1``; nothing of other relations."""
    if not isinstance(left, Apply) or right != ONE:
        return ""
    if left.head == "power" and left.args[1] == TWO and isinstance(left.args[0], Apply):
        left = left.args[0] if left.args[0].head == "norm" else left
    if left.head == "norm":
        return _name(left.args[0])
    if left.head in ("matmul", "dot", "product") and len(left.args) == 2:
        one, other = left.args
        turned = one == Apply("transpose", (other,)) or (left.head == "dot" and one == other)
        return _name(other) if turned else ""
    return ""


def symmetric_by_habit(names: Iterable[str]) -> dict[str, Domain]:
    """Those letters that stand for symmetric matrices."""
    return {name: SYMMETRIC for name in names if look(name).base in SYMMETRIC_ONES}


def _name(formula: Formula) -> str:
    return formula.id if isinstance(formula, Name) else ""


def _of_margin(side: Formula) -> Iterator[str]:
    """The label of ``1 - y f``."""
    if isinstance(side, Apply) and side.head == "sum" and side.args[0] == ONE:
        for term in side.args[1:]:
            if isinstance(term, Apply) and term.head == "neg":
                yield from _labels(term.args[0])


def _labels(side: Formula) -> Iterator[str]:
    """The label of a product, ``y w^T x``."""
    if isinstance(side, Apply) and side.head in ("product", "matmul"):
        for factor in side.args:
            name = base_of(factor)
            if name is not None and look(name).base in LABELS:
                yield name

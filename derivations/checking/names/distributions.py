"""Arrays whose entries add up to 1: targets and probabilities, where the text says or shows that they are.

``\\sum_k y_k = 1`` says it; ``-\\sum_k y_k \\ln p_k`` shows it of y, as a cross-entropy weighs logarithms
with a distribution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from derivations.checking.names.quantities import is_named
from derivations.formula.tree import Apply, Formula, Name, Number, walk

SUMS = frozenset({"bigsum", "bigsum_over"})
OPERATIONS = frozenset({"sum", "neg", "quotient", "power", "sqrt", "exp", "product", "matmul"})
SUMMED = frozenset({"sum_entries"})  # of y ⊙ ln p
WHOLE = frozenset({"matmul", "dot"}) | SUMMED
LOGARITHMS = frozenset({"ln", "log", "log2", "log10"})


def adding_to_one(formulas: Iterable[Formula], equations: Iterable[tuple[Formula, Formula]]) -> frozenset[str]:  # fmt: skip
    """Names of such arrays.

    Args:
        formulas: all that a text says.
        equations: the sides of its equations.
    """
    said = (_summed(left) for left, right in equations if right == Number("1"))
    return frozenset(filter(None, said)) | frozenset(
        name for formula in formulas for node in walk(formula) for name in _weights(node)
    )


def is_drawn(left: Formula, right: Formula) -> bool:
    """``ε ∼ N(0, 1)``, ``x ∼ p``: what a quantity is drawn from."""
    if isinstance(right, Apply) and right.head == "product":
        named = len(right.args) == 2 and isinstance(right.args[0], Name)
        parameters = right.args[1]
        return named and isinstance(parameters, (Name, Apply)) and is_named(left)
    return is_named(left) and (isinstance(right, Name) or _is_call(right))


def _is_call(formula: Formula) -> bool:
    return (
        isinstance(formula, Apply) and formula.head[:1].isalpha() and formula.head not in OPERATIONS
    )


def adds(left: Formula, right: Formula, adding: frozenset[str]) -> bool:
    """``\\sum_k y_k = 1`` of an array that adds up to 1."""
    return right == Number("1") and _summed(left) in adding


def _summed(formula: Formula) -> str:
    """The array all of whose entries are summed."""
    if not isinstance(formula, Apply) or formula.head not in SUMS:
        return ""
    return _array_of(formula.args[-1], formula.args[0])


def _weights(node: Formula) -> Iterator[str]:
    """The arrays by whose entries logarithms are multiplied under a sum, as in ``y^T \\ln p``."""
    if not isinstance(node, Apply):
        return
    if node.head in WHOLE:
        yield from _of_whole(node)
    if node.head not in SUMS:
        return
    body, index = node.args[-1], node.args[0]
    if isinstance(body, Apply) and body.head == "product":
        if any(isinstance(a, Apply) and a.head in LOGARITHMS for a in body.args):
            yield from filter(None, (_array_of(arg, index) for arg in body.args))


def _of_whole(node: Apply) -> Iterator[str]:
    """The vector beside the logarithm of another one."""
    factors = (
        node.args[0].args if isinstance(node.args[0], Apply) and node.head in SUMMED else node.args
    )
    for weights, logarithm in (pair for two in pairwise(factors) for pair in (two, two[::-1])):
        if isinstance(logarithm, Apply) and logarithm.head == "transpose":
            logarithm = logarithm.args[0]
        if isinstance(weights, Apply) and weights.head == "transpose":
            weights = weights.args[0]
        if isinstance(weights, Name) and isinstance(logarithm, Apply):
            if logarithm.head in LOGARITHMS and isinstance(logarithm.args[0], Name):
                yield weights.id


def _array_of(formula: Formula, index: Formula) -> str:
    """``y`` of ``y_k``."""
    plain = isinstance(formula, Apply) and formula.head == "entry" and formula.args[1:] == (index,)
    array = formula.args[0] if plain and isinstance(formula, Apply) else None
    return array.id if isinstance(array, Name) else ""

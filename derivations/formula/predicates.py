"""What a formula looks like as a whole, as far as the printer asks: a leaf, a fraction, a product."""

from __future__ import annotations

from derivations.formula import looks
from derivations.formula.tree import Apply, Formula, Name, Number


def ends_in_prime(formula: Formula) -> bool:
    """Whether its last factor has a prime, behind which a bracket would look like an argument."""
    while isinstance(formula, Apply) and formula.head == "product":
        formula = formula.args[-1]
    return isinstance(formula, Name) and "prime" in looks.look(formula.id).decorations


def is_product(formula: Formula) -> bool:
    """Whether it is a product of numbers or of matrices."""
    return isinstance(formula, Apply) and formula.head in ("product", "matmul")


def has_fraction_factor(formula: Formula) -> bool:
    """Whether a fraction is a factor, where a slash would leave open what is divided."""
    if not isinstance(formula, Apply):
        return False
    factors = formula.args if formula.head in ("product", "matmul", "hadamard") else ()
    return any(map(is_fraction, factors)) or any(map(has_fraction_factor, formula.args))


def is_leaf(formula: Formula) -> bool:
    """Whether it is a number or a name."""
    return isinstance(formula, (Number, Name))


def is_fraction(formula: Formula) -> bool:
    """Whether it has a fraction line; derivatives do, too."""
    return isinstance(formula, Apply) and formula.head in ("quotient", "partial", "total")

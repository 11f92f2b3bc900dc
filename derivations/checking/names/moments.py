"""E[aX + b] = a E[X] + b and Var(aX + b) = a² Var(X): moments as quantities with names of their own.

Capitals and letters with a mark above them are random; beside them, small letters are constants.
What is no linear expression in one of them is a quantity by itself: E[X²], Var(X + Y).
"""

from __future__ import annotations

import re

from derivations.formula.looks import look
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, Number, names, rewrite, walk

HEADS = {"expectation": "E", "variance": "Var"}
COVARIANCE = frozenset({"Cov", "cov", "Kov"})
Said = dict[str, Apply]  # by the names of moments, what they are moments of
NOT_OF_NAMES = frozenset({"entry", "bigsum", "bigproduct", "bigsum_over", "bigproduct_over"})
ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")
SIGNS = str.maketrans({"^": "p", "²": "p2", "³": "p3", "+": "plus", "−": "minus", "/": "over"})


def with_moments(formula: Formula, said: Said) -> Formula:
    """The formula with a name for each moment, told in ``said``; what depends on an index stays as it is."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply):
            return None
        if node.head in COVARIANCE and len(node.args) == 2:
            inner = tuple(with_moments(arg, said) for arg in node.args)
            return _named("Cov", Apply("covariance", inner), said)
        if node.head not in HEADS or len(node.args) != 1:
            return None
        inside = with_moments(node.args[0], said)
        if any(isinstance(n, Apply) and _depends(n) for n in walk(inside)):
            return None
        return _mean(inside, said) if node.head == "expectation" else _variance(inside, said)

    return rewrite(formula, rule)


def _depends(node: Apply) -> bool:
    """Whether a node depends on an index; ``h_1`` is a single entry."""
    fixed = node.head == "entry" and all(isinstance(at, Number) for at in node.args[1:])
    return node.head in NOT_OF_NAMES and not fixed


def _is_random(formula: Formula) -> bool:
    looks = map(look, names(formula))
    return any(each.base[:1].isupper() or each.decorations for each in looks)


def _mean(formula: Formula, said: Said) -> Formula:
    """Linear in what is random."""
    if not _is_random(formula):
        return (
            formula
            if isinstance(formula, Number)
            else _named("E", Apply("expectation", (formula,)), said)
        )
    if isinstance(formula, Apply) and formula.head in ("sum", "neg"):
        args = (_mean(arg, said) if _is_random(arg) else arg for arg in formula.args)
        return Apply(formula.head, tuple(args))
    factor, rest = _parted(formula)
    if factor == ONE:
        return _named("E", Apply("expectation", (rest,)), said)
    return Apply("product", (factor, _named("E", Apply("expectation", (rest,)), said)))


def _variance(formula: Formula, said: Said) -> Formula:
    """Of one random term with a factor, beside constants."""
    terms = formula.args if isinstance(formula, Apply) and formula.head == "sum" else (formula,)
    random = [term for term in terms if _is_random(term)]
    if len(random) != 1:
        return _named("Var", Apply("variance", (formula,)), said)
    constants = [Apply("product", (ZERO, other)) for other in terms if other not in random]
    (term,) = random
    if isinstance(term, Apply) and term.head == "neg":
        (term,) = term.args
    factor, rest = _parted(term)
    found: Formula = _named("Var", Apply("variance", (rest,)), said)
    if factor != ONE:
        found = Apply("product", (Apply("power", (factor, TWO)), found))
    return Apply("sum", (found, *constants)) if constants else found


def _parted(formula: Formula) -> tuple[Formula, Formula]:
    """The constant factor of a term, and the rest."""
    if isinstance(formula, Apply) and formula.head == "quotient" and not _is_random(formula.args[1]):  # fmt: skip
        factor, rest = _parted(formula.args[0])
        return Apply("quotient", (factor, formula.args[1])), rest
    if not isinstance(formula, Apply) or formula.head != "product":
        return ONE, formula
    constant = tuple(arg for arg in formula.args if not _is_random(arg))
    random = tuple(arg for arg in formula.args if _is_random(arg))
    if not constant:
        return ONE, formula
    factor = constant[0] if len(constant) == 1 else Apply("product", constant)
    return factor, random[0] if len(random) == 1 else Apply("product", random)


def _named(letter: str, moment: Apply, said: Said) -> Name:
    inside = "and".join(text(arg).translate(SIGNS) for arg in moment.args)
    spelled = re.sub(r"[^\x00-\x7f]", lambda sign: f"u{ord(sign[0]):x}", inside)
    name = f"{letter}_{re.sub(r'[^A-Za-z0-9]', '', spelled) or 'x'}"
    said[name] = moment
    return Name(name)

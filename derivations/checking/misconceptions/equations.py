"""Slips in solving equations: an operator makes the equation wrong from which the next line follows.

The right formula of these entries is the equation that is solved, ``left == right``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derivations.checking.misconceptions.entries import (
    OFTEN,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Operator,
    Right,
    at,
    factors_of,
    is_head,
    is_number,
    negated,
    opened,
    terms_of,
    with_arg,
    without,
)
from derivations.checking.names.quantities import quantities
from derivations.formula.tree import (
    Apply,
    Formula,
    names,
    neg,
    power,
    product,
    quotient,
    sum_of,
    walk,
)

if TYPE_CHECKING:
    from derivations.checking.equality.solving import Solving
from derivations.checking.text.parts import Equation

INVERTED = ("sigmoid", "tanh", "exp", "ln", "log", "sqrt", "log2", "log10")
MOST_NODES = 60  # of an equation that is searched


def _sign_kept(node: Apply) -> Iterator[Formula]:
    """A term was moved to the other side with its sign."""
    for side in (0, 1):
        terms = terms_of(opened(node.args[side]))
        for place, term in enumerate(terms) if len(terms) > 1 else ():
            if not is_number(term, "0"):
                yield with_arg(
                    node, side, sum_of(*terms[:place], negated(term), *terms[place + 1 :])
                )


def _one_term_divided(node: Apply) -> Iterator[Formula]:
    """a x + b = c divided by a, and b or c is forgotten."""
    for side in (0, 1):
        terms, other = terms_of(opened(node.args[side])), terms_of(opened(node.args[1 - side]))
        if len(terms) + len(other) < 3:
            continue
        for by in dict.fromkeys(f for term in terms for f in _coefficients(term)):
            for place, term in enumerate(terms) if len(terms) > 1 else ():
                if by not in _coefficients(term):
                    scaled = sum_of(*terms[:place], _times(by, term), *terms[place + 1 :])
                    yield with_arg(node, side, scaled)
            yield with_arg(node, 1 - side, product(by, node.args[1 - side]))


def _times(factor: Formula, term: Formula) -> Formula:
    inner = negated(term)
    return neg(product(factor, inner)) if is_head(term, "neg") else product(factor, term)


def _coefficients(term: Formula) -> tuple[Formula, ...]:
    """The factors of a term of several, without its sign."""
    inside = term.args[0] if isinstance(term, Apply) and term.head == "neg" else term
    factors = factors_of(inside)
    return factors if len(factors) > 1 else ()


def _not_inverted(node: Apply) -> Iterator[Formula]:
    """f(x) = c solved as x = c."""
    for side in (0, 1):
        inside = opened(node.args[side])
        if isinstance(inside, Apply) and len(inside.args) == 1 and inside.head in INVERTED:
            yield with_arg(node, side, inside.args[0])
        if isinstance(inside, Apply) and inside.head == "power":
            yield with_arg(node, side, inside.args[0])


def _inverted_wrongly(node: Apply) -> Iterator[Formula]:
    """f(x) = c solved as x = f(c)."""
    for side in (0, 1):
        inside, other = opened(node.args[side]), node.args[1 - side]
        if isinstance(inside, Apply) and len(inside.args) == 1 and inside.head in INVERTED:
            wrong = with_arg(node, side, inside.args[0])
            yield with_arg(wrong, 1 - side, Apply(inside.head, (other,)))
        if isinstance(inside, Apply) and inside.head == "power" and is_number(inside.args[1], "2"):
            yield with_arg(with_arg(node, side, inside.args[0]), 1 - side, power(other, 2))


def _turned(unknown: bool) -> Operator:
    """a x = b as x / a = b, or as a / x = b where the factor below is the unknown one."""

    def operator(right: Right) -> Iterator[Formula]:
        for node, _ in right.nodes.get("==", ()):
            assert isinstance(node, Apply)
            for side in (0, 1):
                inside = opened(node.args[side])
                for place, factor in enumerate(factors_of(inside)):
                    if isinstance(inside, Apply) and len(factors_of(inside)) > 1:
                        if bool(set(names(factor)) & set(right.known)) == unknown:
                            yield with_arg(node, side, quotient(without(inside, place), factor))

    return operator


def _divided(node: Apply) -> Iterator[Formula]:
    """x / a = b solved as x = b / a."""
    for side in (0, 1):
        inside = opened(node.args[side])
        if isinstance(inside, Apply) and inside.head == "quotient":
            yield with_arg(node, side, product(*inside.args))


def _subtracted(node: Apply) -> Iterator[Formula]:
    """a x = b solved as x = b - a."""
    for side in (0, 1):
        inside = opened(node.args[side])
        if isinstance(inside, Apply) and inside.head == "product":
            for place, factor in enumerate(inside.args):
                yield with_arg(node, side, sum_of(without(inside, place), factor))


ENTRIES = (
    Misconception(
        "sign-when-moving",
        "A term that moves to the other side of an equation changes its sign.",
        at("==", _sign_kept), r"a x + b = c \Rightarrow x = \frac{c + b}{a}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "only-one-term-divided",
        "Both sides are divided as a whole: every term, not only one of them.",
        at("==", _one_term_divided), r"a x + b = c \Rightarrow x = c - \frac{b}{a}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "function-not-inverted",
        "The function was left out: it has to be undone by its inverse on the other side.",
        at("==", _not_inverted), r"\ln(a x) = c \Rightarrow x = \frac{c}{a}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "function-for-its-inverse",
        "The function itself was applied to the other side; its inverse undoes it.",
        at("==", _inverted_wrongly), r"\ln(a x) = c + 1 \Rightarrow x = \frac{\ln(c + 1)}{a}",
        symbols={"c": "positive", "a": "positive", "x": "positive"},
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "multiplied-for-divided",
        "A factor moves to the other side as a divisor; it was multiplied instead.",
        _turned(False), r"a x = b \Rightarrow x = a b",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "divided-the-wrong-way",
        "The fraction is upside down: from a x = b follows x = b/a, not a/b.",
        _turned(True), r"a x = b \Rightarrow x = \frac{a}{b}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "divided-for-multiplied",
        "A divisor moves to the other side as a factor; it was divided instead.",
        at("==", _divided), r"\frac{x}{a} = b \Rightarrow x = \frac{b}{a}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "subtracted-for-divided",
        "A factor is taken to the other side by dividing, not by subtracting.",
        at("==", _subtracted), r"a x = b \Rightarrow x = b - a",
        specific=SPECIAL, likely=SOMETIMES,
    ),
)  # fmt: skip


def of_solving(premise: Equation, conclusion: Equation, solving: Solving) -> list[Misconception]:
    """The entries from whose wrong equation the conclusion follows.

    Only where the conclusion still has two quantities: a single number follows from too many.
    """
    if sum(1 for side in (*premise, *conclusion) for _ in walk(side)) > MOST_NODES:
        return []
    if len(set().union(*map(quantities, conclusion))) < 2:
        return []
    right = Right(Apply("==", premise), known=names(conclusion[0]))
    return [entry for entry in ENTRIES if _leads(entry, right, conclusion, solving)]


def _leads(entry: Misconception, right: Right, conclusion: Equation, solving: Solving) -> bool:
    wrong: Sequence[Formula] = list(entry.operator(right))
    return any(
        isinstance(equation, Apply)
        and solving.follows((equation.args[0], equation.args[1]), conclusion).right
        for equation in wrong
    )

"""Slips that can be made in any formula: signs, terms, factors, fractions."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    FIELD,
    GENERIC,
    OFTEN,
    SELDOM,
    SOMETIMES,
    Misconception,
    at,
    both,
    factors_of,
    half_of,
    is_neg,
    is_number,
    negated,
    one_minus,
    opened,
    twice,
    whole,
    with_arg,
    without,
)
from derivations.formula.tree import Apply, Formula, product, quotient, sum_of

PRODUCTS = "product hadamard dot"


def _sign_of_term(node: Apply) -> Iterator[Formula]:
    for place, term in enumerate(node.args):
        yield with_arg(node, place, negated(term))


def _minus_lost(formula: Formula) -> Iterator[Formula]:
    inner = is_neg(formula)
    if inner is not None:
        yield inner


def _minus_of_factor(node: Apply) -> Iterator[Formula]:
    for place, factor in enumerate(node.args):
        inner = is_neg(opened(factor))
        if inner is not None:
            yield with_arg(node, place, inner)


def _dropped(node: Apply) -> Iterator[Formula]:
    if len(node.args) > 1:
        for place in range(len(node.args)):
            yield without(node, place)


def _fraction_dropped(node: Apply) -> Iterator[Formula]:
    above, below = node.args
    yield above
    for place in range(len(factors_of(below))):
        if isinstance(below, Apply) and below.head == "product":
            yield quotient(above, without(below, place))


def _term_doubled(node: Apply) -> Iterator[Formula]:
    for place, term in enumerate(node.args):
        yield Apply("sum", (*node.args[: place + 1], term, *node.args[place + 1 :]))


def _factor_doubled(node: Apply) -> Iterator[Formula]:
    for place, factor in enumerate(node.args):
        yield Apply(node.head, (*node.args[: place + 1], factor, *node.args[place + 1 :]))


def _inverse(node: Apply) -> Iterator[Formula]:
    for place, factor in enumerate(node.args):
        yield quotient(without(node, place), factor)


def _two(node: Apply) -> Iterator[Formula]:
    if node.head == "quotient" and is_number(node.args[1], "2"):
        yield node.args[0]
    elif node.head == "product":
        for place, factor in enumerate(node.args):
            if is_number(factor, "2", "1/2", "0.5") or _is_half(factor):
                yield without(node, place)


def _is_half(formula: Formula) -> bool:
    return (
        isinstance(formula, Apply)
        and formula.head == "quotient"
        and is_number(formula.args[0], "1")
        and is_number(formula.args[1], "2")
    )


def _difference_swapped(node: Apply) -> Iterator[Formula]:
    if len(node.args) == 2:
        first, second = node.args
        inner = is_neg(second)
        if inner is not None:
            yield sum_of(inner, negated(first))


def _operation(node: Apply) -> Iterator[Formula]:
    if len(node.args) != 2 or any(is_neg(arg) for arg in node.args):
        return
    yield Apply("product" if node.head == "sum" else "sum", node.args)


def _complement(formula: Formula) -> Iterator[Formula]:
    yield one_minus(formula)


def _minus_of_one(node: Apply) -> Iterator[Formula]:
    """1 - p taken for p."""
    if len(node.args) == 2 and is_number(node.args[0], "1"):
        inner = is_neg(node.args[1])
        if inner is not None:
            yield inner


ENTRIES = (
    Misconception(
        "sign-of-a-term",
        "One term of the sum has the wrong sign: go through plus and minus once more.",
        at("sum", _sign_of_term),
        r"0.5 \cdot 1.31 - 0.273 = 0.928",
        specific=GENERIC, likely=OFTEN, repair=at("sum", _sign_of_term),
    ),
    Misconception(
        "sign-of-the-result",
        "The result has the wrong sign.",
        whole(lambda f: (negated(f),)),
        r"3 \cdot 0.412 = -1.236",
        specific=GENERIC, likely=OFTEN, repair=whole(lambda f: (negated(f),)),
    ),
    Misconception(
        "minus-forgotten",
        "A minus sign was lost: what stands behind it was taken without it.",
        both(whole(_minus_lost), at(PRODUCTS, _minus_of_factor)),
        r"-(0.27 \cdot 1.3) = 0.351",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "term-forgotten",
        "One term of the sum is missing.",
        at("sum", _dropped),
        r"0.5 \cdot 1.3 + 0.27 \cdot 2.1 + 0.3 = 0.867",
        specific=GENERIC, likely=OFTEN,
    ),
    Misconception(
        "term-doubled",
        "One term of the sum was counted twice.",
        at("sum", _term_doubled),
        r"0.65 + 0.567 + 0.31 = 2.094",
        specific=GENERIC, likely=SELDOM,
    ),
    Misconception(
        "factor-forgotten",
        "One factor of the product is missing.",
        both(at(PRODUCTS, _dropped), at("quotient", _fraction_dropped)),
        r"0.27 \cdot 1.31 \cdot 0.83 = 0.3537",
        specific=GENERIC, likely=OFTEN,
    ),
    Misconception(
        "factor-doubled",
        "One factor of the product was used twice.",
        at(PRODUCTS, _factor_doubled),
        r"0.27 \cdot 1.31 = 0.463347",
        specific=GENERIC, likely=SELDOM,
    ),
    Misconception(
        "factor-two",
        "The result is off by a factor of 2: a 2 or a one half was lost or added on the way.",
        both(whole(lambda f: (twice(f), half_of(f))), at("product quotient", _two)),
        r"0.731 \cdot 0.912 \approx 1.3333",
        specific=GENERIC, likely=OFTEN,
    ),
    Misconception(
        "inverse-for-factor",
        "It was divided where it has to be multiplied.",
        at("product", _inverse),
        r"0.27 \cdot 1.31 \approx 0.2061",
        specific=GENERIC, likely=SOMETIMES,
    ),
    Misconception(
        "factor-for-inverse",
        "It was multiplied where it has to be divided.",
        at("quotient", lambda n: (product(*n.args),)),
        r"\frac{1.31}{0.27} = 0.3537",
        specific=GENERIC, likely=SOMETIMES,
    ),
    Misconception(
        "fraction-upside-down",
        "The fraction is upside down: what stands above and what stands below were exchanged.",
        at("quotient", lambda n: (quotient(n.args[1], n.args[0]),)),
        r"\frac{1.31}{0.27} \approx 0.2061",
        specific=GENERIC, likely=OFTEN,
    ),
    Misconception(
        "difference-swapped",
        "The difference was taken the wrong way round: a - b is not b - a.",
        at("sum", _difference_swapped),
        r"1.731 \cdot (0.92 - 1.31) = 0.67509",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "sum-for-product",
        "It was added where it has to be multiplied.",
        at("product", _operation),
        r"1.312 \cdot 2.27 = 3.582",
        specific=GENERIC, likely=SOMETIMES,
    ),
    Misconception(
        "product-for-sum",
        "It was multiplied where it has to be added.",
        at("sum", _operation),
        r"1.312 + 2.27 = 2.97824",
        specific=GENERIC, likely=SOMETIMES,
    ),
    Misconception(
        "one-minus",
        "p and 1 - p were exchanged.",
        both(at("sum", _minus_of_one), whole(lambda f: _complement(f) if not is_number(f) else ())),
        r"0.27 \cdot 1.31 = 0.6463",
        specific=GENERIC, likely=SOMETIMES,
    ),
)  # fmt: skip

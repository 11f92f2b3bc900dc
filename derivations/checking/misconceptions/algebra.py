"""Laws of algebra that do not hold: squares and roots, exponents, logarithms, brackets, fractions."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    SELDOM,
    SOMETIMES,
    Misconception,
    at,
    both,
    is_head,
    is_neg,
    is_number,
    negated,
    opened,
    terms_of,
    with_arg,
    without,
)
from derivations.formula.tree import (
    Apply,
    Formula,
    Number,
    apply,
    neg,
    power,
    product,
    quotient,
    sum_of,
)


def _square_lost(node: Apply) -> Iterator[Formula]:
    if is_number(node.args[1], "2"):
        yield node.args[0]


def _root_for_square(node: Apply) -> Iterator[Formula]:
    if is_number(node.args[1], "2"):
        yield apply("sqrt", node.args[0])


def _square_doubled(node: Apply) -> Iterator[Formula]:
    if isinstance(node.args[1], Number):
        yield product(node.args[1], node.args[0])


def _exponent_off(node: Apply) -> Iterator[Formula]:
    exponent = node.args[1]
    if isinstance(exponent, Number) and exponent.text.isdigit() and len(exponent.text) < 4:
        for other in (int(exponent.text) - 1, int(exponent.text) + 1):
            if other > 1:
                yield power(node.args[0], other)


def _exponent_sign(node: Apply) -> Iterator[Formula]:
    exponent = node.args[-1]
    yield with_arg(node, len(node.args) - 1, negated(exponent))


def _sum_before_product(node: Apply) -> Iterator[Formula]:
    """a b + c read as a (b + c)."""
    for place, term in enumerate(node.args):
        before, after = node.args[:place], node.args[place + 1 :]
        if not isinstance(term, Apply) or term.head != "product":
            continue
        if after:
            yield sum_of(
                *before, product(*term.args[:-1], sum_of(term.args[-1], after[0])), *after[1:]
            )
        if before:
            head = sum_of(before[-1], term.args[0])
            yield sum_of(*before[:-1], product(head, *term.args[1:]))


def _bracket_lost(node: Apply) -> Iterator[Formula]:
    """a (b + c) worked out as a b + c."""
    for place, factor in enumerate(node.args):
        terms = terms_of(opened(factor))
        if len(terms) > 1:
            rest = without(node, place)
            for chosen, term in enumerate(terms):
                yield sum_of(*terms[:chosen], _scaled(rest, term), *terms[chosen + 1 :])


def _scaled(factor: Formula, term: Formula) -> Formula:
    inner = is_neg(term)
    return product(factor, term) if inner is None else neg(product(factor, inner))


def _minus_of_bracket(node: Apply) -> Iterator[Formula]:
    """-(a - b) opened as -a - b."""
    terms = terms_of(opened(node.args[0]))
    if len(terms) > 1:
        yield sum_of(negated(terms[0]), *terms[1:])


def _minus_squared(node: Apply) -> Iterator[Formula]:
    """(-a)^2 taken for -a^2."""
    inner = is_neg(opened(node.args[0]))
    if inner is not None and is_number(node.args[1], "2"):
        yield neg(power(inner, 2))


def _square_of_sum(node: Apply) -> Iterator[Formula]:
    terms = terms_of(opened(node.args[0]))
    for cut in range(1, len(terms)) if is_number(node.args[1], "2") and len(terms) > 2 else ():
        yield sum_of(power(sum_of(*terms[:cut]), 2), power(sum_of(*terms[cut:]), 2))
    if len(terms) == 2 and is_number(node.args[1], "2"):
        squares = [power(inner if (inner := is_neg(t)) is not None else t, 2) for t in terms]
        yield sum_of(*squares)
        yield sum_of(squares[0], neg(squares[1]) if is_neg(terms[1]) is not None else squares[1])


def _function_of_sum(node: Apply) -> Iterator[Formula]:
    """f(a + b) taken for f(a) + f(b)."""
    terms = terms_of(opened(node.args[0]))
    if len(node.args) == 1 and len(terms) > 1:
        yield sum_of(*(
            apply(node.head, term) if (inner := is_neg(term)) is None else neg(apply(node.head, inner))
            for term in terms
        ))  # fmt: skip


def _logarithm_of_product(node: Apply) -> Iterator[Formula]:
    """ln(a b) taken for ln a · ln b, ln(a / b) for ln a / ln b."""
    inner = opened(node.args[0])
    if len(node.args) == 1 and is_head(inner, "product", "quotient"):
        yield Apply(inner.head, tuple(apply(node.head, arg) for arg in inner.args))  # type: ignore[union-attr]  # is_head


def _fraction_of_sum(node: Apply) -> Iterator[Formula]:
    """a / (b + c) taken for a / b + a / c."""
    above, below = node.args
    terms = terms_of(opened(below))
    if len(terms) > 1:
        yield sum_of(*(
            quotient(above, term) if (inner := is_neg(term)) is None else neg(quotient(above, inner))
            for term in terms
        ))  # fmt: skip


def _fractions_added(node: Apply) -> Iterator[Formula]:
    """a / b + c / d taken for (a + c) / (b + d)."""
    if len(node.args) == 2:
        first, second = node.args
        if is_head(first, "quotient") and is_head(second, "quotient"):
            assert isinstance(first, Apply)
            assert isinstance(second, Apply)
            yield quotient(
                sum_of(first.args[0], second.args[0]), sum_of(first.args[1], second.args[1])
            )


def _cancelled(node: Apply) -> Iterator[Formula]:
    """(a + b) / a cancelled to b: a factor is cancelled against a term."""
    above, below = node.args
    terms = terms_of(opened(above))
    for place, term in enumerate(terms):
        if len(terms) > 1 and term == below:
            yield sum_of(*terms[:place], *terms[place + 1 :])


def _powers_multiplied(node: Apply) -> Iterator[Formula]:
    """exp(a) exp(b) taken for exp(a b)."""
    exponents = [f.args[0] for f in node.args if isinstance(f, Apply) and f.head == "exp"]
    others = [f for f in node.args if not is_head(f, "exp")]
    if len(exponents) > 1:
        yield product(*others, apply("exp", product(*exponents)))


def _of_exponents(node: Apply) -> Iterator[Formula]:
    """e^(a + b) taken for e^a + e^b."""
    yield from _function_of_sum(node)


def _absolute(node: Apply) -> Iterator[Formula]:
    yield node.args[0]
    yield neg(node.args[0])


ENTRIES = (
    Misconception(
        "square-forgotten",
        "The square was not taken.",
        at("power", _square_lost),
        r"0.5 \cdot (0.731 - 1)^2 = -0.1345",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "root-for-square",
        "A square root was taken where a square is asked for.",
        at("power", _root_for_square),
        r"1.31^2 \approx 1.145",
        specific=FIELD, likely=SELDOM,
    ),
    Misconception(
        "root-forgotten",
        "The square root was not taken.",
        at("sqrt", lambda n: n.args),
        r"\sqrt{1.31 + 0.42} = 1.73",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "square-for-root",
        "A square was taken where a square root is asked for.",
        at("sqrt", lambda n: (power(n.args[0], 2),)),
        r"\sqrt{1.31} = 1.7161",
        specific=FIELD, likely=SELDOM,
    ),
    Misconception(
        "exponent-as-factor",
        "The base was multiplied by the exponent: a² is a · a, not 2 · a.",
        at("power", _square_doubled),
        r"1.31^3 = 3.93",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "exponent-off-by-one",
        "The exponent is off by one.",
        at("power", _exponent_off),
        r"1.31^4 \approx 2.248",
        specific=FIELD, likely=SELDOM,
    ),
    Misconception(
        "exponent-sign",
        "The exponent has the wrong sign.",
        at("exp power", _exponent_sign),
        r"3 e^{-0.55} \approx 5.1998",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "sum-before-product",
        "The sum was taken before the product: products come first.",
        at("sum", _sum_before_product),
        r"1.31 \cdot 2.4 + 0.17 = 3.3667",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "bracket-not-multiplied-out",
        "Only one term of the bracket was multiplied: a(b + c) is ab + ac.",
        at("product", _bracket_lost),
        r"1.31 \cdot (2.4 + 0.17) = 3.314",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "minus-of-bracket",
        "The minus before the bracket was given to its first term only: -(a - b) is -a + b.",
        both(
            at("neg", _minus_of_bracket),
            at("sum", lambda n: (
                Apply("sum", (*n.args[:place], *wrong.args, *n.args[place + 1 :]))
                for place, term in enumerate(n.args) if is_head(term, "neg")
                for wrong in _minus_of_bracket(term) if isinstance(wrong, Apply)
            )),
        ),
        r"1 - (2.4 - 0.173) = -1.573",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "minus-squared",
        "The square of a negative number is positive.",
        at("power", _minus_squared),
        r"2.5 + (-1.31)^2 = 0.7839",
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "square-of-a-sum",
        "(a + b)² is not a² + b²: the mixed term 2ab is missing.",
        at("power", _square_of_sum),
        r"(w x + b)^2 = w^2 x^2 + b^2",
        specific=FIELD, likely=OFTEN,
        source="the 'freshman's dream'",
    ),
    Misconception(
        "root-of-a-sum",
        "The root of a sum is not the sum of the roots.",
        at("sqrt", _function_of_sum),
        r"\sqrt{a^2 + b^2} = a + b",
        symbols={"a": "positive", "b": "positive"},
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "logarithm-of-a-sum",
        "The logarithm of a sum is not the sum of the logarithms; that holds for a product.",
        at("ln log log2 log10", _function_of_sum),
        r"\ln(a + b) = \ln a + \ln b",
        symbols={"a": "positive", "b": "positive"},
        specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "logarithm-of-a-product",
        "The logarithm of a product is the sum of the logarithms (of a fraction, their difference).",
        at("ln log log2 log10", _logarithm_of_product),
        r"\ln(a b) = \ln a \cdot \ln b",
        symbols={"a": "positive", "b": "positive"},
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "exponential-of-a-sum",
        "e to a sum is the product of the exponentials, not their sum.",
        at("exp", _of_exponents),
        r"e^{a + b} = e^a + e^b",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "exponents-multiplied",
        "Where exponentials are multiplied their exponents are added, not multiplied.",
        at("product", _powers_multiplied),
        r"e^a e^b = e^{a b}",
        specific=FIELD, likely=SELDOM,
    ),
    Misconception(
        "fraction-of-a-sum",
        "A sum below the fraction bar cannot be split: a/(b + c) is not a/b + a/c.",
        at("quotient", _fraction_of_sum),
        r"\frac{a}{b + c} = \frac{a}{b} + \frac{a}{c}",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "fractions-added",
        "Fractions need a common denominator before they are added.",
        at("sum", _fractions_added),
        r"\frac{a}{b} + \frac{c}{d} = \frac{a + c}{b + d}",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "term-cancelled",
        "Only a factor of the whole numerator can be cancelled, not a single term of it.",
        at("quotient", _cancelled),
        r"\frac{a + b}{a} = b",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "absolute-value-forgotten",
        "The absolute value was not taken: it is never negative.",
        at("abs", _absolute),
        r"|0.27 - 1.315| = -1.045",
        specific=FIELD, likely=OFTEN,
    ),
)  # fmt: skip

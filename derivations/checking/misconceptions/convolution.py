"""Slips in convolution: sizes of feature maps, and kernels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    ONE,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Put,
    at,
    both,
    factors_of,
    is_neg,
    is_number,
    opened,
    terms_of,
    with_arg,
)
from derivations.formula.tree import Apply, Formula, apply, neg, product, quotient, sum_of

ROUNDED = ("floor", "ceil", "group")


def _size(node: Apply) -> Iterator[tuple[int, Apply]]:
    """The place and the fraction of (n + 2p - f)/s + 1."""
    if len(node.args) == 2 and ONE in node.args:
        place = 1 - node.args.index(ONE)
        inner = node.args[place]
        while isinstance(inner, Apply) and inner.head in ROUNDED:
            inner = inner.args[0]
        if isinstance(inner, Apply) and inner.head == "quotient":
            yield place, inner


def _refilled(node: Apply, place: int, fraction: Formula) -> Formula:
    """The size with another fraction in the same brackets."""

    def put(formula: Formula) -> Formula:
        if isinstance(formula, Apply) and formula.head in ROUNDED:
            return Apply(formula.head, (put(formula.args[0]),))
        return fraction

    return with_arg(node, place, put(node.args[place]))


def _one_forgotten(node: Apply) -> Iterator[Formula]:
    for place, _ in _size(node):
        yield node.args[place]
    terms = node.args
    if len(terms) > 2 and terms[-1] == ONE and any(is_neg(term) is not None for term in terms):
        yield Apply("sum", terms[:-1])


def _stride_forgotten(node: Apply) -> Iterator[Formula]:
    for place, fraction in _size(node):
        yield _refilled(node, place, fraction.args[0])


def _stride_subtracted(node: Apply) -> Iterator[Formula]:
    for place, fraction in _size(node):
        yield _refilled(
            node, place, sum_of(*terms_of(opened(fraction.args[0])), neg(fraction.args[1]))
        )


def _stride_over_all(node: Apply) -> Iterator[Formula]:
    """(n + 2p - f + 1)/s."""
    for place, fraction in _size(node):
        above = sum_of(*terms_of(opened(fraction.args[0])), ONE)
        yield _refilled(node, place, quotient(above, fraction.args[1])).args[place]  # type: ignore[union-attr]  # a sum


def _numerators(node: Apply) -> Iterator[tuple[tuple[Formula, ...], Put]]:
    """The terms n + 2p - f, and what puts others in their place."""
    for place, fraction in _size(node):
        yield (
            terms_of(opened(fraction.args[0])),
            partial(_terms_put, node, place, fraction),
        )
    if ONE in node.args[1:] and len(node.args) > 2:
        yield node.args, lambda terms: sum_of(*terms)


def _terms_put(node: Apply, place: int, fraction: Apply, terms: tuple[Formula, ...]) -> Formula:
    return _refilled(node, place, quotient(sum_of(*terms), fraction.args[1]))


def _padding_once(node: Apply) -> Iterator[Formula]:
    for terms, put in _numerators(node):
        for place, term in enumerate(terms):
            factors = factors_of(term)
            if len(factors) == 2 and is_number(factors[0], "2"):
                yield put((*terms[:place], factors[1], *terms[place + 1 :]))


def _padding_forgotten(node: Apply) -> Iterator[Formula]:
    for terms, put in _numerators(node):
        for place, term in enumerate(terms):
            if is_number(factors_of(term)[0], "2") and len(factors_of(term)) == 2:
                yield put((*terms[:place], *terms[place + 1 :]))


def _padding_subtracted(node: Apply) -> Iterator[Formula]:
    for terms, put in _numerators(node):
        for place, term in enumerate(terms):
            if is_number(factors_of(term)[0], "2") and len(factors_of(term)) == 2:
                yield put((*terms[:place], neg(term), *terms[place + 1 :]))


def _kernel_added(node: Apply) -> Iterator[Formula]:
    for terms, put in _numerators(node):
        for place, term in enumerate(terms):
            inner = is_neg(term)
            if inner is not None:
                yield put((*terms[:place], inner, *terms[place + 1 :]))


def _minus_one_forgotten(node: Apply) -> Iterator[Formula]:
    """(k - 1) s taken for k s."""
    for place, factor in enumerate(node.args):
        terms = terms_of(opened(factor))
        if len(terms) == 2 and is_neg(terms[1]) == ONE:
            yield with_arg(node, place, terms[0])


def _pairs(node: Apply) -> tuple[tuple[Formula, ...], ...]:
    """The pairs of factors, where every term is a product of two."""
    terms = tuple(map(factors_of, node.args))
    return terms if len(terms) > 2 and all(len(term) == 2 for term in terms) else ()


def _kernel_turned(node: Apply) -> Iterator[Formula]:
    pairs = _pairs(node)
    if pairs:
        seconds = [pair[1] for pair in reversed(pairs)]
        yield sum_of(*(product(pair[0], other) for pair, other in zip(pairs, seconds, strict=True)))


def _products_unsummed(node: Apply) -> Iterator[Formula]:
    """Values and weights added up each for itself, and then multiplied."""
    pairs = _pairs(node)
    if pairs:
        yield product(sum_of(*(p[0] for p in pairs)), sum_of(*(p[1] for p in pairs)))


SIZE = r"\frac{227 + 2 \cdot 13 - 11}{2} + 1"
ENTRIES = (
    Misconception(
        "output-size-one-forgotten",
        "The 1 is missing: the size of the output is (n + 2p - f)/s + 1.",
        at("sum", _one_forgotten), rf"{SIZE} = 121",
        specific=PRECISE, likely=OFTEN, source="Dumoulin and Visin 2016, relationship 6",
    ),
    Misconception(
        "padding-once",
        "The padding counts on both sides: 2p, not p.",
        at("sum", _padding_once), rf"{SIZE} = 115.5",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "padding-forgotten",
        "The padding is missing: 2p is added to the size of the input.",
        at("sum", _padding_forgotten), rf"{SIZE} = 109",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "padding-subtracted",
        "Padding makes the input larger: 2p is added, not subtracted.",
        at("sum", _padding_subtracted), r"\frac{512 + 2 \cdot 13 - 11}{2} + 1 = 238.5",
        specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "kernel-size-added",
        "The size of the kernel is subtracted: (n + 2p - f)/s + 1.",
        at("sum", _kernel_added), rf"{SIZE} = 133",
        specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "stride-forgotten",
        "It has to be divided by the stride: (n + 2p - f)/s + 1.",
        at("sum", _stride_forgotten), rf"{SIZE} = 243",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "stride-subtracted",
        "The stride divides; it is not subtracted.",
        at("sum", _stride_subtracted), rf"{SIZE} = 241",
        specific=PRECISE, likely=SELDOM,
    ),
    Misconception(
        "stride-divides-the-one",
        "The 1 is added after dividing by the stride, not before.",
        at("sum", _stride_over_all), r"\frac{227 + 2 \cdot 3 - 11}{6} + 1 \approx 37.17",
        specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "floor-forgotten",
        "What is left over by the stride is cut off: the size is a whole number.",
        at("floor", lambda n: n.args), r"\left\lfloor \frac{224 - 11}{4} \right\rfloor + 1 = 54.25",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "rounded-up-for-floor",
        "The floor rounds down.",
        at("floor", lambda n: (apply("ceil", n.args[0]),)),
        r"\left\lfloor \frac{2 \cdot 1125 - 11}{2} \right\rfloor + 1 = 1121",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "minus-one-forgotten",
        "The factor is k - 1, not k.",
        at("product", _minus_one_forgotten), r"37 + (11 - 1) \cdot 8 = 125",
        specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "kernel-turned",
        "The kernel was turned around, or has to be: a convolution turns it, a correlation does not.",
        both(
            at("sum", _kernel_turned),
            at("star", lambda n: (Apply("convolve", n.args),)),
            at("convolve", lambda n: (Apply("star", n.args),)),
            at("star_full", lambda n: (Apply("convolve_full", n.args),)),
            at("convolve_full", lambda n: (Apply("star_full", n.args),)),
        ),
        r"1.5 \cdot 0.2 + 2.5 \cdot 0.7 + 4.1 \cdot 1.3 = 4.52",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sums-multiplied",
        "Each value is multiplied by its own weight first, and then all are added.",
        at("sum", _products_unsummed), r"1.5 \cdot 0.2 + 2.5 \cdot 0.7 + 4.1 \cdot 1.3 = 17.82",
        specific=SPECIAL, likely=SELDOM,
    ),
)  # fmt: skip

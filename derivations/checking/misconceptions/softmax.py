"""Slips with softmax, and with variances."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    OFTEN,
    ONE,
    PRECISE,
    SOMETIMES,
    SPECIAL,
    Misconception,
    at,
    is_head,
    is_neg,
    is_number,
    opened,
    without,
)
from derivations.formula.tree import Apply, Formula, apply, neg, quotient, sum_of


def _softmax_parts(node: Apply) -> tuple[Formula, Apply] | None:
    """z_i and the sum below, where the node is e^(z_i) over a sum of exponentials."""
    above, below = node.args[0], opened(node.args[1])
    if isinstance(above, Apply) and above.head == "exp" and isinstance(below, Apply):
        if below.head == "sum" and all(is_head(term, "exp") for term in below.args):
            return above.args[0], below
        if below.head == "bigsum" and is_head(below.args[-1], "exp"):
            return above.args[0], below
    return None


def _not_normalised(node: Apply) -> Iterator[Formula]:
    if node.head == "softmax":
        yield apply("exp", node.args[0])
    elif _softmax_parts(node) is not None:
        yield node.args[0]


def _without_exponentials(node: Apply) -> Iterator[Formula]:
    if node.head == "softmax":
        yield quotient(node.args[0], apply("sum_entries", node.args[0]))
        return
    parts = _softmax_parts(node)
    if parts is not None:
        z, below = parts
        bare = tuple(
            arg.args[0] if isinstance(arg, Apply) and arg.head == "exp" else arg
            for arg in below.args
        )
        yield quotient(z, Apply(below.head, bare))


def _own_left_out(node: Apply) -> Iterator[Formula]:
    parts = _softmax_parts(node)
    if parts is not None and parts[1].head == "sum":
        for place, term in enumerate(parts[1].args):
            if term == node.args[0]:
                yield quotient(node.args[0], without(parts[1], place))


def _another_class(node: Apply) -> Iterator[Formula]:
    parts = _softmax_parts(node)
    if parts is not None and parts[1].head == "sum":
        for term in parts[1].args:
            if term != node.args[0]:
                yield quotient(term, parts[1])


def _sigmoid_each(node: Apply) -> Iterator[Formula]:
    if node.head == "softmax":
        yield apply("sigmoid", node.args[0])
        return
    parts = _softmax_parts(node)
    if parts is not None:
        yield apply("sigmoid", parts[0])


def _spread(node: Apply) -> Iterator[Formula]:
    """E(x²) - E(x)² with the square of the mean forgotten."""
    if len(node.args) == 2:
        inner = is_neg(node.args[1])
        if (
            is_head(inner or ONE, "power")
            and isinstance(inner, Apply)
            and is_number(inner.args[1], "2")
        ):
            yield sum_of(node.args[0], neg(inner.args[0]))


def _variance_for_deviation(node: Apply) -> Iterator[Formula]:
    """(x - m) / √(v + ε) divided by v itself."""
    below = opened(node.args[1])
    if isinstance(below, Apply) and below.head == "sqrt":
        yield quotient(node.args[0], below.args[0])


LOGITS = "z_1 = 1.2, z_2 = 0.3, z_3 = -0.7"
SOFTMAX = r"\frac{e^{z_1}}{e^{z_1} + e^{z_2} + e^{z_3}}"
ENTRIES = (
    Misconception(
        "softmax-not-normalised",
        "The exponential has to be divided by the sum over all classes.",
        at("quotient softmax", _not_normalised), f"{SOFTMAX} \\approx 3.3201", givens=LOGITS,
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "softmax-without-exponentials",
        "The numbers themselves were normalised; softmax normalises their exponentials.",
        at("quotient softmax", _without_exponentials), f"{SOFTMAX} = 1.500", givens=LOGITS,
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "softmax-without-own-class",
        "The sum below the fraction bar goes over all classes, the own one included.",
        at("quotient", _own_left_out), f"{SOFTMAX} \\approx 1.7981", givens=LOGITS,
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "softmax-of-another-class",
        "This is the probability of another class.",
        at("quotient", _another_class), f"{SOFTMAX} \\approx 0.2613", givens=LOGITS,
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-for-softmax",
        "The sigmoid was applied to each number; softmax divides by the sum over all classes.",
        at("quotient softmax", _sigmoid_each), f"{SOFTMAX} \\approx 0.7685", givens=LOGITS,
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "square-of-the-mean-forgotten",
        "The variance is the mean of the squares minus the square of the mean.",
        at("sum", _spread), r"m_2 - m_1^2 = 1.235", givens="m_2 = 2.475, m_1 = 1.24",
        specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "variance-for-deviation",
        "Divide by the standard deviation, the root of the variance, not by the variance.",
        at("quotient", _variance_for_deviation), r"\frac{x - m}{\sqrt{v}} = 0.525",
        givens="x = 3.5, m = 1.4, v = 4", specific=SPECIAL, likely=OFTEN,
    ),
)  # fmt: skip

"""Slips in updates of parameters and in pooling."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    OFTEN,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Right,
    at,
    base,
    factors_of,
    is_head,
    is_neg,
    is_number,
    one_minus,
    opened,
    with_arg,
    without,
)
from derivations.formula.tree import Apply, Formula, neg, product, quotient, substitute, sum_of

RATES = frozenset(["eta", "alpha", "epsilon", "lr", "gamma", "mu"])


def _pooled(node: Apply, *heads: str) -> Iterator[Formula]:
    """Another head over a list of several values."""
    if len(node.args) > 2 or (len(node.args) == 1 and is_head(node.args[0], "vector", "matrix")):
        for head in heads:
            yield Apply(head, node.args)


def _summed(node: Apply) -> Iterator[Formula]:
    if len(node.args) > 1:
        yield Apply("sum", node.args)


def _steps(node: Apply) -> Iterator[tuple[int, Apply, int]]:
    """The terms that are a learning rate times a gradient: their place, and that of the rate."""
    for place, term in enumerate(node.args):
        inner = is_neg(term)
        step = term if inner is None else inner
        if isinstance(step, Apply) and step.head == "product":
            for at_factor, factor in enumerate(step.args):
                if base(factor) in RATES:
                    yield place, step, at_factor
                    break


def _update_plus(node: Apply) -> Iterator[Formula]:
    for place, step, _ in _steps(node):
        if is_neg(node.args[place]) is not None:
            yield with_arg(node, place, step)


def _rate_forgotten(node: Apply) -> Iterator[Formula]:
    for place, step, rate in _steps(node):
        rest = without(step, rate)
        yield with_arg(node, place, rest if is_neg(node.args[place]) is None else neg(rest))


def _rate_divides(node: Apply) -> Iterator[Formula]:
    for place, step, rate in _steps(node):
        rest = quotient(without(step, rate), step.args[rate])
        yield with_arg(node, place, rest if is_neg(node.args[place]) is None else neg(rest))


def _step_alone(node: Apply) -> Iterator[Formula]:
    for place, step, _ in _steps(node):
        if len(node.args) == 2 and place == 1:
            yield node.args[1]
            yield step


def _scaled_wholly(node: Apply) -> Iterator[Formula]:
    """w - η g read as η (w - g)."""
    for place, step, rate in _steps(node):
        if len(node.args) == 2 and place == 1:
            rest = without(step, rate)
            yield product(step.args[rate], sum_of(node.args[0], neg(rest)))


def _decay_bracket(node: Apply) -> Iterator[Formula]:
    """β m + (1 - β) g without the 1 - β."""
    for place, term in enumerate(node.args):
        for chosen, factor in enumerate(factors_of(term)):
            terms = opened(factor)
            if isinstance(terms, Apply) and terms.head == "sum" and is_number(terms.args[0], "1"):
                if isinstance(term, Apply) and term.head == "product" and len(node.args) == 2:
                    yield with_arg(node, place, without(term, chosen))


def _bias_correction(node: Apply) -> Iterator[Formula]:
    """m / (1 - β^t) without the division."""
    below = opened(node.args[1])
    if isinstance(below, Apply) and below.head == "sum" and is_number(below.args[0], "1"):
        inner = is_neg(below.args[1])
        if inner is not None and is_head(inner, "power"):
            yield node.args[0]
            assert isinstance(inner, Apply)
            yield quotient(node.args[0], one_minus(inner.args[0]))


def _old_weights(right: Right) -> Iterator[Formula]:
    """The values before the update, of every name that it has changed and of each alone."""
    stale = {name: value for name, value in right.earlier.items() if name in right.names}
    if stale:
        yield substitute(right.formula, stale)
    for name, value in stale.items() if len(stale) > 1 else ():
        yield substitute(right.formula, {name: value})


ENTRIES = (
    Misconception(
        "old-weight-after-update",
        "The weight was updated before; from then on its new value counts.",
        _old_weights, r"w x = 1.170",
        givens=r"x = 2.34, w = 0.5, w \leftarrow w - 0.1 \cdot 0.83 = 0.417",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "mean-for-maximum",
        "This is the mean (average pooling), not the maximum.",
        at("max", lambda n: _pooled(n, "mean")), r"\max(1.2, 3.4, 2.3, 0.7) = 1.90",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "maximum-for-mean",
        "This is the maximum (max pooling), not the mean.",
        at("mean", lambda n: _pooled(n, "max")),
        r"\text{average}(12.5, 34.5, 23.5, 7.5) = 34.5", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sum-for-pooling",
        "The values were added up; pooling takes their mean or their maximum.",
        at("max", _summed), r"\max(1.25, 3.45, 2.35, 0.75) = 7.80",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "minimum-for-maximum",
        "This is the smallest value, not the largest.",
        at("max", lambda n: (Apply("min", n.args),)), r"\max(12.5, 34.5, 23.5) = 12.5",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "update-uphill",
        "Gradient descent subtracts the gradient: w - η g, with a minus.",
        at("sum", _update_plus), r"w - \eta g = 0.58",
        givens=r"w = 0.5, \eta = 0.1, g = 0.8", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "learning-rate-forgotten",
        "The learning rate is missing: the step is η times the gradient.",
        at("sum", _rate_forgotten), r"w - \eta g = -0.32",
        givens=r"w = 0.5, \eta = 0.1, g = 0.82", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "learning-rate-divides",
        "The gradient is multiplied by the learning rate, not divided by it.",
        at("sum", _rate_divides), r"w - \eta g = -3.6365",
        givens=r"w = 0.5, \eta = 0.2, g = 0.8273", specific=SPECIAL, likely=SELDOM,
    ),
    Misconception(
        "update-without-weight",
        "This is only the step; the new weight is the old one minus the step.",
        at("sum", _step_alone), r"w - \eta g = 0.164",
        givens=r"w = 0.5, \eta = 0.2, g = 0.82", specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "learning-rate-for-all",
        "The learning rate scales the gradient only, not the old weight.",
        at("sum", _scaled_wholly), r"w - \eta g = -0.06546",
        givens=r"w = 0.5, \eta = 0.2, g = 0.8273", specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "moving-average-weight-forgotten",
        "In a moving average the new value has the weight 1 - β.",
        at("sum", _decay_bracket), r"\beta m + (1 - \beta) g = 1.345",
        givens=r"\beta = 0.9, m = 0.35, g = 1.03", specific=SPECIAL, likely=OFTEN,
        source="Kingma and Ba 2015, algorithm 1",
    ),
    Misconception(
        "bias-correction-forgotten",
        "The correction of the start is missing or lacks the step t: m is divided by 1 - β^t.",
        at("quotient", _bias_correction), r"\frac{m}{1 - \beta^t} = 0.315",
        givens=r"\beta = 0.9, m = 0.315, t = 2", specific=SPECIAL, likely=OFTEN,
        source="Kingma and Ba 2015, algorithm 1",
    ),
)  # fmt: skip

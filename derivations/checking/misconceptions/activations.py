"""Slips with the derivatives of activations: sigmoid, tanh, ReLU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from derivations.checking.misconceptions.entries import (
    OFTEN,
    ONE,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Operator,
    at,
    both,
    is_neg,
    is_number,
    one_minus,
    opened,
)
from derivations.checking.misconceptions.slopes import times
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    power,
    product,
    sum_of,
)

Build: TypeAlias = Callable[[Formula, Formula | None], Iterable[Formula]]  # of σ(z) and z


def _is_one_minus(formula: Formula) -> Formula | None:
    inner = opened(formula)
    if isinstance(inner, Apply) and inner.head == "sum" and len(inner.args) == 2:
        if is_number(inner.args[0], "1"):
            return is_neg(inner.args[1])
    return None


def _logistic_pair(node: Apply) -> tuple[int, Formula] | None:
    """The place of 1 - s in a product with s, and s."""
    for place, factor in enumerate(node.args):
        s = _is_one_minus(factor)
        if s is not None and s in node.args[:place] + node.args[place + 1 :]:
            return place, s
    return None


def _logistic(build: Build) -> Operator:
    def of_slope(node: Apply) -> Iterator[Formula]:
        (z,) = node.args
        yield from build(apply("sigmoid", z), z)

    def of_pair(node: Apply) -> Iterator[Formula]:
        found = _logistic_pair(node)
        if found is None:
            return
        place, s = found
        z = s.args[0] if isinstance(s, Apply) and s.head == "sigmoid" else None
        rest = [f for i, f in enumerate(node.args) if i != place]
        rest.remove(s)
        for wrong in build(s, z):
            yield times(*rest, wrong)

    return both(at("sigmoid'", of_slope), at("product", of_pair))


def _plus(s: Formula, z: Formula | None) -> Iterator[Formula]:
    yield product(s, sum_of(ONE, s))


def _turned(s: Formula, z: Formula | None) -> Iterator[Formula]:
    yield product(s, sum_of(s, neg(ONE)))


def _half_slope(s: Formula, z: Formula | None) -> Iterator[Formula]:
    yield one_minus(s)


def _squares(s: Formula, z: Formula | None) -> Iterator[Formula]:
    yield one_minus(power(s, 2))


def _of_input(s: Formula, z: Formula | None) -> Iterator[Formula]:
    if z is not None:
        yield product(z, one_minus(z))


def _value(s: Formula, z: Formula | None) -> Iterator[Formula]:
    yield s


def _twice(s: Formula, z: Formula | None) -> Iterator[Formula]:
    if z is not None or isinstance(s, Name):
        again = apply("sigmoid", s)
        yield product(again, one_minus(again))


def _tanh(*wrong: Callable[[Formula], Formula]) -> Operator:
    """Of tanh'(u), and of 1 - h² where h is a tanh."""

    def rule(node: Apply) -> Iterator[Formula]:
        h = apply("tanh", node.args[0])
        for build in wrong:
            yield build(h)

    return at("tanh'", rule)


def _tanh_as_sigmoid(node: Apply) -> Iterator[Formula]:
    yield sum_of(product(Number("2"), apply("sigmoid", node.args[0])), neg(ONE))


def _relu_slope(node: Apply) -> Iterator[Formula]:
    yield node.args[0]
    yield apply("relu", node.args[0])


ENTRIES = (
    Misconception(
        "sigmoid-slope-plus",
        "The derivative of the sigmoid is σ(1 - σ), with a minus.",
        _logistic(_plus), r"\sigma'(z) = \sigma(z) (1 + \sigma(z))",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-slope-turned",
        "The derivative of the sigmoid is σ(1 - σ), which is positive; σ(σ - 1) is negative.",
        _logistic(_turned), r"\sigma'(z) = \sigma(z) (\sigma(z) - 1)",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-slope-without-factor",
        "The derivative of the sigmoid is σ(1 - σ): the factor σ is missing.",
        _logistic(_half_slope), r"\sigma'(z) = 1 - \sigma(z)",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-slope-as-tanh",
        "1 - a² belongs to tanh; the derivative of the sigmoid is σ(1 - σ).",
        _logistic(_squares), r"\sigma'(z) = 1 - \sigma(z)^2",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-slope-of-input",
        "In a(1 - a) stands the output a = σ(z) of the sigmoid, not its input z.",
        _logistic(_of_input), r"\sigma'(z) = z (1 - z)",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-for-its-slope",
        "The sigmoid itself stands here, not its derivative σ(1 - σ).",
        at("sigmoid'", lambda n: _value(apply("sigmoid", n.args[0]), n.args[0])),
        r"\sigma'(z) = \sigma(z)", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-applied-twice",
        "The output a went through the sigmoid once more: a(1 - a) takes a as it is.",
        _logistic(_twice), r"\frac{\partial a}{\partial z} = \sigma(a) (1 - \sigma(a))",
        givens=r"a = \sigma(z)", specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "slope-for-sigmoid",
        "The derivative σ(1 - σ) stands here, not the sigmoid itself.",
        at("sigmoid", lambda n: (Apply("sigmoid'", n.args),)), r"\sigma(0.6) \approx 0.2288",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "tanh-slope-square-forgotten",
        "The derivative of tanh is 1 - tanh²: the square is missing.",
        _tanh(one_minus), r"\tanh'(z) = 1 - \tanh(z)",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "tanh-slope-as-sigmoid",
        "a(1 - a) belongs to the sigmoid; the derivative of tanh is 1 - tanh².",
        _tanh(lambda h: product(h, one_minus(h))), r"\tanh'(z) = \tanh(z) (1 - \tanh(z))",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "tanh-slope-plus",
        "The derivative of tanh is 1 - tanh², with a minus.",
        _tanh(lambda h: sum_of(ONE, power(h, 2)), lambda h: sum_of(power(h, 2), neg(ONE))),
        r"\tanh'(z) = 1 + \tanh^2(z)", specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "tanh-slope-of-input",
        "In 1 - a² stands the output a = tanh(z), not the input z.",
        at("tanh'", lambda n: (one_minus(power(n.args[0], 2)),)), r"\tanh'(z) = 1 - z^2",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "tanh-as-sigmoid-of-z",
        "The identity is tanh z = 2σ(2z) - 1: the inner factor 2 is missing.",
        at("tanh", _tanh_as_sigmoid), r"\tanh(z) = 2 \sigma(z) - 1",
        specific=SPECIAL, likely=SELDOM,
    ),
    Misconception(
        "relu-slope-as-value",
        "The derivative of ReLU is 1 for a positive input and 0 for a negative one, not the input itself.",
        at("relu'", _relu_slope), r"\mathrm{ReLU}'(2.75) = 2.75",
        specific=SPECIAL, likely=OFTEN,
    ),
)  # fmt: skip

"""Slips in taking derivatives: one wrong rule each."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    OFTEN,
    ONE,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    at,
    base,
    is_neg,
    is_number,
    negated,
)
from derivations.checking.misconceptions.slopes import (
    Inner,
    Slip,
    by_slip,
    lower,
    plus,
    raised,
    times,
)
from derivations.formula.tree import (
    Apply,
    Formula,
    Number,
    apply,
    neg,
    number,
    power,
    quotient,
    sum_of,
)


def _constant_exponent(node: Apply, inner: Inner) -> bool:
    return node.head == "power" and is_number(inner(node.args[1]), "0")


def _exponent_kept(node: Apply, inner: Inner) -> Formula | None:
    if not _constant_exponent(node, inner):
        return None
    return times(node.args[1], node, inner(node.args[0]))


def _exponent_not_down(node: Apply, inner: Inner) -> Formula | None:
    if not _constant_exponent(node, inner):
        return None
    base, exponent = node.args
    if is_number(exponent, "2"):
        return None  # a slip of its own
    return times(raised(base, lower(exponent)), inner(base))


def _exponent_raised(node: Apply, inner: Inner) -> Formula | None:
    """The rule of integration."""
    base, exponent = node.args if node.head == "power" else (node, node)
    if node.head != "power" or not isinstance(exponent, Number) or not exponent.text.isdigit():
        return None
    above = number(int(exponent.text) + 1)
    return times(quotient(power(base, above), above), inner(base))


def _negative_exponent(node: Apply, inner: Inner) -> Formula | None:
    """(x^-2)' with exponent -1, one nearer to 0."""
    if node.head != "power":
        return None
    base, exponent = node.args
    below = is_neg(exponent)
    if not isinstance(below, Number) or not below.text.isdigit():
        return None
    nearer = number(1 - int(below.text))
    return neg(times(below, power(base, nearer), inner(base)))


def _inner_forgotten(node: Apply, inner: Inner) -> Formula | None:
    """f(u)' = f'(u)."""
    slope = inner(node.args[0])
    if node.head == "power" and _constant_exponent(node, inner) and not is_number(slope, "1"):
        base, exponent = node.args
        return times(exponent, raised(base, lower(exponent)))
    if slope in (ONE, neg(ONE)) or len(node.args) != 1 or node.head in ("neg", "group", "entry"):
        return None
    if node.head == "exp":
        return node
    if node.head in ("ln", "log"):
        return quotient(ONE, node.args[0])
    if node.head == "sqrt":
        return quotient(ONE, times(Number("2"), node))
    return Apply(node.head + "'", node.args)


def _outer_forgotten(node: Apply, inner: Inner) -> Formula | None:
    """f(u)' = u'."""
    if len(node.args) != 1 or node.head in ("neg", "group", "entry"):
        return None
    return inner(node.args[0])


def _inner_sign(node: Apply, inner: Inner) -> Formula | None:
    """The minus inside is forgotten: (1 - y)' = 1."""
    return inner(node.args[0]) if node.head == "neg" else None


def _inner_in_place(node: Apply, inner: Inner) -> Formula | None:
    """f(u)' = f'(u')."""
    if len(node.args) != 1 or node.head in ("neg", "group", "entry", "ln", "log", "sqrt"):
        return None
    slope = inner(node.args[0])
    if is_number(slope, "1"):
        return None
    return apply("exp", slope) if node.head == "exp" else Apply(node.head + "'", (slope,))


def _product_of_derivatives(node: Apply, inner: Inner) -> Formula | None:
    if node.head != "product":
        return None
    slopes = [inner(factor) for factor in node.args]
    moving = [slope for slope in slopes if not is_number(slope, "0")]
    return times(*moving) if len(moving) > 1 else None


def _product_half(node: Apply, inner: Inner) -> Iterator[Formula]:
    """u'v without u v'."""
    for place, factor in enumerate(node.args):
        yield times(*node.args[:place], inner(factor), *node.args[place + 1 :])


def _half(which: int) -> Slip:
    def slip(node: Apply, inner: Inner) -> Formula | None:
        if node.head != "product":
            return None
        halves = [half for half in _product_half(node, inner) if not is_number(half, "0")]
        return halves[which] if len(halves) > 1 else None

    return slip


def _moving_quotient(node: Apply, inner: Inner) -> tuple[Formula, Formula, Formula, Formula] | None:
    if node.head != "quotient":
        return None
    u, v = node.args
    du, dv = inner(u), inner(v)
    return None if is_number(dv, "0") else (u, v, du, dv)


def _quotient_order(node: Apply, inner: Inner) -> Formula | None:
    parts = _moving_quotient(node, inner)
    if parts is None:
        return None
    u, v, du, dv = parts
    return quotient(plus(times(u, dv), negated(times(du, v))), power(v, 2))


def _quotient_plus(node: Apply, inner: Inner) -> Formula | None:
    parts = _moving_quotient(node, inner)
    if parts is None or is_number(parts[2], "0"):
        return None
    u, v, du, dv = parts
    return quotient(plus(times(du, v), times(u, dv)), power(v, 2))


def _quotient_square(node: Apply, inner: Inner) -> Formula | None:
    parts = _moving_quotient(node, inner)
    if parts is None:
        return None
    u, v, du, dv = parts
    return quotient(plus(times(du, v), negated(times(u, dv))), v)


def _quotient_of_derivatives(node: Apply, inner: Inner) -> Formula | None:
    parts = _moving_quotient(node, inner)
    return None if parts is None else quotient(parts[2], parts[3])


def _reciprocal_logarithm(node: Apply, inner: Inner) -> Formula | None:
    """(1/u)' = ln u."""
    parts = _moving_quotient(node, inner)
    if parts is None or not is_number(parts[0], "1"):
        return None
    return apply("ln", parts[1])


def _exponential_as_power(node: Apply, inner: Inner) -> Formula | None:
    """(e^u)' = u e^(u - 1)."""
    if node.head != "exp":
        return None
    (u,) = node.args
    return times(u, apply("exp", sum_of(u, neg(ONE))), inner(u))


def _logarithm_kept(node: Apply, inner: Inner) -> Formula | None:
    return times(node, inner(node.args[0])) if node.head in ("ln", "log") else None


def _logarithm_bare(node: Apply, inner: Inner) -> Formula | None:
    """(ln u)' = 1/u' or u itself below without the derivative above."""
    if node.head not in ("ln", "log"):
        return None
    slope = inner(node.args[0])
    return None if is_number(slope, "1") else quotient(ONE, slope)


def _root_without_half(node: Apply, inner: Inner) -> Formula | None:
    return quotient(inner(node.args[0]), node) if node.head == "sqrt" else None


def _root_above(node: Apply, inner: Inner) -> Formula | None:
    return times(quotient(node, Number("2")), inner(node.args[0])) if node.head == "sqrt" else None


def _constant_kept(node: Apply, inner: Inner) -> Formula | None:
    """(w x + b)' = x + b."""
    if node.head != "sum":
        return None
    slopes = [inner(term) for term in node.args]
    if not any(is_number(slope, "0") for slope in slopes):
        return None
    kept = (t if is_number(s, "0") else s for t, s in zip(node.args, slopes, strict=True))
    return sum_of(*kept)


def _base_kept(node: Apply, inner: Inner) -> Formula | None:
    """(a^u)' = a^u u', without ln a."""
    if node.head != "power" or is_number(inner(node.args[1]), "0"):
        return None
    return times(node, inner(node.args[1]))


def _bias_as_weight(node: Apply, inner: Inner) -> Formula | None:
    """The derivative of w x + b by b taken for x."""
    if node.head != "sum" or not any(base(t) == "b" and inner(t) == ONE for t in node.args):
        return None
    pairs = [t for t in node.args if isinstance(t, Apply) and t.head == "product"]
    return pairs[0].args[-1] if pairs else None


def _one_summand(node: Apply, inner: Inner) -> Formula | None:
    """The derivative of a sum over i taken for its term alone."""
    return inner(node.args[-1]) if node.head == "bigsum" else None


SLIPS = (
    ("power-rule-exponent-kept",
     "In the power rule the exponent becomes smaller by 1: the derivative of x³ is 3x², not 3x³.",
     _exponent_kept, r"\frac{d}{dx} x^3 = 3 x^3", OFTEN),
    ("power-rule-factor-forgotten",
     "In the power rule the exponent comes down as a factor: the derivative of x³ is 3x², not x².",
     _exponent_not_down, r"\frac{d}{dx} x^3 = x^2", OFTEN),
    ("power-rule-integrated",
     "This is the rule of integration; for a derivative the exponent comes down and becomes smaller by 1.",
     _exponent_raised, r"\frac{d}{dx} x^3 = \frac{x^4}{4}", SELDOM),
    ("power-rule-negative-exponent",
     "The exponent -2 less 1 is -3, not -1.",
     _negative_exponent, r"\frac{d}{dx} x^{-2} = -2 x^{-1}", SOMETIMES),
    ("chain-rule-inner-forgotten",
     "The inner derivative is missing: the derivative of f(u) is f'(u) times the derivative of u.",
     _inner_forgotten, r"\frac{d}{dx} e^{3x} = e^{3x}", OFTEN),
    ("chain-rule-outer-forgotten",
     "The outer derivative is missing: the derivative of f(u) is f'(u) times the derivative of u.",
     _outer_forgotten, r"\frac{d}{dx} \sigma(x^2) = 2x", OFTEN),
    ("chain-rule-inner-minus",
     "The minus of the inner derivative is missing: the derivative of 1 - y is -1.",
     _inner_sign, r"\frac{d}{dy} \ln(1 - y) = \frac{1}{1 - y}", OFTEN),
    ("chain-rule-derivative-inside",
     "The inner derivative is a factor; it is not put into the function.",
     _inner_in_place, r"\frac{d}{dx} e^{x^2} = e^{2x}", SOMETIMES),
    ("product-rule-as-product",
     "The derivative of a product is u'v + uv', not u'v'.",
     _product_of_derivatives, r"\frac{d}{dx} (x^2 \sigma(x)) = 2x \sigma'(x)", OFTEN),
    ("product-rule-second-term-missing",
     "Only the first term of the product rule was written: u'v + uv'.",
     _half(0), r"\frac{d}{dx} (x^2 \sigma(x)) = 2x \sigma(x)", OFTEN),
    ("product-rule-first-term-missing",
     "Only the second term of the product rule was written: u'v + uv'.",
     _half(1), r"\frac{d}{dx} (x^2 \sigma(x)) = x^2 \sigma'(x)", OFTEN),
    ("quotient-rule-order",
     "The quotient rule has the other order: (u'v - uv')/v².",
     _quotient_order, r"\frac{d}{dx} \frac{x^2}{1 + x} = \frac{x^2 - 2x(1 + x)}{(1 + x)^2}", OFTEN),
    ("quotient-rule-plus",
     "The quotient rule has a minus: (u'v - uv')/v².",
     _quotient_plus, r"\frac{d}{dx} \frac{x^2}{1 + x} = \frac{2x(1 + x) + x^2}{(1 + x)^2}", OFTEN),
    ("quotient-rule-square-forgotten",
     "In the quotient rule the denominator is squared: (u'v - uv')/v².",
     _quotient_square, r"\frac{d}{dx} \frac{x^2}{1 + x} = \frac{2x(1 + x) - x^2}{1 + x}", OFTEN),
    ("quotient-rule-as-quotient",
     "The derivative of a quotient is (u'v - uv')/v², not u'/v'.",
     _quotient_of_derivatives, r"\frac{d}{dx} \frac{x^2}{1 + x^3} = \frac{2x}{3x^2}", OFTEN),
    ("reciprocal-as-logarithm",
     "ln x is the integral of 1/x; its derivative is -1/x².",
     _reciprocal_logarithm, r"\frac{d}{dx} \frac{1}{x} = \ln x", SELDOM),
    ("exponential-as-power",
     "The exponential is its own derivative (times the inner one); the power rule is for powers of x.",
     _exponential_as_power, r"\frac{d}{dx} e^{2x} = 4x e^{2x - 1}", SOMETIMES),
    ("exponential-base-forgotten",
     "The derivative of a^x is a^x times ln a; only for the base e there is no such factor.",
     _base_kept, r"\frac{d}{dx} 2^{x} = 2^{x}", SOMETIMES),
    ("logarithm-kept",
     "The derivative of ln x is 1/x; only the exponential is its own derivative.",
     _logarithm_kept, r"\frac{d}{dx} \ln x = \ln x", SOMETIMES),
    ("logarithm-of-inner-derivative",
     "The derivative of ln u is u'/u, not 1/u'.",
     _logarithm_bare, r"\frac{d}{dx} \ln(1 + x^2) = \frac{1}{2x}", SELDOM),
    ("root-half-forgotten",
     "The derivative of the square root of x is 1/(2√x): the 2 is missing.",
     _root_without_half, r"\frac{d}{dx} \sqrt{x} = \frac{1}{\sqrt{x}}", OFTEN),
    ("root-derivative-above",
     "The derivative of the square root has the root below the fraction bar: 1/(2√x).",
     _root_above, r"\frac{d}{dx} \sqrt{x} = \frac{\sqrt{x}}{2}", SELDOM),
    ("constant-kept",
     "A term that does not depend on the variable has the derivative 0.",
     _constant_kept, r"\frac{d}{dw} (w x + b) = x + b", OFTEN),
)  # fmt: skip
ENTRIES = (
    *(
        Misconception(key, sentence, by_slip(slip), example, specific=PRECISE, likely=likely)
        for key, sentence, slip, example, likely in SLIPS
    ),
    Misconception(
        "derivative-of-one-summand",
        "The derivative of a sum is the sum of the derivatives: the sum sign is missing.",
        by_slip(_one_summand), r"\frac{\partial E}{\partial w} = 2 (w x_i - t_i) x_i",
        givens=r"E = \sum_{i=1}^{n} (w x_i - t_i)^2", specific=PRECISE, likely=SOMETIMES,
    ),
    Misconception(
        "bias-gradient-with-input",
        "The derivative by the bias has no factor x: the bias is not multiplied by the input.",
        by_slip(_bias_as_weight), r"\frac{\partial L}{\partial b} = 2 (z - t) x",
        givens="z = w x + b, L = (z - t)^2", specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "partial-upside-down",
        "A derivative is upside down: the upper name and the lower one were exchanged.",
        at("partial total", lambda n: (Apply(n.head, n.args[::-1]),)),
        r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \frac{\partial z}{\partial a} \frac{\partial z}{\partial w}",
        givens=r"z = w x, a = \sigma(z), L = a^3", specific=SPECIAL, likely=SELDOM,
        repair=at("partial total", lambda n: (Apply(n.head, n.args[::-1]),)),
    ),
)  # fmt: skip

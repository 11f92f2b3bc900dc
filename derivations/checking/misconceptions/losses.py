"""Slips in losses: means and sums, squares, logarithms, entropies."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    ONE,
    PRECISE,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Operator,
    Right,
    at,
    both,
    factors_of,
    head_of,
    inside,
    is_head,
    is_neg,
    is_number,
    one_minus,
    opened,
    terms_of,
    with_arg,
    without,
)
from derivations.checking.misconceptions.slopes import Inner, by_slip, times
from derivations.formula.looks import look
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    product,
    quotient,
    sum_of,
)

MOST_CLASSES = 12
LOGARITHMS = ("ln", "log", "log2", "log10")
SUMS = ("sum", "bigsum", "sum_entries")


def _share(factor: Formula) -> Formula | None:
    """n, where the factor is 1/n."""
    if isinstance(factor, Apply) and factor.head == "quotient" and is_number(factor.args[0], "1"):
        return factor.args[1]
    return None


def _is_count(count: Formula, added: Formula, less: int = 0) -> bool:
    """Whether a sum may have so many terms, or that many and ``less`` more."""
    if not isinstance(added, Apply) or added.head not in SUMS:
        return False
    if added.head != "sum" or not isinstance(count, Number):
        return True
    return count.text in (str(len(added.args)), str(len(added.args) - less))


def _sum_for_mean(node: Apply) -> Iterator[Formula]:
    if node.head == "mean":
        yield Apply("sum" if len(node.args) > 1 else "sum_entries", node.args)
    elif node.head == "quotient":
        if _is_count(node.args[1], opened(node.args[0])):
            yield node.args[0]
    else:
        for place, factor in enumerate(node.args):
            count = _share(factor)
            if count is not None and any(_is_count(count, opened(f)) for f in node.args):
                yield without(node, place)


def _mean_for_sum(node: Apply) -> Iterator[Formula]:
    if node.head == "bigsum":
        yield quotient(node, node.args[2])
    elif len(node.args) > 1 and len({head_of(term) for term in node.args}) == 1:
        yield quotient(node, Number(str(len(node.args))))


def _count_off(node: Apply) -> Iterator[Formula]:
    """n - 1 for n and the reverse, where a sum is divided by it."""
    if node.head == "mean":
        if len(node.args) > 2:
            yield quotient(Apply("sum", node.args), Number(str(len(node.args) - 1)))
    elif node.head == "quotient":
        if _is_count(node.args[1], opened(node.args[0]), 1):
            for other in _neighbours(node.args[1]):
                yield quotient(node.args[0], other)
    else:
        for place, factor in enumerate(node.args):
            count = _share(factor)
            if count is not None and any(_is_count(count, opened(f), 1) for f in node.args):
                for other in _neighbours(count):
                    yield with_arg(node, place, quotient(ONE, other))


def _neighbours(count: Formula) -> Iterator[Formula]:
    inner = opened(count)
    if isinstance(inner, Number) and inner.text.isdigit() and len(inner.text) < 10:
        for other in (int(inner.text) - 1, int(inner.text) + 1):
            if other > 0:
                yield Number(str(other))
    elif isinstance(inner, Name):
        yield sum_of(inner, neg(ONE))
    elif isinstance(inner, Apply) and inner.head == "sum" and len(inner.args) == 2:
        if is_neg(inner.args[1]) == ONE:
            yield inner.args[0]


def _half_forgotten(node: Apply) -> Iterator[Formula]:
    """1/2 (y - t)² without the half."""
    halves = [
        place for place, factor in enumerate(node.args)
        if is_number(factor, "0.5", "1/2") or ((below := _share(factor)) is not None and is_number(below, "2"))
    ]  # fmt: skip
    if node.head == "quotient":
        if is_number(node.args[1], "2") and inside(node.args[0], "power", "norm"):
            yield node.args[0]
        return
    for place in halves:
        if inside(node, "power", "norm"):
            yield without(node, place)


def _half_added(node: Apply) -> Iterator[Formula]:
    if is_number(node.args[1], "2") and is_head(opened(node.args[0]), "sum"):
        yield product(quotient(ONE, Number("2")), node)


def _two_forgotten(node: Apply, inner: Inner) -> Formula | None:
    """(u²)' = u u'."""
    if node.head != "power" or not is_number(node.args[1], "2"):
        return None
    return times(node.args[0], inner(node.args[0]))


def _error_turned(node: Apply, inner: Inner) -> Formula | None:
    """(y - t)² differentiated with t - y in front and no minus inside."""
    terms = terms_of(opened(node.args[0])) if node.head == "power" else ()
    if len(terms) != 2 or not is_number(node.args[1], "2") or is_neg(terms[1]) is None:
        return None
    turned = sum_of(is_neg(terms[1]) or terms[1], neg(terms[0]))
    return times(Number("2"), turned, inner(node.args[0]))


def _error_swapped(node: Apply) -> Iterator[Formula]:
    """y - t taken for t - y, in names of outputs and targets."""
    for place, factor in enumerate(node.args):
        terms = terms_of(opened(factor))
        if len(terms) == 2 and isinstance(terms[0], (Name, Apply)):
            inner = is_neg(terms[1])
            if isinstance(inner, Name) or is_head(inner or ONE, "entry"):
                yield with_arg(node, place, sum_of(inner or ONE, neg(terms[0])))


def _minus_of_logarithm(node: Apply) -> Iterator[Formula]:
    if inside(node.args[0], *LOGARITHMS):
        yield node.args[0]


def _minus_of_each(node: Apply) -> Iterator[Formula]:
    """-a ln p - b ln q without any minus."""
    inner = [is_neg(term) for term in node.args]
    if all(i is not None and inside(i, *LOGARITHMS) for i in inner):
        yield sum_of(*(i for i in inner if i is not None))


def _other_bases(*heads: str) -> Operator:
    """Every natural logarithm at once."""

    def operator(right: Right) -> Iterator[Formula]:
        for head in heads:
            changed = _replaced(right.formula, ("ln", "log"), head)
            if changed != right.formula:
                yield changed

    return operator


def _natural(right: Right) -> Iterator[Formula]:
    changed = _replaced(right.formula, ("log2", "log10"), "ln")
    if changed != right.formula:
        yield changed


def _replaced(formula: Formula, olds: tuple[str, ...], new: str) -> Formula:
    if not isinstance(formula, Apply):
        return formula
    args = tuple(_replaced(arg, olds, new) for arg in formula.args)
    return Apply(new if formula.head in olds and len(args) == 1 else formula.head, args)


def _logarithm_forgotten(node: Apply) -> Iterator[Formula]:
    if len(node.args) == 1:
        yield node.args[0]


def _logarithm_of_another(right: Right) -> Iterator[Formula]:
    """ln y_2 taken for ln y_1: the entry or name of another class."""
    family: dict[str, list[str]] = {}
    for name in dict.fromkeys((*right.names, *right.known)):
        if look(name).subscript:
            family.setdefault(look(name).base, []).append(name)
    for head in LOGARITHMS:
        for node, rebuild in right.nodes.get(head, ()):
            inner = opened(node.args[0]) if isinstance(node, Apply) else None
            if isinstance(inner, Name) and look(inner.id).subscript:
                for other in family[look(inner.id).base][:MOST_CLASSES]:
                    if other != inner.id:
                        yield rebuild(Apply(head, (Name(other),)))


def _logarithm_of_complement(node: Apply) -> Iterator[Formula]:
    if len(node.args) == 1:
        inner = opened(node.args[0])
        if isinstance(inner, Apply) and inner.head == "sum" and is_number(inner.args[0], "1"):
            complement = is_neg(inner.args[1]) if len(inner.args) == 2 else None
            if complement is not None:
                yield Apply(node.head, (complement,))
        elif not is_head(inner, "quotient", "sum"):
            yield Apply(node.head, (one_minus(inner),))


def _branch(node: Apply) -> Iterator[Formula]:
    """t ln y + (1 - t) ln(1 - y) with one of the two terms only, without its factor, too."""
    if len(node.args) == 2 and all(inside(term, *LOGARITHMS) for term in node.args):
        for term in node.args:
            yield term
            inner = is_neg(term)
            factors = factors_of(term if inner is None else inner)
            bare = [f for f in factors if is_head(f, *LOGARITHMS)]
            if len(bare) == 1 and len(factors) > 1:
                yield bare[0] if inner is None else neg(bare[0])


def _surprise(node: Apply) -> Iterator[Formula]:
    """p ln p taken for ln p."""
    rest = [f for f in node.args if not is_head(f, *LOGARITHMS)]
    logarithms = [f for f in node.args if is_head(f, *LOGARITHMS)]
    if len(rest) == len(logarithms) == 1:
        yield logarithms[0]


ERRORS = frozenset("der")  # letters for a single error


def _absolute_for_square(node: Apply) -> Iterator[Formula]:
    error = not isinstance(node.args[0], Name) or node.args[0].id[:1] in ERRORS
    if error and is_number(node.args[1], "2"):
        yield apply("abs", node.args[0])


ERROR = r"y_1 = 0.83, y_2 = 0.12, y_3 = 0.64, t_1 = 1, t_2 = 0, t_3 = 1"
ENTRIES = (
    Misconception(
        "sum-for-mean",
        "The mean is asked for: divide the sum by the number of terms.",
        at("quotient product mean", _sum_for_mean),
        r"\frac{1}{3} \left( (y_1 - t_1)^2 + (y_2 - t_2)^2 + (y_3 - t_3)^2 \right) = 0.1729",
        givens=ERROR, specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "mean-for-sum",
        "The sum is asked for, not the mean: do not divide by the number of terms.",
        at("sum bigsum", _mean_for_sum),
        r"(y_1 - t_1)^2 + (y_2 - t_2)^2 + (y_3 - t_3)^2 \approx 0.05763",
        givens=ERROR, specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "count-off-by-one",
        "Divided by a number that is off by one: n - 1 for n, or the reverse.",
        at("quotient product mean", _count_off),
        r"\frac{(y_1 - t_1)^2 + (y_2 - t_2)^2 + (y_3 - t_3)^2}{3} = 0.08645",
        givens=ERROR, specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "half-forgotten",
        "The factor one half of the squared error is missing.",
        at("product quotient", _half_forgotten), r"\frac{1}{2} (y - t)^2 = 0.0729",
        givens="y = 0.73, t = 1", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "half-added",
        "There is no factor one half in this squared error.",
        at("power", _half_added), r"(y - t)^2 = 0.03645",
        givens="y = 0.73, t = 1", specific=FIELD, likely=SOMETIMES,
    ),
    Misconception(
        "two-of-the-square-forgotten",
        "The derivative of a square brings a factor 2.",
        by_slip(_two_forgotten), r"\frac{\partial L}{\partial y} = y - t",
        givens="L = (y - t)^2", specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "gradient-target-minus-output",
        "The gradient of the squared error is output minus target, y - t, not t - y.",
        both(by_slip(_error_turned), at("product", _error_swapped)),
        r"\frac{\partial L}{\partial y} = t - y",
        givens=r"L = \frac{1}{2} (y - t)^2", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "minus-of-cross-entropy",
        "The cross-entropy has a minus before the logarithm: a loss is positive.",
        both(at("neg", _minus_of_logarithm), at("sum", _minus_of_each)),
        r"-\ln 0.25 = -1.386", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "logarithm-to-base-ten",
        "The logarithm to base 10 was taken; in this field log is the natural one.",
        _other_bases("log10"), r"-\log 0.25 \approx 0.602", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "logarithm-to-base-two",
        "The logarithm to base 2 was taken; the natural one is asked for.",
        _other_bases("log2"), r"-\ln 0.3 \approx 1.737", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "natural-logarithm",
        "The natural logarithm was taken; the one to the given base is asked for.",
        _natural, r"-0.3 \log_2 0.3 - 0.7 \log_2 0.7 \approx 0.6109",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "logarithm-forgotten",
        "The logarithm was not taken.",
        at("ln log log2 log10", _logarithm_forgotten), r"-\ln 0.2735 = -0.2735",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "logarithm-of-another-class",
        "The logarithm of another class was taken: the one of the true class counts.",
        _logarithm_of_another, r"-\ln y_2 \approx 0.5727",
        givens="y_1 = 0.564, y_2 = 0.231, y_3 = 0.205", specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "logarithm-of-the-complement",
        "The logarithm of 1 - p was taken where p is needed, or the reverse.",
        at("ln log log2", _logarithm_of_complement), r"-\ln 0.27 \approx 0.3147",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "binary-cross-entropy-branch",
        "For target 1 the term with ln y counts, for target 0 the one with ln(1 - y).",
        at("sum", _branch), r"-(t \ln y + (1 - t) \ln(1 - y)) \approx 0.2231",
        givens="t = 0, y = 0.8", specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "probability-before-logarithm-forgotten",
        "In an entropy every logarithm is multiplied by its probability.",
        at("product", _surprise), r"-0.3 \ln 0.3 \approx 1.204", specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "absolute-for-square",
        "The absolute value of the error was taken, not its square.",
        at("power", _absolute_for_square), r"(0.372 - 1)^2 = 0.628",
        specific=SPECIAL, likely=OFTEN,
    ),
)  # fmt: skip
